"""The benchmark of the service runs, on a corpus made up here; no time is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.bench.serve import main
from tests.test_bench_speed import corpus, tables

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["corpus"]  # a fixture


def test_both_systems_stand_the_clients(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([str(corpus), "--seconds", "0.5", "--queries", "2", "--clients", "1,8"])
    printed = capsys.readouterr().out
    assert "28 queries of 14 kinds, drawn by the seed 7." in printed
    loads, systems = tables(printed).values()
    names = ("passage-search", "SQLite FTS5")
    assert list(loads) == [f"{clients}, {name}" for clients in (1, 8) for name in names]
    for row in loads.values():
        assert (row["503"], row["wrong"]) == ("0", "0")
        assert float(row["requests/s"].replace(",", "")) > 0
    assert list(systems) == list(names)
    for row in systems.values():
        assert 0 < float(row["passages in an answer"]) <= 10


def test_a_corpus_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["nowhere.jsonl"])
    assert capsys.readouterr().err.splitlines()[-1].endswith("error: nowhere.jsonl is no file")

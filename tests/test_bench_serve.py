"""The benchmark of the service runs, on a corpus made up here; no time is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.bench.serve import main
from tests.bench.serve_trend import trend
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


def test_a_soak_asks_everything_beside_commits(
    corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main([str(corpus), "--queries", "2", "--soak", "0.05"])
    printed = capsys.readouterr().out
    assert "Whether anything grows is told after 5 minutes." in printed
    asked = next(line for line in printed.splitlines() if line.startswith("Asked: "))
    for kind in ("MCP search", "broken off", "malformed", "newest", "not found", "page", "search"):
        assert f" {kind}" in asked, kind
    assert printed.endswith("Wrong answers: 0.\n")


def test_what_grows_is_told_from_what_is_noisy() -> None:
    noise = [0.0, 1.0, 0.5, -1.0, 0.0, -0.5]
    flat = [100 + noise[place % 6] for place in range(80)]
    assert not trend(flat).grew(1)
    warming = [50 + place for place in range(20)] + flat[20:]
    assert not trend(warming).grew(1)
    growing = [sample + place / 10 for place, sample in enumerate(flat)]
    assert trend(growing).grew(1)
    assert trend(growing).growth == pytest.approx(4, abs=0.2)
    assert not trend(growing).grew(5)
    assert not trend(list(reversed(growing))).grew(1)

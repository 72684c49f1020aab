"""The benchmark of batches runs, and its two ways to ask answer alike; times are not looked at."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.bench.batching import check_same, main
from tests.test_bench_speed import RECORDS, corpus

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["corpus"]


def test_a_batch_and_calls_are_measured(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([str(corpus), "--queries", "14"])
    setting, _, *table = capsys.readouterr().out.strip().splitlines()
    assert setting.startswith(f"{RECORDS} paragraphs, ")
    assert "; 14 queries found " in setting
    head, _, row = table
    assert head == "|  | one batch, s | as many calls, s | ratio |"
    assert all(float(cell) > 0 for cell in row.split(" | ")[1:3])


def test_answers_that_differ_are_told() -> None:
    pages = [{"query": "a", "returned": 2}, {"query": "b", "returned": 1}]
    batch = "\n".join(json.dumps({"id": "1", **page}) for page in pages)
    assert check_same(batch, map(json.dumps, pages)) == 3
    with pytest.raises(SystemExit, match="query 1, 'b', has two answers"):
        check_same(batch, [json.dumps(pages[0]), json.dumps(pages[0])])

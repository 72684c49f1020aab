from __future__ import annotations

import json
from typing import TYPE_CHECKING

from indexer.articles import Skipped, SkipReason
from indexer.reports import skipped_lines
from tests.commands import sh

if TYPE_CHECKING:
    from pathlib import Path


def taken(path: str) -> Skipped:
    return Skipped(path, SkipReason.BROKEN, "its id is taken")


def test_of_many_alike_the_first_are_told() -> None:
    many = [taken(f"r.jsonl:{number}") for number in range(1, 1_001)]
    other = Skipped("r.jsonl:5", SkipReason.EMPTY, "it holds no text")
    file = Skipped("a.txt", SkipReason.MISSING, "there is no such file or folder")
    lines = list(skipped_lines([*many[:600], other, *many[600:], file]))
    assert lines == [
        *(f"skipped r.jsonl:{number}: its id is taken" for number in range(1, 11)),
        "skipped r.jsonl:5: it holds no text",
        "skipped 990 more of r.jsonl (broken); --json lists them all",
        "skipped a.txt: there is no such file or folder",
    ]


def test_files_of_one_fault_each_have_a_line() -> None:
    files = [Skipped(f"{number}.txt", SkipReason.EMPTY, "no text") for number in range(50)]
    assert len(list(skipped_lines(files))) == 50


def test_faults_of_records_are_summed_up_and_json_has_them_all(tmp_path: Path) -> None:
    record = '{"text": "Plums are blue."}\n'
    (tmp_path / "r.jsonl").write_text(record + '{"text": 1}\n' * 30, "utf-8")
    done = sh("indexer -i ix add r.jsonl", tmp_path)
    assert done.exit_code == 1
    *told, last = done.stderr.splitlines()
    assert len(told) == 10
    assert last == "indexer: skipped 20 more of r.jsonl (broken); --json lists them all"
    done = sh("indexer -i ix add --json r.jsonl", tmp_path)
    assert len(json.loads(done.stdout)["skipped"]) == 30
    searched = sh("search --in r.jsonl -c plums", tmp_path)
    assert searched.stderr.splitlines()[-1] == "search: skipped 20 more"

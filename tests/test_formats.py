"""An index of format 4, whose records lie in blocks; test_copies.py has one of format 3."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from indexer import build_index
from indexer.build import compact_index
from indexer.care.places import check_index, repair_index
from indexer.intake import ReadOptions
from indexer.storage import table
from indexer.storage.arrays import ArrayFile
from indexer.storage.committed import index_settings
from indexer.storage.manifest import FORMAT_VERSION, MANIFEST, sealed, unsealed
from search import Index


@pytest.fixture
def before(tmp_path: Path) -> Path:
    """Two segments, an article deleted; the stemmer is taken for this one."""
    with zipfile.ZipFile(Path(__file__).parent / "indexes" / "format-4.zip") as packed:
        packed.extractall(tmp_path / "ix")
    for path in (tmp_path / "ix").glob("manifest*.json"):
        record = unsealed(path.read_bytes())
        assert record.pop("crc32")
        assert record["format"] == 4
        path.write_bytes(sealed({**record, "analysis": index_settings()["analysis"]}))
    return tmp_path / "ix"


def format_of(index_dir: Path) -> object:
    return unsealed((index_dir / MANIFEST).read_bytes())["format"]


def answers(index_dir: Path) -> list[tuple[str, int, int]]:
    """The texts, numbers and copies of what queries find."""
    with Index.open(index_dir) as index:
        return [
            (one.paragraph.text, one.paragraph.number, one.copies)
            for query in ("bridge", "tide AND kelp", '"on the quay"', "橋", "here")
            for one in index.search(query, limit=100).passages
        ]


def test_it_is_read(before: Path) -> None:
    found = answers(before)
    texts = [text for text, _, _ in found]
    assert sum("swing bridge" in text for text in texts) == 1
    assert [copies for text, _, copies in found if "swing bridge" in text] == [1]
    assert sum("kelp" in text for text in texts) == 20
    assert "Read on: Über Brücken, мосты и 橋." in texts
    assert len(texts) == 23
    assert check_index(before).faults == ()
    assert format_of(before) == 4


def test_it_is_written_to(before: Path, tmp_path: Path) -> None:
    was = {path: path.read_bytes() for path in before.glob("passages_*.doc")}
    found = answers(before)
    (tmp_path / "x.txt").write_text("A single line of amber.\n")
    build_index([str(tmp_path / "x.txt")], before, options=ReadOptions(language="en"))
    assert format_of(before) == FORMAT_VERSION
    kept = [path for path in was if path.exists()]
    assert kept
    assert all(path.read_bytes() == was[path] for path in kept)
    assert answers(before) == found
    assert check_index(before).faults == ()


@pytest.mark.parametrize("small_bytes", [0, table.SMALL_BYTES])
def test_merging_writes_the_new_form(
    before: Path, monkeypatch: pytest.MonkeyPatch, small_bytes: int
) -> None:
    monkeypatch.setattr(table, "SMALL_BYTES", small_bytes)
    found = answers(before)
    compact_index(before)
    (path,) = before.glob("*.doc")
    assert ("words" in ArrayFile.open(path)) == (not small_bytes)
    assert format_of(before) == FORMAT_VERSION
    assert answers(before) == found
    assert check_index(before).faults == ()


def test_what_is_whole_of_it_is_saved(before: Path) -> None:
    path = max(before.glob("*.doc"), key=lambda one: one.stat().st_size)
    raw = bytearray(path.read_bytes())
    raw[1_000] ^= 4
    path.write_bytes(raw)
    report = repair_index(before)
    assert 0 < len(report.lost) < 30
    assert check_index(before).faults == ()
    assert format_of(before) == FORMAT_VERSION

"""The ids of articles are made of where the files are, in whatever order those are added."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer import readahead
from indexer.build import build_index, index_in_memory, remove_articles
from indexer.intake import ReadOptions
from indexer.naming import folder_of_ids
from indexer.storage.catalog import articles_of
from indexer.storage.index import PassageIndex
from tests.commands import sh
from tests.making.archives import tar_of, zip_of

if TYPE_CHECKING:
    from collections.abc import Sequence

ENGLISH = ReadOptions(language="en")
NAMES = ("README.md", "notes.txt", "a", "b", "a\nb.txt", "a␊b.txt", "records.jsonl")
RECORDS = '{"text": "On plums."}\n{"text": "On pears."}\n'


def ids_by_place(index_dir: Path) -> dict[tuple[str, str], str]:
    """The id of each article by its file and its title or text."""
    return {
        (article.origin, article.title): article.article_id
        for article in articles_of(PassageIndex.open(index_dir))
    }


def ids_of(index_dir: Path) -> list[str]:
    return [article.article_id for article in articles_of(PassageIndex.open(index_dir))]


def write_tree(folder: Path, paths: Sequence[tuple[str, ...]]) -> list[Path]:
    """Files at some paths; a path that would need a file for a folder is left out."""
    files = []
    for parts in paths:
        path = folder.joinpath(*parts)
        if path.is_dir() or any(parent.is_file() for parent in path.parents):
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        text = RECORDS if path.suffix == ".jsonl" else f"# {parts[-1]}\n\nIt is at {parts}.\n"
        path.write_text(text, "utf-8")
        files.append(path)
    return list(dict.fromkeys(files))


TREES = st.lists(
    st.lists(st.sampled_from(NAMES), min_size=1, max_size=3).map(tuple), min_size=1, max_size=7
)


@given(paths=TREES, data=st.data())
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_ids_are_the_same_in_every_order(paths: list[tuple[str, ...]], data: st.DataObject) -> None:
    with TemporaryDirectory() as name:
        texts = Path(name) / "texts"
        files = write_tree(texts, paths)
        build_index([str(texts)], Path(name) / "whole", options=ENGLISH)
        shuffled = data.draw(st.permutations(files))
        cuts = sorted(data.draw(st.sets(st.integers(1, len(files)), max_size=len(files))))
        for start, end in zip([0, *cuts], [*cuts, len(files)], strict=True):
            run = [str(path) for path in shuffled[start:end]]
            if run:
                build_index(run, Path(name) / "parts", options=ENGLISH)
        expected = ids_by_place(Path(name) / "whole")
        assert ids_by_place(Path(name) / "parts") == expected
        assert {origin for origin, _ in expected} == {os.path.realpath(one) for one in files}


@pytest.mark.parametrize("jobs", [1, 4])
def test_ids_with_many_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: int
) -> None:
    monkeypatch.setattr(readahead, "_WORTH_PROCESSES_BYTES", 0)
    files = write_tree(tmp_path / "texts", [(at, "README.md") for at in "abcdefgh"])
    named = [str(path) for path in reversed(files)]
    build_index(named, tmp_path / "ix", options=ENGLISH, jobs=jobs)
    assert sorted(ids_by_place(tmp_path / "ix").values()) == [
        f"texts/{at}/README.md" for at in "abcdefgh"
    ]


def test_ids_do_not_depend_on_how_a_file_is_named_and_from_where(tmp_path: Path) -> None:
    write_tree(tmp_path, [("a", "README.md"), ("b", "README.md")])
    sh("cd a && indexer -i ../ix add README.md", tmp_path)
    sh("cd b && indexer -i ../ix add ./README.md", tmp_path)
    assert sorted(ids_by_place(tmp_path / "ix").values()) == ["a/README.md", "b/README.md"]
    sh(f"cd / && indexer -i {tmp_path}/other add {tmp_path}/b/../b {tmp_path}/a", tmp_path)
    assert ids_by_place(tmp_path / "other") == ids_by_place(tmp_path / "ix")


def test_the_same_folder_elsewhere_has_the_same_ids(tmp_path: Path) -> None:
    write_tree(tmp_path / "one", [("a", "README.md"), ("README.md",)])
    shutil.copytree(tmp_path / "one", tmp_path / "two" / "deep")
    for folder in (tmp_path / "one", tmp_path / "two" / "deep"):
        build_index([str(folder)], folder / "ix", options=ENGLISH)
        assert sorted(ids_by_place(folder / "ix").values()) == ["README.md", "a/README.md"]


def test_what_is_elsewhere_has_its_whole_path(tmp_path: Path) -> None:
    (path,) = write_tree(tmp_path / "texts", [("README.md",)])
    build_index([str(path)], tmp_path / "far" / "ix", options=ENGLISH)
    assert list(ids_by_place(tmp_path / "far" / "ix").values()) == [path.resolve().as_posix()]
    # A folder whose name begins as another's does is another.
    build_index([str(path)], tmp_path / "tex" / "ix", options=ENGLISH)
    assert list(ids_by_place(tmp_path / "tex" / "ix").values()) == [path.resolve().as_posix()]


def test_the_folder_that_ids_are_paths_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    real = os.path.realpath(tmp_path)
    assert folder_of_ids(tmp_path / "data" / "passage-search" / "index") == real
    assert folder_of_ids(tmp_path / "docs" / "ix") == f"{real}/docs"
    assert folder_of_ids(tmp_path / "docs" / ".git" / "ix") == f"{real}/docs"
    assert folder_of_ids(tmp_path / "docs" / ".a" / ".b" / "ix") == f"{real}/docs"
    assert folder_of_ids(tmp_path / "docs" / ".a" / "b" / "ix") == f"{real}/docs/.a/b"
    (tmp_path / "link").symlink_to(tmp_path / "docs" / "ix")
    assert folder_of_ids(tmp_path / "link") == f"{real}/docs"
    monkeypatch.chdir(tmp_path)
    assert folder_of_ids(None) == real
    assert folder_of_ids(Path("ix")) == real


def test_in_memory_ids_are_paths_from_a_folder(tmp_path: Path) -> None:
    (path,) = write_tree(tmp_path, [("a", "README.md")])
    for folder, expected in (
        (None, path.resolve().as_posix()),
        (tmp_path, "a/README.md"),
        (tmp_path / "a", "README.md"),
    ):
        index, _ = index_in_memory([str(path)], options=ENGLISH, folder=folder)
        assert [article.article_id for article in articles_of(index)] == [expected]


def test_an_id_that_was_given_stays(tmp_path: Path) -> None:
    """Also one that an earlier version gave, the shortest tail of a path that was free then."""
    first, second = write_tree(tmp_path, [("a", "README.md"), ("b", "README.md")])
    records = tmp_path / "a" / "records.jsonl"
    records.write_text(RECORDS, "utf-8")
    former = {str(first.resolve()): ["README.md"], str(second.resolve()): ["b/README.md"]}
    former[str(records.resolve())] = ["records.jsonl:1", "a/records.jsonl:2"]
    named = [str(first), str(second), str(records)]
    build_index(named, tmp_path / "ix", options=ENGLISH, former_ids=former)
    given_then = {"README.md", "b/README.md", "records.jsonl:1", "a/records.jsonl:2"}
    assert {one.article_id for one in articles_of(PassageIndex.open(tmp_path / "ix"))} == given_then
    for path in (first, second, records):
        path.write_text(path.read_text("utf-8") + "\n\n", "utf-8")
    report = build_index(named, tmp_path / "ix", options=ENGLISH)
    assert (report.added, report.updated) == (0, 4)
    assert {one.article_id for one in articles_of(PassageIndex.open(tmp_path / "ix"))} == given_then
    # What is removed is forgotten.
    remove_articles(["README.md"], tmp_path / "ix")
    build_index(named, tmp_path / "ix", options=ENGLISH)
    assert "a/README.md" in ids_by_place(tmp_path / "ix").values()


def test_an_id_stays_with_its_part(tmp_path: Path) -> None:
    """What comes before the only article there was, or in its place, does not take its name."""
    archive, rows = tmp_path / "a.zip", tmp_path / "rows.csv"
    index_dir = tmp_path / "ix"
    for members in (["b.md"], ["a.md", "b.md"], ["c.md"]):
        archive.write_bytes(zip_of([(name, f"# {name}\n\nOf it.".encode()) for name in members]))
        build_index([str(archive)], index_dir, options=ENGLISH)
        assert set(ids_by_place(index_dir).values()) == {f"a.zip:{name}" for name in members}
    rows.write_text("title,text\nOne,The first.\nTwo,The second.\n", "utf-8")
    build_index([str(rows)], index_dir, options=ENGLISH)
    before = ids_by_place(index_dir)
    remove_articles(["rows.csv:2"], index_dir)
    build_index([str(rows)], index_dir, options=ENGLISH)
    assert ids_by_place(index_dir) == before


def test_parts_that_are_called_alike_keep_their_ids(tmp_path: Path) -> None:
    archive = tmp_path / "a.tar"
    members = [("a.md", f"# {title}\n\nOf it.".encode()) for title in ("One", "Two", "Three")]
    found = []
    for later in (b"Once.", b"Twice.", b"Again."):
        archive.write_bytes(tar_of([*members, ("b.txt", later)]))
        build_index([str(archive)], tmp_path / "ix", options=ENGLISH)
        found.append(ids_by_place(tmp_path / "ix"))
    assert found[1:] == found[:1] * 2


def test_a_record_of_a_member_has_its_id_or_one_within_the_member(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zip_of([(name, b"id,text\nx,Of it.\n") for name in ("1.csv", "2.csv")]))
    report = build_index([str(path)], tmp_path / "ix", options=ENGLISH)
    assert (report.added, report.skipped) == (2, ())
    assert ids_of(tmp_path / "ix") == ["a.zip:2.csv:x", "x"]


def numbered(path: Path, rows: int, first: int = 1) -> Path:
    """A table that numbers its rows."""
    lines = (f"{row},Row {row} of {path.name}.\n" for row in range(first, first + rows))
    path.write_text("id,text\n" + "".join(lines), "utf-8")
    return path


def test_tables_that_number_their_rows(tmp_path: Path) -> None:
    """Each row is found, and the ids of the first table are as if it were alone."""
    index_dir = tmp_path / "ix"
    first, second = numbered(tmp_path / "first.csv", 2), numbered(tmp_path / "second.csv", 4)
    report = build_index([str(tmp_path)], index_dir, options=ENGLISH)
    assert (report.added, report.skipped) == (6, ())
    within = [f"second.csv:{row}" for row in range(1, 5)]
    assert ids_of(index_dir) == ["1", "2", *within]
    # They stay where the first one grows, is read again, and is gone.
    numbered(first, 4)
    report = build_index([str(first)], index_dir, options=ENGLISH)
    assert (report.added, report.updated) == (2, 2)
    assert ids_of(index_dir) == ["1", "2", "3", "4", *within]
    first.unlink()
    numbered(second, 5)
    report = build_index([str(tmp_path)], index_dir, options=ENGLISH, prune=True)
    assert (report.added, report.updated, report.removed) == (1, 4, 4)
    assert ids_of(index_dir) == [*within, "second.csv:5"]


def test_numbers_that_go_on_in_another_file_are_ids(tmp_path: Path) -> None:
    """So are long ones, of which one may be in two files."""
    numbered(tmp_path / "a.csv", 3)
    numbered(tmp_path / "b.csv", 2, first=4)
    numbered(tmp_path / "c.csv", 2, first=31_337_001)
    numbered(tmp_path / "d.csv", 2, first=31_337_002)
    build_index([str(tmp_path)], tmp_path / "ix", options=ENGLISH)
    long = ["31337001", "31337002", "31337003", "d.csv:31337002"]
    assert ids_of(tmp_path / "ix") == ["1", "2", "3", *long[:3], "4", "5", long[3]]


def test_many_records_of_one_id_take_no_longer_each(tmp_path: Path) -> None:
    """Also where they all stand on one line."""
    path = tmp_path / "one.json"
    records = [{"id": "a", "text": f"Text {number}."} for number in range(20_000)]
    path.write_text(json.dumps(records), "utf-8")
    build_index([str(path)], tmp_path / "ix", options=ENGLISH)
    expected = ["a", "one.json:a", *(f"one.json:a:{number}" for number in range(2, 20_000))]
    assert ids_of(tmp_path / "ix") == sorted(expected)


def test_an_index_that_was_moved(tmp_path: Path) -> None:
    """What it has keeps its id; what that is taken from has its whole path."""
    one, other = write_tree(tmp_path, [("a", "README.md"), ("b", "README.md")])
    build_index([str(one)], tmp_path / "a" / "ix", options=ENGLISH)
    (tmp_path / "a" / "ix").rename(tmp_path / "b" / "ix")
    build_index([str(one), str(other)], tmp_path / "b" / "ix", options=ENGLISH)
    found = {origin: name for (origin, _), name in ids_by_place(tmp_path / "b" / "ix").items()}
    assert found == {
        str(one.resolve()): "README.md",
        str(other.resolve()): other.resolve().as_posix(),
    }


def test_names_that_look_the_same(tmp_path: Path) -> None:
    composed, spelled_out = write_tree(tmp_path, [("é.txt",), ("e\N{COMBINING ACUTE ACCENT}.txt",)])
    build_index([str(composed), str(spelled_out)], tmp_path / "ix", options=ENGLISH)
    assert set(ids_by_place(tmp_path / "ix").values()) == {
        "é.txt",
        (tmp_path.resolve() / "é.txt").as_posix(),
    }


def test_a_working_folder_that_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (path,) = write_tree(tmp_path, [("README.md",)])
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    index, _ = index_in_memory([str(path)], options=ENGLISH)
    assert [one.article_id for one in articles_of(index)] == [path.resolve().as_posix()]


def test_the_sample_keeps_its_short_id(tmp_path: Path) -> None:
    (printed,) = sh("search --format ids '\"phone trees\"'", tmp_path).stdout.splitlines()
    assert printed.startswith("article.txt#")

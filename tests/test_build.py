from __future__ import annotations

import errno
import gzip
import hashlib
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from indexer import grouping, intake, readahead
from indexer.articles import IndexReport, Skipped, SkipReason
from indexer.build import (
    Removal,
    build_index,
    index_in_memory,
    refresh_files,
    remove_articles,
    remove_named,
)
from indexer.errors import IndexMissingError, IndexWriteError, UsageError
from indexer.files import find_files
from indexer.intake import AUTO, ReadOptions
from indexer.model import ArticleRecord, Fingerprint, Lines
from indexer.readers import reading
from indexer.readers.records import choosing
from indexer.storage import builder
from indexer.storage import writer as storage_writer
from indexer.storage.arrays import ArrayFile
from indexer.storage.builder import PostingsBuilder
from indexer.storage.catalog import articles_of
from indexer.storage.collected import PostingTable
from indexer.storage.disk import write_error
from indexer.storage.index import PassageIndex
from search import Index
from tests.commands import sh

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.storage.manifest import FileState

ENGLISH = ReadOptions(language="en")
ROOT = Path(__file__).parents[1]
PLUMS = "On plums\n\nPlums are blue and plump.\n\nMost of them are cheap.\n"
PEARS = "On pears\n\nPears are green, and some are yellow.\n"
# Long ago, so that nothing depends on how soon after the writing a file is read.
OLD_NS = 1_500_000_000_000_000_000
# In a time that is yet to come, which is as new as can be.
LATER_NS = 4_000_000_000_000_000_000


def write(path: Path, text: str | bytes, *, modified_ns: int | None = OLD_NS) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    if modified_ns is not None:
        os.utime(path, ns=(modified_ns, modified_ns))
    return path


def write_records(path: Path, *records: dict[str, Any]) -> Path:
    return write(path, "".join(json.dumps(record) + "\n" for record in records))


def fingerprint_of(path: Path) -> Fingerprint:
    status = path.stat()
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Fingerprint(status.st_size, status.st_mtime_ns, digest[:16])


class Box:
    """A folder with an index in it, so that ids are paths below the folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.index_dir = folder / "ix"

    def add(self, *paths: Path | str, **options: Any) -> IndexReport:
        options = {"options": ENGLISH, **options}
        named = [str(path) for path in paths or [self.folder]]
        return build_index(named, self.index_dir, **options)

    @property
    def index(self) -> PassageIndex:
        return PassageIndex.open(self.index_dir)

    def articles(self) -> list[ArticleRecord]:
        return articles_of(self.index)

    def ids(self) -> list[str]:
        return [article.article_id for article in self.articles()]

    def texts(self) -> dict[str, list[str]]:
        return texts_of(self.index)

    def generation(self) -> int:
        return self.index.manifest().generation


def texts_of(index: PassageIndex) -> dict[str, list[str]]:
    """The texts of the paragraphs by article."""
    texts: dict[str, list[str]] = {}
    for reader in index.segment_readers():
        for doc, fields in reader.iter_docs():
            parent = reader.documents.parents[doc]
            if doc != parent:
                article = reader.documents.article(parent).article_id
                texts.setdefault(article, []).append(fields["record"]["text"])
    return texts


@pytest.fixture
def box(tmp_path: Path) -> Box:
    write(tmp_path / "texts" / "plums.txt", PLUMS)
    write(tmp_path / "texts" / "pears.txt", PEARS)
    return Box(tmp_path / "texts")


# What changed, and only that


def test_new_files(box: Box) -> None:
    assert box.add() == IndexReport(added=2, paragraphs=3)
    assert box.articles() == [
        ArticleRecord(
            article_id=f"{name}.txt",
            origin=str(box.folder.resolve() / f"{name}.txt"),
            source=str(box.folder / f"{name}.txt"),
            title=f"On {name}",
            language="en",
            paragraphs=count,
            title_lines=Lines(1, 1),
            fingerprint=fingerprint_of(box.folder / f"{name}.txt"),
        )
        for name, count in (("pears", 1), ("plums", 2))
    ]
    assert box.texts() == {
        "pears.txt": ["Pears are green, and some are yellow."],
        "plums.txt": ["Plums are blue and plump.", "Most of them are cheap."],
    }


def test_unchanged_files_are_not_committed_again(box: Box) -> None:
    box.add()
    for _ in range(2):
        assert box.add() == IndexReport(unchanged=2)
    assert box.generation() == 1


def test_unchanged_files_are_not_even_read(box: Box) -> None:
    box.add()
    # Of the same size and time, it passes for the same.
    write(box.folder / "plums.txt", PLUMS.replace("blue", "pink"))
    assert box.add() == IndexReport(unchanged=2)


def test_a_file_that_was_written_just_now_is_compared_by_its_bytes(box: Box) -> None:
    path = write(box.folder / "new.txt", "On it\n\nIt is new.\n", modified_ns=LATER_NS)
    box.add()
    assert box.add() == IndexReport(unchanged=3)
    assert box.generation() == 1
    write(path, "On it\n\nIt is old.\n", modified_ns=LATER_NS)
    assert box.add() == IndexReport(updated=1, unchanged=2, paragraphs=1)
    assert box.texts()["new.txt"] == ["It is old."]


def test_a_file_that_is_only_touched(box: Box) -> None:
    box.add()
    segments = [reader.segment() for reader in box.index.segment_readers()]
    os.utime(box.folder / "plums.txt", ns=(OLD_NS + 5, OLD_NS + 5))
    assert box.add() == IndexReport(unchanged=2)
    assert [reader.segment() for reader in box.index.segment_readers()] == segments
    # Its new time is remembered.
    generation = box.generation()
    assert box.add() == IndexReport(unchanged=2)
    assert box.generation() == generation


@pytest.mark.parametrize(
    "text", [PLUMS.replace("blue", "pink"), "On plums\n\nPlums are pink and plump.\n"]
)
def test_a_changed_file_replaces_its_article(box: Box, text: str) -> None:
    box.add()
    write(box.folder / "plums.txt", text, modified_ns=OLD_NS + 1)
    paragraphs = text.count("\n\n")
    assert box.add() == IndexReport(updated=1, unchanged=1, paragraphs=paragraphs)
    assert box.ids() == ["pears.txt", "plums.txt"]
    assert box.texts()["plums.txt"][0] == "Plums are pink and plump."
    with Index.open(box.index_dir) as index:
        assert index.search("blue").total == 0
        assert index.search("pink").total == 1
        assert index.passages == paragraphs + 1


def test_many_changes_leave_one_article_a_file(box: Box) -> None:
    for number in range(12):
        write(box.folder / f"{number % 5}.txt", f"On it\n\nIt is {number}.\n", modified_ns=number)
        write(box.folder / "plums.txt", f"{PLUMS}\n\nAnd {number}.\n", modified_ns=number)
        box.add()
    assert box.ids() == [*(f"{number}.txt" for number in range(5)), "pears.txt", "plums.txt"]
    assert {texts[-1] for texts in box.texts().values()} == {
        *("It is 10.", "It is 11.", "It is 7.", "It is 8.", "It is 9."),
        *("Pears are green, and some are yellow.", "And 11."),
    }


def test_reading_in_another_way_is_a_change(box: Box) -> None:
    box.add()
    assert box.add(options=replace(ENGLISH, keep_furniture=True)).updated == 2
    assert box.add(options=replace(ENGLISH, keep_furniture=True)).unchanged == 2
    spanish = replace(ENGLISH, language="es")
    assert box.add(options=spanish) == IndexReport(updated=2, paragraphs=3)
    assert {article.language for article in box.articles()} == {"es"}
    # How they are found is none.
    assert box.add(options=replace(spanish, include=("*.txt",), exclude=("x",))).unchanged == 2


def test_a_version_that_reads_otherwise_reads_again(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.add()
    ids = box.ids()
    monkeypatch.setattr("indexer.intake.READING_VERSION", "another")
    assert box.add() == IndexReport(updated=2, paragraphs=3)
    assert box.add() == IndexReport(unchanged=2)
    assert box.ids() == ids


def test_page_furniture(box: Box) -> None:
    write(box.folder / "plums.txt", f"{PLUMS}\nAlso Read : Pears Are Green\n")
    assert box.add() == IndexReport(added=2, paragraphs=3, omitted_blocks=1)
    assert [article.omitted for article in box.articles()] == [0, 1]
    kept = box.add(options=replace(ENGLISH, keep_furniture=True))
    assert kept == IndexReport(updated=2, paragraphs=4)
    assert box.texts()["plums.txt"][-1] == "Also Read : Pears Are Green"


def test_the_language_that_is_stated_and_the_one_that_is_found(box: Box) -> None:
    records = write_records(
        box.folder / "records.jsonl",
        {"id": "stated", "text": "Las ciruelas.", "language": "es"},
        {"id": "found", "text": "the plums and the pears are for you and it is of no use " * 5},
    )
    box.add(records, options=ReadOptions())
    assert {article.article_id: article.language for article in box.articles()} == {
        "found": "en",
        "stated": "es",
    }
    box.add(records, options=ReadOptions(language="fr"))
    assert {article.language for article in box.articles()} == {"fr"}


def test_a_language_that_was_named_is_kept_until_another_is(box: Box) -> None:
    plums = box.folder / "plums.txt"
    box.add(options=ReadOptions(language="it"))
    assert box.add(options=ReadOptions()) == IndexReport(unchanged=2)
    plums.write_text(plums.read_text("utf-8") + "\nAnd more of the same.\n", "utf-8")
    assert box.add(options=ReadOptions()).updated == 1
    assert {article.language for article in box.articles()} == {"it"}
    assert box.add(options=ReadOptions(language=AUTO)).updated == 2
    assert {article.language for article in box.articles()} == {"en"}
    assert box.add(options=ReadOptions()) == IndexReport(unchanged=2)


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_format_that_was_named_is_kept_until_another_is(
    box: Box, monkeypatch: pytest.MonkeyPatch, jobs: int
) -> None:
    monkeypatch.setattr(readahead, "_WORTH_PROCESSES_BYTES", 0)
    chart = write(box.folder / "chart.ps", "%!PS-Adobe-3.0\n(The pilot went ashore.) show\n")
    page = write(box.folder / "page.html", "On it\n\n<p>The &amp; of it.</p>\n\n")
    usual = ReadOptions(language="en")
    assert box.add(chart, page, options=replace(usual, format_name="text")).added == 2
    assert box.add(options=usual, jobs=jobs).unchanged == 2
    for path in (chart, page):
        write(path, path.read_text("utf-8") + "And more.\n", modified_ns=None)
    refresh_files([str(page.resolve())], box.index_dir)
    assert box.add(options=usual, jobs=jobs).no_prose_files == 0
    assert box.texts()["page.html"] == ["<p>The &amp; of it.</p>", "And more."]
    assert box.texts()["chart.ps"][-1].endswith("And more.")
    report = box.add(options=replace(usual, format_name=AUTO), jobs=jobs)
    assert (report.updated, report.no_prose_files) == (1, 1)
    assert "The & of it." in box.texts()["page.html"]
    assert box.add(page, options=usual) == IndexReport(unchanged=1)


def test_a_format_that_was_named_for_standard_input_is_not_kept(tmp_path: Path) -> None:
    """It is another source each time."""
    lines = """echo '{"text": "A record."}' | indexer -i ix add --format text -"""
    assert sh(lines, tmp_path).exit_code == 0
    sh("""echo '{"text": "A record."}' | indexer -i ix add -""", tmp_path)
    assert list(texts_of(PassageIndex.open(tmp_path / "ix")).values()) == [["A record."]]


# Names and places


def test_one_file_named_in_many_ways(box: Box) -> None:
    path = box.folder / "plums.txt"
    (box.folder / "link.txt").symlink_to(path)
    (box.folder.parent / "same").symlink_to(box.folder)
    named = [path, path, box.folder / "link.txt", box.folder / ".." / "texts" / "plums.txt"]
    assert box.add(*named) == IndexReport(added=1, paragraphs=2)
    assert box.ids() == ["plums.txt"]
    found = box.add(*named, box.folder.parent / "same", box.folder)
    assert found == IndexReport(added=1, unchanged=1, paragraphs=1)
    assert box.ids() == ["pears.txt", "plums.txt"]


def test_files_of_the_same_name(box: Box) -> None:
    folder = box.folder
    for place in ("a", "b", "c/a"):
        write(folder / place / "notes.txt", f"Notes\n\nNotes from {place}.\n")
    box.add(folder / "a")
    box.add(folder / "b")
    box.add(folder / "c")
    expected = {
        "a/notes.txt": ["Notes from a."],
        "b/notes.txt": ["Notes from b."],
        "c/a/notes.txt": ["Notes from c/a."],
    }
    assert box.texts() == expected
    # Ids stay when the others go and when the files change.
    (folder / "a" / "notes.txt").unlink()
    assert box.add(folder / "b", folder / "c", prune=True).removed == 1
    write(folder / "b" / "notes.txt", "Notes\n\nMore from b.\n", modified_ns=1)
    box.add(folder / "b", folder / "c")
    assert box.texts() == {
        "b/notes.txt": ["More from b."],
        "c/a/notes.txt": ["Notes from c/a."],
    }


def test_files_of_the_same_name_in_one_run(box: Box) -> None:
    for place in ("a", "b"):
        write(box.folder / place / "notes.txt", f"Notes\n\nNotes from {place}.\n")
    box.add()
    assert box.ids() == ["a/notes.txt", "b/notes.txt", "pears.txt", "plums.txt"]


def test_the_whole_path_is_the_last_resort(box: Box) -> None:
    path = str(box.folder.resolve() / "plums.txt")
    taken = write_records(box.folder / "taken.jsonl", {"id": "plums.txt", "text": "It."})
    box.add(taken)
    box.add(path)
    assert box.ids() == sorted(["plums.txt", path])
    write_records(taken, *({"id": name, "text": "It!"} for name in ("plums.txt", path, "x")))
    box.add(taken)
    assert box.ids() == sorted(["plums.txt", path, f"taken.jsonl:{path}", "x"])
    remove_articles([path], box.index_dir)
    write_records(taken, *({"id": name, "text": "It!"} for name in ("plums.txt", path)))
    remove_articles([str(taken)], box.index_dir)
    box.add(taken, box.folder / "plums.txt")
    assert box.ids() == sorted(["plums.txt", path, "plums.txt:2"])


def test_the_index_in_a_folder_that_is_added(box: Box) -> None:
    box.index_dir = box.folder / "ix"
    assert box.add() == IndexReport(added=2, paragraphs=3)
    assert box.add() == IndexReport(unchanged=2)
    write(box.folder / "ixion.txt", "On Ixion\n\nIxion is not of the index.\n")
    assert box.add() == IndexReport(added=1, unchanged=2, paragraphs=1)


def test_hidden_and_binary_files_are_counted(box: Box) -> None:
    write(box.folder / ".hidden.txt", PLUMS)
    write(box.folder / "image.png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    report = box.add()
    assert report == IndexReport(added=2, paragraphs=3, hidden_files=1, binary_files=1)
    named = box.add(box.folder / "image.png", box.folder / ".hidden.txt")
    assert named.added == 1
    assert [(one.path, one.reason) for one in named.skipped] == [
        (str(box.folder / "image.png"), SkipReason.BINARY)
    ]


def test_include_and_exclude(box: Box) -> None:
    write(box.folder / "notes.md", "# Notes\n\nNotes on plums.\n")
    options = replace(ENGLISH, include=("*.txt",), exclude=("pe*",))
    assert box.add(options=options) == IndexReport(added=1, paragraphs=2)
    assert box.ids() == ["plums.txt"]


def test_a_name_that_is_not_text(box: Box) -> None:
    path = os.fsencode(box.folder) + b"/caf\xe9.txt"
    Path(os.fsdecode(path)).write_text(PLUMS)
    assert box.add().added == 3
    assert box.ids() == ["caf\N{REPLACEMENT CHARACTER}.txt~9c035039", "pears.txt", "plums.txt"]
    os.utime(path, ns=(OLD_NS, OLD_NS))
    assert box.add() == IndexReport(unchanged=3)
    Path(os.fsdecode(path)).unlink()
    assert box.add(prune=True) == IndexReport(unchanged=2, removed=1)


# Bulk files


RECORDS = (
    {"id": "one", "title": "First", "text": "The first of all.", "url": "https://example.org/1"},
    {"id": "two", "text": "The second one.", "author": "Ada", "published": "2024-05-06"},
    {"id": "three", "text": "The third one.\n\nIn two paragraphs."},
)


def test_records_keep_their_own_ids(box: Box) -> None:
    path = write_records(box.folder / "records.jsonl", *RECORDS)
    assert box.add(path) == IndexReport(added=3, paragraphs=4)
    record = ArticleRecord(
        "three",
        str(path.resolve()),
        source=str(path),
        language="en",
        paragraphs=2,
        fingerprint=fingerprint_of(path),
    )
    first: dict[str, Any] = {
        "title": "First",
        "url": "https://example.org/1",
        "title_lines": Lines(1, 1),
    }
    second: dict[str, Any] = {"author": "Ada", "published": date(2024, 5, 6)}
    assert box.articles() == [
        record._replace(article_id="one", paragraphs=1, **first),
        record,
        record._replace(article_id="two", paragraphs=1, **second),
    ]
    assert box.add(path) == IndexReport(unchanged=3)


def test_records_that_change_come_and_go(box: Box) -> None:
    path = write_records(box.folder / "records.jsonl", *RECORDS)
    box.add(path)
    changed = {**RECORDS[1], "text": "No longer the same."}
    write_records(path, RECORDS[0], changed, {"id": "four", "text": "The fourth."})
    assert box.add(path) == IndexReport(added=1, updated=2, removed=1, paragraphs=3)
    assert box.texts() == {
        "one": ["The first of all."],
        "two": ["No longer the same."],
        "four": ["The fourth."],
    }


def test_ids_that_occur_twice(box: Box) -> None:
    """Nothing is lost: a record whose own id is taken has one within its file."""
    one = write_records(
        box.folder / "one.jsonl",
        *RECORDS,
        *({"text": "No id."}, {"id": "two", "text": "Again."}, {"id": "two", "text": "Yet again."}),
    )
    two = write_records(
        box.folder / "two.jsonl", {"id": "three", "text": "Other."}, {"id": "own", "text": "Own."}
    )
    assert box.add(one, two) == IndexReport(added=8, paragraphs=9)
    assert box.texts()["two"] == ["The second one."]
    assert box.texts()["one.jsonl:two:2"] == ["Yet again."]
    ids = ["one", "one.jsonl:4", "one.jsonl:two", "one.jsonl:two:2", "own", "three", "two"]
    assert box.ids() == [*ids, "two.jsonl:three"]
    # The same over two runs, and for a file whose name is the id of a record.
    three = write_records(box.folder / "three.jsonl", {"id": "own", "text": "Mine."})
    assert box.add(three) == IndexReport(added=1, paragraphs=1)
    write_records(one, {"id": "plums.txt", "text": "A record."}, *RECORDS)
    assert box.add(one, box.folder / "plums.txt").added == 2
    path = str(box.folder.resolve() / "plums.txt")
    found = ["one", "own", "plums.txt", path, "three", "three.jsonl:own", "two", "two.jsonl:three"]
    assert box.ids() == sorted(found)


def test_records_without_ids(box: Box) -> None:
    path = write_records(box.folder / "r.jsonl", *({"text": f"Number {n}."} for n in range(3)))
    box.add(path)
    expected = {f"r.jsonl:{n + 1}": [f"Number {n}."] for n in range(3)}
    assert box.texts() == expected
    write_records(path, {"text": "Alone."})
    box.add(path)
    assert box.texts() == {"r.jsonl": ["Alone."]}
    write_records(path, {"text": "Alone."}, {"id": "r.jsonl:9", "text": "More."}, {"text": "Last."})
    assert box.add(path) == IndexReport(added=2, updated=1, paragraphs=3)
    # The one that was there keeps its id.
    assert box.texts() == {"r.jsonl": ["Alone."], "r.jsonl:9": ["More."], "r.jsonl:3": ["Last."]}


def test_an_id_of_its_own_goes_before_one_that_is_made_up(box: Box) -> None:
    path = write_records(box.folder / "r.jsonl", {"id": "a", "text": "The one."})
    box.add(path)
    write_records(path, {"text": "No id."}, {"id": "a", "text": "The one."})
    assert box.add(path) == IndexReport(added=1, updated=1, paragraphs=2)
    assert box.texts() == {"r.jsonl:1": ["No id."], "a": ["The one."]}


def test_records_that_cannot_be_read_are_reported_by_line(box: Box) -> None:
    path = write(
        box.folder / "r.jsonl",
        '{"id": "a", "text": "Fine."}\nnot json\n{"id": "b", "text": ""}\n{"id": "c", "text": 7}\n',
    )
    report = box.add(path)
    assert (report.added, report.paragraphs) == (1, 1)
    assert [(one.path, one.reason) for one in report.skipped] == [
        (f"{path}:2", SkipReason.BROKEN),
        (f"{path}:3", SkipReason.EMPTY),
        (f"{path}:4", SkipReason.BROKEN),
    ]


def test_a_table(box: Box) -> None:
    path = write(box.folder / "t.csv", 'id,text\na,"One, two."\nb,Three.\n')
    assert box.add(path) == IndexReport(added=2, paragraphs=2)
    assert box.texts() == {"a": ["One, two."], "b": ["Three."]}


@pytest.mark.parametrize("name", ["plums.txt.gz", "plums.gz"])
def test_compressed_files(box: Box, name: str) -> None:
    path = write(box.folder / name, gzip.compress(PLUMS.encode(), mtime=0))
    assert box.add(path) == IndexReport(added=1, paragraphs=2)
    assert box.texts() == {name: ["Plums are blue and plump.", "Most of them are cheap."]}
    records = "\n".join(map(json.dumps, RECORDS)).encode()
    path = write(box.folder / "r.jsonl.gz", gzip.compress(records, mtime=0))
    assert box.add(path) == IndexReport(added=3, paragraphs=4)


# What is indexed is in NFC


def test_texts_and_names_are_in_nfc(box: Box) -> None:
    path = box.folder / "r.jsonl"
    write(
        path,
        r'{"id": "cafe\u0301", "title": "Cafe\u0301s", "author": "Rene\u0301e", '
        r'"text": "A cafe\u0301 in Arle\u0300s.\n\nThe cafe\u0301."}',
    )
    markdown = write(box.folder / "Re\u0301sume\u0301.md", "# Caf&eacute;\n\nA cafe&#769; too.\n")
    page = write(
        box.folder / "page.html",
        "<html><head><title>Cafe&#769;s</title></head><body><article><h1>Cafe&#769;s</h1>"
        f"<p>{'A cafe&#769; is open all day and all night in this town. ' * 5}</p></article>",
    )
    assert box.add(path, markdown, page).added == 3
    assert box.ids() == ["R\u00e9sum\u00e9.md", "caf\u00e9", "page.html"]
    record = next(one for one in box.articles() if one.article_id == "caf\u00e9")
    assert (record.title, record.author) == ("Caf\u00e9s", "Ren\u00e9e")
    assert box.texts()["caf\u00e9"] == ["A caf\u00e9 in Arl\u00e8s.", "The caf\u00e9."]
    assert box.texts()["R\u00e9sum\u00e9.md"] == ["A caf\u00e9 too."]
    assert "\u0301" not in "".join(text for texts in box.texts().values() for text in texts)
    with Index.open(box.index_dir) as index:
        for words in (
            '"caf\u00e9 in arl\u00e8s"',
            '"cafe\u0301 in arle\u0300s"',
            '"cafe in arles"',
        ):
            assert index.search(words).total == 1
        (passage,) = index.search('"caf\u00e9 in"').passages
        found = [passage.paragraph.text[slice(*match)] for match in passage.matches]
        assert found[0] in {"caf\u00e9", "caf\u00e9 in"}
    assert remove_articles(["cafe\u0301", "Re\u0301sume\u0301.md"], box.index_dir) == ()
    assert box.ids() == ["page.html"]


# What cannot be read


@pytest.mark.parametrize(
    ("name", "raw", "reason", "detail"),
    [
        ("plums.txt", b"", SkipReason.EMPTY, "it holds no text"),
        ("plums.txt", b" \n\t\n", SkipReason.EMPTY, None),
        ("plums.txt", bytes(range(256)) * 9, SkipReason.BINARY, None),
        (
            "plums.txt",
            b"\x1f\x8b\x07" + bytes(20),
            SkipReason.BROKEN,
            "the compressed file is damaged",
        ),
        (
            "plums.txt",
            gzip.compress(PLUMS.encode(), mtime=0)[:-9],
            SkipReason.BROKEN,
            "the compressed file is cut short",
        ),
        ("plums.csv", b"id,words\n1,x\n", SkipReason.NO_PROSE, None),
    ],
)
def test_a_file_that_becomes_unreadable_keeps_its_articles(
    box: Box, name: str, raw: bytes, reason: SkipReason, detail: str | None
) -> None:
    path = write(box.folder / name, PLUMS if name.endswith(".txt") else "id,text\n1,Plums.\n")
    box.add()
    before = box.texts()
    write(path, raw)
    for _ in range(2):  # it is reported until it is mended
        report = box.add(path)
        (skipped,) = report.skipped
        assert (skipped.path, skipped.reason) == (str(path), reason)
        assert detail is None or skipped.detail == detail
        assert report == IndexReport(skipped=(skipped,))
        assert box.texts() == before
    assert box.generation() == 1
    write(path, "On plums\n\nPlums are back.\n" if name.endswith(".txt") else "id,text\n1,Back.\n")
    assert box.add(path) == IndexReport(updated=1, paragraphs=1)


def test_the_rest_is_committed(box: Box) -> None:
    write(box.folder / "empty.txt", "")
    missing = box.folder / "missing.txt"
    long = box.folder / ("x" * 300)
    report = box.add(missing, box.folder, long)
    assert (report.added, report.paragraphs) == (2, 3)
    assert [(one.path, one.reason) for one in report.skipped] == [
        (str(missing), SkipReason.MISSING),
        (str(long), SkipReason.UNREADABLE),
        (str(box.folder / "empty.txt"), SkipReason.EMPTY),
    ]
    assert report.skipped[1].detail == "the system refuses it: file name too long"
    assert box.ids() == ["pears.txt", "plums.txt"]


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="no file that refuses to be read")
def test_a_file_that_the_system_does_not_read(box: Box) -> None:
    report = box.add("/proc/self/mem", box.folder / "plums.txt")
    detail = "the system refuses it: input/output error"
    skipped = Skipped("/proc/self/mem", SkipReason.UNREADABLE, detail)
    assert report == IndexReport(added=1, paragraphs=2, skipped=(skipped,))


def test_a_reader_that_fails(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise TypeError("no such reader")

    box.add()
    monkeypatch.setattr("indexer.readers.text.split_blocks", fails)
    report = box.add(options=replace(ENGLISH, format_name="text"))
    detail = "its reader failed (TypeError: no such reader); please report it"
    assert report == IndexReport(
        skipped=tuple(
            Skipped(str(box.folder / name), SkipReason.BROKEN, detail)
            for name in ("pears.txt", "plums.txt")
        )
    )
    assert box.ids() == ["pears.txt", "plums.txt"]


def test_nothing_to_index_makes_an_empty_index(box: Box) -> None:
    report = box.add(box.folder / "missing.txt")
    assert (report.articles, len(report.skipped)) == (0, 1)
    assert box.ids() == []
    assert Index.open(box.index_dir).search("plums").total == 0


# What is gone


def test_files_that_are_gone_stay_until_pruned(box: Box) -> None:
    records = write_records(box.folder / "records.jsonl", *RECORDS)
    box.add()
    (box.folder / "plums.txt").unlink()
    records.unlink()
    assert box.add() == IndexReport(unchanged=1)
    assert len(box.ids()) == 5
    report = box.add(box.folder / "plums.txt")
    assert [one.reason for one in report.skipped] == [SkipReason.MISSING]
    assert len(box.ids()) == 5
    assert box.add(prune=True) == IndexReport(unchanged=1, removed=4)
    assert box.ids() == ["pears.txt"]
    assert list(box.index.origins()) == [str(box.folder.resolve() / "pears.txt")]
    assert box.add(prune=True) == IndexReport(unchanged=1)


def test_a_folder_that_is_gone_is_pruned_from_elsewhere(box: Box, tmp_path: Path) -> None:
    box.index_dir = tmp_path / "ix"
    box.add()
    other = write(tmp_path / "other" / "figs.txt", "On figs\n\nFigs are sweet.\n")
    box.folder.rename(tmp_path / "moved")
    assert box.add(other, prune=True) == IndexReport(added=1, removed=2, paragraphs=1)
    # A file where the folder was is no better.
    moved = Box(tmp_path / "moved")
    moved.index_dir = box.index_dir
    moved.add()
    (tmp_path / "moved").rename(tmp_path / "again")
    write(tmp_path / "moved", "A file.\n")
    assert moved.add(other, prune=True).removed == 2


def test_a_folder_that_cannot_be_looked_into_is_not_gone(box: Box, tmp_path: Path) -> None:
    box.index_dir = tmp_path / "ix"
    box.add()
    other = write(tmp_path / "other" / "figs.txt", "On figs\n\nFigs are sweet.\n")
    box.folder.rename(tmp_path / "moved")
    box.folder.symlink_to(box.folder)
    assert box.add(other, prune=True) == IndexReport(added=1, paragraphs=1)
    assert box.ids() == ["other/figs.txt", "texts/pears.txt", "texts/plums.txt"]


# Removing


def test_removing_by_id_and_by_path(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    write(box.folder / "then" / "pears.txt", PEARS)
    write(box.folder / "figs.txt", "On figs\n\nFigs are sweet.\n")
    records = write_records(box.folder / "records.jsonl", *RECORDS)
    box.add()
    monkeypatch.chdir(box.folder.parent)
    names = ["pears.txt", "texts/plums.txt", str(records), "nothing", "pears.txt", ""]
    assert remove_articles(names, box.index_dir) == ("nothing", "")
    assert box.ids() == ["figs.txt", "then/pears.txt"]
    with Index.open(box.index_dir) as index:
        assert index.search("plums").total == 0
        assert index.search("pears").total == 1
    # Files that are added again bring their articles back.
    assert box.add() == IndexReport(added=5, unchanged=2, paragraphs=7)


def test_removing_nothing_commits_nothing(box: Box) -> None:
    box.add()
    assert remove_articles(["x", "y", "x"], box.index_dir) == ("x", "y")
    assert box.generation() == 1


def test_removing_one_of_many_records(box: Box) -> None:
    path = write_records(box.folder / "records.jsonl", *RECORDS)
    box.add(path)
    assert remove_articles(["two"], box.index_dir) == ()
    assert box.ids() == ["one", "three"]
    assert box.add(path) == IndexReport(added=1, updated=2, paragraphs=4)
    # What is left of a file goes with it.
    remove_articles(["two", "three"], box.index_dir)
    path.unlink()
    assert box.add(box.folder, prune=True) == IndexReport(added=2, paragraphs=3, removed=1)
    assert box.ids() == ["pears.txt", "plums.txt"]


def test_removing_from_no_index(box: Box) -> None:
    with pytest.raises(IndexMissingError):
        remove_articles(["plums.txt"], box.index_dir)
    assert not box.index_dir.exists()


# The same by other ways


def test_an_index_in_memory_is_the_same(
    box: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.index_dir = tmp_path / "ix"
    monkeypatch.chdir(tmp_path)  # in memory, ids are paths from the working folder
    write_records(box.folder / "records.jsonl", *RECORDS)
    write(box.folder / "empty.txt", "")
    report = box.add()
    index, in_memory = index_in_memory([str(box.folder)], options=ENGLISH)
    assert in_memory == report
    # It is made anew for each search, and tells nothing of files that change.
    assert articles_of(index) == [one._replace(fingerprint=None) for one in box.articles()]
    assert texts_of(index) == box.texts()
    assert index.origins() == box.index.origins()
    one, other = Index.of(index), Index.open(box.index_dir)
    for words in ("plums", "first OR pears", '"the third"', "pl*", "plumbs~"):
        assert one.search(words).passages == other.search(words).passages != ()


def many(folder: Path) -> None:
    for number in range(9):
        write(folder / f"{number}" / "text.txt", f"On {number}\n\nIt is {number}.\n")
    write(folder / "empty.txt", "")
    write_records(folder / "records.jsonl", *RECORDS, {"id": "one", "text": "Again."})


def test_several_processes_make_the_same_index(
    box: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readahead, "_WORTH_PROCESSES_BYTES", 0)
    monkeypatch.setattr(storage_writer, "BATCH_CHARS", 100)
    monkeypatch.setattr(storage_writer, "_WORTH_HELP_CHARS", 1)
    many(box.folder)
    box.index_dir = tmp_path / "ix"
    report = box.add()
    other = Box(box.folder)
    other.index_dir = tmp_path / "other"
    seen: list[str] = []
    counts: list[int] = []
    assert other.add(jobs=2, on_start=counts.append, on_file=seen.append) == report
    assert report.added == 15
    assert len(report.skipped) == 1
    assert counts == [len(seen)] == [13]
    assert seen == sorted(seen)
    assert other.articles() == box.articles()
    assert other.texts() == box.texts()
    assert other.index.origins() == box.index.origins()
    write(box.folder / "3" / "text.txt", "On 3\n\nIt is more.\n")
    assert contents(other) == contents(box)
    again = other.add(jobs=2)
    assert (again.updated, again.unchanged) == (1, 14)


def contents(box: Box) -> list[object]:
    """What the files of the segments hold, all but their names."""
    return [
        (arrays.facts, [(name, arrays[name].tobytes()) for name in arrays.names()])
        for arrays in map(ArrayFile.open, sorted(box.index_dir.glob("passages_*.*")))
    ]


def test_another_process_merges_what_was_there(
    box: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(box.folder)
    box.index_dir = tmp_path / "ix"
    other = Box(box.folder)
    other.index_dir = tmp_path / "other"
    reports = []
    for jobs, one in enumerate((box, other), 1):
        with monkeypatch.context() as patch:
            if jobs == 2:
                patch.setattr(storage_writer, "BATCH_CHARS", 1)
                patch.setattr(storage_writer, "_WORTH_HELP_CHARS", 1)
            one.add(box.folder / "1", box.folder / "2")
            reports.append(one.add(box.folder, jobs=jobs))
    assert reports[0] == reports[1]
    assert len(box.index.manifest().segments) == 1
    # Inverted in other batches, and so by other numbers, but the same.
    assert contents(other) == contents(box)


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_memory_does_not_hold_goes_to_files_meanwhile(
    box: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: int
) -> None:
    many(box.folder)
    box.index_dir = tmp_path / "ix"
    box.add(box.folder / "1")
    box.add()
    other = Box(box.folder)
    other.index_dir = tmp_path / "other"
    other.add(box.folder / "1")
    for name in ("BATCH_CHARS", "_WORTH_HELP_CHARS"):
        monkeypatch.setattr(storage_writer, name, 1)
    for name in ("_BASE_BYTES", "_LEAST_KEPT_BYTES", "_FEW_CHARS"):
        monkeypatch.setattr(builder, name, 0)
    files: list[int] = []
    spill = PostingTable.spill

    def counted(table: PostingTable, path: str) -> None:
        spill(table, path)
        files.append(len(list(other.index_dir.glob("*.run*"))))

    monkeypatch.setattr(PostingTable, "spill", counted)
    other.add(jobs=jobs, memory_bytes=1)
    assert (len(files) > 9) == (jobs == 1)  # else they are counted in the other process
    assert list(other.index_dir.glob("*.run*")) == []
    assert contents(other) == contents(box)


def test_a_helping_process_that_is_killed(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage_writer, "BATCH_CHARS", 1)
    monkeypatch.setattr(storage_writer, "_WORTH_HELP_CHARS", 1)
    many(box.folder)

    def kill(_file: str) -> None:
        for child in multiprocessing.active_children():
            child.kill()

    with pytest.raises(IndexWriteError) as caught:
        box.add(jobs=2, on_file=kill)
    assert str(caught.value) == (
        "the process that inverts texts has ended before its time (exit code -9); "
        "nothing was changed: see that it has enough memory, or try --jobs 1"
    )
    assert multiprocessing.active_children() == []
    box.add(jobs=2)
    assert len(box.articles()) == 15


def test_what_is_in_memory_has_no_place_in_messages() -> None:
    error = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    told = str(write_error(None, error))
    assert told.startswith("what is indexed in memory cannot be written: No space left on device")


def test_what_fails_in_another_process_is_raised_in_this_one(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage_writer, "BATCH_CHARS", 1)
    monkeypatch.setattr(storage_writer, "_WORTH_HELP_CHARS", 1)

    def fail(_self: object, _file: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(PostingsBuilder, "write", fail)
    with pytest.raises(IndexWriteError) as caught:
        box.add(jobs=2)
    assert "cannot be written: No space left on device" in str(caught.value)
    assert multiprocessing.active_children() == []
    assert list(box.index_dir.glob("passages_*.*")) == []


def test_records_are_read_in_pieces_as_they_are_read_whole(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = [{"id": f"r{number}", "text": f"The {number}th of all."} for number in range(9)]
    lines = [json.dumps(record) for record in (*RECORDS, *more)]
    lines[2:2] = ["no record", "", "[1]", json.dumps({"title": "Übergröße", "text": "Größer."})]
    path = box.folder / "records.jsonl"
    write(path, "\n".join(lines))
    whole = box.add(path)
    monkeypatch.setattr(intake, "_WHOLE_BYTES", 0)
    monkeypatch.setattr(reading, "PIECE_BYTES", 100)
    assert box.add(path).unchanged == whole.added
    other = Box(box.folder)
    other.index_dir = box.index_dir.with_name("other")
    assert other.add(path) == whole
    assert contents(other) == contents(box)
    assert other.index.origins() == box.index.origins()
    path.touch()  # the same bytes at another time
    assert other.add(path).unchanged == whole.added
    some = b'{"text": "One of them."}\n' * 5  # a line costs itself, not those it is read with
    path.write_bytes(some + b"\0" * 200 + b"\n" + some)
    report = other.add(path)
    assert (report.added, report.removed) == (10, whole.added)
    assert [(one.path, one.detail) for one in report.skipped] == [
        (f"{path}:6", "it is not text: it holds zero bytes")
    ]


def test_a_large_file_that_cannot_be_read_a_second_time(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_records(box.folder / "records.jsonl", *RECORDS)
    box.add(path)
    monkeypatch.setattr(intake, "_WHOLE_BYTES", 0)
    write_records(path, *RECORDS, {"text": "One more."})

    def fail(*_: object, **__: object) -> NoReturn:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patch:
        patch.setattr(intake, "read_stream", fail)
        with pytest.raises(IndexWriteError) as caught:
            box.add(path)
    assert str(caught.value) == (
        f"{path} could be read once and not again (Input/output error); "
        "nothing was changed: run the command again"
    )
    assert len(box.articles()) == 3
    with monkeypatch.context() as patch:  # nor the first time
        patch.setattr(hashlib, "file_digest", fail)
        (skipped,) = box.add(path).skipped
    assert skipped.detail == "the system refuses it: input/output error"
    assert len(box.articles()) == 3
    assert box.add(path).added == 1


def test_languages_do_not_depend_on_who_judges_them(
    box: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage_writer, "_WORTH_HELP_CHARS", 1)
    found = []
    for jobs in (1, 2):
        own = Box(box.folder)
        own.index_dir = tmp_path / f"ix{jobs}"
        for texts in (["Die Katze schläft."] * 9, ["Otto", "Anna", "Die Kuh.", "The cow."]):
            path = write_records(box.folder / "r.jsonl", *({"text": text} for text in texts))
            # The second time all that the index holds is deleted first.
            own.add(path, jobs=jobs, options=ReadOptions())
            found.append([one.language for one in own.articles()])
    assert found[:2] == found[2:]


def test_a_reading_process_that_is_killed(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readahead, "_WORTH_PROCESSES_BYTES", 0)
    many(box.folder)

    def kill(_file: str) -> None:
        for child in multiprocessing.active_children():
            child.kill()
            child.join()

    with pytest.raises(IndexWriteError) as caught:
        box.add(jobs=2, on_file=kill)
    assert "the process that reads files has ended before its time" in str(caught.value)
    assert multiprocessing.active_children() == []
    box.add(jobs=2)
    assert len(box.articles()) == 15


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_signals_are_left_to_the_process_that_has_helpers(
    box: Box, monkeypatch: pytest.MonkeyPatch, sent: signal.Signals
) -> None:
    """All of them get one, and a helper that ended first would be told as the fault."""
    monkeypatch.setattr(readahead, "_WORTH_PROCESSES_BYTES", 0)
    monkeypatch.setattr(storage_writer, "_WORTH_HELP_CHARS", 1)
    many(box.folder)
    reached: set[int] = set()

    def send(_file: str) -> None:
        for child in multiprocessing.active_children():
            assert child.pid is not None
            os.kill(child.pid, sent)
            reached.add(child.pid)

    box.add(jobs=2, on_file=send)
    assert len(reached) > 1
    assert len(box.articles()) == 15


def test_memory_that_does_not_suffice_for_a_file(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> NoReturn:
        raise MemoryError

    monkeypatch.setattr(intake, "read_stream", fail)
    with pytest.raises(MemoryError):
        box.add()


def test_a_large_file_that_is_not_read_in_pieces(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "_WHOLE_BYTES", 0)
    records = "".join(json.dumps(record) + "\n" for record in RECORDS)
    wide = box.folder / "wide.jsonl"
    wide.write_text(records, "utf-16")
    unpacked = box.folder / "packed.jsonl.gz"
    unpacked.write_bytes(gzip.compress(records.encode()))
    table = box.folder / "table.csv"
    table.write_text("id,text\nx,Ex.\n")
    assert [box.add(path).added for path in (wide, table)] == [len(RECORDS), 1]
    assert box.add(unpacked).added == len(RECORDS)  # the same ids


def test_what_was_skipped_of_a_file_is_told_every_time(box: Box) -> None:
    path = box.folder / "records.jsonl"
    path.write_text('{"id": "one", "text": "One."}\nno record\n', "utf-8")
    first = box.add(path)
    again = box.add(path)
    assert len(first.skipped) == 1
    assert (again.unchanged, again.skipped) == (1, first.skipped)


def test_the_records_of_one_file_move_the_progress(box: Box) -> None:
    texts = [{"text": f"Record {number}."} for number in range(4)]
    path = write_records(box.folder / "records.jsonl", *texts)
    shares: list[float] = []
    box.add(path, on_share=shares.append)
    assert shares == [0.0, 0.25, 0.5, 0.75]


def test_progress_never_goes_back(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [{"text": f"Record {number}."} for number in range(9)]
    path = write_records(box.folder / "records.jsonl", *texts, {"text": 1})
    monkeypatch.setattr(grouping, "GROUP", 2)
    whole: list[float] = []
    box.add(path, on_share=whole.append)
    assert whole == [number / 10 for number in range(9)]
    monkeypatch.setattr(intake, "_WHOLE_BYTES", 0)
    monkeypatch.setattr(reading, "PIECE_BYTES", 50)
    monkeypatch.setattr(intake, "_AT_A_TIME", 2)
    monkeypatch.setattr(choosing, "_SAMPLE", 1)
    path.touch()
    pieces: list[float] = []
    options = ReadOptions(language="de")
    box.add(path, on_share=pieces.append, options=options)
    assert len(pieces) == 9
    assert pieces == sorted(pieces)
    assert 0 < pieces[0] < pieces[-1] <= 1


def test_a_bulk_file_that_moves_keeps_its_records(box: Box) -> None:
    path = write_records(box.folder / "old.jsonl", {"id": "one", "text": "One."})
    box.add(path)
    record = {"id": "two", "text": "Two."}
    write_records(path, {"id": "one", "text": "One."}, record, {"id": "3", "text": "Three."})
    box.add(path)
    path = path.rename(box.folder / "new.jsonl")
    assert box.add(path) == IndexReport(added=1, updated=2, paragraphs=3)
    assert box.ids() == ["3", "new.jsonl:3", "one", "two"]
    assert box.add(path, prune=True) == IndexReport(unchanged=3, removed=1)
    path = path.rename(box.folder / "newer.jsonl")
    assert box.add(path, prune=True) == IndexReport(added=3, removed=3, paragraphs=3)
    assert box.ids() == ["3", "one", "two"]


def test_an_index_keeps_out_of_folders_of_other_files(tmp_path: Path) -> None:
    write(tmp_path / "mine" / "note.txt", "A note.\n")
    with pytest.raises(UsageError) as caught:
        build_index([str(tmp_path / "mine")], tmp_path / "mine")
    assert str(caught.value) == (
        f"{tmp_path / 'mine'} holds other files (note.txt) and no index; "
        "name a new or empty directory for the index"
    )
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["note.txt"]


STDIN = """
    import sys
    from pathlib import Path
    from indexer.build import build_index
    from indexer.intake import ReadOptions

    report = build_index(
        sys.argv[3:], Path(sys.argv[1]), options=ReadOptions(language="en"), jobs=int(sys.argv[2])
    )
    print(report.added, report.updated, report.unchanged, len(report.skipped))
"""


def from_stdin(box: Box, text: str, *paths: Path, jobs: int = 1) -> str:
    arguments: Sequence[Path | str] = [box.index_dir, str(jobs), "-", *paths]
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(STDIN), *map(str, arguments)],
        cwd=ROOT,
        input=text,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_standard_input(box: Box) -> None:
    assert from_stdin(box, PLUMS) == "1 0 0 0\n"
    assert box.texts() == {"stdin": ["Plums are blue and plump.", "Most of them are cheap."]}
    assert [(a.origin, a.source) for a in box.articles()] == [("-", "-")]
    assert from_stdin(box, PLUMS) == "0 0 1 0\n"
    # It is never gone; it is removed by its id.
    assert box.add(prune=True) == IndexReport(added=2, paragraphs=3)
    assert remove_articles(["stdin"], box.index_dir) == ()
    assert box.ids() == ["pears.txt", "plums.txt"]


def test_standard_input_beside_reading_processes(box: Box) -> None:
    assert from_stdin(box, "On figs\n\nFigs are sweet.\n", box.folder, jobs=2) == "3 0 0 0\n"
    assert box.texts()["stdin"] == ["Figs are sweet."]


def test_nothing_on_standard_input(box: Box) -> None:
    assert from_stdin(box, "", box.folder) == "2 0 0 1\n"


def test_the_articles_that_a_removal_took_are_counted(box: Box) -> None:
    path = write_records(box.folder / "records.jsonl", *RECORDS)
    box.add(path, box.folder / "plums.txt")
    assert remove_named([str(path), "nothing"], box.index_dir) == Removal(3, ("nothing",))
    assert box.ids() == ["plums.txt"]


def test_one_string_is_no_sequence_of_strings(tmp_path: Path) -> None:
    with pytest.raises(TypeError) as caught:
        remove_articles("a.txt", tmp_path)
    assert str(caught.value) == "article_ids is a sequence of ids, not one string: 'a.txt'"
    for name in ("include", "exclude"):
        with pytest.raises(TypeError) as caught:
            ReadOptions(**{name: "*.md"})  # type: ignore[arg-type]
        assert str(caught.value) == f"{name} is a sequence of globs, not one string: '*.md'"
    with pytest.raises(TypeError) as caught:
        build_index("a.txt", tmp_path)
    assert str(caught.value) == "paths is a sequence of paths, not one string: 'a.txt'"


def test_much_is_expected_of_large_files_of_records_that_changed(tmp_path: Path) -> None:
    def expects(name: str, size_bytes: int) -> bool:
        path = tmp_path / name
        path.write_text('{"id": "a", "text": "Fog."}\n' * (size_bytes // 28 + 1))
        os.utime(path, (1_500_000_000, 1_500_000_000))
        found = find_files([str(path)], include=(), exclude=(), within=None).files
        return readahead.holds_much(found, known, ReadOptions())

    known: dict[str, FileState] = {}
    assert expects("a.jsonl", 1 << 20)
    assert not expects("a.jsonl", 1 << 19)
    assert not expects("a.txt", 1 << 20)
    expects("a.jsonl", 1 << 20)
    build_index([str(tmp_path / "a.jsonl")], tmp_path / "ix", jobs=2)
    known.update(PassageIndex.open(tmp_path / "ix").origins())
    assert not expects("a.jsonl", 1 << 20)
    assert expects("a.jsonl", 1 << 21)

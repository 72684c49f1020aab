"""How a run over files is told of: on a terminal, by ``--verbose``, and when it is done."""

from __future__ import annotations

import gzip
import json
import os
import re
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING

import pytest

from indexer.articles import IndexReport, Skipped, SkipReason
from indexer.files import find_files
from indexer.progress import FilesProgress, Progress, progress_line, shortened
from indexer.reports import no_prose_line, report_text
from tests.commands import BIN, sh
from tests.making.archives import zip_of
from tests.test_hostile import on_terminal

if TYPE_CHECKING:
    from pathlib import Path

NO_PROSE = "it looks like PostScript, not prose; indexer add --format text indexes it all the same"
FORCED = "indexer add --format text FILE indexes one all the same"
# A file of zeros, which is no text.
BINARY = b"\0" * 64


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    """A folder with two formats, and with what is left out for each reason."""
    folder = tmp_path / "docs"
    (folder / ".git").mkdir(parents=True)
    (folder / "a.txt").write_text("The tide was out.\n\nGulls walked on the sand.\n")
    (folder / "b.md").write_text("# Boats\n\nThe ferry came late.\n")
    (folder / "c.jsonl").write_text('{"text": "A lamp."}\n{"text": "A lamp too."}\n{"x": 1}\n')
    (folder / "photo.jpg").write_bytes(BINARY)
    (folder / "page.ps").write_text("%!PS-Adobe-3.0\nshowpage\n")
    return tmp_path


def test_each_file_is_told_of_with_what_it_gave_or_why_it_was_left_out(docs: Path) -> None:
    done = sh("indexer -i ix add --lang en -v docs gone.txt", docs)
    no_text = done.stderr.splitlines()[4].split(": ", 2)
    assert (done.exit_code, no_text[:2]) == (1, ["indexer", "skipped docs/c.jsonl:3"])
    lines = [line.removeprefix("indexer: ") for line in done.stderr.splitlines()]
    assert [*lines[:4], *lines[5:]] == [
        "passed over docs/.git: it is hidden; to index it, name it",
        "docs/a.txt: text, 1 article, 2 passages",
        "docs/b.md: markdown, 1 article, 1 passage",
        "docs/c.jsonl: jsonl, 2 articles, 2 passages",
        f"passed over docs/page.ps: {NO_PROSE}",
        "passed over docs/photo.jpg: it is not text: it holds zero bytes",
        "skipped gone.txt: there is no such file or folder",
        f"1 file is no prose and was passed over (1 PostScript); {FORCED}",
    ]
    again = sh("indexer -i ix add --lang en --verbose docs/a.txt", docs)
    assert again.stderr == "indexer: docs/a.txt: unchanged, 1 article\n"


def test_pipes_are_told_of(docs: Path) -> None:
    os.mkfifo(docs / "docs" / "pipe")
    done = sh("indexer -i ix add --lang en -v docs --include pipe", docs)
    assert "indexer: passed over docs/pipe: it is a pipe, not a file" in done.stderr.splitlines()


def test_of_many_members_that_were_left_out_the_first_are_told(docs: Path) -> None:
    """What was read of an archive has one line, whatever it holds."""
    members = [(f"{number}.txt", f"Berth {number} is empty.".encode()) for number in range(40)]
    pictures = [(f"{number}.jpg", BINARY) for number in range(31)]
    (docs / "a.zip").write_bytes(zip_of([*members, *pictures, ("log.ps", b"%!PS-Adobe-3.0\n")]))
    lines = sh("indexer -i ix add --lang en -v a.zip", docs).stderr.splitlines()
    assert lines[:-1] == [
        "indexer: a.zip: zip, 40 articles, 40 passages",
        *(
            f"indexer: passed over a.zip:{number}.jpg: it is not text: it holds zero bytes"
            for number in range(10)
        ),
        "indexer: passed over 21 more of a.zip (not text); --json lists them all",
        f"indexer: passed over a.zip:log.ps: {NO_PROSE}",
    ]
    report = json.loads(sh("indexer -i other add --lang en --json a.zip", docs).stdout)
    assert len(report["passed_over"]) == 32


def test_formats_are_counted_where_they_are_several(docs: Path) -> None:
    done = sh("indexer -i ix add --lang en docs", docs)
    assert re.sub(r"\d+\.\d s", "0.1 s", done.stdout) == (
        "added 4 articles (5 passages) from 3 files: 1 jsonl, 1 markdown, 1 text; "
        "passed over 1 hidden file, 1 binary file and 1 no-prose file; skipped 1; 0.1 s\n"
    )
    report = json.loads(sh("indexer -i other add --lang en --json docs", docs).stdout)
    assert report["formats"] == {"jsonl": 1, "markdown": 1, "text": 1}
    assert [one["path"] for one in report["passed_over"]] == ["docs/page.ps", "docs/photo.jpg"]


def test_the_most_frequent_format_comes_first() -> None:
    report = IndexReport(added=9, paragraphs=90, formats={"epub": 1, "pdf": 5, "mbox": 1})
    assert report_text(report) == (
        "added 9 articles (90 passages) from 7 files: 5 pdf, 1 epub, 1 mbox; 0.0 s\n"
    )


def test_files_in_several_processes_are_told_of_in_their_order(docs: Path) -> None:
    for number in range(12):
        text = f"{f'The lamp of berth {number} burned. ' * 100}\n\n" * 40
        (docs / "docs" / f"m{number:02}.txt").write_text(text)
    done = sh("indexer -i ix add --lang en -v --jobs 2 docs --include 'm*.txt'", docs)
    told = [line for line in done.stderr.splitlines() if "hidden" not in line]
    assert told == [
        f"indexer: docs/m{number:02}.txt: text, 1 article, 40 passages" for number in range(12)
    ]


def test_kinds_of_no_prose_are_counted() -> None:
    kinds = ["a log", "PostScript", "a log"]
    passed_over = [Skipped("x", SkipReason.NO_PROSE, "it is none", kind=kind) for kind in kinds]
    assert no_prose_line([Skipped("y", SkipReason.BINARY, "it is not text")]) == ""
    assert no_prose_line(passed_over) == (
        "3 files are no prose and were passed over (2 a log, 1 PostScript); "
        "indexer add --format text FILE indexes one all the same"
    )


def test_time_left_goes_by_bytes_and_not_by_what_is_unchanged(tmp_path: Path) -> None:
    for name, size in [("a", 1000), ("b", 5000), ("c", 3000), ("d", 1000)]:
        (tmp_path / name).write_bytes(b"x" * size)
    progress = FilesProgress(find_files([str(tmp_path)]).files, 0.0)
    assert progress.at(0.1)._replace(name="a") == Progress(0.0, 0, 4, 0.0, None, "a")
    progress.next_file(was_read=True)
    progress.next_file(was_read=False)
    progress.move(0.5)
    at = progress.at(5.0)
    assert (at.share, at.files, at.bytes_a_second, at.seconds_left) == (0.5, 2, 500.0, 5.0)
    assert at.name == "c"
    progress.next_file(was_read=True)
    progress.next_file(was_read=True)
    at = progress.at(10.0)
    assert (at.share, at.files, at.seconds_left, at.name) == (1.0, 4, 0.0, "")
    progress.next_file(was_read=True)
    assert progress.at(11.0).share == 1.0


@pytest.mark.parametrize("width", [20, 40, 60, 79, 120])
@pytest.mark.parametrize(
    "name", ["a.txt", "papers/" * 30 + "end.pdf", "渡船/" * 40, "a\x1b[31m\n.txt"]
)
def test_the_line_fits_and_steers_nothing(name: str, width: int) -> None:
    line = progress_line("Indexing", Progress(0.5, 3, 9_000, 12.3e6, 75.0, name), width)
    assert len(line.encode("utf-16-le")) // 2 <= width
    assert line.isprintable()
    assert line.startswith("Indexing ")


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (45, "papers/2024/harbours/ferries-of-the-north.pdf"),
        (24, "papers/20…-the-north.pdf"),
        (5, "p…pdf"),
    ],
)
def test_a_name_keeps_its_beginning_and_more_of_its_end(width: int, shown: str) -> None:
    assert shortened("papers/2024/harbours/ferries-of-the-north.pdf", width) == shown


def test_off_a_terminal_nothing_moves_and_on_one_nothing_is_left(docs: Path) -> None:
    assert "\x1b" not in sh("indexer -i ix add --lang en docs/a.txt", docs).stderr
    shown, code = on_terminal(
        str(BIN / "indexer"), "-i", "other", "add", "--lang", "en", "docs/a.txt", folder=docs
    )
    assert (code, re.sub(r"\d+\.\d s", "0.1 s", shown)) == (
        0,
        "added 1 article (2 passages); 0.1 s\n",
    )


def test_what_is_read_piece_by_piece_is_read_beside_other_processes(tmp_path: Path) -> None:
    """A compressed archive is: it is not handed from one process to another."""
    (tmp_path / "docs").mkdir()
    for number in range(4):
        text = f"{f'The lamp of berth {number} burned. ' * 100}\n\n" * 100
        (tmp_path / "docs" / f"a{number}.txt").write_text(text)
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as packing:
        packing.writestr("tide.txt", "The tide was out.\n")
    (tmp_path / "docs" / "b.zip.gz").write_bytes(gzip.compress(archive.getvalue()))
    done = sh("indexer -i ix add --lang en -v --jobs 2 docs", tmp_path)
    assert (done.exit_code, done.stderr.splitlines()[-1]) == (
        0,
        "indexer: docs/b.zip.gz: zip, 1 article, 1 passage",
    )

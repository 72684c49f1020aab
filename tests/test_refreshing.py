"""search --refresh and Index.bring_up_to_date(): what changed of what is found is indexed first."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from indexer import IndexLockedError, IndexReport, ReadOptions, build_index
from indexer.articles import Skipped, SkipReason
from indexer.build import refresh_files
from indexer.storage.catalog import articles_of
from indexer.storage.index import PassageIndex
from search import Index
from search.refreshing import answer_refreshed
from search.request import Request
from tests.commands import sh

if TYPE_CHECKING:
    from pathlib import Path

OLD = 1_500_000_000


def write(path: Path, text: str, *, modified: int = OLD) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    os.utime(path, (modified, modified))
    return path


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Four indexed files, of which two have changed and one is gone."""
    for name in ("figs", "pears", "plums", "sloes"):
        write(tmp_path / "docs" / f"{name}.txt", f"On {name}\n\nSome {name} are ripe.\n")
    assert sh("indexer -i docs/.ix add docs --lang en", tmp_path).exit_code == 0
    for name in ("pears", "plums"):
        write(tmp_path / "docs" / f"{name}.txt", f"On {name}\n\nThe {name} are all ripe now.\n")
    (tmp_path / "docs" / "figs.txt").unlink()
    return tmp_path


def generation(home: Path) -> int:
    return PassageIndex.open(home / "docs" / ".ix").manifest().generation


def test_what_is_found_is_brought_up_to_date_in_one_commit(home: Path) -> None:
    done = sh("search -i docs/.ix --refresh --sort article --format ids ripe", home)
    assert done.stderr == "search: brought 2 articles up to date, removed 1\n"
    assert [one.partition("#")[0] for one in done.stdout.split()] == [
        "pears.txt",
        "plums.txt",
        "sloes.txt",
    ]
    assert generation(home) == 2
    with Index.open(home / "docs" / ".ix") as index:
        assert index.search('"are all ripe now"').total == 2
        assert {one.stale for one in index.search("ripe").passages} == {None}
    again = sh("search -i docs/.ix --refresh --sort article --format ids ripe", home)
    assert (again.stdout, again.stderr) == (done.stdout, "")
    assert generation(home) == 2


def test_only_files_of_the_page_are_looked_at(home: Path) -> None:
    done = sh("search -i docs/.ix --refresh -n 1 --format ids plums", home)
    assert done.stderr == "search: brought 1 article up to date\n"
    with Index.open(home / "docs" / ".ix") as index:
        stale = {
            one.paragraph.article_id: one.stale for one in index.search("ripe", limit=9).passages
        }
    expected = {"figs.txt": "gone", "pears.txt": "changed", "plums.txt": None, "sloes.txt": None}
    assert stale == expected


def test_the_page_may_change_and_bring_others(home: Path) -> None:
    """Where the first passage goes the next one comes, whose file has changed as well."""
    done = sh("search -i docs/.ix --refresh -n 1 --sort article --format ids ripe", home)
    assert done.stderr == "search: brought 1 article up to date, removed 1\n"
    assert done.stdout.startswith("pears.txt#")
    assert generation(home) == 3


def test_the_status_tells_what_is_found_after_it(home: Path) -> None:
    assert sh("search -i docs/.ix -q figs", home).exit_code == 0
    done = sh("search -i docs/.ix -q --refresh figs", home)
    assert (done.exit_code, done.stdout, done.stderr) == (1, "", "")
    write(home / "docs" / "sloes.txt", "On sloes\n\nThey are gone.\n\nThey were ripe sloes.\n")
    done = sh("search -i docs/.ix -c --refresh sloes", home)
    assert (done.exit_code, done.stdout) == (0, "1\n")
    assert done.stderr == "search: brought 1 article up to date\n"


def test_each_file_is_read_as_it_was(tmp_path: Path) -> None:
    german = write(tmp_path / "a.txt", "Auf dem Berg\n\nDie Pflaume ist blau.\n")
    csv = write(tmp_path / "b.txt", "id,text\none,A plum for one.\n")
    packed = tmp_path / "c.txt.gz"
    packed.write_bytes(gzip.compress(b"On it\n\nA plum.\n"))
    link = tmp_path / "named.md"
    link.symlink_to(write(tmp_path / "plain", "# On it\n\nA *plum*, marked.\n"))
    for path, options in (
        (german, ReadOptions(language="de")),
        (csv, ReadOptions(format_name="csv", language="en")),
        (packed, ReadOptions(language="en")),
        (link, ReadOptions(language="en")),
    ):
        build_index([str(path)], tmp_path / "ix", options=options)
    write(german, "Auf dem Berg\n\nDie Pflaume ist auch rot.\n")
    write(csv, "id,text\none,A plum for one.\ntwo,Another plum for two.\n")
    packed.write_bytes(gzip.compress(b"On it\n\nA plum and another plum.\n"))
    write(tmp_path / "plain", "# On it\n\nA *plum*, marked twice.\n")
    origins = [str(path.resolve()) for path in (german, csv, packed, link)]
    report = refresh_files(origins, tmp_path / "ix")
    assert report == IndexReport(added=1, updated=4, paragraphs=5)
    articles = {one.article_id: one for one in articles_of(PassageIndex.open(tmp_path / "ix"))}
    assert articles["a.txt"].language == "de"
    assert articles.keys() == {"a.txt", "one", "two", "c.txt.gz", "plain"}
    with Index.open(tmp_path / "ix") as index:
        (passage,) = index.search('"marked twice"').passages
        assert passage.paragraph.text == "A plum, marked twice."


def test_what_cannot_be_read_stays_and_is_told(home: Path) -> None:
    write(home / "docs" / "plums.txt", "")
    done = sh("search -i docs/.ix --refresh plums", home)
    assert done.stderr.splitlines()[0] == "search: skipped docs/plums.txt: it holds no text"
    assert "changed since indexed" in done.stdout


def test_a_folder_or_a_link_in_the_place_of_a_file(home: Path) -> None:
    docs = home / "docs"
    (docs / "plums.txt").unlink()
    (docs / "plums.txt").mkdir()
    (docs / "pears.txt").rename(home / "moved.txt")
    (docs / "pears.txt").symlink_to(home / "moved.txt")
    with Index.open(home / "docs" / ".ix") as index:
        page = index.search("ripe")
        report = index.bring_up_to_date(page)
        assert (report.updated + report.added, report.removed) == (1, 3)
        sources = {one.article.source for one in index.search("ripe").passages}
    assert sources == {str(home / "moved.txt"), str(docs / "sloes.txt")}


def test_another_writer_is_not_waited_for_long(home: Path) -> None:
    hold = "import sys; from pathlib import Path; from indexer.storage.index import PassageIndex\n"
    hold += (
        "with PassageIndex.open(Path(sys.argv[1])).writing():\n    print(1, flush=True); input()"
    )
    command = [sys.executable, "-c", hold, str(home / "docs" / ".ix")]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "1\n"
        done = sh("search -i docs/.ix --refresh --format ids ripe", home)
        with Index.open(home / "docs" / ".ix") as index, pytest.raises(IndexLockedError):
            index.bring_up_to_date(index.search("ripe"))
        writer.communicate("\n")
    assert (done.exit_code, done.stdout.count("\n")) == (0, 4)
    assert done.stderr.startswith(
        "search: what has changed is shown as it was indexed: the index at docs/.ix is being "
        f"written to by process {writer.pid} since "
    )
    assert "--wait" not in done.stderr  # which searches do not have
    assert generation(home) == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_an_index_that_may_not_be_written_to(home: Path) -> None:
    (home / "docs" / ".ix").chmod(0o500)
    try:
        done = sh("search -i docs/.ix --refresh --format ids ripe", home)
    finally:
        (home / "docs" / ".ix").chmod(0o700)
    assert (done.exit_code, done.stdout.count("\n")) == (0, 4)
    assert "what has changed is shown as it was indexed: " in done.stderr


def test_in_python(home: Path) -> None:
    with Index.open(home / "docs" / ".ix") as index:
        page = index.search("ripe", limit=9)
        assert index.search("ripe", limit=9).passages == page.passages  # a search changes nothing
        assert generation(home) == 1
        report = index.bring_up_to_date(page)
        assert report == IndexReport(updated=2, removed=1, paragraphs=2)
        assert index.search("ripe").total == 3  # it follows
        assert index.bring_up_to_date(page) == IndexReport(unchanged=2)
        assert index.bring_up_to_date(index.search("ripe")) == IndexReport()
    assert generation(home) == 2


def test_an_index_in_memory_has_nothing_to_bring_up_to_date(home: Path) -> None:
    with Index.of_files([str(home / "docs")]) as index:
        page = index.search("ripe")
        (home / "docs" / "plums.txt").unlink()
        assert index.bring_up_to_date(page) == IndexReport()


def test_files_that_the_index_does_not_know_are_left_alone(home: Path) -> None:
    new = write(home / "docs" / "new.txt", "On it\n\nIt is new.\n")
    assert refresh_files([str(new), "-", "/nowhere"], home / "docs" / ".ix") == IndexReport()
    assert generation(home) == 1


def test_rounds_are_bounded(home: Path) -> None:
    """Where a file changes each time it is looked at, the page is shown at last."""
    plums = home / "docs" / "plums.txt"
    notes: list[str] = []

    class Restless(Index):
        """An index beside which a file goes on changing."""

        commits = 0

        def bring_up_to_date(self, page: object, *, wait_seconds: float = 0.0) -> IndexReport:
            report = super().bring_up_to_date(page, wait_seconds=wait_seconds)  # type: ignore[arg-type]
            type(self).commits += 1
            write(plums, f"On plums\n\nThe plums are ripe, {'more ' * self.commits}so.\n")
            return report

    with Restless.open(home / "docs" / ".ix") as index:
        page = answer_refreshed(index, Request("plums"), looked_at=10, on_note=notes.append)
    assert [one.stale for one in page.passages] == ["changed"]
    assert Restless.commits == 3
    assert notes == [
        "brought 3 articles up to date",
        "others have come up that have changed; run the command again for these",
    ]


def test_skipped_files_are_told(home: Path) -> None:
    plums = home / "docs" / "plums.txt"
    write(plums, "")
    report = refresh_files([str(plums)], home / "docs" / ".ix")
    (skipped,) = report.skipped
    assert skipped == Skipped("docs/plums.txt", SkipReason.EMPTY, skipped.detail)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--in docs --refresh ripe", "--in reads the files as they are now; leave out --refresh"),
        (
            "-i ix --suggest --refresh ripe",
            "--suggest lists words and --refresh looks at passages; choose one",
        ),
    ],
)
def test_what_does_not_go_together(home: Path, arguments: str, message: str) -> None:
    done = sh(f"search {arguments}", home)
    assert (done.exit_code, done.stderr) == (2, f"search: {message}\n")

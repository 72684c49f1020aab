"""indexer add --watch as a process of its own, with files that come, change, move and go."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import signal
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from indexer.articles import Skipped, SkipReason
from indexer.build import build_index, follow_files
from indexer.files import Region, find_files
from indexer.intake import ReadOptions
from indexer.interrupts import Interruption
from indexer.storage.catalog import articles_of
from indexer.storage.index import PassageIndex
from indexer.watching import Changed, _Told
from search import Index
from tests.commands import BIN, environment, sh
from tests.schemas import valid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

# No machine is so busy; what is right is right long before.
PATIENCE_SECONDS = 120


def until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.1)


def write(path: Path, title: str, *more: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"On {title}\n\nSome of the {title} are ripe.\n{''.join(more)}", "utf-8")
    return path


class Watching(NamedTuple):
    """A process that follows, in a folder of its own."""

    process: subprocess.Popen[bytes]
    home: Path

    @property
    def index_dir(self) -> Path:
        return self.home / "ix"

    def out(self) -> str:
        return (self.home / "out").read_text("utf-8")

    def err(self) -> str:
        return (self.home / "err").read_text("utf-8")

    def ids(self) -> set[str]:
        """What the index has, by the names of the files as they can be printed."""
        index = PassageIndex.at(self.index_dir)
        stored = articles_of(index) if index.exists() else []
        return {one.article_id.rpartition("/")[2].partition("~")[0] for one in stored}

    def until_ids(self, *ids: str) -> None:
        until(lambda: self.ids() == set(ids))

    def finds(self, query: str) -> int:
        with Index.open(self.index_dir) as index:
            return index.search(query).total

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_SECONDS)


@contextmanager
def watching(home: Path, *arguments: str, first: Sequence[str] = ()) -> Iterator[Watching]:
    """indexer -i ix add ARGUMENTS --watch, until the end of the block at most.

    first has the words of a command that runs it.
    """
    command = [*first, str(BIN / "indexer"), "-i", "ix", "add", *arguments, "--watch"]
    with (home / "out").open("wb") as out, (home / "err").open("wb") as err:
        process = subprocess.Popen(
            command,
            cwd=home,
            env=environment(home),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
        )
        try:
            yield Watching(process, home)
        finally:
            process.kill()
            process.wait()


@pytest.fixture
def followed(tmp_path: Path) -> Iterator[Watching]:
    """The folder docs with one file, which is indexed and followed."""
    write(tmp_path / "docs" / "plums.txt", "plums")
    with watching(tmp_path, "docs") as process:
        until(lambda: process.out().count("\n") == 1)
        yield process


def test_files_come_change_move_and_go(followed: Watching) -> None:
    docs = followed.home / "docs"
    followed.until_ids("plums.txt")
    write(docs / "pears.txt", "pears")
    write(docs / "new" / "deep" / "figs.txt", "figs")
    followed.until_ids("plums.txt", "pears.txt", "figs.txt")
    write(docs / "pears.txt", "pears", "They are bergamots.\n")
    until(lambda: followed.finds("bergamots") == 1)
    (docs / "pears.txt").rename(docs / "moved.txt")
    followed.until_ids("plums.txt", "moved.txt", "figs.txt")
    (docs / "plums.txt").unlink()
    followed.until_ids("moved.txt", "figs.txt")
    # Folders move within it, out of it and into it.
    (docs / "new").rename(docs / "newer")
    until(lambda: followed.finds("source:newer figs") == 1)
    (docs / "newer").rename(followed.home / "away")
    followed.until_ids("moved.txt")
    write(followed.home / "away" / "deep" / "quinces.txt", "quinces")
    (followed.home / "away").rename(docs / "back")
    followed.until_ids("moved.txt", "figs.txt", "quinces.txt")
    # What is in a folder that came is followed as well.
    write(docs / "back" / "deep" / "sloes.txt", "sloes")
    followed.until_ids("moved.txt", "figs.txt", "quinces.txt", "sloes.txt")
    assert followed.stop() == 0
    assert followed.err() == "indexer: watching docs; Ctrl-C ends it\nindexer: stopped\n"


def test_a_rename_is_one_commit(followed: Watching) -> None:
    before = PassageIndex.open(followed.index_dir).manifest().generation
    (followed.home / "docs" / "plums.txt").rename(followed.home / "docs" / "moved.txt")
    followed.until_ids("moved.txt")
    assert PassageIndex.open(followed.index_dir).manifest().generation == before + 1


def test_files_that_are_saved_by_a_rename(followed: Watching) -> None:
    docs = followed.home / "docs"
    for number in range(5):
        write(docs / "plums.txt~", "plums", f"It is version{number}.\n").rename(docs / "plums.txt")
        until(lambda number=number: followed.finds(f"version{number}") == 1)  # type: ignore[misc]
    followed.until_ids("plums.txt")


def test_a_burst_is_few_commits(followed: Watching) -> None:
    docs = followed.home / "docs"
    names = [f"{number}.txt" for number in range(2_000)]
    for name in names:
        write(docs / name[0] / name, f"plum {name}")
    followed.until_ids("plums.txt", *names)
    assert 2 <= followed.out().count("\n") < 60
    for name in names[::2]:
        (docs / name[0] / name).unlink()
    followed.until_ids("plums.txt", *names[1::2])


def test_a_folder_that_goes_and_comes_back(followed: Watching) -> None:
    docs = followed.home / "docs"
    (docs / "plums.txt").unlink()
    docs.rmdir()
    followed.until_ids()
    until(lambda: "there is no such file or folder" in followed.err())
    write(docs / "pears.txt", "pears")
    followed.until_ids("pears.txt")
    # One that takes its place, and has the files of the other's names.
    write(followed.home / "other" / "figs.txt", "figs")
    docs.rename(followed.home / "away")
    (followed.home / "other").rename(docs)
    followed.until_ids("figs.txt")
    write(docs / "sloes.txt", "sloes")
    followed.until_ids("figs.txt", "sloes.txt")


def test_what_add_leaves_out_is_left_out(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    write(docs / "plums.md", "plums")
    with watching(tmp_path, "docs", "--include", "*.md", "--exclude", "old") as process:
        process.until_ids("plums.md")
        write(docs / ".hidden.md", "hidden")
        write(docs / ".git" / "inner.md", "inner")
        write(docs / "pears.txt", "pears")
        write(docs / "old" / "figs.md", "figs")
        write(docs / "quinces.md", "quinces")
        process.until_ids("plums.md", "quinces.md")
        write(docs / "last.md", "last")
        process.until_ids("plums.md", "quinces.md", "last.md")


def test_the_index_may_lie_in_a_folder_that_is_followed(tmp_path: Path) -> None:
    write(tmp_path / "docs" / "plums.txt", "plums")
    (tmp_path / "link").symlink_to("docs")
    with watching(tmp_path, "-i", "docs/ix", "link") as process:
        index_dir = tmp_path / "docs" / "ix"
        until(lambda: PassageIndex.at(index_dir).exists())
        # By each update the lock is written to; it stays as it is while nothing happens.
        write(tmp_path / "docs" / "pears.txt", "pears")
        until(lambda: PassageIndex.open(index_dir).manifest().generation == 2)
        seen = []
        for _ in range(4):
            time.sleep(1)
            seen.append((index_dir.stat().st_mtime_ns, process.out()))
        assert len(set(seen[1:])) == 1
        assert {one.article_id for one in articles_of(PassageIndex.open(index_dir))} == {
            "plums.txt",
            "pears.txt",
        }


def test_links_to_files_and_folders(followed: Watching) -> None:
    docs, other = followed.home / "docs", followed.home / "other"
    write(other / "figs.txt", "figs")
    (docs / "linked").symlink_to(other)
    followed.until_ids("plums.txt", "figs.txt")
    write(other / "sloes.txt", "sloes")
    followed.until_ids("plums.txt", "figs.txt", "sloes.txt")
    (other / "figs.txt").unlink()
    followed.until_ids("plums.txt", "sloes.txt")
    # A file that is moved away and leaves a link is the other file.
    (docs / "plums.txt").rename(followed.home / "plums.txt")
    (docs / "plums.txt").symlink_to(followed.home / "plums.txt")
    until(lambda: followed.finds(f'source:"{followed.home / "docs"}" plums') == 0)
    followed.until_ids("plums.txt", "sloes.txt")


def test_named_files_are_followed_without_their_folder(tmp_path: Path) -> None:
    write(tmp_path / "plums.txt", "plums")
    with watching(tmp_path, "plums.txt", "later.txt") as process:
        process.until_ids("plums.txt")
        write(tmp_path / "pears.txt", "pears")
        write(tmp_path / "new", "plums", "They are damsons.\n").rename(tmp_path / "plums.txt")
        until(lambda: process.finds("damsons") == 1)
        write(tmp_path / "later.txt", "later")
        process.until_ids("plums.txt", "later.txt")
        (tmp_path / "plums.txt").unlink()
        process.until_ids("later.txt")
        assert process.stop() == 0


def test_other_files_that_are_gone_stay(tmp_path: Path) -> None:
    write(tmp_path / "docs" / "plums.txt", "plums")
    other = write(tmp_path / "other" / "pears.txt", "pears")
    assert sh("indexer -i ix add docs other", tmp_path).exit_code == 0
    other.unlink()
    with watching(tmp_path, "docs") as process:
        write(tmp_path / "docs" / "figs.txt", "figs")
        process.until_ids("plums.txt", "pears.txt", "figs.txt")
    with watching(tmp_path, "docs", "--prune") as process:
        process.until_ids("plums.txt", "figs.txt")


def test_what_cannot_be_read_is_told_once_and_read_later(followed: Watching) -> None:
    packed = gzip.compress(b"On figs\n\nSome figs are ripe.\n")
    half = followed.home / "docs" / "figs.txt.gz"
    half.write_bytes(packed[: len(packed) // 2])
    until(lambda: "skipped docs/figs.txt.gz" in followed.err())
    write(followed.home / "docs" / "pears.txt", "pears")
    followed.until_ids("plums.txt", "pears.txt")
    half.write_bytes(packed)
    followed.until_ids("plums.txt", "pears.txt", "figs.txt.gz")
    assert followed.err().count("skipped") == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may look at everything")
def test_a_folder_that_may_not_be_read_for_a_while(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    for name in ("a", "locked", "z"):
        write(docs / name / f"{name}.txt", name)
    (docs / "locked").chmod(0)
    try:
        with watching(tmp_path, "docs") as process:
            process.until_ids("a.txt", "z.txt")
            write(docs / "z" / "plums.txt", "plums")
            process.until_ids("a.txt", "z.txt", "plums.txt")
            (docs / "locked").chmod(0o700)
            process.until_ids("a.txt", "z.txt", "plums.txt", "locked.txt")
    finally:
        (docs / "locked").chmod(0o700)


def test_another_writer_is_waited_for(followed: Watching) -> None:
    with PassageIndex.open(followed.index_dir).writing():
        write(followed.home / "docs" / "pears.txt", "pears")
        until(lambda: "(it is tried again until it is done)" in followed.err())
        assert followed.ids() == {"plums.txt"}
    followed.until_ids("plums.txt", "pears.txt")
    assert followed.err().count("is being written to by process") == 1


def test_an_index_that_is_removed_is_made_anew(followed: Watching) -> None:
    followed.index_dir.rename(followed.home / "away")
    write(followed.home / "docs" / "pears.txt", "pears")
    followed.until_ids("plums.txt", "pears.txt")


def test_names_that_are_no_text(followed: Watching) -> None:
    docs = followed.home / "docs"
    for name in (b"b\xffd.txt", b"line\nend.txt"):
        Path(os.fsdecode(os.fsencode(docs) + b"/" + name)).write_text(
            "On it\n\nIt is a ripe one.\n"
        )
    followed.until_ids("plums.txt", "b�d.txt", "line␊end.txt")
    write(docs / "pears.txt", "pears")
    followed.until_ids("plums.txt", "b�d.txt", "line␊end.txt", "pears.txt")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_good_order(followed: Watching, number: int) -> None:
    assert followed.stop(number) == 0
    assert followed.err().endswith("\nindexer: stopped\n")


def test_what_is_left_when_it_is_stopped_is_told(followed: Watching) -> None:
    with PassageIndex.open(followed.index_dir).writing():
        write(followed.home / "docs" / "pears.txt", "pears")
        until(lambda: "tried again" in followed.err())
        assert followed.stop() == 1
    assert followed.err().endswith(
        "\nindexer: stopped before all was indexed; the next indexer add does what is left\n"
    )


# Sends a signal when a file is opened, which is in the midst of an update.
SENDER = """
import os, sys

def send(event, arguments):
    if event == "open" and str(arguments[0]).endswith("1.txt"):
        os.kill(os.getpid(), 15)

sys.addaudithook(send)
"""


def test_a_signal_in_the_midst_of_an_update_gives_it_up(tmp_path: Path) -> None:
    for number in range(4):
        write(tmp_path / "docs" / f"{number}.txt", f"plum {number}")
    (tmp_path / "sender").mkdir()
    (tmp_path / "sender" / "sitecustomize.py").write_text(SENDER, "utf-8")
    done = sh(
        "indexer -i ix add docs --watch --jobs 1", tmp_path, PYTHONPATH=str(tmp_path / "sender")
    )
    assert (done.exit_code, done.stdout) == (143, "")
    assert done.stderr.splitlines()[-1] == (
        "indexer: stopped in the midst of a commit, which was given up; "
        "the next indexer add does what is left"
    )
    assert not PassageIndex.at(tmp_path / "ix").exists()


def test_json_is_an_object_a_line(tmp_path: Path) -> None:
    write(tmp_path / "docs" / "plums.txt", "plums")
    with watching(tmp_path, "docs", "--json") as process:
        until(lambda: process.out().count("\n") == 1)
        write(tmp_path / "docs" / "pears.txt", "pears")
        until(lambda: process.out().count("\n") == 2)
        reports = [json.loads(valid(line)) for line in process.out().splitlines()]
        assert [(one["schema_version"], one["added"]) for one in reports] == [(2, 1), (2, 1)]


def test_a_closed_pipe_ends_it_quietly(tmp_path: Path) -> None:
    """The first line is read, the next one finds nobody."""
    write(tmp_path / "docs" / "plums.txt", "plums")
    later = "sleep 1; printf 'On it\\n\\nIt is a ripe one.\\n' > docs/it.txt"
    done = sh(
        f"indexer -i ix add docs --watch 2> err | (head -1; {later}); echo $PIPESTATUS", tmp_path
    )
    assert done.stdout.splitlines()[0].startswith("added 1 article (1 passage); ")
    assert done.stdout.splitlines()[1] == "0"
    assert (tmp_path / "err").read_text() == "indexer: watching docs; Ctrl-C ends it\n"


def test_standard_input_cannot_be_followed(tmp_path: Path) -> None:
    done = sh("indexer -i ix add - docs --watch", tmp_path)
    assert done.exit_code == 2
    assert done.stderr.splitlines()[-1] == (
        "indexer: standard input cannot be followed; leave out - or --watch"
    )


def test_without_the_library_the_remedy_is_told(tmp_path: Path) -> None:
    write(tmp_path / "docs" / "plums.txt", "plums")
    write(tmp_path / "without" / "watchfiles.py", "").write_text("raise ImportError", "utf-8")
    done = sh("indexer -i ix add docs --watch", tmp_path, PYTHONPATH=str(tmp_path / "without"))
    assert done.exit_code == 2
    assert done.stderr.splitlines()[-1] == (
        "indexer: --watch needs the library watchfiles; install it with: "
        "pip install 'passage-search[watch]'"
    )
    assert not (tmp_path / "ix").exists()


# Whoever is root in a namespace of his own may set how many watches there are in it.
FEW_WATCHES = (
    *("unshare", "--user", "--map-root-user", "bash", "-c"),
    'echo 2 > /proc/sys/user/max_inotify_watches && exec "$0" "$@"',
)


def may_set_watches() -> bool:
    if shutil.which("unshare") is None:
        return False
    return subprocess.run([*FEW_WATCHES, "true"], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not may_set_watches(), reason="the system lets nobody have few watches")
def test_where_the_system_tells_nothing_all_is_looked_at_from_time_to_time(tmp_path: Path) -> None:
    write(tmp_path / "docs" / "a" / "b" / "c" / "plums.txt", "plums")
    with watching(tmp_path, "docs", first=FEW_WATCHES) as process:
        process.until_ids("plums.txt")
        write(tmp_path / "docs" / "pears.txt", "pears")
        process.until_ids("plums.txt", "pears.txt")
        assert process.stop() == 0
        _, told, _ = process.err().splitlines()
        assert told == (
            "indexer: the system cannot tell of changes in these folders (OS file watch limit "
            "reached); they are looked at every 10 seconds instead; if it has too few watches, "
            "allow more with: sudo sysctl fs.inotify.max_user_watches=1048576"
        )


# Without a process


def test_an_update_that_is_interrupted_changes_nothing(tmp_path: Path) -> None:
    for number in range(3):
        write(tmp_path / "docs" / f"{number}.txt", f"plum {number}")

    def interrupt(source: str) -> None:
        if source.endswith("1.txt"):
            raise Interruption(signal.SIGTERM)

    with pytest.raises(Interruption):
        follow_files([str(tmp_path / "docs")], tmp_path / "ix", on_file=interrupt)
    assert not PassageIndex.at(tmp_path / "ix").exists()
    assert follow_files([str(tmp_path / "docs")], tmp_path / "ix").added == 3


def test_only_what_may_have_changed_is_looked_at(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    for name in ("a/one", "a/two", "b/three", "four"):
        write(docs / f"{name}.txt", name)
    build_index([str(docs)], tmp_path / "ix", options=ReadOptions(language="en"))
    for name in ("a/one", "a/two", "b/three"):
        write(docs / f"{name}.txt", name, "It is another one.\n")
    (docs / "four.txt").unlink()

    def follow(*paths: str) -> tuple[int, int, int]:
        within = [str(docs / path) for path in paths]
        report = follow_files([str(docs)], tmp_path / "ix", within=within)
        return report.updated, report.removed, report.unchanged

    assert follow("a/one.txt", "c") == (1, 0, 0)
    assert follow("a") == (1, 0, 1)
    assert follow("../elsewhere") == (0, 0, 0)
    assert follow("four.txt") == (0, 1, 0)
    assert follow("") == (1, 0, 2)


def test_regions() -> None:
    region = Region(["/a/b", "/c"])
    assert [one for one in ("/a", "/a/b", "/a/bc", "/a/b/d/e", "/c", "/") if region.holds(one)] == [
        "/a/b",
        "/a/b/d/e",
        "/c",
    ]
    assert [one for one in ("/a", "/a/x", "/a/b/d", "/", "/d") if region.touches(one)] == [
        *("/a", "/a/b/d", "/"),
    ]


def test_what_a_region_holds_is_found_as_without_one(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    names = ("a/one.txt", "a/b/two.txt", "a/b/three.md", "c/four.txt", "five.txt", ".six.txt")
    for name in names:
        write(docs / name, name)
    (docs / "link").symlink_to("c")
    include = ("a/**/*.txt", "c")
    everything = find_files([str(docs)], include=include).files
    for name in ("a", "a/b", "a/b/two.txt", "c", "five.txt", "a/one.txt", "nothing"):
        region = Region([str(docs / name)])
        found = find_files([str(docs)], include=include, within=region)
        assert found.files == tuple(one for one in everything if region.holds(str(one.path)))
        assert (found.skipped, found.hidden) == ((), ())


def test_what_may_have_changed_adds_up() -> None:
    some = Changed(frozenset({"/a"})) | Changed() | Changed(frozenset({"/b"}))
    assert some == Changed(frozenset({"/a", "/b"}))
    assert some | Changed(is_all=True) == Changed(is_all=True)
    assert Changed() | Changed(frozenset(map(str, range(1_000)))) == Changed(is_all=True)
    assert (bool(some), bool(Changed()), bool(Changed(is_all=True))) == (True, False, True)


def test_what_was_skipped_is_told_again_when_it_was_not_meanwhile() -> None:
    one, other = (Skipped(name, SkipReason.BROKEN, "it is broken") for name in "ab")
    told = _Told()
    assert told.new([one], is_all=True) == (one,)
    assert told.new([one, other], is_all=False) == (other,)
    assert told.new([one], is_all=True) == ()
    assert told.new([one, other], is_all=True) == (other,)

"""Both commands where the system gives little: streams, open files, sizes of files, rights."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from indexer.storage.index import PassageIndex
from tests.commands import Ran, sh, without_durations

CLOSED_INPUT = "skipped -: the system refuses it: standard input is closed"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of one file, and larger files beside it."""
    tmp_path = tmp_path_factory.mktemp("edges")
    (tmp_path / "plums.txt").write_text("On plums\n\nPlums are blue.\n", "utf-8")
    assert sh("indexer -i ix add plums.txt", tmp_path).exit_code == 0
    (tmp_path / "more").mkdir()
    for number in range(5):
        text = f"On ferry {number}\n\n" + f"The ferry {number} left at noon. " * 10_000
        (tmp_path / "more" / f"{number}.txt").write_text(text, "utf-8")
    return tmp_path


@pytest.fixture
def home(model: Path, tmp_path: Path) -> Path:
    """A copy of the model, for one test."""
    return Path(shutil.copytree(model, tmp_path / "home"))


def generation(index: Path) -> int:
    return PassageIndex.at(index).manifest().generation


# Streams that were closed


CLOSED = ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"]
ANSWERS = [
    ("search -i ix --format ids plums", 0, "plums.txt#aeqjagvi\n", ""),
    ("search -i ix -q zeppelin", 1, "", ""),
    ("search --in plums.txt -c plums", 0, "1\n", ""),
    ("indexer -i ix stats --json | head -c 1", 0, "{", ""),
    ("indexer -i ix list", 0, "plums.txt      1  en   -           On plums\n", ""),
    ("search --version", 0, "search, version 0.1.0\n", ""),
    ("search -i gone x", 3, "", "search: no index at gone; create one with: {}\n"),
]


@pytest.mark.parametrize("closed", CLOSED)
def test_closed_streams_are_no_fault(home: Path, closed: str) -> None:
    for command, code, stdout, stderr in ANSWERS:
        first, _, rest = command.partition(" | ")
        if rest and ">&-" in closed.replace("2>&-", ""):
            continue
        done = sh(f"{first} {closed} {rest and '|'} {rest}", home)
        said = stderr.format("indexer -i gone add FILE...")
        has_output = ">&-" not in closed.replace("2>&-", "")
        assert done == Ran(stdout if has_output else "", "" if "2>&-" in closed else said, code), (
            command
        )


@pytest.mark.parametrize("closed", [one for one in CLOSED if "<&-" in one])
def test_closed_standard_input_is_named(home: Path, closed: str) -> None:
    said = "" if "2>&-" in closed else f"indexer: {CLOSED_INPUT}\n"
    done = sh(f"indexer -i ix add - {closed}", home)
    assert (done.stderr, done.exit_code) == (said, 1)
    said = "" if "2>&-" in closed else f"search: there is nothing to search: {CLOSED_INPUT}\n"
    done = sh(f"search --in - {closed} -- x", home)
    assert (done.stderr, done.exit_code) == (said, 2)


@pytest.mark.parametrize("closed", ["<&-", "<&- >&- 2>&-"])
def test_no_file_of_an_index_takes_the_place_of_a_stream(home: Path, closed: str) -> None:
    assert sh(f"indexer -i new.ix add --jobs 2 more plums.txt {closed}", home).exit_code == 0
    assert sh("search -i new.ix -c ferry", home).stdout == "5\n"


# What cannot be printed


full = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")  # noqa: PTH110


@full
def test_a_report_that_cannot_be_printed_says_what_is_done(home: Path) -> None:
    done = sh("indexer -i new.ix add plums.txt >/dev/full", home)
    assert done == Ran(
        "",
        "indexer: cannot write the output: No space left on device; the index is up to date\n",
        3,
    )
    assert generation(home / "new.ix") == 1


@full
def test_standard_error_that_takes_nothing_changes_nothing_else(home: Path) -> None:
    done = sh("indexer -i ix add gone.txt 2>/dev/full", home)
    said = without_durations(done.stdout)
    assert (said, done.exit_code) == ("nothing to add; skipped 1; N ms\n", 1)
    assert "plums.txt:3 · " in sh("search -i ix plums 2>/dev/full", home).stdout
    assert sh("search -i ix --nonsense 2>/dev/full", home).exit_code == 2


# Limits of the system


@pytest.mark.parametrize("files", [10, 7])
def test_few_open_files_are_named_with_the_remedy(home: Path, files: int) -> None:
    done = sh(f"ulimit -n {files}; indexer -i new.ix add --jobs 4 more", home)
    remedy = "allow more (ulimit -n), or use fewer processes (--jobs 1)"
    assert done.exit_code == 3
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert "Too many open files; nothing was changed: " in line
    assert remedy in line
    assert generation(home / "new.ix") == 0
    done = sh(f"ulimit -n {files}; indexer -i new.ix add --jobs 1 more", home)
    assert (done.stderr, done.exit_code) == ("", 0)


def test_the_file_that_may_not_grow_is_named(home: Path) -> None:
    done = sh("ulimit -f 4; indexer -i new.ix add --jobs 1 more", home)
    assert done == Ran(
        "",
        "indexer: the index at new.ix cannot be written: File too large; nothing was "
        "changed: allow larger files (ulimit -f), then run the command again\n",
        3,
    )
    assert generation(home / "new.ix") == 0
    done = sh("ulimit -f 1; search -i ix --format csv -n all plums plums plums >out", home)
    assert done == Ran("", "", 0)  # it fits
    done = sh("(ulimit -f 0; search -i ix --json plums >out)", home)
    assert done == Ran("", "search: cannot write the output: File too large\n", 3)
    done = sh("(ulimit -f 0; indexer --help >out)", home)
    assert done == Ran("", "indexer: cannot write the output: File too large\n", 3)


# Rights


def without_privilege(command: str, folder: Path) -> Ran:
    """Run a command for which rights count, as they do not for root."""
    if os.geteuid() == 0:
        dropped = "-dac_override,-dac_read_search"
        command = f"setpriv --bounding-set={dropped} --inh-caps={dropped} {command}"
    return sh(command, folder)


@pytest.fixture
def strict(home: Path) -> Path:
    (home / "secret").write_text("x")
    (home / "secret").chmod(0)
    if "Permission denied" not in without_privilege("cat secret", home).stderr:
        pytest.skip("nothing can be forbidden to this user")
    return home


READERS = ["search -i ix -c plums", "indexer -i ix list"]
WRITERS = ["indexer -i ix add --lang de plums.txt", "indexer -i ix remove plums.txt"]


@pytest.mark.parametrize("command", [*READERS, "indexer -i ix stats", *WRITERS])
def test_an_index_that_may_not_be_entered(strict: Path, command: str) -> None:
    (strict / "ix").chmod(0)
    done = without_privilege(command, strict)
    (strict / "ix").chmod(0o755)
    assert (done.stdout, done.exit_code) == ("", 3)
    (line,) = done.stderr.splitlines()
    assert "the index at ix cannot be " in line
    assert "Permission denied" in line


@pytest.mark.parametrize(
    ("name", "command"),
    [
        *(("manifest.json", command) for command in [*READERS, *WRITERS]),
        ("*.doc", READERS[0]),
        ("*.doc", WRITERS[0]),
        ("*.pst", READERS[0]),
        ("*.pst", WRITERS[1]),
        ("origins-*.json", "indexer -i ix stats"),
    ],
)
def test_a_file_of_an_index_that_may_not_be_read(strict: Path, name: str, command: str) -> None:
    (path,) = (strict / "ix").glob(name)
    path.chmod(0)
    done = without_privilege(command, strict)
    path.chmod(0o644)
    assert (done.stdout, done.exit_code) == ("", 3)
    (line,) = done.stderr.splitlines()
    assert "the index at ix cannot be read: Permission denied; check the permissions" in line


def test_an_index_that_may_only_be_read(strict: Path) -> None:
    (strict / "ix").chmod(0o555)
    for path in (strict / "ix").iterdir():
        path.chmod(0o444)
    for command in READERS:
        assert without_privilege(command, strict).exit_code == 0, command
    for command in WRITERS:
        done = without_privilege(command, strict)
        assert (done.stdout, done.exit_code) == ("", 3), command
        assert "the index at ix cannot be written: Permission denied; nothing was" in done.stderr

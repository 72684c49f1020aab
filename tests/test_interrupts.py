"""Signals at many moments of a command: what it says, what it ends with, what is in the index."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import textwrap
import time
from typing import TYPE_CHECKING, NamedTuple

import pytest

from indexer.storage.index import PassageIndex
from tests.commands import BIN, environment, sh

if TYPE_CHECKING:
    from pathlib import Path

SAID = "indexer: interrupted; nothing was changed\n"
CODES = {signal.SIGINT: 130, signal.SIGTERM: 143}

# The interpreter loads it before a command. When the command has seen to signals, its doings are
# counted, such as importing, opening, renaming; at some of them it is sent a signal.
SENDER = textwrap.dedent(
    """
    import json
    import os
    import sys

    import _signal

    wanted = json.loads(os.environ["SENDER"])
    me = os.getpid()
    doings = 0


    def count(event, _arguments):
        global doings
        if event not in wanted["events"] or os.getpid() != me:
            return
        if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
            return
        doings += 1
        if doings in wanted["at"]:
            os.kill(me, wanted["signal"])
        if wanted["counted"]:
            with open(wanted["counted"], "w") as file:
                file.write(str(doings))


    # Before "import" is first told, as another one may be that of this module.
    _signal.signal(_signal.SIGINT, _signal.default_int_handler)
    sys.addaudithook(count)
    """
)
EVENTS = ("import", "os.rename", "os.remove", "os.listdir", "os.mkdir", "os.rmdir", "fcntl.flock")


class Ended(NamedTuple):
    """How a command ended."""

    exit_code: int
    stdout: str
    stderr: str


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three files to index, and what sends signals."""
    (tmp_path / "sender").mkdir()
    (tmp_path / "sender" / "sitecustomize.py").write_text(SENDER, "utf-8")
    for name in ("plums", "pears", "figs"):
        (tmp_path / f"{name}.txt").write_text(f"On {name}\n\nThe {name} are ripe.\n", "utf-8")
    return tmp_path


def run(command: str, folder: Path, *, at: tuple[int, ...], sent: int, counted: str = "") -> Ended:
    """Run a command that gets a signal at some of its doings, from 1.

    counted names a file that gets how many there were.
    """
    sender = {"events": EVENTS, "at": at, "signal": sent, "counted": counted}
    program, *arguments = command.split()
    done = subprocess.run(
        [BIN / program, *arguments],
        cwd=folder,
        env=environment(folder, PYTHONPATH=str(folder / "sender"), SENDER=json.dumps(sender)),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
        check=False,
    )
    return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())


def doings_of(command: str, folder: Path) -> int:
    """How many doings a command has that gets no signal."""
    file = folder / "counted"
    done = run(command, folder, at=(), sent=0, counted=str(file))
    assert done.exit_code == 0
    return int(file.read_text())


def generation(index: Path) -> int:
    return PassageIndex.at(index).manifest().generation


def test_what_is_committed_exits_0_and_nothing_else(folder: Path) -> None:
    """From the first moment to the last, most of them near the commit; both signals in turn."""
    total = doings_of("indexer -i counted.ix add plums.txt pears.txt", folder)
    assert total > 200
    seen = set()
    for number in [*range(1, total - 12, total // 11), *range(total - 12, total + 1)]:
        index = folder / f"{number}.ix"
        sent = (signal.SIGINT, signal.SIGTERM)[number % 2]
        ended = run(f"indexer -i {index} add plums.txt pears.txt", folder, at=(number,), sent=sent)
        committed = generation(index) > 0
        seen.add(committed)
        if committed:
            assert ended[::2] == (0, ""), number
            assert ended.stdout.startswith("added 2 articles (2 passages); "), number
        else:
            assert ended == (CODES[sent], "", SAID), number
    assert seen == {True, False}


def test_a_removal_is_whole_or_was_not_begun(folder: Path) -> None:
    assert sh("indexer -i ix add plums.txt pears.txt", folder).exit_code == 0
    (folder / "ix").rename(folder / "was.ix")
    assert sh("cp -r was.ix ix", folder).exit_code == 0
    total = doings_of("indexer -i ix remove plums.txt", folder)
    seen = set()
    for number in [1, total // 2, *range(total - 10, total + 1, 2)]:
        assert sh("rm -r ix && cp -r was.ix ix", folder).exit_code == 0
        ended = run("indexer -i ix remove plums.txt", folder, at=(number,), sent=signal.SIGINT)
        committed = generation(folder / "ix") > 1
        seen.add(committed)
        expected = Ended(0, "removed 1 article\n", "") if committed else Ended(130, "", SAID)
        assert ended == expected, number
    assert seen == {True, False}


def _damage(index: Path) -> None:
    """Have the newest segment not be whole."""
    newest = max(index.glob("*.pst"), key=lambda path: path.stat().st_mtime_ns)
    raw = bytearray(newest.read_bytes())
    raw[len(raw) // 2] ^= 1
    newest.write_bytes(raw)


@pytest.mark.parametrize("command", ["compact", "check --repair"])
def test_the_care_of_an_index_is_whole_or_was_not_begun(folder: Path, command: str) -> None:
    assert sh("indexer -i was.ix add plums.txt pears.txt figs.txt", folder).exit_code == 0
    assert sh("indexer -i was.ix remove figs.txt", folder).exit_code == 0
    if command != "compact":
        _damage(folder / "was.ix")
    assert sh("cp -r was.ix ix", folder).exit_code == 0
    total = doings_of(f"indexer -i ix {command}", folder)
    was = json.loads((folder / "was.ix" / "manifest.json").read_bytes())["generation"]
    seen = set()
    for number in [total // 2, *range(total - 12, total + 1, 2)]:
        assert sh("rm -r ix && cp -r was.ix ix", folder).exit_code == 0
        ended = run(f"indexer -i ix {command}", folder, at=(number,), sent=signal.SIGINT)
        now = json.loads((folder / "ix" / "manifest.json").read_bytes())["generation"]
        seen.add(now > was)
        if now > was:
            assert ended[::2] == (0, ""), number
            assert sh("indexer -i ix check", folder).exit_code == 0
        else:
            assert ended == Ended(130, "", SAID), number
    assert seen == {True, False}


@pytest.mark.parametrize("sent", CODES)
def test_two_signals_in_a_row_are_one(folder: Path, sent: signal.Signals) -> None:
    total = doings_of("indexer -i counted.ix add plums.txt", folder)
    for number in range(1, total, total // 4):
        index = folder / f"{number}.ix"
        ended = run(f"indexer -i {index} add plums.txt", folder, at=(number, number + 1), sent=sent)
        assert ended in {Ended(CODES[sent], "", SAID), Ended(0, ended.stdout, "")}
        assert (ended.exit_code == 0) == (generation(index) > 0)


@pytest.mark.parametrize("sent", CODES)
def test_a_search_that_is_interrupted_ends_quietly(folder: Path, sent: signal.Signals) -> None:
    assert sh("indexer -i ix add plums.txt", folder).exit_code == 0
    total = doings_of("search -i ix --format ids plums", folder)
    assert total > 50
    for number in range(1, total, total // 6):
        ended = run("search -i ix --format ids plums", folder, at=(number,), sent=sent)
        if ended.exit_code == 0:
            assert ended.stdout.startswith("plums.txt#")
        else:
            assert ended[::2] == (CODES[sent], ""), number


def test_a_signal_that_is_ignored_stays_ignored(folder: Path) -> None:
    """As under nohup, or in the background of a script."""
    ended = sh("trap '' INT TERM; indexer -i ix add plums.txt & sleep .2; kill %1; wait", folder)
    assert ended.stdout.startswith("added 1 article")
    assert generation(folder / "ix") == 1


def records(path: Path, count: int) -> None:
    text = "The ferry left the harbour at noon, and nobody waited for the next one. " * 20
    path.write_text("".join(f'{{"id": "a{n}", "text": "{text}"}}\n' for n in range(count)))


@pytest.mark.parametrize("sent", CODES)
@pytest.mark.parametrize("group", [False, True])
def test_a_large_build_with_helpers(
    folder: Path,
    sent: signal.Signals,
    group: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """The signal reaches the process alone, or its helpers as well, as on a terminal."""
    records(folder / "r.jsonl", 3_000)
    with subprocess.Popen(
        [BIN / "indexer", "-i", "ix", "add", "--jobs", "2", "r.jsonl"],
        cwd=folder,
        env=environment(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        while not (folder / "ix" / "writer.json").exists():
            assert process.poll() is None
            time.sleep(0.01)
        time.sleep(0.2)
        (os.killpg if group else os.kill)(process.pid, sent)
        stdout, stderr = process.communicate(timeout=60)
    assert (process.returncode, stdout, stderr.decode()) == (CODES[sent], b"", SAID)
    assert generation(folder / "ix") == 0
    with pytest.raises(ProcessLookupError):  # no helper is left
        os.killpg(process.pid, 0)


def test_ctrl_c_on_a_terminal_leaves_no_bar(tmp_path: Path) -> None:
    records(tmp_path / "r.jsonl", 30_000)
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [BIN / "indexer", "-i", "ix", "add", "--jobs", "1", "r.jsonl"],
        cwd=tmp_path,
        env=environment(tmp_path, TERM="xterm"),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    ) as process:
        os.close(theirs)
        shown = b""
        while b"Indexing" not in shown:
            shown += os.read(ours, 4096)
        process.send_signal(signal.SIGINT)
        try:
            while chunk := os.read(ours, 4096):
                shown += chunk
        except OSError:  # Linux reports the end of a terminal so
            pass
    os.close(ours)
    assert process.returncode == 130
    # What is erased is the line of the bar; the cursor is shown again.
    assert shown.decode().endswith("\r\x1b[2K\x1b[?25h" + SAID.replace("\n", "\r\n"))
    assert generation(tmp_path / "ix") == 0

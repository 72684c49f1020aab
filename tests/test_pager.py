"""Long text on a terminal goes through PAGER, as with git; nothing else does."""

from __future__ import annotations

import os
import pty
import shutil
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from search.pager import pager_command
from tests.commands import BIN, copy_sample, environment, sh

if TYPE_CHECKING:
    from pathlib import Path

#: Keeps what it is given, and says how it was called.
RECORDER = """#!/bin/sh
cat > paged
echo "LESS=$LESS LV=$LV" > settings
echo "the pager is left"
exit ${PAGER_EXIT:-0}
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    copy_sample(tmp_path)
    assert sh("indexer add indexer/sample/article.txt", tmp_path).exit_code == 0
    pager = tmp_path / "pager"
    pager.write_text(RECORDER, "utf-8")
    pager.chmod(0o755)
    return tmp_path


def on_terminal(command: str, folder: Path, **variables: str) -> tuple[str, int]:
    """What a terminal of 24 lines shows, and the exit code."""
    settings = {"TERM": "xterm", "LINES": "24", "COLUMNS": "80", "PAGER": "./pager"}
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        ["bash", "-c", command],
        cwd=folder,
        env=environment(folder, **{**settings, **variables}),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        shown = b""
        try:
            while chunk := os.read(ours, 1 << 16):
                shown += chunk
        except OSError:  # Linux reports the end of a terminal so
            pass
    os.close(ours)
    return shown.decode().replace("\r\n", "\n"), process.returncode


def test_what_does_not_fit_is_paged(home: Path) -> None:
    shown, code = on_terminal("search -n all arrests", home)
    paged = (home / "paged").read_text("utf-8")
    assert code == 0
    assert paged.count("\n") > 24
    assert "article.txt#kpxgjujb" in paged
    assert "\x1b[1;31marrests\x1b[0m" in paged
    assert "\x1b]8;" not in paged  # pagers are older than links
    # What is beside the passages comes when the pager is left.
    left, _, summary = shown.partition("the pager is left\n")
    assert left == ""
    assert summary.startswith("6 passages, ")
    assert (home / "settings").read_text("utf-8") == "LESS=FRX LV=-c\n"


def test_what_fits_is_not(home: Path) -> None:
    shown, code = on_terminal("search -n 1 arrests", home)
    assert code == 0
    assert "1 of 6 passages" in shown
    assert not (home / "paged").exists()


@pytest.mark.parametrize(
    ("command", "variables"),
    [
        ("search --no-pager -n all arrests", {}),
        ("search -n all arrests", {"PAGER": ""}),
        ("search -n all arrests", {"PAGER": "cat"}),
        ("search -n all arrests", {"TERM": "dumb"}),
        ("search -n all arrests", {"LINES": ""}),  # this terminal does not know its height
        ("search -n all arrests | cat", {}),
        ("search -n all --json arrests", {}),
        ("search -n all --format csv arrests", {}),
        ("search -n all --template '{text}\\n\\n\\n\\n\\n' arrests", {}),
    ],
)
def test_what_is_not_paged(home: Path, command: str, variables: dict[str, str]) -> None:
    shown, code = on_terminal(command, home, **variables)
    assert code == 0
    assert "arrests" in shown
    assert not (home / "paged").exists()


def test_a_pager_that_is_not_there_loses_nothing(home: Path) -> None:
    shown, code = on_terminal("search -n all arrests", home, PAGER="no-such-pager", NO_COLOR="1")
    whole = sh("COLUMNS=80 search -n all arrests", home).stdout
    assert code == 0
    assert whole in shown
    assert "no-such-pager" in shown  # the shell says so


def test_a_pager_cannot_change_the_answer(home: Path) -> None:
    _, code = on_terminal("search -n all arrests", home, PAGER_EXIT="9")
    assert code == 0
    assert (home / "paged").exists()
    _, code = on_terminal("search --timeout 0.0000001 -n all arrests", home)
    assert code == 3


def test_a_pager_may_be_left_early(home: Path) -> None:
    records = "On plums\n\n" + "".join(f"Plum number {at} fell.\n\n" for at in range(4_000))
    (home / "plums.txt").write_text(records, "utf-8")
    command = "search --in plums.txt -n all --sort article plum"
    shown, code = on_terminal(command, home, PAGER="head -1", NO_COLOR="1")
    assert code == 0
    first, summary = shown.splitlines()
    assert first == "On plums"
    assert summary.startswith("4,000 passages, ")


def test_settings_of_the_user_stay(home: Path) -> None:
    on_terminal("search -n all arrests", home, LESS="-S")
    assert (home / "settings").read_text("utf-8") == "LESS=-S LV=-c\n"


def test_an_interrupt_is_for_the_pager(home: Path) -> None:
    """As less takes Ctrl-C for the end of a command of its own, and goes on."""
    (home / "pager").write_text(
        "#!/bin/sh\ntrap 'echo interrupted > told' INT\ncat > paged\necho > ready\n"
        "while ! [ -e told ]; do sleep .05; done\n",
        "utf-8",
    )
    ours, theirs = pty.openpty()
    variables = {"TERM": "xterm", "LINES": "24", "COLUMNS": "80", "PAGER": "./pager"}
    with subprocess.Popen(
        [BIN / "search", "-n", "all", "arrests"],
        cwd=home,
        env=environment(home, **variables),
        stdin=theirs,
        stdout=theirs,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        os.close(theirs)
        while not (home / "ready").exists():
            assert process.poll() is None
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGINT)
        assert process.stderr is not None
        told = process.stderr.read().decode()
    os.close(ours)
    assert (home / "told").read_text("utf-8") == "interrupted\n"
    assert process.returncode == 0
    assert told.startswith("6 passages, ")


@pytest.mark.skipif(shutil.which("less") is None, reason="the system has no less")
def test_less_is_the_pager_where_none_is_named(tmp_path: Path) -> None:
    found = os.path.dirname(shutil.which("less") or "")  # noqa: PTH120 - as PATH has it
    assert pager_command({"PATH": found}) == "less"
    assert pager_command({"PATH": str(tmp_path)}) is None
    assert pager_command({"PAGER": "more -s"}) == "more -s"

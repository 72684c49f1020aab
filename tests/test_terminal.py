from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.terminal import escaped_json, one_line, visible

ROOT = Path(__file__).parent.parent
PROGRAM = (
    "import json, os; from indexer.terminal import Colour, stdout_look;"
    "look = stdout_look(colour=Colour(os.environ.get('ASKED', 'auto')));"
    "print(json.dumps([look.width_columns, look.colour, look.hyperlinks]))"
)


def environment(variables: dict[str, str]) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **variables}


def look_on_terminal(variables: dict[str, str]) -> list[object]:
    ours, theirs = pty.openpty()
    subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment(variables), stdout=theirs, check=True
    )
    look: list[object] = json.loads(os.read(ours, 4096))
    os.close(ours)
    os.close(theirs)
    return look


def look_in_pipe(variables: dict[str, str]) -> list[object]:
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=environment(variables),
        capture_output=True,
        check=True,
    )
    look: list[object] = json.loads(ended.stdout)
    return look


@pytest.mark.parametrize(
    ("variables", "look"),
    [
        ({"TERM": "xterm"}, [80, True, True]),
        ({"TERM": "xterm", "COLUMNS": "33"}, [33, True, True]),
        ({"TERM": "xterm", "COLUMNS": "0"}, [80, True, True]),
        ({"TERM": "xterm", "NO_COLOR": "1"}, [80, False, False]),
        ({"TERM": "xterm", "NO_COLOR": ""}, [80, True, True]),
        ({"TERM": "xterm", "NO_COLOR": "1", "FORCE_COLOR": "1"}, [80, False, False]),
        ({"TERM": "linux"}, [80, True, False]),
        ({"TERM": "dumb"}, [80, False, False]),
        ({"TERM": "dumb", "CLICOLOR_FORCE": "1"}, [80, True, False]),
        ({"TERM": "xterm", "NO_COLOR": "1", "ASKED": "always"}, [80, True, True]),
        ({"TERM": "dumb", "ASKED": "always"}, [80, True, False]),
        ({"TERM": "xterm", "FORCE_COLOR": "1", "ASKED": "never"}, [80, False, False]),
    ],
)
def test_look_on_a_terminal(variables: dict[str, str], look: list[object]) -> None:
    assert look_on_terminal(variables) == look


@pytest.mark.parametrize(
    ("variables", "look"),
    [
        ({"TERM": "xterm"}, [None, False, False]),
        ({"TERM": "xterm", "COLUMNS": "40"}, [40, False, False]),
        ({"TERM": "xterm", "COLUMNS": "wide"}, [None, False, False]),
        ({"TERM": "xterm", "FORCE_COLOR": "1"}, [None, True, False]),
        ({"TERM": "xterm", "FORCE_COLOR": "0"}, [None, False, False]),
        ({"NO_COLOR": "1", "ASKED": "always"}, [None, True, False]),
        ({"FORCE_COLOR": "1", "ASKED": "never"}, [None, False, False]),
    ],
)
def test_look_in_a_pipe(variables: dict[str, str], look: list[object]) -> None:
    assert look_in_pipe(variables) == look


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain é 港\n\t.", "plain é 港\n\t."),
        ("\x1b]8;;x\x07", "␛]8;;x␇"),
        ("\x00\r\x7f", "␀␍␡"),
        ("\x80\x9b\udce9", "���"),
        # What turns the direction of writing for all that follows; marks that do not are kept.
        ("\u202aa\u202e\u2066\u2069", "�a���"),
        ("ש\u200fا\u061c", "ש\u200fا\u061c"),
    ],
)
def test_control_characters_become_visible(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("plain é 港.", "plain é 港."),
        ("a\nb\tc\r\x0b\x0c\x1c", "a␊b␉c␍␋␌␜"),
        ("\x85\u2028\u2029", "�␤␤"),
    ],
)
def test_one_line_is_one(text: str, line: str) -> None:
    assert one_line(text) == line
    assert len(one_line(text).splitlines()) == 1


@given(st.text())
def test_json_holds_nothing_raw_and_says_the_same(text: str) -> None:
    escaped = escaped_json(json.dumps([text], ensure_ascii=False))
    assert json.loads(escaped) == [text]
    assert escaped == one_line(escaped)
    assert escaped.encode()  # halves of characters cannot be

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from indexer.console import Ending
from indexer.errors import EXIT_CRASH, EXIT_INDEX, EXIT_INTERRUPTED, EXIT_USAGE

ROOT = Path(__file__).parent.parent
PLEASE = "; please report it (PASSAGE_DEBUG=1 shows the traceback)\n"

# A command like the project's own: it answers, fails or waits as its argument says.
TOOL = textwrap.dedent(
    """
    import json
    import sys
    import time
    import warnings

    import click

    from indexer.console import Ending, live_line, note, progress, run, write_out
    from indexer.errors import IndexMissingError, QuerySyntaxError
    from indexer.model import Span


    @click.group()
    @click.option("--json", "as_json", is_flag=True)
    def tool(as_json):
        pass


    @tool.command()
    @click.argument("text", default="")
    def say(text):
        write_out([text, "\\n"])


    @tool.command()
    @click.argument("code", type=int)
    @click.option("--how", type=click.Choice(["return", "exit"]))
    def end(code, how):
        if how == "return":
            return code
        click.get_current_context().exit(code)


    @tool.command()
    def flood():
        write_out(f"line {number} of a long answer\\n" for number in range(100_000))


    @tool.command()
    @click.argument("name")
    def fail(name):
        if name == "missing":
            hint = "make one with: indexer add FILE"
            raise IndexMissingError("no index at 'a\\x1b[31m'", hint=hint)
        if name == "syntax":
            raise QuerySyntaxError("a (b", Span(2, 3), "unclosed parenthesis", hint="write )")
        if name == "memory":
            raise MemoryError
        if name == "end of file":
            raise EOFError("a file ended\\nearly")
        if name == "pipe":
            raise BrokenPipeError("a worker is gone")
        warnings.warn("this is advice to programmers")
        raise ValueError("nobody foresaw\\n\\x1b[31mthis")


    @tool.command()
    def wait():
        try:
            note("waiting")
            time.sleep(60)
        finally:
            note("unwound")


    @tool.command()
    @click.option("--delay", type=float)
    @click.option("--length", type=int)
    def work(delay, length):
        with progress("Baking", length=length, delay_seconds=delay) as advance:
            for _ in range(8):
                advance(1)
        note("baked")


    @tool.command()
    @click.option("--delay", type=float)
    @click.option("--broken", is_flag=True)
    def live(delay, broken):
        with live_line(delay_seconds=delay) as show:
            for number in range(3):
                show(lambda width: f"step {number} in {width}")
                show(lambda width: "too soon to be drawn")
                time.sleep(0.15)
            if broken:
                raise MemoryError
        note("done")


    def in_json(parameters, failure):
        if not parameters["as_json"]:
            return ""
        return json.dumps(failure.record()) + "\\n"


    run(tool, prog="tool", error_output=in_json, ending=Ending.CLEAN)
    """
)


@pytest.fixture(scope="module", params=Ending)
def tool(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("console") / "tool.py"
    path.write_text(TOOL.replace("Ending.CLEAN", str(request.param)), encoding="utf-8")
    return path


def environment(**variables: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **variables}


def run_tool(
    tool: Path, *args: str, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, tool, *args],
        env=environment() if env is None else env,
        capture_output=True,
        check=False,
    )


def run_shell(tool: Path, command: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command line in which "tool" is the tool; the exit code is that of its first part."""
    return subprocess.run(
        ["bash", "-c", f'tool() {{ "$PYTHON" "$TOOL" "$@"; }}; {command}; exit ${{PIPESTATUS[0]}}'],
        env=environment(PYTHON=sys.executable, TOOL=str(tool)),
        capture_output=True,
        check=False,
    )


def run_on_terminal(tool: Path, *args: str, **variables: str) -> tuple[int, str]:
    """The exit code, and what a terminal got from both streams."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, tool, *args],
        env=environment(**{"TERM": "xterm-256color", **variables}),
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        shown = b""
        try:
            while chunk := os.read(ours, 4096):
                shown += chunk
        except OSError:  # Linux reports the end of a terminal so
            pass
    os.close(ours)
    return process.returncode, shown.decode()


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (("say", "x"), 0),
        (("end", "1", "--how", "return"), 1),
        (("end", "3", "--how", "exit"), 3),
        (("--help",), 0),
    ],
)
def test_exit_code_is_what_the_command_says(tool: Path, args: tuple[str, ...], code: int) -> None:
    ended = run_tool(tool, *args)
    assert (ended.returncode, ended.stderr) == (code, b"")


@pytest.mark.parametrize(
    ("name", "code", "stderr"),
    [
        (
            "missing",
            EXIT_INDEX,
            "tool: no index at 'a␛[31m'; make one with: indexer add FILE\n",
        ),
        (
            "syntax",
            EXIT_USAGE,
            "tool: unclosed parenthesis; write )\n  a (b\n    ^\n",
        ),
        (
            "memory",
            EXIT_INDEX,
            "tool: out of memory: make room for it, or do less at once\n",
        ),
        (
            "end of file",
            EXIT_CRASH,
            f"tool: unexpected error: EOFError: a file ended early{PLEASE}",
        ),
        (
            "pipe",
            EXIT_CRASH,
            f"tool: unexpected error: BrokenPipeError: a worker is gone{PLEASE}",
        ),
        (
            "other",
            EXIT_CRASH,
            f"tool: unexpected error: ValueError: nobody foresaw ␛[31mthis{PLEASE}",
        ),
    ],
)
def test_errors_become_messages_and_codes(tool: Path, name: str, code: int, stderr: str) -> None:
    ended = run_tool(tool, "fail", name)
    assert (ended.returncode, ended.stdout.decode(), ended.stderr.decode()) == (code, "", stderr)


@pytest.mark.parametrize(
    ("args", "answer"),
    [
        (
            ("fail", "missing"),
            {
                "code": "index_missing",
                "message": "no index at 'a\x1b[31m'",
                "hint": "make one with: indexer add FILE",
                "exit_code": EXIT_INDEX,
                "span": None,
            },
        ),
        (
            ("fail", "syntax"),
            {
                "code": "query_syntax",
                "message": "unclosed parenthesis",
                "hint": "write )",
                "exit_code": EXIT_USAGE,
                "span": [2, 3],
            },
        ),
        (
            ("fail", "memory"),
            {
                "code": "out_of_memory",
                "message": "out of memory",
                "hint": "make room for it, or do less at once",
                "exit_code": EXIT_INDEX,
                "span": None,
            },
        ),
        (
            ("fail", "other"),
            {
                "code": "unexpected",
                "message": "unexpected error: ValueError: nobody foresaw \x1b[31mthis",
                "hint": "please report it (PASSAGE_DEBUG=1 shows the traceback)",
                "exit_code": EXIT_CRASH,
                "span": None,
            },
        ),
        (
            ("nonsense",),
            {
                "code": "usage",
                "message": "No such command 'nonsense'.",
                "hint": "see tool --help",
                "exit_code": EXIT_USAGE,
                "span": None,
            },
        ),
        (
            ("fail", "--jsn", "x"),
            {
                "code": "usage",
                "message": "No such option '--jsn'.",
                "hint": "see tool fail --help",
                "exit_code": EXIT_USAGE,
                "span": None,
            },
        ),
        (
            ("end", "--haw", "x"),
            {
                "code": "usage",
                "message": "No such option '--haw'.",
                "hint": "did you mean --how?",
                "exit_code": EXIT_USAGE,
                "span": None,
            },
        ),
    ],
)
def test_errors_can_be_told_on_standard_output(
    tool: Path, args: tuple[str, ...], answer: dict[str, object]
) -> None:
    ended = run_tool(tool, "--json", *args)
    assert json.loads(ended.stdout) == answer
    assert ended.returncode == answer["exit_code"]
    assert ended.stderr != b""


def test_usage_error_shows_the_usage(tool: Path) -> None:
    ended = run_tool(tool, "end", "x")
    assert ended.returncode == EXIT_USAGE
    assert ended.stderr.decode() == (
        "Usage: tool end [OPTIONS] CODE\n"
        "Try 'tool end --help' for help.\n"
        "\n"
        "Error: Invalid value for 'CODE': 'x' is not a valid integer.\n"
    )


def test_traceback_only_when_asked_for(tool: Path) -> None:
    ended = run_tool(tool, "fail", "other", env=environment(PASSAGE_DEBUG="1"))
    assert ended.returncode == EXIT_CRASH
    lines = ended.stderr.decode().splitlines()
    assert "Traceback (most recent call last):" in lines
    assert lines[-1].startswith("tool: unexpected error: ValueError: ")


@pytest.mark.parametrize(
    "command",
    [
        "tool flood | head -1",
        "tool flood 2>&1 | head -1",
        "tool say x | true",
    ],
)
def test_closed_pipe_ends_quietly(tool: Path, command: str) -> None:
    ended = run_shell(tool, command)
    assert (ended.returncode, ended.stderr) == (0, b"")


def test_closed_pipe_does_not_hide_an_error(tool: Path) -> None:
    ended = run_shell(tool, "tool --json fail missing 2>&1 | true")
    assert (ended.returncode, ended.stderr) == (EXIT_INDEX, b"")


def test_closed_standard_output_is_no_crash(tool: Path) -> None:
    ended = run_shell(tool, "tool say x >&-")
    assert (ended.returncode, ended.stderr) == (0, b"")


def test_closed_standard_error_sends_nothing_to_standard_output(tool: Path) -> None:
    ended = run_shell(tool, "tool nonsense 2>&-")
    assert (ended.returncode, ended.stdout) == (EXIT_USAGE, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
def test_full_disk_is_told(tool: Path) -> None:
    ended = run_shell(tool, "tool say x >/dev/full")
    assert ended.returncode == EXIT_INDEX
    assert ended.stderr == b"tool: cannot write the output: No space left on device\n"


@pytest.mark.parametrize(
    ("sent", "code"),
    [(signal.SIGINT, EXIT_INTERRUPTED), (signal.SIGTERM, 128 + signal.SIGTERM)],
)
def test_signals_end_it_quietly_and_cleanly(tool: Path, sent: signal.Signals, code: int) -> None:
    with subprocess.Popen(
        [sys.executable, tool, "wait"],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == b"waiting\n"
        process.send_signal(sent)
        stdout, stderr = process.communicate()
    assert (process.returncode, stdout, stderr) == (code, b"", b"unwound\n")


@pytest.mark.parametrize(
    "variables",
    [
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"LC_ALL": "C"},
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "latin-1"},
    ],
)
def test_output_is_utf8_in_any_locale(tool: Path, variables: dict[str, str]) -> None:
    path = tool.with_name("says.py")
    path.write_text(
        TOOL.replace("write_out([text,", 'write_out(["é港\\udce9\\ud800", text,'), encoding="utf-8"
    )
    ended = run_tool(path, "say", env=environment(**variables))
    # A byte of a file name comes out as it was; a character that cannot exist is marked.
    assert ended.stdout == "é港".encode() + b"\xe9" + "�\n".encode()
    assert (ended.returncode, ended.stderr) == (0, b"")


def test_shell_completion(tool: Path) -> None:
    ended = run_tool(tool, "tool fl", "fl", env=environment(_TOOL_COMPLETE="bash_complete"))
    assert ended.stdout.decode() == "=flood\n"


def test_long_work_draws_a_bar_on_a_terminal(tool: Path) -> None:
    code, shown = run_on_terminal(tool, "work", "--delay", "0", "--length", "8", COLUMNS="60")
    assert code == 0
    assert "Baking  [" in shown
    assert "100%" in shown
    assert shown.endswith("baked\r\n")


def test_work_of_unknown_length_is_counted(tool: Path) -> None:
    _, shown = run_on_terminal(tool, "work", "--delay", "0", COLUMNS="60")
    assert "]  8" in shown
    assert "%" not in shown


def test_short_work_draws_nothing(tool: Path) -> None:
    _, shown = run_on_terminal(tool, "work", "--delay", "60", "--length", "8")
    assert shown == "baked\r\n"


def test_no_bar_off_a_terminal(tool: Path) -> None:
    ended = run_tool(tool, "work", "--delay", "0", "--length", "8")
    assert (ended.stdout, ended.stderr) == (b"", b"baked\n")


def test_no_bar_on_a_dumb_terminal(tool: Path) -> None:
    _, shown = run_on_terminal(tool, "work", "--delay", "0", "--length", "8", TERM="dumb")
    assert shown == "baked\r\n"


def test_a_line_is_drawn_over_itself_and_is_gone_in_the_end(tool: Path) -> None:
    erased = "\r\x1b[2K\x1b[?25h"
    _, shown = run_on_terminal(tool, "live", "--delay", "0", COLUMNS="60")
    lines = "".join(f"\rstep {number} in 59\x1b[K" for number in range(3))
    assert shown == f"{lines}{erased}done\r\n"
    _, shown = run_on_terminal(tool, "live", "--delay", "0", "--broken", COLUMNS="60")
    assert shown.startswith(f"{lines}{erased}tool: out of memory")


def test_no_line_is_drawn_of_short_work_or_off_a_terminal(tool: Path) -> None:
    _, shown = run_on_terminal(tool, "live", "--delay", "60")
    assert shown == "done\r\n"
    _, shown = run_on_terminal(tool, "live", "--delay", "0", TERM="dumb")
    assert shown == "done\r\n"
    ended = run_tool(tool, "live", "--delay", "0")
    assert (ended.stdout, ended.stderr) == (b"", b"done\n")

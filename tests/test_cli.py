"""Both commands as processes: streams, signals, terminals, files without an index."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from indexer.build import build_index
from search.showing import PROG
from tests.commands import BIN, copy_sample, environment, sh

if TYPE_CHECKING:
    from pathlib import Path

SAMPLE = "indexer/sample/article.txt"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    copy_sample(tmp_path)
    assert sh(f"indexer add {SAMPLE}", tmp_path).exit_code == 0
    return tmp_path


def on_terminal(command: str, folder: Path, **more: str) -> tuple[str, int]:
    """What a command prints on a terminal, and its exit code."""
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        ["bash", "-c", command],
        cwd=folder,
        env=environment(folder, TERM="xterm-256color", **more),
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        close_fds=True,
    )
    os.close(terminal)
    printed = b""
    while True:
        try:
            piece = os.read(controller, 65536)
        except OSError:  # how Linux says that the other end is closed
            break
        if not piece:
            break
        printed += piece
    os.close(controller)
    return printed.decode().replace("\r\n", "\n"), process.wait(60)


def test_a_pipe_that_closes_ends_quietly(home: Path) -> None:
    done = sh(f"{PROG} -n all the --full | head -1; echo ${{PIPESTATUS[0]}}", home)
    title, code = done.stdout.splitlines()
    assert title.startswith("Activists in Southern California")
    assert code == "0"
    assert "Traceback" not in done.stderr
    assert "Broken" not in done.stderr


def test_ctrl_c_ends_with_130(home: Path) -> None:
    with subprocess.Popen(
        [BIN / "search", "--in", "-", "hotline"],
        cwd=home,
        env=environment(home),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        # More than a pipe holds: it has started reading when this is written.
        process.stdin.write(b"x" * (1 << 18))
        code = None
        for _ in range(60):
            process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):  # it came just before a read that waits
                code = process.wait(2)
                break
        process.kill()
        assert code == 130
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.read() == b""
        assert process.stderr.read() == b""


def test_a_terminal_gets_colour_and_links(home: Path) -> None:
    shown, code = on_terminal('search "phone trees"', home)
    assert code == 0
    assert "\x1b[1;31mphone\x1b[0m" in shown
    assert f"\x1b]8;;file://{os.uname().nodename}{home}/{SAMPLE}#L31\x1b\\" in shown
    assert re.search(r"\n\d+ passages?, .*s\n$", shown)


def test_links_lead_where_they_are_asked_to(home: Path) -> None:
    for command, more, target in (
        ("search --link vscode", {}, f"vscode://file{home}/{SAMPLE}:31:1"),
        ("search", {"PASSAGE_LINK": "x://y?f={path}&l={line}"}, f"x://y?f={home}/{SAMPLE}&l=31"),
    ):
        shown, code = on_terminal(f'{command} "phone trees"', home, **more)
        assert code == 0
        assert f"\x1b]8;;{target}\x1b\\" in shown
    shown, _ = on_terminal('search --link none "phone trees"', home)
    assert "\x1b]8" not in shown


def test_an_address_on_a_terminal_leads_to_the_very_passage(home: Path) -> None:
    page = "---\nurl: https://page.example\n---\n\nSo it was.\n\nIt rained.\n\nSo it was.\n"
    (home / "page.md").write_text(page, "utf-8")
    shown, _ = on_terminal("search --in page.md --all-copies --sort article so", home)
    assert re.findall("8;;(https:.*?)\x1b", shown) == [
        "https://page.example#:~:text=So%20it%20was.",
        "https://page.example#:~:text=It%20rained.-,So%20it%20was.",
    ]


def test_no_color_leaves_no_escape_sequence(home: Path) -> None:
    shown, code = on_terminal('search "phone trees"', home, NO_COLOR="1")
    assert code == 0
    assert "\x1b" not in shown
    assert f"{SAMPLE}:31" in shown


def test_a_count_is_no_json(home: Path) -> None:
    """All that is printed as JSON is one of the objects of the schema."""
    done = sh("search --json -c hotline", home)
    assert json.loads(done.stdout)["error"]["message"] == "--count prints one number"
    assert (done.exit_code, sh("search -c hotline", home).stdout) == (2, "3\n")
    assert json.loads(sh("search --json -n 0 hotline", home).stdout)["total"] == 3


def test_a_pipe_gets_no_escape_sequence(home: Path) -> None:
    done = sh("search hotline", home)
    assert "\x1b" not in done.stdout
    assert "passages, " in done.stderr


@pytest.mark.parametrize("columns", [40, 60, 80])
def test_lines_keep_to_a_narrow_terminal(home: Path, columns: int) -> None:
    shown, _ = on_terminal("search -C 1 trees", home, NO_COLOR="1", COLUMNS=str(columns))
    body = [line for line in shown.splitlines() if line.startswith("  ")]
    assert len(body) > 5
    assert max(map(len, body)) <= columns


def test_json_is_one_object_with_spans_that_cut_the_text(home: Path) -> None:
    page = json.loads(sh("search --json '\"phone trees\"'", home).stdout)
    (passage,) = page["passages"]
    assert page["total"] == page["returned"] == 1
    cut = [passage["text"][start:end].lower() for start, end in passage["matches"]]
    assert cut == ["phone", "trees", "phone", "trees"]
    source = (home / SAMPLE).read_text("utf-8")
    start, end = passage["span"]
    assert source[start:end] == passage["text"]
    first, last = passage["lines"]
    assert "\n".join(source.splitlines()[first - 1 : last]) == passage["text"]


def test_ids_can_be_parted_by_nul(home: Path) -> None:
    ids = sh("search --format ids -0 hotline", home).stdout
    assert ids.endswith("\0")
    assert "\n" not in ids
    assert len(ids.split("\0")) == 4


def test_files_are_searched_without_an_index(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# Draft\n\nThe phone trees work.\n", "utf-8")
    (tmp_path / "b.txt").write_text("A note.\n\nPhone the trees.\n", "utf-8")
    done = sh("search --in a.md b.txt --format ids '\"phone trees\"'", tmp_path)
    assert (done.stdout.partition("#")[0], done.exit_code) == ("a.md", 0)
    piped = sh("cat b.txt | search --in - --format ids phone", tmp_path)
    assert (piped.stdout.partition("#")[0], piped.exit_code) == ("stdin", 0)
    assert not (tmp_path / "data").exists()


def test_html_on_standard_input_is_recognised(tmp_path: Path) -> None:
    page = "<!doctype html><html><body><article><h1>T</h1><p>{}</p></article></body></html>"
    (tmp_path / "page").write_text(page.format("The hotline is open all night. " * 5), "utf-8")
    done = sh("cat page | search --in - --json hotline", tmp_path)
    (passage,) = json.loads(done.stdout)["passages"]
    assert passage["text"].startswith("The hotline is open")


def test_the_environment_names_the_index(tmp_path: Path) -> None:
    copy_sample(tmp_path)
    build_index([str(tmp_path / SAMPLE)], tmp_path / "mine")
    assert sh("search -c hotline", tmp_path, PASSAGE_INDEX=str(tmp_path / "mine")).stdout == "3\n"
    gone = sh("search -c hotline", tmp_path, PASSAGE_INDEX=str(tmp_path / "gone"))
    assert (gone.stdout, gone.exit_code) == ("", 3)


def test_an_odd_locale_prints_the_same(home: Path) -> None:
    usual = sh("search --format tsv hotline", home)
    odd = sh("search --format tsv hotline", home, LC_ALL="C", PYTHONUTF8="0", LANG="C")
    assert odd.stdout == usual.stdout


CUT_OFF = (
    "the search was cut off after 1e-07 s, and there may be more; "
    "make the query more specific, or allow more with --timeout SECONDS"
)


def test_a_query_may_take_only_so_long(home: Path) -> None:
    done = sh("search --timeout 0.0000001 hotline", home)
    assert (done.stdout, done.exit_code) == ("", 3)
    cut_off, summary = done.stderr.splitlines()
    assert cut_off == f"search: {CUT_OFF}"
    assert summary.startswith("no passages so far, ")


@pytest.mark.parametrize(
    ("options", "stdout"), [("-c", "0\n"), ("--jsonl", ""), ("--format ids", "")]
)
def test_a_search_that_was_cut_off_says_so(home: Path, options: str, stdout: str) -> None:
    done = sh(f"search --timeout 0.0000001 {options} hotline", home)
    assert (done.stdout, done.exit_code) == (stdout, 3)
    assert done.stderr == f"search: {CUT_OFF}\n"


def test_json_of_a_search_that_was_cut_off_says_so(home: Path) -> None:
    done = sh("search --timeout 0.0000001 --json hotline", home)
    page = json.loads(done.stdout)
    assert page["partial"] is True
    assert page["warnings"] == [{"message": CUT_OFF, "span": None}]
    assert page["diagnosis"] is None
    assert (done.stderr, done.exit_code) == ("", 3)
    assert json.loads(sh("search --json hotline", home).stdout)["partial"] is False


def test_suggestions_that_take_too_long_are_none(home: Path) -> None:
    done = sh("search --timeout 0.0000001 --suggest hotlime", home)
    assert (done.stdout, done.exit_code) == ("", 3)
    assert done.stderr == (
        "search: the query took longer than 1e-07 seconds; "
        "make it more specific, or allow more with --timeout SECONDS\n"
    )


@pytest.mark.parametrize(
    "command", ["search --timeout nan hotline", f"indexer add --wait nan {SAMPLE}"]
)
def test_a_time_is_a_number(home: Path, command: str) -> None:
    done = sh(command, home)
    assert (done.stdout, done.exit_code) == ("", 2)
    assert done.stderr.endswith(": 'nan' is no time\n")
    assert sh("search --timeout inf -c hotline", home).stdout == "3\n"


def test_a_busy_index_is_named_with_its_writer(home: Path) -> None:
    script = (
        "import time; from pathlib import Path; from indexer.storage.index import PassageIndex;"
        f"w = PassageIndex.open(Path({str(home / 'data/passage-search/index')!r})).writer();"
        "print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [BIN / "python", "-c", script], stdout=subprocess.PIPE, env=environment(home)
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        busy = sh(f"indexer add --lang fr {SAMPLE}", home)
        assert busy.exit_code == 3
        assert f"being written to by process {holder.pid} since" in busy.stderr
        assert "--wait SECONDS" in busy.stderr
        assert sh("search -c hotline", home).stdout == "3\n"
        holder.kill()
    assert sh(f"indexer add --lang fr {SAMPLE}", home).exit_code == 0


def test_a_pipe_that_is_named_is_refused_before_the_index_is_touched(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for command in ("indexer -i ix add pipe", "search --in pipe word"):
        ran = sh(f"timeout 30 {command}", tmp_path)
        assert (ran.stdout, ran.exit_code) == ("", 2)
        assert ran.stderr == (
            f"{command.split()[0]}: pipe is a pipe, not a file or folder; "
            "to read what comes out of it, name - and give it as standard input\n"
        )
    assert not (tmp_path / "ix").exists()
    assert sh("echo Some words > pipe & indexer -i ix add - < pipe", tmp_path).exit_code == 0


def test_a_record_without_end_on_standard_input_is_not_kept(home: Path) -> None:
    """What is over the budget of a record is not even written to a temporary file."""
    (home / "small").mkdir()
    records = (
        '(printf \'{"id":"a","text":"\'; head -c 200000000 /dev/zero | tr "\\\\0" a; echo \'"}\'; '
        'echo \'{"id":"b","text":"Plums."}\') | '
        "(ulimit -f 40000; indexer add --lang en --format jsonl -)"
    )
    done = sh(records, home)
    assert done.exit_code == 1
    assert done.stderr == (
        "indexer: skipped -:1: the record is larger than 20 MB; split it, or raise --max-size\n"
    )
    assert sh("search --format ids plums", home).stdout.startswith("b#")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--max-size nan", "'nan' is no size"),
        ("--max-size inf", "inf is not in the range 0.001<=x<=1000000."),
        ("--max-size 0", "0.0 is not in the range 0.001<=x<=1000000."),
        ("--max-seconds nan", "'nan' is no time"),
        ("--max-seconds 0", "0.0 is not in the range x>0."),
    ],
)
def test_bounds_that_are_none(home: Path, options: str, message: str) -> None:
    done = sh(f"indexer add {options} {SAMPLE}", home)
    assert done.exit_code == 2
    assert message in done.stderr


def test_bounds_without_end(home: Path) -> None:
    assert sh(f"indexer add --max-seconds inf --max-size 1000000 {SAMPLE}", home).exit_code == 0


def test_a_search_that_is_cut_off_shows_some_of_what_it_found(home: Path) -> None:
    paragraphs = (f"Number {number} of the plums." for number in range(20_000))
    (home / "many.txt").write_text("\n\n".join(paragraphs))
    sh("indexer add --lang en many.txt", home)
    for seconds in (0.2, 0.4):
        done = sh(f"search --timeout {seconds} -n all --json 'the number of plums'", home)
        page = json.loads(done.stdout)
        assert page["returned"] >= min(10, page["total"])

"""The manual pages: what is kept is what the code makes, right for roff, and holds every option.

``pytest tests/test_manpages.py --rewrite-transcripts`` writes the pages anew.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from datetime import UTC, date, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

import click
import pytest

from indexer.cli import indexer_command
from indexer.manpages import escaped, man_page
from indexer.manual import MANUAL as INDEXER
from indexer.storage.committed import default_index_dir
from search.cli import search_command
from search.manual import MANUAL as SEARCH
from search.serve.cli import serve_command
from search.serve.manual import MCP, SERVE
from search.serve.mcp.cli import mcp_command
from tests.commands import PROJECT, copy_sample, environment, sh
from tests.serving import started_by

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from indexer.manpages import Manual

COMMANDS: dict[str, tuple[click.Command, Manual]] = {
    "search": (search_command, SEARCH),
    "indexer": (indexer_command, INDEXER),
    "search-serve": (serve_command, SERVE),
    "search-mcp": (mcp_command, MCP),
}
#: So many options each has at least.
OPTIONS = {"search": 26, "indexer": 26, "search-serve": 12, "search-mcp": 4}
PAGES = {prog: PROJECT / prog.split("-")[0] / "man" / f"{prog}.1" for prog in COMMANDS}
_DATE = re.compile(r"(?<= 1 )\d{4}-\d\d-\d\d")


def made(prog: str, changed: date) -> str:
    command, manual = COMMANDS[prog]
    of = f"passage-search {version('passage-search')}"
    return man_page(command, prog, manual, version=of, changed=changed)


@pytest.mark.parametrize("prog", COMMANDS)
def test_the_page_is_what_the_code_makes(prog: str, *, rewrite_transcripts: bool) -> None:
    path = PAGES[prog]
    kept = path.read_text("ascii") if path.exists() else ""
    found = _DATE.search(kept)
    now = made(prog, date.fromisoformat(found[0]) if found else date.min)
    if rewrite_transcripts and now != kept:
        path.parent.mkdir(exist_ok=True)
        path.write_text(made(prog, datetime.now(UTC).date()), "ascii")
    elif not rewrite_transcripts:
        assert now == kept, f"{path} is not up to date; see the docstring of this file"


def shown(path: Path, viewer: str) -> str:
    """A page as it is read, without bold and underlining."""
    command = {
        "mandoc": ["mandoc", "-T", "utf8", "-O", "width=100", str(path)],
        "man": ["man", "-l", "--warnings=w", "-E", "UTF-8", str(path)],
    }[viewer]
    done = subprocess.run(
        command,
        env=environment(path.parent, MANWIDTH="100", MAN_KEEP_FORMATTING="", LC_ALL="C.UTF-8"),
        capture_output=True,
        check=True,
    )
    assert done.stderr == b""
    text = re.sub(r".\x08", "", done.stdout.decode())
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def options_of(command: click.Command, context: click.Context) -> Iterator[tuple[str, str]]:
    """Yield what the help says of each option, of subcommands too."""
    for param in command.get_params(context):
        record = param.get_help_record(context)
        if record and isinstance(param, click.Option):
            yield record
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner
            yield from options_of(inner, click.Context(inner, info_name=name, parent=context))


VIEWERS = [one for one in ("mandoc", "man") if shutil.which(one)]


@pytest.mark.parametrize("viewer", VIEWERS)
@pytest.mark.parametrize("prog", COMMANDS)
def test_every_option_is_shown_as_in_the_help(prog: str, viewer: str) -> None:
    command, manual = COMMANDS[prog]
    text = shown(PAGES[prog], viewer).replace("‐\n", "-").replace("‐", "-")
    words = " ".join(text.split())
    context = click.Context(command, info_name=prog)
    records = list(options_of(command, context))
    assert len(records) >= OPTIONS[prog]
    for names, meaning in records:
        assert " ".join(names.split()) in words
        assert " ".join(meaning.split()) in words
    for done, line in manual.examples:
        assert done in words
        assert f" {line}\n" in text
    for line in (command.epilog or "").replace("\b\n", "").splitlines():
        if line.startswith("  "):
            assert f"{line}\n" in text
    sections = re.findall(r"^[A-Z][A-Z ]+$", text, re.MULTILINE)
    query_language = ["QUERY LANGUAGE"] if prog == "search" else []
    commands = ["COMMANDS"] if prog == "indexer" else []
    assert sections == [
        *("NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", *commands, *query_language),
        *("EXIT STATUS", "ENVIRONMENT", "FILES", "EXAMPLES", "SEE ALSO"),
    ]


@pytest.mark.skipif(not shutil.which("mandoc"), reason="mandoc is not installed")
@pytest.mark.parametrize("prog", COMMANDS)
def test_mandoc_has_nothing_to_say(prog: str) -> None:
    done = subprocess.run(
        ["mandoc", "-T", "lint", "-W", "warning", PAGES[prog]],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.returncode) == ("", 0)


@pytest.mark.parametrize("viewer", VIEWERS)
def test_nothing_of_a_text_is_taken_for_a_request(tmp_path: Path, viewer: str) -> None:
    hostile = ".SH X\n'br \\fBx\\fR \\n(.x \"a\" `b' ^~ é ’ \x1b[31m --x " + ".y " * 80

    @click.command(help=hostile, epilog=f"\b\nQuery language:\n  {hostile}\n  .z\n  'z")
    @click.option("--hostile", metavar=r".\-'\"", help=hostile)
    def command(hostile: str) -> None:
        """Never run."""

    manual = SEARCH._replace(environment=[(".X", hostile)], examples=[(hostile, r"a\b '.c'")])
    path = tmp_path / "x.1"
    path.write_text(man_page(command, "x", manual, version=".y", changed=date(2026, 1, 2)), "ascii")
    text = " ".join(shown(path, viewer).split())
    inline = " ".join(hostile.replace("\x1b", "␛").split())
    assert text.count(inline) == 6
    assert " .z 'z" in text
    assert r"a\b '.c'" in text
    assert r"""--hostile .\-'\" """.strip() in text


@pytest.mark.parametrize("prog", COMMANDS)
def test_the_examples_run(tmp_path: Path, prog: str) -> None:
    copy_sample(tmp_path)
    (tmp_path / "articles").mkdir()
    sh("cp indexer/sample/article.txt articles", tmp_path)
    sh("""echo '{"id": "n1", "text": "A hotline."}' | gzip > dump.jsonl.gz""", tmp_path)
    assert sh("indexer add articles", tmp_path).exit_code == 0
    for _, line in COMMANDS[prog][1].examples:
        if line.startswith("search-serve "):  # which does not end by itself
            with started_by(f"exec {line} --port 0", tmp_path, BROWSER="true") as (address, _):
                assert address.startswith("http://")
            continue
        done = sh(line, tmp_path)
        assert done.exit_code == 0, (line, done.stderr)


def test_pages_are_installed_where_man_looks() -> None:
    settings = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))
    installed = settings["tool"]["hatch"]["build"]["targets"]["wheel"]["shared-data"]
    assert installed == {
        str(path.relative_to(PROJECT)): f"share/man/man1/{prog}.1" for prog, path in PAGES.items()
    }


@pytest.mark.skipif(not shutil.which("manpath"), reason="man-db is not installed")
def test_man_finds_a_page_beside_the_commands_on_the_path(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "share" / "man" / "man1").mkdir(parents=True)
    shutil.copy(PAGES["search"], tmp_path / "share" / "man" / "man1")
    env = environment(tmp_path)
    env["PATH"] = f"{tmp_path / 'bin'}{os.pathsep}{env['PATH']}"
    done = subprocess.run(
        ["man", "-w", "search"], env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == str(tmp_path / "share" / "man" / "man1" / "search.1")


@pytest.mark.skipif(sys.platform != "linux", reason="the page names the folder of Linux")
def test_the_page_names_the_default_index(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setenv("HOME", "/home/you")
    named = [name for one in (SEARCH, INDEXER, SERVE, MCP) for name, _ in one.files]
    assert {name.replace("~", "/home/you") for name in named} == {str(default_index_dir())}


def test_escaping() -> None:
    assert escaped(r"a -b \ ’") == r"a \-b \e \[u2019]"

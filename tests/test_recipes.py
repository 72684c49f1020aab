"""The README's recipes and first steps, run as they stand there, with the tools they speak of."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.commands import BIN, PROJECT, copy_sample, environment, sh
from tests.shells import SHELLS, on_terminal, seen

if TYPE_CHECKING:
    from pathlib import Path

README = (PROJECT / "README.md").read_text("utf-8")
_CODE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


#: Recipes that wait for an option which is declared and does nothing yet, or is to come.
def needs(tool: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(not shutil.which(tool), reason=f"{tool} is not installed")


def recipe(name: str) -> list[str]:
    """The code of a recipe, block by block."""
    (recipes,) = re.findall(r"^## Recipes\n(.*?)^## ", README, re.MULTILINE | re.DOTALL)
    (text,) = re.findall(rf"^\*\*{name}\*\*(.*?)(?=^\*\*|\Z)", recipes, re.MULTILINE | re.DOTALL)
    blocks = [code for _, code in _CODE.findall(text)]
    assert blocks
    return blocks


def first_steps(title: str) -> str:
    """The lines for a shell below a title of the beginning."""
    (text,) = re.findall(
        rf"^\*\*{title}\*\*.*?^```sh\n(.*?)^```$", README, re.MULTILINE | re.DOTALL
    )
    return str(text)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    copy_sample(tmp_path)
    assert sh("indexer add indexer/sample/article.txt", tmp_path).exit_code == 0
    return tmp_path


def test_every_recipe_is_tested() -> None:
    (recipes,) = re.findall(r"^## Recipes\n(.*?)^## ", README, re.MULTILINE | re.DOTALL)
    names = {name.lower() for name in re.findall(r"^\*\*(\w+)\*\*", recipes, re.MULTILINE)}
    assert names == {"fzf", "jq", "vim", "cron", "git", "notebook", "agent"}


@needs("fzf")
def test_fzf(home: Path) -> None:
    (line,) = recipe("fzf")
    ids = sh("search --format ids -n 100 hotline", home).stdout.splitlines()
    assert len(ids) == 3
    shown = b""
    picks = ["bash", "-c", f"{line.strip()} > picked"]
    with on_terminal(picks, home, columns=200) as ours:
        while b"A second task of the hotline" not in shown:  # only the preview shows this
            shown += seen(ours)
        os.write(ours, b"\r")  # takes the passage at the cursor, the first
        while seen(ours):
            pass
    assert (home / "picked").read_text("utf-8").splitlines() == ids[:1]


@needs("fzf")
def test_fzf_filters_the_ids(home: Path) -> None:
    """The list that the recipe pipes; a search without a terminal takes what fits best."""
    (line,) = recipe("fzf")
    piped, _, picker = line.partition("|")
    assert picker.strip().startswith("fzf --preview")
    done = sh(f"{piped} | fzf --filter 5ef5", home)
    assert done.stdout == "indexer/sample/article.txt#5ef5aymv\n"


@needs("jq")
def test_jq(home: Path) -> None:
    (line,) = recipe("jq")
    done = sh(line, home)
    assert (done.stderr, done.exit_code) == ("", 0)
    headings = [row.split("\t")[1] for row in done.stdout.splitlines()]
    assert set(headings) == {"Does Protest Change Policy?", "Few Figures on Arrests"}


@needs("vim")
def test_vim(home: Path) -> None:
    (line,) = recipe("vim")
    opened = line.strip().replace(
        "vim -q",
        "vim -es -u NONE "
        '-c \'call writefile(map(getqflist(), "bufname(v:val.bufnr) . v:val.lnum"), "seen")\' '
        "-c 'cnext' -c 'call writefile([getline(\".\")], \"second\")' -c 'qa!' -q",
    )
    assert opened != line.strip()
    done = sh(opened, home)
    assert done.exit_code == 0
    article = "indexer/sample/article.txt"
    seen = (home / "seen").read_text("utf-8").splitlines()
    assert sorted(seen) == [f"{article}{number}" for number in (23, 25, 3)]
    assert "hotline" in (home / "second").read_text("utf-8")


def test_cron(tmp_path: Path) -> None:
    (table,) = recipe("cron")
    folder = tmp_path / "home" / "you"
    (folder / ".venv").mkdir(parents=True)
    (folder / ".venv" / "bin").symlink_to(BIN)
    (folder / "articles").mkdir()
    (folder / "articles" / "ferry.txt").write_text("On ferries\n\nThe ferry left.\n", "utf-8")
    *settings, job = table.replace("/home/you", str(folder)).splitlines()
    fields = job.split(maxsplit=5)
    assert all(re.fullmatch(r"\*|\d+", field) for field in fields[:5])
    assert "%" not in job  # which cron takes for the end of a line
    # What cron gives a job: a shell, a home, and hardly a path.
    env = dict(one.split("=") for one in settings) | {"HOME": str(folder), "PATH": "/usr/bin:/bin"}

    def nightly() -> str:
        done = subprocess.run(
            ["/bin/sh", "-c", fields[5]], cwd=folder, env=env, capture_output=True, check=False
        )
        assert done.returncode in {0, 1}
        return done.stderr.decode()

    assert nightly() == ""
    assert sh("search -i articles.index -c ferry", folder).stdout == "1\n"
    (folder / "articles" / "ferry.txt").unlink()
    (folder / "articles" / "dock.txt").write_text("On docks\n\nA dock.\n", "utf-8")
    (folder / "articles" / "broken.html").write_bytes(b"")
    nightly()
    assert sh("search -i articles.index -c ferry", folder).stdout == "0\n"
    assert sh("search -i articles.index -c dock", folder).stdout == "1\n"


@needs("git")
def test_git(tmp_path: Path) -> None:
    (script,) = recipe("git")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "ferry.txt").write_text("On ferries\n\nThe ferry left.\n", "utf-8")

    def git(command: str) -> None:
        done = sh(f"git {command}", tmp_path, GIT_CONFIG_NOSYSTEM="1")
        assert done.exit_code == 0, done.stderr

    def found(word: str) -> str:
        return sh(f"search -i .git/passages -c {word}", tmp_path).stdout

    git("init --quiet --initial-branch=main")
    git("config user.name Mina && git config user.email mina@example.org")
    assert sh(script, tmp_path).exit_code == 0
    git("add docs && git commit --quiet -m Ferries")
    assert found("ferry") == "1\n"
    git("checkout --quiet -b docks")
    (tmp_path / "docs" / "dock.txt").write_text("On docks\n\nA dock.\n", "utf-8")
    git("rm --quiet docs/ferry.txt && git add docs && git commit --quiet -m Docks")
    git("checkout --quiet main")
    assert (found("dock"), found("ferry")) == ("1\n", "0\n")  # of the commit before
    (tmp_path / "docs" / "pier.txt").write_text("On piers\n\nA pier.\n", "utf-8")
    git("add docs && git commit --quiet -m Piers")
    assert (found("dock"), found("ferry"), found("pier")) == ("0\n", "1\n", "1\n")
    git("merge --quiet --no-edit docks")
    assert (found("dock"), found("ferry"), found("pier")) == ("1\n", "0\n", "1\n")
    assert sh("git status --porcelain", tmp_path).stdout == ""


def test_notebook(home: Path) -> None:
    pytest.importorskip("pandas", reason="pandas is not installed")
    (cell,) = recipe("Notebook")
    assert sh("indexer -i my-index add indexer/sample/article.txt", home).exit_code == 0
    # A notebook shows the value of the last line of a cell.
    *lines, last = cell.splitlines()
    (home / "cell.py").write_text("\n".join([*lines, f"print(({last}).to_csv())"]), "utf-8")
    done = sh("python cell.py", home)
    assert (done.stderr, done.exit_code) == ("", 0)
    head, first, *_ = done.stdout.splitlines()
    assert head == ",score,id,text"
    assert 'article.txt#ka3mygr7,"Some of the community patrols' in first


@needs("jq")
def test_agent_commands(home: Path) -> None:
    commands, _ = recipe("Agent")
    find, check = commands.splitlines()
    found = json.loads(sh(find, home, QUERY="hotline").stdout)["passages"]
    assert [one["id"] for one in found][:1] == ["indexer/sample/article.txt#5ef5aymv"]
    assert sum(len(one["text"]) for one in found) <= 4000
    ask = {"ID": found[0]["id"], "QUOTED": "A second task of the hotline is"}
    assert sh(check, home, **ask).exit_code == 0
    assert sh(check, home, **{**ask, "QUOTED": "A third task"}).exit_code == 1
    assert sh(find, home, QUERY="-hotline").exit_code == 0


def test_agent_functions(home: Path) -> None:
    _, functions = recipe("Agent")
    (home / "tools.py").write_text(functions, "utf-8")
    program = """
import json
from tools import is_quoted_right, search_passages

page = json.loads(search_passages('"community patrols" OR hotline'))
for passage in page["passages"]:
    assert is_quoted_right(passage["id"], passage["text"][5:50])
    assert not is_quoted_right(passage["id"], passage["text"] + "?")
print(page["returned"], is_quoted_right("indexer/sample/article.txt#aaaaaaaa", "x"))
"""
    (home / "program.py").write_text(program, "utf-8")
    done = sh("python program.py", home)
    assert (done.stderr, done.stdout) == ("", "4 False\n")


# First steps


@pytest.mark.parametrize("number", [0, 1])
def test_the_commands_on_the_path(tmp_path: Path, number: int) -> None:
    line = first_steps("Have the commands on the path").splitlines()[number]
    (tmp_path / ".venv").symlink_to(sys.prefix)
    if not (tmp_path / ".venv" / "bin" / "activate").exists() and number == 0:
        pytest.skip("the tests do not run in a virtual environment")
    env = environment(tmp_path) | {"PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        ["bash", "-c", f"{line}\ncommand -v search indexer"],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )
    assert [os.path.basename(one) for one in done.stdout.split()] == ["search", "indexer"]  # noqa: PTH119
    assert all(
        os.path.realpath(one).startswith(os.path.realpath(BIN)) for one in done.stdout.split()
    )


@pytest.mark.parametrize("shell", SHELLS)
def test_the_lines_that_turn_completion_on(tmp_path: Path, shell: str) -> None:
    lines = first_steps("Complete").splitlines()
    (line,) = (line for line in lines if f"--completion {shell}" in line)
    tell = {
        "bash": "complete -p search indexer",
        "zsh": 'echo "$_comps[search]" "$_comps[indexer]"',
        "fish": "complete -c search; complete -c indexer",
    }[shell]
    done = subprocess.run(
        [shell, "-c", f"{line}\n{tell}"],
        cwd=tmp_path,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=True,
    )
    assert "_search_completion" in done.stdout
    assert "_indexer_completion" in done.stdout


def test_quotes_that_reach_the_program(home: Path) -> None:
    typed = re.findall(r"`(search [^`]*ICE hotline[^`]*)`", README)
    assert typed == [
        'search "ICE hotline"',
        """search '"ICE hotline"'""",
        subprocess.list2cmdline(["search", '"ICE hotline"']),
        r"""search '\"ICE hotline\"'""",
    ]
    asked = [json.loads(sh(f"{one} --json", home).stdout)["interpreted_as"] for one in typed[:2]]
    assert asked == ["ICE hotline", '"ICE hotline"']

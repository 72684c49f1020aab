"""Completion of command lines, pressed in real shells; and what the shells are told."""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from indexer.build import build_index
from indexer.completion import SHELLS as KNOWN_SHELLS
from indexer.completion import completion_script
from indexer.intake import ReadOptions
from indexer.storage.postings import FieldPostings
from indexer.storage.values import MOST_VALUES, known_values
from search.cli import search_command
from tests.commands import environment, sh
from tests.shells import SHELLS, completed

if TYPE_CHECKING:
    from pathlib import Path

ENGLISH = ReadOptions(language="en")
NAMES = ("a#b", "bang!y", "it's", "my file", 'q"q', "ready", "red=1", "x:y", "$(ls)", "~home")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Articles with ids that each shell takes for something else; one has been removed."""
    folder = tmp_path_factory.mktemp("completion")
    (folder / "docs").mkdir()
    for name in (*NAMES, "regone"):
        (folder / "docs" / f"{name}.txt").write_text(f"On ferries\n\nThe ferry left {name}.\n")
    build_index([str(folder / "docs")], folder / "docs" / ".ix", options=ENGLISH)
    (folder / "docs" / "regone.txt").unlink()
    build_index([str(folder / "docs")], folder / "docs" / ".ix", options=ENGLISH, prune=True)
    return folder


#: What stands before Tab, and after it in each of the shells.
LINES = [
    # Commands, options, choices.
    ("search --arti", "search --article "),
    ("search --format=vi", "search --format=vimgrep "),
    ("search --format vi", "search --format vimgrep "),
    ("indexer rem", "indexer remove "),
    ("indexer add --pru", "indexer add --prune "),
    ("search --completion z", "search --completion zsh "),
    ("search-serve --tok", "search-serve --token-file "),
    ("search-serve --token-file docs/rea", "search-serve --token-file docs/ready.txt "),
    ("search-mcp --index do", "search-mcp --index docs/"),
    # Fields, as the last word begins, in a quoted query too.
    ("search tit", "search title:"),
    ("search -- -tit", "search -- -title:"),
    # Ids of articles.
    ("search article:re", "search article:re"),
    ("search article:red", "search article:red=1.txt "),
    ('search "hotline article:rea', 'search "hotline article:ready.txt" '),
    ("search article:x", "search article:x:y.txt "),
    ("search article:nothing", "search article:nothing"),
    ("search title:rea", "search title:rea"),
    ("search --article x:", "search --article x:y.txt "),
    ("search --article my", "search --article my\\ file.txt "),
    ("search --article my\\ f", "search --article my\\ file.txt "),
    ('search --article "my', 'search --article "my file.txt" '),
    ("search --get rea", "search --get ready.txt "),
    ("search --similar rea", "search --similar ready.txt "),
    ("indexer remove q", 'indexer remove q\\"q.txt '),
    ("indexer -i other remove q", "indexer -i other remove q"),
    # What else has names.
    ("search --lang ", "search --lang en "),
    ("search lang:", "search lang:en "),
    ("search --facets article,ye", "search --facets article,year "),
    # Paths.
    ("search -i do", "search -i docs/"),
    ("search --in docs/rea", "search --in docs/ready.txt "),
    ("search --in=docs/rea", "search --in=docs/ready.txt "),
    ("search --in docs/ready.txt docs/rea", "search --in docs/ready.txt docs/ready.txt "),
    ("search --batch docs/rea", "search --batch docs/ready.txt "),
    ("indexer add docs/rea", "indexer add docs/ready.txt "),
]


@pytest.mark.parametrize("shell", SHELLS)
def test_tab(folder: Path, shell: str) -> None:
    shown = completed(shell, [line for line, _ in LINES], folder, PASSAGE_INDEX="docs/.ix")
    assert shown == [after for _, after in LINES]


#: How each shell keeps a value from being taken for something else; fish has no !.
QUOTED = [
    ("bash", "search --get a", r"search --get a\#b.txt "),
    ("bash", "search --get ", "search --get "),  # there are many
    ("bash", r"search --get \~", r"search --get \~home.txt "),
    ("bash", "search article:bang", r"search article:bang\!y.txt "),
    ("bash", 'search "hotline tit', 'search "hotline title:"'),  # it ends quotes by itself
    ("bash", "search --in docs/red", r"search --in docs/red\=1.txt "),
    ("bash", 'search "article:bang', 'search "article:bang"\'!\'"y.txt" '),
    ("bash", "search 'article:it", r"search 'article:it'\''s.txt' "),
    ("bash", "search article:q", r"search article:q\\\"q.txt "),
    ("bash", 'search "article:q', 'search "article:q\\\\\\"q.txt" '),
    ("bash", "search --article '$", "search --article '$(ls).txt' "),
    ("bash", r"search --article \$", r"search --article \$\(ls\).txt "),
    ("zsh", 'search "hotline tit', 'search "hotline title:'),
    ("zsh", "search --get a", r"search --get a\#b.txt "),
    ("zsh", "search 'article:it", r"search 'article:it'\''s.txt' "),
    ("zsh", r"search --article \$", r"search --article \$\(ls\).txt "),
    ("fish", 'search "hotline tit', 'search "hotline title:'),
    ("fish", "search 'article:it", r"search 'article:it\'s.txt' "),
    ("fish", r"search --article \$", r"search --article \$\(ls\).txt "),
]


@pytest.mark.parametrize("shell", SHELLS)
def test_values_are_quoted(folder: Path, shell: str) -> None:
    lines = [(line, after) for where, line, after in QUOTED if where == shell]
    shown = completed(shell, [line for line, _ in lines], folder, PASSAGE_INDEX="docs/.ix")
    assert shown == [after for _, after in lines]


@pytest.mark.parametrize("shell", SHELLS)
def test_what_is_completed_finds_the_article(folder: Path, shell: str) -> None:
    begun = [
        name[:3] if name.startswith("re") else re.sub(r"[$~]", r"\\\g<0>", name[:1])
        for name in NAMES
    ]
    lines = [f"search -c article:{one}" for one in begun]
    completions = completed(shell, lines, folder, PASSAGE_INDEX="docs/.ix")
    for line, after in zip(lines, completions, strict=True):
        assert after.startswith(line)
        assert after.endswith(".txt ")
        done = subprocess.run(
            [shell, "-c", after],
            cwd=folder,
            env=environment(folder, PASSAGE_INDEX="docs/.ix"),
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.stdout, done.returncode) == ("1\n", 0), after


@pytest.mark.parametrize("shell", SHELLS)
def test_an_index_named_with_a_tilde(folder: Path, shell: str) -> None:
    begun = [
        "search -i ~/docs/.ix --get rea",
        "indexer -i ~/docs/.ix remove rea",
        "indexer remove -i ~/docs/.ix rea",
    ]
    assert completed(shell, begun, folder) == [f"{line}dy.txt " for line in begun]


def asked(command: str, *words: str, folder: Path, shell: str = "fish", **more: str) -> list[str]:
    """What a command answers a shell; it says nothing else, and never fails."""
    done = subprocess.run(
        [command, *words],
        cwd=folder,
        env=environment(folder, **{f"_{command.upper()}_COMPLETE": f"{shell}_complete"}, **more),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stderr, done.returncode) == ("", 0)
    return done.stdout.splitlines()


def test_options_come_with_what_they_mean(folder: Path) -> None:
    (told,) = (one.help for one in search_command.params if one.name == "strict")
    assert told
    assert asked("search", "--stri", folder=folder) == [f"=--strict\t{told}"]


def test_the_default_index(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "data" / "passage-search").mkdir(parents=True)
    sh(f"cp -r {folder}/docs/.ix data/passage-search/index", tmp_path)
    assert asked("search", "article:rea", folder=tmp_path) == ["=article:ready.txt"]
    assert asked("indexer", "remove", "rea", folder=tmp_path) == ["=ready.txt"]


def test_no_index_completes_nothing(folder: Path) -> None:
    for index in ("gone", "docs", "docs/ready.txt"):
        assert asked("search", "-i", index, "article:", folder=folder) == []
        assert asked("search", "-i", index, "--lang", "", folder=folder) == []
        assert asked("indexer", "-i", index, "remove", "", folder=folder) == []
    assert asked("search", "article:", folder=folder) == []
    assert not (folder / "gone").exists()


def test_a_damaged_index_completes_nothing(folder: Path, tmp_path: Path) -> None:
    sh(f"cp -r {folder}/docs/.ix ix", tmp_path)
    for path in (tmp_path / "ix").glob("*.pst"):
        path.write_bytes(path.read_bytes()[:50])
    assert asked("search", "-i", "ix", "article:", folder=tmp_path) == []
    (tmp_path / "ix" / "manifest.json").write_text("[]")
    assert asked("search", "-i", "ix", "article:", folder=tmp_path) == []


@pytest.mark.parametrize("shell", KNOWN_SHELLS)
@pytest.mark.parametrize(
    "words",
    [["'"], ['"'], ["\\"], ["--"], ["--nonsense", ""], ["-"], ["--in=", ""], ["--limit", "x", ""]],
)
def test_any_line_gets_an_answer(folder: Path, shell: str, words: list[str]) -> None:
    if shell == "bash":
        words = [" ".join(["search", *words]), words[-1]]
    asked("search", *words, folder=folder, shell=shell)


def test_so_many_ids_at_most_and_not_all_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = [{"id": f"n{number:05}", "text": "A ferry."} for number in range(5_000)]
    (tmp_path / "r.jsonl").write_text("".join(json.dumps(one) + "\n" for one in records))
    build_index([str(tmp_path / "r.jsonl")], tmp_path / "ix", options=ENGLISH)
    assert MOST_VALUES == 1_000
    assert known_values(tmp_path / "ix", "article", "") == [f"n{n:05}" for n in range(1_000)]
    looked_at = []
    term = FieldPostings.term

    def counted(self: FieldPostings, index: int) -> bytes:
        looked_at.append(index)
        return term(self, index)

    monkeypatch.setattr(FieldPostings, "term", counted)
    assert known_values(tmp_path / "ix", "article", "n0423") == [f"n0423{n}" for n in range(10)]
    assert 10 < len(looked_at) < 50


def test_hostile_ids_are_completed_as_they_are_printed(tmp_path: Path) -> None:
    (tmp_path / "r.jsonl").write_text(
        json.dumps({"id": "c\x1b]0;x\x07d", "text": "A ferry."})
        + "\n"
        + json.dumps({"id": "c\nd", "text": "A ferry."})
    )
    build_index([str(tmp_path / "r.jsonl")], tmp_path / "ix", options=ENGLISH)
    # Ids have other characters in the place of these.
    assert asked("search", "-i", "ix", "--get", "c", folder=tmp_path) == ["=c d", "=c␛]0;x␇d"]


@pytest.mark.parametrize("command", ["search", "indexer", "search-serve", "search-mcp"])
@pytest.mark.parametrize("shell", KNOWN_SHELLS)
def test_the_script_can_be_had_in_two_ways(tmp_path: Path, command: str, shell: str) -> None:
    printed = sh(f"{command} --completion {shell}", tmp_path)
    assert (printed.stderr, printed.exit_code) == ("", 0)
    assert printed.stdout == completion_script(shell, command)
    variable = f"_{command.upper()}_COMPLETE".replace("-", "_")
    assert sh(f"{variable}={shell}_source {command}", tmp_path).stdout == printed.stdout


def test_other_shells_are_left_to_click(tmp_path: Path) -> None:
    done = sh("_SEARCH_COMPLETE=nosuchshell_source search", tmp_path)
    assert (done.stdout, done.exit_code) == ("", 1)
    done = sh("search --completion nosuchshell", tmp_path)
    assert "'nosuchshell' is not one of 'bash', 'zsh', 'fish'" in done.stderr
    assert done.exit_code == 2

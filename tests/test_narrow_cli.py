"""Options that narrow down, as a user of a shell types them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.commands import sh

if TYPE_CHECKING:
    from pathlib import Path

FILES = {"docs/a.md": "Plums.", "docs/a*.md": "Plums.", "docs/b/a.md": "Plums.", "c.txt": "Plums."}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"{text} {name}\n")
    record = {
        "id": "web",
        "text": "Plums.",
        "url": "https://fruit.example/plums?x=1",
        "Kind": "Fruit",
    }
    (folder / "d.jsonl").write_text(json.dumps(record))
    (folder / "link").symlink_to("docs")
    assert sh("indexer add docs c.txt d.jsonl", folder).exit_code == 0
    return folder


def found(command: str, folder: Path) -> list[str]:
    return articles_in(sh(f"search {command} -n all --all-copies --json", folder).stdout)


def articles_in(printed: str) -> list[str]:
    """The articles of a page, those of docs by their paths from there."""
    found = json.loads(printed)["passages"]
    return sorted(one["article"].removeprefix("docs/") for one in found)


@pytest.mark.parametrize(
    ("folder", "source", "expected"),
    [
        ("", "docs", ["a*.md", "a.md", "b/a.md"]),
        ("", "./docs/", ["a*.md", "a.md", "b/a.md"]),
        ("", "link", ["a*.md", "a.md", "b/a.md"]),
        ("", "docs/a.md", ["a.md"]),
        ("", "docs/a\\*.md", ["a*.md"]),
        ("", "'docs/a*.md'", ["a*.md"]),
        ("", "'docs/*.md'", ["a*.md", "a.md", "b/a.md"]),
        ("", "'./*/a.md'", ["a.md", "b/a.md"]),
        ("", ".", ["a*.md", "a.md", "b/a.md", "c.txt", "web"]),
        ("", '"$PWD/c.txt"', ["c.txt"]),
        ("", "c.txt --source docs/b", ["b/a.md", "c.txt"]),
        ("", "a.md", ["a.md", "b/a.md"]),
        ("docs", ".", ["a*.md", "a.md", "b/a.md"]),
        ("docs", "a.md", ["a.md"]),
        ("docs/b", "..", ["a*.md", "a.md", "b/a.md"]),
        ("docs/b", "../a.md", ["a.md"]),
        ("docs/b", "c.txt", ["c.txt"]),
        ("docs/b", "../nothing.md", []),
        ("", "fruit.example", ["web"]),
        ("", "https://fruit.example/plums?x=1", ["web"]),
        ("", "nothing", []),
    ],
)
def test_a_source_is_named_as_a_shell_names_files(
    folder: str, source: str, expected: list[str], home: Path
) -> None:
    ran = sh(f"cd ./{folder} && search plums --source {source} -n all --all-copies --json", home)
    assert articles_in(ran.stdout) == expected
    assert ran.exit_code == (0 if expected else 1)


def test_without_a_query_all_that_is_left_is_found(home: Path) -> None:
    assert found("--source docs/b", home) == ["b/a.md"]
    assert found("'' --where kind=fruit", home) == ["web"]
    assert found("--where KIND=*", home) == ["web"]
    ran = sh("search", home)
    assert (ran.stdout, ran.exit_code) == ("", 2)
    assert "Missing argument 'QUERY...'" in ran.stderr


def test_files_without_an_index_are_narrowed_down_too(home: Path) -> None:
    assert found("--in docs d.jsonl --where kind=fruit", home) == ["web"]
    assert found("--in docs --source docs/b plums", home) == ["b/a.md"]


@pytest.mark.parametrize("option", ["--where kind", "--after x", "--lang ''", "--facets x"])
def test_what_cannot_be_is_a_usage_error_also_in_json(option: str, home: Path) -> None:
    ran = sh(f"search plums {option} --json", home)
    assert ran.exit_code == 2
    error = json.loads(ran.stdout)["error"]
    assert error["exit_code"] == 2
    hint = f"; {error['hint']}" if error["hint"] else ""
    assert ran.stderr.splitlines()[-1].partition(": ")[2] == f"{error['message']}{hint}"


def test_nothing_is_printed_but_counts_without_passages(home: Path) -> None:
    ran = sh("search plums -n 0 --facets kind,language", home)
    assert ran.stdout.splitlines()[0] == "kind: Fruit (1)"
    assert ran.exit_code == 0
    assert sh("search zeppelin -n 0 --facets kind", home).exit_code == 1

"""What stands around passages, and the W3C selectors in JSON that are made of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from indexer.build import build_index
from indexer.intake import ReadOptions
from search import surroundings
from search.backends.local import LocalBackend
from search.index import Index
from search.model import Surroundings
from tests.commands import sh

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence
    from pathlib import Path

    from search.backends.base import Stored

TEXT = """\
On beehives

A hive stands in the sun from
early in the morning.

Where to put it

Not beside a road.

Not below a lamp.

What it costs

Less than a bicycle.
"""
PAGE = """\
---
title: On beehives
url: {}
---

A hive stands in the sun.

## Where to put it

Not beside a road.

## What it costs

### New

Less than a bicycle.
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "hives.txt").write_text(TEXT, "utf-8")
    (tmp_path / "page.md").write_text(PAGE.format("https://bees.example/hives"), "utf-8")
    options = ReadOptions(language="en")
    names = ["hives.txt", "page.md"]
    build_index([str(tmp_path / name) for name in names], tmp_path / "ix", options=options)
    return tmp_path


def found(folder: Path, query: str, *, form: str = "--json") -> Any:
    done = sh(f"search -i ix {form} --sort article '{query}'", folder)
    assert done.exit_code == 0
    return json.loads(done.stdout)


def around(folder: Path, query: str) -> list[Surroundings | None]:
    with Index.open(folder / "ix") as index:
        page = index.search(query, cited=True)
        return [one.surroundings for one in sorted(page.passages, key=lambda p: p.paragraph.number)]


def test_surroundings_of_a_page_are_all_that_stands_before_and_what_follows(folder: Path) -> None:
    before = ("A hive stands in the sun.", "Where to put it", "Not beside a road.")
    assert around(folder, "* AND source:page.md") == [
        Surroundings((), "Where to put it"),
        Surroundings(before[:2], "What it costs"),
        Surroundings((*before, "What it costs", "New"), ""),
    ]


def test_surroundings_of_a_file_are_its_neighbours(folder: Path) -> None:
    assert around(folder, "* AND source:hives.txt") == [
        Surroundings((), "Where to put it"),
        Surroundings(
            ("A hive stands in the sun from early in the morning.", "Where to put it"),
            "Not below a lamp.",
        ),
        Surroundings(("Not beside a road.",), "What it costs"),
        Surroundings(("Not below a lamp.", "What it costs"), ""),
    ]


def test_surroundings_are_the_same_however_much_is_read_at_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = around(folder, "* AND source:page.md")
    monkeypatch.setattr(surroundings, "_MOST_AROUND", 2)
    assert around(folder, "* AND source:page.md")[:2] == whole[:2]
    (last,) = around(folder, "bicycle AND source:page.md")
    assert last is not None
    assert last.before[-2:] == ("What it costs", "New")


def test_an_article_is_read_once_for_all_its_passages(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[tuple[int, int]] = []
    read_together = LocalBackend.passages

    def counted(backend: LocalBackend, keys: Sequence[Hashable], context: int) -> list[Stored]:
        reads.append((len(keys), context))
        return read_together(backend, keys, context)

    monkeypatch.setattr(LocalBackend, "passages", counted)
    assert len(around(folder, "* AND source:page.md")) == 3
    assert sorted(reads) == [(1, 200), (3, 0)]
    reads.clear()
    with Index.open(folder / "ix") as index:
        index.search("* AND source:page.md")
    assert reads == [(3, 0)]


def test_nothing_is_read_around_passages_that_nobody_cites(folder: Path) -> None:
    with Index.open(folder / "ix") as index:
        assert {one.surroundings for one in index.search("*").passages} == {None}


def test_a_text_is_selected_by_quote_and_by_position(folder: Path) -> None:
    passage = found(folder, "morning", form="--jsonl")["target"]
    quote, position = passage["selector"]
    assert passage["source"] == (folder / "hives.txt").as_uri()
    assert quote == {
        "type": "TextQuoteSelector",
        "exact": "A hive stands in the sun from early in the morning.",
        "prefix": "",
        "suffix": " Where to put it",
    }
    start, end = position.pop("start"), position.pop("end")
    assert position == {"type": "TextPositionSelector"}
    assert TEXT[start:end] == "A hive stands in the sun from\nearly in the morning."
    page = found(folder, "lamp")
    assert page["passages"][0]["link"] is None
    assert page["passages"][0]["target"]["selector"][0] == {
        "type": "TextQuoteSelector",
        "exact": "Not below a lamp.",
        "prefix": "Not beside a road. ",
        "suffix": " What it costs",
    }


def test_quotes_stand_in_the_source_with_what_is_around_them(folder: Path) -> None:
    source = " ".join(TEXT.split())
    for passage in found(folder, "* AND source:hives.txt")["passages"]:
        quote = passage["target"]["selector"][0]
        assert quote["prefix"] + quote["exact"] + quote["suffix"] in source
        assert max(len(quote["prefix"]), len(quote["suffix"])) <= 32


def test_a_page_is_selected_by_quote_at_its_address(folder: Path) -> None:
    (_, passage, _) = found(folder, "* AND source:page.md")["passages"]
    assert passage["link"] == "https://bees.example/hives#:~:text=Not%20beside%20a%20road."
    assert passage["target"] == {
        "source": "https://bees.example/hives",
        "selector": [
            {
                "type": "TextQuoteSelector",
                "exact": "Not beside a road.",
                "prefix": "Where to put it ",
                "suffix": " What it costs",
            }
        ],
    }


def test_who_names_fields_gets_these_of_them_too(folder: Path) -> None:
    query = "'+beside source:page.md'"
    for form in ("--format csv --fields id,link", "--template '{id},{link}'"):
        (*_, line) = sh(f"search -i ix {form} {query}", folder).stdout.splitlines()
        address = "https://bees.example/hives#:~:text=Not%20beside%20a%20road."
        assert line.partition(",")[2] == address
    done = sh(f"search -i ix --json --fields target {query}", folder)
    assert json.loads(done.stdout)["passages"][0]["target"]["source"]


def test_standard_input_is_no_target(folder: Path) -> None:
    done = sh("echo 'A hive hums.' | search --in - --json hums", folder)
    (passage,) = json.loads(done.stdout)["passages"]
    assert (passage["link"], passage["target"]) == (None, None)


def test_an_address_that_runs_something_is_no_link(folder: Path) -> None:
    (folder / "evil.md").write_text(PAGE.format("javascript:alert(1)"), "utf-8")
    done = sh("search --in evil.md --json road", folder)
    (passage,) = json.loads(done.stdout)["passages"]
    assert passage["link"] is None
    assert passage["target"]["source"] == (folder / "evil.md").as_uri()

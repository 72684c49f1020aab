"""A folder with a document of each format that has a maker, added in one go and searched."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.commands import sh
from tests.making.each import makers

if TYPE_CHECKING:
    from pathlib import Path

    from tests.making.each import Maker

MAKERS = makers()
#: No such word is a form of another: it has an end that is no ending.
NAMES = {
    maker.name: f"quay{''.join(chr(97 + ord(c) % 26) for c in maker.name)}k" for maker in MAKERS
}
SECOND = 2


def pages(name: str) -> list[list[str]]:
    """Two pages; on the second there is a word that only this document has."""
    word = NAMES[name]
    return [
        ["The northern harbour", "The ferry to the islands leaves at noon, when the tide is high."],
        [
            "The southern harbour",
            f"At the {word} nobody waits for it, and the lamp is out by then.",
        ],
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The documents, and an index of them."""
    folder = tmp_path_factory.mktemp("all")
    (folder / "docs").mkdir()
    for maker in MAKERS:
        made = maker.make(pages(maker.name))
        # Records have ids of their own, which the makers of several formats choose alike.
        made = made.replace(b"record-", f"{maker.name}-".encode())
        (folder / "docs" / f"{maker.name}{maker.suffix}").write_bytes(made)
    done = sh("indexer -i ix add --json --lang en docs > report.json", folder)
    assert (done.exit_code, done.stderr) == (0, "")
    return folder


def test_each_document_counts_for_its_format(folder: Path) -> None:
    report = json.loads((folder / "report.json").read_text("utf-8"))
    assert (report["skipped"], report["passed_over"]) == ([], [])
    assert {maker.format_name: report["formats"].get(maker.format_name) for maker in MAKERS} == {
        maker.format_name: sum(one.format_name == maker.format_name for one in MAKERS)
        for maker in MAKERS
    }
    assert report["added"] >= len(MAKERS)


def test_the_summary_names_each_format(folder: Path) -> None:
    done = sh("indexer -i other add docs", folder)
    _, told = done.stdout.split(f" from {len(MAKERS)} files: ")
    names = {one.split(" ")[1] for one in told.partition(";")[0].split(", ")}
    assert names == {maker.format_name for maker in MAKERS}


@pytest.fixture(scope="module")
def found(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """The passages that the word of each document finds, by the maker of it."""
    queries = "".join(f"{name}\t{word}\n" for name, word in NAMES.items())
    (folder / "queries").write_text(queries)
    done = sh("search -i ix --batch queries --format jsonl", folder)
    passages: dict[str, list[dict[str, Any]]] = {}
    for line in done.stdout.splitlines():
        passage = json.loads(line)
        passages.setdefault(passage["query_id"], []).append(passage)
    return passages


@pytest.mark.parametrize("maker", MAKERS, ids=lambda maker: maker.name)
def test_its_word_is_found_at_its_place(
    found: dict[str, list[dict[str, Any]]], maker: Maker
) -> None:
    (passage,) = found[maker.name]
    assert passage["source"].endswith(f"docs/{maker.name}{maker.suffix}")
    places = passage["locator"] or {}
    assert NAMES[maker.name] in passage["text"]
    if maker.place:
        assert maker.place in places
    else:
        assert passage["lines"][0] > 1
    if maker.place in {"page", "slide", "message", "entry"}:
        assert places[maker.place] == SECOND

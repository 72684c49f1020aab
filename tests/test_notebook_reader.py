"""Jupyter's notebooks: cells of each kind, outputs, places and facts."""

from __future__ import annotations

import json

import pytest

from indexer.articles import SkipReason
from indexer.readers.formats import pick_format
from tests.making.markup import notebook
from tests.markups import CODE, HEADING, ITEM, PARAGRAPH, read, shape, skipped

BOOK = {
    "cells": [
        {
            "cell_type": "markdown",
            "metadata": {},
            "source": ["# Tides\n", "\n", "High *water* at noon.\n", "\n", "- one\n"],
        },
        {
            "cell_type": "code",
            "execution_count": 1,
            "metadata": {},
            "outputs": [
                {"name": "stdout", "output_type": "stream", "text": ["\u001b[31m6\u001b[0m\n"]},
                {
                    "output_type": "execute_result",
                    "data": {"image/png": "iVBO", "text/plain": ["array([1])"]},
                },
                {"output_type": "error", "ename": "TideError", "evalue": "it is out"},
            ],
            "source": ["tide = 6\n", "\n", "    print(tide)"],
        },
        {"cell_type": "markdown", "metadata": {}, "source": "## Ébb\n\nlow"},
        {"cell_type": "raw", "metadata": {}, "source": ["for LaTeX"]},
    ],
    "metadata": {
        "authors": [{"name": "Ada Byron"}, {"name": "Bo Li"}],
        "kernelspec": {"language": "python", "name": "python3"},
    },
    "nbformat": 4,
}


@pytest.mark.parametrize("ascii_only", [True, False])
def test_cells_with_their_numbers_and_lines(*, ascii_only: bool) -> None:
    data = json.dumps(BOOK, indent=1, sort_keys=True, ensure_ascii=ascii_only)
    article = read(data.encode(), "notebook")
    assert (article.title, article.author) == ("Tides", "Ada Byron, Bo Li")
    assert article.extra == (("kernel", "python"),)
    lines = data.split("\n")
    place = {text: at for at, line in enumerate(lines, start=1) for text in [line.strip(' ",')]}
    code = (place["tide = 6\\n"], place["print(tide)"])
    noon, one, raw = (place[text] for text in ("High *water* at noon.\\n", "- one\\n", "for LaTeX"))
    ebb = next(at for at, line in enumerate(lines, start=1) if "low" in line)
    assert [(shape(block), block.locator) for block in article.blocks] == [
        ((PARAGRAPH, "High water at noon.", (noon, noon)), (("cell", 1),)),
        ((ITEM, "one", (one, one)), (("cell", 1),)),
        ((CODE, "tide = 6\n\n    print(tide)", code), (("cell", 2),)),
        ((CODE, "6", code), (("cell", 2),)),
        ((CODE, "array([1])", code), (("cell", 2),)),
        ((CODE, "TideError: it is out", code), (("cell", 2),)),
        ((HEADING, "Ébb", (ebb, ebb)), (("cell", 3),)),
        ((PARAGRAPH, "low", (ebb, ebb)), (("cell", 3),)),
        ((CODE, "for LaTeX", (raw, raw)), (("cell", 4),)),
    ]


def test_long_output_is_cut_and_the_rest_is_counted() -> None:
    outputs = [{"output_type": "stream", "text": "a" * 1_500}] * 2
    book = {"cells": [{"cell_type": "code", "source": "go()", "outputs": outputs}]}
    article = read(json.dumps(book).encode(), "notebook")
    assert [len(block.text) for block in article.blocks] == [4, 1_500, 500]
    assert [len(block.text) for block in article.omitted] == [1_000]


def test_notebooks_of_the_third_version() -> None:
    cells = [
        {"cell_type": "heading", "level": 1, "source": ["Tides"]},
        {"cell_type": "heading", "level": 2, "source": ["Ebb"]},
        {"cell_type": "markdown", "source": ["Low", "water."]},
        {"cell_type": "code", "input": ["go()"], "outputs": [{"output_type": "x", "text": ["6"]}]},
    ]
    article = read(json.dumps({"worksheets": [{"cells": cells}]}).encode(), "notebook")
    found = [(block.kind, block.text, block.level) for block in article.blocks]
    assert article.title == "Tides"
    assert found == [
        (HEADING, "Ebb", 2),
        (PARAGRAPH, "Low water.", 0),
        (CODE, "go()", 0),
        (CODE, "6", 0),
    ]


@pytest.mark.parametrize(
    ("data", "reason", "detail"),
    [
        (b"{", SkipReason.BROKEN, "it is no notebook: it is not valid JSON"),
        (b"[" * 100_000, SkipReason.BROKEN, "it is no notebook: it is not valid JSON"),
        (b"[]", SkipReason.BROKEN, "it is no notebook: the JSON in it has no cells"),
        (b'{"cells": []}', SkipReason.EMPTY, "the file has no text"),
        (b'{"cells": [1, {}, {"source": 3}]}', SkipReason.EMPTY, "the file has no text"),
    ],
)
def test_what_is_no_notebook(data: bytes, reason: SkipReason, detail: str) -> None:
    found = skipped(data, "notebook")
    assert (found.reason, found.detail) == (reason, detail)


def test_content_tells_where_the_name_does_not() -> None:
    assert pick_format("-", notebook([("Tides", ["High water."])])).name == "notebook"
    assert pick_format("-", b'{"cells": "of a prison"}\n').name == "jsonl"

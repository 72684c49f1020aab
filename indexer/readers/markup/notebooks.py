"""Jupyter's notebooks: cells of Markdown and of code, each with its number.

Markdown goes through the Markdown reader; its headings stand over the cells that follow. A cell of
code is a block of code, and so is what it printed, as far as that is text: the first 2,000
characters of each cell's output, the rest of it being left out and counted. Pictures and widgets
are no text. Of an error its name and what it says are kept, not the way there.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from indexer.articles import SkipReason
from indexer.model import BlockKind
from indexer.readers.encoding import decode
from indexer.readers.faults import ReaderError
from indexer.readers.fields import clean
from indexer.readers.markdown import markdown_blocks
from indexer.readers.markup.blocks import Blocks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from indexer.articles import Article
    from indexer.readers.budget import Budget

_MOST_OUTPUT_CHARS = 2_000
# Colours of a terminal.
_ESCAPES = re.compile(r"\x1b\[[0-9;?]{0,40}[A-Za-z]")
_LEVELS = range(1, 7)


def read_notebook(
    data: bytes, *, source: str, keep_furniture: bool, budget: Budget
) -> Iterator[Article]:
    """Yield the one article of a notebook.

    Lines are those of the file as it is stored, which Jupyter writes with a line for each line of
    a cell.

    Raises: ReaderError if data is no notebook, has no words or is over the budget.
    """
    text = decode(data)
    if not text.strip():
        raise ReaderError(SkipReason.EMPTY, "the file has no text")
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ReaderError(SkipReason.BROKEN, "it is no notebook: it is not valid JSON") from error
    cells = _cells(notebook)
    if cells is None:
        raise ReaderError(SkipReason.BROKEN, "it is no notebook: the JSON in it has no cells")
    blocks = Blocks(budget, keep_furniture=keep_furniture)
    places = _Places(text)
    for number, cell in enumerate(cells, start=1):
        blocks.locator = (("cell", number),)
        if isinstance(cell, dict):
            _add_cell(cell, blocks, places, budget)
    facts = _mapping(notebook.get("metadata"))
    kernel = _mapping(facts.get("kernelspec")).get("language")
    authors = facts.get("authors")
    names = [_mapping(one).get("name") for one in authors] if isinstance(authors, list) else None
    programming = kernel or _mapping(facts.get("language_info")).get("name")
    yield blocks.article(
        source,
        title=facts.get("title"),
        author=names,
        published=facts.get("date"),
        extra=[("kernel", programming), ("tags", facts.get("tags"))],
    )


def _mapping(value: object) -> dict[Any, Any]:
    return value if isinstance(value, dict) else {}


def _cells(notebook: object) -> list[object] | None:
    """The cells of a notebook of any version; None if it is none."""
    whole = _mapping(notebook)
    cells = whole.get("cells")
    if isinstance(cells, list):
        return cells
    sheets = whole.get("worksheets")
    if not isinstance(sheets, list):
        return None
    lists = [_mapping(sheet).get("cells") for sheet in sheets]
    return [cell for cells in lists if isinstance(cells, list) for cell in cells]


def _add_cell(cell: dict[str, Any], blocks: Blocks, places: _Places, budget: Budget) -> None:
    kind = cell.get("cell_type")
    # Keys are stored in the order of the alphabet: what is put out stands before the source.
    outputs = cell.get("outputs")
    made = [*_outputs(outputs)] if kind == "code" and isinstance(outputs, list) else []
    strings = _strings(cell.get("source", cell.get("input")))
    lines = places.find(strings)
    text = _one_text(strings)
    if kind == "markdown":
        _add_markdown(text, lines, blocks, budget)
    elif kind == "heading":
        level = cell.get("level")
        level = level if isinstance(level, int) and level in _LEVELS else 1
        blocks.add(BlockKind.HEADING, text, lines[0], lines[-1], level=level)
    else:
        blocks.add(BlockKind.CODE, text, lines[0], lines[-1])
    left = _MOST_OUTPUT_CHARS
    for output in made:
        shown, rest = output[:left], output[left:]
        left -= len(shown)
        blocks.add(BlockKind.CODE, shown, lines[0], lines[-1])
        blocks.leave_out(rest, lines[0], lines[-1])


def _add_markdown(text: str, lines: Sequence[int], blocks: Blocks, budget: Budget) -> None:
    for block in markdown_blocks(text, budget):
        first, last = (lines[min(line, len(lines)) - 1] for line in block.lines)
        blocks.add(block.kind, block.text, first, last, level=block.level)


def _strings(value: object) -> list[str]:
    """What a text is stored as: one string, or one for each line."""
    if isinstance(value, str):
        return [value]
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _one_text(strings: Sequence[str]) -> str:
    # The second version of the format parts lines without their ends.
    has_ends = any(one.endswith("\n") for one in strings[:-1])
    return clean(("" if has_ends else "\n").join(strings))


def _outputs(outputs: Sequence[object]) -> Iterator[str]:
    """Yield what a cell has put out, as far as it is text."""
    for output in map(_mapping, outputs):
        kind = output.get("output_type")
        if kind == "stream":
            text = _one_text(_strings(output.get("text")))
        elif kind in {"error", "pyerr"}:
            names = (output.get("ename"), output.get("evalue"))
            text = ": ".join(name for name in names if isinstance(name, str) and name)
        else:
            shown = _mapping(output.get("data")) or output
            found = shown.get("text/markdown") or shown.get("text/plain") or shown.get("text")
            text = _one_text(_strings(found))
        text = _ESCAPES.sub("", text)
        if text.strip():
            yield text


class _Places:
    """Finds in which lines of the file the lines of cells stand, one after the other."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line = 1
        # A file that escapes what others write as it is.
        self._is_escaped = text.isascii()
        self._is_lost = False

    def find(self, strings: Sequence[str]) -> list[int]:
        """The line of the file in which each line of a text stands, at least one.

        Where a string is not written as it is expected, all that follows has the last line known.
        """
        lines: list[int] = []
        for string in strings:
            literal = json.dumps(string, ensure_ascii=self._is_escaped)
            found = -1 if self._is_lost else self._text.find(literal, self._at)
            if found < 0:
                self._is_lost = self._is_lost or bool(string)
            else:
                self._line += self._text.count("\n", self._at, found)
                self._at = found
            lines += [self._line] * (string.count("\n", 0, -1) + 1)
            if found >= 0:
                self._at = found + len(literal)
        return lines or [self._line]

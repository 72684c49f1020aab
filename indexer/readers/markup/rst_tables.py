"""reStructuredText's tables, drawn or listed -> rows of cells; pure."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING

from indexer.model import Lines

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    Rows: TypeAlias = tuple[list[tuple[list[str], Lines]], int]

_SIMPLE_BORDER = re.compile(r"=+(?: +=+)*\s*$")
_SIMPLE_SPAN = re.compile(r"-+(?: +-+)*\s*$")
_GRID_BORDER = re.compile(r"\+[-=+]+\+?\s*$")
_LISTED_ROW = re.compile(r"([*+-])(\s+)([*+-])(?:\s+(.*)|)$")


def is_simple_border(line: str) -> bool:
    """Whether a line may begin a simple table."""
    return line.startswith("=") and " " in line.strip() and bool(_SIMPLE_BORDER.match(line))


def is_grid_border(line: str) -> bool:
    """Whether a line may begin a grid."""
    return line.startswith(("+-", "+=")) and bool(_GRID_BORDER.match(line))


def simple_rows(lines: Sequence[str], first: int) -> Rows:
    """The rows of a simple table and how many of them name the columns.

    A line without anything in its first column goes on with the row above.
    """
    columns = [found.span() for found in re.finditer("=+", lines[0])]
    edges = [(start, columns[at + 1][0]) for at, (start, _) in enumerate(columns[:-1])]
    edges.append((columns[-1][0], 1 << 30))
    rows: list[tuple[list[str], Lines]] = []
    heads = borders = 0
    for at, line in enumerate(lines):
        if _SIMPLE_BORDER.match(line):
            borders += 1
            if borders == 2:
                heads = len(rows)
        elif line.strip() and not _SIMPLE_SPAN.match(line):
            cells = [line[start:end].strip() for start, end in edges]
            # A cell that reaches over the next ones is cut where the words are.
            if rows and not cells[0] and borders + heads > 0:
                above, place = rows[-1]
                joined = [
                    f"{old}\n{new}" if new else old for old, new in zip(above, cells, strict=True)
                ]
                rows[-1] = (joined, Lines(place.first, first + at))
            else:
                rows.append((cells, Lines(first + at, first + at)))
    return rows, heads if borders > 2 else 0


def grid_rows(lines: Sequence[str], first: int) -> Rows:
    """The rows of a grid and how many of them name the columns.

    Cells that reach over several rows have their text in the row they begin in.
    """
    rows: list[tuple[list[str], Lines]] = []
    heads = 0
    edges = [at for at, char in enumerate(lines[0]) if char == "+"]
    cells = [""] * max(1, len(edges) - 1)
    begun = first + 1
    for at, line in enumerate(lines):
        if _GRID_BORDER.match(line):
            if any(map(str.strip, cells)):
                rows.append((cells, Lines(begun, first + at - 1)))
            cells = [""] * len(cells)
            begun = first + at + 1
            if "=" in line and not heads:
                heads = len(rows)
            continue
        for column, text in _cells_of(line, edges):
            cells[column] += f"\n{text}"
    if any(map(str.strip, cells)):
        rows.append((cells, Lines(begun, first + len(lines) - 1)))
    return rows, heads if heads < len(rows) else 0


def _cells_of(line: str, edges: Sequence[int]) -> list[tuple[int, str]]:
    """The texts between the bars of a line, each with the column in which it begins."""
    found = []
    start = 0
    for at in range(1, len(edges)):
        is_edge = at == len(edges) - 1 or line[edges[at] : edges[at] + 1] in {"|", "+", ""}
        if is_edge:
            text = line[edges[start] + 1 : edges[at]].strip()
            if text and set(text) - set("-=+"):
                found.append((start, text))
            start = at
    return found


def listed_rows(lines: Sequence[str], first: int, heads: int) -> Rows:
    """The rows of a list of lists."""
    rows: list[tuple[list[str], Lines]] = []
    column = -1
    for at, line in enumerate(lines):
        if found := _LISTED_ROW.match(line):
            rows.append(([found[4] or ""], Lines(first + at, first + at)))
            column = found.start(3)
        elif rows and line.strip():
            cells, place = rows[-1]
            bare = line.lstrip()
            is_cell = (
                len(line) - len(bare) == column and bare[0] in "*+-" and bare[1:2] in {"", " "}
            )
            if is_cell:
                cells.append(bare[1:].strip())
            else:
                cells[-1] += f"\n{bare}"
            rows[-1] = (cells, Lines(place.first, first + at))
    return rows, heads if heads < len(rows) else 0


def comma_rows(lines: Sequence[str], first: int, header: str, heads: int) -> Rows:
    """The rows of a table with commas; header is a row that stands elsewhere, "" if none does."""
    rows = []
    if header:
        rows.append((next(csv.reader([header], skipinitialspace=True), []), Lines(first, first)))
    for at, line in enumerate(lines):
        if line.strip():
            cells = next(csv.reader([line.strip()], skipinitialspace=True), [])
            rows.append((cells, Lines(first + at, first + at)))
    heads += bool(header)
    return rows, heads if heads < len(rows) else 0

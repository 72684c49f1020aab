"""Rows of tables -> their lines of text, with the names of their columns where these are certain.

A row names the columns if its tags say so, or if it is the only one of its table that is bold, all
of it, and stands over the others; one that says the same on the next page is that row again.
"""

from __future__ import annotations

from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from indexer.model import BlockKind
from indexer.readers.tables import Cell, row_texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from indexer.readers.pdf.hyphens import Hyphens
    from indexer.readers.pdf.lines import Line
    from indexer.readers.pdf.measures import Measures
    from indexer.readers.pdf.pieces import Piece

_ALIGNED = 3.0
# Behind all columns that have a name.
_NAMELESS = 1_000


def texts_of_rows(pieces: Sequence[Piece], hyphens: Hyphens, measures: Measures) -> dict[int, str]:
    """The text of each row by the id() of its piece; "" of one whose names are in the others."""
    found: dict[int, str] = {}
    for is_row, run in groupby(pieces, key=lambda piece: piece.kind is BlockKind.TABLE_ROW):
        if is_row:
            for rows, heads in _tables(list(run), hyphens, measures):
                found.update(_texts(rows, heads, hyphens))
    return found


def _tables(
    rows: Sequence[Piece], hyphens: Hyphens, measures: Measures
) -> Iterator[tuple[list[Piece], int]]:
    """Yield the rows between two that name columns, and how many of the first ones do."""
    naming = [row for row in rows if _names_columns(row, measures)]
    bold = {_said(row, hyphens) for row in naming if not row.is_head}
    # Several bold rows are figures that are stressed, if they do not say the same.
    names = {id(row) for row in naming if row.is_head or len(bold) == 1}
    starts = [
        place
        for place, row in enumerate(rows)
        if id(row) in names and (place == 0 or id(rows[place - 1]) not in names)
    ]
    if starts[:1] != [0]:
        yield list(rows[: starts[0] if starts else len(rows)]), 0
    for start, end in pairwise([*starts, len(rows)]):
        held = list(rows[start:end])
        heads = sum(id(row) in names for row in held)
        is_certain = heads < len(held) and (heads == 1 or all(row.is_head for row in held[:heads]))
        yield held, heads if is_certain else 0


def _said(row: Piece, hyphens: Hyphens) -> tuple[str, ...]:
    return tuple(hyphens.text(cell) for cell in row.cells)


def _names_columns(row: Piece, measures: Measures) -> bool:
    is_bold = not measures.is_bold and all(line.is_bold for line in row.lines)
    return len(row.cells) > 1 and (row.is_head or is_bold)


def _texts(rows: Sequence[Piece], heads: int, hyphens: Hyphens) -> Iterator[tuple[int, str]]:
    columns = [_extent(cell) for cell in rows[0].cells] if heads else []
    cells = [
        [
            Cell(hyphens.text(cell), column)
            for cell, column in zip(row.cells, _columns(row, columns), strict=True)
        ]
        for row in rows
    ]
    for row, text in zip(rows, row_texts(cells, heads), strict=True):
        yield id(row), text


def _columns(row: Piece, columns: Sequence[tuple[float, float]]) -> list[int]:
    """Which column each cell is in; as many as there are stand in their order."""
    if len(row.cells) == len(columns):
        return list(range(len(columns)))
    return [_column(_extent(cell), columns, place) for place, cell in enumerate(row.cells)]


def _column(cell: tuple[float, float], columns: Sequence[tuple[float, float]], place: int) -> int:
    x0, x1 = cell
    over = [
        number for number, (left, right) in enumerate(columns) if x0 < right - 1 and left < x1 - 1
    ]
    if len(over) == 1:
        return over[0]
    aligned = [
        number
        for number, (left, right) in enumerate(columns)
        if not over and (abs(x0 - left) <= _ALIGNED or abs(x1 - right) <= _ALIGNED)
    ]
    return aligned[0] if len(aligned) == 1 else _NAMELESS + place


def _extent(cell: Sequence[Line]) -> tuple[float, float]:
    """From the left to the right of a cell, between its rules where it has some."""
    first = cell[0]
    if first.cell is not None:
        return first.cell.left, first.cell.right
    return min(line.x0 for line in cell), max(line.x1 for line in cell)

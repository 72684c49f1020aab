"""Rows of tables as lines of text, with the names of their columns.

A row is ``Name: value | Name: value``, its empty cells left out, as ``value | value`` where nothing
names the columns. The row with the names is none of its own, unless one of them would be lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Columns of a table that are told apart; formats can say that a cell is there a million times.
MOST_COLUMNS = 1_000


class Cell(NamedTuple):
    """A cell of a row.

    Attributes:
        text: what is in it, on one line.
        first: the column it begins in, from 0.
        columns: how many it takes.
    """

    text: str
    first: int
    columns: int = 1


def row_texts(rows: Sequence[Sequence[Cell]], headers: int) -> list[str]:
    """The line of each row; "" for one that is empty, or whose names are in the others.

    Args:
        rows: in their order.
        headers: how many of the first ones name the columns.
    """
    names = _names(rows[:headers])
    used = {
        column
        for row in rows[headers:]
        for cell in row
        if cell.text
        for column in range(cell.first, cell.first + cell.columns)
    }
    lines: list[str] = []
    for number, row in enumerate(rows):
        is_header = number < headers
        if is_header and all(not cell.text or _is_used(cell, used) for cell in row):
            lines.append("")
            continue
        cells = [
            cell.text if is_header else _named(names.get(cell.first, ""), cell.text)
            for cell in row
            if cell.text
        ]
        lines.append(" | ".join(cells))
    return lines


def _names(rows: Sequence[Sequence[Cell]]) -> dict[int, str]:
    """The name of each column; what stands over several is a part of the names of all of them."""
    names: dict[int, str] = {}
    for row in rows:
        for cell in row:
            for column in range(cell.first, min(cell.first + cell.columns, MOST_COLUMNS)):
                over = names.get(column, "")
                if cell.text and cell.text != over:
                    names[column] = f"{over} {cell.text}".lstrip()
    return names


def _named(name: str, text: str) -> str:
    if not name or name == text:
        return text
    return f"{name}{'' if name.endswith((':', '?')) else ':'} {text}"


def _is_used(cell: Cell, used: set[int]) -> bool:
    return any(column in used for column in range(cell.first, cell.first + cell.columns))

"""Rows of tables as lines of text, with the names of their columns.

A row is ``Name: value | Name: value``, its empty cells left out, as ``value | value`` where nothing
names the columns. The row with the names is none of its own, unless one of them would be lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: Columns of a table that are told apart; formats can say that a cell is there a million times.
MOST_COLUMNS = 200
#: Rows that may name columns together, and how long what they say may be; longer is no name.
MOST_HEADERS = 5
_LONGEST_NAME_CHARS = 200


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


def row_texts(rows: Sequence[Sequence[Cell]], headers: int) -> Iterator[str]:
    """Yield the line of each row; "" for one that is empty, or whose names are in the others.

    Args:
        rows: in their order.
        headers: how many of the first ones name the columns; MOST_HEADERS of them do.
    """
    headers = min(headers, MOST_HEADERS)
    names = _names(rows[:headers])
    used = {
        column
        for row in rows[headers:]
        for cell in row
        if cell.text
        for column in range(cell.first, cell.first + cell.columns)
    }
    for number, row in enumerate(rows):
        is_header = number < headers
        if is_header and all(not cell.text or _is_said(cell, names, used) for cell in row):
            yield ""
            continue
        cells = [
            cell.text if is_header else _named(names.get(cell.first, ""), cell.text)
            for cell in row
            if cell.text
        ]
        yield " | ".join(cells)


def _names(rows: Sequence[Sequence[Cell]]) -> dict[int, str]:
    """The name of each column; what stands over several is a part of the names of all of them."""
    names: dict[int, str] = {}
    for row in rows:
        for cell in row:
            for column in range(cell.first, min(cell.first + cell.columns, MOST_COLUMNS)):
                over = names.get(column, "")
                if cell.text and cell.text != over:
                    names[column] = f"{over} {cell.text}".lstrip()[: _LONGEST_NAME_CHARS + 1]
    return {column: name for column, name in names.items() if len(name) <= _LONGEST_NAME_CHARS}


def _named(name: str, text: str) -> str:
    if not name or name == text:
        return text
    return f"{name}{'' if name.endswith((':', '?')) else ':'} {text}"


def _is_said(cell: Cell, names: dict[int, str], used: set[int]) -> bool:
    """Whether a row has a value in a column that a cell names."""
    columns = range(cell.first, cell.first + cell.columns)
    return any(column in used and column in names for column in columns)

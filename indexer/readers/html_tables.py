"""The rows of an HTML table with the names of their columns, from its header cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from indexer.readers.tables import MOST_COLUMNS, Cell, row_texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: Stands between the pieces of two cells of a row.
SEPARATOR = " | "
_CELLS = frozenset(("td", "th"))
_MOST_ROWS_SPANNED = 65_534  # as in browsers


class Rows:
    """The rows of one table that are records, as they come by."""

    def __init__(self) -> None:
        self._rows: list[tuple[int, list[Cell]]] = []
        self._headers = 0
        # Columns that a cell above takes, with the number of rows it takes them for.
        self._taken: dict[int, int] = {}

    def add(self, block: int, row: Any, pieces: Sequence[str], starts: Sequence[int]) -> None:
        """Take a row: the number of its block, its element, its text, and where cells begin."""
        found = [child for child in row if child.tag in _CELLS]
        cells: list[Cell] = []
        column = 0
        taken = self._taken
        self._taken = {place: left - 1 for place, left in taken.items() if left > 1}
        for place, (cell, start) in enumerate(zip(found, starts, strict=False)):
            while column in taken:
                column += 1
            columns = 1 if column >= MOST_COLUMNS else min(_span(cell, "colspan"), MOST_COLUMNS)
            rows = min(_span(cell, "rowspan"), _MOST_ROWS_SPANNED)
            if rows > 1:
                self._taken |= dict.fromkeys(range(column, column + columns), rows - 1)
            end = starts[place + 1] if place + 1 < len(starts) else len(pieces)
            text = "".join(piece for piece in pieces[start:end] if piece is not SEPARATOR)
            cells.append(Cell(" ".join(text.split()), column, columns))
            column += columns
        if self._headers == len(self._rows) and _names_columns(row, found):
            self._headers += 1
        self._rows.append((block, cells))

    def texts(self) -> Iterator[tuple[int, str]]:
        """Yield the number of each row's block and its line, "" if the others say all of it."""
        if self._headers:
            blocks, rows = zip(*self._rows, strict=True)
            yield from zip(blocks, row_texts(rows, self._headers), strict=True)


def _names_columns(row: Any, cells: Sequence[Any]) -> bool:
    """Whether a row is in the head of its table, or all of its cells are header cells.

    The corner over the names of rows may be any cell.
    """
    parent = row.getparent()
    if parent is not None and parent.tag == "thead":
        return True
    return len(cells) > 1 and all(cell.tag == "th" for cell in cells[1:])


def _span(cell: Any, name: str) -> int:
    written = cell.get(name, "")
    return max(int(written), 1) if written.isdecimal() and len(written) < 6 else 1

"""The tables of an ODF document: rows with the names of their columns, or parts of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from indexer.readers.documents.open_document_lines import Line
from indexer.readers.documents.package import attribute, descendants, local
from indexer.readers.tables import MOST_COLUMNS, Cell, row_texts
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.readers.documents.open_document_styles import OpenStyles
    from indexer.readers.documents.package import Package

_GROUPS = frozenset(("table-header-rows", "table-rows", "table-row-group"))
# A cell of a record is a line or two; with more of them it lays out a page.
_MOST_PARAGRAPHS = 2
# A value that is there so often beside itself is told often enough.
_MOST_TIMES = 16
_NOT_IN_RECORDS = ("table", "list", "h")


class OpenRow(NamedTuple):
    """A row; one that is there many times is one.

    Attributes:
        cells: the elements of those with something in them.
        is_record: whether they are the fields of a record; else each is a part of the page.
        lines: the paragraphs in a record.
        text: the line that a record is, "" if other rows say it.
    """

    cells: tuple[Any, ...]
    is_record: bool
    lines: tuple[Line, ...] = ()
    text: str = ""


class OpenTable:
    """A table."""

    def __init__(self, table: Any, styles: OpenStyles, package: Package | None) -> None:
        self._styles = styles
        self._package = package
        rows: list[OpenRow] = []
        cells: list[list[Cell]] = []
        headers = 0
        for element, is_header in _rows(table, is_header=False):
            row, of_row = self._row(element)
            if is_header and headers == len(rows):
                headers += 1
            rows.append(row)
            cells.append(of_row)
        if headers in {0, len(rows)}:
            headers = 1 if len(rows) > 1 and self._heads(rows) else 0
        self._rows, self._texts, self._names = rows, cells, headers

    def rows(self) -> Iterator[OpenRow]:
        """Yield the rows in their order."""
        for row, text in zip(self._rows, row_texts(self._texts, self._names), strict=True):
            yield row._replace(text=text)

    def _row(self, element: Any) -> tuple[OpenRow, list[Cell]]:
        elements: list[tuple[Any, int, int, int]] = []
        column = 0
        for one in element:
            if column >= MOST_COLUMNS:
                break
            name = local(one)
            if name not in {"table-cell", "covered-table-cell"}:
                continue
            times = min(_number(one, "number-columns-repeated"), MOST_COLUMNS - column)
            columns = min(_number(one, "number-columns-spanned"), MOST_COLUMNS)
            if len(one):
                elements.append((one, column, columns, min(times, _MOST_TIMES)))
            column += times
        own = tuple(one for one, *_ in elements)
        paragraphs = sum(1 for cell in own for one in cell if local(one) == "p")
        is_record = (
            column > 1
            and paragraphs <= _MOST_PARAGRAPHS * len(own)
            and not any(next(descendants(cell, *_NOT_IN_RECORDS), None) is not None for cell in own)
        )
        if not is_record:
            return OpenRow(own, is_record=False), []
        lines: list[Line] = []
        cells: list[Cell] = []
        for cell, first, columns, times in elements:
            of_cell = [Line(one, self._styles, self._package) for one in cell if local(one) == "p"]
            lines += of_cell
            text = " ".join(filter(None, (line.text() for line in of_cell)))
            cells += (Cell(text, first + time, columns) for time in range(times))
        return OpenRow(own, is_record=True, lines=tuple(lines)), cells

    def _heads(self, rows: list[OpenRow]) -> bool:
        """Whether the first row is styled as the names of columns, and the second is not."""
        return self._is_styled_so(rows[0]) and not self._is_styled_so(rows[1])

    def _is_styled_so(self, row: OpenRow) -> bool:
        names = [
            attribute(one, "style-name") or ""
            for cell in row.cells
            for one in cell
            if local(one) == "p"
        ]
        return row.is_record and bool(names) and {self._styles.role(n) for n in names} == {"names"}


def _rows(parent: Any, *, is_header: bool) -> Iterator[tuple[Any, bool]]:
    """Yield the rows of a table, and whether each is marked to name the columns."""
    for one in parent:
        name = local(one)
        if name == "table-row":
            yield one, is_header
        elif name in _GROUPS:
            yield from _rows(one, is_header=is_header or name == "table-header-rows")


def _number(element: Any, name: str) -> int:
    text = attribute(element, name) or "1"
    return max(1, int(text)) if text.isdecimal() and len(text) < 12 else 1

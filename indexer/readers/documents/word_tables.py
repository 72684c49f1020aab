"""The tables of a DOCX: rows of records with the names of their columns, or parts of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from indexer.readers.documents.open_xml import chosen, is_on, whole
from indexer.readers.documents.package import attribute, child, descendants, local
from indexer.readers.documents.word_runs import Runs
from indexer.readers.tables import MOST_COLUMNS, Cell, row_texts
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.readers.documents.word_styles import Styles

_AROUND = frozenset(("ins", "moveTo", "customXml", "sdt", "sdtContent"))
# A cell of a record is a line or two; with more of them it lays out a page.
_MOST_PARAGRAPHS = 2
_LONGEST_NAME_CHARS = 80
_FIRST_ROW = 0x20


class Row(NamedTuple):
    """A row that is not deleted.

    Attributes:
        cells: their elements.
        is_record: whether they are the fields of a record; else each is a part of the page.
        runs: of the paragraphs in a record.
        text: the line that a record is, "" if other rows say it.
    """

    cells: tuple[Any, ...]
    is_record: bool
    runs: tuple[Runs, ...] = ()
    text: str = ""


class WordTable:
    """A table.

    Attributes:
        captions: what the table is said to show.
    """

    def __init__(self, table: Any, styles: Styles) -> None:
        self._styles = styles
        properties = child(table, "tblPr")
        self.captions = [
            told
            for name in ("tblCaption", "tblDescription")
            if (one := child(properties, name)) is not None and (told := attribute(one, "val"))
        ]
        elements = [one for one in _within(table, "tr") if not _is_deleted(one)]
        rows = [self._row(one) for one in elements]
        cells = [self._cells(one, row) for one, row in zip(elements, rows, strict=True)]
        self._rows, self._texts = rows, cells
        self._names = self._headers(properties, elements, rows, cells)

    def rows(self) -> Iterator[Row]:
        """Yield the rows that are not deleted, in their order."""
        for row, text in zip(self._rows, row_texts(self._texts, self._names), strict=True):
            yield row._replace(text=text)

    def _row(self, element: Any) -> Row:
        cells = tuple(_within(element, "tc"))
        paragraphs = [one for cell in cells for one in _within(cell, "p")]
        is_record = (
            len(cells) > 1
            and len(paragraphs) <= _MOST_PARAGRAPHS * len(cells)
            and next(descendants(element, "tbl"), None) is None
            and not any(self._is_more_than_text(one) for one in paragraphs)
        )
        runs = tuple(Runs(one, self._styles) for one in paragraphs) if is_record else ()
        return Row(cells, is_record, runs)

    def _is_more_than_text(self, paragraph: Any) -> bool:
        style = child(paragraph, "pPr", "pStyle")
        name = attribute(style, "val") if style is not None else None
        return bool(self._styles.style(name).level)

    def _cells(self, element: Any, row: Row) -> list[Cell]:
        if not row.is_record:
            return []
        cells: list[Cell] = []
        before = child(element, "trPr", "gridBefore")
        column = min(_number(before), MOST_COLUMNS)
        runs = iter(row.runs)
        for cell in row.cells:
            texts = [next(runs).text() for _ in _within(cell, "p")]
            span = child(cell, "tcPr", "gridSpan")
            columns = max(1, min(_number(span), MOST_COLUMNS))
            cells.append(Cell(" ".join(filter(None, texts)), column, columns))
            column = min(column + columns, MOST_COLUMNS)
        return cells

    def _headers(
        self, properties: Any, elements: list[Any], rows: list[Row], cells: list[list[Cell]]
    ) -> int:
        """How many of the first rows name the columns, with those that their cells reach into."""
        headers = self._marked_headers(properties, elements, rows, cells)
        while 0 < headers < len(rows) - 1 and _goes_on(rows[headers]):
            headers += 1
        return headers

    def _marked_headers(
        self, properties: Any, elements: list[Any], rows: list[Row], cells: list[list[Cell]]
    ) -> int:
        """How many of the first rows are marked to name the columns.

        Those that are repeated on each page; else the first one where it looks different, by the
        style of the table or in bold, and could be names.
        """
        marked = 0
        for element, row in zip(elements, rows, strict=True):
            if not (row.is_record and is_on(child(element, "trPr", "tblHeader"))):
                break
            marked += 1
        if 0 < marked < len(rows):
            return marked
        if len(rows) < 2 or not rows[0].is_record or not _could_be_names(cells[0]):
            return 0
        style = child(properties, "tblStyle")
        name = attribute(style, "val") or "" if style is not None else ""
        looks = child(properties, "tblLook")
        by_style = looks is not None and _first_row(looks) and self._styles.style(name).has_header
        by_bold = _is_bold(elements[0]) and not _is_bold(elements[1])
        return 1 if by_style or by_bold else 0


def _within(parent: Any, wanted: str) -> Iterator[Any]:
    """Yield the elements of a name in another, also where something stands around them."""
    for one in parent:
        name = local(one)
        if name == wanted:
            yield one
        elif name in _AROUND:
            yield from _within(one, wanted)
        elif name == "AlternateContent" and (branch := chosen(one)) is not None:
            yield from _within(branch, wanted)


def _is_deleted(row: Any) -> bool:
    return child(row, "trPr", "del") is not None


def _goes_on(row: Row) -> bool:
    """Whether a cell of the row above reaches into a row."""
    merges = (child(cell, "tcPr", "vMerge") for cell in row.cells)
    return row.is_record and any(
        one is not None and attribute(one, "val") in {None, "continue"} for one in merges
    )


def _could_be_names(cells: list[Cell]) -> bool:
    texts = [cell.text for cell in cells if cell.text]
    return (
        len(texts) >= max(1, len(cells) - 1)
        and len(set(texts)) == len(texts)
        and all(len(text) <= _LONGEST_NAME_CHARS for text in texts)
    )


def _is_bold(row: Any) -> bool:
    """Whether all text of a row is bold by itself."""
    runs = [one for one in descendants(row, "r") if child(one, "t") is not None]
    return bool(runs) and all(is_on(child(one, "rPr", "b")) for one in runs)


def _first_row(looks: Any) -> bool:
    said = attribute(looks, "firstRow")
    if said is not None:
        return said in {"1", "true", "on"}
    value = attribute(looks, "val") or ""
    try:
        return bool(int(value, 16) & _FIRST_ROW)
    except ValueError:
        return False


def _number(element: Any) -> int:
    return max(0, whole(attribute(element, "val"))) if element is not None else 0

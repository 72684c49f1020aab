"""The text in the shapes of a PPTX: its lines, and the rows of its tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from indexer.readers.documents.open_xml import chosen, math_text, whole
from indexer.readers.documents.package import child, descendants, local
from indexer.readers.tables import MOST_COLUMNS, Cell, row_texts
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_BULLETS = frozenset(("buChar", "buAutoNum", "buBlip"))
_ON = frozenset(("1", "true"))


class Line(NamedTuple):
    """A paragraph.

    Attributes:
        text: its words.
        is_item: whether it has a bullet or a number; None if that is not said.
    """

    text: str
    is_item: bool | None


def lines_of(shape: Any, body: str = "txBody") -> list[Line]:
    """The paragraphs of a shape that have text.

    Args:
        shape: the element.
        body: the name of the element that holds them in it.
    """
    within = child(shape, body)
    return [
        Line(text, _is_item(child(one, "pPr")))
        for one in (within if within is not None else ())
        if local(one) == "p" and (text := " ".join("".join(_pieces(one)).split()))
    ]


def table_lines(shape: Any) -> Iterator[str]:
    """Yield the rows of the table that a shape shows, with the names of their columns."""
    table = next(descendants(shape, "tbl"), None) if local(shape) == "graphicFrame" else None
    if table is None:
        return iter(())
    rows = [list(_cells(row)) for row in table if local(row) == "tr"]
    properties = child(table, "tblPr")
    heads = properties is not None and properties.get("firstRow") in _ON
    is_named = heads and len(rows) > 1 and sum(1 for cell in rows[0] if cell.text) > 1
    return row_texts(rows, 1 if is_named else 0)


def _cells(row: Any) -> Iterator[Cell]:
    column = 0
    for cell in row:
        if local(cell) == "tc":
            if column < MOST_COLUMNS and not {cell.get("hMerge"), cell.get("vMerge")} & _ON:
                text = " ".join(line.text for line in lines_of(cell))
                columns = max(1, min(whole(cell.get("gridSpan"), 1), MOST_COLUMNS))
                yield Cell(text, column, columns)
            column += 1


def _pieces(paragraph: Any) -> Iterator[str]:
    for one in paragraph:
        name = local(one)
        if name == "r" or (name == "fld" and one.get("type") != "slidenum"):
            text = child(one, "t")
            yield (text.text or "") if text is not None else ""
        elif name == "br":
            yield " "
        elif name == "AlternateContent":
            branch = chosen(one)
            if branch is not None:
                yield from _pieces(branch)
        elif name == "m":
            yield math_text(one)


def _is_item(properties: Any) -> bool | None:
    if properties is None:
        return None
    names = {local(one) for one in properties}
    if "buNone" in names:
        return False
    return True if names & _BULLETS else None

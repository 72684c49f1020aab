"""Paragraphs, lists, tables, notes and shapes of an ODF document -> blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from indexer.model import BlockKind
from indexer.readers.documents.open_document_lines import SHAPES, Line
from indexer.readers.documents.open_document_tables import OpenTable
from indexer.readers.documents.package import attribute, child, local

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.readers.documents.collecting import Blocks
    from indexer.readers.documents.open_document_styles import OpenStyles
    from indexer.readers.documents.package import Package

_KINDS = {"quote": BlockKind.QUOTE, "caption": BlockKind.CAPTION, "code": BlockKind.CODE}
#: What stands around blocks without being seen.
_AROUND = frozenset(
    (
        *("section", "index-body", "index-title", "page-sequence", "a"),
        *("bibliography", "alphabetical-index", "list-item", "list-header", "numbered-paragraph"),
    )
)
_CONTENTS = frozenset(
    ("table-of-content", "illustration-index", "table-index", "object-index", "user-index")
)
_MOST_LEVEL = 10


class Flow:
    """Reads elements of a document into blocks.

    Args:
        blocks: what takes them.
        styles: of the document.
        package: of the document; None for a flat one.
    """

    def __init__(self, blocks: Blocks, styles: OpenStyles, package: Package | None) -> None:
        self._blocks = blocks
        self._styles = styles
        self._package = package
        self._code: list[str] = []

    def read(self, parent: Any) -> None:
        """Take what stands in an element."""
        self._read(parent, BlockKind.PARAGRAPH, furniture=False)
        self._end_code()

    def read_furniture(self, parent: Any, said: set[str]) -> None:
        """Leave out the paragraphs in an element, each that was not said yet."""
        for one in parent:
            if local(one) in {"p", "h"}:
                text = self.line_of(one)
                if text not in said:
                    said.add(text)
                    self._blocks.add(BlockKind.PARAGRAPH, text, furniture=True)

    def line_of(self, element: Any) -> str:
        """The text of all paragraphs in an element, on one line."""
        if local(element) in {"p", "h"}:
            return Line(element, self._styles, self._package).text()
        return " ".join(filter(None, (self.line_of(one) for one in element if local(one))))

    def read_shape(self, shape: Any) -> None:
        """Take the text of a drawn shape, and what it is said to show."""
        for one in _described(shape):
            self._blocks.add(BlockKind.CAPTION, " ".join("".join(one.itertext()).split()))
        name = local(shape)
        if name in {"g", "a"}:
            for one in shape:
                self.read_shape(one)
        elif name == "frame":
            for one in shape:
                if local(one) == "text-box":
                    self.read(one)
                elif local(one) == "table":
                    self._table(one, furniture=False)
        elif name in SHAPES:
            self.read(shape)

    def _read(self, parent: Any, kind: BlockKind, *, furniture: bool) -> None:
        for one in parent:
            name = local(one)
            if name == "p":
                self._paragraph(one, kind, furniture=furniture)
            elif name == "h":
                self._paragraph(one, BlockKind.HEADING, furniture=furniture)
            elif name == "list":
                self._read(one, BlockKind.LIST_ITEM, furniture=furniture)
            elif name == "table":
                self._end_code()
                self._table(one, furniture=furniture)
            elif name in SHAPES:
                self._end_code()
                self.read_shape(one)
            elif name in _CONTENTS:
                body = child(one, "index-body")
                if body is not None:
                    self._read(body, kind, furniture=True)
            elif name in _AROUND:
                is_hidden = attribute(one, "display") == "none"
                inner = BlockKind.LIST_ITEM if name == "numbered-paragraph" else kind
                self._read(one, inner, furniture=furniture or is_hidden)

    def _paragraph(self, element: Any, kind: BlockKind, *, furniture: bool) -> None:
        line = Line(element, self._styles, self._package)
        role = self._styles.role(attribute(element, "style-name") or "")
        if role == "code" and kind is BlockKind.PARAGRAPH and not furniture:
            self._code.append(line.raw())
            self._beside(line)
            return
        self._end_code()
        text = line.text()
        if furniture:
            self._blocks.add(BlockKind.PARAGRAPH, text, furniture=True)
        elif role == "title" and self._blocks.may_be_title() and not self._blocks.place:
            self._blocks.add_title(text)
        elif kind is BlockKind.HEADING or (role == "title" and not self._blocks.place):
            self._blocks.add(BlockKind.HEADING, text, level=_level(element))
        elif kind is BlockKind.PARAGRAPH:
            self._blocks.add(_KINDS.get(role, kind), text)
        else:
            self._blocks.add(kind, text)
        self._beside(line)

    def _end_code(self) -> None:
        if self._code:
            code, self._code = "\n".join(self._code), []
            self._blocks.add(BlockKind.CODE, code)

    def _beside(self, line: Line) -> None:
        """Take what hangs on a paragraph."""
        if line.hidden:
            self._blocks.add(BlockKind.PARAGRAPH, " ".join(line.hidden), furniture=True)
        code, self._code = self._code, []
        for shape in line.shapes:
            self.read_shape(shape)
        for note in line.notes:
            is_comment = local(note) == "annotation"
            body = note if is_comment else child(note, "note-body")
            outer = self._blocks.aside
            called = "comment" if is_comment else attribute(note, "note-class") or "footnote"
            self._blocks.aside = called
            if body is not None:
                self._read(body, BlockKind.PARAGRAPH, furniture=is_comment)
                self._end_code()
            self._blocks.aside = outer
        self._code = code

    def _table(self, table: Any, *, furniture: bool) -> None:
        read = OpenTable(table, self._styles, self._package)
        for one in _described(table):
            self._blocks.add(BlockKind.CAPTION, " ".join("".join(one.itertext()).split()))
        for row in read.rows():
            if row.is_record:
                self._blocks.add(BlockKind.TABLE_ROW, row.text, furniture=furniture)
                for line in row.lines:
                    self._beside(line)
            else:
                for cell in row.cells:
                    self._read(cell, BlockKind.PARAGRAPH, furniture=furniture)
                    self._end_code()


def _described(element: Any) -> Iterator[Any]:
    """Yield the elements that say what another shows."""
    return (one for one in element if local(one) in {"title", "desc"})


def _level(heading: Any) -> int:
    level = attribute(heading, "outline-level") or "1"
    return max(1, min(int(level), _MOST_LEVEL)) if level.isdecimal() and len(level) < 4 else 1

"""A page -> what its structure tree says of its words.

Of the nested elements the innermost that stands for itself (a paragraph, a heading, an item, a
cell) makes the block; spans, links and the like are inside of one.
"""

from __future__ import annotations

import ctypes
import re
from typing import TYPE_CHECKING, Any

from pypdfium2 import raw

from indexer.model import BlockKind
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

_DEEPEST = 60
_MOST_ELEMENTS = 50_000
_KINDS = {
    **dict.fromkeys(("P", "Note", "FENote", "TOCI", "Formula", "Figure", "BibEntry", "Form"),
                    BlockKind.PARAGRAPH),
    **dict.fromkeys(("BlockQuote", "Quote"), BlockKind.QUOTE),
    **dict.fromkeys(("H", "Title"), BlockKind.HEADING),
    "LI": BlockKind.LIST_ITEM,
    "TR": BlockKind.TABLE_ROW,
    "Caption": BlockKind.CAPTION,
    "Code": BlockKind.CODE,
}  # fmt: skip
_LEVELLED = re.compile(r"H([1-6])")
_CELLS = frozenset(("TD", "TH"))
# They are in a line of text, or say nothing of what is inside.
_INLINE = frozenset(
    ("Span", "Link", "Reference", "Annot", "Em", "Strong", "Sub", "Lbl", "Ruby", "RB", "RT", "RP",
     "Warichu", "WT", "WP")
)  # fmt: skip
# Of no meaning where they are inside of a block.
_GROUPS = frozenset(("NonStruct", "Private", "LBody", "Div", "Sect"))
# Words of a program within a sentence.
_SENTENCES = frozenset((BlockKind.PARAGRAPH, BlockKind.LIST_ITEM, BlockKind.HEADING,
                        BlockKind.CAPTION, BlockKind.QUOTE))  # fmt: skip
# What these hold is of their kind, also where it is in paragraphs of its own.
_LENDING = frozenset((BlockKind.LIST_ITEM, BlockKind.TABLE_ROW, BlockKind.CAPTION, BlockKind.QUOTE))


class Tag(NamedTuple):
    """The block that words are in.

    Attributes:
        block: a number, another one for each block of the page, in reading order.
        kind: what kind of block.
        level: of a heading, 0 where none is said.
        cell: which cell of a row, from 1; 0 outside of rows.
        is_head: whether the cell names its column, or its row.
    """

    block: int
    kind: BlockKind
    level: int = 0
    cell: int = 0
    is_head: bool = False


def tags_of(page: Any) -> dict[int, Tag]:
    """The block of each number of marked content of a page; {} where there is no tree."""
    tree = raw.FPDF_StructTree_GetForPage(page)
    if not tree:
        return {}
    try:
        walk = _Walk()
        for index in range(raw.FPDF_StructTree_CountChildren(tree)):
            walk.enter(raw.FPDF_StructTree_GetChildAtIndex(tree, index), 0)
        return walk.tags
    finally:
        raw.FPDF_StructTree_Close(tree)


class _Walk:
    """Goes through a tree, in reading order.

    Attributes:
        tags: what was found, by the number of marked content.
    """

    def __init__(self) -> None:
        self.tags: dict[int, Tag] = {}
        self._now = Tag(0, BlockKind.PARAGRAPH)
        self._blocks = 0
        self._is_inside = False
        self._row_cells = 0
        # The items that have had a paragraph; one more is a block of its own.
        self._in_paragraphs: set[int] = set()
        self._left = _MOST_ELEMENTS

    def enter(self, element: Any, depth: int) -> None:
        """Read an element and what is in it."""
        self._left -= 1
        if not element or depth > _DEEPEST or self._left < 0:
            return
        name = _text(raw.FPDF_StructElement_GetType, element)
        outer, was_inside = self._now, self._is_inside
        if name in _CELLS:
            self._row_cells += 1
            self._now = outer._replace(cell=self._row_cells, is_head=name == "TH")
        elif name not in _INLINE:
            self._begin(name)
        for index in range(max(raw.FPDF_StructElement_CountChildren(element), 0)):
            child = raw.FPDF_StructElement_GetChildAtIndex(element, index)
            if child:
                self.enter(child, depth + 1)
            else:
                marked = raw.FPDF_StructElement_GetChildMarkedContentID(element, index)
                if marked >= 0:
                    self.tags.setdefault(marked, self._now)
        self._is_inside = was_inside
        if outer.kind is BlockKind.TABLE_ROW and self._now.block == outer.block:
            self._now = outer
        elif self._now.block != outer.block:
            # What comes behind an inner block is no part of it.
            self._now = self._new(outer.kind, outer.level)
            if outer.block in self._in_paragraphs:
                self._in_paragraphs.add(self._now.block)

    def _begin(self, name: str) -> None:
        outer = self._now
        levelled = _LEVELLED.fullmatch(name)
        if outer.cell or (name in _GROUPS and self._is_inside):
            return
        if name == "Code" and self._is_inside and outer.kind in _SENTENCES:
            return
        if levelled:
            self._now = self._new(BlockKind.HEADING, int(levelled[1]))
        elif name in _KINDS:
            kind = _KINDS[name]
            if kind is BlockKind.PARAGRAPH and outer.kind in _LENDING:
                if outer.kind is not BlockKind.LIST_ITEM or outer.block in self._in_paragraphs:
                    self._now = self._new(outer.kind, 0)
                self._in_paragraphs.add(outer.block)
            else:
                self._now = self._new(kind, 0)
            if kind is BlockKind.TABLE_ROW:
                self._row_cells = 0
        else:
            self._now = self._new(BlockKind.PARAGRAPH, 0)
        self._is_inside = levelled is not None or name in _KINDS

    def _new(self, kind: BlockKind, level: int) -> Tag:
        self._blocks += 1
        return Tag(self._blocks, kind, level)


def _text(function: Callable[..., int], element: Any) -> str:
    size = function(element, None, 0)
    if not 0 < size < 1_000:
        return ""
    buffer = ctypes.create_string_buffer(size)
    function(element, buffer, size)
    return buffer.raw.decode("utf-16-le", "replace").split("\0")[0]

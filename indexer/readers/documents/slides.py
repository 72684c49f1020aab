"""PPTX: the slides of a presentation in its order, each under its title.

What stands on a slide is read from above to below. A slide without a title has its number as one,
so that nothing stands under the title of another slide. Hidden slides are read: they are kept to be
shown again. Notes follow the slide they belong to. Dates, footers and numbers of slides are
furniture, charts and comments are not read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from indexer.articles import SkipReason
from indexer.model import BlockKind
from indexer.readers.documents.collecting import Blocks
from indexer.readers.documents.open_xml import (
    Relation,
    main_part,
    read_core_facts,
    relations_of,
    targets,
)
from indexer.readers.documents.package import Package, attribute, broken, child, descendants
from indexer.readers.documents.placing import in_reading_order
from indexer.readers.documents.slide_shapes import Layouts, Shape, shapes_of
from indexer.readers.documents.slide_texts import Line, lines_of, table_lines
from indexer.readers.faults import ReaderError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from indexer.articles import Article, Skipped
    from indexer.readers.base import Source

_TITLES = frozenset(("title", "ctrTitle"))
_FURNITURE = frozenset(("dt", "ftr", "hdr", "sldNum"))
# A quarter of an inch, in the unit of these documents: what differs less stands side by side.
_SAME_HEIGHT = 228_600


def read_pptx(stream: BinaryIO, source: Source) -> Iterator[Article | Skipped]:
    """Yield the one article that a presentation is, and what of it is damaged.

    Raises: ReaderError if it is damaged, encrypted or over the budget, or has no text.
    """
    package = Package(stream, source.budget)
    name = main_part(package, "ppt/presentation.xml")
    root = package.tree(name)
    if root is None:
        raise broken("it has no part of slides")
    blocks = Blocks(source)
    relations = relations_of(package, name)
    slides = _Slides(package, blocks)
    listed = child(root, "sldIdLst")
    names = [
        found.target
        for one in (listed if listed is not None else ())
        if (found := _referred(one, relations)) is not None
    ]
    try:
        for number, part in enumerate(dict.fromkeys(names), start=1):
            slides.read(part, number)
    except RecursionError as error:
        raise ReaderError(SkipReason.BROKEN, "the presentation is nested too deep") from error
    yield from blocks.results(read_core_facts(package), package)


def _referred(element: Any, relations: dict[str, Relation]) -> Relation | None:
    """What an element refers to by the name of a relation, among whatever else it has."""
    return next((relations[one] for one in element.attrib.values() if one in relations), None)


class _Slides:
    """Reads slides into blocks."""

    def __init__(self, package: Package, blocks: Blocks) -> None:
        self._package = package
        self._blocks = blocks
        self._layouts = Layouts(package)

    def read(self, part: str, number: int) -> None:
        """Take a slide and its notes."""
        root = self._package.text_tree(part)
        if root is None:
            return
        relations = relations_of(self._package, part)
        layout = next(targets(relations, "slideLayout"), "")
        shapes = shapes_of(root, self._layouts.places(layout))
        self._blocks.place = (("slide", number),)
        titles = [one for one in shapes if one.role in _TITLES and lines_of(one.element)]
        said = [line.text for one in titles for line in lines_of(one.element)]
        self._blocks.begin(" ".join(said), f"Slide {number}")
        rest = [one for one in shapes if one not in titles]
        by_element = {id(one.element): one for one in rest}
        for element in in_reading_order([one.placed for one in rest], _SAME_HEIGHT):
            self._shape(by_element[id(element)], relations)
        for notes in targets(relations, "notesSlide"):
            self._notes(notes)

    def _shape(self, shape: Shape, relations: dict[str, Relation]) -> None:
        if shape.told:
            self._blocks.add(BlockKind.CAPTION, shape.told)
        furniture = shape.role in _FURNITURE
        for text in table_lines(shape.element):
            self._blocks.add(BlockKind.TABLE_ROW, text)
        for line in lines_of(shape.element):
            self._line(line, shape, furniture=furniture)
        diagram = next(descendants(shape.element, "relIds"), None)
        if diagram is not None:
            named = relations.get(attribute(diagram, "dm") or "")
            root = self._package.text_tree(named.target) if named else None
            for point in descendants(root, "pt") if root is not None else ():
                for line in lines_of(point, "t"):
                    self._blocks.add(BlockKind.PARAGRAPH, line.text)

    def _line(self, line: Line, shape: Shape, *, furniture: bool) -> None:
        is_item = line.is_item if line.is_item is not None else shape.has_items
        kind = BlockKind.LIST_ITEM if is_item else BlockKind.PARAGRAPH
        self._blocks.add(kind, line.text, furniture=furniture)

    def _notes(self, part: str) -> None:
        root = self._package.text_tree(part)
        if root is None:
            return
        self._blocks.aside = "notes"
        for shape in shapes_of(root, {}):
            # The others are a picture of the slide, and what stands on each page of notes.
            if shape.role in {"body", "text"}:
                for line in lines_of(shape.element):
                    self._blocks.add(BlockKind.PARAGRAPH, line.text)
        self._blocks.aside = ""

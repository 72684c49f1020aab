"""ODT and ODP: what text documents and presentations of LibreOffice's kind say, zipped or flat.

In a presentation each slide has its title as a heading over it, or its number where it has none, so
that nothing stands under the title of another slide. Hidden slides are read: they are kept to be
shown again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from indexer.articles import SkipReason
from indexer.readers.budget import too_large
from indexer.readers.documents.collecting import Blocks
from indexer.readers.documents.facts import facts_of
from indexer.readers.documents.open_document_flow import Flow
from indexer.readers.documents.open_document_lines import length
from indexer.readers.documents.open_document_styles import OpenStyles
from indexer.readers.documents.package import (
    Package,
    attribute,
    broken,
    child,
    descendants,
    local,
    parse_xml,
    protected,
)
from indexer.readers.documents.placing import Placed, in_reading_order
from indexer.readers.faults import ReaderError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from indexer.articles import Article
    from indexer.readers.base import Source
    from indexer.readers.documents.facts import Facts

_FLAT = "the file"
_ZIP_MAGIC = b"PK"
_PARTS = ("content.xml", "styles.xml", "meta.xml")
_MARGINS = frozenset(
    ("header", "header-left", "header-first", "footer", "footer-left", "footer-first")
)
# What programs note for themselves where people note what they like.
_NOT_SAID = frozenset(("AppVersion", "DocSecurity", "LinksUpToDate", "ScaleCrop", "ShareDoc"))
_ON_EACH_SLIDE = frozenset(("date-time", "footer", "header", "page-number"))
# Shapes on a slide that are so near in height stand beside each other.
_SAME_HEIGHT_MM = 6.0


def read_odt(stream: BinaryIO, source: Source) -> Iterator[Article]:
    """Yield the one article that a text document is.

    Raises: ReaderError if it is damaged, encrypted or over the budget, or has no text.
    """
    blocks = Blocks(source)
    document = _Document(stream, source, blocks)
    try:
        document.read_text()
    except RecursionError as error:
        raise ReaderError(SkipReason.BROKEN, "the document is nested too deep") from error
    yield blocks.article(document.facts())


def read_odp(stream: BinaryIO, source: Source) -> Iterator[Article]:
    """Yield the one article that a presentation is; errors as of read_odt()."""
    blocks = Blocks(source)
    document = _Document(stream, source, blocks)
    try:
        document.read_slides()
    except RecursionError as error:
        raise ReaderError(SkipReason.BROKEN, "the document is nested too deep") from error
    yield blocks.article(document.facts())


class _Document:
    """Reads the parts of a document into blocks."""

    def __init__(self, stream: BinaryIO, source: Source, blocks: Blocks) -> None:
        self._blocks = blocks
        package, roots = _roots(stream, source)
        self._sections: dict[str, list[Any]] = {}
        for root in roots:
            for one in root:
                self._sections.setdefault(local(one), []).append(one)
        styles = OpenStyles(
            style
            for name in ("styles", "automatic-styles")
            for section in self._sections.get(name, ())
            for style in section
        )
        self._flow = Flow(blocks, styles, package)

    def read_text(self) -> None:
        """Take a text document, its running heads and feet around it."""
        body = self._body("text")
        self._margins("header")
        self._flow.read(body)
        self._margins("footer")

    def read_slides(self) -> None:
        """Take the slides of a presentation."""
        pages = (one for one in self._body("presentation") if local(one) == "page")
        for number, page in enumerate(pages, start=1):
            self._blocks.place = (("slide", number),)
            self._slide(page, number)

    def facts(self) -> Facts:
        """What the document says of itself."""
        said: dict[str, list[str]] = {}
        own: list[tuple[object, object]] = []
        for section in self._sections.get("meta", ()):
            for one in section:
                text = " ".join("".join(one.itertext()).split())
                if local(one) == "user-defined":
                    if attribute(one, "name") not in _NOT_SAID:
                        own.append((attribute(one, "name"), text))
                else:
                    said.setdefault(local(one), []).append(text)

        def first(*names: str) -> str:
            return next((said[name][0] for name in names if said.get(name)), "")

        created, modified = first("creation-date")[:10], first("date")[:10]
        return facts_of(
            title=first("title"),
            authors=(first("initial-creator", "creator"),),
            published=created or modified,
            language=first("language"),
            extra=(
                ("created", created),
                ("modified", modified),
                ("keywords", said.get("keyword", [])),
                ("subject", first("subject")),
                *own,
            ),
        )

    def _body(self, kind: str) -> Any:
        found = (child(one, kind) for one in self._sections.get("body", ()))
        body = next((one for one in found if one is not None), None)
        if body is None:
            raise broken(f"it has no part of {kind}")
        return body

    def _margins(self, kind: str) -> None:
        said: set[str] = set()
        for section in self._sections.get("master-styles", ()):
            for margin in descendants(section, *_MARGINS):
                if local(margin).startswith(kind):
                    self._flow.read_furniture(margin, said)

    def _slide(self, page: Any, number: int) -> None:
        shapes = [one for one in page if local(one) not in {"notes", "forms", "animations"}]
        titles = [one for one in shapes if attribute(one, "class") == "title"]
        title = " ".join(filter(None, map(self._flow.line_of, titles)))
        self._blocks.begin(title, f"Slide {number}")
        rest = [
            Placed(one, length(attribute(one, "x")), length(attribute(one, "y")))
            for one in shapes
            if one not in titles and attribute(one, "class") not in _ON_EACH_SLIDE
        ]
        for shape in in_reading_order(rest, _SAME_HEIGHT_MM):
            self._flow.read_shape(shape)
        self._blocks.aside = "notes"
        for notes in page:
            if local(notes) == "notes":
                for one in notes:
                    if attribute(one, "class") not in _ON_EACH_SLIDE:
                        self._flow.read_shape(one)
        self._blocks.aside = ""


def _roots(stream: BinaryIO, source: Source) -> tuple[Package | None, list[Any]]:
    """The root elements of a document, and its package where it is no flat file."""
    stream.seek(0)
    if stream.read(len(_ZIP_MAGIC)) != _ZIP_MAGIC and _is_flat(stream):
        stream.seek(0)
        data = stream.read(source.budget.size_bytes + 1)
        if len(data) > source.budget.size_bytes:
            raise too_large("file", source.budget)
        return None, [parse_xml(data, _FLAT, source.budget)]
    package = Package(stream, source.budget)
    manifest = package.loose_tree("META-INF/manifest.xml")
    if manifest is not None and next(descendants(manifest, "encryption-data"), None) is not None:
        raise protected()
    content = package.tree(_PARTS[0])
    if content is None:
        raise broken("it has no text part")
    others = map(package.loose_tree, _PARTS[1:])
    return package, [content, *(one for one in others if one is not None)]


def _is_flat(stream: BinaryIO) -> bool:
    stream.seek(0)
    return stream.read(64).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")

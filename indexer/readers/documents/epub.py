"""EPUB: the documents of a book in the order of its spine, under its table of contents.

A book is one article. Each entry of the table of contents becomes a heading at its place, entries
below it headings of deeper levels, and headings in the text that say the same are not said twice.
The outermost entry is the ``chapter`` in locators, or the one below it where that names a part of
the book or the whole of it.

Covers and tables of contents are furniture. A book with a lock of its seller is told and left;
fonts that are garbled, which is no lock, do not matter.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urldefrag

from indexer.articles import SkipReason
from indexer.readers.documents.book import Book
from indexer.readers.documents.collecting import Blocks
from indexer.readers.documents.contents import Entry, read_nav, read_ncx
from indexer.readers.documents.facts import facts_of
from indexer.readers.documents.package import (
    Package,
    attribute,
    broken,
    child,
    descendants,
    local,
    resolve,
)
from indexer.readers.documents.xhtml import parse_xhtml, types_of
from indexer.readers.faults import ReaderError
from indexer.readers.fields import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import BinaryIO

    from indexer.articles import Article, Skipped
    from indexer.readers.base import Source
    from indexer.readers.documents.facts import Facts

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_NCX = "application/x-dtbncx+xml"
_PAGES = frozenset(("application/xhtml+xml", "text/html", "application/x-dtbook+xml"))
#: Ways to garble fonts, which are no lock.
_FONTS = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
_FURNITURE = frozenset(("cover", "toc", "landmarks", "page-list", "loi", "lot"))
_LOCKED = (
    "the book has a lock of its seller (DRM), and only their reader opens it; "
    "get a copy without one"
)


def read_epub(stream: BinaryIO, source: Source) -> Iterator[Article | Skipped]:
    """Yield the one article that a book is, and what of it is damaged.

    Raises: ReaderError if it is damaged, locked or over the budget, or has no text.
    """
    package = Package(stream, source.budget)
    if _is_locked(package):
        raise ReaderError(SkipReason.PROTECTED, _LOCKED)
    name = _package_name(package)
    root = package.tree(name)
    if root is None:
        raise broken("it does not say what is in it")
    publication = _Publication(package, name, root)
    blocks = Blocks(source)
    try:
        facts = publication.facts()
        book = Book(blocks, publication.entries(), facts.title)
        for page in publication.spine:
            try:
                root = parse_xhtml(package.read(page), page, source.budget)
            except ReaderError as error:
                package.note(page, error)
                continue
            book.read_page(root, page, is_furniture=page in publication.furniture)
    except RecursionError as error:
        raise ReaderError(SkipReason.BROKEN, "the book is nested too deep") from error
    yield from blocks.results(facts, package)


def _package_name(package: Package) -> str:
    """The name of the part that says what is in the book."""
    container = package.loose_tree(_CONTAINER)
    for one in descendants(container, "rootfile") if container is not None else ():
        name = resolve("", one.get("full-path", ""))
        if name in package:
            return name
    found = package.first_named(".opf")
    if not found:
        raise broken("it does not say what is in it")
    return found


def _is_locked(package: Package) -> bool:
    root = package.loose_tree(_ENCRYPTION)
    if root is None:
        return _ENCRYPTION in package
    methods = [one.get("Algorithm", "") for one in descendants(root, "EncryptionMethod")]
    locks = [
        attribute(child(one, "EncryptionMethod"), "Algorithm")
        for one in descendants(root, "EncryptedData")
        if child(one, "EncryptionMethod") is not None
    ]
    return any(one not in _FONTS for one in locks or methods)


class _Publication:
    """What the package document of a book says.

    Attributes:
        spine: the names of its pages in reading order.
        furniture: the names of those that are a cover or a table of contents.
    """

    def __init__(self, package: Package, name: str, root: Any) -> None:
        self._package = package
        self._metadata = child(root, "metadata")
        self._items = {
            one.get("id", ""): one
            for one in descendants(root, "item")
            if one.get("href") is not None
        }
        self._name = name
        self._paths = {key: self._path(one.get("href")) for key, one in self._items.items()}
        spine = child(root, "spine")
        names = [one.get("idref", "") for one in descendants(root, "itemref")]
        self.spine = list(
            dict.fromkeys(
                self._paths[one]
                for one in names
                if one in self._paths and self._items[one].get("media-type", "") in _PAGES
            )
        )
        self._nav = self._path_with("nav")
        self._ncx = self._paths.get(spine.get("toc", "") if spine is not None else "", "") or next(
            (self._paths[key] for key, one in self._items.items() if one.get("media-type") == _NCX),
            "",
        )
        self._nav_tree = self._read_nav()
        guide = child(root, "guide")
        self.furniture = {
            self._path(one.get("href", ""))
            for one in (guide if guide is not None else ())
            if one.get("type", "").lower() in _FURNITURE
        } | set(self._landmarks())
        if self._nav:
            self.furniture.add(self._nav)

    def entries(self) -> Sequence[Entry]:
        """The table of contents."""
        if self._nav_tree is not None:
            found = read_nav(self._nav_tree, self._nav)
            if found:
                return found
        root = self._package.loose_tree(self._ncx) if self._ncx else None
        return read_ncx(root, self._ncx) if root is not None else ()

    def facts(self) -> Facts:
        """What the book says of itself."""
        said: dict[str, list[Any]] = {}
        refined: dict[tuple[str, str], str] = {}
        for one in self._metadata.iter() if self._metadata is not None else ():
            if local(one) == "meta" and one.get("refines"):
                key = (one.get("refines", "").lstrip("#"), one.get("property", ""))
                refined[key] = _text(one)
            elif local(one) and _text(one):
                said.setdefault(local(one), []).append(one)

        def refinement(element: Any, name: str) -> str:
            told = attribute(element, name) or refined.get((element.get("id", ""), name), "")
            return told.lower()

        titles = sorted(
            said.get("title", ()), key=lambda one: refinement(one, "title-type") not in {"", "main"}
        )
        creators = [
            one for one in said.get("creator", ()) if refinement(one, "role") in {"", "aut"}
        ]
        dates = sorted(
            said.get("date", ()), key=lambda one: attribute(one, "event") != "publication"
        )
        texts = {name: [*map(_text, found)] for name, found in said.items()}
        identifiers = texts.get("identifier", [])
        return facts_of(
            title=_text(titles[0]) if titles else "",
            authors=[*map(_text, creators)],
            published=_text(dates[0]) if dates else "",
            language=next(iter(texts.get("language", ())), ""),
            url=next((one for one in identifiers if re.match("https?://", one)), ""),
            extra=(
                ("date", _text(dates[0]) if dates else ""),
                ("publisher", texts.get("publisher", [])),
                ("subject", texts.get("subject", [])),
                ("contributor", texts.get("contributor", [])),
                ("identifier", identifiers),
                ("rights", texts.get("rights", [])),
            ),
        )

    def _path(self, href: str) -> str:
        return resolve(self._name, urldefrag(href)[0])

    def _path_with(self, property_: str) -> str:
        """The part that has a property, "" if none has it."""
        return next(
            (
                self._paths[key]
                for key, one in self._items.items()
                if property_ in one.get("properties", "").split()
            ),
            "",
        )

    def _read_nav(self) -> Any:
        try:
            data = self._package.read(self._nav) if self._nav else b""
            return parse_xhtml(data, self._nav, self._package.budget)
        except ReaderError as error:
            self._package.note(self._nav, error)
            return None

    def _landmarks(self) -> Iterator[str]:
        """Yield the pages that the navigation calls furniture."""
        for link in self._nav_tree.iter("a") if self._nav_tree is not None else ():
            if types_of(link) & _FURNITURE and link.get("href"):
                path, fragment = urldefrag(link.get("href"))
                if path and not fragment:
                    yield resolve(self._nav, path)


def _text(element: Any) -> str:
    return text_of("".join(element.itertext()))

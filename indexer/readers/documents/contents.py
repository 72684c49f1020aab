"""The table of contents of a book: what is where, and what it stands in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urldefrag

from indexer.readers.documents.package import child, local, resolve
from indexer.readers.documents.xhtml import types_of
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Deeper ones, made to do harm, are not followed.
_DEEPEST = 20


class Entry(NamedTuple):
    """An entry.

    Attributes:
        label: what it says.
        trail: the places of the entries it is in, outermost first, and its own.
        path: the name of the page it leads to; "" if it leads nowhere.
        fragment: the id of the element there; "" for the beginning.
    """

    label: str
    trail: tuple[int, ...]
    path: str
    fragment: str


def read_nav(root: Any, name: str) -> Sequence[Entry]:
    """The entries of a navigation document; none if it has no table of contents.

    Args:
        root: of a page, without namespaces.
        name: of its part.
    """
    navs = list(root.iter("nav"))
    contents = next((one for one in navs if "toc" in types_of(one)), None)
    entries: list[Entry] = []
    if contents is not None:
        _add_items(child(contents, "ol"), name, (), entries)
    return _settled(entries)


def read_ncx(root: Any, name: str) -> Sequence[Entry]:
    """The entries of a table of contents of EPUB 2."""
    entries: list[Entry] = []
    _add_points(child(root, "navMap"), name, (), entries)
    return _settled(entries)


def _add_items(items: Any, name: str, outer: tuple[int, ...], entries: list[Entry]) -> None:
    for item in items if items is not None and len(outer) < _DEEPEST else ():
        if local(item) != "li":
            continue
        label = next((one for one in item if local(one) in {"a", "span"}), None)
        trail = outer
        if label is not None:
            href = label.get("href", "")
            trail = _add(entries, _text(label), outer, name, href)
        _add_items(child(item, "ol"), name, trail, entries)


def _add_points(parent: Any, name: str, outer: tuple[int, ...], entries: list[Entry]) -> None:
    for point in parent if parent is not None and len(outer) < _DEEPEST else ():
        if local(point) != "navPoint":
            continue
        label, content = child(point, "navLabel"), child(point, "content")
        text = _text(label) if label is not None else ""
        href = content.get("src", "") if content is not None else ""
        _add_points(point, name, _add(entries, text, outer, name, href), entries)


def _add(
    entries: list[Entry], label: str, outer: tuple[int, ...], name: str, href: str
) -> tuple[int, ...]:
    """Take an entry; its trail."""
    if not label:
        return outer
    path, fragment = urldefrag(href)
    trail = (*outer, len(entries))
    target = resolve(name, path) if path else name if href else ""
    entries.append(Entry(label, trail, target, unquote(fragment)))
    return trail


def _settled(entries: Sequence[Entry]) -> Sequence[Entry]:
    """The entries; one that leads nowhere leads to where the first of those in it does."""
    settled: list[Entry] = list(entries)
    for place in range(len(settled) - 1, -1, -1):
        entry = settled[place]
        if not entry.path:
            inner = next(_inner(settled, place), None)
            if inner is not None:
                settled[place] = entry._replace(path=inner.path, fragment=inner.fragment)
    return settled


def _inner(entries: Sequence[Entry], place: int) -> Iterator[Entry]:
    if place + 1 < len(entries) and place in entries[place + 1].trail:
        yield entries[place + 1]


def _text(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())

"""XML read element by element: no entity is expanded, nothing fetched, what is held bounded."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from lxml import etree

from indexer.articles import SkipReason
from indexer.readers.budget import too_large
from indexer.readers.faults import ReaderError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.readers.budget import Budget

# All that are in no character of the usual encodings.
_CONTROLS = bytes(code for code in range(1, 0x20) if code not in b"\t\n\r\x1b")

# Looking for the values of attributes takes time with the square of how many an element has, in
# one call, which nothing can end.
_MOST_ATTRIBUTES = 4096

# lxml has no types.
Element = Any
Path = tuple[str, ...]


class Events:
    """The elements of a document as they end, each with the names that lead to it.

    What is held is freed by ``free`` and ``empty``; where too much is held a ReaderError is raised.
    """

    def __init__(self, stream: BinaryIO, budget: Budget, what: str = "record") -> None:
        self._stream = stream
        self._budget = budget
        self._what = what
        self._left_bytes = budget.size_bytes
        self._parts = 0
        self.root: Element = None

    def read(self, size: int) -> bytes:
        """Some bytes of the document, for the parser."""
        if self._left_bytes < 0:
            raise too_large(self._what, self._budget)
        found = b""
        while not found and (data := self._stream.read(size)):
            self._left_bytes -= len(data)
            # Not allowed, and in dumps all the same; in UTF-16 zero bytes are no characters.
            found = data if b"\0" in data else data.translate(None, _CONTROLS)
        return found

    def __iter__(self) -> Iterator[tuple[Path, Element]]:
        self._stream.seek(0)
        names: list[str] = []
        try:
            for event, element in etree.iterparse(
                cast("BinaryIO", self),
                events=("start", "end"),
                resolve_entities=False,
                no_network=True,
                load_dtd=False,
                huge_tree=False,
            ):
                if event == "start":
                    if self.root is None:
                        self.root = element
                    names.append(name_of(element))
                    if len(element.attrib) > _MOST_ATTRIBUTES:
                        raise ReaderError(
                            SkipReason.TOO_LARGE,
                            f"<{names[-1][:40]}> has more than {_MOST_ATTRIBUTES:,} attributes",
                        )
                    self._parts += 1
                    if self._parts > self._budget.parts:
                        raise too_large(self._what, self._budget)
                else:
                    yield tuple(names), element
                    names.pop()
        except etree.LxmlError as error:
            raise _fault(error) from error

    def free(self, element: Element) -> None:
        """Hold an element and what stands before it no more."""
        element.clear()
        parent = element.getparent()
        while element.getprevious() is not None:
            del parent[0]
        self._left_bytes = self._budget.size_bytes
        self._parts = 0

    def empty(self, element: Element) -> None:
        """Hold no more of an element than that it was there."""
        element.clear(keep_tail=True)
        self._left_bytes = self._budget.size_bytes


def _fault(error: Any) -> ReaderError:
    line = getattr(error, "lineno", None)
    place = f" in line {line:,}" if line else ""
    what = str(error).partition(", line ")[0].partition("\n")[0] or "it is cut short"
    return ReaderError(SkipReason.BROKEN, f"not XML: {what}{place}")


def name_of(element: Element) -> str:
    """The name of an element or an attribute without its namespace."""
    name = element if isinstance(element, str) else element.tag
    return name.rpartition("}")[2] if isinstance(name, str) else ""


def is_element(node: Element) -> bool:
    """Whether a node is no comment, entity or instruction."""
    return isinstance(node.tag, str)


def has_own_words(element: Element) -> bool:
    """Whether there is text directly in an element, and not only in what is in it."""
    return bool(
        (element.text and element.text.strip())
        or any(child.tail and child.tail.strip() for child in element)
        or any(child.tag is etree.Entity for child in element)
    )


def words_in(element: Element) -> str:
    """All text in an element on one line, entities as what HTML calls so."""
    return " ".join("".join(_texts(element)).split())


def _texts(element: Element) -> Iterator[str]:
    if element.text:
        yield element.text
    pending = [iter(element)]
    open_nodes = [element]
    while pending:
        child = next(pending[-1], None)
        if child is None:
            pending.pop()
            done = open_nodes.pop()
            if pending and done.tail:
                yield done.tail
            continue
        if child.tag is etree.Entity:
            yield html.unescape(child.text)
        if is_element(child):
            if child.text:
                yield child.text
            pending.append(iter(child))
            open_nodes.append(child)
        elif child.tail:
            yield child.tail


def last_line(element: Element) -> int:
    """The line that the last element within an element begins on."""
    line = element.sourceline
    while len(element):
        element = element[-1]
        line = max(line, element.sourceline or 0)
    return cast("int", line)

"""The pages of a book -> its blocks, under the headings of its table of contents."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from indexer.model import BlockKind
from indexer.readers.documents.package import local
from indexer.readers.documents.xhtml import place_in, prepare, types_of
from indexer.readers.fields import words_of
from indexer.readers.html_page import read_page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.articles import Block
    from indexer.readers.documents.collecting import Blocks
    from indexer.readers.documents.contents import Entry

# A heading is in so many pieces at most: a number, a title, a subtitle.
_MOST_PIECES = 3
# So many entries may lead to the same heading.
_MOST_MARKS = 8
# "Chapter 1"
_MOST_NUMBER_WORDS = 2
# Longer labels are not looked for in headings, nor headings in them.
_MOST_WORDS = 60
_PART = re.compile(
    r"(?:part|book|volume|vol\.|teil|buch|band|partie|livre|tome|parte|libro|volumen|deel|boek|del"
    r"|osa|część|часть|книга|том|rész|kirja)\b|第.{1,5}[部巻卷编篇]",
    re.IGNORECASE,
)
_FURNITURE = frozenset(("cover", "toc", "landmarks", "page-list", "doc-toc", "doc-cover"))
# A page that is so much made of links, and has so many of them, is a table of contents.
_LINK_SHARE = 0.8
_LEAST_LINKS = 5


class Book:
    """Takes the pages of a book in their order.

    Args:
        blocks: what takes their text.
        entries: of the table of contents.
        title: of the book.
    """

    def __init__(self, blocks: Blocks, entries: Sequence[Entry], title: str) -> None:
        self._blocks = blocks
        self._entries = entries
        outermost = [entry for entry in entries if len(entry.trail) == 1]
        # What stands over all of a book is no chapter of it.
        self._over_all = {
            entry.label
            for entry in outermost
            if len(outermost) == 1 or words_of(entry.label) == words_of(title)
        }
        self._of_page: dict[str, list[int]] = {}
        for place, entry in enumerate(entries):
            self._of_page.setdefault(entry.path, []).append(place)
        self._trail: tuple[int, ...] = ()
        # The level of a heading in the text less that of the block it becomes.
        self._raised = 0

    def read_page(self, root: Any, name: str, *, is_furniture: bool) -> None:
        """Take a page.

        Args:
            root: of the page, which is changed; None for an empty one.
            name: of its part.
            is_furniture: whether the book calls it a cover or a table of contents.
        """
        if root is None:
            return
        places = self._of_page.get(name, [])
        marked: dict[str, int] = {}
        for place in places:
            if fragment := self._entries[place].fragment:
                marked.setdefault(fragment, place)
        # Of several that lead to one place, the first is marked, and stands for those after it.
        together: dict[int, list[int]] = {}
        for place in places:
            entry = self._entries[place]
            first = marked[entry.fragment] if entry.fragment else -1
            together.setdefault(first, []).append(place)
        is_furniture = is_furniture or _is_furniture(root)
        ids = {one.get("id") for one in root.iter()} | {one.get("name") for one in root.iter("a")}
        ids.add("")
        lost = [place for place in places if self._entries[place].fragment not in ids]
        prepare(root, {fragment: f"{place}" for fragment, place in marked.items()})
        found = read_page(root).blocks
        headings = [block.level for block in found if block.kind is BlockKind.HEADING]
        opened = sorted({*together.get(-1, ()), *lost})
        self._read(found, opened, together, min(headings, default=1), furniture=is_furniture)

    def _read(
        self,
        found: Sequence[Block],
        opened: Sequence[int],
        together: dict[int, list[int]],
        highest: int,
        *,
        furniture: bool,
    ) -> None:
        rest = list(reversed(found))
        self._raised = highest - len(self._trail) - 1
        if not furniture:
            self._open(opened, rest)
        while rest:
            block = rest.pop()
            mark = place_in(block.text)
            if mark.isdecimal():
                if not furniture:
                    self._open(together.get(int(mark), ()), rest)
            elif mark:
                self._blocks.aside = "" if mark == "text" else mark
            elif block.kind is BlockKind.HEADING and not furniture:
                level = max(len(self._trail) + 1, block.level - self._raised)
                self._blocks.add(BlockKind.HEADING, block.text, level=level)
            else:
                is_plain = block.kind is BlockKind.HEADING or bool(self._blocks.aside)
                kind = BlockKind.PARAGRAPH if is_plain else block.kind
                self._blocks.add(kind, block.text, furniture=furniture)
        self._blocks.aside = ""

    def _open(self, places: Sequence[int], rest: list[Block]) -> None:
        """Begin what some entries lead to, with their headings; rest is the text, its end first."""
        for place in places:
            entry = self._entries[place]
            for outer in entry.trail[:-1]:
                if outer not in self._trail:
                    self._head(outer, self._entries[outer].label)
            text, level = _said(entry.label, rest)
            self._head(place, text)
            if level:
                self._raised = level - len(entry.trail)

    def _head(self, place: int, text: str) -> None:
        self._trail = self._entries[place].trail
        self._blocks.place = (("chapter", self._chapter()),)
        self._blocks.add(BlockKind.HEADING, text, level=len(self._trail))

    def _chapter(self) -> str:
        """The outermost entry that names a chapter rather than a part of the book, or all of it."""
        labels = [self._entries[place].label for place in self._trail]
        if len(labels) > 1 and labels[0] in self._over_all:
            del labels[0]
        return labels[1] if len(labels) > 1 and _PART.match(labels[0]) else labels[0]


def _said(label: str, rest: list[Block]) -> tuple[str, int]:
    """What an entry is called over its text, and the level of the heading that says it there.

    Headings, or a first line, that say the same are taken from the rest; what says more wins. The
    level is 0 if no heading says it.
    """
    wanted = words_of(label)
    marks: list[Block] = []
    while len(marks) < _MOST_MARKS and rest and place_in(rest[-1].text):
        marks.append(rest.pop())
    first = rest[-1] if rest else None
    taken: list[Block] = []
    if first is not None and first.kind is BlockKind.HEADING:
        taken = _heading_of(wanted, rest[: -_MOST_PIECES - 1 : -1])
        text = " ".join(block.text for block in taken)
        if taken and len(words_of(text)) >= len(wanted):
            label = text
    elif first is not None and words_of(first.text) == wanted:
        taken = [first]
        label = first.text
    del rest[len(rest) - len(taken) :]
    rest.extend(reversed(marks))
    return label, min((block.level for block in taken), default=0)


def _heading_of(wanted: Sequence[str], blocks: Sequence[Block]) -> list[Block]:
    """Those of the first blocks that say the words of an entry: it, pieces of it, or more.

    A number over a title belongs to it; a part of the book is an entry of its own.
    """
    pieces: list[Block] = []
    words: list[str] = []
    for block in blocks:
        if block.kind is not BlockKind.HEADING:
            break
        pieces.append(block)
        words += words_of(block.text)
        if _is_within(wanted, words):
            return pieces
        if len(words_of(block.text)) > _MOST_NUMBER_WORDS or _PART.match(block.text):
            break
    pieces.clear()
    for block in blocks:
        if block.kind is not BlockKind.HEADING or not _is_within(words_of(block.text), wanted):
            break
        pieces.append(block)
    return pieces


def _is_within(words: Sequence[str], others: Sequence[str]) -> bool:
    """Whether words stand among others, one behind the other."""
    size = len(words)
    if max(size, len(others)) > _MOST_WORDS:
        return size > 0 and list(words) == list(others)
    return size > 0 and any(
        list(others[at : at + size]) == list(words) for at in range(len(others) - size + 1)
    )


def _is_furniture(root: Any) -> bool:
    """Whether a page is a cover or a table of contents."""
    body = root.find("body")
    if body is None:
        return False
    parts = [one for one in body if local(one)]
    if types_of(body) & _FURNITURE or (len(parts) == 1 and types_of(parts[0]) & _FURNITURE):
        return True
    links = [one for one in body.iter("a") if one.get("href")]
    if len(links) < _LEAST_LINKS:
        return False
    linked = sum(len(words_of("".join(one.itertext()))) for one in links)
    return linked >= _LINK_SHARE * len(words_of("".join(body.itertext())))

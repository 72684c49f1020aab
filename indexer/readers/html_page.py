"""All text of an HTML page, in order, with the source line of every word.

The main text of a page comes from elsewhere (``html_main``); this module knows what else the page
says, so that nothing is left out unseen, and on which line of the source each word stands.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from lxml import etree

from indexer.articles import Block
from indexer.model import BlockKind, Lines
from indexer.readers.fields import words_of
from indexer.readers.html_tables import SEPARATOR, Rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

HEADINGS = {f"h{level}": level for level in range(1, 7)}

_KINDS = {
    "blockquote": BlockKind.QUOTE,
    "caption": BlockKind.CAPTION,
    "dd": BlockKind.LIST_ITEM,
    "dt": BlockKind.LIST_ITEM,
    "figcaption": BlockKind.CAPTION,
    "li": BlockKind.LIST_ITEM,
    "pre": BlockKind.CODE,
    "tr": BlockKind.TABLE_ROW,
} | dict.fromkeys(HEADINGS, BlockKind.HEADING)
# Tags that begin and end a block of their own; all others are part of the line of text.
_BREAKS = frozenset(_KINDS) | frozenset(
    (
        *("address", "article", "aside", "body", "button", "center", "details", "dialog", "dir"),
        *("div", "dl", "fieldset", "figure", "footer", "form", "header", "hgroup", "legend"),
        *("main", "menu", "nav", "ol", "optgroup", "option", "p", "search", "section", "select"),
        *("summary", "table", "tbody", "td", "textarea", "tfoot", "th", "thead", "ul"),
    )
)
_UNSEEN = frozenset(("iframe", "noscript", "script", "style", "svg", "template"))
# A row that holds one of these lays out a page; its cells are not the fields of a record.
_NOT_IN_RECORDS = ("table", "ul", "ol", "dl", "pre", "blockquote", "form", *HEADINGS)

_WORD = re.compile(r"\w+")
_LINE_END = re.compile(r"\n")
# Where words may be broken and where not: found as one word, they must be one. Joiners that are
# part of the spelling of Persian or Hindi stay.
_INVISIBLE = re.compile("[\xad\u200b\u2060\ufeff]+")


@dataclass(slots=True)
class PageText:
    """The text of a page, as blocks and as one list of words.

    Attributes:
        blocks: every block that has a word, in page order.
        words: the words of all blocks, folded as words_of does.
        lines: the source line of each word, from 1.
        owners: the position in blocks of each word's block.
        depth: how many elements are inside each other at most.
        row_cells: how many cells a row has at most.
    """

    blocks: list[Block] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    owners: list[int] = field(default_factory=list)
    depth: int = 0
    row_cells: int = 0

    def add(self, kind: BlockKind, level: int, pieces: Sequence[tuple[str, int]]) -> None:
        """Append the block these (text, line of its first character) pieces make, if it has words.

        Code keeps its white space; all else has it collapsed.
        """
        raw = "".join([text for text, _ in pieces])
        if not raw.isascii() and _INVISIBLE.search(raw):
            pieces = [(without_invisible(text), line) for text, line in pieces]
            raw = "".join([text for text, _ in pieces])
        words = words_of(raw)
        if not words:
            return
        lines = self._lines_of(words, raw, pieces)
        self.words.extend(words)
        self.lines.extend(lines)
        self.owners.extend([len(self.blocks)] * len(words))
        text = raw.strip("\n").rstrip() if kind is BlockKind.CODE else " ".join(raw.split())
        self.blocks.append(Block(kind, text, Lines(lines[0], max(lines)), level=level))

    @staticmethod
    def _lines_of(words: Sequence[str], raw: str, pieces: Sequence[tuple[str, int]]) -> list[int]:
        """Return the line of each word of the raw text that the pieces make."""
        first = pieces[0][1]
        if "\n" not in raw and pieces[-1][1] == first:
            return [first] * len(words)
        # Each offset from which on another line holds, with the line.
        turns: list[tuple[int, int]] = []
        offset = 0
        for text, line in pieces:
            turns.append((offset, line))
            ends = enumerate(_LINE_END.finditer(text), start=line + 1)
            turns.extend((offset + end.end(), after) for after, end in ends)
            offset += len(text)
        lines: list[int] = []
        turn = 0
        for match in _WORD.finditer(raw):  # of all pieces: a word may run through several
            while turn + 1 < len(turns) and turns[turn + 1][0] <= match.start():
                turn += 1
            lines.append(turns[turn][1])
        if len(lines) != len(words):
            # Folding makes several words of one at times, as of one with a dotted capital I.
            counts = (len(words_of(match)) for match in _WORD.findall(raw))
            lines = [line for line, count in zip(lines, counts, strict=True) for _ in range(count)]
        return lines

    def rewrite(self, texts: Mapping[int, str]) -> None:
        """Give the blocks of these numbers other texts; one whose text is "" is that below it."""
        if not texts:
            return
        first = min(texts)
        moved: list[int] = []
        kept = self.blocks[:first]
        for number, block in enumerate(self.blocks[first:], start=first):
            moved.append(len(kept))
            text = texts.get(number, block.text)
            if text:
                kept.append(replace(block, text=text))
        start = bisect_left(self.owners, first)
        self.owners[start:] = [moved[owner - first] for owner in self.owners[start:]]
        self.blocks = kept

    def lines_of(self, run: range) -> Lines:
        """Return the lines of some words."""
        lines = self.lines[run.start : run.stop]
        return Lines(lines[0], max(lines))

    def words_in(self, first: int, last: int) -> int:
        """Return how many words the blocks from one number to another have."""
        return bisect_right(self.owners, last) - bisect_left(self.owners, first)


def without_invisible(text: str) -> str:
    r"""Return a text without the characters that only tell where a line may end.

    >>> without_invisible("wall\xadpaper")
    'wallpaper'
    """
    return text if text.isascii() else _INVISIBLE.sub("", text)


def read_page(tree: Any) -> PageText:
    """Return all text of the body of a page, scripts and the like apart."""
    body = tree.find("body")
    if body is None:
        body = tree
    page = PageText()
    pieces: list[tuple[str, int]] = []
    # Kinds of the elements that are open, with their level; the innermost names the block.
    kinds: list[tuple[BlockKind, int]] = [(BlockKind.PARAGRAPH, 0)]
    record: Any = None
    new_cell = False
    starts: list[int] = []  # of the cells of the record, among the pieces
    tables: list[Rows] = []

    def flush() -> None:
        if pieces:
            page.add(*kinds[-1], pieces)
            pieces.clear()

    depth = 0
    for event, element, text, line in _walk(body):
        tag = element.tag
        if event == "start":
            depth += 1
            if tag == "table":
                tables.append(Rows())
            page.depth = max(page.depth, depth)
            if tag == "tr":
                page.row_cells = max(page.row_cells, len(element))
            if tag == "tr" and record is None and _is_record(element):
                flush()
                record = element
                kinds.append((BlockKind.TABLE_ROW, 0))
            elif record is not None:
                if tag in {"td", "th"}:
                    new_cell = True
                    starts.append(len(pieces))
                if tag in _BREAKS or tag == "br":
                    pieces.append((" ", line))
            elif tag in _BREAKS:
                flush()
                kinds.append(_kind(tag, kinds[-1]))
            elif tag == "br" and kinds[-1][0] is BlockKind.CODE:
                pieces.append(("\n", line))
            elif tag in {"br", "hr"}:
                flush()
        elif event == "end":
            depth -= 1
            if element is record:
                block, texts = len(page.blocks), [piece for piece, _ in pieces]
                flush()
                if tables and len(page.blocks) > block:
                    tables[-1].add(block, record, texts, starts)
                kinds.pop()
                starts.clear()
                record = None
            elif record is not None:
                if tag in _BREAKS:
                    pieces.append((" ", line))
            elif tag in _BREAKS:
                flush()
                kinds.pop()
            if tag == "table" and tables:
                page.rewrite(dict(tables.pop().texts()))
        if text.strip() and new_cell:
            if any(part.strip() for part, _ in pieces):
                pieces.append((SEPARATOR, line))
            new_cell = False
        if text:
            pieces.append((text, line))
    flush()
    return page


def _walk(body: Any) -> Iterator[tuple[str, Any, str, int]]:
    """Yield (event, element, the text that follows, its line) in document order.

    Events are start, end, and skipped for what is no text. Without recursion, for pages nest
    deeper than Python's stack. The parser knows the line of each start tag; in between, line
    ends are counted.
    """
    line = body.sourceline or 1
    walker = etree.iterwalk(body, events=("start", "end", "comment", "pi"))
    for event, element in walker:
        if event == "start":
            line = max(line, element.sourceline or 1)
            if element.tag in _UNSEEN:
                walker.skip_subtree()
                continue
            text = element.text or ""
            yield event, element, text, line
        else:
            skipped = event != "end" or element.tag in _UNSEEN
            if skipped:
                line += "".join(element.itertext()).count("\n")
            # The tail of the root stands outside it.
            text = "" if element is body else element.tail or ""
            yield "skipped" if skipped else event, element, text, line
        line += text.count("\n")


def _kind(tag: str, outer: tuple[BlockKind, int]) -> tuple[BlockKind, int]:
    """Return the kind and level of text directly in tag, inside an element of kind outer."""
    if tag in _KINDS:
        return _KINDS[tag], HEADINGS.get(tag, 0)
    if outer[0] is BlockKind.TABLE_ROW and tag not in {"td", "th"}:
        return BlockKind.PARAGRAPH, 0
    return outer


def _is_record(row: Any) -> bool:
    """Tell whether a table row holds the fields of one record rather than a part of the page."""
    cells = sum(1 for child in row if child.tag in {"td", "th"})
    if cells < 2 or next(row.iter(*_NOT_IN_RECORDS), None) is not None:
        return False
    return sum(1 for _ in row.iter("p", "div")) <= 2 * cells

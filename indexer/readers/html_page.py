"""All text of an HTML page, in order, with the source line of every word.

The main text of a page comes from elsewhere (see ``html``); this module knows what else the page
says, so that nothing is left out unseen, and on which line of the source each word stands.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from dataclasses import dataclass, field, replace
from itertools import accumulate, chain, islice
from typing import TYPE_CHECKING, Any

from lxml import etree, html

from indexer.articles import Block
from indexer.model import BlockKind, Lines
from indexer.readers.fields import words_of
from indexer.readers.html_tables import SEPARATOR, Rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

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
_ANCHOR_WORDS = 8
_GAP_WORDS = 30
# A text that begins with a frequent word and is not there is not looked for at all of its places.
_MOST_STARTS = 2_000
# What a tree cannot be made to say again, though the parser lets it in, also as references.
_CONTROLS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"
    "|&#(?:0*(?:[0-8]|1[124-9]|2[0-9]|3[01])|[xX]0*(?:[0-8bceBCEfF]|1[0-9a-fA-F]))(?![0-9a-fA-F]);?"
)
# A text that is found without its first letter, and is no other by chance.
_SURE_LETTERS = 20
# How deep the tree is made where the parser of the library gives up.
_DEPTH = 1000
# The last line an element can say it is on.
_LAST_LINE = 65_535
# One class for all elements: the library's own choice by tag is made in Python at every look.
_CLASSES = etree.ElementDefaultClassLookup(
    element=html.HtmlElement,
    comment=html.HtmlComment,
    pi=html.HtmlProcessingInstruction,
    entity=html.HtmlEntity,
)


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

    def place(self, texts: Iterable[str]) -> tuple[list[range | None], list[bool]]:
        """Find texts, given in page order, among the words of the page.

        Returns: the words of each text by their positions, None where it isn't found; and for
            each block of the page whether half of its words or more were found.
        """
        letters = _Letters(self.words)
        positions: dict[str, list[int]] = {}
        placed: list[range | None] = []
        # For each block, its words that were found less those that were not.
        balance = [0] * len(self.blocks)
        for owner in self.owners:
            balance[owner] -= 1
        found = bytearray(len(self.words))
        cursor = 0
        for text in texts:
            words = words_of(text)
            run = letters.find(words, cursor)
            if run is not None:
                places: Iterable[int] = run
            else:
                positions = positions or self._positions()
                start = self._anchor(words, positions, cursor)
                if start is None:
                    placed.append(None)
                    continue
                places = self._along(words, start)
                run = range(start, max(places, default=start) + 1)
            for place in places:
                balance[self.owners[place]] += 2 * (not found[place])
                found[place] = True
            cursor = run.stop
            placed.append(run)
        return placed, [count >= 0 for count in balance]

    def lines_of(self, run: range) -> Lines:
        """Return the lines of some words."""
        lines = self.lines[run.start : run.stop]
        return Lines(lines[0], max(lines))

    def words_in(self, first: int, last: int) -> int:
        """Return how many words the blocks from one number to another have."""
        return bisect_right(self.owners, last) - bisect_left(self.owners, first)

    def text_of(self, run: range, text: str) -> str:
        """Return what the page has for a text found there: with its spaces and first letter."""
        words = words_of(text)
        letters, shown = "".join(words), "".join(self.words[run.start : run.stop])
        is_whole = letters == shown and len(words) >= len(run)
        if is_whole or letters not in {shown, shown[1:]}:
            return text
        parts: list[str] = []
        for owner in range(self.owners[run.start], self.owners[run.stop - 1] + 1):
            first = bisect_left(self.owners, owner)
            matches = list(_WORD.finditer(self.blocks[owner].text))
            if first + len(matches) != bisect_right(self.owners, owner):
                return text
            inside = matches[max(run.start - first, 0) : run.stop - first]
            whole = self.blocks[owner].text
            start = 0 if inside[0] is matches[0] else inside[0].start()
            stop = len(whole) if inside[-1] is matches[-1] else inside[-1].end()
            while stop < len(whole) and not whole[stop].isspace():  # its full stop
                stop += 1
            parts.append(whole[start:stop])
        return " ".join(parts)

    def _positions(self) -> dict[str, list[int]]:
        positions: dict[str, list[int]] = defaultdict(list)
        for position, word in enumerate(self.words):
            positions[word].append(position)
        return positions

    def _along(self, words: Sequence[str], cursor: int) -> list[int]:
        """Return the positions of words from cursor on that are not far apart."""
        places: list[int] = []
        for word in words:
            # A reader may drop a word here and there, a note mark or a button in the text.
            for place in range(cursor, min(cursor + _GAP_WORDS, len(self.words))):
                if self.words[place] == word:
                    places.append(place)
                    cursor = place + 1
                    break
        return places

    def _anchor(self, words: list[str], positions: dict[str, list[int]], cursor: int) -> int | None:
        """Return where words begin: all of them if possible, at or after cursor if possible."""
        if not words:
            return None
        starts = positions.get(words[0], [])
        split = bisect_left(starts, cursor)
        for length in dict.fromkeys((len(words), min(len(words), _ANCHOR_WORDS))):
            sought = words[:length]
            for at in islice(chain(range(split, len(starts)), range(split)), _MOST_STARTS):
                if self.words[starts[at] : starts[at] + length] == sought:
                    return starts[at]
        return None


class _Letters:
    """The letters of a page in one string: the extractor may have run words of it together.

    It also leaves out the first letter of a text at times, a large one that is set apart.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self._text = "".join(words)
        self._starts = list(accumulate(map(len, words), initial=0))

    def find(self, words: Sequence[str], cursor: int) -> range | None:
        """Return the positions of the words a text is made of, at or after cursor if possible."""
        sought = "".join(words)
        if not sought:
            return None
        cursor = self._starts[min(cursor, len(self._starts) - 1)]
        for first, last in ((cursor, len(self._text)), (0, cursor + len(sought) - 1)):
            at = self._text.find(sought, first, last)
            for _ in range(_MOST_STARTS):
                if at < 0:
                    break
                run = self._run(at, at + len(sought))
                if run is not None:
                    return run
                at = self._text.find(sought, at + 1, last)
        return None

    def _run(self, first: int, last: int) -> range | None:
        """Return the words between two letters, None if they are parts of others."""
        start = bisect_right(self._starts, first) - 1
        stop = bisect_left(self._starts, last)
        is_capital = first - self._starts[start] == 1 and last - first >= _SURE_LETTERS
        if (self._starts[start] != first and not is_capital) or self._starts[stop] != last:
            return None
        return range(start, stop)


def parse_page(text: str) -> Any:
    """Return the root element of a page or a part of one, None if there is nothing in it.

    Elements that are inside so many others that the parser gives up stand beside each other there.
    """
    # Without huge_tree, what is nested deeper than 255 elements is lost without a word.
    parser = html.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True
    )
    parser.set_element_class_lookup(_CLASSES)
    data = _CONTROLS.sub(" ", text).encode()
    try:
        root = html.document_fromstring(data, parser=parser)
    except etree.ParserError:
        return None
    if any(error.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for error in parser.error_log):
        return etree.fromstring(
            data,
            html.HTMLParser(target=_Flattener(parser), encoding="utf-8", huge_tree=True),
        )
    return root


def without_invisible(text: str) -> str:
    r"""Return a text without the characters that only tell where a line may end.

    >>> without_invisible("wall\xadpaper")
    'wallpaper'
    """
    return text if text.isascii() else _INVISIBLE.sub("", text)


class _Flattener:
    """Makes the tree of a page as the parser comes by its tags, and only so deep.

    On which line an element is, it is not told: it counts the line ends of the text.
    """

    def __init__(self, parser: html.HTMLParser) -> None:
        self._make = parser.makeelement
        self._root: Any = None
        self._open: list[Any] = []
        self._deeper = 0  # elements that are open beyond
        self._last: Any = None  # the element that was closed last: text behind it is its tail
        self._text: list[str] = []
        self._line = 1

    def start(self, tag: str, attributes: Any) -> None:
        """Take a start tag."""
        self._settle_text()
        element = self._make(tag, dict(attributes))
        element.sourceline = min(self._line, _LAST_LINE)
        if self._root is None:
            self._root = element
        elif self._open:
            self._open[-1].append(element)
        if len(self._open) < _DEPTH:
            self._open.append(element)
            self._last = None
        else:
            self._deeper += 1
            self._last = element

    def end(self, _tag: str) -> None:
        """Take an end tag, also one that is not written."""
        if self._deeper:
            self._deeper -= 1  # text goes on where it went
        elif self._open:
            self._settle_text()
            self._last = self._open.pop()

    def data(self, text: str) -> None:
        """Take some text."""
        self._text.append(text)

    def close(self) -> Any:
        """Return the root."""
        self._settle_text()
        return self._root

    def _settle_text(self) -> None:
        text = "".join(self._text)
        self._text.clear()
        self._line += text.count("\n")
        if not text or not self._open:
            return
        if self._last is not None and self._last is not self._root:
            self._last.tail = (self._last.tail or "") + text
        else:
            self._open[-1].text = (self._open[-1].text or "") + text


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

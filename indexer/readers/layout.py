"""Lines of plain text -> blocks: finds where paragraphs, list items and underlined headings end.

Four layouts are told apart, chunk by chunk (a chunk is a run of lines without a blank one):
paragraphs between blank lines, one paragraph a line, hard-wrapped lines, indented first lines.
Every line with a word in it belongs to exactly one block.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from math import ceil
from typing import TYPE_CHECKING

from indexer.articles import Block
from indexer.model import BlockKind, Lines, Span
from indexer.readers.byline import parse_byline
from indexer.readers.furniture import is_form_label, is_furniture
from indexer.readers.headlines import closes, goes_on, is_short, reads_as_heading
from indexer.readers.labels import is_bare_label

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Nobody wraps by hand beyond this, so a longer line is a paragraph of its own.
_WIDEST_WRAP_CHARS = 132
# A title, a standfirst and a section heading.
_MOST_HEADINGS_ABOVE = 3
# Narrower lines are verse or a list of words.
_NARROWEST_WRAP_CHARS = 30
# Hand-wrapped lines are ragged: a line is short on purpose only when this much stays free.
_RAGGED = 0.85
# Of the lines that stop in mid-sentence, this share must be full for a text to count as wrapped.
_FULL_SHARE = 0.8
# A chunk that holds this share of a file's lines shows that blank lines do not part paragraphs.
_DENSE_SHARE = 0.8

_RULE = re.compile(r"([-=~_*#+.•·—–]\s?){3,}")
_BULLET = re.compile(r"[-*+•‣▪◦·]\s+(?=\S)")
_ENUMERATOR = re.compile(r"(?:\(?\d{1,3}[.)]|\(?[a-z]\))\s+(?=\S)")
_ADDRESS = re.compile(r"://\S+")
# Letters of scripts that put no space between words.
_UNSPACED = re.compile("[\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uff00-\uff60]")
_SUSPENDED = ("and", "or", "to", "und", "oder", "bis", "y", "o", "et", "ou")
_UNDERLINE_LEVELS = {"=": 1, "-": 2, "~": 3}


def _width_chars(text: str) -> int:
    return len(text) + len(_UNSPACED.findall(text))


@dataclass(frozen=True, slots=True)
class _Line:
    """A line with a word in it: number from 1, place of its text, leading space in characters."""

    number: int
    start: int
    text: str
    indent: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    @property
    def width_chars(self) -> int:
        """Columns taken on a page, where an ideograph takes two."""
        return self.indent + _width_chars(self.text)


@dataclass(frozen=True, slots=True)
class _Page:
    """What holds for all lines of a file: the wrap width, and whether blank lines are rare."""

    width_chars: int
    dense_lines: int

    def is_full(self, line: _Line, after: _Line, *, share: float = _RAGGED) -> bool:
        """Whether the first word of the line after would have had no room in the line."""
        unspaced = _UNSPACED.match(after.text)
        word = unspaced[0] if unspaced else after.text.split(maxsplit=1)[0]
        return line.width_chars + 1 + len(word) > share * self.width_chars


def split_blocks(text: str) -> Iterator[Block]:
    """The blocks of a plain text in order: PARAGRAPH, LIST_ITEM, and HEADING where underlined.

    Lines of rules alone end a block and are left out, as are the bullets of list items; numbers
    of list items are kept. A block's text equals the source at its span, white space apart.
    """
    chunks = list(_chunks(text))
    lines = [line for chunk, _ in chunks for line in chunk]
    widths = (line.width_chars for line in lines)
    page = _Page(
        width_chars=max((width for width in widths if width <= _WIDEST_WRAP_CHARS), default=1),
        dense_lines=max(2, ceil(len(lines) * _DENSE_SHARE)),
    )
    for chunk, level in chunks:
        if level:
            yield _block(text, chunk, BlockKind.HEADING, level)
        else:
            yield from _split_chunk(text, chunk, page)


def _chunks(text: str) -> Iterator[tuple[list[_Line], int]]:
    """Runs of lines between blank lines and rules; with a level if the line was underlined."""
    chunk: list[_Line] = []
    start = 0
    for number, raw in enumerate(text.split("\n"), start=1):
        stripped = raw.strip()
        if stripped and not _RULE.fullmatch(stripped):
            before = raw[: len(raw) - len(raw.lstrip())]
            indent = len(before.expandtabs(4)) + before.count("\u3000")
            chunk.append(_Line(number, start + len(before), stripped, indent))
        else:
            level = _underline_level(chunk, stripped)
            if level:
                yield chunk[:-1], 0
                yield chunk[-1:], level
            else:
                yield chunk, 0
            chunk = []
        start += len(raw) + 1
    yield chunk, 0


def _underline_level(chunk: Sequence[_Line], rule: str) -> int:
    """The heading level a rule gives to the line above it, 0 if it is no underline."""
    if not chunk or len(set(rule)) != 1:
        return 0
    line = chunk[-1]
    length = len(line.text)
    fits = length <= 2 * len(rule) <= 5 * length
    if not reads_as_heading(line.text.rstrip(".:!")):
        # "foo 2.0" names a part as well, but a paragraph or a list may end above a rule too.
        is_alone = len(chunk) == 1 and not _is_marked(line)
        fits = fits and is_short(line.text) and (is_alone or len(rule) == length)
    if not fits or (len(chunk) > 1 and closes(line.text)):
        return 0
    return _UNDERLINE_LEVELS.get(rule[0], 0)


def _split_chunk(text: str, chunk: Sequence[_Line], page: _Page) -> Iterator[Block]:
    place = 0
    in_list = False
    while place < len(chunk):
        end = place + 1
        if _starts_item(chunk, place) or (in_list and _is_marked(chunk[place])):
            in_list = True
            while end < len(chunk) and _continues_item(chunk, place, end, page):
                end += 1
            yield _block(text, chunk[place:end], BlockKind.LIST_ITEM)
        else:
            while end < len(chunk) and not _starts_item(chunk, end):
                end += 1
            in_list = False
            for group in _split_prose(chunk[place:end], page, chunk_lines=len(chunk)):
                yield _block(text, group, BlockKind.PARAGRAPH)
        place = end


def _starts_item(chunk: Sequence[_Line], place: int) -> bool:
    """Whether a line begins a list item; a wrapped line that happens to begin so does not."""
    if not _is_marked(chunk[place]):
        return False
    before = chunk[place - 1].text if place else ""
    return not before or closes(before) or reads_as_heading(before)


def _is_marked(line: _Line) -> bool:
    return bool(_BULLET.match(line.text) or _ENUMERATOR.match(line.text))


def _continues_item(chunk: Sequence[_Line], first: int, place: int, page: _Page) -> bool:
    before, line = chunk[place - 1], chunk[place]
    if _is_marked(line):
        return False
    wrapped = before.width_chars <= _WIDEST_WRAP_CHARS and page.is_full(before, line)
    return line.indent > chunk[first].indent or wrapped


def _split_prose(
    lines: Sequence[_Line], page: _Page, *, chunk_lines: int
) -> Iterator[Sequence[_Line]]:
    """The paragraphs of a run of lines without list items."""
    while len(lines) > 1 and _is_division(lines[0], lines[1], page):
        yield lines[:1]
        lines = lines[1:]
    if _stand_alone(lines):
        for line in lines:
            yield [line]
        return
    starts = _indented_starts(lines)
    if starts:
        bounds = [0, *starts, len(lines)]
        yield from _split_wrapped(lines[: starts[0]], page)
        for start, end in pairwise(bounds[1:]):
            group = lines[start:end]
            ends_in_heading = (
                len(group) > 1 and closes(group[-2].text) and reads_as_heading(group[-1].text)
            )
            if ends_in_heading:
                yield group[:-1]
                yield group[-1:]
            else:
                yield group
    elif chunk_lines < page.dense_lines:
        yield from _split_headings_above(lines, page)
    elif _is_wrapped(lines, page):
        yield from _split_wrapped(lines, page)
    else:
        for line in lines:
            yield [line]


def _is_division(line: _Line, after: _Line, page: _Page) -> bool:
    """Whether a line is the number of a division, and not the first of a sentence."""
    return (
        is_bare_label(line.text) and not after.text[0].islower() and not page.is_full(line, after)
    )


def _stand_alone(lines: Sequence[_Line]) -> bool:
    """Whether each line is a block: too long to be wrapped, or furniture, or under a title."""
    if any(_width_chars(_ADDRESS.sub("", line.text)) > _WIDEST_WRAP_CHARS for line in lines):
        return True
    return (_is_set_apart(lines[0].text) or reads_as_heading(lines[0].text)) and all(
        _is_set_apart(line.text) for line in lines[1:]
    )


def _is_set_apart(line: str) -> bool:
    return is_furniture(line) or is_form_label(line) or parse_byline(line) is not None


def _indented_starts(lines: Sequence[_Line]) -> list[int]:
    """The lines that begin a paragraph by their indentation; the first is one only if indented."""
    base = min(line.indent for line in lines)
    starts = [place for place, line in enumerate(lines) if line.indent >= base + 2]
    after_end = sum(
        not place or closes(lines[place - 1].text) or _is_above(lines[place - 1], lines[place])
        for place in starts
    )
    # A hanging indent follows a line that stops in mid-sentence.
    return starts if after_end * 3 > len(starts) * 2 else []


def _split_headings_above(lines: Sequence[_Line], page: _Page) -> Iterator[Sequence[_Line]]:
    """A paragraph between blank lines, the headings that stand directly above it first."""
    for _ in range(min(_MOST_HEADINGS_ABOVE, len(lines) - 1)):
        heading, rest = lines[0], lines[1:]
        stands_above = (
            _is_above(heading, rest[0])
            and not page.is_full(heading, rest[0])
            and not _is_as_full_as_below(heading, rest)
            and closes(rest[-1].text)
            and sum(len(line.text) for line in rest) > len(heading.text)
            and ((share := _full_share(rest, page)) is None or share >= _FULL_SHARE)
        )
        if not stands_above:
            break
        yield [heading]
        lines = rest
    yield lines


def _is_above(line: _Line, after: _Line) -> bool:
    """Whether a line can be a heading above another, which does not carry on its sentence."""
    carries_on = after.text[0].islower() and not line.text.isupper()
    return reads_as_heading(line.text) and not goes_on(line.text) and not carries_on


def _is_as_full_as_below(line: _Line, below: Sequence[_Line]) -> bool:
    """Whether a line is wrapped where those below it are: a file may have lines that are wider."""
    width_chars = max((one.width_chars for one in below[:-1]), default=0)
    local = _Page(width_chars=width_chars, dense_lines=0)
    return width_chars > 0 and local.is_full(line, below[0])


def _is_wrapped(lines: Sequence[_Line], page: _Page) -> bool:
    """Whether lines stop in mid-sentence because they are full, not because a paragraph ends."""
    share = _full_share(lines, page)
    return page.width_chars >= _NARROWEST_WRAP_CHARS and share is not None and share >= _FULL_SHARE


def _full_share(lines: Sequence[_Line], page: _Page) -> float | None:
    """The share of full lines among those that stop in mid-sentence, headings apart."""
    full = [
        page.is_full(line, after)
        for place, (line, after) in enumerate(pairwise(lines))
        if not closes(line.text)
    ]
    headings = sum(
        reads_as_heading(line.text)
        and not page.is_full(line, after)
        and (not place or closes(lines[place - 1].text))
        for place, (line, after) in enumerate(pairwise(lines))
    )
    counted = len(full) - headings
    return sum(full) / counted if counted > 0 else None


def _split_wrapped(lines: Sequence[_Line], page: _Page) -> Iterator[Sequence[_Line]]:
    """Paragraphs of wrapped lines without blank ones: where a line ends with room to spare."""
    start = 0
    for place, (line, after) in enumerate(pairwise(lines)):
        paragraph_ends = closes(line.text) and not page.is_full(line, after, share=1.0)
        is_heading = (
            (place == start or closes(lines[place - 1].text))
            and _is_above(line, after)
            and not page.is_full(line, after)
        )
        if is_heading and place > start:
            yield lines[start:place]
            start = place
        if is_heading or paragraph_ends:
            yield lines[start : place + 1]
            start = place + 1
    if lines[start:]:
        yield lines[start:]


def _block(text: str, lines: Sequence[_Line], kind: BlockKind, level: int = 0) -> Block:
    start, end = lines[0].start, lines[-1].end
    if kind is BlockKind.LIST_ITEM and (bullet := _BULLET.match(lines[0].text)):
        start += bullet.end()
    words = text[start : lines[0].end]
    for line in lines[1:]:
        words += _glue(words, line.text) + line.text
    return Block(
        kind=kind,
        text=" ".join(words.split()),
        lines=Lines(lines[0].number, lines[-1].number),
        span=Span(start, end),
        level=level,
    )


def _glue(before: str, after: str) -> str:
    """What joins two wrapped lines: nothing inside a hyphenated word or an unspaced script.

    The hyphen itself stays: whether it belongs to the word cannot be known.
    """
    hyphenated = before[-1] in "-\u2010\u00ad" and before[-2:-1].isalnum() and after[0].isalnum()
    if hyphenated and after.split(maxsplit=1)[0] not in _SUSPENDED:
        return ""
    unspaced = _UNSPACED.match(before[-1]) and _UNSPACED.match(after[0])
    return "" if unspaced else " "

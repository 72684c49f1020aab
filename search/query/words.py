"""One word of a query, its escapes resolved, and the leaf that it makes outside date fields."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from indexer.model import Span
from indexer.tuples import NamedTuple
from search.query.faults import Fault, shown
from search.query.spelling import (
    ADDRESS,
    NUMBERED_FIELDS,
    PLACE_FIELDS,
    QUOTES,
    Field,
    is_edge,
    is_kept_start,
    lazily,
)
from search.query.tree import Everything, Fuzzy, Prefix, Term, Wildcard

if TYPE_CHECKING:
    from search.query.tree import Leaf

MAX_PATTERN_CHARS = 1_000

NUMBER = lazily(r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?", re.IGNORECASE)

_WORD = lazily(rf"(?:\\.|[^\s{QUOTES}()|\\])*+\\?", re.DOTALL)
_WHERE = lazily(r"\s*[^\s=][^=]*=\s*\S")
_NUMBERS = lazily(r"\*|[0-9]{1,9}|(?=\.*[0-9])[0-9]{0,9}\.\.[0-9]{0,9}")
_TIME = "[0-9]{2}(?::[0-9]{2}){0,2}"
_TIMES = lazily(rf"\*|{_TIME}|(?=\.*[0-9])(?:{_TIME})?\.\.(?:{_TIME})?")
_FUZZY = lazily(r"~([0-9.]*)\Z")


class Chunk(NamedTuple):
    """A run of query text with its escapes resolved.

    Attributes:
        text: its characters; white space has become plain spaces.
        literal: the positions in text of those that were escaped.
        start: where it begins in the query.
        query: the text it was cut from.
    """

    text: str
    literal: frozenset[int]
    start: int
    query: str

    def place(self, at: int) -> int:
        """Where in the query the character at this position of text begins, escape included."""
        return self.start + at + sum(1 for other in self.literal if other < at)

    def is_bare(self, at: int, chars: str) -> bool:
        """Whether one of chars stands there without an escape."""
        return self.text[at] in chars and at not in self.literal

    def is_core(self, at: int) -> bool:
        """Whether what stands there makes a word, unlike punctuation."""
        return at in self.literal or not is_edge(self.text[at])

    def find(self, chars: str, start: int, end: int) -> int:
        """Position of the first bare one of chars, or end."""
        return next((at for at in range(start, end) if self.is_bare(at, chars)), end)

    def left_edge(self, end: int, keep: str) -> int:
        """Position after the punctuation that the chunk starts with, but for bare ones of keep."""
        at = 0
        while (
            at < end
            and not self.is_core(at)
            and not self.is_bare(at, keep)
            and not is_kept_start(self.text, at)
        ):
            at += 1
        return at

    def right_edge(self, start: int, end: int, keep: str) -> int:
        """Position before the punctuation that ends at end, but for bare ones of keep."""
        while end > start and not self.is_core(end - 1) and not self.is_bare(end - 1, keep):
            run = end
            while run > start and self.is_bare(run - 1, "+#"):
                run -= 1
            if start < run < end and self.is_core(run - 1):
                break  # C++ and C#
            end = min(run, end - 1)
        return end

    def is_address(self) -> bool:
        """Whether it is a web address."""
        match = ADDRESS().search(self.text) if "://" in self.text else None
        return match is not None and self.literal.isdisjoint(range(*match.span(1)))

    def is_wild(self, end: int, name: str) -> bool:
        """Whether the word up to end holds wildcards rather than question marks.

        A ? at the edge of a word is punctuation; one that follows the name of a field is not.
        """
        first = 0 if name else next((at for at in range(end) if self.is_core(at)), end)
        last = next((at for at in range(end - 1, -1, -1) if self.is_core(at)), 0)
        return self.find("*", 0, end) < end or self.find("?", first, last) < last

    def fuzzy(self, end: int) -> re.Match[str] | None:
        """Return the ~ and number that close the word before end, whose group 1 is the number."""
        if "~" not in self.text:
            return None
        match = _FUZZY().search(self.text, 0, self.right_edge(0, end, "~*"))
        if match is None or not self.literal.isdisjoint(range(*match.span())):
            return None
        return match if any(self.is_core(at) for at in range(match.start())) else None

    def pattern(self, start: int, end: int) -> str:
        """Return the wildcard pattern from start to end, runs of * as one."""
        chars: list[str] = []
        for at in range(start, end):
            if at in self.literal and self.text[at] in "*?\\":
                chars.append("\\")
            elif self.is_bare(at, "*") and at > start and self.is_bare(at - 1, "*"):
                continue
            elif self.text[at] == "\\":
                chars.append("\\")  # the last character of the query, which escapes nothing
            chars.append(self.text[at])
        return "".join(chars)


def resolve(text: str, start: int, end: int) -> Chunk:
    """Return the characters of a query text from start to end."""
    if text.find("\\", start, end) < 0:
        return Chunk(re.sub(r"\s", " ", text[start:end]), frozenset(), start, text)
    if text[start:end].isalnum():  # as most words are
        return Chunk(text[start:end], frozenset(), start, text)
    chars: list[str] = []
    literal: set[int] = set()
    at = start
    while at < end:
        if text[at] == "\\" and at + 1 < end:  # the query's last character escapes nothing
            literal.add(len(chars))
            at += 1
        chars.append(" " if text[at].isspace() else text[at])
        at += 1
    return Chunk("".join(chars), frozenset(literal), start, text)


def word_end(text: str, start: int) -> int:
    """Where the word at start ends: at bare white space, a quotation mark, a parenthesis or bar."""
    match = _WORD().match(text, start)
    return match.end() if match else start


def raw_end(text: str, start: int) -> int:
    """Where the raw value at start ends; parentheses that are closed again belong to it."""
    depth = 0
    at = start
    while at < len(text) and not text[at].isspace() and text[at] not in QUOTES:
        if text[at] == ")" and depth == 0:
            break
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        at += 2 if text[at] == "\\" else 1
    return min(at, len(text))


def plain_leaf(
    chunk: Chunk, stop: int, name: str, field: Field, faults: list[Fault]
) -> Leaf | None:
    """Return the leaf of the word in chunk up to stop, or None if there is no word.

    name is what named the field directly before it, colon included, or nothing.
    """
    if not chunk.literal and chunk.text[:stop].isalnum():  # as most words are
        span = Span(chunk.start - len(name), chunk.start + stop)
        return Term(chunk.text[:stop], field, span=span)
    is_address = chunk.is_address()
    fuzzy = None if is_address else chunk.fuzzy(stop)
    base = fuzzy.start() if fuzzy else stop
    is_wild = not is_address and chunk.is_wild(base, name)
    keep = "*?" if is_wild else ""
    first = chunk.left_edge(base, keep)
    end = chunk.right_edge(first, base, keep)
    if first == end:
        return None
    begin = chunk.start - len(name) if name else chunk.place(first)
    span = Span(begin, chunk.place(fuzzy.end() if fuzzy else end))
    if fuzzy and not is_wild:
        distance = _distance(fuzzy, chunk, faults)
        return Fuzzy(chunk.text[first:end], distance, field, span=span)
    if fuzzy:
        place = Span(chunk.place(fuzzy.start()), chunk.place(fuzzy.end()))
        message = f"{shown(fuzzy[0])} cannot follow a word with * or ?; remove one of the two"
        faults.append(Fault(place, message, "the ~ is ignored"))
    if not is_wild:
        return Term(chunk.text[first:end], field, span=span)
    if not any(chunk.is_core(at) for at in range(first, end)):
        is_lone = not name and end - first == 1
        return Everything(span=span) if is_lone else _everything(chunk, span, faults)
    wild = chunk.find("*?", first, end)
    if all(chunk.is_bare(at, "*") for at in range(wild, end)):
        return Prefix(chunk.text[first:wild], field, span=span)
    if end - first > MAX_PATTERN_CHARS:
        faults.append(_too_long(chunk, span))
        return Term(chunk.text[first:end], field, span=span)
    return Wildcard(chunk.pattern(first, end), field, span=span)


def raw_leaf(chunk: Chunk, end: int, field: Field, span: Span, faults: list[Fault]) -> Leaf:
    """Return the leaf, of place span, of the value of a raw field in chunk up to end."""
    if field is Field.WHERE and not _WHERE().match(chunk.text, 0, end):
        value = shown(chunk.text[:end])
        message = (
            f"where: takes FIELD=VALUE, not {value}; write it such as section=sports, "
            "or section=* for any value"
        )
        faults.append(Fault(span, message, "searched as words"))
        return Term(chunk.text[:end], span=span)
    if remedy := _place_fault(field, chunk.text[:end]):
        message = f"{field.value}: takes no {shown(chunk.text[:end])}; {remedy}"
        faults.append(Fault(span, message, "searched as words"))
        return Term(chunk.text[:end], span=span)
    if chunk.find("*?", 0, end) == end:
        return Term(chunk.text[:end], field, span=span)
    if field not in PLACE_FIELDS and all(chunk.is_bare(at, "*?") for at in range(end)):
        return _everything(chunk, span, faults)
    if end > MAX_PATTERN_CHARS:
        faults.append(_too_long(chunk, span))
        return Term(chunk.text[:end], field, span=span)
    return Wildcard(chunk.pattern(0, end), field, span=span)


def _place_fault(field: Field, value: str) -> str:
    """What to write in the place of a value that is no place of a kind; "" for what is one."""
    if field in NUMBERED_FIELDS and not _NUMBERS().fullmatch(value):
        return "write a number or a range of them, such as 12 or 12..20"
    if field is Field.TIME and not _TIMES().fullmatch(value):
        return "write hours, minutes and seconds or a range, such as 00:12:30 or 00:12..00:20"
    return ""


def _too_long(chunk: Chunk, span: Span) -> Fault:
    word = shown(chunk.query[span.start : span.end])
    message = f"{word} has a * or ? and more than {MAX_PATTERN_CHARS:,} characters; shorten it"
    return Fault(span, message, "searched as a word")


def _everything(chunk: Chunk, span: Span, faults: list[Fault]) -> Leaf:
    message = (
        f"{shown(chunk.query[span.start : span.end])} has no letters to look for; "
        "add some, or write * for every passage"
    )
    faults.append(Fault(span, message, "taken as *"))
    return Everything(span=span)


def _distance(fuzzy: re.Match[str], chunk: Chunk, faults: list[Fault]) -> Literal[1, 2]:
    match fuzzy[1]:
        case "" | "1":
            return 1
        case "2":
            return 2
    place = Span(chunk.place(fuzzy.start()), chunk.place(fuzzy.end()))
    is_small = float(fuzzy[1]) <= 1 if NUMBER().fullmatch(fuzzy[1]) else False
    message = f"{shown(fuzzy[0])} is not a distance between words; write ~1 or ~2"
    faults.append(Fault(place, message, "~1 is used" if is_small else "~2 is used"))
    return 1 if is_small else 2

"""The lines of a plain text message -> blocks: what was written, what is quoted, what is signed.

**Quotes** are lines that begin with ">", and all that stands below "-----Original Message-----" or
the header of the answered message. What is said over them ("On Monday Ann wrote:") is a caption.
**Signatures** (below "-- "), the footers of mailing lists and the armour of PGP are apart: they are
the same below every message and are left out as furniture is.
"""

from __future__ import annotations

import re
from dataclasses import replace
from enum import Enum
from itertools import groupby, zip_longest
from typing import TYPE_CHECKING

from indexer.model import BlockKind, Lines
from indexer.readers.fields import words_of
from indexer.readers.layout import split_blocks
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from indexer.articles import Block

# Deeper ones are made to do harm: each level that may be taken back takes memory.
_QUOTED = re.compile(r" ?((?:> ?){1,200})")
_WROTE = re.compile(
    r"(?:\b(?:wrote|writes|said|schrieb\b.*|écrit|escribió|scritto|schreef|escreveu|skrev|"
    r"napisał(?:\(a\))?|написал\(?а?\)?|пишет))\s?:\s*$",
    re.IGNORECASE | re.DOTALL,
)
# How such a line begins where it goes on from a paragraph.
_ON = re.compile(r"(?:On|At|In|Am|Le|El|Il|Op|Em|Den|W dniu|В)\s")
_MOST_WROTE_LINES = 4
_ORIGINAL = re.compile(
    r"\s*-{2,}\s*(?:original message|forwarded message|forwarded by .*|ursprüngliche nachricht|"
    r"weitergeleitete nachricht|message d'origine|message transféré|mensaje original|"
    r"messaggio originale|oorspronkelijk bericht)\s*-{2,}\s*$|\s*begin forwarded message:\s*$",
    re.IGNORECASE,
)
_ANSWERED = re.compile(r"\*?(?:From|Sent|Date|To|Cc|Subject|Von|Gesendet|Datum|An|Betreff):\*?\s")
_LEAST_ANSWERED_LINES = 3
# More of it is text below a line of hyphens.
_MOST_SIGNED_LINES = 15
# A line that is quoted and as long as that has no room for more; what is left of it is short.
_LEAST_WRAPPED_CHARS = 55
_MOST_TAIL_CHARS = 40
_CLOSING = frozenset(".?!:;")
_FOOTER = re.compile(r"_{20,}\s*$")
_OF_LIST = re.compile(r"mailing list|unsubscribe|listinfo|mailman", re.IGNORECASE)
_ARMOUR = re.compile(r"-----BEGIN PGP (?:SIGNED MESSAGE|SIGNATURE|PUBLIC KEY BLOCK)-----\s*$")
_ARMOUR_ENDS = re.compile(r"-----END PGP (?:SIGNATURE|PUBLIC KEY BLOCK)-----\s*$")
_ENCRYPTED = re.compile(r"^-----BEGIN PGP MESSAGE-----\s*$", re.MULTILINE)


class Line(NamedTuple):
    """One line of a message as it is shown.

    Attributes:
        text: without its end.
        lines: where it stands in the file; several where they were joined.
    """

    text: str
    lines: Lines


class _Role(Enum):
    OWN = "own"
    QUOTED = "quoted"
    SAID_OVER = "said over a quote"
    APART = "apart"


class _Read(NamedTuple):
    """A line with how deep it is quoted, and what it is."""

    text: str
    lines: Lines
    depth: int
    role: _Role = _Role.OWN

    @property
    def is_blank(self) -> bool:
        return not self.text.strip()


def is_encrypted(text: str) -> bool:
    """Whether a text holds an encrypted message."""
    return _ENCRYPTED.search(text) is not None


def text_blocks(
    lines: Sequence[Line], *, joins: Joins | None = None
) -> tuple[list[Block], list[Block]]:
    """What a text says and what is apart, both in order.

    Args:
        lines: all of it.
        joins: how lines that go on are marked; None where they are not.
    """
    if joins is None:
        read = _with_tails([_unquoted(line) for line in lines])
    else:
        read = list(_joined(lines, joins))
    read = _with_roles(read)
    kept: list[Block] = []
    apart: list[Block] = []
    for (role, _), group in groupby(read, key=lambda line: (line.role, line.depth)):
        run = list(group)
        (apart if role is _Role.APART else kept).extend(_blocks(run, role))
    return kept, apart


def said_over(blocks: Sequence[Block]) -> list[Block]:
    """Blocks of marked-up text, with what is said over a quote as its caption."""
    return [
        replace(block, kind=BlockKind.CAPTION)
        if block.kind is BlockKind.PARAGRAPH
        and after is not None
        and after.kind is BlockKind.QUOTE
        and _WROTE.search(block.text)
        else block
        for block, after in zip_longest(blocks, blocks[1:])
    ]


class Joins(Enum):
    """How the lines of ``format=flowed`` (RFC 3676) are joined that end in a space."""

    WITH_SPACE = "no"
    WITHOUT_SPACE = "yes"


def _unquoted(line: Line) -> _Read:
    quoted = _QUOTED.match(line.text)
    if not quoted:
        return _Read(*line, 0)
    return _Read(line.text[quoted.end() :], line.lines, quoted[1].count(">"), _Role.QUOTED)


def _with_tails(read: list[_Read]) -> list[_Read]:
    """Lines with the tails of quotes quoted: programs wrap a long line and mark only its first."""
    for place in range(1, len(read) - 1):
        before, line, after = read[place - 1 : place + 2]
        if (
            before.depth
            and after.depth
            and not (line.depth or line.is_blank)
            and len(before.text) >= _LEAST_WRAPPED_CHARS
            and len(line.text) <= _MOST_TAIL_CHARS
            and before.text.rstrip()[-1:] not in _CLOSING
        ):
            read[place] = line._replace(depth=before.depth, role=_Role.QUOTED)
    return read


def _joined(lines: Sequence[Line], joins: Joins) -> Iterator[_Read]:
    """Yield the lines of a flowed text, those that go on joined."""
    open_: _Read | None = None
    for line in lines:
        depth = len(line.text) - len(line.text.lstrip(">"))
        text = line.text[depth:].removeprefix(" ")
        one = _Read(text, line.lines, depth, _Role.QUOTED if depth else _Role.OWN)
        is_rule = text == "-- "
        if open_ is not None and (is_rule or depth != open_.depth):
            yield open_
            open_ = None
        if open_ is not None:
            both = Lines(open_.lines.first, line.lines.last)
            one = one._replace(text=open_.text + text, lines=both)
        if is_rule or not text.endswith(" "):
            yield one
            open_ = None
        else:
            open_ = one._replace(text=one.text[:-1] if joins is Joins.WITHOUT_SPACE else one.text)
    if open_ is not None:
        yield open_


def _with_roles(read: list[_Read]) -> list[_Read]:
    roles = [line.role for line in read]
    _mark_armour(read, roles)
    _mark_answered(read, roles)
    _mark_said_over(read, roles)
    _mark_signatures(read, roles)
    return [
        # A line that is signed and begins with a hyphen has another before it.
        line._replace(
            role=role,
            text=line.text.removeprefix("- ") if line.text.startswith("- -") else line.text,
        )
        for line, role in zip(read, roles, strict=True)
    ]


def _mark_armour(read: Sequence[_Read], roles: list[_Role]) -> None:
    """Set apart what stands around a signed text: its mark up to the blank line, its signature."""
    place = 0
    while place < len(read):
        if read[place].depth == 0 and _ARMOUR.match(read[place].text):
            is_head = "SIGNED MESSAGE" in read[place].text
            while place < len(read):
                roles[place] = _Role.APART
                line = read[place]
                if line.is_blank if is_head else _ARMOUR_ENDS.match(line.text):
                    break
                place += 1
        place += 1


def _mark_answered(read: Sequence[_Read], roles: list[_Role]) -> None:
    """What stands below the header of an answered message is quoted."""
    after_text = False
    for place, line in enumerate(read):
        is_marked = _ORIGINAL.match(line.text) is not None
        is_below = after_text and _ANSWERED.match(line.text) is not None
        after_text = after_text or not line.is_blank
        if line.depth or roles[place] is not _Role.OWN or not (is_marked or is_below):
            continue
        if not is_marked and len(_header_lines(read, place)) < _LEAST_ANSWERED_LINES:
            continue
        start = place + 1
        while is_marked and start < len(read) and read[start].is_blank:
            start += 1
        said = [
            *([place] if is_marked else ()),
            *_header_lines(read, start if is_marked else place),
        ]
        end = said[-1] + 1
        roles[place:end] = [_Role.SAID_OVER] * (end - place)
        roles[end:] = [_Role.QUOTED if role is _Role.OWN else role for role in roles[end:]]
        return


def _header_lines(read: Sequence[_Read], place: int) -> list[int]:
    """The places of the lines from one on that are the header of an answered message."""
    end = place
    while end < len(read) and (
        _ANSWERED.match(read[end].text)
        or (end > place and read[end].text[:1].isspace() and not read[end].is_blank)
    ):
        end += 1
    return list(range(place, end))


def _mark_said_over(read: Sequence[_Read], roles: list[_Role]) -> None:
    """The lines above a quote that say whose it is."""
    for place, line in enumerate(read):
        if not line.depth or (place and read[place - 1].depth):
            continue
        end = place
        while end and read[end - 1].is_blank:
            end -= 1
        start = end
        while start and not read[start - 1].is_blank and roles[start - 1] is _Role.OWN:
            start -= 1
        if end - start > _MOST_WROTE_LINES:
            begins = [at for at in range(end - _MOST_WROTE_LINES, end) if _ON.match(read[at].text)]
            start = begins[-1] if begins else end
        if _WROTE.search(" ".join(one.text for one in read[start:end])):
            roles[start:end] = [_Role.SAID_OVER] * (end - start)


def _mark_signatures(read: Sequence[_Read], roles: list[_Role]) -> None:
    """Set apart what stands below a line that parts it, up to a quote or the end."""
    place = 0
    while place < len(read):
        start = place
        place += 1
        line = read[start]
        if roles[start] is not _Role.OWN or line.depth:
            continue
        is_footer = _FOOTER.match(line.text) is not None
        if not is_footer and line.text.rstrip() not in ("--", "- --"):
            continue
        end = place
        while end < len(read) and roles[end] is _Role.OWN:
            end += 1
        below = [one.text for one in read[place:end] if not one.is_blank]
        if len(below) > _MOST_SIGNED_LINES or (is_footer and not _OF_LIST.search(" ".join(below))):
            continue
        roles[start:end] = [_Role.APART] * (end - start)
        place = end


def _blocks(run: Sequence[_Read], role: _Role) -> Iterator[Block]:
    """Yield the blocks of some lines that are one next to the other and alike."""
    for block in split_blocks("\n".join(line.text for line in run)):
        lines = Lines(run[block.lines.first - 1].lines.first, run[block.lines.last - 1].lines.last)
        if not words_of(block.text):
            continue
        kind, level = block.kind, block.level
        if role is _Role.SAID_OVER:
            kind, level = BlockKind.CAPTION, 0
        elif role is _Role.QUOTED:
            kind, level = BlockKind.QUOTE, 0
        elif role is _Role.APART:
            kind, level = BlockKind.PARAGRAPH, 0
        yield replace(block, kind=kind, level=level, lines=lines, span=None)

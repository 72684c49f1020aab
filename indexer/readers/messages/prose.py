"""The lines of a plain text message -> blocks: what was written, what is quoted, what is signed.

**Quotes** are lines that begin with ">", and all that stands below "-----Original Message-----" or
the header of the answered message. What is said over them ("On Monday Ann wrote:") is a caption.
**Signatures** (below "-- "), the footers of mailing lists and the armour of PGP are apart: they are
the same below every message and are left out as furniture is.
"""

from __future__ import annotations

import re
from enum import Enum
from itertools import groupby, zip_longest
from typing import TYPE_CHECKING

from indexer.model import BlockKind, Lines
from indexer.readers.fields import words_of
from indexer.readers.layout import split_blocks
from indexer.readers.messages.roles import ReadLine, Role, is_said_over, with_roles
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from indexer.articles import Block

# Deeper ones are made to do harm: each level that may be taken back takes memory.
_QUOTED = re.compile(r" ?((?:> ?){1,200})")
# A line that is quoted and as long as that has no room for more; what is left of it is short.
_LEAST_WRAPPED_CHARS = 55
_MOST_TAIL_CHARS = 40
_CLOSING = frozenset(".?!:;")
_ENCRYPTED = re.compile(r"^-----BEGIN PGP MESSAGE-----\s*$", re.MULTILINE)


class Line(NamedTuple):
    """One line of a message as it is shown.

    Attributes:
        text: without its end.
        lines: where it stands in the file; several where they were joined.
    """

    text: str
    lines: Lines


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
    read = with_roles(read)
    kept: list[Block] = []
    apart: list[Block] = []
    for (role, _), group in groupby(read, key=lambda line: (line.role, line.depth)):
        run = list(group)
        (apart if role is Role.APART else kept).extend(_blocks(run, role))
    return kept, apart


def said_over(blocks: Sequence[Block]) -> list[Block]:
    """Blocks of marked-up text, with what is said over a quote as its caption."""
    return [
        block._replace(kind=BlockKind.CAPTION)
        if block.kind is BlockKind.PARAGRAPH
        and after is not None
        and after.kind is BlockKind.QUOTE
        and is_said_over(block.text)
        else block
        for block, after in zip_longest(blocks, blocks[1:])
    ]


class Joins(Enum):
    """How the lines of ``format=flowed`` (RFC 3676) are joined that end in a space."""

    WITH_SPACE = "no"
    WITHOUT_SPACE = "yes"


def _unquoted(line: Line) -> ReadLine:
    quoted = _QUOTED.match(line.text)
    if not quoted:
        return ReadLine(*line, 0)
    return ReadLine(line.text[quoted.end() :], line.lines, quoted[1].count(">"), Role.QUOTED)


def _with_tails(read: list[ReadLine]) -> list[ReadLine]:
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
            read[place] = line._replace(depth=before.depth, role=Role.QUOTED)
    return read


def _joined(lines: Sequence[Line], joins: Joins) -> Iterator[ReadLine]:
    """Yield the lines of a flowed text, those that go on joined."""
    open_: ReadLine | None = None
    for line in lines:
        depth = len(line.text) - len(line.text.lstrip(">"))
        text = line.text[depth:].removeprefix(" ")
        one = ReadLine(text, line.lines, depth, Role.QUOTED if depth else Role.OWN)
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


def _blocks(run: Sequence[ReadLine], role: Role) -> Iterator[Block]:
    """Yield the blocks of some lines that are one next to the other and alike."""
    for block in split_blocks("\n".join(line.text for line in run)):
        lines = Lines(run[block.lines.first - 1].lines.first, run[block.lines.last - 1].lines.last)
        if not words_of(block.text):
            continue
        kind, level = block.kind, block.level
        if role is Role.SAID_OVER:
            kind, level = BlockKind.CAPTION, 0
        elif role is Role.QUOTED:
            kind, level = BlockKind.QUOTE, 0
        elif role is Role.APART:
            kind, level = BlockKind.PARAGRAPH, 0
        yield block._replace(kind=kind, level=level, lines=lines, span=None)

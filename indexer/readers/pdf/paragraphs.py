"""Pieces of columns -> pieces of a document: a paragraph may go on in the next column or page.

It does if it ends amid a line's length without the end of a sentence, and what the next column
begins with is of its kind. What stands between them, such as a note, a caption or a table, comes
behind it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from indexer.model import BlockKind
from indexer.readers.pdf.hyphens import has_leaders
from indexer.readers.pdf.measures import is_same_size
from indexer.readers.pdf.pieces import INDENT, SENTENCE_END

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.readers.pdf.lines import Line
    from indexer.readers.pdf.measures import Measures
    from indexer.readers.pdf.pieces import Column, Piece

_HYPHEN_END = re.compile("\\w[-\u00ad\u2010]$")


def joined_over(columns: Sequence[Column], measures: Measures) -> list[Piece]:
    """The pieces of all columns in order, those that go on in the next one made one."""
    found: list[Piece] = []
    last: Piece | None = None
    last_column: Column | None = None
    for column in columns:
        pieces = list(column.pieces)
        first = next((piece for piece in pieces if _is_running(piece, measures)), None)
        if first is not None and last is not None and last_column is not None:
            before = pieces[: next(i for i, piece in enumerate(pieces) if piece is first)]
            if all(_is_aside(piece, measures) for piece in before) and goes_on(
                last_column, last.lines[-1], column, first.lines[0]
            ):
                last.lines += first.lines
                pieces = [piece for piece in pieces if piece is not first]
                if not any(_is_running(piece, measures) for piece in pieces):
                    found += pieces
                    last_column = column
                    continue
        found += pieces
        running = [piece for piece in pieces if not _is_aside(piece, measures)]
        if running:
            last = running[-1] if _is_running(running[-1], measures) else None
            last_column = column
    return found


def _is_aside(piece: Piece, measures: Measures) -> bool:
    """Whether the text goes on behind a piece as if it were not there."""
    return piece.kind in {BlockKind.CAPTION, BlockKind.TABLE_ROW} or measures.is_small(
        piece.lines[0]
    )


def _is_running(piece: Piece, measures: Measures) -> bool:
    return piece.kind in {
        BlockKind.PARAGRAPH,
        BlockKind.LIST_ITEM,
        BlockKind.QUOTE,
    } and not _is_aside(piece, measures)


def goes_on(column: Column, before: Line, other: Column, line: Line) -> bool:
    """Whether a line at the beginning of a column goes on with the last of the one before."""
    if (
        not is_same_size(before, line)
        or before.is_mirrored != line.is_mirrored
        or before.is_fixed != line.is_fixed
        or before.is_bold != line.is_bold
        or line.label
        or line.is_marked
        or has_leaders(line.text)
        or has_leaders(before.text)
    ):
        return False
    if _HYPHEN_END.search(before.text[-2:]) or line.text[0].islower():
        return True
    if column.has_room(before, line):
        return False
    if not SENTENCE_END.search(before.text[-20:]):
        return True
    # Amid an unbroken line a sentence may end as well; a paragraph that begins is set in.
    return _sets_in(other) and line.x0 < other.left + INDENT * line.size


def _sets_in(column: Column) -> bool:
    """Whether the paragraphs of a column begin further in than they go on."""
    starts = [
        piece.lines[0].x0 - piece.lines[1].x0 > INDENT * piece.lines[0].size
        for piece in column.pieces
        if piece.kind is BlockKind.PARAGRAPH and len(piece.lines) > 1
    ]
    return 2 * sum(starts) >= len(starts) > 0

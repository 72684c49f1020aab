"""Lines with tags -> pieces as the structure tree says, where that is to be believed."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from indexer.model import BlockKind
from indexer.readers.pdf.measures import is_same_size
from indexer.readers.pdf.pieces import SENTENCE_END, Column, Piece

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from indexer.readers.pdf.lines import Line
    from indexer.readers.pdf.measures import Measures

# So much of the text of a page is in its structure tree where that is to be believed.
_TAGGED_SHARE = 0.9
_LONGEST_TAGGED = 60
# Parts of a pitch: lines of code that are further apart are of two.
_CODE_PITCH, _SAME_PITCH = 1.3, 1.06


def are_tags_sane(lines: Sequence[Line]) -> bool:
    """Whether the structure tree says of most of a page what it is, and not of all the same."""
    lines = [line for line in lines if not line.is_artifact]
    total = sum(len(line.text) for line in lines)
    tagged = [line for line in lines if line.tag is not None]
    if not tagged or sum(len(line.text) for line in tagged) < _TAGGED_SHARE * total:
        return False
    blocks = {line.tag.block for line in tagged if line.tag is not None}
    return len(tagged) <= _LONGEST_TAGGED * len(blocks) and (len(blocks) > 1 or len(lines) < 12)


def columns_of_page(
    columns: Sequence[list[Line]], measures: Measures, *, are_tagged: bool
) -> Iterator[Column]:
    """Yield the columns of a page, cut into pieces; one of all that is tagged, as its tags say."""
    if not are_tagged:
        yield from (Column(column, measures) for column in columns)
        return
    lines = [line for column in columns for line in column]
    tagged = sorted(
        (line for line in lines if line.tag is not None),
        key=lambda line: (line.tag.block, line.tag.cell) if line.tag else (0, 0),
    )
    if tagged:
        yield Column(tagged, measures, _tagged_pieces(tagged, measures))
    rest = [line for line in lines if line.tag is None]
    if rest:
        yield Column(rest, measures)


def _tagged_pieces(lines: Sequence[Line], measures: Measures) -> list[Piece]:
    pieces: list[Piece] = []
    for _, group in groupby(lines, key=lambda line: line.tag.block if line.tag else 0):
        held = list(group)
        tag = held[0].tag
        if tag is None:
            continue
        kind = tag.kind
        if (
            kind is BlockKind.PARAGRAPH
            and not measures.is_fixed
            and all(line.is_fixed for line in held)
        ):
            kind = BlockKind.CODE
        cells: list[list[Line]] = []
        if kind is BlockKind.TABLE_ROW:
            cells = [
                list(cell) for _, cell in groupby(held, key=lambda line: line.tag and line.tag.cell)
            ]
        if (
            kind is BlockKind.PARAGRAPH
            and pieces
            and _is_cut_sentence(pieces[-1], held[0], measures)
        ):
            pieces[-1].lines += held
            continue
        is_of_tag = kind is not BlockKind.PARAGRAPH
        if kind is BlockKind.CODE and pieces and _is_next_of_code(pieces[-1], held[0], measures):
            pieces[-1].lines += held
            continue
        is_head = all(line.tag is not None and line.tag.is_head for line in held)
        pieces.append(Piece(kind, held, cells, tag.level, is_of_tag=is_of_tag, is_head=is_head))
    return pieces


def _is_next_of_code(piece: Piece, line: Line, measures: Measures) -> bool:
    """Whether a line stands close below code: some programs make a paragraph of each line."""
    before = piece.lines[-1]
    return (
        piece.kind is BlockKind.CODE
        and before.page == line.page
        and 0 < before.y - line.y <= _CODE_PITCH * measures.pitch(line.size)
    )


def _is_cut_sentence(piece: Piece, line: Line, measures: Measures) -> bool:
    """Whether a line goes on with the paragraph above, though its tag says another one."""
    before = piece.lines[-1]
    return (
        piece.kind is BlockKind.PARAGRAPH
        and before.page == line.page
        and is_same_size(before, line)
        and abs(before.x0 - line.x0) <= 1
        and 0 < before.y - line.y <= _SAME_PITCH * measures.pitch(line.size)
        and line.text[0].islower()
        and not SENTENCE_END.search(before.text[-20:])
    )

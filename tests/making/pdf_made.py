"""A document that was made, with the truth on what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tests.making.pdf_writing import Kind, plain

if TYPE_CHECKING:
    from tests.making.pdf_writing import Piece


class Part(NamedTuple):
    """A paragraph of the truth, or what else stands for itself.

    Attributes:
        kind: what it is.
        text: its words, white space collapsed; ``{1}`` for the raised mark of note 1.
        page: where it begins, from 1.
        cells: of a table row.
        heads: the names of the columns of that row.
        mark: what stands before the text of a list item or of a note.
    """

    kind: Kind
    text: str
    page: int
    cells: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()
    mark: str = ""


class Made(NamedTuple):
    """A document and the truth on it.

    Attributes:
        name: unique among those of its maker.
        maker: the program that wrote it.
        data: the file.
        parts: what it says, in the order of reading; furniture is not among it.
        pages: how many pages it has.
    """

    name: str
    maker: str
    data: bytes
    parts: tuple[Part, ...]
    pages: int


def part_of(piece: Piece, page: int) -> Part:
    """What a piece is in the truth, where it begins on that page."""
    text = plain(" ".join(piece.cells) if piece.cells else piece.text)
    if piece.kind is Kind.CODE:
        text = "\n".join(line.rstrip() for line in text.split("\n"))
    else:
        text = " ".join(text.split())
    return Part(piece.kind, text, page, piece.cells, piece.heads, piece.mark)

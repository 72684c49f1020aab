"""Which paragraphs are headings, by size, weight and bookmarks; their levels; and the title."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from indexer.model import BlockKind
from indexer.readers.fields import words_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.readers.pdf.document import Bookmark
    from indexer.readers.pdf.hyphens import Hyphens
    from indexer.readers.pdf.measures import Measures
    from indexer.readers.pdf.pieces import Piece

_LARGER, _MOST_CHARS, _MOST_LINES, _DEEPEST = 1.08, 200, 3, 6
_TITLE_LARGER = 1.15
_NUMBERED = re.compile(
    r"(?:chapter|part|appendix|section|kapitel|teil|chapitre)?\s*(\d{1,3}(?:\.\d{1,3})*|[A-Z](?:\.\d{1,3})+)\.?\s",
    re.IGNORECASE,
)
_NO_END = re.compile(r"[.,;:](?<!\betc\.)$")
_CONTENTS = re.compile(
    r"(?:table of )?contents|index|inhalt(?:sverzeichnis)?|table des mati\S+res|sommaire|\S*ndice",
    re.IGNORECASE,
)
_PAGE_END = re.compile(r"\s\d{1,4}$")

_Style = tuple[float, bool]


def mark_headings(
    pieces: Sequence[Piece],
    measures: Measures,
    hyphens: Hyphens,
    bookmarks: Sequence[Bookmark],
) -> None:
    """Make headings of the paragraphs that look like some, and give all headings their levels."""
    named: dict[str, list[Bookmark]] = defaultdict(list)
    for bookmark in bookmarks:
        named[_key(bookmark.title)].append(bookmark)
    texts = {id(piece): hyphens.text(piece.lines) for piece in pieces if _is_short(piece)}
    of_bookmark: dict[int, int] = {}
    entries = Counter(
        line.page
        for piece in pieces
        if piece.kind is BlockKind.LIST_ITEM
        for line in piece.lines[:1]
    )
    for piece in pieces:
        text = texts.get(id(piece), "")
        key = _key(text)
        level = next(
            (
                one.level
                for one in named.get(key, ())
                if not one.page or abs(one.page - piece.lines[0].page) <= 1
            ),
            0,
        )
        if piece.is_of_tag:
            continue
        if level and not _PAGE_END.search(text):
            of_bookmark[id(piece)] = level
        if of_bookmark.get(id(piece)) or _looks_like_one(piece, text, measures):
            is_entry = _PAGE_END.search(text) and entries[piece.lines[0].page] >= 4
            piece.kind = BlockKind.LIST_ITEM if is_entry else BlockKind.HEADING
    _give_levels(pieces, texts, of_bookmark)


def _is_short(piece: Piece) -> bool:
    return (
        piece.kind in {BlockKind.PARAGRAPH, BlockKind.HEADING, BlockKind.LIST_ITEM}
        and len(piece.lines) <= _MOST_LINES
        and sum(len(line.text) for line in piece.lines) <= _MOST_CHARS
    )


def _looks_like_one(piece: Piece, text: str, measures: Measures) -> bool:
    if not text or piece.kind is not BlockKind.PARAGRAPH or not any(map(str.isalpha, text)):
        return False
    line = piece.lines[0]
    if line.size >= _LARGER * measures.size:
        return not re.search(r"[,;]$", text) and len(text) > 1
    is_set_off = line.is_bold and not measures.is_bold and line.size >= 0.95 * measures.size
    return is_set_off and not _NO_END.search(text)


def _give_levels(
    pieces: Sequence[Piece], texts: dict[int, str], of_bookmark: dict[int, int]
) -> None:
    headings = [piece for piece in pieces if piece.kind is BlockKind.HEADING]
    sized = sorted({_style(piece) for piece in headings if not piece.level}, reverse=True)
    ranks = {style: rank for rank, style in enumerate(sized, start=1)}
    votes: defaultdict[_Style, Counter[int]] = defaultdict(Counter)
    for piece in headings:
        level = of_bookmark.get(id(piece)) or _depth(texts.get(id(piece), ""))
        if level:
            votes[_style(piece)][level] += 1
    for piece in headings:
        if piece.level:
            continue
        style = _style(piece)
        level = of_bookmark.get(id(piece)) or _depth(texts.get(id(piece), ""))
        if not level:
            level = votes[style].most_common(1)[0][0] if votes[style] else ranks[style]
        piece.level = min(level, _DEEPEST)


def _style(piece: Piece) -> _Style:
    line = piece.lines[0]
    return round(line.size * 2) / 2, line.is_bold


def _depth(text: str) -> int:
    """How many numbers the number of a heading has; 0 without one."""
    match = _NUMBERED.match(text)
    return match[1].count(".") + 1 if match else 0


def _key(text: str) -> str:
    """The words by which a bookmark and a heading are told to be the same: without numbers."""
    words = words_of(text)
    plain = [word for word in words if not word.isdigit()]
    return " ".join(plain or words)


def take_title(
    pieces: list[Piece], measures: Measures, hyphens: Hyphens, title: str
) -> tuple[str, Piece | None]:
    """The title, and the piece that it is, which is no block then.

    Args:
        pieces: of the document.
        measures: what is usual in it.
        hyphens: joins lines.
        title: what its metadata says, "" if nothing.
    """
    first_page = pieces[0].lines[0].page if pieces else 0
    front = [
        piece
        for piece in pieces[:40]
        if piece.lines[0].page <= first_page + 1
        and piece.kind in {BlockKind.HEADING, BlockKind.PARAGRAPH}
    ]
    if title:
        same = words_of(title)
        found = next((one for one in front if words_of(hyphens.text(one.lines)) == same), None)
        return title, found
    front = [
        piece
        for piece in front
        if piece.lines[0].page == first_page
        and piece.kind is BlockKind.HEADING
        and not _CONTENTS.fullmatch(hyphens.text(piece.lines))
    ]
    if not front:
        return "", None
    largest = max(front, key=lambda piece: piece.lines[0].size)
    is_first = largest is front[0] and largest is pieces[0]
    if largest.lines[0].size < _TITLE_LARGER * measures.size and not is_first:
        return "", None
    return hyphens.text(largest.lines), largest

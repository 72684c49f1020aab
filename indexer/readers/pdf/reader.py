"""PDF: pages of characters with places -> one article of paragraphs, each with its page."""

from __future__ import annotations

import re
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any

from pypdfium2 import PdfiumError, raw

from indexer.articles import Article, Block, Skipped, SkipReason
from indexer.model import BlockKind, Lines
from indexer.readers.apart import read_apart
from indexer.readers.budget import too_large
from indexer.readers.faults import ReaderError
from indexer.readers.pdf import document as pdf
from indexer.readers.pdf.columns import columns_of
from indexer.readers.pdf.facts import facts_of
from indexer.readers.pdf.furniture import furniture_of
from indexer.readers.pdf.grids import Cells, grids_of
from indexer.readers.pdf.headings import mark_headings, take_title
from indexer.readers.pdf.hyphens import Hyphens
from indexer.readers.pdf.line_numbers import without_line_numbers
from indexer.readers.pdf.lines import Line, inner_lines, lines_of
from indexer.readers.pdf.marks import with_marks
from indexer.readers.pdf.measures import Measures, is_same_size
from indexer.readers.pdf.paragraphs import joined_over
from indexer.readers.pdf.pieces import SENTENCE_END, Column, Piece
from indexer.readers.pdf.rules import rules_of
from indexer.readers.pdf.tables import ruled
from indexer.readers.pdf.tags import tags_of
from indexer.readers.pdf.words import words_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import BinaryIO

    from indexer.readers.base import Source

_BULLET = re.compile(r"[•◦▪▸►‣∙·○●■□◆❖✓➢]\s*(?=\S)")
# So much of the text of a page is in its structure tree where that is to be believed.
_TAGGED_SHARE = 0.9
_LONGEST_TAGGED = 60
# Parts of a pitch: lines of code that are further apart are of two.
_CODE_PITCH, _SAME_PITCH = 1.3, 1.06
# Of damaged pages so many are named.
_MOST_NAMED = 20


def read_pdf(stream: BinaryIO, source: Source) -> Iterator[Article | Skipped]:
    """Yield what _read() does, by a process that the system can end.

    Raises: as _read() does.
    """
    return read_apart(partial(_read, stream, source), source.budget)


def _read(stream: BinaryIO, source: Source) -> Iterator[Article | Skipped]:
    """Yield the one article that a document is, and a Skipped for each page that is damaged.

    Running heads, feet and page numbers are in ``omitted``, as is what stands askew, such as a
    watermark, and a line for each page that is a picture among others with text; unless furniture
    is kept.

    Raises: ReaderError if it is damaged, protected, or has no text.
    """
    with pdf.opened(stream) as document:
        pages = _Pages(document, source)
        yield from pages.read()
        yield pages.article(pdf.metadata(document), pdf.bookmarks(document))


class _Pages:
    """The pages of a document, read one by one."""

    def __init__(self, document: Any, source: Source) -> None:
        self._document = document
        self._source = source
        self._columns: list[list[list[Line]]] = []
        self._strays: list[Block] = []
        self._pictures: list[Block] = []
        self._damaged = 0

    def read(self) -> Iterator[Skipped]:
        """Read all pages; yield a Skipped for each that is damaged, and one for very many."""
        left = self._source.budget.size_bytes
        is_tagged = pdf.is_tagged(self._document)
        for number in range(1, len(self._document) + 1):
            try:
                columns = self._page(number, is_tagged=is_tagged)
            except PdfiumError:
                self._damaged += 1
                self._columns.append([])
                if self._damaged > _MOST_NAMED:
                    continue
                detail = f"page {number} is damaged and passed over"
                yield Skipped(self._source.name, SkipReason.BROKEN, detail, inside=True)
                continue
            left -= sum(len(line.text) for column in columns for line in column)
            if left < 0:
                raise too_large("text", self._source.budget)
            self._columns.append(columns)
        if self._damaged > _MOST_NAMED:
            detail = f"{self._damaged - _MOST_NAMED:,} more pages are damaged and passed over"
            yield Skipped(self._source.name, SkipReason.BROKEN, detail, inside=True)

    def _page(self, number: int, *, is_tagged: bool) -> list[list[Line]]:
        page = self._document[number - 1]
        try:
            found = words_of(page, self._source.budget)
            tags = tags_of(page) if is_tagged else {}
            grids = grids_of(rules_of(page, found.angle)) if found.words and not tags else []
            lines, numbers = without_line_numbers(lines_of(found.words, number, tags, Cells(grids)))
            lines = with_marks(lines)
            if numbers:
                text = " ".join(map(str, numbers))
                self._strays.append(_block(BlockKind.PARAGRAPH, text, number, 1))
            if found.strays:
                self._strays.append(_block(BlockKind.PARAGRAPH, found.strays, number, 1))
            if not lines and _has_picture(page):
                text = f"page {number} is a picture without text"
                self._pictures.append(_block(BlockKind.PARAGRAPH, text, number, 1))
        finally:
            page.close()
        columns = columns_of(ruled(lines))
        read = [line for column in columns for line in column]
        for place, line in enumerate(_inner(read), start=1):
            line.number = place
        for line in read:
            line.number = inner_lines(line)[0].number
        return columns

    def article(self, metadata: dict[str, str], bookmarks: Sequence[pdf.Bookmark]) -> Article:
        """All that was read; ReaderError if it has no text."""
        source = self._source
        flat = [[line for column in columns for line in column] for columns in self._columns]
        if not any(flat) and self._strays:
            # What stands askew is all that there is.
            return Article(source.name, tuple(self._strays), omitted=tuple(self._pictures))
        if not any(flat):
            raise _without_text(len(self._columns), self._damaged, has_picture=bool(self._pictures))
        furniture = set() if source.keep_furniture else furniture_of(flat)
        believed = [
            _are_tags_sane([line for line in page if id(line) not in furniture]) for page in flat
        ]
        omitted: list[Block] = []
        kept: list[list[list[Line]]] = []
        for columns, are_tagged in zip(self._columns, believed, strict=True):
            rest: list[list[Line]] = []
            for column in columns:
                rest.append([])
                for line in column:
                    is_out = id(line) in furniture or (line.is_artifact and are_tagged)
                    if is_out and not source.keep_furniture:
                        omitted.append(
                            _block(BlockKind.PARAGRAPH, line.text, line.page, line.number)
                        )
                    else:
                        rest[-1].append(line)
            kept.append([column for column in rest if column])
        lines = [line for columns in kept for column in columns for line in column]
        if not lines:
            # A document of one line a page is no furniture.
            kept, lines, omitted = self._columns, [line for page in flat for line in page], []
        inner = [[list(_inner(column)) for column in columns] for columns in kept]
        measures = Measures(column for columns in inner for column in columns)
        hyphens = Hyphens(line for columns in inner for column in columns for line in column)
        cut = [
            column
            for columns, are_tagged in zip(kept, believed, strict=True)
            for column in _columns_of_page(columns, measures, are_tagged=are_tagged)
        ]
        pieces = joined_over(cut, measures)
        mark_headings(pieces, measures, hyphens, bookmarks)
        facts = facts_of(metadata, source.name)
        title, title_piece = take_title(pieces, measures, hyphens, facts.title)
        if title_piece is not None and len(pieces) > 1:
            pieces = [piece for piece in pieces if piece is not title_piece]
        blocks = [block for piece in pieces if (block := _block_of(piece, hyphens)).text]
        if not blocks and not title:
            raise _without_text(len(self._columns), self._damaged, has_picture=False)
        strays = [*self._strays, *self._pictures]
        if source.keep_furniture:
            blocks += self._strays
            strays = self._pictures
        omitted = sorted((*omitted, *strays), key=lambda block: block.locator)
        return Article(
            source.name,
            tuple(blocks),
            omitted=tuple(omitted),
            title_lines=_lines(title_piece) if title_piece else None,
            title=title,
            author=facts.author,
            published=facts.published,
            language=facts.language,
            extra=facts.extra,
        )


def _inner(lines: Sequence[Line]) -> Iterator[Line]:
    for line in lines:
        yield from inner_lines(line)


def _without_text(pages: int, damaged: int, *, has_picture: bool) -> ReaderError:
    if damaged == pages:
        return pdf.broken()
    if not has_picture:
        return ReaderError(
            SkipReason.EMPTY, "the PDF has no text, and no pictures that could show some"
        )
    are = "its page is a picture" if pages == 1 else f"its {pages:,} pages are pictures"
    detail = f"the PDF has no text: {are}; recognise the text first, such as with ocrmypdf"
    return ReaderError(SkipReason.EMPTY, detail)


def _has_picture(page: Any) -> bool:
    return any(
        raw.FPDFPageObj_GetType(raw.FPDFPage_GetObject(page, index))
        in {raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_FORM}
        for index in range(min(raw.FPDFPage_CountObjects(page), 1_000))
    )


def _are_tags_sane(lines: Sequence[Line]) -> bool:
    """Whether the structure tree says of most of a page what it is, and not of all the same."""
    lines = [line for line in lines if not line.is_artifact]
    total = sum(len(line.text) for line in lines)
    tagged = [line for line in lines if line.tag is not None]
    if not tagged or sum(len(line.text) for line in tagged) < _TAGGED_SHARE * total:
        return False
    blocks = {line.tag.block for line in tagged if line.tag is not None}
    return len(tagged) <= _LONGEST_TAGGED * len(blocks) and (len(blocks) > 1 or len(lines) < 12)


def _columns_of_page(
    columns: Sequence[list[Line]], measures: Measures, *, are_tagged: bool
) -> Iterator[Column]:
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
        pieces.append(Piece(kind, held, cells, tag.level, is_of_tag=is_of_tag))
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


def _block_of(piece: Piece, hyphens: Hyphens) -> Block:
    if piece.kind is BlockKind.TABLE_ROW:
        text = " | ".join(filter(None, (hyphens.text(cell) for cell in piece.cells)))
    elif piece.kind is BlockKind.CODE:
        text = _code(piece.lines)
    else:
        text = hyphens.text(piece.lines)
    if piece.kind is BlockKind.LIST_ITEM:
        text = _BULLET.sub("", text)
    level = piece.level or 1 if piece.kind is BlockKind.HEADING else 0
    first = piece.lines[0]
    return Block(piece.kind, text, _lines(piece), None, level, (("page", first.page),))


def _lines(piece: Piece) -> Lines:
    """The lines of a piece on the page where it begins."""
    first = piece.lines[0]
    numbers = [line.number for line in piece.lines if line.page == first.page]
    return Lines(min(numbers), max(numbers))


def _code(lines: Sequence[Line]) -> str:
    """Lines of a typewriter's font, set in as they are."""
    left = min(line.x0 for line in lines)
    widths = sorted((line.x1 - line.x0) / max(len(line.text), 1) for line in lines)
    width = max(widths[len(widths) // 2], 1.0)
    return "\n".join(
        " " * min(round((line.x0 - left) / width), 200) + line.text.replace("\N{SOFT HYPHEN}", "-")
        for line in lines
    )


def _block(kind: BlockKind, text: str, page: int, number: int) -> Block:
    return Block(kind, " ".join(text.split()), Lines(number, number), None, 0, (("page", page),))

"""PDF: pages of characters with places -> one article of paragraphs, each with its page."""

from __future__ import annotations

import re
from functools import partial
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
from indexer.readers.pdf.lines import BULLETS, Line, inner_lines, lines_of
from indexer.readers.pdf.marks import with_marks
from indexer.readers.pdf.measures import Measures
from indexer.readers.pdf.names import texts_of_rows
from indexer.readers.pdf.paragraphs import joined_over
from indexer.readers.pdf.rules import rules_of
from indexer.readers.pdf.tables import ruled
from indexer.readers.pdf.tagged import are_tags_sane, columns_of_page
from indexer.readers.pdf.tags import tags_of
from indexer.readers.pdf.words import words_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import BinaryIO

    from indexer.readers.base import Source
    from indexer.readers.pdf.pieces import Piece

_BULLET = re.compile(rf"[{BULLETS}]\s*(?=\S)")
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
            are_tags_sane([line for line in page if id(line) not in furniture]) for page in flat
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
            for column in columns_of_page(columns, measures, are_tagged=are_tagged)
        ]
        pieces = joined_over(cut, measures)
        mark_headings(pieces, measures, hyphens, bookmarks)
        facts = facts_of(metadata, source.name)
        title, title_piece = take_title(pieces, measures, hyphens, facts.title)
        if title_piece is not None and len(pieces) > 1:
            pieces = [piece for piece in pieces if piece is not title_piece]
        rows = texts_of_rows(pieces, hyphens, measures)
        blocks = [block for piece in pieces if (block := _block_of(piece, hyphens, rows)).text]
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


def _block_of(piece: Piece, hyphens: Hyphens, rows: Mapping[int, str]) -> Block:
    if piece.kind is BlockKind.TABLE_ROW:
        text = rows[id(piece)]
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

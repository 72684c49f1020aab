"""Sets pieces of text on pages with reportlab: columns, notes, furniture, in several designs."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from io import BytesIO
from typing import TYPE_CHECKING, Any

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase.pdfmetrics import getFont, stringWidth
from reportlab.pdfgen.canvas import Canvas

from tests.making.pdf_lines import Fragment, broken_lines
from tests.making.pdf_made import Made, part_of
from tests.making.pdf_writing import Kind, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tests.making.pdf_made import Part
    from tests.making.pdf_writing import Piece


class Drawing(Enum):
    """How the text of a line is put into the file."""

    LINES = "a line at once, the spaces made wider"
    WORDS = "each word at its place, and no spaces"
    GLYPHS = "each character at its place, and no spaces"


@dataclass(frozen=True, slots=True)
class Design:
    """How the pages look; all measures are in points.

    Attributes:
        indent: of the first line of a paragraph that does not follow a heading.
        gap: between paragraphs.
        head, foot: the texts above and below for a page number; left, centre, right.
        ligatures: which characters are drawn as one glyph.
    """

    page: tuple[float, float] = A4
    columns: int = 1
    gutter: float = 18
    margins: tuple[float, float, float, float] = (72, 72, 72, 72)  # left, top, right, bottom
    font: str = "Times-Roman"
    italic: str = "Times-Italic"
    bold: str = "Times-Bold"
    mono: str = "Courier"
    size: float = 10.5
    leading: float = 13
    indent: float = 14
    gap: float = 0
    justified: bool = True
    hyphens: bool = True
    drawing: Drawing = Drawing.LINES
    head: Callable[[int], tuple[str, str, str]] | None = None
    foot: Callable[[int], tuple[str, str, str]] | None = None
    ligatures: dict[str, str] = field(default_factory=dict)
    ruled: bool = True
    wide_title: bool = False
    drop_caps: bool = False
    chapter_pages: bool = False
    line_numbers: bool = False
    watermark: str = ""
    title: str = ""
    author: str = ""
    encrypt: Any = None


@dataclass(slots=True)
class _Style:
    """How the lines of one piece are set."""

    font: str
    size: float
    leading: float
    first: float = 0
    left: float = 0
    right: float = 0
    before: float = 0
    after: float = 0
    justified: bool = False
    hyphens: bool = False


class _Press:
    """Puts pieces on pages, one after the other.

    Attributes:
        parts: the truth on what was put.
    """

    def __init__(self, design: Design) -> None:
        self._design = design
        self._out = BytesIO()
        # The dates and the identity would differ at each run.
        self._canvas = Canvas(self._out, pagesize=design.page, invariant=1, encrypt=design.encrypt)
        if design.title:
            self._canvas.setTitle(design.title)
        if design.author:
            self._canvas.setAuthor(design.author)
        self.parts: list[Part] = []
        self._page = 0
        self._line_number = 0
        self._after_heading = True
        self._new_page()

    # Places

    def _new_page(self) -> None:
        if self._page:
            self._end_page()
        self._page += 1
        left, top, right, bottom = self._design.margins
        self._column = 0
        self._top = self._design.page[1] - top
        self._floor = bottom
        self._y = self._top
        self._notes: list[tuple[_Style, list[list[Fragment]], str]] = []
        design = self._design
        width = design.page[0] - left - right
        self._width = (width - design.gutter * (design.columns - 1)) / design.columns
        if design.watermark:
            canvas = self._canvas
            canvas.saveState()
            canvas.setFont(design.bold, 70)
            canvas.setFillGray(0.9)
            canvas.translate(design.page[0] / 2, design.page[1] / 2)
            canvas.rotate(50)
            canvas.drawCentredString(0, 0, design.watermark)
            canvas.restoreState()

    def _end_page(self) -> None:
        design, canvas = self._design, self._canvas
        left, top, right, bottom = design.margins
        self._draw_notes()
        for texts, y in ((design.head, design.page[1] - top + 24), (design.foot, bottom - 30)):
            if texts is not None:
                canvas.setFont(design.font, design.size - 1)
                at_left, centre, at_right = texts(self._page)
                canvas.drawString(left, y, at_left)
                canvas.drawCentredString(design.page[0] / 2, y, centre)
                canvas.drawRightString(design.page[0] - right, y, at_right)
        canvas.showPage()

    def _draw_notes(self) -> None:
        if not self._notes:
            return
        # The notes of a column stand at its end.
        y = self._floor - 4
        self._canvas.setLineWidth(0.5)
        self._canvas.line(self._x(), y, self._x() + 72, y)
        for style, lines, mark in self._notes:
            for place, line in enumerate(lines):
                y -= style.leading
                if not place:
                    self._canvas.setFont(style.font, style.size - 2)
                    self._canvas.drawString(self._x(), y + 3, mark)
                last = place == len(lines) - 1
                self._draw(line, self._x() + 7, y, self._width - 7, style, stretched=not last)
        self._notes = []

    def _x(self) -> float:
        return self._design.margins[0] + self._column * (self._width + self._design.gutter)

    def _next_column(self) -> None:
        if self._column + 1 < self._design.columns:
            self._draw_notes()
            self._column += 1
            self._y = self._top
            self._floor = self._design.margins[3]
        else:
            self._new_page()

    # Pieces

    def put(self, pieces: Sequence[Piece]) -> None:
        """Set pieces on the next free lines."""
        notes = {piece.mark: piece for piece in pieces if piece.kind is Kind.NOTE}
        before = None
        for piece in pieces:
            if piece.kind is Kind.NOTE:
                continue
            if piece.kind is not before and before in {Kind.ITEM, Kind.ROW}:
                self._y -= 7
            before = piece.kind
            if piece.kind is Kind.HEADING:
                self._heading(piece)
            elif piece.kind is Kind.ROW:
                self._row(piece)
            elif piece.kind is Kind.CODE:
                self._code(piece)
            elif piece.kind is Kind.CAPTION:
                self._figure()
                style = self._style(size=-1, before=6, after=12)
                self._text(piece, style, notes)
            elif piece.kind is Kind.ITEM:
                self._item(piece, notes)
            elif piece.kind is Kind.QUOTE:
                style = self._style(before=8, after=8)
                style.left = style.right = 24
                self._text(piece, style, notes)
            elif piece.kind is Kind.LOOSE:
                self._loose(piece)
            else:
                first = 0 if self._after_heading else self._design.indent
                self._text(piece, self._style(first=first, after=self._design.gap), notes)
            self._after_heading = piece.kind is Kind.HEADING

    def _style(
        self, *, size: float = 0, first: float = 0, before: float = 0, after: float = 0
    ) -> _Style:
        design = self._design
        return _Style(
            design.font,
            design.size + size,
            design.leading + size,
            first=first,
            before=before,
            after=after,
            justified=design.justified,
            hyphens=design.hyphens,
        )

    def _heading(self, piece: Piece) -> None:
        design = self._design
        larger = {0: 10, 1: 6, 2: 3}.get(piece.level, 1)
        style = _Style(
            design.bold,
            design.size + larger,
            (design.size + larger) * 1.2,
            before=larger + 8,
            after=larger / 2 + 4,
        )
        if piece.level == 1 and design.chapter_pages and self.parts:
            self._new_page()
        if self._y - 5 * design.leading < self._floor:
            self._next_column()
        wide = piece.level == 0 and design.wide_title
        width = self._width
        if wide:
            self._width = design.page[0] - design.margins[0] - design.margins[2]
        self._canvas.bookmarkPage(f"h{len(self.parts)}")
        if piece.level:
            self._canvas.addOutlineEntry(
                plain(piece.text), f"h{len(self.parts)}", level=0 if piece.level == 1 else 1
            )
        self._text(piece, style, {})
        if wide:
            self._width = width
            self._top = self._y

    def _text(self, piece: Piece, style: _Style, notes: dict[str, Piece], mark: str = "") -> None:
        drop = self._design.drop_caps and self._after_heading and piece.kind is Kind.PARAGRAPH
        text = piece.text
        cap = text[0] if drop else ""
        cap_size = style.leading * 2 + style.size * 0.7
        cap_width = stringWidth(cap, style.font, cap_size) + 2 if cap else 0

        def left(place: int) -> float:
            return style.left + (style.first if not place else 0) + cap_width * (place < 3)

        lines = broken_lines(
            text[len(cap) :],
            lambda fragment: self._width_of(fragment, style),
            lambda place: self._width - left(place) - style.right,
            hyphens=style.hyphens,
        )
        if self._y < self._top:
            self._y -= style.before
        if cap and self._y - 3 * style.leading < self._floor:
            self._next_column()
        for place, line in enumerate(lines):
            raised = [fragment.raised for fragment in line if fragment.raised]
            needed = style.leading + sum(self._note_height(notes[one]) for one in raised)
            if self._y - needed < self._floor:
                self._next_column()
            if not place:
                self.parts.append(part_of(piece, self._page))
                self._canvas.setFont(style.font, style.size)
                if mark:
                    at = self._x() + style.left - 12
                    self._canvas.drawString(at, self._y - style.leading, mark)
            for one in raised:
                self._add_note(notes[one])
            self._y -= style.leading
            if cap and not place:
                self._canvas.setFont(style.font, cap_size)
                self._canvas.drawString(self._x(), self._y - 2 * style.leading, cap)
            width = self._width - left(place) - style.right
            stretched = style.justified and place < len(lines) - 1
            self._draw(line, self._x() + left(place), self._y, width, style, stretched=stretched)
            if self._design.line_numbers:
                self._line_number += 1
                self._canvas.setFont(self._design.font, 8)
                margin = self._design.margins[0]
                self._canvas.drawRightString(margin - 18, self._y, str(self._line_number))
        self._y -= style.after
        if cap:  # a short paragraph does not let the next one into its letter
            self._y -= max(0, 3 - len(lines)) * style.leading

    def _note_lines(self, piece: Piece) -> tuple[_Style, list[list[Fragment]]]:
        style = self._style(size=-2)
        lines = broken_lines(
            piece.text,
            lambda fragment: self._width_of(fragment, style),
            lambda _: self._width - 7,
            hyphens=style.hyphens,
        )
        return style, lines

    def _note_height(self, piece: Piece) -> float:
        style, lines = self._note_lines(piece)
        return style.leading * len(lines) + (0 if self._notes else 16)

    def _add_note(self, piece: Piece) -> None:
        self._floor += self._note_height(piece)
        self._notes.append((*self._note_lines(piece), piece.mark))
        self.parts.append(part_of(piece, self._page))

    def _item(self, piece: Piece, notes: dict[str, Piece]) -> None:
        style = self._style(before=2, after=2)
        style.left = 18 * piece.level
        self._text(piece, style, notes, piece.mark)

    def _row(self, piece: Piece) -> None:
        design = self._design
        if self._y - 2 * design.leading < self._floor:
            self._next_column()
        self._y -= design.leading + 3
        self.parts.append(part_of(piece, self._page))
        columns = len(piece.cells)
        # The second column holds words, the others names and numbers.
        shares = [1.0] * columns
        shares[1] = 2.0
        font = design.font if piece.heads else design.bold
        x = self._x()
        self._canvas.setFont(font, design.size - 1)
        for number, (cell, share) in enumerate(zip(piece.cells, shares, strict=True)):
            width = self._width * share / sum(shares)
            if number < 2:
                self._canvas.drawString(x + 3, self._y, cell)
            else:
                self._canvas.drawRightString(x + width - 3, self._y, cell)
            if design.ruled:
                self._canvas.rect(x, self._y - 4, width, design.leading + 3)
            x += width

    def _code(self, piece: Piece) -> None:
        design = self._design
        lines = piece.text.split("\n")
        if self._y - (len(lines) + 1) * design.leading < self._floor:
            self._next_column()
        self.parts.append(part_of(piece, self._page))
        self._y -= 6
        for line in lines:
            self._y -= design.leading - 1
            self._canvas.setFont(design.mono, design.size - 1)
            self._canvas.drawString(self._x() + 12, self._y, line)
        self._y -= 6

    def _figure(self) -> None:
        height = 90
        if self._y - height - 5 * self._design.leading < self._floor:
            self._next_column()
        self._y -= height + 10
        self._canvas.rect(self._x() + 20, self._y, self._width - 40, height)
        self._canvas.line(self._x() + 20, self._y, self._x() + self._width - 20, self._y + height)

    def _loose(self, piece: Piece) -> None:
        """A line of a table of contents: text, leaders, number of a page."""
        text, _, page = plain(piece.text).rpartition(" ")
        design = self._design
        if self._y - design.leading < self._floor:
            self._next_column()
        self._y -= design.leading
        self.parts.append(part_of(piece, self._page))
        canvas = self._canvas
        canvas.setFont(design.font, design.size)
        canvas.drawString(self._x() + 12 * piece.level, self._y, text)
        canvas.drawRightString(self._x() + self._width, self._y, page)
        start = self._x() + 12 * piece.level + stringWidth(text, design.font, design.size) + 6
        width = self._x() + self._width - 24 - start
        dots = int(width / stringWidth(". ", design.font, design.size))
        canvas.drawString(start, self._y, ". " * dots)

    # Lines

    def _width_of(self, fragment: Fragment, style: _Style) -> float:
        font = self._design.italic if fragment.italic else style.font
        width = stringWidth(self._glyphs(fragment.text), font, style.size)
        if fragment.raised:
            width += stringWidth(fragment.raised, font, style.size * 0.65)
        return float(width + (stringWidth(" ", font, style.size) if fragment.spaced else 0))

    def _glyphs(self, text: str) -> str:
        for characters, glyph in self._design.ligatures.items():
            text = text.replace(characters, glyph)
        return text

    def _draw(
        self,
        line: Sequence[Fragment],
        x: float,
        y: float,
        width: float,
        style: _Style,
        *,
        stretched: bool,
    ) -> None:
        """Draw a line; stretched to the whole width where that is asked for."""
        free = width - sum(self._width_of(fragment, style) for fragment in line)
        gaps = sum(fragment.spaced for fragment in line)
        apart = 0.0
        if stretched and gaps:
            extra, apart = free / gaps, 0.0
        elif stretched and len(line) > 1:
            extra, apart = 0.0, free / (len(line) - 1)
        else:
            extra = 0.0
        canvas = self._canvas
        uniform = not any(fragment.italic or fragment.raised for fragment in line)
        if self._design.drawing is Drawing.LINES and uniform and not apart:
            text = "".join(" " * one.spaced + self._glyphs(one.text) for one in line)
            drawn = canvas.beginText(x, y)
            drawn.setFont(style.font, style.size)
            drawn.setWordSpace(extra)
            drawn.textOut(text)
            canvas.drawText(drawn)
            return
        for fragment in line:
            font = self._design.italic if fragment.italic else style.font
            text = self._glyphs(fragment.text)
            if fragment.spaced:
                x += stringWidth(" ", font, style.size) + extra
            canvas.setFont(font, style.size)
            if self._design.drawing is Drawing.GLYPHS:
                at = x
                for character in text:
                    canvas.drawString(at, y, character)
                    at += stringWidth(character, font, style.size)
            elif self._design.drawing is Drawing.LINES and fragment.spaced:
                space = stringWidth(" ", font, style.size)
                canvas.drawString(x - space, y, f" {text}")
            else:
                canvas.drawString(x, y, text)
            x += stringWidth(text, font, style.size) + apart
            if fragment.raised:
                canvas.setFont(font, style.size * 0.65)
                canvas.drawString(x, y + style.size * 0.35, fragment.raised)
                x += stringWidth(fragment.raised, font, style.size * 0.65)

    def finished(self, name: str) -> Made:
        """The document."""
        self._end_page()
        self._canvas.save()
        return Made(name, "reportlab", self._out.getvalue(), tuple(self.parts), self._page)


def printed(name: str, pieces: Iterable[Piece], design: Design) -> Made:
    """Set a document.

    Args:
        name: of the document.
        pieces: what it says; the notes of a paragraph follow it.
        design: how it looks.
    """
    getFont(design.font)  # KeyError tells of a font that nobody registered
    press = _Press(design)
    press.put(list(pieces))
    return press.finished(name)

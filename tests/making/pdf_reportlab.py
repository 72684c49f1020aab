"""The documents that reportlab prints."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import reportlab
from reportlab.lib.pagesizes import A5, landscape, letter
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfbase.ttfonts import TTFont

from tests.making.pdf_press import Design, Drawing, printed
from tests.making.pdf_writing import CHINESE, GERMAN, JAPANESE, Kind, Piece, Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.making.pdf_made import Made

_HEADS = ("Place", "What was found", "Year", "Count")


def _numbered(page: int) -> tuple[str, str, str]:
    return "", str(page), ""


def _of_pages(page: int) -> tuple[str, str, str]:
    return "Confidential draft", "", f"Page {page} of 6"


def _running(page: int) -> tuple[str, str, str]:
    if page % 2:
        return "", "The Harbour Survey", str(page)
    return str(page), "K. Lenby and T. Wick", ""


def _journal(page: int) -> tuple[str, str, str]:
    return "Journal of Harbours 12 (1897)", "", f"{100 + page}"


def _sections(
    writer: Writer, sections: int, paragraphs: int, *, numbers: bool = False
) -> Iterator[Piece]:
    yield writer.heading(0)
    for section in range(1, sections + 1):
        yield writer.heading(1, str(section) if numbers else "")
        yield from writer.paragraphs(paragraphs)
        if numbers:
            yield writer.heading(2, f"{section}.1")
            yield from writer.paragraphs(paragraphs)


def book() -> Made:
    """Chapters on pages of their own, drop caps, running heads that change sides, bookmarks."""
    pieces = _sections(Writer("book"), 3, 7)
    design = Design(
        page=A5,
        margins=(50, 60, 50, 50),
        head=_running,
        drop_caps=True,
        chapter_pages=True,
        title="The Harbour Survey",
        author="K. Lenby",
    )
    return printed("book", pieces, design)


def captions() -> Made:
    """Figures with captions between the paragraphs."""
    writer = Writer("captions")
    pieces = [writer.heading(0)]
    for number in range(1, 7):
        pieces += writer.paragraphs(3)
        pieces.append(writer.caption(f"Figure {number}."))
    return printed("captions", pieces, Design(foot=_numbered))


def chinese() -> Made:
    """No spaces, first lines indented by two characters."""
    registerFont(UnicodeCIDFont("STSong-Light"))
    pieces = _sections(Writer("chinese", CHINESE), 5, 8)
    font = "STSong-Light"
    return printed("chinese", pieces, Design(font=font, bold=font, indent=21, foot=_numbered))


def columns_notes() -> Made:
    """Two columns with footnotes at the end of each."""
    writer = Writer("columns-notes")
    pieces = [writer.heading(0)]
    for _ in range(9):
        pieces += [*writer.noted(), *writer.paragraphs(2)]
    design = Design(columns=2, wide_title=True, head=_journal, size=10, leading=12)
    return printed("columns-notes", pieces, design)


def columns_three() -> Made:
    """A newspaper."""
    pieces = _sections(Writer("columns-three"), 8, 5)
    design = Design(
        columns=3, size=9, leading=10.5, margins=(40, 60, 40, 50), indent=9, wide_title=True
    )
    return printed("columns-three", pieces, design)


def columns_two() -> Made:
    """A paper: hyphens, its title over both columns, running heads, page numbers."""
    pieces = _sections(Writer("columns-two"), 5, 4, numbers=True)
    design = Design(
        columns=2,
        size=10,
        leading=12,
        wide_title=True,
        head=_running,
        title="Harbours",
        author="Dale Stead",
    )
    return printed("columns-two", pieces, design)


def encrypted() -> Made:
    """Opens without a password; printing is forbidden."""
    lock = StandardEncryption("", "owner", canPrint=0)
    pieces = _sections(Writer("encrypted"), 3, 9)
    return printed("encrypted", pieces, Design(foot=_numbered, encrypt=lock))


def essay() -> Made:
    """Gaps between the paragraphs, no indents, no hyphens, ragged."""
    pieces = _sections(Writer("essay"), 3, 6)
    design = Design(indent=0, gap=8, justified=False, hyphens=False, page=letter)
    return printed("essay", pieces, design)


def footnotes() -> Made:
    """Notes at the foot of the pages."""
    writer = Writer("footnotes")
    pieces = [writer.heading(0)]
    for _ in range(10):
        pieces += [*writer.noted(), *writer.paragraphs(1), *writer.noted(3)]
    return printed("footnotes", pieces, Design(foot=_numbered, page=A5, margins=(50, 50, 50, 60)))


def german() -> Made:
    """Umlauts, compounds, hyphens of their own at line ends."""
    pieces = _sections(Writer("german", GERMAN), 5, 8)
    return printed("german", pieces, Design(columns=2, foot=_numbered, size=10, leading=12))


def glyphs() -> Made:
    """Each character is drawn alone, and no spaces."""
    pieces = _sections(Writer("glyphs"), 4, 7)
    return printed("glyphs", pieces, Design(drawing=Drawing.GLYPHS, foot=_numbered))


def japanese() -> Made:
    """No spaces, three kinds of script."""
    registerFont(UnicodeCIDFont("HeiseiMin-W3"))
    font = "HeiseiMin-W3"
    pieces = _sections(Writer("japanese", JAPANESE), 5, 9)
    return printed("japanese", pieces, Design(font=font, bold=font, indent=10, gap=3))


def ligatures() -> Made:
    """One glyph for f and i."""
    folder = Path(reportlab.__file__).parent / "fonts"
    registerFont(TTFont("Vera", folder / "Vera.ttf"))
    registerFont(TTFont("VeraBd", folder / "VeraBd.ttf"))
    registerFont(TTFont("VeraIt", folder / "VeraIt.ttf"))
    pieces = _sections(Writer("ligatures"), 3, 8)
    design = Design(
        font="Vera",
        bold="VeraBd",
        italic="VeraIt",
        size=9,
        ligatures={"fi": "ﬁ", "fl": "ﬂ"},
        foot=_of_pages,
    )
    return printed("ligatures", pieces, design)


def listings() -> Made:
    """Code in a font of one width."""
    writer = Writer("listings")
    pieces = [writer.heading(0)]
    for lines in (3, 6, 9, 4, 7, 5):
        pieces += [*writer.paragraphs(2), writer.code(lines)]
    design = Design(foot=_numbered, indent=0, gap=6, justified=False, hyphens=False)
    return printed("listings", pieces, design)


def lists() -> Made:
    """Bullets, numbers and letters; items of some words and of several lines."""
    writer = Writer("lists")
    pieces = [writer.heading(0)]
    for section in range(4):
        pieces += [writer.heading(1), *writer.paragraphs(2)]
        pieces += [writer.item("•", sentences=section) for _ in range(4)]
        pieces += writer.paragraphs(1)
        for number in range(1, 5):
            pieces.append(writer.item(f"{number}.", sentences=2))
            pieces += [writer.item("–", 2) for _ in range(number % 3)]
        pieces += writer.paragraphs(1)
    return printed("lists", pieces, Design(foot=_of_pages, indent=0, gap=6))


def manual() -> Made:
    """A table of contents with leaders, numbered headings, lists, bookmarks."""
    writer = Writer("manual")
    body: list[Piece] = []
    for section in range(1, 5):
        body += [writer.heading(1, f"{section}"), *writer.paragraphs(2)]
        for below in range(1, 3):
            body += [writer.heading(2, f"{section}.{below}"), *writer.paragraphs(2)]
            body += [writer.item("•", sentences=1) for _ in range(3)]
    contents = [
        Piece(Kind.LOOSE, f"{piece.text} {place + 3}", level=piece.level - 1)
        for place, piece in enumerate(piece for piece in body if piece.kind is Kind.HEADING)
    ]
    pieces = [writer.heading(0), *contents, *body]
    design = Design(
        foot=_numbered,
        head=_journal,
        indent=0,
        gap=6,
        font="Helvetica",
        italic="Helvetica-Oblique",
        bold="Helvetica-Bold",
        size=10,
        chapter_pages=True,
        title="Manual of Harbours",
    )
    return printed("manual", pieces, design)


def manuscript() -> Made:
    """Typed: lines far apart, one width for all characters, ragged."""
    pieces = _sections(Writer("manuscript"), 3, 5)
    design = Design(
        font="Courier",
        italic="Courier-Oblique",
        bold="Courier-Bold",
        size=12,
        leading=24,
        indent=36,
        justified=False,
        hyphens=False,
        head=_journal,
    )
    return printed("manuscript", pieces, design)


def numbered_lines() -> Made:
    """The lines are counted at the margin, as in pleadings."""
    pieces = _sections(Writer("numbered-lines"), 2, 6)
    return printed("numbered-lines", pieces, Design(line_numbers=True, foot=_numbered, leading=18))


def quotes() -> Made:
    """Quotations set apart by wider margins."""
    writer = Writer("quotes")
    pieces = [writer.heading(0)]
    for _ in range(8):
        pieces += [*writer.paragraphs(2), writer.quote()]
    return printed("quotes", pieces, Design(foot=_numbered))


def slides() -> Made:
    """Wide pages with large type: a heading and some points each."""
    writer = Writer("slides")
    pieces: list[Piece] = []
    for _ in range(8):
        pieces.append(writer.heading(1))
        pieces += [writer.item("•", sentences=1) for _ in range(4)]
    design = Design(
        page=landscape(A5),
        font="Helvetica",
        bold="Helvetica-Bold",
        italic="Helvetica-Oblique",
        size=14,
        leading=18,
        justified=False,
        hyphens=False,
        chapter_pages=True,
        foot=_of_pages,
        margins=(40, 50, 40, 50),
    )
    return printed("slides", pieces, design)


def styled() -> Made:
    """Words in italics within the lines."""
    writer = Writer("styled")
    pieces = [writer.heading(0), *(writer.styled() for _ in range(16))]
    return printed("styled", pieces, Design(foot=_numbered))


def _tables(name: str, design: Design) -> Made:
    writer = Writer(name)
    pieces = [writer.heading(0)]
    for rows in (4, 7, 12, 3):
        pieces += [*writer.paragraphs(3), *writer.table(rows, _HEADS), *writer.paragraphs(1)]
    return printed(name, pieces, design)


def table_plain() -> Made:
    """Tables without rules."""
    return _tables("table-plain", Design(foot=_numbered, ruled=False, gap=6, indent=0))


def table_ruled() -> Made:
    """Tables with a box around each cell."""
    return _tables("table-ruled", Design(foot=_numbered, gap=8))


def watermark() -> Made:
    """A word in grey across each page."""
    pieces = _sections(Writer("watermark"), 4, 7)
    return printed("watermark", pieces, Design(watermark="SPECIMEN", foot=_of_pages))


def words() -> Made:
    """Each word is drawn at its place and no spaces, as TeX does."""
    pieces = _sections(Writer("words"), 5, 5, numbers=True)
    design = Design(drawing=Drawing.WORDS, columns=2, size=10, leading=12, foot=_numbered)
    return printed("words", pieces, design)


MAKERS: tuple[Callable[[], Made], ...] = (
    *(book, captions, chinese, columns_notes, columns_three, columns_two, encrypted, essay),
    *(footnotes, german, glyphs, japanese, ligatures, listings, lists, manual, manuscript),
    *(numbered_lines, quotes, slides, styled, table_plain, table_ruled, watermark, words),
)


def made_by_reportlab(name: str) -> Made:
    """The document of that name, with hyphens where the function has underscores."""
    return next(make for make in MAKERS if make.__name__ == name.replace("-", "_"))()

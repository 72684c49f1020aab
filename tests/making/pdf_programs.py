"""Documents that other programs print: LibreOffice from flat ODT, Chromium from HTML.

Which page a paragraph begins on is found by its first words, which stand nowhere else.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pypdfium2

from tests.making.pdf_made import Made, Part, part_of
from tests.making.pdf_markup import flat_odt, web_page
from tests.making.pdf_writing import ARABIC, CHINESE, GERMAN, HEBREW, Kind, Piece, Writer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SECONDS = 180
_HEADS = ("Place", "What was found", "Year", "Count")


@dataclass(frozen=True, slots=True)
class Ordered:
    """A document to be printed.

    Attributes:
        name: unique among those of its maker.
        pieces: what it says.
        columns: how many.
        direction: ltr or rtl.
        language: of the text.
        tagged: whether it gets a structure tree.
        furniture: whether there are texts above and below.
        gaps: whether paragraphs stand apart; else their first lines are indented.
    """

    name: str
    pieces: tuple[Piece, ...]
    columns: int = 1
    direction: str = "ltr"
    language: str = "en"
    tagged: bool = False
    furniture: bool = True
    gaps: bool = False


def _story(writer: Writer, sections: int, paragraphs: int) -> tuple[Piece, ...]:
    pieces = [writer.heading(0)]
    for _ in range(sections):
        pieces += [writer.heading(1), *writer.paragraphs(paragraphs)]
    return tuple(pieces)


def _report(writer: Writer) -> tuple[Piece, ...]:
    pieces = [writer.heading(0)]
    for section in range(1, 5):
        pieces += [writer.heading(1), *writer.paragraphs(2)]
        pieces += [writer.item("•", sentences=section % 3) for _ in range(4)]
        pieces += [writer.heading(2), *writer.paragraphs(2), *writer.table(5, _HEADS)]
        pieces += [*writer.paragraphs(1)]
        pieces += [writer.item(f"{number}.", sentences=2) for number in range(1, 4)]
        pieces += [writer.quote()]
    return tuple(pieces)


def _noted(writer: Writer) -> tuple[Piece, ...]:
    pieces = [writer.heading(0)]
    for _ in range(8):
        pieces += [*writer.noted(), *writer.paragraphs(2)]
    return tuple(pieces)


def for_libreoffice() -> tuple[Ordered, ...]:
    """What LibreOffice prints."""
    return (
        Ordered(
            "arabic",
            _story(Writer("lo-arabic", ARABIC), 4, 7),
            direction="rtl",
            language="ar",
            gaps=True,
        ),
        Ordered("chinese", _story(Writer("lo-chinese", CHINESE), 4, 9), language="zh"),
        Ordered("columns", _story(Writer("lo-columns"), 5, 6), columns=2),
        Ordered("columns-tagged", _story(Writer("lo-columns-t"), 5, 6), columns=2, tagged=True),
        Ordered("footnotes", _noted(Writer("lo-footnotes")), gaps=True),
        Ordered("german", _story(Writer("lo-german", GERMAN), 4, 7), language="de"),
        Ordered("report", _report(Writer("lo-report")), gaps=True),
        Ordered("report-tagged", _report(Writer("lo-report-t")), gaps=True, tagged=True),
        Ordered("story", _story(Writer("lo-story"), 4, 7)),
        Ordered("story-tagged", _story(Writer("lo-story-t"), 4, 7), tagged=True),
    )


def for_chromium() -> tuple[Ordered, ...]:
    """What Chromium prints; it tags all."""
    return (
        Ordered(
            "arabic",
            _story(Writer("cr-arabic", ARABIC), 4, 7),
            direction="rtl",
            language="ar",
            gaps=True,
        ),
        Ordered("chinese", _story(Writer("cr-chinese", CHINESE), 4, 9), language="zh", gaps=True),
        Ordered("columns", _story(Writer("cr-columns"), 5, 6), columns=2),
        Ordered(
            "hebrew", _story(Writer("cr-hebrew", HEBREW), 4, 7), direction="rtl", language="he"
        ),
        Ordered("notes", _noted(Writer("cr-notes")), gaps=True),
        Ordered("report", _report(Writer("cr-report")), gaps=True, tagged=True),
        Ordered("report-bare", _report(Writer("cr-report-b")), gaps=True, furniture=False),
        Ordered("story", _story(Writer("cr-story"), 4, 7), tagged=True),
    )


def missing_program(maker: str) -> str:
    """Why a maker cannot print here; "" if it can."""
    program = {"libreoffice": "soffice", "chromium": "chromium"}.get(maker, "")
    return "" if not program or shutil.which(program) else f"{maker}: no {program} on the PATH"


@cache
def printed_by_libreoffice() -> tuple[Made, ...]:
    """All that LibreOffice prints."""
    return tuple(_libreoffice(for_libreoffice()))


def _libreoffice(orders: Sequence[Ordered]) -> Iterator[Made]:
    with tempfile.TemporaryDirectory() as folder:
        for tagged in (False, True):
            paths = []
            for order in orders:
                if order.tagged is tagged:
                    paths.append(Path(folder, f"{order.name}.fodt"))
                    paths[-1].write_text(flat_odt(order), encoding="utf-8")
            options = f'{{"UseTaggedPDF":{{"type":"boolean","value":"{str(tagged).lower()}"}}}}'
            command = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless"]
            command += ["--convert-to", f"pdf:writer_pdf_Export:{options}", "--outdir", folder]
            subprocess.run([*command, *paths], check=True, capture_output=True, timeout=_SECONDS)
        for order in orders:
            data = Path(folder, f"{order.name}.pdf").read_bytes()
            yield _located(order, "libreoffice", data)


@cache
def printed_by_chromium() -> tuple[Made, ...]:
    """All that Chromium prints."""
    return tuple(_chromium(for_chromium()))


def _chromium(orders: Sequence[Ordered]) -> Iterator[Made]:
    with tempfile.TemporaryDirectory() as folder:
        for order in orders:
            page = Path(folder, f"{order.name}.html")
            page.write_text(web_page(order), encoding="utf-8")
            out = page.with_suffix(".pdf")
            command = ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu"]
            command += [f"--user-data-dir={folder}/profile", f"--print-to-pdf={out}"]
            if not order.furniture:
                command.append("--no-pdf-header-footer")
            if not order.tagged:
                command.append("--disable-pdf-tagging")
            subprocess.run(
                [*command, page.as_uri()], check=True, capture_output=True, timeout=_SECONDS
            )
            yield _located(order, "chromium", out.read_bytes())


def _located(order: Ordered, maker: str, data: bytes) -> Made:
    """The truth, with the page on which the first words of each piece stand."""
    document = pypdfium2.PdfDocument(data)
    texts = [_squeezed(page.get_textpage().get_text_range()) for page in document]
    parts: list[Part] = []
    page = 1
    for place, piece in enumerate(order.pieces):
        part = part_of(piece, 0)
        if part.kind is Kind.ROW and not part.heads:
            needle = _squeezed(order.pieces[place + 1].cells[0])
        else:
            needle = _squeezed(part.text.split(",")[0].split("，")[0].split("،")[0])[:24]
        found = [number for number, text in enumerate(texts, start=1) if needle in text]
        if not found:
            found = [number for number, text in enumerate(texts, start=1) if needle[::-1] in text]
        assert found, f"{maker} {order.name}: {needle!r} stands on no page"
        page = min((one for one in found if one >= page), default=found[0])
        parts.append(part._replace(page=page))
    return Made(order.name, maker, data, tuple(parts), len(document))


def _squeezed(text: str) -> str:
    kept = unicodedata.normalize("NFKC", text)
    return "".join(character for character in kept if character.isalnum())

"""PDF: pages of paragraphs, pictures of text, and what opens with a password only."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from tests.making.pdf_lines import broken_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.making.pdf_lines import Fragment

_MARGIN, _LEADING = 72, 14
_WIDTH = A4[0] - 2 * _MARGIN


def pdf(
    pages: Sequence[Sequence[str]],
    *,
    title: str = "",
    author: str = "",
    password: str | None = None,
) -> bytes:
    """A document with these paragraphs on each page, a gap between them.

    Args:
        pages: of paragraphs, in characters of Latin-1, that fit on the page.
        title, author: what its metadata say.
        password: without which it does not open; "" for one that is encrypted and opens.
    """
    out = BytesIO()
    encrypt = None if password is None else StandardEncryption(password, "owner")
    canvas = Canvas(out, pagesize=A4, invariant=1, encrypt=encrypt)
    canvas.setTitle(title)
    canvas.setAuthor(author)

    def width_of(fragment: Fragment) -> float:
        text = " " * fragment.spaced + fragment.text
        return float(canvas.stringWidth(text, "Times-Roman", 11))

    for paragraphs in pages:
        canvas.setFont("Times-Roman", 11)
        y = A4[1] - _MARGIN
        for paragraph in paragraphs:
            lines = broken_lines(paragraph, width_of, lambda _: _WIDTH, hyphens=False)
            for line in lines:
                text = "".join(" " * one.spaced + one.text for one in line)
                canvas.drawString(_MARGIN, y, text)
                y -= _LEADING
            y -= _LEADING / 2
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def scanned_pdf(pages: int) -> bytes:
    """A document whose pages are pictures."""
    out = BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    for number in range(1, pages + 1):
        picture = Image.new("L", (300, 400), 255)
        ImageDraw.Draw(picture).text((40, 40), f"The picture of page {number}.", fill=0)
        canvas.drawImage(ImageReader(picture), 0, 0, *A4)
        canvas.showPage()
    canvas.save()
    return out.getvalue()

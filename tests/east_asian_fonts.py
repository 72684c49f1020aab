"""Whether the system has a font for Chinese and Japanese, as some PDFs have none of their own."""

from __future__ import annotations

from functools import cache
from io import BytesIO

import pypdfium2
import pytest
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfgen.canvas import Canvas

_ONE = "\u4e2a"


@cache
def _has_font() -> bool:
    registerFont(UnicodeCIDFont("STSong-Light"))
    file = BytesIO()
    canvas = Canvas(file)
    canvas.setFont("STSong-Light", 10)
    canvas.drawString(72, 700, _ONE)
    canvas.save()
    (page,) = pypdfium2.PdfDocument(file.getvalue())
    return _ONE in page.get_textpage().get_text_range()


def need_east_asian_font() -> None:
    """Skip a test where there is none: pdfium leaves some characters out then."""
    if not _has_font():
        pytest.skip("the system has no font for Chinese and Japanese (Debian: fonts-wqy-zenhei)")

"""What pdfium says of a piece of text: its style, and whether it is no part of the text."""

from __future__ import annotations

import ctypes
import re
from typing import Any

from pypdfium2 import raw

BOLD, FIXED = 1, 2

_BOLD_NAME = re.compile(
    r"bold|black|heavy|demi|(?:^|[+-])(?:cmb|cmssbx|sfbx|ecbx|ecsx|lmroman\d*-bold|.*medi$)",
    re.IGNORECASE,
)
_FIXED_NAME = re.compile(
    r"mono|courier|typewriter|consol|menlo|inconsol|cmtt|cmsltt|sftt|ectt|(?:^|\+)lmtt|fixed|nimbusmon",
    re.IGNORECASE,
)
# Letters that are narrow and wide in other fonts.
_NARROW, _WIDE, _MISSING = "il.,;:|", "mwMW@", 0xE123
_FIXED_FLAG, _BOLD_FLAG, _BOLD_WEIGHT = 1, 1 << 18, 600


def is_artifact(piece: Any) -> bool:
    """Whether the document says that a piece is a running head or the like."""
    name = (ctypes.c_ushort * 16)()
    size = ctypes.c_ulong()
    for index in range(raw.FPDFPageObj_CountMarks(piece)):
        mark = raw.FPDFPageObj_GetMark(piece, index)
        if (
            mark
            and raw.FPDFPageObjMark_GetName(mark, name, ctypes.sizeof(name), size)
            and bytes(name).decode("utf-16-le").startswith("Artifact\0")
        ):
            return True
    return False


# So many times as wide as the widest of the narrow ones the wide letters of other fonts are.
_LEAST_WIDER = 1.5
# Of letters, in thousandths of their size; Chinese characters are all as wide as they are high.
_WIDEST_FIXED = 800


def style_of(font: Any) -> int:
    """BOLD and FIXED, by the flags, the weight and the name of a font."""
    buffer = ctypes.create_string_buffer(128)
    raw.FPDFFont_GetBaseFontName(font, buffer, len(buffer))
    name = buffer.value.decode("latin-1")
    flags = max(raw.FPDFFont_GetFlags(font), 0)
    is_bold = (
        flags & _BOLD_FLAG
        or raw.FPDFFont_GetWeight(font) >= _BOLD_WEIGHT
        or _BOLD_NAME.search(name)
    )
    is_even = _is_even(font)
    # Some programs set the flag for all of their fonts; widths that differ say more.
    is_fixed = is_even or _FIXED_NAME.search(name) or (flags & _FIXED_FLAG and is_even is None)
    return (BOLD if is_bold else 0) | (FIXED if is_fixed else 0)


def _is_even(font: Any) -> bool | None:
    """Whether narrow letters are as wide as wide ones; None where the font does not say it."""
    width = ctypes.c_float()
    raw.FPDFFont_GetGlyphWidth(font, _MISSING, 1000, width)
    missing = round(width.value)
    narrow, wide = (
        [
            round(width.value)
            for letter in letters
            if raw.FPDFFont_GetGlyphWidth(font, ord(letter), 1000, width) and width.value > 0
        ]
        for letters in (_NARROW, _WIDE)
    )
    if not narrow or not wide:
        return None
    if min(wide) > _LEAST_WIDER * max(narrow):
        return False
    if len({*narrow, *wide}) > 1 or narrow[0] == missing or narrow[0] > _WIDEST_FIXED:
        return None
    return True

"""A page -> its words, each with its place, size and style, in the order they were drawn.

pdfium is asked for all characters in a few passes without a step of Python between two of them;
what is the same for all characters of a piece of text, its font and size, is asked once for it.
"""

from __future__ import annotations

import ctypes
import re
from bisect import bisect_left, bisect_right
from collections import Counter, deque
from itertools import pairwise, repeat
from math import atan2, hypot, pi
from typing import TYPE_CHECKING, Any

import numpy as np
from pypdfium2 import raw

from indexer.readers.budget import too_large
from indexer.readers.pdf.fonts import is_artifact, style_of
from indexer.readers.pdf.glyphs import as_read, is_accent, plain_text, with_accents
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from indexer.readers.budget import Budget

ARTIFACT = -2

# What pdfium gives for a hyphen at the end of a line, whose end it leaves out, is U+0002 or U+FFFE.
_WORD = re.compile(r"[^\s\x00-\x01\x03-\x1f\x02\ufffe]+[\x02\ufffe]?|[\x02\ufffe]")
_STRAIGHT_DEGREES = 3
# Parts of a size: a step from the base line that is no unevenness, and one to another place.
_STEP, _JUMP = 0.12, 1.1
# A space is at least so wide; of the places between letters few are such that none is drawn at.
_SPACE, _MOST_SPACES = 0.2, 0.03
_NO_SPACE = 0.17
# The ligatures of fonts in the encodings T1 and OT1.
_TEX_LIGATURES = {
    **dict(zip("\x1b\x1c\x1d\x1e\x1f", "\ufb00\ufb01\ufb02\ufb03\ufb04", strict=True)),
    **dict(zip("\x0b\x0c\x0d\x0e\x0f", "\ufb00\ufb01\ufb02\ufb03\ufb04", strict=True)),
}
_TEX = re.compile("[\x0b-\x0c\x0e-\x0f\x1b-\x1f]|\r(?!\n)")


class Word(NamedTuple):
    """Characters between white space, or a part of them that is raised.

    Attributes:
        text: with a soft hyphen at its end where pdfium met one that ends a line.
        x0: its left edge, in points.
        x1: its right edge.
        y: its base line, upwards.
        size: of its font, in points.
        style: BOLD and FIXED.
        is_glued: whether no space stands before it.
        mark: the number of its marked content; -1 where it has none, ARTIFACT where it is said to
            be no part of the text, such as a running head.
    """

    text: str
    x0: float
    x1: float
    y: float
    size: float
    style: int
    is_glued: bool
    mark: int


class PageWords(NamedTuple):
    """What a page has of words.

    Attributes:
        words: those that are read.
        strays: the text of those that stand askew or outside of the page.
        angle: at which the words stood before they were turned level, in degrees.
    """

    words: list[Word]
    strays: str
    angle: int = 0


class _Font(NamedTuple):
    size: float
    style: int
    angle: int
    mark: int


def _function(function: Any, result: Any, *parameters: Any) -> Callable[..., Any]:
    """A function of pdfium's that takes plain addresses, which costs a third of the time."""
    address = ctypes.cast(function, ctypes.c_void_p).value
    assert address is not None
    return ctypes.CFUNCTYPE(result, *parameters)(address)


_POINTER, _INT = ctypes.c_void_p, ctypes.c_int
_unicode = _function(raw.FPDFText_GetUnicode, ctypes.c_uint, _POINTER, _INT)
_box = _function(raw.FPDFText_GetLooseCharBox, _INT, _POINTER, _INT, _POINTER)
_origin = _function(raw.FPDFText_GetCharOrigin, _INT, _POINTER, _INT, _POINTER, _POINTER)
_object = _function(raw.FPDFText_GetTextObject, _POINTER, _POINTER, _INT)


def words_of(page: Any, budget: Budget) -> PageWords:
    """The words of a page of pdfium's.

    Raises: PdfiumError if it is damaged; ReaderError if it has more text than the budget.
    """
    text_page = page.get_textpage()
    try:
        count = text_page.count_chars()
        if count <= 0:
            return PageWords([], "")
        if count > budget.size_bytes:
            raise too_large("text", budget)
        return _Characters(text_page, count, page.get_bbox()).words()
    finally:
        text_page.close()


class _Characters:
    """All characters of a page, with their boxes."""

    def __init__(
        self, text_page: Any, count: int, bounds: tuple[float, float, float, float]
    ) -> None:
        self._page = text_page
        address = ctypes.cast(text_page.raw, ctypes.c_void_p).value
        self._address = address
        self.text = plain_characters(map(_unicode, repeat(address), range(count)))
        if _TEX.search(self.text):
            self.text = _TEX.sub(self._as_tex, self.text)
        boxes = np.zeros((count, 4), np.float32)  # left, top, right, bottom
        at = boxes.ctypes.data
        deque(map(_box, repeat(address), range(count), range(at, at + 16 * count, 16)), 0)
        origins = np.zeros((count, 2))
        at = origins.ctypes.data
        ends = at + 16 * count
        deque(
            map(
                _origin, repeat(address), range(count), range(at, ends, 16), range(at + 8, ends, 16)
            ),
            0,
        )
        left, top, right, bottom = (np.nan_to_num(column) for column in boxes.T.astype(float))
        self._sides = left, np.minimum(top, bottom), right, np.maximum(top, bottom)
        self._origins = np.nan_to_num(origins)
        self._outside = frozenset(np.flatnonzero(self._are_outside(*bounds)).tolist())
        spaces = self._are_spaces()
        self._spaces = frozenset((np.flatnonzero(spaces) + 1).tolist())
        self._breaks: list[int] = (np.flatnonzero(self._are_breaks() | spaces) + 1).tolist()
        self._fonts: dict[int | None, _Font] = {}
        self._styles: dict[int, int] = {}

    def words(self) -> PageWords:
        """The words that stand straight; those that stand as most do are straight."""
        found = [match.span() for match in _WORD.finditer(self.text)]
        if not found:
            return PageWords([], "")
        fonts = [self._font(start) for start, _ in found]
        angles: Counter[int] = Counter()
        for font, (start, end) in zip(fonts, found, strict=True):
            angles[font.angle] += end - start
        angle = max(angles.items(), key=lambda item: (item[1], item[0] == 0))[0]
        if angle % 90:
            angle = 0
        x0, x1, y = self._turned(angle)
        pieces = [
            (first, last, font, first > start)
            for (start, end), font in zip(found, fonts, strict=True)
            for first, last in self._parts(start, end)
        ]
        cuts = np.array([place for first, last, *_ in pieces for place in (first, last)])
        # The last word may end where the page does, and a cut must be before the end.
        left = np.minimum.reduceat(np.append(x0, np.inf), cuts)[::2].tolist()
        right = np.maximum.reduceat(np.append(x1, -np.inf), cuts)[::2].tolist()
        words: list[Word] = []
        strays: list[str] = []
        for place, (first, last, font, is_part) in enumerate(pieces):
            text = self.text[first:last]
            if font.angle != angle or self._is_outside(first):
                if is_part and strays:
                    strays[-1] += text
                else:
                    strays.append(text)
                continue
            own = self._font(first) if is_part else font
            is_glued = (
                is_part and first not in self._spaces and abs(x0[first] - x1[first - 1]) < own.size
            )
            if not text.isascii() or "\x02" in text or "`" in text:
                is_glued = is_glued or self._has_no_space(first, own.size)
                text = self._legible(first, last, x0, x1)
            if not text:
                continue
            words.append(
                Word(
                    text, left[place], right[place], float(y[first]), own.size, own.style,
                    bool(is_glued), own.mark,
                )
            )  # fmt: skip
        return PageWords(words, " ".join(strays), angle)

    def _as_tex(self, match: re.Match[str]) -> str:
        """A ligature of TeX's fonts, where nothing says what the character is."""
        is_drawn = raw.FPDFText_HasUnicodeMapError(self._page, match.start()) == 1
        return _TEX_LIGATURES[match[0]] if is_drawn else match[0]

    def _are_outside(self, left: float, bottom: float, right: float, top: float) -> Any:
        x, y = self._origins.T
        return (x < left - 1) | (x > right + 1) | (y < bottom - 1) | (y > top + 1)

    def _are_breaks(self) -> Any:
        """Whether a word ends between two characters, whatever stands there."""
        left, bottom, right, top = self._sides
        x, y = self._origins.T
        height = np.maximum((top - bottom)[1:], (top - bottom)[:-1])
        width = np.maximum((right - left)[1:], (right - left)[:-1])
        size = np.minimum(height, np.maximum(width, height))
        steps = np.abs(np.diff(y)) > _STEP * size
        apart = np.maximum(left[1:] - right[:-1], left[:-1] - right[1:])
        turned = np.abs(np.diff(x)) < _STEP * size
        return (steps & ~turned | (apart > _JUMP * size)) & (size > 0)

    def _are_spaces(self) -> Any:
        """Whether words are set apart between two characters, though no space stands there.

        Letters that are all set apart are of one word; and where many stand so, it is a font whose
        widths are not to be believed.
        """
        left, bottom, right, top = self._sides
        codes = np.frombuffer(self.text.encode("utf-32-le", "surrogatepass"), np.uint32)
        size = np.minimum((top - bottom)[1:], (top - bottom)[:-1])
        gaps = left[1:] - right[:-1]
        is_latin = (codes > 0x20) & (codes < 0x530) & (right > left)
        inside = is_latin[1:] & is_latin[:-1] & (size > 0)
        inside &= np.abs(np.diff(self._origins[:, 1])) < _STEP * size
        near = np.where(inside, gaps, -np.inf)
        beside = np.maximum(np.append(near[1:], -np.inf), np.insert(near[:-1], 0, -np.inf))
        found = inside & (gaps > _SPACE * size) & (gaps - beside > _SPACE / 2 * size)
        found &= gaps < _JUMP * size
        if found.sum() > _MOST_SPACES * inside.sum():
            found[:] = False
        return found

    def _turned(self, angle: int) -> tuple[Any, Any, Any]:
        """Left and right edges and base lines as if text at an angle were level."""
        left, bottom, right, top = self._sides
        x, y = self._origins.T
        if angle == 90:
            return bottom, top, -x
        if angle == 180:
            return -right, -left, -y
        if angle == 270:
            return -top, -bottom, x
        return left, right, y

    def _is_outside(self, index: int) -> bool:
        return index in self._outside

    def _parts(self, start: int, end: int) -> Sequence[tuple[int, int]]:
        """Cut a word where the base line steps or the place jumps."""
        cuts = self._breaks[bisect_right(self._breaks, start) : bisect_left(self._breaks, end)]
        if not cuts:
            return ((start, end),)
        return list(pairwise((start, *cuts, end)))

    def _has_no_space(self, start: int, size: float) -> bool:
        """Whether the space between two Arabic letters takes no room.

        Some programs have one where letters are one glyph: it stands at the place of the second.
        """
        if start < 2 or self.text[start - 1] != " ":
            return False
        left, _, right, _ = self._sides
        return (
            _has_right_to_left(self.text[start - 2])
            and _has_right_to_left(self.text[start])
            and bool((self._origins[start - 1] == self._origins[start]).all())
            and bool(left[start - 2] - right[start] < _NO_SPACE * size)
        )

    def _legible(self, start: int, end: int, x0: Any, x1: Any) -> str:
        text = self.text[start:end]
        if is_accent(text):
            text = with_accents(text, x0[start:end].tolist(), x1[start:end].tolist())
        elif _has_right_to_left(text):
            text = as_read(text, x0[start:end].tolist(), x1[start:end].tolist())
        return plain_text(text)

    def _font(self, index: int) -> _Font:
        pointer = _object(self._address, index)
        found = self._fonts.get(pointer)
        if found is None:
            found = self._fonts[pointer] = self._asked_font(index, pointer)
        return found

    def _asked_font(self, index: int, pointer: int | None) -> _Font:
        matrix = raw.FS_MATRIX()
        raw.FPDFText_GetMatrix(self._page, index, matrix)
        size = abs(raw.FPDFText_GetFontSize(self._page, index)) or 1.0
        scale = hypot(matrix.c, matrix.d) or 1.0
        degrees = atan2(matrix.b, matrix.a) * 180 / pi % 360
        straight = round(degrees / 90) * 90
        angle = straight % 360 if abs(degrees - straight) <= _STRAIGHT_DEGREES else round(degrees)
        if not pointer:
            return _Font(size * scale, 0, angle, -1)
        piece = ctypes.cast(pointer, raw.FPDF_PAGEOBJECT)
        mark = raw.FPDFPageObj_GetMarkedContentID(piece)
        if mark < 0 and is_artifact(piece):
            mark = ARTIFACT
        return _Font(size * scale, self._style(piece), angle, mark)

    def _style(self, piece: Any) -> int:
        font = raw.FPDFTextObj_GetFont(piece)
        address = ctypes.cast(font, ctypes.c_void_p).value or 0
        style = self._styles.get(address)
        if style is None:
            style = self._styles[address] = style_of(font) if address else 0
        return style


def plain_characters(codes: Any) -> str:
    """The characters of some code points, a blank for each that is none."""
    return "".join(
        [chr(code) if code < 0xD800 or 0xDFFF < code < 0x110000 else " " for code in codes]
    )


_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")


def _has_right_to_left(text: str) -> bool:
    return _RIGHT_TO_LEFT.search(text) is not None

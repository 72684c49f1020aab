"""Characters as they were drawn -> characters as they are read; pure."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

#: What stands for a hyphen that ends a line, where pdfium has taken its end away.
LINE_END_HYPHEN = "\N{SOFT HYPHEN}"

_ACCENTS = {
    "`": "\u0300", "´": "\u0301", "ˆ": "\u0302", "˜": "\u0303", "¯": "\u0304", "˘": "\u0306",
    "˙": "\u0307", "¨": "\u0308", "˚": "\u030a", "˝": "\u030b", "ˇ": "\u030c", "¸": "\u0327",
    "˛": "\u0328",
}  # fmt: skip
_ACCENT = re.compile(f"[{''.join(_ACCENTS)}]")
_DOTLESS = {"ı": "i", "ȷ": "j"}
_LIGATURES = {
    code: unicodedata.normalize("NFKC", chr(code))
    for code in (*range(0xFB00, 0xFB07), *range(0xFB50, 0xFDFC), *range(0xFE70, 0xFEFD))
}
_BULLETS = (0x88, 0xF0B7, 0xF0A7, 0xF0D8, 0xF076, 0xF0FC, 0xF0B0)
_DRAWN = {
    **_LIGATURES,
    **dict.fromkeys(map(ord, "\x02\ufffe"), LINE_END_HYPHEN),
    # What has no meaning: private use, controls, and what tells only which way to write.
    **dict.fromkeys((*range(0xE000, 0xF900), *range(0x7F, 0xA0)), None),
    **dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0xFEFF), None),
    # As TeX, Symbol and Wingdings have them.
    **dict.fromkeys(_BULLETS, "•"),
}


def plain_text(text: str) -> str:
    r"""Characters that can be searched for, in NFC: no ligatures, none of private use.

    >>> plain_text("e\ufb03cient")
    'efficient'
    """
    return unicodedata.normalize("NFC", text.translate(_DRAWN))


def is_accent(text: str) -> bool:
    """Whether an accent stands in it that may belong to a letter."""
    return len(text) > 1 and _ACCENT.search(text) is not None


def with_accents(text: str, left: Sequence[float], right: Sequence[float]) -> str:
    """Accents that are drawn over a letter are put on it, as TeX draws them.

    Args:
        text: characters as they were drawn.
        left: their left edges.
        right: their right edges.

    >>> with_accents("caf´e", [0, 5, 10, 14, 13.5], [5, 10, 13, 18, 18.5])
    'café'
    """
    read: list[str] = []
    waiting = ""
    for place, character in enumerate(text):
        mark = _ACCENTS.get(character)
        if mark and place + 1 < len(text) and _overlap(place, place + 1, left, right):
            waiting += mark
        elif mark and place and read and _overlap(place, place - 1, left, right):
            read.append(mark)
        else:
            read.append(_DOTLESS.get(character, character) + waiting if waiting else character)
            waiting = ""
    return unicodedata.normalize("NFC", "".join(read) + waiting)


def _overlap(accent: int, letter: int, left: Sequence[float], right: Sequence[float]) -> bool:
    middle = (left[accent] + right[accent]) / 2
    return left[letter] <= middle <= right[letter]


def as_read(text: str, left: Sequence[float], right: Sequence[float]) -> str:
    """A word of a script that is read from the right, its letters in the order they are read.

    pdfium turns some around and some not. Where several characters are one glyph, as lam and alef
    are, they stand in one box, and are turned with the rest.

    Args:
        text: characters in pdfium's order.
        left: their left edges.
        right: their right edges.
    """
    middles = [(a + b) / 2 for a, b in zip(left, right, strict=True)]
    steps = [b - a for a, b in pairwise(middles)]
    is_turned = sum(step < 0 for step in steps) >= sum(step > 0 for step in steps)
    groups: list[list[int]] = []
    for place, middle in enumerate(middles):
        if groups and middle == middles[groups[-1][-1]]:
            groups[-1].append(place)
        else:
            groups.append([place])
    ordered = sorted(groups, key=lambda group: -middles[group[0]])
    letters = "".join(
        text[place] for group in ordered for place in (reversed(group) if is_turned else group)
    )
    return _NUMBER.sub(lambda match: match[0][::-1], letters)


# Numbers and Latin letters run to the right in all scripts.
_NUMBER = re.compile(
    "[0-9A-Za-z\u0660-\u0669][0-9A-Za-z.,:/\u0660-\u0669]*[0-9A-Za-z\u0660-\u0669]"
)

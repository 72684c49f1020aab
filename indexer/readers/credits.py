"""Recognises the credit of a picture, and a caption that ends in one; pure."""

from __future__ import annotations

import re

# Longer blocks are prose, whatever they end with.
_LONGEST_CHARS = 300
_PICTURE = (
    r"(?:(?:photo|picture|image|header|titel|beitrags|rubriklisten)?(?:bild|photo|foto)s?(?:er)?"
    r"|photographs?|pictures?|images?|imagen|bildquelle|bildnachweis|cr[ée]dits?)"
    r"(?: (?:credits?|photos?|by|von|via|de|par|source))?"
)
_CREDIT = re.compile(
    rf"(?:main |lead )?{_PICTURE}\s*[:/|]\s*\S.{{0,100}}"
    rf"|.{{0,250}}\(\s*{_PICTURE}\s*[:/|]\s*[^()]{{1,100}}\)\.?"
    rf"|.{{0,250}}\s{_PICTURE}\s*:\s*[^.]{{1,60}}"
    r"|fot\. \S.{0,60}"
    r"|\(?(?:©|\(c\))\s*[^.]{2,60}\.?\)?"
    r"|.{0,200}[\w.!?)\"”]\s*\|?\s*©\s*[^.]{2,60}\.?",
    re.IGNORECASE | re.DOTALL,
)


def ends_in_credit(text: str) -> bool:
    """Whether a block names who made a picture, alone or behind what the picture shows.

    >>> ends_in_credit("The mole at dawn. © Quay News / Ann Lee"), ends_in_credit("Photos sell.")
    (True, False)
    """
    return len(text) <= _LONGEST_CHARS and _CREDIT.fullmatch(text) is not None

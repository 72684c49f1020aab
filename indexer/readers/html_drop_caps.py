"""Puts the large first letter of a text back where it is set apart: in a picture, a box, a table.

A letter in the line itself needs nothing, and the same is true of what style sheets do.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

_BOXES = frozenset(("div", "p", "table"))
_APART = re.compile("drop|cap|initial|lettrine|letter|float|left", re.IGNORECASE)
# Boxes, rows and cells around a letter; deeper ones are none that a person made.
_MOST_AROUND = 6


def join_drop_caps(tree: Any) -> None:
    """Change a page so that each such letter stands before the rest of its word."""
    for picture in tree.iter("img"):
        letter = picture.get("alt", "")
        if picture.getprevious() is None and not (picture.getparent().text or "").strip():
            picture.tail = _joined(letter, picture.tail) or picture.tail
    letters: Sequence[Any] = tree.xpath(".//text()[string-length(normalize-space(.)) = 1]")
    for letter in letters:
        element = letter.getparent()
        if letter.is_text and len(element) == 0 and letter.strip().isupper():
            _join_box(letter.strip(), element)


def _join_box(letter: str, element: Any) -> None:
    """Move a letter into what follows if it is all there is in a box that is set large or aside."""
    is_set_apart = False
    for _ in range(_MOST_AROUND):
        is_set_apart = is_set_apart or any(
            _APART.search(element.get(name, "")) for name in ("class", "style", "align")
        )
        parent = element.getparent()
        if parent is None or element.getnext() is not None or (element.tail or "").strip():
            break
        if element.getprevious() is not None or (parent.text or "").strip():
            return
        element = parent
    following = element.getnext()
    # Without such a mark it is a letter over or beside something, as an answer to choose.
    if not is_set_apart or element.tag not in _BOXES or following is None:
        return
    if not (element.tail or "").strip() and (joined := _joined(letter, following.text)):
        following.text = joined
        element.getparent().remove(element)


def _joined(letter: str, rest: str | None) -> str | None:
    """Return a letter before the rest of its word, None if it isn't the first of it."""
    text = (rest or "").lstrip()
    is_first = len(letter) == 1 and letter.isupper() and text[:1].islower()
    return letter + text if is_first else None

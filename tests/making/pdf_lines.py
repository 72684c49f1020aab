"""Text -> lines that fit a width: words, hyphens at syllables, no spaces in Chinese."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: May not begin a line.
_CLOSING = frozenset("。，、：；？！」”）")
#: May not end one.
_OPENING = frozenset("「“（")


class Fragment(NamedTuple):
    """A word on a line, or the part of one.

    Attributes:
        text: as it is drawn.
        italic: whether it is in italics.
        raised: the mark of a note after it.
        spaced: whether a space stands before it.
    """

    text: str
    italic: bool = False
    raised: str = ""
    spaced: bool = True


class _Word(NamedTuple):
    pieces: tuple[str, ...]
    italic: bool
    raised: str
    spaced: bool


def _words(text: str) -> Iterator[_Word]:
    for word in text.split():
        italic = word.startswith("_")
        found = re.search(r"\{(\d+)\}$", word)
        bare = word.removeprefix("_")[: -len(found[0]) if found else None]
        raised = found[1] if found else ""
        if max(bare) < "\u2e80":
            yield _Word(tuple(bare.split("|")), italic, raised, spaced=True)
            continue
        clusters: list[str] = []
        for character in bare:
            if clusters and (character in _CLOSING or clusters[-1][-1] in _OPENING):
                clusters[-1] += character
            else:
                clusters.append(character)
        for place, cluster in enumerate(clusters):
            yield _Word((cluster,), italic, "", spaced=not place)


def broken_lines(
    text: str,
    width_of: Callable[[Fragment], float],
    widths: Callable[[int], float],
    *,
    hyphens: bool,
) -> list[list[Fragment]]:
    """The lines of a paragraph.

    Args:
        text: as in pdf_writing.
        width_of: of a fragment, its space before it included where it has one, in points.
        widths: how wide the line of that number (from 0) may be.
        hyphens: whether words may be broken at their syllables; at a hyphen of their own they may
            always be.
    """
    lines: list[list[Fragment]] = [[]]
    room = widths(0)
    for word in _words(text):
        left = word.pieces
        spaced = word.spaced
        while left:
            line = lines[-1]
            spaced = spaced and bool(line)
            whole = Fragment("".join(left), word.italic, word.raised, spaced)
            if width_of(whole) <= room or not line:
                line.append(whole)
                room -= width_of(whole)
                break
            for count in range(len(left) - 1, 0, -1):
                begun = "".join(left[:count])
                if not begun.endswith("-"):
                    if not hyphens or len(begun) < 2:
                        continue
                    begun += "-"
                part = Fragment(begun, word.italic, "", spaced)
                if width_of(part) <= room:
                    line.append(part)
                    left = left[count:]
                    break
            lines.append([])
            room = widths(len(lines) - 1)
            spaced = False
    return lines

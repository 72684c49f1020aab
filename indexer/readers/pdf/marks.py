"""Bullets and numbers that were drawn apart from the lines they belong to -> put before these.

Some programs draw all bullets of a page behind its text, and word processors take a letter "o" of
a typewriter's font for one, which stands too far away to be in the line.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from indexer.readers.pdf.lines import BULLETS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from indexer.readers.pdf.lines import Line

_BULLET = re.compile(rf"[{BULLETS}]|\d{{1,3}}[.)]")
# Parts of a size.
_SAME_ROW, _FURTHEST = 0.35, 3.2


def with_marks(lines: Sequence[Line]) -> list[Line]:
    """The lines, those that are nothing but a mark put before what begins beside them."""
    marks = [line for line in lines if _is_mark(line)]
    if not marks:
        return list(lines)
    rows: defaultdict[int, list[Line]] = defaultdict(list)
    for line in lines:
        rows[round(line.y)].append(line)
    marked: dict[int, Line] = {}
    put: set[int] = set()
    for mark in marks:
        near = (line for step in (-1, 0, 1) for line in rows[round(mark.y) + step])
        found = _beside(mark, near)
        if found is not None and id(found) not in marked:
            marked[id(found)] = _joined(mark, found)
            put.add(id(mark))
    return [marked.get(id(line), line) for line in lines if id(line) not in put]


def _is_mark(line: Line) -> bool:
    return bool(_BULLET.fullmatch(line.text)) or (line.text == "o" and line.is_fixed)


def _beside(mark: Line, near: Iterable[Line]) -> Line | None:
    """The line that begins behind a mark, if it is near and no other mark."""
    beside = (
        line
        for line in near
        if line is not mark
        and abs(line.y - mark.y) <= _SAME_ROW * line.size
        and mark.x1 - 1 <= line.x0 <= mark.x1 + _FURTHEST * line.size
    )
    line = min(beside, key=lambda one: one.x0, default=None)
    if (
        line is None
        or line.label
        or line.is_mirrored
        or line.cell != mark.cell
        or line.tag != mark.tag
        or _is_mark(line)
        or (mark.text == "o" and line.is_fixed)
    ):
        return None
    return line


def _joined(mark: Line, line: Line) -> Line:
    label = "•" if mark.text == "o" else mark.text
    before = len(label) + 1
    return replace(
        line,
        text=f"{label} {line.text}",
        x0=mark.x0,
        first_width=mark.x1 - mark.x0,
        label=label,
        gaps=tuple((place + before, x) for place, x in line.gaps),
    )

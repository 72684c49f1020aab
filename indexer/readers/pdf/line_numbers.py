"""The numbers of lines in the margin, as manuscripts and laws have them, told from the text."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.readers.pdf.lines import Line

# So many of them show it; most of them are as far from each other as the first two.
_LEAST, _MOST_STEP = 5, 10
_ALIGNED = 2.0
# Of the lines that are numbered so many begin amid a sentence: rows of a table do not.
_INNER_SHARE = 0.25


class _Numbered(NamedTuple):
    number: int
    line: Line
    right: float


def without_line_numbers(lines: Sequence[Line]) -> tuple[list[Line], list[int]]:
    """The lines of a page without the numbers before them, and these; none if it has no such.

    Line numbers grow evenly down the page, stand under each other left of all text, and number
    lines that begin amid a sentence as well as others.
    """
    numbered = [one for line in lines if (one := _numbered(line)) is not None]
    if len(numbered) < _LEAST:
        return list(lines), []
    numbered.sort(key=lambda one: -one.line.y)
    numbers = [one.number for one in numbered]
    steps = {after - before for before, after in pairwise(numbers)}
    right = max(one.right for one in numbered)
    starts = [x for line in lines if (x := _text_start(line)) is not None]
    if (
        len(steps) > 1
        or not 0 < min(steps) <= _MOST_STEP
        or any(right - one.right > _ALIGNED for one in numbered)
        or not starts
        or min(starts) <= right
        or not _are_lines_of_text(lines, numbered)
    ):
        return list(lines), []
    ids = {id(one.line): one for one in numbered}
    return [rest for line in lines if (rest := _rest(line, ids.get(id(line)))) is not None], numbers


def _numbered(line: Line) -> _Numbered | None:
    if line.is_mirrored or line.cell is not None:
        return None
    if line.text.isdecimal():
        return _Numbered(int(line.text), line, line.x1)
    first = line.text.split(" ", 1)[0]
    if first.isdecimal() and line.gaps and line.gaps[0][0] == len(first) + 1:
        return _Numbered(int(first), line, line.x0 + line.first_width)
    return None


def _text_start(line: Line) -> float | None:
    """Where the text of a line begins, behind a number; None where it is nothing else."""
    if line.text.isdecimal():
        return None
    return line.gaps[0][1] if _numbered(line) is not None else line.x0


def _are_lines_of_text(lines: Sequence[Line], numbered: Sequence[_Numbered]) -> bool:
    by_height: dict[int, Line] = {}
    for line in lines:
        if not line.text.isdecimal():
            by_height.setdefault(round(line.y), line)
    beside = [
        found
        for one in numbered
        for step in (0, 1, -1)
        if (found := by_height.get(round(one.line.y) + step)) is not None
    ]
    texts = [line.text.lstrip("0123456789 ") for line in beside]
    return sum(text[:1].islower() for text in texts) >= _INNER_SHARE * max(len(numbered), 1)


def _rest(line: Line, numbered: _Numbered | None) -> Line | None:
    if numbered is None:
        return line
    if line.text.isdecimal():
        return None
    place, x0 = line.gaps[0]
    text = line.text[place:]
    gaps = tuple((at - place, x) for at, x in line.gaps[1:])
    return replace(
        line, text=text, x0=x0, label="", is_marked=False, first_width=_width(line, text), gaps=gaps
    )


def _width(line: Line, text: str) -> float:
    """Of the first word, about."""
    width = (line.x1 - line.gaps[0][1]) / len(text)
    return width * len(text.split(" ", 1)[0])

"""The lines of a page -> lines as they are read, in columns.

Most programs draw a page as it is read. Where one does not, which shows by lines that jump between
columns or up the page again and again, the places tell the order.
"""

from __future__ import annotations

from collections import Counter
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.readers.pdf.lines import Line

# A column has so many lines, of so many sizes in width on the average.
_LEAST_LINES, _LEAST_WIDTH = 5, 9
_MOST_CROSSING, _MOST_JUMPS = 0.1, 0.2
# A line goes on below one of its size, in points, no further down than in parts of that; between
# them so many columns may stand.
_SAME_SIZE, _PITCH = 0.2, 1.6
_MOST_BESIDE = 5


def columns_of(lines: Sequence[Line]) -> list[list[Line]]:
    """The columns of a page as they are read, each with its lines from the top to the bottom.

    What is over several columns, such as a title, is a column of its own.
    """
    gutters = _gutters(lines)
    placed = [(line, _column(line, gutters)) for line in lines]
    if gutters and _jumps([place for _, place in placed]) > _MOST_JUMPS * len(placed):
        placed = _by_place(lines, gutters)
    elif not gutters and _climbs(lines) > _MOST_JUMPS * len(lines):
        placed = [(line, 0) for line in _by_rows(lines)]
    columns: list[list[Line]] = []
    for place, run in groupby(placed, key=lambda item: item[1]):
        del place
        before: Line | None = None
        for line, _ in run:
            if (
                before is None
                or before.is_mirrored != line.is_mirrored
                or _is_elsewhere(before, line)
            ):
                columns.append([])
            columns[-1].append(line)
            before = line
    return _resumed(columns)


def _resumed(columns: Sequence[list[Line]]) -> list[list[Line]]:
    """Columns, those made one that go on behind what stands beside them, such as notes."""
    found: list[list[Line]] = []
    for column in columns:
        line = column[0]
        for place, other in enumerate(found[:-_MOST_BESIDE:-1]):
            if place and _is_next(other[-1], line):
                other.extend(column)
                break
            if any(_overlap(one, line) for one in other):
                found.append(column)
                break
        else:
            found.append(column)
    return found


def _is_next(before: Line, line: Line) -> bool:
    return (
        abs(before.x0 - line.x0) <= 1
        and abs(before.size - line.size) <= _SAME_SIZE
        and 0 < before.y - line.y <= _PITCH * line.size
    )


def _is_elsewhere(before: Line, line: Line) -> bool:
    """Whether a line stands above the one before it."""
    return line.y > before.y + max(before.size, line.size)


def _column(line: Line, gutters: Sequence[float]) -> int:
    """Which column a line is in, from 0; -1 over several."""
    x0, x1 = _sides(line)
    place = sum(x1 + x0 > 2 * gutter for gutter in gutters)
    is_over = any(x0 < gutter - line.size and x1 > gutter + line.size for gutter in gutters)
    return -1 if is_over else place


def _sides(line: Line) -> tuple[float, float]:
    return (-line.x1, -line.x0) if line.is_mirrored else (line.x0, line.x1)


def _gutters(lines: Sequence[Line]) -> list[float]:
    """Where the spaces between columns of text are."""
    if len(lines) < 2 * _LEAST_LINES:
        return []
    sides = [(*_sides(line), line) for line in lines]
    starts = Counter(round(x0) for x0, _, _ in sides)
    gutters: list[float] = []
    for start, _ in starts.most_common(8):
        count = sum(starts.get(start + step, 0) for step in (-1, 0, 1))
        if count < _LEAST_LINES:
            break
        right = [one for one in sides if abs(one[0] - start) <= 2]
        top = max(line.y for _, _, line in right) + 1
        bottom = min(line.y for _, _, line in right) - 1
        gutter = start - 1.5
        near = [one for one in sides if bottom <= one[2].y <= top]
        beside = [one for one in near if one[1] <= gutter]
        crossing = sum(x0 < gutter - line.size and x1 > gutter + line.size for x0, x1, line in near)
        if (
            len(beside) >= _LEAST_LINES
            and crossing <= _MOST_CROSSING * len(near)
            and _is_text(right)
            and _is_text(beside)
        ):
            gutters.append(gutter)
    gutters.sort()
    return [
        gutter
        for before, gutter in zip([float("-inf"), *gutters], gutters, strict=False)
        if gutter - before > 40
    ]


def _is_text(sides: Sequence[tuple[float, float, Line]]) -> bool:
    width = sum((x1 - x0) / line.size for x0, x1, line in sides)
    return width >= _LEAST_WIDTH * len(sides)


def _jumps(places: Sequence[int]) -> int:
    return sum(a != b for a, b in pairwise(places))


def _climbs(lines: Sequence[Line]) -> int:
    return sum(
        line.y > before.y + before.size and _overlap(before, line)
        for before, line in pairwise(lines)
    )


def _overlap(one: Line, other: Line) -> bool:
    return one.x0 < other.x1 and other.x0 < one.x1


def _by_rows(lines: Sequence[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: (-round(line.y), line.x0))


def _by_place(lines: Sequence[Line], gutters: Sequence[float]) -> list[tuple[Line, int]]:
    """Between lines over all columns, one column after the other."""
    order = range(len(gutters) + 1)
    if sum(line.is_mirrored for line in lines) > len(lines) / 2:
        order = order[::-1]
    placed: list[tuple[Line, int]] = []
    rows = [(line, _column(line, gutters)) for line in _by_rows(lines)]
    for is_over, band in groupby(rows, key=lambda item: item[1] < 0):
        held = list(band)
        if is_over:
            placed += held
        else:
            placed += [item for place in order for item in held if item[1] == place]
    return placed

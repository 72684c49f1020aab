"""What is usual in a document: the size of its text, how far apart its lines are, their ends."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from indexer.readers.pdf.lines import Line

# Parts of a size.
_USUAL_PITCH = 1.2
_SAME_SIZE = 0.06
_FOOTNOTE_SIZE = 0.93
# A line ends where so many others of its column do.
_LEAST_ENDS = 4


class Measures:
    """What is usual in a document.

    Attributes:
        size: of most of its text, in points.
        is_fixed: whether that is in a typewriter's font.
        is_bold: whether that is bold.
    """

    def __init__(self, columns: Iterable[Sequence[Line]]) -> None:
        sizes: Counter[float] = Counter()
        styles: Counter[int] = Counter()
        pitches: dict[int, Counter[float]] = {}
        self._rights: dict[int, Counter[int]] = {}
        for column in columns:
            for line in column:
                sizes[line.size] += len(line.text)
                styles[line.style] += len(line.text)
                self._rights.setdefault(round(line.x0 / 4), Counter())[round(line.x1)] += 1
            for before, line in pairwise(column):
                step = before.y - line.y
                if is_same_size(before, line) and 0.5 * line.size < step < 3 * line.size:
                    pitches.setdefault(round(line.size), Counter())[round(step * 2) / 2] += 1
        self.size = sizes.most_common(1)[0][0] if sizes else 10.0
        style = styles.most_common(1)[0][0] if styles else 0
        self.is_bold, self.is_fixed = bool(style & 1), bool(style & 2)
        self._pitches = {size: _usual(steps) for size, steps in pitches.items()}

    def is_small(self, line: Line) -> bool:
        """Whether a line is of the size of notes."""
        return line.size < _FOOTNOTE_SIZE * self.size

    def pitch(self, size: float) -> float:
        """How far lines of a size are from each other, in points."""
        return self._pitches.get(round(size)) or _USUAL_PITCH * size

    def right(self, line: Line) -> float:
        """Where most lines end that begin where a line does; 0 where few do."""
        near = self._rights.get(round(line.x0 / 4), Counter())
        return max(
            (right for right, count in near.most_common(3) if count >= _LEAST_ENDS), default=0
        )


def _usual(steps: Counter[float]) -> float:
    """The most frequent step; of two about as frequent the smaller."""
    most = steps.most_common(1)[0][1]
    if most < 2:
        return 0.0
    return min(step for step, count in steps.items() if 2 * count >= most)


def is_same_size(one: Line, other: Line) -> bool:
    """Whether two lines are of one size, about."""
    return is_size(one.size, other.size)


def is_size(one: float, other: float) -> bool:
    """Whether two sizes are the same, about."""
    return abs(one - other) <= _SAME_SIZE * max(one, other)

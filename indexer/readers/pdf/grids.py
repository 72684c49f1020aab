"""Rules of a page -> the tables that they draw, and the cell that a place is in.

A table has level and upright rules that cross or touch each other. Its sides may be open: then it
goes as far as its rules do. A cell goes from rule to rule, also over several rows or columns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.readers.pdf.rules import NEAR, Rule
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from indexer.readers.pdf.rules import Rules


class Cell(NamedTuple):
    """Where a cell is.

    Attributes:
        table: a number, another one for each table of the page.
        top: in points, upwards.
        left: in points.
        bottom: in points.
        right: in points.
    """

    table: int
    top: float
    left: float
    bottom: float
    right: float


class Grid(NamedTuple):
    """The rules of one table.

    Attributes:
        level: from the left to the right, by their height.
        upright: by how far from the left they are.
        bounds: left, bottom, right and top of all.
    """

    level: list[Rule]
    upright: list[Rule]
    bounds: tuple[float, float, float, float]


def grids_of(rules: Rules) -> list[Grid]:
    """The tables of two columns and more that rules draw."""
    crossed = [rule for rule in rules.level if _is_row_end(rule, rules.upright)]
    left = [rule for rule in rules.upright if any(_touch(one, rule) for one in crossed)]
    grids: list[Grid] = []
    while left:
        level: list[Rule] = []
        upright = [left.pop()]
        new: Sequence[Rule] = upright
        while new:
            touching = [one for one in crossed if any(_touch(one, rule) for rule in new)]
            crossed = [one for one in crossed if one not in touching]
            level += touching
            new = [rule for rule in left if any(_touch(one, rule) for one in touching)]
            left = [rule for rule in left if rule not in new]
            upright += new
        grid = Grid(sorted(level), sorted(upright), _bounds(level, upright))
        if _columns(grid) > 1:
            grids.append(grid)
    return grids


def _touch(level: Rule, upright: Rule) -> bool:
    return (
        level.start - NEAR <= upright.place <= level.end + NEAR
        and upright.start - NEAR <= level.place <= upright.end + NEAR
    )


def _is_row_end(rule: Rule, upright: Iterable[Rule]) -> bool:
    """Whether a level rule goes over a column or more; one that underlines a word does not."""
    touched = [one for one in upright if _touch(rule, one)]
    return len(touched) > 1 or any(
        rule.start + NEAR < one.place < rule.end - NEAR for one in touched
    )


def _bounds(level: Sequence[Rule], upright: Sequence[Rule]) -> tuple[float, float, float, float]:
    return (
        min([rule.start for rule in level] + [rule.place for rule in upright]),
        min([rule.place for rule in level] + [rule.start for rule in upright]),
        max([rule.end for rule in level] + [rule.place for rule in upright]),
        max([rule.place for rule in level] + [rule.end for rule in upright]),
    )


def _columns(grid: Grid) -> int:
    left, _, right, _ = grid.bounds
    inner = {rule.place for rule in grid.upright if left + NEAR < rule.place < right - NEAR}
    return 1 + len(inner)


class Cells:
    """Tells the cells of a page's tables."""

    def __init__(self, grids: Sequence[Grid]) -> None:
        self._grids = grids
        self._last: Cell | None = None

    def __bool__(self) -> bool:
        return bool(self._grids)

    def at(self, x: float, y: float) -> Cell | None:
        """The cell that a place is in; None outside of tables."""
        last = self._last
        if last is not None and last.left <= x <= last.right and last.bottom <= y <= last.top:
            return last
        for number, grid in enumerate(self._grids):
            left, bottom, right, top = grid.bounds
            if left <= x <= right and bottom <= y <= top:
                level = [one.place for one in grid.level if one.start <= x <= one.end]
                upright = [one.place for one in grid.upright if one.start <= y <= one.end]
                self._last = Cell(
                    number,
                    min((place for place in level if place >= y), default=top),
                    max((place for place in upright if place <= x), default=left),
                    max((place for place in level if place < y), default=bottom),
                    min((place for place in upright if place > x), default=right),
                )
                return self._last
        return None

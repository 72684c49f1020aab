"""The order in which the shapes of a slide are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Placed(NamedTuple):
    """A shape and where its upper left corner is; None where it does not say."""

    shape: Any
    x: float | None
    y: float | None


def in_reading_order(shapes: Iterable[Placed], same_height: float) -> Iterator[Any]:
    """Yield shapes from above to below, and of those at about the same height from left to right.

    One that does not say where it is follows the one before it.

    Args:
        shapes: in the order in which they were drawn.
        same_height: by how much those may differ that stand beside each other.
    """
    places: list[tuple[float, float, Any]] = []
    x = y = 0.0
    for one in shapes:
        if one.x is not None and one.y is not None:
            x, y = one.x, one.y
        places.append((y, x, one.shape))
    places.sort(key=lambda place: place[0])
    row: list[tuple[float, float, Any]] = []
    for place in places:
        if row and place[0] - row[0][0] > same_height:
            yield from _from_left(row)
            row = []
        row.append(place)
    yield from _from_left(row)


def _from_left(row: list[tuple[float, float, Any]]) -> Iterator[Any]:
    return (shape for _, _, shape in sorted(row, key=lambda place: place[1]))

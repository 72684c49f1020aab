"""Where the elements of a sequence stand together in one text; pure."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def find_chains(positions: Sequence[tuple[int, list[int]]], slop: int) -> Iterator[list[int]]:
    """Yield, for every start, where the elements of a sequence stand in one text.

    Args:
        positions: (offset, positions) of each element; elements of one offset stand together.
        slop: positions that may lie between them in all, beyond what the offsets ask for.

    Yields: one position for each distinct offset, in rising order.
    """
    groups: dict[int, set[int]] = {}
    for offset, found in positions:
        groups[offset] = groups[offset] & set(found) if offset in groups else set(found)
    offsets = sorted(groups)
    first = offsets[0]
    if slop == 0:
        starts = set(groups[first])
        for offset in offsets[1:]:
            shift = offset - first
            starts &= {position - shift for position in groups[offset]}
        for start in sorted(starts):
            yield [start + offset - first for offset in offsets]
        return
    ordered = [sorted(groups[offset]) for offset in offsets]
    for start in ordered[0]:
        chain = [start]
        for index in range(1, len(offsets)):
            lowest = chain[-1] + offsets[index] - offsets[index - 1]
            place = bisect_left(ordered[index], lowest)
            if place == len(ordered[index]):
                return
            chain.append(ordered[index][place])
        if chain[-1] - start - (offsets[-1] - first) <= slop:
            yield chain

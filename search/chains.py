"""Where the elements of a sequence stand together in one text, in order or near; pure."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence


def no_account(_steps: int) -> None:
    """Take no account of steps."""


def find_chains(
    positions: Sequence[tuple[int, list[int]]],
    slop: int,
    spend: Callable[[int], None] = no_account,
) -> Iterator[list[int]]:
    """Yield, for every start, where the elements of a sequence stand in one text.

    Args:
        positions: (offset, positions) of each element; elements of one offset stand together.
        slop: positions that may lie between them in all, beyond what the offsets ask for.
        spend: called with the number of steps before some are done; it may raise to end them.

    Yields: one position for each distinct offset, in rising order.
    """
    groups: dict[int, set[int]] = {}
    for offset, found in positions:
        spend(len(found))
        groups[offset] = groups[offset] & set(found) if offset in groups else set(found)
    offsets = sorted(groups)
    first = offsets[0]
    if slop == 0:
        starts = set(groups[first])
        for offset in offsets[1:]:
            spend(len(groups[offset]))
            shift = offset - first
            starts &= {position - shift for position in groups[offset]}
        for start in sorted(starts):
            yield [start + offset - first for offset in offsets]
        return
    ordered = [sorted(groups[offset]) for offset in offsets]
    for start in ordered[0]:
        spend(len(offsets))
        chain = [start]
        for index in range(1, len(offsets)):
            lowest = chain[-1] + offsets[index] - offsets[index - 1]
            place = bisect_left(ordered[index], lowest)
            if place == len(ordered[index]):
                return
            chain.append(ordered[index][place])
        if chain[-1] - start - (offsets[-1] - first) <= slop:
            yield chain


class Stretch(NamedTuple):
    """The first and the last position of something in a text."""

    first: int
    last: int


def find_windows(
    parts: Sequence[tuple[int, Iterable[Stretch]]],
    words: int,
    spend: Callable[[int], None] = no_account,
) -> Iterator[list[Stretch]]:
    """Yield, for every start, where several parts stand near each other in one text, in any order.

    Args:
        parts: of each the positions it takes, and the stretches where it stands.
        words: positions that may lie between the first and the last beyond those of the parts.
        spend: as for find_chains().

    Yields: one stretch for each part, the nearest behind the start.
    """
    firsts: list[list[int]] = []
    nearest: list[list[Stretch]] = []  # by place in firsts, the one that ends first from there on
    for _, stretches in parts:
        ordered = sorted(set(stretches))
        spend(len(ordered))
        firsts.append([one.first for one in ordered])
        for at in range(len(ordered) - 2, -1, -1):
            if ordered[at + 1].last < ordered[at].last:
                ordered[at] = ordered[at + 1]
        nearest.append(ordered)
    room = words + sum(width for width, _ in parts)
    for start in sorted({first for own in firsts for first in own}):
        spend(len(parts))
        window = []
        for own, ends in zip(firsts, nearest, strict=True):
            place = bisect_left(own, start)
            if place == len(own):
                return
            window.append(ends[place])
        if max(one.last for one in window) - start < room:
            yield window

"""Plain words in the bytes of many texts, found and told apart by numpy.

A plain word is a run of ASCII letters and digits. Up to 16 bytes of one are two integers, so that
two words are the same if and only if their integers are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from array import array
    from collections.abc import Callable

    from numpy.typing import NDArray

#: Numbers in whichever type holds them.
Numbers: TypeAlias = "NDArray[np.integer[Any]]"

#: Longer words have no integers.
WIDEST_BYTES = 16
#: What must stand behind the last word of a buffer.
PADDING = bytes(WIDEST_BYTES + 1)

_HALF_BYTES = 8
_MASKS = np.array([(1 << (8 * size)) - 1 for size in range(_HALF_BYTES + 1)], np.uint64)
_MIX = np.uint64(0x9E3779B97F4A7C15)
_SLOT_BITS = 19


def seen(values: array[int]) -> Numbers:
    """The numbers of an array without a copy, which must be gone before the array grows."""
    return np.frombuffer(values, values.typecode) if values else np.zeros(0, values.typecode)


def runs_of(mask: NDArray[np.bool_]) -> tuple[Numbers, Numbers]:
    """The runs of true values: where each begins and where it ends.

    >>> [edges.tolist() for edges in runs_of(np.array([True, False, True, True]))]
    [[0, 2], [1, 4]]
    """
    framed = np.zeros(len(mask) + 2, np.bool_)
    framed[1:-1] = mask
    edges = np.flatnonzero(framed[1:] != framed[:-1])
    return edges[::2], edges[1::2]


def keys_of(
    buffer: bytes, starts: Numbers, ends: Numbers
) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """The two integers of each word; the buffer ends in PADDING and no word is too long.

    >>> low, high = keys_of(b"abc" + PADDING, np.array([0, 1]), np.array([1, 3]))
    >>> [hex(key) for key in low], [hex(key) for key in high]
    (['0x61', '0x6362'], ['0x0', '0x0'])
    """
    sizes = ends - starts
    # Eight bytes from every byte on, as they lie; only what is picked is read.
    eights = np.ndarray((len(buffer) - _HALF_BYTES + 1,), "<u8", buffer, strides=(1,))
    low = eights[starts] & _MASKS[np.minimum(sizes, _HALF_BYTES)]
    high = np.zeros(len(starts), np.uint64)
    wide = np.flatnonzero(sizes > _HALF_BYTES)
    high[wide] = eights[starts[wide] + _HALF_BYTES] & _MASKS[sizes[wide] - _HALF_BYTES]
    return low, high


def slots_of(low: NDArray[np.uint64], high: NDArray[np.uint64], bits: int) -> Numbers:
    """A place in a table of 1 << bits places for each word."""
    mixed = (low ^ (high * _MIX)) * _MIX
    mixed ^= mixed >> np.uint64(32)
    mixed *= _MIX
    return (mixed >> np.uint64(64 - bits)).astype(np.int64)


class WordNumbers:
    """A number for each different word, the same whenever it comes again."""

    def __init__(self) -> None:
        size = 1 << _SLOT_BITS
        self._low = np.zeros(size, np.uint64)  # 0: the place is free
        self._high = np.zeros(size, np.uint64)
        self._numbers = np.zeros(size, np.int32)

    def find(
        self,
        buffer: bytes,
        starts: Numbers,
        ends: Numbers,
        numbers_of: Callable[[list[bytes]], list[int]],
    ) -> NDArray[np.int32]:
        """The number of each word of a buffer, as for keys_of().

        numbers_of gives those of words; it is asked seldom for one it has seen before.
        """
        low, high = keys_of(buffer, starts, ends)
        slots = slots_of(low, high, _SLOT_BITS)
        found = self._numbers[slots]
        missed = np.flatnonzero((self._low[slots] != low) | (self._high[slots] != high))
        if len(missed):
            edges = zip(starts[missed].tolist(), ends[missed].tolist(), strict=True)
            words = [buffer[start:end] for start, end in edges]
            numbers = np.array(numbers_of(words), np.int32)
            found[missed] = numbers
            # First come, first kept: what is frequent comes early.
            free = np.flatnonzero(self._low[slots[missed]] == 0)
            place, kept = slots[missed[free]], missed[free]
            # Two new words may want one place: each array keeps the same one of them, the last.
            self._low[place], self._high[place] = low[kept], high[kept]
            self._numbers[place] = numbers[free]
        return found

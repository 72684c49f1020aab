"""Sketches of many texts at once, by numpy: the same as ``copies`` makes text by text."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np

from indexer.text.copies import (
    FIRST,
    FOLD,
    KEY_BITS,
    KEYS,
    LAST_FOLD,
    LEAST_WORDS,
    RUN,
    SECOND,
    STEP,
    WHOLE_SHIFT,
)
from indexer.text.words import seen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from indexer.text.words import Numbers

_FIRST, _SECOND = np.uint64(FIRST), np.uint64(SECOND)
_FOLD, _LAST_FOLD = np.uint64(FOLD), np.uint64(LAST_FOLD)
_MOST = np.uint64((1 << 64) - 1)


class WordHashes:
    """The hashes of terms by their numbers; what it learns of them lives as long as it does."""

    def __init__(self) -> None:
        self._hashes = array("I")

    def of(self, terms: Numbers, names: Sequence[bytes]) -> NDArray[np.uint64]:
        """The hashes of terms; the names are of all terms there are, in the order of numbers."""
        self._hashes.extend(map(crc32, names[len(self._hashes) :]))
        return seen(self._hashes)[terms].astype(np.uint64)


def sketches_of(hashes: NDArray[np.uint64], counts: Numbers) -> NDArray[np.uint32]:
    """The sketches of texts, a row for each.

    Args:
        hashes: those of the words of all texts, one text behind the other.
        counts: by text, how many words it has.
    """
    sketches = np.zeros((len(counts), 1 + KEYS), np.uint32)
    some = np.flatnonzero(counts)
    if not len(some):
        return sketches
    own = counts[some]
    starts = np.cumsum(own) - own
    places = np.arange(len(hashes)) - np.repeat(starts, own)
    powers = np.full(int(own.max()), STEP, np.uint64)
    powers[0] = 1
    wholes = np.add.reduceat(hashes * np.cumprod(powers)[places], starts)
    sketches[some, 0] = np.maximum(wholes >> np.uint64(WHOLE_SHIFT), 1)
    is_long = own >= LEAST_WORDS
    sketches[some[~is_long], 1] = wholes[~is_long] & np.uint64(KEY_BITS)
    if is_long.any():
        two = _joined(hashes[:-1], hashes[1:])
        four = _joined(two[:-2], two[2:])
        left = np.repeat(np.where(is_long, own, 0), own)  # runs that begin in one text end in it
        runs = four[(places + RUN <= left)[: len(four)]]
        sketches[some[is_long], 1:] = _smallest(runs, own[is_long] - RUN + 1)
    return sketches


def _smallest(runs: NDArray[np.uint64], counts: Numbers) -> NDArray[np.uint32]:
    """The keys of the smallest different runs of each text, of which it has so many."""
    starts = np.cumsum(counts) - counts
    keys = np.zeros((len(counts), KEYS), np.uint32)
    for place in range(KEYS):
        smallest = np.minimum.reduceat(runs, starts)
        keys[:, place] = np.where(smallest == _MOST, 0, smallest & np.uint64(KEY_BITS))
        if place + 1 < KEYS:
            runs[runs == np.repeat(smallest, counts)] = _MOST
    return keys


def _joined(one: NDArray[np.uint64], other: NDArray[np.uint64]) -> NDArray[np.uint64]:
    mixed = one * _FIRST
    mixed += other
    mixed ^= mixed >> _FOLD
    mixed *= _SECOND
    mixed ^= mixed >> _LAST_FOLD
    return mixed


def ordered(sketches: array[int]) -> array[int]:
    """The places of keys in their order; in the sketches, those that come again become odd."""
    flat = np.frombuffer(sketches, np.uint32)
    flat.reshape(-1, 1 + KEYS)[:, 1:] &= np.uint32(KEY_BITS)
    is_key = flat != 0
    is_key[:: 1 + KEYS] = False
    places = np.flatnonzero(is_key).astype(np.uint32)
    del is_key
    keys = flat[places]
    order = np.argsort(keys, kind="stable")
    places, keys = places[order], keys[order]
    del order
    again = np.flatnonzero(keys[1:] == keys[:-1])
    flat[places[again]] |= np.uint32(1)
    flat[places[again + 1]] |= np.uint32(1)
    return array("I", places.tobytes())

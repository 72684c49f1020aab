"""Which terms of a lexicon have much the same letters as a word; with numpy, all at once."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from search.backends.words import Words

# Letters are told apart by their last bits alone: in UTF-8 those are the last of its last byte.
_KINDS = 32
_LAST_BITS = _KINDS - 1
_TWICE = np.uint64(_KINDS)
_BITS = np.uint64(1) << np.arange(_KINDS, dtype=np.uint64)
_CONTINUES, _CONTINUES_MASK = 0x80, 0xC0
# The sizes of terms are one byte, which is sorted fast; longer ones are near no word looked for.
_LONGEST = 255


class Spellings:
    """The sizes and the letters of the terms of a lexicon; a few bytes a term.

    The letters of a term are a set of bits: for each kind, whether it has a letter of that kind,
    and whether two. One edit puts in one bit at most, and takes out one at most.
    """

    def __init__(self, postings: Words) -> None:
        letters = np.asarray(postings.blob)
        begins = (letters & _CONTINUES_MASK) != _CONTINUES
        before = np.zeros(len(letters) + 1, np.asarray(postings.offsets).dtype)
        np.cumsum(begins, out=before[1:])
        kinds = letters[np.append(begins[1:], True)[: len(letters)]] & _LAST_BITS
        starts = before[np.asarray(postings.offsets)].astype(np.int64)
        sizes = np.minimum(np.diff(starts), _LONGEST).astype(np.uint8)
        self._places: NDArray[np.int64] = sizes.argsort(kind="stable")
        #: By size, where its terms begin in that order.
        self._first = sizes[self._places].searchsorted(np.arange(_LONGEST + 2)).tolist()
        self._letters = np.zeros(len(postings), np.uint64)
        starts = starts[self._places]
        for column in range(_LONGEST - 1):
            longer = slice(self._first[column + 1], self._first[_LONGEST])
            if longer.start == longer.stop:
                break
            bits = _BITS[kinds[starts[longer] + column]]
            own = self._letters[longer]
            own |= (own & bits) << _TWICE | bits

    def like(self, word: str, distance: int) -> list[int]:
        """The places of some terms, among them all at most so many edits from a word."""
        shortest, longest = max(0, len(word) - distance), len(word) + distance
        if longest >= _LONGEST:
            raise ValueError(f"a word of {len(word)} letters is too long to look for near ones")
        alike = slice(self._first[shortest], self._first[longest + 1])
        wanted, own = _letters_of(word), self._letters[alike]
        fits = np.bitwise_count(own & ~wanted) <= distance
        fits &= np.bitwise_count(wanted & ~own) <= distance
        found: list[int] = self._places[alike][fits].tolist()
        return found


def _letters_of(word: str) -> np.uint64:
    own = 0
    for letter in word:
        bit = 1 << (ord(letter) & _LAST_BITS)
        own |= (own & bit) << _KINDS | bit
    return np.uint64(own)


# They take some milliseconds to make, and an open index has the same lexicons all the time.
_KEPT: WeakKeyDictionary[Words, Spellings] = WeakKeyDictionary()


def spellings_of(postings: Words) -> Spellings:
    """The spellings of a lexicon, made when first asked for and kept as long as it is."""
    found = _KEPT.get(postings)
    if found is None:
        found = _KEPT[postings] = Spellings(postings)
    return found

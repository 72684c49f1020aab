"""Occurrences in columns, and what gives them: the items of texts."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Protocol

import numpy as np

from indexer.text.words import seen
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.text.counting import StopWordCounts
    from indexer.text.pieces import Pieces
    from indexer.text.words import Numbers


class Found(NamedTuple):
    """The items of texts one behind the other, and how many each has."""

    items: Numbers
    counts: Numbers


class Rows(NamedTuple):
    """Occurrences of items, or of terms: which, where, and at what position."""

    numbers: Numbers
    docs: Numbers
    positions: Numbers


class AnyItems(Protocol):
    """The different words and pieces of texts, by number."""

    @property
    def pieces(self) -> Pieces:
        """Tells what pieces are indexed under."""

    @property
    def size(self) -> int:
        """How much was learned: forms of all items."""

    @property
    def size_bytes(self) -> int:
        """About how much memory it takes."""

    def __len__(self) -> int:
        """Return how many there are."""

    def text(self, item: int, /) -> bytes:
        """The word or the piece."""

    def find(self, texts: Sequence[str], /, *, lower: bool) -> Found:
        """All items of some texts in order, and how many each text has.

        Args:
            texts: in NFC.
            lower: whether letters in one case and the other are the same word.
        """

    def stop_words(self, items: Numbers, counts: Numbers, most: int, /) -> StopWordCounts:
        """The stop words in texts by their items, of which no more than most of each count."""

    def placed(self, found: Found, docs: Numbers, /) -> tuple[Rows, Numbers]:
        """Where the items of texts stand, and the lengths of the texts.

        Several texts of a document stand one behind the other, TEXT_GAP positions apart.
        """

    def exact(self, rows: Rows, /) -> Rows:
        """The exact terms of items."""

    def ranked(self, rows: Rows, /) -> Rows:
        """The exact terms of the words of items, and ~ the terms of pairs of characters."""


class Forms:
    """What items are indexed under: by item, terms with the offsets of their positions."""

    def __init__(self) -> None:
        self._first = array("i")
        self._counts = array("i")
        self._terms = array("i")
        self._offsets = array("i")

    def __len__(self) -> int:
        """Return how many forms all items have."""
        return len(self._terms)

    def add(self, offsets: Sequence[int], terms: Sequence[int]) -> int:
        """Take what one item is indexed under; the number it can be found by."""
        self._first.append(len(self._terms))
        self._counts.append(len(terms))
        self._offsets.extend(offsets)
        self._terms.extend(terms)
        return len(self._first) - 1

    def add_single(self, terms: Sequence[int]) -> range:
        """Take items that each have one term, at their first position; the numbers of the items."""
        first, count = len(self._first), len(terms)
        self._first.extend(range(len(self._terms), len(self._terms) + count))
        self._counts.extend([1] * count)
        self._offsets.extend([0] * count)
        self._terms.extend(terms)
        return range(first, first + count)

    def expand(self, numbers: Numbers, rows: Rows) -> Rows:
        """The occurrences of the terms of items, which have those numbers here."""
        first, counts = seen(self._first)[numbers], seen(self._counts)[numbers]
        terms, offsets = seen(self._terms), seen(self._offsets)
        if bool((counts == 1).all()):
            return Rows(terms[first], rows.docs, rows.positions + offsets[first])
        before = np.cumsum(counts, dtype=np.int64) - counts
        places = np.repeat(first - before, counts) + np.arange(int(counts.sum()))
        return Rows(
            terms[places],
            np.repeat(rows.docs, counts),
            np.repeat(rows.positions, counts) + offsets[places],
        )

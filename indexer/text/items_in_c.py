"""Words and pieces of texts by number: ``items``, where it is compiled."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

import numpy as np

from indexer.text import compiled
from indexer.text.analysis import SIMPLER_SIGNS
from indexer.text.counting import StopWordCounts, StopWordTable
from indexer.text.pieces import Pieces
from indexer.text.rows import Found, Rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from indexer.text.words import Numbers


class CompiledItems:
    """See AnyItems; all but pieces with other letters than ASCII is done in C.

    Attributes:
        pieces: tells what those are indexed under.
    """

    def __init__(self, terms: compiled.Terms) -> None:
        self._stop_words = StopWordTable()
        self._items = compiled.Items(
            terms,
            tuple(map(str.encode, self._stop_words.numbers)),
            tuple(sign.encode() for sign in SIMPLER_SIGNS),
            "".join(SIMPLER_SIGNS.values()).encode("ascii"),
        )
        self.pieces = Pieces(terms)

    @property
    def size(self) -> int:
        """How much was learned: forms of all items."""
        return self._items.size

    @property
    def size_bytes(self) -> int:
        """How much memory it takes, but for what is remembered of tokens."""
        return self._items.size_bytes

    def __len__(self) -> int:
        return len(self._items)

    def text(self, item: int) -> bytes:
        """The word or the piece."""
        return self._items.text(item)

    def find(self, texts: Sequence[str], *, lower: bool) -> Found:
        """All items of some texts in order, and how many each text has."""
        items, counts, unknown = self._items.find(texts, lower)
        for item in _read(unknown).tolist():
            self._learn(item)
        return Found(_read(items), _read(counts))

    def _learn(self, item: int) -> None:
        """Say what a piece is indexed under, and what stop words it has."""
        piece = self._items.text(item)
        offsets, terms, ranked_offsets, ranked, width = self.pieces.of(piece)
        words, stops = self._stop_words.of(piece)
        of_exact = _column(offsets), _column(terms)
        of_ranked = _column(ranked_offsets), _column(ranked)
        self._items.learn(item, width, of_exact, of_ranked, words, _column(stops))

    def stop_words(self, items: Numbers, counts: Numbers, most: int) -> StopWordCounts:
        """The stop words in texts by their items, of which no more than most of each count."""
        table = self._stop_words
        languages = table.languages
        found = self._items.stop_words(
            _int32(items), _int32(counts), most, table.by_language, len(languages)
        )
        words, best, number, second = map(_read, found)
        return StopWordCounts(words, best, number, second, languages)

    def placed(self, found: Found, docs: Numbers) -> tuple[Rows, Numbers]:
        """Where the items of texts stand, and the lengths of the texts."""
        columns = self._items.placed(_int32(found.items), _int32(found.counts), _int32(docs))
        own_docs, positions, lengths = map(_read, columns)
        return Rows(found.items, own_docs, positions), lengths

    def exact(self, rows: Rows) -> Rows:
        """The exact terms of items."""
        numbers, docs, positions = map(_int32, rows)
        return Rows(*map(_read, self._items.exact(numbers, docs, positions)))

    def ranked(self, rows: Rows) -> Rows:
        """The exact terms of the words of items, and ~ the terms of pairs of characters."""
        numbers, docs, positions = map(_int32, rows)
        return Rows(*map(_read, self._items.ranked(numbers, docs, positions)))


def _read(raw: bytes) -> NDArray[np.int32]:
    return np.frombuffer(raw, np.int32)


def _int32(values: Numbers) -> NDArray[np.int32]:
    return np.ascontiguousarray(values, np.int32)


def _column(numbers: Iterable[int]) -> array[int]:
    return array("i", numbers)

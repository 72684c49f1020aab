"""How many stop words of each language texts have, many texts at once, by numpy.

What an item (see ``batches``) has of words and stop words is found out when it comes up first.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

import numpy as np

from indexer.text.analysis import fold
from indexer.text.stopwords import (
    LEAST_LEAD,
    LEAST_NUMBER,
    LEAST_SHARE,
    WORD,
    languages_with_stop_words,
    stop_word_languages,
)
from indexer.text.words import seen
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from indexer.text.words import Numbers


class StopWordCounts(NamedTuple):
    """The stop words in each of several texts; see ``stopwords.StopWords``.

    Attributes:
        words: by text, how many words it has.
        best: the place of the language most of them are stop words of, among those with any.
        number, second: how many are, and the same for the language that comes next.
        languages: those with stop words.
    """

    words: Numbers
    best: Numbers
    number: Numbers
    second: Numbers
    languages: Sequence[str]

    def plain_in(self, language: str) -> NDArray[np.bool_]:
        """Which texts are full of the stop words of a language; see ``stopwords.is_plain``."""
        if language not in self.languages:
            return np.zeros(len(self.words), np.bool_)
        plain: NDArray[np.bool_] = self.best == self.languages.index(language)
        plain &= self.number >= LEAST_NUMBER
        plain &= self.number >= LEAST_SHARE * self.words
        plain &= self.number >= LEAST_LEAD * self.second
        return plain


class StopWordTable:
    """The stop words of all languages, and what pieces have of them.

    Attributes:
        languages: those with stop words.
        numbers: the stop words by their numbers.
        by_language: by stop word and language, whether it is one of its stop words.
    """

    def __init__(self) -> None:
        self.languages = languages_with_stop_words()
        known = stop_word_languages()
        self.numbers = {word: number for number, word in enumerate(known)}
        self.by_language = np.array(
            [[language in known[word] for language in self.languages] for word in known], np.uint8
        )

    def of(self, piece: bytes) -> tuple[int, list[int]]:
        """How many words a piece has, and those of them that are stop words."""
        number_of = self.numbers.get
        if piece.isalpha():  # bytes: ASCII letters
            number = number_of(piece.lower().decode())
            return 1, [] if number is None else [number]
        text = piece.decode("utf-8", "surrogatepass")
        is_ascii = text.isascii()
        found = WORD.findall(text.lower()) if is_ascii else [*map(fold, WORD.findall(text))]
        return len(found), [stop for word in found if (stop := number_of(word)) is not None]


class StopWordCounter:
    """Counts stop words; what it learns of items lives as long as it does."""

    def __init__(self) -> None:
        self._table = StopWordTable()
        # By item: how many words it has, and where those of them that are stop words begin.
        self._words = array("i")
        self._first = array("i", [0])
        self._stops = array("i")

    def learn(self, items: Sequence[bytes]) -> None:
        """Take all items there are; those taken before must come first."""
        for item in items[len(self._words) :]:
            words, stops = self._table.of(item)
            self._words.append(words)
            self._stops.extend(stops)
            self._first.append(len(self._stops))

    def count(self, items: Numbers, counts: Numbers, most: int) -> StopWordCounts:
        """The stop words in texts, by the items of all and by how many each has.

        No more than most items of each are looked at.
        """
        if int(counts.max(initial=0)) > most:
            within = np.arange(len(items)) - np.repeat(np.cumsum(counts) - counts, counts)
            items, counts = items[within < most], np.minimum(counts, most)
        ends = np.cumsum(counts)
        words = np.append(0, np.cumsum(seen(self._words)[items], dtype=np.int64))
        first = seen(self._first)
        sizes = (first[1:] - first[:-1])[items]
        texts = np.repeat(np.arange(len(counts)), counts)
        some = np.flatnonzero(sizes)
        each = np.repeat(
            first[:-1][items[some]] - np.cumsum(sizes[some]) + sizes[some], sizes[some]
        )
        stops = seen(self._stops)[each + np.arange(len(each))]
        by_language = self._by_language(np.repeat(texts[some], sizes[some]), stops, len(counts))
        two = np.partition(by_language, -2, axis=1)[:, -2:]
        return StopWordCounts(
            words[ends] - words[ends - counts],
            by_language.argmax(axis=1),
            two[:, 1],
            two[:, 0],
            self._table.languages,
        )

    def _by_language(self, texts: Numbers, stops: Numbers, count: int) -> NDArray[np.uint16]:
        """By text and language, how many of its words are stop words."""
        table = self._table
        counts = np.zeros((count, len(table.languages)), np.uint16)
        if len(texts):
            starts = np.flatnonzero(np.diff(texts, prepend=-1))
            counts[texts[starts]] = np.add.reduceat(
                table.by_language[stops], starts, axis=0, dtype=np.uint16
            )
        return counts

"""How many stop words of each language texts have, many texts at once, by numpy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from indexer.text.analysis import encoded, fold
from indexer.text.stopwords import (
    WORD,
    StopWords,
    languages_with_stop_words,
    stop_word_languages,
)
from indexer.text.words import PADDING, WIDEST_BYTES, WordNumbers, runs_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from indexer.text.words import Numbers

_CHUNK_BYTES = 1 << 19
_MOST_RUNS = 1 << 16
_LETTER, _OTHER = 1, 2
_LETTERS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_CLASSES = bytes(_LETTER if code in _LETTERS else 0 for code in range(128)) + bytes([_OTHER]) * 128
_LOWER = bytes(range(256)).lower()


class StopWordCounter:
    """Counts stop words; what it learns of words lives as long as it does."""

    def __init__(self) -> None:
        self._languages = languages_with_stop_words()
        known = stop_word_languages()
        self._numbers = {word: number for number, word in enumerate(known, 1)}
        rows = [[language in known[word] for language in self._languages] for word in known]
        #: By word and language, whether it is one of its stop words; word 0 is none.
        self._table = np.array([[False] * len(self._languages), *rows], np.uint8)
        self._words = WordNumbers(self._numbers_of)
        self._runs: dict[bytes, tuple[int, list[int]]] = {}

    def _numbers_of(self, words: Iterable[bytes]) -> list[int]:
        return [self._numbers.get(word.decode(), 0) for word in words]

    def count(self, texts: Iterable[str]) -> list[StopWords]:
        """The stop words in each of some texts."""
        found: list[StopWords] = []
        chunk: list[bytes] = []
        size_bytes = 0
        for text in texts:
            chunk.append(encoded(text))
            size_bytes += len(chunk[-1])
            if size_bytes >= _CHUNK_BYTES:
                found += self._count(chunk)
                chunk, size_bytes = [], 0
        return found + self._count(chunk)

    def _count(self, texts: Sequence[bytes]) -> list[StopWords]:
        buffer = b"\n".join(texts) + PADDING
        text_ends = np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)) + 1)
        classes = np.frombuffer(buffer.translate(_CLASSES), np.uint8)
        starts, ends = runs_of(classes > 0)
        others = np.append(0, np.cumsum(classes == _OTHER))
        odd = (others[ends] > others[starts]) | (ends - starts > WIDEST_BYTES)
        plain = ~odd
        # By word: the text it stands in, and its number.
        places = [np.searchsorted(text_ends, starts[plain], side="right")]
        numbers = [self._words.find(buffer.translate(_LOWER), starts[plain], ends[plain])]
        words = np.bincount(places[0], minlength=len(texts))
        if odd.any():
            in_text = np.searchsorted(text_ends, starts[odd], side="right")
            found = [
                self._of_run(buffer[start:end])
                for start, end in zip(starts[odd].tolist(), ends[odd].tolist(), strict=True)
            ]
            np.add.at(words, in_text, [count for count, _ in found])
            places.append(np.repeat(in_text, [len(own) for _, own in found]))
            numbers.append(np.array([number for _, own in found for number in own], np.int32))
        counts = self._by_language(np.concatenate(places), np.concatenate(numbers), len(texts))
        best = counts.argmax(axis=1)
        two = np.sort(counts, axis=1)[:, -2:]
        return [
            StopWords(count, self._languages[language], number, second)
            for count, language, (second, number) in zip(
                words.tolist(), best.tolist(), two.tolist(), strict=True
            )
        ]

    def _by_language(self, places: Numbers, numbers: Numbers, count: int) -> Numbers:
        """By text and language, how many of its words are stop words."""
        stop = np.flatnonzero(numbers)
        order = stop[np.argsort(places[stop], kind="stable")]
        counts = np.zeros((count, len(self._languages)), np.int64)
        if len(order):
            texts, first = np.unique(places[order], return_index=True)
            rows = self._table[numbers[order]]
            counts[texts] = np.add.reduceat(rows, first, axis=0, dtype=np.int64)
        return counts

    def _of_run(self, run: bytes) -> tuple[int, list[int]]:
        """How many words a run of letters of any script has, and the numbers of its stop words."""
        found = self._runs.get(run)
        if found is None:
            words = WORD.findall(run.decode("utf-8", "surrogatepass"))
            numbers = [self._numbers.get(fold(word), 0) for word in words]
            found = len(words), [number for number in numbers if number]
            if len(self._runs) < _MOST_RUNS and len(run) <= WIDEST_BYTES * 2:
                self._runs[run] = found
        return found

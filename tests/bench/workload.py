"""Draws the queries that are timed from the corpus itself, by a seed.

Only *plain* words are drawn: letters a to z between two spaces, so that every tokenizer sees the
same. But for questions, none of them is a stop word: some systems leave those out. How often a
word is used is told by its place among all plain words that at least two paragraphs have, the most
frequent ones first: *common* are the first hundredth, *middling* those from a twentieth to a fifth,
*rare* the last half.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from typing import TYPE_CHECKING

import Stemmer

from indexer.text.stopwords import stop_words
from tests.bench.queries import Kind, Query

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

_WORD = re.compile(r"[^\W\d_]+")
_FEWEST_COMMON = 50
_SHORTEST = 3
_PREFIX_CHARS = 4
_QUESTION_WORDS = 8
_TRIES_A_QUERY = 200


def draw_queries(
    texts: Iterable[str], *, per_kind: int, seed: int
) -> Mapping[Kind, Sequence[Query]]:
    """Queries of each kind, no two the same; the same ones for the same texts and seed.

    Raises: SystemExit if the texts have none of a kind; a small corpus may give fewer than asked.
    """
    draw = _Draw(list(texts), seed)
    return {kind: _distinct(kind, draw, per_kind) for kind in Kind}


def _distinct(kind: Kind, draw: _Draw, number: int) -> list[Query]:
    found: dict[Query, None] = {}
    for _ in range(number * _TRIES_A_QUERY):
        if len(found) == number:
            break
        if words := draw.words(kind):
            found[Query(kind.shape, words)] = None
    if not found:
        raise SystemExit(f"the corpus is too small: nothing in it makes a query '{kind.value}'")
    return list(found)


class _Draw:
    """Draws the words of queries from texts."""

    def __init__(self, texts: Sequence[str], seed: int) -> None:
        self._texts = texts
        self._rng = random.Random(seed)  # noqa: S311
        self._stop = stop_words("en")
        holding = Counter(
            word for text in texts for word in {*text.lower().split()} if self._tells(word)
        )
        # Equals in the order of the alphabet: sets have none that is the same in every run.
        words = sorted(word for word, number in holding.items() if number > 1)
        words.sort(key=holding.__getitem__, reverse=True)
        size = len(words)
        self._common = words[: max(size // 100, min(_FEWEST_COMMON, size // 4))]
        self._middling = words[size // 20 : size // 5]
        self._rare = words[size // 2 :]
        self._telling = frozenset(self._common) | frozenset(self._middling)
        every = {word for text in texts for word in _WORD.findall(text.lower())}
        self._stemmers = [Stemmer.Stemmer(name) for name in ("porter", "english")]
        self._stems = [set(stemmer.stemWords(list(every))) for stemmer in self._stemmers]

    def _tells(self, word: str) -> bool:
        return len(word) >= _SHORTEST and _is_plain(word) and word not in self._stop

    def words(self, kind: Kind) -> tuple[str, ...] | None:
        """The words of a query; None if luck was bad."""
        match kind:
            case Kind.COMMON:
                return self._from(self._common, 1)
            case Kind.MIDDLING:
                return self._from(self._middling, 1)
            case Kind.RARE:
                return self._from(self._rare, 1)
            case Kind.OR_2:
                return self._from(self._common, 1) + self._from(self._middling, 1)
            case Kind.OR_5:
                return self._from(self._common, 2) + self._from(self._middling, 3)
            case Kind.AND_2:
                return self._together(2)
            case Kind.AND_3:
                return self._together(3)
            case Kind.NOT:
                words = self._together(2)
                return words if words and words[0] in self._common else None
            case Kind.PHRASE_2:
                return self._run(self._tokens(), 2, self._tells)
            case Kind.PHRASE_3:
                return self._run(self._tokens(), 3, self._tells)
            case Kind.PREFIX:
                (word,) = self._from(self._middling, 1)
                return (word[:_PREFIX_CHARS],) if len(word) > _PREFIX_CHARS + 1 else None
            case Kind.ABSENT:
                return self._misspelled(*self._from(self._middling, 1))
            case Kind.MIXED:
                return self._phrase_and_word()
            case Kind.QUESTION:
                return self._run(self._tokens(), _QUESTION_WORDS, _is_plain)

    def _from(self, words: Sequence[str], number: int) -> tuple[str, ...]:
        return tuple(self._rng.sample(words, min(number, len(words))))

    def _tokens(self) -> list[str]:
        return self._rng.choice(self._texts).lower().split()

    def _together(self, number: int) -> tuple[str, ...] | None:
        """Words that one paragraph has."""
        words = sorted(self._telling.intersection(self._tokens()))
        return tuple(self._rng.sample(words, number)) if len(words) >= number else None

    def _phrase_and_word(self) -> tuple[str, ...] | None:
        """A phrase of two and another word of the same paragraph."""
        tokens = self._tokens()
        phrase = self._run(tokens, 2, self._tells)
        others = sorted(self._telling.intersection(tokens).difference(phrase or ()))
        return (*phrase, self._rng.choice(others)) if phrase and others else None

    def _run(
        self, tokens: Sequence[str], number: int, fits: Callable[[str], bool]
    ) -> tuple[str, ...] | None:
        """So many tokens one behind the other that all fit."""
        fitting = [fits(token) for token in tokens]
        starts = [
            start
            for start in range(len(tokens) - number + 1)
            if all(fitting[start : start + number])
        ]
        if not starts:
            return None
        start = self._rng.choice(starts)
        return tuple(tokens[start : start + number])

    def _misspelled(self, word: str) -> tuple[str, ...] | None:
        """The word with two letters inside swapped, if nothing in the corpus has that stem."""
        if len(word) < _PREFIX_CHARS + 1:
            return None
        at = self._rng.randrange(1, len(word) - 2)
        wrong = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        known = any(
            stemmer.stemWord(wrong) in stems
            for stemmer, stems in zip(self._stemmers, self._stems, strict=True)
        )
        return None if known else (wrong,)


def _is_plain(token: str) -> bool:
    return token.isascii() and token.isalpha()

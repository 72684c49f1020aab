"""Many texts ranked by the language detector's model at once, by numpy.

The detector walks the bytes of a text along an automaton, one at a time, and counts the features
it comes by. In C texts are walked one by one, by numpy many side by side over the same tables.
"""

from __future__ import annotations

import unicodedata
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from indexer.text import in_c
from indexer.text.model import model_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from indexer.text.model import Model
    from indexer.text.words import Numbers

# So many are scored together: by numpy each has a row of numbers for each of its features.
_SCORED_AT_A_TIME = 500
_PROBES = (
    "Most of the neighbours have learned to trust them.",
    "Большинство соседей",
    "大多数邻居已经",
    "ÜBER UNS",
    "Cuando sube el río, llaman",
    "A",
    "\U0001f600 ok",
)
_TOLERANCE = 0.05


class Tables:
    """The tables of a detector's model, for some of its languages.

    Raises: ValueError if it has not all of them.
    """

    def __init__(self, model: Model, languages: Sequence[str]) -> None:
        self._languages = languages
        self._next, self._rows, self._features = model.following, model.rows, model.features
        # One language may have several classes, one a script: those are neighbours here.
        columns = [
            [column for column, name in enumerate(model.classes) if name == language]
            for language in languages
        ]
        if not all(columns):
            raise ValueError("the detector knows other languages")
        every = [*chain.from_iterable(columns)]
        self._starts = np.cumsum([0, *map(len, columns[:-1])])
        self._weights = np.ascontiguousarray(model.weights[:, every], np.float32)
        self._biases = model.biases[every]

    @classmethod
    def of(cls, identifier: Any, languages: Sequence[str]) -> Tables:
        """The tables of a LanguageIdentifier of py3langid, which scores as it does.

        Raises: ValueError if it has not those that are known here, or they mean something else.
        """
        try:
            tables = cls(model_of(identifier), languages)
            found = tables.scores(_PROBES)
            expected = [dict(identifier.rank(probe)) for probe in _PROBES]
        except (AttributeError, TypeError, IndexError) as error:
            raise ValueError("the detector has other tables") from error
        wanted = np.array([[ranked[one] for one in languages] for ranked in expected])
        wanted -= wanted.max(axis=1, keepdims=True)
        if not np.allclose(found, wanted, rtol=0, atol=_TOLERANCE):
            raise ValueError("the detector scores in another way")
        return tables

    def likeliest(self, texts: Sequence[str], priors: Sequence[float]) -> list[str]:
        """The likeliest language of each text beside what is known beforehand of each language."""
        best = (self.scores(texts) + np.array(priors)).argmax(axis=1)
        return [self._languages[column] for column in best.tolist()]

    def scores(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """By text and language its log-likelihood, 0 for the likeliest."""
        parts = [
            self._by_class([*map(_encoded, texts[start : start + _SCORED_AT_A_TIME])])
            for start in range(0, len(texts), _SCORED_AT_A_TIME)
        ]
        if not parts:
            return np.zeros((0, len(self._languages)))
        best_of = np.maximum.reduceat(np.concatenate(parts), self._starts, axis=1)
        scores: NDArray[np.float64] = best_of.astype(np.float64)
        scores -= scores.max(axis=1, keepdims=True)
        return scores

    def _by_class(self, texts: Sequence[bytes]) -> NDArray[np.float32]:
        """What each text scores by class; 0 where it has no feature."""
        # By how often a text comes by a feature.
        logs = np.log1p(np.arange(max(map(len, texts)) + 1, dtype=np.float32))
        shape = (len(texts), len(self._biases))
        if in_c.walking is not None:
            tables = (self._next, self._rows, self._features)
            weights = self._weights.reshape(-1)
            raw = in_c.walking.scores(texts, *tables, logs, weights, self._biases)
            return np.frombuffer(raw, np.float32).reshape(shape)
        numbers, features, counts = self._visits(texts)
        by_class = np.zeros(shape, np.float32)
        if len(numbers):
            weights = logs[counts][:, None] * self._weights[features]
            with_features, starts = np.unique(numbers, return_index=True)
            by_class[with_features] = np.add.reduceat(weights, starts, axis=0) + self._biases
        return by_class

    def _visits(self, texts: Sequence[bytes]) -> tuple[Numbers, Numbers, Numbers]:
        """How often each text comes by each feature: texts, rising; features; counts."""
        sizes = np.fromiter(map(len, texts), np.int64, len(texts))
        order = np.argsort(-sizes, kind="stable")  # those that end first come last
        starts = (np.cumsum(sizes) - sizes)[order]
        # By place in a text, how many texts go so far.
        going = len(texts) - np.sort(sizes).searchsorted(np.arange(sizes.max(initial=0)), "right")
        ends = np.cumsum(going)
        # All bytes place by place: of which text they are, and what they are.
        owners = np.arange(int(sizes.sum())) - np.repeat(ends - going, going)
        at = starts[owners] + np.repeat(np.arange(len(going)), going)
        letters = np.frombuffer(b"".join(texts), np.uint8)[at]
        visited = np.empty(len(letters), self._next.dtype)
        states = np.zeros(len(texts), self._next.dtype)
        begin = 0
        for count, end in zip(going.tolist(), ends.tolist(), strict=True):
            states = self._next[self._rows[states[:count]] + letters[begin:end]]
            visited[begin:end] = states
            begin = end
        features = self._features[visited]
        hits = np.flatnonzero(features >= 0)
        size = len(self._weights)
        pairs, counts = np.unique(order[owners[hits]] * size + features[hits], return_counts=True)
        return pairs // size, pairs % size, counts


def _encoded(text: str) -> bytes:
    """The bytes that the detector looks at."""
    if text.isupper():
        text = text.lower()
    return unicodedata.normalize("NFC", text).encode("utf-8", "surrogatepass")

"""Many texts ranked by the language detector's model at once, by numpy.

The detector walks the bytes of a text along an automaton, one at a time, and counts the features
it comes by. Here many texts are walked side by side over the same tables.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

import numpy as np

from indexer.text import in_c

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from indexer.text.words import Numbers

# So many texts are walked side by side: each step takes a microsecond or more for itself.
_WALKED_AT_A_TIME = 1_000
# So many are scored together: each has a row of numbers for each of its features.
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
    """The tables of a detector's model.

    Raises: ValueError if they are not those that are known here, or mean something else.
    """

    def __init__(self, identifier: Any, languages: Sequence[str]) -> None:
        """Take them from a LanguageIdentifier of py3langid, for some of its languages."""
        self._languages = languages
        try:
            self._next = np.asarray(identifier.tk_nextmove)
            self._rows = np.asarray(identifier.tk_row).astype(np.int64) << 8
            self._features = np.array(identifier.tk_output, np.int64)
            self._weights: NDArray[np.float32] = np.asarray(identifier.nb_ptc, np.float32)
            self._biases: NDArray[np.float32] = np.asarray(identifier.nb_pc, np.float32)
            classes = list(identifier.nb_classes)
            # One language may have several classes, one a script.
            self._columns = [
                [column for column, name in enumerate(classes) if name == language]
                for language in languages
            ]
            found = self.scores(_PROBES)
            expected = [dict(identifier.rank(probe)) for probe in _PROBES]
        except (AttributeError, TypeError, IndexError) as error:
            raise ValueError("the detector has other tables") from error
        wanted = np.array([[ranked[one] for one in languages] for ranked in expected])
        wanted -= wanted.max(axis=1, keepdims=True)
        if not np.allclose(found, wanted, rtol=0, atol=_TOLERANCE):
            raise ValueError("the detector scores in another way")

    def likeliest(self, texts: Sequence[str], priors: Sequence[float]) -> list[str]:
        """The likeliest language of each text beside what is known beforehand of each language."""
        best = (self.scores(texts) + np.array(priors)).argmax(axis=1)
        return [self._languages[column] for column in best.tolist()]

    def scores(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """By text and language its log-likelihood, 0 for the likeliest."""
        parts = [
            part
            for start in range(0, len(texts), _WALKED_AT_A_TIME)
            for part in self._scores([*map(_encoded, texts[start : start + _WALKED_AT_A_TIME])])
        ]
        return np.concatenate(parts) if parts else np.zeros((0, len(self._languages)))

    def _scores(self, texts: Sequence[bytes]) -> Iterator[NDArray[np.float64]]:
        numbers, features, counts = self._visits(texts)
        for first in range(0, len(texts), _SCORED_AT_A_TIME):
            end = min(first + _SCORED_AT_A_TIME, len(texts))
            own = slice(*numbers.searchsorted((first, end)))
            by_class = np.zeros((end - first, self._weights.shape[1]), np.float32)
            if own.stop > own.start:
                weights = np.log1p(counts[own].astype(np.float32))[:, None]
                weights = weights * self._weights[features[own]]
                with_features, starts = np.unique(numbers[own] - first, return_index=True)
                by_class[with_features] = np.add.reduceat(weights, starts, axis=0) + self._biases
            scores = np.stack(
                [by_class[:, columns].max(axis=1) for columns in self._columns], axis=1
            ).astype(np.float64)
            scores -= scores.max(axis=1, keepdims=True)
            yield scores

    def _visits(self, texts: Sequence[bytes]) -> tuple[Numbers, Numbers, Numbers]:
        """How often each text comes by each feature: texts, rising; features; counts."""
        if in_c.walking is not None:
            raw = in_c.walking.visits(
                texts, self._next, self._rows, self._features, len(self._weights)
            )
            rows = np.frombuffer(raw, np.uint32).reshape(-1, 3)
            numbers, features, counts = (rows[:, column].astype(np.int64) for column in range(3))
            return numbers, features, counts
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

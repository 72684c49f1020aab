"""In which language a query is asked, by where its words are usual; and what that does to scores.

    log p(L) = sum over the words w of  log( (n(w, L) + S x u x n(w) / N) / (N(L) + S) )
    factor(L) = LEAST + (1 - LEAST) x p(L) / largest p

n(w, L) counts the passages of language L that hold w's stem in L, stop words included, N(L) all of
them, n(w) and N those of all languages. S passages of the average language smooth what few
passages say; of a stop word of other languages only, those have a share u. The score of a passage
is multiplied by the factor of its language: what is asked in one language prefers passages of that
language and hides no others. Names, which all languages share, prefer none. A script without spaces
counts as one word more, a stop word of the languages written in it that all their passages hold.
"""

from __future__ import annotations

from math import exp, log
from typing import TYPE_CHECKING

try:
    from search.backends.kernels import compiled
except ImportError:  # there was no compiler
    compiled = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from typing import TypeAlias

    # How usual a word is: by language the passages that hold it, and where it is a stop word.
    WordUse: TypeAlias = tuple[Mapping[str, int], Collection[str]]

LEAST = 0.5
SMOOTHING_PASSAGES = 100
FOREIGN_SHARE = 0.1
_CONSTANTS = LEAST, SMOOTHING_PASSAGES, FOREIGN_SHARE


class Voices:
    """The languages of an index.

    Attributes:
        passages: by language, how many there are; one at least.
    """

    def __init__(self, passages: Mapping[str, int]) -> None:
        self.passages = passages

    def factors(self, words: Sequence[WordUse]) -> dict[str, float]:
        """The factor of each language, by the words of a query."""
        if compiled is None:
            return factors_of(words, self.passages)
        return compiled.language_factors(words, self.passages, _CONSTANTS)


def factors_of(words: Sequence[WordUse], passages: Mapping[str, int]) -> dict[str, float]:
    """As Voices.factors(), in Python."""
    known, total = 0, sum(passages.values())
    # A word is in most languages neither found nor a stop word, and counts alike in all those.
    told: dict[str, float] = {}
    for holding, stops in words:
        everywhere = sum(holding.values())
        if not everywhere:
            continue
        known += 1
        smooth = SMOOTHING_PASSAGES * everywhere / total
        least = FOREIGN_SHARE * smooth if stops else smooth
        for language in {*holding, *stops} if stops else holding:
            found = holding.get(language, 0) + (smooth if language in stops else least)
            told[language] = told.get(language, 0.0) + log(found / least)
    likelihood = [
        told.get(language, 0.0) - known * log(size + SMOOTHING_PASSAGES)
        for language, size in passages.items()
    ]
    best = max(likelihood)
    return {
        language: LEAST + (1 - LEAST) * exp(value - best)
        for language, value in zip(passages, likelihood, strict=True)
    }

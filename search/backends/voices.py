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

from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

LEAST = 0.5
SMOOTHING_PASSAGES = 100
FOREIGN_SHARE = 0.1


class WordUse(NamedTuple):
    """How usual a word of the query is: the passages of each language that hold it.

    stops has the languages in which it is a stop word.
    """

    holding: Mapping[str, int]
    stops: Collection[str]


def language_factors(words: Sequence[WordUse], passages: Mapping[str, int]) -> dict[str, float]:
    """The factor of each language.

    Args:
        words: those of the query.
        passages: by language, how many there are; one at least.
    """
    total = sum(passages.values())
    # A word is in most languages neither found nor a stop word, and counts alike in all of those.
    known = 0
    likelihood = dict.fromkeys(passages, 0.0)
    for holding, stops in words:
        everywhere = sum(holding.values())
        if everywhere:
            known += 1
            smooth = SMOOTHING_PASSAGES * everywhere / total
            least = FOREIGN_SHARE * smooth if stops else smooth
            for language in {*holding, *stops}:
                found = holding.get(language, 0) + (smooth if language in stops else least)
                likelihood[language] += log(found / least)
    for language, size in passages.items():
        likelihood[language] -= known * log(size + SMOOTHING_PASSAGES)
    best = max(likelihood.values())
    return {
        language: LEAST + (1 - LEAST) * exp(value - best) for language, value in likelihood.items()
    }

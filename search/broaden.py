"""Pseudo relevance feedback: a query's best passages -> a query with words they share.

    v(t) = sum over the best passages d of  (score(d) / best score) ^ STEEPNESS x tf / (tf + K(d))

of the stems of their words, K(d) being BM25's length norm. Stop words, the query's own words, stems
that stand in fewer than two of the passages and those of more than COMMON of all passages are left
out; of the rest the TERMS largest v(t) x idf(t) are added to the query, SHARE of its whole weight
spread over them by v(t). They rank by the paragraph's own text; each article gives one passage, its
best. A query of more than MOST_WORDS says enough by itself and is left as it is.

Both the power and the bound keep the query from drifting: what scores much less than the best says
little of what was asked, and words that are common everywhere say nothing of it. So more passages
can have a say, and one that is beside the point has less.

Source: weighting by retrieval score as in RM3 (Abdul-Jaleel et al. 2004), with BM25's saturation.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from indexer.text.analysis import FormKind, occurrences, stemmer, tagged, tagged_pair
from indexer.text.stopwords import stop_words
from indexer.tuples import NamedTuple
from search.backends.ranking import idf
from search.query.spelling import Field
from search.query.tree import And, Not, Query, Ranked, Term, all_of, boosted, preferred, ranked

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PASSAGES = 20
STEEPNESS = 4
TERMS = 10
SHARE = 0.15
COMMON = 0.1
MOST_WORDS = 20
_LEAST_PASSAGES = 2
_WORDS = frozenset({FormKind.WORD})
# Weights are printed in the query; three digits tell terms apart.
_DIGITS = 3


class Feedback(NamedTuple):
    """One of the best passages.

    Attributes:
        text: the paragraph.
        language: its article's.
        score: above 0.
        norm: the addend of BM25's denominator for its length.
    """

    text: str
    language: str
    score: float
    norm: float


def broadened(
    query: Query,
    feedback: Sequence[Feedback],
    *,
    weight: float,
    known: frozenset[str],
    passages: int,
    holding: Callable[[Sequence[str]], Sequence[int]],
) -> Query:
    """The query together with words of its best passages; itself if they share none.

    What it requires or excludes stays so.

    Args:
        query: what was searched.
        feedback: its best passages, best first; at most PASSAGES are used.
        weight: the summed weights of the query's own units.
        known: the tagged stems that the query asks for.
        passages: how many there are.
        holding: how many of them hold each of some tagged stems.
    """
    # Where there are few passages a tenth of them is no measure.
    common = max(PASSAGES, COMMON * passages)
    own = telling(
        feedback[:PASSAGES],
        known=known,
        passages=passages,
        holding=holding,
        is_shared=lambda holding, _holders: holding <= common,
    )
    total = sum(value for _, value in own)
    added = []
    for word, value in own:
        boost = round(SHARE / (1 - SHARE) * weight * value / total, _DIGITS)
        if boost:
            added.append(boosted(Term(word, Field.OWN), boost))
    return _beside(query, added) if added else query


def telling(
    feedback: Sequence[Feedback],
    *,
    known: frozenset[str],
    passages: int,
    holding: Callable[[Sequence[str]], Sequence[int]],
    least_passages: int = _LEAST_PASSAGES,
    kinds: frozenset[FormKind] = _WORDS,
    is_shared: Callable[[int, int], bool] = lambda _holding, _holders: True,
    most: int = TERMS,
) -> list[tuple[str, float]]:
    """The words that passages are told from others by, and the v(t) of each, the best first.

    Args:
        feedback: the passages, best first.
        known: tagged stems to leave out.
        passages: how many there are.
        holding: how many of those hold each of some tagged stems; it is asked once.
        least_passages: how many of the given ones must hold a word.
        kinds: what is a word.
        is_shared: whether a stem that so many of all hold, and so many of these, is to be taken.
        most: how many words at most.
    """
    values: dict[str, float] = {}
    holders: Counter[str] = Counter()
    spellings: dict[str, Counter[str]] = {}
    for passage in feedback:
        stem = stemmer(passage.language)
        stops = stop_words(passage.language)
        counts: Counter[str] = Counter()
        for word, _, _, _, kind in occurrences(passage.text):
            if kind in kinds and len(word) > 1 and word not in stops:
                is_pair = kind is FormKind.PAIR
                tag = tagged_pair(word) if is_pair else tagged(stem(word), passage.language)
                counts[tag] += 1
                spellings.setdefault(tag, Counter())[word] += 1
        for tag, count in counts.items():
            share = (passage.score / feedback[0].score) ** STEEPNESS
            values[tag] = values.get(tag, 0.0) + share * count / (count + passage.norm)
            holders[tag] += 1
    usable = [tag for tag in values if holders[tag] >= least_passages and tag not in known]
    worth = {
        tag: values[tag] * idf(passages, number)
        for tag, number in zip(usable, holding(usable), strict=True)
        if is_shared(number, holders[tag])
    }
    best = sorted(worth, key=lambda tag: (-worth[tag], tag))[:most]
    return [
        (min(spellings[tag].items(), key=lambda item: (-item[1], item[0]))[0], values[tag])
        for tag in best
    ]


def _beside(query: Query, added: Sequence[Query]) -> Query:
    """The query with more words that rank: they find passages only where any word does."""
    match query:
        case And(children) if any(isinstance(child, Not) for child in children):
            wanted = all_of(*(child for child in children if not isinstance(child, Not)))
            unwanted = [child for child in children if isinstance(child, Not)]
            return all_of(_beside(wanted, added), *unwanted)
        case Ranked() | Term():
            return ranked(query, *added)
        case _:
            return preferred(query, *added)

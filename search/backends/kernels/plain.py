"""The kernels without numpy: counts are dictionaries, sets are sets."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from heapq import nlargest
from itertools import accumulate
from math import inf
from typing import TYPE_CHECKING

from search.backends.ranking import article_counts, lengths_of, norms, unit_parts
from search.chains import find_chains

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from indexer.storage.postings import FieldPostings
    from indexer.storage.segment import SegmentView
    from search.backends.kernels.base import Part
    from search.backends.ranking import RankingSettings, Totals, UnitCounts, UnitWeight
    from search.deadline import Deadline

# Where a term is in so many times more documents than are wanted, those are looked up in it.
_MUCH_LONGER = 8


class PlainKernel:
    """Serves one segment; see ``base.Kernel``."""

    def __init__(self, segment: SegmentView, totals: Totals, settings: RankingSettings) -> None:
        self._segment = segment
        self._totals = totals
        self._settings = settings

    def counted(
        self, postings: FieldPostings, places: Sequence[int], within: AbstractSet[int] | None
    ) -> dict[int, float]:
        """Return how often any of the terms at some places of a lexicon occurs."""
        if within is not None and len(within) * _MUCH_LONGER < _total(postings, places):
            return self.added([_looked_up(postings, place, within) for place in places])
        return self._live(
            self.added(
                [
                    dict(zip(postings.docs(place), postings.frequencies(place), strict=True))
                    for place in places
                ]
            )
        )

    def chained(self, parts: Sequence[Part], slop: int, deadline: Deadline) -> dict[int, float]:
        """Return how often the parts of a sequence stand in their order."""
        return self._chained_in(None, parts, slop, deadline)

    def chained_in(
        self, sequences: Iterable[Sequence[Part]], docs: AbstractSet[int], deadline: Deadline
    ) -> Iterator[dict[int, float]]:
        """Yield how often each of some sequences stands in documents."""
        return (self._chained_in(docs, parts, 0, deadline) for parts in sequences)

    def _chained_in(
        self,
        within: AbstractSet[int] | None,
        parts: Sequence[Part],
        slop: int,
        deadline: Deadline,
    ) -> dict[int, float]:
        counts: dict[int, float] = {}
        for doc, positions in self._standing(parts, deadline, within):
            if slop:
                number = sum(1 for _ in find_chains(positions, slop, deadline.spend))
            else:  # the same, and faster: how many starts all parts have in common
                offset, places = positions[0]
                starts = {place - offset for place in places}
                for offset, places in positions[1:]:
                    starts.intersection_update([place - offset for place in places])
                number = len(starts)
            if number:
                counts[doc] = number
        return counts

    def standing(
        self, parts: Sequence[Part], deadline: Deadline
    ) -> Iterator[tuple[int, list[tuple[int, list[int]]]]]:
        """Yield each document that holds all parts, with the offset and positions of each."""
        return self._standing(parts, deadline, None)

    def _standing(
        self, parts: Sequence[Part], deadline: Deadline, within: AbstractSet[int] | None
    ) -> Iterator[tuple[int, list[tuple[int, list[int]]]]]:
        candidates = within
        for _, postings, places in sorted(parts, key=lambda part: _total(part[1], part[2])):
            deadline.left_seconds()
            docs = {doc for place in places for doc in postings.docs(place)}
            candidates = docs if candidates is None else candidates & docs
            if not candidates:
                return
        known: dict[tuple[int, int], _Term] = {}  # a phrase may have one word many times
        terms: list[tuple[int, list[_Term]]] = []
        for offset, postings, places in parts:
            for place in places:
                if (id(postings), place) not in known:
                    deadline.left_seconds()
                    known[id(postings), place] = _Term(postings, place)
            terms.append((offset, [known[id(postings), place] for place in places]))
        steps = sum(len(places) for _, _, places in parts)
        for doc in sorted((candidates or set[int]()) - self._segment.deleted):
            deadline.spend(steps)
            yield (
                doc,
                [
                    (offset, [p for term in alternatives for p in term.positions(doc)])
                    for offset, alternatives in terms
                ],
            )

    def _live(self, counts: dict[int, float]) -> dict[int, float]:
        deleted = self._segment.deleted
        if not deleted:
            return counts
        return {doc: number for doc, number in counts.items() if doc not in deleted}

    def numbered(self, numbers: dict[int, int]) -> dict[int, float]:
        """Return counts that were found one by one."""
        return dict[int, float](numbers)

    def added(self, counts: Sequence[dict[int, float]]) -> dict[int, float]:
        """Return the sums of counts."""
        if len(counts) == 1:
            return counts[0]
        totals: dict[int, float] = {}
        for one in counts:
            for doc, number in one.items():
                totals[doc] = totals.get(doc, 0) + number
        return totals

    def among(self, counts: dict[int, float], docs: Sequence[int]) -> Iterable[int]:
        """Return those of a few documents that have counts."""
        return (doc for doc in docs if doc in counts)

    def of_articles(self, body: dict[int, float], titles: dict[int, float]) -> dict[int, float]:
        """Return the counts of whole articles by record."""
        return article_counts(body, titles, self._segment.parents, self._settings)

    def spread(self, counts: dict[int, float]) -> dict[int, float]:
        """Return the counts of records for each of their paragraphs."""
        children = self._segment.children
        return {doc: number for record, number in counts.items() for doc in children(record)}

    @property
    def are_single(self) -> bool:
        """Whether each article is known to be one paragraph, the document after its record."""
        return self._segment.are_single

    # Sets

    def having(self, postings: FieldPostings, places: Sequence[int]) -> AbstractSet[int]:
        """Return the documents that hold any of the terms at some places of a lexicon."""
        docs = {doc for place in places for doc in postings.docs(place)}
        return docs - self._segment.deleted if self._segment.deleted else docs

    def docs(self, counts: dict[int, float]) -> AbstractSet[int]:
        """Return the documents of counts."""
        return counts.keys()

    def passages(self) -> AbstractSet[int]:
        """Return all paragraphs."""
        return self._segment.passages

    def nothing(self) -> AbstractSet[int]:
        """Return no documents."""
        return frozenset()

    def records(self, found: Sequence[Sequence[int]]) -> AbstractSet[int]:
        """Return the live ones of some article records."""
        return {doc for docs in found for doc in docs} - self._segment.deleted

    def articles(self, docs: AbstractSet[int]) -> AbstractSet[int]:
        """Return the records of the articles of paragraphs."""
        if self.are_single:
            return {doc - 1 for doc in docs}
        parents = self._segment.parents
        return {parents[doc] for doc in docs}

    def children(self, records: AbstractSet[int]) -> AbstractSet[int]:
        """Return the paragraphs of articles."""
        if self.are_single:
            return {record + 1 for record in records}
        return {doc for record in records for doc in self._segment.children(record)}

    def all_of(self, sets: Sequence[AbstractSet[int]]) -> AbstractSet[int]:
        """Return what is in each of one or more sets."""
        first, *others = sorted(sets, key=len)
        for other in others:
            first = first & other
        return first

    def any_of(self, sets: Sequence[AbstractSet[int]]) -> AbstractSet[int]:
        """Return what is in any set."""
        return set[int]().union(*sets)

    def without(self, docs: AbstractSet[int], others: AbstractSet[int]) -> AbstractSet[int]:
        """Return what is in the first set and not in the second."""
        return docs - others

    def size(self, docs: AbstractSet[int]) -> int:
        """Return how many documents a set holds."""
        return len(docs)

    # Values of articles

    def by_article(self, docs: AbstractSet[int]) -> Mapping[int, int]:
        """Return how many of some paragraphs each article record has that has any."""
        parents = self._segment.parents
        return Counter(parents[doc] for doc in docs)

    def tallied(
        self,
        docs: AbstractSet[int],
        postings: FieldPostings,
        places: range,
        most: int | None,
        deadline: Deadline,
    ) -> tuple[Sequence[tuple[int, int]], int]:
        """Count the paragraphs of the articles whose records hold each of some terms."""
        of_record = self.by_article(docs)
        counts: list[tuple[int, int]] = []
        for place in places:
            records = postings.docs(place)
            deadline.spend(1 + len(records))
            if passages := sum(of_record.get(record, 0) for record in records):
                counts.append((place, passages))
        counts.sort(key=lambda counted: -counted[1])
        return counts[:most], len(counts)

    # Scores

    def scores(
        self,
        docs: AbstractSet[int],
        units: Sequence[tuple[UnitCounts, UnitWeight]],
        deadline: Deadline,
    ) -> PlainScores:
        """Return the sums of what units give to documents."""
        parents, settings = self._segment.parents, self._settings
        normed = norms(docs, lengths_of(self._segment), self._totals, settings)
        scores = dict.fromkeys(docs, 0.0)
        shares: dict[int, float] = {}
        for counts, weight in units:
            if deadline.is_over():
                break
            passage, article = unit_parts(counts, weight, normed, parents, settings)
            for doc, score in passage.items():
                scores[doc] += score
            for record, score in article.items():
                shares[record] = shares.get(record, 0.0) + score
        if shares:
            share_of = shares.get
            for doc in scores:
                if share := share_of(parents[doc]):
                    scores[doc] += share
        return PlainScores(scores, normed.passages)


class PlainScores:
    """See ``base.Scores``."""

    def __init__(self, scores: dict[int, float], norms: Mapping[int, float]) -> None:
        self._scores = scores
        self._norms = norms
        # By language, and the languages by document; None: nothing was scaled.
        self._factors: tuple[Sequence[float], Sequence[int]] | None = None

    def __len__(self) -> int:
        """Return the number of documents."""
        return len(self._scores)

    def items(self) -> Iterable[tuple[int, float]]:
        """Return every document with its score."""
        return self._scores.items()

    def best(self, wanted: int) -> Sequence[tuple[int, float]]:
        """Return documents with their scores, among them the first of the order by score."""
        if len(self._scores) <= wanted:
            return list(self._scores.items())
        least = nlargest(wanted, self._scores.values())[-1]
        return [(doc, score) for doc, score in self._scores.items() if score >= least]

    def ordered(self, _wanted: int) -> None:
        """Return None: ids of articles are not known here."""

    def scale(self, languages: Sequence[int], factors: Sequence[float]) -> None:
        """Multiply each score by the factor of its language."""
        if any(factor < 1 for factor in factors):
            self._factors = factors, languages
            scores = self._scores
            for doc in scores:
                scores[doc] *= factors[languages[doc]]

    def in_reach(self, wanted: int | None, gain: float) -> AbstractSet[int]:
        """Return what may be among the first by score if each gains so much at most."""
        scores = self._scores
        if wanted is None or len(scores) <= wanted:
            return scores.keys()
        least = nlargest(wanted, scores.values())[-1] - gain if wanted else inf
        return {doc for doc, score in scores.items() if score >= least}

    def add(self, body: Mapping[int, float], worth: float) -> None:
        """Add what a unit gives that ranks by passages' own text alone, and scale it as before."""
        scores, norms = self._scores, self._norms
        factors, languages = self._factors or ((), ())
        for doc in scores.keys() & body.keys():
            number = body[doc]
            own = worth * number / (number + norms[doc])
            scores[doc] += own * factors[languages[doc]] if factors else own


def _looked_up(postings: FieldPostings, place: int, docs: AbstractSet[int]) -> dict[int, float]:
    """How often a term occurs in some documents, which are few."""
    holding, frequencies = postings.docs(place), postings.frequencies(place)
    found: dict[int, float] = {}
    for doc in docs:
        at = bisect_left(holding, doc)
        if at < len(holding) and holding[at] == doc:
            found[doc] = frequencies[at]
    return found


class _Term:
    """The postings of one term, with positions found by document."""

    def __init__(self, postings: FieldPostings, place: int) -> None:
        self.docs = postings.docs(place)
        self._positions = postings.positions(place)
        self._starts = list(accumulate(postings.frequencies(place), initial=0))

    def positions(self, doc: int) -> list[int]:
        """The positions in one document, none if the term is not there."""
        index = bisect_left(self.docs, doc)
        if index == len(self.docs) or self.docs[index] != doc:
            return []
        return list(self._positions[self._starts[index] : self._starts[index + 1]])


def _total(postings: FieldPostings, places: Iterable[int]) -> int:
    return sum(postings.doc_count(place) for place in places)

"""The kernels in C: what of a query Python need not do goes through posting lists as stored."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from indexer.storage.records import GROUP_FIELD
from search.backends.kernels.compiled import (
    Lexicon,
    Lists,
    Segment,
    Sketches,
    are_copies,
    sharing,
    sharing_any,
    term_places,
)
from search.backends.ranking import lengths_of, slopes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from indexer.storage.postings import FieldPostings
    from indexer.storage.segment import SegmentView
    from search.backends.base import Place, Scored
    from search.backends.kernels.base import Part
    from search.backends.kernels.compiled import Counts, Scores
    from search.backends.ranking import RankingSettings, Totals, UnitCounts, UnitWeight
    from search.backends.sharing import Likely, Rule
    from search.deadline import Deadline

__all__ = ["NativeKernel", "SharingKeys", "are_copies", "lists_of", "places_by_doc", "sketches_of"]

# Counts are cut down to where they are wanted if that is so many times less.
_MUCH_LONGER = 8
# A query asks for the postings of a word again and again.
_MOST_KEPT = 32
# Of so many documents positions are read at once.
_AT_ONCE = 256


def lists_of(postings: FieldPostings) -> Lists:
    """The posting lists of a field where they lie."""
    starts, lists = postings.bounds, postings.lists
    return Lists(starts.values, starts.start, lists.values, lists.start, starts.file.pages)


def lexicon_of(postings: FieldPostings) -> Lexicon:
    """The terms of a field where they lie."""
    terms, bounds = postings.term_bytes, postings.term_bounds
    return Lexicon(terms.values, terms.start, bounds.values, bounds.start, lists_of(postings))


def places_by_doc(postings: FieldPostings, size: int) -> Sequence[int]:
    """By document, of so many, the place of its term in a lexicon where each has one."""
    return memoryview(term_places(lists_of(postings), size)).cast("I")


class _Lists(dict["FieldPostings", Lists]):
    """The posting lists of fields, each looked at where it lies when it is first asked for."""

    def __missing__(self, postings: FieldPostings) -> Lists:
        lists = self[postings] = lists_of(postings)
        return lists


def sketches_of(segment: SegmentView) -> Sketches | None:
    """The sketches of a segment where they lie."""
    if segment.sketches is None:
        return None
    sketches, order, starts = segment.sketches.arrays
    return Sketches(
        (sketches.values, sketches.start),
        (order.values, order.start),
        (starts.values, starts.start),
        sketches.file.pages,
        segment.parents,
        segment.lengths("body"),
        segment.deleted,
        segment.sketches.are_single,
    )


class SharingKeys:
    """As ``sharing.SharingKeys``, in C."""

    def __init__(self, segments: Sequence[SegmentView], rule: Rule) -> None:
        self._sketches = tuple(map(sketches_of, segments))
        self._rule = rule

    def shared(self, hits: Sequence[Scored], deadline: Deadline) -> Sequence[Place]:
        """Return those of some hits that something may share a key with."""
        return sharing_any(self._sketches, hits, deadline.left_seconds)

    def likely(self, place: Place, deadline: Deadline) -> Likely | None:
        """Return what is likely to be a copy of a passage; None where nothing shares a key."""
        segment, doc = place
        return sharing(self._sketches, segment, doc, self._rule, deadline.left_seconds)


class NativeKernel:
    """Serves one segment; see ``base.Kernel``. Counts are sets as well; threads may share it."""

    def __init__(self, segment: SegmentView, totals: Totals, settings: RankingSettings) -> None:
        #: By field, its posting lists.
        self.lists = _Lists()
        ids, lengths = segment.postings(GROUP_FIELD), lengths_of(segment)
        self.segment = Segment(
            segment.parents,
            *lengths[:4],
            segment.deleted,
            (
                settings.k1,
                settings.title_weight,
                settings.heading_weight,
                settings.article_title_weight,
            ),
            slopes(totals, settings),
            None if ids is None else self.lists[ids],
        )
        self._term = lru_cache(_MOST_KEPT)(self.segment.term)
        self._none = self.segment.any_of(())

    # Counts

    def counted(
        self, postings: FieldPostings, places: Sequence[int], within: Counts | None
    ) -> Counts:
        """Return how often any of the terms at some places of a lexicon occurs."""
        counts = self.having(postings, places)
        if within is not None and len(within) * _MUCH_LONGER < len(counts):
            return self.segment.within(counts, within)
        return counts

    def chained(self, parts: Sequence[Part], slop: int, deadline: Deadline) -> Counts:
        """Return how often the parts of a sequence stand in their order."""
        read = self._read(parts, {}, deadline)
        return self.segment.chained(read, None, slop, deadline.left_seconds)

    def chained_in(
        self, sequences: Iterable[Sequence[Part]], docs: Counts, deadline: Deadline
    ) -> Iterator[Counts]:
        """Yield how often each of some sequences stands in documents."""
        known: dict[tuple[FieldPostings, tuple[int, ...]], Counts] = {}
        for parts in sequences:
            read = self._read(parts, known, deadline)
            yield self.segment.chained(read, docs, 0, deadline.left_seconds)

    def _read(
        self,
        parts: Sequence[Part],
        known: dict[tuple[FieldPostings, tuple[int, ...]], Counts],
        deadline: Deadline,
    ) -> list[tuple[int, Counts]]:
        """Where the parts of a sequence stand, of which some may be known."""
        read = []
        for offset, postings, places in parts:
            deadline.left_seconds()
            if len(places) == 1:
                counts = self._term(self.lists[postings], places[0])
            else:
                key = postings, tuple(places)
                if key not in known:
                    known[key] = self.segment.positions(self.lists[postings], places)
                counts = known[key]
            read.append((offset, counts))
        return read

    def standing(
        self, parts: Sequence[Part], deadline: Deadline
    ) -> Iterator[tuple[int, list[tuple[int, list[int]]]]]:
        """Yield each document that holds all parts, with the offset and positions of each."""
        read = self._read(parts, {}, deadline)
        docs = self.all_of([counts for _, counts in read])
        for begin in range(0, len(docs), _AT_ONCE):
            for one in self.segment.standing(read, docs, begin, begin + _AT_ONCE):
                deadline.spend(len(parts))
                yield one

    def numbered(self, numbers: dict[int, int]) -> Counts:
        """Return counts that were found one by one."""
        return self.segment.numbered(sorted(numbers.items()))

    def added(self, counts: Sequence[Counts]) -> Counts:
        """Return the sums of counts."""
        if len(counts) == 1:
            return counts[0]
        return self.segment.added(counts) if counts else self._none

    def among(self, counts: Counts, docs: Sequence[int]) -> Iterable[int]:
        """Return those of a few documents that have counts."""
        return counts.among(docs)

    def of_articles(self, body: Counts, titles: Counts) -> Counts:
        """Return the counts of whole articles by record."""
        return self.segment.of_articles(body, titles)

    def spread(self, counts: Counts) -> Counts:
        """Return the counts of records for each of their paragraphs."""
        return self.segment.children(counts)

    @property
    def are_single(self) -> bool:
        """Whether each article is one paragraph, the document after its record; all are live."""
        return self.segment.are_single

    # Sets

    def having(self, postings: FieldPostings, places: Sequence[int]) -> Counts:
        """Return the documents that hold any of the terms at some places of a lexicon."""
        if len(places) == 1:
            return self._term(self.lists[postings], places[0])
        return self.segment.terms(self.lists[postings], places) if places else self._none

    def docs(self, counts: Counts) -> Counts:
        """Return the documents of counts."""
        return counts

    @cached_property
    def _passages(self) -> Counts:
        return self.segment.passages()

    def passages(self) -> Counts:
        """Return all paragraphs."""
        return self._passages

    def nothing(self) -> Counts:
        """Return no documents."""
        return self._none

    def records(self, found: Sequence[Sequence[int]]) -> Counts:
        """Return the live ones of some article records."""
        return self.segment.gathered([doc for docs in found for doc in docs])

    def articles(self, docs: Counts) -> Counts:
        """Return the records of the articles of paragraphs."""
        return self.segment.articles(docs)

    def children(self, records: Counts) -> Counts:
        """Return the paragraphs of articles."""
        return self.segment.children(records)

    def all_of(self, sets: Sequence[Counts]) -> Counts:
        """Return what is in each of one or more sets."""
        first, *others = sorted(sets, key=len)
        for other in others:
            first = self.segment.within(first, other)
        return first

    def any_of(self, sets: Sequence[Counts]) -> Counts:
        """Return what is in any set."""
        some = [docs for docs in sets if len(docs)]
        if len(some) < 2:
            return some[0] if some else self._none
        return self.segment.any_of(some)

    def without(self, docs: Counts, others: Counts) -> Counts:
        """Return what is in the first set and not in the second."""
        return self.segment.without(docs, others)

    def size(self, docs: Counts) -> int:
        """Return how many documents a set holds."""
        return len(docs)

    # Values of articles

    def by_article(self, docs: Counts) -> Mapping[int, int]:
        """Return how many of some paragraphs each article record has that has any."""
        return self.segment.by_article(docs)

    def tallied(
        self,
        docs: Counts,
        postings: FieldPostings,
        places: range,
        most: int | None,
        deadline: Deadline,
    ) -> tuple[Sequence[tuple[int, int]], int]:
        """Count the paragraphs of the articles whose records hold each of some terms."""
        deadline.left_seconds()
        return self.segment.tallied(
            docs,
            self.lists[postings],
            places.start,
            places.stop,
            len(places) if most is None else most,
            deadline.left_seconds,
        )

    # Scores

    def scores(
        self, docs: Counts, units: Sequence[tuple[UnitCounts, UnitWeight]], deadline: Deadline
    ) -> Scores:
        """Return the sums of what units give to documents."""
        return self.segment.scores(docs, units, deadline.is_over)

"""The order of hits: scores, ids and dates of articles, without reading what is stored."""

from __future__ import annotations

import sys
from array import array
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from indexer.storage.records import GROUP_FIELD
from indexer.text.analysis import encoded
from indexer.tuples import NamedTuple
from search.request import Sort

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import TypeAlias

    from indexer.storage.postings import FieldPostings
    from indexer.storage.segment import SegmentView
    from search.backends.kernels.base import Scores

    Scored: TypeAlias = "tuple[Place, float]"


_FEW = 1_000


class Place(NamedTuple):
    """A document of an index of several segments."""

    segment: int
    doc: int


class Ordering:
    """Sorts the documents of some segments; what it learns of them is small and kept."""

    def __init__(self, segments: Sequence[SegmentView]) -> None:
        self._keys = [_SegmentKeys(segment) for segment in segments]

    def best(self, scores: Sequence[Scores], sort: Sort, wanted: int | None) -> list[Scored]:
        """The first wanted documents in an order (None: all), given the scores by segment.

        Equals are by article and number.
        """
        found = [
            (Place(segment, doc), score)
            for segment, of_docs in enumerate(scores)
            for doc, score in (
                of_docs.items()
                if sort is not Sort.SCORE or wanted is None
                else of_docs.best(wanted)
                if wanted
                else ()
            )
        ]

        def article(scored: Scored) -> tuple[bytes, int]:
            # Within an article, documents are in the order of their numbers.
            return self.article_id(scored[0]), scored[0].doc

        match sort:
            case Sort.SCORE:
                found.sort(key=lambda scored: -scored[1])
                self._sort_equals(found, article, len(found) if wanted is None else wanted)
            case Sort.ARTICLE:
                found.sort(key=article)
            case Sort.DATE:
                found.sort(key=lambda scored: (-self._day(scored[0]), -scored[1], *article(scored)))
        return found if wanted is None else found[:wanted]

    @staticmethod
    def _sort_equals(
        found: list[Scored], article: Callable[[Scored], tuple[bytes, int]], wanted: int
    ) -> None:
        """Sort those of equal scores, as far as they are wanted; only they need be looked up."""
        start = 0
        while start < min(wanted, len(found)):
            end = start + 1
            while end < len(found) and found[end][1] == found[start][1]:
                end += 1
            if end - start > 1:
                found[start:end] = sorted(found[start:end], key=article)
            start = end

    def thinned(self, found: Iterable[Scored], per_article: int) -> list[Scored]:
        """The first documents of each article."""
        seen: dict[bytes, int] = {}
        kept = []
        for scored in found:
            article_id = self.article_id(scored[0])
            seen[article_id] = seen.get(article_id, 0) + 1
            if seen[article_id] <= per_article:
                kept.append(scored)
        return kept

    def article_id(self, place: Place) -> bytes:
        """The id of a document's article, as a term of the index; those sort as the ids do."""
        return self._keys[place.segment].article_id(place.doc)

    def _day(self, place: Place) -> int:
        return self._keys[place.segment].day(place.doc)


class _SegmentKeys:
    """What documents of one segment are sorted by.

    The first few are read from what is stored; who asks for many gets small arrays of all.
    """

    def __init__(self, segment: SegmentView) -> None:
        self._segment = segment
        self._asked = 0

    def article_id(self, doc: int) -> bytes:
        record = self._segment.parents[doc]
        self._asked += 1
        if self._asked <= _FEW:
            return encoded(self._segment.article(record).article_id)
        postings = self._segment.postings(GROUP_FIELD)
        assert postings is not None, "every document has an article"
        return postings.term(self._id_places[record])

    def day(self, doc: int) -> int:
        """The day an article was published, as a number; 0 if that is unknown."""
        return self._days[self._segment.parents[doc]]

    @cached_property
    def _id_places(self) -> Sequence[int]:
        """By record, the place of its id in the lexicon."""
        postings = self._segment.postings(GROUP_FIELD)
        if postings is not None and "numpy" in sys.modules:
            from indexer.storage.packing import places_by_doc  # noqa: PLC0415 - it loads numpy

            return array("Q", places_by_doc(postings, len(self._segment)).tobytes())
        return self._by_record(postings, lambda place: place)

    @cached_property
    def _days(self) -> Sequence[int]:
        """By record, the day it was published."""
        postings = self._segment.postings("published")

        def day(place: int) -> int:
            assert postings is not None
            return date.fromisoformat(postings.term(place).decode()).toordinal()

        return self._by_record(postings, day)

    def _by_record(
        self, postings: FieldPostings | None, value: Callable[[int], int]
    ) -> Sequence[int]:
        """By record, what is made of the place of its term."""
        values = array("I", bytes(4 * len(self._segment)))
        for place in range(len(postings) if postings else 0):
            assert postings is not None
            of_term = value(place)
            for record in postings.docs(place):
                values[record] = of_term
        return values

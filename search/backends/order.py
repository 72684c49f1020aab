"""The order of hits: scores, ids and dates of articles, without reading what is stored."""

from __future__ import annotations

import sys
from array import array
from datetime import date
from functools import cached_property
from heapq import nsmallest
from typing import TYPE_CHECKING, Protocol

from indexer.storage.records import GROUP_FIELD
from indexer.text.analysis import encoded
from search.backends.base import Place
from search.request import Sort

try:
    from search.backends.kernels import native
except ImportError:  # there was no compiler
    native = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from indexer.storage.postings import FieldPostings
    from indexer.storage.segment import SegmentView
    from search.backends.base import Scored
    from search.backends.kernels.base import Scores
    from search.deadline import Deadline


# To look up the members of an enumeration takes a while.
_BY_SCORE, _BY_DATE = Sort.SCORE, Sort.DATE
_FEW = 1_000
# Of the time left, what may be taken to look at documents; the rest is for sorting them.
_LOOKING = 0.4
# So many are looked at between two looks at the clock.
_AT_ONCE = 1_024


class Keys(Protocol):
    """What the documents of one segment are sorted by beside their scores."""

    def article_id(self, doc: int) -> bytes:
        """The id of a document's article, as a term of the index."""

    def day(self, doc: int) -> int:
        """The day an article was published, as a number; 0 if that is unknown."""


class Ordering:
    """Sorts the documents of some segments; what it learns of them is small and kept."""

    def __init__(self, keys: Sequence[Keys]) -> None:
        self._keys = keys

    @classmethod
    def of(cls, segments: Iterable[SegmentView]) -> Ordering:
        """An ordering of the documents of segments."""
        return cls([_SegmentKeys(segment) for segment in segments])

    def best(
        self, scores: Sequence[Scores], sort: Sort, wanted: int | None, deadline: Deadline
    ) -> list[Scored]:
        """The first wanted documents in an order (None: all), given the scores by segment.

        Equals are by article and number. When the time is over, those that were looked at.
        """
        if sort is _BY_SCORE:
            found = None if wanted is None or wanted > _FEW else self._ordered(scores, wanted)
            if found is not None:
                return found
        in_time = self._in_time(scores, sort, wanted, deadline)
        if sort is _BY_SCORE:
            found = sorted(in_time, key=_by_score)
            self._sort_equals(found, len(found) if wanted is None else wanted)
            return found if wanted is None else found[:wanted]
        key: Callable[[Scored], tuple[object, ...]] = self._by_article
        if sort is _BY_DATE:
            key = lambda scored: (  # noqa: E731
                -self._day(scored[0]),
                -scored[1],
                *self._by_article(scored),
            )
        if wanted is None or wanted > _FEW:
            return sorted(in_time, key=key)[:wanted]
        return nsmallest(wanted, in_time, key=key)

    def _ordered(self, scores: Sequence[Scores], wanted: int) -> list[Scored] | None:
        """The first wanted documents by score, None unless all segments know their own order."""
        found: list[Scored] = []
        new = tuple.__new__  # in a third of the time that the names of the fields take
        for segment, of_docs in enumerate(scores):
            ordered = of_docs.ordered(wanted)
            if ordered is None:
                return None
            found += [(new(Place, (segment, doc)), score) for doc, score in ordered]
        if len(scores) > 1:
            found.sort(key=_by_score)  # equals stay as they are in each segment
            self._sort_equals(found, wanted, are_sorted=True)
        return found[:wanted]

    def _by_article(self, scored: Scored) -> tuple[bytes, int]:
        # Within an article, documents are in the order of their numbers.
        return self.article_id(scored[0]), scored[0].doc

    @staticmethod
    def _in_time(
        scores: Sequence[Scores], sort: Sort, wanted: int | None, deadline: Deadline
    ) -> Iterator[Scored]:
        """Yield the documents that may be wanted, as long as there is time.

        Time is left to sort them, which takes about as long as to look at them.
        """
        looking = deadline.rest(_LOOKING)
        for segment, of_docs in enumerate(scores if wanted != 0 else ()):
            is_all = wanted is None or sort is not _BY_SCORE
            found = of_docs.items() if is_all else of_docs.best(wanted or 0)
            for number, (doc, score) in enumerate(found):
                if number % _AT_ONCE == _AT_ONCE - 1 and looking.is_over():
                    return
                yield Place(segment, doc), score

    def _sort_equals(self, found: list[Scored], wanted: int, *, are_sorted: bool = False) -> None:
        """Sort those of equal scores, as far as they are wanted; only they need be looked up.

        are_sorted tells that those of one segment have their order.
        """
        start = 0
        while start < min(wanted, len(found)):
            end = start + 1
            while end < len(found) and found[end][1] == found[start][1]:
                end += 1
            is_one_segment = found[start][0].segment == found[end - 1][0].segment
            if end - start > 1 and not (are_sorted and is_one_segment):
                found[start:end] = sorted(found[start:end], key=self._by_article)
            start = end

    def thinned(
        self, found: Iterable[Scored], per_article: int, deadline: Deadline
    ) -> list[Scored]:
        """The first documents of each article, of as many as are looked at in time."""
        seen: dict[bytes, int] = {}
        kept: list[Scored] = []
        for number, scored in enumerate(found):
            if number % _AT_ONCE == _AT_ONCE - 1 and deadline.is_over():
                break
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


def _by_score(scored: Scored) -> float:
    return -scored[1]


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
            return encoded(self._segment.article_id(record))
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
        if postings is not None and native is not None:
            return native.places_by_doc(postings, len(self._segment))
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

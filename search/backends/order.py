"""The order of hits: scores, ids and dates of articles, without reading what is stored."""

from __future__ import annotations

from array import array
from datetime import date
from functools import cached_property
from heapq import nlargest
from typing import TYPE_CHECKING, NamedTuple

from indexer.storage.records import GROUP_FIELD
from indexer.text.analysis import encoded
from search.request import Sort

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from indexer.storage.segment import SegmentView


_FEW = 1_000


class Place(NamedTuple):
    """A document of an index of several segments."""

    segment: int
    doc: int


class Ordering:
    """Sorts the documents of some segments; what it learns of them is small and kept."""

    def __init__(self, segments: Sequence[SegmentView]) -> None:
        self._keys = [_SegmentKeys(segment) for segment in segments]

    def best(
        self, scores: Sequence[Mapping[int, float]], sort: Sort, wanted: int | None
    ) -> list[Place]:
        """The first wanted documents in an order (None: all), given the scores by segment.

        Equals are by article and number.
        """
        if sort is Sort.SCORE and wanted is not None:
            least = _threshold(scores, wanted)
            places = [
                Place(segment, doc)
                for segment, of_docs in enumerate(scores)
                for doc, score in of_docs.items()
                if score >= least
            ]
        else:
            places = [Place(at, doc) for at, of_docs in enumerate(scores) for doc in of_docs]

        def article(place: Place) -> tuple[bytes, int]:
            # Within an article, documents are in the order of their numbers.
            return self.article_id(place), place.doc

        match sort:
            case Sort.SCORE:
                places.sort(key=lambda at: (-scores[at.segment][at.doc], *article(at)))
            case Sort.ARTICLE:
                places.sort(key=article)
            case Sort.DATE:
                places.sort(
                    key=lambda at: (-self._day(at), -scores[at.segment][at.doc], *article(at))
                )
        return places if wanted is None else places[:wanted]

    def thinned(self, places: Iterable[Place], per_article: int) -> list[Place]:
        """The first places of each article."""
        seen: dict[bytes, int] = {}
        kept = []
        for place in places:
            article_id = self.article_id(place)
            seen[article_id] = seen.get(article_id, 0) + 1
            if seen[article_id] <= per_article:
                kept.append(place)
        return kept

    def article_id(self, place: Place) -> bytes:
        """The id of a document's article, as a term of the index; those sort as the ids do."""
        return self._keys[place.segment].article_id(place.doc)

    def _day(self, place: Place) -> int:
        return self._keys[place.segment].day(place.doc)


def _threshold(scores: Sequence[Mapping[int, float]], wanted: int) -> float:
    """The least score of the best wanted documents; all are above it if there are fewer."""
    if not wanted:
        return float("inf")
    if sum(map(len, scores)) <= wanted:
        return float("-inf")
    return nlargest(wanted, (score for of_docs in scores for score in of_docs.values()))[-1]


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
    def _id_places(self) -> array[int]:
        """By record, the place of its id in the lexicon."""
        return self._by_record(GROUP_FIELD, lambda place, _term: place)

    @cached_property
    def _days(self) -> array[int]:
        """By record, the day it was published."""
        return self._by_record(
            "published", lambda _place, term: date.fromisoformat(term.decode()).toordinal()
        )

    def _by_record(self, field: str, value: Callable[[int, bytes], int]) -> array[int]:
        values = array("I", bytes(4 * len(self._segment)))
        postings = self._segment.postings(field)
        for place in range(len(postings) if postings else 0):
            assert postings is not None
            of_term = value(place, postings.term(place))
            for record in postings.docs(place):
                values[record] = of_term
        return values

"""Where the articles and passages stand that ids name, in some segments."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from indexer.storage.records import GROUP_FIELD
from search.backends.base import Place
from search.ids import printed_expression

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from indexer.storage.segment import SegmentView
    from search.deadline import Deadline
    from search.ids import PassageName

# Steps of the deadline, a microsecond or so each: to look at an id, and to read a paragraph.
_STEPS_OF_AN_ID = 1
_STEPS_OF_A_PARAGRAPH = 2


class Names:
    """Finds the articles of some segments by their ids."""

    def __init__(self, segments: Sequence[SegmentView]) -> None:
        self._segments = segments

    def article(self, article_id: str, deadline: Deadline) -> Place | None:
        """The record of an article by its id, as it is or as it is printed."""
        for number, segment in enumerate(self._segments):
            for record in segment.records_with(GROUP_FIELD, article_id):
                return Place(number, record)
        for number, segment in enumerate(self._segments):
            for record in _records_printed(segment, article_id, deadline):
                return Place(number, record)
        return None

    def named(
        self, names: Collection[str], deadline: Deadline
    ) -> Mapping[str, Sequence[tuple[str, Place]]]:
        """The articles whose ids are paths that end with a name, by name and in order of id."""
        found: dict[str, list[tuple[str, Place]]] = {}
        for number, segment in enumerate(self._segments):
            for article_id, record in _articles(segment, deadline):
                name = article_id.rpartition("/")[2]
                if name in names:
                    found.setdefault(name, []).append((article_id, Place(number, record)))
        return {name: sorted(places) for name, places in found.items()}


def passages_named(segment: SegmentView, name: PassageName, deadline: Deadline) -> Iterable[int]:
    """The passage of a segment that has an article and a digest, or else a number; or none."""
    for record in (
        *segment.records_with(GROUP_FIELD, name.article_id),
        *_records_printed(segment, name.article_id, deadline),
    ):
        docs = segment.children(record)
        digests = digests_in(segment, docs, deadline)
        by_digest = (doc for doc, own in zip(docs, digests, strict=True) if own == name.mark)
        doc = next(by_digest, record + (name.number or 0))
        if doc in docs:
            yield doc


def digests_in(segment: SegmentView, docs: Iterable[int], deadline: Deadline) -> Iterator[str]:
    """Yield the digests of some paragraphs."""
    for doc in docs:
        deadline.spend(_STEPS_OF_A_PARAGRAPH)
        yield segment.digest(doc)


def _records_printed(segment: SegmentView, article_id: str, deadline: Deadline) -> Iterator[int]:
    """Yield the articles whose ids are printed as this one and are others."""
    printed = printed_expression(article_id)
    if printed is not None:
        fits = re.compile(printed).fullmatch
        for own, record in _articles(segment, deadline):
            if fits(own) and own != article_id:
                yield record


def _articles(segment: SegmentView, deadline: Deadline) -> Iterator[tuple[str, int]]:
    """Yield the id and the record of each live article."""
    postings = segment.postings(GROUP_FIELD)
    for place in range(len(postings) if postings else 0):
        assert postings is not None
        deadline.spend(_STEPS_OF_AN_ID)
        for record in postings.docs(place):
            if record not in segment.deleted:
                yield postings.term(place).decode("utf-8", "surrogatepass"), record

"""The segments of an opened index as the search sees them: only live documents, exact statistics.

All of Whoosh that a search touches is here: the segment readers and their arrays.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING, Any

from indexer.schema import GROUP_FIELD, ArticleRecord, paragraph_from_stored
from search.ranking import Lengths, Totals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from indexer.codec import FieldPostings, FlatSegmentReader
    from indexer.model import Paragraph


class SegmentView:
    """One segment without its deleted documents."""

    def __init__(self, reader: FlatSegmentReader) -> None:
        self._reader = reader
        self.deleted: set[int] = reader.segment().deleted
        self.parents: memoryview[int] = reader.documents.parents
        self.postings: Callable[[str], FieldPostings | None] = reader.field_postings

    @cached_property
    def passages(self) -> frozenset[int]:
        """The live paragraphs."""
        records = set(self.records)
        return frozenset(
            doc
            for doc in range(self._reader.doc_count_all())
            if doc not in records and doc not in self.deleted
        )

    @cached_property
    def records(self) -> list[int]:
        """The live article records, in order."""
        postings = self.postings(GROUP_FIELD)
        if postings is None:
            return []
        docs = sorted(doc for place in range(len(postings)) for doc in postings.docs(place))
        return [doc for doc in docs if doc not in self.deleted]

    def children(self, record: int) -> range:
        """The paragraphs of an article record."""
        return range(record + 1, bisect_right(self.parents, record, record))

    def lengths(self, name: str) -> memoryview[int] | list[int]:
        """The named lengths by document; zeros where no document has any."""
        lengths = self._reader.documents.lengths(name)
        return [0] * self._reader.doc_count_all() if lengths is None else lengths

    def all_lengths(self) -> Lengths:
        """The lengths that ranking needs."""
        return Lengths(
            body=self.lengths("body"),
            headings=self.lengths("headings"),
            titles=self.lengths("title"),
            articles=self.lengths("article"),
            parents=self.parents,
        )

    def live_length(self, name: str) -> int:
        """The sum of the named lengths over live documents."""
        total: int = self._reader.documents.field_length(name)
        if self.deleted and total:
            lengths = self.lengths(name)
            total -= sum(lengths[doc] for doc in self.deleted)
        return total

    def fuzzy_terms(self, field: str, text: str, distance: int) -> Iterable[str]:
        """The terms of a field at most distance edits away from text."""
        terms: Iterable[str] = self._reader.terms_within(field, text, distance)
        return terms

    def _record(self, doc: int) -> dict[str, Any]:
        record: dict[str, Any] = self._reader.documents.stored_fields(doc).get("record", {})
        return record

    def article(self, record: int) -> ArticleRecord:
        """The article of a record."""
        return ArticleRecord.from_stored(self._record(record))

    def paragraph(self, doc: int, article_id: str) -> Paragraph:
        """The paragraph of a document."""
        return paragraph_from_stored(self._record(doc), article_id)


def totals_of(segments: Iterable[SegmentView]) -> Totals:
    """The sums over segments that ranking needs."""
    passages = articles = body = headings = by_passage = by_article = 0
    for segment in segments:
        articles += len(segment.records)
        passages += len(segment.parents) - len(segment.deleted) - len(segment.records)
        body += segment.live_length("body")
        headings += segment.live_length("headings")
        by_article += segment.live_length("title")
        titles = segment.lengths("title")
        by_passage += sum(
            titles[record] * len(segment.children(record))
            for record in segment.records
            if titles[record]
        )
    return Totals(passages, articles, body, headings, by_passage, by_article)


def languages_of(segments: Iterable[SegmentView]) -> tuple[str, ...]:
    """The languages of the live articles, sorted."""
    return tuple(sorted(set(_language_terms(segments)))) or ("",)


def _language_terms(segments: Iterable[SegmentView]) -> Iterator[str]:
    for segment in segments:
        postings = segment.postings("language")
        if postings is not None:
            for place in range(len(postings)):
                if any(doc not in segment.deleted for doc in postings.docs(place)):
                    yield postings.term(place).decode()

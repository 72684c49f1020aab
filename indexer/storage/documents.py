"""What belongs to documents: parents, lengths, languages, sources, stored records; being read.

Each stored record is encoded by itself, see ``coding``, or those of a small segment lie in blocks,
see ``blocks``; what all paragraphs of an article share is stored once. ``table`` writes it.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol

from indexer.model import BlockKind, Fingerprint, Lines, Paragraph
from indexer.remembering import remembered
from indexer.storage.records import (
    StoredArticle,
    paragraph_of,
    stored_digest,
    stored_id,
    stored_text,
    unreadable,
)
from indexer.storage.sketches import SKETCHES, Sketches
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.errors import IndexFormatError
    from indexer.model import ArticleRecord
    from indexer.storage.arrays import ArrayFile
    from indexer.storage.passages import Records

DOCUMENTS_EXT = ".doc"

_KEPT_SOURCES = 256
_KEPT_ARTICLES = 1_024
# Who reads more records than this will read many.
_FEW_TIMES = 64
# What has the bounds of words, where records are codes of words.
_WORD_OFFSETS = "word_offsets"


class Source(NamedTuple):
    """Where an article was read from.

    Attributes:
        origin: the absolute path.
        source: the path as the user named it.
        fingerprint: the file as it was then; None where that is not known.
    """

    origin: str
    source: str
    fingerprint: Fingerprint | None = None

    @classmethod
    def of(cls, raw: bytes) -> Source:
        """The source that is stored so; ValueError or TypeError if it is none.

        What an earlier version stored has no fingerprint.
        """
        origin, source, *fingerprint = json.loads(raw)
        if not fingerprint:
            return cls(str(origin), str(source))
        size_bytes, modified_ns, digest = fingerprint
        if not size_bytes.__class__ is modified_ns.__class__ is int or digest.__class__ is not str:
            raise ValueError("no fingerprint of a file")
        return cls(str(origin), str(source), Fingerprint(size_bytes, modified_ns, digest))

    def stored(self) -> bytes:
        """It as it is stored: a list in JSON."""
        return json.dumps([self.origin, self.source, *(self.fingerprint or ())]).encode()


NO_SOURCE = Source("", "")


class StoredRecords(Protocol):
    """The stored records of a segment; IndexFormatError where a page of them was changed."""

    def record(self, doc: int, /) -> bytes:
        """Return the record of a document; ValueError or IndexError if it is damaged."""

    def records(self, first: int, end: int, /) -> list[bytes]:
        """Return the records of some documents; as record()."""


class Documents:
    """The documents of one segment, deleted ones included.

    Attributes:
        parents: the number of each one's article record.
        sources: by document, the number of its source from 1; 0 if it has none.
        codes: the languages there are.
        languages: by document, the place of its own among those.
        records: how many of them are article records.
        are_single: whether each article is known to be one paragraph.
        fields: those that have lengths.
        sketches: those of the paragraphs; None where nothing is known of copies.

    Raises: IndexFormatError unless the file holds so many documents.
    """

    def __init__(self, arrays: ArrayFile, count: int) -> None:
        self._arrays = arrays
        self.parents = arrays["parents"]
        self._lazily = tuple(map(arrays.lazily, ("sources", "languages")))
        self.sources: Sequence[int] = self._lazily[0]
        self.languages: Sequence[int] = self._lazily[1]
        self._asked = 0
        self._articles: dict[int, StoredArticle] = {}
        self._source_offsets = arrays["source_offsets"]
        self._source_names = arrays["source_names"]
        facts = arrays.facts
        try:
            self.codes: tuple[str, ...] = tuple(map(str, facts["languages"]))
            self._sums = {name: int(total) for name, total in facts["lengths"].items()}
            self.records = int(facts["records"])
            self.are_single = facts.get("single") is True
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise arrays.damaged("its directory makes no sense") from error
        self.fields = tuple(self._sums)
        self._source = remembered(self, Documents._read_source, _KEPT_SOURCES)
        by_document = (
            *(self.parents, self.sources, self.languages),
            *(arrays.lazily(f"length/{field}") for field in self._sums),
        )
        if not (
            all(len(values) == count for values in by_document)
            and self._source_offsets[-1] == len(self._source_names)
        ):
            raise arrays.damaged(f"it does not hold {count} documents")
        self._compiled: Records | None = None
        self._records: StoredRecords = self._read_records()
        self.sketches: Sketches | None = None
        if SKETCHES in arrays:
            paragraphs = count - self.records
            self.sketches = Sketches(arrays, self.parents, paragraphs, are_single=self.are_single)

    @property
    def sizes_bytes(self) -> dict[str, int]:
        """How large each array is."""
        return {name: self._arrays.size_bytes(name) for name in self._arrays.names()}

    def lengths(self, field: str) -> memoryview[int] | None:
        """Return the lengths of a field by document; None if no document has one."""
        return self._arrays[f"length/{field}"] if field in self._sums else None

    def total_length(self, field: str) -> int:
        """Return the sum of a field's lengths."""
        return self._sums.get(field, 0)

    @property
    def language_places(self) -> memoryview[int]:
        """By document, the place of its language; the same as languages, all of it looked at."""
        return self._arrays["languages"]

    def language(self, doc: int) -> str:
        """Return the language of a document's article."""
        number = self.languages[doc]
        if number >= len(self.codes):
            raise self._unreadable(doc)
        return self.codes[number]

    def source(self, doc: int) -> Source:
        """Return where a document's article was read from."""
        try:
            return self._source(self.sources[doc])
        except ValueError as error:
            raise self._unreadable(doc) from error

    def all_sources(self) -> list[Source]:
        """Return all sources in the order of their numbers."""
        return list(map(self._source, range(1, len(self._source_offsets))))

    def _read_source(self, number: int) -> Source:
        """The source of a number; ValueError if there is none."""
        if not number:
            return NO_SOURCE
        if number >= len(self._source_offsets):
            raise ValueError(f"there is no source {number}")
        raw = self._source_names[self._source_offsets[number - 1] : self._source_offsets[number]]
        try:
            return Source.of(raw.tobytes())
        except (ValueError, TypeError) as error:
            fault = f"the name of source {number - 1} cannot be read"
            raise self._arrays.damaged(fault) from error

    def children(self, record: int) -> range:
        """Return the paragraphs of an article record."""
        parents, end = self.parents, record + 2
        if end >= len(parents) or parents[end] != record:  # it has one at most, as most may have
            has_one = end <= len(parents) and parents[end - 1] == record
            return range(record + 1, end if has_one else record + 1)
        return range(record + 1, bisect_right(parents, record, end))

    def article(self, record: int) -> ArticleRecord:
        """Return the article of a record; IndexFormatError if it cannot be read."""
        return self._read_article(record).record

    def stored_article(self, record: int) -> StoredArticle:
        """Return the same to be read when it is looked at, which is kept; errors as article()."""
        article = self._articles.get(record)
        if article is None:
            article = self._known_articles()[record] = self._read_article(record)
        return article

    def _read_article(self, record: int) -> StoredArticle:
        stored = self.stored(record)
        try:
            article_id = stored_id(stored)
        except ValueError as error:
            raise self._unreadable(record) from error
        return StoredArticle(
            stored,
            article_id,
            self.language(record),
            self.source(record),
            len(self.children(record)),
            (self._arrays.name, record),
            [],
        )

    def article_id(self, record: int) -> str:
        """Return the id of an article by its record; IndexFormatError if it cannot be read."""
        try:
            return stored_id(self.stored(record))
        except ValueError as error:
            raise self._unreadable(record) from error

    def paragraph(self, doc: int, article_id: str) -> Paragraph:
        """Return the paragraph of a document; IndexFormatError if it cannot be read."""
        try:
            return paragraph_of(self.stored(doc), article_id, doc - self.parents[doc])
        except (ValueError, TypeError, KeyError) as error:
            raise self._unreadable(doc) from error

    def text(self, doc: int) -> str:
        """Return the text of a paragraph; IndexFormatError if it cannot be read."""
        try:
            return stored_text(self.stored(doc))
        except ValueError as error:
            raise self._unreadable(doc) from error

    def digest(self, doc: int) -> str:
        """Return the digest of a paragraph; IndexFormatError if it cannot be read."""
        try:
            return stored_digest(self.stored(doc))
        except ValueError as error:
            raise self._unreadable(doc) from error

    def passages(self, docs: Sequence[int]) -> list[tuple[StoredArticle, Paragraph]]:
        """Return some paragraphs, each with its article; IndexFormatError if one cannot be read."""
        if self._compiled is None:
            return self._passages_one_by_one(docs)
        known = self._known_articles()
        try:
            return self._compiled.passages(docs, known, self.stored_article, self.paragraph)
        except ValueError:  # which is damaged is told there
            return self._passages_one_by_one(docs)

    def _passages_one_by_one(self, docs: Sequence[int]) -> list[tuple[StoredArticle, Paragraph]]:
        """As passages(), where nothing is compiled or records lie in blocks."""
        found = []
        for doc in docs:
            article = self.stored_article(self.parents[doc])
            found.append((article, self.paragraph(doc, article.article_id)))
        return found

    def _known_articles(self) -> dict[int, StoredArticle]:
        """By record, articles that are kept, as what they say of themselves is read once then.

        Threads may add to them at the same time.
        """
        if len(self._articles) >= _KEPT_ARTICLES:
            self._articles.clear()
        return self._articles

    def _unreadable(self, doc: int) -> IndexFormatError:
        return unreadable(self._arrays.name, doc)

    def stored(self, doc: int) -> bytes:
        """Return the stored record of a document; IndexFormatError if it cannot be read."""
        if self._lazily:
            self._asked += 1
            if self._asked > _FEW_TIMES:
                self._look_at_all()
        try:
            return self._records.record(doc)
        except (ValueError, IndexError) as error:
            raise self._unreadable(doc) from error

    def _look_at_all(self) -> None:
        """Look at what is read of each document no more after this; several threads may."""
        lazily = self._lazily
        for values in lazily:
            values.look_at(0, len(values))
        if lazily:
            self.sources, self.languages = (one.values for one in lazily)
            self._lazily = ()

    def all_stored(self, first: int, end: int) -> list[bytes]:
        """Return the stored records of some documents; IndexFormatError if one cannot be read."""
        try:
            return self._records.records(first, end)
        except (ValueError, IndexError):  # which is damaged is told there
            return list(map(self.stored, range(first, end)))

    # Codes

    def _read_records(self) -> StoredRecords:
        """What reads the records; IndexFormatError if there are not as many."""
        arrays, count = self._arrays, len(self.parents)
        if _WORD_OFFSETS not in arrays:
            from indexer.storage.blocks import BlockRecords  # noqa: PLC0415 - of small segments

            return BlockRecords(arrays, count)
        stored, offsets = arrays.lazily("stored"), arrays.lazily("stored_offsets")
        words, bounds = arrays["words"], arrays[_WORD_OFFSETS]
        if not (
            len(offsets) == count + 1
            and offsets[count] == len(stored)
            and len(bounds) > 0
            and bounds[-1] == len(words)
        ):
            raise arrays.damaged(f"it does not hold {count} documents")
        try:
            from indexer.storage.passages import Records  # noqa: PLC0415 - not of small segments
        except ImportError:  # there was no compiler
            from indexer.storage.decoding import CodedRecords  # noqa: PLC0415 - where it must do

            return CodedRecords(offsets, stored, words.tobytes(), bounds)
        sources, languages = map(arrays.lazily, ("sources", "languages"))
        self._compiled = Records(
            self.parents,
            (offsets.values, offsets.start),
            (stored.values, stored.start),
            (sources.values, sources.start),
            (languages.values, languages.start),
            words,
            bounds,
            arrays.pages,
            (Lines, Paragraph, BlockKind.PARAGRAPH),
            (StoredArticle, self.codes, self._source, arrays.name),
        )
        return self._compiled

    @property
    def vocabulary(self) -> Sequence[bytes] | None:
        """The words that records are codes of; None where they lie in blocks.

        Raises: IndexFormatError if they are no vocabulary.
        """
        if _WORD_OFFSETS not in self._arrays:
            return None
        words = self._arrays["words"].tobytes()
        return [words[start:end] for start, end in pairwise(self._arrays[_WORD_OFFSETS])]

    @property
    def stored_bytes(self) -> int:
        """How many bytes the records take as they are stored."""
        return self._arrays.size_bytes("stored")

    def encoded(self, first: int, end: int) -> tuple[memoryview[int], list[int]]:
        """Return the codes of some documents, one behind the other, and how many each has."""
        bounds = self._arrays.lazily("stored_offsets").take(first, end + 1)
        sizes = [after - before for before, after in pairwise(bounds)]
        if min(sizes, default=0) < 0:
            raise self._unreadable(first)
        return self._arrays.lazily("stored").take(bounds[0], bounds[-1]), sizes

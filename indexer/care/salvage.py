"""What is whole in a damaged documents file: articles that prove themselves.

Where records lie in blocks, checksums of pages are not asked: a page holds parts of several blocks,
of which one is damaged. A block has a checksum of its own, by zlib; where a record ends is right if
what stands there is one. Records that are encoded by themselves, and the words that they are made
of, must be in pages that are whole. The text of a paragraph must have its digest. So one changed
byte costs the articles of one block, two kilobytes of text, or those of one page, nine of them;
where it is among the words, those that have words of that page.
"""

from __future__ import annotations

import zlib
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from indexer.errors import IndexFormatError
from indexer.paragraphs import digest_of
from indexer.storage.arrays import ArrayFile, CheckedArray
from indexer.storage.blocks import BLOCK_FIRST
from indexer.storage.decoding import decoded
from indexer.storage.documents import Source
from indexer.storage.records import article_of, paragraph_of

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence

    from indexer.model import ArticleRecord, Paragraph
    from indexer.storage.manifest import FileState

_FAULTS = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError)


class Saved(NamedTuple):
    """An article that is whole.

    Attributes:
        doc: the document of its record.
        record, paragraphs: itself.
    """

    doc: int
    record: ArticleRecord
    paragraphs: tuple[Paragraph, ...]


def whole_articles(
    path: str, deleted: Container[int], known: Mapping[str, FileState]
) -> Iterator[Saved]:
    """Yield the articles of a documents file that are whole, in their order.

    Args:
        path: the file; nothing comes of one that is gone or has no end.
        deleted: documents to leave out.
        known: the files that articles may be of where it is not certain which it is.
    """
    try:
        remains = _Remains(ArrayFile.remains(path), known)
    except (IndexFormatError, OSError):
        return
    record, raws = -1, list[bytes]()  # of the article at hand; -1 where it is not whole

    def finished() -> Iterator[Saved]:
        article = remains.article(record, raws) if record >= 0 else None
        if article is not None:
            yield article

    for doc, raw in remains.documents():
        if raw is None or doc in deleted:
            # What is deleted is so with all of its article.
            if doc in deleted or remains.is_record(doc):
                yield from finished()
            record = -1
        elif raw.startswith(b'"'):
            yield from finished()
            record, raws = doc, [raw]
        elif record >= 0:
            raws.append(raw)
    yield from finished()


class _Remains:
    """A documents file of which anything may be wrong; IndexFormatError if an array is missing."""

    def __init__(self, arrays: ArrayFile, known: Mapping[str, FileState]) -> None:
        self._arrays = arrays
        self._known = known
        self._stored = arrays.unchecked("stored")
        self._offsets = arrays.unchecked("stored_offsets")
        self._parents = arrays.unchecked("parents")
        self._numbers = {name: arrays.unchecked(name) for name in ("sources", "languages")}
        self._source_offsets = arrays.unchecked("source_offsets")
        self._source_names = arrays.unchecked("source_names")
        self._codes: Sequence[str] = arrays.facts.get("languages", ("",))

    def documents(self) -> Iterator[tuple[int, bytes | None]]:
        """Yield every document with its stored record, None where that is damaged."""
        return self._in_blocks() if BLOCK_FIRST in self._arrays else self._encoded()

    def _in_blocks(self) -> Iterator[tuple[int, bytes | None]]:
        count, due = len(self._parents), 0
        block_first = self._arrays.unchecked(BLOCK_FIRST)
        block_offsets = self._arrays.unchecked("block_offsets")
        firsts = [*block_first, count]
        for place in range(len(block_first)):
            first, end = firsts[place : place + 2]
            raw = _inflated(self._stored[block_offsets[place] : block_offsets[place + 1]])
            if raw is None or not due <= first < end <= count:
                continue
            yield from ((doc, None) for doc in range(due, first))
            base = self._offsets[first]
            bounds = [0, *(one - base for one in self._offsets[first + 1 : end]), len(raw)]
            for doc, (start, stop) in enumerate(pairwise(bounds), first):
                yield doc, raw[start:stop] if 0 <= start < stop <= len(raw) else None
            due = end
        yield from ((doc, None) for doc in range(due, count))

    def _encoded(self) -> Iterator[tuple[int, bytes | None]]:
        words, bounds = self._arrays.unchecked("words").tobytes(), self._word_bounds()
        stored, offsets = map(self._arrays.lazily, ("stored", "stored_offsets"))
        for doc in range(len(self._parents)):
            record = None
            if _is_whole(offsets, doc, doc + 2):
                start, end = offsets.values[doc : doc + 2]
                if _is_whole(stored, start, end):
                    try:
                        record = decoded(stored.values[start:end].tobytes(), words, bounds)
                    except (ValueError, IndexError):
                        record = None
            yield doc, record

    def _word_bounds(self) -> Sequence[int]:
        """Where words begin and end; those that are not certain, and their neighbours, nowhere."""
        words, bounds = map(self._arrays.lazily, ("words", "word_offsets"))
        found = list(bounds.values)
        if _is_whole(words, 0, len(words)) and _is_whole(bounds, 0, len(bounds)):
            return found
        nowhere = len(words) + 1
        for place, (start, end) in enumerate(pairwise(bounds.values)):
            if not _is_whole(bounds, place, place + 2) or not _is_whole(words, start, end):
                found[place] = found[place + 1] = nowhere
        return found

    def is_record(self, doc: int) -> bool:
        """Tell whether a document is certainly the record of an article."""
        return self._arrays.is_whole_at("parents", doc) and self._parents[doc] == doc

    def article(self, doc: int, raws: Sequence[bytes]) -> Saved | None:
        """The article of some documents, None if it is not whole."""
        docs = range(doc, doc + len(raws))
        try:
            origin, source, fingerprint = self._source(docs)
            record = article_of(
                raws[0],
                language=self._language(docs),
                origin=origin,
                source=source,
                fingerprint=fingerprint,
                paragraphs=len(raws) - 1,
            )
            paragraphs = tuple(
                paragraph_of(raw, record.article_id, number)
                for number, raw in enumerate(raws[1:], 1)
            )
        except _FAULTS:
            return None
        for one in paragraphs:
            if one.digest.partition("-")[0] != digest_of(one.text):
                return None
        return Saved(doc, record, paragraphs)

    def _language(self, docs: range) -> str:
        """The language of an article; "" if it is not certain."""
        number = self._agreed("languages", docs)
        return self._codes[number] if number and number < len(self._codes) else ""

    def _agreed(self, name: str, docs: range) -> int | None:
        """The number that documents of one article share; None where it is not certain."""
        numbers = self._numbers[name]
        if self._arrays.is_whole_at(name, docs[0]):
            return numbers[docs[0]]
        # The number 0 may be what is left of any other.
        told = set(numbers[docs.start : docs.stop])
        return told.pop() if len(docs) > 1 and len(told) == 1 and 0 not in told else None

    def _source(self, docs: range) -> Source:
        """Where an article was read from; ValueError if it is not certain."""
        number = self._agreed("sources", docs)
        if not number:
            raise ValueError("it is not certain which file it is of")
        start, end = self._source_offsets[number - 1 : number + 1]
        source = Source.of(self._source_names[start:end].tobytes())
        places = range(start, end)
        is_certain = all(
            self._arrays.is_whole_at("source_offsets", place) for place in (number - 1, number)
        ) and all(self._arrays.is_whole_at("source_names", place) for place in places)
        if is_certain:
            return source
        if source.origin not in self._known:
            raise ValueError("the name of the file was changed")
        return Source(source.origin, source.origin, self._known[source.origin].fingerprint)


def _is_whole(values: CheckedArray, start: int, end: int) -> bool:
    """Whether some of an array is there and as it was written."""
    if not 0 <= start <= end <= len(values):
        return False
    try:
        values.look_at(start, end)
    except IndexFormatError:
        return False
    return True


def _inflated(block: memoryview[int]) -> bytes | None:
    try:
        return zlib.decompress(block)
    except zlib.error:
        return None

"""What belongs to documents: parents, lengths, languages, sources, stored records; in and out.

Stored records lie in blocks of neighbours, each compressed by itself, so that a passage is read by
inflating about 2 kB; what all paragraphs of an article share is stored once.
"""

from __future__ import annotations

import json
import zlib
from array import array
from bisect import bisect_right
from functools import cache, partial
from itertools import accumulate, chain, pairwise
from operator import add, eq
from typing import TYPE_CHECKING, BinaryIO

from indexer.model import Fingerprint
from indexer.remembering import remembered
from indexer.storage.arrays import ArrayWriter, damaged_file, smallest_array
from indexer.storage.records import (
    StoredArticle,
    paragraph_of,
    stored_digest,
    stored_id,
    stored_text,
)
from indexer.storage.sketches import SKETCHES, Sketches, SketchTable
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from indexer.errors import IndexFormatError
    from indexer.model import ArticleRecord, Paragraph
    from indexer.storage.arrays import ArrayFile

DOCUMENTS_EXT = ".doc"

# Smaller blocks compress worse, larger ones take longer to read one passage from.
_BLOCK_BYTES = 2_000
_LEVEL = 3
# What zlib looks back at, and by how large a table; for more it makes ready longer than it works.
_SMALL_BYTES = 4_096
_SMALL_WINDOW_BITS = 12
_SMALL_TABLE = 7
_KEPT_BLOCKS = 64
_KEPT_SOURCES = 256
# Who reads more records than this will read many.
_FEW_TIMES = 64
# So much is kept before it is written.
_PIECE_BYTES = 1 << 20


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


class DocumentTable:
    """What becomes a documents file; documents are numbered in the order they are added.

    Stored records go to the file as they come, the rest when it is closed.
    """

    def __init__(self, open_file: Callable[[], BinaryIO], name: str = "") -> None:
        self._open_file = open_file
        self._name = name
        self._file: BinaryIO | None = None
        self._writer: ArrayWriter | None = None
        self._piece = bytearray()
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self._offsets = array("Q", [0])
        self._block_first = array("I")
        self._block_offsets = array("Q", [0])
        self._parents = array("I")
        self._sources = array("I")
        self._source_numbers: dict[Source, int] = {}
        self._last_source: Source | None = None  # of a file of records it comes over and over
        self._last_number = 0
        self._language_numbers: dict[str, int] = {"": 0}
        self._languages = array("I")
        self._lengths: dict[str, array[int]] = {}
        self._sketches = SketchTable()

    def __len__(self) -> int:
        """Return the number of documents."""
        return len(self._parents)

    def add(self, stored: Sequence[bytes], parent: int, source: Source | None = None) -> None:
        """Add documents of one article.

        Args:
            stored: the record of each.
            parent: the number of the article's record.
            source: what the article was read from; None if nothing is to be remembered.
        """
        count = len(stored)
        self._parents.extend([parent] * count)
        self._sources.extend([self._number_of(source)] * count)
        self._waiting += stored
        self._waiting_bytes += sum(map(len, stored))
        if self._waiting_bytes >= _BLOCK_BYTES:
            self._end_block()

    def add_plain(
        self, articles: Sequence[bytes], paragraphs: Sequence[bytes], source: Source
    ) -> None:
        """Add documents of articles of one paragraph each, whose records are behind each other.

        Args:
            articles: the record of each.
            paragraphs: the record of the paragraph of each.
            source: what all of them were read from.
        """
        first, count = len(self), 2 * len(articles)
        parents = range(first, first + count, 2)
        self._parents.extend(chain.from_iterable(zip(parents, parents, strict=True)))
        self._sources.extend([self._number_of(source)] * count)
        stored = list(chain.from_iterable(zip(articles, paragraphs, strict=True)))
        begin = 0
        waiting_bytes = self._waiting_bytes
        for end, size in enumerate(map(add, map(len, articles), map(len, paragraphs)), 1):
            waiting_bytes += size
            if waiting_bytes >= _BLOCK_BYTES:
                self._waiting += stored[begin : 2 * end]
                self._end_block()
                begin, waiting_bytes = 2 * end, 0
        self._waiting += stored[begin:]
        self._waiting_bytes = waiting_bytes

    def _number_of(self, source: Source | None) -> int:
        """The number of a source, from 1; 0 for none."""
        if source != self._last_source:
            self._last_source = source
            known = self._source_numbers
            self._last_number = 0 if source is None else known.setdefault(source, len(known)) + 1
        return self._last_number

    def set_lengths(self, field: str, first: int, lengths: Sequence[int]) -> None:
        """Set the lengths of a field, those that are not 0, from a document on."""
        of_field = self._lengths.setdefault(field, array("I"))
        known = max(0, len(of_field) - first)
        for doc, length in enumerate(lengths[:known], first):
            of_field[doc] = length or of_field[doc]
        _lengthen(of_field, first)
        of_field.extend(lengths[known:])

    def set_languages(self, first: int, codes: Sequence[str], languages: Sequence[int]) -> None:
        """Set the languages, given as places in codes, from a document on above all set before."""
        _lengthen(self._languages, first)
        known = self._language_numbers
        numbers = [known.setdefault(code, len(known)) for code in codes]
        self._languages.extend(map(numbers.__getitem__, languages))

    def set_sketches(self, docs: Sequence[int], sketches: Sequence[int]) -> None:
        """Set the sketches of paragraphs, rising, above all set before; four numbers each."""
        self._sketches.add(docs, sketches)

    def merge(self, documents: Documents, numbers: Sequence[int]) -> None:
        """Add the documents of another segment under new numbers, leaving out those of -1.

        The numbers must go on from those taken before.
        """
        first = len(self)
        live = [doc for doc, number in enumerate(numbers) if number >= 0]
        parents = documents.parents
        self._parents.extend([numbers[parents[doc]] for doc in live])
        known = self._source_numbers
        # Number 0 names no source, here and there.
        own = [0] + [known.setdefault(one, len(known)) + 1 for one in documents.all_sources()]
        self._sources.extend([own[documents.sources[doc]] for doc in live])
        languages = documents.languages
        self.set_languages(first, documents.codes, [languages[doc] for doc in live])
        for field in documents.fields:
            lengths = documents.lengths(field)
            if lengths is not None:
                self.set_lengths(field, first, [lengths[doc] for doc in live])
        if documents.sketches is not None:
            self.set_sketches(*documents.sketches.kept(numbers))
        self._end_block()
        for block in documents.blocks():
            is_live = [numbers[doc] >= 0 for doc in block]
            if all(is_live):
                self._append_block(*documents.raw_block(block))
            else:
                self._waiting += [documents.stored(doc) for doc in block if numbers[doc] >= 0]
                self._waiting_bytes = sum(map(len, self._waiting))
                self._end_block()

    def _end_block(self) -> None:
        """Compress what waits as one block."""
        if self._waiting:
            raw = b"".join(self._waiting)
            sizes = list(map(len, self._waiting))
            self._waiting, self._waiting_bytes = [], 0
            self._append_block(_compressor()(raw), sizes)

    def _append_block(self, block: bytes, sizes: Sequence[int]) -> None:
        self._block_first.append(len(self._offsets) - 1)
        self._offsets.extend(accumulate(sizes[1:], initial=self._offsets[-1] + sizes[0]))
        self._piece += block
        self._block_offsets.append(self._block_offsets[-1] + len(block))
        if len(self._piece) >= _PIECE_BYTES:
            self._write_piece()

    def _write_piece(self) -> ArrayWriter:
        if self._writer is None:
            self._file = self._open_file()
            self._writer = ArrayWriter(self._file, self._name)
        self._writer.extend("stored", bytes(self._piece))
        self._piece = bytearray()
        return self._writer

    def close(self) -> None:
        """Write what is left, if there is any document, and close the file."""
        count = len(self)
        if not count:
            return
        self._end_block()
        writer = self._write_piece()
        for field, lengths in self._lengths.items():
            _lengthen(lengths, count)
            writer.write(f"length/{field}", smallest_array(lengths, max(lengths)))
        _lengthen(self._languages, count)
        codes = list(self._language_numbers)
        sources = [one.stored() for one in self._source_numbers]
        source_offsets = list(accumulate(map(len, sources), initial=0))
        for name, values in (
            ("parents", self._parents),
            ("sources", self._sources),
            ("languages", self._languages),
            ("stored_offsets", self._offsets),
            ("block_first", self._block_first),
            ("block_offsets", self._block_offsets),
            ("source_offsets", source_offsets),
        ):
            writer.write(name, smallest_array(values, max(values)))
        for name, of_paragraphs in self._sketches.arrays(self._parents).items():
            writer.write(name, of_paragraphs)
        writer.write("source_names", b"".join(sources))
        sums = {field: sum(lengths) for field, lengths in self._lengths.items()}
        records = sum(map(eq, self._parents, range(count)))
        facts = {"records": records, "lengths": sums, "languages": codes}
        writer.close(facts | {"single": _are_single(self._parents)})
        self.discard()

    def discard(self) -> None:
        """Close the file as it is."""
        if self._file is not None:
            self._file.close()
            self._file = self._writer = None


def _are_single(parents: array[int]) -> bool:
    """Whether each article is one paragraph, the document after its record."""
    records = array(parents.typecode, range(0, len(parents), 2))
    return parents[::2] == records == parents[1::2]


@cache
def _compressor() -> Callable[[bytes], bytes]:
    """What makes a block as it is stored, to be undone by zlib.decompress()."""
    try:
        from isal import isal_zlib  # noqa: PLC0415 - seldom needed, and not on every machine
    except ImportError:
        return _by_zlib
    # As small as by zlib, in a third of the time.
    return partial(isal_zlib.compress, level=1)


def _by_zlib(raw: bytes) -> bytes:
    if len(raw) > _SMALL_BYTES:
        return zlib.compress(raw, _LEVEL)
    compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, _SMALL_WINDOW_BITS, _SMALL_TABLE)
    return compressor.compress(raw) + compressor.flush()


def _lengthen(values: array[int], count: int) -> None:
    """Have so many values, those that are new 0."""
    values.frombytes(bytes(values.itemsize * (count - len(values))))


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
        self._stored = arrays.lazily("stored")
        self._lazily = tuple(map(arrays.lazily, ("sources", "languages", "stored_offsets")))
        self.sources: Sequence[int] = self._lazily[0]
        self.languages: Sequence[int] = self._lazily[1]
        self._offsets: Sequence[int] = self._lazily[2]
        self._asked = 0
        self._block_first = arrays["block_first"]
        self._block_offsets = arrays["block_offsets"]
        self._source_offsets = arrays["source_offsets"]
        self._source_names = arrays["source_names"]
        facts = arrays.facts
        try:
            self.codes: Sequence[str] = tuple(map(str, facts["languages"]))
            self._sums = {name: int(total) for name, total in facts["lengths"].items()}
            self.records = int(facts["records"])
            self.are_single = facts.get("single") is True
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise arrays.damaged("its directory makes no sense") from error
        self.fields = tuple(self._sums)
        self._inflated = remembered(self, Documents._inflate, _KEPT_BLOCKS)
        self._source = remembered(self, Documents._read_source, _KEPT_SOURCES)
        by_document = (
            *(self.parents, self.sources, self.languages),
            *(arrays.lazily(f"length/{field}") for field in self._sums),
        )
        if not (
            all(len(values) == count for values in by_document)
            and len(self._offsets) == count + 1
            and len(self._block_first) == len(self._block_offsets) - 1 > 0
            and self._block_offsets[-1] == len(self._stored)
            and self._source_offsets[-1] == len(self._source_names)
        ):
            raise arrays.damaged(f"it does not hold {count} documents")
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
        number = self.sources[doc]
        if number >= len(self._source_offsets):
            raise self._unreadable(doc)
        return self._source(number - 1) if number else Source("", "")

    def all_sources(self) -> list[Source]:
        """Return all sources in the order of their numbers."""
        return list(map(self._source, range(len(self._source_offsets) - 1)))

    def _read_source(self, place: int) -> Source:
        raw = self._source_names[self._source_offsets[place] : self._source_offsets[place + 1]]
        try:
            return Source.of(raw.tobytes())
        except (ValueError, TypeError) as error:
            raise self._arrays.damaged(f"the name of source {place} cannot be read") from error

    def children(self, record: int) -> range:
        """Return the paragraphs of an article record."""
        parents, end = self.parents, record + 2
        if end >= len(parents) or parents[end] != record:  # it has one at most, as most may have
            has_one = end <= len(parents) and parents[end - 1] == record
            return range(record + 1, end if has_one else record + 1)
        return range(record + 1, bisect_right(parents, record, end))

    def article(self, record: int) -> ArticleRecord:
        """Return the article of a record; IndexFormatError if it cannot be read."""
        return self.stored_article(record).record

    def stored_article(self, record: int) -> StoredArticle:
        """Return the same to be read when it is looked at; IndexFormatError if it has no id."""
        origin, source, fingerprint = self.source(record)
        try:
            return StoredArticle(
                self.stored(record),
                language=self.language(record),
                origin=origin,
                source=source,
                fingerprint=fingerprint,
                paragraphs=len(self.children(record)),
                unreadable=partial(_unreadable, self._arrays.name, record),
            )
        except ValueError as error:
            raise self._unreadable(record) from error

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

    def _unreadable(self, doc: int) -> IndexFormatError:
        return _unreadable(self._arrays.name, doc)

    def stored(self, doc: int) -> bytes:
        """Return the stored record of a document; IndexFormatError if it cannot be read."""
        if self._lazily:
            self._asked += 1
            if self._asked > _FEW_TIMES:
                self._look_at_all()
        place = bisect_right(self._block_first, doc) - 1
        base = self._offsets[self._block_first[place]]
        raw = self._inflated(place)
        return raw[self._offsets[doc] - base : self._offsets[doc + 1] - base]

    def _look_at_all(self) -> None:
        """Look at what is read of each document no more after this; several threads may."""
        lazily = self._lazily
        for values in lazily:
            values.look_at(0, len(values))
        if lazily:
            self.sources, self.languages, self._offsets = (one.values for one in lazily)
            self._lazily = ()

    def _inflate(self, place: int) -> bytes:
        first, end = self._bounds(place)
        size_bytes = self._offsets[end] - self._offsets[first]
        try:
            room = min(max(1, size_bytes), zlib.DEF_BUF_SIZE)
            raw = zlib.decompress(self._compressed(place), bufsize=room)
        except zlib.error:
            raw = b""
        if len(raw) != size_bytes:
            raise self._unreadable(first)
        return raw

    def _bounds(self, place: int) -> tuple[int, int]:
        """The documents of a block: the first, and the one behind the last."""
        following = place + 1
        end = len(self.parents)
        if following < len(self._block_first):
            end = self._block_first[following]
        return self._block_first[place], end

    def _compressed(self, place: int) -> memoryview[int]:
        return self._stored.take(self._block_offsets[place], self._block_offsets[place + 1])

    def blocks(self) -> Iterable[range]:
        """Yield the documents of each block."""
        return (range(*self._bounds(place)) for place in range(len(self._block_first)))

    def raw_block(self, docs: range) -> tuple[bytes, list[int]]:
        """Return a block as it is stored, and the sizes of its records."""
        offsets = [self._offsets[doc] for doc in range(docs.start, docs.stop + 1)]
        sizes = [end - start for start, end in pairwise(offsets)]
        place = bisect_right(self._block_first, docs.start) - 1
        return self._compressed(place).tobytes(), sizes


def _unreadable(file: str, doc: int) -> IndexFormatError:
    return damaged_file(file, f"what it stores of document {doc} cannot be read")

"""Whoosh's face of the format: a codec whose segments are flat arrays.

Whoosh's own codec pickles every block of postings, rounds lengths to a byte and decodes postings
one by one. Here its readers, queries and merge policies work on the arrays of ``postings`` and
``documents``, lengths are exact, and nothing read from disk is ever executed.
"""

from __future__ import annotations

import errno
import json
import os
from array import array
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from whoosh.codec import base
from whoosh.filedb.filestore import FileStorage
from whoosh.matching import ListMatcher
from whoosh.reading import SegmentReader, TermInfo, TermNotFound

from indexer.storage.arrays import ArrayFile
from indexer.storage.documents import DOCUMENTS_EXT, Documents
from indexer.storage.postings import POSTINGS_EXT, FieldPostings, PostingsFile
from indexer.storage.table import DocumentTable
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from whoosh.fields import FieldType, Schema
    from whoosh.filedb.filestore import Storage

    from indexer.storage.builder import Builder


def open_arrays(storage: Storage, name: str) -> ArrayFile:
    """A file of arrays in a storage of Whoosh."""
    if isinstance(storage, FileStorage):
        return ArrayFile.open(f"{storage.folder}/{name}")
    return StorageFiles(storage).arrays(name)


class StorageFiles:
    """The files of a storage of Whoosh; see ``committed.Files``."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def place(self) -> tuple[int, int] | None:
        """Return None: it is no directory, or nobody asks."""
        return None

    def names(self) -> Sequence[str]:
        """Return the names of all."""
        return list(self._storage)

    def read(self, name: str) -> bytes:
        """Return the bytes of one."""
        if not self._storage.file_exists(name):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)
        file = self._storage.open_file(name)
        try:
            return bytes(file.read())
        finally:
            file.close()

    def arrays(self, name: str) -> ArrayFile:
        """Return one that holds arrays."""
        return ArrayFile(self.read(name), name)


class PostingPool:
    """A builder of postings as Whoosh's writer fills it."""

    def __init__(self, builder: Builder) -> None:
        self._builder = builder

    def add(self, item: tuple[str, bytes, int, float, bytes]) -> None:
        """Take one posting as Whoosh hands it over; the value is packed positions."""
        field, term, doc, _, value = item
        # Whoosh's own field types give no positions; one occurrence is what they mean.
        self._builder.add_text(field, doc, {term: array("I", value).tolist() if value else 0})

    def iter_postings(self) -> Builder:
        """Return the builder itself; FlatFieldWriter takes it whole."""
        return self._builder

    def cleanup(self) -> None:
        """Forget everything; Whoosh calls it when the segment is closed."""
        self._builder.close()


class FlatSegment(base.Segment):  # type: ignore[misc]
    """A segment; its deletions are kept in the manifest."""

    def __init__(
        self,
        indexname: str,
        segment_id: str | None = None,
        doc_count: int = 0,
        deleted: Iterable[int] = (),
    ) -> None:
        super().__init__(indexname)
        if segment_id is not None:
            self.segid = segment_id
        self._doc_count = doc_count
        self._deletions = deleted

    @cached_property
    def deleted(self) -> set[int]:
        """The deleted documents; they are only unfolded where the segment has so many."""
        return set(self._deletions)

    def codec(self) -> FlatCodec:
        """Return the codec that reads the segment."""
        return FlatCodec()

    def should_assemble(self) -> bool:
        """Keep the files apart: a compound file is copied whole into memory when opened."""
        return False

    def set_doc_count(self, dc: int) -> None:
        """Record the number of documents, deleted ones included."""
        self._doc_count = dc

    def doc_count_all(self) -> int:
        """Return the number of documents, deleted ones included."""
        return self._doc_count

    def deleted_count(self) -> int:
        """Return the number of deleted documents."""
        return len(self.deleted)

    def deleted_docs(self) -> Iterator[int]:
        """Iterate over the deleted documents."""
        return iter(self.deleted)

    def is_deleted(self, docnum: int) -> bool:
        """Tell whether a document is deleted."""
        return docnum in self.deleted

    def delete_document(self, docnum: int, delete: bool = True) -> None:  # noqa: FBT001, FBT002
        """Delete a document, or take its deletion back."""
        (self.deleted.add if delete else self.deleted.discard)(docnum)


class FlatPerDocWriter(base.PerDocumentWriter):  # type: ignore[misc]
    """Takes documents as Whoosh hands them over, field by field, or whole.

    Attributes:
        table: the documents so far.
    """

    def __init__(self, storage: Storage, segment: FlatSegment, group_field: str) -> None:
        self._group_field = group_field
        self.table = DocumentTable(
            lambda: segment.create_file(storage, DOCUMENTS_EXT),
            segment.make_filename(DOCUMENTS_EXT),
        )
        self._parent = 0
        self._stored: dict[str, Any] = {}
        self._lengths: dict[str, int] = {}
        self.is_closed = False

    def start_doc(self, docnum: int) -> None:
        """Begin a document; Whoosh numbers them without gaps.

        Unless it has the group field it belongs to the group begun last.
        """
        if docnum != len(self.table):
            raise ValueError(f"document {docnum} begun where {len(self.table)} is due")
        self._stored, self._lengths = {}, {}

    def add_field(self, fieldname: str, fieldobj: FieldType, value: object, length: int) -> None:
        """Store a value (None: nothing) and a length (0: none) of the document begun."""
        if value is not None and fieldobj.stored:
            self._stored[fieldname] = value
        if length:
            self._lengths[fieldname] = length
        if fieldname == self._group_field:
            self._parent = len(self.table)

    def finish_doc(self) -> None:
        """End the document begun."""
        doc = len(self.table)
        stored = json.dumps(self._stored, ensure_ascii=False).encode("utf-8", "surrogatepass")
        self.table.add([stored], self._parent)
        for field, length in self._lengths.items():
            self.table.set_lengths(field, doc, [length])

    def cancel_doc(self) -> None:
        """Forget the document begun."""

    def close(self) -> None:
        """Write the file, if there is any document."""
        self.table.close()
        self.is_closed = True

    def discard(self) -> None:
        """Close without writing anything more."""
        self.table.discard()
        self.is_closed = True


class FlatFieldWriter(base.FieldWriter):  # type: ignore[misc]
    """Writes what a builder of postings has built."""

    def __init__(self, storage: Storage, segment: FlatSegment) -> None:
        self._storage = storage
        self._segment = segment
        self.is_closed = False

    def add_postings(self, schema: Schema, lengths: object, builder: Builder) -> None:  # noqa: ARG002
        """Write the file; schema and lengths are Whoosh's and not needed."""
        with self._segment.create_file(self._storage, POSTINGS_EXT) as file:
            builder.write(file.raw_file())

    def close(self) -> None:
        """Nothing is held open between calls."""
        self.is_closed = True


class FlatPerDocReader(base.PerDocumentReader):  # type: ignore[misc]
    """What belongs to the documents of one segment, for Whoosh.

    Attributes:
        documents: the same, without Whoosh.
    """

    def __init__(self, storage: Storage, segment: FlatSegment) -> None:
        self._segment = segment
        arrays = open_arrays(storage, segment.make_filename(DOCUMENTS_EXT))
        self.documents = Documents(arrays, segment.doc_count_all())

    def close(self) -> None:
        """Nothing to do: the map goes with the last view of it."""

    def doc_count_all(self) -> int:
        """Return the number of documents, deleted ones included."""
        return self._segment.doc_count_all()

    def doc_count(self) -> int:
        """Return the number of documents that are not deleted."""
        return self.doc_count_all() - len(self._segment.deleted)

    def has_deletions(self) -> bool:
        """Tell whether any document is deleted."""
        return bool(self._segment.deleted)

    def is_deleted(self, docnum: int) -> bool:
        """Tell whether a document is deleted."""
        return docnum in self._segment.deleted

    def deleted_docs(self) -> Iterator[int]:
        """Iterate over the deleted documents."""
        return iter(self._segment.deleted)

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        """Return the length of a field of a document."""
        lengths = self.documents.lengths(fieldname)
        return default if lengths is None else lengths[docnum]

    def field_length(self, fieldname: str) -> int:
        """Return the sum of a field's lengths, deleted documents included."""
        return self.documents.total_length(fieldname)

    def min_field_length(self, fieldname: str) -> int:
        """Return the smallest length of a field."""
        return min(self.documents.lengths(fieldname) or (0,))

    def max_field_length(self, fieldname: str) -> int:
        """Return the largest length of a field."""
        return max(self.documents.lengths(fieldname) or (0,))

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        """Return the stored fields of a document; IndexFormatError if they cannot be read."""
        documents = self.documents
        stored = documents.stored(docnum)
        if stored.startswith(b"{"):  # what was added as Whoosh does it
            fields: dict[str, Any] = json.loads(stored)
            return fields
        parent = documents.parents[docnum]
        article = documents.article(parent)
        if docnum == parent:
            return {"record": article._asdict()}
        return {"record": documents.paragraph(docnum, article.article_id)._asdict()}


class FlatCursor(base.FieldCursor):  # type: ignore[misc]
    """Whoosh's walk along one lexicon."""

    def __init__(self, postings: FieldPostings, terms: FlatTermsReader, field: str) -> None:
        self._postings = postings
        self._terms = terms
        self._field = field
        self._place = 0

    def first(self) -> str | None:
        """Go to the first term and return it."""
        self._place = 0
        return self.text()

    def find(self, string: str | bytes) -> str | None:
        """Go to the first term that is not below string and return it."""
        term = string if isinstance(string, bytes) else string.encode("utf-8", "surrogatepass")
        self._place = self._postings.lower(term)
        return self.text()

    def next(self) -> str | None:
        """Go to the next term and return it."""
        self._place += 1
        return self.text()

    def text(self) -> str | None:
        """Return the term, None past the last."""
        if not self.is_valid():
            return None
        return self._postings.term(self._place).decode("utf-8", "surrogatepass")

    def term_info(self) -> TermInfo | None:
        """Return the statistics of the term."""
        if not self.is_valid():
            return None
        return self._terms.term_info(self._field, self._postings.term(self._place))

    def is_valid(self) -> bool:
        """Tell whether the cursor stands on a term."""
        return self._place < len(self._postings)


class _PackedValues(NamedTuple):
    """The posting values Whoosh's matchers ask for, packed when asked."""

    positions: Sequence[int]
    starts: Sequence[int]

    def __getitem__(self, index: int) -> bytes:  # type: ignore[override]
        return array("I", self.positions[self.starts[index] : self.starts[index + 1]]).tobytes()


class FlatTermsReader(base.TermsReader):  # type: ignore[misc]
    """The lexicons and postings of one segment, for Whoosh.

    Attributes:
        file: the same, without Whoosh.
    """

    def __init__(self, storage: Storage, segment: FlatSegment) -> None:
        self.file = PostingsFile(open_arrays(storage, segment.make_filename(POSTINGS_EXT)))

    def _find(self, field: str, term: bytes) -> tuple[FieldPostings, int]:
        postings = self.file.field(field)
        place = -1 if postings is None else postings.find(term)
        if postings is None or place < 0:
            raise TermNotFound(f"no term {field}:{term!r}")
        return postings, place

    def __contains__(self, term: tuple[str, bytes]) -> bool:
        """Tell whether a (field, term) is there."""
        postings = self.file.field(term[0])
        return postings is not None and postings.find(term[1]) >= 0

    def cursor(self, fieldname: str, fieldobj: FieldType) -> base.FieldCursor:  # noqa: ARG002
        """Return a walk along a field's lexicon."""
        postings = self.file.field(fieldname)
        return base.EmptyCursor() if postings is None else FlatCursor(postings, self, fieldname)

    def indexed_field_names(self) -> list[str]:
        """Return the fields that have postings."""
        return self.file.fields()

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[str, bytes]]:
        """Yield (field, term) from a place on, through all later fields."""
        for name in self.indexed_field_names():
            postings = self.file.field(name)
            if name < fieldname or postings is None:
                continue
            start = postings.lower(prefix) if name == fieldname else 0
            for place in range(start, len(postings)):
                yield name, postings.term(place)

    def terms(self) -> Iterator[tuple[str, bytes]]:
        """Yield every (field, term)."""
        return self.terms_from("", b"")

    def items_from(
        self, fieldname: str, prefix: bytes
    ) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        """Yield every ((field, term), statistics) from a place on."""
        for term in self.terms_from(fieldname, prefix):
            yield term, self.term_info(*term)

    def items(self) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        """Yield every ((field, term), statistics)."""
        return self.items_from("", b"")

    def term_info(self, fieldname: str, text: bytes) -> TermInfo:
        """Return the statistics of a term, deleted documents included."""
        postings, place = self._find(fieldname, text)
        docs, frequencies = postings.docs(place), postings.frequencies(place)
        return TermInfo(
            weight=float(len(postings.positions(place))),
            df=len(docs),
            minlength=1,
            maxlength=1 << 20,
            maxweight=float(max(frequencies)),
            minid=docs[0],
            maxid=docs[-1],
        )

    def frequency(self, fieldname: str, text: bytes) -> float:
        """Return the occurrences of a term, 0 if it has none."""
        postings = self.file.field(fieldname)
        place = -1 if postings is None else postings.find(text)
        return 0.0 if postings is None or place < 0 else float(len(postings.positions(place)))

    def doc_frequency(self, fieldname: str, text: bytes) -> int:
        """Return the documents that hold a term, deleted ones included, 0 if none does."""
        postings = self.file.field(fieldname)
        place = -1 if postings is None else postings.find(text)
        return 0 if postings is None or place < 0 else postings.doc_count(place)

    def matcher(
        self, fieldname: str, text: bytes, format_: object, scorer: object = None
    ) -> ListMatcher:
        """Return a Whoosh matcher over a term's postings, for Whoosh's own queries."""
        postings, place = self._find(fieldname, text)
        frequencies = postings.frequencies(place)
        starts = list(accumulate(frequencies, initial=0))
        return ListMatcher(
            postings.docs(place),
            [float(f) for f in frequencies],
            _PackedValues(postings.positions(place), starts),
            format_,
            scorer=scorer,
            term=(fieldname, text),
            terminfo=self.term_info(fieldname, text),
        )

    def close(self) -> None:
        """Nothing to do: the map goes with the last view of it."""


class FlatSegmentReader(SegmentReader):  # type: ignore[misc]
    """A Whoosh reader of one segment that also gives out its arrays."""

    @property
    def postings_file(self) -> PostingsFile:
        """The postings of every field."""
        postings: PostingsFile = self._terms.file
        return postings

    @property
    def documents(self) -> Documents:
        """Lengths, parents and stored records."""
        documents: Documents = self._perdoc.documents
        return documents


class FlatCodec(base.Codec):  # type: ignore[misc]
    """The codec: what Whoosh asks for readers and writers of a segment."""

    length_stats = False

    def __init__(self, group_field: str = "article") -> None:
        self._group_field = group_field

    def per_document_writer(self, storage: Storage, segment: FlatSegment) -> FlatPerDocWriter:
        """Return a collector of lengths and stored records."""
        return FlatPerDocWriter(storage, segment, self._group_field)

    def field_writer(self, storage: Storage, segment: FlatSegment) -> FlatFieldWriter:
        """Return a writer of postings."""
        return FlatFieldWriter(storage, segment)

    def terms_reader(self, storage: Storage, segment: FlatSegment) -> FlatTermsReader:
        """Return the reader of postings."""
        return FlatTermsReader(storage, segment)

    def per_document_reader(self, storage: Storage, segment: FlatSegment) -> FlatPerDocReader:
        """Return the reader of lengths and stored records."""
        return FlatPerDocReader(storage, segment)

    def new_segment(self, storage: Storage, indexname: str) -> FlatSegment:  # noqa: ARG002
        """Return a new, empty segment with a random name."""
        return FlatSegment(indexname)

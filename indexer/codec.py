"""A Whoosh codec that keeps postings, lengths and stored records as flat arrays.

Whoosh's own codec pickles every block of postings, rounds lengths to a byte and decodes postings
one by one. Here a term's postings are slices of three arrays (documents, frequencies, positions),
so that a query takes them whole, lengths are exact, and nothing read from disk is ever executed.
Two files a segment: ``.pst`` (lexicons and postings) and ``.doc`` (what belongs to a document).
"""

from __future__ import annotations

import json
from array import array
from bisect import bisect_left
from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from whoosh.codec import base
from whoosh.filedb.filestore import FileStorage
from whoosh.matching import ListMatcher
from whoosh.reading import SegmentReader, TermInfo, TermNotFound

from indexer.arrays import ArrayFile, smallest_array, write_arrays

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from whoosh.fields import FieldType, Schema
    from whoosh.filedb.filestore import Storage

POSTINGS_EXT = ".pst"
DOCUMENTS_EXT = ".doc"


def _open_arrays(storage: Storage, name: str) -> ArrayFile:
    if isinstance(storage, FileStorage):
        from pathlib import Path  # noqa: PLC0415

        return ArrayFile.open(Path(storage.folder) / name)
    file = storage.open_file(name)
    try:
        return ArrayFile(bytes(file.read()), name)
    finally:
        file.close()


#: One posting's positions: a number where there is just one, which is most often so.
Places: TypeAlias = "int | list[int]"


class PostingTable:
    """Whoosh's posting pool, in memory: postings of new documents, and segments to merge in."""

    def __init__(self) -> None:
        # field -> term -> [document, places, document, places ...], documents rising
        self._new: dict[str, dict[bytes, list[Any]]] = {}
        self._merged: dict[str, list[tuple[FieldPostings, Sequence[int]]]] = {}

    def add(self, item: tuple[str, bytes, int, float, bytes]) -> None:
        """Take one posting as Whoosh hands it over; the value is packed positions."""
        field, term, doc, _, value = item
        # Whoosh's own field types give no positions; one occurrence is what they mean.
        self.add_text(field, doc, {term: array("I", value).tolist() if value else 0})

    def add_text(self, field: str, doc: int, forms: Mapping[bytes, Places]) -> None:
        """Take all postings of one text; documents must come in rising order."""
        terms = self._new.setdefault(field, {})
        known = terms.get
        for term, places in forms.items():
            postings = known(term)
            if postings is None:
                terms[term] = [doc, places]
            else:
                postings.append(doc)
                postings.append(places)

    def merge(self, field: str, postings: FieldPostings, numbers: Sequence[int]) -> None:
        """Take a field of another segment; numbers gives each document's new one, -1: left out.

        The new numbers must be above those of all documents taken before.
        """
        self._merged.setdefault(field, []).append((postings, numbers))

    def iter_postings(self) -> PostingTable:
        """Return the table itself; FlatFieldWriter takes it whole."""
        return self

    def cleanup(self) -> None:
        """Forget everything; Whoosh calls it when the segment is closed."""
        self._new, self._merged = {}, {}

    def fields(self) -> list[str]:
        """Return the fields that have postings, sorted."""
        return sorted({*self._new, *self._merged})

    def field_arrays(self, field: str) -> dict[str, array[int] | bytes]:
        """Return the arrays of one field, as FieldPostings reads them."""
        new = self._new.get(field, {})
        parts: dict[bytes, list[tuple[FieldPostings, int, Sequence[int]]]] = {}
        for postings, numbers in self._merged.get(field, ()):
            for place in range(len(postings)):
                parts.setdefault(postings.term(place), []).append((postings, place, numbers))
        docs, frequencies, positions = array("I"), array("I"), array("I")
        lexicon: list[bytes] = []
        first, ends = array("Q", [0]), array("Q", [0])
        for term in sorted({*new, *parts}):
            flat = new.get(term, ())
            for places in flat[1::2]:
                if places.__class__ is int:
                    positions.append(places)
                    frequencies.append(1)
                else:
                    positions.extend(places)
                    frequencies.append(len(places))
            docs.extend(flat[::2])
            for part in parts.get(term, ()):
                _append_live(*part, docs, frequencies, positions)
            if len(docs) > first[-1]:
                lexicon.append(term)
                first.append(len(docs))
                ends.append(len(positions))
        offsets = list(accumulate(map(len, lexicon), initial=0))
        return {
            "terms": b"".join(lexicon),
            "term_offsets": smallest_array(offsets, offsets[-1]),
            "first_posting": smallest_array(first, first[-1]),
            "first_position": smallest_array(ends, ends[-1]),
            "docs": smallest_array(docs, max(docs, default=0)),
            "frequencies": smallest_array(frequencies, max(frequencies, default=0)),
            "positions": smallest_array(positions, max(positions, default=0)),
        }


def _append_live(
    postings: FieldPostings,
    place: int,
    numbers: Sequence[int],
    docs: array[int],
    frequencies: array[int],
    positions: array[int],
) -> None:
    """Append one term's postings under new document numbers, leaving out those that are -1."""
    new_docs = [numbers[doc] for doc in postings.docs(place)]
    if -1 not in new_docs:
        docs.extend(new_docs)
        frequencies.extend(postings.frequencies(place))
        positions.extend(postings.positions(place))
        return
    all_positions = postings.positions(place)
    start = 0
    for doc, frequency in zip(new_docs, postings.frequencies(place), strict=True):
        if doc >= 0:
            docs.append(doc)
            frequencies.append(frequency)
            positions.extend(all_positions[start : start + frequency])
        start += frequency


class FieldPostings:
    """The lexicon and the postings of one field of a segment, read only."""

    __slots__ = ("_blob", "_docs", "_ends", "_first", "_frequencies", "_offsets", "_positions")

    def __init__(self, arrays: ArrayFile, field: str) -> None:
        self._blob = arrays[f"{field}/terms"]
        self._offsets = arrays[f"{field}/term_offsets"]
        self._first = arrays[f"{field}/first_posting"]
        self._ends = arrays[f"{field}/first_position"]
        self._docs = arrays[f"{field}/docs"]
        self._frequencies = arrays[f"{field}/frequencies"]
        self._positions = arrays[f"{field}/positions"]
        ends = (self._offsets, self._blob), (self._first, self._docs), (self._ends, self._positions)
        if len(self._docs) != len(self._frequencies) or not all(
            len(offsets) == len(self._offsets) > 0 and offsets[-1] == len(values)
            for offsets, values in ends
        ):
            raise arrays.damaged(f"the arrays of the field {field} do not fit each other")

    def __len__(self) -> int:
        """Return the number of terms."""
        return len(self._offsets) - 1

    def term(self, index: int) -> bytes:
        """Return the term at a place of the sorted lexicon."""
        return self._blob[self._offsets[index] : self._offsets[index + 1]].tobytes()

    def lower(self, term: bytes) -> int:
        """Return the place of the first term that is not below the given one."""
        return bisect_left(range(len(self)), term, key=self.term)

    def find(self, term: bytes) -> int:
        """Return the place of a term, -1 if it has none."""
        place = self.lower(term)
        return place if place < len(self) and self.term(place) == term else -1

    def prefix_range(self, prefix: bytes) -> range:
        """Return the places of all terms that start with prefix."""
        head = prefix.rstrip(b"\xff")
        if not head:
            return range(self.lower(prefix), len(self))
        return range(self.lower(prefix), self.lower(head[:-1] + bytes([head[-1] + 1])))

    def doc_count(self, index: int) -> int:
        """Return how many documents hold the term, deleted ones included."""
        return self._first[index + 1] - self._first[index]

    def docs(self, index: int) -> memoryview[int]:
        """Return the documents of a term, in rising order."""
        return self._docs[self._first[index] : self._first[index + 1]]

    def frequencies(self, index: int) -> memoryview[int]:
        """Return the frequencies of a term, aligned with docs()."""
        return self._frequencies[self._first[index] : self._first[index + 1]]

    def positions(self, index: int) -> memoryview[int]:
        """Return the positions of a term, document after document."""
        return self._positions[self._ends[index] : self._ends[index + 1]]


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
        self.deleted = set(deleted)

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
    """Collects what belongs to documents: lengths, the parent, the stored record."""

    def __init__(self, storage: Storage, segment: FlatSegment, group_field: str) -> None:
        self._storage = storage
        self._segment = segment
        self._group_field = group_field
        self._parent = 0
        self._parents: array[int] = array("I")
        self._lengths: dict[str, array[int]] = {}
        self._blobs: list[bytes] = []
        self._stored: dict[str, Any] = {}
        self.is_closed = False

    def start_doc(self, docnum: int) -> None:
        """Begin a document; Whoosh numbers them without gaps.

        Unless it has the group field it belongs to the group begun last.
        """
        if docnum != len(self._blobs):
            raise ValueError(f"document {docnum} begun where {len(self._blobs)} is due")
        self._stored = {}

    def add_field(self, fieldname: str, fieldobj: FieldType, value: object, length: int) -> None:
        """Store a value (None: nothing) and a length (0: none) of the document begun."""
        if value is not None and fieldobj.stored:
            self._stored[fieldname] = value
        if length:
            self._set_length(fieldname, length)
        if fieldname == self._group_field:
            self._parent = len(self._blobs)

    def _set_length(self, field: str, length: int) -> None:
        lengths = self._lengths.setdefault(field, array("I"))
        lengths.extend([0] * (len(self._blobs) - len(lengths)))
        lengths.append(length)

    def finish_doc(self) -> None:
        """End the document begun."""
        stored = json.dumps(self._stored, ensure_ascii=False, separators=(",", ":"))
        self.add_raw(stored.encode("utf-8", "surrogatepass"), {}, self._parent)

    def add_raw(self, stored: bytes, lengths: dict[str, int], parent: int) -> None:
        """Add a whole document as it is read from another segment; parent is its new number."""
        for field, length in lengths.items():
            self._set_length(field, length)
        self._blobs.append(stored)
        self._parents.append(parent)
        self._parent = parent

    def cancel_doc(self) -> None:
        """Forget the document begun."""
        for lengths in self._lengths.values():
            del lengths[len(self._blobs) :]

    def close(self) -> None:
        """Write the file."""
        count = len(self._blobs)
        arrays: dict[str, array[int] | bytes] = {"parents": self._parents}
        for field, lengths in self._lengths.items():
            lengths.extend([0] * (count - len(lengths)))
            arrays[f"length/{field}"] = smallest_array(lengths, max(lengths))
        offsets = list(accumulate(map(len, self._blobs), initial=0))
        arrays["stored_offsets"] = smallest_array(offsets, max(offsets[-1], 1 << 16))
        arrays["stored"] = b"".join(self._blobs)
        facts = {"documents": count, "lengths": {f: sum(v) for f, v in self._lengths.items()}}
        if count:
            with self._segment.create_file(self._storage, DOCUMENTS_EXT) as file:
                write_arrays(file, arrays, facts)
        self.is_closed = True

    def discard(self) -> None:
        """Close without writing anything."""
        self.is_closed = True


class FlatFieldWriter(base.FieldWriter):  # type: ignore[misc]
    """Writes a whole posting table."""

    def __init__(self, storage: Storage, segment: FlatSegment) -> None:
        self._storage = storage
        self._segment = segment
        self.is_closed = False

    def add_postings(self, schema: Schema, lengths: object, table: PostingTable) -> None:  # noqa: ARG002
        """Write the file; schema and lengths are Whoosh's and not needed."""
        arrays = {
            f"{field}/{name}": values
            for field in table.fields()
            for name, values in table.field_arrays(field).items()
        }
        with self._segment.create_file(self._storage, POSTINGS_EXT) as file:
            write_arrays(file, arrays, {"fields": table.fields()})

    def close(self) -> None:
        """Nothing is held open between calls."""
        self.is_closed = True


class FlatPerDocReader(base.PerDocumentReader):  # type: ignore[misc]
    """What belongs to the documents of one segment."""

    def __init__(self, storage: Storage, segment: FlatSegment) -> None:
        self._segment = segment
        self._arrays = _open_arrays(storage, segment.make_filename(DOCUMENTS_EXT))
        self.parents = self._arrays["parents"]
        self._stored = self._arrays["stored"]
        self._offsets = self._arrays["stored_offsets"]
        self._sums: dict[str, int] = self._arrays.facts.get("lengths", {})
        count = segment.doc_count_all()
        if not (
            len(self.parents) == len(self._offsets) - 1 == count
            and self._offsets[-1] == len(self._stored)
            and all(len(self._arrays[f"length/{field}"]) == count for field in self._sums)
        ):
            raise self._arrays.damaged(f"it does not hold {count} documents")

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

    def lengths(self, field: str) -> memoryview[int] | None:
        """Return the lengths of a field by document; None if no document has one."""
        return self._arrays.get(f"length/{field}")

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        """Return the length of a field of a document."""
        lengths = self.lengths(fieldname)
        return default if lengths is None else lengths[docnum]

    def field_length(self, fieldname: str) -> int:
        """Return the sum of a field's lengths, deleted documents included."""
        return self._sums.get(fieldname, 0)

    def min_field_length(self, fieldname: str) -> int:
        """Return the smallest length of a field."""
        return min(self.lengths(fieldname) or (0,))

    def max_field_length(self, fieldname: str) -> int:
        """Return the largest length of a field."""
        return max(self.lengths(fieldname) or (0,))

    def stored_bytes(self, docnum: int) -> bytes:
        """Return the stored record of a document as it lies on disk."""
        return self._stored[self._offsets[docnum] : self._offsets[docnum + 1]].tobytes()

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        """Return the stored fields of a document; IndexFormatError if they cannot be read."""
        try:
            fields = json.loads(self.stored_bytes(docnum))
        except (ValueError, RecursionError):
            fields = None
        if not isinstance(fields, dict):
            raise self._arrays.damaged(f"what it stores of document {docnum} cannot be read")
        return fields


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

    positions: memoryview[int]
    starts: Sequence[int]

    def __getitem__(self, index: int) -> bytes:  # type: ignore[override]
        return array("I", self.positions[self.starts[index] : self.starts[index + 1]]).tobytes()


class FlatTermsReader(base.TermsReader):  # type: ignore[misc]
    """The lexicons and postings of one segment."""

    def __init__(self, storage: Storage, segment: FlatSegment) -> None:
        self._arrays = _open_arrays(storage, segment.make_filename(POSTINGS_EXT))
        self._fields: dict[str, FieldPostings] = {}

    def field(self, name: str) -> FieldPostings | None:
        """Return the postings of a field, None if no document has any."""
        postings = self._fields.get(name)
        if postings is None and self._arrays.get(f"{name}/terms") is not None:
            postings = self._fields[name] = FieldPostings(self._arrays, name)
        return postings

    def _find(self, field: str, term: bytes) -> tuple[FieldPostings, int]:
        postings = self.field(field)
        place = -1 if postings is None else postings.find(term)
        if postings is None or place < 0:
            raise TermNotFound(f"no term {field}:{term!r}")
        return postings, place

    def __contains__(self, term: tuple[str, bytes]) -> bool:
        """Tell whether a (field, term) is there."""
        postings = self.field(term[0])
        return postings is not None and postings.find(term[1]) >= 0

    def cursor(self, fieldname: str, fieldobj: FieldType) -> base.FieldCursor:  # noqa: ARG002
        """Return a walk along a field's lexicon."""
        postings = self.field(fieldname)
        return base.EmptyCursor() if postings is None else FlatCursor(postings, self, fieldname)

    def indexed_field_names(self) -> list[str]:
        """Return the fields that have postings."""
        return list(self._arrays.facts.get("fields", ()))

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[str, bytes]]:
        """Yield (field, term) from a place on, through all later fields."""
        for name in self.indexed_field_names():
            postings = self.field(name)
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
        postings = self.field(fieldname)
        place = -1 if postings is None else postings.find(text)
        return 0.0 if postings is None or place < 0 else float(len(postings.positions(place)))

    def doc_frequency(self, fieldname: str, text: bytes) -> int:
        """Return the documents that hold a term, deleted ones included, 0 if none does."""
        postings = self.field(fieldname)
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
            postings.docs(place).tolist(),
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
    def field_postings(self) -> Callable[[str], FieldPostings | None]:
        """The postings of a field by its name."""
        terms: FlatTermsReader = self._terms
        return terms.field

    @property
    def documents(self) -> FlatPerDocReader:
        """Lengths, parents and stored records."""
        documents: FlatPerDocReader = self._perdoc
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

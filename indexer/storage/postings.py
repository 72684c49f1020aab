"""Lexicons and postings, read through a memory map; ``collected`` writes them.

The postings of a term are one list of bytes:

    header                 1 byte: the widths of what follows, two bits each, see below
    number of documents    in as many bytes as the header says
    gaps                   by document: how far it is from the one before, the first one from 0
    frequencies            by document
    positions              document after document

Each of these is as wide as the term needs: from the lowest bits on the header has 0, 1, 2 for 1, 2
or 4 bytes of the number, then the same of gaps; then 0 for none and 1, 2, 3 for 1, 2 or 4 bytes of
frequencies and of positions. Frequencies that are none are all 1, positions that are none all 0.
So a query takes what it needs of a term in one piece, and a merge moves whole lists.
"""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate, pairwise
from operator import sub
from typing import TYPE_CHECKING, Literal

from indexer.storage.arrays import smallest_array
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from array import array
    from collections.abc import Iterable, Sequence

    from indexer.storage.arrays import ArrayFile

POSTINGS_EXT = ".pst"

# Who looks for more terms than this in a lexicon will soon have read all of it.
_FEW_TIMES = 8
# The header and the number of documents take at most so much.
_HEAD_BYTES = 5
_WIDTHS = (1, 2, 4)
_CODES: dict[int, Literal["B", "H", "I"]] = {1: "B", 2: "H", 4: "I"}


class PostingList(NamedTuple):
    """The postings of a term as they are stored; None: all are 1, or all positions 0.

    Attributes:
        size: the number of documents.
        gaps, frequencies, positions: as this module says.
    """

    size: int
    gaps: memoryview[int]
    frequencies: memoryview[int] | None
    positions: memoryview[int] | None


def packed(docs: Sequence[int], frequencies: Sequence[int], positions: Sequence[int]) -> bytes:
    """The list of a term's postings; documents rise, there is one at least."""
    count = _smallest([len(docs)])
    gaps = _smallest([docs[0], *map(sub, docs[1:], docs)])
    header = _WIDTHS.index(count.itemsize) | _WIDTHS.index(gaps.itemsize) << 2
    parts = [count, gaps]
    for shift, values, least in ((4, frequencies, 1), (6, positions, 0)):
        if max(values) > least:
            own = _smallest(values)
            header |= (_WIDTHS.index(own.itemsize) + 1) << shift
            parts.append(own)
    return b"".join([bytes([header]), *(part.tobytes() for part in parts)])


def _smallest(values: Sequence[int]) -> array[int]:
    return smallest_array(values, max(values))


class FieldPostings:
    """The lexicon and the postings of one field of a segment, read only."""

    __slots__ = (
        *("__weakref__", "_asked", "_damaged", "_is_whole"),
        *("bounds", "lists", "release", "term_bounds", "term_bytes"),
    )

    def __init__(self, arrays: ArrayFile, field: str) -> None:
        self.release = arrays.release
        self._damaged = arrays.damaged
        #: The terms in their order, one behind the other, looked at as they are read.
        self.term_bytes = arrays.lazily(f"{field}/terms")
        #: Where each of those begins, and the last one ends.
        self.term_bounds = arrays.lazily(f"{field}/term_offsets")
        #: Where the list of each term begins, and the last one ends.
        self.bounds = arrays.lazily(f"{field}/list_offsets")
        #: The lists of all terms, one behind the other.
        self.lists = arrays.lazily(f"{field}/lists")
        ends = (self.term_bounds, self.term_bytes), (self.bounds, self.lists)
        if not all(
            len(offsets) == len(self.term_bounds) > 0 and offsets[-1] == len(values)
            for offsets, values in ends
        ):
            raise arrays.damaged(f"the arrays of the field {field} do not fit each other")
        # Whether the lexicon is known to be whole; until then it is looked at term by term.
        self._is_whole = False
        self._asked = 0

    def look_at_all(self) -> None:
        """Raise IndexFormatError unless all terms are as they were written."""
        if not self._is_whole:
            for values in (self.term_bytes, self.term_bounds, self.bounds):
                values.look_at(0, len(values))
            self._is_whole = True

    @property
    def blob(self) -> memoryview[int]:
        """The terms in their order, one behind the other."""
        self.look_at_all()
        return self.term_bytes.values

    @property
    def offsets(self) -> memoryview[int]:
        """Where each of those begins, and the last one ends."""
        self.look_at_all()
        return self.term_bounds.values

    @property
    def starts(self) -> memoryview[int]:
        """Where the list of each term begins, and the last one ends."""
        self.look_at_all()
        return self.bounds.values

    def __len__(self) -> int:
        """Return the number of terms."""
        return len(self.term_bounds) - 1

    def term(self, index: int) -> bytes:
        """Return the term at a place of the sorted lexicon."""
        offsets = self.term_bounds.values
        if not self._is_whole:
            self.term_bounds.look_at(index, index + 2)
            self.term_bytes.look_at(offsets[index], offsets[index + 1])
        return self.term_bytes.values[offsets[index] : offsets[index + 1]].tobytes()

    def _list(self, index: int) -> memoryview[int]:
        """The list of a term as it is stored."""
        starts = self.bounds.values
        if not self._is_whole:
            self.bounds.look_at(index, index + 2)
        return self.lists.take(starts[index], starts[index + 1])

    def terms(self) -> Iterable[bytes]:
        """Yield all terms in their order."""
        raw, offsets = self.blob.tobytes(), self.offsets.tolist()
        return map(raw.__getitem__, map(slice, offsets, offsets[1:]))

    def terms_at(self, places: Iterable[int]) -> Iterable[tuple[int, bytes]]:
        """Yield each of some places with its term; those of a range are read at once."""
        if not isinstance(places, range) or not places:
            return ((place, self.term(place)) for place in places)
        offsets = self.term_bounds.take(places.start, places.stop + 1).tolist()
        begin = offsets[0]
        raw = self.term_bytes.take(begin, offsets[-1]).tobytes()
        return (
            (place, raw[first - begin : end - begin])
            for place, (first, end) in zip(places, pairwise(offsets), strict=True)
        )

    def lower(self, term: bytes, first: int = 0, end: int | None = None) -> int:
        """Return the place of the first term, of those from first to end, not below the given one.

        It is end where all are.
        """
        self._asked += 1
        if self._asked > _FEW_TIMES:
            self.look_at_all()
        return bisect_left(range(len(self)), term, first, end, key=self.term)

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
        starts = self.bounds.values
        if not self._is_whole:
            self.bounds.look_at(index, index + 1)
        raw = self.lists.take(starts[index], starts[index] + _HEAD_BYTES)
        width = _WIDTHS[raw[0] & 3]
        return raw[1 : 1 + width].cast(_CODES[width])[0]

    def posting_list(self, index: int) -> PostingList:
        """Return the postings of a term as they are stored."""
        lists = self._list(index)
        header = lists[0]
        width = _WIDTHS[header & 3]
        count = lists[1 : 1 + width].cast(_CODES[width])[0]
        at = 1 + width
        width = _WIDTHS[header >> 2 & 3]
        gaps = lists[at : at + count * width].cast(_CODES[width])
        at += count * width
        if at > len(lists):
            raise self._damaged(f"the list of term {index} is cut off")
        frequencies = positions = None
        if code := header >> 4 & 3:
            width = _WIDTHS[code - 1]
            frequencies = lists[at : at + count * width].cast(_CODES[width])
            at += count * width
        if code := header >> 6:
            positions = lists[at:].cast(_CODES[_WIDTHS[code - 1]])
        return PostingList(count, gaps, frequencies, positions)

    def docs(self, index: int) -> list[int]:
        """Return the documents of a term, in rising order."""
        return list(accumulate(self.posting_list(index).gaps))

    def by_doc(self) -> dict[int, str]:
        """Return the term of each document, of a field that has one in a document at most."""
        return {
            doc: self.term(index).decode("utf-8", "surrogatepass")
            for index in range(len(self))
            for doc in self.docs(index)
        }

    def frequencies(self, index: int) -> Sequence[int]:
        """Return the frequencies of a term, aligned with docs()."""
        found = self.posting_list(index)
        return b"\1" * found.size if found.frequencies is None else found.frequencies

    def positions(self, index: int) -> Sequence[int]:
        """Return the positions of a term, document after document."""
        found = self.posting_list(index)
        if found.positions is None:
            return bytes(sum(self.frequencies(index)))
        return found.positions


class PostingsFile:
    """The postings of one segment, field by field."""

    def __init__(self, arrays: ArrayFile) -> None:
        self._arrays = arrays
        self._fields: dict[str, FieldPostings | None] = {}

    @property
    def path(self) -> str:
        """The path of the file."""
        return self._arrays.name

    @property
    def sizes_bytes(self) -> dict[str, int]:
        """How large each array is."""
        return {name: self._arrays.size_bytes(name) for name in self._arrays.names()}

    def field(self, name: str) -> FieldPostings | None:
        """Return the postings of a field, None if no document has any."""
        if name not in self._fields:
            is_there = f"{name}/terms" in self._arrays
            self._fields[name] = FieldPostings(self._arrays, name) if is_there else None
        return self._fields[name]

    def fields(self) -> list[str]:
        """Return the fields that have postings, sorted."""
        return list(self._arrays.facts.get("fields", ()))

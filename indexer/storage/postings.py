"""Lexicons and postings, read through a memory map; ``collected`` writes them.

A term's postings are slices of three arrays (documents, frequencies, positions), so that a query
takes them whole and a merge copies them whole.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from indexer.storage.arrays import ArrayFile

POSTINGS_EXT = ".pst"


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

    def whole(self) -> tuple[memoryview[int], ...]:
        """Return its arrays: terms, offsets, first postings and positions; then what these part."""
        return (
            *(self._blob, self._offsets, self._first, self._ends),
            *(self._docs, self._frequencies, self._positions),
        )

    def doc_count(self, index: int) -> int:
        """Return how many documents hold the term, deleted ones included."""
        return self._first[index + 1] - self._first[index]

    def docs(self, index: int) -> memoryview[int]:
        """Return the documents of a term, in rising order."""
        return self._docs[self._first[index] : self._first[index + 1]]

    def frequencies(self, index: int) -> memoryview[int]:
        """Return the frequencies of a term, aligned with docs()."""
        return self._frequencies[self._first[index] : self._first[index + 1]]

    def docs_of(self, places: range) -> memoryview[int]:
        """Return the documents of the terms at neighbouring places, term after term."""
        return self._docs[self._first[places.start] : self._first[places.stop]]

    def frequencies_of(self, places: range) -> memoryview[int]:
        """Return the frequencies of the terms at neighbouring places, aligned with docs_of()."""
        return self._frequencies[self._first[places.start] : self._first[places.stop]]

    def first_postings(self, places: range) -> memoryview[int]:
        """Return where the postings of each of the terms at neighbouring places begin; the end."""
        return self._first[places.start : places.stop + 1]

    def positions(self, index: int) -> memoryview[int]:
        """Return the positions of a term, document after document."""
        return self._positions[self._ends[index] : self._ends[index + 1]]


class PostingsFile:
    """The postings of one segment, field by field."""

    def __init__(self, arrays: ArrayFile) -> None:
        self._arrays = arrays
        self._fields: dict[str, FieldPostings] = {}

    def field(self, name: str) -> FieldPostings | None:
        """Return the postings of a field, None if no document has any."""
        postings = self._fields.get(name)
        if postings is None and self._arrays.get(f"{name}/terms") is not None:
            postings = self._fields[name] = FieldPostings(self._arrays, name)
        return postings

    def fields(self) -> list[str]:
        """Return the fields that have postings, sorted."""
        return list(self._arrays.facts.get("fields", ()))

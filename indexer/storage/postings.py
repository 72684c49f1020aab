"""Lexicons and postings: collected, written as flat arrays, read through a memory map.

A term's postings are slices of three arrays (documents, frequencies, positions), so that a query
takes them whole and a merge copies them whole.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from itertools import accumulate
from typing import TYPE_CHECKING, Any, BinaryIO

from indexer.storage.arrays import ArrayFile, Written, smallest_array, write_arrays

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from indexer.text.inverting import Places
    from indexer.text.sorting import Run

POSTINGS_EXT = ".pst"

# With fewer terms to merge than this, loading numpy takes longer than it saves.
_FEW_TERMS = 50_000


class PostingTable:
    """What becomes a postings file: postings of new documents, and segments to merge in.

    Attributes:
        terms: the numbers of the terms of runs.
    """

    def __init__(self) -> None:
        # field -> term -> [document, places, document, places ...], documents rising
        self._new: dict[str, dict[bytes, list[Any]]] = {}
        self._runs: dict[str, list[Run]] = {}  # of documents before those
        self._merged: dict[str, list[tuple[FieldPostings, Sequence[int]]]] = {}
        from indexer.text.inverting import Terms  # noqa: PLC0415 - only who writes inverts

        self.terms = Terms()

    def add_text(self, field: str, doc: int, forms: Mapping[bytes, Places]) -> None:
        """Take all postings of one text; documents must come in rising order."""
        if not forms:
            return
        terms = self._new.setdefault(field, {})
        known = terms.get
        for term, places in forms.items():
            postings = known(term)
            if postings is None:
                terms[term] = [doc, places]
            else:
                postings.append(doc)
                postings.append(places)

    def add_run(self, field: str, run: Run) -> None:
        """Take all postings of many texts, of documents above all taken before."""
        if len(run.terms):
            self._seal()
            self._runs.setdefault(field, []).append(run)

    def _seal(self) -> None:
        """Have no postings but runs of the documents so far."""
        if self._new:
            from indexer.storage.runs import run_of_postings  # noqa: PLC0415 - loads numpy

            new, self._new = self._new, {}
            for field, postings in new.items():
                self._runs.setdefault(field, []).append(run_of_postings(postings, self.terms))

    def merge(self, field: str, postings: FieldPostings, numbers: Sequence[int]) -> None:
        """Take a field of another segment; numbers gives each document's new one, -1: left out.

        The new numbers must be above those of all documents taken before.
        """
        self._merged.setdefault(field, []).append((postings, numbers))

    def clear(self) -> None:
        """Forget everything."""
        self._new, self._runs, self._merged = {}, {}, {}

    def write(self, file: BinaryIO) -> None:
        """Write all fields as a postings file."""
        arrays = {
            f"{field}/{name}": values
            for field in self.fields()
            for name, values in self.field_arrays(field).items()
        }
        write_arrays(file, arrays, {"fields": self.fields()})

    def fields(self) -> list[str]:
        """Return the fields that have postings, sorted."""
        return sorted({*self._new, *self._runs, *self._merged})

    def field_arrays(self, field: str) -> Mapping[str, Written]:
        """Return the arrays of one field, as FieldPostings reads them."""
        merged = self._merged.get(field, [])
        if field not in self._runs and sum(len(one) for one, _ in merged) < _FEW_TERMS:
            return self._few(field)
        from indexer.storage.runs import merged_arrays, run_of_segment  # noqa: PLC0415 - loads numpy

        self._seal()
        runs = self._runs.get(field, [])
        more = [run_of_segment(*part, self.terms) for part in merged]
        return merged_arrays([*runs, *more], self.terms)

    def _few(self, field: str) -> dict[str, Written]:
        """As field_arrays() for a field without runs: term by term."""
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

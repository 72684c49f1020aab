"""Lexicons and postings: collected from texts and segments, written as flat arrays."""

from __future__ import annotations

from array import array
from itertools import accumulate
from typing import TYPE_CHECKING, Any, BinaryIO

from indexer.storage.arrays import Written, smallest_array, write_arrays
from indexer.text.inverting import Terms

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from indexer.storage.postings import FieldPostings
    from indexer.text.inverting import Places
    from indexer.text.sorting import Run

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

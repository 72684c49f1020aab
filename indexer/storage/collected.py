"""Lexicons and postings: collected from texts and segments, written as flat arrays."""

from __future__ import annotations

import os
from itertools import accumulate
from typing import TYPE_CHECKING, Any, BinaryIO

from indexer.storage.arrays import ArrayFile, ArrayWriter, smallest_array
from indexer.storage.postings import PostingsFile, packed
from indexer.text.terms import new_terms

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from indexer.storage.postings import FieldPostings
    from indexer.text.inverting import Places
    from indexer.text.sorting import Run
    from indexer.text.words import Numbers

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
        self._runs_bytes = 0
        self._spilled: list[PostingsFile] = []  # of documents before those
        self._merged: dict[str, list[tuple[FieldPostings, Sequence[int]]]] = {}
        self.terms = new_terms()

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
            self._keep(field, run)

    def _keep(self, field: str, run: Run) -> None:
        self._runs.setdefault(field, []).append(run)
        self._runs_bytes += run.size_bytes

    def _seal(self) -> None:
        """Have no postings but runs of the documents so far."""
        if self._new:
            from indexer.storage.runs import run_of_postings  # noqa: PLC0415 - loads numpy

            new, self._new = self._new, {}
            for field, postings in new.items():
                self._keep(field, run_of_postings(postings, self.terms))

    def merge(self, field: str, postings: FieldPostings, numbers: Sequence[int]) -> None:
        """Take a field of another segment; numbers gives each document's new one, -1: left out.

        The new numbers must be above those of all documents taken before.
        """
        self._merged.setdefault(field, []).append((postings, numbers))

    def clear(self) -> None:
        """Forget everything."""
        self._new, self._runs, self._merged = {}, {}, {}
        self._runs_bytes = 0
        self._spilled = []

    @property
    def size_bytes(self) -> int:
        """About how much memory the runs and their terms take."""
        return self._runs_bytes + self.terms.size_bytes

    def spill(self, path: str) -> None:
        """Move all postings so far to a file, which must stay; terms are numbered anew."""
        with open(path, "wb") as file:  # noqa: PTH123 - a name as the system gives it
            spilled, self._spilled = self._spilled, []
            self.write(file)
        self.clear()
        self.terms = new_terms()
        self._spilled = [*spilled, PostingsFile(ArrayFile.open(path))]

    def write(self, file: BinaryIO) -> None:
        """Write all fields as a postings file."""
        # One in memory has no name.
        writer = ArrayWriter(file, os.path.basename(getattr(file, "name", "")))  # noqa: PTH119
        of_spilled = (field for one in self._spilled for field in one.fields())
        fields = sorted({*self._new, *self._runs, *self._merged, *of_spilled})
        for field in fields:
            self._write_field(writer, field)
        writer.close({"fields": fields})

    def _write_field(self, writer: ArrayWriter, field: str) -> None:
        """Write the arrays of one field, as FieldPostings reads them."""
        old = self._merged.get(field, [])
        spilled = [of for one in self._spilled if (of := one.field(field)) is not None]
        if field in self._runs or spilled or sum(len(one) for one, _ in old) >= _FEW_TERMS:
            self._write_many(writer, field, spilled)
            return
        lists = self._few(field)
        writer.write(f"{field}/lists", b"".join(lists.values()))
        for name, values in (("list_offsets", lists.values()), ("term_offsets", lists)):
            offsets = list(accumulate(map(len, values), initial=0))
            writer.write(f"{field}/{name}", smallest_array(offsets, offsets[-1]))
        writer.write(f"{field}/terms", b"".join(lists))

    def _write_many(
        self, writer: ArrayWriter, field: str, spilled: Sequence[FieldPostings]
    ) -> None:
        """Write a field of many terms, some neighbours at a time."""
        from indexer.storage.lexicons import starts_of  # noqa: PLC0415 - loads numpy
        from indexer.storage.runs import (  # noqa: PLC0415 - as it does
            Part,
            RunsPart,
            SegmentPart,
            merged,
        )
        from indexer.text.sorting import joined, narrow  # noqa: PLC0415 - as it does

        self._seal()
        parts: list[Part] = [SegmentPart(one, None) for one in spilled]
        if field in self._runs:
            parts.append(RunsPart(self._runs[field], self.terms))
        parts += [SegmentPart(*one) for one in self._merged.get(field, [])]
        writer.extend(f"{field}/lists", b"")
        terms: list[bytes] = []
        term_sizes: list[Numbers] = []
        sizes: list[Numbers] = []
        for own in merged(parts):
            writer.extend(f"{field}/lists", own.lists.data)
            terms.append(own.terms)
            term_sizes.append(own.term_sizes)
            sizes.append(own.sizes)
        for name, column in (("list_offsets", sizes), ("term_offsets", term_sizes)):
            writer.write(f"{field}/{name}", narrow(starts_of(joined(column))).data)
        writer.write(f"{field}/terms", b"".join(terms))

    def _few(self, field: str) -> dict[bytes, bytes]:
        """The lists of a field without runs by term, in the order of the terms."""
        new = self._new.get(field, {})
        parts: dict[bytes, list[tuple[FieldPostings, int, Sequence[int]]]] = {}
        for postings, numbers in self._merged.get(field, ()):
            for place, term in enumerate(postings.terms()):
                parts.setdefault(term, []).append((postings, place, numbers))
        lists = {}
        for term in sorted({*new, *parts}):
            flat = new.get(term, ())
            docs, frequencies, positions = list(flat[::2]), list[int](), list[int]()
            for places in flat[1::2]:
                own = [places] if places.__class__ is int else places
                positions += own
                frequencies.append(len(own))
            for part in parts.get(term, ()):
                _append_live(*part, docs, frequencies, positions)
            if docs:
                lists[term] = packed(docs, frequencies, positions)
        return lists


def _append_live(
    postings: FieldPostings,
    place: int,
    numbers: Sequence[int],
    docs: list[int],
    frequencies: list[int],
    positions: list[int],
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

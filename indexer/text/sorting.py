"""Occurrences of terms -> postings: one sort by term that keeps their order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from indexer.text import in_c
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from indexer.text.words import Numbers


_MOST_BY_RADIX = 1 << 16


class Run(NamedTuple):
    """The postings of one field of some documents, by term and then by document.

    Many of them are kept until the end, so their numbers are as narrow as they can be.

    Attributes:
        base: the first document.
        terms: the numbers of the terms, each once.
        first: by term, its first place in docs and frequencies; one more than there are terms.
        ends: the same in positions.
        docs, frequencies: as FieldPostings gives them, but counted from the base.
        positions: document after document.
    """

    base: int
    terms: Numbers
    first: Numbers
    ends: Numbers
    docs: Numbers
    frequencies: Numbers
    positions: Numbers

    @property
    def size_bytes(self) -> int:
        """How much memory its numbers take."""
        return sum(array.nbytes for array in self[1:])


def run_of(terms: Numbers, docs: Numbers, positions: Numbers) -> Run:
    """The postings that occurrences of terms make, in the order of their documents."""
    if in_c.merging is not None:
        base, *columns = in_c.merging.run_of(*map(_unsigned, (terms, docs, positions)))
        return Run(base, *(np.frombuffer(raw, f"u{width}") for raw, width in columns))
    count = len(terms)
    ranks, different = _ranks(terms)
    if len(different) <= _MOST_BY_RADIX:
        # Numbers of 16 bits are sorted by radix, in a third of the time.
        rows = ranks.astype(np.uint16).argsort(kind="stable")
    else:
        bits = count.bit_length()
        keys = (ranks << bits) | np.arange(count)
        keys.sort()
        rows = keys & ((1 << bits) - 1)
    ends = np.append(0, np.cumsum(np.bincount(ranks, minlength=len(different))))
    docs, positions = docs[rows], positions[rows]
    begins = _changes(docs)
    begins[ends[:-1]] = True
    starts = begins.nonzero()[0]
    own = docs[starts]
    base = int(own.min()) if count else 0
    return Run(
        base,
        narrow(different),
        narrow(np.append(starts.searchsorted(ends[:-1]), len(starts))),
        narrow(ends),
        narrow(own - base),
        narrow(np.diff(starts, append=count)),
        narrow(positions),
    )


def sorted_order(names: Sequence[bytes]) -> NDArray[np.int64]:
    """The places of names in their order; no two are the same.

    They are sorted by their first 16 bytes as two numbers, and what begins alike by itself.
    """
    sizes = np.fromiter(map(len, names), np.int64, len(names))
    starts = np.cumsum(sizes) - sizes
    raw = np.frombuffer(b"".join(names) + bytes(16), np.uint8)
    # Numbers of eight bytes from every byte on, as they lie.
    eights = np.ndarray((len(raw) - 7,), ">u8", raw, strides=(1,))
    keys = []
    for start in (0, 8):
        left = np.clip(sizes - start, 0, 8).astype(np.uint64)
        of_names = eights[starts + np.minimum(sizes, start)].astype(np.uint64)
        shift = np.uint64(8) * (np.uint64(8) - left)
        # A shift by all bits leaves what it likes.
        keys.append(np.where(left > 0, of_names >> shift << shift, np.uint64(0)))
    order = np.lexsort((keys[1], keys[0]))
    alike = np.ones(len(names), np.bool_)
    if len(names):
        alike[1:] = np.logical_and(*(key[order[1:]] == key[order[:-1]] for key in keys))
        alike[0] = False
    edges = np.flatnonzero(np.diff(np.concatenate(([False], alike, [False]))))
    for start, end in zip((edges[::2] - 1).tolist(), edges[1::2].tolist(), strict=True):
        order[start:end] = sorted(order[start:end].tolist(), key=names.__getitem__)
    return order


def joined(parts: Sequence[Numbers]) -> Numbers:
    """The numbers of all parts, one behind the other."""
    return np.concatenate(parts) if parts else np.zeros(0, np.int64)


def _unsigned(values: Numbers) -> NDArray[np.uint32]:
    return np.ascontiguousarray(values, np.uint32)


def _ranks(terms: Numbers) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The place of each term among the different ones, and those, rising."""
    used = np.zeros(int(terms.max(initial=-1)) + 1, np.bool_)
    used[terms] = True
    different = used.nonzero()[0]
    ranks = np.zeros(len(used), np.int64)
    ranks[different] = np.arange(len(different))
    return ranks[terms], different


def _changes(values: Numbers) -> NDArray[np.bool_]:
    """Whether each value differs from the one before it; the first does."""
    changes = np.ones(len(values), np.bool_)
    np.not_equal(values[1:], values[:-1], out=changes[1:])
    return changes


def narrow(values: Numbers) -> Numbers:
    """The same numbers, none below 0, in the narrowest unsigned type that holds them all."""
    narrowest: Numbers = values.astype(np.min_scalar_type(int(values.max(initial=0))))
    return narrowest

"""Posting lists packed and unpacked by numpy, many terms at once; ``postings`` has their form."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from indexer.storage.postings import FieldPostings
    from indexer.text.words import Numbers

_WIDTHS = np.array([1, 2, 4, 0], np.int64)
_OPTIONAL_WIDTHS = np.array([0, 1, 2, 4], np.int64)
# Positions take a byte at least, but those that are all 0; there are not more of those.
_MOST_AT_ONE_PLACE = 1 << 24


class Postings(NamedTuple):
    """The postings of several terms.

    Attributes:
        first: by term, its first place in docs and frequencies; one more than there are terms.
        ends: the same in positions.
        docs, frequencies: documents, rising for each term, and how often each holds it.
        positions: document after document.
    """

    first: Numbers
    ends: Numbers
    docs: NDArray[np.int64]
    frequencies: Numbers
    positions: Numbers


def pack(postings: Postings) -> tuple[NDArray[np.uint8], Numbers]:
    """The lists of terms one behind the other, and where each begins and the last ends.

    Each term must have a posting.
    """
    first, ends, docs, frequencies, positions = postings
    heads = first[:-1]
    gaps = docs.copy()
    gaps[1:] -= docs[:-1]
    gaps[heads] = docs[heads]
    counts, numbers = np.diff(first), np.diff(ends)
    codes = (
        _width_codes(counts),
        _width_codes(np.maximum.reduceat(gaps, heads)),
        _optional_codes(np.maximum.reduceat(frequencies, heads), 1),
        _optional_codes(np.maximum.reduceat(positions, ends[:-1]), 0),
    )
    widths = (
        *(_WIDTHS[codes[0]], _WIDTHS[codes[1]]),
        *(_OPTIONAL_WIDTHS[codes[2]], _OPTIONAL_WIDTHS[codes[3]]),
    )
    at = np.cumsum(1 + widths[0] + counts * (widths[1] + widths[2]) + numbers * widths[3])
    starts = np.append(0, at)
    lists = np.empty(int(starts[-1]), np.uint8)
    at = starts[:-1]
    lists[at] = codes[0] | codes[1] << 2 | codes[2] << 4 | codes[3] << 6
    at = at + 1
    for own, values, parts in (
        (np.arange(len(starts)), counts, widths[0]),
        (first, gaps, widths[1]),
        (first, frequencies, widths[2]),
        (ends, positions, widths[3]),
    ):
        _put(lists, at, own, values, parts)
        at = at + np.diff(own) * parts
    return lists, starts


def _width_codes(largest: Numbers) -> Numbers:
    return (largest > 0xFF).astype(np.int64) + (largest > 0xFFFF)


def _optional_codes(largest: Numbers, least: int) -> Numbers:
    return np.where(largest > least, _width_codes(largest) + 1, 0)


def _put(
    lists: NDArray[np.uint8], at: Numbers, first: Numbers, values: Numbers, widths: Numbers
) -> None:
    """Write the values of each term from its place on, as wide as it says."""
    for width, of_width, places in _by_width(at, first, widths):
        _view(lists, width)[places] = values if of_width is None else values[of_width]


def _taken(
    raw: NDArray[np.uint8], at: Numbers, first: Numbers, widths: Numbers, other: int
) -> Numbers:
    """The values of each term from its place on; other where they have no width."""
    values: NDArray[np.int64] = np.full(int(first[-1]), other, np.int64)
    for width, of_width, places in _by_width(at, first, widths):
        values[slice(None) if of_width is None else of_width] = _view(raw, width)[places]
    return values


def _by_width(
    at: Numbers, first: Numbers, widths: Numbers
) -> Iterator[tuple[int, NDArray[np.bool_] | None, Numbers]]:
    """Yield the widths there are, which values have each (None: all), and where those lie."""
    counts = np.diff(first)
    for width in (1, 2, 4):
        of_width = widths == width
        if not of_width.any():
            continue
        places = np.repeat(at - first[:-1] * width, counts)
        places += np.arange(len(places)) * width
        if of_width.all():
            yield width, None, places
        else:
            own = np.repeat(of_width, counts)
            yield width, own, places[own]


def _view(lists: NDArray[np.uint8], width: int) -> Numbers:
    """The numbers of a width that begin at each byte."""
    return np.ndarray((max(0, len(lists) - width + 1),), f"u{width}", lists, strides=(1,))


def unpack_one(postings: FieldPostings, place: int) -> tuple[NDArray[np.int64], Numbers]:
    """The documents of one term, rising, and how often each holds it."""
    found = postings.posting_list(place)
    docs: NDArray[np.int64] = np.asarray(found.gaps).astype(np.int64)
    np.add.accumulate(docs, out=docs)  # while it converts it takes several times as long
    if found.frequencies is None:
        return docs, np.ones(found.size, np.uint8)
    return docs, np.asarray(found.frequencies)


def positions_of_one(postings: FieldPostings, place: int) -> Numbers:
    """The positions of one term, document after document."""
    found = postings.posting_list(place)
    if found.positions is not None:
        return np.asarray(found.positions)
    numbers = found.size if found.frequencies is None else int(np.sum(found.frequencies))
    _refuse_more(numbers, max(len(postings.lists), _MOST_AT_ONE_PLACE))
    return np.zeros(numbers, np.uint8)


def places_by_doc(postings: FieldPostings, size: int) -> NDArray[np.int64]:
    """By document, of so many, the place of its term in a lexicon where each has one."""
    every = np.arange(len(postings))
    found = unpack(postings, every, positions=False)
    places = np.zeros(size, np.int64)
    places[found.docs] = np.repeat(every, np.diff(found.first))
    return places


def _refuse_more(count: int, most: int) -> None:
    """Raise ValueError for more numbers than there may be, before there is room made for them."""
    if count > most:
        raise ValueError(f"{count:,} numbers where there are {most:,} at most")


def _whole_lists(
    postings: FieldPostings, terms: Numbers, starts: Numbers, ends: Numbers
) -> NDArray[np.uint8]:
    """The lists of a field, of which those of some terms are whole."""
    lists = postings.lists
    if len(terms) and terms[-1] - terms[0] >= len(terms):  # some between them are left out
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
            lists.take(start, end)
    elif len(terms):
        lists.look_at(int(starts[0]), int(ends[-1]))
    return np.asarray(lists.values)


def unpack(
    postings: FieldPostings, places: Sequence[int] | Numbers, *, positions: bool
) -> Postings:
    """The postings of the terms at some places of a lexicon; positions only where wanted."""
    starts = np.asarray(postings.starts)
    terms = np.asarray(places, np.int64)
    at = starts[terms].astype(np.int64)
    raw = _whole_lists(postings, terms, at, starts[terms + 1])
    header = raw[at].astype(np.int64)
    at = at + 1
    width = _WIDTHS[header & 3]
    counts = _taken(raw, at, np.arange(len(terms) + 1), width, 0)
    _refuse_more(int(counts.sum()), len(raw))
    at = at + width
    first = np.append(0, np.cumsum(counts))
    width = _WIDTHS[header >> 2 & 3]
    docs: NDArray[np.int64] = np.cumsum(_taken(raw, at, first, width, 0))
    # Gaps of one term begin anew.
    before = np.append(0, docs)[first[:-1]]
    docs -= np.repeat(before, counts)
    at = at + counts * width
    width = _OPTIONAL_WIDTHS[header >> 4 & 3]
    frequencies = _taken(raw, at, first, width, 1)
    if not positions:
        return Postings(first, first[:1], docs, frequencies, frequencies[:0])
    at = at + counts * width
    _refuse_more(int(frequencies.sum(dtype=np.int64)), max(len(raw), _MOST_AT_ONE_PLACE))
    ends = np.append(0, np.cumsum(frequencies))[first]
    width = _OPTIONAL_WIDTHS[header >> 6]
    return Postings(first, ends, docs, frequencies, _taken(raw, at, ends, width, 0))

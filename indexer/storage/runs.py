"""Runs of postings -> the arrays of a segment, by numpy: nothing is done term by term but naming.

A run has the postings of some documents, whether a batch of new ones or an old segment. The runs
of a field follow each other: every document of one is above all documents of those before it. So
the postings of a term are those of each run one behind the other, and where they go is known from
how many there are.
"""

from __future__ import annotations

from itertools import compress, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from indexer.text.sorting import Run, narrow, run_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from indexer.storage.arrays import Written
    from indexer.storage.postings import FieldPostings
    from indexer.text.inverting import Terms
    from indexer.text.words import Numbers


def run_of_postings(postings: Mapping[bytes, Sequence[Any]], terms: Terms) -> Run:
    """The run of postings as PostingTable collects them, [document, places ...] by term."""
    numbers: list[int] = []
    docs: list[int] = []
    positions: list[int] = []
    for term, flat in postings.items():
        number = terms[term]
        for doc, places in zip(flat[::2], flat[1::2], strict=True):
            own = [places] if isinstance(places, int) else places
            numbers += [number] * len(own)
            docs += [doc] * len(own)
            positions += own
    return run_of(
        np.array(numbers, np.int64), np.array(docs, np.int64), np.array(positions, np.int64)
    )


def run_of_values(values: Sequence[bytes], docs: Sequence[int], terms: Terms) -> Run:
    """The run of a field that has one term in a document, at position 0."""
    numbers = np.fromiter(map(terms.__getitem__, values), np.int64, len(values))
    return run_of(numbers, np.array(docs, np.int64), np.zeros(len(docs), np.int64))


def run_of_segment(postings: FieldPostings, numbers: Sequence[int], terms: Terms) -> Run:
    """The run of a field of a segment under new document numbers, leaving out those that are -1."""
    blob, offsets, *arrays = postings.whole()
    raw = blob.tobytes()
    names = [terms[raw[start:end]] for start, end in pairwise(offsets.tolist())]
    docs, frequencies, positions = map(np.asarray, arrays[2:])
    first, ends = (np.asarray(starts).astype(np.int64) for starts in arrays[:2])
    docs = np.array(numbers, np.int64)[docs]
    live = docs >= 0
    if not live.all():
        positions = positions[np.repeat(live, frequencies)]
        kept = np.where(live, frequencies, 0)
        ends = np.append(0, np.cumsum(kept, dtype=np.int64))[first]
        first = np.append(0, np.cumsum(live, dtype=np.int64))[first]
        docs, frequencies = docs[live], frequencies[live]
    left = first[1:] > first[:-1]
    return Run(
        np.array(names, np.int64)[left],
        np.append(first[:-1][left], len(docs)),
        np.append(ends[:-1][left], len(positions)),
        narrow(docs),
        frequencies,
        positions,
    )


def merged_arrays(runs: Sequence[Run], terms: Terms) -> dict[str, Written]:
    """The arrays of a field, as FieldPostings reads them."""
    lexicon, ranks = _lexicon(runs, terms)
    places = [ranks[run.terms] for run in runs]
    by_posting = [run.first for run in runs]
    by_position = [run.ends for run in runs]
    offsets = np.cumsum([0, *map(len, lexicon)])
    first, (docs, frequencies) = _one_behind_the_other(
        len(lexicon),
        places,
        by_posting,
        [[run.docs for run in runs], [run.frequencies for run in runs]],
    )
    ends, (positions,) = _one_behind_the_other(
        len(lexicon), places, by_position, [[run.positions for run in runs]]
    )
    return {
        "terms": b"".join(lexicon),
        "term_offsets": narrow(offsets).data,
        "first_posting": narrow(first).data,
        "first_position": narrow(ends).data,
        "docs": docs.data,
        "frequencies": frequencies.data,
        "positions": positions.data,
    }


def _lexicon(runs: Sequence[Run], terms: Terms) -> tuple[list[bytes], Numbers]:
    """The sorted terms of all runs, and by the number of a term its place among them."""
    used = np.zeros(len(terms), np.bool_)
    for run in runs:
        used[run.terms] = True
    lexicon = sorted(compress(terms, used.tolist()))
    ranks = np.zeros(len(terms), np.int64)
    ranks[np.fromiter(map(terms.__getitem__, lexicon), np.int64, len(lexicon))] = np.arange(
        len(lexicon)
    )
    return lexicon, ranks


def _one_behind_the_other(
    count: int,
    places: Sequence[Numbers],
    starts: Sequence[Numbers],
    columns: Sequence[Sequence[Numbers]],
) -> tuple[Numbers, list[Numbers]]:
    """Bring together the values that several runs have for each of so many terms.

    Args:
        count: how many terms there are.
        places: by run, the places of its terms.
        starts: by run, where the values of its terms begin, and their end.
        columns: by column and run, the values.

    Returns: by term, where its values begin, and their end; and the columns.
    """
    totals = np.zeros(count + 1, np.int64)
    for place, start in zip(places, starts, strict=True):
        totals[place + 1] += np.diff(start)
    first = np.cumsum(totals)
    free = first[:-1].copy()
    merged = [
        np.empty(int(first[-1]), np.result_type(np.uint8, *(values.dtype for values in column)))
        for column in columns
    ]
    for run, (place, start) in enumerate(zip(places, starts, strict=True)):
        counts = np.diff(start)
        target = np.repeat(free[place] - start[:-1], counts)
        target += np.arange(len(target))
        for values, column in zip(merged, columns, strict=True):
            values[target] = column[run]
        free[place] += counts
    return first, [narrow(values) for values in merged]

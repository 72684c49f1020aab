"""Whether a lexicon and its postings are as their writer makes them, whoever wrote them."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from indexer.storage.packing import Postings, pack, unpack

if TYPE_CHECKING:
    from indexer.storage.postings import FieldPostings

# Of so many terms the postings are looked at together.
_TERMS_AT_ONCE = 20_000


def flaw_in(postings: FieldPostings, documents: int) -> str:
    """What is wrong with a field of a segment of so many documents; "" if nothing is.

    Raises: ValueError or IndexError where it makes no sense at all.
    """
    terms = list(postings.terms())
    if any(term >= following for term, following in pairwise(terms)):
        return "its terms are not in their order"
    for term in terms:
        term.decode("utf-8", "surrogatepass")
    starts = np.asarray(postings.starts).astype(np.int64)
    if starts[0] or (starts[1:] <= starts[:-1]).any():
        return "its postings do not follow each other"
    for low in range(0, len(terms), _TERMS_AT_ONCE):
        high = min(low + _TERMS_AT_ONCE, len(terms))
        found = unpack(postings, np.arange(low, high), positions=True)
        if flaw := _flaw_in(found, documents):
            return flaw
        lists, _ = pack(found)
        if lists.tobytes() != postings.lists.take(int(starts[low]), int(starts[high])).tobytes():
            return "its postings are not as they are written"
    return ""


def _flaw_in(found: Postings, documents: int) -> str:
    heads = np.zeros(len(found.docs) + 1, np.bool_)
    heads[found.first] = True
    rising = np.diff(found.docs, prepend=-1) > 0
    if not (rising | heads[:-1]).all() or found.docs.min() < 0 or found.docs.max() >= documents:
        return "its documents are not in their order"
    ends = np.append(0, np.cumsum(found.frequencies.astype(np.int64)))
    heads = np.zeros(len(found.positions) + 1, np.bool_)
    heads[ends] = True
    rising = np.diff(found.positions.astype(np.int64), prepend=0) >= 0
    if not found.frequencies.all() or not (rising | heads[:-1]).all():
        return "its positions are not in their order"
    return ""

"""The values that articles of an index have in a field, for somebody who types one."""

from __future__ import annotations

import os
from itertools import islice
from typing import TYPE_CHECKING

from indexer.errors import PassageSearchError
from indexer.storage.committed import CommittedIndex, default_index_dir, is_address
from indexer.text.analysis import encoded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from indexer.storage.segment import SegmentView

#: More are of no use to anybody who looks at a list of them.
MOST_VALUES = 1_000
# Who has pressed a key waits for no cluster that has gone.
_PATIENCE_SECONDS = 3.0


def known_values(path: Path | str | None, field: str, prefix: str) -> list[str]:
    """The values of a field, such as "article" or "language", that begin so, sorted.

    They are found in the sorted lexicon, of which only what is looked at is read. No index, or one
    that cannot be read, has none: nobody asks for an index by pressing a key.

    Args:
        path: the address or the directory of the index as it is typed, with ~ and variables, which
            a shell puts in place only when the line is complete; None is the default place.
        field: a field of article records.
        prefix: how they begin; "" for all.

    Returns: MOST_VALUES at most.
    """
    try:
        if path is not None and is_address(str(path)):
            from indexer.storage.remote.index import RemoteIndex  # noqa: PLC0415 - few are

            remote = RemoteIndex.open(str(path), patience_seconds=_PATIENCE_SECONDS)
            return remote.values(field, prefix, MOST_VALUES)
        index = CommittedIndex.open(default_index_dir() if path is None else _put_in_place(path))
        found = {
            value
            for segment in index.segments()
            for value in islice(_values(segment, field, encoded(prefix)), MOST_VALUES)
        }
    except (PassageSearchError, OSError):
        return []
    return sorted(found)[:MOST_VALUES]


def _put_in_place(path: Path | str) -> str:
    return os.path.expandvars(os.path.expanduser(path))  # noqa: PTH111 - pathlib has half of it


def _values(segment: SegmentView, field: str, prefix: bytes) -> Iterator[str]:
    """Yield the values that begin so and that a live article has."""
    postings = segment.postings(field)
    if postings is None:
        return
    for place in postings.prefix_range(prefix):
        if segment.live_count_at(postings, place):
            yield postings.term(place).decode("utf-8", "surrogatepass")

"""Stored records in blocks of neighbours, each compressed by zlib: those of small segments.

So few have too few words in common for a vocabulary of their own to pay; see ``coding``. All
segments from before format 5 have theirs so.
"""

from __future__ import annotations

import zlib
from array import array
from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING

from indexer.remembering import remembered

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from indexer.storage.arrays import ArrayFile

# Smaller blocks compress worse, larger ones take longer to read one passage from.
_BLOCK_BYTES = 2_000
_LEVEL = 3
# What zlib looks back at, and by how large a table; for more it makes ready longer than it works.
_SMALL_BYTES = 4_096
_SMALL_WINDOW_BITS = 12
_SMALL_TABLE = 7
_KEPT_BLOCKS = 64

#: An array that only blocks have.
BLOCK_FIRST = "block_first"


def in_blocks(records: Sequence[bytes]) -> tuple[bytes, Mapping[str, array[int]]]:
    """Records as blocks, one behind the other, and the arrays by which they are found."""
    blocks: list[bytes] = []
    first = array("I")
    begin = size_bytes = 0
    for end, record in enumerate(records, 1):
        size_bytes += len(record)
        if size_bytes >= _BLOCK_BYTES or end == len(records):
            first.append(begin)
            blocks.append(_compressed(b"".join(records[begin:end])))
            begin, size_bytes = end, 0
    return b"".join(blocks), {
        BLOCK_FIRST: first,
        "block_offsets": array("Q", accumulate(map(len, blocks), initial=0)),
        "stored_offsets": array("Q", accumulate(map(len, records), initial=0)),
    }


def _compressed(raw: bytes) -> bytes:
    if len(raw) > _SMALL_BYTES:
        return zlib.compress(raw, _LEVEL)
    compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, _SMALL_WINDOW_BITS, _SMALL_TABLE)
    return compressor.compress(raw) + compressor.flush()


class BlockRecords:
    """The records of a segment that lie in blocks; see ``documents.StoredRecords``."""

    def __init__(self, arrays: ArrayFile, count: int) -> None:
        """Take so many records; IndexFormatError unless there are."""
        self._count = count
        self._stored = arrays.lazily("stored")
        self._offsets = arrays.lazily("stored_offsets")
        self._first = arrays[BLOCK_FIRST]
        self._block_offsets = arrays["block_offsets"]
        self._inflated = remembered(self, BlockRecords._inflate, _KEPT_BLOCKS)
        if not (
            len(self._offsets) == count + 1
            and len(self._first) == len(self._block_offsets) - 1 > 0
            and self._block_offsets[-1] == len(self._stored)
        ):
            raise arrays.damaged(f"it does not hold {count} documents")

    def record(self, doc: int) -> bytes:
        """Return the record of a document; ValueError if it is damaged."""
        place = bisect_right(self._first, doc) - 1
        base = self._offsets[self._first[place]]
        raw = self._inflated(place)
        return raw[self._offsets[doc] - base : self._offsets[doc + 1] - base]

    def records(self, first: int, end: int) -> list[bytes]:
        """Return the records of some documents; ValueError if any is damaged."""
        return list(map(self.record, range(first, end)))

    def _inflate(self, place: int) -> bytes:
        first, end = self._first[place], self._count
        if place + 1 < len(self._first):
            end = self._first[place + 1]
        size_bytes = self._offsets[end] - self._offsets[first]
        compressed = self._stored.take(self._block_offsets[place], self._block_offsets[place + 1])
        try:
            room = min(max(1, size_bytes), zlib.DEF_BUF_SIZE)
            raw = zlib.decompress(compressed, bufsize=room)
        except zlib.error:
            raw = b""
        if len(raw) != size_bytes:
            raise ValueError(f"block {place} is damaged")
        return raw

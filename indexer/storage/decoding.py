"""Codes of words -> stored records, where nothing is compiled; ``coding`` has the form."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.storage.arrays import CheckedArray

SHORT_CODES = 128
LITERAL = 255
#: What is longer is no word, so that no record is much longer than its codes.
MOST_WORD_BYTES = 64


def decoded(codes: bytes, words: bytes, offsets: Sequence[int]) -> bytes:
    """The record that some codes are of; ValueError or IndexError if they are of none.

    Args:
        codes: the codes.
        words: the vocabulary, word behind word.
        offsets: where each word begins, and where the last one ends.
    """
    parts: list[bytes] = []
    at, end = 0, len(codes)
    while at < end:
        code = codes[at]
        at += 1
        if code == LITERAL:
            behind = at + 1 + codes[at]
            if not at + 1 < behind <= end:
                raise ValueError("a literal is cut off")
            parts.append(codes[at + 1 : behind])
            at = behind
            continue
        if code >= SHORT_CODES:
            code = SHORT_CODES + ((code - SHORT_CODES) << 8) + codes[at]
            at += 1
        first, last = offsets[code], offsets[code + 1]
        if not first < last <= min(len(words), first + MOST_WORD_BYTES):
            raise ValueError("there is no such word")
        parts.append(words[first:last])
    return b"".join(parts)


class CodedRecords:
    """The records of a segment that are codes of words; see ``documents.StoredRecords``."""

    def __init__(
        self, offsets: CheckedArray, stored: CheckedArray, words: bytes, bounds: Sequence[int]
    ) -> None:
        self._offsets = offsets
        self._stored = stored
        self._words = words
        self._bounds = bounds

    def record(self, doc: int) -> bytes:
        """Return the record of a document; ValueError or IndexError if it is damaged."""
        start, end = self._offsets[doc], self._offsets[doc + 1]
        if not start <= end <= len(self._stored):
            raise ValueError(f"document {doc} has no record")
        codes = self._stored.take(start, end)
        return decoded(codes.tobytes(), self._words, self._bounds)

    def records(self, first: int, end: int) -> list[bytes]:
        """Return the records of some documents; ValueError or IndexError if any is damaged."""
        return list(map(self.record, range(first, end)))

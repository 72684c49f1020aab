"""What belongs to documents: the parent, lengths, the stored record; written and read."""

from __future__ import annotations

import json
from array import array
from itertools import accumulate
from typing import TYPE_CHECKING, Any, BinaryIO

from indexer.storage.arrays import smallest_array, write_arrays

if TYPE_CHECKING:
    from collections.abc import Mapping

    from indexer.storage.arrays import ArrayFile, Written

DOCUMENTS_EXT = ".doc"


class DocumentTable:
    """What becomes a documents file; documents are numbered in the order they are added."""

    def __init__(self) -> None:
        self._parents: array[int] = array("I")
        self._lengths: dict[str, array[int]] = {}
        self._blobs: list[bytes] = []

    def __len__(self) -> int:
        """Return the number of documents."""
        return len(self._blobs)

    def add(self, stored: bytes, lengths: Mapping[str, int], parent: int) -> None:
        """Add a document.

        Args:
            stored: its record, as stored_bytes() makes it.
            lengths: by field, those above 0 that are known already.
            parent: the number of its article's record.
        """
        for field, length in lengths.items():
            self.set_lengths(field, len(self._blobs), array("I", [length]))
        self._blobs.append(stored)
        self._parents.append(parent)

    def set_lengths(self, field: str, first: int, lengths: array[int]) -> None:
        """Set the lengths of a field, not all 0, from a document on that is above those set before.

        The lengths are unsigned 32-bit numbers.
        """
        of_field = self._lengths.setdefault(field, array("I"))
        of_field.frombytes(bytes(of_field.itemsize * (first - len(of_field))))
        of_field.extend(lengths)

    def write(self, file: BinaryIO) -> None:
        """Write all documents, one at least, as a documents file."""
        count = len(self._blobs)
        arrays: dict[str, Written] = {"parents": self._parents}
        for field, lengths in self._lengths.items():
            lengths.extend([0] * (count - len(lengths)))
            arrays[f"length/{field}"] = smallest_array(lengths, max(lengths))
        offsets = list(accumulate(map(len, self._blobs), initial=0))
        arrays["stored_offsets"] = smallest_array(offsets, max(offsets[-1], 1 << 16))
        arrays["stored"] = b"".join(self._blobs)
        facts = {"documents": count, "lengths": {f: sum(v) for f, v in self._lengths.items()}}
        write_arrays(file, arrays, facts)


class Documents:
    """The documents of one segment, deleted ones included.

    Attributes:
        parents: the number of each one's article record.

    Raises: IndexFormatError unless the file holds so many documents.
    """

    def __init__(self, arrays: ArrayFile, count: int) -> None:
        self._arrays = arrays
        self.parents = arrays["parents"]
        self._stored = arrays["stored"]
        self._offsets = arrays["stored_offsets"]
        self._sums: dict[str, int] = arrays.facts.get("lengths", {})
        if not (
            len(self.parents) == len(self._offsets) - 1 == count
            and self._offsets[-1] == len(self._stored)
            and all(len(arrays[f"length/{field}"]) == count for field in self._sums)
        ):
            raise arrays.damaged(f"it does not hold {count} documents")

    def lengths(self, field: str) -> memoryview[int] | None:
        """Return the lengths of a field by document; None if no document has one."""
        return self._arrays.get(f"length/{field}")

    def total_length(self, field: str) -> int:
        """Return the sum of a field's lengths."""
        return self._sums.get(field, 0)

    def stored_bytes(self, doc: int) -> bytes:
        """Return the stored record of a document as it lies on disk."""
        return self._stored[self._offsets[doc] : self._offsets[doc + 1]].tobytes()

    def stored_fields(self, doc: int) -> dict[str, Any]:
        """Return the stored fields of a document; IndexFormatError if they cannot be read."""
        try:
            fields = json.loads(self.stored_bytes(doc))
        except (ValueError, RecursionError):
            fields = None
        if not isinstance(fields, dict):
            raise self._arrays.damaged(f"what it stores of document {doc} cannot be read")
        return fields


def stored_bytes(fields: Mapping[str, Any]) -> bytes:
    """The stored form of a document's fields."""
    text = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")

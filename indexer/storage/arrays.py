"""Named flat arrays in one file: written once, read through a memory map without copying.

Layout: an 8-byte magic, the arrays (each at a multiple of 8, in the host's byte order, which the
directory names), the directory as JSON, then its length and CRC-32 as two little-endian integers.
"""

from __future__ import annotations

import json
import mmap
import sys
import zlib
from array import array
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias

from indexer.errors import IndexFormatError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

MAGIC = b"PSGARR1\n"
_ALIGNMENT = 8
_TAIL_BYTES = 12
_TYPE_CODES = {"B": 1, "H": 2, "I": 4, "Q": 8}
_CODES = {size: code for code, size in _TYPE_CODES.items()}


def smallest_array(values: Iterable[int], largest: int) -> array[int]:
    """An unsigned array of the narrowest type that holds every value up to largest."""
    for code, size in _TYPE_CODES.items():
        if largest < 1 << (8 * size):
            return array(code, values)
    raise ValueError(f"{largest} does not fit in 64 bits")


#: What is written as an array: unsigned numbers, or bytes.
Written: TypeAlias = "array[int] | memoryview[int] | bytes"


class ArrayWriter:
    """Writes an array file, array after array; the file is left open and not yet synced."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._place = file.write(MAGIC)
        self._directory: dict[str, tuple[str, int, int]] = {}

    def write(self, name: str, values: Written) -> None:
        """Write an array whole."""
        view = memoryview(values)
        self.extend(name, view.cast("B") if view else view.tobytes(), view.itemsize)

    def extend(self, name: str, piece: bytes | memoryview, item_bytes: int = 1) -> None:
        """Write more of the array that was written last, or begin a new one."""
        if name not in self._directory:
            self._place += self._file.write(bytes(-self._place % _ALIGNMENT))
            self._directory[name] = (_CODES[item_bytes], self._place, 0)
        code, start, size_bytes = self._directory[name]
        assert start + size_bytes == self._place, "another array follows"
        self._file.write(piece)
        self._place += len(piece)
        self._directory[name] = (code, start, size_bytes + len(piece))

    def close(self, facts: Mapping[str, Any]) -> None:
        """End the file with a JSON record of facts."""
        record = {"byteorder": sys.byteorder, "arrays": self._directory, "facts": facts}
        head = json.dumps(record).encode()
        self._file.write(head)
        self._file.write(len(head).to_bytes(8, "little") + zlib.crc32(head).to_bytes(4, "little"))


def write_arrays(file: BinaryIO, arrays: Mapping[str, Written], facts: Mapping[str, Any]) -> None:
    """Write arrays and a JSON record of facts; the file is left open and not yet synced."""
    writer = ArrayWriter(file)
    for name, values in arrays.items():
        writer.write(name, values)
    writer.close(facts)


class ArrayFile:
    """The arrays of one file, as views that stay valid as long as any of them is in use.

    Attributes:
        name: the path of the file, for messages.
        facts: the JSON record stored beside them.

    Raises:
        IndexFormatError: it is no such file, or a damaged one.
    """

    def __init__(self, buffer: bytes | mmap.mmap, name: str) -> None:
        self.name = name
        self._buffer = buffer
        self._views: dict[str, memoryview[int]] = {}
        if len(buffer) < len(MAGIC) + _TAIL_BYTES or buffer[: len(MAGIC)] != MAGIC:
            raise self.damaged("no array file")
        view = memoryview(buffer)
        head_bytes = int.from_bytes(view[-_TAIL_BYTES:-4], "little")
        head = bytes(view[max(0, len(view) - _TAIL_BYTES - head_bytes) : -_TAIL_BYTES])
        if zlib.crc32(head) != int.from_bytes(view[-4:], "little"):
            raise self.damaged("its end is cut off or was changed")
        try:
            record = json.loads(head)
            if record["byteorder"] != sys.byteorder:
                raise IndexFormatError(
                    f"index file {name} was written on a {record['byteorder']}-endian machine; "
                    "build the index anew on this one"
                )
            self.facts: dict[str, Any] = dict(record["facts"])
            for key, (code, start, size) in record["arrays"].items():
                raw = view[start : start + size]
                if raw.nbytes != size:
                    raise self.damaged(f"{key} is not all there")
                self._views[key] = raw.cast(code)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            # Its checksum is right, so somebody else made it.
            raise self.damaged("its directory makes no sense") from error

    def damaged(self, fault: str) -> IndexFormatError:
        """The error that says what is wrong with the file."""
        return IndexFormatError(
            f"index file {self.name} is damaged: {fault}; restore it or build the index anew"
        )

    @classmethod
    def open(cls, path: Path | str) -> ArrayFile:
        """Map a file; FileNotFoundError where there is none."""
        with open(path, "rb") as file:  # noqa: PTH123 - pathlib costs time at every start
            try:
                buffer: bytes | mmap.mmap = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            except (ValueError, OSError):  # an empty file, or a file system without maps
                buffer = file.read()
        return cls(buffer, str(path))

    def release(self) -> None:
        """Let the system take back the memory of what was read; it is read again if need be."""
        if isinstance(self._buffer, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
            self._buffer.madvise(mmap.MADV_DONTNEED)

    def __getitem__(self, name: str) -> memoryview[int]:
        """Return the view of a named array."""
        view = self._views.get(name)
        if view is None:
            raise self.damaged(f"{name} is missing")
        return view

    def get(self, name: str) -> memoryview[int] | None:
        """Return the view of a named array, None if there is none."""
        return self._views.get(name)

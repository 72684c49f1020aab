"""Named flat arrays in one file: written once, read through a memory map without copying.

Layout:

    magic              8 bytes
    arrays             each at a multiple of 8, in the host's byte order, which the directory names
    checksums          the CRC-32 of each page of 4,096 bytes before here, the last one may be less
    directory          JSON
    end                where the checksums begin, 8 bytes; the size of the directory, the CRC-32
                       of the checksums, and that of the directory and the end before it, 4 bytes
                       each

Checksums and the end are little-endian. So every byte has a checksum. What is asked for by its
name is looked at whole; large arrays are looked at page by page, as they are read. The directory
holds the name of the file, so that one does not go for another.
"""

from __future__ import annotations

import json
import mmap
import os
import sys
import zlib
from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, TypeAlias

from indexer.errors import IndexDamagedError, IndexFormatError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

MAGIC = b"PSGARR2\n"
_ALIGNMENT = 8
_END_BYTES = 20
_CRC_BYTES = 4
#: So many bits of a place count within its page. A passage is read from a page or two, and looking
#: at one takes a microsecond.
PAGE_BITS = 12
_PAGE_BYTES = 1 << PAGE_BITS
_Code: TypeAlias = Literal["B", "H", "I", "Q"]
_MOST_DIRECTORY_BYTES = 1 << 20
_TYPE_CODES: dict[_Code, int] = {"B": 1, "H": 2, "I": 4, "Q": 8}
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

    def __init__(self, file: BinaryIO, name: str = "") -> None:
        """Begin a file; one that has a name goes under no other."""
        self._file = file
        self._name = name
        self._place = 0
        self._checksums = array("I")
        self._directory: dict[str, tuple[_Code, int, int]] = {}
        self._put(MAGIC)

    def write(self, name: str, values: Written) -> None:
        """Write an array whole."""
        view = memoryview(values)
        self.extend(name, view.cast("B") if view else view.tobytes(), view.itemsize)

    def extend(self, name: str, piece: bytes | memoryview, item_bytes: int = 1) -> None:
        """Write more of the array that was written last, or begin a new one."""
        if name not in self._directory:
            self._put(bytes(-self._place % _ALIGNMENT))
            self._directory[name] = (_CODES[item_bytes], self._place, 0)
        code, start, size_bytes = self._directory[name]
        assert start + size_bytes == self._place, "another array follows"
        self._put(piece)
        self._directory[name] = (code, start, size_bytes + len(piece))

    def _put(self, piece: bytes | memoryview) -> None:
        self._file.write(piece)
        view, crc, checksums = memoryview(piece), zlib.crc32, self._checksums
        done = 0
        if begun := self._place % _PAGE_BYTES:
            done = _PAGE_BYTES - begun
            checksums[-1] = crc(view[:done], checksums[-1])
        checksums.extend(
            crc(view[start : start + _PAGE_BYTES]) for start in range(done, len(view), _PAGE_BYTES)
        )
        self._place += len(view)

    def close(self, facts: Mapping[str, Any]) -> None:
        """End the file with a JSON record of facts."""
        record = {
            "name": self._name,
            "byteorder": sys.byteorder,
            "arrays": self._directory,
            "facts": facts,
        }
        directory = json.dumps(record).encode()
        checksums = self._checksums
        if sys.byteorder == "big":
            checksums.byteswap()
        table = checksums.tobytes()
        self._file.write(table)
        self._file.write(_ending(directory, self._place, table))


def _ending(directory: bytes, place: int, table: bytes | memoryview) -> bytes:
    """The directory and the end of a file whose checksums, the table, begin at a place."""
    end = b"".join(
        (
            directory,
            place.to_bytes(8, "little"),
            len(directory).to_bytes(4, "little"),
            zlib.crc32(table).to_bytes(_CRC_BYTES, "little"),
        )
    )
    return end + zlib.crc32(end).to_bytes(_CRC_BYTES, "little")


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

    def __init__(self, buffer: bytes | mmap.mmap, name: str, *, check_table: bool = True) -> None:
        """Read the directory; without check_table pages whose checksums are damaged are damaged."""
        self.name = name
        self._buffer = buffer
        view = memoryview(buffer)
        if len(view) < len(MAGIC) + _END_BYTES or view[: len(MAGIC)] != MAGIC:
            raise self.damaged("no array file")
        at = len(view) - _END_BYTES
        end, directory_bytes = _number(view[at : at + 8]), _number(view[at + 8 : at + 12])
        at -= directory_bytes
        pages = -(-end // _PAGE_BYTES)
        if end + _CRC_BYTES * pages != at or _crc(view[at:-_CRC_BYTES]) != view[-_CRC_BYTES:]:
            raise self.damaged("its end is cut off or was changed")
        #: All that the checksums are of.
        self._data = view[:end]
        table = view[end:at]
        self._checksums = array("I", table.tobytes())
        if sys.byteorder == "big":
            self._checksums.byteswap()
        if check_table and _crc(table) != view[-2 * _CRC_BYTES : -_CRC_BYTES]:
            raise self.damaged("its checksums were changed")
        #: By page, whether it was found to be whole; threads may look at one twice.
        self.seen = bytearray(pages)
        self._directory: dict[str, tuple[_Code, int, int]] = {}
        try:
            record = json.loads(view[at:-_END_BYTES].tobytes())
            if record["name"] not in {"", os.path.basename(name)}:  # noqa: PTH119 - as above
                raise self.damaged(f"it is {record['name']}")
            if record["byteorder"] != sys.byteorder:
                raise IndexFormatError(
                    f"index file {name} was written on a {record['byteorder']}-endian machine",
                    hint="build the index anew on this one",
                )
            self.facts: dict[str, Any] = dict(record["facts"])
            for key, (code, start, size) in record["arrays"].items():
                if not (0 <= start <= start + size <= end) or size % _TYPE_CODES[code]:
                    raise self.damaged(f"{key} is not all there")
                self._directory[key] = (code, start, size)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            # Its checksum is right, so somebody else made it.
            raise self.damaged("its directory makes no sense") from error

    def damaged(self, fault: str) -> IndexDamagedError:
        """The error that says what is wrong with the file."""
        return damaged_file(self.name, fault)

    @classmethod
    def open(cls, path: Path | str, *, check_table: bool = True) -> ArrayFile:
        """Map a file; FileNotFoundError where there is none."""
        with open(path, "rb") as file:  # noqa: PTH123 - pathlib costs time at every start
            try:
                buffer: bytes | mmap.mmap = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            except (ValueError, OSError):  # an empty file, or a file system without maps
                buffer = file.read()
        return cls(buffer, str(path), check_table=check_table)

    @classmethod
    def remains(cls, path: Path | str) -> ArrayFile:
        """What is left of a file whose checksums or end may be damaged.

        Where the end is, the directory is looked for: it is right if its arrays follow each other.
        It has no facts then unless they are certain.

        Raises: IndexFormatError if there is none; FileNotFoundError.
        """
        try:
            return cls.open(path, check_table=False)
        except IndexFormatError as error:
            with open(path, "rb") as file:  # noqa: PTH123 - as in open()
                raw = file.read()
            at = raw.rfind(b'{"name": "')
            try:
                text = raw[at : at + _MOST_DIRECTORY_BYTES].decode("latin-1")
                record, size = json.JSONDecoder().raw_decode(text)
                end = len(MAGIC)
                for _, start, size_bytes in record["arrays"].values():
                    if start != end + -end % _ALIGNMENT or size_bytes < 0:
                        raise
                    end = start + size_bytes
                if at < 0 or end + _CRC_BYTES * -(-end // _PAGE_BYTES) != at:
                    raise
            except (ValueError, TypeError, KeyError, AttributeError):
                raise error from None
            ending = _ending(raw[at : at + size], end, raw[end:at])
            left = cls(raw[:at] + ending, str(path), check_table=False)
            if not raw.startswith(ending, at):
                left.facts = {}
            return left

    def check_size(self) -> None:
        """Raise IndexFormatError if the file is shorter than when it was opened.

        To read what is cut off of a mapped file ends the process.
        """
        buffer = self._buffer
        if isinstance(buffer, mmap.mmap) and buffer.size() < len(buffer):
            raise self.damaged("it was cut off while it was open")

    def release(self) -> None:
        """Let the system take back the memory of what was read; it is read again if need be."""
        if isinstance(self._buffer, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
            self._buffer.madvise(mmap.MADV_DONTNEED)

    def look_at(self, start: int, end: int) -> None:
        """Raise IndexFormatError unless the bytes at some places are as they were written."""
        first, behind = start >> PAGE_BITS, (end + _PAGE_BYTES - 1) >> PAGE_BITS
        seen, crc = self.seen, zlib.crc32
        page = seen.find(0, first, behind)
        while page >= 0:
            at = page << PAGE_BITS
            if crc(self._data[at : at + _PAGE_BYTES]) != self._checksums[page]:
                raise self.damaged(f"its page from byte {at:,} on was changed")
            seen[page] = 1
            page = seen.find(0, page + 1, behind)

    @property
    def pages(
        self,
    ) -> tuple[memoryview[int], array[int], bytearray, Callable[[int, int], None]]:
        """What tells whether pages are whole, for who looks at them in C.

        All that has checksums, these by page, which pages were seen, and look_at().
        """
        return self._data, self._checksums, self.seen, self.look_at

    def _is_whole(self, page: int) -> bool:
        at = page << PAGE_BITS
        return zlib.crc32(self._data[at : at + _PAGE_BYTES]) == self._checksums[page]

    def damaged_pages(self) -> Iterator[int]:
        """Yield where each page begins that is not as it was written."""
        for page in range(len(self.seen)):
            if not self._is_whole(page):
                yield page << PAGE_BITS

    def names(self) -> Iterable[str]:
        """The names of the arrays."""
        return self._directory.keys()

    def size_bytes(self, name: str) -> int:
        """How many bytes an array has."""
        return self._entry(name)[2]

    def __contains__(self, name: object) -> bool:
        """Tell whether there is an array of that name."""
        return name in self._directory

    def __getitem__(self, name: str) -> memoryview[int]:
        """Return an array, which is whole; IndexFormatError if it is damaged."""
        code, start, size = self._entry(name)
        self.look_at(start, start + size)
        return self._data[start : start + size].cast(code)

    def unchecked(self, name: str) -> memoryview[int]:
        """Return an array, whole or not, for who can tell what of it makes sense."""
        code, start, size = self._entry(name)
        return self._data[start : start + size].cast(code)

    def is_whole_at(self, name: str, place: int) -> bool:
        """Tell whether one number of an array is as it was written."""
        code, start, _ = self._entry(name)
        first = start + place * _TYPE_CODES[code]
        last = first + _TYPE_CODES[code] - 1
        return all(map(self._is_whole, range(first >> PAGE_BITS, (last >> PAGE_BITS) + 1)))

    def lazily(self, name: str) -> CheckedArray:
        """Return an array that is looked at as it is read."""
        code, start, size = self._entry(name)
        values = self._data[start : start + size].cast(code)
        return CheckedArray(self, start, _TYPE_CODES[code], values)

    def _entry(self, name: str) -> tuple[_Code, int, int]:
        entry = self._directory.get(name)
        if entry is None:
            raise self.damaged(f"{name} is missing")
        return entry


def damaged_file(name: str, fault: str) -> IndexDamagedError:
    """The error that says what is wrong with a file, for who does not keep it open."""
    index = os.path.dirname(name) or "."  # noqa: PTH120 - pathlib costs time
    return IndexDamagedError(f"index file {name}", fault, index)


def _number(raw: memoryview[int]) -> int:
    return int.from_bytes(raw, "little")


def _crc(raw: memoryview[int]) -> bytes:
    return zlib.crc32(raw).to_bytes(_CRC_BYTES, "little")


class CheckedArray(Sequence[int]):
    """An array of a file that is looked at as it is read.

    Attributes:
        file: what it is of.
        start: where it begins there.
        values: all of it, whole or not.
    """

    __slots__ = ("_item_bytes", "file", "start", "values")

    def __init__(
        self, file: ArrayFile, start: int, item_bytes: int, values: memoryview[int]
    ) -> None:
        self.file = file
        self.start = start
        self._item_bytes = item_bytes
        self.values = values

    def look_at(self, start: int, end: int) -> None:
        """Raise IndexFormatError unless some of it is as it was written."""
        first, size = self.start, self._item_bytes
        self.file.look_at(first + start * size, first + end * size)

    def __len__(self) -> int:
        """Return how many numbers there are."""
        return len(self.values)

    def take(self, start: int, end: int) -> memoryview[int]:
        """Return some of them, which are whole; IndexFormatError if they are damaged."""
        self.look_at(start, end)
        return self.values[start:end]

    def __getitem__(self, place: int) -> int:  # type: ignore[override]
        """Return one of them, which is whole, from the end where place is below 0."""
        if place < 0:
            place += len(self.values)
        self.look_at(place, place + 1)
        return self.values[place]

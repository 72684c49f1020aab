"""Compound files (OLE): what old and what encrypted office documents are stored in.

None is read. Their directory tells what they are, and so what to do.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from indexer.articles import SkipReason
from indexer.readers.faults import ReaderError
from indexer.readers.sniff import COMPOUND_MAGIC

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from indexer.articles import Article
    from indexer.readers.base import Source

_SECTOR_SHIFTS = (9, 12)
_ENTRY_BYTES = 128
_NAME_BYTES = 64
_HEADER_BYTES = 512
# The names that tell stand at the beginning of a directory.
_MOST_SECTORS = 32
_LAST_SECTOR = 0xFFFFFFFA

_PROTECTED = "the document is encrypted; open it with its password and save it without one"
_OLD = {
    "worddocument": "it is a Word document of the old kind (.doc); save it as .docx",
    "powerpoint document": "it is a presentation of the old kind (.ppt); save it as .pptx",
    "workbook": "it is a spreadsheet of the old kind (.xls); save its sheets as CSV",
    "book": "it is a spreadsheet of the old kind (.xls); save its sheets as CSV",
    "__properties_version1.0": "it is a message of Outlook (.msg); save it as .eml",
}
_UNKNOWN = "it is a compound file (OLE) of a program that is not known here, and no text"


def read_compound(stream: BinaryIO, source: Source) -> Iterator[Article]:
    """Raise the ReaderError that says what a compound file is."""
    del source
    fault = compound_fault(stream)
    raise fault or ReaderError(SkipReason.BINARY, _UNKNOWN)
    yield  # a reader is a generator


def compound_fault(stream: BinaryIO) -> ReaderError | None:
    """What a compound file is, as the error of its reader; None for all other files."""
    stream.seek(0)
    header = stream.read(_HEADER_BYTES)
    if not header.startswith(COMPOUND_MAGIC):
        return None
    names = set(_names(stream, header))
    if "encryptedpackage" in names:
        return ReaderError(SkipReason.PROTECTED, _PROTECTED)
    return ReaderError(
        SkipReason.BINARY, next((told for name, told in _OLD.items() if name in names), _UNKNOWN)
    )


def _names(stream: BinaryIO, header: bytes) -> Iterator[str]:
    """Yield the names of the first streams, in small letters."""
    if len(header) < _HEADER_BYTES:
        return
    (shift,) = struct.unpack_from("<H", header, 30)
    (sector,) = struct.unpack_from("<L", header, 48)
    if shift not in _SECTOR_SHIFTS:
        return
    size = 1 << shift
    tables = struct.unpack_from("<109L", header, 76)
    for _ in range(_MOST_SECTORS):
        if sector >= _LAST_SECTOR:
            return
        directory = _sector(stream, sector, size)
        for at in range(0, len(directory) - _ENTRY_BYTES + 1, _ENTRY_BYTES):
            (length,) = struct.unpack_from("<H", directory, at + _NAME_BYTES)
            if 2 <= length <= _NAME_BYTES:
                name = directory[at : at + length - 2]
                yield name.decode("utf-16-le", "replace").lower()
        table, place = divmod(sector, size // 4)
        if table >= len(tables) or tables[table] >= _LAST_SECTOR:
            return
        following = _sector(stream, tables[table], size)[place * 4 : place * 4 + 4]
        if len(following) < 4:
            return
        (sector,) = struct.unpack("<L", following)


def _sector(stream: BinaryIO, number: int, size: int) -> bytes:
    stream.seek((number + 1) * size)
    return stream.read(size)

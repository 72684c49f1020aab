"""Zip archives, by the standard library: stored, deflate, bzip2 and LZMA, also larger than 4 GB."""

from __future__ import annotations

import lzma
import stat
import struct
import zipfile
import zlib
from errno import EINVAL
from typing import TYPE_CHECKING, BinaryIO, cast

from indexer.articles import Article, Skipped, SkipReason
from indexer.readers.archives.members import Members, is_hidden, member_name
from indexer.readers.budget import MB
from indexer.readers.faults import ReaderError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.readers.base import Source

# What the library raises for bytes that are no archive, or no member of one.
_FAULTS = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, struct.error),
    *(ValueError, LookupError, OverflowError, RuntimeError, MemoryError),
)
# Ways of packing that are met and that it does not know.
_METHODS = {6: "implode", 9: "deflate64", 93: "zstd", 95: "xz", 98: "PPMd"}
_IS_ENCRYPTED = 0x1
_IS_UTF8 = 0x800
# The library holds the directory whole, with some hundred bytes for each member.
_MOST_DIRECTORY_BYTES = 32 * MB
_TAIL_BYTES = (1 << 16) + 22 + 20 + 56
_END = struct.Struct("<4s4H2LH")
_END_64 = struct.Struct("<4sQ2H2L4Q")


def read_zip(stream: BinaryIO, source: Source) -> Iterator[Article | Skipped]:
    """Yield what the members of an archive hold, in its order.

    Raises: ReaderError if it is damaged, empty, or too large, also for what follows.
    """
    _check_directory(stream)
    try:
        archive = zipfile.ZipFile(stream)
    except (*_FAULTS, OSError) as error:
        _raise_unless_damaged(error)
        raise ReaderError(SkipReason.BROKEN, "the archive is damaged or cut short") from error
    members = Members(source)
    protected = 0
    for member in archive.infolist():
        members.count()
        name = member_name(_name_of(member))
        if is_hidden(name) or not _is_file(member):
            continue
        if member.flag_bits & _IS_ENCRYPTED:
            protected += 1
            continue
        try:
            with archive.open(member) as packed:
                yield from members.read(cast("BinaryIO", packed), name)
        except NotImplementedError:
            yield members.skipped(name, _unknown(member))
        except (*_FAULTS, OSError) as error:
            _raise_unless_damaged(error)
            yield members.damaged(name)
    members.end()
    if protected:
        what = "1 member is" if protected == 1 else f"{protected:,} members are"
        detail = f"{what} protected by a password; unpack the archive with it first"
        yield Skipped(source.name, SkipReason.PROTECTED, detail)


def _raise_unless_damaged(error: Exception) -> None:
    """Raise what the system refuses; the library has errors of the system for bad bytes too."""
    if isinstance(error, OSError) and error.errno not in {None, EINVAL}:
        raise error


def _unknown(member: zipfile.ZipInfo) -> ReaderError:
    """The error of a member that is packed in another way."""
    method = _METHODS.get(member.compress_type, f"method {member.compress_type}")
    return ReaderError(
        SkipReason.NO_READER,
        f"it is packed with {method}, which is not read here; unpack the archive first",
    )


def _is_file(member: zipfile.ZipInfo) -> bool:
    """Whether a member is no folder, link or device; not all archives say it."""
    kind = stat.S_IFMT(member.external_attr >> 16)
    return not member.is_dir() and kind in {0, stat.S_IFREG}


def _name_of(member: zipfile.ZipInfo) -> str:
    """The path of a member; many archives have it in UTF-8 and do not say so."""
    name = member.filename
    if not member.flag_bits & _IS_UTF8 and not name.isascii():
        try:
            return name.encode("cp437").decode("utf-8")
        except UnicodeError:
            pass
    return name


def _check_directory(stream: BinaryIO) -> None:
    """Look at how large the directory is before it is held; ReaderError if that is too much."""
    size_bytes = stream.seek(0, 2)
    stream.seek(max(0, size_bytes - _TAIL_BYTES))
    tail = stream.read(_TAIL_BYTES)
    stream.seek(0)
    directory_bytes = 0
    for magic, form, field in ((b"PK\5\6", _END, 5), (b"PK\6\6", _END_64, 8)):
        at = tail.rfind(magic)
        if at >= 0 and len(tail) - at >= form.size:
            said = form.unpack_from(tail, at)[field]
            directory_bytes = max(directory_bytes, 0 if said == 0xFFFFFFFF else said)
    if min(directory_bytes, size_bytes) > _MOST_DIRECTORY_BYTES:
        raise ReaderError(
            SkipReason.TOO_LARGE,
            "it has too many members to be read from the archive; unpack it, and name the folder",
        )

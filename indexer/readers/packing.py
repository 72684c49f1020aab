"""Compression around a source, whatever is in it: undone as it is read.

No more memory is taken than a piece of what comes out and what the compression looks back on, which
is bounded: ``xz -9`` and ``zstd --long`` look back 64 and 128 MB.
"""

from __future__ import annotations

import gzip
import re
import zlib
from io import SEEK_CUR, SEEK_END, SEEK_SET, BufferedReader, RawIOBase
from typing import TYPE_CHECKING, BinaryIO, cast

from indexer.articles import SkipReason
from indexer.readers.faults import ReaderError, missing_extra
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any


#: What reading a packed source may raise.
PACKING_ERRORS = (EOFError, gzip.BadGzipFile, zlib.error)
#: So much of its beginning tells whether a source is packed.
MAGIC_BYTES = 12

_MOST_LOOKED_BACK_BYTES = 128 << 20
_PIECE_BYTES = 1 << 20
_PACKED_PIECE_BYTES = 1 << 16
# By the suffix of a compression, what the name has without it.
_SUFFIXES = {
    **dict.fromkeys((".gz", ".bz2", ".xz", ".zst"), ""),
    **dict.fromkeys((".tgz", ".tbz", ".tbz2", ".txz", ".tzst"), ".tar"),
}


class _Packing(NamedTuple):
    """One compression.

    Attributes:
        magic: what fits the beginning of what is packed so.
        opened: the stream, from where it is, without it.
    """

    magic: re.Pattern[bytes]
    opened: Callable[[BinaryIO], BinaryIO]


def is_packed(head: bytes) -> bool:
    """Whether a source that begins so is compressed; MAGIC_BYTES are looked at."""
    return _packing_of(head) is not None


def without_packing(name: str) -> str:
    """A name in small letters without the suffix of a compression.

    >>> without_packing("a.txt.xz"), without_packing("a.tgz"), without_packing("a.txt")
    ('a.txt', 'a.tar', 'a.txt')
    """
    stem, dot, suffix = name.rpartition(".")
    inner = _SUFFIXES.get(dot + suffix)
    return name if inner is None else stem + inner


def unpacked(stream: BinaryIO) -> BinaryIO:
    """The stream from its beginning, without its compression.

    It may raise PACKING_ERRORS and ReaderError where it is read.

    Raises: ReaderError if what undoes the compression is not installed.
    """
    stream.seek(0)
    packing = _packing_of(stream.read(MAGIC_BYTES))
    stream.seek(0)
    return packing.opened(stream) if packing else stream


def packing_fault(error: Exception) -> ReaderError:
    """What is wrong with a packed source, by one of PACKING_ERRORS."""
    what = "cut short" if isinstance(error, EOFError) else "damaged"
    return ReaderError(SkipReason.BROKEN, f"the compressed file is {what}")


def check_packing(stream: BinaryIO) -> None:
    """Go through a compressed source; ReaderError if it is damaged or cut short."""
    try:
        for _ in _pieces(unpacked(stream)):
            pass
    except PACKING_ERRORS as error:
        raise packing_fault(error) from error


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    while piece := stream.read(_PIECE_BYTES):
        yield piece


def _packing_of(head: bytes) -> _Packing | None:
    return next((packing for packing in _PACKINGS if packing.magic.match(head)), None)


def _gunzipped(stream: BinaryIO) -> BinaryIO:
    return cast("BinaryIO", gzip.GzipFile(fileobj=stream, mode="rb"))


def _of_xz(stream: BinaryIO) -> BinaryIO:
    import lzma  # noqa: PLC0415 - rarely needed

    def decompressor() -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MOST_LOOKED_BACK_BYTES)

    return _rewindable(stream, lambda: _Frames(stream, decompressor, (lzma.LZMAError,)))


def _of_bz2(stream: BinaryIO) -> BinaryIO:
    import bz2  # noqa: PLC0415 - rarely needed

    errors = (OSError, ValueError)
    return _rewindable(stream, lambda: _Frames(stream, bz2.BZ2Decompressor, errors))


def _of_zstd(stream: BinaryIO) -> BinaryIO:
    try:
        import zstandard  # noqa: PLC0415 - may not be there
    except ImportError:
        raise missing_extra("files packed with zstd", "archives") from None

    outer = zstandard.ZstdDecompressor(max_window_size=_MOST_LOOKED_BACK_BYTES)
    errors = (zstandard.ZstdError,)
    return _rewindable(stream, lambda: _Frames(stream, lambda: _ZstdFrame(outer), errors))


#: bzip2 begins with its level and the first block, or the end where there is none.
_PACKINGS = (
    _Packing(re.compile(rb"\x1f\x8b"), _gunzipped),
    _Packing(re.compile(rb"\xfd7zXZ\0"), _of_xz),
    _Packing(re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)", re.DOTALL), _of_bz2),
    # Several parts, as pzstd makes them, begin with one that is passed over.
    _Packing(
        re.compile(rb"(?:\x28\xb5|[\x50-\x5f]\x2a\x4d\x18.{4}\x28\xb5)\x2f\xfd", re.DOTALL),
        _of_zstd,
    ),
)


class _Frames:
    """What comes out of compressed parts that follow each other.

    Args:
        stream: what is packed, from where it is.
        part: makes what unpacks a part, as ``bz2.BZ2Decompressor`` does.
        errors: what that raises.
    """

    def __init__(
        self, stream: BinaryIO, part: Callable[[], Any], errors: tuple[type[Exception], ...]
    ) -> None:
        self._stream = stream
        self._new_part = part
        self._part = part()
        self._errors = errors

    def read(self, size: int) -> bytes:
        """Return some of it, not more than size; b"" at the end, EOFError where it is cut short."""
        while True:
            packed = b""
            if self._part.eof:
                packed = self._next_part()
                if not packed:
                    return b""
                self._part = self._new_part()
            elif self._part.needs_input:
                packed = self._stream.read(_PACKED_PIECE_BYTES)
                if not packed:
                    raise EOFError
            try:
                found = cast("bytes", self._part.decompress(packed, size))
            except self._errors as error:
                raise _damaged(error) from error
            if found:
                return found

    def _next_part(self) -> bytes:
        """The beginning of the next part; zeros may fill up the one before."""
        packed = cast("bytes", self._part.unused_data).lstrip(b"\0")
        while not packed and (more := self._stream.read(_PACKED_PIECE_BYTES)):
            packed = more.lstrip(b"\0")
        return packed


class _ZstdFrame:
    """What unpacks a part with the library zstandard, with the face of ``bz2.BZ2Decompressor``."""

    # Of four bytes 128 kB may come out, and the library gives all at once: it is fed by how much
    # came out before.
    _LEAST_FED_BYTES = 64
    _MOST_FED_BYTES = 1 << 14

    def __init__(self, outer: Any) -> None:
        self._frame = outer.decompressobj()
        self._packed = memoryview(b"")
        self._found = memoryview(b"")
        self._fed_bytes = self._LEAST_FED_BYTES

    @property
    def eof(self) -> bool:
        return bool(self._frame.eof) and not self._found

    @property
    def needs_input(self) -> bool:
        return not (self._packed or self._found or self._frame.eof)

    @property
    def unused_data(self) -> bytes:
        return cast("bytes", self._frame.unused_data) + bytes(self._packed)

    def decompress(self, packed: bytes, size: int) -> bytes:
        if packed:
            self._packed = memoryview(packed)
        while not self._found and self._packed and not self._frame.eof:
            fed, self._packed = self._packed[: self._fed_bytes], self._packed[self._fed_bytes :]
            self._found = memoryview(self._frame.decompress(bytes(fed)))
            if len(self._found) > _PIECE_BYTES:
                self._fed_bytes = self._LEAST_FED_BYTES
            else:
                self._fed_bytes = min(2 * self._fed_bytes, self._MOST_FED_BYTES)
        found, self._found = self._found[:size], self._found[size:]
        return bytes(found)


def _damaged(error: Exception) -> ReaderError:
    if "memory" in str(error).lower():
        return ReaderError(
            SkipReason.TOO_LARGE,
            f"the compressed file looks back on more than {_MOST_LOOKED_BACK_BYTES >> 20} MB; "
            "pack it with a smaller window",
        )
    return ReaderError(SkipReason.BROKEN, "the compressed file is damaged")


def _rewindable(stream: BinaryIO, begun: Callable[[], _Frames]) -> BinaryIO:
    return cast("BinaryIO", BufferedReader(_Rewindable(stream, begun), _PACKED_PIECE_BYTES))


class _Rewindable(RawIOBase):
    """What comes out of a compressed stream, read again from the beginning to go back."""

    def __init__(self, stream: BinaryIO, begun: Callable[[], _Frames]) -> None:
        self._stream = stream
        self._start = stream.tell()
        self._begun = begun
        self._frames = begun()
        self._place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        found = self._frames.read(len(buffer))
        buffer[: len(found)] = found
        self._place += len(found)
        return len(found)

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = SEEK_SET) -> int:
        if whence == SEEK_CUR:
            offset += self._place
        elif whence == SEEK_END:
            while found := self._frames.read(_PIECE_BYTES):
                self._place += len(found)
            offset += self._place
        if offset < self._place:
            self._stream.seek(self._start)
            self._frames, self._place = self._begun(), 0
        while self._place < offset:
            found = self._frames.read(min(_PIECE_BYTES, offset - self._place))
            if not found:
                break
            self._place += len(found)
        return self._place

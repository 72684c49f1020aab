"""Tar archives, by the standard library, read from their beginning to their end."""

from __future__ import annotations

import tarfile
from typing import TYPE_CHECKING, BinaryIO, cast

from indexer.articles import Article, Skipped, SkipReason
from indexer.readers.archives.members import Members, is_hidden, member_name
from indexer.readers.budget import MB
from indexer.readers.faults import ReaderError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.readers.base import Source

# A header may name a size of its own, all of which the library reads at once.
_MOST_HEADER_BYTES = 1 * MB
# What it raises for headers that are none.
_FAULTS = (
    *(tarfile.TarError, EOFError),
    *(ValueError, LookupError, OverflowError, RuntimeError, MemoryError),
)


def read_tar(stream: BinaryIO, source: Source) -> Iterator[Article | Skipped]:
    """Yield what the members of an archive hold, in its order.

    Files with holes, links and devices are passed over.

    Raises: ReaderError if it is damaged, empty, or too large, also for what follows.
    """
    bounded = _Bounded(stream, max(_MOST_HEADER_BYTES, source.budget.size_bytes + 1))
    members = Members(source)
    try:
        archive = tarfile.open(  # noqa: SIM115 - the stream is not ours to close
            fileobj=cast("BinaryIO", bounded), mode="r:", errors="surrogateescape"
        )
        # Or all of them would be held; its types do not tell of the list.
        held: list[tarfile.TarInfo] = vars(archive)["members"]
        while (member := archive.next()) is not None:
            held.clear()
            members.count()
            name = member_name(member.name)
            if is_hidden(name) or not member.isreg() or member.issparse():
                continue
            packed = archive.extractfile(member)
            if packed is not None:
                yield from members.read(cast("BinaryIO", packed), name)
        bounded.seek(archive.offset)
        if bounded.read(tarfile.BLOCKSIZE).strip(b"\0"):
            # To the library a header that is none is the end.
            raise tarfile.ReadError
    except _FAULTS as error:
        is_cut = isinstance(error, EOFError) or "unexpected end" in str(error)
        follows = "what follows is not read: " if members.seen else ""
        what = "cut short" if is_cut else "damaged"
        raise ReaderError(SkipReason.BROKEN, f"{follows}the archive is {what}") from error
    members.end()


class _Bounded:
    """A stream that gives so much at a time, and where more is asked for a ReaderError."""

    def __init__(self, stream: BinaryIO, most_bytes: int) -> None:
        self._stream = stream
        self._most_bytes = most_bytes
        self.seek = stream.seek
        self.tell = stream.tell

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= self._most_bytes:
            raise ReaderError(SkipReason.BROKEN, "the archive is damaged: a header is too large")
        return self._stream.read(size)

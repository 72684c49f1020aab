"""What archives of all kinds do with their members."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.articles import Article, Skipped, SkipReason
from indexer.readers.budget import Allowance
from indexer.readers.faults import ReaderError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from indexer.readers.base import Source

# What Macs put beside each file.
_OF_MACS = "__MACOSX"


def member_name(path: str) -> str:
    r"""What a member is called, in text that can be printed and with "/" between its parts.

    >>> member_name("./a/b.txt"), member_name("a\\b.txt"), member_name("../a.txt")
    ('a/b.txt', 'a/b.txt', '../a.txt')
    """
    name = path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    if "/" not in name:
        name = name.replace("\\", "/")
    while name.startswith("./"):
        name = name[2:].lstrip("/")
    return name


def is_hidden(name: str) -> bool:
    """Whether a member would be passed over in a folder."""
    parts = name.split("/")
    return parts[0] == _OF_MACS or any(
        part.startswith(".") and part not in {".", ".."} for part in parts
    )


class Members:
    """Reads members, one after the other, within what those of a source may take together.

    Attributes:
        seen: how many members there were, also those that are not read.
    """

    def __init__(self, source: Source) -> None:
        self.seen = 0
        self._source = source
        self._allowance = source.allowance or Allowance(source.budget)

    def count(self) -> None:
        """Count a member; ReaderError if there are too many."""
        self.seen += 1
        self._allowance.take_member()

    def read(self, packed: BinaryIO, name: str) -> Iterator[Article | Skipped]:
        """Yield what a member holds.

        Raises: ReaderError if what members take together is too much; what unpacking raises.
        """
        data = self._allowance.held(packed)
        if data is None:
            yield self.skipped(name, self._allowance.too_large)
        else:
            yield from self._source.inner(data, name)

    def skipped(self, name: str, fault: ReaderError) -> Skipped:
        """A member that is not read."""
        return Skipped(f"{self._source.name}:{name}", fault.reason, fault.detail, inside=True)

    def damaged(self, name: str) -> Skipped:
        """A member that cannot be unpacked."""
        return self.skipped(name, ReaderError(SkipReason.BROKEN, "the member is damaged"))

    def end(self) -> None:
        """Say that there are no more members; ReaderError if there was none."""
        if not self.seen:
            raise ReaderError(SkipReason.EMPTY, "the archive is empty")

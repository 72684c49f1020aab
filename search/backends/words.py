"""What the terms of an index are asked, whatever keeps them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence


class Words(Protocol):
    """Terms in their order."""

    def __len__(self) -> int:
        """Return how many there are."""

    def term(self, index: int, /) -> bytes:
        """Return the one at a place."""

    def find(self, term: bytes, /) -> int:
        """Return the place of one, -1 if it is not there."""

    def lower(self, term: bytes, first: int = 0, end: int | None = None, /) -> int:
        """Return the place of the first one, of those from first to end, not below one."""

    def prefix_range(self, prefix: bytes, /) -> range:
        """Return the places of all that begin so."""

    @property
    def blob(self) -> memoryview[int]:
        """All, one behind the other."""

    @property
    def offsets(self) -> Sequence[int]:
        """Where each of those begins, and the last one ends."""

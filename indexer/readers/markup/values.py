"""What a document says that a name in it stands for, put in its place within bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.readers.budget import too_large

if TYPE_CHECKING:
    from indexer.readers.budget import Budget

_LONGEST_CHARS = 2_000


class Values:
    """The values of names; all that is put in their place is not more than a file may have.

    Otherwise a few names in each others' values would be gigabytes.
    """

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._left_chars = budget.size_bytes
        self._values: dict[str, str] = {}

    def set(self, name: str, value: str) -> None:
        """Let a name stand for a value from now on, or for the first 2,000 characters of it."""
        self._values[name] = value[:_LONGEST_CHARS]

    def forget(self, name: str) -> None:
        """Let a name stand for nothing."""
        self._values.pop(name, None)

    def value(self, name: str) -> str | None:
        """What stands in the place of a name; None if it has no value.

        Raises: ReaderError with SkipReason.TOO_LARGE if that is too much.
        """
        value = self._values.get(name)
        if value:
            self._left_chars -= len(value)
            if self._left_chars < 0:
                raise too_large("text, with what its names stand for,", self._budget)
        return value

"""What attacks have in common: they yield one outcome a round."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, TypeAlias

from indexer.errors import PassageSearchError
from tests.doomed import Commands


class Outcome(NamedTuple):
    """How a round ended.

    Attributes:
        name: what happened, as it is counted.
        violation: what must not happen, if it did.
    """

    name: str
    violation: str = ""


#: An empty folder, and what runs commands.
Ground: TypeAlias = tuple[Path, Commands]
Attack: TypeAlias = Callable[[Path, Commands], Iterator[Outcome]]


class Watched:
    """What a round is found to be while it runs."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.violation = ""

    @property
    def outcome(self) -> Outcome:
        """How it ended."""
        return Outcome(self.name, self.violation)


@contextmanager
def watched(name: str) -> Iterator[Watched]:
    """A round in which what is raised is a violation."""
    found = Watched(name)
    try:
        yield found
    except (AssertionError, PassageSearchError, OSError, ValueError) as error:
        found.violation = f"{type(error).__name__}: {error}"

"""The committed state that an opened index answers from, wherever it is kept."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Protocol

from indexer.errors import PassageSearchError
from indexer.tuples import NamedTuple
from search.backends.local import LocalBackend

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from indexer.storage.committed import CommittedIndex, Opened
    from indexer.storage.index import PassageIndex
    from search.backends.base import Backend
    from search.backends.ranking import RankingSettings


class State(Protocol):
    """One committed state of an index."""

    @property
    def backend(self) -> Backend:
        """What holds its passages."""

    @property
    def place(self) -> str | None:
        """Where the index is written to; None for one that is not."""

    @property
    def committed(self) -> str:
        """What tells it from every other state; "" where there is no other."""

    @property
    def generation(self) -> int:
        """Which commit it is, from 1; 0 for an index in memory."""

    def check(self) -> None:
        """Raise IndexFormatError if it was cut off since it was opened."""

    def settle(self) -> None:
        """Raise MovedError if an answer may lack something that was deleted meanwhile."""

    def within(self, seconds: float) -> AbstractContextManager[None]:
        """Have an answer that may take so long not be waited for much longer than that."""

    def later(self) -> State | None:
        """The state that is committed now, if it is a later one."""

    def blamed(self) -> AbstractContextManager[None]:
        """Have an error that nobody foresaw be told as the damage that it comes of."""

    def close(self) -> None:
        """Let go of what it is read from."""


class FixedState(NamedTuple):
    """The state of a backend that has only one; see State."""

    backend: Backend
    place: str | None = None
    committed: str = ""
    generation: int = 0

    def check(self) -> None:
        """Do nothing: it stays as it is."""

    def settle(self) -> None:
        """Do nothing, as above."""

    def within(self, seconds: float) -> AbstractContextManager[None]:  # noqa: ARG002 - as State
        """Do nothing: there is nobody to wait for."""
        return nullcontext()

    def later(self) -> State | None:
        """Return None."""
        return None

    def blamed(self) -> AbstractContextManager[None]:
        """Blame nothing."""
        return nullcontext()

    def close(self) -> None:
        """Do nothing."""


class StoredState:
    """A state of segments, in a directory or in memory; see State."""

    def __init__(
        self, source: PassageIndex | CommittedIndex, opened: Opened, ranking: RankingSettings
    ) -> None:
        self._source = source
        self._opened = opened
        self._ranking = ranking
        self.backend = LocalBackend(opened.segments, ranking=ranking)
        self.place = None if source.path is None else str(source.path)

    @classmethod
    def of(cls, source: PassageIndex | CommittedIndex, ranking: RankingSettings) -> StoredState:
        """The committed state of an index; IndexFormatError if it is damaged."""
        with _blamed_on(source):
            return cls(source, source.opened(), ranking)

    @property
    def committed(self) -> str:
        """What tells it from every other state; "" for one in memory."""
        return f"{self._opened.place} {self._opened.manifest}" if self.place else ""

    @property
    def generation(self) -> int:
        """Which commit it is, from 1; 0 for an index in memory."""
        return self._opened.manifest.generation if self.place else 0

    def check(self) -> None:
        """Raise IndexFormatError if a file was cut off since it was opened."""
        self._opened.check()

    def settle(self) -> None:
        """Do nothing: what is open stays until it is let go of."""

    def within(self, seconds: float) -> AbstractContextManager[None]:  # noqa: ARG002 - as State
        """Do nothing: there is nobody to wait for."""
        return nullcontext()

    def later(self) -> StoredState | None:
        """The state that is committed now, if it is a later one.

        Raises:
            IndexMissingError: the index was removed, or another one was put in its place.
            IndexFormatError: another version wrote to it, or it is damaged.
        """
        opened = self._source.opened_since(self._opened)
        if opened is None:
            return None
        with self.blamed():
            return StoredState(self._source, opened, self._ranking)

    def blamed(self) -> AbstractContextManager[None]:
        """Have an error that nobody foresaw be told as the damage that it comes of."""
        return _blamed_on(self._source)

    def close(self) -> None:
        """Do nothing: files are let go of with the last use of them."""


@contextmanager
def _blamed_on(index: PassageIndex | CommittedIndex) -> Iterator[None]:
    """Have an error that nobody foresaw be told as the damage that it comes of, where it does.

    A file may have all its checksums and make no sense, if somebody made it so.
    """
    try:
        yield
    except PassageSearchError:
        raise
    except Exception as error:
        from indexer.care.check import damage_of  # noqa: PLC0415 - seldom needed

        damage = None if index.path is None else damage_of(index.path)
        if damage is None:
            raise
        raise damage from error

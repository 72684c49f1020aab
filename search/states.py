"""The committed state that an opened index answers from, wherever it is kept."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar

from indexer.errors import PassageSearchError
from indexer.tuples import NamedTuple
from search.backends.local import LocalBackend

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from indexer.storage.committed import CommittedIndex, Opened
    from indexer.storage.index import PassageIndex
    from search.backends.base import Backend
    from search.backends.ranking import RankingSettings

_Given = TypeVar("_Given")


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

    @property
    def together(self) -> int:
        """How many questions are asked together at a gain; 1 where each is asked by itself."""

    def check(self) -> None:
        """Raise IndexFormatError if it was cut off since it was opened."""

    def asked(self, ask: Callable[[Backend], _Given], seconds: float) -> _Given:
        """What its backend gives to a question, which may take so long.

        Raises:
            MovedError: it may lack something that was deleted meanwhile.
            IndexFormatError: the index is damaged.
        """

    def asked_together(
        self, asks: Sequence[Callable[[Backend], _Given]], seconds: float
    ) -> Iterator[Callable[[], _Given]]:
        """Yield for each of some questions, in order, what returns or raises what asked() would."""

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

    @property
    def together(self) -> int:
        """Return 1: each question is asked by itself."""
        return 1

    def check(self) -> None:
        """Do nothing: it stays as it is."""

    def asked(self, ask: Callable[[Backend], _Given], seconds: float) -> _Given:  # noqa: ARG002 - as State
        """What its backend gives to a question."""
        return ask(self.backend)

    def asked_together(
        self, asks: Sequence[Callable[[Backend], _Given]], seconds: float
    ) -> Iterator[Callable[[], _Given]]:
        """Yield what asks each of some questions."""
        return (partial(self.asked, ask, seconds) for ask in asks)

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
        later = partial(_later, source, opened)
        self.backend = LocalBackend(opened.segments, ranking=ranking, later=later)
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

    @property
    def together(self) -> int:
        """Return 1: each question is asked by itself."""
        return 1

    def asked(self, ask: Callable[[Backend], _Given], seconds: float) -> _Given:  # noqa: ARG002 - as State
        """What its backend gives to a question; what is open stays until it is let go of."""
        self._opened.check()
        try:
            return ask(self.backend)
        except Exception as error:
            _blame(self._source, error)
            raise

    def asked_together(
        self, asks: Sequence[Callable[[Backend], _Given]], seconds: float
    ) -> Iterator[Callable[[], _Given]]:
        """Yield what asks each of some questions."""
        return (partial(self.asked, ask, seconds) for ask in asks)

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
    except Exception as error:
        _blame(index, error)
        raise


@contextmanager
def _later(index: PassageIndex | CommittedIndex, opened: Opened) -> Iterator[None]:
    """Have more asked of what was answered, as StoredState.asked() has it."""
    opened.check()
    with _blamed_on(index):
        yield


def _blame(index: PassageIndex | CommittedIndex, error: Exception) -> None:
    """Raise the damage that an error comes of which nobody foresaw, where it comes of one."""
    if isinstance(error, PassageSearchError) or index.path is None:
        return
    from indexer.care.check import damage_of  # noqa: PLC0415 - seldom needed

    damage = damage_of(index.path)
    if damage is not None:
        raise damage from error

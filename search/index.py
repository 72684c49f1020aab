"""An opened index: what Python programs and the commands search in."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from threading import Lock
from typing import TYPE_CHECKING, Concatenate, ParamSpec, Self, TypeVar

from indexer.errors import PassageSearchError
from indexer.storage.committed import CommittedIndex
from indexer.tuples import NamedTuple
from search import engine
from search.backends.local import LocalBackend
from search.backends.ranking import DEFAULT_RANKING, RankingSettings
from search.request import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path
    from types import TracebackType

    from indexer.articles import Skipped
    from indexer.storage.committed import Opened
    from indexer.storage.index import PassageIndex
    from search.backends.base import Backend
    from search.model import ResultPage, Suggestion

_Options = ParamSpec("_Options")
_Given = TypeVar("_Given")


def _asked_with(
    make: Callable[_Options, Request], ask: Callable[[Index, Request], _Given]
) -> Callable[Concatenate[Index, _Options], _Given]:
    """A method that takes what a Request is made of, the query first, from one that takes it."""

    def asked(self: Index, /, *query: _Options.args, **options: _Options.kwargs) -> _Given:
        return ask(self, make(*query, **options))

    return asked


class _Stored(NamedTuple):
    """What a backend was made of, by which later commits are found."""

    source: PassageIndex | CommittedIndex
    opened: Opened
    ranking: RankingSettings


class Index:
    """An index opened for searching; a context manager.

    It keeps the state it was opened on, whatever becomes of the files, until refresh() follows
    later commits.

    >>> with Index.open(path) as index:  # doctest: +SKIP
    ...     page = index.search("community patrols", limit=10)
    """

    def __init__(self, backend: Backend, stored: _Stored | None = None) -> None:
        # One attribute, so that threads see both of one state.
        self._state: tuple[Backend, _Stored | None] | None = (backend, stored)
        self._refreshing = Lock()

    @classmethod
    def open(cls, path: Path | str, *, ranking: RankingSettings = DEFAULT_RANKING) -> Self:
        """An index in a directory.

        Raises:
            IndexMissingError: there is none.
            IndexFormatError: another version wrote it, or it is damaged.
        """
        return cls.of(CommittedIndex.open(path), ranking=ranking)

    @classmethod
    def of(
        cls, index: PassageIndex | CommittedIndex, *, ranking: RankingSettings = DEFAULT_RANKING
    ) -> Self:
        """The committed state of an index; IndexFormatError if it is damaged."""
        with _blamed_on(index):
            return cls(*_state_of(_Stored(index, index.opened(), ranking)))

    @classmethod
    def of_files(
        cls,
        paths: Sequence[str],
        *,
        folder: Path | str | None = None,
        on_skipped: Callable[[Skipped], None] = lambda _skipped: None,
        ranking: RankingSettings = DEFAULT_RANKING,
    ) -> Self:
        """An index of files and folders that is made in memory and leaves nothing behind.

        Args:
            paths: what to read; "-" is standard input.
            folder: what ids are paths from; None: the working folder.
            on_skipped: called for what cannot be read.
            ranking: the constants of the ranking.
        """
        from indexer.build import index_in_memory  # noqa: PLC0415 - only where files are read

        index, report = index_in_memory(paths, folder=folder)
        for skipped in report.skipped:
            on_skipped(skipped)
        return cls.of(index, ranking=ranking)

    def __enter__(self) -> Self:
        """Return the index itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the index."""
        self.close()

    def close(self) -> None:
        """Let go of the index's files; passages already returned stay valid."""
        self._state = None

    def refresh(self) -> bool:
        """Follow the commits since the index was opened; tell whether there were any.

        Answers that other threads wait for are of the state before. Where nothing was committed it
        takes some ten microseconds, so it may be called before every search. Where it raises the
        index goes on answering from the state it has.

        Raises:
            IndexMissingError: the index was removed, or another one was put in its place.
            IndexFormatError: another version wrote to it, or it is damaged.
            ValueError: the index is closed.
        """
        with self._refreshing:
            _, stored = self._opened()
            if stored is None:
                return False
            opened = stored.source.opened_since(stored.opened)
            if opened is None:
                return False
            with _blamed_on(stored.source):
                state = _state_of(stored._replace(opened=opened))
            if self._state is not None:  # it was not closed meanwhile
                self._state = state
            return True

    def _blamed(self) -> AbstractContextManager[None]:
        _, stored = self._opened()
        return nullcontext() if stored is None else _blamed_on(stored.source)

    def _opened(self) -> tuple[Backend, _Stored | None]:
        if self._state is None:
            raise ValueError("the index is closed")
        return self._state

    @property
    def backend(self) -> Backend:
        """What holds the passages.

        Raises:
            ValueError: the index is closed.
            IndexFormatError: a file of it was cut off while it was open.
        """
        backend, stored = self._opened()
        if stored is not None:
            stored.opened.check()
        return backend

    @property
    def passages(self) -> int:
        """How many passages the index holds."""
        return self.backend.statistics.passages

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of its articles."""
        return self.backend.languages

    def answer(self, request: Request) -> ResultPage:
        """Search and return one page of passages; when the time is over, what is found until then.

        Raises:
            QuerySyntaxError: the query is malformed and its strictness is STRICT.
            IndexFormatError: what it reads of the index is damaged.
            TypeError: it is no Request.
            ValueError: the index is closed.
        """
        checked, backend = _checked(request), self.backend
        with self._blamed():
            return engine.answer(checked, backend)

    def suggest_for(self, request: Request) -> tuple[Suggestion, ...]:
        """Return spellings from the index for the words of a query that are in no passage.

        Raises: as answer(), and SearchTimeoutError if the search took longer than it may.
        """
        checked, backend = _checked(request), self.backend
        with self._blamed():
            return engine.suggest(checked, backend)

    search = _asked_with(Request, lambda index, request: index.answer(request))
    suggest = _asked_with(Request, lambda index, request: index.suggest_for(request))


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


def _state_of(stored: _Stored) -> tuple[Backend, _Stored]:
    return LocalBackend(stored.opened.segments, ranking=stored.ranking), stored


def _checked(request: Request) -> Request:
    if not isinstance(request, Request):
        raise TypeError(f"a Request is asked, such as Request('hotline'), not {request!r}")
    return request

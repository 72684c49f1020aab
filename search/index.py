"""An opened index: what Python programs and the commands search in."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from math import inf
from threading import Lock
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Self, TypeVar
from unicodedata import normalize

from indexer.errors import PassageSearchError, UsageError
from indexer.storage.committed import CommittedIndex
from indexer.tuples import NamedTuple
from search import engine
from search.backends.local import LocalBackend
from search.backends.ranking import DEFAULT_RANKING, RankingSettings
from search.deadline import Deadline
from search.page import ResultPage
from search.request import DEFAULT_LIMIT, Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path
    from types import TracebackType

    from indexer.articles import IndexReport, Skipped
    from indexer.build import Removal
    from indexer.intake import ReadOptions
    from indexer.model import ArticleRecord, Paragraph
    from indexer.storage.committed import Opened
    from indexer.storage.index import PassageIndex
    from search.backends.base import Backend
    from search.model import Suggestion

_Options = ParamSpec("_Options")
_Given = TypeVar("_Given")


def _asked_with(
    make: Callable[_Options, Request], ask: Callable[[Index, Request], _Given], told: str
) -> Callable[Concatenate[Index, _Options], _Given]:
    """A method that takes what a Request is made of, the query first, from one that takes it.

    told is its documentation.
    """

    def asked(self: Index, /, *query: _Options.args, **options: _Options.kwargs) -> _Given:
        return ask(self, make(*query, **options))

    asked.__doc__ = told
    return asked


class _Stored(NamedTuple):
    """What a backend was made of, by which later commits are found."""

    source: PassageIndex | CommittedIndex
    opened: Opened
    ranking: RankingSettings


class Index:
    """An index opened for searching; a context manager.

    It keeps the state it was opened on, whatever becomes of the files, until refresh() follows
    later commits; add() and remove() do so by themselves. Threads may share it: each answer is of
    one state.

    >>> with Index.create("my-index") as index:
    ...     print(index.add(["article.txt"]).paragraphs, "passages")
    ...     page = index.search("community patrols", limit=3)
    ...     print(page.passages[0].paragraph.passage_id, "of", page.total)
    17 passages
    article.txt#ka3mygr7 of 3
    """

    def __init__(self, backend: Backend, stored: _Stored | None = None) -> None:
        # One attribute, so that threads see both of one state.
        self._state: tuple[Backend, _Stored | None] | None = (backend, stored)
        self._refreshing = Lock()
        self._writing = Lock()

    @classmethod
    def create(cls, path: Path | str, *, ranking: RankingSettings = DEFAULT_RANKING) -> Self:
        """An index in a directory; where there is none an empty one is made.

        Raises:
            UsageError: the directory holds other files.
            IndexFormatError: another version wrote the index, or it is damaged.
            IndexLockedError: another process is just making it.
            IndexWriteError: the system refuses to make it.

        >>> Index.create("empty-index").passages
        0
        """
        if not CommittedIndex.at(path).exists():
            from pathlib import Path  # noqa: PLC0415 - takes long to load

            from indexer.build import build_index  # noqa: PLC0415 - only to write

            build_index([], Path(path))
        return cls.open(path, ranking=ranking)

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

        >>> with Index.of_files(["article.txt"]) as in_memory:
        ...     in_memory.search("hotline").total
        3
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

        >>> index.refresh()
        False
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

    def bring_up_to_date(self, page: ResultPage, *, wait_seconds: float = 0.0) -> IndexReport:
        """Index what has changed of the files of a page, drop what is gone, and follow that.

        It is one commit; each file is read as it was when it was added. The page stays as it is.

        Args:
            page: from this index; passages that are not stale are left alone.
            wait_seconds: how long to wait for another writer.

        Raises:
            IndexLockedError: another process writes to the index.
            IndexWriteError: the system refused a write; nothing was changed.
            IndexMissingError, IndexFormatError, ValueError: as refresh().
        """
        from pathlib import Path  # noqa: PLC0415 - seldom needed, as below

        from indexer.articles import IndexReport  # noqa: PLC0415

        _, stored = self._opened()
        origins = {one.article.source for one in page.passages if one.stale is not None}
        if stored is None or stored.source.path is None or not origins:
            return IndexReport()
        from indexer.build import refresh_files  # noqa: PLC0415

        report = refresh_files(origins, Path(stored.source.path), wait_seconds=wait_seconds)
        self.refresh()
        return report

    def _blamed(self) -> AbstractContextManager[None]:
        _, stored = self._opened()
        return _blamed_by(stored)

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
    def committed(self) -> str:
        """What tells the state that it answers from from every other one; "" for one in memory.

        Raises:
            ValueError: the index is closed.

        >>> Index.of_files(["article.txt"]).committed
        ''
        """
        _, stored = self._opened()
        if stored is None or stored.source.path is None:
            return ""
        return f"{stored.opened.place} {stored.opened.manifest}"

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

        >>> page = index.answer(Request('"phone trees"', context=1))
        >>> [len(passage.before + passage.after) for passage in page.passages]
        [2]
        """
        checked, backend = _checked(request), self.backend
        with self._blamed():
            return ResultPage(*engine.answer(checked, backend))

    def suggest_for(self, request: Request) -> tuple[Suggestion, ...]:
        """Return spellings from the index for the words of a query that are in no passage.

        Raises: as answer(), and SearchTimeoutError if the search took longer than it may.
        """
        checked, backend = _checked(request), self.backend
        with self._blamed():
            return engine.suggest(checked, backend)

    search = _asked_with(
        Request,
        lambda index, request: index.answer(request),
        """Return the passages that answer a query, the best first, as one page.

        Takes what a ``search.Request`` is made of, the query first; raises as answer().

        >>> page = index.search("hotline", limit=2)
        >>> [passage.paragraph.lines.first for passage in page.passages], page.total
        ([25, 23], 3)
        """,
    )
    explain = _asked_with(
        Request,
        lambda index, request: index.answer(replace(request, explain=True)),
        """Return the same as search(), and what each score is made of.

        The ``parts`` of a passage add up to its score, and ``interpreted_as`` tells how the query
        was read.

        >>> page = index.explain("phone-trees", limit=1)
        >>> page.interpreted_as
        'phone-trees'
        >>> for part in page.passages[0].parts:
        ...     print(f"{part.score:.2f} {part.part}")
        1.55 phone
        0.29 phone in the article
        1.55 trees
        0.29 trees in the article
        """,
    )
    suggest = _asked_with(
        Request,
        lambda index, request: index.suggest_for(request),
        """Return spellings from the index for the words of a query that are in no passage.

        Takes what a ``search.Request`` is made of; raises as suggest_for().

        >>> [one.replacement for one in index.suggest("bulhorns")]
        ['bullhorns']
        """,
    )

    def get(self, *ids: str, context: int = 0) -> ResultPage:
        """Return passages by their ids, in the order asked.

        Args:
            ids: ARTICLE#DIGEST, ARTICLE#p7 by number, or ARTICLE for all of its passages.
            context: neighbours of each to return with it, on either side.

        Raises: as answer(); what names nothing is in the page's ``unknown``.

        >>> page = index.get("article.txt#p11", "article.txt#p99")
        >>> page.passages[0].paragraph.passage_id, page.unknown[0].name
        ('article.txt#ecljhc5h', 'article.txt#p99')
        """
        return self.answer(Request(ids=ids, context=context, limit=sys.maxsize))

    def similar(
        self, passage_id: str, *, limit: int = DEFAULT_LIMIT, offset: int = 0
    ) -> ResultPage:
        """Return passages that are about the same as one, which is named by its id.

        Raises: as answer(); an id that names nothing is in the page's ``unknown``.

        >>> [one.paragraph.number for one in index.similar("article.txt#p11", limit=2).passages]
        [12, 10]
        """
        return self.answer(Request(similar=passage_id, limit=limit, offset=offset))

    def batch(self, requests: Iterable[Request]) -> Iterator[ResultPage]:
        """Yield the answer to each request, in order, all from the state that the index has now.

        Each request is taken when the answer before it is done with, so there may be no end of
        them. A request that raises ends the batch.

        Raises: as answer().

        >>> pages = index.batch(Request(word) for word in ("hotline", "zeppelin"))
        >>> [page.total for page in pages]
        [3, 0]
        """
        return self._answers(requests, *self._opened())

    def _answers(
        self, requests: Iterable[Request], backend: Backend, stored: _Stored | None
    ) -> Iterator[ResultPage]:
        for request in requests:
            if stored is not None:
                stored.opened.check()
            with _blamed_by(stored):
                page = ResultPage(*engine.answer(_checked(request), backend))
            yield page

    def articles(self, *, offset: int = 0) -> Iterator[ArticleRecord]:
        """Yield the articles by id, as they are at the time of the call.

        Args:
            offset: how many to leave out before the first; they are not read.

        Raises:
            IndexFormatError: what it reads of the index is damaged.
            ValueError: the index is closed.

        >>> [(one.article_id, one.paragraphs, one.language) for one in index.articles()]
        [('article.txt', 17, 'en')]
        """
        backend = self.backend
        with self._blamed():
            return self._read(backend.articles(offset))

    def article(self, article_id: str) -> ArticleRecord | None:
        """Return what is known of an article; None if there is none of this id.

        Raises:
            IndexFormatError: what it reads of the index is damaged.
            ValueError: the index is closed.

        >>> index.article("article.txt").paragraphs, index.article("other.txt")
        (17, None)
        """
        backend = self.backend
        with self._blamed():
            key = backend.article(normalize("NFC", article_id), Deadline(inf))
            return None if key is None else backend.record(key)

    def paragraphs(self, article_id: str) -> Iterator[Paragraph]:
        """Yield all paragraphs of an article in its order.

        Raises:
            IndexFormatError: what it reads of the index is damaged.
            ValueError: there is no such article, or the index is closed.

        >>> third = list(index.paragraphs("article.txt"))[2]
        >>> third.number, third.headings, third.lines.first
        (3, ('What the Leaked Plans Say',), 9)
        """
        backend = self.backend
        with self._blamed():
            article = backend.article(article_id, Deadline(inf))
        if article is None:
            raise ValueError(f"there is no article {article_id!r} in the index")
        keys = backend.passages_of(article)
        return self._read(backend.passage(key, 0).paragraph for key in keys)

    def _read(self, records: Iterator[_Given]) -> Iterator[_Given]:
        """Yield records as they are read from the state that the index has when it begins."""
        _, stored = self._opened()

        def read() -> Iterator[_Given]:
            with _blamed_by(stored):
                yield from records

        return read()

    def add(
        self,
        paths: Sequence[str | os.PathLike[str]],
        *,
        options: ReadOptions | None = None,
        prune: bool = False,
        wait_seconds: float = 0.0,
        jobs: int = 1,
    ) -> IndexReport:
        """Add files and folders, or what changed in them, as one commit, and follow it.

        Args:
            paths: files and folders; "-" is standard input.
            options: how they are found and read; None: as ``indexer add`` does.
            prune: whether articles whose files are gone are dropped.
            wait_seconds: how long to wait for another process that writes.
            jobs: processes that share the work.

        Returns: what was done, and what was skipped.

        Raises:
            UsageError: the index is in memory, or a path names a pipe or device.
            IndexLockedError: another process still writes after that time.
            IndexWriteError: the system refused a write; nothing was changed.
            IndexMissingError, IndexFormatError, ValueError: as refresh().

        >>> index.add(["article.txt"]).unchanged
        1
        """
        from indexer.build import build_index  # noqa: PLC0415 - only to write

        names = paths if isinstance(paths, str) else [os.fspath(one) for one in paths]
        how: dict[str, Any] = {} if options is None else {"options": options}
        with self._followed() as directory:
            return build_index(
                names, directory, prune=prune, wait_seconds=wait_seconds, jobs=jobs, **how
            )

    def remove(self, names: Sequence[str], *, wait_seconds: float = 0.0) -> Removal:
        """Remove articles, named by id or by file, as one commit, and follow it.

        Returns: how many were removed, and the names that are nothing in the index.

        Raises: as add(); TypeError for one string.

        >>> index.remove(["nothing.txt"])
        Removal(articles=0, unknown=('nothing.txt',))
        """
        from indexer.build import remove_named  # noqa: PLC0415 - only to write

        with self._followed() as directory:
            return remove_named(names, directory, wait_seconds=wait_seconds)

    @contextmanager
    def _followed(self) -> Iterator[Path]:
        """The directory of the index for one thread to write to; what it commits is followed."""
        from pathlib import Path  # noqa: PLC0415 - takes long to load

        with self._writing:
            _, stored = self._opened()
            directory = None if stored is None else stored.source.path
            if directory is None:
                raise UsageError(
                    "this index is in memory and stays as it is", hint="make a new one"
                )
            self.refresh()  # or a new one would be made where it was removed
            yield Path(directory)
            self.refresh()


def _blamed_by(stored: _Stored | None) -> AbstractContextManager[None]:
    return nullcontext() if stored is None else _blamed_on(stored.source)


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

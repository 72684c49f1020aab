"""An opened index: what Python programs and the commands search in."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import chain, islice
from math import inf
from threading import Lock
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Self, TypeVar
from unicodedata import normalize

from indexer.errors import IndexUnreachableError, UsageError
from indexer.storage.committed import CommittedIndex, is_address
from search import engine
from search.backends.base import MovedError
from search.backends.ranking import DEFAULT_RANKING, RankingSettings
from search.deadline import Deadline
from search.page import ResultPage
from search.request import DEFAULT_LIMIT, DEFAULT_TIMEOUT_SECONDS, Request, grouped, plain_request
from search.states import FixedState, StoredState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path
    from types import TracebackType

    from indexer.articles import IndexReport, Skipped
    from indexer.build import Removal
    from indexer.intake import ReadOptions
    from indexer.model import ArticleRecord, Paragraph
    from indexer.storage.index import PassageIndex
    from indexer.storage.places import Place
    from search.backends.base import Backend
    from search.model import Suggestion
    from search.states import State

_Options = ParamSpec("_Options")
_Given = TypeVar("_Given")
# So often an answer is begun again whose state is gone when it is there.
_MOST_MOVES = 5


def _asked_with(
    make: Callable[_Options, Request], ask: Callable[[Index, Request], _Given], told: str
) -> Callable[Concatenate[Index, _Options], _Given]:
    """A method that takes what a Request is made of, the query first, from one that takes it.

    told is its documentation.
    """

    def asked(self: Index, /, *query: _Options.args, **options: _Options.kwargs) -> _Given:
        is_plain = len(query) == 1 and not options
        return ask(self, plain_request(*query) if is_plain else make(*query, **options))

    asked.__doc__ = told
    return asked


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

    def __init__(self, backend: Backend, state: State | None = None) -> None:
        self._state: State | None = state or FixedState(backend)
        self._refreshing = Lock()
        self._writing = Lock()

    @classmethod
    def create(cls, path: Path | str, *, ranking: RankingSettings = DEFAULT_RANKING) -> Self:
        """An index in a directory or a cluster; where there is none an empty one is made.

        Raises:
            UsageError: the directory holds other files.
            IndexFormatError: another version wrote the index, or it is damaged.
            IndexLockedError: another process is just making it.
            IndexWriteError: the system refuses to make it.

        >>> Index.create("empty-index").passages
        0
        """
        if is_address(path) or not CommittedIndex.at(path).exists():
            from indexer.build import build_index  # noqa: PLC0415 - only to write

            build_index([], path)
        return cls.open(path, ranking=ranking)

    @classmethod
    def open(
        cls,
        path: Path | str,
        *,
        ranking: RankingSettings = DEFAULT_RANKING,
        timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS,
    ) -> Self:
        """An index in a directory, or one in a cluster by its address.

        Args:
            path: where it is.
            ranking: the constants of the ranking.
            timeout_seconds: how long a cluster may take to tell its state, and for whatever is
                asked of it that has no time of its own.

        Raises:
            IndexMissingError: there is none.
            IndexFormatError: another version wrote it, or it is damaged.
            IndexUnreachableError: the cluster does not answer.
        """
        if is_address(path):
            from search.backends.opensearch.opened import ClusterState  # noqa: PLC0415 - an extra

            state = ClusterState.open(str(path), ranking, timeout_seconds=timeout_seconds)
            return cls(state.backend, state)
        return cls.of(CommittedIndex.open(path), ranking=ranking)

    @classmethod
    def of(
        cls, index: PassageIndex | CommittedIndex, *, ranking: RankingSettings = DEFAULT_RANKING
    ) -> Self:
        """The committed state of an index; IndexFormatError if it is damaged."""
        state = StoredState.of(index, ranking)
        return cls(state.backend, state)

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
        state, self._state = self._state, None
        if state is not None:
            state.close()

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
            state = self._opened().later()
            if state is None:
                return False
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
        from indexer.articles import IndexReport  # noqa: PLC0415 - seldom needed, as below

        place = self._opened().place
        origins = {one.article.source for one in page.passages if one.stale is not None}
        if place is None or not origins:
            return IndexReport()
        from indexer.build import refresh_files  # noqa: PLC0415

        report = refresh_files(origins, place, wait_seconds=wait_seconds)
        self.refresh()
        return report

    def _opened(self) -> State:
        if self._state is None:
            raise ValueError("the index is closed")
        return self._state

    def _asked(self, ask: Callable[[Backend], _Given], seconds: float = inf) -> _Given:
        """What a backend answers; where its state is gone meanwhile, that of the one there is.

        seconds is the time that each answer may take.
        """
        for _ in range(_MOST_MOVES):
            try:
                return self._opened().asked(ask, seconds)
            except MovedError:
                self.refresh()
        raise IndexUnreachableError(
            "the index changes faster than it can be asked",
            hint="try again later",
        )

    @property
    def backend(self) -> Backend:
        """What holds the passages.

        Raises:
            ValueError: the index is closed.
            IndexFormatError: a file of it was cut off while it was open.
        """
        state = self._opened()
        state.check()
        return state.backend

    @property
    def committed(self) -> str:
        """What tells the state that it answers from from every other one; "" for one in memory.

        Raises:
            ValueError: the index is closed.

        >>> Index.of_files(["article.txt"]).committed
        ''
        """
        return self._opened().committed

    @property
    def generation(self) -> int:
        """Which commit it answers from, counted from 1; 0 for one that is in memory.

        Raises:
            ValueError: the index is closed.

        >>> Index.of_files(["article.txt"]).generation
        0
        """
        return self._opened().generation

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
        checked = _checked(request)
        return self._asked(partial(_page, checked), checked.timeout_seconds)

    @property
    def together(self) -> int:
        """How many requests ask_together() asks together: 1 but for an index in a cluster.

        >>> index.together
        1
        """
        return self._opened().together

    def ask_together(self, requests: Sequence[Request]) -> Iterator[Callable[[], ResultPage]]:
        """Yield for each request, in order, what returns its page or raises, as answer() does.

        An index in a cluster is asked for many at once, which takes fewer requests to the cluster;
        one in a directory is asked for each when that is called.

        >>> asked = index.ask_together([Request("hotline"), Request("zeppelin")])
        >>> [answer().total for answer in asked]
        [3, 0]
        """
        for some in grouped(map(_checked, requests), self.together):
            seconds = max(one.timeout_seconds for one in some)
            asked = self._opened().asked_together([partial(_page, one) for one in some], seconds)
            for request, answer in zip(some, asked, strict=True):
                yield partial(self._settled, request, answer)

    def _settled(self, request: Request, answer: Callable[[], ResultPage]) -> ResultPage:
        """The answer to a request; where the state it is of is gone, that of the one there is."""
        try:
            return answer()
        except MovedError:
            self.refresh()
            return self.answer(request)

    def suggest_for(self, request: Request) -> tuple[Suggestion, ...]:
        """Return spellings from the index for the words of a query that are in no passage.

        Raises: as answer(), and SearchTimeoutError if the search took longer than it may.
        """
        checked = _checked(request)
        return self._asked(
            lambda backend: engine.suggest(checked, backend), checked.timeout_seconds
        )

    search = _asked_with(
        Request,
        answer,
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
        them; but a list of requests is asked together where the index is in a cluster. A request
        that raises ends the batch.

        Raises: as answer().

        >>> pages = index.batch(Request(word) for word in ("hotline", "zeppelin"))
        >>> [page.total for page in pages]
        [3, 0]
        """
        return self._answers(requests, self._opened())

    @staticmethod
    def _answers(requests: Iterable[Request], state: State) -> Iterator[ResultPage]:
        together = state.together if isinstance(requests, list | tuple) else 1
        for some in grouped(map(_checked, requests), together):
            seconds = max(one.timeout_seconds for one in some)
            asked = state.asked_together([partial(_page, one) for one in some], seconds)
            for answer in asked:
                try:
                    page = answer()
                except MovedError as error:
                    raise _moved("a batch was answered", "begin the batch again") from error
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
        return self._read(self._asked(lambda backend: _begun(backend.articles(offset))))

    def article(self, article_id: str) -> ArticleRecord | None:
        """Return what is known of an article; None if there is none of this id.

        Raises:
            IndexFormatError: what it reads of the index is damaged.
            ValueError: the index is closed.

        >>> index.article("article.txt").paragraphs, index.article("other.txt")
        (17, None)
        """
        name = normalize("NFC", article_id)

        def known(backend: Backend) -> ArticleRecord | None:
            key = backend.article(name, Deadline(inf))
            return None if key is None else backend.record(key)

        return self._asked(known)

    def paragraphs(self, article_id: str) -> Iterator[Paragraph]:
        """Yield all paragraphs of an article in its order.

        Raises:
            IndexFormatError: what it reads of the index is damaged.
            ValueError: there is no such article, or the index is closed.

        >>> third = list(index.paragraphs("article.txt"))[2]
        >>> third.number, third.headings, third.lines.first
        (3, ('What the Leaked Plans Say',), 9)
        """

        def read(backend: Backend) -> Iterator[Paragraph] | None:
            article = backend.article(article_id, Deadline(inf))
            if article is None:
                return None
            keys = backend.passages_of(article)
            return _begun(backend.passage(key, 0).paragraph for key in keys)

        found = self._asked(read)
        if found is None:
            raise ValueError(f"there is no article {article_id!r} in the index")
        return self._read(found)

    def _read(self, records: Iterator[_Given]) -> Iterator[_Given]:
        """Yield records as they are read from the state that the index has when it begins."""
        state = self._opened()

        def read() -> Iterator[_Given]:
            try:
                with state.blamed():
                    yield from records
            except MovedError as error:
                raise _moved("it was read", "read it again") from error

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
    def _followed(self) -> Iterator[Place]:
        """Where one thread may write the index; what it commits is followed."""
        with self._writing:
            place = self._opened().place
            if place is None:
                raise UsageError(
                    "this index is in memory and stays as it is", hint="make a new one"
                )
            self.refresh()  # or a new one would be made where it was removed
            yield place
            self.refresh()


def _begun(records: Iterator[_Given]) -> Iterator[_Given]:
    """The same records, of which the first is read, so that they are of one state from there on."""
    return chain(list(islice(records, 1)), records)


def _moved(while_what: str, remedy: str) -> IndexUnreachableError:
    return IndexUnreachableError(f"the index changed twice while {while_what}", hint=remedy)


def _page(request: Request, backend: Backend) -> ResultPage:
    return engine.answer(request, backend, ResultPage)


def _checked(request: Request) -> Request:
    if not isinstance(request, Request):
        raise TypeError(f"a Request is asked, such as Request('hotline'), not {request!r}")
    return request

"""Articles -> what is sent of them, made by this process or by several."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.processes import Helper
from indexer.storage.remote.bulk import to_put
from indexer.storage.remote.documents import Analysis, made_article
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from multiprocessing.connection import Connection

    from indexer.model import ArticleRecord, Paragraph
    from indexer.storage.remote.documents import MadeArticle


class ToMake(NamedTuple):
    """An article whose language is known, and the key that its documents are to have."""

    key: str
    record: ArticleRecord
    paragraphs: Sequence[Paragraph]


class Made(NamedTuple):
    """What was made of some articles.

    Attributes:
        requests: what is sent, see ``bulk.to_put()``.
        articles: the languages of the articles, each with what is added up of it; no documents.
        words: the exact terms of all.
    """

    requests: list[str]
    articles: list[tuple[str, MadeArticle]]
    words: set[bytes]


class Maker:
    """Makes articles; after the first ones with the help of other processes, if there may be any.

    Args:
        index: the name of the index that they are of.
        jobs: how many processes may share the work.
    """

    def __init__(self, index: str, jobs: int) -> None:
        self._index = index
        self._most = jobs if jobs > 1 else 0
        self._analysis: Analysis | None = None
        self._helpers: list[Helper] = []
        self._busy: list[Helper] = []

    def make(self, some: list[ToMake], number: int, *, more: bool) -> Iterator[Made]:
        """Take articles for the writer of a number, and yield what is made of those, or of others.

        more tells whether others are likely to come.
        """
        if not self._helpers and not (self._most and more):
            self._analysis = self._analysis or Analysis()
            yield _made(self._index, some, number, self._analysis)
            return
        if len(self._helpers) < self._most:
            helper = Helper("analyses texts", _serve, self._index)
            self._helpers.append(helper)
        else:  # the one that has worked for the longest time; it can take no more before
            helper = self._busy.pop(0)
            yield helper.receive()
        helper.send((some, number))
        self._busy.append(helper)

    def finish(self) -> Iterator[Made]:
        """Yield what is not yielded yet."""
        while self._busy:
            yield self._busy.pop(0).receive()

    def close(self) -> None:
        """End the other processes."""
        helpers, self._helpers, self._busy = self._helpers, [], []
        for helper in helpers:
            helper.end()


def _made(index: str, some: Sequence[ToMake], number: int, analysis: Analysis) -> Made:
    made = Made([], [], set())
    for key, record, paragraphs in some:
        one = made_article(record, paragraphs, key, number, analysis)
        made.requests.extend(to_put(index, name, document) for name, document in one.documents)
        made.words.update(one.words)
        made.articles.append((record.language, one._replace(documents=[], words=set())))
    return made


def _serve(connection: Connection, index: str) -> None:
    """Make what comes over a connection until it ends."""
    analysis = Analysis()
    while True:
        try:
            some, number = connection.recv()
        except EOFError:
            return
        try:
            answer: Made | Exception = _made(index, some, number, analysis)
        except Exception as error:  # noqa: BLE001 - it is raised where the answer is read
            answer = error
        connection.send(answer)

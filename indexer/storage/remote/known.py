"""The articles of the state that a writer began with, less those that it deletes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from indexer.storage.remote.documents import article_in
from indexer.storage.remote.held import Held, RemoteDeleted
from indexer.storage.remote.origins import read_origins
from indexer.storage.remote.wire import unescaped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from indexer.model import ArticleRecord
    from indexer.storage.remote.client import Client
    from indexer.storage.remote.origins import Remembered
    from indexer.storage.remote.state import RemoteState

# When so many ids were asked for one by one for each article there is, all are fetched.
_ASKED_SHARE = 50


class KnownArticles:
    """What a writer asks of the state before, and the keys of what it deletes of it.

    Attributes:
        gone: those keys, in the order in which they were deleted.
    """

    def __init__(self, client: Client, state: RemoteState) -> None:
        self.gone: dict[str, None] = {}
        self._client = client
        self._state = state
        self._held = Held(client, state)
        self._gone_before: set[str] | None = None
        self._deleted: dict[str, RemoteDeleted] = {}
        self._remembered: Remembered | None = None
        self._ids: set[str] | None = None
        self._asked = 0

    def files(self) -> Remembered:
        """What is remembered of files."""
        if self._remembered is None:
            self._remembered = read_origins(self._client, self._state)
        return self._remembered

    def has(self, article_id: str) -> bool:
        """Tell whether an article of that id is there and not deleted."""
        if not self._state.sums.articles:
            return False
        if self._ids is None:
            self._asked += 1
            if self._asked * _ASKED_SHARE > self._state.sums.articles:
                ids = self._held.sources(fields=("article",))
                self._ids = {unescaped(one["article"]) for one in ids}
        if self._ids is not None and article_id not in self._ids:
            return False
        found = self._held.with_value("article", article_id, ("key",))
        return any(map(self._is_live, found))

    def of_id(self, article_id: str) -> ArticleRecord | None:
        """The article of that id that is not deleted; None if there is none."""
        if not self.has(article_id):
            return None
        found = self._held.with_value("article", article_id)
        return next((article_in(one) for one in found if self._is_live(one)), None)

    def of_file(self, origin: str) -> list[ArticleRecord]:
        """The articles that were read from a file and are not deleted."""
        if origin not in self.files().files:
            return []
        found = self._held.with_value("origin", origin)
        return [article_in(one) for one in found if self._is_live(one)]

    def delete(self, field: str, value: str) -> Iterator[tuple[ArticleRecord, Mapping[str, Any]]]:
        """Delete the articles whose article or origin is a value, and yield them as they stood.

        Beside each is what its document says.
        """
        if not self._state.sums.articles or (field == "origin" and value not in self.files().files):
            return
        for source in self._held.with_value(field, value):
            if not self._is_live(source):
                continue
            key, article = source["key"], article_in(source)
            self.gone[key] = None
            name = article.article_id
            self._deleted[name] = RemoteDeleted(article.former, self._client, key, name)
            yield article, source

    def delete_keys(self, keys: Iterable[str]) -> None:
        """Delete articles by their keys."""
        self.gone.update(dict.fromkeys(keys))

    @property
    def has_deleted(self) -> bool:
        """Whether deleted() may return any article."""
        return bool(self._deleted)

    def deleted(self, article_id: str) -> RemoteDeleted | None:
        """An article of that id which was deleted, when first asked."""
        return self._deleted.pop(article_id, None)

    def _is_live(self, source: Mapping[str, Any]) -> bool:
        """Whether a document is of an article that neither this nor an earlier writer deleted."""
        if self._gone_before is None:
            self._gone_before = self._held.gone_keys()
        return source["key"] not in self.gone and source["key"] not in self._gone_before

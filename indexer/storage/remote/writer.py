"""The one writer of an index in a cluster: articles in, deletions, the commit.

It sends what it makes at once, under a number of its own that nothing answers for until the commit
names it, see ``state``. A writer that is killed leaves documents behind, which the next commit
declares void and deletes.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from indexer.errors import IndexUnreachableError, IndexWriteError
from indexer.storage.batch import Batch
from indexer.storage.committed import program
from indexer.storage.judging import BATCH_CHARS, FolderJudges
from indexer.storage.remote.client import (
    ConflictError,
    Version,
    to_put,
)
from indexer.storage.remote.documents import (
    Analysis,
    article_in,
    lengths_in,
    made_article,
    paragraph_in,
)
from indexer.storage.remote.lease import taken_over
from indexer.storage.remote.leftovers import GONE_KIND, Leftovers
from indexer.storage.remote.mapping import ARTICLE, ARTICLE_FIELDS, PASSAGE
from indexer.storage.remote.origins import ORIGIN_KIND, origin_documents, read_origins
from indexer.storage.remote.sending import Sending
from indexer.storage.remote.state import (
    STATE_ID,
    STATE_KIND,
    RemoteState,
    body_of,
    read_state,
)
from indexer.storage.remote.totals import Totals
from indexer.storage.remote.vocabulary import Vocabulary
from indexer.storage.remote.wire import sent_value, unescaped
from indexer.storage.remote.words import WORDS_KIND
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from indexer.model import ArticleRecord, Paragraph
    from indexer.storage.manifest import FileState
    from indexer.storage.remote.client import Client
    from indexer.storage.remote.lease import Lease
    from indexer.storage.remote.origins import Remembered

# OpenSearch takes 65,536 terms of a document.
_GONE_KEYS = 60_000
# When so many ids were asked for one by one for each article there is, all are fetched.
_ASKED_SHARE = 50


class RemoteDeleted(NamedTuple):
    """A committed article that is deleted by the next commit, which can be read until then.

    Attributes:
        former: what was kept of it before.
        client, key, article_id: where it stands.
    """

    former: tuple[tuple[str, str], ...]
    client: Client
    key: str
    article_id: str

    def digests(self) -> list[str]:
        """Return the digests of its paragraphs, in order."""
        query = {"bool": {"filter": [{"term": {"key": self.key}}, {"term": {"kind": PASSAGE}}]}}
        hits = self.client.scan(
            self.client.passages, {"query": query, "_source": ["digest"], "sort": ["n"]}
        )
        return [unescaped(hit["_source"]["digest"]) for hit in hits]

    def paragraph(self, number: int) -> Paragraph:
        """Return one of its paragraphs, from 1."""
        (found,) = self.client.documents([f"{self.key}.{number}"], ("record", "article", "n"))
        assert found is not None
        return paragraph_in(found)


class RemoteWriter:
    """Adds and deletes whole articles and commits them; see ``writing.ArticleWriter``.

    Args:
        client: asks the cluster.
        lease: taken for this writer, which gives it back.
    """

    is_kept = True

    def __init__(self, client: Client, lease: Lease) -> None:
        self.is_closed = False
        self._client = client
        self._lease = lease
        found = client.document(STATE_ID)
        seen = None if found is None else read_state(client)
        self._at = Version(seen.seq_no, seen.primary_term) if seen else None
        self._state = seen.state if seen else RemoteState()
        self._number = 0
        self._keys = 0
        self._totals = Totals(self._state)
        self._judges = FolderJudges(self.languages())
        self._analysis = Analysis()
        self._sending = Sending(client)
        self._words_known = self._state.words
        self._words = Vocabulary(client, self._sending)
        self._batch = Batch()
        self._waiting: list[tuple[ArticleRecord, Sequence[Paragraph]]] = []
        self._deleted: dict[str, RemoteDeleted] = {}
        self._gone: dict[str, None] = {}
        self._remembered: Remembered | None = None
        self._ids: set[str] | None = None
        self._asked = 0

    # What is asked of the committed state

    def origins(self) -> dict[str, FileState]:
        """The indexed files by absolute path, as they were committed."""
        return dict(self._files().files)

    def languages(self) -> dict[str, int]:
        """How many committed articles are in each language."""
        return {name: articles for name, (articles, _) in self._state.languages.items()}

    def has_article(self, article_id: str) -> bool:
        """Tell whether a committed article of that id is there and not deleted."""
        if not self._state.sums.articles:
            return False
        if self._ids is None:
            self._asked += 1
            if self._asked * _ASKED_SHARE > self._state.sums.articles:
                self._ids = {unescaped(one["article"]) for one in self._articles({}, ("article",))}
        if self._ids is not None and article_id not in self._ids:
            return False
        found = self._articles({"term": {"article": sent_value(article_id)}}, ("key",))
        return any(one["key"] not in self._gone for one in found)

    def articles_of(self, origin: str) -> list[ArticleRecord]:
        """The committed articles that were read from a file and are not deleted."""
        if origin not in self._files().files:
            return []
        found = self._articles({"term": {"origin": sent_value(origin)}}, ARTICLE_FIELDS)
        return [article_in(one) for one in found if one["key"] not in self._gone]

    def deleted_article(self, article_id: str) -> RemoteDeleted | None:
        """An article of that id which was deleted since the writer was opened, when first asked."""
        return self._deleted.pop(article_id, None)

    def _files(self) -> Remembered:
        if self._remembered is None:
            self._remembered = read_origins(self._client, self._state)
        return self._remembered

    def _articles(
        self, clause: Mapping[str, Any], fields: Sequence[str]
    ) -> Iterator[dict[str, Any]]:
        """Yield what documents of committed articles say that pass a clause."""
        filters = [{"term": {"kind": ARTICLE}}, *self._state.live(self._client.state)]
        query = {"bool": {"filter": [*filters, clause] if clause else filters}}
        for hit in self._client.scan(
            self._client.passages, {"query": query, "_source": list(fields)}
        ):
            yield hit["_source"]

    # What it does

    def add_article(
        self, record: ArticleRecord, paragraphs: Sequence[Paragraph], folder: str = ""
    ) -> None:
        """Add one article.

        The language of one that has none is judged with the others of its folder.

        Raises:
            IndexWriteError: the cluster does not take what it was sent.
            IndexUnreachableError: it does not answer.
        """
        self._batch.add(record, paragraphs, self._batch.end, folder)
        self._waiting.append((record, paragraphs))
        if self._batch.size_chars >= BATCH_CHARS:
            self._flush()

    def delete_articles(self, field: str, value: str) -> list[ArticleRecord]:
        """Delete the committed articles whose article or origin is the value, and return them."""
        if not self._state.sums.articles or (
            field == "origin" and value not in self._files().files
        ):
            return []
        deleted = []
        for source in self._articles({"term": {field: sent_value(value)}}, ARTICLE_FIELDS):
            key = source["key"]
            if key in self._gone:
                continue
            article = article_in(source)
            self._gone[key] = None
            self._totals.take_away(lengths_in(source), article.language)
            name = article.article_id
            self._deleted[name] = RemoteDeleted(article.former, self._client, key, name)
            deleted.append(article)
        return deleted

    def _flush(self) -> None:
        """Have no article wait."""
        if not self._waiting:
            return
        batch, self._batch = self._batch, Batch()
        waiting, self._waiting = self._waiting, []
        number = self._own_number()
        for language, (record, paragraphs) in zip(
            self._judges.judged(batch, None), waiting, strict=True
        ):
            self._keys += 1
            key = f"{number:x}-{self._keys:x}"
            judged = record._replace(language=language)
            made = made_article(judged, paragraphs, key, number, self._analysis)
            for name, document in made.documents:
                self._sending.add(to_put(self._client.passages, name, document))
            self._totals.add(made, len(paragraphs), language)
            self._words.add(made.words, number)

    def _own_number(self) -> int:
        """The number of this writer, which it is given when it first has something to send."""
        if not self._number:
            self._number = self._lease.number_after(self._state.latest)
        return self._number

    # For who repairs

    def mend(self, right: RemoteState, broken: Iterable[str]) -> None:
        """Have sums, languages and pages of words be as they are, and articles go by their keys."""
        self._totals = Totals(right)
        self._words_known = right.words
        self._gone.update(dict.fromkeys(broken))

    def add_words(self, words: set[bytes]) -> None:
        """Take words of articles that are there already."""
        self._words.add(words, self._own_number())

    # How it ends

    def commit_with(
        self, origins: Mapping[str, FileState], *, on_commit: Callable[[], None] = lambda: None
    ) -> None:
        """Commit everything since the writer was opened, and the new list of files.

        Args:
            origins: the indexed files by absolute path.
            on_commit: called when all is ready; the next step is the commit.

        Raises:
            IndexWriteError: another writer took over, or the cluster does not take it; the
                committed state is what it was.
            IndexUnreachableError: the cluster does not answer.
        """
        client, before = self._client, self._state
        self._flush()
        number = self._own_number()
        leftovers = Leftovers.of(client, before)
        remembered = self._files()
        for document in origin_documents(client, remembered.files, origins, number):
            self._sending.add(document)
        words = self._words.commit(self._words_known, number)
        gone = list(self._name_gone(number))
        self._sending.finish()
        client.refresh()
        state = RemoteState(
            commits=before.commits + 1,
            latest=number,
            void=(*before.void, *range(before.latest + 1, number)),
            gone=(*leftovers.gone_still(client), *gone),
            sums=self._totals.sums(),
            languages=self._totals.languages(),
            words=words,
            committed=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            written_by=program(),
        )
        self._lease.check()
        on_commit()
        self._replace(state)
        leftovers.clear(client, state, remembered.outdated)
        self._close()

    def _name_gone(self, number: int) -> Iterator[str]:
        """Send the keys that are deleted; the ids of the documents that name them."""
        keys = list(self._gone)
        for start in range(0, len(keys), _GONE_KEYS):
            name = f"{GONE_KIND}-{number}-{start // _GONE_KEYS}"
            some = keys[start : start + _GONE_KEYS]
            record = {"kind": GONE_KIND, "since": number, "keys": some}
            self._sending.add(to_put(self._client.state, name, record))
            yield name

    def _replace(self, state: RemoteState) -> None:
        """Make a state the committed one."""
        record = {"kind": STATE_KIND, "since": state.latest, "body": body_of(state)}
        try:
            self._client.put(STATE_ID, record, self._at)
        except (ConflictError, IndexUnreachableError) as error:
            # The answer may have been lost on the way, not the request.
            if self._is_committed():
                return
            if isinstance(error, IndexUnreachableError):
                raise
            raise taken_over(self._client) from error

    def _is_committed(self) -> bool:
        found = self._client.document(STATE_ID)
        return found is not None and found["_source"]["body"]["latest"] == self._number

    def cancel(self) -> None:
        """Give up everything since the writer was opened."""
        is_gone = False
        try:
            self._sending.close()
            if self._at is None:
                is_gone = self._delete_all()
            elif self._number and not self._is_committed():
                self._delete_own()
        except (IndexUnreachableError, IndexWriteError):
            return  # the next writer deletes it
        finally:
            self._close(is_gone=is_gone)

    def _delete_all(self) -> bool:
        """Delete an index that nothing was committed to; tell whether it was."""
        self._lease.check()
        if self._client.document(STATE_ID) is not None:
            return False
        self._lease.end()
        self._client.delete()
        return True

    def _delete_own(self) -> None:
        client = self._client
        client.refresh()
        own = {"term": {"since": self._number}}
        client.delete_found(client.passages, own)
        kinds = {"terms": {"kind": [ORIGIN_KIND, WORDS_KIND, GONE_KIND]}}
        client.delete_found(client.state, {"bool": {"filter": [own, kinds]}})

    def _close(self, *, is_gone: bool = False) -> None:
        if not self.is_closed:
            self.is_closed = True
            self._sending.close()
            if not is_gone:
                self._lease.release()

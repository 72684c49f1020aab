"""The one writer of an index in a cluster: articles in, deletions, the commit.

It sends what it makes at once, under a number of its own that nothing answers for until the commit
names it, see ``state``. A writer that is killed leaves documents behind, which the next commit
declares void and deletes.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from indexer.errors import IndexFaultError, IndexUnreachableError
from indexer.paragraphs import digest_of
from indexer.plain import recorded
from indexer.storage.batch import Batch
from indexer.storage.committed import program
from indexer.storage.judging import BATCH_CHARS, FolderJudges
from indexer.storage.remote.bulk import delete_found, to_put
from indexer.storage.remote.documents import lengths_in
from indexer.storage.remote.failures import ConflictError, RefusedError
from indexer.storage.remote.known import KnownArticles
from indexer.storage.remote.lease import taken_over
from indexer.storage.remote.leftovers import GONE_KIND, Leftovers
from indexer.storage.remote.making import Maker, ToMake
from indexer.storage.remote.origins import ORIGIN_KIND, origin_documents
from indexer.storage.remote.sending import Sending
from indexer.storage.remote.state import STATE_ID, RemoteState, is_commit, record_of, told_by
from indexer.storage.remote.totals import Totals
from indexer.storage.remote.vocabulary import Vocabulary
from indexer.storage.remote.words import WORDS_KIND

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from indexer.model import ArticleRecord, Paragraph
    from indexer.plain import PlainArticles, Provenance
    from indexer.storage.manifest import FileState
    from indexer.storage.remote.beginning import Beginning
    from indexer.storage.remote.client import Client
    from indexer.storage.remote.held import RemoteDeleted
    from indexer.storage.remote.lease import Lease
    from indexer.storage.remote.making import Made

# OpenSearch takes 65,536 terms of a document.
_GONE_KEYS = 60_000
# What is left of a writer that is given up is taken back in so many seconds, or by the next one.
_CLEARING_SECONDS = 10.0


class RemoteWriter:
    """Adds and deletes whole articles and commits them; see ``writing.ArticleWriter``.

    Args:
        client: asks the cluster.
        lease: taken for this writer, which gives it back.
        begun: what it begins with.
        unmake: deletes what was made of the index for this writer, and tells whether the lock was.
        jobs: processes that share the work, where there is much.

    Attributes:
        begun: as above.
    """

    is_kept = True

    def __init__(
        self,
        client: Client,
        lease: Lease,
        begun: Beginning,
        *,
        unmake: Callable[[], bool],
        jobs: int = 1,
    ) -> None:
        self.is_closed = False
        self._is_uncertain = False
        self._client = client
        self._lease = lease
        self.begun = begun
        self._unmake = unmake
        self._state = begun.state
        self._known = KnownArticles(client, self._state)
        self._number = 0
        self._keys = 0
        self._totals = Totals(self._state)
        self._judges = FolderJudges(self.languages())
        self._maker = Maker(client.passages, jobs)
        self._sending = Sending(client)
        self._pages = self._state.words
        self._words = Vocabulary(client, self._sending)
        self._batch = Batch()
        self._waiting: list[tuple[ArticleRecord, Sequence[Paragraph]]] = []

    # What is asked of the committed state

    def origins(self) -> dict[str, FileState]:
        """The indexed files by absolute path, as they were committed."""
        return dict(self._known.files().files)

    def languages(self) -> dict[str, int]:
        """How many committed articles are in each language."""
        return {name: articles for name, (articles, _) in self._state.languages.items()}

    def has_article(self, article_id: str) -> bool:
        """Tell whether a committed article of that id is there and not deleted."""
        return self._known.has(article_id)

    def article_of(self, article_id: str) -> ArticleRecord | None:
        """The committed article of that id that is not deleted; None if there is none."""
        return self._known.of_id(article_id)

    def articles_of(self, origin: str) -> list[ArticleRecord]:
        """The committed articles that were read from a file and are not deleted."""
        return self._known.of_file(origin)

    def deleted_article(self, article_id: str) -> RemoteDeleted | None:
        """An article of that id which was deleted since the writer was opened, when first asked."""
        return self._known.deleted(article_id)

    def expect_much(self) -> None:
        """Do nothing: what makes documents begins when it has some to make."""

    def has_deleted(self) -> bool:
        """Tell whether deleted_article() may return any article."""
        return self._known.has_deleted

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
            self._flush(more=True)

    def add_plain(self, articles: PlainArticles, of: Provenance) -> None:
        """Add articles as add_article() adds each, by their own ids."""
        for record, paragraphs in recorded(articles, map(digest_of, articles.texts), of):
            self.add_article(record, paragraphs, of.folder)

    def delete_articles(self, field: str, value: str) -> list[ArticleRecord]:
        """Delete the committed articles whose article or origin is the value, and return them."""
        deleted = []
        for article, source in self._known.delete(field, value):
            self._totals.take_away(lengths_in(source), article.language)
            deleted.append(article)
        return deleted

    def _flush(self, *, more: bool = False) -> None:
        """Have no article wait."""
        if self._waiting:
            batch, self._batch = self._batch, Batch()
            waiting, self._waiting = self._waiting, []
            number = self._own_number()
            some = []
            languages = self._judges.judged(batch, None)
            for language, (record, paragraphs) in zip(languages, waiting, strict=True):
                self._keys += 1
                judged = record._replace(language=language)
                some.append(ToMake(f"{number:x}-{self._keys:x}", judged, paragraphs))
            for made in self._maker.make(some, number, more=more):
                self._send(made)
        if not more:
            for made in self._maker.finish():
                self._send(made)

    def _send(self, made: Made) -> None:
        for request in made.requests:
            self._sending.add(request)
        for language, article in made.articles:
            self._totals.add(article, language)
        self._words.add(made.words, self._number)

    def _own_number(self) -> int:
        """The number of this writer, which it is given when it first has something to send."""
        if not self._number:
            self._number = self._lease.number_after(self._state.latest)
        return self._number

    # For who repairs

    def mend(self, right: RemoteState, broken: Iterable[str]) -> None:
        """Have sums, languages and pages of words be as they are, and articles go by their keys."""
        self._totals = Totals(right)
        self._pages = right.words
        self._known.delete_keys(broken)

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
            IndexUnreachableError: the cluster does not answer; where that was the last request, it
                may have been carried out.
        """
        client, before = self._client, self._state
        self._flush()
        number = self._own_number()
        leftovers = Leftovers.of(client, before)
        remembered = self._known.files()
        for document in origin_documents(client, remembered.files, origins, number):
            self._sending.add(document)
        words = self._words.commit(self._pages, number)
        gone = list(self._name_gone(number))
        self._sending.finish()
        client.refresh()
        state = RemoteState(
            identity=before.identity,
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
        keys = list(self._known.gone)
        for start in range(0, len(keys), _GONE_KEYS):
            name = f"{GONE_KIND}-{number}-{start // _GONE_KEYS}"
            some = keys[start : start + _GONE_KEYS]
            record = {"kind": GONE_KIND, "since": number, "keys": some}
            self._sending.add(to_put(self._client.state, name, record))
            yield name

    def _replace(self, state: RemoteState) -> None:
        """Make a state the committed one."""
        if not self._is_as_it_began():
            raise taken_over(self._client)  # even if its document has the same version
        self._is_uncertain = True  # as long as there is no answer
        try:
            self._client.put(STATE_ID, record_of(state), self.begun.at)
        except (ConflictError, IndexUnreachableError) as error:
            # The answer may have been lost on the way, not the request, which may be late as well:
            # what it names is left alone.
            self._is_uncertain = isinstance(error, IndexUnreachableError)
            if self._is_committed():
                return
            if self._is_uncertain:
                raise
            raise taken_over(self._client) from error

    def _is_as_it_began(self) -> bool:
        """Whether the state is still the one that the writer began with."""
        found = self._client.document(STATE_ID)
        return (None if found is None else found["_source"]) == self.begun.record

    def _is_committed(self) -> bool:
        found = self._client.document(STATE_ID)
        return found is not None and is_commit(found, self._state.identity, self._number)

    def cancel(self) -> None:
        """Give up everything since the writer was opened."""
        with self._client.hurried(_CLEARING_SECONDS):
            self._cancel()

    def _cancel(self) -> None:
        is_gone = False
        try:
            self._sending.close()
            if self._is_uncertain:
                return
            if not self._state.commits:
                is_gone = self._delete_made()
            elif self._number and not self._is_committed() and self._is_kept():
                self._delete_own()
        except (IndexFaultError, RefusedError, KeyError):
            return  # the next writer deletes it
        finally:
            self._close(is_gone=is_gone)

    def _delete_made(self) -> bool:
        """Delete what was made for this writer, which is all if so; tell whether the lock was."""
        self._lease.check()
        if not self._is_as_it_began():
            return False
        self._lease.end()
        is_gone = self._unmake()
        if self._number and not is_gone:
            self._delete_own()
        return is_gone

    def _is_kept(self) -> bool:
        """Whether no other index is in the place of the one that the writer began with."""
        found = self._client.document(STATE_ID)
        if found is None or told_by(found).get("identity") == self._state.identity:
            return True
        return self._is_as_it_began()

    def _delete_own(self) -> None:
        client = self._client
        client.refresh()
        own = {"term": {"since": self._number}}
        delete_found(client, client.passages, own)
        kinds = {"terms": {"kind": [ORIGIN_KIND, WORDS_KIND, GONE_KIND]}}
        delete_found(client, client.state, {"bool": {"filter": [own, kinds]}})
        client.refresh()  # or it would be taken for what is left of a lost index

    def _close(self, *, is_gone: bool = False) -> None:
        if not self.is_closed:
            self.is_closed = True
            self._maker.close()
            self._sending.close()
            if not is_gone:
                self._lease.release()

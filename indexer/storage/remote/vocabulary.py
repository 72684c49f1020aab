"""The words of an index as a writer adds to them; ``words`` says what a page is.

A commit that has new words writes them as one run: pages in order. There are few runs, each more
than twice the size of the next: smaller ones are merged into the new one. Words that are in no text
any more stay until the index is made anew.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from heapq import merge
from itertools import groupby
from typing import TYPE_CHECKING

from indexer.storage.remote.bulk import to_put
from indexer.storage.remote.state import WordPage, damaged
from indexer.storage.remote.wire import escaped, unescaped
from indexer.storage.remote.words import WORDS_A_PAGE, WORDS_KIND, packed, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from indexer.storage.remote.client import Client
    from indexer.storage.remote.sending import Sending

# So many words are held in memory, about 150 MB.
_MOST_HELD = 1_000_000
# What the keyword fields of a page are cut to, for Lucene.
_MOST_KEYWORD_CHARS = 1_000


class Vocabulary:
    """The words of what a writer adds."""

    def __init__(self, client: Client, sending: Sending) -> None:
        self._client = client
        self._sending = sending
        self._new: set[bytes] = set()
        self._pages = 0
        # Runs that are written already, since memory does not hold them.
        self._spilled: list[list[WordPage]] = []

    def add(self, words: set[bytes], number: int) -> None:
        """Take words, known or not, for the writer of a number."""
        self._new |= words
        if len(self._new) > _MOST_HELD:
            self._spilled.append(list(self._write(sorted(self._new), number)))
            self._new = set()

    def commit(self, known: tuple[WordPage, ...], number: int) -> tuple[WordPage, ...]:
        """Write what known pages lack; the pages of all words from now on."""
        ordered = sorted(known, key=_run_and_first)
        runs = [list(run) for _, run in groupby(ordered, key=_run_of)]
        runs.sort(key=_size)
        size = sum(map(_size, self._spilled))
        if not self._spilled:
            self._leave_out(known)
            size = len(self._new)
            if not size:
                return known
        else:
            self._sending.finish()  # what is read here
        merged = list(self._spilled)
        # Where words were spilled all is gone through, as what is known is not left out of them.
        while runs and (self._spilled or _size(runs[0]) < 2 * size):
            size += _size(runs[0])
            merged.append(runs.pop(0))
        streams: list[Iterable[bytes]] = [self._words_of(run) for run in merged]
        words = merge(sorted(self._new), *streams)
        written = self._write((word for word, _ in groupby(words)), number)
        return tuple([page for run in runs for page in run] + list(written))

    def _leave_out(self, known: tuple[WordPage, ...]) -> None:
        """Forget the words that known pages have; only pages that may have some are read."""
        ordered = sorted(self._new)
        for page in known:
            first, last = _as_term(page.first), _as_term(page.last)
            if bisect_left(ordered, first) < bisect_right(ordered, last):
                self._new.difference_update(read_page(self._client, page))

    def _words_of(self, run: list[WordPage]) -> Iterator[bytes]:
        for page in run:
            yield from read_page(self._client, page)

    def _write(self, words: Iterable[bytes], number: int) -> Iterator[WordPage]:
        """Write words that come in order as pages, and yield those."""
        page: list[bytes] = []
        for word in words:
            page.append(word)
            if len(page) == WORDS_A_PAGE:
                yield self._put(page, number)
                page = []
        if page:
            yield self._put(page, number)

    def _put(self, page: list[bytes], number: int) -> WordPage:
        first, last = _as_sent(page[0]), _as_sent(page[-1])
        written = WordPage(f"{WORDS_KIND}-{number}-{self._pages}", first, last, len(page))
        self._pages += 1
        record = {
            "kind": WORDS_KIND,
            "since": number,
            "first": first[:_MOST_KEYWORD_CHARS],
            "last": last[:_MOST_KEYWORD_CHARS],
            "body": {"words": packed(page)},
        }
        self._sending.add(to_put(self._client.state, written.name, record))
        return written


def read_page(client: Client, page: WordPage) -> list[bytes]:
    """The words of a page, in order; IndexDamagedError if it is missing or damaged."""
    found = client.document(page.name)
    if found is None:
        raise damaged(client.address, f"{page.name} is missing")
    return words_of(client.address, page, found["_source"])


def _as_sent(word: bytes) -> str:
    return escaped(word.decode("utf-8", "surrogatepass"))


def _as_term(word: str) -> bytes:
    return unescaped(word).encode("utf-8", "surrogatepass")


def _run_of(page: WordPage) -> int:
    return int(page.name.split("-")[1])


def _run_and_first(page: WordPage) -> tuple[int, bytes]:
    return _run_of(page), _as_term(page.first)


def _size(run: list[WordPage]) -> int:
    return sum(page.words for page in run)

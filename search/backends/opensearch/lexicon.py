"""The words of an index in a cluster, fetched page by page as they are asked for."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from functools import cached_property
from heapq import merge
from itertools import accumulate
from typing import TYPE_CHECKING

from indexer.storage.remote.reading import Name
from indexer.storage.remote.words import words_of
from search.backends.base import MovedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from indexer.storage.remote.state import WordPage
    from search.backends.opensearch.question import Question

# Above every text in UTF-8.
_AFTER_ALL = b"\xff"


class WordList:
    """Terms in their order, with what the evaluator asks of a lexicon."""

    def __init__(self, terms: Sequence[bytes]) -> None:
        self._terms = terms

    def __len__(self) -> int:
        """Return the number of terms."""
        return len(self._terms)

    def term(self, index: int) -> bytes:
        """Return the term at a place."""
        return self._terms[index]

    def lower(self, term: bytes, first: int = 0, end: int | None = None) -> int:
        """Return the place of the first term, of those from first to end, not below one."""
        return bisect_left(self._terms, term, first, len(self._terms) if end is None else end)

    def find(self, term: bytes) -> int:
        """Return the place of a term, -1 if it has none."""
        place = self.lower(term)
        return place if place < len(self) and self._terms[place] == term else -1

    @cached_property
    def blob(self) -> memoryview[int]:
        """The terms, one behind the other."""
        return memoryview(b"".join(self._terms))

    @cached_property
    def offsets(self) -> array[int]:
        """Where each of those begins, and the last one ends."""
        return array("Q", accumulate(map(len, self._terms), initial=0))

    def prefix_range(self, prefix: bytes) -> range:
        """Return the places of all terms that start with prefix."""
        head = prefix.rstrip(_AFTER_ALL)
        if not head:
            return range(self.lower(prefix), len(self))
        return range(self.lower(prefix), self.lower(head[:-1] + bytes([head[-1] + 1])))


class KeptWords:
    """The words of one committed state; what was fetched is kept, and threads may share it.

    Attributes:
        pages: the documents that have them.
        fetched: the words of a page, by its name.
        all: all of them, once they were asked for.
    """

    def __init__(self, pages: Sequence[WordPage]) -> None:
        self.pages = pages
        self.fetched: dict[str, list[bytes]] = {}
        self.all: WordList | None = None


class Lexicon:
    """The words of an index, as one question asks for them."""

    def __init__(self, question: Question, kept: KeptWords) -> None:
        self._question = question
        self._kept = kept

    def fetch(self, heads: Iterable[bytes]) -> None:
        """Fetch what has the words that begin so, in one request."""
        self._contents(list(dict.fromkeys(page for head in heads for page in self._pages(head))))

    def beginning(self, head: bytes) -> WordList:
        """All words that begin so, and some others; all there are where head is empty."""
        if not head:
            return self.all()
        return WordList(list(merge(*self._contents(self._pages(head)))))

    def all(self) -> WordList:
        """All words."""
        if self._kept.all is None:
            self._kept.all = WordList(list(merge(*self._contents(self._kept.pages))))
        return self._kept.all

    def _pages(self, head: bytes) -> Sequence[WordPage]:
        after = head + _AFTER_ALL
        return [
            page
            for page in self._kept.pages
            if not head or (_bytes(page.first) < after and head <= _bytes(page.last))
        ]

    def _contents(self, pages: Sequence[WordPage]) -> list[list[bytes]]:
        fetched = self._kept.fetched
        client = self._question.client
        missing = [page for page in pages if page.name not in fetched]
        names = [Name(client.state, page.name) for page in missing]
        for page, source in zip(missing, self._question.documents(names), strict=True):
            if source is None:
                raise MovedError(page.name)
            fetched[page.name] = words_of(client.address, page, source)
        return [fetched[page.name] for page in pages]


def _bytes(word: str) -> bytes:
    return word.encode("utf-8", "surrogatepass")

"""The words of an index in a cluster, fetched page by page as they are asked for."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from functools import cached_property
from heapq import merge
from itertools import accumulate
from threading import Lock
from typing import TYPE_CHECKING

from indexer.storage.remote.words import unpacked
from search.backends.base import MovedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.storage.remote.client import Client
    from indexer.storage.remote.state import WordPage

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


class Lexicon:
    """The words of one committed state; what was fetched is kept."""

    def __init__(self, client: Client, pages: Sequence[WordPage]) -> None:
        self._client = client
        self._pages = pages
        self._fetched: dict[str, list[bytes]] = {}
        self._all: WordList | None = None
        self._fetching = Lock()

    def beginning(self, head: bytes) -> WordList:
        """All words that begin so, and some others; all there are where head is empty."""
        if not head:
            return self.all()
        after = head + _AFTER_ALL
        wanted = [
            page for page in self._pages if _bytes(page.first) < after and head <= _bytes(page.last)
        ]
        return WordList(list(merge(*self._contents(wanted))))

    def all(self) -> WordList:
        """All words."""
        if self._all is None:
            self._all = WordList(list(merge(*self._contents(self._pages))))
        return self._all

    def _contents(self, pages: Sequence[WordPage]) -> list[list[bytes]]:
        with self._fetching:
            missing = [page.name for page in pages if page.name not in self._fetched]
            for name, source in zip(missing, self._client.state_documents(missing), strict=True):
                if source is None:
                    raise MovedError(name)
                self._fetched[name] = unpacked(source["body"]["words"])
            return [self._fetched[page.name] for page in pages]


def _bytes(word: str) -> bytes:
    return word.encode("utf-8", "surrogatepass")

"""What a system under measurement offers, and the product as one of them.

Queries mean the same in all systems, as far as that can be:

- A phrase and a prefix mean the letters typed to the product; the others look for stems. Whoosh
  has no stop words in its index, and a phrase matches across them.
- A question has stop words. The product and Whoosh leave out theirs, the others search them.
- The product gives a word more weight in the form typed and beside its neighbour of the query,
  which is counted, as no user goes without. What may have been meant by a misspelled word it finds
  out when a program asks for it, which none does here.
- tantivy does not rank what a prefix finds, as it is a regular expression to it.
- The product and tantivy count all hits; Whoosh and FTS5 do not.
"""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from tests.bench.queries import Query, Shape
from tests.commands import BIN

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

#: How many passages an answer has at most.
LIMIT = 10


class Content(Enum):
    """What is built."""

    TEXT = "text"  # an index as the system is used, which returns texts
    POSTINGS = "postings"  # one stemmed field with positions and nothing else


class Searcher(NamedTuple):
    """An opened index.

    Attributes:
        ask: gives the texts of the passages that answer a query, best first, LIMIT at most.
        passages: how many the index holds.
    """

    ask: Callable[[Query], list[str]]
    passages: int


class Engine(ABC):
    """One system."""

    name: str

    @abstractmethod
    def version(self) -> str:
        """Its name and version, as its makers write them."""

    def missing(self) -> str:
        """Why it cannot be measured on this machine; empty if it can."""
        return ""

    @abstractmethod
    def build_command(self, records: Path, folder: Path, content: Content) -> list[str]:
        """The command that indexes a file of records in a folder, which does not exist yet."""

    @abstractmethod
    def open(self, folder: Path) -> Searcher:
        """Open an index with texts."""


class Syntax(NamedTuple):
    """How a query language writes what queries are made of."""

    word: str = "{}"
    beside: str = " "
    without: str = "{} AND NOT {}"
    prefix: str = "{}*"

    def write(self, query: Query) -> str:
        """A query in the language."""
        words = [self.word.format(word) for word in query.words]
        match query.shape:
            case Shape.RANKED:
                return self.beside.join(words)
            case Shape.OR:
                return " OR ".join(words)
            case Shape.AND:
                return " AND ".join(words)
            case Shape.NOT:
                return self.without.format(*words)
            case Shape.PREFIX:
                return self.prefix.format(*words)
            case Shape.PHRASE:
                return '"{}"'.format(" ".join(query.words))
            case Shape.PHRASE_AND_WORD:
                return '"{}" AND {}'.format(" ".join(query.words[:-1]), words[-1])


class Product(Engine):
    """The product: built by its command, searched through its Python interface."""

    name = "passage-search"

    def __init__(self, *options: str) -> None:
        """Give options of ``indexer add``, by which a row is told from the row as shipped."""
        self._options = options
        self.name = " ".join((Product.name, *options))

    def version(self) -> str:
        """The installed version."""
        from importlib.metadata import version  # noqa: PLC0415 - not in processes that build

        return f"{Product.name} {version(Product.name)}"

    def build_command(self, records: Path, folder: Path, content: Content) -> list[str]:
        """The command a user types; of postings alone, ``tests.bench.inversion``."""
        if content is Content.POSTINGS:
            return [sys.executable, "-m", "tests.bench.inversion", str(records), str(folder)]
        return [str(BIN / "indexer"), "-i", str(folder), "add", *self._options, str(records)]

    def open(self, folder: Path) -> Searcher:
        """Open an index; what is timed includes making whole passages."""
        from search import Index  # noqa: PLC0415 - not in processes that build

        index = Index.open(folder)
        write = Syntax().write

        def ask(query: Query) -> list[str]:
            page = index.search(write(query), limit=LIMIT)
            return [passage.paragraph.text for passage in page.passages]

        return Searcher(ask, index.passages)

"""How readers are called, and what they are told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from indexer.readers.mapping import NO_MAPPING
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import BinaryIO

    from indexer.articles import Article, Skipped
    from indexer.plain import Found
    from indexer.readers.budget import Allowance, Budget
    from indexer.readers.faults import ReaderError
    from indexer.readers.mapping import Mapping


class Inner(Protocol):
    """Reads what is inside of a source, as its own reader would read it from a file."""

    def __call__(
        self, stream: BinaryIO, name: str, *, format_name: str = ""
    ) -> Iterator[Article | Skipped]:
        """Yield what a member holds, and a Skipped where it holds nothing; no error is raised.

        It has a time and a size of its own, as a file has. What is found has the name added to its
        ``part`` and is a member of that name, ``member`` in its locators.

        Args:
            stream: what is inside, which can be sought in.
            name: what it is called there: a path, whose suffix may tell the format.
            format_name: what to take it for; "" picks by name and content.
        """


class Source(NamedTuple):
    """What a reader is told beside the bytes.

    Attributes:
        name: path, URL or "-", as the user named it.
        budget: what the reading of one article may take.
        inner: reads what is inside.
        keep_furniture: whether page furniture becomes blocks too.
        mapping: which columns and keys of records hold what.
        allowance: what members of archives may take together, here and in what is inside; None
            where a source stands for itself.
    """

    name: str
    budget: Budget
    inner: Inner
    keep_furniture: bool = False
    mapping: Mapping = NO_MAPPING
    allowance: Allowance | None = None


class Reader(Protocol):
    """What the module of a format offers whose sources are one article each, held whole."""

    def __call__(
        self, data: bytes, *, source: str, keep_furniture: bool, budget: Budget
    ) -> Iterator[Article]:
        """Yield the article; ReaderError if there is none, or if it is over the budget."""


class RecordsReader(Protocol):
    """What the module of a format of records offers that are whole lines."""

    def __call__(self, texts: Iterable[str | ReaderError], source: Source, /) -> Iterator[Found]:
        """Yield articles and what was skipped; ReaderError if there is none.

        texts are whole lines, many at a time; an error stands for a line that gives no text.
        """


class StreamReader(Protocol):
    """What the module of a format offers that is read from the file as it goes.

    So are those whose articles are many (mailboxes, dumps, archives) or whose size says little of
    how much text they hold (a document with pictures).
    """

    def __call__(self, stream: BinaryIO, source: Source, /) -> Iterator[Found]:
        """Yield articles and what was skipped; ReaderError if there is none, or for what follows.

        The stream is at its beginning and can be sought in. An article, and what is held at a time,
        keep to the budget.
        """

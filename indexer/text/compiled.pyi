"""Words and pieces of texts by number, and what they are indexed under; numbers are int32."""

from array import array
from collections.abc import Iterable, Sequence
from typing import Any, Final, TypeAlias

from numpy.typing import NDArray

Column: TypeAlias = bytes | array[int] | NDArray[Any]

class Terms:
    """A number for every term, counted from 0 in the order they were first asked for."""

    size_bytes: Final[int]
    """How much memory they take."""

    def __init__(self) -> None: ...
    def __len__(self) -> int: ...
    def __getitem__(self, term: bytes, /) -> int:
        """The number of a term, which may be new."""

    def numbers(self, terms: Iterable[bytes | str], /) -> bytes:
        """The numbers of terms or of their texts, which may be new."""

    def named(self, numbers: Column, /) -> list[bytes]:
        """The terms that have some numbers; IndexError if there is none."""

    def sorted(self, numbers: Column, /) -> tuple[bytes, bytes, bytes]:
        """The terms that have some numbers, all different, in their order.

        Returns: which of the numbers each has; the terms, one behind the other; their sizes.
        Raises: IndexError if there is no such term.
        """

class Items:
    """The different words and pieces of texts, by number; see ``rows.AnyItems``.

    Arguments that do not fit each other are refused with ValueError. One thread at a time uses
    items and their terms, others get RuntimeError.
    """

    size: Final[int]
    """How much was learned: forms of all items."""
    size_bytes: Final[int]
    """How much memory they take."""

    def __init__(
        self,
        terms: Terms,
        stop_words: tuple[bytes, ...],
        signs: tuple[bytes, ...],
        simple: bytes,
        /,
    ) -> None:
        """Begin with none; each of the signs means the same to tokens as a simple one, of ASCII."""
    def __len__(self) -> int: ...
    def text(self, item: int, /) -> bytes:
        """The word or the piece; IndexError if there is none."""

    def find(self, texts: Iterable[str], lower: bool, /) -> tuple[bytes, bytes, bytes]:
        """The items of texts, how many each has, and those that learn() must be told of."""

    def learn(
        self,
        item: int,
        width: int,
        exact: tuple[Column, Column],
        ranked: tuple[Column, Column],
        words: int,
        stops: Column,
        /,
    ) -> None:
        """Say what an item is indexed under, how many words it has, and which are stop words.

        What is exact and what ranks are offsets with their terms.
        """

    def placed(self, items: Column, counts: Column, docs: Column, /) -> tuple[bytes, bytes, bytes]:
        """The documents and positions of the items of texts, and the lengths of the texts."""

    def exact(
        self, items: Column, docs: Column, positions: Column, /
    ) -> tuple[bytes, bytes, bytes]:
        """The exact terms of items with their documents and positions."""

    def ranked(
        self, items: Column, docs: Column, positions: Column, /
    ) -> tuple[bytes, bytes, bytes]:
        """What ranks of items, as exact()."""

    def stop_words(
        self, items: Column, counts: Column, most: int, table: Column, languages: int, /
    ) -> tuple[bytes, bytes, bytes, bytes]:
        """By text: words, the language of most stop words, how many it has, and the next one.

        The table says by stop word and language, a byte each, whether it is one of its stop words.
        """

def stems_of(
    numbers: Column, docs: Column, codes: Column, first: int, tables: Sequence[Column], /
) -> tuple[bytes, int]:
    """The stems of what ranks, and how many are unknown, which are -1.

    Args:
        numbers: what ranks; of a number below 0 its complement is the stem.
        docs: where each stands.
        codes: by document, from the first on, which of the tables tells its stems.
        first: the first document.
        tables: each has by term the term of its stem, or -1.
    """

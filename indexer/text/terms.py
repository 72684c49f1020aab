"""Numbers of terms, by which they are known while an index is built."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, TypeAlias

from indexer.text import in_c
from indexer.text.analysis import encoded

if TYPE_CHECKING:
    from collections.abc import Iterable

    from indexer.text import compiled

#: In C where that is compiled, or in Python.
AnyTerms: TypeAlias = "Terms | compiled.Terms"

# What a term takes in memory, about.
_TERM_BYTES = 160


class Terms(dict[bytes, int]):
    """A number for every term, counted from 0 in the order they were first asked for.

    Attributes:
        names: the terms by their numbers.
    """

    def __init__(self) -> None:
        super().__init__()
        self.names: list[bytes] = []

    def __missing__(self, term: bytes) -> int:
        """Give a term that is new the next number."""
        number = self[term] = len(self.names)
        self.names.append(term)
        return number

    def numbers(self, terms: Iterable[bytes | str]) -> array[int]:
        """The numbers of terms or of their texts, which may be new."""
        raw = (encoded(term) if isinstance(term, str) else term for term in terms)
        return array("i", map(self.__getitem__, raw))

    def named(self, numbers: Iterable[int]) -> list[bytes]:
        """The terms that have some numbers."""
        return [self.names[number] for number in numbers]

    @property
    def size_bytes(self) -> int:
        """About how much memory they take."""
        return len(self) * _TERM_BYTES


def new_terms() -> AnyTerms:
    """Numbers for terms, none so far."""
    return Terms() if in_c.compiled is None else in_c.compiled.Terms()

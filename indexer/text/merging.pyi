"""Occurrences -> runs -> lists, as ``sorting`` and ``storage.runs`` make them."""

from array import array
from collections.abc import Sequence
from typing import Any, TypeAlias

from numpy.typing import NDArray

Column: TypeAlias = bytes | array[int] | NDArray[Any]

def run_of(
    terms: Column, docs: Column, positions: Column, /
) -> tuple[int, *tuple[tuple[bytes, int], ...]]:
    """The columns of a run, see ``sorting.Run``: the base, then of each its numbers and width."""

def lists_of(
    count: int,
    pieces: Sequence[tuple[Column, Column, Column, Column, Column, Column, Column, int]],
    /,
) -> tuple[bytes, bytes]:
    """The lists of so many terms, one behind the other, and the size of each as int32.

    A piece has the places of its terms and which they are in its postings, then ``first``,
    ``ends``, ``docs``, ``frequencies``, ``positions`` and the base of these.

    Raises: ValueError if they do not fit each other.
    """

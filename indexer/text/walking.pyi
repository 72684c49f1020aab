"""Texts walked along the automaton of a language detector, as ``detecting`` does it."""

from array import array
from collections.abc import Sequence
from typing import Any, TypeAlias

from numpy.typing import NDArray

Column: TypeAlias = bytes | array[int] | NDArray[Any]

def visits(
    texts: Sequence[bytes], following: Column, rows: Column, features: Column, most: int, /
) -> bytes:
    """How often each text comes by each feature: triples of text, feature and count, as uint32.

    Args:
        texts: they are walked byte by byte from state 0.
        following: by row and byte, the state that follows.
        rows: by state, where its row begins.
        features: by state, its feature; none where that is below 0, or not below most.
        most: how many features there are.

    Raises: ValueError if the tables lead nowhere.
    """

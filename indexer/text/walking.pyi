"""Texts walked along the automaton of a language detector, as ``detecting`` does it."""

from array import array
from collections.abc import Sequence
from typing import Any, TypeAlias

from numpy.typing import NDArray

Column: TypeAlias = bytes | array[int] | NDArray[Any]

def scores(
    texts: Sequence[bytes],
    following: Column,
    rows: Column,
    features: Column,
    logs: Column,
    weights: Column,
    biases: Column,
    /,
) -> bytes:
    """By text and class, how likely it is, as float32; 0 in all classes for what has no feature.

    Args:
        texts: they are walked byte by byte from state 0.
        following: by row and byte, the state that follows.
        rows: by state, where its row begins.
        features: by state, its feature; none where that is below 0, or not below their number.
        logs: by how often a text comes by a feature, what that counts, as float32.
        weights: by feature and class, as float32.
        biases: by class, as float32.

    Raises: ValueError if the tables lead nowhere, or do not fit each other.
    """

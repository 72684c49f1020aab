"""The primitives of searches over the postings of one segment: three sets with one meaning.

``native`` is in C and used wherever it could be compiled. Elsewhere it is one of two others:
``plain`` needs nothing but Python, which a search from the shell does not wait for; ``arrays``
needs numpy and is many times faster on long postings. ``base`` says what all of them do.
"""

from __future__ import annotations

from enum import Enum, auto

#: Where an index holds so many passages, who searches it again gets numpy loaded.
NUMPY_FROM_PASSAGES = 5_000


class KernelKind(Enum):
    """A set of kernels."""

    NATIVE = auto()
    ARRAYS = auto()
    PLAIN = auto()

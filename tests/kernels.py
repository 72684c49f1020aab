"""The sets of kernels that are here: two everywhere, and one more where C could be compiled."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from search.backends.kernels import KernelKind

#: Whether the one in C is here.
IS_COMPILED = find_spec("search.backends.kernels.compiled") is not None
KERNELS = tuple(kind for kind in KernelKind if IS_COMPILED or kind is not KernelKind.NATIVE)


def documents(found: Any) -> list[int]:
    """The documents of a set of any kernel."""
    return found.docs() if hasattr(found, "docs") else [*map(int, found)]

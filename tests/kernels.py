"""The sets of kernels that are here: two everywhere, and one more where C could be compiled."""

from __future__ import annotations

from array import array
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from search.backends.kernels import KernelKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from search.backends.kernels.compiled import Pages

#: Whether the one in C is here.
IS_COMPILED = find_spec("search.backends.kernels.compiled") is not None
KERNELS = tuple(kind for kind in KernelKind if IS_COMPILED or kind is not KernelKind.NATIVE)


def documents(found: Any) -> list[int]:
    """The documents of a set of any kernel."""
    return found.docs() if hasattr(found, "docs") else [*map(int, found)]


def pages_of(seen: bytearray, look_at: Callable[[int, int], None]) -> Pages:
    """The pages of a file of which those that were not seen are damaged, as look_at tells."""
    return bytes(4_096 * len(seen)), array("I", [1] * len(seen)), seen, look_at

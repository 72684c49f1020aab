"""The extra ``serve``: what is told where its libraries are not installed."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from indexer.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def of_the_extra(prog: str) -> Iterator[None]:
    """Import what needs the extra for a command; UsageError where a library is missing."""
    try:
        yield
    except ImportError as error:
        raise UsageError(
            f"{prog} needs the library {error.name}",
            hint="install it with: pip install 'passage-search[serve]'",
        ) from error

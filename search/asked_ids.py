"""The ids that a command line asks for, those of standard input among them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from indexer.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

STDIN = "-"


def asked_ids(words: Iterable[str], *, are_parted_by_nul: bool) -> Iterator[str]:
    """Yield ids in their order; a - stands for those that standard input has.

    It has one a line, or parted by NUL; what is empty is passed over.

    Raises:
        UsageError: standard input is closed.
    """
    for word in words:
        if word == STDIN:
            yield from _of_stdin(are_parted_by_nul=are_parted_by_nul)
        else:
            yield word


def _of_stdin(*, are_parted_by_nul: bool) -> Iterator[str]:
    if sys.stdin is None or sys.stdin.closed:
        raise UsageError(
            "--get - reads ids from standard input, which is closed", hint="name them instead"
        )
    text = sys.stdin.buffer.read().decode("utf-8-sig", "replace")
    parts = text.split("\0") if are_parted_by_nul else text.split("\n")
    for part in parts:
        name = part if are_parted_by_nul else part.removesuffix("\r")
        if name.strip():
            yield name

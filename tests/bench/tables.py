"""Markdown tables on standard output, progress on standard error."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def show_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table; all columns but the first hold numbers."""
    print()
    print(_row(head))
    print(_row(["---", *["---:"] * (len(head) - 1)]))
    for row in rows:
        print(_row(row))
    sys.stdout.flush()


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def show(text: str) -> None:
    """Print a paragraph."""
    print(f"\n{text}", flush=True)


def note(text: str) -> None:
    """Tell how far the measurement is."""
    print(text, file=sys.stderr, flush=True)


def figure(value: float) -> str:
    """A number with about three digits.

    >>> figure(0.0123), figure(1.234), figure(12.34), figure(1234.5)
    ('0.012', '1.23', '12.3', '1,234')
    """
    for least, digits in ((100, 0), (10, 1), (1, 2)):
        if value >= least:
            return f"{value:,.{digits}f}"
    return f"{value:.3f}"

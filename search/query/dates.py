"""The days that the value of a date field names: a year, a month, a day, or from one to another."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta
from typing import TYPE_CHECKING

from search.query.faults import Fault, shown
from search.query.spelling import DateWord
from search.query.tree import DateRange

if TYPE_CHECKING:
    from indexer.model import Span

_DAY = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")


def date_leaf(value: str, scope: DateWord, span: Span, faults: list[Fault]) -> DateRange | None:
    """Return the leaf, of place span, of the value of scope, or None if it is no date."""
    if scope is DateWord.PUBLISHED:
        dates = _published(value, span, faults)
    else:
        dates = _beyond(value, scope, span)
    if dates is None:
        ranges = ", or a range such as 2025-01..2025-02" if scope is DateWord.PUBLISHED else ""
        message = (
            f"{scope.value}: takes no {shown(value)}; write a day, month or year "
            f"such as 2025-01-31, 2025-01 or 2025{ranges}"
        )
        faults.append(Fault(span, message, "searched as words"))
    return dates


def _published(value: str, span: Span, faults: list[Fault]) -> DateRange | None:
    if value == "*":
        return DateRange(None, None, span=span)
    start, dots, end = value.partition("..")
    first = _period(start)
    last = _period(end) if dots else first
    if (start and first is None) or (end and last is None):
        return None
    if first and last and first[0] > last[1]:
        message = f"{shown(value)} ends before it begins; write the earlier date first"
        faults.append(Fault(span, message, "the two are exchanged"))
        first, last = last, first
    return DateRange(first[0] if first else None, last[1] if last else None, span=span)


def _beyond(value: str, scope: DateWord, span: Span) -> DateRange | None:
    """Return the days after, or before, the period that value names."""
    period = _period(value)
    try:
        if period is None:
            return None
        if scope is DateWord.AFTER:
            return DateRange(period[1] + timedelta(days=1), None, span=span)
        return DateRange(None, period[0] - timedelta(days=1), span=span)
    except OverflowError:  # the calendar ends there
        return None


def _period(text: str) -> tuple[date, date] | None:
    """Return the first and the last day of the year, month or day that text names."""
    match = _DAY.fullmatch(text)
    if match is None:
        return None
    year, month, day = (int(part) if part else None for part in match.groups())
    try:
        first = date(year or 0, month or 1, day or 1)
    except ValueError:
        return None
    if day is not None:
        return first, first
    last_month = month or 12
    return first, date(first.year, last_month, monthrange(first.year, last_month)[1])

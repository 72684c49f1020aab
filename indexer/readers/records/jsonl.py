"""JSON Lines: a record on each line that isn't blank."""

from __future__ import annotations

import json
from math import inf, nan
from typing import TYPE_CHECKING, Any

from indexer.articles import Skipped, SkipReason
from indexer.model import Lines
from indexer.readers.budget import too_large
from indexer.readers.faults import ReaderError
from indexer.readers.records.article import Record
from indexer.readers.records.choosing import articles_of
from indexer.readers.records.plain import Records

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from indexer.plain import Found
    from indexer.readers.base import Source
    from indexer.readers.budget import Budget

_DECODER = json.JSONDecoder()
# So much text is read at once, with a value between its lines that has no other spelling.
_MOST_AT_ONCE_CHARS = 1 << 22
_MARK = "-Infinity"
# Where a line is no JSON, less than this is read line by line.
_FEW_CHARS = 1 << 14
_NOTHING = object()
_MARKED = json.JSONDecoder(
    parse_constant={_MARK: _NOTHING, "Infinity": inf, "NaN": nan}.__getitem__
)


def read_jsonl(texts: Iterable[str | ReaderError], of: Source) -> Iterator[Found]:
    """Yield an article, or why there is none, for each line of a JSON Lines file that isn't blank.

    Raises: ReaderError if there is no record, or none that has text.
    """
    return articles_of(_records(texts, of), of)


def _records(
    texts: Iterable[str | ReaderError], of: Source
) -> Iterator[Record | Records | Skipped]:
    """Yield what each line holds that isn't blank."""
    source = of.name
    number = 1
    for text in texts:
        if isinstance(text, ReaderError):
            yield Skipped(f"{source}:{number}", text.reason, text.detail)
            number += 1
            continue
        yield from _in_text(text, source, number, of.budget)
        number += text.count("\n")


def _in_text(
    text: str, source: str, first: int, budget: Budget
) -> Iterator[Record | Records | Skipped]:
    """Yield what some lines hold; the first one has the given number."""
    most = min(budget.size_bytes, _MOST_AT_ONCE_CHARS)
    values = None
    if len(text) <= most and _MARK not in text:
        values = _values_of(text.removesuffix("\n").split("\n"))
    if values is None:
        middle = text.rfind("\n", 0, len(text) // 2) + 1
        if len(text) > most or len(text) < _FEW_CHARS or not middle:
            yield from _line_by_line(text, source, first, budget)
        else:  # what cannot be read at once is in one of the halves
            yield from _in_text(text[:middle], source, first, budget)
            first += text.count("\n", 0, middle)
            yield from _in_text(text[middle:], source, first, budget)
        return
    if set(map(type, values)) == {dict}:
        yield Records(values, first)
        return
    for number, value in enumerate(values, start=first):
        if isinstance(value, dict):
            yield Record(value, Lines(number, number))
        elif value is not _NOTHING:
            yield _no_object(source, number)


def _values_of(lines: Sequence[str]) -> list[Any] | None:
    """What each line holds, read at once, _NOTHING where it is blank; None if one is no JSON.

    Between two lines stands a mark that no line has. Where all marks come out with one value
    between them, each line was a value.
    """
    full = [line for line in lines if line and not line.isspace()]
    try:
        read: list[Any] = _MARKED.decode(f"[{f',{_MARK},'.join(full)}]")
    except (ValueError, RecursionError):
        return None
    marks = read[1::2]
    if len(read) != max(0, 2 * len(full) - 1) or marks.count(_NOTHING) != len(marks):
        return None
    values = read[::2]
    if len(full) == len(lines):
        return values
    left = iter(values)
    return [next(left) if line and not line.isspace() else _NOTHING for line in lines]


def _line_by_line(text: str, source: str, first: int, budget: Budget) -> Iterator[Record | Skipped]:
    """Yield what some lines hold, of which some may be too long or no JSON."""
    most = budget.size_bytes
    for number, line in enumerate(lines_in(text), start=first):
        if line.isspace():
            continue
        if len(line) > most:
            fault = too_large("record", budget)
            yield Skipped(f"{source}:{number}", fault.reason, fault.detail)
            continue
        try:
            record = _loaded(line)
        except json.JSONDecodeError as error:
            yield _broken(source, number, f"not JSON: {error.msg} at column {error.colno}")
        except (ValueError, RecursionError):
            yield _broken(source, number, "not JSON that can be read: too deep or too large")
        else:
            if isinstance(record, dict):
                yield Record(record, Lines(number, number))
            else:
                yield _no_object(source, number)


def lines_in(text: str) -> Iterator[str]:
    """Yield each line with its end, holding no second copy of a text that may be large."""
    start = 0
    while end := text.find("\n", start) + 1:
        yield text[start:end]
        start = end
    if start < len(text):
        yield text[start:]


def _loaded(line: str) -> object:
    """Return what json.loads() does for a line, faster where it is one value and its end."""
    try:
        record, end = _DECODER.raw_decode(line)
        if end == len(line) - 1 and line[end] == "\n":
            return record
    except json.JSONDecodeError:
        pass  # leading blanks, perhaps; what is wrong is told by what follows
    return json.loads(line.rstrip("\n"))


def _no_object(source: str, line: int) -> Skipped:
    return _broken(source, line, "not a JSON object, which each line must be")


def _broken(source: str, line: int, detail: str) -> Skipped:
    return Skipped(f"{source}:{line}", SkipReason.BROKEN, detail)

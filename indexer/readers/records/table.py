"""Tables whose rows are records: CSV, TSV and what office programs call so."""

from __future__ import annotations

import csv
import re
from collections import deque
from itertools import chain
from typing import TYPE_CHECKING

from indexer.articles import Skipped, SkipReason
from indexer.model import Lines
from indexer.readers.budget import too_large
from indexer.readers.faults import ReaderError
from indexer.readers.records.article import Record
from indexer.readers.records.choosing import articles_of
from indexer.readers.records.jsonl import lines_in
from indexer.readers.records.keys import is_known

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from indexer.plain import Found
    from indexer.readers.base import Source
    from indexer.readers.budget import Budget
    from indexer.readers.mapping import Mapping

_DELIMITERS = "\t,;|"
# The first line that Excel writes, or is told by, in some countries.
_SAID = re.compile(r"\ufeff?\"?sep=(.)\"?\s*", re.IGNORECASE)
# Python's own limit, 128 kB, is less than a long article; this is the most every system takes.
_FIELD_LIMIT_CHARS = 2**31 - 1
# The name of a column is a number as little as it is a sentence.
_NO_NAME = re.compile(r"[\d.,:/-]+|(?:\S+\s+){5,}\S+.*", re.DOTALL)


def read_csv(texts: Iterable[str | ReaderError], of: Source) -> Iterator[Found]:
    """Yield an article, or why there is none, for each row of a table.

    Its first line names the columns, unless the mapping does; the case of names is of no account.
    Fields are parted by tabs, commas, semicolons or bars, by what the first line gives names that
    are known, or most names. A field with a line end or a separator in it is quoted; in a
    tab-separated file a quote that does not fit is taken as it stands.

    Raises: ReaderError if there is no record, or none that has text.
    """
    csv.field_size_limit(_FIELD_LIMIT_CHARS)
    lines = _lines_of(texts)
    heading = 0
    said = ""
    line: str | ReaderError | None = ""
    while isinstance(line, str) and (not line.strip() or (found := _SAID.fullmatch(line))):
        if line.strip() and found:
            said = found[1]
        line = next(lines, None)
        heading += 1
    if line is None:
        raise ReaderError(SkipReason.EMPTY, "the file has no records")
    if isinstance(line, ReaderError):
        raise line
    delimiter = said or _delimiter(line, of.mapping)
    first = _fields(line, delimiter)
    if of.mapping.columns:
        header = [name.lower() for name in of.mapping.columns]
        rows = _rows(chain((line,), lines), heading - 1, delimiter, len(header), of.budget)
    else:
        header = [name.lower() for name in first]
        rows = _rows(lines, heading, delimiter, len(header), of.budget)
    is_row = not of.mapping.columns and not any(map(is_known, header))
    remedy = _columns_to_try(first) if is_row and any(map(_NO_NAME.fullmatch, first)) else ""
    return articles_of(_records(rows, header, of.name), of, remedy=remedy)


def _records(
    rows: Iterable[tuple[list[str] | ReaderError, Lines]], header: Sequence[str], source: str
) -> Iterator[Record | Skipped]:
    is_simple = len(set(header)) == len(header) and "" not in header
    for row, place in rows:
        if isinstance(row, ReaderError):
            yield Skipped(f"{source}:{place.first}", row.reason, row.detail)
        elif any(field.strip() for field in row[len(header) :]):
            detail = (
                f"the row has {len(row)} fields, the header {len(header)};"
                " quote a field that holds a separator"
            )
            yield Skipped(f"{source}:{place.first}", SkipReason.BROKEN, detail)
        else:
            fields = zip(header, row, strict=False)
            yield Record(dict(fields) if is_simple else _gathered(fields), place)


def _gathered(fields: Iterable[tuple[str, str]]) -> dict[str, object]:
    """The values of columns that have a name, those of several of one name in a list."""
    found: dict[str, list[str]] = {}
    for name, value in fields:
        if name and value.strip():
            found.setdefault(name, []).append(value)
    return {name: values if len(values) > 1 else values[0] for name, values in found.items()}


def _lines_of(texts: Iterable[str | ReaderError]) -> Iterator[str | ReaderError]:
    for text in texts:
        if isinstance(text, ReaderError):
            yield text
        else:
            yield from lines_in(text)


def _fields(line: str, delimiter: str) -> list[str]:
    try:
        return [name.strip() for name in next(csv.reader([line], delimiter=delimiter), [])]
    except csv.Error:
        return line.strip().split(delimiter)


def _delimiter(line: str, mapping: Mapping) -> str:
    """What parts the fields of a first line."""
    mapped = {path.lower() for _, path in mapping.fields}

    def rank(delimiter: str) -> tuple[int, int]:
        names = _fields(line, delimiter)
        if mapping.columns:
            return int(len(names) == len(mapping.columns)), len(names)
        return sum(is_known(name) or name.lower() in mapped for name in names), len(names)

    return max(_DELIMITERS, key=rank)


def _columns_to_try(fields: Sequence[str]) -> str:
    """What to do with a table whose first line seems to be a row, by the fields of that."""
    longest = max(range(len(fields)), key=lambda at: len(fields[at]))
    names = [f"c{number}" for number in range(1, len(fields) + 1)]
    if longest != 0:
        names[0] = "id"
    names[longest] = "text"
    return f"if its first line is a row as well, name the columns: --columns {','.join(names)}"


def _rows(
    lines: Iterator[str | ReaderError], last: int, delimiter: str, width: int, budget: Budget
) -> Iterator[tuple[list[str] | ReaderError, Lines]]:
    """Yield each row that isn't blank, or what is wrong with it, and the lines it stands on.

    After a row that is wrong, reading goes on with the line after its first, so the lines of the
    row at hand are kept.

    Args:
        lines: those that were not read yet.
        last: the number of the line before.
        delimiter: what parts fields.
        width: how many fields the header has.
        budget: what a row may take.
    """
    again: deque[str | ReaderError] = deque()
    taken: list[str | ReaderError] = []
    size_chars = 0

    def of_row() -> Iterator[str]:
        nonlocal size_chars
        while (line := again.popleft() if again else next(lines, None)) is not None:
            taken.append(line)
            if isinstance(line, ReaderError):
                raise line
            size_chars += len(line)
            if size_chars > budget.size_bytes:
                raise too_large("record", budget)
            yield line

    while True:
        reader = csv.reader(of_row(), delimiter=delimiter, strict=True)
        fault: ReaderError
        try:
            for row in reader:
                if delimiter == "\t" and len(taken) > 1 and any("\t" in field for field in row):
                    break  # a stray quote has swallowed the rows up to the next one
                if row:
                    yield row, Lines(last + 1, last + len(taken))
                last += len(taken)
                taken.clear()
                size_chars = 0
            else:
                return
            fault = _no_row("a quote is not closed")
        except csv.Error as error:
            fault = _no_row(str(error))
        except ReaderError as error:
            fault = error
        last += 1
        first = taken[0]
        if isinstance(first, str) and delimiter == "\t" and len(first) <= budget.size_bytes:
            plain = first.rstrip("\n").split(delimiter)
            yield plain if len(plain) == width else fault, Lines(last, last)
        else:
            yield fault, Lines(last, last)
        again.extendleft(reversed(taken[1:]))
        taken.clear()
        size_chars = 0


def _no_row(fault: str) -> ReaderError:
    return ReaderError(SkipReason.BROKEN, f"not a row of the table: {fault}")

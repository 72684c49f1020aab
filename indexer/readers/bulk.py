"""Bulk files: one article a record, as JSON Lines or as a table with a header (CSV, TSV).

The fields are ``id`` (or ``_id``), ``title``, ``text``, ``url``, ``site``, ``author``,
``published`` and ``language``; all but ``text`` may be missing, and others are kept (``extra``). A
record of a title alone is an article whose title is its passage. One that cannot be read is skipped
by its line, and the rest goes on. Records are data: no furniture is looked for in them.
"""

from __future__ import annotations

import csv
import json
import re
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from indexer.articles import Article, Block, Skipped, SkipReason
from indexer.model import BlockKind, Lines
from indexer.readers.base import ReaderError
from indexer.readers.budget import too_large, too_many_parts
from indexer.readers.extra import extra_of
from indexer.readers.fields import FIELDS, author_of, clean, date_of, language_of, text_of
from indexer.readers.headlines import closes
from indexer.readers.layout import split_blocks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from indexer.readers.base import Source
    from indexer.readers.budget import Budget

_DELIMITERS = "\t,;"
# Python's own limit, 128 kB, is less than a long article; this is the most every system takes.
_FIELD_LIMIT_CHARS = 2**31 - 1

_DECODER = json.JSONDecoder()
_PARAGRAPH = BlockKind.PARAGRAPH
_BLANK_LINE = re.compile(r"\n\s*\n")


def read_jsonl(texts: Iterable[str | ReaderError], of: Source) -> Iterator[Article | Skipped]:
    """Yield an article, or why there is none, for each line of a JSON Lines file that isn't blank.

    Raises: ReaderError if there is no record.
    """
    source, budget = of.name, of.budget
    seen = False
    number = 1
    for text in texts:
        if isinstance(text, ReaderError):
            seen = True
            yield _skipped(text, source, number)
            number += 1
            continue
        for one in _records(text, source, number, budget):
            seen = True
            yield one
        number += text.count("\n")
    if not seen:
        raise ReaderError(SkipReason.EMPTY, "the file has no records")


def _records(text: str, source: str, first: int, budget: Budget) -> Iterator[Article | Skipped]:
    """Yield what each line holds that isn't blank; the first one has the given number."""
    for number, line in enumerate(_lines(text), start=first):
        if line.isspace():
            continue
        if len(line) > budget.size_bytes:
            yield _skipped(too_large("record", budget), source, number)
            continue
        try:
            record = _loaded(line)
        except json.JSONDecodeError as error:
            yield _broken(source, number, f"not JSON: {error.msg} at column {error.colno}")
        except (ValueError, RecursionError):
            yield _broken(source, number, "not JSON that can be read: too deep or too large")
        else:
            if isinstance(record, dict):
                yield _article(record, source, Lines(number, number), budget)
            else:
                yield _broken(source, number, "not a JSON object, which each line must be")


def _lines(text: str) -> Iterator[str]:
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


def read_csv(texts: Iterable[str | ReaderError], of: Source) -> Iterator[Article | Skipped]:
    """Yield an article, or why there is none, for each row of a table with a header.

    Fields are parted by tabs, commas or semicolons, whichever gives the header a column ``text``;
    the case of column names is of no account. A field with a line end or a separator in it is
    quoted; in a tab-separated file a quote that does not fit is taken as it stands.

    Raises: ReaderError if there is no column ``text`` or no record.
    """
    csv.field_size_limit(_FIELD_LIMIT_CHARS)
    source, budget = of.name, of.budget
    lines = _lines_of(texts)
    heading = 1
    while isinstance(line := next(lines, None), str) and not line.strip():
        heading += 1
    if line is None:
        raise ReaderError(SkipReason.EMPTY, "the file has no records")
    if isinstance(line, ReaderError):
        raise line
    delimiter, header = _header(line)
    seen = False
    for row, place in _rows(lines, heading, delimiter, len(header), budget):
        seen = True
        if isinstance(row, ReaderError):
            yield _skipped(row, source, place.first)
        elif any(field.strip() for field in row[len(header) :]):
            yield _broken(
                source,
                place.first,
                f"the row has {len(row)} fields, the header {len(header)};"
                " quote a field that holds a separator",
            )
        else:
            yield _article(dict(zip(header, row, strict=False)), source, place, budget)
    if not seen:
        raise ReaderError(SkipReason.EMPTY, "the file has no records")


def _lines_of(texts: Iterable[str | ReaderError]) -> Iterator[str | ReaderError]:
    for text in texts:
        if isinstance(text, ReaderError):
            yield text
        else:
            yield from _lines(text)


def _header(line: str) -> tuple[str, list[str]]:
    """Return the separator and the column names of the first line."""
    for delimiter in _DELIMITERS:
        names = [name.strip().lower() for name in next(csv.reader([line], delimiter=delimiter))]
        if "text" in names:
            return delimiter, names
    raise ReaderError(
        SkipReason.BROKEN,
        f'the first line has no column "text"; the columns known are {", ".join(sorted(FIELDS))}',
    )


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


def _article(
    record: Mapping[str, object], source: str, lines: Lines, budget: Budget
) -> Article | Skipped:
    text = record.get("text")
    if text is None:
        text = ""
    elif not isinstance(text, str):
        return _broken(source, lines.first, "the field text is not a string")
    if len(text) > budget.parts and text.count("\n") + text.count("\r") > budget.parts:
        return _skipped(too_many_parts("lines", budget), source, lines.first)
    facts: dict[str, Any] = {
        name: _FACTS[name](value)
        for name, value in record.items()
        if name in _FACTS and value is not None
    }
    blocks = _blocks(clean(text), lines)
    has_title = bool(facts.get("title"))
    if not blocks and not has_title:
        return Skipped(f"{source}:{lines.first}", SkipReason.EMPTY, "the record has no text")
    article_id = record.get("id", record.get("_id"))
    if not record.keys() <= FIELDS:
        facts["extra"] = extra_of([item for item in record.items() if item[0] not in FIELDS])
    return Article(
        source=source,
        blocks=blocks,
        article_id=None if article_id is None else _line(article_id) or None,
        title_lines=lines if has_title else None,
        **facts,
    )


def _blocks(text: str, lines: Lines) -> tuple[Block, ...]:
    """Return the paragraphs of a text, found as in plain text if they are certain to be several.

    That is, if there are blank lines or every line ends a sentence. All else is one paragraph,
    whatever it looks like; no line is a heading unless it is underlined.
    """
    text = text.strip()
    first, *rest = text.split("\n") if "\n" in text else (text,)
    if rest and (_BLANK_LINE.search(text) or all(map(closes, (first, *rest[:-1])))):
        return tuple(replace(block, lines=lines, span=None) for block in split_blocks(text))
    words = " ".join(text.split())
    return (Block(_PARAGRAPH, words, lines),) if words else ()


def _line(value: object) -> str:
    """Return a field of one line."""
    return clean(text_of(value))


#: How the fields are read that say something of the article.
_FACTS: Mapping[str, Callable[[object], Any]] = {
    "title": _line,
    "author": lambda value: clean(author_of(value)),
    "published": date_of,
    "language": language_of,
    "url": _line,
    "site": _line,
}


def _skipped(error: ReaderError, source: str, line: int) -> Skipped:
    return Skipped(f"{source}:{line}", error.reason, error.detail)


def _broken(source: str, line: int, detail: str) -> Skipped:
    return Skipped(f"{source}:{line}", SkipReason.BROKEN, detail)

"""JSON documents: an array of records, wherever it is in them, or one record."""

from __future__ import annotations

import json
from io import BytesIO
from typing import TYPE_CHECKING

from indexer.articles import Skipped, SkipReason
from indexer.model import Lines
from indexer.readers.budget import too_large
from indexer.readers.encoding import decode
from indexer.readers.faults import ReaderError
from indexer.readers.records.article import Record
from indexer.readers.records.choosing import articles_of
from indexer.readers.records.json_shape import Place, find_place, place_in, values_at
from indexer.readers.records.json_text import JsonText, TooLargeError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from indexer.plain import Found
    from indexer.readers.base import Source

# A record that has others behind it, and not in an array with it, is hardly longer.
_LONG_CHARS = 1 << 20


def read_json(stream: BinaryIO, source: Source) -> Iterator[Found]:
    """Yield an article, or why there is none, for each record of a document.

    It has them in an array, in an object of objects, or one behind the other. A document of any
    size is read as it comes, and only one record need be within the budget.

    Raises: ReaderError if there is no record, none that has text, or for what follows.
    """
    stream.seek(0)
    most = source.budget.size_bytes
    data = stream.read(most + 1)
    if not data.strip():
        raise ReaderError(SkipReason.EMPTY, "the file has no records")
    if len(data) <= most:
        text = decode(data)
        stream = BytesIO(text.encode())
        place = _place_in(text, stream, source)
    else:
        del data
        place = _place_of(stream, source)
    where = ".".join(place.path) if place else ""
    yield from articles_of(_records(stream, place, source), source, where)


def _place_in(text: str, stream: BinaryIO, source: Source) -> Place | None:
    """Where the records of a text are; None if they are one behind the other."""
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        return None if error.msg == "Extra data" else find_place(stream, source.mapping)
    except (ValueError, RecursionError) as error:
        detail = "not JSON that can be read: too deep or too large"
        raise ReaderError(SkipReason.BROKEN, detail) from error
    if isinstance(value, list) and not all(isinstance(one, list | int | float) for one in value):
        return Place()
    if isinstance(value, list) and value:
        raise ReaderError(SkipReason.NO_PROSE, "the array has no objects, but lists or numbers")
    return place_in(value, source.mapping)


def _place_of(stream: BinaryIO, source: Source) -> Place | None:
    """The same for what is larger than the budget."""
    text = JsonText(stream)
    if text.peek() == "{":
        try:
            text.value(min(_LONG_CHARS, source.budget.size_bytes))
        except (TooLargeError, ReaderError):
            pass
        else:
            if text.peek():
                return None
    return find_place(stream, source.mapping)


def _records(stream: BinaryIO, place: Place | None, source: Source) -> Iterator[Record | Skipped]:
    most = source.budget.size_bytes
    text = JsonText(stream)
    number = 0
    try:
        if place is None:
            places: Iterator[tuple[str, int]] = _in_sequence(text)
        elif place.is_whole:
            places = iter((("", 0),))
        else:
            places = values_at(text, place.path)
        for name, number in places:
            try:
                value, first, last = text.value(most)
            except TooLargeError:
                text.pass_value()
                fault = too_large("record", source.budget)
                yield Skipped(f"{source.name}:{number}", fault.reason, fault.detail)
                continue
            fields = {"text": value} if isinstance(value, str) else value
            if isinstance(fields, dict):
                yield Record(fields, Lines(first, last), number, name)
            else:
                detail = "not a JSON object, which each record must be"
                yield Skipped(f"{source.name}:{number}", SkipReason.BROKEN, detail)
    except ReaderError as error:
        follows = "what follows is not read: " if number > 1 else ""
        yield Skipped(source.name, error.reason, f"{follows}{error.detail}")


def _in_sequence(text: JsonText) -> Iterator[tuple[str, int]]:
    number = 0
    while text.peek():
        number += 1
        yield "", number

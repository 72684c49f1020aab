"""Lines -> the requests of a batch, one at a time, or what is wrong with a line.

A line is one of

    a query
    ID<TAB>a query
    {"id": "...", "query": "...", ...}

An object begins with ``{`` and has the keys of ``request_json`` and "id". What has no id is named
by the number of its line, which counts from 1. Lines that are blank are passed over; ends of lines
may be those of Windows, and the first may begin with a mark of UTF-8.

Nothing is read before it is asked for, or else no more than is there, so that who writes the lines
may wait for each answer; and of a line no more is kept than MOST_BYTES, however long it is.
"""

from __future__ import annotations

import json
from dataclasses import replace
from queue import Queue
from threading import Thread
from typing import IO, TYPE_CHECKING, Any, NoReturn, TypeVar

from indexer.errors import UsageError
from indexer.tuples import NamedTuple
from search.request_json import request_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.errors import PassageSearchError
    from search.request import Request

#: A query has 50,000 characters at most; a list of ids may be long.
MOST_BYTES = 1 << 20
_PIECE_BYTES = 1 << 16
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_ASKING = ("query", "ids", "similar")
_Line = TypeVar("_Line")


class Asked(NamedTuple):
    """A query of a batch.

    Attributes:
        query_id: names it, the number of its line unless the line does.
        line: the number of its line, from 1.
        request: what is asked.
    """

    query_id: str
    line: int
    request: Request


class BadLine(NamedTuple):
    """A line of a batch that cannot be answered.

    Attributes:
        query_id, line: as of Asked.
        error: what is wrong, without the line.
    """

    query_id: str
    line: int
    error: PassageSearchError


def read_batch(file: IO[bytes], defaults: Request) -> Iterator[Asked | BadLine]:
    """Yield what each line asks for, in order; each is read when the one before is done with.

    Args:
        file: buffered, or its lines come slowly.
        defaults: what a line does not say.
    """
    for number, line in _numbered_lines(file):
        if line is None or line.strip():
            yield _asked(line, number, defaults)


def at_hand(lines: Iterator[_Line], most: int) -> Iterator[list[_Line]]:
    """Yield lines as soon as one is there, together with those that are as well: so many at most.

    Where that is one, each is read when the one before is done with; else a thread reads ahead.
    """
    if most == 1:
        for line in lines:
            yield [line]
        return
    read: Queue[_Line | _End] = Queue(most)
    Thread(target=_read_ahead, args=(lines, read), daemon=True).start()
    while True:
        some: list[_Line] = []
        while len(some) < most and (not some or not read.empty()):
            one = read.get()
            if isinstance(one, _End):
                if some:
                    yield some
                if one.error is not None:
                    raise one.error
                return
            some.append(one)
        yield some


class _End(NamedTuple):
    """The end of lines, or the error that they end with."""

    error: BaseException | None


def _read_ahead(lines: Iterator[_Line], read: Queue[_Line | _End]) -> None:
    try:
        for line in lines:
            read.put(line)
    except BaseException as error:  # noqa: BLE001 - who takes the lines raises it
        read.put(_End(error))
    else:
        read.put(_End(None))


def _numbered_lines(file: IO[bytes]) -> Iterator[tuple[int, bytes | None]]:
    """Yield lines with their numbers, without their ends; None for one that is too long."""
    number = 0
    while line := file.readline(MOST_BYTES + 1):
        number += 1
        if number == 1:
            line = line.removeprefix(_BYTE_ORDER_MARK)
        is_whole = line.endswith(b"\n") or len(line) <= MOST_BYTES
        yield number, line.removesuffix(b"\n").removesuffix(b"\r") if is_whole else None
        rest = line
        while not is_whole and rest and not rest.endswith(b"\n"):
            rest = file.readline(_PIECE_BYTES)


def _asked(line: bytes | None, number: int, defaults: Request) -> Asked | BadLine:
    query_id = str(number)
    try:
        text = _decoded(line)
        if text.lstrip().startswith("{"):
            record = _object(text)
            query_id = _id_of(record) or query_id
            return Asked(query_id, number, _request_of(record, defaults))
        before, tab, after = text.partition("\t")
        if tab:
            query_id, text = before.strip() or query_id, after
        return Asked(query_id, number, replace(defaults, query=text.strip()))
    except UsageError as error:
        return BadLine(query_id, number, error)


def _decoded(line: bytes | None) -> str:
    if line is None:
        raise UsageError(f"it is longer than {MOST_BYTES:,} bytes", hint="cut it into several")
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(
            f"it is not UTF-8 at byte {error.start + 1}", hint="convert it with iconv"
        ) from error


def _object(text: str) -> dict[str, Any]:
    try:
        record = json.loads(text, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        raise UsageError(
            f"it begins with {{ and is no JSON object: {error.msg} at character {error.colno}"
        ) from error
    except ValueError as error:  # a number of thousands of digits, or none
        raise UsageError(f"it begins with {{ and is no JSON object: {error}") from error
    except RecursionError as error:
        raise UsageError("it is nested too deeply") from error
    assert isinstance(record, dict)
    return record


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number of JSON")


def _id_of(record: dict[str, Any]) -> str:
    """Take the id out of an object; "" if it has none."""
    query_id = record.pop("id", "")
    if isinstance(query_id, bool) or not isinstance(query_id, str | int):
        raise UsageError("id must be a text or a whole number")
    return str(query_id)


def _request_of(record: dict[str, Any], defaults: Request) -> Request:
    if not any(name in record for name in _ASKING):
        raise UsageError("it asks for nothing", hint=f"give it one of {', '.join(_ASKING)}")
    return request_of(record, defaults)

"""One source, whatever its format and compression -> its articles, within a budget."""

from __future__ import annotations

from dataclasses import replace
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, BinaryIO, cast

from indexer.articles import Article, Skipped, SkipReason, line_of
from indexer.paragraphs import has_more
from indexer.plain import each
from indexer.readers.base import Source
from indexer.readers.budget import (
    DEFAULT_BUDGET,
    MB,
    Allowance,
    time_limit,
    too_large,
    too_many_passages,
)
from indexer.readers.encoding import binary_fault, decode, is_wide
from indexer.readers.faults import ReaderError
from indexer.readers.formats import format_named, pick_format
from indexer.readers.mapping import NO_MAPPING
from indexer.readers.packing import PACKING_ERRORS, packing_fault, unpacked
from indexer.readers.prose import check_prose

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from indexer.plain import Found
    from indexer.readers.budget import Budget
    from indexer.readers.formats import Format
    from indexer.readers.mapping import Mapping

READING_VERSION = 7
"""How sources are understood; to be counted up whenever the same bytes give other articles, so that
files the index knows are read again when they are added the next time."""

PIECE_BYTES = 1 << 20
"""So much of a file of records is looked at together."""

# What is larger when it is unpacked is kept in a file.
_SPOOLED_BYTES = 1 << 24
# An archive in a message in an archive: what goes deeper is made to do harm.
_DEEPEST = 5


def read_stream(
    stream: BinaryIO,
    *,
    source: str,
    format_name: str = "",
    keep_furniture: bool = False,
    budget: Budget = DEFAULT_BUDGET,
    mapping: Mapping = NO_MAPPING,
    on_format: Callable[[str], None] = lambda _name: None,
) -> Iterator[Found]:
    """Yield the articles of one source, and a Skipped for each thing in it that is none.

    Whatever it holds, no error is raised for it. Compression is undone wherever it is found.
    Records are read as they come, and only one of them need be within the budget, as is the text of
    what else is read as it goes; all else is held whole, and no more of it is read or unpacked than
    the budget has.

    Args:
        stream: the source as it is stored, which can be sought in.
        source: its path or URL, as the user named it; "-" for standard input.
        format_name: what to take it for; "" picks by name and content.
        keep_furniture: whether page furniture becomes blocks too.
        budget: what an article may take.
        mapping: which columns and keys of records hold what.
        on_format: called with the name of the format that it is read as.

    Raises: OSError if the system refuses to read.
    """
    allowance = Allowance(budget)
    told = Source(source, budget, _nothing, keep_furniture, mapping, allowance)
    of_source = _Reading(told, 0)
    of_source.on_format = on_format
    return of_source.read(stream, source, format_name)


def _nothing(*_: object, **__: object) -> Iterator[Article | Skipped]:
    return iter(())


class _Reading:
    """Reads a source, or what is inside of one.

    Attributes:
        source: what its reader is told.
        has_records: whether its articles are lines of it.
        on_format: see read_stream().
    """

    def __init__(self, source: Source, depth: int) -> None:
        self.has_records = False
        self.source = source._replace(inner=self._inner)
        self._depth = depth
        self._is_guessed = False
        self.on_format: Callable[[str], None] = lambda _name: None

    def read(self, stream: BinaryIO, name: str, format_name: str) -> Iterator[Found]:
        """Yield what a stream holds; name may tell its format."""
        source = self.source
        if format_name:
            format_named(format_name)  # no fault of the source
        try:
            plain = self._unpacked(stream)
            head = plain.read(PIECE_BYTES)
            format_ = _format_of(head, name, format_name)
            self.on_format(format_.name)
            self._is_guessed = not format_name and format_.name == "text"
            if format_.jumps and plain is not stream:
                plain = _spooled(plain, source.budget)
            for one in self._found(format_, head, plain):
                if isinstance(one, Article) and has_more(one, source.budget.passages):
                    fault = too_many_passages(source.budget)
                    yield Skipped(_place_of(one, source.name, format_), fault.reason, fault.detail)
                else:
                    yield one
        except ReaderError as error:
            yield Skipped(source.name, error.reason, error.detail, kind=error.kind)
        except PACKING_ERRORS as error:
            fault = packing_fault(error)
            yield Skipped(source.name, fault.reason, fault.detail)
        except (MemoryError, OSError):
            raise
        except Exception as error:  # noqa: BLE001 - a library that fails on one file costs that file
            detail = f"its reader failed ({type(error).__name__}: {error}); please report it"
            yield Skipped(source.name, SkipReason.BROKEN, detail)

    def _unpacked(self, stream: BinaryIO) -> BinaryIO:
        """A stream without its compression, which inside of a source is undone at once."""
        plain = unpacked(stream)
        allowance = self.source.allowance
        if plain is stream or not self._depth or allowance is None:
            return plain
        held = allowance.held(plain)
        if held is None:
            raise allowance.too_large
        return held

    def _found(self, format_: Format, head: bytes, stream: BinaryIO) -> Iterator[Found]:
        source = self.source
        self.has_records = format_.load_records is not None
        if format_.load_stream is not None:
            stream.seek(0)
            yield from format_.load_stream()(stream, source)
        elif format_.load_records is not None:
            if is_wide(head):
                texts: Iterable[str | ReaderError] = (decode(_whole(head, stream, source.budget)),)
            else:
                texts = _texts(_pieces(head, stream, source.budget))
            yield from format_.load_records()(texts, source)
        elif format_.load is not None:
            if self._is_guessed:
                check_prose(head)
            data = _whole(head, stream, source.budget)
            if self._is_guessed and len(data) > len(head):
                check_prose(data)
            read = format_.load()
            yield from read(
                data,
                source=source.name,
                keep_furniture=source.keep_furniture,
                budget=source.budget,
            )

    def _inner(
        self, stream: BinaryIO, name: str, *, format_name: str = ""
    ) -> Iterator[Article | Skipped]:
        """Yield what a member holds, see ``base.Inner``."""
        place = f"{self.source.name}:{name}"
        if self._depth == _DEEPEST:
            detail = f"it is in an archive that is {_DEEPEST} deep in others"
            yield Skipped(place, SkipReason.TOO_LARGE, detail, inside=True)
            return
        reading = _Reading(self.source._replace(name=place), self._depth + 1)
        found = each(reading.read(stream, name, format_name))
        while True:
            try:
                with time_limit(self.source.budget.seconds):
                    one = next(found, None)
            except ReaderError as error:
                yield Skipped(place, error.reason, error.detail, inside=True)
                return
            if one is None:
                return
            yield self._as_member(one, name, has_records=reading.has_records)

    def _as_member(
        self, one: Article | Skipped, name: str, *, has_records: bool
    ) -> Article | Skipped:
        """What was found in a member as it is found in this source."""
        if isinstance(one, Skipped):
            return replace(one, inside=True)
        places = (("member", name),)
        if has_records and not one.part:
            name = f"{name}:{line_of(one)}"
        return one._replace(
            source=self.source.name,
            part=f"{name}:{one.part}" if one.part else name,
            blocks=tuple(block._replace(locator=(*places, *block.locator)) for block in one.blocks),
        )


def _spooled(packed: BinaryIO, budget: Budget) -> BinaryIO:
    """What is packed, where one can go back without unpacking it anew; in a file if it is large."""
    most = Allowance.MOST_TIMES * budget.size_bytes
    spool = cast("BinaryIO", SpooledTemporaryFile(max_size=_SPOOLED_BYTES))  # noqa: SIM115 - its reader ends it
    packed.seek(0)
    while piece := packed.read(PIECE_BYTES):
        if spool.tell() + len(piece) > most:
            raise ReaderError(
                SkipReason.TOO_LARGE,
                f"it has more than {most // MB:,} MB when it is unpacked; unpack it, and name that",
            )
        spool.write(piece)
    spool.seek(0)
    return spool


def _place_of(article: Article, source: str, format_: Format) -> str:
    """Where an article stands: a record by its line, another one of several by its name."""
    if format_.load_records is not None:
        return f"{source}:{article.blocks[0].lines.first}"
    return f"{source}:{article.part}" if article.part else source


def is_in_pieces(stream: BinaryIO, *, source: str, format_name: str = "") -> bool:
    """Whether read_stream() would not hold a source whole."""
    head = _head(stream)
    if head is None:
        return False
    format_ = _format_of(head, source, format_name)
    return format_.is_in_pieces and not (format_.load_records is not None and is_wide(head))


def holds_lines(stream: BinaryIO, *, source: str, format_name: str = "") -> bool:
    """Whether read_stream() would read a source line by line."""
    head = _head(stream)
    if head is None or is_wide(head):
        return False
    return _format_of(head, source, format_name).load_records is not None


def _head(stream: BinaryIO) -> bytes | None:
    """The beginning of a source; None if it cannot be unpacked."""
    try:
        return unpacked(stream).read(PIECE_BYTES)
    except (*PACKING_ERRORS, ReaderError):
        return None


def _format_of(head: bytes, name: str, format_name: str) -> Format:
    return format_named(format_name) if format_name else pick_format(name, head)


def _whole(head: bytes, stream: BinaryIO, budget: Budget) -> bytes:
    """All of a source; ReaderError if that is more than the budget has."""
    most = budget.size_bytes
    data = head + stream.read(max(0, most + 1 - len(head)))
    if len(data) > most:
        fault = binary_fault(head)
        raise ReaderError(SkipReason.BINARY, fault) if fault else too_large("file", budget)
    return data


def _pieces(head: bytes, stream: BinaryIO, budget: Budget) -> Iterator[bytes | ReaderError]:
    """Cut a source behind line ends; an error stands for a line that is too large."""
    most = budget.size_bytes
    piece = head
    while piece:
        if piece.endswith(b"\n"):
            yield piece
        else:
            begun_bytes = len(piece) - (piece.rfind(b"\n") + 1)
            rest = stream.readline(most + 1)
            if begun_bytes + len(rest) <= most:
                yield piece + rest
            else:
                yield piece[: len(piece) - begun_bytes]
                while rest and not rest.endswith(b"\n"):
                    rest = stream.readline(PIECE_BYTES)
                yield too_large("record", budget)
        piece = stream.read(PIECE_BYTES)


def _texts(pieces: Iterable[bytes | ReaderError]) -> Iterator[str | ReaderError]:
    """Decode pieces, each by itself; in one that is not text, each line."""
    for piece in pieces:
        if isinstance(piece, ReaderError):
            yield piece
            continue
        try:
            yield decode(piece)
        except ReaderError:
            for line in piece.splitlines(keepends=True):
                try:
                    yield decode(line)
                except ReaderError as error:
                    yield ReaderError(SkipReason.BROKEN, error.detail)

"""A file -> what it holds now: nothing new, or articles."""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import time
from contextlib import nullcontext
from dataclasses import dataclass, replace
from errno import EBADF, ESPIPE
from functools import partial
from io import BytesIO
from itertools import chain
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, BinaryIO, cast

from indexer.articles import Skipped, SkipReason
from indexer.errors import IndexWriteError, is_out_of_files
from indexer.files import STDIN, Origin
from indexer.plain import Found, count_of, size_of
from indexer.readers.budget import DEFAULT_BUDGET, Budget, time_limit
from indexer.readers.faults import ReaderError
from indexer.readers.formats import format_named
from indexer.readers.mapping import NO_MAPPING, Mapping
from indexer.readers.packing import check_packing, is_packed
from indexer.readers.reading import (
    PIECE_BYTES,
    READING_VERSION,
    holds_lines,
    is_in_pieces,
    read_stream,
)
from indexer.storage.manifest import FileState
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from indexer.files import FoundFile

    # Opens a source, again where it is read twice.
    _Opened = Callable[[], AbstractContextManager[BinaryIO]]

# A file that changed within the clock's coarseness of being read may look the same afterwards: on
# file systems that know no parts of a second within two of them, on others within some ticks.
_RACY_NS = 2_000_000_000
_RACY_TICKS_NS = 100_000_000
_SECOND_NS = 1_000_000_000
# Files of records that are larger are read piece by piece.
_WHOLE_BYTES = 1 << 24
# Records are read so many at a time, or so much.
_AT_A_TIME = 256
_AT_A_TIME_CHARS = 1 << 20
_OVER_BUDGET = frozenset((SkipReason.TOO_LARGE.value, SkipReason.TOO_SLOW.value))
_NO_WAIT = getattr(os, "O_NONBLOCK", 0)

AUTO = "auto"
"""As a language or a format: what the file says, or what is detected."""


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How files are found and read.

    Attributes:
        format_name: what to take every file for; "" keeps what was named for the file before,
            else picks by name and content; AUTO does that anew.
        keep_furniture: whether page furniture becomes passages too.
        language: of every article; "" keeps the one that was named for the file before, else takes
            what the article says, or detects it; AUTO does that anew.
        include: globs that files in folders must match; none takes all.
        exclude: globs of files and folders to leave out.
        budget: what the reading of one article may take.
        mapping: which columns and keys of records hold what; NO_MAPPING keeps the one that was
            named for the file before.

    Raises:
        ValueError: there is no such format.
        TypeError: include or exclude is one string, whose letters would be globs.
    """

    format_name: str = ""
    keep_furniture: bool = False
    language: str = ""
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    budget: Budget = DEFAULT_BUDGET
    mapping: Mapping = NO_MAPPING

    def __post_init__(self) -> None:
        if self.format_name not in {"", AUTO}:
            format_named(self.format_name)
        for name in ("include", "exclude"):
            globs = getattr(self, name)
            if isinstance(globs, str):
                raise TypeError(f"{name} is a sequence of globs, not one string: {globs!r}")

    @property
    def settings(self) -> str:
        """What decides how a file is read."""
        furniture = "keep" if self.keep_furniture else "leave out"
        size_bytes, seconds, passages = self.budget
        within = f"{size_bytes} bytes, {seconds:.6g} s, {passages} passages"
        mapping = self.mapping.settings
        return "/".join(
            (f"{READING_VERSION}", self.format_name, furniture, mapping, within, self.language)
        )

    @classmethod
    def of(cls, settings: str) -> ReadOptions:
        """The options that have such settings; the usual ones where it says nothing."""
        match settings.split("/"):
            case [_, format_name, furniture, mapping, within, language]:
                size, _, seconds, _, passages, _ = within.split(" ")
                return cls(
                    format_name,
                    furniture == "keep",
                    language,
                    budget=Budget(int(size), float(seconds), int(passages)),
                    mapping=Mapping.of(mapping),
                )
        return cls()


DEFAULT_OPTIONS = ReadOptions()


@dataclass(slots=True)
class Intake:
    """What a file holds now.

    Attributes:
        file: where it was found.
        state: what to remember of it; articles are not counted yet, unless it is unchanged. Where
            a file is read piece by piece it is whole only after the last of found.
        found: its articles and what of it was skipped; nothing where it is unchanged.
        language: the one that was named for it, now or before.
        unchanged: whether it is as the index knows it.
        read_share: how much of a file was read that is read piece by piece, from 0 to 1.
        format_name: what it was read as; of a file that is read piece by piece as soon as it is.
    """

    file: FoundFile
    state: FileState
    found: Iterable[Found]
    language: str = ""
    unchanged: bool = False
    read_share: float = 0.0
    format_name: str = ""


class Wanted(NamedTuple):
    """A file that is to be read if it changed, and what is remembered of it."""

    file: FoundFile
    known: FileState | None
    options: ReadOptions


def origin_of(file: FoundFile) -> str:
    """The name under which a file is remembered, whatever way it was named."""
    if file.origin is Origin.STDIN:
        return file.source
    return os.fsencode(file.path.resolve()).decode("utf-8", "surrogateescape")


def options_for(one: Wanted) -> ReadOptions:
    """The options with what was named for a file, now or before: format, language, mapping.

    What comes on standard input is another source each time, and is of any format.
    """
    file, known, options = one
    before = ReadOptions.of(known.settings) if known else DEFAULT_OPTIONS
    format_name = options.format_name
    if not format_name and file.origin is not Origin.STDIN:
        format_name = before.format_name
    language = options.language
    if not language and known:  # earlier versions have it last as well
        language = known.settings.rpartition("/")[2]
    return replace(
        options,
        format_name="" if format_name == AUTO else format_name,
        language="" if language == AUTO else language,
        mapping=before.mapping if options.mapping == NO_MAPPING else options.mapping,
    )


def looks_unchanged(status: os.stat_result, known: FileState | None, options: ReadOptions) -> bool:
    """Whether a file is as it was when it was read so."""
    return known is not None and (
        known[:2] == (status.st_size, status.st_mtime_ns) and _was_read_so(known, options)
    )


def _was_read_so(known: FileState, options: ReadOptions) -> bool:
    """Whether a file would be read as it was; the budget counts only for what was over it."""
    if any(reason in _OVER_BUDGET for _, reason, _ in known.skipped):
        return known.settings == options.settings
    return _without_budget(known.settings) == _without_budget(options.settings)


def _without_budget(settings: str) -> list[str]:
    parts = settings.split("/")
    return [*parts[:-2], *parts[-1:]]


def read_one(one: Wanted) -> Intake:
    """What a file holds now; where it cannot be read, a Skipped that says so."""
    file, known, _ = one
    options = options_for(one)
    state = FileState(0, 0, "", options.settings, 0)
    wanted = Wanted(file, known, options)
    try:
        if file.origin is Origin.STDIN:
            return _read_spooled(wanted, state)
        status = file.path.stat()
        state = state._replace(size_bytes=status.st_size, modified_ns=status.st_mtime_ns)
        if known and looks_unchanged(status, known, options):
            return Intake(file, known, (), unchanged=True)
        if _is_racy(state.modified_ns):
            state = state._replace(modified_ns=0)
        return _read_stream(wanted, state, partial(opened_file, file.path))
    except OSError as error:
        if is_out_of_files(error):
            raise  # not the fault of this file
        return Intake(file, state, (_unreadable(file, error),))


def _is_racy(modified_ns: int) -> bool:
    """Whether a file that is read now may yet change and have the same modification time."""
    racy_ns = _RACY_TICKS_NS if modified_ns % _SECOND_NS else _RACY_NS
    return time.time_ns() - modified_ns < racy_ns


def opened_file(path: Path) -> BinaryIO:
    """Open a file to read; OSError if it has become something that may never end."""

    def without_waiting(name: str, flags: int) -> int:
        return os.open(name, flags | _NO_WAIT)

    stream = open(path, "rb", opener=without_waiting)  # noqa: SIM115 - its caller closes it
    if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
        stream.close()
        raise OSError(ESPIPE, "it is no file any more")
    return stream


def _read_spooled(wanted: Wanted, state: FileState) -> Intake:
    """What standard input holds; it is kept in a file where it is large."""
    stream = _standard_input(wanted.options)
    intake = _read_stream(wanted, state, lambda: nullcontext(stream))
    if isinstance(intake.found, tuple):
        stream.close()
    return intake


def _read_stream(wanted: Wanted, state: FileState, opened: _Opened) -> Intake:
    """What a file or standard input holds.

    Records of large and of compressed files are read while they are taken. They are gone through
    before, so that what cannot be read leaves what is known of the file alone.
    """
    file, known, options = wanted
    found: tuple[Found, ...] = ()
    named: list[str] = []  # what it is read as
    with opened() as stream:
        stream.seek(0)
        data = stream.read(_WHOLE_BYTES + 1)
        is_whole = len(data) <= _WHOLE_BYTES
        source = BytesIO(data) if is_whole else stream
        packed = is_packed(data)
        in_pieces = (packed or not is_whole) and is_in_pieces(
            source, source=file.source, format_name=options.format_name
        )
        if not is_whole and not in_pieces:
            # It may be far over the budget, and is not read for its digest.
            found = _articles(source, file.source, options, named.append)
            if all(isinstance(one, Skipped) for one in found):
                return Intake(file, state, found, format_name="".join(named[:1]))
        source.seek(0)
        state = state._replace(
            digest=hashlib.file_digest(cast("BytesIO", source), "sha256").hexdigest()
        )
        if known and known.digest == state.digest and _was_read_so(known, options):
            state = state._replace(articles=known.articles, skipped=known.skipped)
            return Intake(file, state, (), unchanged=True)
        if in_pieces:
            try:
                if packed:
                    with time_limit(options.budget.seconds):
                        check_packing(source)
            except ReaderError as error:
                return Intake(file, state, (Skipped(file.source, error.reason, error.detail),))
        else:
            found = found or _articles(source, file.source, options, named.append)
    intake = Intake(file, state, found, options.language, format_name="".join(named[:1]))
    if in_pieces:
        intake.found = _found_in_pieces(intake, options, opened)
    return intake


def _found_in_pieces(intake: Intake, options: ReadOptions, opened: _Opened) -> Iterator[Found]:
    file = intake.file
    try:
        before = _size_and_time(file)
        with opened() as stream:
            size_bytes = stream.seek(0, os.SEEK_END)
            found = read_stream(
                stream,
                source=file.source,
                format_name=options.format_name,
                keep_furniture=options.keep_furniture,
                budget=options.budget,
                mapping=options.mapping,
                on_format=partial(setattr, intake, "format_name"),
            )
            for some in _in_time(found, file.source, options.budget.seconds):
                # A file that grows meanwhile is not more than whole.
                intake.read_share = min(1.0, stream.tell() / max(1, size_bytes))
                yield from some
                some.clear()  # not to be held while others are read
            if file.origin is Origin.STDIN:
                stream.close()
        after = _size_and_time(file)
    except OSError as error:
        raise IndexWriteError(
            f"{file.source} could be read once and not again ({error.strerror or error})",
            hint="nothing was changed: run the command again",
        ) from error
    if before != after:
        # It changed meanwhile, and is to be read again.
        intake.state = intake.state._replace(digest="", modified_ns=0)


def _size_and_time(file: FoundFile) -> tuple[int, int]:
    if file.origin is Origin.STDIN:
        return (0, 0)
    status = file.path.stat()
    return (status.st_size, status.st_mtime_ns)


def _in_time(found: Iterator[Found], source: str, seconds: float) -> Iterator[list[Found]]:
    """Yield what is found, some of it at a time, as long as so much time brings some of it."""
    has_begun = False
    while True:
        some: list[Found] = []
        count = size_chars = 0
        late: ReaderError | None = None
        try:
            with time_limit(seconds):
                for one in found:
                    some.append(one)
                    count += count_of((one,))
                    size_chars += size_of(one)
                    if count >= _AT_A_TIME or size_chars >= _AT_A_TIME_CHARS:
                        break
        except ReaderError as error:
            late = error
        has_begun = has_begun or bool(some)
        if late is not None:
            detail = f"what follows is not read: {late.detail}" if has_begun else late.detail
            some.append(Skipped(source, late.reason, detail))
        if not some:
            return
        yield some
        if late is not None:
            return


def _unreadable(file: FoundFile, error: OSError) -> Skipped:
    detail = f"the system refuses it: {(error.strerror or str(error)).lower()}"
    return Skipped(file.source, SkipReason.UNREADABLE, detail)


def _standard_input(options: ReadOptions) -> BinaryIO:
    """All of it, or more than the budget has where it would be held whole.

    It is read piece by piece: a signal that comes between two reads is not lost on us.
    """
    if sys.stdin is None:
        raise OSError(EBADF, "standard input is closed")
    spool = cast("BinaryIO", SpooledTemporaryFile(max_size=_WHOLE_BYTES))  # noqa: SIM115 - kept
    most = options.budget.size_bytes
    is_taken = is_cut = False
    line_bytes = 0  # of the line at hand
    while piece := os.read(sys.stdin.fileno(), PIECE_BYTES):
        if is_cut and line_bytes > most:  # enough of it to be refused
            end = piece.find(b"\n")
            piece = piece[end:] if end >= 0 else b""
        spool.write(piece)
        end = piece.rfind(b"\n")
        line_bytes = len(piece) - end - 1 if end >= 0 else line_bytes + len(piece)
        if not is_taken and spool.tell() > most:
            if not is_in_pieces(spool, source=STDIN, format_name=options.format_name):
                break
            is_taken = True
            has_lines = holds_lines(spool, source=STDIN, format_name=options.format_name)
            spool.seek(0)
            is_cut = has_lines and not is_packed(spool.read(PIECE_BYTES))
            spool.seek(0, os.SEEK_END)
    return spool


def _articles(
    stream: BinaryIO,
    source: str,
    options: ReadOptions,
    on_format: Callable[[str], None] = lambda _name: None,
) -> tuple[Found, ...]:
    """What a source holds; see read_stream()."""
    found = read_stream(
        stream,
        source=source,
        format_name=options.format_name,
        keep_furniture=options.keep_furniture,
        budget=options.budget,
        mapping=options.mapping,
        on_format=on_format,
    )
    return tuple(chain.from_iterable(_in_time(found, source, options.budget.seconds)))

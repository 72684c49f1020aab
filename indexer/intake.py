"""Files -> what they hold now: nothing new, or articles; by one process or several."""

from __future__ import annotations

import hashlib
import os
import sys
import time
from collections import deque
from contextlib import closing
from dataclasses import dataclass, replace
from errno import EBADF
from functools import partial
from typing import TYPE_CHECKING

from indexer.articles import Article, Skipped, SkipReason
from indexer.errors import IndexWriteError, is_out_of_files
from indexer.files import Origin
from indexer.processes import Helper
from indexer.readers.formats import format_named, format_of_name
from indexer.readers.reading import READING_VERSION, can_be_cut, read_articles, read_pieces
from indexer.storage.manifest import FileState
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
    from multiprocessing.connection import Connection
    from typing import BinaryIO

    from indexer.files import FoundFile
    from indexer.readers.formats import Format

# A file that changed within the clock's coarseness of being read may look the same afterwards.
_RACY_NS = 2_000_000_000
_PIECE_BYTES = 1 << 20
# Files of records that are larger are read piece by piece.
_WHOLE_BYTES = 1 << 24
# With less to read, other processes take longer to begin than they save.
_WORTH_PROCESSES_BYTES = 1 << 20
# By process, so many files are read before those in front of them are taken.
_AHEAD_FILES = 4
# Larger files are read by this process, which need not be handed their articles.
_MOST_AHEAD_BYTES = 1 << 24


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How files are found and read.

    Attributes:
        format_name: what to take every file for; "" picks by name and content.
        keep_furniture: whether page furniture becomes passages too.
        language: of every article; "" keeps the one that was named for the file before, else takes
            what the article says, or detects it; AUTO does that anew.
        include: globs that files in folders must match; none takes all.
        exclude: globs of files and folders to leave out.

    Raises:
        ValueError: there is no such format.
        TypeError: include or exclude is one string, whose letters would be globs.
    """

    format_name: str = ""
    keep_furniture: bool = False
    language: str = ""
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.format_name:
            format_named(self.format_name)
        for name in ("include", "exclude"):
            globs = getattr(self, name)
            if isinstance(globs, str):
                raise TypeError(f"{name} is a sequence of globs, not one string: {globs!r}")

    @property
    def settings(self) -> str:
        """What decides how a file is read."""
        furniture = "keep" if self.keep_furniture else "leave out"
        return f"{READING_VERSION}/{self.format_name}/{furniture}/{self.language}"

    @classmethod
    def of(cls, settings: str) -> ReadOptions:
        """The options that have such settings; the usual ones where it says nothing."""
        match settings.split("/"):
            case [_, format_name, furniture, language]:
                return cls(format_name, furniture == "keep", language)
        return cls()


DEFAULT_OPTIONS = ReadOptions()
AUTO = "auto"
"""As a language: what the article says, or what is detected."""


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
    """

    file: FoundFile
    state: FileState
    found: Iterable[Article | Skipped]
    language: str = ""
    unchanged: bool = False
    read_share: float = 0.0


def read_all(
    files: Sequence[FoundFile], known: dict[str, FileState], options: ReadOptions, jobs: int
) -> Generator[Intake, None, None]:
    """Yield what files hold now, in their order, read by so many processes.

    known is what the index remembers of files, by the name that origin_of() gives.
    """
    wanted = (_Wanted(file, known.get(origin_of(file)), options) for file in files)
    if jobs == 1 or len(files) < 2:
        yield from map(_read, wanted)
    else:
        with closing(_read_ahead(wanted, jobs)) as reads:
            yield from reads


class _Wanted(NamedTuple):
    """A file that is to be read if it changed, and what is remembered of it."""

    file: FoundFile
    known: FileState | None
    options: ReadOptions


def _read_ahead(wanted: Iterator[_Wanted], jobs: int) -> Generator[Intake, None, None]:
    """Yield what files hold, in their order, read by other processes where that takes long."""
    readers: list[_Reader] = []
    pending: deque[Callable[[], Intake]] = deque()
    passed_bytes = 0
    try:
        for number, one in enumerate(wanted):
            size_bytes = _size_to_hand_over(one)
            passed_bytes += size_bytes or 0
            # To begin processes takes as long as to read so much.
            if size_bytes is not None and passed_bytes >= _WORTH_PROCESSES_BYTES:
                if len(readers) < jobs:
                    readers.append(_Reader())
                least = min(range(len(readers)), key=lambda at: (readers[at].waiting, at))
                pending.append(readers[least].read(one, number))
            else:
                pending.append(partial(_read, one))
            while len(pending) > _AHEAD_FILES * jobs:
                yield pending.popleft()()
        while pending:
            yield pending.popleft()()
    finally:
        for reader in readers:
            reader.end()


class _Reader:
    """A process that reads files.

    Attributes:
        waiting: how many files it was given whose articles were not taken yet.
    """

    def __init__(self) -> None:
        self._helper = Helper("reads files", _serve)
        self._given: deque[int] = deque()
        self._read: dict[int, Intake] = {}

    @property
    def waiting(self) -> int:
        return len(self._given) + len(self._read)

    def read(self, one: _Wanted, number: int) -> Callable[[], Intake]:
        """Give it a file, which has this number; what waits for what it holds."""
        self._helper.send(one)
        self._given.append(number)
        return partial(self._take, number)

    def _take(self, number: int) -> Intake:
        while number not in self._read:
            read = self._helper.receive()
            self._read[self._given.popleft()] = read
        return self._read.pop(number)

    def end(self) -> None:
        self._helper.end()


def _serve(connection: Connection) -> None:
    """Read the files that come over a connection until it ends."""
    while True:
        try:
            one = connection.recv()
        except EOFError:
            return
        try:
            read: Intake | BaseException = _read(one)
        except Exception as error:  # noqa: BLE001 - it is raised where the answer is read
            read = error
        connection.send(read)


def _size_to_hand_over(one: _Wanted) -> int | None:
    """How much another process would have to read; None for what this one sees to."""
    file, known, options = one
    if file.origin is Origin.STDIN:
        return None
    try:
        status = file.path.stat()
    except OSError:
        return None
    if _looks_unchanged(status, known, _options_for(known, options)):
        return None
    # Records are many small articles: to hand them over costs more than to read them.
    format_ = _format_of(file, options)
    is_bulk = format_ is not None and format_.is_bulk
    return None if is_bulk or status.st_size > _MOST_AHEAD_BYTES else status.st_size


def origin_of(file: FoundFile) -> str:
    """The name under which a file is remembered, whatever way it was named."""
    if file.origin is Origin.STDIN:
        return file.source
    return os.fsencode(file.path.resolve()).decode("utf-8", "surrogateescape")


def _options_for(known: FileState | None, options: ReadOptions) -> ReadOptions:
    """The options with the language that was named for a file, now or before."""
    language = options.language
    if not language and known:
        language = known.settings.rpartition("/")[2]
    return replace(options, language="" if language == AUTO else language)


def _looks_unchanged(status: os.stat_result, known: FileState | None, options: ReadOptions) -> bool:
    return known is not None and (
        known[:2] == (status.st_size, status.st_mtime_ns) and known.settings == options.settings
    )


def _format_of(file: FoundFile, options: ReadOptions) -> Format | None:
    """The format that was named or that the name of a file tells."""
    name = options.format_name
    return format_named(name) if name else format_of_name(file.source)


def _read(one: _Wanted) -> Intake:
    file, known, options = one
    options = _options_for(known, options)
    state = FileState(0, 0, "", options.settings, 0)
    try:
        if file.origin is Origin.STDIN:
            data = _standard_input()
        else:
            status = file.path.stat()
            state = state._replace(size_bytes=status.st_size, modified_ns=status.st_mtime_ns)
            if known and _looks_unchanged(status, known, options):
                return Intake(file, known, (), unchanged=True)
            if time.time_ns() - state.modified_ns < _RACY_NS:
                state = state._replace(modified_ns=0)
            if status.st_size > _WHOLE_BYTES and _comes_in_pieces(file, options):
                return _in_pieces(file, state, known, options)
            data = file.path.read_bytes()
    except OSError as error:
        if is_out_of_files(error):
            raise  # not the fault of this file
        return Intake(file, state, (_unreadable(file, error),))
    state = state._replace(digest=hashlib.sha256(data).hexdigest())
    if known and known.digest == state.digest and known.settings == state.settings:
        state = state._replace(articles=known.articles, skipped=known.skipped)
        return Intake(file, state, (), unchanged=True)
    return Intake(file, state, _articles(data, file.source, options), options.language)


def _comes_in_pieces(file: FoundFile, options: ReadOptions) -> bool:
    """Whether a file can be read piece by piece; OSError if it cannot be read at all."""
    format_ = _format_of(file, options)
    if format_ is None or format_.load_pieces is None:
        return False
    with file.path.open("rb") as stream:
        return can_be_cut(stream.read(_PIECE_BYTES))


def _in_pieces(
    file: FoundFile, state: FileState, known: FileState | None, options: ReadOptions
) -> Intake:
    """What a file holds that is read while its articles are taken; OSError if it cannot be read.

    It is gone through before, so that what cannot be read leaves what is known of it alone.
    """
    with file.path.open("rb") as stream:
        state = state._replace(digest=hashlib.file_digest(stream, "sha256").hexdigest())
    if known and known.digest == state.digest and known.settings == state.settings:
        state = state._replace(articles=known.articles, skipped=known.skipped)
        return Intake(file, state, (), unchanged=True)
    intake = Intake(file, state, (), options.language)
    intake.found = _found_in_pieces(intake, options)
    return intake


def _found_in_pieces(intake: Intake, options: ReadOptions) -> Iterator[Article | Skipped]:
    file = intake.file

    def pieces(stream: BinaryIO, size_bytes: int) -> Iterator[bytes]:
        while piece := stream.read(_PIECE_BYTES):
            piece += stream.readline()
            # A file that grows meanwhile is not more than whole.
            intake.read_share = min(1.0, stream.tell() / max(1, size_bytes))
            yield piece

    try:
        before = file.path.stat()
        with file.path.open("rb") as stream:
            found = pieces(stream, before.st_size)
            yield from read_pieces(found, source=file.source, format_name=options.format_name)
        after = file.path.stat()
    except OSError as error:
        raise IndexWriteError(
            f"{file.source} could be read once and not again ({error.strerror or error}); "
            "nothing was changed: run the command again"
        ) from error
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        # It changed meanwhile, and is to be read again.
        intake.state = intake.state._replace(digest="", modified_ns=0)


def _unreadable(file: FoundFile, error: OSError) -> Skipped:
    detail = f"the system refuses it: {(error.strerror or str(error)).lower()}"
    return Skipped(file.source, SkipReason.UNREADABLE, detail)


def _standard_input() -> bytes:
    """All of it, read piece by piece: a signal that comes between two reads is not lost on us."""
    if sys.stdin is None:
        raise OSError(EBADF, "standard input is closed")
    return b"".join(iter(lambda: os.read(sys.stdin.fileno(), _PIECE_BYTES), b""))


def _articles(data: bytes, source: str, options: ReadOptions) -> tuple[Article | Skipped, ...]:
    try:
        return tuple(
            read_articles(
                data,
                source=source,
                format_name=options.format_name,
                keep_furniture=options.keep_furniture,
            )
        )
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - a library that fails on one file costs that file
        detail = f"its reader failed ({type(error).__name__}: {error}); please report it"
        return (Skipped(source, SkipReason.BROKEN, detail),)

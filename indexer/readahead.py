"""Files -> what they hold now, in their order, read by one process or several."""

from __future__ import annotations

from collections import deque
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

from indexer.files import Origin
from indexer.intake import (
    Intake,
    Wanted,
    looks_unchanged,
    opened_file,
    options_for,
    origin_of,
    read_one,
)
from indexer.processes import Helper
from indexer.readers.formats import format_named, formats_of_name
from indexer.readers.packing import MAGIC_BYTES, is_packed

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence
    from multiprocessing.connection import Connection

    from indexer.files import FoundFile
    from indexer.intake import ReadOptions
    from indexer.storage.manifest import FileState

# With less to read, other processes take longer to begin than they save.
_WORTH_PROCESSES_BYTES = 1 << 20
# By process, so many files are read before those in front of them are taken.
_AHEAD_FILES = 4
# Larger files are read by this process, which need not be handed their articles.
_MOST_AHEAD_BYTES = 1 << 24


def read_all(
    files: Sequence[FoundFile], known: dict[str, FileState], options: ReadOptions, jobs: int
) -> Generator[Intake, None, None]:
    """Yield what files hold now, in their order, read by so many processes.

    known is what the index remembers of files, by the name that origin_of() gives.
    """
    wanted = (Wanted(file, known.get(origin_of(file)), options) for file in files)
    if jobs == 1 or len(files) < 2:
        yield from map(read_one, wanted)
    else:
        with closing(_read_ahead(wanted, jobs)) as reads:
            yield from reads


def holds_much(
    files: Sequence[FoundFile], known: dict[str, FileState], options: ReadOptions
) -> bool:
    """Whether some file is certain to give much text: many records, by its name and size.

    known is as for read_all().
    """
    return any(
        _has_many_records(Wanted(file, known.get(origin_of(file)), options))
        for file in files
        if any(format_.load_records is not None for format_ in formats_of_name(file.source))
    )


def _has_many_records(one: Wanted) -> bool:
    options = options_for(one)
    if one.file.origin is Origin.STDIN or not _may_hold_records(one.file, options):
        return False
    try:
        status = one.file.path.stat()
    except OSError:
        return False
    return status.st_size >= _WORTH_PROCESSES_BYTES and not looks_unchanged(
        status, one.known, options
    )


def _read_ahead(wanted: Iterator[Wanted], jobs: int) -> Generator[Intake, None, None]:
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
                pending.append(partial(read_one, one))
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
        self._read: dict[int, Intake | None] = {}

    @property
    def waiting(self) -> int:
        return len(self._given) + len(self._read)

    def read(self, one: Wanted, number: int) -> Callable[[], Intake]:
        """Give it a file, which has this number; what waits for what it holds."""
        self._helper.send(one)
        self._given.append(number)
        return partial(self._take, number, one)

    def _take(self, number: int, one: Wanted) -> Intake:
        while number not in self._read:
            read = self._helper.receive()
            self._read[self._given.popleft()] = read
        # What is read piece by piece cannot be handed over.
        return self._read.pop(number) or read_one(one)

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
            read: Intake | BaseException | None = read_one(one)
            if isinstance(read, Intake) and not isinstance(read.found, tuple):
                read = None
        except Exception as error:  # noqa: BLE001 - it is raised where the answer is read
            read = error
        connection.send(read)


def _size_to_hand_over(one: Wanted) -> int | None:
    """How much another process would have to read; None for what this one sees to."""
    file, known, _ = one
    if file.origin is Origin.STDIN:
        return None
    try:
        status = file.path.stat()
    except OSError:
        return None
    options = options_for(one)
    if looks_unchanged(status, known, options):
        return None
    if status.st_size > _MOST_AHEAD_BYTES or _may_hold_records(file, options):
        return None
    return status.st_size


def _may_hold_records(file: FoundFile, options: ReadOptions) -> bool:
    """Whether a file may have many small articles; to hand them over costs more than to read them.

    A compressed one of an unknown name may have so many that they are not held together.
    """
    name = options.format_name
    formats = [format_named(name)] if name else formats_of_name(file.source)
    if formats:
        return any(format_.load_records is not None for format_ in formats)
    try:
        with opened_file(file.path) as stream:
            return is_packed(stream.read(MAGIC_BYTES))
    except OSError:
        return True

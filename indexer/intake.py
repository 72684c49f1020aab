"""Files -> what they hold now: nothing new, or articles; by one process or several."""

from __future__ import annotations

import hashlib
import os
import signal
import sys
import time
from collections import deque
from dataclasses import dataclass, replace
from errno import EBADF
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING

from indexer.articles import Article, Skipped, SkipReason
from indexer.files import Origin
from indexer.readers.formats import format_named
from indexer.readers.reading import READING_VERSION, read_articles
from indexer.storage.manifest import FileState

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from indexer.files import FoundFile

# A file that changed within the clock's coarseness of being read may look the same afterwards.
_RACY_NS = 2_000_000_000
_PIECE_BYTES = 1 << 20


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

    Raises: ValueError if there is no such format.
    """

    format_name: str = ""
    keep_furniture: bool = False
    language: str = ""
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.format_name:
            format_named(self.format_name)

    @property
    def settings(self) -> str:
        """What decides how a file is read."""
        furniture = "keep" if self.keep_furniture else "leave out"
        return f"{READING_VERSION}/{self.format_name}/{furniture}/{self.language}"


DEFAULT_OPTIONS = ReadOptions()
AUTO = "auto"
"""As a language: what the article says, or what is detected."""


@dataclass(frozen=True, slots=True)
class Intake:
    """What a file holds now.

    Attributes:
        file: where it was found.
        state: what to remember of it; articles are not counted yet, unless it is unchanged.
        found: its articles and what of it was skipped; nothing where it is unchanged.
        language: the one that was named for it, now or before.
        unchanged: whether it is as the index knows it.
    """

    file: FoundFile
    state: FileState
    found: tuple[Article | Skipped, ...]
    language: str = ""
    unchanged: bool = False


def read_all(
    files: Sequence[FoundFile], known: dict[str, FileState], options: ReadOptions, jobs: int
) -> Generator[Intake, None, None]:
    """Yield what files hold now, in their order, read by so many processes.

    known is what the index remembers of files, by the name that origin_of() gives.
    """
    read = partial(_read, options=options)
    states = [known.get(origin_of(file)) for file in files]
    if jobs == 1 or len(files) < 2:
        yield from map(read, files, states)
        return
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415 - only for --jobs

    pool = ProcessPoolExecutor(min(jobs, len(files)), initializer=_start_reading_process)
    try:
        pending = deque(
            # Standard input can be read in this process alone.
            partial(read, file, state)
            if file.origin is Origin.STDIN
            else pool.submit(read, file, state).result
            for file, state in zip(files, states, strict=True)
        )
        while pending:
            yield pending.popleft()()
    finally:
        pool.shutdown(cancel_futures=True)


def _start_reading_process() -> None:
    """Die quietly when interrupted, and also when the process that writes is killed.

    A process that outlived it would keep the lock of the index.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    from multiprocessing import parent_process  # noqa: PLC0415 - only for --jobs

    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def origin_of(file: FoundFile) -> str:
    """The name under which a file is remembered, whatever way it was named."""
    if file.origin is Origin.STDIN:
        return file.source
    return os.fsencode(file.path.resolve()).decode("utf-8", "surrogateescape")


def _read(file: FoundFile, known: FileState | None, options: ReadOptions) -> Intake:
    language = options.language
    if not language and known:
        language = known.settings.rpartition("/")[2]
    options = replace(options, language="" if language == AUTO else language)
    settings = options.settings
    state = FileState(0, 0, "", settings, 0)
    try:
        if file.origin is Origin.STDIN:
            data = _standard_input()
        else:
            status = file.path.stat()
            state = state._replace(size_bytes=status.st_size, modified_ns=status.st_mtime_ns)
            if known and known[:2] == state[:2] and known.settings == settings:
                return Intake(file, known, (), unchanged=True)
            if time.time_ns() - state.modified_ns < _RACY_NS:
                state = state._replace(modified_ns=0)
            data = file.path.read_bytes()
    except OSError as error:
        detail = f"the system refuses it: {(error.strerror or str(error)).lower()}"
        skipped = Skipped(file.source, SkipReason.UNREADABLE, detail)
        return Intake(file, state, (skipped,))
    state = state._replace(digest=hashlib.sha256(data).hexdigest())
    if known and known.digest == state.digest and known.settings == settings:
        state = state._replace(articles=known.articles, skipped=known.skipped)
        return Intake(file, state, (), unchanged=True)
    return Intake(file, state, _articles(data, file.source, options), options.language)


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
    except Exception as error:  # noqa: BLE001 - a library that fails on one file costs that file
        detail = f"its reader failed ({type(error).__name__}: {error}); please report it"
        return (Skipped(source, SkipReason.BROKEN, detail),)

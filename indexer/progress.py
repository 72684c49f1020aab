"""How far a run over files is: one line for a terminal, with the file at hand."""

from __future__ import annotations

import time
import unicodedata
from collections import deque
from typing import TYPE_CHECKING

from indexer.terminal import one_line
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.files import FoundFile

_BAR_CHARS = 8
_FEWEST_NAME_COLUMNS = 10
# What was done in so many seconds says how fast it goes.
_WINDOW_SECONDS = 20.0
_SHORTEST_WINDOW_SECONDS = 0.5


class Progress(NamedTuple):
    """How far a run is.

    Attributes:
        share: of the bytes that are to be read, from 0 to 1.
        files, of_files: files that are done, and all.
        bytes_a_second: how fast files are read; 0 where it is not known yet.
        seconds_left: None where it is not known yet.
        name: the file at hand, without the folders that all files are in.
    """

    share: float
    files: int
    of_files: int
    bytes_a_second: float
    seconds_left: float | None
    name: str


class FilesProgress:
    """How far a run over files is, which are done one after the other.

    Files that need not be read count for nothing: they say nothing of how long the others take.
    """

    def __init__(self, files: Sequence[FoundFile], now: float) -> None:
        self._names = _without_common_folder([file.source for file in files])
        self._sizes = [_size_bytes(file) for file in files]
        self._total = sum(self._sizes)
        self._files = 0
        self._done = 0
        self._share = 0.0
        self._seen: deque[tuple[float, float]] = deque([(now, 0.0)])

    def move(self, share: float) -> None:
        """Take the share of the file at hand that is done."""
        self._share = share

    def next_file(self, *, was_read: bool) -> None:
        """Go on to the next file."""
        if self._files < len(self._sizes):
            size = self._sizes[self._files]
            if was_read:
                self._done += size
            else:
                self._total -= size
        self._files += 1
        self._share = 0.0

    def at(self, now: float) -> Progress:
        """How far it is at a time, in seconds of a clock that is never set."""
        here = self._files if self._files < len(self._names) else -1
        size = self._sizes[here] if self._names and here >= 0 else 0
        done = self._done + size * self._share
        self._seen.append((now, done))
        while len(self._seen) > 2 and self._seen[1][0] <= now - _WINDOW_SECONDS:
            self._seen.popleft()
        since, done_then = self._seen[0]
        seconds = now - since
        speed = (done - done_then) / seconds if seconds >= _SHORTEST_WINDOW_SECONDS else 0.0
        return Progress(
            share=min(1.0, done / self._total) if self._total else 0.0,
            files=self._files,
            of_files=len(self._names),
            bytes_a_second=speed,
            seconds_left=(self._total - done) / speed if speed > 0 else None,
            name=self._names[here] if self._names and here >= 0 else "",
        )


def _without_common_folder(names: list[str]) -> list[str]:
    """Names without the folders that all of them begin with."""
    first, last = (min(names), max(names)) if len(names) > 1 else ("", "")
    common = 0
    for at, (one, other) in enumerate(zip(first, last, strict=False), start=1):
        if one != other:
            break
        common = at if one == "/" else common
    return [name[common:] for name in names]


def _size_bytes(file: FoundFile) -> int:
    try:
        return file.path.stat().st_size
    except OSError:
        return 0


def progress_line(label: str, progress: Progress, width_columns: int) -> str:
    """One line that is no wider than that.

    >>> at = Progress(0.25, 3, 12, 5e6, 83.0, "papers/2024/a-very-long-name-of-a-paper.pdf")
    >>> progress_line("Indexing", at, 79)
    'Indexing [##------]  25%  3/12  5.0 MB/s  1:23 left  papers/202…-of-a-paper.pdf'
    >>> progress_line("Indexing", at, 40)
    'Indexing  25%  3/12  5.0 MB/s  1:23 left'
    """
    filled = int(progress.share * _BAR_CHARS)
    bar = f"[{'#' * filled}{'-' * (_BAR_CHARS - filled)}]"
    parts = [f"{progress.share:4.0%}", f"{progress.files:,}/{progress.of_files:,}"]
    if progress.bytes_a_second:
        parts.append(f"{progress.bytes_a_second / 1e6:.1f} MB/s")
    if progress.seconds_left is not None:
        parts.append(f"{clock(progress.seconds_left)} left")
    told = "  ".join(parts)
    line = f"{label} {bar} {told}"
    if len(line) > width_columns:
        return f"{label} {told}"[:width_columns]
    left = width_columns - len(line) - 2
    if progress.name and left >= _FEWEST_NAME_COLUMNS:
        line += f"  {shortened(one_line(progress.name), left)}"
    return line


def clock(seconds: float) -> str:
    """A time as people read it.

    >>> clock(7), clock(83.4), clock(4000)
    ('0:07', '1:23', '1:06:40')
    """
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def shortened(name: str, width_columns: int) -> str:
    """A name without its middle where it is wider than that; more of its end is kept.

    >>> shortened("papers/2024/ferries.pdf", 15), shortened("a.pdf", 15)
    ('paper…rries.pdf', 'a.pdf')
    >>> shortened("论文/渡船的历史.pdf", 12)
    '论文…史.pdf'
    """
    widths = [_columns(char) for char in name]
    if sum(widths) <= width_columns:
        return name
    head = _fitting(widths, (width_columns - 1) * 2 // 5)
    room = width_columns - 1 - sum(widths[:head])
    tail = _fitting(widths[::-1], room)
    return f"{name[:head]}…{name[len(name) - tail :]}"


def _fitting(widths: Sequence[int], columns: int) -> int:
    """How many of the first characters fit."""
    for number, width in enumerate(widths):
        columns -= width
        if columns < 0:
            return number
    return len(widths)


def _columns(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def now_seconds() -> float:
    """The time of a clock that is never set."""
    return time.monotonic()

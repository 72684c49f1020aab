"""Following files and folders: what may have changed, and when it is worth a commit.

The system tells of changes in folders; they come in batches, when it has been quiet for half a
second, or after five in which it was not. What it tells is only where to look: what there is to do
comes of looking, so that no order of events and no rename can lead astray. All is looked at where
much has changed, since some of it may not have been told; when a folder that is followed comes or
goes; and from time to time, for file systems that do not tell what other machines do.
"""

from __future__ import annotations

import os
import stat
import time
from contextlib import closing
from typing import TYPE_CHECKING, Protocol

from indexer.errors import IndexLockedError, IndexWriteError, UsageError
from indexer.files import STDIN
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Sequence
    from pathlib import Path

    from indexer.articles import IndexReport, Skipped
    from indexer.interrupts import Noted

_QUIET_MS = 500
_BURST_MS = 5_000
# With more paths, all is looked at.
_FEW = 200
# Between two tries to do what another writer or a full disk hinders.
_RETRY_SECONDS = 2.0
# How long after all was looked at it is again: where changes are told, and where they are not.
_AGAIN_SECONDS = 300.0
_UNTOLD_AGAIN_SECONDS = 10.0
# Of the time at most such a part goes to that.
_LOOKING_SHARE = 0.2


class Changed(NamedTuple):
    """What may have changed.

    Attributes:
        paths: absolute paths, of what is there and of what is gone.
        is_all: whether anything may have.
    """

    paths: frozenset[str] = frozenset()
    is_all: bool = False

    def __or__(self, other: Changed) -> Changed:
        """Return what either tells."""
        paths = self.paths | other.paths
        if self.is_all or other.is_all or len(paths) > _FEW:
            return Changed(is_all=True)
        return Changed(paths)

    def __bool__(self) -> bool:
        """Whether anything may have changed."""
        return self.is_all or bool(self.paths)


class Update(Protocol):
    """Brings an index up to date."""

    def __call__(self, within: frozenset[str] | None, /) -> IndexReport:
        """Look at what may have changed, None: at everything, and commit what has."""


def follow(
    paths: Sequence[str],
    index_dir: Path | None,
    *,
    update: Update,
    on_report: Callable[[IndexReport], None],
    on_trouble: Callable[[str], None],
    stop: Noted,
) -> bool:
    """Keep an index up to date with files and folders until a signal has come.

    Args:
        paths: what is followed; what is not there yet is so from when it comes.
        index_dir: that of the index, which may lie in one of the folders; None: it has none.
        update: called with what may have changed, first with everything.
        on_report: called after each update that did something, with what was not skipped before.
        on_trouble: called with a line of what hinders, once for each hindrance.
        stop: tells when to end.

    Returns: whether all that is known to have changed is indexed.

    Raises:
        UsageError: what is needed for it is not installed, or standard input is to be followed.
        IndexWriteError: the first update cannot be written; later ones are tried again.
        IndexFormatError: the index is damaged.
        Interruption: update() raised it.
    """
    if STDIN in paths:
        raise UsageError("standard input cannot be followed", hint="leave out - or --watch")
    pending = Changed(is_all=True)
    told = _Told()
    trouble = ""
    is_first = True
    not_before = 0.0
    with closing(_changes(paths, index_dir, on_trouble, stop)) as batches:
        for batch in batches:
            pending |= batch
            if not pending or time.monotonic() < not_before:
                continue
            try:
                report = update(None if pending.is_all else pending.paths)
            except (IndexLockedError, IndexWriteError) as error:
                if is_first and isinstance(error, IndexWriteError):
                    raise
                if trouble != str(error):
                    trouble = str(error)
                    on_trouble(f"{trouble} (it is tried again until it is done)")
                not_before = time.monotonic() + _RETRY_SECONDS
                continue
            new = told.new(report.skipped, is_all=pending.is_all)
            if is_first or new or report.added or report.updated or report.removed:
                on_report(_with(report, new))
            pending, trouble, is_first = Changed(), "", False
    return not pending


def _with(report: IndexReport, skipped: tuple[Skipped, ...]) -> IndexReport:
    from dataclasses import replace  # noqa: PLC0415

    return replace(report, skipped=skipped)


class _Told:
    """What was said to be skipped, which is not said again as long as it is."""

    def __init__(self) -> None:
        self._told: frozenset[Skipped] = frozenset()

    def new(self, skipped: Iterable[Skipped], *, is_all: bool) -> tuple[Skipped, ...]:
        """Return what was not told yet; what is skipped no more is known when all is looked at."""
        now = tuple(skipped)
        new = tuple(one for one in now if one not in self._told)
        self._told = frozenset(now) if is_all else self._told.union(now)
        return new


def _changes(
    paths: Sequence[str], index_dir: Path | None, on_trouble: Callable[[str], None], stop: Noted
) -> Generator[Changed, None, None]:
    """Yield what may have changed, also if nothing, some times a second until there is a stop."""
    index = None if index_dir is None else os.path.realpath(index_dir)
    is_told, is_open = True, True
    while not stop.is_set():
        found = _Found.now(paths)
        folders = found.folders()
        if folders and is_told:
            watched = _watched(folders, index, stop, is_open=is_open)
        else:
            watched = _unwatched(stop)
        again = _Again(_AGAIN_SECONDS if is_told and is_open else _UNTOLD_AGAIN_SECONDS)
        has_begun = False
        try:
            with closing(watched) as batches:
                for batch in batches:
                    has_begun = True
                    now = _Found.now(paths)
                    of_files = found.changed_files(now)
                    found = now
                    # Once the folders are watched nothing is missed any more.
                    due = again.is_due()
                    yield batch | Changed(of_files, is_all=due)
                    if due:
                        again.was_done()
                    if now.folders() != folders or _needs_anew(batch, folders):
                        break
        except (OSError, RuntimeError) as error:
            # A folder went between two looks, or the library met a name that is no text.
            if has_begun or isinstance(error, FileNotFoundError):
                time.sleep(_QUIET_MS / 1_000)
            elif isinstance(error, PermissionError) and is_open:
                is_open = False
            else:
                is_told = False
                on_trouble(_untold(error))


def _needs_anew(batch: Changed, folders: Iterable[str]) -> bool:
    """Whether folders are to be watched anew: one went, or a link came, which is not followed."""
    return any(one in batch.paths for one in folders) or any(
        os.path.islink(path) and os.path.isdir(path)  # noqa: PTH112, PTH114 - many, and kept as str
        for path in batch.paths
    )


def _untold(error: Exception) -> str:
    reason = str(error).partition(". about")[0]  # what follows is of the library's programmers
    return (
        f"the system cannot tell of changes in these folders ({reason}); they are looked at "
        f"every {_UNTOLD_AGAIN_SECONDS:.0f} seconds instead; if it has too few watches, "
        "allow more with: sudo sysctl fs.inotify.max_user_watches=1048576"
    )


class _Again:
    """When all is to be looked at: at once, and then from time to time."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._due = self._began = time.monotonic()

    def is_due(self) -> bool:
        self._began = time.monotonic()
        return self._began >= self._due

    def was_done(self) -> None:
        now = time.monotonic()
        self._due = now + max(self._seconds, (now - self._began) / _LOOKING_SHARE)


class _Found(NamedTuple):
    """What is at the paths that are followed; those that lead nowhere are not in it.

    Attributes:
        kinds: by path, what tells a folder from another one that comes in its place; None where it
            is a file.
        files: by path, what tells a file from what it was.
    """

    kinds: dict[str, tuple[int, int] | None]
    files: dict[str, tuple[int, ...]]

    @classmethod
    def now(cls, paths: Sequence[str]) -> _Found:
        found = cls({}, {})
        for name in paths:
            path = os.path.abspath(name)  # noqa: PTH100 - as the watch names what is in it
            try:
                status = os.stat(path)  # noqa: PTH116 - each time, some times a second
            except (OSError, ValueError):
                continue
            if stat.S_ISDIR(status.st_mode):
                found.kinds[path] = status.st_dev, status.st_ino
            else:
                found.kinds[path] = None
                found.files[path] = (
                    status.st_ino,
                    status.st_size,
                    status.st_mtime_ns,
                    status.st_mode,
                )
        return found

    def folders(self) -> dict[str, tuple[int, int]]:
        return {path: kind for path, kind in self.kinds.items() if kind is not None}

    def changed_files(self, now: _Found) -> frozenset[str]:
        """The files that are not as they were, of those here and there."""
        paths = self.files.keys() | now.files.keys()
        return frozenset(path for path in paths if self.files.get(path) != now.files.get(path))


def _watched(
    folders: Iterable[str], index: str | None, stop: Noted, *, is_open: bool
) -> Generator[Changed, None, None]:
    """Yield what the system tells of folders, at least twice a second.

    With is_open any folder in them that may not be read is a fault.
    """
    try:
        from watchfiles import watch  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise UsageError(
            "--watch needs the library watchfiles; install it with: "
            "pip install 'passage-search[watch]'"
        ) from error
    roots = tuple(folders)

    def is_wanted(path: str) -> bool:
        is_own = index is not None and _is_in(os.path.realpath(path), index)
        return not is_own and not _is_hidden(path, roots)

    batches = watch(
        *roots,
        watch_filter=None,  # it would not yield where nothing is left
        debounce=_BURST_MS,
        step=_QUIET_MS,
        rust_timeout=_QUIET_MS,
        yield_on_timeout=True,
        stop_event=stop,
        raise_interrupt=False,
        # With it the library is silent of other faults as well, such as too few watches, and of
        # folders that it would have come to after the one that may not be read.
        ignore_permission_denied=not is_open,
    )
    for batch in batches:
        yield Changed(frozenset(path for _, path in batch if is_wanted(path)))


def _unwatched(stop: Noted) -> Generator[Changed, None, None]:
    """Yield nothing, twice a second."""
    while not stop.is_set():
        yield Changed()
        time.sleep(_QUIET_MS / 1_000)


def _is_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(os.path.join(folder, ""))  # noqa: PTH118


def _is_hidden(path: str, roots: Iterable[str]) -> bool:
    """Whether a path leads over a name that begins with a dot, from each of the roots it is in."""
    below = [path[len(root) :] for root in roots if _is_in(path, root)]
    return bool(below) and all(f"{os.sep}." in rest for rest in below)

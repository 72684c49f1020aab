"""What a process does to the files of a directory, event by event: noted, cut off or refused.

``watch`` puts itself before the functions through which Python changes files; processes that are
forked afterwards are watched as well. What changes a file in a way that is not watched raises, so
that nothing goes unseen.
"""

from __future__ import annotations

import builtins
import errno
import io
import os
import pickle
import signal
import sys
from contextlib import contextmanager
from enum import StrEnum
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Kind(StrEnum):
    """What is done to a file or a directory."""

    CREATE = "create"
    WRITE = "write"
    TRUNCATE = "truncate"
    SYNC = "sync"
    RENAME = "rename"
    LINK = "link"
    REMOVE = "remove"
    MAKE_DIRECTORY = "make directory"
    REMOVE_DIRECTORY = "remove directory"


class Event(NamedTuple):
    """One change.

    Attributes:
        kind: what was done.
        path: the file or directory, relative to the one that is watched; "." is that itself.
        target: its new path, of a rename, or its other one, of a link.
        offset: where a write begins, or the size a file is cut to.
        data: what was written.
    """

    kind: Kind
    path: str
    target: str = ""
    offset: int = 0
    data: bytes = b""


class Fate(NamedTuple):
    """What becomes of a process that is watched.

    Attributes:
        kill_at: it is killed before this event, counted from 1; 0: it is not.
        torn: whether that event, if it writes, is half done.
        together: whether its helping processes are killed with it, or only who comes to the event.
        refuse_from: from this event on the disk is full; 0: it is not.
        log: the file that the events are appended to; "": none.
    """

    kill_at: int = 0
    torn: bool = False
    together: bool = True
    refuse_from: int = 0
    log: str = ""


# What needs room on the disk.
_TAKES_ROOM = set(Kind) - {Kind.TRUNCATE, Kind.REMOVE, Kind.REMOVE_DIRECTORY}
_CHANGES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_OF_PATHS = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "os.link"}


class Watch:
    """Counts the events below a directory, over all processes that are forked from this one."""

    def __init__(self, root: Path, fate: Fate) -> None:
        self._root = os.path.realpath(root)
        self._fate = fate
        self._count: Any = get_context("fork").Value("q", 0)
        self._depth = 0

    @property
    def events(self) -> int:
        """How many there were."""
        count: int = self._count.value
        return count

    def inside(self, path: Any) -> str | None:
        """A path relative to the directory; None if it is elsewhere."""
        if isinstance(path, int):
            path = os.readlink(f"/proc/self/fd/{path}")  # noqa: PTH115 - as below
        path = os.path.abspath(os.fsdecode(path))  # noqa: PTH100 - pathlib is what is watched
        if path == self._root or path.startswith(self._root + os.sep):
            return os.path.relpath(path, self._root)
        return None

    @contextmanager
    def event(self, event: Event, half: Callable[[], object] | None = None) -> Iterator[None]:
        """One change, made where this is entered; half() does half of it."""
        with self._count.get_lock():
            self._count.value += 1
            number = self._count.value
        fate = self._fate
        if number == fate.kill_at:
            if fate.torn and half is not None:
                with self.unwatched():
                    half()
            os.killpg(0, signal.SIGKILL) if fate.together else os.kill(os.getpid(), signal.SIGKILL)
        if 0 < fate.refuse_from <= number and event.kind in _TAKES_ROOM:
            if half is not None and number == fate.refuse_from:
                with self.unwatched():
                    half()
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), event.path)
        with self.unwatched():
            yield
        if fate.log:
            descriptor = _OPEN(fate.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            _WRITE(descriptor, pickle.dumps(event))
            _CLOSE(descriptor)

    @contextmanager
    def unwatched(self) -> Iterator[None]:
        """What is done within is no event of its own."""
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1

    def audit(self, name: str, arguments: tuple[Any, ...]) -> None:
        """Raise if a file is changed by something that is not watched."""
        if self._depth:
            return
        if name == "open":
            path, _, flags = arguments
            changed = [path] if isinstance(flags, int) and flags & _CHANGES else []
        else:
            changed = list(arguments[:2]) if name in _OF_PATHS else []
        for path in changed:
            if isinstance(path, str | bytes) and self.inside(path) is not None:
                raise RuntimeError(f"{name} of {path!r} is not watched")


def events_in(log: Path) -> list[Event]:
    """The events that a watched process noted."""
    found = []
    with log.open("rb") as file:
        while file.peek(1):
            found.append(pickle.load(file))  # noqa: S301 - it is our own
    return found


_OPEN, _WRITE, _CLOSE = os.open, os.write, os.close


def watch(watched: Watch) -> None:
    """Watch what this process does, to its end."""
    _watch_files(watched)
    _watch_descriptors(watched)
    _watch_names(watched)
    sys.addaudithook(watched.audit)


def _watch_files(watched: Watch) -> None:
    """Have every write of a file object be an event, when it comes to the system."""

    class Raw(io.FileIO):
        def __init__(self, path: Any, mode: str) -> None:
            inside = watched.inside(path)
            assert inside is not None
            self._inside = inside
            is_there = os.path.lexists(path)
            if "w" in mode or not is_there:
                kind = Kind.TRUNCATE if is_there else Kind.CREATE
                with watched.event(Event(kind, inside)):
                    super().__init__(path, mode)
            else:
                with watched.unwatched():
                    super().__init__(path, mode)

        def write(self, data: Any) -> int:
            raw = bytes(data)
            offset = os.fstat(self.fileno()).st_size if "a" in self.mode else self.tell()
            before = super().write
            event = Event(Kind.WRITE, self._inside, offset=offset, data=raw)
            with watched.event(event, lambda: before(raw[: len(raw) // 2])):
                assert before(raw) == len(raw)
            return len(raw)

        def truncate(self, size: int | None = None) -> int:
            size = self.tell() if size is None else size
            with watched.event(Event(Kind.TRUNCATE, self._inside, offset=size)):
                return super().truncate(size)

    opened = io.open

    def open_watched(
        file: Any,
        mode: str = "r",
        buffering: int = -1,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
        **more: Any,
    ) -> Any:
        changes = set(mode) & set("wax+")
        if not changes or isinstance(file, int) or watched.inside(file) is None:
            return opened(file, mode, buffering, encoding, errors, newline, **more)
        raw = Raw(file, mode.replace("b", "").replace("t", ""))
        if buffering == 0:
            return raw
        buffered: Any = io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)
        return buffered if "b" in mode else io.TextIOWrapper(buffered, encoding, errors, newline)

    for module in (builtins, io):
        _replace(module, open=open_watched)


def _replace(module: Any, **functions: Callable[..., Any]) -> None:
    for name, function in functions.items():
        setattr(module, name, function)


def _watch_descriptors(watched: Watch) -> None:
    opened, written, synced = os.open, os.write, os.fsync
    cut = os.truncate

    def open_watched(path: Any, flags: int, mode: int = 0o777, **more: Any) -> int:
        inside = watched.inside(path)
        if inside is None or not flags & _CHANGES:
            return opened(path, flags, mode, **more)
        is_there = os.path.lexists(path)
        if (flags & os.O_CREAT and not is_there) or flags & os.O_TRUNC:
            with watched.event(Event(Kind.TRUNCATE if is_there else Kind.CREATE, inside)):
                return opened(path, flags, mode, **more)
        with watched.unwatched():
            return opened(path, flags, mode, **more)

    def write_watched(descriptor: int, data: Any) -> int:
        inside = watched.inside(descriptor)
        if inside is None:
            return written(descriptor, data)
        raw = bytes(data)
        event = Event(Kind.WRITE, inside, offset=os.lseek(descriptor, 0, os.SEEK_CUR), data=raw)
        with watched.event(event, lambda: written(descriptor, raw[: len(raw) // 2])):
            return written(descriptor, raw)

    def sync_watched(descriptor: Any) -> None:
        number = descriptor if isinstance(descriptor, int) else descriptor.fileno()
        inside = watched.inside(number)
        if inside is None:
            synced(number)
            return
        with watched.event(Event(Kind.SYNC, inside)):
            synced(number)

    def cut_watched(descriptor: Any, length: int) -> None:
        inside = watched.inside(descriptor)
        if inside is None:
            cut(descriptor, length)
            return
        with watched.event(Event(Kind.TRUNCATE, inside, offset=length)):
            cut(descriptor, length)

    _replace(os, open=open_watched, write=write_watched)
    _replace(os, fsync=sync_watched, fdatasync=sync_watched)
    _replace(os, truncate=cut_watched, ftruncate=cut_watched)


def _watch_names(watched: Watch) -> None:
    kinds = {
        "mkdir": Kind.MAKE_DIRECTORY,
        "rmdir": Kind.REMOVE_DIRECTORY,
        "remove": Kind.REMOVE,
        "unlink": Kind.REMOVE,
    }
    for name, kind in kinds.items():
        setattr(os, name, _watched_name(watched, kind, getattr(os, name)))
    for name, kind in {"rename": Kind.RENAME, "replace": Kind.RENAME, "link": Kind.LINK}.items():
        setattr(os, name, _watched_two_names(watched, kind, getattr(os, name)))


def _watched_name(watched: Watch, kind: Kind, change: Callable[..., None]) -> Callable[..., None]:
    def changed(path: Any, *arguments: Any, **more: Any) -> None:
        inside = watched.inside(path)
        # What changes nothing is no event.
        changes = os.path.lexists(path) == (kind is not Kind.MAKE_DIRECTORY)
        if inside is None or not changes or not Path(os.fsdecode(path)).parent.is_dir():
            with watched.unwatched():
                change(path, *arguments, **more)
            return
        with watched.event(Event(kind, inside)):
            change(path, *arguments, **more)

    return changed


def _watched_two_names(
    watched: Watch, kind: Kind, change: Callable[..., None]
) -> Callable[..., None]:
    def changed(source: Any, target: Any, **more: Any) -> None:
        inside, new = watched.inside(source), watched.inside(target)
        if inside is None or new is None:
            change(source, target, **more)
            return
        with watched.event(Event(kind, inside, new)):
            change(source, target, **more)

    return changed

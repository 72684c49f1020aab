"""What a disk may hold after a loss of power, told from what was done to its files.

The rules are those of POSIX and no kinder: what was written to a file is certain after the file is
synced, and a name after its directory is, each apart from the other; a rename is there or not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from itertools import count
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from tests.events import Event, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

#: The files of a disk by path; None is a directory.
Disk: TypeAlias = Mapping[str, bytes | None]

_PAGE_BYTES = 4096
# A page is the least that a disk writes; small files are torn as well.
_TORN_BYTES = 64


class _File:
    """A file, whatever it is called: as processes see it, and as it is certain to be."""

    def __init__(self, raw: bytes = b"") -> None:
        self.seen = raw
        self.certain = raw


class _Name(NamedTuple):
    """A change of names that is not certain yet: what each path names then; None: nothing."""

    kind: Kind
    directory: str
    names: Mapping[str, _File | None]


_DIRECTORY = _File()


class Recorded:
    """A disk to which events happen, one after another."""

    def __init__(self, before: Disk) -> None:
        """Begin with what is certain."""
        self._certain: dict[str, _File] = {
            path: _DIRECTORY if raw is None else _File(raw) for path, raw in before.items()
        }
        self._seen = dict(self._certain)
        self._waiting: list[_Name] = []

    def happen(self, event: Event) -> None:
        """Take what is done next."""
        path = event.path
        match event.kind:
            case Kind.CREATE:
                self._name(event, {path: _File()})
            case Kind.MAKE_DIRECTORY:
                self._name(event, {path: _DIRECTORY})
            case Kind.REMOVE | Kind.REMOVE_DIRECTORY:
                self._name(event, {path: None})
            case Kind.RENAME:
                assert _directory(path) == _directory(event.target)
                self._name(event, {path: None, event.target: self._seen[path]})
            case Kind.WRITE:
                file = self._seen[path]
                raw = file.seen.ljust(event.offset, b"\0")
                end = event.offset + len(event.data)
                file.seen = raw[: event.offset] + event.data + raw[end:]
            case Kind.TRUNCATE:
                file = self._seen[path]
                file.seen = file.seen[: event.offset].ljust(event.offset, b"\0")
            case Kind.SYNC if self._seen.get(path, _DIRECTORY) is _DIRECTORY:
                self._waiting, certain = (
                    [one for one in self._waiting if one.directory != path],
                    [one for one in self._waiting if one.directory == path],
                )
                for one in certain:
                    _rename(self._certain, one)
            case Kind.SYNC:
                file = self._seen[path]
                file.certain = file.seen

    def _name(self, event: Event, names: Mapping[str, _File | None]) -> None:
        change = _Name(event.kind, _directory(event.path), names)
        self._waiting.append(change)
        _rename(self._seen, change)

    def after_a_crash(self) -> Iterator[tuple[str, Disk]]:
        """Yield what may be on the disk if the power fails now, each with what became of it."""
        for named, names in self._names_kept():
            for content, survives in _CONTENTS.items():
                disk = {
                    path: None if file is _DIRECTORY else survives(file)
                    for path, file in names.items()
                    if _has_directory(path, names)
                }
                yield f"{named}, {content}", disk

    def _names_kept(self) -> Iterator[tuple[str, Mapping[str, _File]]]:
        """Yield which names there may be: all changes, none, or any part that is told apart."""
        parts: dict[str, list[_Name]] = {"no new names": [], "all names": self._waiting}
        for kind in Kind:
            parts[f"names of {kind} only"] = [one for one in self._waiting if one.kind is kind]
            parts[f"names but {kind}"] = [one for one in self._waiting if one.kind is not kind]
        for number, one in zip(count(1), self._waiting, strict=False):
            parts[f"only name {number}"] = [one]
            parts[f"all but name {number}"] = [two for two in self._waiting if two is not one]
            parts[f"first {number} names"] = self._waiting[:number]
        seen = set()
        for name, kept in parts.items():
            key = tuple(map(id, kept))
            if key not in seen:
                seen.add(key)
                names = dict(self._certain)
                for one in kept:
                    _rename(names, one)
                yield name, names


def _rename(names: dict[str, _File], change: _Name) -> None:
    for path, file in change.names.items():
        if file is None:
            names.pop(path, None)
        else:
            names[path] = file


@cache
def _directory(path: str) -> str:
    return str(PurePosixPath(path).parent)


def _has_directory(path: str, names: Mapping[str, _File]) -> bool:
    """Whether all directories above are there, without which a name is nowhere."""
    parent = _directory(path)
    return parent == "." or (parent in names and _has_directory(parent, names))


def _half(file: _File) -> bytes:
    """Every other page of what is not certain, the rest of it zero."""
    size = len(file.seen)
    page = _PAGE_BYTES if size > 2 * _PAGE_BYTES else _TORN_BYTES
    pieces = []
    for start in range(0, size, page):
        new, old = file.seen[start : start + page], file.certain[start : start + page]
        pieces.append(new if start // page % 2 else old.ljust(len(new), b"\0")[: len(new)])
    return b"".join(pieces)


def _other(filling: int) -> Callable[[_File], bytes]:
    """What is not certain is something else, in its size."""

    @cache  # names come and go while the contents are the same
    def filled(seen: bytes, certain: bytes) -> bytes:
        return bytes(
            byte if at < len(certain) and certain[at] == byte else filling
            for at, byte in enumerate(seen)
        )

    return lambda file: filled(file.seen, file.certain)


#: What may be left of what was written.
_CONTENTS: Mapping[str, Callable[[_File], bytes]] = {
    "no new content": lambda file: file.certain,
    "all content": lambda file: file.seen,
    "zeros": _other(0),
    "garbage": _other(0xA5),
    "half the pages": _half,
    "half the length": lambda file: (
        file.seen if file.seen == file.certain else file.seen[: len(file.seen) // 2]
    ),
}


def disk_at(root: Path) -> Disk:
    """What a directory holds now."""
    return {
        path.relative_to(root).as_posix(): None if path.is_dir() else path.read_bytes()
        for path in sorted(root.rglob("*"))
    }


def put(disk: Disk, root: Path) -> None:
    """Have a directory hold what a disk does; it must be empty, or not there."""
    root.mkdir(exist_ok=True)
    for path in sorted(disk):
        raw = disk[path]
        if raw is None:
            (root / path).mkdir()
        else:
            (root / path).write_bytes(raw)


def crashes(before: Disk, events: Iterable[Event], since: int = 0) -> Iterator[tuple[str, Disk]]:
    """Yield what a disk may hold after a loss of power at any time, each state once.

    Args:
        before: what is certain at first.
        events: what is done.
        since: so many events are done before the power fails.
    """
    disk = Recorded(before)
    seen = set()
    for number, event in enumerate([None, *events]):
        if event is not None:
            disk.happen(event)
        for what, state in disk.after_a_crash() if number >= since else ():
            key = tuple(sorted(state.items()))
            if hash(key) not in seen:
                seen.add(hash(key))
                yield f"event {number}: {what}", state

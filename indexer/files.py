"""Paths as a user names them -> the files they stand for, in a stable order; nothing is opened."""

from __future__ import annotations

import errno
import os
import stat
from collections import deque
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.articles import Skipped, SkipReason
from indexer.errors import UsageError, is_out_of_files
from indexer.globs import Glob, compile_glob

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

STDIN = "-"

# What is opened and may never end, or never begin.
_STREAMS = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


class Origin(Enum):
    """How a file was found; a walked file that is binary is counted, a named one is reported."""

    NAMED = "named"
    WALKED = "walked"
    STDIN = "stdin"


@dataclass(frozen=True, slots=True)
class FoundFile:
    """One file to read.

    Attributes:
        source: its name for people, built on the path the user gave, with "/" between parts.
        path: what to open; meaningless for Origin.STDIN.
        origin: how it was found.
    """

    source: str
    path: Path
    origin: Origin


@dataclass(frozen=True, slots=True)
class FoundFiles:
    """What a list of paths stands for.

    Attributes:
        files: each file once, in the order of the paths; a folder's by name, part by part.
        skipped: paths that lead nowhere, and folders and files that may not be read.
        hidden: files and folders left out because their names begin with a dot, by their names for
            people.
        streams: pipes, sockets and devices in folders, by their names for people, with what they
            are.
    """

    files: tuple[FoundFile, ...]
    skipped: tuple[Skipped, ...]
    hidden: tuple[str, ...]
    streams: tuple[tuple[str, str], ...] = ()


class Region:
    """Some files and folders with all that is in them, by their paths without symbolic links."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._paths = frozenset(paths)
        self._on_the_way = frozenset(above for path in self._paths for above in _upwards(path))

    def holds(self, real: str) -> bool:
        """Whether a path is one of them or in one of them."""
        return real in self._paths or any(above in self._paths for above in _upwards(real))

    def touches(self, real: str) -> bool:
        """Whether a path is one of them, in one of them, or leads to one."""
        return real in self._on_the_way or self.holds(real)


def _upwards(path: str) -> Iterator[str]:
    """Yield the folders above a path, the next one first."""
    while (above := os.path.dirname(path)) != path:  # noqa: PTH120 - many, and kept as str
        yield above
        path = above


def find_files(
    paths: Sequence[str],
    *,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    within: Region | None = None,
) -> FoundFiles:
    """The files that paths name, folders walked.

    Globs and the rule for hidden files hold for what is found by walking; a path that is named is
    always taken. Symbolic links are followed, to no folder twice. A glob without "/" is matched
    with the names of files and folders at any depth, one with "/" with the path below the walked
    folder; "*" stops at "/", "**" does not; a "/" at the end asks for a folder. A folder that is
    included brings all that is in it, one that is excluded is not entered. Pipes, sockets and
    devices in folders are passed over, as is what a Maildir holds that is not delivered yet (tmp).

    With a region only what it holds is found, as it is found without one, and only folders that
    lead to it are read; hidden files are not counted then.

    Raises: UsageError if a path that is named is one of those: nobody knows when it ends.
    """
    search = _Search(include=include, exclude=exclude, within=within)
    for name in paths:
        search.add(name)
    skipped = tuple(search.skipped.values())
    return FoundFiles(
        tuple(search.files.values()),
        skipped,
        tuple(search.hidden.values()),
        tuple(sorted(search.streams.values())),
    )


class _Search:
    """What has been found so far; one is made for each call of find_files."""

    def __init__(
        self, *, include: Sequence[str], exclude: Sequence[str], within: Region | None
    ) -> None:
        self.within = within
        self.include = tuple(compile_glob(pattern) for pattern in include)
        self.exclude = tuple(compile_glob(pattern) for pattern in exclude)
        self.files: dict[str, FoundFile] = {}  # by path without symbolic links
        self.skipped: dict[str, Skipped] = {}  # by source
        self.hidden: dict[str, str] = {}  # names for people by path without symbolic links
        self.streams: dict[str, tuple[str, str]] = {}  # by path without symbolic links

    def add(self, name: str) -> None:
        """Take a path as the user named it: standard input, a folder or a file."""
        if name == STDIN:
            self.files.setdefault(STDIN, FoundFile(STDIN, Path(STDIN), Origin.STDIN))
            return
        if self.within is not None and not self.within.touches(os.path.realpath(name)):
            return
        path = Path(name)
        source = _shown(path.as_posix())
        try:
            mode = os.stat(name).st_mode  # noqa: PTH116 - Path("") is the current folder
        except OSError as error:
            self._skip(source, error)
            return
        kind = _STREAMS.get(stat.S_IFMT(mode))
        if kind:
            raise UsageError(
                f"{source} is {kind}, not a file or folder",
                hint="to read what comes out of it, name - and give it as standard input",
            )
        if stat.S_ISDIR(mode):
            self._walk(path, "" if source == "." else source.rstrip("/") + "/")
        else:
            self._take(os.path.realpath(path), FoundFile(source, path, Origin.NAMED))

    def _take(self, real: str, file: FoundFile) -> None:
        known = self.files.get(real)
        if known is None:
            if os.access(file.path, os.R_OK):
                self.files[real] = file
            else:
                self._skip(file.source, PermissionError(errno.EACCES, "permission denied"))
        elif file.origin is Origin.NAMED:
            self.files[real] = replace(known, origin=Origin.NAMED)

    def _skip(self, source: str, error: OSError) -> None:
        if is_out_of_files(error):
            raise error  # not the fault of this file
        if isinstance(error, FileNotFoundError | NotADirectoryError):
            skipped = Skipped(source, SkipReason.MISSING, "there is no such file or folder")
        else:
            detail = f"the system refuses it: {(error.strerror or 'no reason given').lower()}"
            skipped = Skipped(source, SkipReason.UNREADABLE, detail)
        self.skipped.setdefault(source, skipped)

    def _walk(self, root: Path, prefix: str) -> None:
        """Take what is in a folder; links come last, so that a file in it keeps its own name."""
        found: dict[str, _Entry] = {}
        entered: set[str] = set()
        pending = deque([_Entry(root, (), os.path.realpath(root), included=not self.include)])
        links: deque[_Entry] = deque()
        while pending or links:
            entry = pending.popleft() if pending else links.popleft()
            try:
                mode = entry.path.stat().st_mode
            except OSError as error:
                if self._is_wanted(entry):
                    self._skip(prefix + entry.shown, error)
                continue
            if stat.S_ISREG(mode) and self._is_wanted(entry):
                found.setdefault(entry.real, entry)
            elif stat.S_ISDIR(mode) and entry.real not in entered and not self._is_pruned(entry):
                entered.add(entry.real)
                for inner, is_link in self._read_folder(entry, prefix):
                    (links if is_link else pending).append(inner)
            elif (kind := _STREAMS.get(stat.S_IFMT(mode))) and self._is_wanted(entry):
                self.streams.setdefault(entry.real, (prefix + entry.shown, kind))
        for real, entry in sorted(found.items(), key=lambda item: item[1].parts):
            self._take(real, FoundFile(prefix + entry.shown, entry.path, Origin.WALKED))

    def _read_folder(self, folder: _Entry, prefix: str) -> Iterator[tuple[_Entry, bool]]:
        """The entries of a folder by name, hidden ones counted, and whether each is a link."""
        try:
            with os.scandir(folder.path) as scanned:
                inner = sorted(scanned, key=lambda entry: entry.name)
        except OSError as error:
            self._skip((prefix + folder.shown).rstrip("/") or ".", error)
            return
        included = folder.included or self._matches(self.include, folder, is_folder=True)
        is_maildir = {"cur", "new", "tmp"} <= {entry.name for entry in inner}
        for entry in inner:
            if is_maildir and entry.name == "tmp":
                continue  # messages that are not whole yet
            real = os.path.join(folder.real, entry.name)  # noqa: PTH118 - many, and kept as str
            parts = (*folder.parts, entry.name)
            if entry.name.startswith("."):
                if self.within is None:
                    self.hidden.setdefault(real, prefix + _shown("/".join(parts)))
                continue
            try:
                is_link = entry.is_symlink()
                real = os.path.realpath(real) if is_link else real
            except OSError as error:  # a link that may not be read
                self._skip(prefix + "/".join(parts), error)
                continue
            if self.within is not None and not self.within.touches(real):
                continue
            yield _Entry(folder.path / entry.name, parts, real, included=included), is_link

    def _is_pruned(self, folder: _Entry) -> bool:
        return self._matches(self.exclude, folder, is_folder=True)

    def _is_wanted(self, file: _Entry) -> bool:
        included = file.included or self._matches(self.include, file, is_folder=False)
        return included and not self._matches(self.exclude, file, is_folder=False)

    @staticmethod
    def _matches(globs: Sequence[Glob], entry: _Entry, *, is_folder: bool) -> bool:
        path = "/".join(entry.parts)
        return bool(path) and any(glob.matches(path, is_folder=is_folder) for glob in globs)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A file or folder met on a walk.

    Attributes:
        path: what to open.
        parts: names from the walked folder on.
        real: its path without symbolic links.
        included: whether an include glob has already taken a folder above it.
    """

    path: Path
    parts: tuple[str, ...]
    real: str
    included: bool

    @property
    def shown(self) -> str:
        return _shown("/".join(self.parts))


def _shown(path: str) -> str:
    """A path that can be printed and stored, where the system's names are not all text."""
    return os.fsencode(path).decode("utf-8", "replace")

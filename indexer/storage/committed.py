"""The committed state of an index as it is read, without Whoosh, which takes long to load."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from indexer.errors import (
    MORE_FILES,
    IndexDamagedError,
    IndexFormatError,
    IndexMissingError,
    UsageError,
    is_out_of_files,
)
from indexer.storage.arrays import ArrayFile
from indexer.storage.documents import DOCUMENTS_EXT, Documents
from indexer.storage.manifest import (
    FORMAT_VERSION,
    INDEX_NAME,
    MANIFEST,
    NEW_MANIFEST,
    OWN_FILES,
    FileState,
    Manifest,
    SegmentEntry,
    is_readable,
    parse_manifest,
    parse_origins,
    unsealed,
)
from indexer.storage.postings import POSTINGS_EXT, PostingsFile
from indexer.storage.segment import SegmentView
from indexer.text.analysis import ANALYSIS_VERSION
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

_Part = TypeVar("_Part")
_SHOWN_CHARS = 90
#: What the address of an index in a cluster begins with, see ``remote.address``.
SCHEMES = ("opensearch://", "opensearch+https://")


def is_address(place: Path | str) -> bool:
    """Whether a place is meant for an index in a cluster, and not for a directory.

    Raises: UsageError for an address of another kind, which nobody means for a directory.
    """
    if not isinstance(place, str):
        return False
    if place.startswith(SCHEMES):
        return True
    scheme, slash, rest = place.partition(":/")
    # One letter is a drive.
    if not slash or len(scheme) < 2 or not scheme.replace("+", "").replace("-", "").isalnum():
        return False
    who, at, where = rest.lstrip("/").rpartition("@")
    if "/" not in where:  # there is no host
        where = f"localhost:9200/{where}"
    raise UsageError(
        f"{place.replace(who + at, '')} names no index",  # a password is never told
        hint=f"one in OpenSearch is named like {SCHEMES[scheme.lower().endswith('s')]}{where}, "
        "a directory with ./ before such a name",
    )


def default_index_dir() -> Path:
    """Where the index lives when nothing names another place: the user's data folder."""
    from platformdirs import user_data_path  # noqa: PLC0415 - only when no place is named

    return user_data_path("passage-search") / "index"


def index_settings() -> dict[str, Any]:
    """The format, and what decides which terms a text is indexed under, as JSON types."""
    import Stemmer  # noqa: PLC0415 - a binary module, faster to ask than the package metadata

    analysis = {"version": ANALYSIS_VERSION, "stemmer": Stemmer.version()}
    return {"format": FORMAT_VERSION, "analysis": analysis}


def program() -> str:
    """What writes an index, and its version."""
    from importlib.metadata import (  # noqa: PLC0415 - slow to load, and only writers need it
        PackageNotFoundError,
        version,
    )

    try:
        return f"passage-search {version('passage-search')}"
    except PackageNotFoundError:
        return "passage-search, not installed"


def _told(settings: Mapping[str, Any]) -> str:
    """Settings for a message; what is read may be anything."""
    told = f"format {settings['format']} with analysis {settings['analysis']}"
    return told if len(told) <= _SHOWN_CHARS else f"{told[:_SHOWN_CHARS]}..."


class Opened(NamedTuple):
    """A committed state that is open for reading.

    Attributes:
        manifest: what belongs to it.
        segments: what is live of it, segment by segment.
        files: what the segments are read from.
        place: what tells the directory from another one that later has its path; None: it has none.
    """

    manifest: Manifest
    segments: list[SegmentView]
    files: list[ArrayFile]
    place: tuple[int, int] | None

    def check(self) -> None:
        """Raise IndexFormatError if a file was cut off since; it takes a microsecond a segment."""
        for file in self.files:
            file.check_size()


class Files(Protocol):
    """The files of an index by name; FileNotFoundError where there is none."""

    def place(self) -> tuple[int, int] | None:
        """Return what tells their directory from any other; None where there is none."""

    def names(self) -> Sequence[str]:
        """Return the names of all."""

    def read(self, name: str) -> bytes:
        """Return the bytes of one."""

    def arrays(self, name: str) -> ArrayFile:
        """Return one that holds arrays."""


class Directory:
    """The files of a directory; see Files."""

    def __init__(self, path: str) -> None:
        self._path = path

    def _at(self, name: str) -> str:
        return os.path.join(self._path, name)  # noqa: PTH118 - pathlib costs time at every start

    def place(self) -> tuple[int, int] | None:
        """Return what tells the directory from any other; None where there is none."""
        try:
            found = os.stat(self._path)  # noqa: PTH116 - as above
        except FileNotFoundError:
            return None
        return found.st_dev, found.st_ino

    def names(self) -> Sequence[str]:
        """Return the names of all."""
        return os.listdir(self._path)  # noqa: PTH208 - as above

    def read(self, name: str) -> bytes:
        """Return the bytes of one."""
        with open(self._at(name), "rb") as file:  # noqa: PTH123 - as above
            return file.read()

    def arrays(self, name: str) -> ArrayFile:
        """Return one that holds arrays."""
        return ArrayFile.open(self._at(name))


class CommittedIndex:
    """An index as others committed it.

    Attributes:
        path: its directory, for messages.
    """

    def __init__(self, files: Files, path: Path | str | None) -> None:
        self._files = files
        self.path = path

    @classmethod
    def at(cls, path: Path | str) -> CommittedIndex:
        """An index at a place, whether it is there yet or not."""
        return cls(Directory(str(path)), path)

    @classmethod
    def open(cls, path: Path | str) -> CommittedIndex:
        """An existing index.

        Raises:
            IndexMissingError: there is none at the place.
            IndexFormatError: another version wrote it, or it is damaged.
        """
        index = cls.at(path)
        index.check()
        return index

    def check(self) -> None:
        """Raise what open() does."""
        if not self.exists():
            raise self._missing()

    def exists(self) -> bool:
        """Tell whether anything was ever committed; raises as manifest()."""
        return self.manifest().generation > 0

    def manifest(self) -> Manifest:
        """The committed state; that of an empty index before the first commit.

        Raises:
            IndexFormatError: another version wrote it, or it is damaged.
        """
        try:
            return self.parsed(self._read_json(MANIFEST))
        except (FileNotFoundError, NotADirectoryError):
            left = self.leftovers()
            if left and self.is_begun():  # by now: a first writer has just begun
                return self.manifest()
            if left:
                raise self._damaged(f"{MANIFEST} is missing") from None
            return Manifest()
        except ValueError as error:
            raise self._damaged(f"{MANIFEST} {error}") from error

    def is_begun(self) -> bool:
        """Tell whether there is a manifest, be it that of an index before its first commit."""
        return MANIFEST in self._files.names()

    def leftovers(self) -> list[str]:
        """The files that only an index has which is there or was; none where there is no folder."""
        if self.path is None:  # it was never anywhere
            return []
        try:
            names = self._files.names()
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise self.unreadable(error) from error
        return [name for name in names if OWN_FILES.fullmatch(name) and name != NEW_MANIFEST]

    def parsed(self, record: Mapping[str, Any]) -> Manifest:
        """The committed state that a record of a manifest tells.

        Raises:
            ValueError: it tells none.
            IndexFormatError: another version wrote it.
        """
        settings = index_settings()
        manifest = parse_manifest(record, settings)
        if not is_readable(manifest.settings, settings):
            raise IndexFormatError(
                f"the index at {self.path} was written by {manifest.written_by} "
                f"in {_told(manifest.settings)}, which this version does not read; its own is "
                f"{_told(settings)}",
                hint="make a new one with: indexer -i NEW_DIRECTORY add FILE..., "
                "or use the version that wrote it",
            )
        return manifest

    def _read_json(self, name: str) -> dict[str, Any]:
        """The JSON object of a file; FileNotFoundError where there is none."""
        try:
            return unsealed(self._files.read(name))
        except (FileNotFoundError, NotADirectoryError):
            raise
        except OSError as error:
            raise self.unreadable(error) from error
        except ValueError as error:
            raise self._damaged(f"{name} {error}") from error

    def _missing(self) -> IndexMissingError:
        import shlex  # noqa: PLC0415 - only for the message

        named = shlex.quote(str(self.path))
        return IndexMissingError(
            f"no index at {self.path}", hint=f"create one with: indexer -i {named} add FILE..."
        )

    def _damaged(self, fault: str) -> IndexDamagedError:
        return IndexDamagedError(f"the index at {self.path}", fault, str(self.path))

    def unreadable(self, error: OSError) -> IndexFormatError:
        """The error a user sees when the system refuses to read a file of the index."""
        remedy = MORE_FILES if is_out_of_files(error) else "check the permissions of the directory"
        return IndexFormatError(
            f"the index at {self.path} cannot be read: {error.strerror or error}", hint=remedy
        )

    def read(self, read: Callable[[Manifest], _Part]) -> _Part:
        """What a function makes of the manifest, all of it from one committed state.

        A commit that comes between removes files that the manifest it replaced had named; then
        the function is called anew, with the new one.

        Raises:
            IndexFormatError: a file of the index is missing or damaged.
        """
        manifest = self.manifest()
        while True:
            try:
                return read(manifest)
            except FileNotFoundError as error:
                seen, manifest = manifest, self.manifest()
                if manifest == seen:
                    fault = f"{os.path.basename(error.filename)} is missing"  # noqa: PTH119
                    raise self._damaged(fault) from error
            except OSError as error:
                raise self.unreadable(error) from error

    def segments(self) -> list[SegmentView]:
        """What is live, segment by segment; a commit meanwhile does not disturb them."""
        return self.read(self.segments_of)

    def segments_of(self, manifest: Manifest) -> list[SegmentView]:
        """The segments that a manifest names."""
        return self._opened(manifest).segments

    def opened(self) -> Opened:
        """The committed state; raises as read()."""
        return self.read(self._opened)

    def opened_since(self, last: Opened) -> Opened | None:
        """The committed state if it is a later one than that which was opened last, else None.

        Raises:
            IndexMissingError: the index was removed, or another one is in its place.
            IndexFormatError: as read().
        """
        if self.manifest() == last.manifest and self._files.place() == last.place:
            return None
        opened = self.opened()
        if last.manifest.generation and not opened.manifest.generation:
            raise self._missing()
        if opened.place != last.place or opened.manifest.generation <= last.manifest.generation:
            raise IndexMissingError(
                f"another index was put at {self.path} while the one there was open",
                hint="close it and open the other one",
            )
        return opened

    def _opened(self, manifest: Manifest) -> Opened:
        opened = Opened(manifest, [], [], self._files.place())
        for entry in manifest.segments:
            name = f"{INDEX_NAME}_{entry.segment_id}"
            documents = self._files.arrays(name + DOCUMENTS_EXT)
            postings = self._files.arrays(name + POSTINGS_EXT)
            opened.files.extend((documents, postings))
            opened.segments.append(_segment(entry, documents, postings))
        return opened

    def origins(self) -> dict[str, FileState]:
        """The indexed files by absolute path."""
        return self.read(self.origins_of)

    def origins_of(self, manifest: Manifest) -> dict[str, FileState]:
        """The indexed files that a manifest names."""
        if manifest.origins is None:
            return {}
        try:
            return parse_origins(self._read_json(manifest.origins))
        except ValueError as error:
            raise self._damaged(f"{manifest.origins} {error}") from error


def _segment(entry: SegmentEntry, documents: ArrayFile, postings: ArrayFile) -> SegmentView:
    # First whether there are so many documents, or there might be no end of deleted ones.
    of_segment = Documents(documents, entry.documents)
    return SegmentView(of_segment, PostingsFile(postings), set(entry.deleted_docs()))

"""A damaged index made whole again: what is whole is kept, what was lost is read from its file.

One commit puts the whole articles of damaged segments into a new one; what was readable before
stays so until then. Files of whose articles some are lost are read again after it, in commits of
their own. The damaged files stay beside the index under another name where anything is lost.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections import defaultdict
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any

from indexer.build import build_index
from indexer.care.check import Found, look, refuse_other_places
from indexer.care.salvage import whole_articles
from indexer.errors import IndexFormatError
from indexer.intake import ReadOptions
from indexer.processes import default_jobs
from indexer.storage.arrays import ArrayFile
from indexer.storage.committed import CommittedIndex, Directory
from indexer.storage.documents import DOCUMENTS_EXT
from indexer.storage.index import PassageIndex
from indexer.storage.manifest import INDEX_NAME, FileState, Manifest
from indexer.storage.postings import POSTINGS_EXT, PostingsFile
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from pathlib import Path

    from indexer.care.soundness import Fault
    from indexer.storage.manifest import SegmentEntry
    from indexer.storage.writer import PassageWriter

# What the names of damaged files end with that are kept.
_KEPT_AS = ".damaged"


class Lost(NamedTuple):
    """An article that is not in the index any more.

    Attributes:
        article_id: "" where it is not known.
        origin: the file it was read from; "" where it is not known.
    """

    article_id: str
    origin: str


class RepairReport(NamedTuple):
    """What a repair did.

    Attributes:
        faults: what was wrong; if nothing was, nothing was done.
        kept: articles of segments that were whole.
        saved: articles of damaged segments that were whole.
        read_again: files that were read again, since articles of theirs were not whole.
        lost: articles that are lost for all that.
        damaged_files: where the damaged files are kept; none where nothing is lost.
        removed_may_be_back: whether it is not known which articles had been removed.
    """

    faults: tuple[Fault, ...]
    kept: int = 0
    saved: int = 0
    read_again: tuple[str, ...] = ()
    lost: tuple[Lost, ...] = ()
    damaged_files: tuple[str, ...] = ()
    removed_may_be_back: bool = False


def repair_directory(
    path: Path, *, wait_seconds: float = 0.0, on_commit: Callable[[], None] = lambda: None
) -> RepairReport:
    """Make an index whole.

    Args:
        path: its directory.
        wait_seconds: how long to wait for another writer.
        on_commit: called when what can be saved is ready; the next step is to commit it.

    Raises:
        IndexMissingError: there is no index, nor what is left of one.
        IndexFormatError: another version wrote it.
        IndexLockedError: another process writes to the index.
        IndexWriteError: the system refused a write.
    """
    refuse_other_places(CommittedIndex.at(path))
    index = _DamagedIndex.at(path)
    with index.writing(wait_seconds=wait_seconds, jobs=default_jobs()) as writer:
        found = index.found
        if not found.faults:
            return RepairReport((), kept=found.articles)
        saving = _Saving(path, found, writer)
        saving.commit(on_commit)
    former_ids: dict[str, list[str]] = defaultdict(list)
    for one in saving.missing:
        former_ids[one.origin] += [one.article_id] if one.article_id else []
    read_again = _read_again(path, saving.incomplete, former_ids, wait_seconds)
    _settle(path, wait_seconds)
    lost = tuple(_still_missing(path, saving.missing, read_again))
    if not lost:
        for name in saving.kept_files:
            (path / name).unlink(missing_ok=True)
    return RepairReport(
        faults=found.faults,
        kept=found.articles,
        saved=saving.articles,
        read_again=tuple(sorted(read_again)),
        lost=lost,
        damaged_files=tuple(saving.kept_files) if lost else (),
        removed_may_be_back=found.has_forgotten,
    )


class _DamagedIndex(PassageIndex):
    """An index of the segments that are whole, to which the others can be added."""

    def __init__(self, storage: Any, path: Path) -> None:
        super().__init__(storage, path)
        self._committed = self._whole = _WholeParts(path)

    @property
    def found(self) -> Found:
        """What is there; it is looked for once, when the writer has the lock."""
        return self._whole.found

    def exists(self) -> bool:
        """Return that it does: something is there."""
        return True


class _WholeParts(CommittedIndex):
    """The whole segments of an index as if they alone had been committed."""

    def __init__(self, path: Path) -> None:
        super().__init__(Directory(str(path)), path)
        self._path = path

    @cached_property
    def found(self) -> Found:
        """What is there."""
        try:
            return look(self._path, self, lambda _share: None)
        except OSError as error:
            raise self.unreadable(error) from error

    def manifest(self) -> Manifest:
        """The state of the whole segments, until there is a newer one."""
        with suppress(IndexFormatError):
            committed = super().manifest()
            if committed.generation > self.found.manifest.generation:
                return committed
        return self.found.manifest

    def origins_of(self, manifest: Manifest) -> dict[str, FileState]:
        """The indexed files that a manifest names."""
        if manifest is self.found.manifest:
            return self.found.origins or {}
        return super().origins_of(manifest)


class _Saving:
    """Puts the whole articles of damaged segments into a new one.

    Attributes:
        articles: how many there are.
        missing: what was there and is not whole.
        incomplete: the files of which not all articles are there, as they are to be read.
        kept_files: other names of the damaged files, where anything is missing.
    """

    def __init__(self, path: Path, found: Found, writer: PassageWriter) -> None:
        self._path = path
        self._found = found
        self._writer = writer
        self._held = found.held.copy()
        self._given: set[str] = set()
        self.articles = 0
        self.missing: list[Lost] = []
        self.kept_files: list[str] = []
        for entry in found.damaged:
            self._save(entry)
        known = found.origins or {}
        named = {one.origin for one in self.missing}
        unknown = dict.fromkeys(named - {*known, ""}, FileState.to_read(-1))
        self.incomplete = {
            origin: FileState.to_read(
                self._held[origin],
                state.settings,
                lost_of=state.digest if state.lost_of is None else state.lost_of,
            )
            for origin, state in (known | unknown).items()
            if state.has_lost or state.articles != self._held[origin]
        }
        self.missing += [Lost("", origin) for origin in self.incomplete if origin not in named]

    def _save(self, entry: SegmentEntry) -> None:
        """Add what is whole of a segment."""
        name = str(self._path / f"{INDEX_NAME}_{entry.segment_id}")
        deleted = set(entry.deleted_docs())
        saved = set()
        for article in whole_articles(name + DOCUMENTS_EXT, deleted, self._found.origins or {}):
            record = article.record
            saved.add(article.doc)
            if record.article_id in self._given:
                continue
            self._given.add(record.article_id)
            for old in self._writer.delete_articles("article", record.article_id):
                self._held[old.origin] -= 1
            folder = os.path.dirname(record.origin)  # noqa: PTH120 - as the build names it
            self._writer.add_article(record, article.paragraphs, folder)
            self._held[record.origin] += 1
            self.articles += 1
        told = _names_in(name + POSTINGS_EXT)
        gone = [one for doc, one in told.items() if doc not in saved and doc not in deleted]
        if not told and self._found.origins is None:
            gone.append(Lost("", ""))
        if gone or not told:
            self._keep(name)
        self.missing += gone

    def _keep(self, name: str) -> None:
        """Give the files of a segment other names, which stay."""
        for old in (name + DOCUMENTS_EXT, name + POSTINGS_EXT):
            new = old + _KEPT_AS
            with suppress(FileNotFoundError):
                try:
                    os.link(old, new)
                except FileExistsError:
                    pass
                except OSError:  # a file system without such a thing
                    shutil.copyfile(old, new)
                self.kept_files.append(os.path.basename(new))  # noqa: PTH119 - it has no other use

    def commit(self, on_commit: Callable[[], None]) -> None:
        """Commit it, with word of the files of which something is missing."""
        known = self._found.origins or {}
        origins = {
            origin: known.get(origin) or FileState.to_read(count)
            for origin, count in self._held.items()
            if count
        }
        origins |= self.incomplete
        self._writer.commit_with(origins, on_commit=on_commit)


def _names_in(path: str) -> dict[int, Lost]:
    """By record of a postings file, which article it is of; none if it cannot be read."""
    with suppress(IndexFormatError, OSError, ValueError, IndexError):
        postings = PostingsFile(ArrayFile.open(path))
        articles, origins = (
            field.by_doc() if (field := postings.field(name)) else {}
            for name in ("article", "origin")
        )
        return {doc: Lost(name, origins.get(doc, "")) for doc, name in articles.items()}
    return {}


def _read_again(
    path: Path,
    incomplete: Mapping[str, FileState],
    former_ids: Mapping[str, Collection[str]],
    wait_seconds: float,
) -> set[str]:
    """Read the files again that are still there; which those are.

    One that has changed is left alone where articles of it are whole: they would be replaced.
    """
    by_settings: dict[str, list[str]] = defaultdict(list)
    for origin, state in incomplete.items():
        with suppress(OSError):
            if not os.path.isfile(origin):  # noqa: PTH113 - a name as the system gives it
                continue
            if not state.articles or _digest_of(origin) == state.lost_of:
                by_settings[state.settings].append(origin)
    for settings, origins in by_settings.items():
        options = ReadOptions.of(settings)
        build_index(
            origins,
            path,
            options=options,
            jobs=default_jobs(),
            wait_seconds=wait_seconds,
            former_ids=former_ids,
        )
    return {origin for origins in by_settings.values() for origin in origins}


def _digest_of(origin: str) -> str:
    with open(origin, "rb") as file:  # noqa: PTH123 - a name as the system gives it
        return hashlib.file_digest(file, "sha256").hexdigest()


def _settle(path: Path, wait_seconds: float) -> None:
    """Look no more for articles whose files are gone or cannot be read."""
    index = PassageIndex.open(path)
    if not any(state.has_lost for state in index.origins().values()):
        return
    with index.writing(wait_seconds=wait_seconds) as writer:
        origins = {
            origin: FileState.to_read(state.articles, state.settings) if state.has_lost else state
            for origin, state in index.origins().items()
            if state.articles or not state.has_lost
        }
        writer.commit_with(origins)


def _still_missing(path: Path, missing: list[Lost], read_again: Collection[str]) -> Iterator[Lost]:
    """Yield what is not in the index for all that."""
    segments = CommittedIndex.open(path).segments()
    for one in dict.fromkeys(missing):
        if one.article_id:
            if not any(segment.records_with("article", one.article_id) for segment in segments):
                yield one
        elif one.origin not in read_again:
            yield one

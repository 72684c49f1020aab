"""An index directory: opened, locked, read; ``writer`` commits to it.

The directory holds the files of its segments, ``manifest.json`` and a list of the files that were
indexed. The manifest names all that belongs to the index and is replaced in one step after
everything it names is on disk, so a reader sees the old state or the new and a process killed at
any moment loses nothing that was committed. It is JSON: opening an index runs no code from it.
"""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from whoosh.filedb.filestore import FileStorage, RamStorage, Storage
from whoosh.index import TOC, FileIndex
from whoosh.reading import EmptyReader, IndexReader, MultiReader
from whoosh.writing import LockError

from indexer.errors import IndexLockedError, UsageError
from indexer.storage.builder import DEFAULT_MEMORY_BYTES
from indexer.storage.codec import (
    FlatSegment,
    FlatSegmentReader,
    StorageFiles,
)
from indexer.storage.committed import CommittedIndex, Directory
from indexer.storage.disk import make_directory, write_error
from indexer.storage.manifest import (
    HOLDER,
    INDEX_NAME,
    MANIFEST,
    OWN_FILES,
    FileState,
    Manifest,
)
from indexer.storage.schema import make_schema
from indexer.storage.writer import PassageWriter
from indexer.storage.writing import WholeIndex

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from indexer.model import ArticleRecord, Paragraph
    from indexer.storage.committed import Opened
    from indexer.storage.segment import SegmentView


class PassageIndex(FileIndex):  # type: ignore[misc]
    """A Whoosh index whose table of contents is the manifest; reader() and writer() are Whoosh's.

    Attributes:
        path: its directory; None for an index in memory.
    """

    def __init__(self, storage: Storage, path: Path | None) -> None:
        self.storage = storage
        self.indexname = INDEX_NAME
        self.path = path
        self._schema = make_schema()
        self._committed = CommittedIndex(
            Directory(str(path)) if path else StorageFiles(storage), path
        )

    @classmethod
    def at(cls, path: Path) -> Self:
        """An index at a place, whether it is there yet or not; the first commit creates it."""
        return cls(FileStorage(str(path)), path)

    @classmethod
    def open(cls, path: Path) -> Self:
        """An existing index.

        Raises:
            IndexMissingError: there is none at the place.
            IndexFormatError: another version wrote it, or it is damaged.
        """
        index = cls.at(path)
        index._committed.check()  # noqa: SLF001 - its own
        return index

    @classmethod
    def in_memory(cls) -> PassageIndex:
        """A new index that lives and dies with this object."""
        return cls(RamStorage(), None)

    def exists(self) -> bool:
        """Tell whether anything was ever committed; raises as manifest()."""
        return self._committed.exists()

    def manifest(self) -> Manifest:
        """The committed state; that of an empty index before the first commit.

        Raises:
            IndexFormatError: another version wrote it, or it is damaged.
        """
        return self._committed.manifest()

    def origins(self) -> dict[str, FileState]:
        """The indexed files by absolute path."""
        return self._committed.origins()

    def snapshot(self) -> tuple[list[SegmentView], dict[str, FileState], Manifest]:
        """The segments, the indexed files and the manifest of one committed state."""
        committed = self._committed

        def read(manifest: Manifest) -> tuple[list[SegmentView], dict[str, FileState], Manifest]:
            origins = committed.origins_of(manifest)
            return committed.segments_of(manifest), origins, manifest

        return committed.read(read)

    def articles(self) -> Iterator[ArticleRecord]:
        """Yield the articles in no order."""
        for segment in self.segments():
            yield from segment.articles()

    def whole(self) -> WholeIndex:
        """All that one committed state holds, to be read article by article."""
        segments, origins, _ = self.snapshot()

        def articles() -> Iterator[tuple[ArticleRecord, list[Paragraph]]]:
            for view in segments:
                for doc in view.records:
                    record = view.article(doc)
                    name = record.article_id
                    yield record, [view.paragraph(child, name) for child in view.children(doc)]

        return WholeIndex(origins, sum(view.live_records() for view in segments), articles())

    def remembered(self, origins: Collection[str]) -> tuple[dict[str, FileState], dict[str, str]]:
        """What is remembered of all files, and of some the name under which each was added."""
        segments, known, _ = self.snapshot()
        names: dict[str, str] = {}
        for origin in origins:
            for view in segments:
                for record in view.records_with("origin", origin)[:1]:
                    names.setdefault(origin, view.article(record).source)
        return known, names

    def compact(
        self, *, wait_seconds: float = 0.0, on_commit: Callable[[], None] = lambda: None
    ) -> bool:
        """Make one segment without what is deleted; tell whether there was anything to do."""
        with self.writing(wait_seconds=wait_seconds) as writer:
            segments = writer.segments
            if len(segments) <= 1 and not any(segment.deleted for segment in segments):
                return False
            writer.commit_with(self.origins(), merge_all=True, on_commit=on_commit)
        return True

    def latest_generation(self) -> int:
        """How many commits there were; by it Whoosh's searchers tell whether they are current."""
        return self.manifest().generation

    def last_modified(self) -> float:
        """When it was last committed, in seconds since the epoch; -1 for one in memory."""
        modified: float = self.storage.file_modified(MANIFEST)
        return modified

    def _read_toc(self) -> TOC:
        manifest = self.manifest()
        return TOC(self._schema, _segments(manifest), manifest.generation)

    def reader(self, reuse: object = None) -> IndexReader:  # noqa: ARG002 - Whoosh passes it
        """Return a Whoosh reader of the committed state."""
        readers = self.segment_readers()
        if not readers:
            return EmptyReader(self._schema)
        if len(readers) == 1:
            return readers[0]
        return MultiReader(readers, generation=readers[0].generation())

    def segment_readers(self) -> list[FlatSegmentReader]:
        """Readers of the committed state, one a segment; a commit meanwhile does not disturb them.

        Raises:
            IndexFormatError: a file of the index is missing or damaged.
        """
        return self._committed.read(self._open_segments)

    def segments(self) -> list[SegmentView]:
        """What is live of the committed state, segment by segment; raises as segment_readers()."""
        return self._committed.segments()

    def opened(self) -> Opened:
        """The committed state, open for reading; raises as segment_readers()."""
        return self._committed.opened()

    def opened_since(self, last: Opened) -> Opened | None:
        """The committed state if it is a later one; see CommittedIndex."""
        return self._committed.opened_since(last)

    def _open_segments(self, manifest: Manifest) -> list[FlatSegmentReader]:
        return [
            FlatSegmentReader(self.storage, self._schema, segment, manifest.generation)
            for segment in _segments(manifest)
        ]

    def writer(
        self,
        *,
        wait_seconds: float = 0.0,
        jobs: int = 1,
        memory_bytes: int = DEFAULT_MEMORY_BYTES,
        **_: object,
    ) -> PassageWriter:
        """The one writer of the index.

        Args:
            wait_seconds: how long to wait for another writer to finish.
            jobs: with 2 and more, a process of its own inverts where there is much text.
            memory_bytes: how much memory inverting may take, about; more goes to files meanwhile.

        Raises:
            IndexLockedError: another process still writes after that time.
            IndexWriteError: the place cannot be written to.
        """
        try:
            if self.path is not None:
                make_directory(self.path)
                self._refuse_other_folders(self.path)
            return PassageWriter(
                self, wait_seconds=wait_seconds, jobs=jobs, memory_bytes=memory_bytes
            )
        except LockError as error:
            raise IndexLockedError(
                f"the index at {self.path} is being written to by {self._holder()}",
                hint="try again later, or wait for it with --wait SECONDS",
            ) from error
        except OSError as error:
            raise write_error(self.path, error) from error

    @contextmanager
    def writing(self, **how: Any) -> Iterator[PassageWriter]:
        """A writer, made as by writer(), that is given up unless it was committed."""
        writer = self.writer(**how)
        try:
            yield writer
        finally:
            if not writer.is_closed:
                writer.cancel()

    def _refuse_other_folders(self, path: Path) -> None:
        """Keep an index out of a folder of somebody's files."""
        if self._committed.is_begun() or self.exists():
            return
        for name in sorted(os.listdir(path)):  # noqa: PTH208 - names are all that is needed
            # A first writer may just have begun.
            own = name in {HOLDER, MANIFEST} or name.startswith(INDEX_NAME)
            if not own and not OWN_FILES.fullmatch(name):
                raise UsageError(
                    f"{path} holds other files ({name}) and no index",
                    hint="name a new or empty directory for the index",
                )

    def _holder(self) -> str:
        try:
            holder = json.loads((self.path or Path()).joinpath(HOLDER).read_text("utf-8"))
            return f"process {holder['pid']} since {holder['since']}"
        except (OSError, ValueError, KeyError):
            return "another process"


def _segments(manifest: Manifest) -> list[FlatSegment]:
    return [
        FlatSegment(
            INDEX_NAME,
            entry.segment_id,
            entry.documents,
            entry.deleted_docs(),
        )
        for entry in manifest.segments
    ]

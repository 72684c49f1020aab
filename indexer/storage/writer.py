"""The one writer of an index: articles in, deletions, merging, the commit."""

from __future__ import annotations

import contextlib
import json
import os
import time
from bisect import bisect_right
from collections import Counter
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from whoosh.writing import SegmentWriter

from indexer.errors import IndexFormatError
from indexer.storage.batch import Batch
from indexer.storage.builder import DEFAULT_MEMORY_BYTES, PostingsBuilder, Room
from indexer.storage.codec import (
    FlatCodec,
    FlatSegment,
    FlatSegmentReader,
    PostingPool,
)
from indexer.storage.committed import index_settings, program
from indexer.storage.disk import sync_directory, sync_file, unconfirmed_error, write_error
from indexer.storage.documents import Source
from indexer.storage.judging import BATCH_CHARS
from indexer.storage.manifest import (
    HOLDER,
    INDEX_NAME,
    MANIFEST,
    NEW_MANIFEST,
    OWN_FILES,
    FileState,
    Manifest,
    SegmentEntry,
    dump_manifest,
    dump_origins,
    manifest_copy,
    origins_name,
    ranges,
)
from indexer.storage.plain import plain_article_bytes, plain_paragraph_bytes
from indexer.storage.records import GROUP_FIELD, article_bytes, paragraph_bytes
from indexer.storage.segment import SegmentView
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from indexer.model import ArticleRecord, Paragraph
    from indexer.plain import PlainArticles, Provenance
    from indexer.storage.builder import Builder
    from indexer.storage.process import BuilderProcess
    from indexer.storage.table import DocumentTable


# Where there is more, another process is begun, which makes ready while the first batch fills.
_WORTH_HELP_CHARS = 150_000


def view_of(reader: FlatSegmentReader) -> SegmentView:
    """What is live of a segment that Whoosh reads; what either deletes is deleted for both."""
    return SegmentView(reader.documents, reader.postings_file, reader.segment().deleted)


_MergePolicy: TypeAlias = "Callable[[PassageWriter, list[FlatSegment]], list[FlatSegment]]"


class Deleted(NamedTuple):
    """A committed article that is deleted by the next commit, which can be read until then.

    Attributes:
        article_id, former: what is known of it.
        segment, record: where it stands.
    """

    article_id: str
    former: tuple[tuple[str, str], ...]
    segment: SegmentView
    record: int

    def digests(self) -> list[str]:
        """Return the digests of its paragraphs, in order."""
        return list(map(self.segment.digest, self.segment.children(self.record)))

    def paragraph(self, number: int) -> Paragraph:
        """Return one of its paragraphs, from 1."""
        return self.segment.paragraph(self.record + number, self.article_id)


class Committed(Protocol):
    """What a writer asks of the index it writes to, which is one of Whoosh's besides."""

    @property
    def path(self) -> Path | None:
        """Its directory; None for an index in memory."""

    def segment_readers(self) -> list[FlatSegmentReader]:
        """Return readers of the committed state, one a segment."""

    def origins(self) -> dict[str, FileState]:
        """Return the indexed files by absolute path."""

    def manifest(self) -> Manifest:
        """Return the committed state."""


class PassageWriter(SegmentWriter):  # type: ignore[misc]
    """A Whoosh writer that adds and deletes whole articles and commits with the manifest."""

    def __init__(
        self,
        index: Committed,
        *,
        wait_seconds: float = 0.0,
        jobs: int = 1,
        memory_bytes: int = DEFAULT_MEMORY_BYTES,
    ) -> None:
        self._index = index
        # Inverting much text is left to another process if one may be used.
        self._may_have_help = jobs > 1 and index.path is not None
        # A process that was not told yet whether languages are to be judged.
        self._untold: BuilderProcess | None = None
        self._origins: dict[str, FileState] | None = None
        self._on_commit: Callable[[], None] = lambda: None
        self._has_begun = False
        try:
            super().__init__(
                index, timeout=wait_seconds, codec=FlatCodec(GROUP_FIELD), compound=False
            )
            self._note_holder()
            self.old_segments = index.segment_readers()
            self._begin()
            # What is deleted is noted in the very segments that are read when they are merged.
            self.segments = [reader.segment() for reader in self.old_segments]
            self._views = [view_of(reader) for reader in self.old_segments]
            self._deleted: dict[str, Deleted] = {}
            self._batch = Batch()
            path = index.path
            spill = "" if path is None else f"{path / INDEX_NAME}_{self.newsegment.segid}.run"
            self._room = Room(spill, memory_bytes)
            # Before anything is deleted, so that they do not depend on when help is had.
            self._languages = self.languages()
            self._builder: Builder = PostingsBuilder(self._languages, self._room)
            self.pool = PostingPool(self._builder)
        except BaseException:
            super()._cleanup_on_error()  # or the lock would be held as long as the error is
            raise

    def _begin(self) -> None:
        """Have a manifest before there is any segment, so that one which is missing was lost.

        Where it was lost already there is none until what is left is saved.
        """
        own = (name for name in self.storage if OWN_FILES.fullmatch(name) or name == MANIFEST)
        if self._index.path is not None and set(own) <= {NEW_MANIFEST}:
            self._replace_manifest(Manifest(settings=index_settings(), written_by=program()))
            self._has_begun = True

    @property
    def is_kept(self) -> bool:
        """Whether what it writes outlives the process."""
        return self._index.path is not None

    @property
    def _documents(self) -> DocumentTable:
        table: DocumentTable = self.perdocwriter.table
        return table

    def _note_holder(self) -> None:
        """Leave word of who holds the lock; it counts only while the lock is held."""
        if self._index.path is not None:
            holder = {"pid": os.getpid(), "since": time.strftime("%Y-%m-%d %H:%M:%S")}
            with contextlib.suppress(OSError):
                (self._index.path / HOLDER).write_text(json.dumps(holder), "utf-8")

    def add_article(
        self, record: ArticleRecord, paragraphs: Sequence[Paragraph], folder: str = ""
    ) -> None:
        """Add one article as a group of documents: its record, then its paragraphs in order.

        The language of one that has none is judged with the others of its folder.

        Raises: IndexWriteError if the system refused.
        """
        parent = len(self._documents)
        stored = [article_bytes(record), *map(paragraph_bytes, paragraphs)]
        self._batch.add(record, paragraphs, parent, folder)
        self.docnum = parent + len(stored)
        self._added = True
        try:
            self._documents.add(
                stored, parent, Source(record.origin, record.source, record.fingerprint)
            )
            self._pass_on()
        except OSError as error:
            raise write_error(self._index.path, error) from error

    def add_plain(self, articles: PlainArticles, of: Provenance) -> None:
        """Add articles as add_article() adds each, by their own ids.

        Raises: IndexWriteError if the system refused.
        """
        source = Source(of.origin, articles.source, of.fingerprint)
        while articles:
            count = articles.reaching(BATCH_CHARS - self._batch.size_chars)
            some, articles = articles.part(0, count), articles.part(count, len(articles))
            parent = len(self._documents)
            self._batch.add_plain(some, parent, of)
            self.docnum = parent + 2 * count
            self._added = True
            try:
                self._documents.add_plain(
                    plain_article_bytes(some), plain_paragraph_bytes(some), source
                )
                self._pass_on()
            except OSError as error:
                raise write_error(self._index.path, error) from error

    def _pass_on(self) -> None:
        """Have the articles that wait inverted if they are enough."""
        if self._batch.size_chars >= _WORTH_HELP_CHARS:
            self.expect_much()
            if self._untold is not None and not all(self._batch.languages):
                self._untold.load_detector()
            self._untold = None
        if self._batch.size_chars >= BATCH_CHARS:
            self._flush()

    def expect_much(self) -> None:
        """Make ready for much text: leave it to another process, if one may be used.

        Raises: IndexWriteError if no process can be begun.
        """
        if not self._may_have_help:
            return
        from indexer.storage.process import BuilderProcess  # noqa: PLC0415 - large builds only

        self._may_have_help = False
        self._builder = self._untold = BuilderProcess(self._languages, self._room)
        self.pool = PostingPool(self._builder)

    def _flush(self) -> None:
        """Have no article wait."""
        if self._batch.records:
            batch, self._batch = self._batch, Batch()
            self._builder.add(batch)

    def add_document(self, **fields: object) -> None:
        """Add one document as Whoosh does it, field by field."""
        self._flush()
        self._may_have_help = False
        super().add_document(**fields)

    def origins(self) -> dict[str, FileState]:
        """The indexed files by absolute path, as they were committed."""
        return self._index.origins()

    def has_article(self, article_id: str) -> bool:
        """Tell whether a committed article of that id is there and not deleted."""
        if not self._views:  # as in most builds, which ask for each article
            return False
        return any(view.records_with("article", article_id) for view in self._views)

    def article_of(self, article_id: str) -> ArticleRecord | None:
        """The committed article of that id that is not deleted; None if there is none."""
        for view in self._views:
            for record in view.records_with("article", article_id):
                return view.article(record)
        return None

    def articles_of(self, origin: str) -> list[ArticleRecord]:
        """The committed articles that were read from a file."""
        return [
            view.article(record)
            for view in self._views
            for record in view.records_with("origin", origin)
        ]

    def languages(self) -> dict[str, int]:
        """How many committed articles that are not deleted are in each language."""
        counts: Counter[str] = Counter()
        for view in self._views:
            postings = view.postings("language")
            for place in range(len(postings) if postings else 0):
                assert postings is not None
                counts[postings.term(place).decode()] += view.live_count_at(postings, place)
        return counts

    def delete_articles(self, field: str, value: str) -> list[ArticleRecord]:
        """Delete the committed articles whose article or origin is the value, and return them."""
        found = []
        for view in self._views:
            for record in view.records_with(field, value):
                article = view.article(record)
                found.append(article)
                name = article.article_id
                self._deleted[name] = Deleted(name, article.former, view, record)
                view.deleted.update((record, *view.children(record)))
        return found

    def has_deleted(self) -> bool:
        """Tell whether deleted_article() may return any article."""
        return bool(self._deleted)

    def deleted_article(self, article_id: str) -> Deleted | None:
        """An article of that id which was deleted since the writer was opened, when first asked."""
        return self._deleted.pop(article_id, None)

    def delete_document(self, docnum: int, delete: bool = True) -> None:  # noqa: FBT001, FBT002
        """Delete a document, an article record with all its paragraphs, or take that back."""
        super().delete_document(docnum, delete)
        segment, doc = self._segment_and_docnum(docnum)
        parents = self.old_segments[self.segments.index(segment)].documents.parents
        for child in range(doc + 1, bisect_right(parents, doc, doc)):
            segment.delete_document(child, delete)

    def commit_with(
        self,
        origins: dict[str, FileState],
        *,
        merge_all: bool = False,
        on_commit: Callable[[], None] = lambda: None,
    ) -> None:
        """Commit everything since the writer was opened, and the new list of files.

        Args:
            origins: the indexed files by absolute path.
            merge_all: whether to make one segment without deleted documents; else those are
                rewritten that are small beside the new one.
            on_commit: called when all is ready; the next step is the commit.

        Raises:
            IndexWriteError: the system refused; the committed state is what it was.
        """
        self._origins = origins
        self._on_commit = on_commit
        self.commit(mergetype=_merge_all if merge_all else _merge_small)

    def commit(self, **how: Any) -> None:
        """Commit everything since the writer was opened; keywords are those of Whoosh.

        Raises:
            IndexWriteError: the system refused; the committed state is what it was.
        """
        try:
            self._flush()
            learned = self._builder.learned()
            for field, of_field in learned.lengths.items():
                self._documents.set_lengths(field, 0, of_field)
            self._documents.set_languages(0, learned.codes, learned.languages)
            self._documents.set_sketches(learned.sketched, learned.sketches)
            super().commit(**how)
        except OSError as error:
            raise write_error(self._index.path, error) from error

    def _merge_segments(
        self, mergetype: _MergePolicy | None, optimize: object, merge: object
    ) -> list[FlatSegment]:
        """Merge by our own policies where Whoosh's caller names none."""
        if mergetype is None:
            if merge is False:
                return list(self.segments)
            mergetype = _merge_all if optimize else _merge_small
        return mergetype(self, self.segments)

    def add_reader(self, reader: FlatSegmentReader) -> None:
        """Merge a segment into the one being written, leaving its deleted documents out."""
        if not isinstance(reader, FlatSegmentReader):  # from a merge policy of Whoosh
            reader = self.old_segments[self.segments.index(reader.segment())]
        live = new_numbers(reader, self.docnum)
        self._documents.merge(reader.documents, live)
        self.docnum += len(live) - live.count(-1)
        self._builder.merge(reader.postings_file, live)
        self._added = self.docnum > 0  # a segment without documents has no files

    def _flush_segment(self) -> None:
        """Write the files of the new segment: both at once where another process writes one."""
        self.fieldwriter.add_postings(self.schema, None, self._builder)
        self.perdocwriter.close()
        self._builder.finish()
        self.fieldwriter.close()

    def _commit_toc(self, segments: Sequence[FlatSegment]) -> None:
        origins = self._index.origins() if self._origins is None else self._origins
        named = origins_name(self.generation)
        self._write_file(named, dump_origins(origins))
        manifest = Manifest(
            generation=self.generation,
            segments=tuple(
                SegmentEntry(segment.segid, segment.doc_count_all(), ranges(segment.deleted))
                for segment in segments
            ),
            origins=named,
            committed=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            settings=index_settings(),
            written_by="" if self._index.path is None else program(),
        )
        self._sync(self.newsegment.list_files(self.storage))
        if self._index.path is not None:
            self._write_file(manifest_copy(self.generation), dump_manifest(manifest))
        self._replace_manifest(manifest)
        self._remove_files(_unnamed(manifest))

    def _replace_manifest(self, manifest: Manifest) -> None:
        """Make a state the committed one."""
        self._write_file(NEW_MANIFEST, dump_manifest(manifest))
        self._on_commit()
        if self._index.path is None:
            self.storage.rename_file(NEW_MANIFEST, MANIFEST)
        else:
            (self._index.path / NEW_MANIFEST).replace(self._index.path / MANIFEST)
            try:
                sync_directory(self._index.path)
            except OSError as error:
                if not manifest.generation:  # it has nothing yet
                    raise
                raise unconfirmed_error(self._index.path, error) from error

    def _write_file(self, name: str, raw: bytes) -> None:
        with self.storage.create_file(name) as file:
            file.write(raw)
        self._sync([name])

    def _sync(self, names: Iterable[str]) -> None:
        """Have files on the disk itself before anything names them."""
        path = self._index.path
        if path is None:
            return
        for name in names:
            sync_file(path / name)
        sync_directory(path)

    def _remove_files(self, is_to_go: Callable[[re.Match[str]], bool]) -> None:
        """Remove those of the index's own files, the manifest left alone, that are to go."""
        for name in list(self.storage):
            own = OWN_FILES.fullmatch(name)
            if own and is_to_go(own):
                with contextlib.suppress(OSError):
                    self.storage.delete_file(name)

    def _remove_new_files(self) -> None:
        """Remove what this writer made, unless it is committed."""
        try:
            if self._index.manifest().generation >= self.generation:
                return
        except IndexFormatError:  # what is there is for whoever repairs it
            return
        made = {NEW_MANIFEST, manifest_copy(self.generation), origins_name(self.generation)}
        segment = self.newsegment.segid
        self._remove_files(lambda own: own["segment"] == segment or own[0] in made)
        path = self._index.path
        if path is not None and self._has_begun:
            try:
                # Files that came back after a loss of power would be those of a manifest that is
                # missing.
                sync_directory(path)
            except OSError:
                return  # an index before its first commit is none
            (path / MANIFEST).unlink(missing_ok=True)

    # Files are removed and the name of the holder is taken away while the lock is still held, or
    # those of the next writer would be hit.

    def cancel(self) -> None:
        """Give up everything since the writer was opened."""
        self._check_state()
        self.perdocwriter.discard()
        self._builder.close()
        try:
            self._remove_new_files()
        finally:
            super().cancel()

    def _cleanup_on_error(self) -> None:
        self._builder.close()  # it may be writing one of them
        with contextlib.suppress(OSError):
            self._remove_new_files()
        self._forget_holder()
        super()._cleanup_on_error()

    def _finish(self) -> None:
        self._forget_holder()
        super()._finish()

    def _forget_holder(self) -> None:
        if self._index.path is not None:
            with contextlib.suppress(OSError):
                (self._index.path / HOLDER).unlink()


def _unnamed(manifest: Manifest) -> Callable[[re.Match[str]], bool]:
    """What tells files that a state does not name: merged segments, leftovers of killed writers."""
    generation = manifest.generation
    kept = {manifest.origins, manifest_copy(generation), manifest_copy(generation - 1)}
    ids = {entry.segment_id for entry in manifest.segments}
    return lambda own: own[0] not in kept and own["segment"] not in ids


def new_numbers(reader: FlatSegmentReader, first: int) -> list[int]:
    """The new number of every document when its live ones are appended at first; -1 if deleted."""
    deleted = reader.segment().deleted
    numbers = []
    for doc in range(reader.doc_count_all()):
        if doc in deleted:
            numbers.append(-1)
        else:
            numbers.append(first)
            first += 1
    return numbers


def _merge_small(writer: PassageWriter, segments: list[FlatSegment]) -> list[FlatSegment]:
    """Keep few segments, each more than twice the size of the next, without rewriting big ones."""
    kept: list[FlatSegment] = []
    readers = dict(zip(writer.segments, writer.old_segments, strict=True))
    for segment in sorted(segments, key=lambda s: (s.doc_count(), s.segid)):
        live, all_docs = segment.doc_count(), segment.doc_count_all()
        if not live:
            continue
        if live < 2 * writer.docnum or 2 * live < all_docs:
            writer.add_reader(readers[segment])
        else:
            kept.append(segment)
    return kept


def _merge_all(writer: PassageWriter, segments: list[FlatSegment]) -> list[FlatSegment]:
    """Make one segment without deleted documents."""
    if len(segments) == 1 and not segments[0].deleted and not writer.docnum:
        return segments
    for reader in writer.old_segments:
        writer.add_reader(reader)
    return []

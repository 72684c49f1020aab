"""An index directory: opened, locked, committed; one commit or none.

The directory holds the files of its segments, ``manifest.json`` and a list of the files that were
indexed. The manifest names all that belongs to the index and is replaced in one step after
everything it names is on disk, so a reader sees the old state or the new and a process killed at
any moment loses nothing that was committed. It is JSON: opening an index runs no code from it.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import time
from bisect import bisect_right
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar

from whoosh.filedb.filestore import FileStorage, RamStorage, Storage
from whoosh.index import TOC, FileIndex
from whoosh.reading import EmptyReader, IndexReader, MultiReader
from whoosh.writing import LockError, SegmentWriter

from indexer.analysis import ANALYSIS_VERSION, encoded
from indexer.codec import FlatCodec, FlatSegment, FlatSegmentReader, PostingTable
from indexer.errors import (
    IndexFormatError,
    IndexLockedError,
    IndexMissingError,
    IndexWriteError,
    UsageError,
)
from indexer.schema import (
    FORMAT_VERSION,
    GROUP_FIELD,
    ArticleRecord,
    index_texts,
    make_schema,
    stored_paragraph,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from indexer.model import Paragraph

MANIFEST = "manifest.json"
HOLDER = "writer.json"
INDEX_NAME = "passages"
OWN_FILES = re.compile(
    rf"{INDEX_NAME}_(?P<segment>[0-9a-z]+)\.[a-z]+|origins-[0-9]+\.json|manifest\.json\.new"
)
_SEGMENT_ID = re.compile("[0-9a-z]+")
_Part = TypeVar("_Part")


class FileState(NamedTuple):
    """What is remembered of one indexed file, to tell whether it changed.

    Attributes:
        size_bytes: its size.
        modified_ns: its modification time, since the epoch.
        digest: SHA-256 of its bytes, hexadecimal.
        settings: how it was read; reading it in another way is a change.
        articles: how many articles it gave.
        skipped: what of it was skipped and will be again: path, reason and detail of each.
    """

    size_bytes: int
    modified_ns: int
    digest: str
    settings: str
    articles: int
    skipped: tuple[tuple[str, str, str], ...] = ()


def _is_skipped(entry: object) -> bool:
    match entry:
        case [str(), str(), str()]:
            return True
    return False


def default_index_dir() -> Path:
    """Where the index lives when nothing names another place: the user's data folder."""
    from platformdirs import user_data_path  # noqa: PLC0415 - only when no place is named

    return user_data_path("passage-search") / "index"


def analysis_settings() -> dict[str, Any]:
    """What decides which terms a text is indexed under, as JSON types."""
    import Stemmer  # noqa: PLC0415 - a binary module, faster to ask than the package metadata

    return {"version": ANALYSIS_VERSION, "stemmer": Stemmer.version()}


def ranges(numbers: Iterable[int]) -> list[list[int]]:
    """Sorted half-open ranges that cover the numbers."""
    ranges: list[list[int]] = []
    for number in sorted(numbers):
        if ranges and ranges[-1][1] == number:
            ranges[-1][1] += 1
        else:
            ranges.append([number, number + 1])
    return ranges


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

    @classmethod
    def at(cls, path: Path) -> PassageIndex:
        """An index at a place, whether it is there yet or not; the first commit creates it."""
        return cls(FileStorage(str(path)), path)

    @classmethod
    def open(cls, path: Path) -> PassageIndex:
        """An existing index.

        Raises:
            IndexMissingError: there is none at the place.
            IndexFormatError: another version wrote it, or it is damaged.
        """
        index = cls.at(path)
        if not index.exists():
            named = shlex.quote(str(path))
            raise IndexMissingError(
                f"no index at {path}; create one with: indexer -i {named} add FILE..."
            )
        index.manifest()
        return index

    @classmethod
    def in_memory(cls) -> PassageIndex:
        """A new index that lives and dies with this object."""
        return cls(RamStorage(), None)

    def exists(self) -> bool:
        """Tell whether anything was ever committed."""
        return bool(self.storage.file_exists(MANIFEST))

    def manifest(self) -> dict[str, Any]:
        """The committed state; that of an empty index before the first commit.

        Raises:
            IndexFormatError: another version wrote it, or it is damaged.
        """
        if not self.exists():
            return {"generation": 0, "segments": [], "origins": None}
        manifest = self._read_json(MANIFEST)
        written = (manifest.get("format"), manifest.get("analysis"))
        if written != (FORMAT_VERSION, analysis_settings()):
            raise IndexFormatError(
                f"the index at {self.path} was written by {manifest.get('written_by', 'another')} "
                f"with other settings than this version's (format {FORMAT_VERSION}, "
                f"{analysis_settings()}); make a new one with: "
                f"indexer -i NEW_DIRECTORY add FILE..., or use the version that wrote it"
            )
        match manifest:
            case {"generation": int(), "origins": str(origins), "segments": [*segments]} if (
                OWN_FILES.fullmatch(origins) and all(map(_is_segment_entry, segments))
            ):
                return manifest
        raise self._damaged(f"{MANIFEST} does not say what belongs to it")

    def _read_json(self, name: str) -> dict[str, Any]:
        """The JSON object of a file; FileNotFoundError where there is none."""
        try:
            file = self.storage.open_file(name)
            try:
                found = json.loads(file.read())
            finally:
                file.close()
        except FileNotFoundError:
            raise
        except OSError as error:
            raise self._unreadable(error) from error
        except (ValueError, RecursionError) as error:
            raise self._damaged(f"{name} is not JSON") from error
        if not isinstance(found, dict):
            raise self._damaged(f"{name} is not a JSON object")
        return found

    def _damaged(self, fault: str) -> IndexFormatError:
        return IndexFormatError(
            f"the index at {self.path} is damaged: {fault}; "
            "restore it from a backup, or remove the directory and add the files again"
        )

    def _unreadable(self, error: OSError) -> IndexFormatError:
        return IndexFormatError(
            f"the index at {self.path} cannot be read: {error.strerror or error}; "
            "check the permissions of the directory"
        )

    def _read_committed(self, read: Callable[[dict[str, Any]], _Part]) -> _Part:
        """What read() makes of the manifest, all of it from one committed state.

        A commit that comes between removes files that the manifest it replaced had named; then
        read() is called anew, with the new one.
        """
        manifest = self.manifest()
        while True:
            try:
                return read(manifest)
            except FileNotFoundError as error:
                seen, manifest = manifest, self.manifest()
                if manifest == seen:
                    fault = f"{Path(error.filename).name} is missing"
                    raise self._damaged(fault) from error
            except OSError as error:
                raise self._unreadable(error) from error

    def origins(self) -> dict[str, FileState]:
        """The indexed files by absolute path."""
        return self._read_committed(self._read_origins)

    def snapshot(self) -> tuple[list[FlatSegmentReader], dict[str, FileState], int]:
        """The segments, the indexed files and the generation of one committed state."""

        def read(
            manifest: dict[str, Any],
        ) -> tuple[list[FlatSegmentReader], dict[str, FileState], int]:
            origins = self._read_origins(manifest)
            return self._open_segments(manifest), origins, manifest["generation"]

        return self._read_committed(read)

    def _read_origins(self, manifest: dict[str, Any]) -> dict[str, FileState]:
        name = manifest["origins"]
        if name is None:
            return {}
        states = {}
        for path, facts in self._read_json(name).items():
            match facts:
                case [int(), int(), str(), str(), int(), [*skipped]] if all(
                    map(_is_skipped, skipped)
                ):
                    states[path] = FileState(*facts)._replace(
                        skipped=tuple((name, reason, detail) for name, reason, detail in skipped)
                    )
                case _:
                    raise self._damaged(f"{name} does not say how {path} was read")
        return states

    def latest_generation(self) -> int:
        """How many commits the index has had."""
        generation: int = self.manifest()["generation"]
        return generation

    def last_modified(self) -> float:
        """When it was last committed, in seconds since the epoch; -1 for one in memory."""
        modified: float = self.storage.file_modified(MANIFEST)
        return modified

    def _read_toc(self) -> TOC:
        manifest = self.manifest()
        return TOC(self._schema, _segments(manifest), manifest["generation"])

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
        return self._read_committed(self._open_segments)

    def _open_segments(self, manifest: dict[str, Any]) -> list[FlatSegmentReader]:
        generation = manifest["generation"]
        return [
            FlatSegmentReader(self.storage, self._schema, segment, generation)
            for segment in _segments(manifest)
        ]

    def writer(self, *, wait_seconds: float = 0.0, **_: object) -> PassageWriter:
        """The one writer of the index.

        Args:
            wait_seconds: how long to wait for another writer to finish.

        Raises:
            IndexLockedError: another process still writes after that time.
            IndexWriteError: the place cannot be written to.
        """
        try:
            if self.path is not None:
                make_directory(self.path)
                self._refuse_other_folders(self.path)
            return PassageWriter(self, wait_seconds=wait_seconds)
        except LockError as error:
            raise IndexLockedError(
                f"the index at {self.path} is being written to by {self._holder()}; "
                "try again later, or wait for it with --wait SECONDS"
            ) from error
        except OSError as error:
            raise write_error(self.path, error) from error

    def _refuse_other_folders(self, path: Path) -> None:
        """Keep an index out of a folder of somebody's files."""
        if self.exists():
            return
        for name in sorted(os.listdir(path)):  # noqa: PTH208 - names are all that is needed
            if not name.startswith(INDEX_NAME) and name != HOLDER and not OWN_FILES.fullmatch(name):
                raise UsageError(
                    f"{path} holds other files ({name}) and no index; "
                    "name a new or empty directory for the index"
                )

    def _holder(self) -> str:
        try:
            holder = json.loads((self.path or Path()).joinpath(HOLDER).read_text("utf-8"))
            return f"process {holder['pid']} since {holder['since']}"
        except (OSError, ValueError, KeyError):
            return "another process"


def _is_segment_entry(entry: object) -> bool:
    """Tell whether the manifest can say this of a segment."""
    match entry:
        case {"id": str(name), "documents": int(count), "deleted": [*deleted]}:
            return bool(_SEGMENT_ID.fullmatch(name)) and all(
                isinstance(pair, list)
                and list(map(type, pair)) == [int, int]
                and 0 <= pair[0] < pair[1] <= count
                for pair in deleted
            )
    return False


def _segments(manifest: dict[str, Any]) -> list[FlatSegment]:
    return [
        FlatSegment(
            INDEX_NAME,
            entry["id"],
            entry["documents"],
            (doc for first, end in entry["deleted"] for doc in range(first, end)),
        )
        for entry in manifest["segments"]
    ]


def write_error(path: Path | None, error: OSError) -> IndexWriteError:
    """The error a user sees when the system refuses a write to an index."""
    return IndexWriteError(
        f"the index at {path} cannot be written: {error.strerror or error}; "
        "nothing was changed: check free space and permissions, then run the command again"
    )


class Merge(Enum):
    """What a commit does with the segments that are there."""

    SMALL = "small"  # rewrite those that are small beside the new one
    ALL = "all"  # make one segment without deleted documents


_MergePolicy: TypeAlias = "Callable[[PassageWriter, list[FlatSegment]], list[FlatSegment]]"


class PassageWriter(SegmentWriter):  # type: ignore[misc]
    """A Whoosh writer that adds and deletes whole articles and commits with the manifest."""

    def __init__(self, index: PassageIndex, *, wait_seconds: float = 0.0) -> None:
        self._index = index
        self._origins: dict[str, FileState] | None = None
        try:
            super().__init__(
                index, timeout=wait_seconds, codec=FlatCodec(GROUP_FIELD), compound=False
            )
            self._note_holder()
            self.pool = PostingTable()
            self.old_segments = index.segment_readers()
            # What is deleted is noted in the very segments that are read when they are merged.
            self.segments = [reader.segment() for reader in self.old_segments]
        except BaseException:
            super()._cleanup_on_error()  # or the lock would be held as long as the error is
            raise

    def _note_holder(self) -> None:
        """Leave word of who holds the lock; it counts only while the lock is held."""
        if self._index.path is not None:
            holder = {"pid": os.getpid(), "since": time.strftime("%Y-%m-%d %H:%M:%S")}
            with contextlib.suppress(OSError):
                (self._index.path / HOLDER).write_text(json.dumps(holder), "utf-8")

    def add_article(self, record: ArticleRecord, paragraphs: Sequence[Paragraph]) -> None:
        """Add one article as a group of documents: its record, then its paragraphs in order."""
        documents, table, parent = self.perdocwriter, self.pool, self.docnum
        title = index_texts((record.title,), record.language)
        author = index_texts((record.author,), record.language)
        table.add_text("title_exact", parent, title.exact)
        table.add_text("title_stems", parent, title.stems)
        table.add_text("author_exact", parent, author.exact)
        for field, value in (
            ("article", record.article_id),
            ("origin", record.origin),
            ("url", record.url),
            ("language", record.language),
            ("published", record.published.isoformat() if record.published else ""),
        ):
            if value:
                table.add_text(field, parent, {encoded(value): 0})

        bodies = [index_texts((paragraph.text,), record.language) for paragraph in paragraphs]
        total = sum(body.length for body in bodies)
        documents.add_raw(
            stored_bytes(record.stored()), {"title": title.length, "article": total}, parent
        )
        headings: tuple[str, ...] | None = None
        for doc, (paragraph, body) in enumerate(zip(paragraphs, bodies, strict=True), parent + 1):
            table.add_text("exact", doc, body.exact)
            table.add_text("stems", doc, body.stems)
            if paragraph.headings != headings:
                headings = paragraph.headings
                trail = index_texts(headings, record.language)
            table.add_text("heading_exact", doc, trail.exact)
            table.add_text("heading_stems", doc, trail.stems)
            lengths = {"body": body.length, "headings": trail.length}
            documents.add_raw(stored_bytes(stored_paragraph(paragraph)), lengths, parent)
        self.docnum += 1 + len(paragraphs)
        self._added = True

    def has_article(self, article_id: str) -> bool:
        """Tell whether a committed article of that id is there and not deleted."""
        return any(True for _ in self._records("article", article_id))

    def articles_of(self, origin: str) -> list[ArticleRecord]:
        """The committed articles that were read from a file."""
        return [_article(reader, doc) for reader, _, doc in self._records("origin", origin)]

    def _records(
        self, field: str, value: str
    ) -> Iterator[tuple[FlatSegmentReader, FlatSegment, int]]:
        """Yield the live article records with a value in a field."""
        term = encoded(value)
        for reader, segment in zip(self.old_segments, self.segments, strict=True):
            postings = reader.field_postings(field)
            place = postings.find(term) if postings else -1
            if postings is not None and place >= 0:
                yield from (
                    (reader, segment, doc)
                    for doc in postings.docs(place)
                    if doc not in segment.deleted
                )

    def delete_articles(self, field: str, value: str) -> list[ArticleRecord]:
        """Delete the committed articles whose article or origin is the value, and return them."""
        records = list(self._records(field, value))
        for reader, segment, record in records:
            end = bisect_right(reader.documents.parents, record, record)
            segment.deleted.update(range(record, end))
        return [_article(reader, record) for reader, _, record in records]

    def delete_document(self, docnum: int, delete: bool = True) -> None:  # noqa: FBT001, FBT002
        """Delete a document, an article record with all its paragraphs, or take that back."""
        super().delete_document(docnum, delete)
        segment, doc = self._segment_and_docnum(docnum)
        parents = self.old_segments[self.segments.index(segment)].documents.parents
        for child in range(doc + 1, bisect_right(parents, doc, doc)):
            segment.delete_document(child, delete)

    def commit_with(self, origins: dict[str, FileState], *, merge: Merge = Merge.SMALL) -> None:
        """Commit everything since the writer was opened, and the new list of files.

        Raises:
            IndexWriteError: the system refused; the committed state is what it was.
        """
        self._origins = origins
        self.commit(mergetype=_POLICIES[merge])

    def commit(self, **how: Any) -> None:
        """Commit everything since the writer was opened; keywords are those of Whoosh.

        Raises:
            IndexWriteError: the system refused; the committed state is what it was.
        """
        try:
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
        documents = reader.documents
        fields = ("body", "headings", "title", "article")
        lengths = {name: found for name in fields if (found := documents.lengths(name))}
        for old, new in enumerate(live):
            if new >= 0:
                own = {name: found[old] for name, found in lengths.items() if found[old]}
                parent = live[documents.parents[old]]
                self.perdocwriter.add_raw(documents.stored_bytes(old), own, parent)
                self.docnum += 1
        for name in self.schema.names():
            postings = reader.field_postings(name)
            if postings is not None:
                self.pool.merge(name, postings, live)
        self._added = self.docnum > 0  # a segment without documents has no files

    def _commit_toc(self, segments: Sequence[FlatSegment]) -> None:
        origins = self._index.origins() if self._origins is None else self._origins
        origins_name = f"origins-{self.generation}.json"
        self._write_file(origins_name, json.dumps(origins, ensure_ascii=False))
        manifest = {
            "format": FORMAT_VERSION,
            "analysis": analysis_settings(),
            "written_by": "" if self._index.path is None else _program(),
            "generation": self.generation,
            "origins": origins_name,
            "segments": [
                {
                    "id": segment.segid,
                    "documents": segment.doc_count_all(),
                    "deleted": ranges(segment.deleted),
                }
                for segment in segments
            ],
        }
        self._sync(self.newsegment.list_files(self.storage))
        new = f"{MANIFEST}.new"
        self._write_file(new, json.dumps(manifest))
        if self._index.path is None:
            self.storage.rename_file(new, MANIFEST)
        else:
            (self._index.path / new).replace(self._index.path / MANIFEST)
            sync_directory(self._index.path)
        self._remove_unnamed_files()

    def _write_file(self, name: str, text: str) -> None:
        with self.storage.create_file(name) as file:
            file.write(text.encode("utf-8", "surrogatepass"))
        self._sync([name])

    def _sync(self, names: Iterable[str]) -> None:
        """Have files on the disk itself before anything names them."""
        path = self._index.path
        if path is None:
            return
        for name in names:
            with (path / name).open("rb+") as file:
                os.fsync(file.fileno())
        sync_directory(path)

    def _remove_unnamed_files(self) -> None:
        """Remove what no committed state names: merged segments, leftovers of killed writers."""
        manifest = self._index.manifest()
        named = {MANIFEST, manifest["origins"]}
        ids = {entry["id"] for entry in manifest["segments"]}
        for name in list(self.storage):
            own = OWN_FILES.fullmatch(name)
            if own and name not in named and own["segment"] not in ids:
                with contextlib.suppress(OSError):
                    self.storage.delete_file(name)

    # Files are removed and the name of the holder is taken away while the lock is still held, or
    # those of the next writer would be hit.

    def cancel(self) -> None:
        """Give up everything since the writer was opened."""
        self._check_state()
        self.perdocwriter.discard()
        try:
            self._remove_unnamed_files()
        finally:
            super().cancel()

    def _cleanup_on_error(self) -> None:
        with contextlib.suppress(IndexFormatError):
            self._remove_unnamed_files()
        self._forget_holder()
        super()._cleanup_on_error()

    def _finish(self) -> None:
        self._forget_holder()
        super()._finish()

    def _forget_holder(self) -> None:
        if self._index.path is not None:
            with contextlib.suppress(OSError):
                (self._index.path / HOLDER).unlink()


def _article(reader: FlatSegmentReader, doc: int) -> ArticleRecord:
    return ArticleRecord.from_stored(reader.documents.stored_fields(doc).get("record", {}))


def stored_bytes(record: dict[str, Any]) -> bytes:
    """The stored form of a document."""
    text = json.dumps({"record": record}, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


def _program() -> str:
    from importlib.metadata import (  # noqa: PLC0415 - slow to load, and only writers need it
        PackageNotFoundError,
        version,
    )

    try:
        return f"passage-search {version('passage-search')}"
    except PackageNotFoundError:
        return "passage-search, not installed"


def make_directory(path: Path) -> None:
    """Have a directory and those above it, on the disk too."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    path.mkdir(parents=True, exist_ok=True)
    for folder in missing:
        sync_directory(folder.parent)


def sync_directory(path: Path) -> None:
    """Have the names of a directory on the disk; systems without such a thing are left alone."""
    if os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


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


_POLICIES = {Merge.SMALL: _merge_small, Merge.ALL: _merge_all}

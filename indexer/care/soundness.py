"""Whether a segment is what its writer left: every checksum, and that its parts fit each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.errors import IndexDamagedError, IndexFormatError
from indexer.paragraphs import digest_of
from indexer.storage.arrays import ArrayFile
from indexer.storage.documents import DOCUMENTS_EXT, Documents
from indexer.storage.manifest import INDEX_NAME
from indexer.storage.postings import POSTINGS_EXT, PostingsFile
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from indexer.model import ArticleRecord
    from indexer.storage.manifest import SegmentEntry

# What a file may raise whose checksums are right, and which somebody else made.
_NONSENSE = (ValueError, TypeError, KeyError, IndexError, OverflowError, AttributeError)


# The record of an article of one paragraph, and that.
_SINGLE_DOCUMENTS = 2

_NO_FILE = (FileNotFoundError, IsADirectoryError)


class Fault(NamedTuple):
    """What is wrong with a file of an index, named as in its directory."""

    file: str
    what: str


class _WrongError(Exception):
    """What is wrong with something whose checksums are right."""


def fault_of(error: Exception) -> str:
    """The fault that an error tells."""
    if isinstance(error, _NO_FILE):
        return "it is missing" if isinstance(error, FileNotFoundError) else "it is no file"
    if isinstance(error, IndexFormatError):
        return error.fault if isinstance(error, IndexDamagedError) else str(error)
    return str(error) if isinstance(error, _WrongError) else "what it says makes no sense"


class SegmentCheck:
    """A segment that is looked at.

    Attributes:
        entry: what the manifest says of it.
        articles: the ids of its live articles, once faults() was gone through.
        origins: the file of each of those.
        passages: how many those have.
        size_bytes: of its files.
    """

    def __init__(self, path: Path, entry: SegmentEntry) -> None:
        self._path = path
        self._name = f"{INDEX_NAME}_{entry.segment_id}"
        self.entry = entry
        self.articles: list[str] = []
        self.origins: list[str] = []
        self.passages = 0
        self.size_bytes = 0

    def faults(self) -> Iterator[Fault]:
        """Yield what is wrong with it; of what hangs together only the first.

        Raises: OSError where the system does not let it be read.
        """
        documents, postings = self._name + DOCUMENTS_EXT, self._name + POSTINGS_EXT
        arrays = {}
        for name in (documents, postings):
            try:
                arrays[name] = self._whole(name)
            except (IndexFormatError, _WrongError, *_NO_FILE) as error:
                yield Fault(name, fault_of(error))
        if len(arrays) < 2:
            return
        of_fields = PostingsFile(arrays[postings])
        flawed = list(self._flaws(of_fields))
        yield from (Fault(postings, flaw) for flaw in flawed)
        if flawed:
            return
        try:
            self._look_at_documents(Documents(arrays[documents], self.entry.documents), of_fields)
        except (IndexFormatError, _WrongError, *_NONSENSE) as error:
            yield Fault(documents, fault_of(error))

    def _flaws(self, postings: PostingsFile) -> Iterator[str]:
        """Yield what is wrong with fields."""
        from indexer.storage.flaws import flaw_in  # noqa: PLC0415 - loads numpy

        for field in postings.fields():
            try:
                of_field = postings.field(field)
                flaw = flaw_in(of_field, self.entry.documents) if of_field else ""
            except (IndexFormatError, *_NONSENSE) as error:
                flaw = fault_of(error)
            if flaw:
                yield f"in the field {field}, {flaw}"

    def _whole(self, name: str) -> ArrayFile:
        """A file whose bytes are all as they were written; raises what is wrong with it."""
        path = self._path / name
        arrays = ArrayFile.open(path)
        self.size_bytes += path.stat().st_size
        pages = list(arrays.damaged_pages())
        if pages:
            more = f", and {len(pages) - 1:,} more" if len(pages) > 1 else ""
            raise _WrongError(f"its page from byte {pages[0]:,} on was changed{more}")
        return arrays

    def _look_at_documents(self, documents: Documents, postings: PostingsFile) -> None:
        """Raise what is wrong with documents."""
        deleted = set(self.entry.deleted_docs())
        values = {
            name: field.by_doc() if (field := postings.field(name)) else {}
            for name in ("article", "origin", "language")
        }
        doc = records = 0
        while doc < self.entry.documents:
            own = range(doc, documents.children(doc).stop)
            if any(documents.parents[one] != doc for one in own):
                raise _WrongError(f"document {doc} belongs to no article")
            if len(gone := deleted.intersection(own)) not in {0, len(own)}:
                raise _WrongError(f"document {min(gone)} is deleted without its article")
            if documents.are_single and len(own) != _SINGLE_DOCUMENTS:
                raise _WrongError(f"the article of document {doc} is not of one paragraph")
            article = _article_of(documents, own, values)
            records += 1
            if not gone:
                self.articles.append(article.article_id)
                self.origins.append(article.origin)
                self.passages += article.paragraphs
            doc = own.stop
        if records != documents.records:
            raise _WrongError(f"it has {records:,} articles and not {documents.records:,}")
        for name in documents.fields:
            if sum(documents.lengths(name) or ()) != documents.total_length(name):
                raise _WrongError(f"the lengths of {name} do not add up")
        if documents.sketches is not None and (flaw := documents.sketches.flaw()):
            raise _WrongError(flaw)


def _article_of(
    documents: Documents, own: range, values: Mapping[str, Mapping[int, str]]
) -> ArticleRecord:
    """The article of some documents; raises what is wrong with it."""
    doc = own.start
    article = documents.article(doc)
    told = {"article": article.article_id, "origin": article.origin, "language": article.language}
    for name, value in told.items():
        if values[name].get(doc, "") != value:
            raise _WrongError(f"document {doc} is not found by its {name}")
    twins: dict[str, int] = {}
    for child in own[1:]:
        paragraph = documents.paragraph(child, article.article_id)
        digest = digest_of(paragraph.text)
        twins[digest] = twin = twins.get(digest, 0) + 1
        if paragraph.digest != (digest if twin == 1 else f"{digest}-{twin}"):
            raise _WrongError(f"the text of document {child} is not that of its id")
    bodies, totals = documents.lengths("body"), documents.lengths("article")
    if bodies and (not totals or sum(bodies[own.start : own.stop]) != totals[doc]):
        raise _WrongError(f"the length of the article of document {doc} is wrong")
    return article

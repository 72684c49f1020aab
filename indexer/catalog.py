"""What an index holds: its articles, and figures of it as a whole."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from indexer.schema import GROUP_FIELD, ArticleRecord

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from indexer.codec import FlatSegmentReader
    from indexer.store import PassageIndex


@dataclass(frozen=True, slots=True)
class IndexStats:
    """Figures of an index; only what a search can find counts.

    Attributes:
        path: its directory.
        articles, passages: how many it holds.
        files: how many files they were read from.
        words: different terms of the passages, whole words and parts of joined ones.
        positions: running words of the passages.
        languages: articles by language.
        segments: parts that searches go through.
        deleted: documents that are deleted and still take space.
        size_bytes: of its files.
        generation: how many commits it has had.
    """

    path: Path
    articles: int
    passages: int
    files: int
    words: int
    positions: int
    languages: dict[str, int]
    segments: int
    deleted: int
    size_bytes: int
    generation: int


def articles_of(index: PassageIndex) -> list[ArticleRecord]:
    """The articles of an index by id."""
    return sorted(_articles(index.segment_readers()), key=lambda record: record.article_id)


def _articles(readers: Iterable[FlatSegmentReader]) -> Iterator[ArticleRecord]:
    for reader in readers:
        postings = reader.field_postings(GROUP_FIELD)
        deleted = reader.segment().deleted
        for place in range(len(postings) if postings else 0):
            for doc in postings.docs(place) if postings else ():
                if doc not in deleted:
                    stored = reader.documents.stored_fields(doc)
                    yield ArticleRecord.from_stored(stored.get("record", {}))


def stats_of(index: PassageIndex, path: Path) -> IndexStats:
    """Figures of an index on disk."""
    readers, origins, generation = index.snapshot()
    records = list(_articles(readers))
    words: set[bytes] = set()
    positions = 0
    for reader in readers:
        deleted = reader.segment().deleted
        lengths = reader.documents.lengths("body") or ()
        positions += sum(length for doc, length in enumerate(lengths) if doc not in deleted)
        postings = reader.field_postings("exact")
        if postings is not None:
            words.update(
                postings.term(place)
                for place in range(len(postings))
                if not deleted or not deleted.issuperset(postings.docs(place))
            )
    return IndexStats(
        path=path,
        articles=len(records),
        passages=sum(record.paragraphs for record in records),
        files=len(origins),
        words=len(words),
        positions=positions,
        languages=dict(sorted(Counter(one.language or "unknown" for one in records).items())),
        segments=len(readers),
        deleted=sum(len(reader.segment().deleted) for reader in readers),
        size_bytes=sum(map(_size_bytes, path.iterdir())),
        generation=generation,
    )


def _size_bytes(file: Path) -> int:
    try:
        return file.stat().st_size if file.is_file() else 0
    except FileNotFoundError:  # a commit has just removed it
        return 0

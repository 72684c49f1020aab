"""What an index holds: its articles, and figures of it as a whole."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from indexer.storage.disk import directory_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from indexer.model import ArticleRecord
    from indexer.storage.index import PassageIndex


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
        deleted_share: those of all documents, from 0 to 1.
        size_bytes: of its files.
        parts: how many bytes its texts, terms and postings take, what belongs to documents beside
            their texts, and the rest: lists of files, manifests, checksums.
        generation: how many commits it has had.
        committed: when the last one was, in UTC, as ISO 8601 has it.
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
    deleted_share: float
    size_bytes: int
    parts: dict[str, int]
    generation: int
    committed: str


def articles_of(index: PassageIndex) -> list[ArticleRecord]:
    """The articles of an index by id."""
    records = (record for segment in index.segments() for record in segment.articles())
    return sorted(records, key=lambda record: record.article_id)


def stats_of(index: PassageIndex, path: Path) -> IndexStats:
    """Figures of an index on disk."""
    segments, origins, manifest = index.snapshot()
    records = [record for segment in segments for record in segment.articles()]
    words: set[bytes] = set()
    for segment in segments:
        postings = segment.postings("exact")
        if postings is not None:
            words.update(
                postings.term(place)
                for place in range(len(postings))
                if segment.live_count_at(postings, place)
            )
    deleted = sum(len(segment.deleted) for segment in segments)
    size = directory_bytes(path)
    parts = Counter[str](texts=0, terms=0, postings=0, documents=0)
    for segment in segments:
        parts.update(segment.parts())
    parts["other"] = size - parts.total()
    return IndexStats(
        path=path,
        articles=len(records),
        passages=sum(record.paragraphs for record in records),
        files=len(origins),
        words=len(words),
        positions=sum(segment.live_length("body") for segment in segments),
        languages=dict(sorted(Counter(one.language or "unknown" for one in records).items())),
        segments=len(segments),
        deleted=deleted,
        deleted_share=deleted / (sum(map(len, segments)) or 1),
        size_bytes=size,
        parts=dict(parts),
        generation=manifest.generation,
        committed=manifest.committed,
    )

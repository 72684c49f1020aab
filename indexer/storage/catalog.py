"""What an index holds: its articles, and figures of it as a whole."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.storage.committed import is_address
from indexer.storage.disk import directory_bytes
from indexer.storage.remote.index import RemoteIndex

if TYPE_CHECKING:
    from indexer.model import ArticleRecord
    from indexer.storage.index import PassageIndex
    from indexer.storage.places import Place


@dataclass(frozen=True, slots=True)
class IndexStats:
    """Figures of an index; only what a search can find counts.

    Attributes:
        path: its directory, or its address.
        articles, passages: how many it holds.
        files: how many files they were read from.
        words: different terms of the passages, whole words and parts of joined ones; in a cluster
            those of titles, headings and authors too, and of what was removed.
        positions: running words of the passages.
        languages: articles by language.
        segments: parts that searches go through.
        deleted: documents that are deleted and still take space.
        deleted_share: those of all documents, from 0 to 1.
        size_bytes: of its files.
        parts: how many bytes its texts, terms and postings take, what belongs to documents beside
            their texts, and the rest: lists of files, manifests, checksums; in a cluster what its
            two indices take.
        generation: how many commits it has had.
        committed: when the last one was, in UTC, as ISO 8601 has it.
    """

    path: Path | str
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


def articles_of(index: PassageIndex | RemoteIndex) -> list[ArticleRecord]:
    """The articles of an index by id."""
    return sorted(index.articles(), key=lambda record: record.article_id)


def size_of(place: Place) -> int:
    """How many bytes the files of an index take; of one in a cluster, copies left out."""
    if is_address(place):
        figures = RemoteIndex.open(str(place)).figures()
        return figures.passage_bytes + figures.state_bytes
    return directory_bytes(Path(place))


def stats_of(index: PassageIndex | RemoteIndex, place: Place) -> IndexStats:
    """Figures of an index, which is at a place."""
    if isinstance(index, RemoteIndex):
        return _remote_stats(index)
    return _local_stats(index, Path(place))


def _remote_stats(index: RemoteIndex) -> IndexStats:
    state, figures, files = index.state(), index.figures(), index.origins()
    return IndexStats(
        path=str(index.address),
        articles=state.sums.articles,
        passages=state.sums.passages,
        files=len(files),
        words=sum(page.words for page in state.words),
        positions=state.sums.body,
        languages={name or "unknown": count for name, (count, _) in state.languages.items()},
        segments=figures.segments,
        deleted=figures.deleted,
        deleted_share=figures.deleted / (figures.deleted + figures.documents or 1),
        size_bytes=figures.passage_bytes + figures.state_bytes,
        parts={"passages": figures.passage_bytes, "state": figures.state_bytes},
        generation=state.commits,
        committed=state.committed,
    )


def _local_stats(index: PassageIndex, path: Path) -> IndexStats:
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

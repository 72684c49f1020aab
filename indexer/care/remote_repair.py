"""An index in a cluster made whole again: what is whole stays, the rest is read from its files."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from indexer.build import refresh_files
from indexer.care.remote import groups, look, whole_article
from indexer.care.repair import Lost, RepairReport
from indexer.storage.manifest import FileState
from indexer.storage.remote.beginning import begin_with_what_is_there
from indexer.storage.remote.documents import Analysis, made_article
from indexer.storage.remote.index import RemoteIndex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from indexer.care.remote import RemoteFound
    from indexer.storage.remote.writer import RemoteWriter


def repair_remote(
    place: str, *, wait_seconds: float = 0.0, on_commit: Callable[[], None] = lambda: None
) -> RepairReport:
    """Make an index in a cluster whole; where its state is lost, of the documents that are there.

    Args:
        place: its address.
        wait_seconds: how long to wait for another writer.
        on_commit: called when what is whole is known; the next step is to commit that.

    Raises: as check_remote(), and what a writer raises.
    """
    index = RemoteIndex.at(place)
    begin_with_what_is_there(index.client)  # or an index would be made to find that there is none
    with index.writing(wait_seconds=wait_seconds, begin_with=begin_with_what_is_there) as writer:
        found = look(index, writer.begun)
        if not found.faults:
            return RepairReport((), kept=found.articles)
        origins = writer.origins()
        named = {lost.origin: 0 for of_key in found.broken.values() for lost in of_key}
        held = named | {origin: count for origin, (_, count) in found.differing.items()}
        held.pop("", None)
        there = {origin for origin in held if os.path.isfile(origin)}  # noqa: PTH113
        for origin, count in held.items():
            state = origins.get(origin)
            if state is None and not count and origin not in there:
                continue
            settings = state.settings if state else ""
            articles = count if origin in found.differing or state is None else state.articles
            origins[origin] = FileState.to_read(articles, settings)
        writer.mend(found.state, found.broken)
        if not found.has_all_words:
            _add_words(index, found, writer)
        writer.commit_with(origins, on_commit=on_commit)
    refresh_files(there, place, wait_seconds=wait_seconds)
    return RepairReport(
        faults=found.faults,
        kept=found.articles,
        read_again=tuple(sorted(there)),
        lost=tuple(_still_missing(index, found, there)),
        removed_may_be_back=found.has_forgotten,
    )


def _still_missing(index: RemoteIndex, found: RemoteFound, there: set[str]) -> Iterator[Lost]:
    """Yield what is not in the index for all that, once each."""
    ids = {article.article_id for article in index.articles()}
    broken = dict.fromkeys(lost for of_key in found.broken.values() for lost in of_key)
    yield from (one for one in broken if one.article_id not in ids)
    named = {*there, *(one.origin for one in broken)}
    for origin, (told, count) in sorted(found.differing.items()):
        if count < told and origin not in named:
            yield Lost("", origin)


def _add_words(index: RemoteIndex, found: RemoteFound, writer: RemoteWriter) -> None:
    """Have the writer take the words of all whole articles anew."""
    analysis = Analysis()
    for key, sources in groups(index, writer.begun.state):
        if key not in found.broken:
            article, paragraphs = whole_article(sources)
            writer.add_words(made_article(article, paragraphs, "", 0, analysis).words)

"""An index -> another place, a directory or a cluster, without the files it was made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.errors import UsageError
from indexer.storage.builder import DEFAULT_MEMORY_BYTES
from indexer.storage.places import AS_USUAL, index_at, open_index
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from indexer.storage.places import Place, Spread


class CopyReport(NamedTuple):
    """What was copied: so many articles, with so many passages, of so many files."""

    articles: int
    passages: int
    files: int


def copy_index(
    source: Place,
    target: Place,
    *,
    spread: Spread = AS_USUAL,
    wait_seconds: float = 0.0,
    jobs: int = 1,
    memory_bytes: int = DEFAULT_MEMORY_BYTES,
    on_share: Callable[[float], None] = lambda _share: None,
    on_commit: Callable[[], None] = lambda: None,
) -> CopyReport:
    """Copy an index in one commit: ids, languages, former ids, and what is known of its files.

    Args:
        source: the directory of an index, or its address.
        target: where there is no index yet, or one that holds nothing.
        spread: how it is spread, if it is made in a cluster.
        wait_seconds: how long to wait for another writer of the target.
        jobs: processes that share the work, where the target is a directory.
        memory_bytes: how much memory inverting may take, about.
        on_share: called with the share that is done, from 0 to 1.
        on_commit: called when all is ready; the next step is the commit.

    Raises:
        UsageError: the target holds articles.
        IndexMissingError: there is no source.
        IndexFormatError: another version wrote one of them, or it is damaged.
        IndexLockedError: another process writes to the target.
        IndexWriteError: the target cannot be written to; nothing was changed.
    """
    given = open_index(source)
    made = index_at(target, spread)
    with made.writing(wait_seconds=wait_seconds, jobs=jobs, memory_bytes=memory_bytes) as writer:
        held = sum(writer.languages().values()) or len(writer.origins())
        if held:
            raise UsageError(
                f"the index at {target} is not empty",
                hint="copy to a new place, or add the files there",
            )
        whole = given.whole()
        articles = passages = 0
        for record, paragraphs in whole.articles:
            on_share(articles / whole.total)
            writer.add_article(record, paragraphs)
            articles += 1
            passages += len(paragraphs)
        writer.commit_with(whole.origins, on_commit=on_commit)
    return CopyReport(articles, passages, len(whole.origins))

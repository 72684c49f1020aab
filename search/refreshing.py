"""A search that first brings the articles it finds up to date with their files.

What is found is looked at, what has changed of it is indexed, and the search is repeated: its page
may have other passages then, whose files may have changed as well.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from indexer.errors import IndexLockedError, IndexWriteError

if TYPE_CHECKING:
    from collections.abc import Callable

    from search.index import Index
    from search.model import Page
    from search.request import Request

# A page that goes on changing after so many is shown as it is.
_MOST_ROUNDS = 3
# How long to wait for another writer, which may be about to do the same.
WAIT_SECONDS = 2.0


def answer_refreshed(
    index: Index, request: Request, *, looked_at: int, on_note: Callable[[str], None]
) -> Page:
    """Answer a request from articles that are up to date with their files.

    Where they cannot be brought up to date the page is as it would have been, and on_note is told
    why. New files are not found: the index does not know them.

    Args:
        index: it follows what is committed.
        request: what is asked.
        looked_at: how many passages have their files looked at; the page may have fewer.
        on_note: called with lines of what was done.
    """
    asked = request if request.limit == looked_at else replace(request, limit=looked_at)
    page = index.answer(asked)
    updated = removed = 0
    for _ in range(_MOST_ROUNDS):
        if not any(passage.stale for passage in page.passages):
            break
        try:
            report = index.bring_up_to_date(page, wait_seconds=WAIT_SECONDS)
        except (IndexLockedError, IndexWriteError) as error:
            # Searches take no --wait, which the hint of a lock names.
            told = error.message if isinstance(error, IndexLockedError) else error
            on_note(f"what has changed is shown as it was indexed: {told}")
            break
        for skipped in report.skipped:
            on_note(f"skipped {skipped.path}: {skipped.detail}")
        updated += report.added + report.updated
        removed += report.removed
        if not (report.added or report.updated or report.removed):
            break
        page = index.answer(asked)
    if updated or removed:
        on_note(_done(updated, removed))
        if any(passage.stale for passage in page.passages):
            on_note("others have come up that have changed; run the command again for these")
    return page if asked is request else index.answer(request)


def _done(updated: int, removed: int) -> str:
    """What was done, in words.

    >>> _done(2, 1), _done(0, 1)
    ('brought 2 articles up to date, removed 1', 'removed 1 article')
    """
    if not updated:
        return f"removed {removed:,} article{'' if removed == 1 else 's'}"
    brought = f"brought {updated:,} article{'' if updated == 1 else 's'} up to date"
    return f"{brought}, removed {removed:,}" if removed else brought

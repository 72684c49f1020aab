"""The lines of a batch -> their answers, one at a time through the queue, each a line of JSON.

Each is as the command's ``--batch --json`` gives it: a page with "id", or "error" in the place of
one that has none. A fault of the index, which all lines would have, ends the answers, and so does
the end of the time that one request may take: the line that had none left says so.
"""

from __future__ import annotations

import io
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from indexer.errors import IndexFaultError, PassageSearchError, UsageError
from search.batch import Asked, BadLine, read_batch
from search.deadline import SearchTimeoutError
from search.output.render import render_bad_line
from search.serve.limits import MOST_CONTEXT, MOST_PASSAGES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from search.request import Request
    from search.serve.api.giving import Giving
    from search.serve.service import Service
    from search.serve.source import Served


async def batch_lines(
    service: Service, lines: bytes, defaults: Request, giving: Giving
) -> AsyncIterator[str]:
    """Yield the answer to each line, when the one before is taken.

    Args:
        service: what is asked.
        lines: as of ``search.batch``.
        defaults: what a line does not say.
        giving: how each page is given.
    """
    end = time.monotonic() + service.limits.timeout_seconds
    for one in read_batch(io.BytesIO(lines), defaults):
        if time.monotonic() > end:
            error = SearchTimeoutError(
                "the time of a batch was over", hint=f"send it anew from line {one.line} on"
            )
            yield render_bad_line(one.query_id, one.line, error.failure())
            return
        try:
            yield await _answer(service, one, giving)
        except PassageSearchError as error:
            yield render_bad_line(one.query_id, one.line, error.failure())
            if isinstance(error, IndexFaultError):
                return


async def _answer(service: Service, one: Asked | BadLine, giving: Giving) -> str:
    if isinstance(one, BadLine):
        raise one.error
    due = service.due(_bounded(one.request))

    def answered(served: Served) -> str:
        return giving.given(served.index.answer(due.now()), one.query_id)[1]

    return await service.ask(answered)


def _bounded(request: Request) -> Request:
    """The request of a line, if it asks for no more than one may."""
    if request.context > MOST_CONTEXT:
        raise UsageError(f"context must be {MOST_CONTEXT} at most, not {request.context}")
    if request.ids and request.limit == sys.maxsize:  # which is not said
        return replace(request, limit=MOST_PASSAGES)
    if request.limit > MOST_PASSAGES:
        raise UsageError(
            f"limit must be {MOST_PASSAGES:,} at most",
            hint="go on with the next of the answer as the offset",
        )
    return request

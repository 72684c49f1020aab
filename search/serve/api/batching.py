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
from itertools import islice
from typing import TYPE_CHECKING

from indexer.errors import IndexFaultError, PassageSearchError, UsageError
from search.batch import Asked, BadLine, read_batch
from search.deadline import SearchTimeoutError
from search.output.render import render_bad_line
from search.serve.due import Due
from search.serve.limits import MOST_CONTEXT, MOST_PASSAGES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from search.request import Request
    from search.serve.api.giving import Giving
    from search.serve.service import Service
    from search.serve.source import Served


async def batch_lines(
    service: Service, lines: bytes, defaults: Request, giving: Giving
) -> AsyncIterator[str]:
    """Yield the answer to each line, when the one before is taken.

    Lines that the index answers together take one turn.

    Args:
        service: what is asked.
        lines: as of ``search.batch``.
        defaults: what a line does not say.
        giving: how each page is given.
    """
    end = time.monotonic() + service.limits.timeout_seconds
    asked = read_batch(io.BytesIO(lines), defaults)
    for first in asked:
        if time.monotonic() > end:
            error = SearchTimeoutError(
                "the time of a batch was over", hint=f"send it anew from line {first.line} on"
            )
            yield _told(first, error)
            return
        some = _Lines(first, asked, service, giving)
        try:
            answers = await service.ask(some.answers)
        except PassageSearchError as error:
            answers = some.refused(error)
        for answer in answers:
            yield answer
        if some.is_last:
            return


class _Lines:
    """A line and those after it that are answered in the same turn.

    Attributes:
        taken: those that were taken so far.
        is_last: whether nothing is answered after them.
    """

    def __init__(
        self,
        first: Asked | BadLine,
        others: Iterator[Asked | BadLine],
        service: Service,
        giving: Giving,
    ) -> None:
        self.taken = [first]
        self.is_last = False
        self._others = others
        self._service = service
        self._giving = giving
        self._dues = [self._due(first)]

    def refused(self, error: PassageSearchError) -> list[str]:
        """What is told of them where they were not asked."""
        self.is_last = isinstance(error, IndexFaultError)
        first = self.taken[0]
        return [_told(first, first.error if isinstance(first, BadLine) else error)]

    def answers(self, served: Served) -> list[str]:
        """What is answered to them."""
        for one in islice(self._others, served.index.together - 1):
            self.taken.append(one)
            self._dues.append(self._due(one))
        asks = served.index.ask_together([due.now() for due in self._dues if isinstance(due, Due)])
        answers = []
        for one, due in zip(self.taken, self._dues, strict=True):
            try:
                if isinstance(due, PassageSearchError):
                    raise due
                answers.append(self._giving.given(next(asks)(), one.query_id)[1])
            except PassageSearchError as error:
                answers.append(_told(one, error))
                if isinstance(error, IndexFaultError):
                    self.is_last = True
                    break
        return answers

    def _due(self, one: Asked | BadLine) -> Due | PassageSearchError:
        """The request of a line with the time that it has from now on, or what is wrong with it."""
        if isinstance(one, BadLine):
            return one.error
        try:
            return self._service.due(_bounded(one.request))
        except UsageError as error:
            return error


def _told(one: Asked | BadLine, error: PassageSearchError) -> str:
    return render_bad_line(one.query_id, one.line, error.failure())


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

"""/healthz: whether the service can answer, for what watches over it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from indexer.errors import EXIT_INDEX, Failure, PassageSearchError
from search.serve.guard.asking import HEALTH_PATH, IS_KNOWN
from search.serve.problems import problem, status_of

if TYPE_CHECKING:
    from starlette.requests import Request as HttpRequest

    from search.serve.service import Service

_FRESH = {"Cache-Control": "no-store"}


class Health:
    """Tells how the service is, also while all its threads are busy.

    Where a token is needed it is told without one as well, but nothing of the index with it.
    """

    def __init__(self, service: Service) -> None:
        self._service = service

    def routes(self) -> list[Route]:
        """The one address."""
        return [Route(HEALTH_PATH, self._health)]

    async def _health(self, http: HttpRequest) -> Response:
        is_known = http.scope.get(IS_KNOWN, True)
        try:
            served = await self._service.current()
            passages = served.index.passages
        except PassageSearchError as error:
            failure = error.failure()
            if not is_known:
                failure = Failure(failure.code, "the index cannot be searched", "", EXIT_INDEX)
            return problem(status_of(error), failure, headers=_FRESH)
        record: dict[str, str | int | bool] = {"status": "ok"}
        if is_known:
            load = self._service.load()
            record |= {
                "passages": passages,
                "state": served.state,
                "is_sample": served.is_sample,
                "running": load.running,
                "waiting": load.waiting,
            }
        return JSONResponse(record, headers=_FRESH)

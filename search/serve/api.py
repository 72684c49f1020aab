"""The API: addresses below /api -> the JSON that the command prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

from search.output.render import render
from search.output.styles import Style
from search.serve.parameters import ASKING, read_parameters, request_of

if TYPE_CHECKING:
    from starlette.requests import Request as HttpRequest

    from search.serve.service import Service


class Api:
    """Answers what is asked below /api."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def routes(self) -> list[Route]:
        """The addresses, and what answers there."""
        return [Route("/api/search", self._search)]

    async def _search(self, http: HttpRequest) -> Response:
        values = read_parameters(http.query_params.multi_items(), ASKING)
        page, _ = await self._service.answer(request_of(values, ASKING))
        return Response("".join(render(page, style=Style.JSON)), media_type="application/json")

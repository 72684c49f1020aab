"""The page: addresses that people open -> HTML, made on the server; scripts only add to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from search.output.text import summary_line
from search.serve.assets import Assets
from search.serve.parameters import ASKING, read_parameters, request_of
from search.serve.templating import templates_of

if TYPE_CHECKING:
    from starlette.requests import Request as HttpRequest
    from starlette.routing import BaseRoute

    from search.serve.service import Service


class PageRoutes:
    """Answers what people open."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._assets = Assets()
        self._templates = templates_of(self._assets)

    def routes(self) -> list[BaseRoute]:
        """The addresses, and what answers there."""
        return [Route("/", self._start), *self._assets.routes()]

    async def _start(self, http: HttpRequest) -> Response:
        values = read_parameters(http.query_params.multi_items(), ASKING)
        request = request_of(values, ASKING)
        page, served = await self._service.answer(request)
        shown = self._templates.get_template("search.html").render(
            page=page, q=request.query, summary=summary_line(page), is_sample=served.is_sample
        )
        return HTMLResponse(shown)

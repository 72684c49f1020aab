"""The page: addresses that people open -> HTML, made on the server; scripts only add to it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from search.output.text import summary_line
from search.serve.parameters import ASKING, read_parameters, request_of

if TYPE_CHECKING:
    from starlette.requests import Request as HttpRequest
    from starlette.routing import BaseRoute

    from search.serve.service import Service

_HERE = Path(__file__).parent


class PageRoutes:
    """Answers what people open."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._templates = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def routes(self) -> list[BaseRoute]:
        """The addresses, and what answers there."""
        return [
            Route("/", self._start),
            Mount("/static", StaticFiles(directory=_HERE / "static")),
        ]

    async def _start(self, http: HttpRequest) -> Response:
        values = read_parameters(http.query_params.multi_items(), ASKING)
        request = request_of(values, ASKING)
        page, served = await self._service.answer(request)
        shown = self._templates.get_template("results.html").render(
            page=page, summary=summary_line(page), is_sample=served.is_sample
        )
        return HTMLResponse(shown)

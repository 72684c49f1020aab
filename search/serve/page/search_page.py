"""The search page: addresses that people open -> HTML, made on the server.

Scripts only add to it: while one types they fetch ``/results``, which is the same page without
what stands around what was found, so that HTML is made in one place.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from indexer.errors import PassageSearchError
from indexer.terminal import one_line
from search.output.text import TextLook
from search.request import Request, Sort
from search.serve.api.parameters import ASKING, read_parameters, request_of
from search.serve.page.addresses import Asked
from search.serve.page.viewing import fault_of, found_of, start_of
from search.serve.page.viewing_filters import chips, counted_fields
from search.serve.problems import headers_of, status_of

if TYPE_CHECKING:
    from jinja2 import Environment
    from starlette.requests import Request as HttpRequest

    from search.serve.service import Service
    from search.serve.source import Served

#: So many paragraphs before a passage, and after it, can be unfolded.
_NEIGHBOURS = 2
#: What the form has a control for; all else that is asked goes along unseen.
_CONTROLS = {"q", "sort", "all", "offset"}


class PageRoutes:
    """Answers what people open to search."""

    def __init__(self, service: Service, templates: Environment) -> None:
        self._service = service
        self._templates = templates
        # As a command started there would name them.
        self._look = TextLook(folder=os.getcwd())  # noqa: PTH109 - as text is given it

    def routes(self) -> list[Route]:
        """The addresses, and what answers there."""
        return [Route("/", self._whole), Route("/results", self._results)]

    async def warm(self) -> None:
        """Have read what the first question would wait for: what the passages are counted by.

        Of 100,000 articles that takes two seconds. It needs no turn, and where it fails nobody is
        told, as the first question tells the same.
        """
        due = self._service.due(Request())
        with suppress(PassageSearchError):
            served = await self._service.current()
            await asyncio.to_thread(lambda: self._told(due.now(), served, Asked()))

    async def _whole(self, http: HttpRequest) -> Response:
        return await self._shown(http, "search.html")

    async def _results(self, http: HttpRequest) -> Response:
        return await self._shown(http, "results.html")

    async def _shown(self, http: HttpRequest, template: str) -> Response:
        asked = Asked.of(http.query_params.multi_items())
        page = self._templates.get_template(template)
        shown: dict[str, Any] = {
            "q": asked.value("q"),
            "told_q": one_line(asked.value("q")),
            "sort": asked.value("sort") or Sort.SCORE.value,
            "sorts": tuple(one.value for one in Sort),
            "all_words": bool(asked.value("all")),
            "kept": [pair for pair in asked.pairs if pair[0] not in _CONTROLS],
            "chips": chips(asked),
            "cleared": Asked(tuple(one for one in asked.pairs if one[0] in _CONTROLS))
            .at(0)
            .address,
            "is_sample": False,
            "found": None,
            "start": None,
            "fault": None,
        }
        try:
            values = read_parameters(asked.pairs, ASKING)
            request = request_of(values, ASKING)
            if "context" not in values:
                request = replace(request, context=_NEIGHBOURS)
            due = self._service.due(request)

            def made(served: Served) -> str:
                told = self._told(due.now(), served, asked)
                return page.render({**shown, **told, "is_sample": served.is_sample})

            text = await self._service.ask(made)
        except PassageSearchError as error:
            text = page.render({**shown, "fault": fault_of(error)})
            return HTMLResponse(text, status_of(error), headers_of(error))
        # What is served may change with each commit, and with each file.
        return HTMLResponse(text, headers={"Cache-Control": "no-cache"})

    def _told(self, request: Request, served: Served, asked: Asked) -> dict[str, Any]:
        """What is found, or where nothing is asked what there is, for the template."""
        if not request.facets:
            request = replace(request, facets=counted_fields(served.index.backend.fields))
        if not _is_start(request):
            return {
                "found": found_of(served.index.answer(request), served.index, asked, self._look)
            }
        newest = replace(request, limit=1, context=0, sort=Sort.DATE)
        return {"start": start_of(served.index.answer(newest), served.index, asked)}


def _is_start(request: Request) -> bool:
    """Whether nothing was asked yet."""
    return not request.query.strip() and request.similar is None and not request.is_narrowed

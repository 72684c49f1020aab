"""/metrics: what the service did and does, in the text format of Prometheus."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from starlette.responses import Response
from starlette.routing import Match, Route

from indexer.errors import PassageSearchError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from prometheus_client.metrics_core import Metric
    from starlette.requests import Request as HttpRequest
    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from search.serve.service import Service
    from search.serve.source import Served

# From the fastest answers to the longest that are allowed.
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "DELETE"})
#: In the place of a route, where none was asked for.
_NO_ROUTE = "none"


class Metrics:
    """Counts the requests of one service; nothing that is asked for is in a label."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "passage_search_requests",
            "Requests by route and the status of the answer.",
            ("method", "route", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "passage_search_request_seconds",
            "Time from the head of a request to the end of its answer.",
            ("route",),
            buckets=_SECONDS,
            registry=self._registry,
        )
        waited = Histogram(
            "passage_search_queue_seconds",
            "Time that a question waited for its turn.",
            buckets=_SECONDS,
            registry=self._registry,
        )
        service.on_waited = waited.observe
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)

    def routes(self) -> list[Route]:
        """The one address."""
        return [Route("/metrics", self._metrics)]

    def counting(self, app: ASGIApp, routes: Sequence[BaseRoute]) -> ASGIApp:
        """An application that answers as another one, and is counted by its routes."""

        async def counted(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            begun = time.perf_counter()
            route = _route(routes, scope)
            status = "none"  # as long as nothing was answered, as to who has gone

            async def sent(message: Message) -> None:
                nonlocal status
                if message["type"] == "http.response.start":
                    status = str(message["status"])
                await send(message)

            try:
                await app(scope, receive, sent)
            finally:
                method = scope["method"] if scope["method"] in _METHODS else "other"
                self._requests.labels(method, route, status).inc()
                self._seconds.labels(route).observe(time.perf_counter() - begun)

        return counted

    async def _metrics(self, _http: HttpRequest) -> Response:
        try:
            served = await self._service.current()
            # It looks at files.
            now = await asyncio.to_thread(lambda: list(_of_index(served)))
        except PassageSearchError:
            now = list(_of_index(None))
        told = CollectorRegistry()
        told.register(_Now([*now, *self._of_service()]))
        text = generate_latest(self._registry) + generate_latest(told)
        return Response(text, headers={"Cache-Control": "no-store"}, media_type=CONTENT_TYPE_LATEST)

    def _of_service(self) -> Iterator[Metric]:
        load = self._service.load()
        searches = GaugeMetricFamily(
            "passage_search_questions", "Questions to the index now.", labels=["doing"]
        )
        searches.add_metric(["running"], load.running)
        searches.add_metric(["waiting"], load.waiting)
        yield searches
        yield CounterMetricFamily(
            "passage_search_refused", "Questions without room or time.", value=load.refused
        )


def _route(routes: Sequence[BaseRoute], scope: Scope) -> str:
    """The template of the address that is asked; the router tells it in later versions only."""
    for route in routes:
        if route.matches(scope)[0] is not Match.NONE:
            return str(getattr(route, "path", _NO_ROUTE))
    return _NO_ROUTE


def _of_index(served: Served | None) -> Iterator[Metric]:
    yield GaugeMetricFamily(
        "passage_search_index_up", "Whether the index can be searched.", value=served is not None
    )
    if served is None:
        return
    holds = served.index.backend.statistics
    yield GaugeMetricFamily(
        "passage_search_index_passages", "Passages in the index.", value=holds.passages
    )
    yield GaugeMetricFamily(
        "passage_search_index_articles", "Articles in the index.", value=holds.articles
    )
    yield GaugeMetricFamily(
        "passage_search_index_is_sample",
        "Whether it is the sample, as nothing was indexed yet.",
        value=served.is_sample,
    )
    yield GaugeMetricFamily(
        "passage_search_index_generation",
        "The number of the commit that answers come from; 0 for the sample.",
        value=served.index.generation,
    )


class _Now(Collector):
    """Values of one moment."""

    def __init__(self, values: list[Metric]) -> None:
        self._values = values

    def collect(self) -> list[Metric]:
        """Return them."""
        return self._values

"""The page of an article: all of it in its order, with what a query finds in it marked."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from indexer.terminal import one_line
from search.deadline import SearchTimeoutError
from search.request import Request, Sort
from search.serve.api.kinds import Kind, Parameter
from search.serve.api.parameters import ASKING, read_parameters, request_of
from search.serve.page.addresses import PART, PART_PASSAGES, Asked, part_of
from search.serve.page.viewing_article import address_in_article, article_view
from search.serve.problems import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from jinja2 import Environment
    from starlette.requests import Request as HttpRequest

    from search.page import ResultPage
    from search.serve.service import Service
    from search.serve.source import Served

#: So many hits are marked at most; the page says so where there are more.
MOST_HITS = 10_000
# Of what a search was asked, what says which words are looked for. What narrows it down to some
# articles says nothing here, and the links back to the results keep it.
_WORDS = frozenset({"q", "similar", "all", "broaden", "literal", "strict", "timeout"})
_KNOWN = (
    *ASKING,
    Parameter(PART, Kind.COUNT, "The part of a long article.", least=1),
)


class NoArticleError(NotFoundError):
    """There is no article of that id.

    Attributes:
        nearest: the id of what is most like it; "" where nothing is.
    """

    def __init__(self, article_id: str, nearest: str) -> None:
        """Name the id that was asked for, and what is nearest to it."""
        super().__init__(
            f"there is no article {one_line(article_id)}",
            hint=f"the nearest is {one_line(nearest)}" if nearest else "search for its words",
        )
        self.nearest = nearest


class ArticleRoutes:
    """Answers who opens an article."""

    def __init__(self, service: Service, templates: Environment) -> None:
        self._service = service
        self._template = templates.get_template("article.html")

    def routes(self) -> list[Route]:
        """The address of every article: its id is the rest of the path, percent-encoded."""
        return [Route("/article/{id:path}", self._show)]

    async def _show(self, http: HttpRequest) -> Response:
        article_id: str = http.path_params["id"]
        given = http.query_params.multi_items()
        values = read_parameters(given, _KNOWN)
        part = values.pop(PART, 1)
        asked = Asked.of(given)
        requests = [
            Request(ids=(article_id,), offset=(part - 1) * PART_PASSAGES, limit=PART_PASSAGES)
        ]
        if values.get("q") or values.get("similar"):
            requests.append(_within(article_id, values))
        due = [self._service.due(one) for one in requests]

        def asks(served: Served) -> tuple[list[ResultPage], Served]:
            # All of one state.
            return list(served.index.batch(one.now() for one in due)), served

        (looked_up, *found), served = await self._service.ask(asks)
        elsewhere = _elsewhere(looked_up, article_id, part, asked)
        if elsewhere:
            return RedirectResponse(elsewhere)
        shown = self._template.render(
            view=article_view(looked_up, _own(found[0], looked_up) if found else None, asked),
            q=values.get("q", ""),
            asked_for=one_line(values.get("q", "")),
            is_asked=bool(found),
            is_sample=served.is_sample,
        )
        return HTMLResponse(shown)


def _within(article_id: str, values: Mapping[str, Any]) -> Request:
    """What finds the passages of one article that match, in its order."""
    words = {name: value for name, value in values.items() if name in _WORDS}
    return replace(
        request_of(words, ASKING),
        articles=(re.sub(r"[*?\\]", r"\\\g<0>", article_id),),
        sort=Sort.ARTICLE,
        all_copies=True,
        limit=MOST_HITS,
        advice=False,
    )


def _elsewhere(looked_up: ResultPage, article_id: str, part: int, asked: Asked) -> str:
    """The address of the article that a passage's id leads to; "" where it is an article's.

    Raises:
        NoArticleError: the id names nothing.
        NotFoundError: the article has no such part.
        SearchTimeoutError: there was no time to look it up.
    """
    if looked_up.unknown:
        raise NoArticleError(article_id, looked_up.unknown[0].nearest or "")
    if looked_up.passages:
        paragraph = looked_up.passages[0].paragraph
        if one_line(paragraph.article_id) == one_line(article_id):
            return ""
        return address_in_article(paragraph.article_id, asked, paragraph.number)
    if looked_up.partial:
        raise SearchTimeoutError("the time was over before the article was read")
    parts = part_of(max(1, looked_up.total))
    raise NotFoundError(
        f"there is no part {part:,} of {one_line(article_id)}", hint=f"the last is {parts:,}"
    )


def _own(found: ResultPage, looked_up: ResultPage) -> ResultPage:
    """What was found in this very article: a pattern does not tell "A" from "a"."""
    own_id = looked_up.passages[0].paragraph.article_id
    own = tuple(one for one in found.passages if one.paragraph.article_id == own_id)
    strangers = len(found.passages) - len(own)
    return found._replace(passages=own, total=found.total - strangers)

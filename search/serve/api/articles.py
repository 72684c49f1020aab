"""The articles of the index, and each with its passages -> JSON."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Any

from indexer.model import SCHEMA_VERSION
from indexer.reports import article_record
from indexer.terminal import escaped_json, one_line
from search.output.records import passage_records
from search.output.styles import DEFAULT_SNIPPET_CHARS, Form, Style
from search.request import DEFAULT_TIMEOUT_SECONDS, Request
from search.serve.api.bodies import Body, answered
from search.serve.api.endpoints import ARTICLE, ARTICLES, DEFAULT_ARTICLES
from search.serve.api.parameters import read_parameters
from search.serve.api.unknown_ids import address_of, unknown_error
from search.serve.limits import MOST_PASSAGES
from search.serve.problems import NotFoundError

if TYPE_CHECKING:
    from starlette.requests import Request as HttpRequest
    from starlette.responses import Response

    from search.serve.service import Service
    from search.serve.source import Served


class ArticlesApi:
    """Answers what is asked of articles."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def listed(self, http: HttpRequest) -> Response:
        """A page of the articles, by id."""
        values = read_parameters(http.query_params.multi_items(), ARTICLES.parameters)
        limit, offset = values.get("limit", DEFAULT_ARTICLES), values.get("offset", 0)

        def page(served: Served) -> Body:
            found = islice(served.index.articles(offset=offset), limit)
            records = [article_record(record) for record in found]
            total = served.index.backend.statistics.articles
            return _body({"articles": records}, offset, len(records), total)

        return await answered(self._service, http, page)

    async def one(self, http: HttpRequest) -> Response:
        """An article and a page of its passages."""
        article_id = http.path_params["id"]
        values = read_parameters(http.query_params.multi_items(), ARTICLE.parameters)
        request = Request(
            ids=(article_id,),
            limit=values.get("limit", MOST_PASSAGES),
            offset=values.get("offset", 0),
            context=values.get("context", 0),
            timeout_seconds=values.get("timeout", DEFAULT_TIMEOUT_SECONDS),
        )
        due = self._service.due(Form(Style.JSON).asked_of(request))

        def article(served: Served) -> Body:
            record = served.index.article(article_id)
            page = served.index.answer(due.now())
            if page.unknown:
                raise unknown_error(page)
            if record is None:
                raise NotFoundError(
                    f"{one_line(article_id)} is a passage and no article",
                    hint=f"its address is {address_of(article_id)}",
                )
            passages = list(passage_records(page, snippet_chars=DEFAULT_SNIPPET_CHARS))
            told = {"article": article_record(record), "partial": page.partial}
            body = _body(
                told | {"passages": passages}, request.offset, len(passages), record.paragraphs
            )
            return body._replace(is_partial=page.partial)

        return await answered(self._service, http, article)


def _body(told: dict[str, Any], offset: int, returned: int, total: int) -> Body:
    """A page of a list: what is told on it, and where it stands in the whole."""
    following = offset + returned
    next_offset = following if returned and following < total else None
    record = {
        "schema_version": SCHEMA_VERSION,
        "total": total,
        "offset": offset,
        "returned": returned,
        "next": next_offset,
        **told,
    }
    text = escaped_json(json.dumps(record, ensure_ascii=False, allow_nan=False)) + "\n"
    return Body(text, next_offset=next_offset, total=total)

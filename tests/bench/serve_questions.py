"""All kinds of things that a service is asked, by chance, and what is wrong with an answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from tests.bench.engines import Syntax
from tests.bench.serve_http import request_bytes
from tests.bench.serve_rolling import MARK

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

    from tests.bench.queries import Query
    from tests.bench.serve_http import Answer
    from tests.bench.serve_rolling import Rolling

_OK, _BAD, _NOT_FOUND = 200, 400, 404
_PACKED = ("Accept-Encoding: gzip",)
_MCP = (
    "Content-Type: application/json",
    "Accept: application/json, text/event-stream",
    "MCP-Protocol-Version: 2025-06-18",
)
_VARIANTS = ("", "&limit=50", "&offset=10", "&explain=1", "&context=1", "&facets=language")
_KEPT_IDS = 1_000


class Question(NamedTuple):
    """Something to ask.

    Attributes:
        told: names it where it is told.
        request: the bytes.
        fault: tells of an answer what is wrong with it; empty if nothing is.
    """

    told: str
    request: bytes
    fault: Callable[[Answer], str]


class Questions:
    """What is asked of one service.

    Attributes:
        kinds: what makes a question of each kind, by its name.
    """

    def __init__(
        self, address: str, queries: Sequence[Query], rolling: Rolling, rng: Random
    ) -> None:
        self._address = address
        self._queries = [Syntax().write(query) for query in queries]
        self._rolling = rolling
        self._rng = rng
        self._totals: dict[str, int] = {}
        self._ids: list[str] = []
        self.kinds: dict[str, Callable[[], Question]] = {
            "search": self._search,
            "newest": self.newest,
            "facets": self._facets,
            "suggest": self._suggest,
            "passage": self._passage,
            "article": self._article,
            "articles": self._articles,
            "page": self._page,
            "article page": self._article_page,
            "MCP search": self._mcp_search,
            "MCP list": self._mcp_tools,
            "not found": self._not_found,
            "malformed": self._malformed,
        }

    def has_ids(self) -> bool:
        """Whether answers so far had passages, which some kinds ask for."""
        return bool(self._ids)

    def newest(self) -> Question:
        """The articles that come and go: those of one state, and none of an older one."""
        seen = self._rolling.newest_seen()

        def fault(answer: Answer) -> str:
            return self._rolling.fault_of(articles_in(answer), seen)

        return self._get(f"/api/search?q={MARK}&limit=50", fault)

    def _search(self) -> Question:
        query = self._rng.choice(self._queries)

        def fault(answer: Answer) -> str:
            page = json.loads(answer.body)
            total: int = page["total"]
            found = page["passages"]
            if page["query"] != query:
                return f"it answers {page['query']!r}"
            if page["partial"]:
                return "the time was over before all was found; is the machine busy?"
            if len(found) != page["returned"]:
                return f"{len(found)} passages instead of {page['returned']}"
            if self._totals.setdefault(query, total) != total:
                return f"{total} passages in all, {self._totals[query]} at first"
            if len(self._ids) < _KEPT_IDS:
                self._ids += [one["id"] for one in found]
            return ""

        return self._get(f"/api/search?q={quote(query)}{self._rng.choice(_VARIANTS)}", fault)

    def _facets(self) -> Question:
        query = self._rng.choice(self._queries)
        return self._get(f"/api/facets?q={quote(query)}&facets=language,article", _has("facets"))

    def _suggest(self) -> Question:
        word = self._rng.choice(self._queries)[:-1] or "a"
        return self._get(f"/api/suggest?q={quote(word)}", _has("suggestions"))

    def _passage(self) -> Question:
        passage_id = self._any_id()

        def fault(answer: Answer) -> str:
            found = [one["id"] for one in json.loads(answer.body)["passages"]]
            return "" if found == [passage_id] else f"{found} instead"

        return self._get(f"/api/passages/{quote(passage_id)}", fault)

    def _article(self) -> Question:
        article = self._any_id().rpartition("#")[0]
        return self._get(f"/api/articles/{quote(article)}", _has("article"))

    def _articles(self) -> Question:
        offset = self._rng.randrange(100)
        return self._get(f"/api/articles?limit=20&offset={offset}", _has("articles"))

    def _page(self) -> Question:
        return self._get(f"/?q={quote(self._rng.choice(self._queries))}", _is_page)

    def _article_page(self) -> Question:
        article = self._any_id().rpartition("#")[0]
        query = self._rng.choice(self._queries)
        return self._get(f"/article/{quote(article)}?q={quote(query)}", _is_page)

    def _mcp_search(self) -> Question:
        arguments = {"query": self._rng.choice(self._queries)}
        return self._mcp("tools/call", {"name": "search_passages", "arguments": arguments})

    def _mcp_tools(self) -> Question:
        return self._mcp("tools/list", {})

    def _mcp(self, method: str, params: dict[str, Any]) -> Question:
        call = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        body = json.dumps(call).encode()
        request = request_bytes(self._address, "/mcp", body=body, headers=_MCP)

        def fault(answer: Answer) -> str:
            result = json.loads(answer.body).get("result", {})
            return "" if result and not result.get("isError") else answer.body.decode()

        return Question(f"{method} {params}", request, _with_status(_OK, fault))

    def _not_found(self) -> Question:
        target = self._rng.choice(("/nothing", "/api/nothing", "/static/nothing.css"))
        return self._get(target, lambda _answer: "", status=_NOT_FOUND)

    def _malformed(self) -> Question:
        target = self._rng.choice(("?nonsense=1", "?q=a&limit=x", "?q=%22open&strict=1"))
        return self._get(f"/api/search{target}", _has("detail"), status=_BAD)

    def _any_id(self) -> str:
        return self._rng.choice(self._ids)

    def _get(self, target: str, fault: Callable[[Answer], str], *, status: int = _OK) -> Question:
        headers = self._rng.choice(((), _PACKED))
        request = request_bytes(self._address, target, headers=headers)
        return Question(target, request, _with_status(status, fault))


def articles_in(answer: Answer) -> list[str]:
    """The articles that an answer has, each as often as it has passages."""
    return [one["article"] for one in json.loads(answer.body)["passages"]]


def _with_status(status: int, fault: Callable[[Answer], str]) -> Callable[[Answer], str]:
    def checked(answer: Answer) -> str:
        if answer.status != status:
            return f"status {answer.status} instead of {status}: {answer.body[:300]!r}"
        return fault(answer)

    return checked


def _has(key: str) -> Callable[[Answer], str]:
    return lambda answer: "" if key in json.loads(answer.body) else f"it has no {key}"


def _is_page(answer: Answer) -> str:
    is_page = answer.body[:15].lower() == b"<!doctype html>" and b"<title>" in answer.body
    return "" if is_page else f"no page: {answer.body[:100]!r}"

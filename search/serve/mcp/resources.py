"""Passages and articles as resources of MCP: ``passage://ID`` -> Markdown with where it is from.

An id may hold any character, so it stands percent-encoded behind the scheme, with its slashes. A
``#`` that was not encoded is taken as a part of it all the same: a resource has no fragments.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, unquote

from mcp.shared.exceptions import MCPError
from mcp_types import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    CompleteResult,
    Completion,
    ListResourcesResult,
    ListResourceTemplatesResult,
    ReadResourceResult,
    Resource,
    ResourceTemplate,
    ResourceTemplateReference,
    TextResourceContents,
)
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS

from indexer.errors import PassageSearchError
from indexer.terminal import one_line
from search.output.budget import within
from search.output.render import render
from search.output.styles import Style
from search.request import Request, Sort
from search.serve.limits import MOST_PASSAGES
from search.serve.mcp.answers import notes_of
from search.serve.mcp.arguments import MOST_BUDGET_CHARS
from search.serve.mcp.teaching import RESOURCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mcp.server.context import ServerRequestContext
    from mcp_types import CompleteRequestParams, PaginatedRequestParams, ReadResourceRequestParams

    from indexer.model import ArticleRecord
    from search.model import Page
    from search.serve.service import Service
    from search.serve.source import Served

_Given = TypeVar("_Given")

_SCHEME = "passage://"
_TEMPLATE = f"{_SCHEME}{{+id}}"
_MEDIA_TYPE = "text/markdown"
#: Articles of one page of the list, and values of one completion, which has 100 at most.
_PAGE = 100
_NOT_FOUND_BEFORE_2026 = -32002


def uri_of(passage_id: str) -> str:
    """The address of a passage or an article.

    >>> uri_of("notes/C#.md#7a")
    'passage://notes/C%23.md%237a'
    """
    return _SCHEME + quote(passage_id, safe="/", errors="replace")


def id_of(uri: str) -> str | None:
    """The id that an address names; None where it is none of ours.

    >>> id_of("passage://notes/C%23.md#7a")
    'notes/C#.md#7a'
    """
    scheme, rest = uri[: len(_SCHEME)], uri[len(_SCHEME) :]
    return unquote(rest) if scheme.lower() == _SCHEME and rest else None


class Resources:
    """Lists and reads what a service has."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def templates(
        self, _context: ServerRequestContext[Any], _params: PaginatedRequestParams | None
    ) -> ListResourceTemplatesResult:
        """The one way to address all."""
        template = ResourceTemplate(
            name="passage",
            title="Passage or article",
            uri_template=_TEMPLATE,
            description=RESOURCE,
            mime_type=_MEDIA_TYPE,
        )
        return ListResourceTemplatesResult(resource_templates=[template])

    async def articles(
        self, _context: ServerRequestContext[Any], params: PaginatedRequestParams | None
    ) -> ListResourcesResult:
        """A page of the articles, by id."""
        offset = _offset_of(params.cursor if params else None)

        def found(served: Served) -> list[ArticleRecord]:
            return list(islice(served.index.articles(offset=offset), _PAGE + 1))

        records = await self._asked(found)
        return ListResourcesResult(
            resources=[_resource(one) for one in records[:_PAGE]],
            next_cursor=str(offset + _PAGE) if len(records) > _PAGE else None,
        )

    async def read(
        self, context: ServerRequestContext[Any], params: ReadResourceRequestParams
    ) -> ReadResourceResult:
        """A passage, or an article up to the size that any answer may have."""
        name = id_of(params.uri)
        if name is None:
            raise _not_found(context, params.uri, f"an address is {_TEMPLATE}")
        due = self._service.due(Request(ids=(name,), limit=MOST_PASSAGES, cited=True))

        def read(served: Served) -> tuple[Page, str]:
            found = served.index.answer(due.now())
            page = within(found, MOST_BUDGET_CHARS, _quoted, Style.MARKDOWN)
            return page, "".join(_quoted(page))

        page, text = await self._asked(read)
        if page.unknown:
            raise _not_found(context, params.uri, " ".join(notes_of(page)))
        contents = TextResourceContents(uri=params.uri, mime_type=_MEDIA_TYPE, text=text)
        return ReadResourceResult(contents=[contents])

    async def complete(
        self, _context: ServerRequestContext[Any], params: CompleteRequestParams
    ) -> CompleteResult:
        """Ids of articles that begin with what was typed."""
        reference = params.ref
        if not isinstance(reference, ResourceTemplateReference) or reference.uri != _TEMPLATE:
            raise MCPError(INVALID_PARAMS, f"there is nothing to complete but {_TEMPLATE}")
        typed = params.argument.value
        escaped = "".join(f"\\{char}" if char in "\\*?" else char for char in typed)
        due = self._service.due(
            Request(
                "*",
                articles=(f"{escaped}*",) if typed else (),
                limit=_PAGE + 1,
                sort=Sort.ARTICLE,
                per_article=1,
                all_copies=True,
                advice=False,
            )
        )
        try:
            page = await self._service.ask(lambda served: served.index.answer(due.now()))
        except PassageSearchError:  # nobody asks for an index by typing a letter
            return CompleteResult(completion=Completion(values=[]))
        values = [one.article.article_id for one in page.passages]
        return CompleteResult(
            completion=Completion(values=values[:_PAGE], has_more=len(values) > _PAGE)
        )

    async def _asked(self, question: Callable[[Served], _Given]) -> _Given:
        try:
            return await self._service.ask(question)
        except PassageSearchError as error:
            raise MCPError(INTERNAL_ERROR, one_line(str(error))) from error


def _quoted(page: Page) -> Iterable[str]:
    yield from render(page, style=Style.MARKDOWN)
    if page.cut is not None and page.cut.left_out:
        yield f"\n({len(page.cut.left_out):,} left out that are too large to be shown)\n"
    if page.cut is not None and page.cut.next_offset is not None:
        yield f"\n(cut here; read_article goes on from offset {page.cut.next_offset})\n"


def _resource(known: ArticleRecord) -> Resource:
    facts = (known.author, known.published.isoformat() if known.published else "", known.site)
    return Resource(
        uri=uri_of(known.article_id),
        name=known.article_id,
        title=known.title or None,
        description=", ".join(filter(None, facts)) or None,
        mime_type=_MEDIA_TYPE,
    )


def _offset_of(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) < 16):
        raise MCPError(INVALID_PARAMS, "the cursor is none of ours; begin without one")
    return int(cursor)


def _not_found(context: ServerRequestContext[Any], uri: str, remedy: str) -> MCPError:
    """The error of a resource that there is not; its code was another one before 2026."""
    is_old = context.protocol_version in HANDSHAKE_PROTOCOL_VERSIONS
    code = _NOT_FOUND_BEFORE_2026 if is_old else INVALID_PARAMS
    return MCPError(code, f"Resource not found; {remedy}", {"uri": uri})

"""Answers -> responses: the content type, the tag of the state they are of, the next address.

A tag names the program's version and the commit that the answer is of; who sends it again is told
304 without a search as long as nothing was committed. An answer that was out of time has none.
Whether a file has changed since it was indexed is no commit: an answer that is kept tells it as it
was.
"""

from __future__ import annotations

import re
from functools import cache
from hashlib import sha256
from http import HTTPStatus
from importlib.metadata import version
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from starlette.responses import Response

from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request as HttpRequest

    from search.serve.service import Service
    from search.serve.source import Served

JSON = "application/json"
# Each is to be asked for again, which costs next to nothing.
_KEPT = "no-cache"
_NOT_KEPT = "no-store"
# Servers in between take lines of 8,000 bytes; what is longer has its next in the JSON alone.
_MOST_LINK_CHARS = 4_000


class Body(NamedTuple):
    """An answer.

    Attributes:
        text: all of it.
        media_type: what it is.
        next_offset: where to go on; None at the end.
        total: how many there are on all pages; None where nothing is counted.
        is_partial: whether the time was over first.
    """

    text: str
    media_type: str = JSON
    next_offset: int | None = None
    total: int | None = None
    is_partial: bool = False


async def answered(service: Service, http: HttpRequest, make: Callable[[Served], Body]) -> Response:
    """The response of what is made of the index, unless who asks has it; raises as it does."""

    def response(served: Served) -> Response:
        tag = f"{_version()}-{served.state}"
        return _unchanged(tag) if _has(http, tag) else _response(http, make(served), tag)

    return await service.ask(response)


def constant(http: HttpRequest, text: str, media_type: str) -> Response:
    """The response of a text that is the same whatever is in the index."""
    tag = sha256(text.encode()).hexdigest()[:16]
    if _has(http, tag):
        return _unchanged(tag)
    return _response(http, Body(text, media_type), tag)


@cache
def _version() -> str:
    """The version of the program, which is read from a file."""
    return version("passage-search")


def _response(http: HttpRequest, body: Body, tag: str) -> Response:
    headers = {"Cache-Control": _NOT_KEPT} if body.is_partial else _headers(tag)
    if body.total is not None:
        headers["X-Total-Count"] = str(body.total)
    if body.is_partial:
        headers["X-Partial"] = "true"
    if body.next_offset is not None:
        address = next_address(http, body.next_offset)
        if len(address) <= _MOST_LINK_CHARS:
            headers["Link"] = f'<{address}>; rel="next"'
    return Response(body.text, headers=headers, media_type=body.media_type)


def next_address(http: HttpRequest, offset: int) -> str:
    """The path of a request with its parameters, to go on from an offset."""
    kept = [(name, text) for name, text in http.query_params.multi_items() if name != "offset"]
    return f"{quote(http.scope['path'])}?{urlencode([*kept, ('offset', str(offset))])}"


def _unchanged(tag: str) -> Response:
    # As a 200 would, which may be compressed.
    return Response(
        status_code=HTTPStatus.NOT_MODIFIED, headers={**_headers(tag), "Vary": "Accept-Encoding"}
    )


def _headers(tag: str) -> dict[str, str]:
    return {"ETag": f'W/"{tag}"', "Cache-Control": _KEPT}


def _has(http: HttpRequest, tag: str) -> bool:
    """Whether who asks has the answer of a tag."""
    return tag in re.findall(r'"([^"]*)"', ",".join(http.headers.getlist("if-none-match")))

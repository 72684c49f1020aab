"""Errors -> problem details (RFC 9457): the status, and the members of the command's errors."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from indexer.errors import (
    IndexFaultError,
    PassageSearchError,
    QuerySyntaxError,
)
from indexer.terminal import escaped_json
from search.deadline import SearchTimeoutError
from search.serve.limits import RETRY_SECONDS, BusyError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from indexer.errors import Failure

MEDIA_TYPE = "application/problem+json"
_TITLES = {
    "index": "The index cannot be searched",
    "index_missing": "The index is not there",
    "index_unreadable": "The index cannot be read",
    "index_damaged": "The index is damaged",
    "index_unreachable": "The index does not answer",
    "usage": "The request cannot be carried out as it was given",
    "query_syntax": "The query is malformed",
    "not_found": "There is no such thing in the index",
    "busy": "The service is busy",
    "timeout": "The time was over",
    "unexpected": "A fault of the program",
}


class NotFoundError(PassageSearchError):
    """What was named is not in the index."""

    exit_code = 1
    code = "not_found"


def status_of(error: PassageSearchError) -> HTTPStatus:
    """The status that tells programs which kind of error it is."""
    if isinstance(error, NotFoundError):
        return HTTPStatus.NOT_FOUND
    if isinstance(error, BusyError | IndexFaultError | SearchTimeoutError):
        return HTTPStatus.SERVICE_UNAVAILABLE
    if isinstance(error, QuerySyntaxError) or error.code == "usage":
        return HTTPStatus.BAD_REQUEST
    return HTTPStatus.INTERNAL_SERVER_ERROR


def problem_of(error: PassageSearchError) -> Response:
    """The response that tells of an error."""
    return problem(status_of(error), error.failure(), headers=headers_of(error))


def headers_of(error: PassageSearchError) -> dict[str, str]:
    """What the head of an answer says of an error, in whatever form it is told."""
    retry = {"Retry-After": str(RETRY_SECONDS)} if isinstance(error, BusyError) else {}
    # What is wrong now may be right as soon as something is committed.
    return {"Cache-Control": "no-store", **retry}


def problem(
    status: HTTPStatus, failure: Failure, *, headers: Mapping[str, str] | None = None
) -> Response:
    """A response of problem details."""
    record: dict[str, Any] = {
        "type": f"urn:passage-search:error:{failure.code}",
        "title": _TITLES.get(failure.code, status.phrase),
        "status": status.value,
        "detail": failure.message,
        **{key: value for key, value in failure.record().items() if key != "message"},
    }
    body = escaped_json(json.dumps(record, ensure_ascii=False))
    return Response(
        body, status.value, {"Cache-Control": "no-store", **(headers or {})}, MEDIA_TYPE
    )

"""Who may ask: the name by which the service is asked, the page that asks, the token it shows.

A page of another site may make a browser ask this service. So that it gets no answer, the service
must be asked by a name of its own: a name that was made to lead to it (DNS rebinding) is none. And
a page that says where it comes from must come from here, or from where it was allowed to.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response

from indexer.errors import EXIT_USAGE, Failure, UsageError
from indexer.terminal import one_line
from indexer.tuples import NamedTuple
from search.serve.guard.tokens import shows
from search.serve.problems import problem

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: What is answered to everybody who asks by a right name: whether the service is well.
HEALTH_PATH = "/healthz"
#: In a scope: whether the one who asks showed the token, or none is needed.
IS_KNOWN = "passage_search_is_known"

_LOOPBACK = "localhost"
_PORT = re.compile(r":[0-9]*\Z")
_NAME = re.compile(r"[a-z0-9_]([a-z0-9._-]*[a-z0-9_])?")
_ORIGIN = re.compile(r"https?://([a-z0-9._-]+|\[[0-9a-f:.]+\])(:[0-9]+)?")
_SHOWN_CHARS = 100

_ALLOWED_METHODS = "GET, HEAD, POST, DELETE"
_ALLOWED_HEADERS = (
    "Authorization, Content-Type, If-None-Match, Last-Event-ID, "
    "Mcp-Method, Mcp-Name, Mcp-Protocol-Version, Mcp-Session-Id"
)
_EXPOSED_HEADERS = (
    "ETag, Link, Retry-After, WWW-Authenticate, X-Total-Count, X-Partial, Mcp-Session-Id"
)
_PREFLIGHT_SECONDS = 600


class Guard(NamedTuple):
    """Who may ask.

    Attributes:
        token: what they must show; "" for nothing.
        hosts: names by which the service is asked, beside addresses and localhost; in lower case.
        origins: of pages elsewhere that may ask, such as "https://notes.example"; in lower case.
    """

    token: str = ""
    hosts: frozenset[str] = frozenset()
    origins: frozenset[str] = frozenset()


def host_name(text: str) -> str:
    """A name for Guard.hosts; UsageError if it is none."""
    name = text.lower().rstrip(".")
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{text!r} is no name of a host", hint="give it without http:// and port, as a.example"
        )
    return name


def origin(text: str) -> str:
    """An origin for Guard.origins; UsageError if it is none."""
    if not _ORIGIN.fullmatch(text.lower()):
        raise UsageError(
            f"{text!r} is no origin", hint="give scheme, host and port, as https://a.example:8000"
        )
    return text.lower()


class Guarding:
    """Lets pass to an application what may ask it, and answers the others."""

    def __init__(self, app: ASGIApp, guard: Guard) -> None:
        self._app = app
        self._guard = guard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        asked = Headers(scope=scope)
        from_elsewhere = asked.get("origin", "").lower() in self._guard.origins
        if self._guard.origins:
            send = _for_origin(send, asked["origin"] if from_elsewhere else "")
        scope[IS_KNOWN] = self._is_known(asked)
        refusal = self._refusal(scope, asked, from_elsewhere=from_elsewhere)
        await (refusal or self._app)(scope, receive, send)

    def _refusal(self, scope: Scope, asked: Headers, *, from_elsewhere: bool) -> Response | None:
        host = asked.get("host", "").lower()
        if not self._is_ours(host):
            return _misdirected(host)
        if "origin" in asked and not from_elsewhere:
            given = asked["origin"].lower()
            if not _ORIGIN.fullmatch(given) or given.partition("://")[2] != host:
                return _foreign(given)
        is_preflight = scope["method"] == "OPTIONS" and "access-control-request-method" in asked
        if from_elsewhere and is_preflight:
            return _preflight()
        if not scope[IS_KNOWN] and scope["path"] != HEALTH_PATH:
            return _unauthorized()
        return None

    def _is_ours(self, host: str) -> bool:
        """Whether a Host header names this service; any port is right, as one may be forwarded."""
        name = _PORT.sub("", host).rstrip(".")
        if name in self._guard.hosts or name == _LOOPBACK or name.endswith(f".{_LOOPBACK}"):
            return True
        return _is_address(name)

    def _is_known(self, asked: Headers) -> bool:
        if not self._guard.token:
            return True
        given = asked.getlist("authorization")
        return len(given) == 1 and shows(given[0], self._guard.token)


def _is_address(name: str) -> bool:
    """Whether a name is an address, which nobody can make to lead elsewhere."""
    is_bracketed = name.startswith("[") and name.endswith("]")
    try:
        address = ip_address(name[1:-1] if is_bracketed else name)
    except ValueError:
        return False
    return isinstance(address, IPv6Address) == is_bracketed


def _for_origin(send: Send, origin: str) -> Send:
    """What sends answers that an origin may read; "" for no origin."""

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.add_vary_header("Origin")
            if origin:
                headers["Access-Control-Allow-Origin"] = origin
                headers["Access-Control-Expose-Headers"] = _EXPOSED_HEADERS
        await send(message)

    return sent


def _preflight() -> Response:
    headers = {
        "Access-Control-Allow-Methods": _ALLOWED_METHODS,
        "Access-Control-Allow-Headers": _ALLOWED_HEADERS,
        "Access-Control-Max-Age": str(_PREFLIGHT_SECONDS),
    }
    return Response(status_code=HTTPStatus.NO_CONTENT, headers=headers)


def _misdirected(host: str) -> Response:
    name = _shown(_PORT.sub("", host))
    failure = Failure(
        "unknown_host",
        f"this service is not called {name!r}",
        f"start it with --allow-host {name}, or ask it by its address"
        if _NAME.fullmatch(name)
        else "ask it by its address",
        EXIT_USAGE,
    )
    return problem(HTTPStatus.MISDIRECTED_REQUEST, failure)


def _foreign(origin: str) -> Response:
    shown = _shown(origin)
    failure = Failure(
        "foreign_origin",
        f"pages of {shown!r} may not ask this service",
        f"start it with --allow-origin {shown}" if _ORIGIN.fullmatch(shown) else "",
        EXIT_USAGE,
    )
    return problem(HTTPStatus.FORBIDDEN, failure)


def _unauthorized() -> Response:
    failure = Failure(
        "unauthorized",
        "this service answers who shows its token",
        "send it as Authorization: Bearer TOKEN, or as the password of any user",
        EXIT_USAGE,
    )
    # In a header of its own each, as not every client takes two in one.
    response = problem(HTTPStatus.UNAUTHORIZED, failure)
    response.headers.append("WWW-Authenticate", 'Bearer realm="passage-search"')
    response.headers.append("WWW-Authenticate", 'Basic realm="passage-search", charset="UTF-8"')
    return response


def _shown(text: str) -> str:
    """A header for a message: one line, and not a long one."""
    line = one_line(text)
    return line if len(line) <= _SHOWN_CHARS else f"{line[:_SHOWN_CHARS]}..."

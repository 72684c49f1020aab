"""Addresses below /api where there is nothing, or nothing for a method -> what to ask instead."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from starlette.convertors import Convertor, register_url_convertor
from starlette.routing import Match

from search.serve.api.endpoints import ENDPOINTS
from search.serve.api.kinds import shown
from search.serve.problems import NotFoundError

if TYPE_CHECKING:
    from starlette.routing import Route
    from starlette.types import Receive, Scope, Send

# How much an address that is none has to be like one that is, from 0 to 1, to be meant so.
_MUCH_ALIKE = 0.8


class _AnyText(Convertor[str]):
    """The rest of a path, slashes and line ends in it; the library's own has no line ends."""

    regex = "(?s:.*)"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("any_text", _AnyText())


class Nowhere:
    """Answers below /api where there is nothing, or nothing for the method."""

    def __init__(self, routes: tuple[Route, ...]) -> None:
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a method that an address does not have; else raise NotFoundError."""
        for route in self._routes:
            match, _ = route.matches(scope)
            if match is Match.PARTIAL:
                await route.handle(scope, receive, send)  # which names the methods there are
                return
        paths = [one.path for one in ENDPOINTS]
        near = get_close_matches(scope["path"], paths, 1, _MUCH_ALIKE)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(paths)}"
        raise NotFoundError(f"there is nothing at {shown(scope['path'])}", hint=hint)

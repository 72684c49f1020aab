"""The files of the page beside its HTML: styles, scripts, its icon; read once, and no others.

Their addresses hold a version, which is another one as soon as any of them changes: so a browser
keeps them for good, sees an update at once, and a script that loads another gets the one of its
own version.
"""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from starlette.requests import Request as HttpRequest

FOLDER = Path(__file__).parent / "static"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_FOR_GOOD = "public, max-age=31536000, immutable"
_ASK_FIRST = "no-cache"


class _Asset(NamedTuple):
    """One file: its bytes, their type, and what names them."""

    content: bytes
    media_type: str
    etag: str


class Assets:
    """The files below ``static``, as they were when the service was started."""

    def __init__(self) -> None:
        self._by_name = {
            path.name: _asset_of(path) for path in sorted(FOLDER.iterdir()) if path.suffix in _TYPES
        }
        every = "".join(name + asset.etag for name, asset in self._by_name.items())
        self._version = hashlib.sha256(every.encode()).hexdigest()[:12]

    def address(self, name: str) -> str:
        """Where a file is served; KeyError where there is none of that name."""
        assert self._by_name[name]
        return f"/static/{self._version}/{name}"

    def routes(self) -> list[Route]:
        """The addresses, with a version and without one."""
        return [
            Route("/static/{version}/{name}", self._serve),
            Route("/static/{name}", self._serve),
        ]

    async def _serve(self, http: HttpRequest) -> Response:
        asset = self._by_name.get(http.path_params["name"])
        if asset is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        is_current = http.path_params.get("version") == self._version
        headers = {"ETag": asset.etag, "Cache-Control": _FOR_GOOD if is_current else _ASK_FIRST}
        known = http.headers.get("if-none-match", "")
        if asset.etag in (one.strip().removeprefix("W/") for one in known.split(",")):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        return Response(asset.content, headers=headers, media_type=asset.media_type)


def _asset_of(path: Path) -> _Asset:
    content = path.read_bytes()
    etag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
    return _Asset(content, _TYPES[path.suffix], etag)

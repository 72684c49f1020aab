"""SQLite FTS5 behind HTTP, in the stack of the service, so that what differs is the search.

    python -m tests.bench.serve_peer DATABASE

Starlette and uvicorn are set up as ``search.serve`` does it; as many threads answer, each with a
connection of its own. ``/api/search?q=`` takes FTS5's language and gives the ten best passages by
bm25 as JSON: id, title, text, and the text with its matches marked. Hits are not counted, no word
is corrected, and nothing is refused for want of room.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sqlite3
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import local
from typing import TYPE_CHECKING

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.routing import Route

from indexer.interrupts import note_only
from search.serve.limits import Limits
from tests.bench.engines import LIMIT

if TYPE_CHECKING:
    from starlette.requests import Request

# As of the application of the service.
_GZIP_FROM_BYTES = 1_000
_GZIP_LEVEL = 5
_SELECT = (
    "SELECT id, text, highlight(passages, 1, char(2), char(3)), -rank "
    "FROM passages WHERE passages MATCH ? ORDER BY rank LIMIT ?"
)


class Peer:
    """Answers queries from a database, in threads."""

    def __init__(self, database: str) -> None:
        self._database = database
        self._threads = ThreadPoolExecutor(Limits().workers, "search")
        self._own = local()

    def app(self) -> Starlette:
        """The application."""
        return Starlette(
            routes=[Route("/api/search", self._search)],
            middleware=[
                Middleware(GZipMiddleware, minimum_size=_GZIP_FROM_BYTES, compresslevel=_GZIP_LEVEL)
            ],
        )

    async def _search(self, http: Request) -> Response:
        query = http.query_params["q"]
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._threads, self._found, query)
        return Response(_json_of(query, found), media_type="application/json")

    def _found(self, query: str) -> list[tuple[str, str, str, float]]:
        if not hasattr(self._own, "connection"):
            self._own.connection = sqlite3.connect(self._database)
        rows: list[tuple[str, str, str, float]] = self._own.connection.execute(
            _SELECT, (query, LIMIT)
        ).fetchall()
        return rows


def _json_of(query: str, found: list[tuple[str, str, str, float]]) -> str:
    """The object as the product writes it: a line for each passage."""
    records = [
        {
            "rank": rank,
            "score": score,
            "id": record_id,
            "article": record_id,
            "title": "",
            "text": text,
            "highlighted": highlighted,
        }
        for rank, (record_id, text, highlighted, score) in enumerate(found, 1)
    ]
    lines = ",\n".join(json.dumps(record, ensure_ascii=False) for record in records)
    head = json.dumps({"query": query, "returned": len(found)}, ensure_ascii=False)
    return f'{head[:-1]}, "passages": [\n{lines}\n]}}\n'


def main() -> None:
    """Serve the database that the command line names until a signal comes."""
    note_only()  # a signal is its good end
    # Named, as asyncio sends what is written at once only where the protocol is told to be TCP.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    config = uvicorn.Config(
        Peer(sys.argv[1]).app(), log_config=None, access_log=False, server_header=False
    )
    print(f"at http://127.0.0.1:{listening.getsockname()[1]}/;", file=sys.stderr, flush=True)
    asyncio.run(uvicorn.Server(config).serve([listening]))


if __name__ == "__main__":
    main()

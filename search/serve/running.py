"""A service while it runs: the socket, the server, its end when a signal has come."""

from __future__ import annotations

import asyncio
import os
import socket
from typing import TYPE_CHECKING

import uvicorn

from indexer.errors import UsageError
from search.opening import NO_INDEX
from search.serve.app import app_of
from search.serve.limits import Limits
from search.serve.service import Service
from search.serve.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable


def serve(
    index_dir: str | None,
    host: str,
    port: int,
    *,
    on_note: Callable[[str], None],
) -> None:
    """Serve an index until a signal has come; what runs then is finished.

    Raises:
        UsageError: the address cannot be listened at.
        IndexMissingError, IndexFormatError: as ``open_index``.
    """
    source = Source(index_dir)
    limits = Limits()
    listening = _listening(host, port)
    config = uvicorn.Config(
        app_of(Service(source, limits)),
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=int(limits.timeout_seconds) + 1,
        h11_max_incomplete_event_size=limits.target_bytes + 64_000,
    )
    named = f"[{host}]" if ":" in host else host
    if source.current().is_sample:
        on_note(NO_INDEX)
    on_note(f"at http://{named}:{listening.getsockname()[1]}/; Ctrl-C ends it")
    # It ends by signals of its own accord, and gives them to what had them before.
    asyncio.run(uvicorn.Server(config).serve([listening]))
    on_note("stopped")


def _listening(host: str, port: int) -> socket.socket:
    """A socket that listens at an address."""
    try:
        ((family, *_, address), *_) = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        # asyncio turns Nagle's algorithm off only where the protocol is named, and an answer, whose
        # head and body are written one after the other, would wait 40 ms for an acknowledgement.
        listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        if os.name == "posix":  # elsewhere it would let two servers have one address
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen()  # from here on those that ask are only kept waiting
    except OSError as error:
        raise UsageError(
            f"cannot listen at {host}, port {port}: {error.strerror or error}",
            hint="choose another --port, or 0 for a free one",
        ) from error
    return listening

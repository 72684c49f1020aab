"""A service while it runs: the socket, the server, its end when a signal has come."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from contextlib import nullcontext
from ipaddress import ip_address
from threading import Thread
from typing import TYPE_CHECKING

import uvicorn

from indexer.errors import UsageError
from indexer.tuples import NamedTuple
from search.opening import NO_INDEX
from search.serve.app import app_of
from search.serve.guard.asking import Guard, host_name, origin
from search.serve.guard.connections import protocol_of
from search.serve.guard.tokens import read_token
from search.serve.service import Service
from search.serve.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from indexer.interrupts import Noted
    from search.serve.limits import Limits

# Of the headers of a request beside its address.
_HEADER_BYTES = 64_000


class Place(NamedTuple):
    """Where a service is, and who may ask it; as on the command line.

    Attributes:
        host: the address, or a name that leads to it.
        port: 0 for a free one.
        token_file: holds what those who ask must show; None: nothing, at a loopback address only.
        allow_hosts: names by which it may be asked, as behind a proxy.
        allow_origins: of pages elsewhere that may ask it.
    """

    host: str
    port: int
    token_file: str | None = None
    allow_hosts: Sequence[str] = ()
    allow_origins: Sequence[str] = ()


def serve(
    index_dir: str | None,
    place: Place,
    limits: Limits,
    *,
    noted: Noted,
    on_note: Callable[[str], None],
    on_unexpected: Callable[[Exception], object],
    on_ready: Callable[[str], None] = lambda _address: None,
) -> None:
    """Serve an index until a signal has come; what runs then is finished.

    Args:
        index_dir: as of ``open_index``.
        place: where.
        limits: what is bounded.
        noted: tells when a signal has come.
        on_note: called with what is told to the one who started it, a line each.
        on_unexpected: called with an error that nobody foresaw; the service goes on.
        on_ready: called in a thread of its own with the address, when it answers there.

    Raises:
        UsageError: the address cannot be listened at, or not without a token; what is said of
            tokens, hosts and origins is none.
        IndexMissingError, IndexFormatError: as ``open_index``.
    """
    listening = _listening(place.host, place.port)
    try:
        guard = _guard(place, listening, on_note)
        source = Source(index_dir, timeout_seconds=limits.timeout_seconds)
        _tell_of_libraries(on_note, on_unexpected)
        config = uvicorn.Config(
            app_of(Service(source, limits), guard, on_unexpected=on_unexpected),
            loop="asyncio",
            http=protocol_of(limits),
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=int(limits.timeout_seconds) + 1,
            h11_max_incomplete_event_size=limits.target_bytes + _HEADER_BYTES,
        )
        address = _address(place.host, listening)
        if source.current().is_sample:
            on_note(NO_INDEX)
        on_note(f"at {address}; Ctrl-C ends it")
        Thread(target=on_ready, args=(address,), daemon=True).start()
        asyncio.run(_Server(config, noted).serve([listening]))
    finally:
        listening.close()
    on_note("stopped")


class _Server(uvicorn.Server):
    """Ends when a signal was noted, and leaves signals to what notes them."""

    def __init__(self, config: uvicorn.Config, noted: Noted) -> None:
        super().__init__(config)
        self._noted = noted

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        """Leave them."""
        return nullcontext()

    async def on_tick(self, counter: int) -> bool:
        """Whether it is to end; it is asked ten times a second."""
        self.should_exit = self.should_exit or self._noted.is_set()
        return await super().on_tick(counter)


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
    except (OSError, UnicodeError) as error:
        told = error.strerror or error if isinstance(error, OSError) else "it is no name"
        raise UsageError(
            f"cannot listen at {host}, port {port}: {told}",
            hint="choose another --port, or 0 for a free one",
        ) from error
    return listening


def _guard(place: Place, listening: socket.socket, on_note: Callable[[str], None]) -> Guard:
    """Who may ask; UsageError if everybody could who reaches another address than loopback's."""
    bound = listening.getsockname()[0].partition("%")[0]
    if place.token_file is None and not ip_address(bound).is_loopback:
        raise UsageError(
            f"at {place.host} everybody could ask who reaches it",
            hint="make a token with: (umask 077; openssl rand -hex 24 >token), "
            "and start it with --token-file token",
        )
    hosts = set(map(host_name, place.allow_hosts))
    if not _is_address(place.host):
        hosts.add(host_name(place.host))
    token = "" if place.token_file is None else read_token(place.token_file, on_note=on_note)
    return Guard(token, frozenset(hosts), frozenset(map(origin, place.allow_origins)))


def _address(host: str, listening: socket.socket) -> str:
    """Where a browser finds it."""
    named = f"[{host}]" if ":" in host else host
    return f"http://{named}:{listening.getsockname()[1]}/"


def _is_address(host: str) -> bool:
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def _tell_of_libraries(
    on_note: Callable[[str], None], on_unexpected: Callable[[Exception], object]
) -> None:
    """Have faults that libraries log told in one line each."""

    class Notes(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            error = record.exc_info[1] if record.exc_info else None
            if isinstance(error, Exception):
                on_unexpected(error)
            elif record.getMessage().startswith("Cancel "):  # at the end, of uvicorn
                on_note("gave up what was not asked in full, or not answered in time")
            elif error is None:  # or it was cancelled then
                on_note(record.getMessage())

    logging.getLogger().handlers = [Notes(logging.ERROR)]

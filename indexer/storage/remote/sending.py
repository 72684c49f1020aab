"""Documents on their way to the cluster: some requests at once, while the next are made."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Semaphore
from typing import TYPE_CHECKING

from indexer.storage.remote.bulk import write

if TYPE_CHECKING:
    from concurrent.futures import Future

    from indexer.storage.remote.client import Client

# A request has so much, or so many documents; more take the cluster long to answer.
_REQUEST_BYTES = 5_000_000
_REQUEST_DOCUMENTS = 2_000
_THREADS = 2
# So many are made while those that are on their way are answered.
_MADE_AHEAD = 1


class Sending:
    """Sends documents by threads; at any time a few requests are in memory."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="sending")
        self._room = Semaphore(_THREADS + _MADE_AHEAD)
        self._requests: list[str] = []
        self._size_bytes = 0
        self._sent: list[Future[None]] = []

    def add(self, request: str) -> None:
        """Take what ``bulk.to_put()`` made; raises what the cluster said of earlier ones."""
        self._requests.append(request)
        self._size_bytes += len(request)  # they are ASCII
        if self._size_bytes >= _REQUEST_BYTES or len(self._requests) >= _REQUEST_DOCUMENTS:
            self._send()

    def finish(self) -> None:
        """Wait until the cluster has all; raises as add()."""
        self._send()
        self._look(is_last=True)

    def close(self) -> None:
        """Give up what is not on its way yet, and wait for what is."""
        self._requests = []
        self._threads.shutdown(cancel_futures=True)

    def _send(self) -> None:
        if not self._requests:
            return
        self._room.acquire()
        requests, self._requests, self._size_bytes = self._requests, [], 0
        self._sent.append(self._threads.submit(self._bulk, requests))
        self._look(is_last=False)

    def _bulk(self, requests: list[str]) -> None:
        try:
            write(self._client, requests)
        finally:
            self._room.release()

    def _look(self, *, is_last: bool) -> None:
        """Raise what went wrong with requests that were answered, at the end with all."""
        waiting = []
        for one in self._sent:
            if is_last or one.done():
                one.result()
            else:
                waiting.append(one)
        self._sent = waiting

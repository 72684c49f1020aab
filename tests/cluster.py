"""A cluster of OpenSearch nodes on the loopback, for tests and to try things on by hand.

``python -m tests.cluster --nodes 2`` prints one line of JSON with its version and addresses, or
why there is none, and stays until it is interrupted.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import select
import signal
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NoReturn, Self

from tests.opensearch import Unavailable
from tests.opensearch.jars import opensearch_home
from tests.opensearch.java import find_java
from tests.opensearch.node import Node

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.opensearch.java import Java

#: A start takes 6 seconds where nothing else runs.
START_SECONDS = 300


def ask(address: str, path: str, *, method: str = "GET", body: object = None) -> tuple[int, Any]:
    """The status and the JSON with which a node answers."""
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=60)
    try:
        sent = None if body is None else json.dumps(body)
        connection.request(method, path, sent, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read() or b"null")
    finally:
        connection.close()


class Cluster:
    """Nodes that run while its context lasts; the first one leads and all hold data.

    Args of the constructor:
        directory: where it writes settings, logs and data; made by it.
        nodes: how many.
        heap_mb: the memory that each node's Java may use for objects.
        java: what to run them on, and with it the release; else the one the environment names.
        settings: of each node, beside what it needs.

    Raises: Unavailable if there is no Java or no OpenSearch to be had, or a node does not start.
    """

    def __init__(
        self,
        directory: Path,
        *,
        nodes: int = 2,
        heap_mb: int = 512,
        java: Java | None = None,
        settings: Mapping[str, object] = MappingProxyType({}),
    ) -> None:
        java = java or find_java()
        release, home = opensearch_home(java)
        self.version = release.version
        self.urls: tuple[str, ...] = ()
        directory.mkdir(parents=True)
        self.nodes = [
            Node(f"n{number}", java, home, directory / f"n{number}", heap_mb, settings)
            for number in range(nodes)
        ]

    def __enter__(self) -> Self:
        """Start all nodes and wait until each answers and is a member."""
        try:
            for node in self.nodes:
                node.start()
            addresses = self._wait_for_members()
        except BaseException:
            self.stop()
            raise
        self.urls = tuple(f"http://{address}" for address in addresses)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End all nodes at once; their data are of no more use."""
        for node in self.nodes:
            node.kill()

    def summary(self) -> dict[str, object]:
        """What one needs to use it from another process, as JSON has it."""
        pids = [node.process.pid for node in self.nodes if node.process is not None]
        return {"version": self.version, "urls": self.urls, "pids": pids}

    @contextmanager
    def hung(self, number: int) -> Iterator[None]:
        """Have a node hang meanwhile."""
        self.nodes[number].suspend()
        try:
            yield
        finally:
            self.nodes[number].resume()

    def kill(self, number: int) -> None:
        """End a node amidst what it does. Without the first, nothing can be changed."""
        self.nodes[number].kill()

    def restart(self, number: int) -> None:
        """Start a killed node again with its data and its address; wait until it is a member."""
        self.nodes[number].start()
        self._wait_for_members()

    def _wait_for_members(self) -> list[str]:
        """Wait until all nodes that run are members, the first among them; their addresses."""
        until = time.monotonic() + START_SECONDS
        leader, *others = [node for node in self.nodes if node.process is not None]
        seed = leader.address("transport", until)
        for node in others:
            node.find(seed)
        addresses = [node.address("http", until) for node in (leader, *others)]
        while _members(addresses[0]) < len(addresses):
            if time.monotonic() > until:
                raise Unavailable("nodes of OpenSearch run that do not find each other")
            time.sleep(0.1)
        return addresses


def _members(address: str) -> int:
    """How many nodes a node knows; none before it answers."""
    try:
        _, health = ask(address, "/_cluster/health")
    except OSError:
        return 0
    return int(health.get("number_of_nodes", 0))


def _wait_for_the_end_of(pid: int) -> None:
    with suppress(ProcessLookupError):  # it has ended before
        descriptor = os.pidfd_open(pid)
        select.select([descriptor], [], [])
        os.close(descriptor)


def _end(*_: object) -> NoReturn:
    sys.exit(0)


def main() -> None:
    parser = argparse.ArgumentParser(description="OpenSearch on the loopback, for tests.")
    parser.add_argument("--nodes", type=int, default=2, metavar="N", help="how many nodes")
    parser.add_argument("--heap-mb", type=int, default=512, metavar="N", help="memory of each")
    parser.add_argument("--beside", type=int, metavar="PID", help="end when that process has ended")
    given = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _end)
    with tempfile.TemporaryDirectory(prefix="passage-search-cluster-") as directory:
        try:
            with Cluster(Path(directory, "run"), nodes=given.nodes, heap_mb=given.heap_mb) as it:
                print(json.dumps(it.summary()), flush=True)
                if given.beside is None:
                    signal.pause()
                else:
                    _wait_for_the_end_of(given.beside)
        except Unavailable as reason:
            print(json.dumps({"unavailable": str(reason)}), flush=True)
            sys.exit(1)


if __name__ == "__main__":
    main()

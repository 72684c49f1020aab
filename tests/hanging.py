"""Indices in a cluster of which a node hangs, and what is asked of them then."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING, NamedTuple

from indexer.build import build_index
from indexer.intake import ReadOptions
from indexer.storage.places import Spread
from tests.cluster import Cluster, ask
from tests.commands import Ran, sh
from tests.opensearch import Unavailable
from tests.opensearch.shared import without

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

ENGLISH = ReadOptions(language="en")
#: A member that hangs stays one for minutes, so that no test depends on when it is found out.
SLOW_TO_TELL: Mapping[str, object] = {
    "cluster.fault_detection.follower_check.timeout": "60s",
    "cluster.fault_detection.leader_check.timeout": "60s",
}


class Site(NamedTuple):
    """Two nodes, and the same articles twice: in an index ``twice`` of which each node has all.

    Of the index ``once`` each has half, and the first node has its state.
    """

    cluster: Cluster
    home: Path

    def place(self, index: str, *nodes: int) -> str:
        """The address of an index by some nodes."""
        hosts = [self.cluster.urls[node].removeprefix("http://") for node in nodes]
        return f"opensearch://{','.join(hosts)}/{index}"

    def run(self, lines: Sequence[str]) -> list[Ran]:
        """Run lines of the shell, all at once."""
        with ThreadPoolExecutor(len(lines)) as threads:
            return list(threads.map(lambda line: sh(line, self.home), lines))


@contextmanager
def site(home: Path, settings: Mapping[str, object]) -> Iterator[Site]:
    """Start the nodes and fill the indices; ids are paths from a home folder."""
    (home / "texts").mkdir(parents=True)
    for number in range(30):
        text = f"On ferries\n\nThe ferry of pier {number}.\n\nFog again, on pier {number}.\n"
        (home / "texts" / f"{number}.txt").write_text(text)
    try:
        started = Cluster(home / "cluster", settings=settings)
    except Unavailable as reason:
        without(reason)
    with started as cluster:
        made = Site(cluster, home)
        for index, replicas in (("twice", 1), ("once", 0)):
            place = made.place(index, 0)
            build_index([str(home / "texts")], place, options=ENGLISH, spread=Spread(2, replicas))
        put_on(cluster, "once", {"index.routing.allocation.total_shards_per_node": 1})
        put_on(cluster, "once.state", {"index.routing.allocation.require._name": "n0"})
        yield made


def put_on(cluster: Cluster, index: str, settings: dict[str, object]) -> None:
    """Change where the parts of an index may be, and wait until all are where they may be."""
    url = cluster.urls[0]
    if settings:
        status, answer = ask(url, f"/{index}/_settings", method="PUT", body=settings)
        assert status == 200, answer
    wanted = "wait_for_no_relocating_shards=true&wait_for_status=green&timeout=60s"
    _, health = ask(url, f"/_cluster/health?{wanted}")
    assert not health["timed_out"]


@contextmanager
def mute() -> Iterator[str]:
    """The host and port of a server that takes connections and never answers."""
    taken: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            while True:
                try:
                    taken.append(server.accept()[0])
                except OSError:
                    return

        thread = Thread(target=accept)
        thread.start()
        try:
            yield f"127.0.0.1:{server.getsockname()[1]}"
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()
            for one in taken:
                one.close()

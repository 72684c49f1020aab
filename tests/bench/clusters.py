"""The same index in a directory, in a cluster of one node, and in one of two.

    python -m tests.bench.clusters CORPUS [-n 100000] [--nodes 1,2] [--heap-mb 1024]

All nodes run on this machine and share its processors with the command, so a cluster of two is not
faster here: what it costs is seen, not what it gains. One node has one shard and no replica, two
have two shards and one replica of each. Each is built by ``indexer add`` from the same file; the
size is that of the documents on the disk, without replicas, and of replicas in a column of its own.
Queries are those of ``tests.bench.speed``, asked through Python.

What is printed last says what 10 million, 100 million and a billion paragraphs would take at these
bytes and rates: it is computed, not measured.
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.bench.corpus import first_of, texts_of
from tests.bench.cost import Cost, cost_of
from tests.bench.engines import Content, Product
from tests.bench.latency import latencies
from tests.bench.queries import Kind
from tests.bench.tables import figure, note, show, show_table
from tests.bench.workload import draw_queries
from tests.cluster import Cluster, ask
from tests.commands import BIN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.bench.corpus import Corpus
    from tests.bench.engines import Searcher
    from tests.bench.latency import Latencies
    from tests.bench.queries import Query

_NAME = "bench"
#: A shard is moved as a whole when a node is lost; OpenSearch's makers name 10 to 50 GB.
SHARD_BYTES = 30e9
_SIZES = (10_000_000, 100_000_000, 1_000_000_000)


class InCluster(Product):
    """The product with its index in a cluster."""

    def __init__(self, address: str, nodes: int) -> None:
        super().__init__("--shards", str(nodes), "--replicas", str(nodes - 1))
        self.name = f"{nodes} node{'s' if nodes > 1 else ''}"
        self.address = address

    def build_command(self, records: Path, folder: Path, content: Content) -> list[str]:  # noqa: ARG002 - Engine's
        """The command a user types, with an address in the place of the folder."""
        assert content is Content.TEXT
        return [str(BIN / "indexer"), "-i", self.address, "add", *self._options, str(records)]

    def open(self, folder: Path) -> Searcher:  # noqa: ARG002 - Engine's
        """Open the index in the cluster, wherever the folder is."""
        return super().open(self.address)  # type: ignore[arg-type]


class Measured(NamedTuple):
    """What one way of keeping the index costs.

    Attributes:
        cost: of the build; the disk is that of a directory, or of documents without replicas.
        replicas_bytes: what replicas take beside.
        answers: how it answers.
    """

    cost: Cost
    replicas_bytes: int
    answers: Latencies


def measure_local(
    corpus: Corpus, queries: Mapping[Kind, Sequence[Query]], folder: Path, rounds: int
) -> Measured:
    """What a directory costs."""
    note("build: directory")
    product, index_dir = Product(), folder / "directory"
    cost = cost_of(product.build_command(corpus.file, index_dir, Content.TEXT), index_dir)
    answers = latencies([(product, index_dir)], queries, rounds=rounds)
    return Measured(cost, 0, answers[product.name])


def measure_cluster(
    corpus: Corpus,
    queries: Mapping[Kind, Sequence[Query]],
    folder: Path,
    options: argparse.Namespace,
    nodes: int,
) -> Measured:
    """What a cluster of so many nodes costs, which is started for it."""
    with Cluster(folder / f"nodes{nodes}", nodes=nodes, heap_mb=options.heap_mb) as cluster:
        node = cluster.urls[0]
        engine = InCluster(f"{node.replace('http', 'opensearch', 1)}/{_NAME}", nodes)
        note(f"build: {engine.name}")
        command = engine.build_command(corpus.file, folder, Content.TEXT)
        cost = cost_of(command, folder / "nothing")
        _, stats = ask(node, f"/{_NAME},{_NAME}.state/_stats/store")
        primaries = stats["_all"]["primaries"]["store"]["size_in_bytes"]
        total = stats["_all"]["total"]["store"]["size_in_bytes"]
        answers = latencies([(engine, folder)], queries, rounds=options.rounds)
        return Measured(
            cost._replace(disk_bytes=primaries), total - primaries, answers[engine.name]
        )


def show_measured(paragraphs: int, measured: Mapping[str, Measured]) -> None:
    """Print what builds and queries cost."""
    rows = [
        [
            name,
            figure(one.cost.seconds),
            figure(one.cost.processor_seconds),
            figure(paragraphs / one.cost.seconds),
            figure(one.cost.disk_bytes / 1e6),
            figure(one.replicas_bytes / 1e6),
        ]
        for name, one in measured.items()
    ]
    head = ["index", "wall s", "processor s of indexer", "paragraphs/s", "disk MB", "replicas MB"]
    show_table(head, rows)
    rows = [
        [
            kind.value,
            *(
                f"{figure(one.answers.by_kind[kind].median_ms)} / "
                f"{figure(one.answers.by_kind[kind].p95_ms)}"
                for one in measured.values()
            ),
        ]
        for kind in Kind
    ]
    means = (figure(one.answers.mean_ms()) for one in measured.values())
    rows.append(["geometric mean", *means])
    show_table(["median / p95 ms", *measured], rows)


def show_sizes(paragraphs: int, measured: Mapping[str, Measured]) -> None:
    """Print what more paragraphs would take, computed."""
    _, *clusters = measured.items()
    if not clusters:
        return
    name, one = clusters[0]
    a_paragraph = one.cost.disk_bytes / paragraphs
    rate = paragraphs / one.cost.seconds
    rows = [
        [
            f"{size:,}",
            figure(size * a_paragraph / 1e9),
            f"{max(1, round(size * a_paragraph / SHARD_BYTES))}",
            figure(2 * size * a_paragraph / 1e9),
            figure(size / rate / 3600),
        ]
        for size in _SIZES
    ]
    show(
        f"Computed from {name}: {a_paragraph:,.0f} bytes a paragraph, {rate:,.0f} paragraphs a "
        f"second from one command, shards of {SHARD_BYTES / 1e9:.0f} GB."
    )
    head = ["paragraphs", "GB", "shards", "GB with a replica", "hours to load with one command"]
    show_table(head, rows)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("-n", type=int, default=100_000)
    parser.add_argument(
        "--nodes", type=lambda text: [int(one) for one in text.split(",") if one], default=[1, 2]
    )
    parser.add_argument("--heap-mb", type=int, default=1_024)
    parser.add_argument("--queries", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        corpus = first_of(options.corpus, options.n, folder / "records.jsonl")
        show(f"{corpus.describe()}; Python {platform.python_version()}, {os.cpu_count()} CPUs.")
        queries = draw_queries(texts_of(corpus), per_kind=options.queries, seed=options.seed)
        measured = {"directory": measure_local(corpus, queries, folder, options.rounds)}
        for nodes in options.nodes:
            measured[InCluster("", nodes).name] = measure_cluster(
                corpus, queries, folder, options, nodes
            )
        show_measured(corpus.paragraphs, measured)
        show_sizes(corpus.paragraphs, measured)


if __name__ == "__main__":
    main()

"""How many requests the service stands, beside SQLite FTS5 behind the same server; and how long.

    python -m tests.bench.serve CORPUS [--seconds 10] [--clients 1,8,64] [--gzip]
    python -m tests.bench.serve CORPUS --soak MINUTES

CORPUS is a .jsonl, .jsonl.xz or .jsonl.gz of records {id, text}; ``tests/bench/corpus.py`` tells
what is taken of it. Both systems index the same file and answer as processes of their own:
``search-serve`` as a user starts it, and ``serve_peer.py``. The queries are those of
``speed.py``, of all kinds and equally many of each, in each system's language as
``baselines.py`` has it. The clients are one more process (``serve_load.py``), which on few
processors takes its share of them; the table tells it. Processor time a request does not depend
on what else the machine does, requests a second and the time of an answer do.

An answer is right if its status is 200 and it has the passages of the first answer to its query,
in that order. --soak asks everything that the service has while articles come and go, and tells
what is wrong and what grows (``serve_soak.py``). The exit status is 1 if anything is or does.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from tests.bench.baselines import FTS5_DATABASE, FTS5_SYNTAX, Fts5
from tests.bench.corpus import first_of, texts_of
from tests.bench.cost import cost_of
from tests.bench.engines import Content, Product, Syntax
from tests.bench.serve_load import Load, Plan, load
from tests.bench.serve_processes import peak_bytes, server
from tests.bench.serve_soak import soak
from tests.bench.tables import figure, note, show, show_table
from tests.bench.workload import draw_queries
from tests.commands import BIN

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.bench.corpus import Corpus
    from tests.bench.engines import Engine
    from tests.bench.queries import Query
    from tests.bench.serve_processes import Server

_SEED = 7
_PRODUCT, _FTS5 = Product(), Fts5()
_HEAD = (
    "clients, system",
    "requests/s",
    "p50 ms",
    "p99 ms",
    "server ms/request",
    "clients' processor %",
    "503",
    "wrong",
)


class _Asked(NamedTuple):
    """A server, and what it is asked."""

    name: str
    server: Server
    targets: tuple[str, ...]


def measure(corpus: Corpus, queries: Sequence[Query], options: argparse.Namespace) -> bool:
    """Print how both systems stand the clients; tell whether all answers were right."""
    folder = corpus.file.parent
    product, fts5 = (_built(engine, corpus, folder) for engine in (_PRODUCT, _FTS5))
    with (
        server(serve_command(product), folder / "product.log") as ours,
        server(_peer_command(fts5), folder / "fts5.log") as theirs,
    ):
        asked = [
            _Asked(_PRODUCT.name, ours, targets_of(queries, Syntax())),
            _Asked(_FTS5.name, theirs, targets_of(queries, FTS5_SYNTAX)),
        ]
        loads = {
            (clients, one.name): _load(one, clients, options)
            for clients in options.clients
            for one in asked
        }
        peaks = {one.name: peak_bytes(one.server.pid) for one in asked}
    show_table(_HEAD, _rows(loads))
    show_table(
        ["system", "peak MB", "passages in an answer", "bytes of an answer"],
        [[name, figure(peak / 1e6), *_means(loads, name)] for name, peak in peaks.items()],
    )
    wrong = [
        f"{name}, {clients} clients: {told}"
        for (clients, name), one in loads.items()
        for told in (*one.wrong, *([f"{one.busy}x 503"] if one.busy else []))
    ]
    for told in wrong:
        show(f"Wrong: {told}")
    return not wrong


def serve_command(index_dir: Path) -> list[str]:
    """The command that serves an index at a free port."""
    return [str(BIN / "search-serve"), "-i", str(index_dir), "--port", "0"]


def _peer_command(index_dir: Path) -> list[str]:
    return [sys.executable, "-m", "tests.bench.serve_peer", str(index_dir / FTS5_DATABASE)]


def targets_of(queries: Iterable[Query], syntax: Syntax) -> tuple[str, ...]:
    """The queries as addresses without their host."""
    return tuple(f"/api/search?q={quote(syntax.write(query))}" for query in queries)


def _built(engine: Engine, corpus: Corpus, folder: Path) -> Path:
    note(f"build: {engine.name}")
    index_dir = folder / engine.name.replace(" ", "-")
    cost_of(engine.build_command(corpus.file, index_dir, Content.TEXT), index_dir)
    return index_dir


def _load(asked: _Asked, clients: int, options: argparse.Namespace) -> Load:
    note(f"{clients} clients: {asked.name}")
    headers = ("Accept-Encoding: gzip",) if options.gzip else ()
    address, pid, _ = asked.server
    return load(Plan(address, pid, clients, options.seconds, asked.targets, headers))


def _rows(loads: dict[tuple[int, str], Load]) -> list[list[str]]:
    return [
        [
            f"{clients}, {name}",
            figure(one.requests / one.seconds),
            figure(one.p50_ms),
            figure(one.p99_ms),
            figure(one.server_seconds / one.requests * 1e3),
            figure(one.client_seconds / one.seconds * 100),
            str(one.busy),
            str(one.wrong_total),
        ]
        for (clients, name), one in loads.items()
    ]


def _means(loads: dict[tuple[int, str], Load], name: str) -> list[str]:
    ones = [one for (_, of), one in loads.items() if of == name]
    requests = sum(one.requests for one in ones)
    return [
        f"{sum(one.passages * one.requests for one in ones) / requests:.1f}",
        f"{sum(one.answer_bytes * one.requests for one in ones) / requests:,.0f}",
    ]


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command line; what is missing is told before the work."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("corpus", type=Path, metavar="CORPUS")
    parser.add_argument("-n", type=int, default=100_000, metavar="N", help="paragraphs at most")
    parser.add_argument("--seconds", type=float, default=10, metavar="S", help="each measurement")
    parser.add_argument("--clients", type=_numbers, default=[1, 8, 64], metavar="N,...")
    parser.add_argument("--queries", type=int, default=20, metavar="N", help="of each kind")
    parser.add_argument("--seed", type=int, default=_SEED, help="what queries are drawn by")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--gzip", action="store_true", help="clients take packed answers")
    what.add_argument("--soak", type=float, metavar="MINUTES", help="ask everything for so long")
    options = parser.parse_args(arguments)
    if not options.corpus.is_file():
        parser.error(f"{options.corpus} is no file")
    if why := _FTS5.missing():
        parser.error(f"{_FTS5.name} cannot be measured: {why}")
    return options


def _numbers(text: str) -> list[int]:
    return list(map(int, text.split(",")))


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what the command line asks for."""
    options = parse_arguments(arguments)
    with tempfile.TemporaryDirectory(prefix="serve-") as temporary:
        corpus = first_of(options.corpus, options.n, Path(temporary) / "records.jsonl")
        drawn = draw_queries(texts_of(corpus), per_kind=options.queries, seed=options.seed)
        queries = list(chain.from_iterable(drawn.values()))
        show(f"{corpus.describe()}.")
        show(
            f"{_PRODUCT.version()}, {_FTS5.version()}; Python {platform.python_version()}, "
            f"{os.cpu_count()} processors. {len(queries)} queries of {len(drawn)} kinds, drawn by "
            f"the seed {options.seed}."
        )
        if options.soak is None:
            is_well = measure(corpus, queries, options)
        else:
            product = _built(_PRODUCT, corpus, corpus.file.parent)
            is_well = soak(product, queries, options.soak, command=serve_command(product))
    if not is_well:
        sys.exit(1)


if __name__ == "__main__":
    main()

"""How much faster many queries are as one batch than as so many calls of the command.

    python -m tests.bench.batching CORPUS [-n 100000] [--queries 1000]

CORPUS is what ``speed`` takes, and queries are drawn from it as there, of all kinds in turn. They
are asked for ten passages as JSON, once by ``search --batch`` and once each by a ``search`` of its
own, one after the other. A time is from the start of the first process to the end of the last one,
what they print included; both must print the same answers. A few calls are made before, so that
program and index are in memory. The ratio is the time of the calls divided by that of the batch.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
import time
from itertools import chain, islice, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.bench.corpus import first_of, texts_of
from tests.bench.cost import cost_of, installed_environment
from tests.bench.engines import Content, Product, Syntax
from tests.bench.queries import Kind
from tests.bench.tables import figure, note, show, show_table
from tests.bench.workload import draw_queries
from tests.commands import BIN

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.bench.corpus import Corpus

_SEED = 7
_WARM_UP_CALLS = 3


def draw(corpus: Corpus, number: int) -> list[str]:
    """So many queries of all kinds in turn, in the product's language; fewer of a small corpus."""
    per_kind = -(-number // len(Kind))
    by_kind = draw_queries(texts_of(corpus), per_kind=per_kind, seed=_SEED)
    turns = chain.from_iterable(zip_longest(*by_kind.values()))
    return list(islice((Syntax().write(query) for query in turns if query), number))


def ask_as_batch(index_dir: Path, queries: Sequence[str], folder: Path) -> tuple[float, str]:
    """The time that a batch takes, in seconds, and what it prints."""
    batch = folder / "batch.jsonl"
    batch.write_text("".join(json.dumps({"query": one}) + "\n" for one in queries), "utf-8")
    started = time.perf_counter()
    printed = _printed([*_search(index_dir), "--batch", str(batch)])
    return time.perf_counter() - started, printed


def ask_one_by_one(index_dir: Path, queries: Iterable[str]) -> tuple[float, list[str]]:
    """The time that calls take, in seconds, and what each prints."""
    started = time.perf_counter()
    printed = [_printed([*_search(index_dir), "--", query]) for query in queries]
    return time.perf_counter() - started, printed


def _search(index_dir: Path) -> list[str]:
    return [str(BIN / "search"), "-i", str(index_dir), "--json"]


def _printed(command: Sequence[str]) -> str:
    environment = installed_environment()
    done = subprocess.run(
        command, env=environment, capture_output=True, encoding="utf-8", check=False
    )
    if done.returncode not in {0, 1}:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr}")
    return done.stdout


def check_same(batch: str, alone: Iterable[str]) -> int:
    """How many passages were found; SystemExit where an answer is not the same in both ways."""
    passages = 0
    for line, printed in zip(batch.splitlines(), alone, strict=True):
        answer: dict[str, Any] = json.loads(line)
        number = answer.pop("id")
        if answer != json.loads(printed):
            raise SystemExit(f"query {number}, {answer['query']!r}, has two answers")
        passages += answer["returned"]
    return passages


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("corpus", type=Path, metavar="CORPUS")
    parser.add_argument("-n", type=int, default=100_000, metavar="N", help="paragraphs at most")
    parser.add_argument("--queries", type=int, default=1_000, metavar="N", help="in all")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="batching-") as temporary:
        folder = Path(temporary)
        corpus = first_of(options.corpus, options.n, folder / "records.jsonl")
        index_dir = folder / "index"
        cost_of(Product().build_command(corpus.file, index_dir, Content.TEXT), index_dir)
        queries = draw(corpus, options.queries)
        ask_one_by_one(index_dir, queries[:_WARM_UP_CALLS])
        note("batch")
        batch_seconds, batch = ask_as_batch(index_dir, queries, folder)
        note("calls")
        call_seconds, alone = ask_one_by_one(index_dir, queries)
    passages = check_same(batch, alone)
    show(f"{corpus.describe()}; {len(queries):,} queries found {passages:,} passages.")
    row = [batch_seconds, call_seconds, call_seconds / batch_seconds]
    head = ["one batch, s", "as many calls, s", "ratio"]
    show_table(["", *head], [["search", *map(figure, row)]])


if __name__ == "__main__":
    main()

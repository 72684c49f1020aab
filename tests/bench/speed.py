"""How fast indexes are built and searched: the product beside stock Whoosh, SQLite FTS5, tantivy.

    python -m tests.bench.speed CORPUS [-n 100000] [--skip whoosh,tantivy]
    python -m tests.bench.speed CORPUS [-n 100000] --same-work
    python -m tests.bench.speed CORPUS --growth PNG [--growth-sizes 10000,100000]
    python -m tests.bench.speed --files [FOLDER]

CORPUS is a .jsonl, .jsonl.xz or .jsonl.gz of records {id, text}; ``tests/bench/corpus.py`` tells
what is taken of it. All systems index the same file, in turn, each in a process of its own, whose
time, processor time and peak memory are told with the size of the index it leaves; the time is
from the start of the process to its end. The product is built by its command as a user has it.

Queries are drawn from the corpus (``workload.py``), asked through each system's Python interface
for ten passages with their text, and timed in turn (``latency.py``); where they do not quite mean
the same is told in ``engines.py``. A ratio is one median divided by the other, so below 1 the
product is faster. How many passages come back is in a table of its own: systems that look for the
same return about as many.

--same-work builds nothing but one stemmed field with positions in each system. --growth repeats
the measurement with more and more paragraphs; sizes that are named and that the corpus does not
have are filled up with its own paragraphs, shuffled. --files measures files instead of records
(``ingestion.py``). tantivy and matplotlib come with ``pip install '.[bench]'``.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.baselines import BASELINES, Fts5
from tests.bench.corpus import Corpus, first_of, grown, texts_of
from tests.bench.cost import COST_COLUMNS, Cost, cost_cells, cost_of
from tests.bench.engines import Content, Engine, Product
from tests.bench.growth import DEFAULT_SIZES, Point, draw_growth, show_growth
from tests.bench.ingestion import documentation, show_ingestion
from tests.bench.latency import Latencies, cold_start, latencies
from tests.bench.queries import Kind, Query
from tests.bench.tables import figure, note, show, show_table
from tests.bench.workload import draw_queries

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_PRODUCT = Product()
_ONE_JOB = Product("--jobs", "1")
_SEED = 7
_WARM_UP_PARAGRAPHS = 100


class _Measurement:
    """Builds and searches in a temporary folder."""

    def __init__(self, corpus: Corpus, engines: Sequence[Engine], folder: Path) -> None:
        self._corpus = corpus
        self._engines = engines
        self._folder = folder

    def index_dir(self, engine: Engine) -> Path:
        """Where a system's index is."""
        return self._folder / engine.name.replace(" ", "-")

    def build(self, content: Content) -> dict[str, Cost]:
        """What each system's build costs.

        Each has built a little index before, so that its program is in memory.
        """
        few = first_of(self._corpus.file, _WARM_UP_PARAGRAPHS, self._folder / "few.jsonl")
        built = {}
        for engine in self._engines:
            note(f"build: {engine.name}")
            index_dir = self.index_dir(engine)
            cost_of(engine.build_command(few.file, index_dir, content), index_dir)
            shutil.rmtree(index_dir)
            command = engine.build_command(self._corpus.file, index_dir, content)
            built[engine.name] = cost_of(command, index_dir)
        return built

    def search(self, queries: Mapping[Kind, Sequence[Query]], rounds: int) -> dict[str, Latencies]:
        """How each system answers; the product from the index it builds as shipped."""
        indexes = [
            (engine, self.index_dir(engine)) for engine in self._engines if engine is not _ONE_JOB
        ]
        return latencies(indexes, queries, rounds=rounds)


def show_builds(built: Mapping[str, Cost]) -> None:
    """Print a row for each build; the ratio is that of the wall times."""
    fts5 = built.get(Fts5.name)
    rows = [
        [name, *cost_cells(cost), figure(cost.seconds / fts5.seconds) if fts5 else "-"]
        for name, cost in built.items()
    ]
    show_table(["build", *COST_COLUMNS, f"÷ {Fts5.name}"], rows)


def show_latencies(by_system: Mapping[str, Latencies]) -> None:
    """Print a row for each kind of query: times and ratios, and then the passages returned."""
    product, *others = by_system
    head = ["median / p95 ms", *by_system, *(f"÷ {name}" for name in others)]
    rows = []
    for kind in Kind:
        found = {name: answers.by_kind[kind] for name, answers in by_system.items()}
        times = [f"{figure(one.median_ms)} / {figure(one.p95_ms)}" for one in found.values()]
        ratios = [figure(found[product].median_ms / found[name].median_ms) for name in others]
        rows.append([kind.value, *times, *ratios])
    means = {name: answers.mean_ms() for name, answers in by_system.items()}
    ratios = [figure(means[product] / means[name]) for name in others]
    rows.append(["geometric mean", *map(figure, means.values()), *ratios])
    show_table(head, rows)
    rows = [
        [kind.value, *(f"{one.by_kind[kind].returned:.1f}" for one in by_system.values())]
        for kind in Kind
    ]
    rows.append(["passages in the index", *(f"{one.passages:,}" for one in by_system.values())])
    show_table(["passages in an answer", *by_system], rows)


def show_cold_start(index_dir: Path, words: Sequence[str]) -> None:
    """Print how long a search from the shell takes."""
    note("cold start")
    cold = cold_start(index_dir, words)
    show(
        f"Cold start: search from the shell {cold.search_ms:.0f} ms, "
        f"python -c 'import click, whoosh.index' {cold.imports_ms:.0f} ms, "
        f"ratio {cold.search_ms / cold.imports_ms:.2f}."
    )


def measure_once(engines: Sequence[Engine], options: argparse.Namespace, folder: Path) -> None:
    """Print what builds, queries and a cold start cost."""
    corpus = first_of(options.corpus, options.n, folder / "records.jsonl")
    show_setting(corpus, [_PRODUCT, *engines])
    queries = draw_queries(texts_of(corpus), per_kind=options.queries, seed=options.seed)
    measurement = _Measurement(corpus, [_PRODUCT, _ONE_JOB, *engines], folder)
    show_builds(measurement.build(Content.TEXT))
    show(
        f"Queries: {sum(map(len, queries.values()))} of {len(queries)} kinds, drawn by the seed "
        f"{options.seed}; each counts by its best time of {options.rounds}."
    )
    show_latencies(measurement.search(queries, options.rounds))
    show_cold_start(measurement.index_dir(_PRODUCT), queries[Kind.AND_3][0].words)


def measure_same_work(engines: Sequence[Engine], options: argparse.Namespace, folder: Path) -> None:
    """Print what it costs to build one stemmed field."""
    corpus = first_of(options.corpus, options.n, folder / "records.jsonl")
    show_setting(corpus, [_PRODUCT, *engines])
    show(
        "The same work: one field of English stems with positions and lengths of texts, without "
        "ids or stored text. The product's part is not its command but the classes behind it, "
        "given the language; they find and sort exact forms as well, which are not written."
    )
    show_builds(_Measurement(corpus, [_PRODUCT, *engines], folder).build(Content.POSTINGS))


def measure_growth(engines: Sequence[Engine], options: argparse.Namespace, folder: Path) -> None:
    """Print and draw what builds and queries cost at several sizes."""
    points: dict[str, list[Point]] = {}
    for size in options.growth_sizes or _sizes_of(options.corpus, folder):
        own = folder / str(size)
        own.mkdir()
        corpus = grown(options.corpus, size, own / "records.jsonl", seed=options.seed)
        show_setting(corpus, [_PRODUCT, *engines])
        queries = draw_queries(texts_of(corpus), per_kind=options.queries, seed=options.seed)
        measurement = _Measurement(corpus, [_PRODUCT, *engines], own)
        built = measurement.build(Content.TEXT)
        for name, answers in measurement.search(queries, options.rounds).items():
            points.setdefault(name, []).append(Point(size, built[name], answers))
        shutil.rmtree(own)
    show_growth(points)
    draw_growth(points, options.growth)
    show(f"Drawn in {options.growth}; a query's time is the geometric mean of the kinds' medians.")


def _sizes_of(source: Path, folder: Path) -> list[int]:
    """The sizes that a corpus has; all of it if it is smaller."""
    whole = first_of(source, max(DEFAULT_SIZES), folder / "whole.jsonl")
    whole.file.unlink()
    return [size for size in DEFAULT_SIZES if size <= whole.paragraphs] or [whole.paragraphs]


def show_setting(corpus: Corpus, engines: Sequence[Engine]) -> None:
    """Print what is measured, and where."""
    versions = ", ".join(engine.version() for engine in engines)
    show(f"{corpus.describe()}.")
    show(f"{versions}; Python {platform.python_version()}, {os.cpu_count()} processors.")


def choose(skip: Sequence[str]) -> list[Engine]:
    """The systems beside the product; those that cannot be measured are told and left out."""
    chosen: list[Engine] = []
    for engine in BASELINES:
        if engine.key in skip:
            continue
        if why := engine.missing():
            show(f"{engine.name} is left out: {why}.")
        else:
            chosen.append(engine)
    return chosen


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command line; files that are missing are told before the work."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("corpus", nargs="?", type=Path, metavar="CORPUS")
    parser.add_argument("-n", type=int, default=100_000, metavar="N", help="paragraphs at most")
    parser.add_argument("--skip", type=_names, default=[], metavar="NAME,...", help="leave out")
    parser.add_argument("--queries", type=int, default=50, metavar="N", help="of each kind")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="each query so often")
    parser.add_argument("--seed", type=int, default=_SEED, help="what queries are drawn by")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--same-work", action="store_true", help="build one stemmed field alone")
    what.add_argument("--growth", type=Path, metavar="PNG", help="several sizes, and a picture")
    what.add_argument(
        "--files",
        nargs="?",
        type=Path,
        const=documentation(),
        default=argparse.SUPPRESS,
        metavar="FOLDER",
        help="text and HTML files; if no folder is named, Python's documentation",
    )
    parser.add_argument(
        "--growth-sizes",
        type=_sizes,
        metavar="N,...",
        help="paragraphs; else 10000, 100000 and 1000000 as far as the corpus goes",
    )
    options = parser.parse_args(arguments)
    if "files" in options:
        if options.files is None:
            parser.error(
                "Python's documentation is not on this machine: --files FOLDER names another"
            )
        if not options.files.is_dir():
            parser.error(f"{options.files} is no folder")
    elif options.corpus is None:
        parser.error("a CORPUS is needed, or --files")
    elif not options.corpus.is_file():
        parser.error(f"{options.corpus} is no file")
    if options.growth and find_spec("matplotlib") is None:
        parser.error("--growth needs matplotlib: pip install '.[bench]'")
    if options.growth and not options.growth.absolute().parent.is_dir():
        parser.error(f"{options.growth} would be in a folder that is not there")
    return options


def _names(text: str) -> list[str]:
    names = text.split(",")
    known = [engine.key for engine in BASELINES]
    if unknown := [name for name in names if name not in known]:
        raise argparse.ArgumentTypeError(f"no {', '.join(unknown)} among {', '.join(known)}")
    return names


def _sizes(text: str) -> list[int]:
    return sorted(map(int, text.split(",")))


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what the command line asks for."""
    options = parse_arguments(arguments)
    with tempfile.TemporaryDirectory(prefix="speed-") as temporary:
        folder = Path(temporary)
        if "files" in options:
            show_ingestion(options.files, folder)
        elif options.growth:
            measure_growth(choose(options.skip), options, folder)
        elif options.same_work:
            measure_same_work(choose(options.skip), options, folder)
        else:
            measure_once(choose(options.skip), options, folder)


if __name__ == "__main__":
    main()

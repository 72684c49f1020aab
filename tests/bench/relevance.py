"""How well passages are ranked: the product beside stock Whoosh and Lucene on test collections.

    python -m tests.bench.relevance FOLDER... [--lucene FOLDER] [--skip-whoosh] [--ablation]
        [--save FILE] [--against FILE]

``tests/bench/collection.py`` tells what a folder holds. Everything goes through the public
interface: a JSON Lines file is added to an index, and the text of each query is searched as a user
would type it, also with --literal and with --broaden. Lucene needs Java, and the folder of its jars
lucene-core and lucene-analysis-common, 9 or 10.

A row has the measures as trec_eval computes them, the median time of a query (the product makes
whole passages in it, Whoosh and Lucene the list of hits; Lucene's second pass is timed), and how
much better or worse the product is in nDCG@10, with the p value of a paired randomisation test.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING

import pytrec_eval

from tests.bench.collection import read_collection
from tests.bench.significance import compare, read_state, write_state
from tests.bench.systems import (
    Lucene,
    Product,
    Run,
    ablations,
    broadened,
    literal,
    plain,
    run_whoosh,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tests.bench.collection import Collection
    from tests.bench.significance import State

MEASURES = {
    "nDCG@10": "ndcg_cut_10",
    "MAP": "map",
    "recall@100": "recall_100",
    "P@10": "P_10",
}
PRODUCT = "passage-search"
LUCENE = "Lucene"


def measure(collection: Collection, run: Run) -> dict[str, dict[str, float]]:
    """Each measure by query id, for the queries that have judgements."""
    evaluator = pytrec_eval.RelevanceEvaluator(collection.qrels, set(MEASURES.values()))
    scores = {
        query: {doc_id: -float(rank) for rank, doc_id in enumerate(run.found[query])}
        # A query that is left out would not count as one that finds nothing.
        or {"": 0.0}
        for query in collection.qrels
    }
    found = evaluator.evaluate(scores)
    return {
        name: {query: values[measure] for query, values in found.items()}
        for name, measure in MEASURES.items()
    }


def runs(
    collection: Collection, folder: Path, options: argparse.Namespace
) -> Iterator[tuple[str, Run]]:
    """Yield each system's name and what it finds; the product is the first."""
    product = Product(collection, folder)
    yield PRODUCT, product.run(plain)
    yield f"{PRODUCT} --literal", product.run(literal)
    yield f"{PRODUCT} --broaden", product.run(broadened)
    if not options.skip_whoosh:
        yield "stock Whoosh", run_whoosh(collection, folder)
    if options.lucene:
        yield LUCENE, options.lucene.run(collection, folder)
    if options.ablation:
        for name, request, ranking in ablations():
            yield name, product.run(request, ranking)


def show_collection(
    collection: Collection, options: argparse.Namespace
) -> dict[str, dict[str, float]]:
    """Print a row for each system; also their nDCG@10 by query."""
    by_system: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as temporary:
        for system, run in runs(collection, Path(temporary), options):
            figures = measure(collection, run)
            by_system[system] = figures["nDCG@10"]
            values = "  ".join(f"{mean(figures[name].values()):10.4f}" for name in MEASURES)
            row = f"{collection.name:14}  {system:30}  {values}  {run.seconds * 1000:8.1f}"
            if system != PRODUCT:
                better = compare(by_system[PRODUCT], by_system[system])
                row += f"  {better.mean:+8.4f}  {better.p:6.4f}"
            print(row, flush=True)
    return by_system


def show_against(state: State, before: State) -> None:
    """Print how each system differs from an earlier state."""
    print(f"\n{'collection':14}  {'system':30}  {'before':>8}  {'now':>8}  {'change':>8}  {'p':>6}")
    for collection, by_system in state.items():
        for system, now in by_system.items():
            then = before.get(collection, {}).get(system, {})
            if not now.keys() & then.keys():
                print(f"{collection:14}  {system:30}  not measured before")
                continue
            change = compare(now, then)
            print(
                f"{collection:14}  {system:30}  {mean(then.values()):8.4f}"
                f"  {mean(now.values()):8.4f}  {change.mean:+8.4f}  {change.p:6.4f}"
            )


def show_ratios(state: State) -> None:
    """Print the product's nDCG@10 as a multiple of Lucene's."""
    ratios = {
        collection: mean(by_system[PRODUCT].values()) / mean(by_system[LUCENE].values())
        for collection, by_system in state.items()
    }
    listed = ", ".join(f"{collection} {ratio:.3f}" for collection, ratio in ratios.items())
    print(f"\nnDCG@10 as a multiple of Lucene's: {listed}; mean {mean(ratios.values()):.3f}")


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command line; files and tools that are missing are told before the work."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--lucene", type=Path, metavar="FOLDER", help="also Lucene, by its jars")
    parser.add_argument("--skip-whoosh", action="store_true", help="without stock Whoosh")
    parser.add_argument("--ablation", action="store_true", help="also without each ingredient")
    parser.add_argument("--save", type=Path, metavar="FILE", help="write nDCG@10 of each query")
    parser.add_argument("--against", type=Path, metavar="FILE", help="compare with what was saved")
    options = parser.parse_args(arguments)
    options.lucene = options.lucene and Lucene(options.lucene)
    options.against = options.against and read_state(options.against)
    return options


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the collections named on the command line."""
    options = parse_arguments(arguments)
    names = "  ".join(f"{name:>10}" for name in MEASURES)
    print(f"{'collection':14}  {'system':30}  {names}  {'ms/query':>8}  {'product':>8}  {'p':>6}")
    state: dict[str, Mapping[str, Mapping[str, float]]] = {}
    for folder in options.folders:
        collection = read_collection(folder)
        state[collection.name] = show_collection(collection, options)
    if options.lucene:
        show_ratios(state)
    if options.against:
        show_against(state, options.against)
    if options.save:
        write_state(state, options.save)


if __name__ == "__main__":
    main()

"""How well a cluster ranks beside a directory: the same collections and queries in both.

    python -m tests.bench.opensearch_ranking opensearch://HOST:PORT/NAME FOLDER... [--keep]

``tests/bench/collection.py`` tells what a folder holds. Each is indexed in a directory, and in two
shards of a cluster under NAME and its own name. Printed are nDCG@10 and recall@100 of both, how
much of the first ten is the same on average and at the least, and the median time of a query.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING

from indexer.storage.remote.address import parse_address
from indexer.storage.remote.client import Client
from indexer.storage.remote.index import RemoteIndex
from tests.bench.collection import read_collection
from tests.bench.relevance import measure
from tests.bench.systems import Product, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.bench.systems import Run

_FIRST = 10
_SHOWN = ("nDCG@10", "recall@100")


def overlaps(here: Run, there: Run) -> list[float]:
    """By query that finds anything, how much of the first ten is the same."""
    found = []
    for query, ours in here.found.items():
        if ours:
            first = set(ours[:_FIRST])
            found.append(len(first.intersection(there.found[query][:_FIRST])) / len(first))
    return found


def show_folder(folder: Path, address: str, *, keep: bool) -> None:
    """Print a row of a collection."""
    collection = read_collection(folder)
    place = f"{address}-{collection.name.replace('_', '-')}"
    with tempfile.TemporaryDirectory() as temporary:
        local = Product(collection, Path(temporary))
        RemoteIndex.at(place, shards=2).writer().cancel()
        remote = Product(collection, Path(temporary), place)
        here, there = local.run(plain), remote.run(plain)
    if not keep:
        client = Client(parse_address(place))
        for name in (client.passages, client.state):
            client.ask("DELETE", f"/{name}")
    ours, theirs = measure(collection, here), measure(collection, there)
    cells = []
    for name in _SHOWN:
        one, other = mean(ours[name].values()), mean(theirs[name].values())
        cells.append(f"{one:.4f} {other:.4f} {other - one:+.4f}")
    same = overlaps(here, there)
    print(
        f"{collection.name:14}  {'   '.join(cells)}   {mean(same):.3f} {min(same):.1f}"
        f"   {here.seconds * 1000:.1f} {there.seconds * 1000:.1f}",
        flush=True,
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the collections named on the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("address", metavar="opensearch://HOST:PORT/NAME")
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--keep", action="store_true", help="leave the indexes there")
    options = parser.parse_args(arguments)
    print("collection      nDCG@10: here, there   recall@100: here, there   overlap   ms: both")
    for folder in options.folders:
        show_folder(folder, options.address, keep=options.keep)


if __name__ == "__main__":
    main()

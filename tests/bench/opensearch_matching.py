"""Whether an index in a cluster finds what one in a directory finds, on many queries.

    python -m tests.bench.opensearch_matching CORPUS.jsonl opensearch://HOST:PORT/NAME

The paragraphs of the corpus ({"id", "text"}) are put together as articles of one to eight, with
titles, authors, dates and tags made of their words, and indexed in both places; then a twentieth of
the articles is removed and as many are changed. Printed is each query whose passages or total
differ, or whose order does where the scores do; and how many were refused by the cluster.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexer.build import build_index, remove_articles
from indexer.storage.remote.address import parse_address
from indexer.storage.remote.client import Client
from indexer.storage.remote.index import RemoteIndex
from search.index import Index
from tests.bench.corpus import read_records
from tests.bench.tables import note, show
from tests.opensearch.comparing import opened
from tests.opensearch.questions import questions

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_AT_ONCE = 40
_MOST_PARAGRAPHS = 8
_TAGS = ("fog", "Local News", "café", "a*b")
_FILTERS = (
    *("author:anna", "author:b*", "lang:en", "lang:?e", "NOT lang:en", "source:steady.jsonl"),
    *("published:2021", "after:2022-06", "before:2021-02-03", "published:2020-05..2022-01"),
    *("published:*", "where:tags=fog", 'where:"tags=Local News"', "where:tags=caf?"),
    *(
        "where:tags=*",
        "article:a1",
        "article:a1*",
        "article:*7",
        "*",
        "source:*.jsonl",
        "title:the",
    ),
)


def articles(texts: Sequence[str], chance: random.Random) -> list[dict[str, Any]]:
    """Records of articles of some paragraphs each, all of them used once."""
    made: list[dict[str, Any]] = []
    left = list(texts)
    while left:
        own = [left.pop() for _ in range(min(len(left), chance.randint(1, _MOST_PARAGRAPHS)))]
        record: dict[str, Any] = {"id": f"a{len(made)}", "text": "\n\n".join(own)}
        if chance.random() < 0.7:
            record["title"] = " ".join(chance.choice(own).split()[:6])
        if chance.random() < 0.5:
            record["author"] = chance.choice(("Anna Berg", "Bo O'Brien", "Chloé"))
        if chance.random() < 0.5:
            day = chance.randint(0, 1_500)
            record["published"] = f"{2020 + day // 365}-{day % 12 + 1:02}-{day % 28 + 1:02}"
        if chance.random() < 0.4:
            record["tags"] = chance.sample(_TAGS, chance.randint(1, 2))
        made.append(record)
    return made


def write(records: Iterable[dict[str, Any]], file: Path) -> str:
    """Write records as JSON Lines; the path."""
    file.write_text("".join(f"{json.dumps(one)}\n" for one in records), "utf-8")
    return str(file)


def build(texts: Sequence[str], folder: Path, places: Sequence[Any], seed: int) -> None:
    """Make the same index in some places, with deletions and updates."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    made = articles(texts, chance)
    share = len(made) // 20
    chance.shuffle(made)
    leaving, changing, steady = made[:share], made[share : 2 * share], made[2 * share :]
    for place in places:
        started = time.perf_counter()
        files = [
            write(steady, folder / "steady.jsonl"),
            write(leaving, folder / "leaving.jsonl"),
            write(changing, folder / "changing.jsonl"),
        ]
        build_index(files, place)
        removed = remove_articles([one["id"] for one in leaving], place)
        changed = [
            {**one, "text": f"{other['text']}\n\n{one['text']}"}
            for one, other in zip(changing, reversed(changing), strict=True)
        ]
        report = build_index([write(changed, folder / "changing.jsonl")], place)
        note(
            f"{place}: {len(made):,} articles, {share - len(removed):,} removed, "
            f"{report.articles:,} changed, {time.perf_counter() - started:.0f} s"
        )


def compare(index: Path, address: str, asked: Sequence[str], ranked_share: int) -> int:
    """Print what differs; how many queries do. The order is compared for one of so many."""
    found = Counter[str]()
    refused = Counter[str]()
    overlaps: list[float] = []
    started = time.perf_counter()
    with Index.open(index) as local:
        pair = opened(local.backend, address)  # type: ignore[arg-type]
        for start in range(0, len(asked), _AT_ONCE):
            some = asked[start : start + _AT_ONCE]
            for one in pair.outcomes(some, ranked_share=ranked_share):
                found["refused" if one.refused else "differ" if one.faults else "same"] += 1
                if one.refused:
                    refused[one.refused] += 1
                if one.overlap is not None:
                    overlaps.append(one.overlap)
                if not one.refused and not one.total:
                    found["without a passage"] += 1
                for fault in one.faults:
                    print(f"{one.query!r}: {fault}", flush=True)
            seconds = time.perf_counter() - started
            note(f"{start + _AT_ONCE:,} queries, {dict(found)}, {seconds:.0f} s")
    show(", ".join(f"{number:,} {name}" for name, number in found.items()))
    if overlaps:
        same = sum(overlaps) / len(overlaps)
        show(
            f"{len(overlaps):,} queries find more than are ranked; of their first ten "
            f"{same:.2%} are those of the directory"
        )
    for reason, number in refused.most_common():
        show(f"refused {number:,}: {reason}")
    return found["differ"]


def main() -> int:
    """Run; the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("corpus", type=Path, metavar="CORPUS.jsonl")
    parser.add_argument("address", metavar="opensearch://HOST:PORT/NAME")
    parser.add_argument("--paragraphs", type=int, default=20_000)
    parser.add_argument("--queries", type=int, default=5_000)
    parser.add_argument("--first", type=int, default=0, help="leave out so many queries")
    parser.add_argument("--ranked", type=int, default=5, help="compare orders of one in so many")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where the index stays")
    options = parser.parse_args()
    records = read_records(options.corpus)
    texts = [one.text for one in islice(records, options.paragraphs)]
    client = Client(parse_address(options.address))
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        index = folder / "index"
        if not index.exists():
            RemoteIndex.at(options.address, shards=2).writer().cancel()
            build(texts, folder, [index, options.address], options.seed)
        asked = questions(texts, _FILTERS, options.seed)
        differ = compare(
            index,
            options.address,
            list(islice(asked, options.first, options.queries)),
            options.ranked,
        )
        if not options.keep:
            for name in (client.passages, client.state):
                client.ask("DELETE", f"/{name}")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())

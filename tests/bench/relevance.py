"""How well passages are ranked: the product beside stock Whoosh on test collections.

    python -m tests.bench.relevance FOLDER... [--ablation] [--skip-whoosh]

A folder holds ``docs.jsonl`` (``id``, ``title``, ``text``; also .xz or .gz), ``queries.tsv``
(``id<TAB>text``) and ``qrels.txt`` (TREC). Documents whose ids differ only behind the last "#" are
the paragraphs of one article. Everything goes through the public interface: a JSON Lines file is
added to an index, and the text of each query is searched as a user would type it.
"""

from __future__ import annotations

import argparse
import gzip
import json
import lzma
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pytrec_eval

from indexer import build_index
from search import Index
from search.backends.ranking import DEFAULT_RANKING, RankingSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DEPTH = 100
MEASURES = {
    "nDCG@10": "ndcg_cut_10",
    "MAP": "map",
    "recall@100": "recall_100",
    "P@10": "P_10",
}
Run: TypeAlias = dict[str, dict[str, float]]


@dataclass(frozen=True, slots=True)
class Collection:
    """One test collection in memory."""

    name: str
    docs: list[dict[str, str]]
    queries: dict[str, str]
    qrels: dict[str, dict[str, int]]


def read_collection(folder: Path) -> Collection:
    """Read a folder as the module describes it."""
    docs = [json.loads(line) for line in _lines(folder)]
    queries = dict(
        line.split("\t", 1) for line in (folder / "queries.tsv").read_text("utf-8").splitlines()
    )
    qrels: dict[str, dict[str, int]] = {}
    for line in (folder / "qrels.txt").read_text("utf-8").splitlines():
        query, _, doc, grade = line.split()
        qrels.setdefault(query, {})[doc] = int(grade)
    return Collection(folder.name, docs, queries, qrels)


def _lines(folder: Path) -> Iterator[str]:
    for name, opener in (
        ("docs.jsonl.xz", lzma.open),
        ("docs.jsonl.gz", gzip.open),
        ("docs.jsonl", open),
    ):
        if (folder / name).exists():
            with opener(folder / name, "rt", encoding="utf-8") as file:
                yield from file
            return
    raise SystemExit(f"{folder}: no docs.jsonl, docs.jsonl.gz or docs.jsonl.xz")


def index_collection(collection: Collection, folder: Path) -> tuple[Path, dict[str, list[str]]]:
    """Index a collection; also the document ids of each article, in the order of paragraphs."""
    articles: dict[str, list[dict[str, str]]] = {}
    for doc in collection.docs:
        articles.setdefault(doc["id"].rpartition("#")[0] or doc["id"], []).append(doc)
    bulk = folder / "articles.jsonl"
    with bulk.open("w", encoding="utf-8") as file:
        for article_id, docs in articles.items():
            # What holds no word is no passage: a sentence splitter's "..." for instance.
            docs[:] = [doc for doc in docs if any(map(str.isalnum, doc["text"]))]
            record = {
                "id": article_id,
                "title": docs[0].get("title", "") if docs else "",
                "text": "\n\n".join(" ".join(doc["text"].split()) for doc in docs),
            }
            file.write(json.dumps(record) + "\n")
    report = build_index([str(bulk)], folder / "index")
    wanted = sum(map(len, articles.values()))
    if report.paragraphs != wanted:
        raise SystemExit(f"{wanted} documents became {report.paragraphs} passages")
    return folder / "index", {key: [doc["id"] for doc in docs] for key, docs in articles.items()}


def run_product(
    index_dir: Path,
    ids: dict[str, list[str]],
    collection: Collection,
    ranking: RankingSettings,
    change: Callable[[str], str] = str,
    *,
    broaden: bool = False,
) -> tuple[Run, float]:
    """Search every query; also the median time of one in seconds."""
    run: Run = {}
    times = []
    with Index.open(index_dir, ranking=ranking) as index:
        for query_id, text in collection.queries.items():
            started = time.perf_counter()
            page = index.search(change(text), limit=DEPTH, broaden=broaden)
            times.append(time.perf_counter() - started)
            run[query_id] = {
                ids[p.paragraph.article_id][p.paragraph.number - 1]: -float(p.rank)
                for p in page.passages
            }
    return run, statistics.median(times)


def run_whoosh(collection: Collection, folder: Path) -> tuple[Run, float]:
    """Search with Whoosh as its documentation sets it up: OrGroup, BM25F, StemmingAnalyzer."""
    from whoosh import index  # noqa: PLC0415
    from whoosh.analysis import StemmingAnalyzer  # noqa: PLC0415
    from whoosh.fields import ID, TEXT, Schema  # noqa: PLC0415
    from whoosh.qparser import MultifieldParser, OrGroup  # noqa: PLC0415

    analyzer = StemmingAnalyzer()
    schema = Schema(id=ID(stored=True), title=TEXT(analyzer), text=TEXT(analyzer))
    folder.mkdir()
    whoosh_index = index.create_in(str(folder), schema)
    writer = whoosh_index.writer(limitmb=512)
    for doc in collection.docs:
        writer.add_document(id=doc["id"], title=doc.get("title", ""), text=doc["text"])
    writer.commit()
    run: Run = {}
    times = []
    with whoosh_index.searcher() as searcher:
        parser = MultifieldParser(["title", "text"], schema, group=OrGroup)
        for query_id, text in collection.queries.items():
            started = time.perf_counter()
            hits = searcher.search(parser.parse(text), limit=DEPTH)
            times.append(time.perf_counter() - started)
            run[query_id] = {hit["id"]: -float(rank) for rank, hit in enumerate(hits)}
    return run, statistics.median(times)


def measure(collection: Collection, run: Run) -> dict[str, float]:
    """Mean of each measure over the queries that have judgements."""
    evaluator = pytrec_eval.RelevanceEvaluator(collection.qrels, set(MEASURES.values()))
    judged = {query: run.get(query) or {"none": 0.0} for query in collection.qrels}
    found = evaluator.evaluate(judged)
    return {
        name: statistics.mean(values[measure] for values in found.values())
        for name, measure in MEASURES.items()
    }


def ablations() -> Iterator[tuple[str, RankingSettings, Callable[[str], str]]]:
    """Yield the settings with one ingredient taken out, and how the query text is changed."""
    settings = DEFAULT_RANKING
    yield "without the article's share", settings._replace(article_share=0.0), str
    yield "article's share 0.5", settings._replace(article_share=0.5), str
    no_title = settings._replace(title_weight=0.0, article_title_weight=0.0)
    yield "without titles", no_title, str
    yield "paragraph alone", no_title._replace(article_share=0.0), str
    yield (
        "paragraph alone, k1 1.2, b .75",
        no_title._replace(article_share=0.0, b=0.75),
        str,
    )
    yield "k1 0.9", settings._replace(k1=0.9), str
    yield "b 0.75", settings._replace(b=0.75), str
    yield "article k1 0.9, b 0.4", settings._replace(article_k1=0.9, article_b=0.4), str
    yield "repeats linear", settings._replace(k3=1e9), str
    yield "each query word once", settings, lambda text: " ".join(dict.fromkeys(text.split()))


def show(collection: str, system: str, figures: dict[str, float], seconds: float) -> None:
    """Print one row."""
    values = "  ".join(f"{figures[name]:10.4f}" for name in MEASURES)
    print(f"{collection:14}  {system:34}  {values}  {seconds * 1000:8.1f}")


def main() -> None:
    """Measure the collections named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--ablation", action="store_true", help="also without each ingredient")
    parser.add_argument("--skip-whoosh", action="store_true")
    options = parser.parse_args()
    names = "  ".join(f"{name:>10}" for name in MEASURES)
    print(f"{'collection':14}  {'system':34}  {names}  {'ms/query':>8}")
    for folder in options.folders:
        collection = read_collection(folder)
        with tempfile.TemporaryDirectory() as temporary:
            index_dir, ids = index_collection(collection, Path(temporary))
            run, seconds = run_product(index_dir, ids, collection, DEFAULT_RANKING)
            show(collection.name, "passage-search", measure(collection, run), seconds)
            if not options.skip_whoosh:
                run, seconds = run_whoosh(collection, Path(temporary) / "whoosh")
                show(collection.name, "stock Whoosh", measure(collection, run), seconds)
            if options.ablation:
                run, seconds = run_product(
                    index_dir, ids, collection, DEFAULT_RANKING, broaden=True
                )
                show(collection.name, "with --broaden", measure(collection, run), seconds)
                for name, settings, change in ablations():
                    run, seconds = run_product(index_dir, ids, collection, settings, change)
                    show(collection.name, name, measure(collection, run), seconds)
        sys.stdout.flush()


if __name__ == "__main__":
    main()

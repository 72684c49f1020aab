"""How well and how fast questions find their paragraph, one language beside the other.

    python -m tests.bench.other_languages FOLDER [--lucene FOLDER] [--mixed]
        [--questions N] [--rounds N]

The folder holds a file ``*.LANGUAGE.json`` for each language, in the format of SQuAD, as XQuAD has
them. Each language is an index of its own; with --mixed all are in one as well. Lucene, with its
own analyzer of each language, needs what ``tests/bench/relevance.py`` says.

A row has the mean reciprocal rank of the paragraph that a question was asked about, Lucene's with
the p value of a paired randomisation test, that in the index of all languages, and the processor
time of a question in an index that is kept open: ten passages as a user gets them, the least of
some rounds, in each of which every language has its turn.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING

from search import Index
from tests.bench.collection import Collection, Document
from tests.bench.significance import compare
from tests.bench.systems import Lucene, Product, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tests.bench.systems import Run

#: Lucene's class for each language; CJK's and the standard one where it has none of its own.
ANALYZERS = {
    "ar": "ar.ArabicAnalyzer",
    "de": "de.GermanAnalyzer",
    "el": "el.GreekAnalyzer",
    "en": "en.EnglishAnalyzer",
    "es": "es.SpanishAnalyzer",
    "hi": "hi.HindiAnalyzer",
    "ro": "ro.RomanianAnalyzer",
    "ru": "ru.RussianAnalyzer",
    "th": "th.ThaiAnalyzer",
    "tr": "tr.TurkishAnalyzer",
    "vi": "standard.StandardAnalyzer",
    "zh": "cjk.CJKAnalyzer",
}


def read_languages(folder: Path, most_questions: int) -> dict[str, Collection]:
    """The paragraphs and questions of each language, the first so many of these."""
    found = {}
    for path in sorted(folder.glob("*.*.json")):
        language = path.suffixes[-2].removeprefix(".")
        if language in ANALYZERS:
            found[language] = _read(path, language, most_questions)
    if not found:
        raise SystemExit(f"{folder}: no file *.LANGUAGE.json of {', '.join(ANALYZERS)}")
    return found


def _read(path: Path, language: str, most_questions: int) -> Collection:
    articles: dict[str, tuple[Document, ...]] = {}
    queries: dict[str, str] = {}
    qrels: dict[str, dict[str, int]] = {}
    for at, given in enumerate(json.loads(path.read_text("utf-8"))["data"]):
        article_id = f"{language}{at}"
        documents = []
        for number, paragraph in enumerate(given["paragraphs"]):
            doc_id = f"{article_id}#{number}"
            # Some begin with a byte order mark.
            text = " ".join(paragraph["context"].replace("\ufeff", "").split())
            documents.append(Document(doc_id, "", text))
            for asked in paragraph["qas"]:
                query_id = f"{language}:{asked['id']}"
                queries[query_id] = " ".join(asked["question"].split())
                qrels[query_id] = {doc_id: 1}
        articles[article_id] = tuple(documents)
    queries = dict(islice(queries.items(), most_questions))
    return Collection(language, articles, queries, {query: qrels[query] for query in queries})


def reciprocal_ranks(collection: Collection, run: Run) -> dict[str, float]:
    """1 / the rank of the first right answer by query, 0 if it is not found."""
    ranks = {}
    for query, right in collection.qrels.items():
        at = (n for n, doc_id in enumerate(run.found[query], 1) if doc_id in right)
        ranks[query] = 1 / next(at, float("inf"))
    return ranks


def mixed(collections: Iterable[Collection]) -> Collection:
    """All languages in one."""
    articles: dict[str, tuple[Document, ...]] = {}
    queries: dict[str, str] = {}
    qrels: dict[str, Mapping[str, int]] = {}
    for one in collections:
        articles.update(one.articles)
        queries.update(one.queries)
        qrels.update(one.qrels)
    return Collection("mixed", articles, queries, qrels)


def processor_ms(
    places: Mapping[str, Path], collections: Mapping[str, Collection], rounds: int
) -> dict[str, float]:
    """By language, the milliseconds of processor time that a question takes."""
    indexes = {language: Index.open(place) for language, place in places.items()}
    least = dict.fromkeys(places, float("inf"))
    for _ in range(rounds + 1):  # the first one warms what is remembered
        for language, index in indexes.items():
            texts = collections[language].queries.values()
            started = time.process_time()
            for text in texts:
                index.search(text)
            spent = (time.process_time() - started) / len(texts)
            least[language] = min(least[language], spent * 1000)
    for index in indexes.values():
        index.close()
    return least


def show(collections: Mapping[str, Collection], options: argparse.Namespace, folder: Path) -> None:
    """Print a row for each language."""
    places = {language: folder / language for language in collections}
    rows: dict[str, list[str]] = {}
    for language, collection in collections.items():
        places[language].mkdir()
        product = Product(collection, places[language])
        ours = reciprocal_ranks(collection, product.run(plain))
        cells = rows[language] = [f"{mean(ours.values()):7.4f}"]
        if options.lucene:
            analyzer = f"org.apache.lucene.analysis.{ANALYZERS[language]}"
            run = options.lucene.run(collection, places[language], analyzer)
            theirs = reciprocal_ranks(collection, run)
            better = compare(ours, theirs)
            cells.append(f"{mean(theirs.values()):7.4f}  {better.mean:+7.4f}  {better.p:6.4f}")
    if options.mixed:
        run = Product(mixed(collections.values()), folder).run(plain)
        for language, collection in collections.items():
            rows[language].append(f"{mean(reciprocal_ranks(collection, run).values()):7.4f}")
    indexes = {language: place / "index" for language, place in places.items()}
    times = processor_ms(indexes, collections, options.rounds)
    for language, cells in rows.items():
        print("  ".join((f"{language:8}", *cells, f"{times[language]:7.2f}")))
    if "en" in times:
        most = max(times, key=times.__getitem__)
        print(f"\nthe most time: {most}, {times[most] / times['en']:.2f} times that of English")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the languages of the folder named on the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--lucene", type=Path, metavar="FOLDER", help="also Lucene, by its jars")
    parser.add_argument("--mixed", action="store_true", help="also all languages in one index")
    parser.add_argument(
        "--questions",
        type=int,
        default=sys.maxsize,
        metavar="N",
        help="of each language, the first",
    )
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="that are timed")
    options = parser.parse_args(arguments)
    options.lucene = options.lucene and Lucene(options.lucene)
    collections = read_languages(options.folder, options.questions)
    names = ["language", "    MRR"]
    names += [" Lucene   better       p"] if options.lucene else []
    names += ["  mixed"] if options.mixed else []
    print("  ".join((*names, "   ms")))
    with tempfile.TemporaryDirectory() as temporary:
        show(collections, options, Path(temporary))


if __name__ == "__main__":
    main()

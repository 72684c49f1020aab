"""What is measured: the product through its public interface, stock Whoosh, and Lucene.

Each system is given a collection's documents and the texts of its queries, and tells which
documents it finds. Lucene's part is ``LuceneRun.java``.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from indexer import build_index
from search import Index, Request, Strictness
from search.backends.ranking import DEFAULT_RANKING, RankingSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from tests.bench.collection import Collection, Document

#: How many documents a system may find for a query.
DEPTH = 100

_LUCENE_SOURCE = Path(__file__).with_name("LuceneRun.java")
_LONG_AGO = 1_500_000_000
_ENGLISH = "org.apache.lucene.analysis.en.EnglishAnalyzer"


class Run(NamedTuple):
    """What a system found.

    Attributes:
        found: document ids by query id, best first.
        seconds: the median time of a query.
    """

    found: Mapping[str, Sequence[str]]
    seconds: float


def plain(text: str) -> Request:
    """What a user asks who types the text of a query."""
    return Request(text, limit=DEPTH, all_copies=True)


def literal(text: str) -> Request:
    """The same with --literal."""
    return replace(plain(text), strictness=Strictness.LITERAL)


def broadened(text: str) -> Request:
    """The same with --broaden."""
    return replace(plain(text), broaden=True)


class Product:
    """The product on an index of its own."""

    def __init__(self, collection: Collection, folder: Path, place: str = "") -> None:
        """Index a collection by way of a JSON Lines file.

        Args:
            collection: it.
            folder: where the file is written, and the index if no place is given.
            place: the address of the index in a cluster.
        """
        self._collection = collection
        self._place = place or folder / "index"
        bulk = folder / "articles.jsonl"
        with bulk.open("w", encoding="utf-8") as file:
            for article_id, documents in collection.articles.items():
                text = "\n\n".join(document.text for document in documents)
                record = {"id": article_id, "title": documents[0].title, "text": text}
                file.write(json.dumps(record) + "\n")
        # What is as young as its index is read again by each search, to see whether it changed.
        os.utime(bulk, (_LONG_AGO, _LONG_AGO))
        report = build_index([str(bulk)], self._place)
        wanted = sum(map(len, collection.articles.values()))
        if report.paragraphs != wanted:
            raise SystemExit(
                f"{collection.name}: {wanted} documents became {report.paragraphs} passages"
            )

    def run(
        self, request: Callable[[str], Request], ranking: RankingSettings = DEFAULT_RANKING
    ) -> Run:
        """Ask what is made of the text of each query."""
        articles = self._collection.articles
        found = {}
        seconds = []
        with Index.open(self._place, ranking=ranking) as index:
            for query_id, text in self._collection.queries.items():
                started = time.perf_counter()
                page = index.answer(request(text))
                seconds.append(time.perf_counter() - started)
                paragraphs = [passage.paragraph for passage in page.passages]
                found[query_id] = [articles[p.article_id][p.number - 1].doc_id for p in paragraphs]
        return Run(found, median(seconds))


def ablations() -> Iterator[tuple[str, Callable[[str], Request], RankingSettings]]:
    """Yield the product with one ingredient of its ranking taken out or changed."""
    settings = DEFAULT_RANKING
    yield "without the article's share", plain, settings._replace(article_share=0.0)
    yield "article's share 0.5", plain, settings._replace(article_share=0.5)
    no_title = settings._replace(title_weight=0.0, article_title_weight=0.0)
    yield "without titles", plain, no_title
    yield "paragraph alone", plain, no_title._replace(article_share=0.0)
    yield "paragraph alone, k1 1.2, b .75", plain, no_title._replace(article_share=0.0, b=0.75)
    yield "k1 0.9", plain, settings._replace(k1=0.9)
    yield "b 0.75", plain, settings._replace(b=0.75)
    yield "article k1 0.9, b 0.4", plain, settings._replace(article_k1=0.9, article_b=0.4)
    yield "repeats linear", plain, settings._replace(k3=1e9)
    yield (
        "each query word once",
        lambda text: plain(" ".join(dict.fromkeys(text.split()))),
        settings,
    )


def run_whoosh(collection: Collection, folder: Path) -> Run:
    """Search with Whoosh as its documentation sets it up: OrGroup, BM25F, StemmingAnalyzer."""
    from whoosh import index  # noqa: PLC0415
    from whoosh.analysis import StemmingAnalyzer  # noqa: PLC0415
    from whoosh.fields import ID, TEXT, Schema  # noqa: PLC0415
    from whoosh.qparser import MultifieldParser, OrGroup  # noqa: PLC0415

    analyzer = StemmingAnalyzer()
    schema = Schema(id=ID(stored=True), title=TEXT(analyzer), text=TEXT(analyzer))
    index_dir = folder / "whoosh"
    index_dir.mkdir()
    whoosh_index = index.create_in(str(index_dir), schema)
    writer = whoosh_index.writer(limitmb=512)
    for document in collection.documents:
        writer.add_document(id=document.doc_id, title=document.title, text=document.text)
    writer.commit()
    found = {}
    seconds = []
    with whoosh_index.searcher() as searcher:
        parser = MultifieldParser(["title", "text"], schema, group=OrGroup)
        for query_id, text in collection.queries.items():
            started = time.perf_counter()
            hits = searcher.search(parser.parse(text), limit=DEPTH)
            seconds.append(time.perf_counter() - started)
            found[query_id] = [hit["id"] for hit in hits]
    return Run(found, median(seconds))


class Lucene:
    """Lucene as it comes: its analyzer, BM25 with its defaults, title and text as one field."""

    def __init__(self, jars: Path) -> None:
        """Look for Java, and for Lucene's core and analysis-common in a folder.

        Raises: SystemExit if either is missing.
        """
        java = shutil.which("java")
        if java is None:
            raise SystemExit("--lucene needs java, 11 or newer, on the PATH")
        for part in ("core", "analysis-common"):
            if not any(jars.glob(f"lucene-{part}-*.jar")):
                raise SystemExit(f"--lucene: {jars} has no lucene-{part}-*.jar")
        self._command = [java, "-cp", str(jars / "*"), str(_LUCENE_SOURCE)]

    def run(self, collection: Collection, folder: Path, analyzer: str = _ENGLISH) -> Run:
        """Search each query for any of its words, which the class of a name takes texts apart into.

        Raises: SystemExit with what Java says if it fails, as an older one does with Lucene 10.
        """
        documents = tuple(collection.documents)
        docs, queries = folder / "lucene-docs.txt", folder / "lucene-queries.txt"
        _write_lines(docs, (f"{one.title} {one.text}" for one in documents))
        _write_lines(queries, collection.queries.values())
        done = subprocess.run(
            [*self._command, str(docs), str(queries), str(DEPTH), analyzer],
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"Lucene did not run:\n{done.stderr.rstrip()}")
        answers = [_parse_answer(line, documents) for line in done.stdout.splitlines()]
        found = [ids for ids, _ in answers]
        return Run(
            dict(zip(collection.queries, found, strict=True)),
            median(seconds for _, seconds in answers),
        )


def _write_lines(path: Path, texts: Iterable[str]) -> None:
    path.write_text("".join(" ".join(text.split()) + "\n" for text in texts), "utf-8")


def _parse_answer(line: str, documents: Sequence[Document]) -> tuple[list[str], float]:
    nanoseconds, *numbers = line.split()
    return [documents[int(number)].doc_id for number in numbers], int(nanoseconds) / 1e9

"""Test collections: documents, queries and judgements, read from a folder.

A folder holds ``docs.jsonl`` (``id``, ``title``, ``text``; also .xz or .gz), ``queries.tsv``
(``id<TAB>text``) and ``qrels.txt`` (TREC). Documents whose ids differ only behind the last "#" are
the paragraphs of one article.

All systems get the same documents. What holds no word is none, a sentence splitter's "..." for
instance, unless it is the only paragraph of an article with a title: the title is what it says
then. Of documents with the same id the first counts.
"""

from __future__ import annotations

import gzip
import json
import lzma
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path


class Document(NamedTuple):
    """One paragraph, which is what systems find; its text is empty if there is only a title."""

    doc_id: str
    title: str
    text: str

    @property
    def article_id(self) -> str:
        """The article it is a paragraph of."""
        return self.doc_id.rpartition("#")[0] or self.doc_id


@dataclass(frozen=True, slots=True)
class Collection:
    """One test collection in memory.

    Attributes:
        name: the folder's.
        articles: the documents by article, each in the order of paragraphs.
        queries: text by query id; only those that have judgements.
        qrels: grade by document id by query id.
    """

    name: str
    articles: Mapping[str, tuple[Document, ...]]
    queries: Mapping[str, str]
    qrels: Mapping[str, Mapping[str, int]]

    @property
    def documents(self) -> Iterator[Document]:
        """All documents, those of an article together."""
        return (document for article in self.articles.values() for document in article)


def read_collection(folder: Path) -> Collection:
    """Read a folder as the module describes it."""
    qrels: dict[str, dict[str, int]] = {}
    for line in (folder / "qrels.txt").read_text("utf-8").splitlines():
        query, _, doc_id, grade = line.split()
        qrels.setdefault(query, {})[doc_id] = int(grade)
    queries = {}
    for line in (folder / "queries.tsv").read_text("utf-8").splitlines():
        query, text = line.split("\t", 1)
        if query in qrels:
            queries[query] = text
    if missing := sorted(qrels.keys() - queries.keys()):
        raise SystemExit(f"{folder}: judgements without a query: {', '.join(missing)}")
    return Collection(folder.name, _articles(_documents(folder)), queries, qrels)


def _articles(documents: Iterable[Document]) -> dict[str, tuple[Document, ...]]:
    articles: dict[str, dict[str, Document]] = {}
    for document in documents:
        articles.setdefault(document.article_id, {}).setdefault(document.doc_id, document)
    kept = {}
    for article_id, by_id in articles.items():
        with_words = tuple(one for one in by_id.values() if one.text)
        if not with_words and len(by_id) == 1:
            with_words = tuple(one for one in by_id.values() if one.title)
        if with_words:
            kept[article_id] = with_words
    return kept


def _documents(folder: Path) -> Iterator[Document]:
    """Yield what the file holds, white space as single blanks and texts of no words empty."""
    for line in _lines(folder):
        record = json.loads(line)
        title, text = (
            " ".join(given.split()) if any(map(str.isalnum, given)) else ""
            for given in (record.get("title", ""), record["text"])
        )
        yield Document(record["id"], title, text)


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

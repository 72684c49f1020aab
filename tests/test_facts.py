"""What an article says of itself, from its source through the index to what is printed."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from typing import TYPE_CHECKING

import pytest

from indexer import build_index
from indexer.articles import Article
from indexer.model import ArticleFacts, ArticleRecord, by_name
from indexer.storage.catalog import articles_of
from indexer.storage.index import PassageIndex
from search import FoundArticle, Index
from search.output.render import render
from search.output.styles import Style
from tests.schemas import valid

if TYPE_CHECKING:
    from pathlib import Path

FACTS = ArticleFacts(
    title="Lanterns at sea",
    author="Mina Okafor",
    published=date(2024, 9, 3),
    language="en",
    url="https://gazette.example/lanterns",
    site="The Harbour Gazette",
    extra=(("section", "Harbour News"), ("tags", "Fog"), ("tags", "Light, harbour")),
)
RECORD = {
    "title": FACTS.title,
    "author": FACTS.author,
    "published": "2024-09-03",
    "language": FACTS.language,
    "url": FACTS.url,
    "site": FACTS.site,
    "text": "The lantern was lit before the ferry came.",
}
LABELS = {"Section": "Harbour  News", "tags": ["Fog", "Light, harbour", "Fog"]}
SOURCES = {
    "a.jsonl": json.dumps(RECORD | LABELS),
    "a.csv": f"{','.join(RECORD)},SECTION,Tags\n"
    f'{",".join(RECORD.values())},Harbour News,"Light, harbour"\n',
    "a.md": "---\ntitle: Lanterns at sea\nauthor: Mina Okafor\ndate: 2024-09-03\nlang: en\n"
    f"url: {FACTS.url}\nsite: {FACTS.site}\n"
    'Section: "Harbour News"\ntags: [Fog, "Light, harbour"]\n'
    f"---\n\n{RECORD['text']}\n",
    "a.html": f"""<html lang="en"><head><title>Lanterns at sea</title>
<meta property="og:site_name" content="{FACTS.site}">
<meta property="article:section" content="Harbour News">
<meta property="article:tag" content="Fog">
<meta property="article:tag" content="Light, harbour">
<meta name="author" content="Mina Okafor">
<meta property="article:published_time" content="2024-09-03">
<link rel="canonical" href="{FACTS.url}">
</head><body><article><h1>Lanterns at sea</h1>
<p>{RECORD["text"]} Nobody saw who had done it, and nobody asked, for the fog was thick and the
evening long, and the bell had rung twice.</p>
<p>The harbour master counted the barrels on the quay until it was too dark to count.</p>
</article></body></html>""",
}


@pytest.mark.parametrize("name", SOURCES)
def test_facts_go_from_the_source_to_what_is_printed(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(SOURCES[name], "utf-8")
    build_index([str(tmp_path / name)], tmp_path / "ix")
    (kept,) = articles_of(PassageIndex.open(tmp_path / "ix"))
    # A column has one value.
    extra = (FACTS.extra[0], FACTS.extra[-1]) if name == "a.csv" else FACTS.extra
    assert ArticleFacts.of(kept) == FACTS._replace(extra=extra)
    with Index.open(tmp_path / "ix") as index:
        page = index.search("lantern", limit=1)
    assert ArticleFacts.of(page.passages[0].article) == FACTS._replace(extra=extra)
    in_json = json.loads(valid("".join(render(page, style=Style.JSON))))["passages"][0]
    (in_csv,) = csv.DictReader(io.StringIO("".join(render(page, style=Style.CSV))))
    for fact, value in FACTS._asdict().items():
        if fact != "extra":  # which rows have no columns for
            assert in_json[fact] == in_csv[fact] == str(value), fact
    assert in_json["extra"] == by_name(extra)
    assert by_name(FACTS.extra) == {"section": ["Harbour News"], "tags": ["Fog", "Light, harbour"]}


def test_facts_are_declared_alike() -> None:
    for names in (Article._fields, ArticleRecord._fields, FoundArticle._fields):
        assert names[-len(ArticleFacts._fields) :] == ArticleFacts._fields

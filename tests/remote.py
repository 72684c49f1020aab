"""Indices in a cluster, looked at without the code that wrote them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from indexer.storage.places import open_index
from indexer.storage.remote.index import RemoteIndex
from indexer.storage.remote.words import unpacked
from tests.cluster import ask

if TYPE_CHECKING:
    from indexer.model import ArticleRecord, Paragraph
    from indexer.storage.manifest import FileState
    from indexer.storage.places import Place
    from tests.opensearch.shared import Running


def address(cluster: Running, name: str) -> str:
    """The address of an index by its first node."""
    return f"opensearch://{cluster.urls[0].removeprefix('http://')}/{name}"


class Kept(NamedTuple):
    """All that an index keeps: articles and their paragraphs by id, and what it knows of files."""

    articles: dict[str, tuple[ArticleRecord, list[Paragraph]]]
    origins: dict[str, FileState]


def kept_at(place: Place) -> Kept:
    """All that the index at a place keeps."""
    whole = open_index(place).whole()
    articles = {record.article_id: (record, paragraphs) for record, paragraphs in whole.articles}
    return Kept(articles, whole.origins)


def documents(cluster: Running, index: str) -> list[dict[str, Any]]:
    """All documents of one index of a cluster, refreshed."""
    ask(cluster.urls[0], f"/{index}/_refresh", method="POST")
    body = {"size": 10_000, "seq_no_primary_term": False}
    _, found = ask(cluster.urls[0], f"/{index}/_search", method="POST", body=body)
    assert len(found["hits"]["hits"]) < 10_000
    return [{**hit["_source"], "_id": hit["_id"]} for hit in found["hits"]["hits"]]


def live_documents(cluster: Running, name: str) -> list[dict[str, Any]]:
    """The documents of articles and passages that the committed state has, told one by one."""
    state = _state(cluster, name)
    gone = {
        key
        for one in documents(cluster, f"{name}.state")
        if one["_id"] in state["gone"]
        for key in one["keys"]
    }
    return [
        one
        for one in documents(cluster, name)
        if one["since"] <= state["latest"]
        and one["since"] not in state["void"]
        and one["key"] not in gone
    ]


def _state(cluster: Running, name: str) -> dict[str, Any]:
    _, found = ask(cluster.urls[0], f"/{name}.state/_doc/state")
    body: dict[str, Any] = found["_source"]["body"]
    return body


def assert_adds_up(cluster: Running, name: str) -> None:
    """What the state sums up is what the documents say, each of which is one."""
    state, live = _state(cluster, name), live_documents(cluster, name)
    passages = [one for one in live if one["kind"] == "passage"]
    articles = [one for one in live if one["kind"] == "article"]
    counted = [
        len(passages),
        len(articles),
        sum(one["lengths"][0] for one in passages),
        sum(one["lengths"][1] for one in passages),
        sum(one["lengths"][2] for one in passages),
        sum(one["lengths"][2] for one in articles),
    ]
    assert state["sums"] == counted
    of_articles = Counter(one["language"] for one in articles)
    of_passages = Counter(one["language"] for one in passages)
    assert state["languages"] == {
        language: [number, of_passages[language]] for language, number in of_articles.items()
    }
    assert len({one["article"] for one in articles}) == len(articles)
    assert Counter(one["key"] for one in passages) == {
        one["key"]: one["lengths"][4] for one in articles if one["lengths"][4]
    }
    remembered = RemoteIndex.open(address(cluster, name)).origins()
    assert sum(one.articles for one in remembered.values()) == len(articles)


def words_of(cluster: Running, name: str) -> list[bytes]:
    """The words of an index, page by page."""
    kept = {one["_id"]: one for one in documents(cluster, f"{name}.state")}
    found = []
    for page, first, last, count in _state(cluster, name)["words"]:
        words = unpacked(kept[page]["body"]["words"])
        assert [words[0].decode(), words[-1].decode()] == [first, last]
        assert len(words) == count
        assert words == sorted(words)
        found += words
    return found

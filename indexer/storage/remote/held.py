"""What a committed state holds: articles and their paragraphs, as they are asked for."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from indexer.storage.remote.documents import article_in, paragraph_in, paragraphs_in
from indexer.storage.remote.mapping import ARTICLE, ARTICLE_FIELDS, PASSAGE
from indexer.storage.remote.reading import Name, looked_up, searches, source_of
from indexer.storage.remote.wire import beginning, sent_value, unescaped
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from indexer.model import ArticleRecord, Paragraph
    from indexer.storage.remote.client import Client
    from indexer.storage.remote.state import RemoteState

_VALUES_A_QUERY = 1_000


class Held(NamedTuple):
    """The articles of one state; client asks the cluster for them."""

    client: Client
    state: RemoteState

    def with_value(
        self, field: str, value: str, fields: Sequence[str] = ARTICLE_FIELDS
    ) -> Iterator[dict[str, Any]]:
        """Yield fields of the documents of articles that have a value in a field.

        Those are among them that are gone. Who asks for one after the other has the keys of those
        from gone_keys(); the cluster would go through all of them each time.
        """
        seen = self.state._replace(gone=()).live(self.client.state)
        filters = [{"term": {"kind": ARTICLE}}, {"term": {field: sent_value(value)}}, *seen]
        body = {"query": {"bool": {"filter": filters}}, "_source": list(fields)}
        for hit in self.client.scan(self.client.passages, body):
            yield hit["_source"]

    def gone_keys(self) -> set[str]:
        """The keys of articles that are gone and may still be there."""
        keys: set[str] = set()
        for name in self.state.gone:
            found = self.client.document(name)
            keys.update(found["_source"]["keys"] if found else ())
        return keys

    def sources(
        self, clauses: Sequence[Mapping[str, Any]] = (), fields: Sequence[str] = ARTICLE_FIELDS
    ) -> Iterator[dict[str, Any]]:
        """Yield fields of the documents of articles that pass clauses."""
        body = {"query": self._query(*clauses), "_source": list(fields)}
        for hit in self.client.scan(self.client.passages, body):
            yield hit["_source"]

    def _query(self, *clauses: Mapping[str, Any]) -> dict[str, Any]:
        live = self.state.live(self.client.state)
        return {"bool": {"filter": [{"term": {"kind": ARTICLE}}, *live, *clauses]}}

    def articles(self) -> Iterator[ArticleRecord]:
        """Yield the articles in no order."""
        return map(article_in, self.sources())

    def whole_articles(self) -> Iterator[tuple[ArticleRecord, list[Paragraph]]]:
        """Yield the articles with their paragraphs in no order."""
        body = {
            "query": {"bool": {"filter": self.state.live(self.client.state)}},
            "sort": ["key", "n"],
            "_source": [*ARTICLE_FIELDS, "article", "n"],
        }
        hits = self.client.scan(self.client.passages, body)
        for _, group in groupby(hits, key=lambda hit: hit["_source"]["key"]):
            own, *others = (hit["_source"] for hit in group)
            yield article_in(own), paragraphs_in(iter(others))

    def names_of(self, origins: Collection[str]) -> dict[str, str]:
        """By file, of some, the name under which it was added."""
        wanted = sorted(origins)
        names: dict[str, str] = {}
        for start in range(0, len(wanted), _VALUES_A_QUERY):
            some = [sent_value(one) for one in wanted[start : start + _VALUES_A_QUERY]]
            for article in map(article_in, self.sources(({"terms": {"origin": some}},))):
                names.setdefault(article.origin, article.source)
        return names

    def values(self, field: str, prefix: str, most: int) -> list[str]:
        """The values that articles have in a field and that begin so, sorted; so many at most."""
        include = beginning(prefix)
        terms = {"field": field, "size": most, "order": {"_key": "asc"}, "include": include}
        body = {"query": self._query(), "size": 0, "aggs": {"values": {"terms": terms}}}
        (found,) = searches(self.client, [body])
        return [unescaped(one["key"]) for one in found["aggregations"]["values"]["buckets"]]


class RemoteDeleted(NamedTuple):
    """A committed article that is deleted by the next commit, which can be read until then.

    Attributes:
        former: what was kept of it before.
        client, key, article_id: where it stands.
    """

    former: tuple[tuple[str, str], ...]
    client: Client
    key: str
    article_id: str

    def digests(self) -> list[str]:
        """Return the digests of its paragraphs, in order."""
        query = {"bool": {"filter": [{"term": {"key": self.key}}, {"term": {"kind": PASSAGE}}]}}
        hits = self.client.scan(
            self.client.passages, {"query": query, "_source": ["digest"], "sort": ["n"]}
        )
        return [unescaped(hit["_source"]["digest"]) for hit in hits]

    def paragraph(self, number: int) -> Paragraph:
        """Return one of its paragraphs, from 1."""
        name = Name(self.client.passages, f"{self.key}.{number}")
        (found,) = looked_up(self.client, [name])
        source = source_of(self.client, found)
        assert source is not None
        return paragraph_in(source)

"""Which passages may be the best: asked of the cluster in a first order, which the scores refine.

The cluster orders passages by BM25 of each field, which is near to our score and not the same. So
the first FIRST passages of that order, and as many passages of the articles that fit best as a
whole, are fetched and scored here, by the very formula of a local index; they come first, in the
order of their scores. What follows is scored and ordered CHUNK by CHUNK. So the order does not
depend on the page that is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from indexer.errors import UsageError
from indexer.storage.remote.documents import lengths_in, paragraph_in
from indexer.storage.remote.mapping import ANY_FIELD, MOST_WINDOW
from indexer.storage.remote.wire import TOGETHER, sent_term
from indexer.tuples import NamedTuple
from search.backends.opensearch.asking import (
    NONE,
    any_of,
    any_units,
    fields_with,
    sequences_query,
    unit_query,
)
from search.backends.opensearch.candidates import Fetched, PassageKey
from search.backends.opensearch.copies import RemoteCopies
from search.backends.opensearch.values import RemoteValues
from search.backends.ranking import idf, query_weight
from search.query.spelling import Field
from search.request import Sort

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from search.backends.opensearch.asking import Asked
    from search.backends.opensearch.counted import UnitNumbers
    from search.backends.opensearch.kept import KeptDocuments
    from search.backends.opensearch.talk import Talk
    from search.backends.ranking import RankingSettings
    from search.plan import Plan, Resolved

FIRST = 256
ARTICLES = 64
CHUNK = 1_024
# The first order goes by so many units: a cluster takes 1,024 parts of a query.
MOST_SCORED = 100
# What is more is no number for a cluster.
_MOST_WEIGHT = 1e30
# So many passages come in one answer.
_AT_ONCE = 5_000
# So many passages of the candidates' articles are fetched beside them.
MOST_SIBLINGS = 2_000

_ORDERS: Mapping[Sort, list[Any]] = {
    Sort.SCORE: ["_score"],
    Sort.DATE: [{"published": {"order": "desc", "missing": "_last"}}, "_score"],
    Sort.ARTICLE: [],
}
_TIES: list[Any] = [{"article": "asc"}, {"n": "asc"}]


class Candidate(NamedTuple):
    """A passage that matches, and in which chunk of the order it comes."""

    fetched: Fetched
    chunk: int


class Finder:
    """Finds the candidates of one plan.

    Attributes:
        total: how many passages match.
    """

    def __init__(
        self,
        talk: Talk,
        plan: Plan,
        resolved: Sequence[Resolved],
        match: Asked,
        numbers: Sequence[UnitNumbers],
        ranking: RankingSettings,
    ) -> None:
        self._talk = talk
        self._match = match
        self._resolved = resolved
        self._article_share = ranking.article_share
        self._ranked = [
            (one, min(weight, _MOST_WEIGHT))
            for one, boosts in zip(resolved, plan.boosts, strict=True)
            if (weight := query_weight(boosts, ranking.k3)) and not one.unit.by_chance
        ]
        self._telling = _most_telling(self._ranked, resolved, numbers, talk.state.sums.passages)
        #: The time there is.
        self.deadline = talk.deadline
        self.total = 0

    def count(self) -> None:
        """Have a total where no passage is asked for."""
        clauses = self._talk.passages(self._match)
        body = {"size": 0, "track_total_hits": True, "query": {"bool": {"filter": clauses}}}
        self.total = self._talk.search(body)["hits"]["total"]["value"]

    def candidates(self, wanted: int, sort: Sort) -> list[Candidate]:
        """The first passages of an order, so many of them or some more; all where there are fewer.

        Raises:
            UsageError: that is more than a cluster gives.
        """
        size = FIRST
        while size < min(wanted, MOST_WINDOW):
            size += CHUNK
        bodies = [self._body(min(size, _AT_ONCE), sort)]
        is_refined = sort is Sort.SCORE and bool(self._ranked)
        sums = self._talk.state.sums
        if is_refined and sums.passages > sums.articles:
            bodies.append(self._of_articles())
        first, *best = self._talk.searches(bodies, search_type="dfs_query_then_fetch")
        self.total = first["hits"]["total"]["value"]
        if min(wanted, self.total) > MOST_WINDOW:
            raise UsageError(
                f"OpenSearch gives the first {MOST_WINDOW:,} of {self.total:,} passages",
                hint="ask for fewer, or narrow the query down",
            )
        found = [
            Candidate(one, _chunk(rank)) for rank, one in enumerate(self._all(first, size, sort))
        ]
        articles = best[0]["hits"]["hits"] if best else []
        if articles and self.total > FIRST:
            more = self._talk.search(self._of_best(articles), search_type="dfs_query_then_fetch")
            of_best = {one.key: Candidate(one, 0) for one in _fetched(more)}
            found = [one for one in found if one.fetched.key not in of_best or not one.chunk]
            known = {one.fetched.key for one in found}
            found += [one for key, one in of_best.items() if key not in known]
        return found

    def _all(self, first: Mapping[str, Any], size: int, sort: Sort) -> Iterator[Fetched]:
        """Yield so many passages of an order, of which the first are there."""
        answer = first
        while True:
            yield from _fetched(answer)
            hits = answer["hits"]["hits"]
            size -= len(hits)
            if size <= 0 or len(hits) < _AT_ONCE:
                return
            body = {
                **self._body(min(size, _AT_ONCE), sort),
                "search_after": hits[-1]["sort"],
                "track_total_hits": False,
            }
            answer = self._talk.search(body, search_type="dfs_query_then_fetch")

    def _of_best(self, articles: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """What asks for the first passages of articles, with what those add to their scores."""
        shares = [
            {
                "constant_score": {
                    "filter": {"term": {"key": one["_source"]["key"]}},
                    "boost": self._article_share * one["sort"][0],
                }
            }
            for one in articles
        ]
        body = self._body(FIRST, Sort.SCORE, any_of(shares))
        body["query"]["bool"]["should"] += shares
        return body

    def _body(self, size: int, sort: Sort, *more: Asked) -> dict[str, Any]:
        """What asks for the first passages of an order."""
        return {
            "size": size,
            "track_total_hits": True,
            "sort": [*_ORDERS[sort], *_TIES],
            "query": {
                "bool": {
                    "filter": self._talk.passages(self._match, *more),
                    "should": [*self._weighed()],
                }
            },
        }

    def _weighed(self) -> Iterator[Asked]:
        """Yield what gives passages their first score."""
        for one, weight in self._telling:
            for field, share in fields_with(one).items():
                yield _scored(one, field, weight * share)

    def _of_articles(self) -> dict[str, Any]:
        """What asks for the articles that fit best as a whole."""
        should = [
            _scored(one, ANY_FIELD, weight)
            for one, weight in self._telling
            if one.unit.field is Field.TEXT and not one.unit.own and _is_of_terms(one)
        ]
        return {
            "size": ARTICLES if should else 0,
            "track_total_hits": False,
            "sort": ["_score", {"article": "asc"}],
            "_source": ["key"],
            "query": {
                "bool": {
                    "filter": self._talk.articles(),
                    "should": should,
                    "minimum_should_match": 1,
                }
            },
        }

    def thinned_total(self, per_article: int) -> int:
        """How many passages match, so many of an article at most."""
        clauses = self._talk.passages(self._match)
        buckets = RemoteValues(self._talk).buckets("key", clauses)
        return sum(min(one["doc_count"], per_article) for one in buckets)

    def copies(
        self, documents: KeptDocuments, sources: Mapping[PassageKey, Mapping[str, Any]]
    ) -> RemoteCopies:
        """What finds the copies of candidates."""
        return RemoteCopies(self._talk, documents, sources)

    def siblings(self, candidates: Sequence[Candidate]) -> list[Fetched] | None:
        """Passages of the candidates' articles that add to their counts; None: too many."""
        fetched: dict[str, int] = {}
        for one in candidates:
            key = one.fetched.key.article
            fetched[key] = fetched.get(key, 0) + 1
        keys = list(
            dict.fromkeys(
                one.fetched.key.article
                for one in candidates
                if fetched[one.fetched.key.article] < lengths_in(one.fetched.source).paragraphs
            )
        )
        parts = any_units(
            [one for one, _ in self._ranked if one.unit.field is Field.TEXT and not one.unit.own]
        )
        if not keys or not parts:
            return []
        asked = set(keys)
        known = [one.fetched.key.id for one in candidates if one.fetched.key.article in asked]
        answer = self._talk.search(
            {
                "size": MOST_SIBLINGS,
                "track_total_hits": True,
                "sort": ["_doc"],
                "query": {
                    "bool": {
                        "filter": self._talk.passages({"terms": {"key": keys}}, any_of(parts)),
                        "must_not": [{"ids": {"values": known}}],
                    }
                },
            }
        )
        if answer["hits"]["total"]["value"] > MOST_SIBLINGS:
            return None
        return list(_fetched(answer))

    def article_counts(self, candidates: Sequence[Candidate]) -> dict[int, dict[str, int]]:
        """By telling unit, and by key of the article, in how many of its passages it is."""
        keys = list(dict.fromkeys(one.fetched.key.article for one in candidates))
        parts = {
            str(self._resolved.index(one)): unit_query(one, "body")
            for one, _ in self._telling
            if one.unit.field is Field.TEXT and not one.unit.own
        }
        answer = self._talk.search(
            {
                "size": 0,
                "track_total_hits": False,
                "query": {"bool": {"filter": self._talk.passages({"terms": {"key": keys}})}},
                "aggs": {
                    "by": {
                        "terms": {"field": "key", "size": len(keys)},
                        "aggs": {"of": {"filters": {"filters": parts}}},
                    }
                },
            }
        )
        found: dict[int, dict[str, int]] = {int(name): {} for name in parts}
        for bucket in answer["aggregations"]["by"]["buckets"]:
            for name, one in bucket["of"]["buckets"].items():
                found[int(name)][bucket["key"]] = one["doc_count"]
        return found


def _most_telling(
    ranked: Sequence[tuple[Resolved, float]],
    resolved: Sequence[Resolved],
    numbers: Sequence[UnitNumbers],
    passages: int,
) -> list[tuple[Resolved, float]]:
    """The units that the first order goes by, with their weights of which the greatest is 1."""
    if not ranked:
        return []
    holding = {id(one): number.passages for one, number in zip(resolved, numbers, strict=True)}
    worth = [(weight * idf(passages, holding[id(one)]), one, weight) for one, weight in ranked]
    worth.sort(key=lambda row: -row[0])
    most = max(weight for _, weight in ranked)
    return [(one, weight / most) for _, one, weight in worth[:MOST_SCORED]]


def _chunk(rank: int) -> int:
    return 0 if rank < FIRST else 1 + (rank - FIRST) // CHUNK


def _fetched(answer: Mapping[str, Any]) -> Iterator[Fetched]:
    for hit in answer["hits"]["hits"]:
        source = hit["_source"]
        yield Fetched(PassageKey(source["key"], source["n"]), source, paragraph_in(source))


def _is_of_terms(one: Resolved) -> bool:
    return not one.near and all(len(sequence) == 1 for sequence in one.sequences)


def _scored(one: Resolved, field: str, boost: float) -> Asked:
    """What scores documents by how often a unit is in a field.

    Terms that share a position are to Lucene words of one meaning, which it counts as one.
    """
    if _is_of_terms(one):
        terms = [term for (lookup,) in one.sequences for term in lookup.terms]
        if not terms:
            return NONE
        text = TOGETHER.join(dict.fromkeys(map(sent_term, terms)))
        return {"match_phrase": {field: {"query": text, "boost": boost}}}
    query = unit_query(one, field) if one.near else sequences_query(one, one.sequences, field)
    return {"bool": {"must": [query], "boost": boost}}

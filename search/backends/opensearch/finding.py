"""Which passages may be the best: asked of the cluster in a first order, which the scores refine.

The cluster orders passages by BM25 of each field, which is near to our score and not the same. So
the first FIRST passages of that order, and as many passages of the articles that fit best as a
whole, are fetched and scored here, by the very formula of a local index; they come first, in the
order of their scores. What follows is scored and ordered CHUNK by CHUNK. So the order does not
depend on the page that is asked for.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from itertools import chain
from typing import TYPE_CHECKING, Any

from indexer.errors import UsageError
from indexer.storage.remote.documents import lengths_in, paragraph_in
from indexer.storage.remote.mapping import ANY_FIELD, MOST_WINDOW
from indexer.storage.remote.reading import OVER_ALL
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
from search.backends.opensearch.clauses import MOST_CLAUSES, clauses_of, spanned
from search.backends.opensearch.copies import RemoteCopies
from search.backends.opensearch.values import RemoteValues
from search.backends.ranking import idf, query_weight
from search.deadline import SearchTimeoutError
from search.query.spelling import Field
from search.request import Sort

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from search.backends.opensearch.asking import Asked
    from search.backends.opensearch.counted import UnitNumbers
    from search.backends.opensearch.kept import Documents
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
# Among those that are asked for ahead there may be candidates.
_MOST_FETCHED = MOST_SIBLINGS + FIRST

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
        numbers: Callable[[], Sequence[UnitNumbers]],
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
        self._ahead: Callable[[], list[Fetched] | None] | None = None
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
        first, *best = self._talk.soon(bodies, OVER_ALL)()
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
        self._ahead = None
        if articles and self.total > FIRST:
            answered = self._talk.soon(self._of_best(articles), OVER_ALL)
            # What is found there is of these articles.
            best_keys = [one["_source"]["key"] for one in articles]
            self._ahead = self._siblings(_unfinished(found) | dict.fromkeys(best_keys), found)
            of_best: dict[PassageKey, Candidate] = {}
            with suppress(SearchTimeoutError):  # what is found is an answer without these
                fetched = chain(*map(_fetched, answered()))
                of_best = {one.key: Candidate(one, 0) for one in fetched}
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
            try:
                answer = self._talk.search(body, OVER_ALL)
            except SearchTimeoutError:  # the first of them are an answer
                return

    def _of_best(self, articles: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """What asks for the first passages of articles, with what those add to their scores.

        And for the first of each, or one that has very many may be all that there is room for.
        """
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
        body["track_total_hits"] = False
        return [body, {**body, "size": len(articles), "collapse": {"field": "key"}}]

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
        """Yield what gives passages their first score, as far as a cluster takes it."""
        left = MOST_CLAUSES - sum(spanned(self._resolved).values())
        for one, weight in self._telling:
            clauses = clauses_of(one)
            for field, share in fields_with(one).items():
                if clauses <= left:
                    left -= clauses
                    yield _scored(one, field, weight * share)

    def _of_articles(self) -> dict[str, Any]:
        """What asks for the articles that fit best as a whole."""
        should = [
            _scored_in_article(one, weight)
            for one, weight in self._telling
            if one.unit.field is Field.TEXT and not one.unit.own
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

    def thinned_total(self, per_article: int) -> Callable[[], int]:
        """Have it be asked for soon how many passages match, so many of an article at most."""
        clauses = self._talk.passages(self._match)
        buckets = RemoteValues(self._talk).buckets("key", clauses)
        return lambda: sum(min(one["doc_count"], per_article) for one in buckets)

    def copies(
        self,
        documents: Documents,
        sources: Mapping[PassageKey, Mapping[str, Any]],
        ordered: Sequence[PassageKey],
    ) -> RemoteCopies:
        """What finds the copies of candidates, given those in their order."""
        return RemoteCopies(self._talk, documents, sources, ordered)

    def siblings(self, candidates: Sequence[Candidate]) -> list[Fetched] | None:
        """Passages of the candidates' articles that add to their counts; None: too many."""
        keys = _unfinished(candidates)
        if not keys:
            return []
        found = self._ahead() if self._ahead else None
        if found is None:
            found = self._siblings(keys, candidates)()
        if found is not None:
            known = {one.fetched.key for one in candidates}
            found = [one for one in found if one.key.article in keys and one.key not in known]
        return found if found is not None and len(found) <= MOST_SIBLINGS else None

    def _siblings(
        self, keys: Collection[str], candidates: Sequence[Candidate]
    ) -> Callable[[], list[Fetched] | None]:
        """Have passages of articles that add to their counts, but some, be asked for soon.

        Returns: what gives them; None: too many.
        """
        parts = any_units(
            [one for one, _ in self._ranked if one.unit.field is Field.TEXT and not one.unit.own]
        )
        if not parts:
            return list
        known = [one.fetched.key.id for one in candidates if one.fetched.key.article in keys]
        answered = self._talk.soon(
            [
                {
                    "size": _MOST_FETCHED,
                    "track_total_hits": True,
                    "sort": ["_doc"],
                    "query": {
                        "bool": {
                            "filter": self._talk.passages(
                                {"terms": {"key": list(keys)}}, any_of(parts)
                            ),
                            "must_not": [{"ids": {"values": known}}],
                        }
                    },
                }
            ]
        )

        def siblings() -> list[Fetched] | None:
            (answer,) = answered()
            is_all = answer["hits"]["total"]["value"] <= _MOST_FETCHED
            return list(_fetched(answer)) if is_all else None

        return siblings

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


def _unfinished(candidates: Sequence[Candidate]) -> dict[str, None]:
    """The keys of the articles of candidates that have other passages."""
    fetched = Counter(one.fetched.key.article for one in candidates)
    return {
        one.fetched.key.article: None
        for one in candidates
        if fetched[one.fetched.key.article] < lengths_in(one.fetched.source).paragraphs
    }


def _most_telling(
    ranked: Sequence[tuple[Resolved, float]],
    resolved: Sequence[Resolved],
    numbers: Callable[[], Sequence[UnitNumbers]],
    passages: int,
) -> list[tuple[Resolved, float]]:
    """The units that the first order goes by, with their weights of which the greatest is 1."""
    if not ranked:
        return []
    telling = list(ranked)
    if len(ranked) > MOST_SCORED:
        holding = {id(one): of.passages for one, of in zip(resolved, numbers(), strict=True)}
        telling.sort(key=lambda row: -row[1] * idf(passages, holding[id(row[0])]))
    most = max(weight for _, weight in ranked)
    return [(one, weight / most) for one, weight in telling[:MOST_SCORED]]


def _chunk(rank: int) -> int:
    return 0 if rank < FIRST else 1 + (rank - FIRST) // CHUNK


def _fetched(answer: Mapping[str, Any]) -> Iterator[Fetched]:
    for hit in answer["hits"]["hits"]:
        source = hit["_source"]
        yield Fetched(PassageKey(source["key"], source["n"]), source, paragraph_in(source))


def _is_of_terms(one: Resolved) -> bool:
    return not one.near and all(len(sequence) == 1 for sequence in one.sequences)


def _scored_terms(terms: Sequence[bytes], field: str, boost: float = 1.0) -> Asked:
    """What scores documents by how often any of some terms is in a field."""
    text = TOGETHER.join(dict.fromkeys(map(sent_term, terms)))
    return {"match_phrase": {field: {"query": text, "boost": boost}}}


def _scored_in_article(one: Resolved, boost: float) -> Asked:
    """What scores articles by how often a unit is in them.

    Where words stand in an article is not known there: those that have all words of a phrase are
    taken for those that have it, and by chance it is as telling as all of them.
    """
    if _is_of_terms(one):
        return _scored(one, ANY_FIELD, boost)
    needed = [
        any_of(
            [
                {"bool": {"must": [_scored_terms(lookup.terms, ANY_FIELD) for lookup in sequence]}}
                for sequence in sequences
                if sequence and all(lookup.terms for lookup in sequence)
            ]
        )
        for sequences in one.near or (one.sequences,)
    ]
    return {"bool": {"must": needed, "boost": boost}}


def _scored(one: Resolved, field: str, boost: float) -> Asked:
    """What scores documents by how often a unit is in a field.

    Terms that share a position are to Lucene words of one meaning, which it counts as one.
    """
    if _is_of_terms(one):
        terms = [term for (lookup,) in one.sequences for term in lookup.terms]
        if not terms:
            return NONE
        return _scored_terms(terms, field, boost)
    query = unit_query(one, field) if one.near else sequences_query(one, one.sequences, field)
    return {"bool": {"must": [query], "boost": boost}}

"""Values that a query has to name, and ids: looked up in the cluster, tested here."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any

from indexer.errors import UsageError
from indexer.storage.remote.mapping import MOST_WINDOW
from indexer.storage.remote.wire import beginning, escaped, sent_term, unescaped
from indexer.text.analysis import encoded
from indexer.text.values import VALUES_FIELD
from search.backends.opensearch.asking import MOST_TERMS
from search.ids import printed_expression

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence

    from search.backends.opensearch.asking import Asked
    from search.backends.opensearch.talk import Talk
    from search.plan import ArticleFilter

_AT_ONCE = 10_000
# Above every value.
_AFTER_ALL = "\U0010ffff"
# As in search.backends.evaluate.
_STEPS_OF_A_VALUE = 2
_LETTERS_A_STEP = 32
_SYMBOL = re.compile("[\u2400-\u241f\u2421\u2424\ufffd]")
_FOR_WILDCARDS = re.compile(r"([*?\\])")


class RemoteValues:
    """Looks up values for one query; see ``asking.Values``."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self._asked: dict[Hashable, Callable[[], Sequence[str]]] = {}

    def _first(
        self, named: Hashable, ask: Callable[[], Callable[[], Sequence[str]]]
    ) -> Sequence[str] | None:
        """What ask() has asked for soon; None where it is asked for the first time."""
        if named not in self._asked:
            self._asked[named] = cache(ask())
            return None
        return self._asked[named]()

    def fitting(self, wanted: ArticleFilter, field: str) -> Sequence[str] | None:
        """The values of a field, as they are sent, that pass a test by a pattern."""

        def ask() -> Callable[[], Sequence[str]]:
            values = self.all_of(field, wanted.head, wanted.label)
            return lambda: self._passing(wanted, values)

        return self._first((wanted, field), ask)

    def _passing(self, wanted: ArticleFilter, values: Iterator[str]) -> Sequence[str]:
        assert wanted.pattern is not None
        fits = re.compile(wanted.pattern).search
        passing = []
        for sent in values:
            value = unescaped(sent)
            self._talk.deadline.spend(_STEPS_OF_A_VALUE + len(value) // _LETTERS_A_STEP)
            if wanted.head:
                value = value.partition("\0")[0]
            if fits(value):
                passing.append(sent)
        if len(passing) > MOST_TERMS:
            raise _too_many(wanted.label)
        return passing

    def all_of(self, field: str, head: str, label: str) -> Iterator[str]:
        """The values of a field that begin so, each once; label is what asks for them."""
        if head:
            found = self.beginning(field, head, self._talk.passages(), label)
            return (sent for sent, _ in found)
        buckets = self.buckets(field, self._talk.passages())
        return (bucket["key"]["by"] for bucket in buckets)

    def beginning(
        self, field: str, head: str, clauses: Sequence[Asked], label: str
    ) -> Iterator[tuple[str, int]]:
        """The values of a field that begin so, with how many documents of clauses have each.

        They are asked for soon, and come as they are gone through.

        Raises, then:
            UsageError: there are too many, which label asks for.
        """
        by = {"terms": {"field": field, "include": beginning(head), "size": MOST_TERMS}}
        answered = self._talk.soon([_counted_by(by, clauses)])

        def values() -> Iterator[tuple[str, int]]:
            (answer,) = answered()
            buckets = answer["aggregations"]["by"]["buckets"]
            if len(buckets) >= MOST_TERMS:
                raise _too_many(label)
            for one in buckets:
                yield one["key"], one["doc_count"]

        return values()

    def buckets(self, field: str, clauses: Sequence[Asked]) -> Iterator[dict[str, Any]]:
        """Each value of a field with how many documents of some clauses have it, by value.

        The first are asked for soon, and others as they are gone through.
        """

        def page(**after: Any) -> Callable[[], list[dict[str, Any]]]:
            sources = [{"by": {"terms": {"field": field}}}]
            by = {"composite": {"size": _AT_ONCE, "sources": sources, **after}}
            return self._talk.soon([_counted_by(by, clauses)])

        first = page()

        def values() -> Iterator[dict[str, Any]]:
            answered = first
            while True:
                (answer,) = answered()
                found = answer["aggregations"]["by"]
                yield from found["buckets"]
                if len(found["buckets"]) < _AT_ONCE:
                    return
                answered = page(after=found["after_key"])

        return values()

    def articles(self, query: Asked) -> Sequence[str] | None:
        """The keys of the articles with a passage that a query finds."""

        def ask() -> Callable[[], Sequence[str]]:
            buckets = self.buckets("key", self._talk.passages(query))
            return lambda: self._keys(buckets)

        return self._first(json.dumps(query), ask)

    def _keys(self, buckets: Iterator[Mapping[str, Any]]) -> Sequence[str]:
        keys = [one["key"]["by"] for one in buckets]
        if len(keys) > MOST_TERMS:
            raise UsageError(
                f"what is asked of whole articles is in {len(keys):,} of them, too many for "
                "OpenSearch",
                hint="make it more specific",
            )
        return keys

    def printed(self, article_id: str) -> Sequence[str] | None:
        """The ids, as they are sent, that are printed as this one and are others."""
        return self._first(("printed", article_id), lambda: self._printed(article_id))

    def _printed(self, article_id: str) -> Callable[[], Sequence[str]]:
        """Have those ids be asked for soon; what gives them."""
        expression = printed_expression(article_id)
        if expression is None:
            return tuple
        pattern = _SYMBOL.sub("*", _FOR_WILDCARDS.sub(r"\\\1", escaped(article_id)))
        wildcard = {"wildcard": {"article": {"value": pattern}}}
        answered = self._talk.soon(
            [
                {
                    "size": MOST_WINDOW,
                    "_source": ["article"],
                    "query": {"bool": {"filter": self._talk.articles(wildcard)}},
                }
            ]
        )
        fits = re.compile(expression).fullmatch

        def ids() -> Sequence[str]:
            (answer,) = answered()
            sent = [one["_source"]["article"] for one in answer["hits"]["hits"]]
            return [one for one in sent if fits(unescaped(one)) and unescaped(one) != article_id]

        return ids

    def article(self, article_id: str) -> dict[str, Any] | None:
        """The document of an article by its id, as it is or as it is printed."""
        own = sent_term(encoded(article_id))
        printed = self._printed(article_id)  # together with its own, where it may be another's
        found = self._article_of([own])
        return found if found or not (ids := printed()) else self._article_of(ids)

    def _article_of(self, ids: Sequence[str]) -> dict[str, Any] | None:
        """The document of the first article that has one of some ids, as they are sent."""
        answer = self._talk.search(
            {
                "size": 1,
                "sort": [{"article": "asc"}],
                "query": {
                    "bool": {"filter": self._talk.articles({"terms": {"article": list(ids)}})}
                },
            }
        )
        hits = answer["hits"]["hits"]
        document: dict[str, Any] | None = hits[0]["_source"] if hits else None
        return document

    def field_names(self) -> tuple[str, ...]:
        """The names of the values that articles have, sorted."""
        names: list[str] = []
        after: dict[str, Any] = {}
        while True:
            sources = [{"by": {"terms": {"field": VALUES_FIELD}}}]
            by = {"composite": {"size": 1, "sources": sources, **after}}
            answer = self._talk.search(_counted_by(by, self._talk.articles()))
            buckets = answer["aggregations"]["by"]["buckets"]
            if not buckets:
                return tuple(map(unescaped, names))
            name = buckets[0]["key"]["by"].partition("=")[0]
            names.append(name)
            after = {"after": {"by": f"{name}={_AFTER_ALL}"}}

    def articles_named(self, names: Sequence[str]) -> list[tuple[str, str, str]]:
        """The articles whose ids are paths that end with a name: it, their ids and keys."""
        parts: list[Asked] = []
        for name in names:
            sent = escaped(name)
            parts.append({"term": {"article": sent}})
            pattern = "*/" + _FOR_WILDCARDS.sub(r"\\\1", sent)
            parts.append({"wildcard": {"article": {"value": pattern}}})
        answer = self._talk.search(
            {
                "size": MOST_WINDOW,
                "_source": ["article", "key"],
                "query": {
                    "bool": {
                        "filter": self._talk.articles(
                            {"bool": {"should": parts, "minimum_should_match": 1}}
                        )
                    }
                },
            }
        )
        found = []
        for one in answer["hits"]["hits"]:
            article_id = unescaped(one["_source"]["article"])
            name = article_id.rpartition("/")[2]
            if name in names:
                found.append((name, article_id, one["_source"]["key"]))
        return sorted(found)


def _counted_by(by: Mapping[str, Any], clauses: Sequence[Asked]) -> dict[str, Any]:
    """What counts the documents of some clauses by what an aggregation makes of them."""
    return {
        "size": 0,
        "track_total_hits": False,
        "query": {"bool": {"filter": list(clauses)}},
        "aggs": {"by": by},
    }


def _too_many(label: str) -> UsageError:
    return UsageError(
        f"{label} may stand for more than {MOST_TERMS:,} values, too many for OpenSearch",
        hint="give more of its letters",
    )

"""Values that a query has to name, and ids: looked up in the cluster, tested here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from indexer.errors import UsageError
from indexer.storage.remote.mapping import MOST_WINDOW
from indexer.storage.remote.wire import beginning, escaped, sent_term, unescaped
from indexer.text.analysis import encoded
from indexer.text.values import VALUES_FIELD
from search.backends.opensearch.asking import MOST_TERMS
from search.ids import printed_expression

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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

    def fitting(self, wanted: ArticleFilter, field: str) -> Sequence[str]:
        """The values of a field, as they are sent, that pass a test by a pattern."""
        assert wanted.pattern is not None
        fits = re.compile(wanted.pattern).search
        passing = []
        for sent in self.all_of(field, wanted.head, wanted.label):
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
        """Yield the values of a field that begin so, each once; label is what asks for them."""
        if head:
            for sent, _ in self.beginning(field, head, self._talk.passages(), label):
                yield sent
            return
        for bucket in self.buckets(field, self._talk.passages()):
            yield bucket["key"]["by"]

    def beginning(
        self, field: str, head: str, clauses: Sequence[Asked], label: str
    ) -> Iterator[tuple[str, int]]:
        """Yield the values of a field that begin so, with how many documents of clauses have each.

        Raises:
            UsageError: there are too many, which label asks for.
        """
        by = {"terms": {"field": field, "include": beginning(head), "size": MOST_TERMS}}
        answer = self._talk.search(
            {
                "size": 0,
                "track_total_hits": False,
                "query": {"bool": {"filter": list(clauses)}},
                "aggs": {"by": by},
            }
        )
        buckets = answer["aggregations"]["by"]["buckets"]
        if len(buckets) >= MOST_TERMS:
            raise _too_many(label)
        for one in buckets:
            yield one["key"], one["doc_count"]

    def buckets(self, field: str, clauses: Sequence[Asked]) -> Iterator[dict[str, Any]]:
        """Yield each value of a field with how many documents of some clauses have it, by value."""
        after: dict[str, Any] = {}
        while True:
            answer = self._talk.search(
                {
                    "size": 0,
                    "track_total_hits": False,
                    "query": {"bool": {"filter": list(clauses)}},
                    "aggs": {
                        "by": {
                            "composite": {
                                "size": _AT_ONCE,
                                "sources": [{"by": {"terms": {"field": field}}}],
                                **after,
                            }
                        }
                    },
                }
            )
            found = answer["aggregations"]["by"]
            yield from found["buckets"]
            if len(found["buckets"]) < _AT_ONCE:
                return
            after = {"after": found["after_key"]}

    def articles(self, query: Asked) -> Sequence[str]:
        """The keys of the articles with a passage that a query finds."""
        keys = [one["key"]["by"] for one in self.buckets("key", self._talk.passages(query))]
        if len(keys) > MOST_TERMS:
            raise UsageError(
                f"what is asked of whole articles is in {len(keys):,} of them, too many for "
                "OpenSearch",
                hint="make it more specific",
            )
        return keys

    def printed(self, article_id: str) -> Sequence[str]:
        """The ids, as they are sent, that are printed as this one and are others."""
        expression = printed_expression(article_id)
        if expression is None:
            return ()
        pattern = _SYMBOL.sub("*", _FOR_WILDCARDS.sub(r"\\\1", escaped(article_id)))
        answer = self._talk.search(
            {
                "size": MOST_WINDOW,
                "_source": ["article"],
                "query": {
                    "bool": {
                        "filter": self._talk.articles({"wildcard": {"article": {"value": pattern}}})
                    }
                },
            }
        )
        fits = re.compile(expression).fullmatch
        ids = [one["_source"]["article"] for one in answer["hits"]["hits"]]
        return [one for one in ids if fits(unescaped(one)) and unescaped(one) != article_id]

    def article(self, article_id: str) -> dict[str, Any] | None:
        """The document of an article by its id, as it is or as it is printed."""
        own = sent_term(encoded(article_id))
        for ids in ([own], self.printed(article_id)):
            if ids:
                found = self._talk.search(
                    {
                        "size": 1,
                        "sort": [{"article": "asc"}],
                        "query": {
                            "bool": {
                                "filter": self._talk.articles({"terms": {"article": list(ids)}})
                            }
                        },
                    }
                )["hits"]["hits"]
                if found:
                    document: dict[str, Any] = found[0]["_source"]
                    return document
        return None

    def field_names(self) -> tuple[str, ...]:
        """The names of the values that articles have, sorted."""
        names: list[str] = []
        after: dict[str, Any] = {}
        while True:
            answer = self._talk.search(
                {
                    "size": 0,
                    "track_total_hits": False,
                    "query": {"bool": {"filter": self._talk.articles()}},
                    "aggs": {
                        "by": {
                            "composite": {
                                "size": 1,
                                "sources": [{"by": {"terms": {"field": VALUES_FIELD}}}],
                                **after,
                            }
                        }
                    },
                }
            )
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


def _too_many(label: str) -> UsageError:
    return UsageError(
        f"{label} may stand for more than {MOST_TERMS:,} values, too many for OpenSearch",
        hint="give more of its letters",
    )

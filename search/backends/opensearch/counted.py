"""How many passages and articles hold a unit: asked once of a state, and kept."""

from __future__ import annotations

import json
from threading import Lock
from typing import TYPE_CHECKING

from indexer.storage.remote.mapping import ANY_FIELD
from indexer.storage.remote.wire import sent_term
from indexer.tuples import NamedTuple
from search.backends.opensearch.asking import NONE, TOKENS, any_of, sequences_query, unit_query
from search.query.spelling import Field

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from search.backends.opensearch.asking import Asked
    from search.backends.opensearch.talk import Talk
    from search.plan import Resolved

_MOST_KEPT = 1 << 16
# The cluster's estimate of how many articles there are is exact up to so many.
_EXACT = 40_000


class UnitNumbers(NamedTuple):
    """How many passages decide how telling a unit is, and how many articles."""

    passages: int
    articles: int


class Numbers:
    """The numbers of one committed state; threads may share it."""

    def __init__(self) -> None:
        self._passages: dict[str, int] = {}
        self._articles: dict[str, int] = {}
        self._writing = Lock()

    def of_units(self, resolved: Sequence[Resolved], talk: Talk) -> list[UnitNumbers]:
        """The numbers of some units."""
        passages = self.passages(
            [NONE if one.unit.by_chance else _holding(one) for one in resolved], talk
        )
        ranking = [
            at
            for at, one in enumerate(resolved)
            if one.unit.field is Field.TEXT and not one.unit.own
        ]
        sums = talk.state.sums
        if sums.passages == sums.articles and not sums.titles_by_article:
            articles = {at: passages[at] for at in ranking}
        else:
            terms = [at for at in ranking if _term_query(resolved[at])]
            others = [at for at in ranking if at not in set(terms)]
            articles = dict(
                zip(
                    (*terms, *others),
                    (
                        *self._counted(
                            [_term_query(resolved[at]) or {} for at in terms],
                            self._articles,
                            lambda queries: talk.counts(queries, talk.articles()),
                            talk,
                        ),
                        *(_estimated(resolved[at], talk) for at in others),
                    ),
                    strict=True,
                )
            )
        return [UnitNumbers(number, articles.get(at, 0)) for at, number in enumerate(passages)]

    def passages(self, queries: Sequence[Asked], talk: Talk) -> list[int]:
        """How many passages each of some queries finds."""
        return self._counted(
            queries, self._passages, lambda some: talk.counts(some, talk.passages()), talk
        )

    def _counted(
        self,
        queries: Sequence[Asked],
        known: dict[str, int],
        count: Callable[[list[Asked]], list[int]],
        talk: Talk,
    ) -> list[int]:
        names = [json.dumps(query, sort_keys=True) for query in queries]
        missing = {
            name: query for name, query in zip(names, queries, strict=True) if name not in known
        }
        found = dict(zip(missing, count(list(missing.values())), strict=True)) if missing else {}
        numbers = [found[name] if name in found else known[name] for name in names]
        if found and talk.is_whole:
            with self._writing:
                if len(known) > _MOST_KEPT:
                    known.clear()
                known.update(found)
        return numbers


def _holding(one: Resolved) -> Asked:
    field = TOKENS[one.unit.field]
    if one.near:
        return unit_query(one, field)
    return sequences_query(one, one.telling or one.sequences, field)


def _term_query(one: Resolved) -> Asked | None:
    """What finds the articles with a unit that is one term or another; None for other units."""
    sequences = one.telling or one.sequences
    if one.near or any(len(sequence) != 1 for sequence in (*sequences, *one.sequences)):
        return None
    terms = [sent_term(term) for (lookup,) in sequences for term in lookup.terms]
    return {"terms": {ANY_FIELD: sorted(set(terms))}} if terms else any_of([])


def _estimated(one: Resolved, talk: Talk) -> int:
    """About how many articles have a unit in a passage or their title."""
    sequences = one.telling or one.sequences
    queries = [
        unit_query(one, field) if one.near else sequences_query(one, sequences, field)
        for field in ("body", "title")
    ]
    answer = talk.search(
        {
            "size": 0,
            "track_total_hits": False,
            "query": {"bool": {"filter": talk.passages(any_of(queries))}},
            "aggs": {"n": {"cardinality": {"field": "key", "precision_threshold": _EXACT}}},
        }
    )
    number: int = answer["aggregations"]["n"]["value"]
    return number

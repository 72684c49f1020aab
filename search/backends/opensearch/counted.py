"""How many passages and articles hold a unit: asked once of a state, and kept."""

from __future__ import annotations

import json
from functools import cache
from itertools import chain, islice
from threading import Lock
from typing import TYPE_CHECKING, Any

from indexer.storage.remote.mapping import ANY_FIELD
from indexer.storage.remote.wire import sent_term
from indexer.tuples import NamedTuple
from search.backends.opensearch.asking import NONE, TOKENS, any_of, sequences_query, unit_query
from search.query.spelling import Field

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from search.backends.opensearch.asking import Asked
    from search.backends.opensearch.talk import Talk
    from search.plan import Resolved

_MOST_KEPT = 1 << 16
# So many filters are counted in one search.
_AT_ONCE = 5_000
# The cluster's estimate of how many articles there are is exact up to so many.
_EXACT = 40_000


class UnitNumbers(NamedTuple):
    """How many passages decide how telling a unit is, how many articles, and how many hold it."""

    passages: int
    articles: int
    holding: int


class _Kind(NamedTuple):
    """Numbers of one kind.

    Attributes:
        known: those that were asked before, by their queries.
        queries: what is asked.
        bodies: the searches that tell the numbers of some queries.
        read: the numbers that the answer to one of those tells.
    """

    known: dict[str, int]
    queries: Sequence[Asked]
    bodies: Callable[[Sequence[Asked]], list[Asked]]
    read: Callable[[Mapping[str, Any]], list[int]]


class Numbers:
    """The numbers of one committed state; threads may share it."""

    def __init__(self) -> None:
        self._passages: dict[str, int] = {}
        self._articles: dict[str, int] = {}
        self._estimates: dict[str, int] = {}
        self._writing = Lock()

    def of_units(
        self, resolved: Sequence[Resolved], others: Sequence[Asked], talk: Talk
    ) -> Callable[[], list[UnitNumbers]]:
        """Have the numbers of some units be asked for soon; passages() knows those of others then.

        Returns: what gives them.
        """
        holding = [NONE if one.unit.by_chance else _holding(one) for one in resolved]
        # How telling a word is goes by all languages; it is not asked of those that leave it out.
        told_apart = [at for at, one in enumerate(resolved) if one.telling and not one.near]
        holding += [
            sequences_query(resolved[at], resolved[at].sequences, TOKENS[resolved[at].unit.field])
            for at in told_apart
        ]
        holding += others
        ranking = [
            at
            for at, one in enumerate(resolved)
            if one.unit.field is Field.TEXT and not one.unit.own
        ]
        sums = talk.state.sums
        is_one_each = sums.passages == sums.articles and not sums.titles_by_article
        of_terms: dict[int, Asked] = {}
        rest: list[int] = []
        for at in () if is_one_each else ranking:
            query = _term_query(resolved[at])
            if query is None:
                rest.append(at)
            else:
                of_terms[at] = query
        of_articles = _Kind(
            self._articles,
            list(of_terms.values()),
            lambda some: counting(some, talk.articles()),
            counts_in,
        )
        about_articles = _Kind(
            self._estimates,
            [_either(resolved[at]) for at in rest],
            lambda some: [_estimating(one, talk) for one in some],
            lambda answer: [answer["aggregations"]["n"]["value"]],
        )
        asked = self._asked([self._of_passages(holding, talk), of_articles, about_articles], talk)

        @cache
        def numbers() -> list[UnitNumbers]:
            passages, exact, about = asked()
            articles = dict(zip((*of_terms, *rest), (*exact, *about), strict=True))
            if is_one_each:
                articles = {at: passages[at] for at in ranking}
            held = dict(zip(told_apart, passages[len(resolved) :], strict=False))
            return [
                UnitNumbers(number, articles.get(at, 0), held.get(at, number))
                for at, number in enumerate(passages[: len(resolved)])
            ]

        return numbers

    def passages(self, queries: Sequence[Asked], talk: Talk) -> list[int]:
        """How many passages each of some queries finds."""
        (found,) = self._asked([self._of_passages(queries, talk)], talk)()
        return found

    def _of_passages(self, queries: Sequence[Asked], talk: Talk) -> _Kind:
        return _Kind(
            self._passages, queries, lambda some: counting(some, talk.passages()), counts_in
        )

    def _asked(self, kinds: Sequence[_Kind], talk: Talk) -> Callable[[], list[list[int]]]:
        """Have the numbers of each kind that are not known be asked for soon; what gives all."""
        names = [[json.dumps(query, sort_keys=True) for query in kind.queries] for kind in kinds]
        there: list[dict[str, int]] = []
        missing: list[dict[str, Asked]] = []
        for own, kind in zip(names, kinds, strict=True):
            known = {name: kind.known[name] for name in own if name in kind.known}
            there.append(known)
            missing.append(
                {
                    name: query
                    for name, query in zip(own, kind.queries, strict=True)
                    if name not in known
                }
            )
        bodies = [
            kind.bodies(list(some.values())) if some else []
            for kind, some in zip(kinds, missing, strict=True)
        ]
        answered = talk.soon(list(chain(*bodies)))

        def numbers() -> list[list[int]]:
            answers = iter(answered())
            for kind, known, some, asked in zip(kinds, there, missing, bodies, strict=True):
                told = chain(*(kind.read(answer) for answer in islice(answers, len(asked))))
                found = dict(zip(some, told, strict=True))
                known.update(found)
                if talk.is_whole:
                    self._keep(kind.known, found)
            return [[known[name] for name in own] for own, known in zip(names, there, strict=True)]

        return numbers

    def _keep(self, known: dict[str, int], found: Mapping[str, int]) -> None:
        if found:
            with self._writing:
                if len(known) > _MOST_KEPT:
                    known.clear()
                known.update(found)


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


def _either(one: Resolved) -> Asked:
    """What finds the passages with a unit, and those with it in the title of their article."""
    sequences = one.telling or one.sequences
    return any_of(
        [
            unit_query(one, field) if one.near else sequences_query(one, sequences, field)
            for field in ("body", "title")
        ]
    )


def _estimating(query: Asked, talk: Talk) -> Asked:
    """What tells about how many articles have a passage that a query finds."""
    return {
        "size": 0,
        "track_total_hits": False,
        "query": {"bool": {"filter": talk.passages(query)}},
        "aggs": {"n": {"cardinality": {"field": "key", "precision_threshold": _EXACT}}},
    }


def counting(queries: Sequence[Asked], clauses: Sequence[Asked]) -> list[Asked]:
    """The searches that count how many of the documents of some clauses each query finds."""
    return [
        {
            "size": 0,
            "track_total_hits": False,
            "query": {"bool": {"filter": list(clauses)}},
            "aggs": {"by": {"filters": {"filters": list(queries[start : start + _AT_ONCE])}}},
        }
        for start in range(0, len(queries), _AT_ONCE)
    ]


def counts_in(answer: Mapping[str, Any]) -> list[int]:
    """What the answer to one of those tells."""
    return [one["doc_count"] for one in answer["aggregations"]["by"]["buckets"]]

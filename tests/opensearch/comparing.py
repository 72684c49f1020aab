"""One index in a directory and in a cluster: whether both answer alike."""

from __future__ import annotations

from math import inf, isclose
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from indexer.errors import UsageError
from indexer.storage.remote.address import parse_address
from indexer.storage.remote.client import Client, lines_of
from indexer.storage.remote.failures import reason_in
from indexer.storage.remote.standing import read_state
from search.backends.base import Selection
from search.backends.evaluate import Units, matching
from search.backends.opensearch.asking import Asking
from search.backends.opensearch.backend import Known, OpenSearchBackend
from search.backends.opensearch.clauses import refuse_too_many
from search.backends.opensearch.finding import FIRST
from search.backends.opensearch.question import Alone, Question
from search.backends.opensearch.resolving import Resolver
from search.backends.opensearch.talk import Talk
from search.backends.opensearch.values import RemoteValues
from search.backends.ranking import DEFAULT_RANKING
from search.deadline import Deadline
from search.planner import plan_query
from search.query.parser import parse_query
from search.request import Sort
from tests.kernels import documents

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from search.backends.base import Answer, Backend
    from search.backends.local import LocalBackend
    from search.backends.opensearch.asking import Asked
    from search.plan import Plan

#: A passage: its article's id and its number.
Place: TypeAlias = tuple[str, int]
#: Scores may be summed in another order.
EQUAL = 1e-9
_MOST_FOUND = 100_000


class Ranked(NamedTuple):
    """A passage and its score."""

    place: Place
    score: float


class Outcome(NamedTuple):
    """How both answered one query.

    Attributes:
        query: it.
        faults: what differs though it must not; "" before each stands for nothing.
        refused: why the cluster is not asked; "" if it is.
        total: how many passages match.
        overlap: of the first ten, how many are the same; None where the cluster ranks all there
            are, since then they must be.
    """

    query: str
    faults: tuple[str, ...] = ()
    refused: str = ""
    total: int = 0
    overlap: float | None = None


class Pair:
    """The backends of the same articles in a directory and in a cluster.

    Attributes:
        local, remote: they.
    """

    def __init__(self, local: LocalBackend, remote: OpenSearchBackend) -> None:
        self.local = local
        self.remote = remote
        self._places = [
            {
                doc: (segment.article(record).article_id, number)
                for record in segment.records
                for number, doc in enumerate(segment.children(record), 1)
            }
            for segment in local._segments
        ]

    def outcomes(self, queries: Sequence[str], *, ranked_share: int = 1) -> Iterator[Outcome]:
        """Yield how both answer some queries, which the cluster is asked together.

        Orders and scores are compared for one of so many queries.
        """
        plans = [self._plan(query) for query in queries]
        asked = [self._asked(plan) for plan in plans]
        found = iter(self._remote_places([one for one in asked if not isinstance(one, str)]))
        for at, (query, plan, one) in enumerate(zip(queries, plans, asked, strict=True)):
            if isinstance(one, str):
                yield Outcome(query, refused=one)
                continue
            here, there = self._local_places(plan), next(found)
            if isinstance(there, str):
                yield Outcome(query, refused=there)
                continue
            faults = []
            if here != there:
                faults.append(f"finds {_some(there - here)} beside, and not {_some(here - there)}")
            overlap = None
            if not at % ranked_share:
                more, overlap = self._compared(plan, len(here))
                faults += more
            yield Outcome(query, tuple(faults), "", len(here), overlap)

    def found_in_cluster(self, queries: Sequence[str]) -> list[set[Place]]:
        """What some queries, of which none is refused, find in the cluster."""
        asked = [self._asked(self._plan(query)) for query in queries]
        found = list(self._remote_places([one for one in asked if not isinstance(one, str)]))
        return [one for one in found if not isinstance(one, str)]

    def _plan(self, query: str) -> Plan:
        assert self.local.languages == self.remote.languages
        return plan_query(parse_query(query).query, self.local.languages, Deadline(inf))

    # Which match

    def _asked(self, plan: Plan) -> Asked | str:
        """What the cluster is asked for all passages that match, or why it is not."""
        talk = self._talk()
        try:
            resolved = Resolver(self.remote._lexicon, self.remote._numbers, talk).resolve(plan)
            refuse_too_many(resolved)
            match = Asking(resolved, RemoteValues(talk)).match(plan.match)
        except UsageError as refused:
            return str(refused)
        return {"bool": {"filter": talk.passages(match)}}

    def _remote_places(self, asked: Sequence[Asked]) -> Iterator[set[Place] | str]:
        """Yield what each query finds, or why the cluster refuses it."""
        # Each of the nodes would take as many as there are to be ready for them.
        bodies = [
            {
                "size": min(_MOST_FOUND, self.local.statistics.passages),
                "sort": ["_doc"],
                "stored_fields": "_none_",
                "docvalue_fields": ["article", "n"],
                "query": query,
            }
            for query in asked
        ]
        client = self.remote._question.client
        found = client.ask(
            "POST",
            f"/{client.passages}/_msearch",
            lines_of(line for body in bodies for line in ({}, body)),
            timeout_seconds=3_600,
            filter_path="responses.hits.hits.fields,responses.timed_out,responses._shards,responses.error",
        )
        for answer in found["responses"]:
            if "error" in answer:
                yield reason_in(answer["error"])
                continue
            assert not answer["timed_out"]
            assert not answer["_shards"]["failed"]
            hits = answer.get("hits", {}).get("hits", ())
            yield {(one["fields"]["article"][0], one["fields"]["n"][0]) for one in hits}

    def _local_places(self, plan: Plan) -> set[Place]:
        deadline = Deadline(inf)
        lexicons, resolved = self.local._looked_up(plan, deadline)
        kernels = self.local._kernels_for(plan.match, resolved, lexicons, deadline)
        found: set[Place] = set()
        for of_segment, kernel, places in zip(lexicons, kernels, self._places, strict=True):
            docs = matching(plan.match, Units(resolved, of_segment, kernel, deadline))
            found.update(places[doc] for doc in documents(docs))
        return found

    def _talk(self) -> Talk:
        return Talk(self.remote._question, Deadline(inf))

    # In which order

    def _compared(self, plan: Plan, total: int) -> tuple[list[str], float | None]:
        """What differs in two answers, and how much of the first ten is the same."""
        is_all = total <= FIRST
        here = _answer(self.local, plan, FIRST if is_all else 10)
        try:
            there = _answer(self.remote, plan, FIRST if is_all else 10)
        except UsageError as refused:
            return [f"is refused: {refused}"], None
        faults = []
        if here.total != there.total:
            faults.append(f"{there.total} are found, not {here.total}")
        if here.missing != there.missing:
            faults.append(f"missing {sorted(there.missing)}, not {sorted(here.missing)}")
        warned, told = ([one.message for one in answer.warnings] for answer in (here, there))
        if warned != told:
            faults.append(f"warns {told}, not {warned}")
        ours, theirs = _ranked(self.local, here), _ranked(self.remote, there)
        scores = dict(ours)
        if wrong := [
            f"{place} has {score}, not {scores[place]}"
            for place, score in theirs
            if place in scores and not isclose(score, scores[place], rel_tol=EQUAL)
        ]:
            faults.append(f"of {len(theirs)} scores {len(wrong)} differ: {wrong[0]}")
        if not is_all:
            same = len({one.place for one in ours} & {one.place for one in theirs})
            return faults, same / len(ours)
        if not _same_order(ours, theirs):
            faults.append("the order differs")
        return faults, None


def opened(local: LocalBackend, address: str) -> Pair:
    """A directory's backend and that of the same articles at an address."""
    client = Client(parse_address(address))
    known = Known(read_state(client), DEFAULT_RANKING)
    question = Question(client, known.state, Alone(client))
    return Pair(local, OpenSearchBackend(question, known))


def _answer(backend: Backend, plan: Plan, limit: int) -> Answer:
    return backend.run(plan, Selection(Sort.SCORE, limit), Deadline(inf))


def _ranked(backend: Backend, answer: Answer) -> list[Ranked]:
    found = []
    for hit in answer.hits:
        paragraph = backend.passage(hit.key, 0).paragraph
        found.append(Ranked((paragraph.article_id, paragraph.number), hit.score))
    return found


def _same_order(ours: Sequence[Ranked], theirs: Sequence[Ranked]) -> bool:
    """Whether two orders are the same, but for passages of equal scores."""
    if len(ours) != len(theirs):
        return False
    return all(
        one.place == other.place or isclose(one.score, other.score, rel_tol=EQUAL)
        for one, other in zip(ours, theirs, strict=True)
    )


def _some(places: set[Place]) -> str:
    listed = ", ".join(f"{article}#{number}" for article, number in sorted(places)[:3])
    return f"{len(places)} passages ({listed})" if places else "none"

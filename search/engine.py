"""Request -> parsed query -> plan -> backend -> page and advice; the same for every backend."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from indexer.text.analysis import stemmer, tagged
from search.backends.base import Answer, Hit, Selection
from search.backends.ranking import query_weight
from search.deadline import SearchTimeoutError
from search.freshness import Freshness
from search.matches import FoundPassage, Marker
from search.model import FACETS, Advice, FoundPage
from search.plain_plan import plain_count, plain_plan
from search.plan import Always, Plan, matching_only
from search.query.faults import Strictness, Warned
from search.query.parser import Parsed, parse_query
from search.query.tree import Nothing
from search.request import Sort

# Few searches are broadened, few cite, and most find something.
# ruff: noqa: PLC0415

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence

    from indexer.model import Paragraph
    from indexer.storage.records import StoredArticle
    from search.backends.base import Backend
    from search.deadline import Deadline
    from search.diagnosis import Consulted
    from search.model import Diagnosis, Page, Passage, Suggestion, Surroundings, UnknownId
    from search.plan import Resolved
    from search.query.tree import Query
    from search.request import Request

_Page = TypeVar("_Page", bound=FoundPage)
_READ_ANYHOW = 10
# Of the time left, what may be taken to read passages. They have to be shown as well, which takes
# as long, and with neighbours and explanations many times as long.
_READING, _READING_MORE = 0.5, 1 / 16
# What of it is left then may be taken to find their matches.
_MARKING = 0.5
_MOST_LISTED = 20
# The page is there then: advice that takes long is not worth the whole time.
_ADVISING = 0.5
_NOT_PARSED = Parsed(Nothing())
_NOT_FOUND = Answer((), 0, (), frozenset())
_NO_WORDS = "the query has no words to search for; give it some, or * for every passage"


def answer(request: Request, backend: Backend, kind: type[_Page]) -> _Page:
    """Search and return one page of passages; when the time is over, what is found until then.

    Args:
        request: what is asked.
        backend: what holds the passages.
        kind: what the page is to be.

    Raises:
        QuerySyntaxError: the query is malformed and its strictness is STRICT.
        UsageError: what it is to be narrowed down to is malformed, or counted by is unknown.
    """
    if request.ids:
        return _looked_up(request, backend, kind)
    deadline = backend.deadline(request.timeout_seconds)
    parsed = _NOT_PARSED
    tree = parsed.query
    facets = _counted_by(request, backend) if request.facets else ()
    unknown: tuple[UnknownId, ...] = ()
    plan: Plan | None = None
    found = _NOT_FOUND
    try:
        if request.similar is None:
            parsed = _parsed(request, request.query, deadline)
            tree = parsed.query
        else:
            from search.similar import similar_to

            tree, unknown, told = similar_to(request.similar, backend, deadline)
            tree = tree if unknown or told else _narrowed(tree, request)
            parsed = Parsed(tree, told)
        plan = planned(tree, backend.languages, deadline)
        if request.broaden:
            tree = _broadened(tree, plan, backend, deadline)
            plan = planned(tree, backend.languages, deadline)
        selection = Selection(
            request.sort,
            request.limit,
            request.offset,
            request.per_article,
            request.explain,
            request.all_copies,
            facets,
            request.context or (1 if request.cited else 0),
        )
        found = backend.run(plan, selection, deadline)
    except SearchTimeoutError:
        found = found._replace(is_partial=True)
    passages = _passages(request, plan, found, backend, deadline)
    is_partial = found.is_partial or len(passages) < len(found.hits) or deadline.was_met
    diagnosis: Any = None
    spelt: Any = None
    is_short = (found.missing or not found.total) and request.similar is None
    if is_short and plan is not None and not is_partial and request.advice:
        left = _ADVISING * deadline.unused_seconds()
        advice = Advice(partial(_advice, request, parsed.query, plan, found, backend, left))
        diagnosis, spelt = (advice, advice) if backend.is_kept else advice.found
    return tuple.__new__(
        kind,
        (
            request,
            tree,
            passages,
            found.total,
            _warnings(request, parsed, plan, found, backend, is_partial=is_partial),
            deadline.spent_seconds(),
            diagnosis,
            spelt,
            is_partial,
            unknown,
            found.facets,
            None,
            _reading(tree) if request.explain else (),
        ),
    )


def planned(query: Query, languages: tuple[str, ...], deadline: Deadline) -> Plan:
    """The plan of a query for an index that holds articles in these languages.

    Raises:
        SearchTimeoutError: the time is over.
    """
    plan = plain_plan(query, languages)
    if plan is None:
        from search.planner import plan_query

        plan = plan_query(query, languages, deadline)
    return plan


def _looked_up(request: Request, backend: Backend, kind: type[_Page]) -> _Page:
    """The page of what ids name, in their order; what is found of it in time."""
    from search.lookup import look_up

    deadline = backend.deadline(request.timeout_seconds)
    looked_up = look_up(request.ids, backend, deadline)
    wanted = looked_up.keys[request.offset : request.offset + request.limit]
    found = Answer(tuple(Hit(key, 0.0) for key in wanted), len(looked_up.keys), (), frozenset())
    plan = Plan((), Always(matches=True), (), (), ())
    passages = _passages(request, plan, found, backend, deadline)
    is_partial = looked_up.is_partial or len(passages) < len(wanted)
    return kind(
        request=request,
        interpreted_as="",
        passages=passages,
        total=found.total,
        warnings=(cut_off(request),) if is_partial else (),
        seconds=deadline.spent_seconds(),
        partial=is_partial,
        unknown=looked_up.unknown,
    )


def _reading(tree: Query) -> tuple[str, ...]:
    from search.reading import reading

    return reading(tree)


def _passages(
    request: Request, plan: Plan | None, found: Answer, backend: Backend, deadline: Deadline
) -> tuple[Passage, ...]:
    """The passages of a page, as many as can be read in time."""
    hits = found.hits
    if plan is None or not hits:
        return ()
    marker = Marker(partial(_lit, plan, found))
    freshness = Freshness()
    around = _surroundings(backend) if request.cited else None
    context, rank, new = request.context, request.offset, tuple.__new__
    passages: list[Passage] = []
    reading = deadline
    if len(hits) > _READ_ANYHOW:
        reading = deadline.rest(_READING_MORE if context or request.explain else _READING)
    for begin in range(0, len(hits), _READ_ANYHOW):
        # To read a few takes a moment, and else all that was found would have been in vain.
        if begin and reading.is_over():
            break
        some = hits[begin : begin + _READ_ANYHOW]
        read = backend.passages([hit[0] for hit in some], context)
        for hit, (article, paragraph, before, after) in zip(some, read, strict=True):
            rank += 1
            key, score, coverage, parts, also_in, copies = hit
            surroundings = around(key, article, paragraph) if around else None
            # In half the time that the names of the fields take.
            passage = new(
                FoundPassage,
                (
                    rank,
                    score,
                    paragraph,
                    article,
                    marker,
                    coverage,
                    parts,
                    before,
                    after,
                    also_in,
                    copies,
                    freshness,
                    (),
                    surroundings,
                ),
            )
            passages.append(passage)
    marker.allow(_MARKING * deadline.unused_seconds())
    return tuple(passages)


def _lit(plan: Plan, found: Answer) -> list[Resolved]:
    """What passages are found by of what was looked up, to be highlighted."""
    return [one for one, is_lit in zip(found.resolved, plan.lit, strict=True) if is_lit]


def suggest(request: Request, backend: Backend) -> tuple[Suggestion, ...]:
    """Return spellings that the backend has for the words of a query that are in no passage.

    Raises:
        QuerySyntaxError: as answer().
        SearchTimeoutError: the search took longer than it may.
    """
    from search.diagnosis import suggestions

    deadline = backend.deadline(request.timeout_seconds)
    parsed = _parsed(request, request.query, deadline)
    return suggestions(parsed.query, _consulted(backend, deadline, {}))


def _parsed(request: Request, text: str, deadline: Deadline) -> Parsed:
    """The tree of a text with what the request narrows it down to.

    Raises:
        SearchTimeoutError: the time is over.
    """
    parsed = parse_query(
        text,
        all_words=request.all_words,
        strictness=request.strictness,
        spend=deadline.spend,
    )
    query = _narrowed(parsed.query, request)
    return parsed if query is parsed.query else parsed._replace(query=query)


def _narrowed(query: Query, request: Request) -> Query:
    if not request.is_narrowed and not request.facets:
        return query
    from search.narrowing import narrowed

    return narrowed(query, request)


def _surroundings(
    backend: Backend,
) -> Callable[[Hashable, StoredArticle, Paragraph], Surroundings]:
    from search.surroundings import Neighbourhoods

    return Neighbourhoods(backend).around


def _warnings(
    request: Request,
    parsed: Parsed,
    plan: Plan | None,
    found: Answer,
    backend: Backend,
    *,
    is_partial: bool,
) -> tuple[Warned, ...]:
    """What was not taken as it stands, in order of place; what has none comes first."""
    warnings: list[Warned] = []
    if found.unheard:
        warnings.append(Warned(found.unheard))
    elif is_partial:
        warnings.append(cut_off(request))
    is_empty = not parsed.warnings and isinstance(parsed.query, Nothing)
    if is_empty and request.similar is None and not is_partial:
        warnings.append(Warned(_NO_WORDS))
    warnings += parsed.warnings
    if plan is not None:
        warnings += plan.warnings
        if plan.where:
            warnings += _unknown_fields(plan, backend)
    warnings += found.warnings
    if len(warnings) > 1:
        warnings.sort(key=lambda one: one.span.start if one.span else -1)
    return tuple(warnings)


def cut_off(request: Request) -> Warned:
    """What is told of a search whose time was over."""
    remedy = "allow more" if request.ids else "make the query more specific, or allow more"
    return Warned(
        f"the search was cut off after {request.timeout_seconds:g} s, and there may be more; "
        f"{remedy} with --timeout SECONDS"
    )


def is_cut_off(page: Page) -> bool:
    """Whether it is the time that was over where a page is partial, and not parts that are lost."""
    return page.partial and cut_off(page.request) in page.warnings


def _unknown_fields(plan: Plan, backend: Backend) -> Iterator[Warned]:
    """Yield what is to be told of fields that no article has."""
    known = backend.fields
    for name, span in plan.where:
        if name not in known:
            there = f"there are: {_listed(known)}" if known else "no article has any"
            yield Warned(f"no article has a field {name!r}; {there}", span)


def _counted_by(request: Request, backend: Backend) -> tuple[str, ...]:
    """The indexed names of the fields to count by, each once; UsageError if there is none such."""
    if not request.facets:
        return ()
    from indexer.errors import UsageError
    from indexer.text.values import field_name

    known = tuple(dict.fromkeys((*FACETS, *backend.fields)))
    for name in request.facets:
        if field_name(name) not in known:
            raise UsageError(f"no field {name!r} to count by", hint=f"there are: {_listed(known)}")
    return tuple(dict.fromkeys(map(field_name, request.facets)))


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_LISTED:,} more" if len(names) > _MOST_LISTED else ""
    return ", ".join(names[:_MOST_LISTED]) + more


def _broadened(query: Query, plan: Plan, backend: Backend, deadline: Deadline) -> Query:
    """The query together with words that its best passages share."""
    from search.broaden import MOST_WORDS, PASSAGES, Feedback, broadened

    if len(plan.asked) > MOST_WORDS:
        return query
    best = backend.run(plan, Selection(Sort.SCORE, PASSAGES, per_article=1), deadline).hits
    feedback = []
    for hit in best:
        if hit.score > 0:
            stored = backend.passage(hit.key, 0)
            language = stored.article.language
            norm = backend.norm(hit.key)
            feedback.append(Feedback(stored.paragraph.text, language, hit.score, norm))
    return broadened(
        query,
        feedback,
        weight=sum(query_weight(boosts, backend.ranking.k3) for boosts in plan.boosts),
        known=frozenset(
            tagged(stemmer(language)(element.text), language)
            for unit in plan.units
            for sequence in unit.alternatives
            for element in sequence
            for language in element.languages
        ),
        passages=backend.statistics.passages,
        holding=backend.holding,
    )


def _advice(
    request: Request,
    query: Query,
    plan: Plan,
    found: Answer,
    backend: Backend,
    seconds: float,
) -> tuple[Diagnosis | None, str | None]:
    """Why nothing was found, and the query text with an unknown word respelt."""
    match = plan.match
    if isinstance(match, Always) and not match.matches:
        return None, None
    from search.diagnosis import diagnose, did_you_mean

    deadline = backend.deadline(seconds)
    consulted = _consulted(backend, deadline, {} if found.total else {query: 0})
    with backend.later():
        spelt = did_you_mean(request.query, query, found.missing, consulted)
        if found.total:
            return None, spelt
        diagnosis = diagnose(query, consulted, all_words=request.all_words)
        if spelt and not _finds(spelt, request, consulted, deadline):
            spelt = None
    if request.strictness is Strictness.LITERAL:
        diagnosis = diagnosis._replace(relaxed=None)  # it would be read as words
    return diagnosis, spelt


def _consulted(backend: Backend, deadline: Deadline, known: dict[Query, int]) -> Consulted:
    """What an index knows of words and queries, of some of which it is known what they find."""
    from search.diagnosis import Consulted

    languages = backend.languages
    nearby: dict[tuple[str, int], Mapping[str, int]] = {}

    # The same parts are asked for again and again while a query is taken apart.
    def passages(query: Query) -> int:
        found = known.get(query)
        if found is None:
            plan = plain_count(query, languages)
            if plan is None:
                plan = matching_only(planned(query, languages, deadline))
            found = known[query] = backend.count(plan, deadline)
        return found

    def near(word: str, edits: int) -> Mapping[str, int]:
        key = word, edits
        if key not in nearby:
            nearby[key] = backend.near(word, edits, deadline)
        return nearby[key]

    return Consulted(passages, near, languages)


def _finds(text: str, request: Request, consulted: Consulted, deadline: Deadline) -> bool:
    """Whether a query finds anything, as far as that is known in time."""
    try:
        return consulted.passages(_parsed(request, text, deadline).query) > 0
    except SearchTimeoutError:
        return False

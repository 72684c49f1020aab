"""Request -> parsed query -> plan -> backend -> page and advice; the same for every backend."""

from __future__ import annotations

import time
from functools import cache
from typing import TYPE_CHECKING

from indexer.model import ArticleFacts
from indexer.text.analysis import stemmer, tagged
from search.backends.base import Answer, Selection
from search.backends.ranking import idf, query_weight
from search.deadline import Deadline, SearchTimeoutError
from search.matches import MatchFinder
from search.model import FoundArticle, Passage, ResultPage, Warned
from search.plan import Always
from search.planner import plan_query
from search.query.faults import Strictness
from search.query.parser import parse_query
from search.query.tree import Nothing
from search.request import Sort

# Few searches are broadened, and most find something.
# ruff: noqa: PLC0415

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from search.backends.base import Backend, Hit
    from search.diagnosis import Consulted
    from search.model import Diagnosis, Suggestion
    from search.plan import Plan
    from search.query.parser import Parsed
    from search.query.tree import Query
    from search.request import Request

_READ_ANYHOW = 10
# The page is there then: advice that takes long is not worth the whole time.
_ADVISING = 0.5
_NO_WORDS = "the query has no words to search for; give it some, or * for every passage"


def answer(request: Request, backend: Backend) -> ResultPage:
    """Search and return one page of passages; when the time is over, what is found until then.

    Raises:
        QuerySyntaxError: the query is malformed and its strictness is STRICT.
    """
    started = time.perf_counter()
    deadline = Deadline(request.timeout_seconds)
    parsed = _parsed(request, request.query)
    tree = parsed.query
    plan: Plan | None = None
    found = Answer((), 0, (), frozenset())
    try:
        plan = plan_query(tree, backend.languages, deadline)
        if request.broaden:
            tree = _broadened(tree, plan, backend, deadline)
            plan = plan_query(tree, backend.languages, deadline)
        selection = Selection(
            request.sort,
            request.limit,
            request.offset,
            request.per_article,
            request.explain,
            request.all_copies,
        )
        found = backend.run(plan, selection, deadline)
    except SearchTimeoutError:
        found = found._replace(is_partial=True)
    passages = tuple(_passages(request, plan, found, backend, deadline))
    is_partial = found.is_partial or len(passages) < len(found.hits) or deadline.was_met
    diagnosis, spelt = None, None
    if plan is not None and not is_partial:
        advising = deadline.rest(_ADVISING)
        diagnosis, spelt = _advice(request, parsed.query, plan, found, backend, advising)
    return ResultPage(
        request=request,
        interpreted_as=str(tree),
        passages=passages,
        total=found.total,
        warnings=_warnings(request, parsed, plan, found, is_partial=is_partial),
        seconds=time.perf_counter() - started,
        diagnosis=diagnosis,
        did_you_mean=spelt,
        partial=is_partial,
    )


def _passages(
    request: Request, plan: Plan | None, found: Answer, backend: Backend, deadline: Deadline
) -> Iterator[Passage]:
    """Yield the passages of a page, as many as can be read in time."""
    if plan is None or not found.hits:
        return
    lit = (one for one, is_lit in zip(found.resolved, plan.lit, strict=True) if is_lit)
    finder = MatchFinder(lit)
    for number, hit in enumerate(found.hits):
        # To read a few takes a moment, and else all that was found would have been in vain.
        if deadline.is_over() and number >= _READ_ANYHOW:
            return
        rank = request.offset + 1 + number
        yield _passage(rank, hit, backend, finder, request.context, deadline)


def suggest(request: Request, backend: Backend) -> tuple[Suggestion, ...]:
    """Return spellings that the backend has for the words of a query that are in no passage.

    Raises:
        QuerySyntaxError: as answer().
        SearchTimeoutError: the search took longer than it may.
    """
    from search.diagnosis import suggestions

    deadline = Deadline(request.timeout_seconds)
    parsed = _parsed(request, request.query)
    return suggestions(parsed.query, _consulted(backend, deadline))


def _parsed(request: Request, text: str) -> Parsed:
    return parse_query(text, all_words=request.all_words, strictness=request.strictness)


def _passage(
    rank: int,
    hit: Hit,
    backend: Backend,
    finder: MatchFinder,
    context: int,
    deadline: Deadline,
) -> Passage:
    stored = backend.passage(hit.key, context)
    article = stored.article
    try:
        matches = finder.find(stored.paragraph.text, article.language, deadline.spend)
    except SearchTimeoutError:  # it is an answer without them as well
        matches = ()
    return Passage(
        rank=rank,
        score=hit.score,
        paragraph=stored.paragraph,
        article=FoundArticle(article.article_id, article.origin, *ArticleFacts.of(article)),
        matches=matches,
        coverage=hit.coverage,
        parts=hit.parts,
        before=stored.before,
        after=stored.after,
        also_in=hit.also_in,
        copies=hit.copies,
    )


def _warnings(
    request: Request, parsed: Parsed, plan: Plan | None, found: Answer, *, is_partial: bool
) -> tuple[Warned, ...]:
    """What was not taken as it stands, in order of place; what has none comes first."""
    nothing = not parsed.warnings and isinstance(parsed.query, Nothing)
    cut_off = (
        f"the search was cut off after {request.timeout_seconds:g} s, and there may be more; "
        "make the query more specific, or allow more with --timeout SECONDS"
    )
    warnings: Iterable[Warned] = (
        *([Warned(cut_off)] if is_partial else []),
        *([Warned(_NO_WORDS)] if nothing else []),
        *parsed.warnings,
        *(plan.warnings if plan else ()),
        *(one.warning for one in found.resolved if one.warning),
    )
    return tuple(sorted(warnings, key=lambda one: one.span.start if one.span else -1))


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
    passages = backend.statistics.passages
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
        idf=lambda stem: idf(passages, backend.holding(stem)),
    )


def _advice(
    request: Request,
    query: Query,
    plan: Plan,
    found: Answer,
    backend: Backend,
    deadline: Deadline,
) -> tuple[Diagnosis | None, str | None]:
    """Why nothing was found, and the query text with an unknown word respelt."""
    match = plan.match
    if not request.advice or (isinstance(match, Always) and not match.matches):
        return None, None
    if found.total and not found.missing:
        return None, None
    from search.diagnosis import diagnose, did_you_mean

    consulted = _consulted(backend, deadline)
    spelt = did_you_mean(request.query, query, found.missing, consulted)
    if found.total:
        return None, spelt
    diagnosis = diagnose(query, consulted, all_words=request.all_words)
    if request.strictness is Strictness.LITERAL:
        diagnosis = diagnosis._replace(relaxed=None)  # it would be read as words
    if spelt and not _finds(spelt, request, consulted):
        spelt = None
    return diagnosis, spelt


def _consulted(backend: Backend, deadline: Deadline) -> Consulted:
    from search.diagnosis import Consulted

    # The same parts are asked for again and again while a query is taken apart.
    @cache
    def passages(query: Query) -> int:
        return backend.count(plan_query(query, backend.languages, deadline), deadline)

    @cache
    def near(word: str, edits: int) -> dict[str, int]:
        return dict(backend.near(word, edits, deadline))

    return Consulted(passages, near, backend.languages)


def _finds(text: str, request: Request, consulted: Consulted) -> bool:
    """Whether a query finds anything, as far as that is known in time."""
    try:
        return consulted.passages(_parsed(request, text).query) > 0
    except SearchTimeoutError:
        return False

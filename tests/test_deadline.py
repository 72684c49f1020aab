"""Every text ends in time, and an answer that was cut off says so and holds nothing wrong."""

from __future__ import annotations

import gc
import re
import time
from hashlib import pbkdf2_hmac
from math import isfinite
from random import Random
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.errors import EXIT_INDEX
from indexer.text.analysis import pair_needs
from search import Index, Request, Sort
from search.backends import local
from search.backends.base import Selection
from search.backends.kernels import uncompiled
from search.backends.kernels.arrays import ArrayKernel
from search.backends.local import LocalBackend
from search.deadline import Deadline, SearchTimeoutError
from search.output.render import render
from search.output.styles import Style
from search.output.text import TextLook
from search.patterns import glob_expression
from search.planner import plan_query
from search.query.expressions import fitting
from search.query.parser import parse_query
from tests.bench.fuzz import GRACE_SECONDS, asked, outcomes
from tests.kernels import KERNELS
from tests.monsters import LISTED, backend_of
from tests.passages import article, index_of_articles
from tests.schemas import valid

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from search.backends.base import Answer
    from search.backends.kernels import KernelKind
    from search.plan import Plan

TIMEOUT_SECONDS = 1.0


@pytest.fixture(scope="module")
def large() -> Index:
    return Index(backend_of(5_000))


@pytest.fixture(autouse=True, scope="module")
def _nothing_else_collected() -> Iterator[None]:
    """The garbage collector goes through what searches make, not through all that tests keep."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(scope="module")
def small() -> Index:
    return Index(backend_of(40))


@pytest.mark.parametrize("kind", LISTED)
def test_a_monster_ends_in_time(large: Index, kind: str) -> None:
    outcome = asked(large, Request(LISTED[kind], timeout_seconds=TIMEOUT_SECONDS), Style.JSON)
    assert not outcome.fault


@pytest.mark.parametrize("kind", ["1,000 words", "300 fuzzy words", "a loose phrase of one word"])
@pytest.mark.parametrize("style", [Style.TEXT, Style.JSONL, Style.CSV])
def test_so_does_what_is_made_of_its_answer(large: Index, kind: str, style: Style) -> None:
    request = Request(
        LISTED[kind], explain=True, context=3, limit=1_000, timeout_seconds=TIMEOUT_SECONDS
    )
    assert not asked(large, request, style).fault


@pytest.mark.parametrize("query", ["*", "NOT patrol", "article:*a*", "published:*"])
@pytest.mark.parametrize("sort", Sort)
def test_everything_in_any_order_ends_in_time(large: Index, query: str, sort: Sort) -> None:
    request = Request(query, sort=sort, per_article=2, limit=1_000_000, timeout_seconds=0.2)
    assert not asked(large, request, Style.IDS).fault


@pytest.mark.parametrize("snippet_chars", [None, 600])
def test_a_paragraph_of_many_matches_is_shown_in_time(snippet_chars: int | None) -> None:
    with index_of_articles(article("a", "the ferry " * 20_000)) as twins:
        page = Index(twins.backend).search('"the ferry"', timeout_seconds=60)
        assert len(page.passages[0].matches) == 40_000
        started = time.process_time()
        look = TextLook(width_columns=80, colour=True)
        lines = list(render(page, style=Style.TEXT, look=look, snippet_chars=snippet_chars))
        assert lines
        assert time.process_time() - started < 5


def test_five_thousand_queries_end_in_time_and_without_other_errors(small: Index) -> None:
    """``tests.bench.fuzz`` asks any number of them."""
    wrong = [
        (outcome.fault, request)
        for request, outcome in outcomes(small, 20_261_126, 0.5, 5_000)
        if outcome.fault
    ]
    assert not wrong


def test_stars_in_an_id_cost_no_more_than_letters() -> None:
    started = time.process_time()
    with index_of_articles(
        article("a" * 400, "A ferry."), article("a" * 400 + "b", "More.")
    ) as index:
        page = index.search("article:" + "*a" * 200 + "*b", timeout_seconds=60)
        assert not page.partial
        assert page.total == 1
        assert index.search("source:" + "*a" * 200 + "*c", timeout_seconds=60).total == 0
    assert time.process_time() - started < 1  # without end before


# A cut off answer


class _Counted(Deadline):
    """Is over when it was looked at so many times, whatever the clock says."""

    def __init__(self, looks: int, first: _Counted | None = None) -> None:
        super().__init__(3_600)
        self.looks = looks
        self.first = first or self

    def rest(self, share: float) -> Deadline:
        assert share < 1
        return _Counted(0, self.first)

    def spend(self, steps: int = 1) -> None:
        assert steps >= 0
        self.left_seconds()

    def is_over(self) -> bool:
        self.first.looks -= 1
        if self.first.looks >= 0:
            return False
        self.first.was_met = True
        return True

    def left_seconds(self) -> float:
        if self.is_over():
            raise SearchTimeoutError("out of time")
        return 3_600


CUT = [
    "paing fine raa",
    "pa* con*",
    "NOT pa*",
    "fine NOT (agugutrol* AND con*)",
    "(fine OR paing~) NOT (NOT gua~ AND *a*)",
    "NEAR(pa* con*, 9)",
    '"the the"~3',
    "ARTICLE(fine pa -zeppelin*)",
    "/.*a/ -/.*o/",
    "article:*1* pa*",
    "NOT article:*1*",
    "pa* lang:en NOT title:con*",
]


def _run(backend: LocalBackend, query: str, sort: Sort, deadline: Deadline) -> Answer:
    plan = plan_query(parse_query(query).query, backend.languages, Deadline(60))
    return backend.run(plan, Selection(sort, 10_000), deadline)


def _keys(answer: Answer) -> set[Hashable]:
    return {hit.key for hit in answer.hits}


@pytest.mark.parametrize("query", CUT)
@pytest.mark.parametrize("kernels", KERNELS)
@pytest.mark.parametrize("sort", [Sort.SCORE, Sort.DATE])
def test_what_is_found_before_the_end_is_what_matches(
    query: str, kernels: KernelKind, sort: Sort
) -> None:
    backend = backend_of(30, kernels=kernels)
    whole = _run(backend, query, sort, Deadline(60))
    assert not whole.is_partial
    seen = set()
    looks = 0
    while True:
        answer = _run(backend, query, sort, _Counted(looks))
        assert _keys(answer) <= _keys(whole), looks
        assert len(answer.hits) <= answer.total <= whole.total
        seen.add(answer.total)
        if not answer.is_partial:
            break
        looks = looks + 1 if looks < 100 else looks * 5 // 4
    assert answer._replace(resolved=()) == whole._replace(resolved=())
    assert {0, whole.total} <= seen
    assert whole.total


def test_words_found_in_time_are_searched_though_others_are_not() -> None:
    backend = backend_of(30)
    query = "resagu~ lififitroltionpa~ 社 fine~"
    totals = {_run(backend, query, Sort.SCORE, _Counted(n)).total for n in range(150)}
    assert len(totals) > 2, "nothing, one word, then more"


class _Late(LocalBackend):
    """Has no part of an answer when the time is over."""

    def run(self, plan: Plan, selection: Selection, deadline: Deadline) -> Answer:
        assert plan
        assert selection
        assert deadline
        raise SearchTimeoutError("out of time")


def test_a_backend_that_was_too_late_gives_an_empty_answer() -> None:
    backend = backend_of(30)
    with Index(_Late(backend._segments)) as index:
        page = index.search("patrol")
        assert (page.partial, page.passages, page.total) == (True, (), 0)
        assert page.diagnosis is None
        assert page.warnings[0].message.startswith("the search was cut off after 10 s, ")


def test_a_text_is_read_in_time(small: Index) -> None:
    text = '"a" ' * 12_000
    with pytest.raises(SearchTimeoutError):
        parse_query(text, spend=Deadline(0).spend)
    page = small.search(text, timeout_seconds=1e-6)
    assert page.partial
    assert len(page.warnings) == 1, "that it was cut off, not that there are no words"


def test_an_answer_in_time_is_whole(small: Index) -> None:
    page = small.search("trol pa*")
    assert not page.partial
    assert '"partial": false' in valid("".join(render(page, style=Style.JSON)))


def test_each_line_of_a_cut_off_answer_says_so(small: Index) -> None:
    page = small.search("trol pa*", limit=3)
    lines = list(map(valid, render(page._replace(partial=True), style=Style.JSONL)))
    assert len(lines) == 3
    assert all('"partial": true' in line for line in lines)
    assert not any("partial" in line for line in map(valid, render(page, style=Style.JSONL)))


def test_the_error_of_a_search_without_an_answer_has_the_exit_code_of_a_busy_index() -> None:
    assert SearchTimeoutError.exit_code == EXIT_INDEX == 3


def test_an_expression_has_its_time_while_other_threads_work() -> None:
    """The library's clock runs faster then."""
    # It takes some seconds, without the interpreter, so that it really runs beside.
    others = [
        Thread(target=pbkdf2_hmac, args=("sha256", b"word", b"salt", 4_000_000)) for _ in range(2)
    ]
    for other in others:
        other.start()
    time.sleep(0.1)  # or they would wait for the interpreter, which an expression keeps
    with pytest.raises(SearchTimeoutError):
        fitting("(x|xx)+[yz0-9]", Deadline(0.5))("x" * 60)
    for other in others:
        other.join()


def test_a_deadline_looks_at_the_clock_after_many_small_steps() -> None:
    deadline = Deadline(-1)
    deadline.spend(4_000)
    assert not deadline.was_met
    with pytest.raises(SearchTimeoutError):
        deadline.spend(1_000)
    assert deadline.was_met


def test_a_clock_may_stand() -> None:
    now = [100.0]
    deadline = Deadline(10, clock=lambda: now[0])
    part = deadline.rest(0.5)
    now[0] = 104.0
    assert (deadline.spent_seconds(), deadline.left_seconds(), part.left_seconds()) == (4, 6, 1)
    now[0] = 105.0
    assert part.is_over()
    assert deadline.was_met
    assert not deadline.is_over()


def test_a_part_of_the_time_tells_the_whole() -> None:
    whole = Deadline(60)
    assert not whole.rest(0.5).is_over()
    assert not whole.was_met
    assert whole.rest(0.5).rest(0).is_over()
    assert whole.was_met
    assert not whole.is_over()
    assert 25 < whole.rest(0.5).left_seconds() < 31
    with pytest.raises(SearchTimeoutError, match="longer than 60 seconds"):
        whole.rest(0).left_seconds()


# Scores


@pytest.mark.parametrize(
    "query",
    [
        "patrol^1e308 patrol^1e308 patrol^1e308",
        LISTED["boosts in boosts"],
        f"({LISTED['boosts in boosts']}) " * 15,
    ],
)
def test_scores_are_finite_however_words_are_boosted(query: str) -> None:
    with index_of_articles(article("a", "A patrol.", "No ferry.")) as index:
        (passage,) = index.search(query, explain=True).passages
        assert isfinite(passage.score)
        assert passage.score > 1_000


# Patterns


_PATTERNS = st.text("ab/*?", min_size=1, max_size=9)
_TEXTS = st.text("ab/", max_size=12)


@given(_PATTERNS, _TEXTS)
def test_patterns_fit_what_they_would_with_going_back(pattern: str, text: str) -> None:
    usual = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    assert bool(re.fullmatch(glob_expression(pattern), text)) == bool(re.fullmatch(usual, text))
    around = glob_expression(pattern, before="(?:|.*?/)", after="(?:/.*)?")
    assert bool(re.fullmatch(around, text)) == bool(re.search(rf"(^|/){usual}(/|$)", text))


def test_the_grace_is_the_one_that_is_promised() -> None:
    assert GRACE_SECONDS == 0.3


@pytest.mark.parametrize(
    ("query", "uses_arrays"),
    [("*", True), ("NOT zeppelin", True), ("published:*", True), ("zeppelin", False)],
)
def test_what_may_be_most_passages_is_gone_through_with_arrays(
    query: str, monkeypatch: pytest.MonkeyPatch, *, uses_arrays: bool
) -> None:
    monkeypatch.setattr(local, "NativeKernel", None)
    monkeypatch.setattr(uncompiled, "ARRAYS_FROM_POSTINGS", 30)
    backend = backend_of(30)
    plan = plan_query(parse_query(query).query, backend.languages, Deadline(60))
    lexicons, resolved = backend._looked_up(plan, Deadline(60))
    kernels = backend._kernels_for(plan.match, resolved, lexicons, Deadline(60))
    assert isinstance(kernels[0], ArrayKernel) == uses_arrays


@pytest.mark.parametrize("limit", [1, 7, 31, 36, 50])
def test_equals_are_in_the_order_of_articles_with_each_kernel(limit: int) -> None:
    pages = [
        Index(backend_of(30, kernels=kind)).search(query, limit=limit)
        for query in ("*", "fine")
        for kind in KERNELS
    ]
    for at, page in enumerate(pages):
        one = pages[at - at % len(KERNELS)]
        assert [p.paragraph for p in one.passages] == [p.paragraph for p in page.passages]


@pytest.mark.parametrize("chars", [5, 999, 1_000, 1_001, 2_000, 2_001, 2_002, 3_500])
def test_a_long_run_is_cut_where_it_makes_no_difference(chars: int) -> None:
    chance = Random(chars)  # noqa: S311 - nothing depends on it
    text = "".join(chr(0x4E00 + chance.randrange(3_000)) for _ in range(chars))
    plan = plan_query(parse_query(text).query, ("zh",), Deadline(60))
    pairs = dict.fromkeys(need.text for need in pair_needs(text))
    assert [unit.label for unit in plan.units] == list(pairs)

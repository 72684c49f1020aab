"""The units of a query in C against those in Python: what matches, what it is worth, its scores."""

from __future__ import annotations

from array import array
from functools import cache
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search import engine
from search.backends.base import Place
from search.backends.evaluate import Found, Units, matching
from search.backends.kernels import KernelKind
from search.backends.kernels.plain import PlainKernel
from search.backends.local import LocalBackend
from search.backends.ranking import DEFAULT_RANKING, UnitWeight
from search.backends.scoring import Scorer
from search.backends.vocabulary import Word
from search.backends.voices import Voices, factors_of
from search.deadline import Deadline, SearchTimeoutError
from search.model import FoundPage
from search.plan import Element, Form, Pattern, Unit
from search.planner import plan_query
from search.query.parser import parse_query
from search.query.spelling import Field
from search.request import Request
from tests.kernels import IS_COMPILED, documents, pages_of
from tests.listed import assert_same_page
from tests.passages import article
from tests.strategies import Commit, index_of_commits

if IS_COMPILED:
    from search.backends.kernels import compiled
    from search.backends.kernels.native import NativeKernel
    from search.backends.kernels.native_found import NativeFound, NativeUnits

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from search.plan import Plan

pytestmark = pytest.mark.skipif(not IS_COMPILED, reason="no C compiler was here")

#: From what is in every passage to what is in one of some hundred.
WORDS = ("the", "fog", "fogs", "gull", "tide", "tides", "horn", "mast", "quay", "bell", "wreck")
WORD = st.sampled_from(WORDS)
LEAF = st.one_of(
    WORD,
    WORD,
    st.lists(WORD, min_size=2, max_size=3).map(lambda words: f'"{" ".join(words)}"'),
    st.tuples(WORD, WORD).map(lambda words: f'"{" ".join(words)}"~2'),
    st.tuples(WORD, WORD).map(lambda words: f"NEAR({' '.join(words)}, 3)"),
    st.sampled_from(["ti*", "fog*", "title:tide", "title:ti*", "heading:gull", "author:ada", "zz"]),
)
QUERY = st.recursive(
    st.lists(LEAF, min_size=1, max_size=4).map(" ".join),
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda some: f"({' AND '.join(some)})"),
        st.tuples(inner, LEAF).map(lambda two: f"({two[0]}) -{two[1]}"),
        inner.map(lambda one: f"ARTICLE({one})"),
    ),
    max_leaves=3,
)


@cache
def backends(kind: str) -> tuple[LocalBackend, LocalBackend]:
    """Backends with the kernels in Python, and those in C."""
    chance = Random(kind)  # noqa: S311 - nothing depends on it

    def text() -> str:
        wanted = [word for at, word in enumerate(WORDS) if not chance.randrange(1 + at * at)]
        chosen = wanted + chance.choices(wanted or ["the"], k=chance.randrange(6))
        chance.shuffle(chosen)
        return " ".join(chosen) or "the"

    articles = tuple(
        article(
            f"a{number:03}",
            *(text() for _ in range(1 if kind == "single" else chance.randrange(4))),
            title="" if kind == "single" or chance.randrange(3) else text(),
            headings=() if kind == "single" or chance.randrange(2) else ("Gull", text()),
            language=chance.choice(["en", "en", "es"]),
            author=chance.choice(["", "Ada"]),
        )
        for number in range(700)
    )
    deleted = ("a003", "a005", "a600") if kind == "deleted" else ()
    segments = index_of_commits([Commit(articles, ()), Commit((), deleted)])[0].segments()
    return (
        LocalBackend(segments, kernels=KernelKind.PLAIN),
        LocalBackend(segments, kernels=KernelKind.NATIVE),
    )


TEXT_FIELDS = (Field.TEXT, Field.HEADING, Field.TITLE, Field.AUTHOR)
KINDS = st.sampled_from(["single", "several", "deleted"])


@settings(max_examples=80, deadline=None)
@given(KINDS, QUERY, st.sampled_from([1, 7, 5_000]))
def test_pages_are_the_same(kind: str, query: str, limit: int) -> None:
    plain, native = backends(kind)
    request = Request(query, limit=limit, explain=limit < 10, all_copies=True)
    assert_same_page(
        engine.answer(request, plain, FoundPage), engine.answer(request, native, FoundPage)
    )
    plan = plan_query(parse_query(query).query, plain.languages, Deadline(60))
    assert plain.count(plan, Deadline(60)) == native.count(plan, Deadline(60))


def found_by_each(kind: str, query: str) -> tuple[Plan, Found, NativeFound]:
    plain, native = backends(kind)
    plan = plan_query(parse_query(query).query, plain.languages, Deadline(60))
    lexicons, resolved = plain._looked_up(plan, Deadline(60))
    (segment,) = plain._segments
    in_python = PlainKernel(segment, plain._totals, DEFAULT_RANKING)
    in_c = NativeKernel(segment, native._totals, DEFAULT_RANKING)
    return (
        plan,
        Found.of(plan.match, Units(resolved, lexicons[0], in_python, Deadline(60))),
        NativeFound.of(plan.match, NativeUnits(resolved, lexicons[0], in_c, Deadline(60))),
    )


def listed(counts: Any) -> dict[int, float]:
    if isinstance(counts, dict):
        return counts
    return {doc: counts.get(doc, 0.0) for doc in counts.docs()}


@settings(max_examples=80, deadline=None)
@given(KINDS, QUERY, st.randoms())
def test_all_that_is_told_of_units_is_the_same(kind: str, query: str, chance: Random) -> None:
    plan, plain, native = found_by_each(kind, query)
    docs = documents(native.docs)
    assert docs == sorted(documents(plain.docs))
    assert len(plain) == len(native) == len(docs)
    units = list(range(len(plan.units)))
    weights = {at: UnitWeight(chance.random(), chance.random()) for at in units}
    asked = ["holdings", "scores", "held", "titled", "is_held", "docs"]
    chance.shuffle(asked)  # what was asked before does not matter
    page = chance.sample(docs, min(len(docs), 9))
    groups = [tuple(units), *((at,) for at in units)]
    for one in asked:
        if one == "holdings":
            assert plain.holdings(units) == native.holdings(units)
        elif one == "scores":
            scores = [dict(each.scores(weights, Deadline(60)).items()) for each in (plain, native)]
            assert scores[1] == pytest.approx(scores[0], rel=1e-12)
        elif one == "held":
            assert plain.held(page, groups) == native.held(page, groups)
        else:
            for at in units:
                told = [getattr(each.units, one)(at) for each in (plain, native)]
                if one != "is_held":
                    told = [sorted(documents(each)) for each in told]
                assert told[0] == told[1], one
    for at in units:
        of_both = [each.counts(at) for each in (plain, native)]
        assert of_both[0].in_text == of_both[1].in_text
        record = plain.units.segment.parents.__getitem__
        kept = [set(docs), set(docs), set(map(record, docs)), set(map(record, docs))]
        for in_python, in_c, where in zip(*(each[:4] for each in of_both), kept, strict=True):
            told = [listed(each) for each in (in_python, in_c)]
            of_docs = [{doc: n for doc, n in each.items() if doc in where} for each in told]
            assert of_docs[0] == of_docs[1]


@settings(max_examples=60, deadline=None)
@given(KINDS, QUERY, st.randoms())
def test_a_few_are_scored_as_among_many_to_the_last_bit(
    kind: str, query: str, chance: Random
) -> None:
    plan, _, native = found_by_each(kind, query)
    weights = {at: UnitWeight(chance.random(), chance.random()) for at in range(len(plan.units))}
    of_all = dict(native.scores(weights, Deadline(60)).items())
    few = chance.sample(sorted(of_all), min(len(of_all), 20))
    _, _, again = found_by_each(kind, query)
    again.docs = again.units.kernel.segment.numbered([(doc, 1) for doc in sorted(few)])
    of_few = dict(again.scores(weights, Deadline(60)).items())
    assert of_few == {doc: of_all[doc] for doc in few}


@settings(max_examples=60, deadline=None)
@given(KINDS, st.lists(WORD, min_size=2, max_size=5, unique=True), st.sampled_from([1, 5, None]))
def test_what_ranks_beside_others_is_added_alike(
    kind: str, words: list[str], wanted: int | None
) -> None:
    plan, plain, native = found_by_each(kind, " ".join(words))
    apart = {at: UnitWeight(1.0, 0.5) for at, one in enumerate(plan.units) if not one.own}
    beside = {at: UnitWeight(0.1 + at / 9, 0.0) for at, one in enumerate(plan.units) if one.own}
    best = []
    for one in (plain, native):
        scores = one.scores(apart, Deadline(60))
        scores.scale(memoryview(bytes([0, 0, 1, 1]) * 700)[: len(one.units.segment)], [1.0, 0.5])
        one.add_beside(scores, beside, wanted)
        first = scores.items() if wanted is None else scores.best(wanted)
        best.append(sorted((score for _, score in first), reverse=True)[:wanted])
    assert best[1] == pytest.approx(best[0], rel=1e-12)


@settings(max_examples=80, deadline=None)
@given(KINDS, QUERY)
def test_what_units_are_worth_is_the_same_to_the_last_bit(kind: str, query: str) -> None:
    plan, _, native = found_by_each(kind, query)
    _, backend = backends(kind)
    scorer = Scorer(plan, [native], backend._corpus, backend._lengths)
    in_c, in_python = scorer._worths(), scorer._worths_of_units()
    assert in_c == in_python
    for order in zip(in_c[:2], in_python[:2], strict=True):  # of it scores are added up
        assert list(order[0]) == list(order[1])
    assert all(type(weight) is UnitWeight for each in in_c[:2] for weight in each.values())


HELD = st.dictionaries(st.sampled_from(["de", "en", "es", "xx"]), st.integers(1, 90))


@settings(max_examples=200)
@given(
    st.lists(st.tuples(HELD, st.frozensets(st.sampled_from(["de", "en", "fr"]))), max_size=6),
    st.dictionaries(st.sampled_from(["de", "en", "es", "fr"]), st.integers(0, 999), min_size=1),
)
def test_languages_are_told_alike(
    words: list[tuple[dict[str, int], frozenset[str]]], passages: dict[str, int]
) -> None:
    passages["it"] = 1
    assert Voices(passages).factors(words) == factors_of(words, passages)


def language_of(place: Place) -> str:
    """Some language."""
    return ("en", "es", "")[place.doc % 3]


@settings(max_examples=100, deadline=None)
@given(KINDS, QUERY)
def test_what_holds_all_that_is_asked_for_need_not_be_looked_up(kind: str, query: str) -> None:
    plan, *of_both = found_by_each(kind, query)
    _, backend = backends(kind)
    for found in of_both:
        scorer = Scorer(plan, [found], backend._corpus, backend._lengths)
        page = [Place(0, doc) for doc in sorted(documents(found.docs))[:9]]
        if page and plan.asked:
            told = scorer._looked_up_coverages(page, language_of, Deadline(60))
            assert scorer.coverages(page, language_of, Deadline(60)) == told


@pytest.mark.parametrize("is_over_before", [True, False])
def test_units_for_which_the_time_is_over_are_nowhere_and_known_to_be_cut(
    is_over_before: bool,  # noqa: FBT001 - a parameter
) -> None:
    _, native = backends("single")
    plan = plan_query(parse_query("fog -gull").query, native.languages, Deadline(60))
    lexicons, resolved = native._looked_up(plan, Deadline(60))
    kernel = NativeKernel(native._segments[0], native._totals, DEFAULT_RANKING)
    over = Deadline(-1 if is_over_before else 60)
    units = NativeUnits(resolved, lexicons[0], kernel, over)
    over._end = 0
    for at in range(len(plan.units)):
        assert units.is_unsure(at) == is_over_before
        assert len(units.docs(at)) == 0
        assert units.is_unsure(at)
        assert units.is_held(at)
    assert len(units.all_of([0, 1])) == len(units.any_of([0, 1])) == 0
    assert len(matching(plan.match, units)) == 0
    assert over.was_met


BY_CHANCE = Unit("", Field.TEXT, ((Element(0, Form.STEM, "x"),),), own=True, by_chance=True)


def no_fields() -> compiled.Fields:
    """A segment without any text field, for units that others looked up."""
    return compiled.Fields(
        tuple((field, None, None, -1) for field in TEXT_FIELDS),
        Form.STEM,
        Pattern.EQUAL,
        ("en",),
        {},
    )


#: A unit that is looked up by others.
BEGINNING = Unit("x*", Field.TEXT, ((Element(0, Form.EXACT, "x", Pattern.PREFIX),),))


def looked_up_units(segment: Any, specs: Sequence[Any], lists: Any) -> Any:
    return compiled.Units(
        segment,
        [BEGINNING] * len(specs),
        no_fields(),
        {},
        lambda number: specs[number],
        lists,
        nothing_is_over,
        SearchTimeoutError,
    )


def nothing_given(number: int) -> Any:
    raise AssertionError(number)


def nothing_is_over() -> None:
    """There is time."""


def of_lists(raw: bytes, starts: list[int]) -> tuple[Any, Any]:
    """A segment of four articles, and lists that may make no sense."""
    lists = compiled.Lists(
        array("I", starts), 0, raw, 64, pages_of(bytearray(1), lambda _start, _end: None)
    )
    zeros = memoryview(bytes(8))
    parents = memoryview(array("I", [0, 0, 2, 2, 4, 4, 6, 6]))
    slopes = (0.7, 0.1) * 3
    return (
        compiled.Segment(
            parents, zeros, zeros, zeros, zeros, set(), (1.2, 2.0, 1.0, 3.0), slopes, None
        ),
        lists,
    )


@settings(max_examples=400)
@given(
    st.binary(max_size=40),
    st.lists(st.integers(0, 40), min_size=2, max_size=4),
    st.integers(0, 2),
    st.sampled_from([0, 1, 5]),
)
def test_bytes_that_are_no_lists_raise_or_give_documents_that_are_there(
    raw: bytes, starts: list[int], kind: int, slop: int
) -> None:
    segment, lists = of_lists(raw, sorted(starts))
    one, two = [(0, "exact", [0])], [(0, "exact", [0]), (1, "exact", [len(starts) - 2])]
    several = [(0, "exact", [0, 0]), (2, "exact", [0])]
    whole = segment.passages()
    asks: tuple[Callable[[compiled.Units], object], ...] = (
        lambda units: units.docs(0),
        lambda units: units.all_of([0, 0, 1]),
        lambda units: units.any_of([0, 1]),
        lambda units: units.holdings([0, 1]),
        lambda units: units.held(whole, [1, 7], [(0, 1)]),
        lambda units: units.counts(whole, 1),
        lambda units: units.add_beside(
            units.scores(whole, {0: (1.0, 1.0)}, lambda: False), {1: (1.0, 0.0)}, 2, 1.0
        ),
    )
    for chains in ([one], [two], [several], [one, two]):
        spec = (kind, slop, kind == 0, False, chains, chains, chains, (), ())
        for ask in asks:
            units = looked_up_units(segment, [spec, spec], {"exact": lists})
            try:
                found = ask(units)
            except (ValueError, IndexError):
                continue
            if isinstance(found, compiled.Counts):
                assert all(0 <= doc < 8 for doc in found.docs())


def test_nonsense_is_refused() -> None:
    segment, lists = of_lists(bytes([0, 1, 1]), [0, 3])
    good = (1, 0, True, True, [[(0, "exact", [0])]], (), (), (), ())

    def units(*specs: Any) -> Any:
        by_field = {"exact": lists, "stems": None}
        return looked_up_units(segment, specs, by_field)

    assert units(good).docs(0).docs() == [1]
    for wrong in (
        7,
        (),
        (3, *good[1:]),
        (-1, *good[1:]),
        (*good[:4], 7, (), (), (), ()),
        (*good[:4], [[(0, "stems", [0])]], (), (), (), ()),
        (*good[:4], [[(0, "exact")]], (), (), (), ()),
        (1, 2, 3, 4, True),
    ):
        with pytest.raises((TypeError, ValueError, IndexError)):
            units(wrong)
    with pytest.raises(KeyError):
        units((*good[:4], [[(0, "none", [0])]], (), (), (), ()))
    whole = segment.passages()
    one = units(good)
    scores = one.scores(whole, {}, lambda: False)
    wrong_calls: tuple[Callable[[], object], ...] = (
        lambda: one.docs(1),
        lambda: one.docs(-1),
        lambda: one.titled("x"),
        lambda: one.all_of([]),
        lambda: one.any_of([1]),
        lambda: one.holdings(7),
        lambda: one.is_held(9),
        lambda: one.scores(whole, {1: (1.0, 1.0)}, lambda: False),
        lambda: one.scores(whole, {0: (1.0,)}, lambda: False),
        lambda: one.scores(whole, [(0, (1.0, 1.0))], lambda: False),
        lambda: one.scores([1], {}, lambda: False),
        lambda: one.add_beside(whole, {}, 1, 1.0),
        lambda: one.add_beside(scores, {2: (1.0, 1.0)}, None, 1.0),
        lambda: one.add_beside(scores, {0: (1.0, None)}, None, 1.0),
        lambda: one.held(whole, [99], [(0,)]),
        lambda: one.held(whole, [1], [(4,)]),
        lambda: one.counts(whole, 5),
        lambda: one.counts(compiled.Segment, 0),
    )
    for wrong_call in wrong_calls:
        with pytest.raises((TypeError, ValueError, IndexError)):
            wrong_call()


def test_nonsense_about_worths_is_refused() -> None:
    segment, lists = of_lists(bytes([0, 1, 1]), [0, 3])
    good = (1, 0, True, True, [[(0, "exact", [0])]], (), (), (), ())
    units = looked_up_units(segment, [good], {"exact": lists})
    numbers, constants = (8.0, 2.0, 9, 9), (0.5, 100, 0.1)
    by_chance = Unit("", Field.TEXT, ((Element(0, Form.STEM, "x"),),), own=True, by_chance=True)
    for wrong in (
        (UnitWeight, (((),) * 9,), ((1.0,),), (), numbers, 1, dict),
        (UnitWeight, ((),), ((1.0,),), (True,), numbers, 1, dict),
        (UnitWeight, (7,), ((1.0,),), (True,), numbers, 1, dict),
        (UnitWeight, ((),), (), (True,), numbers, 1, dict),
        (UnitWeight, (by_chance,), ((1.0,),), (True,), numbers, 1, list),
        (UnitWeight, (by_chance,), ((None,),), (True,), numbers, 1, dict),
        (UnitWeight, (by_chance[:2],), ((1.0,),), (True,), numbers, 1, dict),
        (UnitWeight, ((*by_chance[:2], (), *by_chance[3:]),), ((1.0,),), (True,), numbers, 1, dict),
        (str, (), (), (), numbers, 1, dict),
    ):
        with pytest.raises((TypeError, IndexError)):
            units.worths(*wrong)
    for words, passages in (
        ([({}, ())], {"en": None}),
        ([([], ())], {"en": 1}),
        ([({"en": "x"}, ())], {"en": 1}),
        ([({"en": 1}, 7)], {"en": 1}),
        ([7], {"en": 1}),
    ):
        with pytest.raises(TypeError):
            compiled.language_factors(words, passages, constants)  # type: ignore[arg-type]


def test_units_that_are_none_of_a_plan_are_refused() -> None:
    segment, lists = of_lists(bytes([0, 1, 1]), [0, 3])
    word = Element(0, Form.STEM, "fog", languages=("en",))
    unit: Any = Unit("fog", Field.TEXT, ((word,),))
    records: list[Any] = [Word([], {})]

    class Records(dict[str, Any]):
        def __missing__(self, word: str) -> Any:
            return records[-1]

    lexicon = compiled.Lexicon(b"en:fog", 0, array("H", [0, 6]), 0, lists)
    fields = compiled.Fields(
        tuple((field, lexicon, lexicon, 0) for field in TEXT_FIELDS),
        Form.STEM,
        Pattern.EQUAL,
        ("en",),
        Records(),
    )

    def units(one: Any) -> Any:
        return compiled.Units(
            segment, [one], fields, {}, nothing_given, {}, nothing_is_over, SearchTimeoutError
        )

    assert units(unit).docs(0).docs() == []
    for wrong in (
        ("fog",),
        tuple(unit[:6]),
        unit._replace(field=Field.LANG),
        unit._replace(alternatives=7),
        unit._replace(alternatives=(7,)),
        unit._replace(alternatives=((7,),)),
        unit._replace(alternatives=((tuple(word[:5]),),)),
        unit._replace(slop="x"),
        unit._replace(telling=7),
    ):
        with pytest.raises((TypeError, IndexError, SystemError)):
            units(wrong)
    for known in (7, (), (7,), ([7],), ([(0,)],), ([("x", b"", (0,), (1,))],), ([(0, b"", ())],)):
        records.append(known)
        with pytest.raises((TypeError, IndexError)):
            units(unit)
    records.append(([(0, b"en:fog", (0,), (1,))],))
    assert units(unit).docs(0).docs() == [1]
    records.append(([(0, b"en:fog", (7,), (1,))],))
    with pytest.raises(IndexError):
        units(unit).docs(0)

"""Plans of plain words are those that the planner of all queries makes."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from indexer.model import Span
from indexer.text.analysis import stemmer
from search.deadline import Deadline
from search.plain_plan import plain_count, plain_plan
from search.planner import plan_query
from search.query.parser import parse_query
from search.query.spelling import Field
from search.query.tree import And, Boost, Not, Or, Phrase, Prefix, Query, Ranked, Term
from tests.passages import article, index_of_articles

if TYPE_CHECKING:
    from search.index import Index
    from search.plan import Plan

# Stop words of one language and of several, words with one stem in some, capitals, operators.
WORDS = [
    *("the", "die", "de", "was", "will", "in", "as", "on", "i", "I", "a", "s", "t"),
    *("ferry", "ferries", "Ferries", "FERRY", "fähre", "fahre", "bag", "bags", "las", "IT", "it"),
    *("AND", "OR", "NOT", "NEAR", "patrol", "patrols", "patrolling", "organize", "organise"),
]
ODD = ["covid-19", "RFC", "2119", "don't", "C++", "x1", "việt", "社区", "", "-", "a b", "ſ", "ﬁn"]
SPANS = st.builds(Span, st.integers(0, 50), st.integers(50, 99))
TEXTS = st.sampled_from(WORDS) | st.text(st.sampled_from("aeInrst"), min_size=1, max_size=3)
PHRASES = st.lists(TEXTS, min_size=1, max_size=3).map(" ".join)
FIELDS = st.sampled_from([Field.TEXT, Field.TEXT, Field.TEXT, Field.TITLE])
PLAIN = st.one_of(
    st.builds(Term, TEXTS, FIELDS, span=SPANS),
    st.builds(Phrase, PHRASES, st.integers(0, 2), FIELDS, span=SPANS),
    st.builds(Prefix, TEXTS, FIELDS, span=SPANS),
)
MIXED = st.one_of(
    PLAIN,
    st.builds(Term, st.sampled_from(ODD), st.sampled_from([Field.TEXT, Field.TITLE, Field.OWN])),
    st.builds(Phrase, st.sampled_from(ODD)),
    st.builds(Term, st.just("en"), st.just(Field.LANG)),
    PLAIN.map(Not),
    st.builds(Boost, PLAIN, st.just(2.0)),
)
LANGUAGES = st.one_of(
    st.sampled_from([("",), ("en",), ("vi",), ("tr",), ("en", "vi"), ("de", "en", "tr"), ("zh",)]),
    st.sets(st.sampled_from(["", "de", "en", "es", "fr", "it", "nl", "tr", "vi", "zh"]), min_size=1)
    .map(sorted)
    .map(tuple),
)


def groups(leaves: st.SearchStrategy[Query]) -> st.SearchStrategy[Query]:
    """Leaves, and groups of them."""
    children = st.lists(leaves, min_size=1, max_size=6).map(tuple)
    return leaves | children.map(Ranked) | children.map(And) | children.map(Or)


def planned(query: Query, languages: tuple[str, ...]) -> Plan:
    """What the planner of all queries makes."""
    return plan_query(query, languages, Deadline(60))


def ranked(*words: str) -> Ranked:
    return Ranked(tuple(map(Term, words)))


@given(groups(PLAIN), LANGUAGES)
@example(ranked("the", "die"), ("de", "en"))
@example(ranked("ferry", "the", "patrol", "bag", "in", "organize"), ("en",))
@example(ranked("the", "in"), ("en",))
@example(ranked("the", "ferry", "die", "ferries"), ("de", "en"))
@example(ranked("ferry", "ferries", "ferry", "ferries"), ("en",))
@example(ranked("was", "was", "Was", "ferry"), ("de", "en", "fr"))
@example(And((Phrase("ferry"), Term("ferry"), Prefix("ferry"))), ("en",))
@settings(deadline=None)
def test_of_plain_words_the_plan_is_that_of_the_planner(
    query: Query, languages: tuple[str, ...]
) -> None:
    plan = plain_plan(query, languages)
    is_plain = languages != ("vi",) and not ("tr" in languages and "I" in repr(query))
    if is_plain and repr(query).isascii():
        assert plan is not None
    if plan is not None:
        assert plan == planned(query, languages)


@given(groups(MIXED), LANGUAGES)
@settings(deadline=None)
def test_of_other_queries_there_is_none_or_the_same(
    query: Query, languages: tuple[str, ...]
) -> None:
    assert plain_plan(query, languages) in (None, planned(query, languages))


@given(groups(PLAIN), st.sampled_from([("en",), ("vi",), ("de", "en", "fr")]))
@example(And((Term("ferry"), Term("ferries"))), ("en",))
@settings(deadline=None)
def test_what_is_counted_is_what_is_found(query: Query, languages: tuple[str, ...]) -> None:
    backend, deadline = held_in(languages).backend, Deadline(60)
    plan = plain_count(query, languages)
    is_plain = not isinstance(query, Ranked) and "tr" not in languages
    assert (plan is not None) is (is_plain and repr(query).isascii())
    if plan is not None:
        found = backend.count(planned(query, languages), deadline)
        assert backend.count(plan, deadline) == found


@cache
def held_in(languages: tuple[str, ...]) -> Index:
    """An index of the words in some languages, an article each."""
    return index_of_articles(
        *[
            article(
                language, *map(" ".join, pairwise(WORDS[at::2])), title="ferry", language=language
            )
            for at, language in enumerate(languages)
        ]
    )


@given(st.from_regex(r"[a-z]{1,12}(ing|ies|ed|s|ly)?", fullmatch=True))
@example("dying")
@example("skies")
@example("ys")
def test_stems_begin_as_words_do_in_english(word: str) -> None:
    assert stemmer("en")(word)[0] == word[0]


@pytest.mark.parametrize(
    ("text", "languages"),
    [
        ("covid-19", ("en",)),
        ("RFC 2119", ("en",)),
        ("heading:ferry", ("en",)),
        ("text:ferry", ("en",)),
        ("ferry -train", ("en",)),
        ("fähre", ("de",)),
        ("xin chao", ("vi",)),
        ("ISTANBUL", ("en", "tr")),
        ("ferry OR (train AND bus)", ("en",)),
        ("a" * 1_001, ("en",)),
        ("ferry " * 65, ("en",)),
        ("", ("en",)),
        ("*", ("en",)),
    ],
)
def test_what_is_not_plain(text: str, languages: tuple[str, ...]) -> None:
    assert plain_plan(parse_query(text).query, languages) is None

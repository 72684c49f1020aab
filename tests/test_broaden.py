from __future__ import annotations

import pytest

from search.broaden import MOST_WORDS, PASSAGES, SHARE, STEEPNESS, Feedback, broadened
from search.plan import EXACT_WEIGHT
from search.query.parser import parse_query
from search.query.spelling import Field
from search.query.tree import Boost, Ranked, Term
from tests.passages import article, found_texts, index_of, index_of_articles

TEXTS = (
    "The ferry crosses the harbour at noon.",
    "A ferry left the harbour in fog.",
    "The harbour was closed by a storm.",
    "Bakers rise early.",
)


def test_words_of_the_best_passages_are_added_and_find_more() -> None:
    articles = [article(f"a{number}", text) for number, text in enumerate(TEXTS)]
    with index_of_articles(*articles) as index:
        assert found_texts(index, "ferry") == set(TEXTS[:2])
        page = index.search("ferry", broaden=True)
        # harbour alone stands in both passages; what the stop words say is not asked for.
        weight = 1 + EXACT_WEIGHT
        boost = round(SHARE / (1 - SHARE) * weight, 3)
        assert page.interpreted_as == f"ferry text:harbour^{boost}"
        assert page.request.query == "ferry"
        assert [p.paragraph.text for p in page.passages[2:]] == [TEXTS[2]]
        assert page.total == 3
        again = index.search(page.interpreted_as)
        assert [(p.score, p.paragraph.text) for p in again.passages] == [
            (p.score, p.paragraph.text) for p in page.passages
        ]


def test_an_article_gives_one_passage_of_those_that_words_are_taken_from() -> None:
    with index_of(*TEXTS) as index:
        assert index.search("ferry", broaden=True).interpreted_as == "ferry"


def test_a_query_of_many_words_says_enough() -> None:
    articles = [article(f"a{number}", text) for number, text in enumerate(TEXTS)]
    with index_of_articles(*articles) as index:
        words = " ".join(f"w{number}" for number in range(MOST_WORDS - 1))
        assert "harbour" in index.search(f"ferry {words}", broaden=True).interpreted_as
        assert "harbour" not in index.search(f"ferry {words} x", broaden=True).interpreted_as


@pytest.mark.parametrize(
    ("query", "texts"),
    [
        ("ferry NOT noon", {TEXTS[1], TEXTS[2]}),
        ("ferry AND noon", {TEXTS[0]}),
        ('"the ferry"', {TEXTS[0]}),
        ("NEAR(ferry left, 1)", {TEXTS[1]}),
    ],
)
def test_what_is_required_or_excluded_stays_so(query: str, texts: set[str]) -> None:
    articles = [article(f"a{number}", text) for number, text in enumerate(TEXTS)]
    with index_of_articles(*articles) as index:
        page = index.search(query, broaden=True)
        assert {passage.paragraph.text for passage in page.passages} <= texts
        assert index.search("ferry noon", all_words=True, broaden=True).total == 1


def test_it_is_never_on_by_itself() -> None:
    with index_of(*TEXTS) as index:
        assert index.search("ferry").interpreted_as == "ferry"


@pytest.mark.parametrize("query", ["zeppelin", "bakers", "lang:en", "", "NOT ferry"])
def test_nothing_in_common_changes_nothing(query: str) -> None:
    with index_of(*TEXTS[1:]) as index:
        plain = index.search(query)
        page = index.search(query, broaden=True)
        assert (page.interpreted_as, page.total) == (plain.interpreted_as, plain.total)


def test_the_weight_is_spread_by_what_the_passages_say() -> None:
    feedback = [
        Feedback("Fog fog over ports.", "en", score=2.0, norm=1.0),
        Feedback("Ports in fog.", "en", score=1.0, norm=1.0),
    ]
    query = broadened(
        parse_query("ships").query,
        feedback,
        weight=1.0,
        known=frozenset({"en:ship"}),
        passages=100,
        holding=lambda stems: [2] * len(stems),
    )
    # The second scores half as much: fog is worth 2/3 + half/2, ports 1/2 + half/2.
    half = (1 / 2) ** STEEPNESS
    total = 2 / 3 + 1 / 2 + half
    share = SHARE / (1 - SHARE)
    assert query == Ranked(
        (
            Term("ships"),
            Boost(Term("fog", Field.OWN), round(share * (2 / 3 + half / 2) / total, 3)),
            Boost(Term("ports", Field.OWN), round(share * (1 / 2 + half / 2) / total, 3)),
        )
    )


def test_words_that_are_common_everywhere_are_not_added() -> None:
    found = [article(f"a{at}", f"Ferry {at} to the harbour, with tar.") for at in range(3)]
    others = [article(f"b{at}", f"Harbour number {at}.") for at in range(PASSAGES)]
    with index_of_articles(*found, *others) as index:
        assert index.search("ferry", broaden=True).interpreted_as.startswith("ferry text:tar^")

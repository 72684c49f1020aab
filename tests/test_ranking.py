"""The functions of the ranking formula, against values worked out by hand."""

from __future__ import annotations

from math import log

import pytest

from search.backends.ranking import (
    Lengths,
    Norms,
    RankingSettings,
    Totals,
    UnitCounts,
    UnitWeight,
    article_counts,
    idf,
    norms,
    query_weight,
    unit_parts,
)

# Round numbers, each its own, that make the sums below easy to follow.
SETTINGS = RankingSettings(
    k1=1.0,
    b=0.5,
    title_weight=2.0,
    heading_weight=3.0,
    article_share=1.0,
    article_k1=4.0,
    article_b=0.25,
    single_b=0.5,
    article_title_weight=5.0,
    k3=8.0,
)
# Article 0 with paragraphs 1 and 2, article 3 with paragraph 4.
PARENTS = [0, 0, 0, 3, 3]


@pytest.mark.parametrize(
    ("total", "holding", "expected"),
    [
        (1, 0, log(4)),
        (1, 1, log(4 / 3)),
        (2, 1, log(2)),
        (10, 10, log(1 + 0.5 / 10.5)),
        (1000, 10, log(1 + 990.5 / 10.5)),
        (0, 0, log(2)),
    ],
)
def test_idf(total: int, holding: int, expected: float) -> None:
    assert idf(total, holding) == pytest.approx(expected, abs=1e-12)


def test_a_rarer_word_tells_more_and_every_word_something() -> None:
    values = [idf(100, holding) for holding in range(101)]
    assert values == sorted(values, reverse=True)
    assert values[-1] > 0


@pytest.mark.parametrize(
    ("boosts", "k3", "expected"),
    [
        ((), 8.0, 0.0),
        ((1.0,), 8.0, 1.0),
        ((1.0, 1.0), 8.0, 1.8),
        ((1.0,) * 4, 8.0, 3.0),
        ((3.0,), 8.0, 3.0),
        ((3.0, 0.5), 8.0, 3.15),
        ((1.0, 1.0), 0.0, 1.0),
    ],
)
def test_query_weight(boosts: tuple[float, ...], k3: float, expected: float) -> None:
    assert query_weight(boosts, k3) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("body", "titles", "expected"),
    [
        ({}, {}, {}),
        ({1: 2, 2: 1}, {}, {0: 3}),
        ({4: 1}, {0: 1}, {0: 5.0, 3: 1}),
        ({1: 1, 4: 2}, {0: 2, 3: 1}, {0: 11.0, 3: 7.0}),
    ],
)
def test_article_counts(
    body: dict[int, int], titles: dict[int, int], expected: dict[int, float]
) -> None:
    assert article_counts(body, titles, PARENTS, SETTINGS) == expected


LENGTHS = Lengths(
    body=[0, 4, 6, 0, 2],
    headings=[0, 1, 0, 0, 0],
    titles=[2, 0, 0, 0, 0],
    articles=[10, 0, 0, 2, 0],
    parents=PARENTS,
)
TOTALS = Totals(
    passages=3, articles=2, body=12, headings=1, titles_by_passage=4, titles_by_article=2
)


def test_norms_grow_with_lengths() -> None:
    # Lengths 4 + 2x2 + 3, 6 + 2x2 and 2, mean (12 + 2x4 + 3) / 3; articles 10 + 5x2 and 2.
    found = norms([1, 2, 4], LENGTHS, TOTALS, SETTINGS)
    mean, article_mean = 23 / 3, 11.0
    assert found.passages == pytest.approx(
        {doc: 0.5 + 0.5 * length / mean for doc, length in ((1, 11), (2, 10), (4, 2))}
    )
    # Article 3 is one paragraph.
    assert found.articles == pytest.approx(
        {0: 3.0 + 1.0 * 20 / article_mean, 3: 2.0 + 2.0 * 2 / article_mean}
    )


def test_norms_are_only_of_the_passages_asked_for() -> None:
    found = norms([4], LENGTHS, TOTALS, SETTINGS)
    assert (list(found.passages), list(found.articles)) == ([4], [3])


def test_norms_of_texts_without_words() -> None:
    nothing = [0] * 5
    lengths = Lengths(nothing, nothing, nothing, nothing, PARENTS)
    found = norms([1], lengths, Totals(1, 1, 0, 0, 0, 0), SETTINGS)
    assert found == Norms({1: 0.5}, {0: 3.0})


NORMS = Norms({1: 1.0, 2: 3.0, 4: 1.0}, {0: 2.0, 3: 1.0})
WORTH = UnitWeight(passage=6.0, article=10.0)


@pytest.mark.parametrize(
    ("unit", "passage", "article"),
    [
        pytest.param(UnitCounts({}, {}, {}, {}, in_text=True), {}, {}, id="nowhere"),
        pytest.param(
            UnitCounts({1: 1, 2: 3}, {}, {}, {0: 2}, in_text=True),
            {1: 3.0, 2: 3.0},
            {0: 5.0},
            id="in some bodies",
        ),
        pytest.param(
            UnitCounts({1: 2, 2: 6, 4: 1}, {}, {}, {0: 8, 3: 1}, in_text=True),
            {1: 4.0, 2: 4.0, 4: 3.0},
            {0: 8.0, 3: 5.0},
            id="in all bodies",
        ),
        pytest.param(
            UnitCounts({4: 2}, {}, {0: 1}, {0: 5, 3: 2}, in_text=True),
            {1: 4.0, 2: 2.4, 4: 4.0},
            {0: 50 / 7, 3: 20 / 3},
            id="in a title",
        ),
        pytest.param(
            UnitCounts({1: 2}, {1: 1, 4: 1}, {}, {0: 2}, in_text=True),
            {1: 5.0, 4: 4.5},
            {0: 5.0},
            id="in headings",
        ),
        pytest.param(
            UnitCounts({1: 1, 9: 4}, {}, {}, {0: 2, 8: 4}, in_text=True),
            {1: 3.0},
            {0: 5.0},
            id="also where nothing matches",
        ),
        pytest.param(
            UnitCounts({1: 1, 4: 3, 9: 1}, {}, {}, {}, in_text=False),
            {1: 3.0, 4: 4.5},
            {},
            id="in a named field: no lengths and no article",
        ),
    ],
)
def test_unit_parts(unit: UnitCounts, passage: dict[int, float], article: dict[int, float]) -> None:
    by_passage, by_article = unit_parts(unit, WORTH, NORMS, PARENTS, SETTINGS)
    assert by_passage == pytest.approx(passage)
    assert by_article == pytest.approx(article)

"""Which passages stand on a page, and in what order: sorting, ties, pages, passages an article."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.index import Index
from search.request import Request, Sort
from tests.passages import SmallArticle, article, index_of_articles, twin_index
from tests.strategies import Commit, histories, index_of_commits

if TYPE_CHECKING:
    from pathlib import Path

    from search.model import Passage


def dated(article_id: str, day: date | None, *texts: str) -> SmallArticle:
    small = article(article_id, *texts)
    return replace(small, record=small.record._replace(published=day))


def ids(index: Index, **options: Any) -> list[str]:
    page = index.answer(Request("ferry", **{"all_copies": True, **options}))
    return [f"{one.paragraph.article_id}{one.paragraph.number}" for one in page.passages]


DATED = (
    dated("old", date(2019, 12, 31), "A ferry."),
    dated("b-new", date(2025, 1, 2), "A ferry and a harbour.", "A ferry, a ferry."),
    dated("a-new", date(2025, 1, 2), "A ferry and a harbour."),
    dated("c-new", date(2025, 1, 2), "A ferry and a harbour."),
    dated("undated", None, "A ferry, a ferry, a ferry."),
    dated("first", date(1, 1, 1), "A ferry."),
)


def test_by_date_the_newest_come_first_and_undated_ones_last() -> None:
    with index_of_articles(*DATED) as index:
        assert ids(index, sort=Sort.DATE) == [
            *("b-new2", "b-new1", "a-new1", "c-new1"),
            *("old1", "first1", "undated1"),
        ]


def test_by_date_a_better_passage_of_a_day_comes_first_whatever_its_article() -> None:
    day = date(2025, 1, 2)
    articles = [
        dated("a", day, "A ferry and a harbour and fog."),
        dated("b", day, "A ferry, a ferry."),
        dated("c", day, "A ferry and a harbour and fog."),
        dated("d", date(2025, 1, 1), "Ferry ferry ferry."),
    ]
    with index_of_articles(*articles) as index:
        assert ids(index, sort=Sort.DATE) == ["b1", "a1", "c1", "d1"]
        assert ids(index) != ids(index, sort=Sort.DATE)


@settings(max_examples=40)
@given(histories(["ferry", "fog"], ("en",)), st.integers(1, 4))
def test_pages_by_date_are_one_list_whatever_was_committed_and_deleted(
    commits: list[Commit], size: int
) -> None:
    stored, kept = index_of_commits(commits)
    with twin_index(stored, kept) as index:
        whole = index.search("ferry", sort=Sort.DATE, limit=100).passages
        scores = {
            one.paragraph.passage_id: one.score for one in index.search("ferry", limit=100).passages
        }
        pages = [
            index.search("ferry", sort=Sort.DATE, limit=size, offset=start).passages
            for start in range(0, len(whole) + 1, size)
        ]
    assert [one for page in pages for one in page] == list(whole)
    assert {one.paragraph.passage_id: one.score for one in whole} == scores

    def key(passage: Passage) -> tuple[Any, ...]:
        day = passage.article.published
        place = (passage.paragraph.article_id, passage.paragraph.number)
        return (day is None, -day.toordinal() if day else 0, -passage.score, *place)

    assert list(whole) == sorted(whole, key=key)


def test_many_by_date_keep_their_order() -> None:
    """So many that all are sorted rather than the first ones picked."""
    start = date(2000, 1, 1)
    days = [start + timedelta(days=number * 7 % 1_101) for number in range(1_101)]
    articles = [dated(f"x{number:04}", day, "A ferry.") for number, day in enumerate(days)]
    stored, _ = index_of_commits(
        [Commit(tuple(articles[:900]), ()), Commit(tuple(articles[900:]), ())]
    )
    newest = sorted(range(1_101), key=lambda number: (-days[number].toordinal(), number))
    expected = [f"x{number:04}1" for number in newest]
    with Index.of(stored) as index:
        assert ids(index, sort=Sort.DATE, limit=2_000) == expected
        assert ids(index, sort=Sort.DATE, limit=7, offset=500) == expected[500:507]


def test_dates_are_read_from_records_and_what_names_no_day_is_undated(tmp_path: Path) -> None:
    values = (
        "2024-05-06",
        "2024-05",
        "2024-5-7",
        "2024",
        "6 May 2024",
        "2024-02-30",
        "2023-01-01T23:59",
    )
    lines = [
        json.dumps({"id": f"r{number}", "text": "A ferry.", "published": value})
        for number, value in enumerate(values)
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    with Index.of_files([str(tmp_path / "a.jsonl")]) as index:
        found = ids(index, sort=Sort.DATE)
        dated_ones = {
            one.article.article_id for one in index.search("published:*", all_copies=True).passages
        }
    assert found == ["r21", "r01", "r61", "r11", "r31", "r41", "r51"]
    assert dated_ones == {"r0", "r2", "r6"}


def test_by_article_passages_stand_in_the_order_of_their_articles() -> None:
    with index_of_articles(*DATED) as index:
        found = ids(index, sort=Sort.ARTICLE)
    assert found == ["a-new1", "b-new1", "b-new2", "c-new1", "first1", "old1", "undated1"]


@pytest.mark.parametrize("sort", Sort)
def test_an_order_is_the_same_over_several_segments(sort: Sort) -> None:
    one_segment = index_of_articles(*DATED)
    stored, _ = index_of_commits([Commit((small,), ()) for small in DATED])
    with one_segment, twin_index(stored, DATED) as several:
        assert ids(several, sort=sort) == ids(one_segment, sort=sort)


# Ties


def equals(count: int) -> list[SmallArticle]:
    return [article(f"a{number:02}", "A ferry.", "A ferry.") for number in reversed(range(count))]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 12])
def test_pages_of_equals_hold_each_passage_once_by_article_and_number(size: int) -> None:
    articles = equals(6)
    expected = [f"a{number:02}{place}" for number in range(6) for place in (1, 2)]
    with index_of_articles(*articles) as index:
        pages = [ids(index, limit=size, offset=start) for start in range(0, 12, size)]
    assert [passage for page in pages for passage in page] == expected
    assert all(len(page) == size for page in pages[:-1])


def test_a_tie_at_the_edge_of_a_page_goes_by_article_across_segments() -> None:
    articles = [*equals(4), article("best", "A ferry, a ferry, a ferry.")]
    stored, kept = index_of_commits([Commit((small,), ()) for small in articles])
    with twin_index(stored, kept) as index:
        assert ids(index, limit=2) == ["best1", "a001"]
        assert ids(index, limit=2, offset=2) == ["a002", "a011"]
        assert ids(index, limit=0) == []


def test_many_equals_keep_their_order() -> None:
    """So many that the ids of all articles are learnt at once."""
    texts = [f"x{number:04}" for number in range(1_100)]
    articles = [article(name, "A ferry.") for name in reversed(texts)]
    stored, _ = index_of_commits([Commit(tuple(articles), ())])
    with Index.of(stored) as index:
        assert ids(index, limit=2_000) == [f"{name}1" for name in texts]
        assert ids(index, limit=3, offset=500) == [f"{name}1" for name in texts[500:503]]


# Neighbours


def test_neighbours_are_those_of_the_article() -> None:
    articles = [article(name, *(f"{name}{place} ferry" for place in range(1, 5))) for name in "abc"]
    with index_of_articles(*articles) as index:
        (passage,) = index.search("b2", context=9).passages
        assert [one.text[:2] for one in passage.before] == ["b1"]
        assert [one.text[:2] for one in passage.after] == ["b3", "b4"]
        (passage,) = index.search("b3", context=1).passages
        assert [one.number for one in (*passage.before, *passage.after)] == [2, 4]
        (passage,) = index.search("b3").passages
        assert (passage.before, passage.after) == ((), ())


# Passages an article


def test_of_each_article_so_many_passages_are_counted_and_shown() -> None:
    articles = [
        article(name, *["A ferry."] * count) for name, count in (("a", 3), ("b", 1), ("c", 2))
    ]
    with index_of_articles(*articles) as index:
        for most, total in ((1, 3), (2, 5), (3, 6), (9, 6)):
            page = index.search("ferry", per_article=most, limit=2, all_copies=True)
            assert (page.total, len(page.passages)) == (total, 2)
        assert ids(index, per_article=1) == ["a1", "c1", "b1"]
        assert ids(index, per_article=2, limit=2, offset=2) == ["c1", "c2"]
        assert index.search("ferry").total == 6


def test_the_first_passages_of_an_article_are_those_of_the_order() -> None:
    one = article("a", "A ferry and a harbour.", "A ferry.")
    with index_of_articles(one, article("b", "Nothing.")) as index:
        assert ids(index, per_article=1) == ["a2"]
        assert ids(index, per_article=1, sort=Sort.ARTICLE) == ["a1"]

"""Every id that is printed can be looked up; every answer is that of two backends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.storage.index import PassageIndex
from indexer.terminal import one_line
from search import Index, Request
from search.backends.local import LocalBackend
from search.model import UnknownId
from search.query.parser import parse_query
from tests.passages import add_article, article, index_of_articles

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from search.deadline import Deadline
    from search.model import Page

FERRIES = article("notes/ferries.md", "The ferry leaves at noon.", "It is late.", "It is blue.")
FIGS = article("figs#1", "Figs are sweet.", "Figs are ripe in August.")
FIGS_TOO = article("figs", "A fig is a fruit.", "Its tree is old.")
ODD = article("a b:c#p2", "A colon and a blank.")
NAMESAKE = article("old/ferries.md", "It is green.")
ALL = (FERRIES, FIGS, FIGS_TOO, ODD, NAMESAKE)


def ids(page: Page) -> list[str]:
    return [passage.paragraph.passage_id for passage in page.passages]


def every_id(index: Index) -> list[str]:
    return ids(index.search("*", limit=1_000))


def asked(index: Index, *names: str, **options: Any) -> Page:
    return index.answer(Request(ids=names, **options))


def test_every_id_is_found() -> None:
    with index_of_articles(*ALL) as index:
        for one in every_id(index):
            page = asked(index, one)
            assert ids(page) == [one]
            assert (page.total, page.unknown, page.partial) == (1, (), False)
            assert page.passages[0].score == 0


def test_by_number_and_whole_articles_in_the_order_asked() -> None:
    with index_of_articles(*ALL) as index:
        first, second, third = (one.passage_id for one in FERRIES.paragraphs())
        page = asked(index, "notes/ferries.md#p3", "figs", "notes/ferries.md", first, first)
        fruit = [one.passage_id for one in FIGS_TOO.paragraphs()]
        assert ids(page) == [third, *fruit, first, second, third, first, first]
        assert [passage.rank for passage in page.passages] == list(range(1, 9))
        assert page.total == 8


def test_an_article_whose_id_is_like_that_of_a_passage_goes_first() -> None:
    with index_of_articles(*ALL) as index:
        own = [one.passage_id for one in FIGS.paragraphs()]
        assert ids(asked(index, "figs#1")) == own
        assert ids(asked(index, "figs#1#p2")) == own[1:]
        assert ids(asked(index, "figs#p1")) == [FIGS_TOO.paragraphs()[0].passage_id]
        assert ids(asked(index, "a b:c#p2")) == [ODD.paragraphs()[0].passage_id]


def test_more_ids_than_a_page_of_a_query_has() -> None:
    texts = [f"Number {number}." for number in range(30)]
    with index_of_articles(article("many", *texts)) as index:
        numbers = [f"many#p{number}" for number in range(30, 0, -1)]
        assert len(asked(index, *numbers).passages) == 30
        page = asked(index, *numbers, limit=2, offset=3)
        assert ids(page) == ids(asked(index, "many#p27", "many#p26"))
        assert ([one.rank for one in page.passages], page.total) == ([4, 5], 30)
        assert (asked(index, *numbers, limit=0).passages, index.search("number").total) == ((), 30)


def test_neighbours() -> None:
    with index_of_articles(*ALL) as index:
        (passage,) = asked(index, "notes/ferries.md#p2", context=1).passages
        assert [one.number for one in (*passage.before, *passage.after)] == [1, 3]


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("nothing", None),
        ("nothing#abcdefgh", None),
        ("nothing#p1", None),
        ("", None),
        ("#", None),
        ("figs#", None),
        ("#p1", None),
        ("figs#p0", 1),
        ("figs#p3", 2),
        ("figs#p999999999", 2),
        ("figs#p01", 1),
        # What stood for it is not known.
        ("figs#abcdefgh", "figs"),
        ("figs#P1", "figs"),
        ("figs#p-1", "figs"),
        # Of a twin the other one is left.
        (f"{FIGS_TOO.paragraphs()[1].passage_id}-2", 2),
        # Files of the same name at other paths.
        ("elsewhere/figs", "figs"),
        (f"new/{FERRIES.paragraphs()[1].passage_id}", FERRIES.paragraphs()[1].passage_id),
        ("ferries.md", None),
        ("ferries.md#p1", None),
    ],
)
def test_unknown_ids(name: str, nearest: str | int | None) -> None:
    with index_of_articles(*ALL) as index:
        if isinstance(nearest, int):
            nearest = FIGS_TOO.paragraphs()[nearest - 1].passage_id
        page = asked(index, "figs#p2", name, "figs#p1")
        if name == "figs#p01":  # a number, all the same
            assert (page.total, page.unknown) == (3, ())
            return
        assert page.unknown == (UnknownId(name, nearest),)
        assert ids(page) == ids(asked(index, "figs#p2", "figs#p1"))
        if nearest is not None:
            assert asked(index, nearest).total


def test_ids_are_looked_up_in_nfc() -> None:
    with index_of_articles(article("café", "One.")) as index:
        page = asked(index, "cafe\N{COMBINING ACUTE ACCENT}#p1", "cafe\N{COMBINING ACUTE ACCENT}x")
        assert page.total == 1
        assert page.unknown == (UnknownId("cafe\N{COMBINING ACUTE ACCENT}x"),)


def written(*articles: Any, times: int = 1) -> Index:
    """An index as the product has it, in one or more segments."""
    index = PassageIndex.in_memory()
    for _ in range(times):
        writer = index.writer()
        for one in articles:
            add_article(writer, one)
        writer.commit(merge=False)
    return Index.of(index)


HOSTILE = "a\x1b]0;x\x07\n\t\x9bb\u2028c\u202ed"


def test_what_is_printed_of_an_id_is_found() -> None:
    """Ids of earlier versions have control characters, which are printed as symbols."""
    odd = article(HOSTILE, "The ferry.", "It is late.")
    with written(odd, article("plain", "The ferry.")) as index:
        own = every_id(index)
        for one in own:
            assert ids(asked(index, one)) == ids(asked(index, one_line(one))) == [one]
        printed = one_line(HOSTILE)
        assert len(asked(index, printed).passages) == 2
        assert index.search(f'article:"{printed}"').total == 2
        assert index.search(f'article:"{printed}#p2"').total == 1
        near = asked(index, f"{printed}#p9").unknown[0].nearest
        assert near is not None
        assert asked(index, near).total == 1


def test_deleted_articles_and_several_segments() -> None:
    with written(FERRIES, FIGS_TOO, times=3) as index:
        assert index.backend.statistics.passages == 5
        assert len(asked(index, "figs", "notes/ferries.md").passages) == 5
        assert index.search("article:figs#p1").total == 1
        assert asked(index, "x/figs").unknown == (UnknownId("x/figs", "figs"),)


@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_any_ids(data: st.DataObject) -> None:
    """What is found and what is not are all that was asked, in its order."""
    with index_of_articles(*ALL) as index:
        known = every_id(index)
        names = data.draw(st.lists(st.sampled_from(known) | st.text(max_size=8), max_size=12))
        names = [name for name in names if name not in {"figs", "figs#1"}] or ["figs#p1"]
        page = asked(index, *names)
        lost = [one.name for one in page.unknown]
        assert len(page.passages) + len(lost) == len(names)
        assert lost == [name for name in names if name in set(lost)]
        assert [name for name in names if name in known] == [
            one for one in ids(page) if one in names
        ]


# In queries


@pytest.mark.parametrize("number", range(9))
def test_an_id_in_a_query(number: int) -> None:
    with index_of_articles(*ALL) as index:
        one = every_id(index)[number]
        text = f'article:"{one}"'
        page = index.search(text)
        assert ids(page) == [one]
        assert parse_query(page.interpreted_as).query == parse_query(text).query
        assert one not in ids(index.search(f"* NOT {text}", limit=100))
        assert index.search(f"* NOT {text}").total == 8


def test_ids_with_wildcards_and_backslashes() -> None:
    """As those have that are addresses, or paths."""
    names = ["http://x.example/a?b=c#top", "notes/*.txt", "notes/late.txt", "a\\b"]
    with index_of_articles(*(article(name, f"The ferry {name}.") for name in names)) as index:
        for one in every_id(index):
            text = "article:" + one.replace("\\", "\\\\")
            assert ids(index.search(text)) == [one]
            assert ids(index.search("ferry", articles=(one,))) == [one]
            assert one not in ids(index.search(f"* NOT {text}", limit=100))
        assert index.search("", articles=("a\\b",)).total == 1
        assert index.search("article:notes/*.txt").total == 2


def test_ids_narrow_a_query() -> None:
    with index_of_articles(*ALL) as index:
        late, blue = (one.passage_id for one in FERRIES.paragraphs()[1:])
        assert ids(index.search(f"it article:{blue} article:{late}")) == [late, blue]
        assert ids(index.search(f"blue article:{late}")) == []
        assert index.search("article:notes/ferries.md#p7").total == 0
        assert index.search("article:notes/ferries.md#p0").total == 0


# Costs


class _Counting(LocalBackend):
    """Counts how often the digests of an article are gone through."""

    readings = 0

    def digests(self, article: Hashable, deadline: Deadline) -> Iterable[str]:
        self.readings += 1
        return super().digests(article, deadline)


def test_an_article_is_gone_through_once() -> None:
    texts = [f"Number {number}." for number in range(500)]
    many = article("many", *texts)
    with index_of_articles(many, article("few", "Few.")) as index:
        backend = index.backend
        assert isinstance(backend, LocalBackend)
        counting = _Counting(backend._segments)
        with Index(counting) as counted:
            names: Sequence[str] = [one.passage_id for one in many.paragraphs()]
            unknown = [f"many#gone{number}" for number in range(500)]
            page = asked(counted, *names, *unknown)
            assert (page.total, len(page.unknown)) == (500, 500)
            assert counting.readings == 1


def test_in_time() -> None:
    with index_of_articles(*ALL) as index:
        page = index.answer(Request(ids=tuple(["figs"] * 1_000), timeout_seconds=1e-9))
        assert page.partial
        assert page.unknown == ()
        assert page.total < 2_000
        (warned,) = page.warnings
        assert warned.message == (
            "the search was cut off after 1e-09 s, and there may be more; "
            "allow more with --timeout SECONDS"
        )


@pytest.mark.parametrize(
    "options", [{"ids": ("a",)}, {"similar": "a#p1"}, {"ids": ("a",), "similar": "a"}]
)
def test_one_thing_is_asked(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the message is asserted whole
        Request("ferry", **options)
    assert str(caught.value) == "query, ids and similar stand for each other; give one of them"

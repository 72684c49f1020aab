"""Narrowing down and counting by what articles say of themselves, against trying everything."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.errors import UsageError
from indexer.text.values import field_name
from search import Index, Request
from search.backends import facets as facets_module
from search.backends.local import LocalBackend
from search.model import FACETS, Facet
from search.output.render import render
from search.output.styles import Style
from tests.kernels import KERNELS
from tests.passages import SmallArticle, article, index_of_articles, twin_index
from tests.schemas import valid
from tests.strategies import VALUES, Commit, histories, index_of_commits, listed, sized

if TYPE_CHECKING:
    from indexer.model import ArticleRecord
    from search.backends.kernels import KernelKind

FIELDS = (*FACETS, "tags", "section")
WORDS = listed("ferry harbour fog")


def filed(article_id: str, *texts: str, **facts: Any) -> SmallArticle:
    small = article(article_id, *(texts or ("A ferry.",)))
    return replace(small, record=small.record._replace(**facts))


FILED = (
    filed(
        "a",
        "A ferry.",
        "A ferry and fog.",
        author="Kim Lee, Ana Roy",
        published=date(2024, 9, 3),
        site="The Gazette",
        extra=(("section", "Local News"), ("tags", "fog"), ("tags", "Fog")),
    ),
    filed(
        "b",
        author="Kim Lee",
        published=date(2024, 1, 1),
        extra=(("section", "Café"), ("tags", "a*b")),
    ),
    filed("c", language="es", published=date(2020, 2, 29), extra=(("section", "local news"),)),
    filed("d", "Nothing.", author="Lee, Kim", extra=(("tags", "fog"),)),
)


def ids(index: Index, query: str = "", **options: Any) -> str:
    page = index.answer(Request(query, limit=100, all_copies=True, **options))
    return " ".join(sorted({one.paragraph.article_id for one in page.passages}))


DAY = "write a day, month or year such as 2025-01-31, 2025-01 or 2025"
PAIR = "write it such as section=sports, or section=* for any value"


# Where


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (["section=Local News"], "a c"),
        (["section=LOCAL  news"], "a c"),
        (["Section=local news"], "a c"),
        (["section=cafe"], "b"),
        (["section=loc*"], "a c"),
        (["section=*NEWS"], "a c"),
        (["section=Caf?"], "b"),
        (["section=*"], "a b c"),
        (["section=local"], ""),
        (["section=*local"], ""),
        (["tags=fog"], "a d"),
        (["tags=fog", "tags=a*"], "a b d"),
        (["tags=fog", "section=local*"], "a"),
        ([r"tags=a\*b"], "b"),
        ([r"tags=f\*g"], ""),
        (["author=kim lee"], "a b"),
        (["author=Lee, Kim"], "d"),
        (["site=the gazette"], "a"),
        (["section=news"], ""),
        (["tags=fog\0fog"], ""),
        (["tags=fo\N{FULLWIDTH QUESTION MARK}*"], ""),
    ],
)
def test_where_finds_articles_by_their_values(where: list[str], expected: str) -> None:
    with index_of_articles(*FILED) as index:
        assert ids(index, where=tuple(where)) == expected
        assert ids(index, "*", where=tuple(where)) == expected


WHERE_ROWS = [
    ("ferry where:section=cafe", "b"),
    ('ferry where:section="local news"', "a c"),
    ('ferry where:"section=local news" where:section=cafe', "a b c"),
    ("ferry where:section=loc* where:tags=fog", "a"),
    ("ferry NOT where:section=*", ""),
    ("NOT where:section=*", "d"),
    ("where:tags=fog AND nothing", "d"),
    ("where:(tags=fog OR section=cafe)", "a b d"),
    ("-where:tags=fog ferry", "b c"),
]


@pytest.mark.parametrize(("query", "expected"), WHERE_ROWS)
def test_where_is_a_filter_of_the_query_language(query: str, expected: str) -> None:
    with index_of_articles(*FILED) as index:
        assert ids(index, query) == expected


@pytest.mark.parametrize(
    ("options", "canonical", "expected"),
    [
        ({"articles": ("a", "b*")}, "article:a OR article:b*", "a b"),
        ({"sources": ("articles/c",)}, "source:articles/c", "c"),
        ({"sources": (r"/a\*b",)}, r"source:/a\*b", ""),
        ({"languages": ("ES",)}, "lang:ES", "c"),
        ({"languages": ("e*",)}, "lang:e*", "a b c d"),
        ({"after": "2024-01"}, "published:2024-02..", "a"),
        ({"after": "2020-02-29", "before": "2024-09"},
         "published:2020-03.. AND published:..2024-08", "b"),
        ({"where": ("tags=fog",), "after": "2020"}, "published:2021.. AND where:tags=fog", "a"),
    ],
)  # fmt: skip
def test_options_narrow_down_as_the_query_does(
    options: dict[str, Any], canonical: str, expected: str
) -> None:
    with index_of_articles(*FILED) as index:
        page = index.answer(Request(limit=100, all_copies=True, **options))
        assert page.interpreted_as == canonical
        assert ids(index, **options) == expected
        assert ids(index, canonical) == expected


def test_options_hold_beside_the_query_and_change_no_score() -> None:
    with index_of_articles(*FILED) as index:
        free = {
            one.paragraph.passage_id: one.score
            for one in index.search("ferry fog", all_copies=True).passages
        }
        page = index.search("ferry fog", all_copies=True, where=("section=local news",))
        assert page.interpreted_as == '(ferry fog) AND where:"section=local news"'
        assert {one.paragraph.article_id for one in page.passages} == {"a", "c"}
        assert all(one.score == free[one.paragraph.passage_id] for one in page.passages)
        assert ids(index, "lang:es", languages=("en",)) == ""
        assert ids(index, "NOT ferry", where=("tags=fog",)) == "d"
        assert ids(index, "+ferry fog -harbour", where=("tags=fog",)) == "a"
        assert ids(index, "ferry OR nothing", where=("tags=fog",)) == "a d"


def test_a_query_without_a_word_stays_one() -> None:
    with index_of_articles(*FILED) as index:
        page = index.search("???", languages=("en",))
        assert (page.total, page.interpreted_as) == (0, "")
        assert index.search("", languages=("en",)).total == 4
        assert index.search(" ", facets=("year",)).total == index.passages
        assert index.search("").total == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"after": "soon"},
            f"after: takes no 'soon'; {DAY}",
        ),
        (
            {"before": "2025-02-30"},
            f"before: takes no '2025-02-30'; {DAY}",
        ),
        (
            {"where": ("section",)},
            f"where: takes FIELD=VALUE, not 'section'; {PAIR}",
        ),
        (
            {"where": ("=x",)},
            f"where: takes FIELD=VALUE, not '=x'; {PAIR}",
        ),
        ({"articles": ("",)}, "article: has no value; name one, or leave it out"),
        ({"sources": (" ",)}, "source: has no value; name one, or leave it out"),
        ({"languages": ("!",)}, "lang: has no value; name one, or leave it out"),
        (
            {"articles": ("**",)},
            "'**' has no letters to look for; add some, or write * for every passage",
        ),
        (
            {"facets": ("year", "secton")},
            f"no field 'secton' to count by; there are: {', '.join(FACETS)}, section, tags",
        ),
    ],
)
def test_what_cannot_be_is_refused(options: dict[str, Any], message: str) -> None:
    with index_of_articles(*FILED) as index, pytest.raises(UsageError) as caught:
        index.search("ferry", **options)
    assert str(caught.value) == message


def test_a_field_that_no_article_has_is_told() -> None:
    with index_of_articles(*FILED) as index:
        query = "ferry where:secton=x"
        (warned,) = index.search(query).warnings
        assert warned.message == (
            "no article has a field 'secton'; there are: author, section, site, tags"
        )
        assert warned.span is not None
        assert query[warned.span.start : warned.span.end] == "where:secton=x"
        (warned,) = index.search("ferry", where=("secton=x",)).warnings
        assert warned.span is None
        assert index.search("ferry where:section=nothing").warnings == ()
    with index_of_articles(filed("a")) as index:
        (warned,) = index.search("where:x=y").warnings
        assert warned.message == "no article has a field 'x'; no article has any"


def test_many_fields_are_told_in_part() -> None:
    extra = tuple((f"f{number:02}", "x") for number in range(30))
    with index_of_articles(filed("a", extra=extra)) as index:
        (warned,) = index.search("where:x=y").warnings
    assert warned.message.endswith("f18, f19 and 10 more")


# Facets


def test_values_are_counted_over_all_passages_that_match() -> None:
    with index_of_articles(*FILED) as index:
        page = index.search("ferry", facets=FIELDS, limit=1)
    assert page.facets == (
        Facet("article", (("a", 2), ("b", 1), ("c", 1))),
        Facet("author", (("Kim Lee", 3), ("Ana Roy", 2))),
        Facet("language", (("en", 3), ("es", 1))),
        Facet("year", (("2024", 3), ("2020", 1))),
        Facet("site", (("The Gazette", 2),)),
        Facet("tags", (("Fog", 2), ("fog", 2), ("a*b", 1))),
        Facet("section", (("Local News", 2), ("Café", 1), ("local news", 1))),
    )


def test_a_facet_is_named_once_and_in_any_case() -> None:
    with index_of_articles(*FILED) as index:
        page = index.search("ferry", facets=("Year", "year", "SECTION"), limit=0)
        assert [facet.field for facet in page.facets] == ["year", "section"]
        assert index.search("ferry").facets == ()


@pytest.mark.parametrize("kernels", KERNELS)
@pytest.mark.parametrize("few", [0, facets_module.FEW_ARTICLES])
@pytest.mark.parametrize("segments", [1, 2])
def test_the_first_values_are_listed_and_the_others_counted(
    segments: int, few: int, kernels: KernelKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some are first only where what two segments have of them is added."""
    monkeypatch.setattr(facets_module, "MOST_COUNTS", 2)
    monkeypatch.setattr(facets_module, "FEW_ARTICLES", few)
    parts = [
        [filed("a", "A ferry.", extra=(("no", "1"),)), *twice("b", "2"), *twice("c", "3")],
        [filed("d", *["A ferry."] * 5, extra=(("no", "1"),)), *twice("e", "4"), *twice("f", "5")],
    ]
    parts = parts if segments == 2 else [[*parts[0], *parts[1]]]
    parts[0].append(sized("z", 60))  # or the second commit would take it in
    stored, _ = index_of_commits([Commit(tuple(part), ()) for part in parts])
    assert len(stored.segments()) == segments
    with Index(LocalBackend(stored.segments(), kernels=kernels)) as index:
        by_article, by_number = index.search("ferry", facets=("article", "no"), limit=0).facets
    assert by_article == Facet("article", (("d", 5), ("a", 1)), more=8)
    assert by_number == Facet("no", (("1", 6), ("2", 2)), more=3)


def twice(name: str, number: str) -> list[SmallArticle]:
    return [filed(f"{name}{place}", extra=(("no", number),)) for place in range(2)]


def test_there_are_a_thousand_values_at_most() -> None:
    many = [filed(f"a{number:04}") for number in range(1_100)]
    stored, _ = index_of_commits([Commit(tuple(many), ())])
    with Index.of(stored) as index:
        (facet,) = index.search("ferry", facets=("article",), limit=0).facets
    assert (len(facet.counts), facet.more, facet.counts[-1]) == (1_000, 100, ("a0999", 1))


@pytest.mark.parametrize("few", [0, facets_module.FEW_ARTICLES])
def test_a_value_that_is_said_twice_counts_once(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facets_module, "FEW_ARTICLES", few)
    small = filed("a", author="Kim Lee", extra=(("author", "Kim Lee"), ("author", "kim lee")))
    with index_of_articles(small) as index:
        (facet,) = index.search("ferry", facets=("author",)).facets
        assert facet.counts == (("Kim Lee", 1), ("kim lee", 1))


def test_a_field_of_deleted_articles_alone_is_none() -> None:
    gone = filed("gone", extra=(("only", "x"), ("tags", "fog")))
    stored, kept = index_of_commits([Commit((gone, FILED[0], sized("z", 60)), ("gone",))])
    assert stored.segments()[0].deleted
    with twin_index(stored, kept) as index:
        assert index.backend.fields == ("author", "section", "site", "tags")
        assert index.search("ferry", facets=("tags",)).facets == (
            Facet("tags", (("Fog", 2), ("fog", 2))),
        )
        assert ids(index, where=("tags=fog",)) == "a"


def test_when_time_is_over_nothing_is_counted_and_that_is_told() -> None:
    stored, _ = index_of_commits([Commit(FILED, ())])
    with Index.of(stored) as index:
        page = index.search("ferry", facets=("year",), timeout_seconds=1e-9)
    assert (page.partial, page.facets) == (True, ())


def test_no_value_steers_a_terminal() -> None:
    hostile = "\x1b[2J\u202e\nsite: forged (9)"
    small = filed("a", site="\x1b[31mred", extra=(("tags", hostile), ("tags", "\x9b")))
    with index_of_articles(small) as index:
        page = index.search("ferry", facets=("site", "tags"), limit=0)
    assert "".join(render(page, style=Style.TEXT)) == (
        "site: ␛[31mred (1)\ntags: ␛[2J�␊site: forged (9) (1) · � (1)\n"
    )
    in_json = valid("".join(render(page, style=Style.JSON)))
    assert in_json.isascii()
    assert all(line.isprintable() for line in in_json.splitlines())
    counts = json.loads(in_json)["facets"]["tags"]["counts"]
    assert counts == [{"value": hostile, "passages": 1}, {"value": "\x9b", "passages": 1}]


def test_text_lists_the_first_ten_values() -> None:
    extra = tuple(("tags", f"t{number:02}") for number in range(13))
    with index_of_articles(filed("a", extra=extra)) as index:
        page = index.search("ferry", facets=("tags", "site"))
    *_, blank, tags, site = "".join(render(page, style=Style.TEXT)).splitlines()
    assert blank == ""
    assert tags == f"tags: {' · '.join(f't{number:02} (1)' for number in range(10))} · 3 more"
    assert site == "site: none"


def values(name: str, record: ArticleRecord) -> set[str]:
    """What an article is counted under, from the record itself."""
    known = {
        "article": record.article_id,
        "language": record.language,
        "year": record.published.isoformat()[:4] if record.published else "",
        "site": record.site,
        "author": record.author,
    }
    own = [known[name]] if name in known else [one for other, one in record.extra if other == name]
    return set(filter(None, own))


def fits(where: str, record: ArticleRecord) -> bool:
    """Whether an article has a value; no value of these tests needs more than small letters."""
    name, value = where.split("=")
    return any(one.lower() == value.lower() for one in values(name, record))


WHERE = st.builds(
    lambda name, value: f"{name}={value}",
    st.sampled_from(["tags", "section"]),
    st.sampled_from([value for value in VALUES if "*" not in value]),
)


@settings(max_examples=60)
@given(
    histories(WORDS, ("en", "es")),
    st.sampled_from([*WORDS, "*", "ferry OR fog"]),
    st.lists(WHERE, max_size=3),
    st.sampled_from(["", "en", "es"]),
    st.sampled_from(["", "2024", "2024-05-01"]),
    st.sampled_from([0, 1, facets_module.FEW_ARTICLES]),
)
def test_narrowing_and_counting_are_what_trying_everything_gives(
    commits: list[Commit], query: str, where: list[str], language: str, after: str, few: int
) -> None:
    stored, kept = index_of_commits(commits)
    known = {name for small in kept for name, _ in small.record.extra}
    names = [*FACETS, *sorted(known)]
    with pytest.MonkeyPatch.context() as patch, twin_index(stored, kept) as index:
        patch.setattr(facets_module, "FEW_ARTICLES", few)
        free = index.search(query, limit=1_000, all_copies=True)
        page = index.search(
            query,
            limit=1_000,
            all_copies=True,
            where=tuple(where),
            languages=(language,) if language else (),
            after=after,
            facets=tuple(names),
        )
    records = {small.record.article_id: small.record for small in kept}

    def passes(article_id: str) -> bool:
        record = records[article_id]
        day = record.published
        last = {"": date.min, "2024": date(2024, 12, 31), "2024-05-01": date(2024, 5, 1)}[after]
        return (
            all(
                any(fits(one, record) for one in where if one.startswith(f"{name}="))
                for name in {one.split("=")[0] for one in where}
            )
            and (not language or record.language == language)
            and (not after or (day is not None and day > last))
        )

    expected = [one for one in free.passages if passes(one.paragraph.article_id)]
    assert [one.paragraph.passage_id for one in page.passages] == [
        one.paragraph.passage_id for one in expected
    ]
    for name, facet in zip(names, page.facets, strict=True):
        totals = Counter[str]()
        for one in expected:
            totals.update(values(field_name(name), records[one.paragraph.article_id]))
        assert dict(facet.counts) == totals
        assert [number for _, number in facet.counts] == sorted(totals.values(), reverse=True)
        assert facet.more == 0

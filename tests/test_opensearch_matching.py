"""An index in a cluster finds what one in memory finds: the same passages, in the same order."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from indexer.errors import UsageError
from indexer.storage.index import PassageIndex
from indexer.storage.remote.index import RemoteIndex
from search import engine
from search.backends.local import LocalBackend
from search.index import Index
from search.model import FoundPage
from search.request import Request
from tests import test_matching_properties as made_up
from tests import test_oracle as other
from tests.monsters import vocabulary
from tests.opensearch.comparing import opened
from tests.passages import add_article, article
from tests.test_facets import FILED, WHERE_ROWS
from tests.test_matching import FIELD_ROWS, ROWS, field_articles, unmarked
from tests.test_places import PLACE_ROWS, placed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from indexer.storage.remote.writer import RemoteWriter
    from indexer.storage.writer import PassageWriter
    from tests.opensearch.comparing import Outcome, Pair
    from tests.opensearch.shared import Running
    from tests.passages import SmallArticle

LANGUAGES = ("en", "es", "fr", "de", "ru", "zh", "tr", "")
#: What is asked of ids, of whole articles, and at the edges of what a cluster takes.
MORE = [
    *("article:ferry.md#p1", "article:ferry.md#p9", "article:drawn3#p2", 'article:"drawn1#p1"'),
    *("ARTICLE(patrol covid) c", "ARTICLE(title:patrol) NOT c", "ARTICLE(patrol AND NOT c)"),
    *("ARTICLE(NOT patrol) the", 'ARTICLE("the patrol" OR 巡逻)', "NOT ARTICLE(patrol)"),
    *("NEAR(covid19 masks, 1)", "NEAR(masks covid19 RFC2119, 1)", "NEAR(covid19 RFC2119, 0)"),
    *("NEAR(covid19 patrol, 4)", "NEAR(patrol patrol, 3)", "NEAR(covid-19 R&D c*, 6)"),
    *('NEAR("the patrol" c, 0)', 'NEAR(patrol "covid 19" 19, 2)', "patrol NEAR/2 station"),
    *('"patrol * station"', '"the the"~3', '"covid-19 patrol"~2', '"R&D c"~5', '"os.path the"~1'),
    *("patrol^3 c^.5", "+patrol c -die", "a\ud800b", "caf\u0301e", "*", "-*"),
    *("z" * 40_000, "zz*", "z?*", "/z{9}z*/", f'"{"z" * 40_000} zebra"', "caf\ud800", "zz\x03*"),
    *("before:2024-06 OR NOT published:*", "published:2024..2025-01-31", "source:/articles"),
    *(" ".join(["patrol", *vocabulary(1_000)]), "patrol^1e308 c^1e308 the"),
    *("where:tags=x", "where:tags=?é*", "where:section=*s NOT where:tags=x", "lang:t*"),
]  # fmt: skip


#: Words that some write as two, as far from others as either spelling lets them be.
APART = article(
    "apart",
    "covid19 x y masks",
    "covid19 x y z masks",
    "covid 19 x masks",
    "covid 19 x y masks",
    "covid 19 x RFC2119 y masks",
    "RFC 2119 x covid19",
    "RFC2119 x x covid19",
    # Longer than a cluster takes, and no Unicode.
    f"{'z' * 40_000} zebra",
    "caf\ud800 zz\x03ed",
)


def write(writer: PassageWriter | RemoteWriter, articles: Sequence[SmallArticle]) -> None:
    for small in articles:
        add_article(writer, small)
    writer.commit_with({})


def pair_of(address: str, *commits: tuple[Sequence[SmallArticle], Sequence[str]]) -> Pair:
    """The same articles in memory and in two shards, as commits leave them.

    Each commit removes articles, then adds and replaces some.
    """
    index = PassageIndex.in_memory()
    remote = RemoteIndex.at(address, shards=2)
    for added, removed in commits:
        for one in (index, remote):
            writer = one.writer()
            for article_id in removed:
                assert writer.delete_articles("article", article_id)
            write(writer, added)
    return opened(LocalBackend(index.segments()), address)


@pytest.fixture
def address(cluster: Running, index_name: str) -> str:
    return f"{cluster.urls[0].replace('http', 'opensearch', 1)}/{index_name}"


def differing(found: Sequence[Outcome]) -> list[str]:
    return [
        f"{one.query}: {one.refused or one.faults}" for one in found if one.faults or one.refused
    ]


def test_the_table_of_what_queries_find_holds_in_a_cluster(address: str) -> None:
    rows = [(query, *unmarked(marked)) for of_kind in ROWS.values() for query, marked in of_kind]
    ids = {text: f"a{at}" for at, text in enumerate(dict.fromkeys(text for _, text, _ in rows))}
    pair = pair_of(address, ([article(name, text) for text, name in ids.items()], ()))
    queries = list(dict.fromkeys(query for query, _, _ in rows))
    assert not differing(list(pair.outcomes(queries, ranked_share=24)))
    found = dict(zip(queries, pair.found_in_cluster(queries), strict=True))
    assert [
        (query, text)
        for query, text, spans in rows
        if ((ids[text], 1) in found[query]) != bool(spans)
    ] == []


def test_what_a_cluster_does_not_find_is_refused_with_a_reason(address: str) -> None:
    many = [f"w{at}" for at in range(1_001)]
    pair = pair_of(address, ([article("a", " ".join(many), "many")], ()))
    refused = {
        "NEAR(w* many, 3)": "NEAR(w* many, 3) stands for 1,002 words, too many to look for "
        "beside others in OpenSearch; give more of its letters",
        # Those that are looked for beside each other count together.
        "NEAR(w1* w2* w3* w4* w5* w6* w7* w8*, 3)": "NEAR(w1* w2* w3* w4* w5* w6* w7* w8*, 3) "
        "stands for 889 words, too many to look for beside others in OpenSearch; give more of its "
        "letters",
    }
    for query, reason in refused.items():
        with Index(pair.remote) as index, pytest.raises(UsageError) as error:
            index.search(query)
        assert str(error.value) == reason


def test_words_are_looked_for_beside_others_as_far_as_a_cluster_can(address: str) -> None:
    """It counts what finds passages together with what scores them, field by field."""
    many = [f"{letter}{at}" for at in range(240) for letter in "vw"]
    pair = pair_of(address, ([article("a", " ".join(many), "many"), article("b", "v7 many")], ()))
    assert not differing(list(pair.outcomes(["NEAR(v* many, 3)", "NEAR(v* w*, 0)"])))
    assert pair.found_in_cluster(["NEAR(v* many, 3)", "NEAR(v* w*, 0)"]) == [{("b", 1)}, {("a", 1)}]


def drawn_queries(chance: random.Random) -> list[str]:
    """Words, phrases, patterns and filters, one by one and joined."""
    words, patterns = made_up.WORDS + other.WORDS, made_up.PATTERNS + other.PATTERNS
    single = [*words, *patterns, *made_up.ABOUT, *other.FILTERS]

    def phrase() -> str:
        some = " ".join(chance.choices(words, k=chance.randint(1, 3)))
        return f'"{some}"{chance.choice(("", "", "~1", "~3"))}'

    def near() -> str:
        parts = chance.choices([*words, *(one for one in patterns if "~" not in one)], k=2)
        return f"NEAR({' '.join(parts)} {chance.choice(words)}, {chance.randint(0, 6)})"

    leaf: list[Callable[[], str]] = [lambda: chance.choice(single), phrase, near]
    joined = [
        chance.choice(("{} {}", "{} AND {}", "{} OR {}", "{} AND NOT {}", "NOT ({} {})")).format(
            chance.choice(leaf)(), chance.choice(leaf)()
        )
        for _ in range(100)
    ]
    return [*single, *(phrase() for _ in range(50)), *(near() for _ in range(60)), *joined]


def drawn_article(chance: random.Random, article_id: str, language: str) -> SmallArticle:
    def text() -> str:
        return "".join(
            word + chance.choice((" ", " ", ", ", ". ", "-", "/"))
            for word in chance.choices(made_up.WORDS + other.WORDS, k=chance.randint(1, 12))
        )

    small = article(
        article_id,
        *(text() for _ in range(chance.randint(1, 6))),
        title=text() if chance.random() < 0.6 else "",
        headings=[text()] if chance.random() < 0.4 else (),
        language=language,
        author=chance.choice(("", "Ada B.", "Bo")),
    )
    extra = (("tags", chance.choice(("x", "X", "Café news"))), ("section", "Sports"))
    return replace(small, record=small.record._replace(extra=extra[: chance.randint(0, 2)]))


def test_queries_of_every_kind_find_the_same_after_deletions_and_updates(address: str) -> None:
    chance = random.Random(14)  # noqa: S311 - no secret
    drawn = [drawn_article(chance, f"drawn{at}", chance.choice(LANGUAGES)) for at in range(60)]
    again = [
        drawn_article(chance, f"drawn{at}", chance.choice(LANGUAGES)) for at in range(0, 60, 4)
    ]
    pair = pair_of(
        address,
        ([*field_articles(), *FILED, *placed(), *drawn, APART], ()),
        (again, ["drawn1", "drawn5", "drawn9"]),
    )
    queries = [
        *(query for query, _ in FIELD_ROWS),
        *(query for query, _ in WHERE_ROWS),
        *(query for query, _ in PLACE_ROWS),
        *MORE,
        *drawn_queries(chance),
    ]
    found = list(pair.outcomes(queries, ranked_share=24))
    assert not differing(found)
    assert sum(one.total > 0 for one in found) > len(found) * 0.7


def test_an_article_of_very_many_passages_leaves_room_for_the_best_of_others(address: str) -> None:
    """Of an article that fits well only its best passage is shown, and all others come behind."""
    plain = " ".join(["harbour"] * 40)
    full = article("full", *["The ferry and the lamp."] * 400)
    # Their passages are the best by themselves, their articles are not.
    short = [article(f"short{at}", f"The ferry {at}.", plain) for at in range(60)]
    rich = [
        article(f"rich{at}", *[f"The ferry {at} came to a pier." for _ in range(3)])
        for at in range(3)
    ]
    rest = [article(f"rest{at}", plain) for at in range(200)]
    pair = pair_of(address, ((full, *short, *rich, *rest), ()))
    for query in ("ferry", '"the ferry"', "NEAR(ferry the, 3)", "f*y"):
        request = Request(query, limit=10, per_article=1)
        local, remote = (
            [(one.paragraph.passage_id, pytest.approx(one.score)) for one in page.passages]
            for page in (
                engine.answer(request, one, FoundPage) for one in (pair.local, pair.remote)
            )
        )
        assert local == remote, query

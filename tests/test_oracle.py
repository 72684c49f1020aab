"""The search against an implementation that tries everything: same passages, scores and order."""

from __future__ import annotations

from itertools import pairwise
from math import isclose
from typing import TYPE_CHECKING

from hypothesis import example, given, settings
from hypothesis import strategies as st

from search.backends.ranking import DEFAULT_RANKING, RankingSettings
from search.query.parser import parse_query
from search.query.spelling import Field
from tests.oracle import Oracle, Place
from tests.passages import SmallArticle, article, twin_index
from tests.strategies import SEGMENTED, Commit, histories, index_of_commits, listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.storage.index import PassageIndex

LANGUAGES = ("en", "es", "zh", "fr", "vi")
WORDS = listed(
    "the to be not patrol patrols patrolling la las calle calles l'homme homme don't it's Ada's "
    "covid-19 covid 19 covid19 to-be phone-trees trees C++ C R&D d 1,000 1000 café cafe "
    "RFC2119 RFC-2119 rfc 2119 "
    "社区巡逻 巡逻 社区的巡逻队来了"
)
WORD = st.sampled_from(WORDS)
PATTERNS = listed(
    "pat* c* R&* covid-1* 社* th* p*l* c?fé *s 社?巡 phone-t*s patrl~ cafe~2 1001~ /pat.*/ /[c-d]+/"
)
FILTERS = listed(
    "lang:en lang:es lang:?s lang:/e./ author:ada author:b* article:a article:? source:articles/b "
    "source:c published:2025 after:2024-06 published:* where:tags=x where:tags=?é* "
    "where:section=*s where:section=* where:author=bo where:section=x where:none=x"
)
FIELDS = ("title:", "heading:")
PHRASES = st.builds(
    lambda words, slop: f'"{" ".join(words)}"' + (f"~{slop}" if slop else ""),
    st.lists(WORD, min_size=1, max_size=3),
    st.sampled_from([0, 0, 1, 3]),
)
TEXT_LEAVES = WORD | PHRASES | st.sampled_from(PATTERNS)
NEAR = st.builds(
    lambda leaves, words: f"NEAR({' '.join(leaves)}, {words})",
    st.lists(TEXT_LEAVES.filter(lambda leaf: "~" not in leaf), min_size=2, max_size=3),
    st.integers(0, 4),
)
LEAVES = (
    WORD
    | TEXT_LEAVES
    | NEAR
    | st.builds(str.__add__, st.sampled_from(FIELDS), TEXT_LEAVES)
    | st.sampled_from([*FILTERS, "*", "&"])
)


def grouped(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Groups of parts of every kind; any of them may stand in parentheses."""
    several = st.lists(parts.map(lambda part: f"({part})"), min_size=2, max_size=3)
    return st.one_of(
        several.map(" AND ".join),
        several.map(" OR ".join),
        several.map(" ".join),
        several.map(lambda some: "+" + " ".join(some)),
        several.map(" -".join),
        several.map(lambda some: f"ARTICLE({' '.join(some)})"),
        several.map(lambda some: f"ARTICLE({' -'.join(some)})"),
        parts.map(lambda part: f"NOT ({part})"),
        st.builds("({})^{}".format, parts, st.sampled_from(["0.5", "3"])),
    )


SIDE_BY_SIDE = st.lists(LEAVES, min_size=1, max_size=5).map(" ".join)
QUERIES = st.recursive(SIDE_BY_SIDE, grouped, max_leaves=4)


def check(
    index: PassageIndex,
    kept: Sequence[SmallArticle],
    oracle: Oracle,
    query: str,
    *,
    all_words: bool,
) -> None:
    expected = oracle.scores(parse_query(query, all_words=all_words).query)
    with twin_index(index, kept, ranking=oracle.settings) as opened:
        page = opened.search(query, all_words=all_words, limit=1000, explain=True, all_copies=True)
    found: list[tuple[Place, float]] = [
        ((one.paragraph.article_id, one.paragraph.number), one.score) for one in page.passages
    ]
    assert {place for place, _ in found} == set(expected)
    assert len(found) == page.total == len(expected)
    for place, score in found:
        assert is_same(score, expected[place]), (place, score, expected[place])
    for (one, score), (other, next_score) in pairwise(found):
        assert (-score, one) < (-next_score, other)
        assert expected[one] > expected[other] or is_same(expected[one], expected[other])
    for passage in page.passages:
        assert is_same(sum(part.score for part in passage.parts), passage.score)


def is_same(one: float, other: float) -> bool:
    return isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)


#: Another constant for each of the formula, no two of them equal.
OTHER_RANKING = RankingSettings(0.9, 0.75, 1.5, 0.25, 0.7, 1.6, 0.3, 0.5, 2.5, 3.0)
LANGUAGE_GONE = [
    Commit((article("a", "to-be or l'homme, the homme", title="l'homme"),), ()),
    Commit((article("b", "l'homme to-be", language="fr"),), ("b",)),
]
NUMBERS = [Commit((article("a", "open 24/7", "room 247", "from 7 to 24"),), ())]
ONLY_IN_TITLE = [
    Commit((article("a", "patrol, trees", title="patrols", headings=["patrolling"]),), ()),
    Commit((article("b", "the trees", title="patrolled"),), ()),
]


@settings(max_examples=150)
@given(
    histories(WORDS, LANGUAGES),
    QUERIES,
    st.booleans(),
    st.sampled_from([DEFAULT_RANKING, OTHER_RANKING]),
)
@example(SEGMENTED, "patrol c the 社区巡逻", False, DEFAULT_RANKING)
@example(SEGMENTED, "patrol patrol^2 NOT 2", False, OTHER_RANKING)
@example(SEGMENTED, '+patrol "the d"~2 title:pat*', False, OTHER_RANKING)
@example(SEGMENTED, "社区的巡逻队来了", False, DEFAULT_RANKING)
@example(SEGMENTED, '"patrol the"~1', False, DEFAULT_RANKING)
@example(SEGMENTED, "NEAR(d the patrol*, 1) OR NEAR(the 巡逻 d)", False, OTHER_RANKING)
@example(SEGMENTED, 'ARTICLE(1 2 -"10 the") the', False, DEFAULT_RANKING)
@example(NUMBERS, "24/7", False, DEFAULT_RANKING)
@example(LANGUAGE_GONE, "to-be l'homme", False, DEFAULT_RANKING)
@example(ONLY_IN_TITLE, "trees pat*", False, DEFAULT_RANKING)
def test_search_ranks_as_the_formula_says(
    commits: list[Commit],
    query: str,
    all_words: bool,  # noqa: FBT001
    ranking: RankingSettings,
) -> None:
    index, kept = index_of_commits(commits)
    oracle = Oracle(kept, ranking)
    check(index, kept, oracle, query, all_words=all_words)
    index.writer().commit_with({}, merge_all=True)
    check(index, kept, oracle, query, all_words=all_words)


def test_the_oracle_counts_what_a_reader_would() -> None:
    small = article("a", "Patrols at night, patrol by day", "R&D at C++ patrol", title="Patrol")
    oracle = Oracle([small], DEFAULT_RANKING)

    def counts(query: str, field: Field = Field.TEXT) -> list[int]:
        units = oracle.units(parse_query(query).query, ("en",)).found_by
        return [sum(oracle.count(u, d, field) for u in units) for d in oracle.documents]

    assert counts("patrol") == [2, 1]
    assert counts("patrol", Field.TITLE) == [1, 1]
    assert counts('"patrol"') == [1, 1]
    assert counts("pat*") == [2, 1]
    assert counts('"patrols patrol"') == [0, 0]
    assert counts('"patrols patrol"~2') == [1, 0]
    assert counts('"at patrol"') == [0, 0]
    assert counts('"at patrol"~1') == [1, 1]
    assert counts("night-patrol") == [1, 0]
    assert counts("c++") == [0, 1]
    assert counts("d~") == [0, 3]

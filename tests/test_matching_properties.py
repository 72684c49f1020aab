"""What holds for the passages of any query, in any small index, however it came about."""

from __future__ import annotations

import unicodedata
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from indexer.storage.index import PassageIndex
from indexer.text.analysis import FormKind, encoded, needs, occurrences, stemmer, tagged, word_needs
from indexer.text.stopwords import is_stop_word
from search.backends.base import Selection
from search.chains import find_chains
from search.deadline import Deadline
from search.index import Index
from search.plan import Form
from search.planner import plan_query
from search.query.parser import parse_query
from search.query.spelling import Field
from search.request import Sort
from tests.oracle import edits
from tests.passages import SmallArticle, add_article, article, index_of_articles, twin_index
from tests.strategies import SEGMENTED, Commit, corpora, histories, index_of_commits, listed

if TYPE_CHECKING:
    from collections.abc import Sequence

# Every example makes an index or two.
few = settings(max_examples=40)

Place: TypeAlias = tuple[str, int]  # article and number


LANGUAGES = ("en", "es", "fr", "de", "ru", "zh")
WORDS = listed(
    "the to be of patrol patrols Patrolling station café cafe Straße strasse ﬁnal 1,000 1000 "
    "covid-19 covid 19 R&D r d C++ c C# .NET os.path.join path don't don’t don Biden's Biden "
    "O’Brien jane@example.org example.org @name name #tag snake_case patrulla patrullas la las "
    "der Häuser Haus die l'homme l’homme homme qu'il москва Москвы ёлка елка и λόγος ΛΌΓΟΣ "
    "كِتَاب كتاب שלום 社区巡逻 社区 巡逻 使用C++编程 서울에서 서울 タワー ﾀﾜｰ ไทย 😀 👍🏽 x I "
    "don´t 2025-01-31"
)
PATTERNS = listed(
    "pat* c* R&* don’* cov* covid-1* 社* 巡* th* p*l* ?s c?fé d?n’t *s 社?巡 os.p*h.join j*@*.org "
    "patrl~ cafe~2 1001~ москве~2 dont~ /pat.*/ /[a-c]+/ /é/ /café|λόγος/ /don’t/ /.{2}/"
)
ABOUT = listed(
    "title:patrol title:the title:巡逻 title:pat* heading:café heading:R&D author:ada author:b* "
    "lang:en lang:?e lang:zh published:2025 after:2024 published:* *"
)

WORD = st.sampled_from(WORDS)
PHRASES = st.builds(
    lambda words, slop: f'"{" ".join(words)}"' + (f"~{slop}" if slop else ""),
    st.lists(WORD, min_size=1, max_size=3),
    st.sampled_from([0, 0, 1, 3]),
)
TEXT_LEAVES = WORD | PHRASES | st.sampled_from(PATTERNS)
LEAVES = TEXT_LEAVES | st.sampled_from(ABOUT)
CORPORA = corpora(WORDS, LANGUAGES)


def places(index: Index, query: str, *, all_words: bool = False) -> set[Place]:
    page = index.search(query, limit=index.passages, all_words=all_words, all_copies=True)
    found = {(one.paragraph.article_id, one.paragraph.number) for one in page.passages}
    assert len(found) == page.total
    return found


# Spellings of one query


@few
@given(CORPORA, LEAVES)
def test_case_normal_form_and_quotes_make_no_difference(
    corpus: tuple[SmallArticle, ...], query: str
) -> None:
    with index_of_articles(*corpus) as index:
        found = places(index, query)
        for other in (
            query.upper(),
            query.lower(),
            unicodedata.normalize("NFD", query),
            unicodedata.normalize("NFC", query),
            query.translate({ord("'"): "’", ord('"'): "“"}),
            query.translate({ord("’"): "'"}),
        ):
            assert places(index, other) == found, other


SIGNS = st.sampled_from("ab19é社😀 '’\"“*?~^/\\().:-+#@&_,{}[]|\ud800\u200b\u0301\ua000\0")


@given(
    st.text(SIGNS | st.characters(), max_size=25)
    | st.lists(LEAVES | SIGNS | st.sampled_from(["title:", "lang:", "article:", "AND", "NOT"])).map(
        "".join
    ),
    st.booleans(),
)
@example("/{e}/", False)
@example("/[[a]/", False)
@example(r"/\N{DIGIT ONE}{e}/", False)
@example("a\ud800*b", False)
@example("lang:e*", True)
@example("lang:/e./ lang:é~ lang:?", True)
def test_any_text_is_a_query(query: str, all_words: bool) -> None:  # noqa: FBT001
    with index_of_articles(article("a", *WORDS, title="Café society")) as index:
        assert places(index, query, all_words=all_words) <= places(index, "*")


# How parts combine


@few
@given(CORPORA, LEAVES, LEAVES)
def test_and_or_not_are_those_of_sets(
    corpus: tuple[SmallArticle, ...], one: str, other: str
) -> None:
    with index_of_articles(*corpus) as index:
        every, left, right = places(index, "*"), places(index, one), places(index, other)
        assert every == {
            (small.record.article_id, number)
            for small in corpus
            for number in range(1, len(small.texts) + 1)
        }
        assert places(index, f"{one} AND {other}") == left & right
        assert places(index, f"{one} OR {other}") == left | right
        assert places(index, f"{one} AND NOT {other}") == left - right
        assert places(index, f"NOT {other}") == every - right
        assert places(index, f"NOT ({one} OR {other})") == every - left - right
        assert places(index, f"NOT (NOT {one} AND NOT {other})") == left | right
        assert places(index, f"{one} {other}", all_words=True) == left & right
        assert places(index, f"+{one} +{other}") == left & right
        assert places(index, f"({one})^2.5") == left


@few
@given(CORPORA, st.lists(WORD, min_size=1, max_size=4))
def test_ranked_words_are_the_union_of_those_that_are_no_stop_words(
    corpus: tuple[SmallArticle, ...], words: list[str]
) -> None:
    with index_of_articles(*corpus) as index:
        expected: set[Place] = set()
        for language in index.languages:
            for word in kept_words(words, language, index.languages) or words:
                scope = "" if is_exact(word, index.languages) else f"lang:{language} AND "
                expected |= places(index, scope + word)
        assert places(index, " ".join(words)) == expected


def kept_words(words: list[str], language: str, languages: Sequence[str]) -> list[str]:
    """The words of WORDS that are no stop words; which those are is decided by their forms."""
    kept = []
    for word in words:
        wanted = word_needs(word, languages)
        asked = languages if is_exact(word, languages) else (language,)
        if len(wanted) > 1 or not any(is_stop_word(wanted[0].text, one) for one in asked):
            kept.append(word)
    return kept


def is_exact(word: str, languages: Sequence[str]) -> bool:
    """Whether a word is looked up as it stands, in all languages alike."""
    return all(need.kind is not FormKind.WORD for need in word_needs(word, languages))


@few
@given(CORPORA, st.lists(TEXT_LEAVES, min_size=1, max_size=3), st.sampled_from(LANGUAGES))
def test_filters_beside_ranked_words_restrict_them(
    corpus: tuple[SmallArticle, ...], leaves: list[str], language: str
) -> None:
    words = " ".join(leaves)
    with index_of_articles(*corpus) as index:
        assert places(index, f"lang:{language} {words}") == places(
            index, f"({words}) AND lang:{language}"
        )
        assert places(index, f"(lang:{language} OR lang:en) {words}") == places(
            index, f"({words}) AND (lang:{language} OR lang:en)"
        )


# Spans


@few
@given(CORPORA, st.lists(TEXT_LEAVES, min_size=1, max_size=3))
def test_every_match_is_made_of_terms_that_the_query_asked_for(
    corpus: tuple[SmallArticle, ...], leaves: list[str]
) -> None:
    query = " ".join(leaves)
    with index_of_articles(*corpus) as index:
        page = index.search(query, limit=index.passages)
        asked = asked_terms(index, query)
    for passage in page.passages:
        text, language = passage.paragraph.text, passage.article.language
        assert passage.matches
        for (_, end), (start, _) in pairwise(passage.matches):
            assert end < start
        for start, end in passage.matches:
            assert 0 <= start < end <= len(text)
            covered = [False] * (end - start)
            for form in occurrences(text[start:end]):
                terms = {(Form.EXACT, encoded(form.text))}
                if form.kind is FormKind.WORD:
                    stem = stemmer(language)(form.text)
                    terms.add((Form.STEM, encoded(tagged(stem, language))))
                if terms & asked:
                    covered[form.start : form.end] = [True] * (form.end - form.start)
            assert all(covered), (text[start:end], query)


def asked_terms(index: Index, query: str) -> set[tuple[Form, bytes]]:
    """The terms of a query after its patterns were expanded."""
    plan = plan_query(parse_query(query).query, index.languages, Deadline(60))
    found = index.backend.run(plan, Selection(Sort.SCORE, 0), Deadline(60))
    return {
        (lookup.form, term)
        for unit in found.resolved
        if unit.unit.field is Field.TEXT
        for sequence in unit.sequences
        for lookup in sequence
        for term in lookup.terms
    }


@few
@given(CORPORA, WORD | PHRASES)
def test_a_phrase_is_found_where_its_forms_stand_in_order(
    corpus: tuple[SmallArticle, ...], phrase: str
) -> None:
    leaf = phrase if phrase.startswith('"') else f'"{phrase}"'
    words, _, slop = leaf[1:].rpartition('"')
    expected = {
        (small.record.article_id, paragraph.number)
        for small in corpus
        for paragraph in small.paragraphs()
        if holds(paragraph.text, words, int(slop[1:] or 0))
    }
    with index_of_articles(*corpus) as index:
        assert places(index, leaf) == expected


def holds(text: str, words: str, slop: int) -> bool:
    """Whether a text has the forms of the words in order, found by trying every way."""
    there = {(form.position, form.text) for form in occurrences(text)}
    last = max((position for position, _ in there), default=-1)
    wanted = needs(words)
    offsets = sorted({need.offset for need in wanted})

    def fits(index: int, position: int, left: int) -> bool:
        asked = {need.text for need in wanted if need.offset == offsets[index]}
        if not all((position, form) in there for form in asked):
            return False
        if index == len(offsets) - 1:
            return True
        step = offsets[index + 1] - offsets[index]
        return any(fits(index + 1, position + step + gap, left - gap) for gap in range(left + 1))

    return any(fits(0, start, slop) for start in range(last + 1))


NEAR_WORDS = st.text(st.sampled_from("abc中я"), min_size=1, max_size=5)


@given(st.lists(NEAR_WORDS, min_size=1, max_size=12), NEAR_WORDS, st.sampled_from([1, 2]))
@example(["a"], "bc", 2)
@example(["abcя"], "acbя", 2)
def test_near_spellings_are_those_of_few_edits(words: list[str], word: str, distance: int) -> None:
    text = " ".join(words)
    forms = {form.text for form in occurrences(text)}
    *before, last = needs(word)
    there = {(form.position, form.text) for form in occurrences(text)}
    offset = last.offset
    expected = any(
        all((start + need.offset, need.text) in there for need in before)
        and any(
            edits(form, last.text) <= distance and (start + offset, form) in there for form in forms
        )
        for start in range(-offset, 60)
    )
    with index_of_articles(article("a", text)) as index:
        assert bool(places(index, f"{word}~{distance}")) == expected


@given(
    st.lists(st.sets(st.integers(0, 12), max_size=6), min_size=1, max_size=4),
    st.integers(0, 5),
)
def test_chains_are_the_tightest_from_each_start(found: list[set[int]], slop: int) -> None:
    positions = [(offset, sorted(places_)) for offset, places_ in enumerate(found)]
    chains = list(find_chains(positions, slop))
    assert [chain[0] for chain in chains] == [
        start for start in sorted(found[0]) if ends(found, start, slop)
    ]
    for chain in chains:
        assert all(place in places_ for place, places_ in zip(chain, found, strict=True))
        assert chain[-1] == min(ends(found, chain[0], slop))


def ends(found: list[set[int]], start: int, slop: int) -> set[int]:
    """Where chains that begin at start may end."""
    reached = {start}
    for places_ in found[1:]:
        reached = {place for place in places_ if any(place > other for other in reached)}
    return {end for end in reached if end - start - (len(found) - 1) <= slop}


# The history of an index


def ranking(
    index: PassageIndex, kept: Sequence[SmallArticle], query: str
) -> list[tuple[Place, float]]:
    with twin_index(index, kept) as opened:
        return [
            ((one.paragraph.article_id, one.paragraph.number), one.score)
            for one in opened.search(query, limit=100).passages
        ]


@few
@given(histories(WORDS, LANGUAGES), st.lists(LEAVES, min_size=1, max_size=3))
@example(SEGMENTED, ["patrol", "c"])
@example(SEGMENTED, ["pat*"])
@example(SEGMENTED, ['"the d"', "巡逻", "lang:en"])
@example(SEGMENTED, ["lang:en"])
@example(SEGMENTED, ["title:patrol"])
@example(SEGMENTED, ["NOT 2"])
def test_the_history_of_an_index_does_not_show(commits: list[Commit], leaves: list[str]) -> None:
    query = " ".join(leaves)
    index, kept = index_of_commits(commits)
    grown = ranking(index, kept, query)
    fresh = PassageIndex.in_memory()
    writer = fresh.writer()
    for small in reversed(kept):
        add_article(writer, small)
    writer.commit_with({})
    assert grown == ranking(fresh, kept, query)
    index.writer().commit_with({}, merge_all=True)
    assert len(index.segment_readers()) <= 1
    assert grown == ranking(index, kept, query)
    assert grown == sorted(grown, key=lambda row: (-row[1], row[0]))


def test_the_example_history_leaves_several_segments_and_deleted_passages() -> None:
    index, kept = index_of_commits(SEGMENTED)
    segments = [reader.segment() for reader in index.segment_readers()]
    assert len(segments) >= 2
    assert any(segment.deleted for segment in segments)
    assert [small.record.article_id for small in kept] == ["a", "c", "d"]


def test_deleted_passages_do_not_decide_which_words_a_pattern_stands_for() -> None:
    words = [f"w{number:04}" for number in range(1030)]
    often = article("often", *[" ".join(words[-10:])] * 3)
    index, _ = index_of_commits(
        [Commit((article("all", " ".join(words), *["filler"] * 40), often), ("often",))]
    )
    with Index.of(index) as opened:
        (passage,) = opened.search("w*", limit=5).passages
    lit = {passage.paragraph.text[start:end] for start, end in passage.matches}
    assert lit == set(words[:1024])


def test_a_pattern_stands_for_the_words_that_most_passages_hold() -> None:
    words = [f"w{number:04}" for number in range(1030)]
    often = [" ".join(words[-10:])] * 2
    titled = article("b", "filler", title="w in titles wx wy wz", headings=["wh"])
    with index_of_articles(article("a", " ".join(words), *often), titled) as index:
        passages = index.search("w*", limit=5).passages
    (lit,) = (
        {passage.paragraph.text[start:end] for start, end in passage.matches}
        for passage in passages
        if len(passage.paragraph.text) > 1_000
    )
    # Those that only stand in titles and headings are the first to go.
    assert lit == {*words[:1014], *words[-10:]}


@pytest.mark.parametrize("word", WORDS)
def test_every_word_of_these_tests_finds_itself(word: str) -> None:
    with index_of_articles(article("a", f"so {word} it")) as index:
        assert places(index, word) == {("a", 1)}
        assert places(index, f'"{word}"') == {("a", 1)}

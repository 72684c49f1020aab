"""Copies and the order of the best in C, against Python; nonsense raises."""

from __future__ import annotations

import sys
from array import array
from itertools import chain
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from indexer.storage.sketches import SketchTable
from indexer.text.analysis import SIMPLER_SIGNS, fold
from indexer.text.copies import LEAST_WORDS, are_copies, words_of
from search.backends.base import Place
from search.backends.local import totals_of
from search.backends.ranking import DEFAULT_RANKING, UnitCounts, UnitWeight
from search.backends.sharing import Rule, SharingKeys
from search.deadline import Deadline, SearchTimeoutError
from tests.edited import EDITS, WORDS, edited
from tests.kernels import IS_COMPILED, pages_of
from tests.passages import article
from tests.strategies import Commit, index_of_commits

if IS_COMPILED:
    from search.backends.kernels import compiled, native

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.storage.segment import SegmentView

pytestmark = pytest.mark.skipif(not IS_COMPILED, reason="no C compiler was here")

NO_END = Deadline(float("inf"))

# Texts

ASCII = "aStm dlve0123 .,'-_@#&+/\n\0"
PLAIN = st.text(f"{ASCII}’“\xa0…", max_size=60) | st.text(f"{ASCII}’“éßÆİŉśß", max_size=40)
ACCENTED = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x17F), max_size=40)
SENTENCE = " ".join(WORDS * 3)
NEAR = st.builds(
    lambda size, how, share, seed: edited(" ".join(WORDS[:size] * 3), how, share, Random(seed)),  # noqa: S311
    st.integers(2, 12),
    st.sampled_from(EDITS),
    st.sampled_from([0.05, 0.2, 0.4, 0.6]),
    st.integers(0, 1 << 20),
)
TEXTS = st.one_of(PLAIN, ACCENTED, NEAR, st.text(max_size=30), st.text(st.characters(), max_size=9))


#: Letters that are folded to one of ASCII or two.
LATIN = frozenset(
    char
    for char in map(chr, range(0xC0, 0x180))
    if char.isalpha() and fold(char).isascii() and len(fold(char)) <= 2
)


def is_plain(text: str) -> bool:
    others = {char for char in text if not char.isascii()} - SIMPLER_SIGNS.keys()
    joiners = sum(char in "'’‘.&@-_" for char in text)
    return len(text) <= 10_000 and (not others or (others <= LATIN and joiners <= 1_000))


@settings(max_examples=300)
@given(TEXTS, st.lists(TEXTS, max_size=4))
@example(SENTENCE, [SENTENCE.upper(), SENTENCE + " kettle" * 30, SENTENCE[:-9]])
@example("a b", ["a b", "a  b.", "a b c", "\ud800 a b", "a\0b", "A’s b"])
@example("x" * 10_000, ["x" * 10_000, "x" * 10_001, "“" * 10_000, "“" * 10_001])
def test_copies_are_those_of_python(text: str, others: list[str]) -> None:
    answers = compiled.are_copies(text, others)
    assert [one is not None for one in answers] == [
        is_plain(text) and is_plain(other) for other in others
    ]
    expected = [are_copies(words_of(text), words_of(other)) for other in others]
    assert [one for one in answers if one is not None] == [
        one for one, answer in zip(expected, answers, strict=True) if answer is not None
    ]


@settings(max_examples=300)
@given(PLAIN | ACCENTED)
@example("don't it's-a o'clock a't.b x't.. 1,000,000 2020,300 12,3456 a't_ a_'t 'S \"s 1't")
@example("1's,234 1,234's,567 0's123,456 9999,999 a've' b'll'll c're@ d'd- e'm. f'm.a")
@example("l'éte's l'été,s é's É'LL 1é,234 ça-et-là_é's Ærø’s ŉ ß'ss")
@example("é" + "-a" * 1_000 + "'s")
@example("é" + "-a" * 999 + "'s")
@example("1's,234 1,234,567 1234,567,890 123,4567 ,123 1,,234 1,23")
def test_words_are_those_of_python(text: str) -> None:
    """Of few words none differs, neither by what it is nor by where it stands."""
    words = words_of(text)
    if not is_plain(text):
        assert compiled.are_copies(text, [""]) == [None]
        return
    some = [words[at : at + LEAST_WORDS - 1] for at in range(0, len(words), LEAST_WORDS - 1)]
    assert compiled.are_copies(text, [" ".join(words)]) == [True]
    for few in some:
        assert all(word.isascii() for word in few)
        others = [" ".join(few), " ".join(few[1:]), " ".join([*few, "1"]), "".join(few)]
        assert compiled.are_copies(others[0], others) == [few == words_of(one) for one in others]


def test_what_is_plain_is_so_of_all_characters() -> None:
    texts = [f"a{chr(code)}b" for code in range(sys.maxunicode + 1)]
    plain = {text for text in texts if is_plain(text)}
    answers = compiled.are_copies("a b", texts)
    assert {text for text, one in zip(texts, answers, strict=True) if one is not None} == plain
    for text, answer in zip(texts, answers, strict=True):
        assert answer is None or answer == (words_of(text) == ["a", "b"])
    for letter in LATIN:
        folded = fold(letter)
        assert compiled.are_copies(f"a{letter} {letter}", [f"a{folded} {folded}", "a"]) == [
            True,
            False,
        ]


def test_texts_are_of_str() -> None:
    with pytest.raises(TypeError, match="a text is a str"):
        compiled.are_copies("a", [b"a"])  # type: ignore[list-item]


# Who shares keys

PHRASES = [" ".join(Random(seed).choices(WORDS, k=6)) for seed in range(5)]  # noqa: S311
LONG = st.lists(st.sampled_from(PHRASES), min_size=1, max_size=4).map(" ".join)
SHARED = st.one_of(LONG, LONG, st.sampled_from(["amber", "Amber!", "", "birch fjord"]))
HISTORIES = st.lists(
    st.tuples(
        st.lists(st.lists(SHARED, max_size=4), max_size=5),
        st.lists(st.integers(0, 9), max_size=2),
    ),
    min_size=1,
    max_size=3,
)
RULES = st.tuples(st.sampled_from([0, 1, 2, 8]), st.integers(0, 3), st.integers(0, 5))


def segments_of(history: list[tuple[list[list[str]], list[int]]]) -> Sequence[SegmentView]:
    commits, number = [], 0
    for added, deleted in history:
        articles = []
        for texts in added:
            articles.append(article(f"a{number}", *texts))
            number += 1
        gone = tuple(f"a{at}" for at in deleted if at < number - len(added))
        commits.append(Commit(tuple(articles), gone))
    index, _ = index_of_commits(commits)
    return index.segments()


@settings(max_examples=100)
@given(HISTORIES, RULES)
def test_who_shares_keys_is_as_in_python(
    history: list[tuple[list[list[str]], list[int]]], rule: Rule
) -> None:
    segments = segments_of(history)
    plain, in_c = SharingKeys(segments, rule), native.SharingKeys(segments, rule)
    places = [
        Place(number, doc)
        for number, segment in enumerate(segments)
        for doc, parent in enumerate(segment.parents)
        if doc != parent
    ]
    is_any_deleted = any(segment.deleted for segment in segments)
    shared = in_c.shared([(place, 1.0) for place in places], NO_END)
    for place in places:
        expected = plain.likely(place, NO_END)
        assert in_c.likely(place, NO_END) == expected
        # Who shares keys with deleted ones alone is not sure to be alone.
        assert (place in shared) == (expected is not None) or (is_any_deleted and place in shared)


def test_the_time_is_over_in_the_midst_of_many_holders() -> None:
    texts = ["All rights reserved."] * 5_000
    segments = segments_of([([texts[:3_000], texts[3_000:]], [])])
    keys = native.SharingKeys(segments, (8, 2, 64))
    with pytest.raises(SearchTimeoutError):
        keys.likely(Place(0, 1), Deadline(0))
    likely = keys.likely(Place(0, 1), NO_END)
    assert likely is not None
    assert len(likely[0]) == 4_999


NUMBERS = st.integers(0, 40) | st.integers(0, (1 << 32) - 1)


@settings(max_examples=150)
@given(
    st.lists(NUMBERS, max_size=24),
    st.lists(st.integers(0, 30), max_size=20),
    st.lists(NUMBERS, max_size=3),
    st.lists(st.integers(0, 9), min_size=8, max_size=8),
    st.booleans(),
    st.sampled_from(["I", "Q"]),
)
def test_arrays_that_make_no_sense_raise_or_name_passages_that_are_there(
    sketches: list[int],
    order: list[int],
    starts: list[int],
    parents: list[int],
    are_single: bool,  # noqa: FBT001
    code: str,
) -> None:
    def looked(_start: int, _end: int) -> None:
        """Nothing is damaged."""

    for deleted in (set[int](), {3, 99}):
        one = compiled.Sketches(
            (array(code, sketches), 1),
            (array("I", order), 100),
            (array("I", starts), 200),
            pages_of(bytearray(1), looked),
            array("I", parents),
            array("Q", [1 << 40, *parents[1:]]),
            deleted,
            are_single,
        )
        for segments in ((one,), (one, one), (None, one)):
            for doc in (-1, *range(9)):
                place = len(segments) - 1, doc
                try:
                    compiled.sharing_any(segments, [(place, 1.0)], bool)
                    likely = compiled.sharing(segments, *place, (8, 2, 64), bool)
                except (ValueError, IndexError):
                    continue
                for number, other in chain(*chain([likely[0]], likely[1])) if likely else ():
                    assert 0 <= number < len(segments)
                    assert 0 <= other < len(parents)
                    assert other not in deleted


def test_pages_are_looked_at_before_they_are_read() -> None:
    asked = []

    def look(start: int, end: int) -> None:
        asked.append((start, end))
        raise ValueError("damaged")

    parents = array("I", [0, 0, 2, 2])
    table = SketchTable()
    table.add(array("I", [1, 3]), array("I", [7, 2, 4, 6, 8, 2, 4, 6]))
    sketches, order, starts = table.arrays(parents).values()
    seen = bytearray(3)
    one = compiled.Sketches(
        *((sketches, 4096), (order, 8192), (starts, 0), pages_of(seen, look)),
        *(parents, array("I", [3] * 4), set(), False),
    )
    for page in range(3):
        with pytest.raises(ValueError, match="damaged"):
            compiled.sharing((one,), 0, 1, (8, 2, 64), bool)
        assert len(asked) == page + 1
        seen[page] = 1
    assert [start // 4096 for start, _ in asked] == [0, 1, 2]
    assert compiled.sharing((one,), 0, 1, (8, 2, 64), bool) == ([], [[(0, 3)]])
    for _ in range(40):
        compiled.sharing((one,), 0, 1, (8, 2, 64), bool)
    seen[:] = bytes(3)  # who asks so often has had all looked at
    assert compiled.sharing((one,), 0, 1, (8, 2, 64), bool) == ([], [[(0, 3)]])


# The best in their order

ARTICLES = st.lists(
    st.lists(st.sampled_from(["fog", "fog fog", "fog horn", "horn"]), min_size=1, max_size=3),
    min_size=1,
    max_size=9,
)


@settings(max_examples=150)
@given(ARTICLES, st.integers(0, 1 << 20), st.integers(0, 30))
def test_the_best_come_in_their_order(texts: list[list[str]], seed: int, wanted: int) -> None:
    names = Random(seed).sample(range(100), len(texts))  # noqa: S311
    articles = [article(f"a{name}", *own) for name, own in zip(names, texts, strict=True)]
    index, _ = index_of_commits([Commit(tuple(articles), ())])
    (segment,) = index.segments()
    postings = segment.postings("exact")
    assert postings is not None
    place = max(postings.find(b"fog"), 0)
    for reach in (None, wanted + 1):
        kernel = native.NativeKernel(segment, totals_of([segment]), DEFAULT_RANKING)
        counts, none = kernel.counted(postings, [place], None), kernel.added(())
        unit = UnitCounts(counts, none, none, none, in_text=True)
        scores = kernel.scores(kernel.passages(), [(unit, UnitWeight(1.0, 0.0))], NO_END)
        expected = sorted(
            scores.items(),
            key=lambda scored: (-scored[1], segment.article_id(segment.parents[scored[0]]), scored),
        )
        if reach is not None:
            scores.in_reach(reach, 0.0)
        # So few documents are looked up at once.
        assert scores.ordered(wanted) == expected[:wanted]
        best = scores.best(wanted)
        assert sorted(best) == sorted(expected[:wanted])


def test_ids_are_learnt_when_equal_scores_have_been_met_often() -> None:
    articles = [article(f"a{n:04}", "horn" if n % 500 else "fog") for n in range(1_200, 0, -1)]
    index, _ = index_of_commits([Commit(tuple(articles), ())])
    (segment,) = index.segments()
    postings = segment.postings("exact")
    assert postings is not None
    kernel = native.NativeKernel(segment, totals_of([segment]), DEFAULT_RANKING)
    counts = kernel.counted(postings, [postings.find(b"fog")], None)
    none = kernel.added(())
    unit = UnitCounts(counts, none, none, none, in_text=True), UnitWeight(1.0, 0.0)
    answers = [kernel.scores(counts, [unit], NO_END).ordered(2) for _ in range(6)]
    (first, score), (second, same) = answers[-1] or [(0, 0.0)] * 2
    assert answers.index(answers[-1]) > 0
    assert set(map(str, answers)) == {str(None), str(answers[-1])}
    assert score == same > 0
    assert [segment.article_id(segment.parents[doc]) for doc in (first, second)] == [
        "a0500",
        "a1000",
    ]

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.model import Span
from search.output.snippet import ELLIPSIS, GAP, Snippet, snippet
from search.output.wrapping import grapheme_spans

FERRY = (
    "The ferry left at dawn with nine passengers and a crate of lemons. Fog hid the far shore, "
    "so the mate sounded the horn every minute until the lighthouse answered. By noon the crate "
    "had been opened, the lemons shared, and the captain wrote a short note in the log about it."
)


def spans_of(text: str, *words: str) -> list[Span]:
    pattern = "|".join(map(re.escape, words))
    return [Span(*found.span()) for found in re.finditer(pattern, text)]


def shown_matches(cut: Snippet) -> list[str]:
    return [cut.text[start:end] for start, end in cut.matches]


@pytest.mark.parametrize(
    ("words", "width_chars", "expected"),
    [
        ((), 40, "The ferry left at dawn with nine…"),
        (("ferry",), 30, "The ferry left at dawn with…"),
        (("log",), 40, "…wrote a short note in the log about it."),
        (("horn",), 40, "…sounded the horn every minute until…"),
        (("lighthouse",), 12, "…lighthouse…"),
        (("lighthouse",), 11, "…lighthous…"),
        (
            ("dawn", "noon"),
            72,
            "…ferry left at dawn with nine passengers … answered. By noon the crate…",
        ),
        (
            ("crate", "horn", "lemons"),
            60,
            "…nine passengers and a crate of lemons. Fog hid the far…",
        ),
        (
            ("crate", "horn", "log"),
            96,
            GAP.join(
                [
                    "…passengers and a crate of lemons. Fog",
                    "sounded the horn every minute",
                    "in the log about it.",
                ]
            ),
        ),
        (("every minute until",), 20, "…every minute until…"),
        (("every minute until",), 16, "…every minute…"),
        (("horn",), 1, "…"),
        (("horn",), 3, "…h…"),
    ],
)
def test_long_paragraph_is_cut_between_words(
    words: tuple[str, ...], width_chars: int, expected: str
) -> None:
    cut = snippet(FERRY, spans_of(FERRY, *words) if words else [], width_chars=width_chars)
    assert cut.text == expected


def test_paragraph_that_fits_is_whole() -> None:
    matches = spans_of(FERRY, "crate", "lemons")
    whole = Snippet(FERRY, tuple(matches), (Span(0, len(FERRY)),))
    assert snippet(FERRY, matches, width_chars=len(FERRY)) == whole


def test_all_matches_shown_are_marked() -> None:
    cut = snippet(FERRY, spans_of(FERRY, "crate", "lemons"), width_chars=64)
    assert shown_matches(cut) == ["crate", "lemons"]


def test_different_words_come_before_repeated_ones() -> None:
    text = "salt salt salt salt " + "and then some more of it " * 4 + "pepper salt"
    cut = snippet(text, spans_of(text, "salt", "pepper"), width_chars=24)
    assert shown_matches(cut) == ["pepper", "salt"]


def test_empty_paragraph() -> None:
    assert snippet("", [], width_chars=1) == Snippet("", (), ())


def test_width_below_one_is_a_bug_of_the_caller() -> None:
    with pytest.raises(ValueError, match=r"^width_chars must be at least 1, got 0$"):
        snippet("a", [], width_chars=0)


def test_chinese_is_cut_between_characters() -> None:
    text = "居民每晚沿着港口的道路巡逻，并且说没有人接听的热线比没有热线更糟糕。"
    cut = snippet(text, spans_of(text, "热线"), width_chars=12)
    assert cut.text == "…的热线比没有热线更糟…"
    assert shown_matches(cut) == ["热线", "热线"]


def test_ellipses_of_the_paragraph_itself_are_kept() -> None:
    text = "Well … perhaps … or perhaps not … said the mate …"
    cut = snippet(text, spans_of(text, "not"), width_chars=20)
    assert cut.text == "…perhaps not … said…"


WORDS = st.sampled_from(
    [
        "a",
        "oar",
        "sail",
        "anchor",
        "e\u0301te\u0301",
        "船",
        "港口",
        "👩\u200d🚀",
        "🇳🇴🇸🇪",
        "…",
        "lighthouse,",
    ]
)
GAPS = st.sampled_from([" ", " ", " ", "  ", "\n", ""])


@st.composite
def marked_texts(draw: st.DrawFn) -> tuple[str, list[Span]]:
    text = "".join(word + draw(GAPS) for word in draw(st.lists(WORDS, max_size=40)))
    ends = draw(st.lists(st.integers(0, len(text)), max_size=12, unique=True).map(sorted))
    return text, [Span(*ends[at : at + 2]) for at in range(0, len(ends) - 1, 2)]


@given(marked_texts(), st.integers(1, 80))
def test_fits_its_width_and_is_made_of_the_paragraph(
    marked: tuple[str, list[Span]], width_chars: int
) -> None:
    text, matches = marked
    cut = snippet(text, matches, width_chars=width_chars)
    assert len(cut.text) <= width_chars
    if len(text) <= width_chars:
        assert cut.text == text
    elif cut.stretches:
        pieces = [text[start:end] for start, end in cut.stretches]
        before, after = text[: cut.stretches[0].start], text[cut.stretches[-1].end :]
        lead = ELLIPSIS if before.strip() else ""
        trail = ELLIPSIS if after.strip() else ""
        assert cut.text == lead + GAP.join(pieces) + trail
        assert all(left.end < right.start for left, right in pairwise(cut.stretches))
    else:
        assert cut.text == ELLIPSIS


@given(marked_texts(), st.integers(1, 80))
def test_matches_say_what_the_paragraph_says(
    marked: tuple[str, list[Span]], width_chars: int
) -> None:
    text, matches = marked
    cut = snippet(text, matches, width_chars=width_chars)
    expected = [
        text[max(match.start, stretch.start) : min(match.end, stretch.end)]
        for stretch in cut.stretches
        for match in matches
        if match.start < stretch.end and match.end > stretch.start
    ]
    assert shown_matches(cut) == expected
    assert all(left.end <= right.start for left, right in pairwise(cut.matches))


@given(marked_texts(), st.integers(1, 80))
def test_no_character_is_cut(marked: tuple[str, list[Span]], width_chars: int) -> None:
    text, matches = marked
    ends = {0, *(grapheme.end for grapheme in grapheme_spans(text))}
    for stretch in snippet(text, matches, width_chars=width_chars).stretches:
        assert set(stretch) <= ends


@given(
    st.lists(st.sampled_from(["bow", "stern", "keel", "mast", "rope"]), min_size=1, max_size=60),
    st.sets(st.sampled_from(["bow", "stern", "keel"]), min_size=1),
    st.integers(9, 90),
)
def test_shows_as_many_different_words_as_any_one_stretch(
    words: list[str], asked: set[str], width_chars: int
) -> None:
    text = " ".join(words)
    cut = snippet(text, spans_of(text, *asked), width_chars=width_chars)
    most = 0
    for first in range(len(words)):
        for last in range(first, len(words)):
            stretch = " ".join(words[first : last + 1])
            room = width_chars - (first > 0) - (last < len(words) - 1)
            if len(stretch) <= room:
                most = max(most, len(asked.intersection(words[first : last + 1])))
    assert len(set(shown_matches(cut))) >= most
    assert set(re.findall(r"\w+", cut.text)) <= set(words)

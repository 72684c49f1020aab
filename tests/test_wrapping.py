from __future__ import annotations

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.output.wrapping import display_width, grapheme_spans, piece_spans, wrap_spans


def wrapped(text: str, width_columns: int | None) -> list[str]:
    return [text[start:end] for start, end in wrap_spans(text, width_columns=width_columns)]


@pytest.mark.parametrize(
    ("text", "graphemes"),
    [
        ("", []),
        ("ab", ["a", "b"]),
        ("a\r\nb", ["a", "\r\n", "b"]),
        ("e\u0301e", ["e\u0301", "e"]),
        ("🇳🇴🇸🇪!", ["🇳🇴", "🇸🇪", "!"]),
        ("👩\u200d🚀👍🏽", ["👩\u200d🚀", "👍🏽"]),
        ("\u1112\u1161\u11ab\u1112", ["\u1112\u1161\u11ab", "\u1112"]),
    ],
)
def test_graphemes(text: str, graphemes: list[str]) -> None:
    assert [text[start:end] for start, end in grapheme_spans(text)] == graphemes


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", []),
        (" one  two,\nthree ", ["one", "two,", "three"]),
        ("10\u00a0km away", ["10\u00a0km", "away"]),
        ("港口巡逻。", ["港", "口", "巡", "逻。"]),
        ("（港口）", ["（港", "口）"]),
        ("see港口now", ["see", "港", "口", "now"]),
        ("항구 순찰", ["항구", "순찰"]),
        ("long\u200bword", ["long", "word"]),
    ],
)
def test_pieces(text: str, pieces: list[str]) -> None:
    assert [text[start:end] for start, end in piece_spans(text)] == pieces


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("abc", 3),
        ("é", 1),
        ("e\u0301", 1),
        ("港口", 4),
        ("ａ", 2),
        ("👩\u200d🚀", 2),
        ("👍🏽", 2),
        ("항", 2),
        ("\u200b", 0),
    ],
)
def test_display_width(text: str, columns: int) -> None:
    assert display_width(text) == columns


@pytest.mark.parametrize(
    ("text", "width_columns", "lines"),
    [
        ("", 8, [""]),
        ("one two three", None, ["one two three"]),
        ("one two three", 13, ["one two three"]),
        ("one two three", 12, ["one two", "three"]),
        ("one unbreakable two", 5, ["one", "unbreakable", "two"]),
        ("one\ntwo three", 5, ["one", "two", "three"]),
        ("one\n\ntwo", 5, ["one", "", "two"]),
        ("    if tired:\n        rest()", 14, ["    if tired:", "        rest()"]),
        ("    if tired: rest()", 14, ["    if tired:", "rest()"]),
        ("港口巡逻。", 5, ["港口", "巡", "逻。"]),
        ("e\u0301e\u0301 e\u0301e\u0301", 5, ["e\u0301e\u0301 e\u0301e\u0301"]),
    ],
)
def test_wrapping(text: str, width_columns: int | None, lines: list[str]) -> None:
    assert wrapped(text, width_columns) == lines


@given(st.text(alphabet="ab港。（\u0301 \n", max_size=60), st.integers(1, 20))
def test_lines_fit_and_lose_only_white_space(text: str, width_columns: int) -> None:
    lines = wrapped(text, width_columns)
    assert "".join("".join(lines).split()) == "".join(text.split())
    for line in lines:
        assert display_width(line) <= width_columns or len(piece_spans(line)) == 1


@given(st.text(max_size=60))
def test_graphemes_cover_the_text_and_start_no_combining_mark(text: str) -> None:
    spans = grapheme_spans(text)
    assert "".join(text[start:end] for start, end in spans) == text
    assert all(left.end == right.start for left, right in pairwise(spans))
    assert not any(unicodedata.combining(text[span.start]) for span in spans[1:])

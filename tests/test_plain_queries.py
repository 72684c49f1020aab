"""Texts of plain words, which are read without lexer and parser: the same comes of them."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from search.query.faults import MAX_LEAVES, Fault
from search.query.grouping import grouped
from search.query.plain import plain_query
from search.query.tree import And, Phrase, Prefix, Query, Ranked, Term, leaves

# What is plain, what is nearly so, and what else stands in queries.
PIECES = st.sampled_from(
    [
        *("fog", "Fog", "HORN", "x1", "ß", "É", "日本", "²", "and", "NEARER", "ca*", "Ca*"),
        *("AND", "OR", "NOT", "NEAR", "ARTICLE", "*", '"', '"fog horn"', '"AND"', '" x  y "', '""'),
        *("\t", "_", "-", "+", "fo*g", "title:fog", "fog.", "What?", "(", ")", "fog~", "fog^2"),
    ]
)
TEXTS = st.lists(st.tuples(PIECES, st.sampled_from(["", " ", " ", "  "]))).map(
    lambda pieces: "".join(piece + space for piece, space in pieces)
)


@given(TEXTS, st.booleans())
@example("fog AND horn OR bell", False)
@example("FOG AND HORN", False)
@example('"fog""horn"', False)
def test_what_is_read_as_plain_is_read_alike_in_full(text: str, all_words: bool) -> None:  # noqa: FBT001
    plain = plain_query(text, all_words=all_words)
    if plain is None:
        return
    faults: list[Fault] = []
    full = grouped(text, faults, is_cut=False, all_words=all_words)
    assert (plain, faults) == (full, [])
    assert [leaf.span for leaf in leaves(plain)] == [leaf.span for leaf in leaves(full)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fog", Term("fog")),
        ("fog horn", Ranked((Term("fog"), Term("horn")))),
        ("fog AND horn AND bell", And((Term("fog"), Term("horn"), Term("bell")))),
        ('"fog  horn"', Phrase("fog horn")),
        ('fog* "AND"', Ranked((Prefix("fog"), Phrase("AND")))),
    ],
)
def test_most_queries_are_read_as_plain(text: str, expected: Query) -> None:
    assert plain_query(text, all_words=False) == expected


def test_what_has_more_words_than_a_query_may_have_is_not_plain() -> None:
    assert plain_query("fog " * MAX_LEAVES, all_words=False) is not None
    assert plain_query("fog " * (MAX_LEAVES + 1), all_words=False) is None

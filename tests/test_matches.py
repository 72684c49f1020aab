"""What is highlighted: shortcuts of the search for matches, against the tokenizer they go round."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from indexer.model import Span
from indexer.text.analysis import _SIMPLER, FormKind, encoded, shape_of, stemmer, tokenize
from search.matches import Marker, MatchFinder
from search.plan import Element, Form, Lookup, Resolved, Unit
from search.query.spelling import Field
from search.stretches import _KEEPING_HEADS, _head_of_stem

_ASCII = "abC1 _+#@.&-',$/(!;%\"\n"


@given(st.text(st.sampled_from([*_ASCII, *map(chr, _SIMPLER)]), max_size=12))
def test_what_is_made_simpler_is_cut_alike(text: str) -> None:
    assert list(tokenize(text)) == list(tokenize(text.translate(_SIMPLER)))


@given(st.text(st.sampled_from("abzABZ019"), min_size=1))
def test_a_plain_word_has_one_form(token: str) -> None:
    shape = shape_of(token)
    assert shape.width == 1
    assert shape.forms == ((0, token.lower(), 0, len(token), FormKind.WORD),)


@given(st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyz0123456789"), min_size=1))
@example("dying")
@example("y")
@example("hoping")
@example("skies")
@example("reachability")
@example("conditionally")
def test_the_stemmer_that_is_trusted_changes_few_letters(word: str) -> None:
    head = _head_of_stem(stemmer(_KEEPING_HEADS)(word))
    assert head
    assert word.startswith(head)


@given(
    st.lists(st.text(st.sampled_from(_ASCII), max_size=6), max_size=12).map(" ".join),
    st.lists(
        st.tuples(
            st.sampled_from(["a", "ab", "abc", "1", "11", "111", "a'b", "a.b", "c#", "@a", "_1"]),
            st.sampled_from(Form),
            st.integers(0, 1),
        ),
        min_size=1,
        max_size=3,
    ),
    st.integers(0, 2),
)
@example("x 111,111 a", [("111111", Form.EXACT, 0)], 0)
@example("2020,111 1,111", [("111", Form.EXACT, 0), ("1111", Form.STEM, 1)], 1)
@example("a -- ab , a", [("a", Form.EXACT, 0), ("ab", Form.EXACT, 1)], 0)
def test_nothing_stands_outside_of_the_stretches_that_are_looked_at(
    text: str, asked: list[tuple[str, Form, int]], slop: int
) -> None:
    lookups = [
        Lookup(offset, form, (encoded(word if form is Form.EXACT else f"en:{word}"),))
        for word, form, offset in asked
    ]
    in_order = tuple(sorted(lookups, key=lambda one: one.offset))
    apart = tuple((lookup,) for lookup in lookups)
    elements = tuple((Element(one.offset, one.form, ""),) for one in lookups)
    for resolved in [
        Resolved(Unit("", Field.TEXT, (), slop), (in_order,)),
        Resolved(Unit("", Field.TEXT, ()), apart),
        Resolved(Unit("", Field.TEXT, (), slop), (in_order, *apart)),
        Resolved(
            Unit("", Field.TEXT, (), slop, near=((elements[0],), elements)),
            (),
            near=((apart[0],), apart),
        ),
    ]:
        finder = MatchFinder([resolved])
        found = finder.find(text, "en")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(finder, "_stretches", Whole())
            assert found == finder.find(text, "en")


class Whole:
    """Every text is one stretch."""

    @staticmethod
    def of(text: str, _language: str, _spend: object) -> list[tuple[int, int]]:
        return [(0, len(text))]


FERRY = Resolved(Unit("", Field.TEXT, ()), ((Lookup(0, Form.EXACT, (b"ferry",)),),))


def test_the_time_of_a_search_is_not_that_between_it_and_a_look_at_its_page() -> None:
    marker = Marker(lambda: [FERRY])
    marker.allow(0.2)
    time.sleep(0.3)
    assert marker.find("A ferry.", "en") == (Span(2, 7),)


@pytest.mark.parametrize(("units", "found"), [(1, (Span(2, 7),)), (1_001, ())])
def test_few_matches_are_found_though_the_search_has_no_time_left(
    units: int, found: tuple[Span, ...]
) -> None:
    marker = Marker(lambda: [FERRY] * units)
    marker.allow(0.0)
    assert marker.find("A ferry.", "en") == found


def test_matches_that_are_too_many_for_the_time_are_left_out() -> None:
    marker = Marker(lambda: [FERRY])
    marker.allow(1e-9)
    assert marker.find("ferry " * 1_000_000, "en") == ()

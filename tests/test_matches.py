"""What is highlighted: shortcuts of the search for matches, against the tokenizer they go round."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from indexer.text.analysis import FormKind, shape_of, stemmer, tokenize
from search.matches import _KEEPING_FIRST, _SIMPLER

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
def test_the_stemmer_that_is_trusted_keeps_first_letters(word: str) -> None:
    assert stemmer(_KEEPING_FIRST)(word)[:1] == word[0]

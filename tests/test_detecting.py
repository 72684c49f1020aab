"""Many texts ranked at once, as the detector ranks each."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import py3langid
import pytest
from hypothesis import given
from hypothesis import strategies as st
from py3langid import langid

from indexer.text.detecting import Tables
from indexer.text.language import LANGUAGES
from tests.test_languages import PARAGRAPHS

if TYPE_CHECKING:
    from collections.abc import Sequence

PIECES = [word for texts in PARAGRAPHS.values() for text in texts for word in text.split()]
TEXTS = st.lists(
    st.sampled_from(PIECES) | st.text(st.characters(exclude_categories=()), max_size=5), max_size=12
).map(" ".join)


@pytest.fixture(scope="module")
def tables() -> Tables:
    py3langid.set_languages(LANGUAGES)
    return Tables(langid.IDENTIFIER, LANGUAGES)


@given(st.lists(TEXTS, max_size=5))
def test_many_texts_score_as_each_does(tables: Tables, texts: Sequence[str]) -> None:
    found = tables.scores(texts)
    assert found.shape == (len(texts), len(LANGUAGES))
    for row, text in zip(found.tolist(), texts, strict=True):
        ranked = py3langid.rank(text)
        likelihoods = {language: score - ranked[0][1] for language, score in ranked}
        assert row == pytest.approx([likelihoods[one] for one in LANGUAGES], abs=0.01)


def test_what_is_known_beforehand_counts(tables: Tables) -> None:
    texts = [texts[0] for texts in PARAGRAPHS.values()]
    nothing = [0.0] * len(LANGUAGES)
    assert tables.likeliest(texts, nothing) == list(PARAGRAPHS)
    certain = [0.0 if language == "it" else -1e9 for language in LANGUAGES]
    assert tables.likeliest(texts, certain) == ["it"] * len(texts)


@pytest.mark.parametrize("name", ["tk_row", "tk_output", "nb_ptc", "rank"])
def test_other_tables_are_refused(tables: Tables, name: str) -> None:
    assert tables
    ours = langid.IDENTIFIER
    names = ("tk_nextmove", "tk_row", "tk_output", "nb_ptc", "nb_pc", "nb_classes", "rank")
    other = SimpleNamespace(**{one: getattr(ours, one) for one in names if one != name})
    with pytest.raises(ValueError, match=r"\Athe detector has other tables\Z"):
        Tables(other, LANGUAGES)
    other = SimpleNamespace(**{one: getattr(ours, one) for one in names})
    other.nb_pc = np.arange(len(ours.nb_pc), dtype=np.float32)
    with pytest.raises(ValueError, match=r"\Athe detector scores in another way\Z"):
        Tables(other, LANGUAGES)

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

from indexer.text import in_c
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
    return Tables.of(langid.IDENTIFIER, LANGUAGES)


@pytest.mark.skipif(in_c.walking is None, reason="it is not compiled here")
@given(st.lists(TEXTS, max_size=5))
def test_texts_are_walked_in_c_as_by_numpy(tables: Tables, texts: Sequence[str]) -> None:
    found = tables.scores(texts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(in_c, "walking", None)
        expected = tables.scores(texts)
    assert found.tobytes() == expected.tobytes()


@pytest.mark.skipif(in_c.walking is None, reason="it is not compiled here")
@given(st.lists(st.lists(st.sampled_from("abc"), max_size=600).map("".join), max_size=3), st.data())
def test_any_tables_score_in_c_as_by_numpy(texts: Sequence[str], data: st.DataObject) -> None:
    # As many features as a text can come by, so that sums of all lengths are made.
    states, classes = data.draw(st.integers(1, 400)), data.draw(st.integers(1, 5))
    random = np.random.default_rng(data.draw(st.integers(0, 99)))
    any_tables = Tables.__new__(Tables)
    any_tables.__dict__ |= {
        "_languages": ["xx"] * classes,
        "_starts": np.arange(classes),
        "_next": random.integers(0, states, 256 * states).astype(np.uint32),
        "_rows": np.arange(states, dtype=np.uint32) << np.uint32(8),
        "_features": random.integers(-1, states, states).astype(np.int32),
        "_weights": random.normal(size=(states, classes)).astype(np.float32),
        "_biases": random.normal(size=classes).astype(np.float32),
    }
    found = any_tables.scores(texts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(in_c, "walking", None)
        assert found.tobytes() == any_tables.scores(texts).tobytes()


@pytest.mark.skipif(in_c.walking is None, reason="it is not compiled here")
def test_tables_that_do_not_fit_are_refused() -> None:
    assert in_c.walking is not None
    following = np.zeros(256, np.uint16)
    following[ord("a")] = 1
    whole = np.zeros(2, np.int64)
    features = np.array([-1, 0])
    logs = np.array([0, 1, 3], np.float32)
    weights, biases = np.array([2, 5], np.float32), np.array([0.5, 0.25], np.float32)
    scores = in_c.walking.scores
    found = scores([b"xaxa", b"", b"a"], following, whole, features, logs, weights, biases)
    expected = [[6.5, 15.25], [0, 0], [2.5, 5.25]]
    assert np.frombuffer(found, np.float32).reshape(-1, 2).tolist() == expected
    for rows, of_states in (
        (whole[:1], features),
        (np.array([0, 1]), features),
        (np.array([-1, 0]), features),
        (whole, features[:1]),
    ):
        with pytest.raises(ValueError, match=r"\Athe tables lead nowhere\Z"):
            scores([b"a\xff"], following, rows, of_states, logs, weights, biases)
    for all_logs, all_weights, all_biases, why in (
        (logs[:2], weights, biases, "there are too few logarithms"),
        (logs, weights[:1], biases, "weights and biases do not fit each other"),
        (logs, weights, biases[:0], "weights and biases do not fit each other"),
        (logs, weights, np.zeros(257, np.float32), "weights and biases do not fit each other"),
        (logs.astype(np.float64), weights, biases, "rows of float32 are wanted"),
    ):
        with pytest.raises(ValueError, match=rf"\A{why}\Z"):
            scores([b"aa"], following, whole, features, all_logs, all_weights, all_biases)


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
        Tables.of(other, LANGUAGES)
    other = SimpleNamespace(**{one: getattr(ours, one) for one in names})
    other.nb_pc = np.arange(len(ours.nb_pc), dtype=np.float32)
    with pytest.raises(ValueError, match=r"\Athe detector scores in another way\Z"):
        Tables.of(other, LANGUAGES)

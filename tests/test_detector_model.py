"""The detector's model as the package keeps it is that of the detector, or is not taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import py3langid
import pytest
from hypothesis import given
from hypothesis import strategies as st
from py3langid import langid

from indexer.text import model as model_module
from indexer.text.detecting import Tables
from indexer.text.language import LANGUAGES, keep_model
from indexer.text.model import MODEL, Model, model_of, read_model, write_model
from tests.test_languages import PARAGRAPHS

if TYPE_CHECKING:
    from pathlib import Path

TEXTS = [text for texts in PARAGRAPHS.values() for text in texts]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "model.npz"
    py3langid.set_languages(LANGUAGES)
    keep_model(path)
    return path


def are_equal(one: Model, other: Model) -> bool:
    columns: zip[tuple[Any, Any]] = zip(one, other, strict=True)
    return all(np.array_equal(mine, theirs) for mine, theirs in columns)


def test_the_file_has_the_tables_of_the_detector(kept: Path) -> None:
    model = read_model(kept)
    assert model is not None
    own = Tables(model, LANGUAGES).scores(TEXTS)
    assert own.tobytes() == Tables.of(langid.IDENTIFIER, LANGUAGES).scores(TEXTS).tobytes()
    assert set(model.classes) == set(LANGUAGES)


@pytest.mark.skipif(not MODEL.exists(), reason="it is not made here")
def test_the_file_of_the_package_is_that_of_the_detector_here(kept: Path) -> None:
    one, other = read_model(), read_model(kept)
    assert one is not None
    assert other is not None
    assert are_equal(one, other)


def test_a_file_of_another_detector_is_not_taken(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_module, "_FILES", ("langid.py",))
    assert read_model(kept) is None


def test_a_file_that_is_missing_or_damaged_is_not_taken(kept: Path, tmp_path: Path) -> None:
    assert read_model(tmp_path / "model.npz") is None
    raw = kept.read_bytes()
    for place in range(0, len(raw), len(raw) // 40):
        damaged = tmp_path / "damaged.npz"
        damaged.write_bytes(raw[:place])
        assert read_model(damaged) is None
    # Some bytes count for nothing; what is read is what was written.
    whole = read_model(kept)
    assert whole is not None
    for place in range(0, len(raw), len(raw) // 20):
        damaged.write_bytes(raw[:place] + bytes([raw[place] ^ 0x55]) + raw[place + 1 :])
        found = read_model(damaged)
        assert found is None or are_equal(found, whole)


def small_model(strings: list[bytes]) -> Model:
    """What Aho and Corasick make of byte strings, state by state."""
    prefixes = {text[:end] for text in [b"", *strings] for end in range(len(text) + 1)}
    states = sorted(prefixes, key=lambda state: (len(state), state))
    following = np.zeros((len(states), 256), np.uint32)
    for row, state in zip(following, states, strict=True):
        for byte in range(256):
            longest = state + bytes([byte])
            while longest not in states:
                longest = longest[1:]
            row[byte] = states.index(longest)
    rows = np.arange(len(states), dtype=np.uint32) * np.uint32(256)
    features = np.arange(len(states), dtype=np.int32) - 1
    weights = np.arange(3 * len(states), dtype=np.float16).reshape(-1, 3)
    return Model(
        following.reshape(-1), rows, features, weights, np.ones(3, np.float32), ["a", "b", "a"]
    )


@given(strings=st.lists(st.binary(max_size=4), max_size=6))
def test_any_automaton_is_what_follows_from_its_tree(
    strings: list[bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("any") / "model.npz"
    model = small_model(strings)
    write_model(path, model, {"a"})
    found = read_model(path)
    assert found is not None
    every = np.arange(256, dtype=np.uint32)
    assert np.array_equal(
        found.following[found.rows[:, None] + every], model.following[model.rows[:, None] + every]
    )
    assert found.features.tolist() == model.features.tolist()
    assert found.weights.tolist() == model.weights[:, [0, 2]].tolist()
    assert found.classes == ["a", "a"]


def test_an_automaton_of_another_kind_is_refused(tmp_path: Path) -> None:
    model = small_model([b"ab", b"b"])
    assert model.following[256 + ord("b")] == 3
    model.following[256 + ord("b")] = 2
    with pytest.raises(ValueError, match=r"\Athe automaton is of another kind\Z"):
        write_model(tmp_path / "model.npz", model, {"a"})
    assert not list(tmp_path.iterdir())


def test_tables_without_a_language_are_refused(kept: Path) -> None:
    model = read_model(kept)
    assert model is not None
    with pytest.raises(ValueError, match=r"\Athe detector knows other languages\Z"):
        Tables(model, [*LANGUAGES, "xx"])


def test_trees_without_a_root_are_refused(kept: Path) -> None:
    model = read_model(kept)
    assert model is not None
    with pytest.raises(ValueError, match=r"\Athe tree has no root\Z"):
        model_module._automaton(np.array([0, 2, 1]), np.zeros(3, np.uint8))
    assert model_of(langid.IDENTIFIER).classes == list(langid.IDENTIFIER.nb_classes)

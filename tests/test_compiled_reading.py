"""What is in C for reading does what its Python does, where it is compiled."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING
from unicodedata import is_normalized

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.readers import cleaning, encoding
from indexer.readers.fields import clean
from indexer.storage import plain
from indexer.text.blanks import single_blanks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    _Doubtful = Callable[[Sequence[str]], Sequence[int]]

IS_COMPILED = {
    name: find_spec(name) is not None
    for name in ("indexer.readers.scanning", "indexer.storage.passages")
}
DOUBTFUL = list(dict.fromkeys([cleaning.looked_through, cleaning.doubtful]))
STORED = list(dict.fromkeys([plain.encoded_one_by_one, plain.stored]))


def test_what_is_compiled_is_used() -> None:
    assert [len(DOUBTFUL) == 2, len(STORED) == 2] == [*IS_COMPILED.values()]


def is_clean(text: str) -> bool:
    return clean(single_blanks(text)) == text


SIGNS = st.sampled_from("a b  \t\n\x85\xa0\u2028\u3000é\u0301\u212b\u1100\u1161霧“\ud800\U0001f600")
TEXTS = st.text(SIGNS | st.characters(), max_size=40)


@pytest.mark.parametrize("doubtful", DOUBTFUL)
@given(texts=st.lists(TEXTS, max_size=8))
def test_no_text_is_passed_over_that_is_not_clean(doubtful: _Doubtful, texts: list[str]) -> None:
    found = doubtful(texts)
    assert list(found) == sorted(set(found))
    assert {at for at, text in enumerate(texts) if not is_clean(text)} <= {*found}
    expected = [at for at, text in enumerate(texts) if not is_clean(text)]
    assert cleaning.unclean(texts) == expected


@pytest.mark.parametrize("doubtful", DOUBTFUL)
def test_every_character_is_known(doubtful: _Doubtful) -> None:
    texts = [
        text
        for code in range(sys.maxunicode + 1)
        for text in (f"e{chr(code)}", f"{chr(code)}\u0301")
    ]
    # Each by itself, or one that is not clean would have all looked at.
    passed = {*range(len(texts))} - {*doubtful(texts)}
    assert all(is_clean(texts[at]) for at in passed)


@pytest.mark.parametrize("doubtful", DOUBTFUL)
@given(st.text("ab \t“", max_size=30))
def test_blanks_are_seen_wherever_they_are(doubtful: _Doubtful, text: str) -> None:
    assert bool(doubtful([text])) == (single_blanks(text) != text)


@given(TEXTS, st.binary(max_size=12))
def test_what_is_settled_is_utf_8_in_nfc(text: str, data: bytes) -> None:
    raw = text.encode("utf-8", "surrogatepass")
    for one in (raw, raw[:-1], data, raw + data, data + raw):
        if encoding.is_settled(one):
            assert is_normalized("NFC", one.decode())


def test_common_texts_are_settled_where_it_is_compiled() -> None:
    raw = "“Fog” über dem Hafen – 霧の港, туман\r\n\xa0…\u3000\U0001f6a2\t".encode()
    assert encoding.is_settled(raw) == IS_COMPILED["indexer.readers.scanning"]
    assert all(encoding.is_settled(b"x" * size) for size in range(20))
    for code in range(sys.maxunicode + 1):
        raw = f"e{chr(code)}\u00e9".encode("utf-8", "surrogatepass")
        if encoding.is_settled(raw):
            assert is_normalized("NFC", raw.decode())


@pytest.mark.parametrize("stored", STORED)
@given(
    st.lists(
        st.tuples(
            st.integers(1, 2**62),
            st.text(max_size=90).map(lambda text: single_blanks(clean(text))),
            st.integers(1, 30),
        ),
        max_size=6,
    )
)
def test_paragraphs_are_stored_alike(
    stored: Callable[..., list[bytes]], rows: list[tuple[int, str, int]]
) -> None:
    lines = [line for line, _, _ in rows]
    texts = ["·".join([text] * times) for _, text, times in rows]
    texts = [clean(text) for text in texts]
    assert stored(lines, texts) == plain.encoded_one_by_one(lines, texts)


@pytest.mark.parametrize("stored", STORED)
def test_paragraphs_of_all_sizes_are_stored_alike(stored: Callable[..., list[bytes]]) -> None:
    texts = ["x" * size for size in range(300)]
    lines = range(1, 301)
    assert stored(lines, texts) == plain.encoded_one_by_one(lines, texts)


@pytest.mark.parametrize("stored", STORED)
def test_what_is_no_clean_text_is_refused(stored: Callable[..., list[bytes]]) -> None:
    with pytest.raises(UnicodeEncodeError):
        stored([1], ["\ud800"])
    with pytest.raises(ValueError, match=r"text|zip"):
        stored([1, 2], ["one"])
    assert stored([], []) == []


@pytest.mark.parametrize("doubtful", DOUBTFUL[1:])
def test_what_is_no_text_is_not_looked_through(doubtful: Callable[[object], object]) -> None:
    for bad in ([b"bytes"], [1], 5, [None]):
        with pytest.raises(TypeError):
            doubtful(bad)
    assert doubtful([]) == []


@pytest.mark.parametrize("stored", STORED[1:])
def test_what_is_no_text_is_not_stored(stored: Callable[..., list[bytes]]) -> None:
    calls: list[tuple[object, ...]] = [
        ([1], [b"bytes"]),
        (["1"], ["one"]),
        ([1], 5),
        (5, ["one"]),
        ([],),
    ]
    for bad in calls:
        with pytest.raises(TypeError):
            stored(*bad)
    with pytest.raises(OverflowError):
        stored([2**63], ["one"])

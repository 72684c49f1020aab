"""Stop words counted text by text and by numpy: the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import example, given
from hypothesis import strategies as st

from indexer.text import language
from indexer.text.counting import StopWordCounter
from indexer.text.language import LanguageJudge
from indexer.text.stopwords import stop_words_of
from tests.test_languages import PARAGRAPHS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

WORDS = ["the", "The", "of", "und", "où", "OÙ", "не", "être", "9", "_", "\n", "社", "x" * 17]
TEXTS = st.lists(
    st.sampled_from(WORDS) | st.text(st.characters(exclude_categories=()), max_size=3), max_size=12
).flatmap(lambda words: st.sampled_from(["", " ", "'"]).map(lambda between: between.join(words)))


@given(st.lists(TEXTS, max_size=6))
@example(["the of", "", "où THE", "x" * 99])
def test_stop_words_are_counted_alike_one_by_one_and_together(texts: Sequence[str]) -> None:
    found = StopWordCounter().count(texts)
    assert len(found) == len(texts)
    for one, text in zip(found, texts, strict=True):
        expected = stop_words_of(text)
        if expected.number == expected.second:  # any of several is the best
            expected = expected._replace(best=one.best)
        assert one == expected


def test_many_texts_are_judged_like_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop words are counted by numpy where there are many; the decisions are the same."""
    others = [" ".join(PARAGRAPHS[code]) for code in ("es", "de", "ru", "zh")]
    texts = [*PARAGRAPHS["en"] * 4, *others, "Gauss-Seidel", "42", ""] * 6

    def judged(few: int) -> list[str]:
        monkeypatch.setattr(language, "_FEW_SAMPLES", few)
        return LanguageJudge().judge(texts)

    assert judged(1) == judged(1000)
    assert set(judged(1)) == {"en", "es", "de", "ru", "zh"}

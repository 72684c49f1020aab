"""Stop words counted text by text and by numpy: the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import example, given
from hypothesis import strategies as st

from indexer.articles import Article, Block
from indexer.model import ArticleRecord, BlockKind, Lines
from indexer.paragraphs import split_article
from indexer.storage import builder
from indexer.storage.catalog import articles_of
from indexer.storage.index import PassageIndex
from indexer.text.batches import BatchInverter
from indexer.text.language import LanguageJudge
from indexer.text.stopwords import (
    StopWords,
    ascii_stop_words,
    is_stop_word,
    languages_with_stop_words,
    stop_words,
    stop_words_of,
    stopping,
)
from indexer.text.terms import Terms
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
    inverter = BatchInverter(Terms())
    counts = inverter.stop_words(inverter.find(texts), range(len(texts)), most=1_000)
    rows = zip(counts.words, counts.best, counts.number, counts.second, texts, strict=True)
    for words, best, number, second, text in rows:
        expected = stop_words_of(text)
        if expected.number == expected.second:  # any of several is the best
            expected = expected._replace(best=counts.languages[best])
        assert StopWords(words, counts.languages[best], number, second) == expected


def test_the_beginnings_of_articles_are_counted() -> None:
    inverter = BatchInverter(Terms())
    found = inverter.find(["the of", "to", "und", "der die das", "le"])
    counts = inverter.stop_words(found, [0, 2, 4], most=2)
    assert counts.words.tolist() == [2, 2, 1]
    best = [counts.languages[place] for place in counts.best]
    assert (best[:2], best[2] in {"fr", "it", "es"}) == (["en", "de"], True)
    assert counts.plain_in("en").tolist() == [True, False, False]
    long = inverter.find(["the cat is on the mat and it sleeps", "die Katze schläft auf der Matte"])
    plain = inverter.stop_words(long, [0, 1], most=100)
    assert plain.plain_in("en").tolist() == [True, False]
    assert not plain.plain_in("zh").any()


def test_many_texts_are_judged_like_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop words are counted by numpy where there are many; the decisions are the same."""
    others = [" ".join(PARAGRAPHS[code]) for code in ("es", "de", "ru", "zh")]
    texts = [*PARAGRAPHS["en"] * 4, *others, "Gauss-Seidel", "42", ""] * 6

    def judged(few_chars: int) -> list[str]:
        monkeypatch.setattr(builder, "_FEW_CHARS", few_chars)
        index = PassageIndex.in_memory()
        writer = index.writer()
        for number, text in enumerate(texts):
            blocks = (Block(BlockKind.PARAGRAPH, text, Lines(1, 1)),)
            paragraphs = split_article(Article("a", blocks), f"{number:05}")
            writer.add_article(ArticleRecord(f"{number:05}", "/a", "a"), paragraphs)
        writer.commit_with({})
        return [record.language for record in articles_of(index)]

    assert judged(0) == judged(1 << 30) == LanguageJudge().judge(texts)
    assert set(judged(0)) == {"en", "es", "de", "ru", "zh"}


def test_those_of_ascii_are_found_without_folding_all() -> None:
    for language in languages_with_stop_words():
        expected = {word for word in stop_words(language) if word.isascii()}
        assert ascii_stop_words(language) == expected
    assert {"the", "ete", "fur"} <= {
        *ascii_stop_words("en"),
        *ascii_stop_words("fr"),
        *ascii_stop_words("de"),
    }
    assert not ascii_stop_words("xx")


@given(
    st.sampled_from(["the", "die", "was", "über", "don't", "isn't", "they're", "x1", "ferry", "ñ"])
    | st.text("aehinotuñ'", min_size=1, max_size=4),
    st.sets(st.sampled_from(["", "de", "en", "es", "fr", "zh"]), min_size=1).map(sorted).map(tuple),
)
def test_where_a_word_is_a_stop_word(word: str, languages: tuple[str, ...]) -> None:
    each = {language for language in languages if is_stop_word(word, language)}
    assert stopping(word, languages) == each

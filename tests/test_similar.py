"""What is like a passage: the query of its telling words."""

from __future__ import annotations

from math import inf

import pytest

from indexer.text.analysis import occurrences, stemmer
from search import Index, Request
from search.deadline import Deadline
from search.model import UnknownId
from search.query.parser import parse_query
from search.similar import WORDS
from tests.passages import article, index_of_articles

TEXTS = (
    "The ferry crosses the harbour at noon, and the ferry is blue.",
    "A ferry left the harbour in fog.",
    "The harbour was closed by a storm.",
    "Bakers rise early.",
    "Fog is no storm.",
)


def index_of_texts() -> Index:
    return index_of_articles(*(article(f"a{at}", text) for at, text in enumerate(TEXTS)))


def test_what_shares_most_words_comes_first() -> None:
    with index_of_texts() as index:
        page = index.answer(Request(similar="a0#p1"))
        assert [one.paragraph.text for one in page.passages] == [TEXTS[1], TEXTS[2]]
        assert page.interpreted_as == ("(text:ferry text:harbour^0.693) AND NOT article:a0#p1")
        assert (page.unknown, page.warnings, page.diagnosis) == ((), (), None)
        text = page.passages[0].paragraph.text
        assert [text[span.start : span.end] for span in page.passages[0].matches] == [
            "ferry",
            "harbour",
        ]


def test_the_query_can_be_asked_again() -> None:
    with index_of_texts() as index:
        for number in range(len(TEXTS)):
            page = index.answer(Request(similar=f"a{number}#p1", explain=True))
            again = index.search(page.interpreted_as, explain=True)
            assert again.interpreted_as == page.interpreted_as
            assert again.passages == page.passages
            assert parse_query(page.interpreted_as).warnings == ()


def test_it_is_weighted_by_how_often_a_word_stands_in_it() -> None:
    """v(t) = tf / (tf + K), with the K of BM25 for the length of the passage."""
    with index_of_texts() as index:
        backend = index.backend
        article_key = backend.article("a0", Deadline(inf))
        assert article_key is not None
        (key,) = backend.passages_of(article_key)
        norm = backend.norm(key)
        boost = round((1 / (1 + norm)) / (2 / (2 + norm)), 3)
        page = index.answer(Request(similar="a0#p1"))
        assert f"text:harbour^{boost}" in page.interpreted_as


def test_an_article_stands_for_its_passages_and_is_left_out_whole() -> None:
    own = article("own", "A ferry.", "A storm and fog.", "Nothing else.")
    others = [article(f"a{at}", text) for at, text in enumerate(TEXTS)]
    with index_of_articles(own, *others) as index:
        page = index.answer(Request(similar="own"))
        found = [one.article.article_id for one in page.passages]
        assert set(found) == {"a0", "a1", "a2", "a4"}
        by_passage = index.answer(Request(similar="own#p1"))
        assert [one.article.article_id for one in by_passage.passages] == ["a0", "a1"]


def test_the_usual_options_hold() -> None:
    with index_of_texts() as index:
        page = index.answer(Request(similar="a0#p1", limit=1, offset=1))
        assert [(one.rank, one.paragraph.text) for one in page.passages] == [(2, TEXTS[2])]
        assert page.total == 2


def test_it_is_narrowed_down_as_a_query_is() -> None:
    with index_of_texts() as index:
        page = index.answer(Request(similar="a0#p1", articles=("a2", "a3")))
        assert [one.article.article_id for one in page.passages] == ["a2"]
        assert index.search(page.interpreted_as).passages == page.passages
        assert index.answer(Request(similar="gone#p1", articles=("a2",))).total == 0


def test_the_telling_words_are_bounded() -> None:
    words = " ".join(f"word{chr(97 + number)}x" for number in range(26))
    more = " ".join(f"other{chr(97 + number)}x" for number in range(26))
    with index_of_articles(
        article("one", f"{words} {more}"), article("two", words), article("three", more)
    ) as index:
        page = index.answer(Request(similar="one#p1"))
        assert page.interpreted_as.count("text:") == WORDS
        assert page.total == 1  # equals are taken by name


def test_a_text_without_spaces() -> None:
    with index_of_articles(
        article("one", "渡船は正午に港を出る。", language="ja"),
        article("two", "霧のため渡船は港に残る。", language="ja"),
        article("three", "料理人。", language="ja"),
    ) as index:
        page = index.answer(Request(similar="one#p1"))
        assert [one.article.article_id for one in page.passages] == ["two"]


def test_an_unknown_id() -> None:
    with index_of_texts() as index:
        page = index.answer(Request(similar="a0#p7"))
        assert (page.passages, page.total, page.warnings) == ((), 0, ())
        ((name, nearest),) = page.unknown
        assert name == "a0#p7"
        assert nearest is not None
        assert index.answer(Request(similar="none")).unknown == (UnknownId("none"),)


@pytest.mark.parametrize("text", ["!!! ...", "the of and", "Singular."])
def test_a_passage_without_telling_words(text: str) -> None:
    with index_of_articles(article("one", text), article("two", "A ferry.")) as index:
        page = index.answer(Request(similar="one"))
        assert (page.total, page.diagnosis, page.did_you_mean) == (0, None, None)
        (warned,) = page.warnings
        assert warned.message == (
            "one has no words that other passages have, so nothing is known to be like it"
        )


def test_words_that_others_have_are_taken_by_their_stems() -> None:
    with index_of_articles(article("one", "Harbours!"), article("two", "A harbour.")) as index:
        stem = stemmer("en")
        assert stem("harbours") == stem("harbour")
        assert [form.text for form in occurrences("Harbours")] == ["harbours"]
        page = index.answer(Request(similar="one"))
        assert [one.article.article_id for one in page.passages] == ["two"]

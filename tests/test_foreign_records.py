"""A few records in other languages change nothing for those who ask in English.

The English records are generated: chains of words that follow each other in the reference manual
that comes with Python, so that stop words are as frequent in them as in a text.
"""

from __future__ import annotations

import random
from itertools import pairwise
from pydoc_data.topics import topics
from typing import TYPE_CHECKING

import pytest

from indexer.storage.index import PassageIndex
from indexer.text.stopwords import stop_words
from search.backends.local import LocalBackend
from search.index import Index
from tests.passages import article
from tests.test_languages import PARAGRAPHS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

RECORDS = 10_000
QUERIES = 200
DEPTH = 10
TIE = 0.001
OTHERS = {
    **{language: paragraphs[0] for language, paragraphs in PARAGRAPHS.items() if language != "en"},
    "sv": "De frivilliga träffas varje tisdag bakom biblioteket och planerar veckans rundor.",
    "tr": "Gönüllüler her salı kütüphanenin arkasında buluşur ve haftanın turlarını planlar.",
}
QUESTIONS = (
    "what is the {} of a {}",
    "how do I {} the {}",
    "is there a {} for the {} in this",
    "why does the {} not {}",
    "who or what are {} and {}",
    "the {} that was in the {}",
)


def english_records() -> Iterator[str]:
    """Yield texts of 10 to 60 words."""
    words = [word for text in topics.values() for word in text.split() if word.strip("*=-~^`'")]
    following: dict[str, list[str]] = {}
    for word, after in pairwise(words):
        following.setdefault(word, []).append(after)
    chance = random.Random(8)  # noqa: S311
    while True:
        text = [chance.choice(words)]
        for _ in range(chance.randrange(10, 60)):
            text.append(chance.choice(following.get(text[-1], words)))
        yield " ".join(text)


def questions(texts: Sequence[str]) -> list[str]:
    """Questions for two words that one of the texts has."""
    chance = random.Random(9)  # noqa: S311
    found: list[str] = []
    while len(found) < QUERIES:
        words = {word for word in chance.choice(texts).lower().split() if word.isalpha()}
        telling = sorted(words - stop_words("en"))
        if len(telling) > 1:
            form = QUESTIONS[len(found) % len(QUESTIONS)]
            found.append(form.format(*chance.sample(telling, 2)))
    return found


@pytest.fixture(scope="module")
def texts() -> list[str]:
    records = english_records()
    return [next(records) for _ in range(RECORDS)]


@pytest.fixture(scope="module")
def indexes(texts: Sequence[str]) -> tuple[Index, Index]:
    """The English records alone, and with one of each other language."""
    index = PassageIndex.in_memory()
    writer = index.writer()
    for number, text in enumerate(texts):
        small = article(f"en-{number}", text)
        writer.add_article(small.record, small.paragraphs())
    writer.commit_with({})
    alone = Index(LocalBackend(index.segments()))
    writer = index.writer()
    for language, text in OTHERS.items():
        small = article(language, text, language=language)
        writer.add_article(small.record, small.paragraphs())
    writer.commit_with({})
    return alone, Index(LocalBackend(index.segments()))


def ranks(index: Index, query: str) -> list[str]:
    return [passage.article.article_id for passage in index.search(query, limit=DEPTH).passages]


def is_same_order(alone: Index, mixed: Index, query: str) -> bool:
    """Whether passages stand in the same order, but for those that were as good as equal.

    Ten passages more change how telling a word is in the fourth digit.
    """
    before = index_scores(alone, query)
    expected = list(before.values())
    return all(
        before.get(article_id, 0.0) == pytest.approx(score, rel=TIE)
        for article_id, score in zip(ranks(mixed, query), expected, strict=False)
    )


def index_scores(index: Index, query: str) -> dict[str, float]:
    page = index.search(query, limit=5 * DEPTH)
    return {passage.article.article_id: passage.score for passage in page.passages}


def test_questions_are_answered_as_if_the_others_were_not_there(
    texts: Sequence[str], indexes: tuple[Index, Index]
) -> None:
    alone, mixed = indexes
    assert len(OTHERS) == 10
    assert mixed.passages == alone.passages + 10
    different = [query for query in questions(texts) if not is_same_order(alone, mixed, query)]
    assert different == []


@pytest.mark.parametrize("language", OTHERS)
def test_the_others_are_found_by_those_who_ask_in_their_languages(
    language: str, indexes: tuple[Index, Index]
) -> None:
    _, mixed = indexes
    words = OTHERS[language].rstrip(".。").split()
    assert ranks(mixed, " ".join(words[1:5]) if len(words) > 4 else words[0])[0] == language

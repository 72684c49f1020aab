"""What is found first in a small judged collection of six languages: ``tests/golden``.

``pytest --rewrite-transcripts`` writes the answers as they are now; a person reads the diff.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from math import log2
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING

import pytest

from indexer import build_index
from search import Index

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from search import Passage, ResultPage

GOLDEN = Path(__file__).parent / "golden"
ANSWERS = GOLDEN / "answers.txt"
DEPTH = 10
SHOWN = 3
SHOWN_CHARS = 56
# Measured: .805 (answers.txt). One answer that falls from first to second costs .008.
LEAST_MRR = 0.79

_QUERY = re.compile(r"(?P<id>(?P<language>[a-z]{2})-\d\d) (?P<kind>\w+): (?P<text>\S.*)")
_JUDGEMENT = re.compile(r"  (?P<grade>[12]) (?P<article>\S+): (?P<snippet>\S.*)")


@dataclass(frozen=True, slots=True)
class Judgement:
    """A passage of an article, known by some of its words: 2 if it answers, 1 if it helps."""

    grade: int
    article_id: str
    snippet: str

    def names(self, passage: Passage) -> bool:
        return (
            passage.article.article_id == self.article_id and self.snippet in passage.paragraph.text
        )


@dataclass(frozen=True, slots=True)
class Judged:
    """A query and its judgements, the best first."""

    query_id: str
    language: str
    kind: str
    text: str
    judgements: tuple[Judgement, ...]

    def grade(self, passage: Passage) -> int:
        """2, 1, or 0 for a passage that nobody judged."""
        return max((one.grade for one in self.judgements if one.names(passage)), default=0)


@dataclass(frozen=True, slots=True)
class Answered:
    """A query with its first page and the grades of the passages on it."""

    judged: Judged
    page: ResultPage
    grades: tuple[int, ...]

    @property
    def rank(self) -> int:
        """The rank of the first answer, 0 if none is on the page."""
        return self.grades.index(2) + 1 if 2 in self.grades else 0

    @property
    def reciprocal_rank(self) -> float:
        return 1 / self.rank if self.rank else 0.0

    @property
    def ndcg(self) -> float:
        """nDCG@10 with the grades themselves as gains."""
        best = sorted((one.grade for one in self.judged.judgements), reverse=True)
        return _dcg(self.grades) / _dcg(best[:DEPTH])


def _dcg(grades: Sequence[int]) -> float:
    return sum(grade / log2(rank + 1) for rank, grade in enumerate(grades, start=1))


def parse_queries(text: str) -> Iterator[Judged]:
    """Yield the queries of a file that has an empty line between them."""
    for block in text.strip().split("\n\n"):
        first, *rest = block.split("\n")
        query = _QUERY.fullmatch(first)
        assert query, first
        judgements = []
        for line in rest:
            found = _JUDGEMENT.fullmatch(line)
            assert found, line
            judgements.append(Judgement(int(found["grade"]), found["article"], found["snippet"]))
        yield Judged(
            query["id"], query["language"], query["kind"], query["text"], tuple(judgements)
        )


QUERIES = tuple(parse_queries((GOLDEN / "queries.txt").read_text("utf-8")))


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    articles = tmp_path_factory.mktemp("golden") / "articles"
    shutil.copytree(GOLDEN / "articles", articles)
    folder = articles / "index"  # in it, so that ids are the names of the files
    report = build_index([str(articles)], folder)
    assert report.skipped == ()
    with Index.open(folder) as opened:
        yield opened


@pytest.fixture(scope="module")
def passages(index: Index) -> tuple[Passage, ...]:
    return index.search("*", limit=1_000).passages


@pytest.fixture(scope="module")
def answered(index: Index) -> tuple[Answered, ...]:
    pages = [(judged, index.search(judged.text)) for judged in QUERIES]
    return tuple(
        Answered(judged, page, tuple(map(judged.grade, page.passages))) for judged, page in pages
    )


def test_the_first_answers_are_those_of_the_file(
    answered: tuple[Answered, ...], *, rewrite_transcripts: bool
) -> None:
    found = "".join(f"{line}\n" for line in render(answered))
    if rewrite_transcripts:
        ANSWERS.write_text(found, "utf-8")
    assert found == ANSWERS.read_text("utf-8")


def test_the_answer_is_mostly_the_first(answered: tuple[Answered, ...]) -> None:
    assert fmean(one.reciprocal_rank for one in answered) >= LEAST_MRR


def test_the_collection_has_its_size(passages: tuple[Passage, ...]) -> None:
    assert len(passages) == 120
    assert len(QUERIES) == 60
    assert len({judged.query_id for judged in QUERIES}) == 60
    assert len({judged.text for judged in QUERIES}) == 60


def test_articles_are_in_the_languages_their_names_say(passages: tuple[Passage, ...]) -> None:
    found = {one.article.article_id: one.article.language for one in passages}
    assert found == {article_id: article_id.split(".")[1] for article_id in found}
    assert len(set(found.values())) >= 5
    assert {judged.language for judged in QUERIES} == set(found.values())


@pytest.mark.parametrize("judged", QUERIES, ids=lambda judged: judged.query_id)
def test_judgements_name_one_passage_each(judged: Judged, passages: tuple[Passage, ...]) -> None:
    named = [[one for one in passages if mark.names(one)] for mark in judged.judgements]
    assert [len(ones) for ones in named] == [1] * len(named)
    assert len({one.paragraph.passage_id for (one,) in named}) == len(named)
    grades = [mark.grade for mark in judged.judgements]
    assert grades[:1] == [2]
    assert grades == sorted(grades, reverse=True)


def render(answered: Sequence[Answered]) -> Iterator[str]:
    """Yield the lines of answers.txt: each query with its first passages, then the figures."""
    for one in answered:
        yield f"{one.judged.query_id} {one.judged.kind}: {one.judged.text}"
        for passage, grade in list(zip(one.page.passages, one.grades, strict=True))[:SHOWN]:
            yield f"  {grade or '-'} {_shown(passage)}"
        if one.rank > 1:
            yield f"  ! the answer is number {one.rank}"
        elif not one.rank:
            yield "  ! the answer is not found" if one.page.passages else "  ! nothing is found"
        if one.page.did_you_mean:
            yield f"  did you mean: {one.page.did_you_mean}"
        if one.page.diagnosis and one.page.diagnosis.relaxed:
            yield f"  this finds some: {one.page.diagnosis.relaxed}"
        yield ""
    yield "    queries  nDCG@10    MRR  first right"
    for language in dict.fromkeys(one.judged.language for one in answered):
        yield _figures(language, [one for one in answered if one.judged.language == language])
    yield _figures("all", answered)


def _shown(passage: Passage) -> str:
    text = passage.paragraph.text
    words = text if len(text) <= SHOWN_CHARS else text[: SHOWN_CHARS - 1].rstrip() + "…"
    return f"{passage.article.article_id} ¶ {passage.paragraph.number}  {words}"


def _figures(name: str, answered: Sequence[Answered]) -> str:
    ndcg = fmean(one.ndcg for one in answered)
    mrr = fmean(one.reciprocal_rank for one in answered)
    first = fmean(one.rank == 1 for one in answered)
    return f"{name:3} {len(answered):7}  {ndcg:7.3f}  {mrr:5.3f}  {first:11.3f}"

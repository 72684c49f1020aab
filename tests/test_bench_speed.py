"""The benchmark of speed runs and its systems answer alike, on a corpus made up here.

How fast anything is is not looked at.
"""

from __future__ import annotations

import json
import lzma
import random
import sys
from functools import partial
from itertools import product
from statistics import mean
from typing import TYPE_CHECKING

import pytest

from tests.bench.corpus import first_of, grown, read_records, texts_of
from tests.bench.cost import cost_of
from tests.bench.engines import Syntax
from tests.bench.queries import Kind, Query, Shape
from tests.bench.workload import draw_queries

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

RECORDS = 300
HEADS = ("apple", "brick", "copper", "desert", "ember", "forest", "garden", "island", "river")
TAILS = ("stone", "light", "house", "field", "water", "paper", "cloth", "tower", "bridge")
WORDS = ["".join(parts) for parts in product(HEADS, TAILS, ("", "path"))]
WEIGHTS = [1 / rank for rank in range(1, len(WORDS) + 1)]
FILLERS = ("the", "of", "and", "")


def paragraph(rng: random.Random) -> str:
    words = rng.choices(WORDS, WEIGHTS, k=40)
    fillers = rng.choices(FILLERS, k=len(words))
    return " ".join(" ".join(pair).strip() for pair in zip(fillers, words, strict=True)) + "."


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = random.Random(1)  # noqa: S311
    path = tmp_path_factory.mktemp("corpus") / "corpus.jsonl.xz"
    with lzma.open(path, "wt", encoding="utf-8") as file:
        for number in range(RECORDS):
            file.write(json.dumps({"id": f"r{number}", "text": paragraph(rng)}) + "\n")
    return path


@pytest.fixture(scope="module")
def texts(corpus: Path) -> list[str]:
    return [text for _, text in read_records(corpus)]


def test_a_corpus_has_each_record_once(tmp_path: Path) -> None:
    source = tmp_path / "few.jsonl"
    rows = [("a", "Plums  are\nblue."), ("b", " ... "), ("a", "Again."), ("c", "Pears are green.")]
    source.write_text("".join(json.dumps({"id": i, "text": text}) + "\n" for i, text in rows))
    corpus = first_of(source, 10, tmp_path / "first.jsonl")
    assert (corpus.paragraphs, corpus.original, corpus.text_bytes) == (2, 2, 31)
    assert list(texts_of(corpus)) == ["Plums are blue.", "Pears are green."]
    corpus = grown(source, 5, tmp_path / "grown.jsonl", seed=1)
    assert (corpus.paragraphs, corpus.original) == (5, 2)
    ids, texts = zip(*read_records(corpus.file), strict=True)
    assert ids == ("a", "c", "a~1", "c~1", "a~2")
    assert {tuple(sorted(text.split())) for text in texts[::2]} == {("Plums", "are", "blue.")}


def test_a_corpus_without_words_is_told(tmp_path: Path) -> None:
    source = tmp_path / "none.jsonl"
    source.write_text('{"id": "a", "text": "..."}\n')
    for write in (first_of, partial(grown, seed=1)):
        with pytest.raises(SystemExit) as raised:
            write(source, 5, tmp_path / "target.jsonl")
        assert str(raised.value) == f"{source}: no record has a word"


def test_queries_are_drawn_from_the_texts(texts: Sequence[str]) -> None:
    drawn = draw_queries(texts, per_kind=20, seed=3)
    assert drawn == draw_queries(texts, per_kind=20, seed=3)
    assert drawn != draw_queries(texts, per_kind=20, seed=4)
    assert list(drawn) == list(Kind)
    assert all(len(set(queries)) == 20 for kind, queries in drawn.items() if kind != Kind.PREFIX)
    answers = {
        kind: [sum(is_answer(text, query) for text in texts) for query in queries]
        for kind, queries in drawn.items()
    }
    common, middling, rare = (mean(answers[k]) for k in (Kind.COMMON, Kind.MIDDLING, Kind.RARE))
    assert common > middling > rare
    assert min(answers[Kind.RARE]) > 1
    assert set(answers.pop(Kind.ABSENT)) == {0}
    assert max(answers.pop(Kind.NOT)) > 1  # none where the second word is everywhere
    assert min(map(min, answers.values())) >= 1


def is_answer(text: str, query: Query) -> bool:
    padded = f" {text.rstrip('.')} "
    runs = [f" {word} " for word in query.words]
    match query.shape:
        case Shape.PREFIX:
            return runs[0].rstrip() in padded
        case Shape.OR:
            return any(run in padded for run in runs)
        case Shape.AND:
            return all(run in padded for run in runs)
        case Shape.NOT:
            return runs[0] in padded and runs[1] not in padded
        case Shape.PHRASE_AND_WORD:
            return f" {' '.join(query.words[:-1])} " in padded and runs[-1] in padded
        case _:
            return f" {' '.join(query.words)} " in padded


def test_a_corpus_that_is_too_small_is_told() -> None:
    with pytest.raises(SystemExit) as raised:
        draw_queries(["plums are blue", "plums are plump"], per_kind=2, seed=1)
    assert str(raised.value) == (
        "the corpus is too small: nothing in it makes a query 'common word'"
    )


WRITTEN = [
    (Shape.RANKED, ("a", "b"), "a b"),
    (Shape.OR, ("a", "b"), "a OR b"),
    (Shape.AND, ("a", "b", "c"), "a AND b AND c"),
    (Shape.NOT, ("a", "b"), "a AND NOT b"),
    (Shape.PHRASE, ("a", "b"), '"a b"'),
    (Shape.PREFIX, ("a",), "a*"),
    (Shape.PHRASE_AND_WORD, ("a", "b", "c"), '"a b" AND c'),
]


@pytest.mark.parametrize(("shape", "words", "written"), WRITTEN)
def test_queries_are_written(shape: Shape, words: tuple[str, ...], written: str) -> None:
    assert Syntax().write(Query(shape, words)) == written


def test_the_cost_of_a_command_has_that_of_the_processes_it_starts(tmp_path: Path) -> None:
    inner = "import sys; block = b'x' * 50_000_000; open(sys.argv[1], 'w').write('four')"
    outer = "import subprocess, sys; subprocess.run([sys.executable, '-c', *sys.argv[1:]])"
    command = [sys.executable, "-c", outer, inner, str(tmp_path / "left")]
    cost = cost_of(command, tmp_path)
    assert cost.peak_bytes > 50_000_000
    assert cost.disk_bytes == 4


def test_a_command_that_fails_is_told(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as raised:
        cost_of(["sh", "-c", "echo no >&2; exit 3"], tmp_path)
    assert str(raised.value) == "sh -c echo no >&2; exit 3 ended with status 3:\nno"
    assert cost_of(["sh", "-c", "exit 3"], tmp_path, allowed=(0, 3)).disk_bytes == 0

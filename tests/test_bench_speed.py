"""The benchmark of speed runs and its systems answer alike, on a corpus made up here.

How fast anything is is not looked at.
"""

from __future__ import annotations

import json
import lzma
import random
import shutil
import sys
from functools import partial
from itertools import product
from statistics import mean
from typing import TYPE_CHECKING, TypeAlias

import pytest

from tests.bench.baselines import BASELINES, Tantivy
from tests.bench.corpus import first_of, grown, read_records, texts_of
from tests.bench.cost import cost_of
from tests.bench.engines import Product, Syntax
from tests.bench.latency import percentile
from tests.bench.queries import Kind, Query, Shape
from tests.bench.speed import choose, main
from tests.bench.tables import figure
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
SYSTEMS = [Product.name, *(engine.name for engine in BASELINES if not engine.missing())]

Rows: TypeAlias = "dict[str, dict[str, str]]"


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


def tables(printed: str) -> dict[str, Rows]:
    """The Markdown tables by the first cell of their heads; rows by their first cells."""
    found: dict[str, Rows] = {}
    head: list[str] = []
    for line in printed.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("|"):
            head = []
        elif not head:
            head = cells
            found[head[0]] = {}
        elif cells[0] != "---":
            found[head[0]][cells[0]] = dict(zip(head[1:], cells[1:], strict=True))
    return found


def test_builds_and_queries_are_measured(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([str(corpus), "-n", "250", "--queries", "10", "--rounds", "1"])
    printed = capsys.readouterr().out
    assert "250 paragraphs, 0.2 MB of text.\n" in printed
    assert " of 14 kinds, drawn by the seed 7; each counts by its best time of 1.\n" in printed
    assert "Cold start: search from the shell " in printed
    found = tables(printed)
    builds, times, answers = found.values()
    assert list(builds) == [SYSTEMS[0], f"{SYSTEMS[0]} --jobs 1", *SYSTEMS[1:]]
    assert list(times) == [*(kind.value for kind in Kind), "geometric mean"]
    for row in times.values():
        assert list(row) == [*SYSTEMS, *(f"÷ {name}" for name in SYSTEMS[1:])]
    assert list(answers) == [*(kind.value for kind in Kind), "passages in the index"]
    assert set(answers.pop("passages in the index").values()) == {"250"}
    assert set(answers.pop(Kind.ABSENT.value).values()) == {"0.0"}
    for name, row in answers.items():
        assert list(row) == SYSTEMS
        assert all(0 < float(number) <= 10 for number in row.values()), name
    # No word of this corpus is an inflected form of another one, so they find the same.
    for kind in (Kind.RARE, Kind.AND_2, Kind.AND_3):
        assert len(set(answers[kind.value].values())) == 1, kind
    for kind in (Kind.PHRASE_2, Kind.PHRASE_3, Kind.MIXED):
        del answers[kind.value]["stock Whoosh"]  # passes over stop words
        assert len(set(answers[kind.value].values())) == 1, kind


def test_one_stemmed_field_is_measured(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([str(corpus), "--same-work"])
    printed = capsys.readouterr().out
    assert "The same work: one field of English stems" in printed
    assert list(tables(printed)["build"]) == SYSTEMS


def test_growth_is_measured_and_drawn(
    corpus: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("matplotlib", reason="needs the extra bench")
    monkeypatch.setenv("MPLCONFIGDIR", str(tmp_path))
    png = tmp_path / "growth.png"
    sizes = ["--growth-sizes", "350", "--queries", "2", "--rounds", "1"]
    main([str(corpus), "--growth", str(png), *sizes, "--skip", "whoosh,tantivy"])
    printed = capsys.readouterr().out
    assert "the source has 300, the others are these again under other ids" in printed
    rows = [line.split(" | ")[:2] for line in printed.splitlines() if line.startswith("| ")]
    systems = SYSTEMS[:2]
    assert rows[2:] == [[f"| {name}", "350"] for name in systems]
    assert png.read_bytes().startswith(b"\x89PNG")


def test_files_are_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "files"
    (folder / ".hidden").mkdir(parents=True)
    (folder / "plums.txt").write_text("Plums\n\nPlums are blue and plump.\n")
    (folder / "pears.html").write_text("<html><title>Pears</title><p>Pears are green.</html>")
    (folder / "quinces.py").write_text("quinces = []\n")
    (folder / ".hidden" / "figs.txt").write_text("Figs are brown.\n")
    main(["--files", str(folder)])
    printed = capsys.readouterr().out
    assert "Files: 2 text, Markdown and HTML, 0.0 MB." in printed
    recoll = ["recoll"] if shutil.which("recollindex") else []
    assert list(tables(printed)["system"]) == ["passage-search", "stock Whoosh", *recoll]
    assert ("recoll is left out" in printed) == (not recoll)


FAULTS = [
    ([], "a CORPUS is needed, or --files"),
    (["nowhere.jsonl"], "nowhere.jsonl is no file"),
    (["--files", "nowhere"], "nowhere is no folder"),
    (["--skip", "fts5,lucene"], "argument --skip: no lucene among fts5, whoosh, tantivy"),
]


@pytest.mark.parametrize(("arguments", "message"), FAULTS)
def test_what_is_wrong_with_a_command_line_is_told(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(arguments)
    assert capsys.readouterr().err.splitlines()[-1].endswith(f"error: {message}")


def test_a_library_that_is_not_there_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Tantivy, "missing", lambda _self: "no reason")
    assert [engine.name for engine in choose(["fts5"])] == ["stock Whoosh"]
    assert capsys.readouterr().out == "\ntantivy is left out: no reason.\n"


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


def test_figures_and_percentiles() -> None:
    assert [figure(value) for value in (0.0123, 1.234, 12.34, 1234.5)] == [
        "0.012",
        "1.23",
        "12.3",
        "1,234",
    ]
    assert [percentile([4, 1, 3, 2], share) for share in (25, 50, 95)] == [1, 2, 4]

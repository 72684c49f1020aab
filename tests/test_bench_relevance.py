"""The benchmark of ranking runs: on a collection made up here, without other systems."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pytest

from tests.bench.collection import Document, read_collection
from tests.bench.significance import read_state
from tests.bench.systems import Lucene, Product, broadened, literal, plain

if TYPE_CHECKING:
    from pathlib import Path

DOCUMENTS = [
    {"id": "plums#0", "title": "On plums", "text": "Plums are blue and\nplump."},
    {"id": "plums#1", "title": "On plums", "text": " ... "},
    {"id": "plums#2", "title": "On plums", "text": "They are eaten as jam."},
    {"id": "pears", "title": "Pears of the orchard", "text": ""},
    {"id": "nothing", "title": "", "text": ""},
    {"id": "quinces", "title": "", "text": "Quinces are eaten as jelly, plums as jam."},
    {"id": "quinces", "title": "", "text": "The same again."},
]
QUERIES = {"1": "plum jam", "2": "pears: (orchard", "3": "zeppelin", "4": "judged by nobody"}
QRELS = {"1": ["plums#2", "quinces"], "2": ["pears"], "3": ["quinces"]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "fruit"
    folder.mkdir()
    with gzip.open(folder / "docs.jsonl.gz", "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(document) + "\n" for document in DOCUMENTS)
    queries = "".join(f"{query}\t{text}\n" for query, text in QUERIES.items())
    (folder / "queries.tsv").write_text(queries, "utf-8")
    lines = (f"{query} 0 {one} 1\n" for query, doc_ids in QRELS.items() for one in doc_ids)
    (folder / "qrels.txt").write_text("".join(lines), "utf-8")
    return folder


def test_a_collection_has_what_holds_words(folder: Path) -> None:
    collection = read_collection(folder)
    assert collection.name == "fruit"
    assert collection.articles == {
        "plums": (
            Document("plums#0", "On plums", "Plums are blue and plump."),
            Document("plums#2", "On plums", "They are eaten as jam."),
        ),
        "pears": (Document("pears", "Pears of the orchard", ""),),
        "quinces": (Document("quinces", "", "Quinces are eaten as jelly, plums as jam."),),
    }
    assert list(collection.queries) == ["1", "2", "3"]
    assert collection.qrels["1"] == {"plums#2": 1, "quinces": 1}


def test_a_judgement_without_its_query_is_told(folder: Path) -> None:
    (folder / "queries.tsv").write_text("1\tplums\n", "utf-8")
    with pytest.raises(SystemExit) as raised:
        read_collection(folder)
    assert str(raised.value) == f"{folder}: judgements without a query: 2, 3"


def test_the_product_finds_documents_by_their_ids(folder: Path, tmp_path: Path) -> None:
    product = Product(read_collection(folder), tmp_path)
    for request in (plain, literal, broadened):
        found = product.run(request).found
        assert set(found["1"]) == {"quinces", "plums#0", "plums#2"}
        assert (found["2"], found["3"]) == (["pears"], [])


def test_relevance_is_measured_saved_and_compared(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("pytrec_eval", reason="needs the extra bench")
    from tests.bench.relevance import main  # noqa: PLC0415

    state = tmp_path / "state.json"
    main([str(folder), "--skip-whoosh", "--save", str(state)])
    saved = read_state(state)["fruit"]
    assert list(saved) == [
        "passage-search",
        "passage-search --literal",
        "passage-search --broaden",
    ]
    assert saved["passage-search"] == {"1": pytest.approx(1.0), "2": 1.0, "3": 0.0}
    capsys.readouterr()

    main([str(folder), "--skip-whoosh", "--ablation", "--against", str(state)])
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert rows[1][:3] == ["fruit", "passage-search", "0.6667"]
    assert ["fruit", "passage-search", "0.6667", "0.6667", "+0.0000", "1.0000"] in rows
    assert ["fruit", "without", "titles", "not", "measured", "before"] in rows


def test_questions_in_several_languages_are_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("numpy", reason="needs the extra bench")
    from tests.bench.other_languages import main  # noqa: PLC0415

    asked = {
        "en": ("The ferry left the harbour in fog.", "When did the ferry leave?"),
        "de": ("Die Fähre verließ den Hafen im Nebel.", "Wo war der Nebel?"),
    }
    for language, (text, question) in asked.items():
        given = [
            {"context": f"\ufeff{text}", "qas": [{"id": "1", "question": question}]},
            {"context": "1234", "qas": [{"id": "2", "question": "zeppelin"}]},
        ]
        record = {"data": [{"paragraphs": given}]}
        (tmp_path / f"asked.{language}.json").write_text(json.dumps(record), "utf-8")
    (tmp_path / "asked.xx.json").write_text("{}", "utf-8")
    main([str(tmp_path), "--mixed", "--rounds", "1"])
    heading, *rows, blank, last = capsys.readouterr().out.splitlines()
    assert heading.split() == ["language", "MRR", "mixed", "ms"]
    assert [row.split()[:3] for row in rows] == [
        ["de", "0.5000", "0.5000"],
        ["en", "0.5000", "0.5000"],
    ]
    assert (blank, last.partition(",")[0][:-2]) == ("", "the most time: ")

    main([str(tmp_path), "--questions", "1", "--rounds", "1"])
    rows = capsys.readouterr().out.splitlines()[1:3]
    assert [row.split()[:2] for row in rows] == [["de", "1.0000"], ["en", "1.0000"]]
    with pytest.raises(SystemExit) as raised:
        main([str(tmp_path / "nowhere")])
    assert str(raised.value).startswith(
        f"{tmp_path / 'nowhere'}: no file *.LANGUAGE.json of ar, de"
    )


def test_what_lucene_needs_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _name: None)
    with pytest.raises(SystemExit) as raised:
        Lucene(tmp_path)
    assert str(raised.value) == "--lucene needs java, 11 or newer, on the PATH"
    monkeypatch.setattr("shutil.which", lambda _name: "java")
    with pytest.raises(SystemExit) as raised:
        Lucene(tmp_path)
    assert str(raised.value) == f"--lucene: {tmp_path} has no lucene-core-*.jar"

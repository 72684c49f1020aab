"""JSON documents: where their records are, read as they come."""

from __future__ import annotations

import json
import tracemalloc
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.articles import Article, Skipped, SkipReason
from indexer.build import build_index
from indexer.readers import reading
from indexer.readers.budget import Budget
from indexer.readers.mapping import NO_MAPPING, Mapping, read_mapping
from indexer.readers.reading import read_stream
from indexer.readers.records import choosing, json_shape, json_text
from indexer.storage.catalog import articles_of
from indexer.storage.index import PassageIndex
from tests.making import records
from tests.readings import read_articles

GULLS = "Gulls walked on the wet sand."
SAND = "The sand is older than the town."


def read(
    data: str | bytes, mapping: Mapping = NO_MAPPING, budget: Budget | None = None
) -> list[Article | Skipped]:
    raw = data.encode() if isinstance(data, str) else data
    how: dict[str, Any] = {"budget": budget} if budget else {}
    return list(read_articles(raw, source="f.json", mapping=mapping, **how))


def texts(found: list[Article | Skipped]) -> list[str]:
    return [b.text for one in found if isinstance(one, Article) for b in one.blocks]


def faults(found: list[Article | Skipped]) -> list[tuple[str, str]]:
    return [(one.path, one.detail) for one in found if isinstance(one, Skipped)]


RECORDS = [{"id": "a", "text": GULLS}, {"id": "b", "text": SAND}]
SHAPES: list[tuple[Any, list[str]]] = [
    (RECORDS, [GULLS, SAND]),
    ({"count": 2, "items": RECORDS}, [GULLS, SAND]),
    ({"data": {"page": 1, "hits": {"hits": RECORDS}}}, [GULLS, SAND]),
    ({"tags": [{"name": "fog"}] * 3, "items": RECORDS}, [GULLS, SAND]),
    ({"few": RECORDS[:1], "many": RECORDS[1:] * 2}, [SAND, SAND]),
    ({"d1": RECORDS[0], "d2": RECORDS[1]}, [GULLS, SAND]),
    ({"title": "Low tide", "text": GULLS, "comments": RECORDS}, [GULLS]),
    ({"title": "Low tide", "abstract": GULLS}, [GULLS]),
    ([GULLS, SAND], [GULLS, SAND]),
    ([{"title": "Low tide", "paragraphs": [{"context": GULLS, "qas": []}]}], [GULLS]),
]


@pytest.mark.parametrize(("shape", "expected"), SHAPES)
@pytest.mark.parametrize("indent", [None, 2])
def test_where_records_are(shape: Any, expected: list[str], indent: int | None) -> None:
    assert texts(read(json.dumps(shape, indent=indent))) == expected


@pytest.mark.parametrize(("shape", "expected"), [*SHAPES[:4], SHAPES[5]])
def test_documents_that_are_not_held_whole_give_the_same(shape: Any, expected: list[str]) -> None:
    data = json.dumps(shape, indent=1)
    assert texts(read(data, budget=Budget(size_bytes=len(data) - 1))) == expected


def test_records_have_their_number_lines_and_names() -> None:
    found = read(json.dumps({"items": RECORDS}, indent=1))
    assert [
        (a.article_id, a.part, a.blocks[0].locator, a.blocks[0].lines)
        for a in found
        if isinstance(a, Article)
    ] == [
        ("a", "a", (("record", 1),), (3, 6)),
        ("b", "b", (("record", 2),), (7, 10)),
    ]
    named = read(json.dumps({"d1": {"text": GULLS}, "d2": {"text": SAND}}))
    assert [a.part for a in named if isinstance(a, Article)] == ["d1", "d2"]


def test_an_object_alone_is_called_as_its_file_is() -> None:
    (found,) = read('{"title": "Low tide",\n "text": "Gulls."}')
    assert isinstance(found, Article)
    assert (found.part, found.title, found.blocks[0].locator, found.blocks[0].lines) == (
        "",
        "Low tide",
        (),
        (1, 2),
    )


def test_a_title_without_a_text_is_an_article_here_too() -> None:
    found = read(json.dumps([{"title": "Low tide"}, {"title": "Ebb", "text": GULLS}]))
    assert [a.title for a in found if isinstance(a, Article)] == ["Low tide", "Ebb"]


def test_objects_one_behind_the_other_are_records() -> None:
    assert texts(read("\n\n".join(json.dumps(one, indent=1) for one in RECORDS))) == [GULLS, SAND]
    lines = "\n".join(map(json.dumps, RECORDS))
    assert texts(read(lines)) == [GULLS, SAND]
    data = json.dumps(RECORDS[0]) + json.dumps(RECORDS[1])
    assert texts(read(data, budget=Budget(size_bytes=60))) == [GULLS, SAND]


def test_a_few_descriptions_of_many_objects_are_not_what_a_file_is_about() -> None:
    schema = {f"p{number}": {"type": "string", "format": "date"} for number in range(9)}
    schema["p9"] = {"type": "string", "description": GULLS}
    (found,) = read(json.dumps({"properties": schema}))
    assert isinstance(found, Skipped)
    assert found.reason is SkipReason.NO_PROSE
    assert found.detail == (
        "hardly any record in properties has text; its keys are type, format, description; "
        "name the one that holds it: --map text=description"
    )


def test_csl_as_zotero_exports_it() -> None:
    item = {
        "id": "lee2024",
        "type": "article-journal",
        "abstract": GULLS,
        "title": "Low tide",
        "container-title": "The Bay",
        "URL": "https://example.org/tide",
        "author": [{"family": "Lee", "given": "Ann"}],
        "issued": {"date-parts": [["2024", 3, 9]]},
    }
    (found,) = read(json.dumps([item]))
    assert isinstance(found, Article)
    assert (found.article_id, found.title, found.site, found.url, found.author) == (
        "lee2024",
        "Low tide",
        "The Bay",
        "https://example.org/tide",
        "Ann Lee",
    )
    assert found.published == date(2024, 3, 9)


def test_a_mapping_leads_through_lists() -> None:
    mapping = read_mapping(["text=notes.words"], "")
    data = json.dumps([{"notes": [{"words": GULLS}, {"words": SAND}]}])
    assert texts(read(data, mapping)) == [f"{GULLS} {SAND}"]


def test_a_document_without_text_gets_one_line() -> None:
    data = json.dumps({"data": {"rows": [{"n": 1, "remark": "none"}] * 3}})
    assert read(data) == [
        Skipped(
            "f.json",
            SkipReason.NO_PROSE,
            "no record in data.rows has text; its keys are n, remark; "
            "name the one that holds it: --map text=remark",
        )
    ]
    (found,) = read('{"compilerOptions": {"strict": true, "target": "es2020"}}')
    assert isinstance(found, Skipped)
    assert found.reason is SkipReason.NO_PROSE


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        ('{"text": "a"', "not JSON: a comma is expected in line 1"),
        ('{\n"a"\n"b"}', "not JSON: a name and a colon are expected in line 3"),
        ("nothing", "not JSON: an object is expected in line 1"),
        ("[" * 100_000, "not JSON that can be read: too deep or too large"),
        ("[" + "9" * 5_000 + "]", "not JSON that can be read: too deep or too large"),
        ("", "the file has no records"),
        (" \n", "the file has no records"),
        ("[]", "the file has no records"),
        ("[[1, 2], [3]]", "the array has no objects, but lists or numbers"),
    ],
)
def test_what_is_no_json_is_told(data: str, detail: str) -> None:
    assert faults(read(data)) == [("f.json", detail)]


def test_what_stands_before_the_fault_is_read() -> None:
    data = json.dumps([*RECORDS, 3, {"text": "Three."}], indent=1)
    found = read(data[: data.rindex("Three.")])
    assert texts(found) == [GULLS, SAND]
    assert faults(found) == [
        ("f.json:3", "not a JSON object, which each record must be"),
        (
            "f.json",
            "what follows is not read: not JSON: Unterminated string starting at in line 12",
        ),
    ]


def test_a_record_over_the_budget_costs_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    large = {"id": "l", "text": 'sand "\\ ' * 500, "more": [{"a": ["]", "}"]}]}
    data = json.dumps({"head": "x" * 3_000, "items": [RECORDS[0], large, RECORDS[1]]})
    for piece_bytes in (7, 1 << 20):
        monkeypatch.setattr(json_text, "_PIECE_BYTES", piece_bytes)
        found = read(data, budget=Budget(size_bytes=2_000))
        assert texts(found) == [GULLS, SAND]
        assert [path for path, _ in faults(found)] == ["f.json:2"]


def test_a_document_of_any_size_is_never_held_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_text, "_PIECE_BYTES", 50_000)
    monkeypatch.setattr(json_shape, "_LONG_CHARS", 50_000)
    monkeypatch.setattr(reading, "PIECE_BYTES", 50_000)
    monkeypatch.setattr(choosing, "_SAMPLE_CHARS", 50_000)
    record = {"text": "water " * 5_000}
    data = json.dumps({"items": [record] * 100}).encode()
    budget = Budget(size_bytes=40_000)
    assert len(data) > 50 * budget.size_bytes
    read(json.dumps({"items": [record]}))  # what it loads is not counted
    tracemalloc.start()
    stream = BytesIO(data)
    found = sum(isinstance(a, Article) for a in read_stream(stream, source="f.json", budget=budget))
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found == 100
    assert peak_bytes < 20 * budget.size_bytes


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_encodings(encoding: str) -> None:
    data = json.dumps([{"text": "Möwen gingen auf dem nassen Sand"}], ensure_ascii=False)
    assert texts(read(data.encode(encoding))) == ["Möwen gingen auf dem nassen Sand"]


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["text", "items", "a", '"\\']), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(_VALUES, st.sampled_from([None, 1]), st.integers(0, 40), st.integers(1, 9))
def test_any_document_gives_articles_or_faults(
    value: Any, indent: int | None, cut: int, piece_bytes: int
) -> None:
    data = json.dumps(value, indent=indent, ensure_ascii=False).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_text, "_PIECE_BYTES", piece_bytes)
        for some in (data, data[:cut], data[cut:]):
            for budget in (Budget(), Budget(size_bytes=12)):
                assert all(isinstance(a, Article | Skipped) for a in read(some, budget=budget))


@given(st.binary(max_size=30))
def test_any_bytes_give_articles_or_faults(noise: bytes) -> None:
    for data in (noise, b'[{"text": "' + noise, b'{"a": ' + noise + b"}"):
        assert all(isinstance(a, Article | Skipped) for a in read(data))


@given(_VALUES, st.integers(1, 9))
def test_passing_over_a_value_ends_where_it_ends(value: Any, piece_bytes: int) -> None:
    data = json.dumps([value, "end"]).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_text, "_PIECE_BYTES", piece_bytes)
        text = json_text.JsonText(BytesIO(data))
        assert text.take("[")
        text.pass_value()
        assert text.take(",")
        assert text.value(99).value == "end"
        assert text.take("]")
        assert text.peek() == ""


def test_records_of_a_document_have_ids(tmp_path: Any) -> None:
    (tmp_path / "x.json").write_bytes(json.dumps([{"text": GULLS}, {"title": "Low tide"}]).encode())
    (tmp_path / "y.json").write_bytes(records.json([[GULLS], [SAND]]))
    report = build_index([str(tmp_path)], tmp_path / "ix")
    assert (report.added, report.skipped) == (4, ())
    index = PassageIndex.open(tmp_path / "ix")
    ids = sorted(record.article_id for record in articles_of(index))
    assert ids == ["record-1", "record-2", "x.json:1", "x.json:2"]

"""Records as other tools write them: which keys hold what, without a change by hand."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.articles import Article, Skipped, SkipReason
from indexer.build import build_index
from indexer.model import BlockKind
from indexer.readers.mapping import NO_MAPPING, Mapping, read_mapping
from indexer.readers.records.values import day_of, names_of
from tests.readings import read_articles

GULLS = "Gulls walked on the wet sand until the water came back for it."
SAND = "The sand is older than the town."


def read(data: str | bytes, name: str = "f.jsonl", mapping: Mapping = NO_MAPPING) -> list[Any]:
    raw = data.encode() if isinstance(data, str) else data
    return list(read_articles(raw, source=name, mapping=mapping))


def one(record: dict[str, object], mapping: Mapping = NO_MAPPING) -> Article:
    (found,) = read(json.dumps(record), mapping=mapping)
    assert isinstance(found, Article), found
    return found


def texts(article: Article) -> list[str]:
    return [block.text for block in article.blocks]


@pytest.mark.parametrize(
    "name",
    [
        *("text", "content", "body", "page_content", "pageContent", "Abstract", "Abstract Note"),
        *("abstract_text", "full_text", "context", "passage", "description", "summary", "selftext"),
    ],
)
def test_names_that_tools_give_a_text(name: str) -> None:
    found = one({"n": 7, "kind": "a note", name: GULLS, "title": "Low tide"})
    assert (found.title, texts(found)) == ("Low tide", [GULLS])
    assert found.extra == (("n", "7"), ("kind", "a note"))


def test_the_first_name_that_has_a_text_wins_by_file_and_the_next_by_record() -> None:
    records = [
        {"text": "", "abstract": GULLS, "body": ""},
        {"text": "", "abstract": SAND, "body": "The body of it."},
        {"text": "A text.", "abstract": SAND},
    ]
    found = read("\n".join(map(json.dumps, records)))
    assert [texts(article) for article in found] == [[GULLS], ["The body of it."], ["A text."]]


def test_documents_of_language_model_tools() -> None:
    found = one(
        {
            "page_content": GULLS,
            "metadata": {
                "source": "https://example.org/tide",
                "title": "Low tide",
                "date": "2024-03-09",
                "page": 3,
            },
        }
    )
    assert (found.title, found.url, found.published) == (
        "Low tide",
        "https://example.org/tide",
        date(2024, 3, 9),
    )
    assert ("metadata.page", "3") in found.extra


def test_hits_of_search_engines() -> None:
    found = one({"_index": "a", "_id": "x1", "_source": {"headline": "Low tide", "body": GULLS}})
    assert (found.article_id, found.title, texts(found)) == ("x1", "Low tide", [GULLS])


def test_lists_of_sentences_are_a_paragraph_and_lists_of_paragraphs_are_several() -> None:
    sentences = ["Gulls walk.", "They sleep at noon.", "Sand, e.g. That of the bay, is grey."]
    assert texts(one({"abstract": [*sentences, "It is old."]})) == [
        " ".join([*sentences, "It is old."])
    ]
    paragraphs = [f"{GULLS} {SAND}", f"{SAND} {GULLS}"]
    assert texts(one({"text": paragraphs})) == paragraphs
    assert texts(one({"paragraphs": [["Gulls walk.", "They sleep."], ["Sand is grey."]]})) == [
        "Gulls walk. They sleep.",
        "Sand is grey.",
    ]


def test_sections_are_headings_over_their_texts() -> None:
    body = [
        {"section": "Methods", "text": GULLS},
        {"section": "Methods", "text": SAND},
        {"section": "Results", "text": "It rose."},
    ]
    found = one({"title": "Tides", "body_text": body})
    assert [(block.kind, block.text) for block in found.blocks] == [
        (BlockKind.HEADING, "Methods"),
        (BlockKind.PARAGRAPH, GULLS),
        (BlockKind.PARAGRAPH, SAND),
        (BlockKind.HEADING, "Results"),
        (BlockKind.PARAGRAPH, "It rose."),
    ]


def test_markup_in_a_text_goes_through_the_reader_of_html() -> None:
    found = one({"title": "Low tide", "content": f"<h2>Noon</h2><p>{GULLS}</p><p>{SAND}</p>"})
    assert texts(found) == ["Noon", GULLS, SAND]
    assert texts(one({"content": "If a < b and c > d, then </b> is a tag."})) != []


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ([{"name": "Ann Lee"}, {"name": "Kim Roy"}], "Ann Lee, Kim Roy"),
        ([{"given": "Ann", "family": "Lee"}, {"literal": "The Bay Club"}], "Ann Lee, The Bay Club"),
        ([{"first": "Ann", "middle": [], "last": "Lee"}], "Ann Lee"),
        ({"display_name": "Ann Lee"}, "Ann Lee"),
        ("Lee, Ann", "Lee, Ann"),
        (7, "7"),
        ({}, ""),
    ],
)
def test_names_of_authors(value: object, names: str) -> None:
    assert names_of(value) == names


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2024/3/9", date(2024, 3, 9)),
        ("Sat, 09 Mar 2024 23:00:00 GMT", date(2024, 3, 9)),
        ({"date-parts": [[2024, 3, 9]]}, date(2024, 3, 9)),
        ({"date-parts": [["2024", "3", "9"]]}, date(2024, 3, 9)),
        ({"date-parts": [[2024]]}, None),
        ({"date-parts": [[2024, 30, 9]]}, None),
        ({"date-parts": []}, None),
        ("March 2024", None),
        ("2024/13/9", None),
        (1709942400, None),
    ],
)
def test_days_in_other_forms(value: object, day: date | None) -> None:
    assert day_of(value) == day


def test_an_id_that_is_guessed_is_what_a_record_is_called_in_its_file() -> None:
    records = [{"docno": f"D{number}", "body": GULLS} for number in range(3)]
    found = read("\n".join(map(json.dumps, records)))
    assert [(a.article_id, a.part) for a in found] == [(None, f"D{n}") for n in range(3)]
    records.append({"docno": "D1", "body": SAND})
    assert [a.part for a in read("\n".join(map(json.dumps, records)))] == [""] * 4


# What --map says


def test_a_mapping_names_columns_keys_and_paths() -> None:
    mapping = read_mapping(["text=abstract,title=metadata.title", "id=metadata.key"], "")
    found = one(
        {
            "text": "left as a value",
            "abstract": GULLS,
            "metadata": {"title": "Low tide", "key": 9, "mood": "calm"},
        },
        mapping,
    )
    assert (found.article_id, found.title, texts(found)) == ("9", "Low tide", [GULLS])
    assert ("text", "left as a value") in found.extra
    assert ("metadata.mood", "calm") in found.extra


def test_several_keys_mapped_to_the_text_are_all_of_it() -> None:
    mapping = read_mapping(["text=question,text=answer"], "")
    assert texts(one({"question": "Why so?", "answer": GULLS}, mapping)) == ["Why so?", GULLS]


def test_a_mapping_that_fits_nothing_is_told() -> None:
    mapping = read_mapping(["text=abstrct"], "")
    (found,) = read(json.dumps({"title": "Low tide", "abstract": GULLS}), mapping=mapping)
    assert found == Skipped(
        "f.jsonl",
        SkipReason.BROKEN,
        "no record has text in 'abstrct'; its keys are title, abstract; "
        "name the one that holds it: --map text=abstract",
    )


def test_the_case_of_columns_is_of_no_account() -> None:
    mapping = read_mapping(["text=Long Note"], "")
    (found,) = read(f"Nr,Long Note\n1,{GULLS}\n", "f.csv", mapping)
    assert texts(found) == [GULLS]


# A file without text


def test_a_file_in_which_no_record_has_text_gets_one_line() -> None:
    records = [{"n": number, "remark": {"de": f"Möwen, {number} mal."}} for number in range(3_635)]
    assert read("\n".join(map(json.dumps, records))) == [
        Skipped(
            "f.jsonl",
            SkipReason.NO_PROSE,
            "no record has text; its keys are n, remark; "
            "name the one that holds it: --map text=remark.de",
        )
    ]
    assert read("id,words\n1,a\n", "f.csv") == [
        Skipped(
            "f.csv",
            SkipReason.NO_PROSE,
            "no record has text; its keys are id, words; "
            "name the one that holds it: --map text=words",
        )
    ]
    assert read('{"id": 1, "n": [2]}\n') == [
        Skipped(
            "f.jsonl",
            SkipReason.NO_PROSE,
            "no record has text; its keys are id, n; none of them holds any",
        )
    ]


def test_a_text_that_comes_late_is_found_and_those_before_are_told() -> None:
    records = [{"n": 1}] * 250 + [{"n": 1, "text": GULLS}]
    found = read("\n".join(map(json.dumps, records)))
    assert [one.path for one in found[:-1]] == [f"f.jsonl:{line}" for line in range(1, 251)]
    assert texts(found[-1]) == [GULLS]


def test_names_alone_are_no_titles() -> None:
    """A list of towns is no text; a list of titles is one."""
    (found,) = read('{"name": "Ystad", "people": 18350}\n')
    assert isinstance(found, Skipped)
    found = one({"headline": "Ystad at noon", "n": 1})
    assert (found.title, found.blocks) == ("Ystad at noon", ())


# Tables

ZOTERO = (
    '\ufeff"Key","Item Type","Publication Year","Author","Title","Publication Title","Url",'
    '"Abstract Note","Date","Manual Tags"\n'
    '"AB12","journalArticle","2024","Lee, Ann; Roy, Kim","Low tide","The Bay",'
    f'"https://example.org/tide","{GULLS}","2024-03-09","fog; harbour"\n'
    '"CD34","book","1999","Roy, Kim","A book of sand","","","","1999",""\n'
)


def test_a_library_of_zotero() -> None:
    tide, book = read(ZOTERO, "f.csv")
    assert (tide.part, tide.title, tide.site, tide.url, texts(tide)) == (
        "AB12",
        "Low tide",
        "The Bay",
        "https://example.org/tide",
        [GULLS],
    )
    assert (tide.author, tide.published) == ("Lee, Ann; Roy, Kim", date(2024, 3, 9))
    assert {("item_type", "journalArticle"), ("publication_year", "2024")} <= set(tide.extra)
    assert ("manual_tags", "fog; harbour") in tide.extra
    assert (book.title, book.blocks, book.published) == ("A book of sand", (), None)


@pytest.mark.parametrize(
    "data",
    [
        f"Nr.\tTitle\tDescription\r\n1\tLow tide\t{GULLS}\r\n".encode("utf-16"),
        f"\ufeffNr.;Title;Description\r\n1;Low tide;{GULLS}\r\n".encode(),
        f"sep=;\r\nNr.;Title;Description\r\n1;Low tide;{GULLS}\r\n".encode(),
        f"\n\nNr.|Title|Description\n1|Low tide|{GULLS}\n".encode(),
    ],
)
def test_what_excel_and_its_like_write(data: bytes) -> None:
    for name in ("f.csv", "f.tsv"):
        (found,) = read(data, name)
        assert (found.title, texts(found), found.extra) == ("Low tide", [GULLS], (("nr.", "1"),))


MARCO = f"0\t{GULLS}\n1\t{SAND}\n"


def test_a_table_without_a_header_is_read_by_the_names_that_are_given() -> None:
    mapping = read_mapping([], "id,text")
    found = read(MARCO, "collection.tsv", mapping)
    assert [(a.article_id, texts(a), a.blocks[0].lines.first) for a in found] == [
        ("0", [GULLS], 1),
        ("1", [SAND], 2),
    ]
    both = read_mapping(["text=passage words"], "nr,passage words")
    assert [texts(a) for a in read(MARCO, "collection.tsv", both)] == [[GULLS], [SAND]]


def test_a_table_without_a_header_is_told_with_the_names_to_try() -> None:
    (found,) = read(MARCO, "collection.tsv")
    assert found.detail == (
        "no record has text; its keys are 0, gulls walked on the wet sand until th...; if its "
        "first line is a row as well, name the columns: --columns id,text"
    )


def test_columns_of_one_name_are_all_kept() -> None:
    (found,) = read(f"text,tag,tag,\n{GULLS},fog,sand,x\n", "f.csv")
    assert (texts(found), found.extra) == ([GULLS], (("tag", "fog"), ("tag", "sand")))


def test_in_folders_tables_of_figures_are_counted_and_no_fault(tmp_path: Any) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "figures.csv").write_text("year,rain\n1999,7\n")
    (tmp_path / "notes" / "a.txt").write_text(GULLS)
    report = build_index([str(tmp_path / "notes")], tmp_path / "ix")
    assert (report.added, report.no_prose_files, report.skipped) == (1, 1, ())
    report = build_index([str(tmp_path / "notes" / "figures.csv")], tmp_path / "ix")
    assert [one.reason for one in report.skipped] == [SkipReason.NO_PROSE]


@given(
    st.binary(max_size=60),
    st.sampled_from(["f.csv", "f.tsv", "f.jsonl"]),
    st.sampled_from([NO_MAPPING, Mapping((("text", "a"),)), Mapping((), ("a", "text"))]),
)
def test_any_bytes_give_articles_or_faults(data: bytes, name: str, mapping: Mapping) -> None:
    for some in (data, b"id;text\n" + data, b'{"text": "a", "b": [' + data):
        assert all(isinstance(found, Article | Skipped) for found in read(some, name, mapping))


_VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["text", "name", "date-parts", "a.b"]), inner, max_size=2)
    ),
    max_leaves=8,
)


@given(
    st.dictionaries(
        st.sampled_from(["text", "body", "title", "author", "issued", "metadata", "_id", "url"]),
        _VALUES,
        max_size=4,
    )
)
def test_any_record_is_an_article_or_a_fault(record: dict[str, Any]) -> None:
    for found in read(json.dumps(record)):
        assert isinstance(found, Article | Skipped)
        if isinstance(found, Article):
            assert found.title or found.blocks

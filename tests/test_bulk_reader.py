"""JSON Lines and tables: each record an article, a broken one skipped by its line."""

from __future__ import annotations

import json
from datetime import date
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.articles import Article, Skipped, SkipReason
from indexer.model import BlockKind, Lines
from indexer.paragraphs import split_article
from indexer.readers.budget import DEFAULT_BUDGET
from indexer.readers.records import jsonl
from indexer.readers.records.plain import Records
from tests.readings import read_articles

WHOLE: dict[str, object] = {
    "id": "tide-1",
    "title": "Spring tides",
    "text": "The water stood a hand below the quay.\n\nBy noon it was gone.",
    "url": "https://example.org/tide",
    "author": "Ann Lee",
    "published": "2024-03-09",
    "language": "en-GB",
    "mood": "calm",
}


def read(data: str | bytes, format_name: str = "jsonl") -> list[Article | Skipped]:
    raw = data.encode() if isinstance(data, str) else data
    return list(read_articles(raw, source="f", format_name=format_name))


def one(record: dict[str, object]) -> Article | Skipped:
    (found,) = read(json.dumps(record))
    return found


def article(record: dict[str, object]) -> Article:
    found = one(record)
    assert isinstance(found, Article)
    return found


def texts(found: list[Article | Skipped]) -> list[list[str]]:
    return [[b.text for b in a.blocks] for a in found if isinstance(a, Article)]


def test_all_fields_of_a_json_record() -> None:
    found = article(WHOLE)
    assert (found.article_id, found.title, found.url) == (
        "tide-1",
        "Spring tides",
        "https://example.org/tide",
    )
    assert (found.author, found.published, found.language) == ("Ann Lee", date(2024, 3, 9), "en")
    assert (found.source, found.title_lines, found.omitted) == ("f", Lines(1, 1), ())
    assert [(b.kind, b.text, b.lines, b.span) for b in found.blocks] == [
        (BlockKind.PARAGRAPH, "The water stood a hand below the quay.", Lines(1, 1), None),
        (BlockKind.PARAGRAPH, "By noon it was gone.", Lines(1, 1), None),
    ]


def test_a_table_gives_the_same_articles_as_json() -> None:
    rows = "id,Title , TEXT,url,author,published,language,mood\r\n" + ",".join(
        f'"{value}"' for value in WHOLE.values()
    )
    (found,) = read(rows, "csv")
    assert isinstance(found, Article)
    assert found.article_id == "tide-1"
    assert (found.author, found.published, found.language) == ("Ann Lee", date(2024, 3, 9), "en")
    assert [(b.text, b.lines) for b in found.blocks] == [
        ("The water stood a hand below the quay.", Lines(2, 4)),
        ("By noon it was gone.", Lines(2, 4)),
    ]
    assert found.title_lines == Lines(2, 4)


@pytest.mark.parametrize(
    ("record", "article_id"),
    [
        ({"id": 7}, "7"),
        ({"id": 0}, "0"),
        ({"_id": "x"}, "x"),
        ({"id": "a", "_id": "b"}, "a"),
        ({"id": " doc 4#2 "}, "doc 4#2"),
        ({"id": ""}, None),
        ({"id": None}, None),
        ({"id": True}, None),
        ({}, None),
    ],
)
def test_ids(record: dict[str, object], article_id: str | None) -> None:
    assert article({"text": "Water.", **record}).article_id == article_id


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2024-02-29", date(2024, 2, 29)),
        ("2024-2-9", date(2024, 2, 9)),
        ("2024-02-29T23:59:00-11:00", date(2024, 2, 29)),
        ("2024-02-29 10:00", date(2024, 2, 29)),
        ("2023-02-29", None),
        ("2024-02", None),
        ("2024", None),
        (2024, None),
        ("yesterday", None),
        (None, None),
        (["2024-02-29"], None),
    ],
)
def test_only_a_whole_day_is_a_date(value: object, day: date | None) -> None:
    assert article({"text": "Water.", "published": value}).published == day


def test_metadata_of_other_types_is_taken_where_it_makes_sense() -> None:
    found = article({"text": "Water.", "title": 1984, "author": ["A", " B ", 3, None], "url": {}})
    assert (found.title, found.author, found.url) == ("1984", "A, B, 3", "")
    assert article({"text": "Water.", "language": "english"}).language == ""


@pytest.mark.parametrize(
    "text",
    [
        "Tides",
        "Chapter 1: The Tides",
        "- a dash before it",
        "1. a number before it",
        "# no markup here",
        "Also read : something else",
        "Leave a reply",
        "=====  ===",
        "  spaces \t collapse  ",
        "wet ( 1,234 ) . odd spacing .",
        "The Tides\nThe water rose for six hours, then it fell.",
        "wrapped by hand\nat a narrow width .\nthe tides were\nmeasured .",
    ],
)
def test_a_text_of_one_paragraph_is_one_paragraph_whatever_it_looks_like(text: str) -> None:
    (block,) = article({"text": text}).blocks
    assert (block.kind, block.text) == (BlockKind.PARAGRAPH, " ".join(text.split()))


def test_lines_that_each_end_a_sentence_are_paragraphs() -> None:
    found = article({"text": "The water rose.\nWould it fall?\nIt fell, and nobody saw it"})
    assert [b.text for b in found.blocks] == [
        "The water rose.",
        "Would it fall?",
        "It fell, and nobody saw it",
    ]


def test_a_short_line_in_a_text_of_several_paragraphs_is_no_heading() -> None:
    found = article({"text": "The Tides\n\nThe water rose for six hours, then it fell for six."})
    assert [b.kind for b in found.blocks] == [BlockKind.PARAGRAPH, BlockKind.PARAGRAPH]


def test_escapes_are_settled_like_any_text() -> None:
    text = r'"cafe\u0301\r\n\r\nhalf \ud83d of one"'
    (found,) = read(rf'{{"id": "e\u0301", "title": "\ud83d\ude00", "text": {text}}}')
    assert isinstance(found, Article)
    assert (found.article_id, found.title) == ("é", "😀")
    assert [b.text for b in found.blocks] == ["café", "half \ufffd of one"]


def test_broken_json_is_skipped_by_its_line_and_the_rest_goes_on() -> None:
    data = "\n".join(
        [
            '{"id": 1, "text": "one"}',
            '{"id": 2, "text": "two"',
            "",
            "[1, 2]",
            '{"id": 3}',
            '{"id": 4, "text": " "}',
            '{"id": 5, "text": 5}',
            "[" * 100_000,
            '{"text": ' + "9" * 5000 + "}",
            '{"id": 6, "text": "six"}',
        ]
    )
    found = read(data)
    assert texts(found) == [["one"], ["six"]]
    assert [skipped for skipped in found if isinstance(skipped, Skipped)] == [
        Skipped("f:2", SkipReason.BROKEN, "not JSON: Expecting ',' delimiter at column 24"),
        Skipped("f:4", SkipReason.BROKEN, "not a JSON object, which each line must be"),
        Skipped("f:5", SkipReason.EMPTY, "the record has no text"),
        Skipped("f:6", SkipReason.EMPTY, "the record has no text"),
        Skipped("f:7", SkipReason.BROKEN, "the field text is not a string"),
        Skipped("f:8", SkipReason.BROKEN, "not JSON that can be read: too deep or too large"),
        Skipped("f:9", SkipReason.BROKEN, "not JSON that can be read: too deep or too large"),
    ]
    assert isinstance(found[-1], Article)
    assert found[-1].blocks[0].lines == Lines(10, 10)


def test_lines_that_would_be_json_together_are_each_read_alone() -> None:
    lines = [
        '{"text": "a", "more": [{}',
        '{}]},{"text": "b"}',
        '{"text": "c"}',
        '{"text": "d"},{"text": "e"}',
        "-Infinity",
        '{"text": "f", "depth": -Infinity}',
    ]
    for data in (lines, lines[:4], lines[2:], [*lines[:3], '-Infinity,{"text": "g"}']):
        found = read("\n".join(data))
        apart = [read(f'{{"text": "first"}}\n{line}')[1:] for line in data]
        assert texts(found) == [text for each in apart for text in texts(each)]
        assert [(one.path, one.detail) for one in found if isinstance(one, Skipped)] == [
            (f"f:{number}", one.detail)
            for number, each in enumerate(apart, start=1)
            for one in each
            if isinstance(one, Skipped)
        ]


@given(st.lists(st.sampled_from(['{"text": "a"}', "", " \t", "[]", "NaN", "1", "{"]), max_size=9))
def test_each_line_is_told_by_its_number(lines: list[str]) -> None:
    found = read("\n".join(['{"text": "first"}', *lines]))[1:]
    places = [
        one.blocks[0].lines.first if isinstance(one, Article) else int(one.path.rpartition(":")[2])
        for one in found
    ]
    assert places == [number for number, line in enumerate(lines, start=2) if line.strip()]
    assert [isinstance(one, Article) for one in found] == [
        "text" in line for line in lines if line.strip()
    ]


def test_lines_are_those_of_the_file_not_of_unicode() -> None:
    found = read('{"text": "a\u2028b\x85c"}\r\n\r\n{"text": "d"}\r{"text": "e"}')
    assert [a.blocks[0].lines.first for a in found if isinstance(a, Article)] == [1, 3, 4]


def test_a_table_with_broken_rows() -> None:
    data = (
        "id,text\n"
        "1,one\n"
        '2,"two" or so\n'
        "3,three,and,more\n"
        "4,four,,\n"
        "\n"
        "5\n"
        '6,"six\n'
        'and more"\n'
        '7,"never closed\n'
        "8,eight\n"
    )
    found = read(data, "csv")
    assert [(a.article_id, a.blocks[0].lines) for a in found if isinstance(a, Article)] == [
        ("1", Lines(2, 2)),
        ("4", Lines(5, 5)),
        ("6", Lines(8, 9)),
        ("8", Lines(11, 11)),
    ]
    assert [skipped for skipped in found if isinstance(skipped, Skipped)] == [
        Skipped("f:3", SkipReason.BROKEN, "not a row of the table: ',' expected after '\"'"),
        Skipped(
            "f:4",
            SkipReason.BROKEN,
            "the row has 4 fields, the header 2; quote a field that holds a separator",
        ),
        Skipped("f:7", SkipReason.EMPTY, "the record has no text"),
        Skipped("f:10", SkipReason.BROKEN, "not a row of the table: unexpected end of data"),
    ]


def test_stray_quotes_in_a_tab_separated_table_are_text() -> None:
    data = (
        "id\ttext\n"
        '1\t"one" she said\n'
        '2\t"two, still open\n'
        "3\tthree\n"
        '4\tshut"\n'
        '5\t"a ""quoted"" field,\nas it should be"\n'
        '6\t"the last\n'
    )
    assert texts(read(data, "csv")) == [
        ['"one" she said'],
        ['"two, still open'],
        ["three"],
        ['shut"'],
        ['a "quoted" field, as it should be'],
        ['"the last'],
    ]


def test_semicolons_part_fields_too_and_long_fields_are_no_fault() -> None:
    long = "water " * 40_000
    assert texts(read(f'id;text\n1;"{long}"\n', "csv")) == [[long.strip()]]


@pytest.mark.parametrize(("data", "format_name"), [("\n\n", "jsonl"), ("id,text\n", "csv")])
def test_a_file_without_records_is_empty(data: str, format_name: str) -> None:
    assert read(data, format_name) == [Skipped("f", SkipReason.EMPTY, "the file has no records")]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1), max_size=5))
def test_no_word_is_lost(paragraphs: list[str]) -> None:
    found = one({"text": "\n\n".join(paragraphs)})
    wanted = [char for text in paragraphs for char in text if char.isalnum()]
    if not any(text.strip() for text in paragraphs):
        assert isinstance(found, Skipped)
    elif wanted and all(char < "\u0300" for char in wanted):
        assert isinstance(found, Article)
        got = [char for block in found.blocks for char in block.text if char.isalnum()]
        assert got == wanted


def test_a_record_of_a_title_alone_is_an_article_whose_title_is_its_passage() -> None:
    found = article({"id": "a", "title": " Preliminary  report "})
    assert found.blocks == ()
    assert [paragraph.text for paragraph in split_article(found, "a")] == ["Preliminary report"]
    assert isinstance(one({"id": "b", "title": " ", "text": ""}), Skipped)


@given(
    st.lists(
        st.sampled_from(
            ['{"text": "Fog."}', "no JSON", "", "  ", "[1, 2]", '{"text": -Infinity}', '{"text":']
        ),
        max_size=40,
    )
)
def test_lines_are_told_apart_wherever_the_bad_ones_are(lines: list[str]) -> None:
    text = "".join(f"{line}\n" for line in lines)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jsonl, "_FEW_CHARS", 1)
        found = list(jsonl._in_text(text, "f", 7, DEFAULT_BUDGET))
    expected = list(jsonl._line_by_line(text, "f", 7, DEFAULT_BUDGET))
    singles = [one.each() if isinstance(one, Records) else (one,) for one in found]
    assert list(chain.from_iterable(singles)) == expected

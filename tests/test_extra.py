"""What is kept of front matter, columns and keys that are neither text nor facts."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import build_index
from indexer.care.places import check_index
from indexer.model import ArticleRecord
from indexer.readers import extra
from indexer.readers.extra import MOST_PAIRS, extra_of
from indexer.readers.markdown import read_markdown
from indexer.storage.catalog import articles_of
from indexer.storage.index import PassageIndex
from indexer.storage.records import article_bytes, article_of
from indexer.text.values import field_name, people

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("value", "pairs"),
    [
        ("Local  News\n", [("a", "Local News")]),
        ("", []),
        (None, []),
        (True, [("a", "true")]),
        (False, [("a", "false")]),
        (7, [("a", "7")]),
        (1.5, [("a", "1.5")]),
        (date(2024, 5, 6), [("a", "2024-05-06")]),
        (datetime(2024, 5, 6, 7, tzinfo=UTC), [("a", "2024-05-06T07:00:00+00:00")]),
        (["x", "y", "x"], [("a", "x"), ("a", "y")]),
        (
            {"b": {"c": "x"}, "D e": ["y", {"f": 1}]},
            [("a.b.c", "x"), ("a.d_e", "y"), ("a.d_e.f", "1")],
        ),
        ([["x"], []], [("a", "x")]),
        ("x" * 200, [("a", "x" * 200)]),
        ("x" * 201, []),
        (list(range(64)), [("a", str(number)) for number in range(64)]),
        (list(range(65)), []),
        ("Cafe\u0301", [("a", "Café")]),
        ("half \ud800", [("a", "half \N{REPLACEMENT CHARACTER}")]),
    ],
)
def test_a_value_gives_these_pairs(value: object, pairs: list[tuple[str, str]]) -> None:
    assert list(extra_of([("A", value)])) == pairs


@pytest.mark.parametrize(
    ("name", "typed"),
    [("Section", "section"), (" Main  Topic ", "main_topic"), ("a=b,c", "a_b_c"), ("ÉTAT", "état")],
)
def test_a_name_can_be_typed(name: str, typed: str) -> None:
    assert field_name(name) == typed
    assert field_name(typed) == typed


def test_an_article_keeps_so_many_pairs() -> None:
    pairs = extra_of((f"f{number}", "x") for number in range(100))
    assert len(pairs) == MOST_PAIRS
    assert pairs[-1] == (f"f{MOST_PAIRS - 1}", "x")


def test_of_what_is_nested_a_bounded_part_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each object has the one before ten times: in all ten to the power of forty values."""
    looked_at = 0
    pair = extra._pair

    def counted(path: str, value: object) -> tuple[str, str] | None:
        nonlocal looked_at
        looked_at += 1
        return pair(path, value)

    monkeypatch.setattr(extra, "_pair", counted)
    nested: object = "x"
    for _ in range(6):
        nested = {str(number): nested for number in range(10)}
    assert len(extra_of([("a", nested), ("b", "x")])) == MOST_PAIRS
    assert 0 < looked_at <= 1_000
    for _ in range(34):
        nested = {str(number): nested for number in range(10)}
    assert extra_of([("a", nested), ("b", "x")]) == (("b", "x"),)
    assert looked_at <= 1_001


def test_front_matter_that_stands_for_itself_many_times_is_read() -> None:
    front = "\n".join(
        ["a0: &a0 [x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 20))]
    )
    (article,) = read_markdown(
        f"---\n{front}\n---\nText.\n".encode(), source="a", keep_furniture=False
    )
    assert article.extra[0] == ("a0", "x")


_TEXT = st.text(st.characters(exclude_categories=()), max_size=8)


@given(st.lists(st.tuples(_TEXT, _TEXT), max_size=5).map(tuple))
def test_pairs_are_stored_as_they_are(pairs: tuple[tuple[str, str], ...]) -> None:
    record = ArticleRecord("a", "/a", "a", extra=pairs)
    stored = article_bytes(record)
    assert article_of(stored, language="", origin="/a", source="a", paragraphs=0) == record


@pytest.mark.parametrize("flat", ['["a"]', '["a",1]', '"ab"', "7", "[[]]", '{"a":"b"}'])
def test_pairs_that_are_none_are_damage(flat: str) -> None:
    with pytest.raises((ValueError, TypeError)):
        article_of(
            f'"a","","","","","",0,[],{flat}'.encode(),
            language="",
            origin="/a",
            source="a",
            paragraphs=0,
        )


@pytest.mark.parametrize(
    ("author", "names"),
    [
        ("", []),
        ("Kim Lee", ["Kim Lee"]),
        ("Lee, Kim", ["Lee, Kim"]),
        ("Kim Lee, Ana Roy", ["Kim Lee", "Ana Roy"]),
        ("Kim Lee, Roy", ["Kim Lee, Roy"]),
    ],
)
def test_the_names_of_an_author(author: str, names: list[str]) -> None:
    assert people(author) == names


@pytest.mark.parametrize("records", [3, 3_000])  # inverted one by one, and by numpy
def test_extra_columns_are_kept_and_an_index_with_them_is_whole(
    records: int, tmp_path: Path
) -> None:
    rows = [
        {
            "id": f"r{n}",
            "text": f"A ferry, number {n}, came late to the harbour.",
            "Tags": ["x", "X"],
            "no": n,
        }
        for n in range(records)
    ]
    (tmp_path / "a.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    build_index([str(tmp_path / "a.jsonl")], tmp_path / "ix")
    assert {
        one.article_id: one.extra for one in articles_of(PassageIndex.open(tmp_path / "ix"))
    } == {f"r{n}": (("tags", "x"), ("tags", "X"), ("no", str(n))) for n in range(records)}
    assert check_index(tmp_path / "ix").faults == ()

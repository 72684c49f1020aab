"""How a query was read, in words, and that nobody is told who did not ask."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search import Index
from search.query.parser import parse_query
from search.query.tree import Phrase, Term, leaves
from search.reading import reading
from tests.commands import copy_sample, sh

if TYPE_CHECKING:
    from pathlib import Path

ANY = "any of, those with more and rarer ones first"
READINGS = [
    ("", ["nothing: there are no words to search for"]),
    ("text:a text:b", [f"{ANY}, in the paragraph itself: a, b"]),
    ("a where:section=sports", ["passages with: a", "only from articles with section=sports"]),
    ("a article:b#p7", ["passages with: a", "only from article b#p7"]),
    ("*", ["every passage"]),
    ("patrols", ["passages with: patrols"]),
    ("patrols school", [f"{ANY}: patrols, school"]),
    ('"phone trees"', ['passages with: the phrase "phone trees"']),
    ('"a b"~1 c', [f'{ANY}: the phrase "a b" with at most 1 word between, c']),
    ("a AND b NOT c", ["all of: a, b", "without: c"]),
    ("a OR b", ["one of, or several: a, b"]),
    ("a OR b c", [f"{ANY}:", "  one of, or several: a, b", "  c"]),
    ('a AND b OR "c d"', ["one of, or several:", "  all of: a, b", '  the phrase "c d"']),
    ("+a b -c", ["required: a", "better with: b", "without: c"]),
    ("+a +b c", ["all of: a, b", "better with: c"]),
    ("+(a OR b) c", ["one of, or several: a, b", "better with: c"]),
    ("-a -b", ["every passage", "without: a, b"]),
    ("a -(b c)", ["passages with: a", "without:", f"  {ANY}: b, c"]),
    ("NOT a", ["every passage", "without: a"]),
    ("a^2 b", [f"{ANY}: a (its score times 2), b"]),
    ("(a b)^0.5", ["its score times 0.5:", f"  {ANY}: a, b"]),
    (
        "title:x heading:y text:z",
        [f"{ANY}: x in the title, y in a heading, z in the paragraph itself"],
    ),
    ("pat* p?t", [f"{ANY}: words that begin with pat, words like p?t"]),
    ("pat~ pat~2", [f"{ANY}: words at most 1 letter off pat, words at most 2 letters off pat"]),
    ("/pats?/", ["passages with: words that match /pats?/"]),
    ("NEAR(a b, 1)", ["passages with: a and b with at most 1 word between, in any order"]),
    (
        "ARTICLE(a b -c)",
        [
            "any of, from articles that have them all somewhere: a, b",
            "from no article that has anywhere: c",
        ],
    ),
    # What restricts: values of one field are alternatives where they stand beside words.
    ("author:smith", ["every passage", "only from articles by smith"]),
    ("article:x article:y a", ["passages with: a", "only from article x or article y"]),
    ('article:"my file"', ["every passage", 'only from article "my file"']),
    (
        "a lang:en AND source:b",
        ["passages with: a", "only from articles with lang:en AND source:b"],
    ),
    ("a AND lang:en", ["passages with: a", "only from articles in language en"]),
    (
        "(lang:en OR lang:de) a",
        ["passages with: a", "only from articles in language en or articles in language de"],
    ),
    ("a published:2025", ["passages with: a", "only from articles published 2025"]),
    (
        "a published:2025-01-02..2026",
        ["passages with: a", "only from articles published from 2025-01-02 to 2026-12-31"],
    ),
    (
        "a after:2024 before:2026-05-01",
        [
            "passages with: a",
            "only from articles published 2025 or later",
            "only from articles published 2026-04 or earlier",
        ],
    ),
    ("published:*", ["every passage", "only from articles that have a date"]),
    # Names.
    (
        "New York",
        [f"{ANY}: New, York", """as a phrase it would be "New York", in a shell '"New York"'"""],
    ),
    ("ICE hotline", [f"{ANY}: ICE, hotline"]),
    (
        "mayor of New York city",
        [
            f"{ANY}: mayor, of, New, York, city",
            """as a phrase it would be "New York", in a shell '"New York"'""",
        ],
    ),
    (
        "-x Miles O'Brien",
        [
            f"{ANY}: Miles, O'Brien",
            "without: x",
            """as a phrase it would be "Miles O'Brien", in a shell '"Miles O'"'"'Brien"'""",
        ],
    ),
    ("A B C D E", [f"{ANY}: A, B, C, D, E"]),
    ('"New York" "Los Angeles"', [f'{ANY}: the phrase "New York", the phrase "Los Angeles"']),
]


@pytest.mark.parametrize(("text", "lines"), READINGS)
def test_reading(text: str, lines: list[str]) -> None:
    assert list(reading(parse_query(text).query)) == lines


def test_words_that_are_all_required() -> None:
    lines = reading(parse_query("New York", all_words=True).query)
    assert lines == (
        "all of: New, York",
        """as a phrase it would be "New York", in a shell '"New York"'""",
    )


_PIECES = st.sampled_from(
    [
        *("plum", "Rome", "Paris", "fi*", "f?g", "/fig/", "fig~2", '"red figs"', '"red figs"~2'),
        *("title:fig", "lang:en", "article:x", "author:y", "published:2025", "text:(a", "*"),
        *("AND", "OR", "NOT", "+", "-", "(", ")", "^2", "~", '"', "NEAR(a b, 2)", "ARTICLE(a -b)"),
    ]
)


@given(st.lists(_PIECES | st.text(max_size=4), max_size=12).map(" ".join))
def test_every_word_of_any_query_is_told(text: str) -> None:
    query = parse_query(text).query
    lines = reading(query)
    assert lines
    assert all(map(str.strip, lines))
    told = "\n".join(lines)
    for leaf in leaves(query):
        if isinstance(leaf, Term | Phrase):
            assert leaf.text in told or str(leaf) in told


def test_depth_and_length_are_those_of_the_parser() -> None:
    deep = "(a OR (b AND " * 24 + "c" + "))" * 24
    assert len(reading(parse_query(deep).query)) > 24
    long = " ".join(f"w{number}" for number in range(1_000))
    assert len(reading(parse_query(long).query)) == 1


@pytest.fixture
def home(tmp_path: Path) -> Path:
    copy_sample(tmp_path)
    sh("indexer add indexer/sample/article.txt", tmp_path)
    return tmp_path


@pytest.mark.parametrize("query", ["ICE hotline", "New York", "Los Angeles", "Union del Barrio"])
def test_two_capitalised_words_get_no_lecture(home: Path, query: str) -> None:
    done = sh(f"search -n 1 {query}", home)
    about_it = [line for line in done.stderr.splitlines() if "phrase" in line or "quote" in line]
    assert about_it == []
    with Index.open(home / "data/passage-search/index") as index:
        page = index.search(query)
        assert (page.warnings, page.reading) == ((), ())


def test_who_asks_is_told_in_text_and_in_json(home: Path) -> None:
    hint = """as a phrase it would be "Los Angeles", in a shell '"Los Angeles"'"""
    done = sh("search --explain -n 1 Los Angeles", home)
    assert done.stdout.splitlines()[:4] == [
        "query: Los Angeles",
        f"  {ANY}: Los, Angeles",
        f"  {hint}",
        "",
    ]
    # What is told for the shell is right in a shell.
    assert sh("""search -c '"Los Angeles"'""", home).stdout == "1\n"
    page = json.loads(sh("search --explain --json Los Angeles", home).stdout)
    assert page["interpreted_as"] == "Los Angeles"
    assert page["reading"] == [f"{ANY}: Los, Angeles", hint]
    assert "reading" not in json.loads(sh("search --json Los Angeles", home).stdout)

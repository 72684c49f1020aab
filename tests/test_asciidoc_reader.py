"""AsciiDoc: blocks of every kind with their lines, facts, what is left out, and inline markup."""

from __future__ import annotations

from datetime import date

import pytest

from indexer.articles import SkipReason
from indexer.readers.formats import pick_format
from indexer.readers.markup.asciidoc_tables import rows_of
from tests.making.markup import asciidoc
from tests.markups import (
    CAPTION,
    CODE,
    HEADING,
    ITEM,
    PARAGRAPH,
    QUOTE,
    ROW,
    plain,
    read,
    shapes,
    skipped,
    texts,
)

TEXT = """\
= The *quay*
Ada Byron <ada@example.org>; Bo Li
v1.0, 2024-05-01
:port: Aber
:keywords: sea, tide

// a comment
Water stood
at the _edge_ of {port}.footnote:[A note.]

== Times

* high at *noon*
  and later
** again
+
it varies
. one
* [x] done
Aber:: the port
  of all
Ness::
+
the other

.Ports
[cols="1,2",options="header"]
|===
| port | time

| Aber | 6:10
| Ness
| 7:20
|===

[source,python]
----
def low():

    return 6
----

[NOTE]
====
First words.

* item
====

TIP: Take care.

[quote, Ann, Book]
____
Said so.
____

  literal here
  two

include::other.adoc[]
image::x.png[A boat, 20]
ifdef::web[]

Ebb
~~~
////
not shown
////
The end.
"""


def test_every_kind_of_block_with_its_lines() -> None:
    assert shapes(TEXT, "asciidoc") == [
        (PARAGRAPH, "Water stood at the edge of Aber.", (8, 9)),
        (PARAGRAPH, "A note.", (8, 8)),
        (HEADING, "Times", (11, 11)),
        (ITEM, "high at noon and later", (13, 14)),
        (ITEM, "again", (15, 15)),
        (ITEM, "it varies", (17, 17)),
        (ITEM, "one", (18, 18)),
        (ITEM, "done", (19, 19)),
        (ITEM, "Aber: the port of all", (20, 21)),
        (ITEM, "Ness: the other", (22, 24)),
        (CAPTION, "Ports", (26, 26)),
        (ROW, "port: Aber | time: 6:10", (31, 31)),
        (ROW, "port: Ness | time: 7:20", (32, 33)),
        (CODE, "def low():\n\n    return 6", (38, 40)),
        (PARAGRAPH, "Note: First words.", (44, 45)),
        (ITEM, "item", (47, 47)),
        (PARAGRAPH, "Tip: Take care.", (50, 50)),
        (CAPTION, "Ann, Book", (52, 52)),
        (QUOTE, "Said so.", (54, 54)),
        (CODE, "literal here\ntwo", (57, 58)),
        (CAPTION, "A boat", (61, 61)),
        (HEADING, "Ebb", (64, 65)),
        (PARAGRAPH, "The end.", (69, 69)),
    ]


def test_facts_and_what_is_left_out() -> None:
    article = read(TEXT, "asciidoc")
    assert (article.title, article.author) == ("The quay", "Ada Byron, Bo Li")
    assert article.published == date(2024, 5, 1)
    assert article.extra == (("keywords", "sea, tide"),)
    assert [block.text for block in article.omitted] == [
        "a comment",
        "include::other.adoc[]",
        "not shown",
    ]
    assert [block.level for block in article.blocks if block.level] == [1, 2]


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("a *bold* _it_ #mark# word", "a bold it mark word"),
        ("b**ol**d and [.red]#mark#", "bold and mark"),
        ("`a*b*c` and `+x_y_z+`", "a*b*c and +x_y_z+"),
        ("2 * 3 * 4 and snake_case_name", "2 * 3 * 4 and snake_case_name"),
        ("*a _nested_ one*", "a nested one"),
        (
            "see https://e.org[the page] and https://e.org/a_b_c",
            "see the page and https://e.org/a_b_c",
        ),
        ("link:a.html[A, window=_blank] <<b,B>> <<c>> xref:d.adoc#e[]", "A B c e"),
        ("linkgit:git-add[1] says kbd:[Ctrl+C]", "git-add(1) says Ctrl+C"),
        ("menu:File[Save > As]", "File > Save > As"),
        ("a ((word)) in(((index,it))) mind", "a word in mind"),
        ("[[anchor]]here", "here"),
        ("H~2~O and x^2^", "H2O and x2"),
        ("stem:[x^2_1] and pass:[<u>]", "x^2_1 and <u>"),
        ("image:x.png[A boat,20]", "A boat"),
        (r"\*not bold* and {unknown} {nbsp}x", "*not bold* and {unknown} x"),
        ("the 'old' way isn't 'it'", "the old way isn't it"),
        ("one -- two &amp; three", "one — two & three"),
    ],
)
def test_inline_markup_is_taken_off(markup: str, text: str) -> None:
    assert plain(markup, "asciidoc") == text


def test_what_is_not_closed_is_text() -> None:
    assert texts("One.\n\n----\ntwo\n\nthree\n", "asciidoc") == ["One.", "---- two", "three"]


TABLES = [
    (["|a |b", "", "|1 |2", "|3 |4"], ["cols=2"], [["a", "b"], ["1", "2"], ["3", "4"]], 1),
    (["|a", "|b", "|c", "|d"], ['cols="1', '2"'], [["a", "b"], ["c", "d"]], 0),
    (["|a", "|b", "|c"], ['cols="3*"'], [["a", "b", "c"]], 0),
    (["2+|wide", "|x a|y", "and z"], ["cols=2"], [["wide", ""], ["x", "y\nand z"]], 0),
    (["3*|same |end"], [], [["same", "same", "same", "end"]], 0),
    ([r"|a \| b |c"], [], [["a | b", "c"]], 0),
]


@pytest.mark.parametrize(("lines", "style", "rows", "heads"), TABLES)
def test_cells_of_tables(
    lines: list[str], style: list[str], rows: list[list[str]], heads: int
) -> None:
    found, found_heads = rows_of(lines, 1, "|", style)
    assert ([cells for cells, _ in found], found_heads) == (rows, heads)


def test_tables_with_commas() -> None:
    text = '[%header]\n,===\nport,time\n"Aber, Old",6:10\n,===\n'
    assert texts(text, "asciidoc") == ["port: Aber, Old | time: 6:10"]


def test_a_note_in_the_title_has_its_line() -> None:
    assert shapes("= Tides footnote:[Of 2024.]\n\nHigh.\n", "asciidoc") == [
        (PARAGRAPH, "Of 2024.", (1, 1)),
        (PARAGRAPH, "High.", (3, 3)),
    ]


def test_keys_and_signatures_are_no_text() -> None:
    found = skipped(
        b"-----BEGIN PGP SIGNATURE-----\n\niQIz\n-----END PGP SIGNATURE-----\n", "asciidoc"
    )
    assert found.reason is SkipReason.NO_PROSE
    assert found.detail == "it is a key or a signature of PGP, and no text"


def test_names_that_stand_for_each_other_are_bounded() -> None:
    bomb = ":a: " + "x" * 2_000 + "\n\n" + "{a}" * 20_000 + "\n"
    found = skipped(bomb.encode(), "asciidoc")
    assert found.reason is SkipReason.TOO_LARGE
    assert found.detail.startswith("the text, with what its names stand for, is larger than 20 MB")


def test_content_tells_where_the_name_does_not() -> None:
    assert pick_format("-", b"= Tides\nAda Byron\n:port: Aber\n").name == "asciidoc"
    assert pick_format("-", asciidoc([("Tides", ["High water."])])).name == "text"

"""Org: blocks of every kind with their lines, facts, what is left out, and inline markup."""

from __future__ import annotations

from datetime import date

import pytest

from indexer.readers.formats import pick_format
from tests.markups import CAPTION, CODE, HEADING, ITEM, PARAGRAPH, QUOTE, ROW, plain, read, shapes

TEXT = """\
#+TITLE: The *quay*
#+AUTHOR: Ada Byron and Bo Li
#+DATE: <2024-05-01 Wed>
#+FILETAGS: :sea:
# a comment

Water stood
at the /edge/.[fn:1]
* TODO [#A] Times [1/2]     :high:low:
SCHEDULED: <2024-05-02 Thu>
:PROPERTIES:
:ID: 12
:END:
- high at *noon*
  and later
  - again at midnight

  it varies
1. [X] one
- Aber :: the port
After the list.

#+CAPTION: Ports
| port | time |
|------+------|
| <l>  |      |
| Aber | 6:10 |
#+begin_src python
  def low():

      return 6
#+end_src
#+BEGIN_QUOTE
First words.

Second.
#+END_QUOTE
** Ebb[fn:: written within]
: fixed
:   more
-----
\\begin{equation}
x = 1
\\end{equation}
#+INCLUDE: "other.org"
[fn:1] The note.
"""


def test_every_kind_of_block_with_its_lines() -> None:
    assert shapes(TEXT, "org") == [
        (PARAGRAPH, "Water stood at the edge.", (7, 8)),
        (HEADING, "Times", (9, 9)),
        (ITEM, "high at noon and later", (14, 15)),
        (ITEM, "again at midnight", (16, 16)),
        (ITEM, "it varies", (18, 18)),
        (ITEM, "one", (19, 19)),
        (ITEM, "Aber: the port", (20, 20)),
        (PARAGRAPH, "After the list.", (21, 21)),
        (CAPTION, "Ports", (23, 23)),
        (ROW, "port: Aber | time: 6:10", (27, 27)),
        (CODE, "def low():\n\n    return 6", (29, 31)),
        (QUOTE, "First words.", (34, 34)),
        (QUOTE, "Second.", (36, 36)),
        (HEADING, "Ebb", (38, 38)),
        (PARAGRAPH, "written within", (38, 38)),
        (CODE, "fixed\n  more", (39, 40)),
        (CODE, "\\begin{equation}\nx = 1\n\\end{equation}", (42, 44)),
        (PARAGRAPH, "The note.", (46, 46)),
    ]


def test_facts_and_what_is_left_out() -> None:
    article = read(TEXT, "org")
    assert (article.title, article.author) == ("The quay", "Ada Byron, Bo Li")
    assert article.published == date(2024, 5, 1)
    assert article.extra == (("tags", "sea"), ("todo", "TODO"), ("tags", "high"), ("tags", "low"))
    assert [block.text for block in article.omitted] == [
        "a comment",
        "SCHEDULED: <2024-05-02 Thu>",
        ":ID: 12",
        '#+INCLUDE: "other.org"',
    ]
    assert [block.level for block in article.blocks if block.level] == [1, 2]


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("a *bold* /it/ _under_ +gone+ word", "a bold it under gone word"),
        ("the =a*b*c= and ~x_1~, too", "the a*b*c and x_1, too"),
        ("*a /nested/ one*", "a nested one"),
        ("2*3*4 and a/b/c and snake_case_name", "2*3*4 and a/b/c and snake_case_name"),
        ("see [[https://e.org][the /page/]]", "see the page"),
        ("see [[https://e.org/a_b_c]]", "see https://e.org/a_b_c"),
        ("a <<target>>word and <<<radio>>>", "a word and radio"),
        (r"\alpha and \rightarrow{}x \unknownthing", r"α and →x \unknownthing"),
        ("x_{12} and y^{2}", "x12 and y2"),
        ("{{{kbd(C-c)}}} twice", "C-c twice"),
        ("on <2024-01-01 Mon>", "on 2024-01-01 Mon"),
        (r"one\\", "one"),
    ],
)
def test_inline_markup_is_taken_off(markup: str, text: str) -> None:
    assert plain(markup, "org") == text


def test_what_is_not_closed_is_text() -> None:
    text = "#+begin_src c\nint x;\n\n:DRAWER:\nsome words\n"
    assert shapes(text, "org") == [
        (PARAGRAPH, "#+begin_src c int x;", (1, 2)),
        (PARAGRAPH, ":DRAWER: some words", (4, 5)),
    ]


def test_states_and_macros_that_the_file_defines() -> None:
    text = (
        "#+TODO: OPEN(o) | SHUT\n#+MACRO: port Aber $1\n"
        "* OPEN Times\n{{{port(Ness)}}}\n* TODOs\nx\n"
    )
    article = read(text, "org")
    assert [block.text for block in article.blocks] == ["Times", "Aber Ness", "TODOs", "x"]
    assert article.extra == (("todo", "OPEN"),)


def test_content_tells_where_the_name_does_not() -> None:
    assert pick_format("-", b"# -*- org -*-\n#+title: Tides\n").name == "org"
    assert pick_format("-", b"\n#+STARTUP: overview\n* Tides\nHigh water.\n").name == "org"
    assert pick_format("-", b"* Tides\n:PROPERTIES:\n:ID: 1\n:END:\n").name == "org"
    assert pick_format("-", b"Code:\n\n#+begin_src sh\nls\n#+end_src\n").name == "org"
    for text in (b"* one\n** two\n", b"* TODO mend the lamp\n", b"Write #+TITLE: over it.\n"):
        assert pick_format("-", text).name == "text"

"""reStructuredText: blocks of every kind with their lines, facts, directives, inline markup."""

from __future__ import annotations

from datetime import date

import pytest

from indexer.readers.markup.rst_tables import grid_rows, simple_rows
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
    texts,
)

TEXT = """\
========
The quay
========

:Author: Ada Byron
:Date: 2024-05-01

.. _target:
.. a comment

Water stood
at the *edge* of ``a*b*c`` [1]_ and :class:`~x.Tide`, see `the page <http://e.org>`_ or ref_.

Times
=====

* high at **noon**
  and later

  it varies

  - again
1. one
2. two

Aber
   the port

   second
:param x: the **thing**
-a, --all  everything

Code::

    def low():

        return 6

+------+------+
| port | time |
+======+======+
| Aber | 6:10 |
|      | x    |
+------+------+

====  ====
port  time
====  ====
Aber  6:10
      more
Ness  7:20
====  ====

.. note:: Take care
   of it.

   * item

.. versionadded:: 3.4
   A thing.

.. py:function:: abs(x)
   :noindex:

   Return it.

.. unknown-thing:: words

   Body here.

.. code-block:: python
   :caption: Cap

   x = 1

.. list-table:: Ports
   :header-rows: 1

   * - port
     - time
   * - Aber
     - 6:10

.. csv-table::
   :header: "a", "b"

   1, 2

.. toctree::

   x
   y

.. image:: x.png
   :alt: A boat

   quoted text

.. |sub| replace:: value

The |sub| end.

----

Sub
---

>>> 1 + 1
2

| line one
| line two

.. [1] The note
   goes on.
"""


def test_every_kind_of_block_with_its_lines() -> None:
    assert shapes(TEXT, "rst") == [
        (PARAGRAPH, "Water stood at the edge of a*b*c and x.Tide, see the page or ref.", (11, 12)),
        (HEADING, "Times", (14, 15)),
        (ITEM, "high at noon and later", (17, 18)),
        (ITEM, "it varies", (20, 20)),
        (ITEM, "again", (22, 22)),
        (ITEM, "one", (23, 23)),
        (ITEM, "two", (24, 24)),
        (ITEM, "Aber: the port", (26, 27)),
        (ITEM, "second", (29, 29)),
        (ITEM, "param x: the thing", (30, 30)),
        (ITEM, "-a, --all everything", (31, 31)),
        (PARAGRAPH, "Code:", (33, 33)),
        (CODE, "def low():\n\n    return 6", (35, 37)),
        (ROW, "port: Aber | time: 6:10 x", (42, 43)),
        (ROW, "port: Aber | time: 6:10 more", (49, 50)),
        (ROW, "port: Ness | time: 7:20", (51, 51)),
        (PARAGRAPH, "Note: Take care of it.", (54, 55)),
        (ITEM, "item", (57, 57)),
        (PARAGRAPH, "New in version 3.4: A thing.", (59, 60)),
        (PARAGRAPH, "abs(x)", (62, 63)),
        (PARAGRAPH, "Return it.", (65, 65)),
        (PARAGRAPH, "words", (67, 67)),
        (PARAGRAPH, "Body here.", (69, 69)),
        (CAPTION, "Cap", (71, 71)),
        (CODE, "x = 1", (74, 74)),
        (CAPTION, "Ports", (76, 76)),
        (ROW, "port: Aber | time: 6:10", (81, 82)),
        (ROW, "a: 1 | b: 2", (87, 87)),
        (CAPTION, "A boat", (94, 94)),
        (CAPTION, "quoted text", (97, 97)),
        (PARAGRAPH, "The value end.", (101, 101)),
        (HEADING, "Sub", (105, 106)),
        (CODE, ">>> 1 + 1\n2", (108, 109)),
        (PARAGRAPH, "line one line two", (111, 112)),
        (PARAGRAPH, "The note goes on.", (114, 115)),
    ]


def test_facts_and_what_is_left_out() -> None:
    article = read(TEXT, "rst")
    assert (article.title, article.author) == ("The quay", "Ada Byron")
    assert article.published == date(2024, 5, 1)
    assert [block.text for block in article.omitted] == ["a comment", "toctree:: x y"]
    assert [block.level for block in article.blocks if block.level] == [2, 3]
    noted = read(":orphan:\n:Version: 2\n\nTides\n=====\n\nx\n", "rst")
    assert (noted.title, noted.extra) == ("Tides", (("version", "2"),))


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("a **bold** *it* ``a*b*`` ``x`` word", "a bold it a*b* x word"),
        ("2*3*4 and snake_case_name and x_", "2*3*4 and snake_case_name and x"),
        (r"\*not\* a\ b", "*not* ab"),
        (r"H\ :sub:`2`\ O and *re*\ ``set``\ s", "H2O and resets"),
        ("see `the page <https://e.org>`_ and `that`__ or https://e.org/a_", None),
        (":ref:`the part <there>` :meth:`!a.b` :kbd:`C-x` `x`:sub:", "the part a.b C-x x"),
        (":pep:`8` and :py:class:`~os.PathLike`", "PEP 8 and os.PathLike"),
        ("noted [1]_ and [#]_ by [Lee2001]_", "noted and by Lee2001"),
        ("_`a target` and |name|", "a target and name"),
        ("*args and **kwargs", "*args and **kwargs"),
    ],
)
def test_inline_markup_is_taken_off(markup: str, text: str | None) -> None:
    expected = "see the page and that or https://e.org/a_" if text is None else text
    assert plain(markup, "rst") == expected


def test_levels_follow_the_order_of_adornments() -> None:
    text = "A\n-\n\nx\n\n===\nB\n===\n\nC\n~~~\n\ny\n\nD\n---\n\nz\n"
    found = [(block.text, block.level) for block in read(text, "rst").blocks if block.level]
    assert found == [("A", 1), ("B", 2), ("C", 3), ("D", 1)]


def test_directives_of_each_treatment() -> None:
    text = """\
    .. c:function:: int f(void)
                    int g(void)

       Do it.

    .. admonition:: Mind the gap

       It is wide.

    .. only:: html

       Shown.

    .. raw:: html

       <hr>

    .. include:: other.rst

    .. figure:: x.png
       :alt: A boat

       A boat at sea.

    .. epigraph::

       Words.

    .. unknown::
       :option: 1

       * item
    """
    assert shapes(text, "rst") == [
        (PARAGRAPH, "int f(void) int g(void)", (1, 2)),
        (PARAGRAPH, "Do it.", (4, 4)),
        (PARAGRAPH, "Mind the gap: It is wide.", (6, 8)),
        (PARAGRAPH, "Shown.", (12, 12)),
        (CAPTION, "A boat", (20, 20)),
        (CAPTION, "A boat at sea.", (23, 23)),
        (QUOTE, "Words.", (27, 27)),
        (ITEM, "item", (32, 32)),
    ]
    assert [block.text for block in read(text, "rst").omitted] == [
        "raw:: html <hr>",
        "include:: other.rst",
    ]


def test_a_sentence_that_begins_like_an_item_is_one() -> None:
    assert shapes("A. Lee went\nto sea.\n", "rst") == [(PARAGRAPH, "A. Lee went to sea.", (1, 2))]


def test_code_that_is_quoted_by_its_marks() -> None:
    assert texts("So::\n\n> a\n> b\n\nend\n", "rst") == ["So:", "> a\n> b", "end"]


def test_what_is_nested_very_deep_is_text() -> None:
    text = "".join(f"{'  ' * depth}* w{depth}\n\n" for depth in range(300))
    found = " ".join(texts(text, "rst")).split()
    assert [word for word in found if word != "*"] == [f"w{depth}" for depth in range(300)]


def test_a_grid_whose_cells_reach_over_others() -> None:
    grid = [
        "+---+---+",
        "| a | b |",
        "+===+===+",
        "| c     |",
        "+---+---+",
        "| d | e |",
        "+---+---+",
    ]
    rows, heads = grid_rows(grid, 1)
    assert ([cells for cells, _ in rows], heads) == (
        [["\na", "\nb"], ["\nc", ""], ["\nd", "\ne"]],
        1,
    )


def test_a_simple_table_without_a_head() -> None:
    rows, heads = simple_rows(["==  ==", "a   b", "==  =="], 1)
    assert ([cells for cells, _ in rows], heads) == ([["a", "b"]], 0)

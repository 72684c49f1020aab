"""What the measure of the PDF reader counts as right."""

from __future__ import annotations

import pytest

from tests.bench.pdf_compare import Fault, Given, judge
from tests.bench.pdf_real import Seen, is_given
from tests.making.pdf_made import Part
from tests.making.pdf_writing import Kind

PLUMS = Part(Kind.PARAGRAPH, "Plums are blue and{1} plump.", 2)
ITEM = Part(Kind.ITEM, "Ripe plums of the garden", 2, mark="1.")
ROW = Part(Kind.ROW, "Plum 3", 2, cells=("Plum", "3"), heads=("Fruit", "Count"))


@pytest.mark.parametrize(
    ("part", "text"),
    [
        (PLUMS, "Plums are blue and1 plump."),
        (PLUMS, "Plums  are blue\nand plump."),
        (PLUMS, "Plums are blue and [1] plump."),
        (ITEM, "Ripe plums of the garden"),
        (ITEM, "1. Ripe plums of the garden"),
        (ROW, "Plum | 3"),
        (ROW, "Fruit: Plum; Count: 3"),
    ],
)
def test_exact(part: Part, text: str) -> None:
    judged = judge([part], [Given(text, 2)])
    assert (judged.exact, judged.ends, judged.false) == ((True,), (True,), ())


@pytest.mark.parametrize(
    ("texts", "fault"),
    [
        (["Plums are blue and plump . "], Fault.CHARACTERS),
        (["Plums are blue and plump. 12"], Fault.JOINED),
        (["Plums are blue", "and plump."], Fault.BROKEN),
        (["Plums are blue and rather plump."], Fault.WORDS),
        (["Plums plump. are and1 blue"], Fault.WORDS),
        (["Pears are green."], Fault.LOST),
        ([], Fault.LOST),
    ],
)
def test_faults(texts: list[str], fault: Fault) -> None:
    judged = judge([PLUMS], [Given(text, 2) for text in texts])
    assert (judged.exact, judged.faults) == ((False,), (fault,))
    assert len(judged.false) == len(texts)


def test_the_ends_need_the_page_and_most_of_the_words() -> None:
    assert judge([PLUMS], [Given("Plums are blue and rather plump.", 2)]).ends == (True,)
    assert judge([PLUMS], [Given("Plums are blue and plump.", 3)]).ends == (False,)
    assert judge([PLUMS], [Given("Plums ripen early where it is warm: plump.", 2)]).ends == (False,)


def test_a_title_may_stand_for_its_heading_and_contents_for_nothing() -> None:
    heading = Part(Kind.HEADING, "On plums", 1)
    contents = Part(Kind.LOOSE, "On plums 12", 1)
    judged = judge([heading, contents], [Given("On plums . . . . 12", 1)], "On plums")
    assert (judged.exact, judged.ends, judged.false) == ((True,), (True,), ())


@pytest.mark.parametrize(
    ("text", "page", "right"),
    [
        ("Plums are blue, and very plump indeed.", 2, True),
        ("• Plums are blue, and very plump indeed.", 2, True),
        ("3. Plums are blue, and very plump indeed.", 2, True),
        ("Plums are blue, and very plump indeed.", 3, False),
        ("Plums are blue, and very plump indeed. 12", 2, False),
        ("All plums are blue, and very plump indeed.", 2, False),
    ],
)
def test_what_was_seen(text: str, page: int, right: bool) -> None:  # noqa: FBT001
    seen = Seen(2, "Plums are blue,", "very plump indeed.", "paragraph")
    assert is_given(seen, [Given(text, page)]) is right


def test_the_mark_of_a_short_note_is_no_part_of_its_words() -> None:
    seen = Seen(2, "Plums are blue.", "Plums are blue.", "footnote")
    assert is_given(seen, [Given("2Plums are blue.", 2)])
    assert not is_given(seen, [Given("Red plums are blue.", 2)])


def test_a_row_may_have_the_names_of_its_columns() -> None:
    row = Seen(2, "Plums", "five pounds", "table row")
    head = Seen(2, "Fruit", "How much", "table row")
    given_rows = [Given("Fruit: Plums | How much: five pounds", 2)]
    assert is_given(row, given_rows)
    assert is_given(head, given_rows)
    assert not is_given(row._replace(kind="paragraph"), given_rows)
    head_part = Part(Kind.ROW, "Fruit How much", 2, cells=("Fruit", "How much"))
    assert judge([head_part], given_rows).exact == (True,)

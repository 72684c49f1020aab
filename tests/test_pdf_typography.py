"""PDF: bullets, numbers and notes beside the text, scripts set apart, code within a sentence."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import reportlab
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfbase.ttfonts import TTFont

from indexer.articles import Article
from indexer.model import BlockKind
from indexer.readers.pdf.facts import facts_of
from tests.drawn_pdfs import A_PAGE, FONTS, Drawn, Element, drawn, set_lines, tagged_tree, written
from tests.east_asian_fonts import need_east_asian_font
from tests.readings import read_articles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.articles import Block

ITEMS = (
    "Rope of hemp, as long as the pier, which is kept dry in the loft of the boat house",
    "Tar in barrels that must not stand in the sun",
    "Nails of copper",
)
PROSE = (
    "The ferry leaves the pier when the bell of the chapel has been rung for the second",
    "time, and it waits for nobody, not even for the doctor, who has to cross the water",
    "by himself then, in a boat that he keeps behind the inn for such evenings, and who",
    "has never yet come late to those that called for him. The people of the island say",
    "that he rows better than the ferrymen do, which those deny with many words and not",
    "always in the best of tempers.",
)


def read(data: bytes) -> Article:
    (article,) = read_articles(data, source="a.pdf")
    assert isinstance(article, Article), article
    return article


def texts(blocks: Sequence[Block]) -> list[str]:
    return [block.text for block in blocks]


def kinds(article: Article) -> list[tuple[BlockKind, str]]:
    return [(block.kind, block.text) for block in article.blocks]


@pytest.mark.parametrize(("mark", "font"), [("\u2022", "Times-Roman"), ("o", "Courier")])
@pytest.mark.parametrize("is_behind", [True, False])
def test_marks_are_put_before_their_items(mark: str, font: str, is_behind: bool) -> None:  # noqa: FBT001
    marks = [Drawn(mark, 72, 700 - 20 * place, 10, font) for place in range(len(ITEMS))]
    lines = [Drawn(text, 90, 700 - 20 * place) for place, text in enumerate(ITEMS)]
    beside = [one for pair in zip(marks, lines, strict=True) for one in pair]
    article = read(drawn([[*lines, *marks] if is_behind else beside]))
    assert kinds(article) == [(BlockKind.LIST_ITEM, text) for text in ITEMS]


@pytest.mark.parametrize("step", [1, 5])
@pytest.mark.parametrize("is_behind", [True, False])
def test_numbers_of_lines_are_no_part_of_them(step: int, is_behind: bool) -> None:  # noqa: FBT001
    strings: list[Drawn] = []
    numbers: list[Drawn] = []
    for place, text in enumerate([*PROSE[:5] * 5, PROSE[5]], start=1):
        y = 760 - 12 * place
        if place % step == 0:
            shown = Drawn(f"{place}", 58 if place > 9 else 62, y, 8)
            (numbers if is_behind else strings).append(shown)
        strings.append(Drawn(text, 80, y))
    article = read(drawn([[*strings, *numbers]]))
    assert texts(article.blocks) == [" ".join([*PROSE[:5] * 5, PROSE[5]])]
    told = " ".join(f"{number}" for number in range(step, 27, step))
    assert texts(article.omitted) == [told]


def test_numbers_before_rows_are_kept() -> None:
    names = ("Anchors", "Barrels", "Chains", "Dinghies", "Engines", "Flags")
    rows = [
        Drawn(text, x, 700 - 12 * place)
        for place, name in enumerate(names, start=1)
        for text, x in ((f"{place}", 72.0), (name, 140.0))
    ]
    assert texts(read(drawn([rows])).blocks) == [
        f"{place} | {name}" for place, name in enumerate(names, start=1)
    ]


def test_a_paragraph_goes_on_behind_a_note_beside_it() -> None:
    note = set_lines(
        (
            "Written by the mayor in his",
            "own hand, on a paper that is",
            "kept with others of that kind",
            "in the chest under the stairs",
            "of the town hall.",
        ),
        460,
        676,
    )
    prose = [*PROSE[:5], *PROSE]
    lines = set_lines(prose, 72, 700)
    article = read(drawn([[*lines[:3], *note, *lines[3:]]]))
    assert texts(article.blocks)[0] == " ".join(prose)


def test_lines_beside_a_picture_end_where_it_begins() -> None:
    wide = [one._replace(width=345) for one in set_lines(PROSE[:5], 72, 712)]
    beside = (
        "The picture shows the pier and the old",
        "Oystercatcher-and-Herringgull boathouse",
        "behind it as they were until the storm",
        "came and took them both away in a night",
        "of which the old still speak.",
    )
    narrow = set_lines(beside, 72, 600)
    # Justified: all but the last line are as wide as the first.
    wide += set_lines(PROSE[5:], 72, 652)
    article = read(drawn([[*wide, *(one._replace(width=170) for one in narrow[:4]), narrow[4]]]))
    assert texts(article.blocks) == [" ".join(PROSE), " ".join(beside)]


def test_a_line_that_ends_before_the_edge_that_all_others_reach_is_the_last() -> None:
    prose = [one._replace(width=345) for one in set_lines(PROSE[:5], 72, 700)]
    last = Drawn("best of tempers, though the doctor himself has never said a word of it.", 72, 640)
    more = [one._replace(width=345) for one in set_lines(PROSE[1:4], 72, 616)]
    begun = "Oystercatchers-and-herringgulls sleep on the roof of the boathouse in this season and"
    strings = [*prose, last._replace(width=325), Drawn(begun, 72, 628, width=345), *more]
    assert texts(read(drawn([strings])).blocks) == [
        " ".join([*PROSE[:5], last.text]),
        " ".join([begun, *PROSE[1:4]]),
    ]


@pytest.mark.parametrize("size", [10, 11.5])
def test_a_heading_in_a_line_of_text_begins_its_paragraph(size: float) -> None:
    head = Drawn("Of the ferrymen and doctors:", 72, 680, size, "Times-Bold")
    rest = Drawn("They row in turns where the wind is bad and", 80 + 13 * size, 680)
    strings = [*set_lines(PROSE, 72, 760), head, rest, *set_lines(PROSE[1:], 72, 668)]
    assert texts(read(drawn([strings])).blocks) == [
        " ".join(PROSE),
        " ".join([head.text, rest.text, *PROSE[1:]]),
    ]


def test_a_second_paragraph_of_a_tagged_item_is_a_block_of_its_own() -> None:
    first, second, third = "Wash the plums.", "Take cold water.", "Dry them."
    article = read(tagged_tree([("LI", [("P", [first]), ("P", [second]), ("P", [third])])]))
    assert texts(article.blocks) == [first, second, third]


def test_code_within_a_tagged_paragraph_does_not_cut_it() -> None:
    article = read(tagged_tree([("P", ["Call the function", ("Code", ["open"]), "first."])]))
    assert kinds(article) == [(BlockKind.PARAGRAPH, "Call the function open first.")]


@pytest.mark.parametrize("author", ["Programmer", "Programmer X", "Author A"])
def test_parts_that_somebody_plays_are_no_authors(author: str) -> None:
    assert facts_of({"Author": author}, "a.pdf").author == ""


def test_programmers_may_have_names() -> None:
    assert facts_of({"Author": "Programmer Jones"}, "a.pdf").author == "Programmer Jones"


@pytest.mark.parametrize(
    ("gap", "expected"), [(2.5, "\u5728\u5e7457\u4e2a"), (6, "\u5728\u5e74 57\u4e2a")]
)
def test_numbers_among_chinese_characters_are_set_a_little_apart(gap: float, expected: str) -> None:
    need_east_asian_font()
    registerFont(UnicodeCIDFont("STSong-Light"))
    strings = [
        Drawn("\u5728\u5e74", 72, 700, 10, "STSong-Light"),
        Drawn("57", 92 + gap, 700, 10),
        Drawn("\u4e2a", 104.5 + gap, 700, 10, "STSong-Light"),
    ]
    assert texts(read(drawn([strings])).blocks) == [expected]


# Alef, lam and kaf; the space behind alef takes no room, as programs draw one behind a letter.
_LETTERS = "<41> <0627> <42> <0644> <43> <0643>"


@pytest.mark.parametrize(
    ("behind", "before", "expected"),
    [
        (667, -522, "\u0627\u0644\u0643"),
        (0, 0, "\u0627 \u0644\u0643"),
    ],
)
def test_a_space_between_arabic_letters_has_room(behind: int, before: int, expected: str) -> None:
    unicode = f"begincmap 3 beginbfchar {_LETTERS} endbfchar endcmap"
    data = written(
        [
            "<</Type/Catalog/Pages 2 0 R>>",
            "<</Type/Pages/Kids[3 0 R]/Count 1>>",
            f"<</Type/Page/Parent 2 0 R/MediaBox{A_PAGE}/Contents 4 0 R{FONTS}>>",
            f"BT /F 10 Tf 93 700 Td [(C) 22 (B) {behind} ( ) {before} (A)] TJ ET",
            "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 6 0 R>>",
            unicode,
        ]
    )
    assert texts(read(data).blocks) == [expected]


# Code


def test_words_of_a_program_go_on_with_a_sentence() -> None:
    lines = set_lines(PROSE, 72, 700)
    address = Drawn(
        "https://harbour.example/wharf/timetable/winter/saturday.html", 72, 688, 9.8, "Courier"
    )
    article = read(drawn([[lines[0], address, *(one._replace(y=one.y - 12) for one in lines[1:])]]))
    assert texts(article.blocks) == [" ".join([PROSE[0], address.text, *PROSE[1:]])]


def test_each_option_of_a_program_is_a_passage() -> None:
    said = (
        "-t FILE   Reads the tides from a file of the harbour office",
        "          and tells those of the day.",
        "-n        Tells nothing.",
        "          Not even faults.",
        "-w DAYS   Waits as many days.",
    )
    code = set_lines(said, 72, 600, font="Courier")
    article = read(drawn([[*set_lines(PROSE * 2, 72, 760), *code]]))
    assert texts(article.blocks)[-3:] == [
        "\n".join(said[:2]),
        "\n".join(said[2:4]),
        said[4],
    ]


def test_signs_alone_in_a_line_are_of_the_code_around_them() -> None:
    lines = ("#", "# Ring when the tide is high", "#", "tide = read()", "...", "ring(bell)")
    code = set_lines(lines, 72, 600, font="Courier")
    article = read(drawn([[*set_lines(PROSE * 2, 72, 760), *code]]))
    assert kinds(article)[-1] == (BlockKind.CODE, "\n".join(lines))


def test_paragraphs_of_one_line_of_code_each_are_one() -> None:
    code = [("Note", [line]) for line in ("tide = read()", "if tide:", "ring(bell)")]
    article = read(tagged_tree([("P", [" ".join(PROSE)]), *code], fixed=["Note"]))
    assert kinds(article)[1:] == [(BlockKind.CODE, "tide = read()\nif tide:\nring(bell)")]


def test_a_flag_that_widths_contradict_makes_no_typewriter() -> None:
    registerFont(TTFont("Vera", Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"))
    lines = [one._replace(font="Vera") for one in set_lines(PROSE[4:], 72, 600)]
    data = drawn([[*set_lines(PROSE, 72, 760), *lines]])
    flagged = data.replace(b"/Flags 4 ", b"/Flags 5 ")
    assert flagged != data
    assert kinds(read(flagged))[1:] == [(BlockKind.PARAGRAPH, " ".join(PROSE[4:]))]


# Structure trees


def test_tags_that_cut_a_sentence_are_not_believed() -> None:
    first, second = "The ferry leaves the pier when", "the bell has been rung."
    article = read(tagged_tree([("P", [first]), ("P", [second]), ("P", ["That is all."])]))
    assert texts(article.blocks) == [f"{first} {second}", "That is all."]


def test_cells_have_the_order_of_their_tags() -> None:
    row: Element = ("TR", [("TH", ["Sugar"]), ("TD", ["two pounds"])])
    lines: list[Element] = [("P", [line]) for line in ("Take this.", "Take that.", "Take all.")]
    article = read(tagged_tree([*lines, row, *lines], drawn_last=["TH"]))
    assert texts(article.blocks)[3] == "Sugar | two pounds"


# The names of columns


def test_cells_have_the_names_that_tags_give_their_columns() -> None:
    rows: list[Element] = [
        ("TR", [("TH", ["Fruit"]), ("TH", ["How much"])]),
        ("TR", [("TD", ["Plums"]), ("TD", ["five pounds"])]),
        ("TR", [("TD", ["Sugar"]), ("TD", ["two pounds"])]),
    ]
    lines: list[Element] = [("P", [line]) for line in ("Take this.", "Take that.")]
    article = read(tagged_tree([*lines, ("Table", rows)]))
    assert kinds(article)[2:] == [
        (BlockKind.TABLE_ROW, "Fruit: Plums | How much: five pounds"),
        (BlockKind.TABLE_ROW, "Fruit: Sugar | How much: two pounds"),
    ]


_HARBOURS = (("Harbour", "Boats", "Since"), ("Elm Bay", "40", "1804"), ("Old Quay", "12", "1790"))
_NAMED = [
    "Harbour: Elm Bay | Boats: 40 | Since: 1804",
    "Harbour: Old Quay | Boats: 12 | Since: 1790",
]


def table(rows: Sequence[Sequence[str]], bold: Sequence[int], top: float = 500) -> list[Drawn]:
    return [
        Drawn(cell, 72 + 120 * column, top - 14 * place, 10, font)
        for place, row in enumerate(rows)
        for font in ("Times-Bold" if place in bold else "Times-Roman",)
        for column, cell in enumerate(row)
        if cell
    ]


def test_the_only_bold_row_names_the_columns_on_all_pages() -> None:
    prose = set_lines(PROSE * 2, 72, 760)
    more = (_HARBOURS[0], ("New Quay", "7", "1901"))
    lower = set_lines(PROSE * 2, 72, 600)
    pages = [[*prose, *table(_HARBOURS, [0])], [*table(more, [0], 700), *lower]]
    article = read(drawn(pages))
    rows = [block.text for block in article.blocks if block.kind is BlockKind.TABLE_ROW]
    assert rows == [*_NAMED, "Harbour: New Quay | Boats: 7 | Since: 1901"]


@pytest.mark.parametrize("bold", [[], [0, 1], [0, 2], [2]])
def test_rows_that_do_not_name_the_columns_for_certain_are_rows(bold: Sequence[int]) -> None:
    prose = set_lines(PROSE * 2, 72, 760)
    article = read(drawn([[*prose, *table(_HARBOURS, bold)]]))
    assert texts(article.blocks)[-3:] == [" | ".join(row) for row in _HARBOURS]


def test_a_row_with_an_empty_cell_has_the_names_over_the_others() -> None:
    rows = (*_HARBOURS, ("New Quay", "", "1901"))
    prose = set_lines(PROSE * 2, 72, 760)
    article = read(drawn([[*prose, *table(rows, [0])]]))
    assert texts(article.blocks)[-3:] == [*_NAMED, "Harbour: New Quay | Since: 1901"]

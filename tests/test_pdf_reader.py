"""PDF: paragraphs, places, furniture, headings, facts, structure trees, and what has no text."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from indexer.articles import Article, Skipped, SkipReason
from indexer.model import BlockKind, Lines
from indexer.readers.budget import Budget
from indexer.readers.pdf.facts import facts_of
from indexer.readers.pdf.glyphs import as_read, with_accents
from tests.drawn_pdfs import A_PAGE, FONTS, Drawn, drawn, set_lines, tagged, written
from tests.making.pdf import pdf, scanned_pdf
from tests.readings import read_articles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.articles import Block

FULL = (
    "The harbour master wrote down each evening how high the water stood at the post,",
    "and his notes are kept in the town hall, where the mayor shows them to those who",
    "ask for them in time.",
)
OTHER = (
    "Nobody reads them now, as there are better ways to know how high the water stands,",
    "but on the day of the flood they will be looked at by all who live by the harbour.",
)


def read(data: bytes, **how: object) -> Article:
    found = list(read_articles(data, source="a.pdf", **how))
    (article,) = found
    assert isinstance(article, Article), article
    return article


def skipped(data: bytes, **how: object) -> Skipped:
    (found,) = read_articles(data, source="a.pdf", **how)
    assert isinstance(found, Skipped)
    return found


def texts(blocks: Sequence[Block]) -> list[str]:
    return [block.text for block in blocks]


def kinds(article: Article) -> list[tuple[BlockKind, str]]:
    return [(block.kind, block.text) for block in article.blocks]


# Paragraphs


def test_paragraphs_are_told_by_gaps() -> None:
    article = read(drawn([[*set_lines(FULL, 72, 700), *set_lines(OTHER, 72, 655)]]))
    assert texts(article.blocks) == [" ".join(FULL), " ".join(OTHER)]
    assert [block.lines for block in article.blocks] == [Lines(1, 3), Lines(4, 5)]
    assert {block.locator for block in article.blocks} == {(("page", 1),)}


def test_paragraphs_are_told_by_indents_and_by_short_lines() -> None:
    lines = set_lines((*FULL, *OTHER, *FULL), 72, 700)
    indented = [line._replace(x=84) if line.text in {FULL[0], OTHER[0]} else line for line in lines]
    expected = [" ".join(FULL), " ".join(OTHER), " ".join(FULL)]
    assert texts(read(drawn([indented])).blocks) == expected
    assert texts(read(drawn([lines[:5]])).blocks) == expected[:2]


def test_a_paragraph_goes_on_on_the_next_page() -> None:
    pages = [set_lines((*OTHER, FULL[0]), 72, 136), set_lines((*FULL[1:], *OTHER), 72, 760)]
    article = read(drawn(pages))
    assert texts(article.blocks) == [" ".join(OTHER), " ".join(FULL), " ".join(OTHER)]
    places = [(block.locator[0][1], block.lines) for block in article.blocks]
    assert places == [(1, Lines(1, 2)), (1, Lines(3, 3)), (2, Lines(3, 4))]


def test_a_note_at_the_foot_stands_behind_what_goes_on_over_it() -> None:
    note = set_lines(["1 So it was told at the inn."], 72, 60, size=7)
    article = read(drawn([[*set_lines(FULL[:1], 72, 90), *note], set_lines(FULL[1:], 72, 760)]))
    assert texts(article.blocks) == [" ".join(FULL), "1 So it was told at the inn."]


@pytest.mark.parametrize(
    ("more", "joined"),
    [
        ("The international trade came back.", "The international trade"),
        ("The inter-national trade came back.", "The inter-national trade"),
    ],
)
def test_hyphens_at_line_ends_are_as_elsewhere_in_the_document(more: str, joined: str) -> None:
    first = "By and by all that is known of the flood, of the harbour and of the old inter-"
    lines = set_lines((first, "national trade was told.", more), 72, 700)
    article = read(drawn([[*lines[:2], lines[2]._replace(y=650)]]))
    assert joined.removeprefix("The ") in article.blocks[0].text


def test_a_hyphen_before_a_capital_is_kept() -> None:
    first = "Nothing at all is known of the flood, of the harbour and of those old Anglo-"
    article = read(drawn([set_lines((first, "Saxon ships."), 72, 700)]))
    assert article.blocks[0].text.endswith("those old Anglo-Saxon ships.")


# Columns

LEFT = (
    "Gulls walked on the wet sand all day,",
    "until the water came back for it and",
    *["took what they had left"] * 6,
)
RIGHT = (
    "Ships lay in the harbour in the fog,",
    "and none of them had come in time for",
    *["the market of the year"] * 6,
)


@pytest.mark.parametrize("by_rows", [False, True])
def test_columns_are_read_one_after_the_other(by_rows: bool) -> None:  # noqa: FBT001
    title = Drawn("Of gulls and ships, a title over both of the columns", 90, 780, 20)
    left, right = set_lines(LEFT, 72, 700), set_lines(RIGHT, 310, 700)
    rows = [one for pair in zip(left, right, strict=True) for one in pair]
    words = " ".join(texts(read(drawn([[title, *(rows if by_rows else [*left, *right])]])).blocks))
    assert words == " ".join((*LEFT, *RIGHT))


# Rows, items, code, captions, large letters


def test_rows_have_their_cells() -> None:
    cells = [("Name", "Place", "Count"), ("Ann of the hill", "harbour", "12"), ("Bob", "inn", "7")]
    rows = [
        Drawn(cell, 72 + 120 * column, 640 - 15 * row)
        for row, row_cells in enumerate(cells)
        for column, cell in enumerate(row_cells)
    ]
    article = read(drawn([[*set_lines(FULL, 72, 700), *rows]]))
    assert kinds(article)[1:] == [(BlockKind.TABLE_ROW, " | ".join(row)) for row in cells]


def table_rules(
    columns: Sequence[float], rows: Sequence[float]
) -> list[tuple[float, float, float, float]]:
    return [
        *((columns[0], y, columns[-1], y) for y in rows),
        *((x, rows[0], x, rows[-1]) for x in columns),
    ]


RULED = [
    # A cell in the middle of a taller one, as programs for letters set them.
    *(Drawn("The post in the harbour", 80, 633), Drawn("tells how high the water", 240, 639)),
    *(Drawn("stood on the day of the flood.", 240, 627), Drawn("The post in", 80, 609)),
    *(Drawn("the town", 80, 597), Drawn("tells nothing.", 240, 603)),
]
RULED_ROWS = [
    (
        BlockKind.TABLE_ROW,
        "The post in the harbour | tells how high the water stood on the day of the flood.",
    ),
    (BlockKind.TABLE_ROW, "The post in the town | tells nothing."),
]


@pytest.mark.parametrize("columns", [(72, 230, 400), (230,)])
@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_what_is_between_rules_is_a_row(columns: tuple[float, ...], turned: int) -> None:
    rules = [
        *((72, y, 400, y) for y in (650, 620, 590)),
        *((x, 590, x, 650) for x in columns),
    ]
    strings = [*set_lines(FULL, 72, 700), *RULED, *set_lines(OTHER, 72, 560)]
    article = read(drawn([strings], rules=rules, turned=turned))
    assert kinds(article) == [
        (BlockKind.PARAGRAPH, " ".join(FULL)),
        *RULED_ROWS,
        (BlockKind.PARAGRAPH, " ".join(OTHER)),
    ]
    assert [block.lines for block in article.blocks[1:3]] == [Lines(4, 6), Lines(7, 9)]


def test_cells_of_a_typewriter_are_cells() -> None:
    cells = [("Name", "Also called"), ("colour", "color, hue"), ("width", "breadth")]
    strings = [
        Drawn(cell, 80 + 150 * column, 636 - 20 * row, 8, "Courier")
        for row, row_cells in enumerate(cells)
        for column, cell in enumerate(row_cells)
    ]
    rules = table_rules((72, 220, 400), (650, 630, 610, 590))
    article = read(drawn([[*set_lines(FULL, 72, 700), *strings]], rules=rules))
    assert kinds(article)[1:] == [(BlockKind.TABLE_ROW, " | ".join(row)) for row in cells]


def test_a_cell_over_several_rows_is_in_the_first() -> None:
    rules = [rule for rule in table_rules((72, 220, 400), (650, 630, 610)) if rule[1] != 630]
    strings = [Drawn("Both", 80, 626), Drawn("one", 240, 636), Drawn("two", 240, 616)]
    article = read(
        drawn([[*set_lines(FULL, 72, 700), *strings]], rules=[*rules, (220, 630, 400, 630)])
    )
    assert texts(article.blocks)[1:] == ["Both | one", "two"]


def test_rows_that_no_rules_part_are_told_by_their_lines() -> None:
    cells = [("Name", "Place"), ("Ann", "harbour"), ("Bob", "inn"), ("Cid", "town hall")]
    strings = [
        Drawn(cell, 80 + 150 * column, 636 - 20 * row)
        for row, row_cells in enumerate(cells)
        for column, cell in enumerate(row_cells)
    ]
    rules = table_rules((72, 220, 400), (650, 630, 560))
    article = read(drawn([[*set_lines(FULL, 72, 700), *strings]], rules=rules))
    assert kinds(article)[1:] == [(BlockKind.TABLE_ROW, " | ".join(row)) for row in cells]


def test_a_frame_and_a_line_under_words_make_no_table() -> None:
    strings = [*set_lines(FULL, 72, 700), *set_lines(OTHER, 72, 655)]
    frame = table_rules((60, 520), (800, 60))
    article = read(drawn([strings], rules=[*frame, (72, 698, 200, 698), (72, 653, 150, 653)]))
    assert kinds(article) == [
        (BlockKind.PARAGRAPH, " ".join(FULL)),
        (BlockKind.PARAGRAPH, " ".join(OTHER)),
    ]


@pytest.mark.parametrize("more", [["post."], ["post (or the pier, with the tide", "low)."]])
def test_the_last_row_goes_on_below_its_last_cell(more: list[str]) -> None:
    cells = [
        ("Takes:", "the height of the water at the post"),
        ("Gives:", "what is to be rung at the"),
    ]
    rows = [
        Drawn(cell, 72 + 120 * column, 640 - 15 * row)
        for row, row_cells in enumerate(cells)
        for column, cell in enumerate(row_cells)
    ]
    article = read(drawn([[*set_lines(FULL, 72, 700), *rows, *set_lines(more, 192, 613)]]))
    assert kinds(article)[1:] == [
        (BlockKind.TABLE_ROW, "Takes: | the height of the water at the post"),
        (BlockKind.TABLE_ROW, " ".join(["Gives: | what is to be rung at the", *more])),
    ]


def test_items_code_and_captions() -> None:
    strings = [
        *set_lines(FULL, 72, 700),
        *set_lines(["1. First, wait.", "2. Then go on."], 84, 650),
        *set_lines(["def wait():", "    return 1"], 84, 610, font="Courier"),
        Drawn("Figure 2: The post in the harbour", 200, 560, 9),
    ]
    assert kinds(read(drawn([strings])))[1:] == [
        (BlockKind.LIST_ITEM, "1. First, wait."),
        (BlockKind.LIST_ITEM, "2. Then go on."),
        (BlockKind.CODE, "def wait():\n    return 1"),
        (BlockKind.CAPTION, "Figure 2: The post in the harbour"),
    ]


def test_a_letter_as_high_as_two_lines_begins_the_first() -> None:
    cap = Drawn("T", 72, 688, 30)
    beside = set_lines([FULL[0][1:], FULL[1]], 92, 700)
    article = read(drawn([[cap, *beside, *set_lines([FULL[2]], 72, 676)]]))
    assert texts(article.blocks) == [" ".join(FULL)]


def test_a_forced_break_inside_of_an_item_does_not_end_it() -> None:
    lines = ["\u2022", "Wait for the water,", "as it comes back.", "NB: It comes back late."]
    strings = [
        *set_lines(FULL, 72, 700),
        *(
            one
            for y in (650, 606)
            for one in (Drawn(lines[0], 72, y), *set_lines(lines[1:], 84, y))
        ),
        *set_lines(OTHER, 72, 560),
    ]
    item = (BlockKind.LIST_ITEM, " ".join(lines[1:]))
    assert kinds(read(drawn([strings])))[1:] == [
        item,
        item,
        (BlockKind.PARAGRAPH, " ".join(OTHER)),
    ]


def test_a_heading_may_have_two_lines() -> None:
    strings = [
        *set_lines(FULL, 72, 740),
        *set_lines(["Of the harbour \u2014", "What the Master Saw"], 72, 690, font="Times-Bold"),
        *set_lines(OTHER, 72, 660),
        *set_lines(["1.1 Of posts", "1.2 Of lamps"], 72, 620, font="Times-Bold"),
        *set_lines(OTHER, 72, 590),
    ]
    headings = [
        block.text for block in read(drawn([strings])).blocks if block.kind is BlockKind.HEADING
    ]
    assert headings == [
        "Of the harbour \u2014 What the Master Saw",
        "1.1 Of posts",
        "1.2 Of lamps",
    ]


def test_sentences_of_a_line_each_are_paragraphs() -> None:
    lines = [
        "Alder is in the north and the west.",
        "Birch is in the north and in the east.",
        "Cedar is in the south and the west.",
        "Durmast is in the south and the east.",
    ]
    strings = [*set_lines(FULL, 72, 700), *set_lines(lines, 108, 650)]
    assert texts(read(drawn([strings])).blocks)[1:] == lines


def test_dots_for_what_is_left_out_make_no_entry() -> None:
    lines = (
        "The master wrote (of the water.... and of ships) what he saw of the harbour and",
        "of it.",
    )
    article = read(drawn([[*set_lines(FULL, 72, 700), *set_lines(lines, 72, 650)]]))
    assert [block.kind for block in article.blocks] == [BlockKind.PARAGRAPH] * 2


def test_names_set_smaller_do_not_cut_a_paragraph() -> None:
    small = Drawn("HARBOUR-MASTERS-BOOK-OF-1850", 72, 676, 7)
    after = Drawn("is what they who come to it in these", 198, 676)
    strings = [
        *set_lines(FULL[:2], 72, 700),
        small,
        after,
        *set_lines(["years are calling it."], 72, 664),
    ]
    (block,) = read(drawn([strings])).blocks
    assert block.text == f"{FULL[0]} {FULL[1]} {small.text} {after.text} years are calling it."


def test_ragged_lines_go_on_though_a_word_had_room() -> None:
    lines = [
        "The harbour master wrote down each evening how high the water stood at",
        "the post, and what he wrote is kept in the town hall, where the mayor of the",
        "town shows it to those who ask for it, among whom were in these years",
        "Ann and Bob and a man from the north whom nobody had seen before, and of",
        "whom it was told that he was looking for a ship that had been lost there",
        "on the day of the flood, with all who were on board of it that day, and",
        "I did not believe that he had found it by then, as he asked and asked",
        "again.",
    ]
    assert texts(read(drawn([set_lines(lines, 72, 700)])).blocks) == [" ".join(lines)]


# Words


def in_own_font(strings: Sequence[tuple[str, float, float, str]], font: str) -> bytes:
    """One page of strings, each with its place, in Helvetica, "F", or the font that is given, "G".

    Args:
        strings: as they stand between the brackets, where they begin, and in which font.
        font: entries of the font, which has 256 characters, all as wide as its entry says.
    """
    fonts = "/Resources<</Font<</F 5 0 R/G 6 0 R>>>>"
    return written(
        [
            "<</Type/Catalog/Pages 2 0 R>>",
            "<</Type/Pages/Kids[3 0 R]/Count 1>>",
            f"<</Type/Page/Parent 2 0 R/MediaBox{A_PAGE}/Contents 4 0 R{fonts}>>",
            "\n".join(
                f"BT /{name} 10 Tf {x} {y} Td [({text})] TJ ET" for text, x, y, name in strings
            ),
            "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
            f"<</Type/Font/Subtype/Type1/BaseFont/Own/FirstChar 0/LastChar 255{font}>>",
        ]
    )


def test_letters_that_stand_apart_are_of_two_words() -> None:
    strings = [("A) -230 (source in December,) -230 (1988", 72, 700, "F")]
    article = read(in_own_font(strings, ""))
    assert texts(article.blocks) == ["A source in December, 1988"]


def test_the_width_of_letters_tells_a_typewriter() -> None:
    prose = [(text, 72, 700 - 12 * place, "F") for place, text in enumerate((*FULL, *OTHER))]
    code = ["if {water} {", "    ring;", "}"]
    shown = [
        (text.strip(), 72 + 6 * (len(text) - len(text.lstrip())), 600 - 12 * place, "G")
        for place, text in enumerate(code)
    ]
    widths = " ".join(["600"] * 95)
    font = (
        f"/FirstChar 32/LastChar 126/Widths[{widths}]"
        "/FontDescriptor<</Type/FontDescriptor/FontName/Own/Flags 32/MissingWidth 250>>"
    )
    data = in_own_font([*prose, *shown], font).replace(b"/FirstChar 0/LastChar 255", b"")
    article = read(data)
    assert kinds(article)[-1] == (BlockKind.CODE, "\n".join(code))


def test_ligatures_of_fonts_that_do_not_name_them_are_letters() -> None:
    widths = " ".join(["500"] * 256)
    names = "/Encoding<</Type/Encoding/Differences[27/g27/g28/g29 31/g31]>>"
    strings = [
        (r"The o\033ce has a \034eld, a \035ood and a ba\037e.", 72, 700, "G"),
        ("It has no water.", 72, 688, "G"),
    ]
    article = read(in_own_font(strings, f"/Widths[{widths}]{names}"))
    assert article.blocks[0].text == (
        "The offce has a field, a flood and a baffle. It has no water."
    )


def test_contents_have_no_dots() -> None:
    lines = [
        "Of the harbour . . . . . . . . . . . . 3",
        "Of the inn . . . . . . . . . . . . . . 12",
    ]
    article = read(drawn([[*set_lines(lines, 72, 700), *set_lines(FULL, 72, 640)]]))
    assert kinds(article)[:2] == [
        (BlockKind.LIST_ITEM, "Of the harbour 3"),
        (BlockKind.LIST_ITEM, "Of the inn 12"),
    ]


def test_titles_with_growing_page_numbers_are_contents() -> None:
    rows = [("Of the harbour", "3"), ("Of the inn", "12"), ("Of the flood", "40")]
    strings = [
        Drawn(text, x, 700 - 15 * place)
        for place, row in enumerate(rows)
        for text, x in zip(row, (72, 400), strict=True)
    ]
    article = read(drawn([[*strings, *set_lines(FULL, 72, 600)]]))
    assert kinds(article)[:3] == [(BlockKind.LIST_ITEM, " ".join(row)) for row in rows]


def test_what_stands_on_the_right_of_a_term_goes_on_under_itself() -> None:
    strings = [
        *set_lines(FULL, 72, 700),
        Drawn("post", 72, 650),
        *set_lines(
            (
                "tells how high the water stands in the harbour, as it did of old, and it is",
                "read.",
            ),
            110,
            650,
        ),
    ]
    assert texts(read(drawn([strings])).blocks)[1:] == [
        "post tells how high the water stands in the harbour, as it did of old, and it is read."
    ]


def test_accents_are_put_on_their_letters() -> None:
    assert with_accents("na¨ive", [0, 5, 10, 10.5, 13, 18], [5, 10, 13, 12.5, 18, 23]) == "naïve"
    assert with_accents("a¨b", [0, 5, 10], [5, 10, 15]) == "a¨b"


def test_letters_from_the_right_are_in_the_order_they_are_read() -> None:
    word = "سلام"
    left = [30.0, 20.0, 10.0, 0.0]
    right = [place + 10 for place in left]
    assert as_read(word, left, right) == word
    assert as_read(word[::-1], left[::-1], right[::-1]) == word


# Furniture


def with_furniture(pages: int) -> bytes:
    return drawn(
        [
            [
                Drawn("Of the harbour", 72, 800, 8),
                *set_lines((*FULL, *OTHER), 72, 700),
                Drawn(f"{number + 12}", 290, 40, 8),
            ]
            for number in range(pages)
        ]
    )


def test_running_heads_and_page_numbers_are_left_out_and_counted() -> None:
    article = read(with_furniture(4))
    assert texts(article.blocks) == [" ".join(FULL), " ".join(OTHER)] * 4
    assert texts(article.omitted)[:2] == ["Of the harbour", "12"]
    assert len(article.omitted) == 8
    kept = read(with_furniture(4), keep_furniture=True)
    assert texts(kept.blocks).count("Of the harbour") == 4
    assert kept.omitted == ()


def test_a_heading_at_the_top_of_pages_is_no_running_head() -> None:
    pages = [
        [
            Drawn(f"{number} Of {name} and water", 72, 780, 10, "Times-Bold"),
            *set_lines((*FULL, *OTHER), 72, 700),
            Drawn(f"{number}", 290, 40, 8),
        ]
        for number, name in enumerate(("ships", "gulls", "lamps", "posts"), start=1)
    ]
    article = read(drawn(pages), keep_furniture=False)
    headings = [block.text for block in article.blocks if block.kind is BlockKind.HEADING]
    assert [article.title, *headings][-3:] == [
        "2 Of gulls and water",
        "3 Of lamps and water",
        "4 Of posts and water",
    ]
    assert texts(article.omitted) == ["1", "2", "3", "4"]


def test_notes_that_are_numbered_as_their_pages_are_no_furniture() -> None:
    notes = ["1 So it was told at the inn by all.", "2 The gulls had heard it from the sand."]
    pages = [set_lines(FULL, 72, 700), set_lines(OTHER, 72, 600)]
    noted = [[*page, Drawn(note, 72, 60, 8)] for page, note in zip(pages, notes, strict=True)]
    article = read(drawn(noted))
    assert [note for note in texts(article.blocks) if note in notes] == notes
    assert article.omitted == ()


def test_what_stands_askew_is_left_out() -> None:
    mark = Drawn("DRAFT", 150, 300, 80, angle=45)
    article = read(drawn([[mark, *set_lines(FULL, 72, 700)]]))
    assert texts(article.blocks) == [" ".join(FULL)]
    assert texts(article.omitted) == ["DRAFT"]


def test_what_stands_askew_is_read_where_there_is_nothing_else() -> None:
    article = read(drawn([[Drawn("Plums are blue.", 150, 300, 20, angle=30)]]))
    assert texts(article.blocks) == ["Plums are blue."]


def test_a_page_that_is_turned_is_read_as_it_is_seen() -> None:
    turned = [Drawn(text, 100 + 12 * place, 72, angle=90) for place, text in enumerate(FULL)]
    assert texts(read(drawn([turned])).blocks) == [" ".join(FULL)]


# Headings and facts


def test_headings_by_size_and_the_title() -> None:
    strings = [
        Drawn("On harbours", 72, 780, 24),
        Drawn("Of water", 72, 740, 16),
        *set_lines(FULL, 72, 715),
        Drawn("Of posts", 72, 660, 13, "Times-Bold"),
        *set_lines(OTHER, 72, 640),
    ]
    article = read(drawn([strings]))
    assert (article.title, article.title_lines) == ("On harbours", Lines(1, 1))
    headings = [(b.text, b.level) for b in article.blocks if b.kind is BlockKind.HEADING]
    assert [text for text, _ in headings] == ["Of water", "Of posts"]
    assert headings[0][1] < headings[1][1]


def test_contents_are_no_title_and_accounts_no_authors() -> None:
    strings = [Drawn("Contents", 72, 780, 24), *set_lines(FULL, 72, 715)]
    article = read(drawn([strings], facts=[("Author", "e296830")]))
    assert (article.title, article.author) == ("", "")
    assert texts(article.blocks)[0] == "Contents"


def test_bookmarks_make_headings_and_say_their_level() -> None:
    strings = [
        Drawn("Of water", 72, 760, 10, "Times-Italic"),
        *set_lines(FULL, 72, 730),
        Drawn("Of posts", 72, 670, 10, "Times-Italic"),
        *set_lines(OTHER, 72, 640),
    ]
    marks = [("1 Of water", 1, 1), ("1.1 Of posts", 2, 1)]
    article = read(drawn([strings], bookmarks=marks, facts=[("Title", "All of it")]))
    assert [(b.text, b.level) for b in article.blocks if b.kind is BlockKind.HEADING] == [
        ("Of water", 1),
        ("Of posts", 2),
    ]


def test_bookmarks_that_are_too_deep_are_passed_over_without_a_word(
    capfd: pytest.CaptureFixture[str],
) -> None:
    marks = [(f"Of water {level}", level, 1) for level in range(1, 12)]
    assert texts(read(drawn([set_lines(FULL, 72, 730)], bookmarks=marks)).blocks)
    assert capfd.readouterr().err == ""


def test_facts_are_of_the_metadata() -> None:
    facts = [
        ("Title", "On plums"),
        ("Author", "Ann Ash"),
        ("Keywords", "plums, jam"),
        ("Subject", "Fruit"),
    ]
    article = read(drawn([set_lines(FULL, 72, 700)], facts=facts))
    assert (article.title, article.author, article.title_lines) == ("On plums", "Ann Ash", None)
    assert article.extra == (("keywords", "plums"), ("keywords", "jam"), ("subject", "Fruit"))


@pytest.mark.parametrize(
    "title",
    [
        "",
        "untitled",
        "Microsoft Word - report.doc",
        "main.dvi",
        "a",
        "A.PDF",
        "User’s Guide PDF.pages",
        "OP-CBIO130128 1215..1217",
        "12345",
        "Writer",
        "þÿ\x00T",
    ],
)
def test_titles_that_nobody_gave(title: str) -> None:
    assert facts_of({"Title": title, "Creator": "Writer"}, "docs/a.pdf").title == ""


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("D:20210305101112+01'00'", date(2021, 3, 5)),
        ("2021-03-05", date(2021, 3, 5)),
        ("D:19700101000000Z", None),
        ("D:20211305", None),
        ("yesterday", None),
    ],
)
def test_dates(text: str, day: date | None) -> None:
    assert facts_of({"CreationDate": text}, "a.pdf").published == day


@pytest.mark.parametrize("author", ["user", "Microsoft Office User", "Administrator", "unknown"])
def test_authors_that_are_none(author: str) -> None:
    assert facts_of({"Author": author}, "a.pdf").author == ""


# Structure trees


def test_a_structure_tree_says_what_is_what() -> None:
    article = read(
        tagged(
            [
                ("Artifact", ["A running head"]),
                ("H1", ["On plums"]),
                ("P", ["Plums are blue.", "They are plump."]),
                ("H2", ["Of jam"]),
                ("LI", ["Wash them"]),
                ("TR", ["Sugar", "two pounds"]),
                ("P", ["That is all."]),
            ]
        )
    )
    assert (article.title, article.language) == ("On plums", "en")
    assert kinds(article) == [
        (BlockKind.PARAGRAPH, "Plums are blue. They are plump."),
        (BlockKind.HEADING, "Of jam"),
        (BlockKind.LIST_ITEM, "Wash them"),
        (BlockKind.TABLE_ROW, "Sugar | two pounds"),
        (BlockKind.PARAGRAPH, "That is all."),
    ]
    assert [b.level for b in article.blocks if b.kind is BlockKind.HEADING] == [2]
    assert texts(article.omitted) == ["A running head"]


# What has no text


@pytest.mark.parametrize(
    ("pages", "are"), [(1, "its page is a picture"), (3, "its 3 pages are pictures")]
)
def test_pictures_of_text(pages: int, are: str) -> None:
    detail = f"the PDF has no text: {are}; recognise the text first, such as with ocrmypdf"
    assert skipped(scanned_pdf(pages)) == Skipped("a.pdf", SkipReason.EMPTY, detail)


@pytest.mark.parametrize("page", [[], [Drawn(". . . . . . .", 72, 700)]])
def test_a_document_without_words(page: list[Drawn]) -> None:
    detail = "the PDF has no text, and no pictures that could show some"
    assert skipped(drawn([page, page])) == Skipped("a.pdf", SkipReason.EMPTY, detail)


def test_passwords() -> None:
    text = "Gulls walked on the wet sand."
    assert texts(read(pdf([[text]], password="")).blocks) == [text]
    detail = "the PDF is protected by a password; save it without one, such as with qpdf --decrypt"
    expected = Skipped("a.pdf", SkipReason.PROTECTED, detail)
    assert skipped(pdf([[text]], password="plum")) == expected  # noqa: S106


@pytest.mark.parametrize("data", [b"%PDF-1.7\n", b"%PDF-1.7\nwords and more words\n%%EOF"])
def test_damaged_documents(data: bytes) -> None:
    detail = "the PDF is damaged and cannot be opened; get it anew, or repair it, such as with qpdf"
    assert skipped(data) == Skipped("a.pdf", SkipReason.BROKEN, detail)


def with_damage(damaged: int) -> bytes:
    kids = " ".join(f"{90 + number} 0 R" for number in range(damaged))
    return written(
        [
            "<</Type/Catalog/Pages 2 0 R>>",
            f"<</Type/Pages/Kids[{kids} 3 0 R]/Count {damaged + 1}>>",
            f"<</Type/Page/Parent 2 0 R/MediaBox{A_PAGE}/Contents 4 0 R{FONTS}>>",
            "BT /F 10 Tf 72 700 Td (Gulls walked on the wet sand.) Tj ET",
            "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        ]
    )


def test_a_damaged_page_is_named_and_the_others_are_read() -> None:
    damaged, article = read_articles(with_damage(1), source="a.pdf")
    detail = "page 1 is damaged and passed over"
    assert damaged == Skipped("a.pdf", SkipReason.BROKEN, detail, inside=True)
    assert isinstance(article, Article)
    assert [(b.text, b.locator) for b in article.blocks] == [
        ("Gulls walked on the wet sand.", (("page", 2),))
    ]


def test_of_very_many_damaged_pages_some_are_named() -> None:
    found = [
        one.detail
        for one in read_articles(with_damage(23), source="a.pdf")
        if isinstance(one, Skipped)
    ]
    assert len(found) == 21
    assert found[-1] == "3 more pages are damaged and passed over"


def test_a_picture_among_pages_of_text_is_counted() -> None:
    out = BytesIO()
    canvas = Canvas(out, invariant=1)
    canvas.drawString(72, 700, "Gulls walked on the wet sand.")
    canvas.showPage()
    canvas.drawImage(ImageReader(Image.new("L", (30, 40), 255)), 0, 0, 300, 400)
    canvas.save()
    article = read(out.getvalue())
    assert texts(article.blocks) == ["Gulls walked on the wet sand."]
    assert texts(article.omitted) == ["page 2 is a picture without text"]


def test_more_text_than_the_budget_has() -> None:
    data = drawn([set_lines(FULL, 72, 700)] * 3)
    found = skipped(data, budget=Budget(size_bytes=400))
    assert found.reason is SkipReason.TOO_LARGE


# Any bytes

_SEEDS = (tagged([("H1", ["On plums"]), ("P", ["Plums are blue."])]), with_furniture(2))


@settings(max_examples=60, deadline=None)
@given(
    seed=st.sampled_from(_SEEDS),
    changes=st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.binary(max_size=6), st.integers(0, 40)),
        max_size=12,
    ),
)
def test_any_bytes_give_an_article_or_say_why_not(
    seed: bytes, changes: list[tuple[float, bytes, int]]
) -> None:
    data = bytearray(seed)
    for place, new, gone in changes:
        at = int(place * len(data)) if data else 0
        data[at : at + gone] = new
    found = list(read_articles(bytes(data), source="a.pdf", format_name="pdf"))
    assert found
    for one in found:
        assert isinstance(one, Article | Skipped)
        if isinstance(one, Article):
            assert all(block.text and block.lines.first <= block.lines.last for block in one.blocks)


def test_what_a_program_writes_for_nobody_is_no_title() -> None:
    (article,) = read_articles(
        pdf([["The ferry came late."]], title="(anonymous)", author="(anonymous)"), source="a.pdf"
    )
    assert isinstance(article, Article)
    assert (article.title, article.author) == ("", "")

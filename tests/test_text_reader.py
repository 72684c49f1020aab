"""Plain text: each layout gives its title, headings and paragraphs, and no word is lost."""

from __future__ import annotations

import re
import time
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.articles import Article, Block, SkipReason
from indexer.model import BlockKind, Lines
from indexer.readers.encoding import decode
from indexer.readers.faults import ReaderError
from indexer.readers.text import read_text

CORPUS = Path(__file__).parent / "corpus"
KINDS = {
    BlockKind.HEADING: "#",
    BlockKind.SUMMARY: "=",
    BlockKind.LIST_ITEM: "-",
    BlockKind.CAPTION: "!",
}


def read(data: bytes | str, *, keep: bool = False) -> Article:
    data = data.encode() if isinstance(data, str) else data
    (article,) = read_text(data, source="a.txt", keep_furniture=keep)
    return article


def read_corpus(name: str, *, keep: bool = False) -> Article:
    return read((CORPUS / name).read_bytes(), keep=keep)


def shown(article: Article) -> list[str]:
    """Each block in one line: "12 # The heading", "14-15 the first three words"."""
    return [_shown(block) for block in article.blocks]


def _shown(block: Block) -> str:
    first, last = block.lines
    place = f"{first}" if first == last else f"{first}-{last}"
    sign = KINDS.get(block.kind, "")
    text = block.text if block.kind is BlockKind.HEADING else " ".join(block.text.split()[:3])
    return f"{place} {sign * max(1, block.level)}{' ' * bool(sign)}{text}"


OUTLINES = {
    "utf8-bom.txt": [
        "A Café on the Quay",
        "3 The façade is",
        "5 ## Opening Hours",
        "7 It opens at",
    ],
    "crlf.txt": [
        "The Old Bridge Reopens",
        "3 = Cyclists may cross",
        "5 The stone bridge",
        "7 ## What Was Repaired",
        "9 Masons replaced four",
        "11 ## Who Paid",
        "13 The town council",
    ],
    "latin1.txt": [
        "Une gare sans trains",
        "3 La gare de",
        "5 ## Un projet à l'étude",
        "7 La région étudie",
    ],
    "cp1252.txt": [
        "“We Are Staying” – a Street Says No",
        "3 The residents of",
        "5 ## What the Surveyors Found",
        "7 Two cellars were",
    ],
    "utf16le-bom.txt": [
        "Späte Ernte",
        "3 Der Regen hat",
        "5 ## Was die Winzer sagen",
        "7 Sie sprechen von",
    ],
    "utf16be-no-bom.txt": [
        "Harbour Lights",
        "3 The lamps along",
        "5 ## Next Steps",
        "7 Divers will look",
    ],
    "nfd.txt": [
        "Le marché de Noël déménage",
        "3 Les marchands s'installent",
        "5 ## Horaires",
        "7 Le marché ferme",
    ],
    "hard-wrapped.txt": [
        "A Museum for Forgotten Machines",
        "3-6 In a former",
        "8 ## HOW IT BEGAN",
        "9-11 The collection goes",
        "13 ## What Visitors See",
        "15-17 Tours last an",
    ],
    "one-paragraph-a-line.txt": [
        "Storks Return to the Marsh",
        "2 = Ringed birds from",
        "3 For the first",
        "4 The count was",
        "5 ## Why They Came Back",
        "6 Ditches were closed,",
        "7 Not everyone is",
        "8 ## What Comes Next",
        "9 A second marsh,",
    ],
    "short-lines.txt": [
        "Minutes of the Garden Club",
        "2 The club met",
        "3 Seven members came.",
        "4 The pond will",
    ],
    "indented.txt": [
        "The Night Ferry",
        "2-4 The ferry left",
        "5-6 “It happens every",
        "7 ## Morning",
        "8-9 By six the",
    ],
    "underlined.txt": [
        "The Price of Salt",
        "4 For centuries salt",
        "6 ## The Salt Road",
        "9 Carts took it",
        "13 They came back",
        "15 ## Sources",
        "18 - toll books of",
        "19-20 - letters of a",
        "21 - two maps",
    ],
    "lists.txt": [
        "Packing for the Hut",
        "3 ## 1. What to Bring",
        "5 The hut has",
        "7 - 1. a sleeping",
        "8-9 - 2. slippers, because",
        "10 - 3. a lamp",
        "12-13 The war memorial",
    ],
    "single-line.txt": [
        "",
        "1 Meeting moved to",
    ],
    "trailing-heading.txt": [
        "Notes on Bees",
        "3 The hive by",
        "5 To be continued",
    ],
}


@pytest.mark.parametrize("name", OUTLINES)
def test_outline(name: str) -> None:
    title, *outline = OUTLINES[name]
    article = read_corpus(name)
    assert article.title == title
    assert shown(article) == outline
    assert article.omitted == ()
    assert article.title_lines == (Lines(1, 1) if title else None)


def test_cr_gives_what_crlf_gives() -> None:
    assert read_corpus("cr.txt") == read_corpus("crlf.txt")


def test_curly_quotes_stay() -> None:
    assert "“Our houses are sound,”" in read_corpus("cp1252.txt").blocks[0].text


def test_wrapped_lines_join_and_hyphens_stay() -> None:
    text = read_corpus("hard-wrapped.txt").blocks[0].text
    assert "volunteers have gathered three hundred machines" in text
    assert "There are type-writers for music" in text
    assert "and a self-winding gramophone" in text


@pytest.mark.parametrize(
    ("lines", "joined"),
    [
        ("Both the pre-\nand the post-war years.", "Both the pre- and the post-war years."),
        ("It was late --\nvery late.", "It was late -- very late."),
        ("昨日、市内で住民の\n集会が開かれた。", "昨日、市内で住民の集会が開かれた。"),
        ("A line that ends\nin a line.", "A line that ends in a line."),
    ],
)
def test_glue_between_wrapped_lines(lines: str, joined: str) -> None:
    article = read(f"{'The first paragraph is as long as this.'}\n\n{lines}\n\nThe end of it.\n")
    assert article.blocks[1].text == joined


@pytest.mark.parametrize(
    ("name", "reason", "detail"),
    [
        ("empty.txt", SkipReason.EMPTY, "it holds no text"),
        ("blank.txt", SkipReason.EMPTY, "it holds no text"),
        ("random.bin", SkipReason.BINARY, "it is not text: it holds zero bytes"),
    ],
)
def test_what_gives_no_article(name: str, reason: SkipReason, detail: str) -> None:
    with pytest.raises(ReaderError) as caught:
        read_corpus(name)
    assert (caught.value.reason, caught.value.detail) == (reason, detail)


def test_furniture_is_left_out_and_prose_like_it_is_not() -> None:
    article = read_corpus("furniture.txt")
    assert shown(article) == [
        "3 The cathedral choir",
        "7 It had been",
        "9 ## Leave a reply",
        "11 Nobody has yet",
    ]
    assert [block.text for block in article.omitted] == [
        "Also read: Ten hymns you have never heard",
        "Related articles",
        "Share on Facebook",
        "Leave a Comment Cancel reply",
        "Your email address will not be published. Required fields are marked *",
        "Name *",
        "Email *",
        "Post Comment",
        "© 2025 The Valley Herald. All rights reserved.",
    ]


def test_furniture_kept_is_paragraphs_in_their_place() -> None:
    without, kept = (read_corpus("furniture.txt", keep=keep) for keep in (False, True))
    assert kept.omitted == ()
    assert [block.lines.first for block in kept.blocks] == [
        3,
        5,
        7,
        9,
        11,
        13,
        15,
        16,
        *range(17, 26, 2),
    ]
    assert [b for b in kept.blocks if b not in without.omitted] == list(without.blocks)


@pytest.mark.parametrize(
    "last",
    [
        "Leave a reply on her desk.",
        "Comments are welcome.",
        "Related work is described below, with comments (3) added.",
        "We use cookies to bait the bears.",
        "Subscribe to our newsletter was all the old sign said.",
        "Share this bread with your neighbour.",
        "Also read by children, the book sold well.",
        "Copyright law has changed. All rights reserved is no longer needed.",
        "Name",
        "No comment",
        "Email",
    ],
)
def test_a_real_paragraph_at_the_end_stays(last: str) -> None:
    article = read(f"A Title\n\nA paragraph, which is real.\n\n{last}\n")
    assert [block.text for block in article.blocks] == ["A paragraph, which is real.", last]


def test_a_source_of_nothing_but_furniture_keeps_it() -> None:
    assert shown(read("Leave a Reply\n\nShare this\n")) == ["3 Share this"]
    assert read("Leave a Reply\n\nShare this\n").title == "Leave a Reply"


def test_byline() -> None:
    article = read_corpus("byline.txt")
    assert (article.author, article.published, article.language) == (
        "Ana María de la Cruz, Tom O'Brien",
        date(2025, 2, 3),
        "en",
    )
    assert shown(article) == ["6 Water was found", "8 ## By the Numbers", "10 The pump delivers"]
    assert [block.lines.first for block in article.omitted] == [2, 3, 4]
    kept = read_corpus("byline.txt", keep=True)
    assert shown(kept)[:2] == ["2 By Ana María", "3 Published: 2025-02-03"]
    assert kept.author == article.author


@pytest.mark.parametrize(
    ("line", "author", "published"),
    [
        ("By Jane Doe", "Jane Doe", None),
        ("BY JANE DOE", "JANE DOE", None),
        ("Author: J. R. Nobody", "J. R. Nobody", None),
        ("Date: February 3, 2025", "", date(2025, 2, 3)),
        ("3 Feb 2025", "", date(2025, 2, 3)),
        ("Posted on 2025-02-03", "", date(2025, 2, 3)),
        ("By Any Means Necessary", "", None),
        ("By the River", "", None),
        ("Published: 2025-02-31", "", None),
        ("Date: next Friday", "", None),
    ],
)
def test_line_under_the_title(line: str, author: str, published: date | None) -> None:
    article = read(f"A Title\n\n{line}\n\nA paragraph follows here.\n")
    assert (article.author, article.published) == (author, published)
    first = (article.omitted or article.blocks)[0]
    assert first.text == line


def test_a_line_like_a_byline_that_is_all_there_is_stays() -> None:
    assert shown(read("A Title\n\nBy Jane Doe\n")) == ["3 By Jane Doe"]


@pytest.mark.parametrize(
    ("line", "is_heading"),
    [
        ("Who Pays for It?", True),
        ("CHAPTER I.", True),
        ("BACKGROUND:", True),
        ("Called “The Rule of Law”", True),
        ("1914", True),
        ("天気予報", True),
        ("2. Results", True),
        ("Section 1.", True),
        ("XIV.", True),
        ("D.", False),
        ("It was late.", False),
        ("“Who is there?”", False),
        ("Really? Are you sure?", False),
        ("and so on", False),
        ("Three things:", False),
        ("To the Editor,", False),
        ("— A. Witness, November 2018", False),
        ("https://example.org/page", False),
        ("Photo: A. Witness", False),
        (" ".join(["Word"] * 30), False),
        # What stops in the midst of a sentence, and code.
        ('The simple form, "assert expression", is equivalent to', False),
        ("The Harbour of the old town and the", False),
        ("Who we are", True),
        ("What the people of the town live for", True),
        ("The Harbour (as it was before", False),
        ("The Harbour (as it was)", True),
        ("This module reads the streams. The", False),
        ("TARGET = value", False),
        ("Less = More", True),
        ("| The headers argument should be a mapping", False),
        ("RLock(*args, **kwargs)", False),
        ("Author(s)", True),
        (">>> Word", False),
        ("Models {", False),
    ],
)
def test_heading_or_not(line: str, is_heading: bool) -> None:  # noqa: FBT001 - a table's column
    article = read(f"It began in June.\n\n{line}\n\nIt went on in July.\n")
    assert (article.blocks[1].kind is BlockKind.HEADING) is is_heading
    assert article.blocks[1].text == line


def test_a_picture_line_is_a_caption() -> None:
    assert (
        shown(read("It began.\n\nPhoto: A. Witness\n\nIt ended.\n"))[1] == "3 ! Photo: A. Witness"
    )


def test_a_heading_under_a_heading_is_a_level_deeper() -> None:
    text = "Title\n\nPorts\n\nThe Arrival\n\nThey came at noon.\n\nThe Stay\n\nThey stayed.\n"
    assert shown(read(text)) == [
        "3 ## Ports",
        "5 ### The Arrival",
        "7 They came at",
        "9 ## The Stay",
        "11 They stayed.",
    ]


def test_the_number_of_a_division_stands_alone_without_blank_lines_too() -> None:
    text = (
        "The Law\n\nArticle I\nSection 1.\nThe assembly makes the laws of the islands.\n\n"
        "Section 2\nThe lower house of all the islands is\nelected every second year.\n\n"
        "CHAPTER II\nIn which the author gives some\naccount of himself\n\nHe was born.\n"
    )
    assert shown(read(text)) == [
        "3 ## Article I",
        "4 ### Section 1.",
        "5 The assembly makes",
        "7 ### Section 2",
        "8-9 The lower house",
        "11 ## CHAPTER II",
        "12-13 ### In which the author gives some account of himself",
        "15 He was born.",
    ]


def test_numbered_lines_are_headings_in_a_row_of_short_lines_too() -> None:
    row = ("Ann", "Bob", "Cleo", "Part One", "Chapter 1", "Dan")
    assert shown(read("\n\n".join(("It began.", *row, "It ended.")))) == [
        "1 It began.",
        "3 Ann",
        "5 Bob",
        "7 Cleo",
        "9 ## Part One",
        "11 ### Chapter 1",
        "13 #### Dan",
        "15 It ended.",
    ]


@pytest.mark.parametrize(
    ("lines", "title"),
    [
        (("Article I", "It is so.", "Article II", "It is not."), ""),
        (("II. The Storm", "It came.", "III. The Calm", "It went."), ""),
        (("CHAPTER IV", "The Storm", "It came."), "CHAPTER IV"),
        (("Article I", "Article II of it was repealed.", "It is not."), "Article I"),
        (("7 Reasons to Stay", "It is so.", "7 Reasons to Go", "It is not."), "7 Reasons to Stay"),
    ],
)
def test_one_of_several_divisions_is_no_title(lines: tuple[str, ...], title: str) -> None:
    assert read("\n\n".join(lines)).title == title


@pytest.mark.parametrize("sign", ["=", "-", "~"])
@pytest.mark.parametrize("title", ["", "Foo News"])
@pytest.mark.parametrize("date_", ["", " (2023-01-02)"])
def test_an_underlined_line_is_a_heading_whatever_it_looks_like(
    sign: str, title: str, date_: str
) -> None:
    names = [f"foo 2.{number}{date_}" for number in (1, 0)]
    parts = [f"{name}\n{sign * len(name)}\n\nIt got number {name}." for name in names]
    article = read("\n\n".join((*[title][: len(title)], *parts)))
    assert article.title == title
    (level,) = {block.level for block in article.blocks if block.level}
    text = "It got number"
    first = 3 if title else 1
    assert shown(article) == [
        *(f"{first} {'#' * level} {names[0]}", f"{first + 3} {text}"),
        *(f"{first + 5} {'#' * level} {names[1]}", f"{first + 8} {text}"),
    ]


def test_a_rule_below_text_is_no_underline() -> None:
    text = "It began.\n\n- salt, and so\n------\n\nmen went\nand went on\n------\n\nIt ended.\n"
    assert [block.level for block in read(text).blocks] == [0, 0, 0, 0]
    directly = read("It began.\nfoo 2.0\n=======\n\nIt ended.\n")
    assert [block.level for block in directly.blocks] == [0, 1, 0]


def test_a_title_underlined_like_its_parts_stays_the_title() -> None:
    assert read("The Sea\n=======\n\nPorts\n=====\n\nIt began.\n").title == "The Sea"


def test_a_sentence_with_an_example_below_it_is_no_heading() -> None:
    text = "It began.\n\nThis yields one tuple for each folder\n\n{}Name and Size\n\n{}of it.\n"
    blocks = read(text.format("    ", "")).blocks
    assert [block.level for block in blocks] == [0, 0, 0, 0]
    flush = read(text.format("", "")).blocks
    assert [block.level for block in flush] == [0, 2, 3, 0]


def test_the_first_line_of_a_wrapped_paragraph_is_no_heading() -> None:
    text = (
        "The Pier\n\nA line of the file that is a great deal wider than all of the others are.\n\n"
        "The pier is extensible and it was built as the class\n"
        "Pier of the harbour, which is not described but easy\nto see.\n\n"
        "Several lines of the register of\nships were lost.\n\n"
        "The Register\nNobody knows who wrote the lines that were in it, or\nwhy.\n\n"
        "    It is an error to use a rope\n      that is not long enough.\n"
    )
    assert shown(read(text)) == [
        "3 A line of",
        "5-7 The pier is",
        "9-10 Several lines of",
        "12 ## The Register",
        "13-14 Nobody knows who",
        "16-17 It is an",
    ]


def test_capitals_above_a_small_letter_are_a_heading() -> None:
    text = "It began.\n\nNAME\n    sched - a list of events.\n"
    assert shown(read(text))[1:] == ["3 ## NAME", "4 sched - a"]


def test_many_short_lines_are_no_headings() -> None:
    text = "It began in June.\n\nAnn\n\nBob\n\nCleo\n\nDan\n\nIt ended in July.\n"
    outline = shown(read(text))
    assert outline == ["1 It began in", "3 Ann", "5 Bob", "7 Cleo", "9 ## Dan", "11 It ended in"]


def test_a_stanza_stays_one_paragraph() -> None:
    text = "The Pond\n\nGreen and round,\nwithout a sound,\na frog\n\nA second verse,\nand worse.\n"
    assert shown(read(text)) == ["3-5 Green and round,", "7-8 A second verse,"]


def test_dense_wrapped_lines_part_where_a_line_is_left_short() -> None:
    text = (
        "The ship was seen from the tower at about nine, when the mist had lifted a\n"
        "little over the bay and the bells had stopped. Nobody knew her.\n"
        "She carried no flag, and her boats were gone; the rail was broken on the port\n"
        "side.\n"
        "At ten the pilot went out with four men and a doctor who had asked to be taken\n"
        "along with them.\n"
    )
    assert [block.lines for block in read(text).blocks] == [(1, 2), (3, 4), (5, 6)]


def test_a_very_long_line_is_one_paragraph() -> None:
    text = "A long line it is, and it goes on. " * 9000
    (block,) = read(text).blocks
    assert len(text) > 300_000
    assert block.text == text.strip()


DECK = "Sixty boats were lost in the storm of last winter"


@pytest.mark.parametrize(
    ("lines", "sign"),
    [
        (("The Sea", DECK, "."), "="),
        (("The Sea", DECK, ".", "Ports", "."), "="),
        (("The Sea", DECK, "Ports", "."), "="),
        (("The Sea", DECK, "Part One", "Ports", "The Start", "."), "="),
        (("The Sea", "By Jane Doe", DECK, "."), "="),
        (("The Sea", DECK, "By Jane Doe", "3 Feb 2025", "."), "="),
        (("The Sea", "By Jane Doe", DECK, "3 Feb 2025", "."), "="),
        # Set like a sentence, where headings are set like titles.
        (("The Sea of Old", "Sixty boats were lost", ".", "The Ports", "."), "#"),
        (("The Sea of Old", "Sixty boats were lost again", ".", "The Ports", "."), "="),
        (("The Sea of Old", "Sixty Boats Were Lost Again", ".", "The Ports", "."), "#"),
        (("The Sea of Old", "Sixty boats were lost again", ".", "The old ports", "."), "#"),
        (("Aims", "Sixty boats were lost again", "."), "#"),
        # As long as other headings are.
        (("The Sea", DECK, ".", f"And {DECK[0].lower()}{DECK[1:]}", "."), "#"),
        (("The Sea", DECK, ".", "Ninety boats were built in the spring", "."), "="),
        (("The Sea", DECK, ".", "Ninety boats were built in the next spring", "."), "#"),
        # A heading by another sign.
        (("The Sea", f"What happened when {DECK.lower()}?", "."), "#"),
        (("The Sea", f"Chapter 1: {DECK}", "."), "#"),
        (("The Sea", f"2.1 {DECK}", "."), "#"),
        (("The Sea", DECK.upper(), "."), "#"),
        (("The Sea", f"{DECK}\n{'-' * len(DECK)}", "."), "#"),
        (("CHAPTER I", DECK, "."), "#"),
        (("The Sea", "Introduction", "."), "#"),
        # Text like what follows, unless the author is named between.
        (("The Sea", f"{DECK}.", "."), ""),
        (("The Sea", f"{DECK}.", "By Jane Doe", "."), "="),
        (("The Sea", "The boats were lost.", "By Jane Doe", "."), "="),
        (("The Sea", "Sixty boats were lost,\nand nobody knew", "By Jane Doe", "."), "="),
        (("The Sea", "Sixty boats were lost,\nand nobody knew", "."), ""),
        (("The Sea", f"{DECK}.", "3 Feb 2025", "."), ""),
        (("The Sea", "The Boats", "By Jane Doe", "."), "#"),
        # Japanese has no spaces.
        (("海の話", "昨年の冬の嵐で六十隻の船が失われた町の人々", "."), "="),
        (("海の話", "昨年の冬の嵐", "."), "#"),
    ],
)
def test_a_summary_under_the_title_is_told_from_a_heading(
    lines: tuple[str, ...], sign: str
) -> None:
    text = [f"It began in June, in the year {n}." if x == "." else x for n, x in enumerate(lines)]
    block = read("\n\n".join(text)).blocks[0]
    assert KINDS.get(block.kind, "") == sign
    assert block.lines.first == (5 if lines[1] == "By Jane Doe" else 3)
    assert bool(block.level) is (sign == "#")


def test_the_author_may_stand_below_the_summary() -> None:
    article = read(f"The Sea\n\n{DECK}\n\nBy Jane Doe\n\n3 Feb 2025\n\nThey were lost.\n")
    assert (article.author, article.published) == ("Jane Doe", date(2025, 2, 3))
    assert shown(article) == ["3 = Sixty boats were", "9 They were lost."]
    assert [block.lines.first for block in article.omitted] == [5, 7]
    # A day under a sentence may be that of the next entry of a diary.
    diary = read(f"The Sea\n\n{DECK}.\n\n3 Feb 2025\n\nThey were lost.\n")
    assert (diary.published, diary.omitted) == (None, ())


def test_a_summary_alone_is_text() -> None:
    assert shown(read(f"The Sea\n\n{DECK}\n")) == ["3 Sixty boats were"]
    assert shown(read(f"The Sea\n\n{DECK}.\n\nBy Jane Doe\n"))[0] == "3 Sixty boats were"


LINES = st.sampled_from(
    [
        *("", "", "The Old Town", "By Jane Doe", "- item one", "1. first", "Hello world.", "===="),
        *("----", "* * *", "CHAPTER I.", "Also Read : X", "Leave A Reply", "   indented start of"),
        *(
            "\tTabbed line.",
            "a very long " + "word " * 40,
            "ends with hy-",
            "phen and more",
            "Why?",
        ),
        *(
            "“Quote,” she said.",
            "Name *",
            "2025-02-03",
            "Photo: Jane",
            "東京の天気",
            "\u00a0a\u2028b",
        ),
        *("Language: en", "\x0cform feed", "C++", "…", "e\u0301 decomposed", "a\x85b"),
    ]
)
WORDS = st.text(st.characters(categories=["L", "N", "P", "Zs"]), max_size=60)


@given(text=st.lists(LINES | WORDS, max_size=14).map("\n".join), keep=st.booleans())
def test_every_word_is_kept_once_and_spans_give_it_back(text: str, *, keep: bool) -> None:
    source = decode(text.encode())
    try:
        article = read(text, keep=keep)
    except ReaderError:
        assert re.search(r"\w", source.replace("_", "")) is None
        return
    blocks = (*article.blocks, *article.omitted)
    kept = article.title + "".join(block.text for block in blocks)
    assert Counter(re.findall(r"[^\W_]", kept)) == Counter(re.findall(r"[^\W_]", source))
    for block in blocks:
        assert block.span is not None
        start, end = block.span
        assert "".join(block.text.split()) == "".join(source[start:end].split())
        assert block.lines == (source.count("\n", 0, start) + 1, source.count("\n", 0, end) + 1)


def test_much_page_furniture_takes_time_in_proportion() -> None:
    """A second, where it took half a minute when each block was compared with all."""
    data = b"Text of some words.\n\n" + b"Leave a Reply\n\n" * 60_000
    started = time.process_time()
    (article,) = read_text(data, source="a.txt", keep_furniture=False)
    assert time.process_time() - started < 15
    assert len(article.omitted) == 60_000

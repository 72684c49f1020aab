"""RTF: what is shown becomes blocks, by styles and levels, in whatever encoding it is written."""

from __future__ import annotations

from datetime import date
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.articles import Article, Skipped, SkipReason
from indexer.readers.budget import Budget
from indexer.readers.formats import pick_format
from tests.making.documents import rtf, rtf_file
from tests.readings import read_articles


def read(body: str, *, keep: bool = False, info: str = "") -> Article:
    (article,) = read_articles(rtf_file(body, info=info), source="a", keep_furniture=keep)
    assert isinstance(article, Article), article
    return article


def told(article: Article) -> list[tuple[str, str]]:
    return [(block.kind.value, block.text) for block in article.blocks]


def texts(article: Article) -> list[str]:
    return [block.text for block in article.blocks]


def test_paragraphs_have_their_heading_and_their_number() -> None:
    pages = [["Tides", "They rise {so} high \\ café 潮 𝒳."], ["Gulls", "They fly."]]
    data = rtf(pages)
    assert pick_format("letter.doc", data).name == "rtf"
    (article,) = read_articles(data, source="a.rtf")
    assert isinstance(article, Article)
    assert texts(article) == [text for page in pages for text in page]
    assert [block.level for block in article.blocks] == [1, 0, 1, 0]
    assert article.blocks[3].locator == (("paragraph", 4),)


LINES = [
    (r"caf\'e9 na\u239\'efve", "café naïve"),
    (r"{\f1 \'ec\'ee\'f0\'e5} sea {\f2 \'8a\'43}", "море sea 海"),
    (r"{\uc2 \u28526 ab}cd{\uc0 \u27721 }e", "潮cd汉e"),
    (
        r"one\tab two\line three\~four\_five\emdash\ldblquote x\rdblquote",
        "one two three four-five—“x”",
    ),
    (r"a{\*\unknown b}c{\field{\*\fldinst PAGE}{\fldrslt 7}}", "ac7"),
    (r"x{\pict\bin5 }{}}{y}z", "xz"),
    (r"soft\-ly {\v unseen }{\deleted gone }seen", "softly seen"),
    (r"{\listtext 1.\tab}item", "item"),
    ("one\r\ntwo", "onetwo"),
    (r"left \{right\} \\", r"left {right} \\"[:-1]),
]


@pytest.mark.parametrize(("body", "line"), LINES)
def test_lines_of_text(body: str, line: str) -> None:
    assert texts(read(rf"\pard First.\par \pard {body}\par"))[1] == line


def test_styles_and_levels_tell_what_a_paragraph_is() -> None:
    body = (
        r"\pard\s3 On Tides\par\pard\s2 Times\par\pard Plain.\par\pard\outlinelevel2 Deep\par"
        r"\pard\s4 Said.\par\pard\ls1 Item\par\pard \bullet Other\par"
    )
    article = read(body)
    assert article.title == "On Tides"
    assert told(article) == [
        ("heading", "Times"),
        ("paragraph", "Plain."),
        ("heading", "Deep"),
        ("quote", "Said."),
        ("list item", "Item"),
        ("list item", "Other"),
    ]
    assert [block.level for block in article.blocks if block.level] == [2, 3]


def test_facts() -> None:
    info = (
        r"{\title On Tides}{\author Ann Lee;Bo Ek}{\keywords sea, moon}{\operator Cy}"
        r"{\creatim\yr2021\mo3\dy4\hr10\min0}{\revtim\yr2022\mo1\dy2}"
    )
    article = read(r"They rise.\par", info=info)
    assert (article.title, article.author) == ("On Tides", "Ann Lee, Bo Ek")
    assert article.published == date(2021, 3, 4)
    assert article.extra == (
        ("created", "2021-03-04"),
        ("modified", "2022-01-02"),
        ("keywords", "sea"),
        ("keywords", "moon"),
    )


def test_notes_follow_their_paragraph_and_comments_and_margins_are_left_out() -> None:
    body = (
        r"{\header Draft\par}Tide{\super\chftn{\footnote\pard A foot.\par And more.}} rises"
        r"{\*\annotation Really?}, so.\par After.\par"
    )
    article = read(body)
    assert texts(article) == ["Tide rises, so.", "A foot.", "And more.", "After."]
    assert article.blocks[1].locator[1] == ("section", "footnote")
    assert [block.text for block in article.omitted] == ["Draft", "Really?"]
    assert sorted(texts(read(body, keep=True))) == sorted([*texts(article), "Draft", "Really?"])


def test_rows_have_the_names_of_their_columns() -> None:
    row = r"\trowd{}\pard\intbl {}\cell {}\cell\row "
    named = row.format(r"\trhdr", "Port", "High") + row.format("", r"Em\par den", "10")
    assert told(read(rf"{named}\pard After.\par")) == [
        ("table row", "Port: Em den | High: 10"),
        ("paragraph", "After."),
    ]
    assert texts(read(row.format("", "a", "b") + row.format("", "c", "d"))) == ["a | b", "c | d"]


@pytest.mark.parametrize(
    ("data", "reason", "detail"),
    [
        (rtf([]), SkipReason.EMPTY, "the document has no text"),
        (
            b"plain",
            SkipReason.BROKEN,
            "the document is damaged: it does not begin as RTF does; get it anew",
        ),
        (rtf_file("{" * 5_000), SkipReason.BROKEN, "the document is nested too deep"),
        (
            rtf_file("a" * 200_000),
            SkipReason.TOO_LARGE,
            "the file is larger than 0.095 MB; split it, or raise --max-size",
        ),
    ],
)
def test_what_is_no_document_is_told(data: bytes, reason: SkipReason, detail: str) -> None:
    found = list(read_articles(data, source="a.rtf", budget=Budget(size_bytes=100_000)))
    assert found == [Skipped("a.rtf", reason, detail)]


@given(seed=st.integers(0, 2**32), tail=st.binary(max_size=60))
@settings(max_examples=80, deadline=None)
def test_damaged_bytes_raise_nothing(seed: int, tail: bytes) -> None:
    chance = Random(seed)  # noqa: S311 - the same each time
    data = bytearray(rtf([["Tides", "They rise é."]]))
    words = "u99999 bin-7 bin9999999999 uc-1 ansicpg0 footnote row cell s-3 yr-1 f9 'f"
    pieces = [b"{", b"}", *(f"\\{word} ".encode() for word in words.split())]
    for _ in range(chance.randrange(1, 8)):
        at = chance.randrange(6, len(data))
        data[at : at + chance.randrange(3)] = chance.choice(pieces)
    found = list(read_articles(bytes(data) + tail, source="a.rtf"))
    assert len(found) == 1

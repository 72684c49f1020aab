"""PPTX: slides in their order, each under its title, what stands on it from above to below."""

from __future__ import annotations

from typing import Any

import pytest

from indexer.articles import Article, Skipped, SkipReason
from tests.making.documents import pptx, slide_parts, slide_shape, zipped
from tests.readings import read_articles

SHAPE = slide_shape
INCH = 914_400


def read(*slides: str, **parts: Any) -> Article:
    core = "<dc:title>Deck</dc:title>"
    data = zipped(slide_parts(slides, core=core, **parts))
    (article,) = read_articles(data, source="a")
    assert isinstance(article, Article), article
    assert article.title == "Deck"
    return article


def told(article: Article) -> list[tuple[str, str]]:
    return [(block.kind.value, block.text) for block in article.blocks]


def texts(article: Article) -> list[str]:
    return [block.text for block in article.blocks]


def test_a_slide_is_a_heading_and_a_place() -> None:
    (article,) = read_articles(pptx([["Tides", "They rise."], ["Gulls", "They fly."]]), source="a")
    assert isinstance(article, Article)
    assert [(block.text, block.level, block.locator) for block in article.blocks] == [
        ("Tides", 1, (("slide", 1),)),
        ("They rise.", 0, (("slide", 1),)),
        ("Gulls", 1, (("slide", 2),)),
        ("They fly.", 0, (("slide", 2),)),
    ]


def test_slides_are_in_the_order_of_the_presentation() -> None:
    slides = [SHAPE(f"On slide {n}") for n in (1, 2, 3)]
    article = read(*slides, order=[3, 1, 2])
    assert texts(article) == [
        *("Slide 1", "On slide 3", "Slide 2", "On slide 1", "Slide 3", "On slide 2"),
    ]


def test_a_slide_with_nothing_on_it_is_none() -> None:
    assert texts(read(SHAPE("Tides", role="title"), SHAPE(), SHAPE("They rise."))) == [
        *("Tides", "Slide 3", "They rise.")
    ]


def test_what_stands_on_a_slide_is_read_from_above_and_from_the_left() -> None:
    shapes = (
        SHAPE("Low", y=5 * INCH)
        + SHAPE("Right", y=2 * INCH, x=5 * INCH)
        + SHAPE("Left", y=2 * INCH + 90_000)
        + SHAPE("Tides", role="title")
        + SHAPE("By layout", role="body")
    )
    layout = SHAPE("Click here", role="body", y=INCH)
    assert texts(read(shapes, layout=layout)) == ["Tides", "By layout", "Left", "Right", "Low"]


def test_shapes_in_groups_are_where_the_group_puts_them() -> None:
    group = (
        "<p:grpSp><p:grpSpPr><a:xfrm><a:off x='0' y='4572000'/><a:ext cx='100' cy='914400'/>"
        "<a:chOff x='0' y='0'/><a:chExt cx='100' cy='1828800'/></a:xfrm></p:grpSpPr>"
        f"{SHAPE('At 5.9', y=1_645_920)}{SHAPE('At 5', y=0)}</p:grpSp>"
    )
    shapes = group + SHAPE("At 5.45", y=4_983_480) + SHAPE("At 6.5", y=5_943_600)
    assert texts(read(shapes))[1:] == ["At 5", "At 5.45", "At 5.9", "At 6.5"]


def test_bullets_make_items_of_lists() -> None:
    shapes = (
        SHAPE("a", role="obj", y=1)
        + SHAPE("b", role="obj", y=INCH, properties="<a:buNone/>")
        + SHAPE("c", y=2 * INCH)
        + SHAPE("d", y=3 * INCH, properties="<a:buChar char='-'/>")
    )
    assert told(read(shapes))[1:] == [
        ("list item", "a"),
        ("paragraph", "b"),
        ("paragraph", "c"),
        ("list item", "d"),
    ]


def test_notes_follow_their_slide_and_what_stands_on_each_page_is_left_out() -> None:
    slide = SHAPE("Tides", role="title") + SHAPE("7", role="sldNum") + SHAPE("North", role="ftr")
    notes = (
        SHAPE("Say it slowly.", role="body") + SHAPE("7", role="sldNum") + SHAPE("x", role="hdr")
    )
    article = read(slide, SHAPE("Gulls", role="ctrTitle"), notes={1: notes})
    assert texts(article) == ["Tides", "Say it slowly.", "Gulls"]
    assert article.blocks[1].locator == (("slide", 1), ("section", "notes"))
    assert [block.text for block in article.omitted] == ["7", "North"]


def test_tables_have_the_names_of_their_columns() -> None:
    def row(*cells: str) -> str:
        inner = "".join(
            f"<a:tc><a:txBody><a:p><a:r><a:t>{cell}</a:t></a:r></a:p></a:txBody></a:tc>"
            for cell in cells
        )
        return f"<a:tr>{inner}</a:tr>"

    def frame(first: str) -> str:
        return (
            "<p:graphicFrame><p:nvGraphicFramePr><p:nvPr/></p:nvGraphicFramePr><a:graphic>"
            f"<a:tbl><a:tblPr firstRow='{first}'/>{row('Port', 'High')}{row('Emden', '10')}"
            "</a:tbl></a:graphic></p:graphicFrame>"
        )

    assert told(read(frame("1")))[1:] == [("table row", "Port: Emden | High: 10")]
    assert texts(read(frame("0")))[1:] == ["Port | High", "Emden | 10"]


def test_diagrams_pictures_and_formulas_are_read() -> None:
    shapes = (
        "<p:pic><p:nvPicPr><p:cNvPr descr='A pier at dusk'/><p:nvPr/></p:nvPicPr></p:pic>"
        "<p:graphicFrame><p:nvGraphicFramePr><p:nvPr/></p:nvGraphicFramePr>"
        "<dgm:relIds r:dm='diagramData'/></p:graphicFrame>"
        "<p:sp><p:txBody><a:p><a:r><a:t>so</a:t></a:r><a:br/><a:r><a:t>it is</a:t></a:r>"
        "<a:fld type='slidenum'><a:t>7</a:t></a:fld></a:p></p:txBody></p:sp>"
    )
    diagram = (
        '<d xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><ptLst><pt><t><a:p><a:r>'
        "<a:t>First step</a:t></a:r></a:p></t></pt></ptLst></d>"
    )
    article = read(shapes, more={"diagramData": diagram})
    assert told(article)[1:] == [
        ("caption", "A pier at dusk"),
        ("paragraph", "First step"),
        ("paragraph", "so it is"),
    ]


@pytest.mark.parametrize(
    ("data", "reason", "detail"),
    [
        (
            zipped({"a": "b"}),
            SkipReason.BROKEN,
            "the document is damaged: it has no part of slides; get it anew",
        ),
        (pptx([]), SkipReason.EMPTY, "the document has no text"),
    ],
)
def test_what_is_no_presentation_is_told(data: bytes, reason: SkipReason, detail: str) -> None:
    assert list(read_articles(data, source="a.pptx")) == [Skipped("a.pptx", reason, detail)]

"""ODT and ODP, zipped and flat: what is shown becomes blocks, what is not is left out."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from indexer.articles import Article, Skipped, SkipReason
from tests.making.documents import (
    odp,
    odt,
    open_flat,
    open_frame,
    open_heading,
    open_paragraph,
    open_parts,
    zipped,
)
from tests.readings import read_articles

P = open_paragraph


def read(body: str, *, keep: bool = False, **parts: Any) -> Article:
    data = zipped(open_parts(body, **parts))
    (article,) = read_articles(data, source="a", keep_furniture=keep)
    assert isinstance(article, Article), article
    return article


def told(article: Article) -> list[tuple[str, str]]:
    return [(block.kind.value, block.text) for block in article.blocks]


def texts(article: Article) -> list[str]:
    return [block.text for block in article.blocks]


def test_zipped_and_flat_documents_say_the_same() -> None:
    (zipped_one,) = read_articles(
        odt([["Tides", "They rise."], ["Gulls", "They fly."]]), source="a"
    )
    assert isinstance(zipped_one, Article)
    flat = open_flat(
        f"{open_heading('Tides')}{P('They rise.')}{open_heading('Gulls')}{P('They fly.')}"
    )
    for source in ("a", "a.fodt"):
        (flat_one,) = read_articles(flat, source=source)
        assert isinstance(flat_one, Article)
        assert flat_one.blocks == zipped_one.blocks
    assert [(block.level, *block.locator) for block in zipped_one.blocks] == [
        (1, ("paragraph", 1)),
        (0, ("paragraph", 2)),
        (1, ("paragraph", 3)),
        (0, ("paragraph", 4)),
    ]


def test_facts() -> None:
    meta = (
        "<dc:title>On Tides</dc:title><meta:initial-creator>Ann Lee</meta:initial-creator>"
        "<dc:creator>Bo Ek</dc:creator><meta:creation-date>2021-03-04T10:00:00</meta:creation-date>"
        "<dc:date>2022-01-02T10:00:00</dc:date><dc:language>de-DE</dc:language>"
        "<meta:keyword>sea</meta:keyword><meta:keyword>moon</meta:keyword>"
        '<meta:user-defined meta:name="Project">North</meta:user-defined>'
        '<meta:user-defined meta:name="AppVersion">12</meta:user-defined>'
    )
    article = read(P("They rise."), meta=meta)
    assert (article.title, article.author, article.language) == ("On Tides", "Ann Lee", "de")
    assert article.published == date(2021, 3, 4)
    assert article.extra == (
        ("created", "2021-03-04"),
        ("modified", "2022-01-02"),
        ("keywords", "sea"),
        ("keywords", "moon"),
        ("project", "North"),
    )


def test_styles_tell_titles_quotes_captions_and_code() -> None:
    styles = (
        '<style:style style:name="P1" style:family="paragraph" style:parent-style-name="Title"/>'
        '<style:style style:name="P2" style:family="paragraph"'
        ' style:parent-style-name="Preformatted_20_Text"/>'
        '<style:style style:name="P3" style:family="paragraph" style:parent-style-name="P3"/>'
        '<style:style style:name="T1" style:family="text">'
        '<style:text-properties text:display="none"/></style:style>'
    )
    body = (
        P("On Tides", "P1")
        + '<text:p text:style-name="P3">Seen'
        + '<text:span text:style-name="T1">unseen</text:span></text:p>'
        + P("Said.", "Quotations")
        + P("Fig. 1", "Illustration")
        + '<text:p text:style-name="P2">if x:</text:p>'
        + '<text:p text:style-name="P2"><text:s text:c="4"/>y()<text:line-break/>z</text:p>'
        + "<text:list><text:list-item><text:p>One</text:p><text:list><text:list-item>"
        + "<text:p>Two</text:p></text:list-item></text:list></text:list-item></text:list>"
    )
    article = read(body, styles=styles)
    assert article.title == "On Tides"
    assert told(article) == [
        ("paragraph", "Seen"),
        ("quote", "Said."),
        ("caption", "Fig. 1"),
        ("code", "if x:\n    y()\nz"),
        ("list item", "One"),
        ("list item", "Two"),
    ]
    assert [block.text for block in article.omitted] == ["unseen"]


def test_notes_changes_comments_and_tables_of_contents() -> None:
    body = (
        "<text:tracked-changes><text:changed-region><text:deletion><text:p>gone</text:p>"
        "</text:deletion></text:changed-region></text:tracked-changes>"
        "<text:table-of-content><text:table-of-content-source/><text:index-body>"
        "<text:index-title><text:p>Contents</text:p></text:index-title></text:index-body>"
        "</text:table-of-content>"
        '<text:p>Tide<text:note text:note-class="footnote"><text:note-citation>1'
        "</text:note-citation><text:note-body><text:p>A foot.</text:p></text:note-body></text:note>"
        " rises<text:change/>, so<text:soft-page-break/>on"
        "<office:annotation><dc:creator>Bo</dc:creator><text:p>Really?</text:p></office:annotation>"
        "<text:tab/>it falls.</text:p>"
        '<text:section text:display="none"><text:p>Hidden.</text:p></text:section>'
        "<text:section><text:p>After.</text:p></text:section>"
    )
    masters = (
        "<style:master-page><style:header><text:p>Draft</text:p></style:header>"
        "<style:footer><text:p>Page</text:p></style:footer></style:master-page>"
    )
    article = read(body, masters=masters)
    assert texts(article) == ["Tide rises, soon it falls.", "A foot.", "After."]
    assert article.blocks[1].locator == (("paragraph", 4), ("section", "footnote"))
    omitted = [block.text for block in article.omitted]
    assert omitted == ["Draft", "Contents", "Really?", "Hidden.", "Page"]
    kept = read(body, masters=masters, keep=True)
    assert sorted(texts(kept)) == sorted([*texts(article), *omitted])


def cell(text: str, style: str = "Standard", attributes: str = "") -> str:
    return f"<table:table-cell {attributes}>{P(text, style)}</table:table-cell>"


def row(*cells: str) -> str:
    return f"<table:table-row>{''.join(cells)}</table:table-row>"


EMPTY = '<table:table-cell table:number-columns-repeated="999999999"/>'
TABLES = [
    (
        (
            f"<table:table-header-rows>{row(cell('Port'), cell('High'))}</table:table-header-rows>"
            f"{row(cell('Emden'), cell('10'))}"
        ),
        ["Port: Emden | High: 10"],
    ),
    (
        row(cell("X", "Table_20_Heading"), cell("Y", "Table_20_Heading"))
        + row(cell("a"), cell("b"))
        + row(EMPTY),
        ["X: a | Y: b"],
    ),
    (row(cell("a"), cell("b")) + row(cell("c"), cell("d")), ["a | b", "c | d"]),
    (row(cell("5", attributes='table:number-columns-repeated="2"'), EMPTY), ["5 | 5"]),
    (row(cell("5", attributes='table:number-columns-repeated="-7"'), cell("6")), ["5 | 6"]),
    (
        row(f"<table:table-cell>{open_heading('Left')}{P('a')}</table:table-cell>", cell("b")),
        ["Left", "a", "b"],
    ),
    (
        (
            '<table:table-row table:number-rows-repeated="99999999">'
            f"{cell('a')}{cell('b')}</table:table-row>"
        ),
        ["a | b"],
    ),
]


@pytest.mark.parametrize(("rows", "lines"), TABLES)
def test_rows_have_the_names_of_their_columns(rows: str, lines: list[str]) -> None:
    assert texts(read(f"{P('Before.')}<table:table>{rows}</table:table>")) == ["Before.", *lines]


def test_a_cell_that_is_there_a_million_times_is_bounded() -> None:
    many = cell("a", attributes='table:number-columns-repeated="1000000"')
    (block,) = read(f"<table:table>{row(many)}</table:table>").blocks
    assert block.text.count("a") == 16


def test_boxes_pictures_and_formulas() -> None:
    math = "<math xmlns='http://www.w3.org/1998/Math/MathML'>{}</math>".format(
        "<semantics><mfrac><mi>a</mi><msup><mi>b</mi><mn>2</mn></msup></mfrac>"
        "<annotation>{a} over {b^2}</annotation></semantics>"
    )
    body = (
        "<text:p>It is <draw:frame><draw:object xlink:href='./Object 1'/></draw:frame> high."
        "<draw:frame><draw:image/><svg:title>A pier</svg:title></draw:frame>"
        f"<draw:frame><draw:text-box>{P('In the box.')}</draw:text-box></draw:frame>"
        f"<draw:g><draw:custom-shape>{P('In a shape.')}</draw:custom-shape></draw:g></text:p>"
    )
    parts = open_parts(body) | {"Object 1/content.xml": math}
    (article,) = read_articles(zipped(parts), source="a.odt")
    assert isinstance(article, Article)
    assert told(article) == [
        ("paragraph", "It is a/b^2 high."),
        ("caption", "A pier"),
        ("paragraph", "In the box."),
        ("paragraph", "In a shape."),
    ]


def test_slides_have_their_title_their_notes_and_an_order() -> None:
    (short,) = read_articles(odp([["Tides", "They rise."]]), source="a.odp")
    assert isinstance(short, Article)
    assert (short.title, short.blocks[0].text) == ("Tides", "They rise.")
    slides = (
        f"<draw:page>{open_frame('Low', 9)}{open_frame('Right', 3.2, 9)}{open_frame('Left', 3.4)}"
        f"{open_frame('Tides', 1, kind='title')}{open_frame('7', 9, kind='page-number')}"
        f"<presentation:notes>{open_frame('Say it.', kind='notes')}</presentation:notes>"
        "</draw:page>"
        f"<draw:page>{open_frame('No title')}</draw:page>"
    )
    article = read(slides, kind="presentation", meta="<dc:title>Deck</dc:title>")
    assert [(block.text, block.level, block.locator) for block in article.blocks] == [
        ("Tides", 1, (("slide", 1),)),
        ("Left", 0, (("slide", 1),)),
        ("Right", 0, (("slide", 1),)),
        ("Low", 0, (("slide", 1),)),
        ("Say it.", 0, (("slide", 1), ("section", "notes"))),
        ("Slide 2", 1, (("slide", 2),)),
        ("No title", 0, (("slide", 2),)),
    ]


SECRET = open_parts("") | {
    "META-INF/manifest.xml": "<manifest><file-entry><encryption-data/></file-entry></manifest>",
    "content.xml": b"\xa7\x00\x11",
}


@pytest.mark.parametrize(
    ("data", "reason", "detail"),
    [
        (
            zipped(SECRET),
            SkipReason.PROTECTED,
            "the document is encrypted; open it with its password and save it without one",
        ),
        (
            zipped(open_parts("", kind="spreadsheet")),
            SkipReason.BROKEN,
            "the document is damaged: it has no part of text; get it anew",
        ),
        (
            zipped({"mimetype": "x"}),
            SkipReason.BROKEN,
            "the document is damaged: it has no text part; get it anew",
        ),
        (odt([]), SkipReason.EMPTY, "the document has no text"),
    ],
)
def test_what_is_no_document_is_told(data: bytes, reason: SkipReason, detail: str) -> None:
    assert list(read_articles(data, source="a.odt")) == [Skipped("a.odt", reason, detail)]

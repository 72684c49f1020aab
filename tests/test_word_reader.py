"""DOCX: what a document shows becomes blocks, by its styles; what it does not show is left out."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from indexer.articles import Article, Skipped, SkipReason
from tests.making.documents import docx, word_paragraph, word_parts, zipped
from tests.readings import read_articles

P = word_paragraph


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def row(*cells: str, properties: str = "") -> str:
    inner = "".join(f"<w:tc>{P(cell)}</w:tc>" for cell in cells)
    return f"<w:tr><w:trPr>{properties}</w:trPr>{inner}</w:tr>"


def read(body: str, *, keep: bool = False, **parts: Any) -> Article:
    data = zipped(word_parts(body, **parts))
    (article,) = read_articles(data, source="a.docx", keep_furniture=keep)
    assert isinstance(article, Article), article
    return article


def told(article: Article) -> list[tuple[str, str]]:
    return [(block.kind.value, block.text) for block in article.blocks]


def texts(article: Article) -> list[str]:
    return [block.text for block in article.blocks]


def test_paragraphs_have_their_heading_and_their_number() -> None:
    (article,) = read_articles(docx([["Tides", "They rise."], ["Gulls"]]), source="a.docx")
    assert isinstance(article, Article)
    assert told(article) == [
        ("heading", "Tides"),
        ("paragraph", "They rise."),
        ("heading", "Gulls"),
    ]
    assert [block.locator for block in article.blocks] == [(("paragraph", n),) for n in (1, 2, 3)]


def test_headings_are_those_of_styles_in_any_language_and_of_what_they_are_based_on() -> None:
    styles = """
    <w:style w:styleId="Otsikko2"><w:name w:val="heading 2"/></w:style>
    <w:style w:styleId="Mine"><w:name w:val="My section"/><w:basedOn w:val="Otsikko2"/></w:style>
    <w:style w:styleId="Flat"><w:name w:val="Flat"/><w:basedOn w:val="Otsikko2"/>
      <w:pPr><w:outlineLvl w:val="9"/></w:pPr></w:style>
    <w:style w:styleId="Loop"><w:name w:val="Loop"/><w:basedOn w:val="Loop"/></w:style>
    """
    body = (
        P("Before.")
        + P("One", "Otsikko2")
        + P("Two", "Mine")
        + P("Three", "Flat")
        + P("Four", properties='<w:outlineLvl w:val="0"/>')
        + P("Five", "Loop")
        + P("Six", "Unknown")
    )
    blocks = read(body, styles=styles).blocks
    assert [block.level for block in blocks] == [0, 2, 2, 0, 1, 0, 0]


def test_the_title_is_what_is_styled_so_and_the_facts_are_those_of_the_document() -> None:
    core = (
        "<dc:title>Microsoft Word - tides.doc</dc:title><dc:creator>Ann Lee; Bo Ek</dc:creator>"
        "<dcterms:created>2021-03-04T10:00:00Z</dcterms:created>"
        "<dcterms:modified>2022-01-02T10:00:00Z</dcterms:modified>"
        "<cp:keywords>sea, moon</cp:keywords>"
    )
    article = read(P("On Tides", "Titel") + P("They rise."), core=core)
    assert (article.title, texts(article)) == ("On Tides", ["They rise."])
    assert (article.author, article.published) == ("Ann Lee, Bo Ek", date(2021, 3, 4))
    assert article.extra == (
        ("created", "2021-03-04"),
        ("modified", "2022-01-02"),
        ("keywords", "sea"),
        ("keywords", "moon"),
    )
    assert read(P("They rise."), core=core).title == ""


TITLES = [
    ("Unknown Soldiers", "Unknown Soldiers"),
    ("Presentation of the Plan", "Presentation of the Plan"),
    ("1984", "1984"),
    ("unknown", ""),
    ("Untitled 1", ""),
    ("Dokument3", ""),
    ("PowerPoint-Präsentation", ""),
    ("letter to ann.docx", ""),
    ("---", ""),
]


@pytest.mark.parametrize(("said", "title"), TITLES)
def test_what_programs_write_for_a_title_is_none(said: str, title: str) -> None:
    assert read(P("They rise."), core=f"<dc:title>{said}</dc:title>").title == title


def test_tracked_changes_are_read_as_accepted() -> None:
    body = (
        f"<w:p>{run('The ')}<w:del>{run('old ')}</w:del><w:ins>{run('new ')}</w:ins>"
        f"<w:moveFrom>{run('gone ')}</w:moveFrom>{run('pier')}</w:p>"
        f"<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr>{run('It begins')}</w:p>"
        f"<w:p>{run('here.')}</w:p>"
        f"<w:tbl>{row('a', 'b', properties='<w:del/>')}{row('c', 'd')}</w:tbl>"
    )
    assert texts(read(body)) == ["The new pier", "It begins here.", "c | d"]


def test_notes_follow_their_paragraph_and_comments_are_left_out() -> None:
    body = (
        f'<w:p>{run("Tide")}<w:r><w:footnoteReference w:id="2"/></w:r>{run(" rises")}'
        f'<w:r><w:endnoteReference w:id="2"/></w:r><w:r><w:commentReference w:id="0"/></w:r></w:p>'
        f"{P('After.')}"
    )
    notes = {
        "footnotes": (
            f'<w:footnote w:id="0" w:type="separator">{P("rule")}</w:footnote>'
            f'<w:footnote w:id="2">{P("A foot.")}{P("And more.")}</w:footnote>'
        ),
        "endnotes": f'<w:endnote w:id="2">{P("An end.")}</w:endnote>',
        "comments": f'<w:comment w:id="0">{P("Really?")}</w:comment>',
    }
    article = read(body, notes=notes)
    assert texts(article) == ["Tide rises", "A foot.", "And more.", "An end.", "After."]
    assert article.blocks[1].locator == (("paragraph", 2), ("section", "footnote"))
    assert article.blocks[3].locator == (("paragraph", 4), ("section", "endnote"))
    assert [block.text for block in article.omitted] == ["Really?"]
    kept = read(body, notes=notes, keep=True)
    assert [block.text for block in kept.blocks if ("section", "comment") in block.locator] == [
        "Really?"
    ]
    # Its number is the same, whatever is kept.
    assert kept.blocks[-1].locator == article.blocks[-1].locator


def test_a_large_first_letter_belongs_to_its_word() -> None:
    body = P("C", properties='<w:framePr w:dropCap="drop"/>') + P("all me \uf0e0 Ishmael.")
    assert texts(read(body)) == ["Call me Ishmael."]


HEAD = "<w:tblHeader/>"
MERGED = '<w:tc><w:tcPr><w:vMerge w:val="{}"/></w:tcPr>' + P("{}") + "</w:tc>"
BOLD = "<w:tr>" + "".join(f"<w:tc><w:p>{run(t, '<w:b/>')}</w:p></w:tc>" for t in "XY") + "</w:tr>"
FANCY = (
    '<w:style w:type="table" w:styleId="Fancy"><w:name w:val="Fancy"/>'
    '<w:tblStylePr w:type="firstRow"/></w:style>'
)
LOOK = '<w:tblPr><w:tblStyle w:val="{}"/><w:tblLook w:val="04A0"/></w:tblPr>'
TABLES = [
    (row("Port", "High", properties=HEAD) + row("Emden", "10"), ["Port: Emden | High: 10"]),
    (row("Name", "Ann") + row("Phone", "12"), ["Name | Ann", "Phone | 12"]),
    (BOLD + row("a", "b"), ["X: a | Y: b"]),
    (BOLD + row("a", ""), ["X | Y", "X: a"]),
    (LOOK.format("Fancy") + row("P", "Q") + row("a", "b"), ["P: a | Q: b"]),
    (LOOK.format("None") + row("P", "Q") + row("a", "b"), ["P | Q", "a | b"]),
    (row("P", "Q", properties=HEAD), ["P | Q"]),
    (
        (
            f"<w:tr><w:trPr>{HEAD}</w:trPr>{MERGED.format('restart', 'A')}"
            f"<w:tc>{P('B')}</w:tc></w:tr>"
            f"<w:tr>{MERGED.format('continue', '')}<w:tc>{P('C')}</w:tc></w:tr>{row('1', '2')}"
        ),
        ["A: 1 | B C: 2"],
    ),
    (row("a") + row("b"), ["a", "b"]),
    (
        f"<w:tr><w:trPr>{HEAD}</w:trPr><w:tc>{P('Day')}</w:tc>"
        f'<w:tc><w:tcPr><w:gridSpan w:val="2"/></w:tcPr>{P("Tide")}</w:tc></w:tr>'
        + row("", "High", "Low", properties=HEAD)
        + row("1", "2", "3"),
        ["Day: 1 | Tide High: 2 | Tide Low: 3"],
    ),
    (
        (
            f'<w:tr><w:tc><w:tcPr><w:gridSpan w:val="99999999999"/></w:tcPr>{P("a")}</w:tc>'
            f"<w:tc>{P('b')}</w:tc></w:tr>"
        ),
        ["a | b"],
    ),
]


@pytest.mark.parametrize(("rows", "lines"), TABLES)
def test_rows_have_the_names_of_their_columns(rows: str, lines: list[str]) -> None:
    assert texts(read(f"<w:tbl>{rows}</w:tbl>", styles=FANCY)) == lines


def test_a_table_that_lays_out_a_page_is_read_as_one() -> None:
    inner = f"<w:tbl>{row('a', 'b')}</w:tbl>"
    body = f"<w:tbl><w:tr><w:tc>{P('Left.')}{inner}</w:tc><w:tc>{P('Right.')}</w:tc></w:tr></w:tbl>"
    assert told(read(body)) == [
        ("paragraph", "Left."),
        ("table row", "a | b"),
        ("paragraph", "Right."),
    ]


def test_text_boxes_are_read_once_and_pictures_by_what_they_show() -> None:
    box = f"<w:txbxContent>{P('In the box.')}</w:txbxContent>"
    body = (
        f"<w:p>{run('Beside.')}<w:r><mc:AlternateContent>"
        f"<mc:Choice><w:drawing><wp:docPr descr='A pier at dusk'/><wps:txbx>{box}</wps:txbx>"
        f"</w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox>{box}</v:textbox></w:pict>"
        f"</mc:Fallback></mc:AlternateContent></w:r></w:p>{P('After.')}"
    )
    assert told(read(body)) == [
        ("paragraph", "Beside."),
        ("caption", "A pier at dusk"),
        ("paragraph", "In the box."),
        ("paragraph", "After."),
    ]


def test_what_words_are_made_of() -> None:
    body = (
        f"<w:p>{run('so')}<w:r><w:softHyphen/><w:t>ft</w:t></w:r>{run(', e-')}"
        f"<w:r><w:t>mail</w:t><w:tab/><w:t>x</w:t><w:br/><w:t>y</w:t></w:r>"
        '<w:r><w:fldChar w:fldCharType="begin"/><w:instrText> PAGE </w:instrText></w:r>'
        f"<w:hyperlink>{run(' link')}</w:hyperlink>{run(' secret', '<w:vanish/>')}"
        f"{run(' seen', '<w:vanish w:val=&quot;0&quot;/>'.replace('&quot;', chr(34)))}"
        "<m:oMath><m:f><m:num><m:r><m:t>a</m:t></m:r></m:num>"
        "<m:den><m:r><m:t>b</m:t></m:r></m:den></m:f></m:oMath>"
        f"<w:ruby><w:rt>{run('kan')}</w:rt><w:rubyBase>{run('漢')}</w:rubyBase></w:ruby></w:p>"
    )
    article = read(body)
    assert texts(article) == ["soft, e-mail x y link seena/b漢"]
    assert [block.text for block in article.omitted] == ["secret"]


def test_lists_quotes_captions_and_code_are_told_by_their_styles() -> None:
    styles = "".join(
        f'<w:style w:styleId="{n}"><w:name w:val="{n}"/></w:style>'
        for n in ("Quote", "caption", "HTML Preformatted", "toc 1")
    )
    number = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="{}"/></w:numPr>'
    body = (
        P("Item", properties=number.format(3))
        + P("None", properties=number.format(0))
        + P("Said.", "Quote")
        + P("Fig. 1", "caption")
        + P("if x:", "HTML Preformatted")
        + P("    y()", "HTML Preformatted")
        + P("The Moon 3", "toc 1")
        + "<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val='Table of Contents'/>"
        + f"</w:docPartObj></w:sdtPr><w:sdtContent>{P('Contents')}</w:sdtContent></w:sdt>"
        + f"<w:sdt><w:sdtContent>{P('Kept.')}</w:sdtContent></w:sdt>"
    )
    article = read(body, styles=styles, notes={"header1": P("Draft 3"), "footer1": P("Page")})
    assert told(article) == [
        ("list item", "Item"),
        ("paragraph", "None"),
        ("quote", "Said."),
        ("caption", "Fig. 1"),
        ("code", "if x:\n    y()"),
        ("paragraph", "Kept."),
    ]
    omitted = [block.text for block in article.omitted]
    assert omitted == ["Draft 3", "The Moon 3", "Contents", "Page"]


WHOLE = docx([["Tides", "They rise."]])
BAD = [
    (
        b"",
        SkipReason.BROKEN,
        "the document is damaged: it is cut short, or no zip at all; get it anew",
    ),
    (
        WHOLE[:-30],
        SkipReason.BROKEN,
        "the document is damaged: it is cut short, or no zip at all; get it anew",
    ),
    (
        zipped({"a.txt": "x"}),
        SkipReason.BROKEN,
        "the document is damaged: it has no text part; get it anew",
    ),
    (
        zipped({"word/document.xml": "<w:document"}),
        SkipReason.BROKEN,
        "the document is damaged: word/document.xml in it is no XML; get it anew",
    ),
    (docx([]), SkipReason.EMPTY, "the document has no text"),
]


@pytest.mark.parametrize(("data", "reason", "detail"), BAD)
def test_what_is_no_document_is_told(data: bytes, reason: SkipReason, detail: str) -> None:
    assert list(read_articles(data, source="a.docx")) == [Skipped("a.docx", reason, detail)]

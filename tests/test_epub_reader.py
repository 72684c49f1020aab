"""EPUB: pages in the order of the spine, under the headings of the table of contents."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from indexer.articles import Article, Skipped, SkipReason
from tests.making.documents import book_entry, book_nav, book_parts, epub, zipped
from tests.readings import read_articles


def read(pages: dict[str, str], *, keep: bool = False, **parts: Any) -> Article:
    parts.setdefault("metadata", "<dc:title>A book</dc:title>")
    data = zipped(book_parts(pages, **parts))
    (article,) = read_articles(data, source="a", keep_furniture=keep)
    assert isinstance(article, Article), article
    return article


def told(article: Article) -> list[tuple[str, int, str]]:
    return [(block.kind.value, block.level, block.text) for block in article.blocks]


def texts(article: Article) -> list[str]:
    return [block.text for block in article.blocks]


def headings(article: Article) -> list[tuple[int, str]]:
    return [(block.level, block.text) for block in article.blocks if block.level]


def page(body: str) -> list[str]:
    return texts(read({"a.xhtml": body}))


def test_a_chapter_is_heading_and_place_and_its_title_is_said_once() -> None:
    (article,) = read_articles(epub([["Tides", "They rise."], ["Gulls", "They fly."]]), source="a")
    assert isinstance(article, Article)
    assert (article.title, article.language) == ("A book", "en")
    assert told(article) == [
        ("heading", 1, "Tides"),
        ("paragraph", 0, "They rise."),
        ("heading", 1, "Gulls"),
        ("paragraph", 0, "They fly."),
    ]
    assert [block.locator for block in article.blocks] == [
        (("chapter", "Tides"),),
        (("chapter", "Tides"),),
        (("chapter", "Gulls"),),
        (("chapter", "Gulls"),),
    ]


PARTS = {
    "front.xhtml": "<p>For Ann.</p>",
    "p1.xhtml": "<h1>Part One</h1>",
    "c1.xhtml": "<h1>1</h1><h2>Loomings</h2><p>Call me.</p><h3 id='s'>The Inn</h3><p>Cold.</p>"
    "<h4>Its Door</h4><p>Shut.</p>",
    "c1b.xhtml": "<p>It goes on.</p>",
    "c2.xhtml": "<p>The Carpet-Bag</p><p>I stuffed.</p>",
}
INSIDE = [
    book_entry("1. Loomings", "c1.xhtml", book_entry("The Inn", "c1.xhtml#s")),
    book_entry("The Carpet-Bag", "c2.xhtml"),
]


def test_parts_chapters_and_sections_make_the_trail() -> None:
    article = read(PARTS, nav=book_nav(book_entry("Part One", "p1.xhtml", *INSIDE)))
    assert headings(article) == [
        (1, "Part One"),
        (2, "1 Loomings"),
        (3, "The Inn"),
        (4, "Its Door"),
        (2, "The Carpet-Bag"),
    ]
    assert [block.locator for block in article.blocks if not block.level] == [
        (("paragraph", 1),),  # before all chapters
        *[(("chapter", "1. Loomings"),)] * 4,
        (("chapter", "The Carpet-Bag"),),
    ]


@pytest.mark.parametrize("others", [[], [book_entry("Colophon", "front.xhtml")]])
def test_an_entry_over_all_of_the_book_is_no_chapter(others: list[str]) -> None:
    entries = [book_entry("A book", "", *INSIDE), *others]
    article = read(PARTS, nav=book_nav(*entries))
    places = {block.locator for block in article.blocks if block.text in {"Cold.", "I stuffed."}}
    assert places == {(("chapter", "1. Loomings"),), (("chapter", "The Carpet-Bag"),)}


def test_an_entry_that_leads_nowhere_stands_over_those_in_it() -> None:
    article = read(PARTS, nav=book_nav(book_entry("Book II", "", *INSIDE)))
    assert headings(article)[:3] == [(1, "Part One"), (1, "Book II"), (2, "1 Loomings")]
    assert article.blocks[3].locator == (("chapter", "1. Loomings"),)


def test_the_older_table_of_contents_is_read_as_well() -> None:
    def point(label: str, source: str, inner: str = "") -> str:
        text = f"<navLabel><text>{label}</text></navLabel>"
        return f'<navPoint>{text}<content src="{source}"/>{inner}</navPoint>'

    ncx = point("Loomings", "c1.xhtml", point("The Inn", "c1.xhtml#s")) + point("Bag", "c2.xhtml")
    article = read(PARTS, ncx=ncx)
    # What it calls "Loomings" is headed "1" over that; "Bag" has another line under it.
    assert headings(article) == [
        (1, "Part One"),
        (1, "1 Loomings"),
        (2, "The Inn"),
        (3, "Its Door"),
        (1, "Bag"),
    ]


def test_several_chapters_in_one_page() -> None:
    body = (
        "<h2><a id='one'/>CHAPTER I. A Start</h2><p>First.</p>"
        "<table><tr><td id='two'>x</td><td>y</td></tr></table><p>Second.</p>"
    )
    entries = [
        book_entry("A Start", "a.xhtml#one"),
        book_entry("Two", "a.xhtml#two"),
        book_entry("Lost", "a.xhtml#nowhere"),
    ]
    article = read({"a.xhtml": body}, nav=book_nav(*entries))
    assert told(article) == [
        ("heading", 1, "Lost"),
        ("heading", 1, "CHAPTER I. A Start"),
        ("paragraph", 0, "First."),
        ("heading", 1, "Two"),
        ("table row", 0, "x | y"),
        ("paragraph", 0, "Second."),
    ]


def test_facts() -> None:
    metadata = (
        '<dc:title id="s">A Tale</dc:title><meta refines="#s" property="title-type">subtitle</meta>'
        '<dc:title id="t">On Tides</dc:title><meta refines="#t" property="title-type">main</meta>'
        "<dc:creator>Ann Lee</dc:creator>"
        '<dc:creator id="c">Bo Ek</dc:creator><meta refines="#c" property="role">ill</meta>'
        '<dc:creator opf:role="aut">Cy Dee</dc:creator><dc:language>de-AT</dc:language>'
        '<dc:date opf:event="modification">2020-01-01</dc:date>'
        '<dc:date opf:event="publication">1999-02-03</dc:date><dc:publisher>North</dc:publisher>'
        "<dc:subject>Sea</dc:subject><dc:subject>Moon</dc:subject>"
        "<dc:identifier>http://example.org/7</dc:identifier>"
    )
    article = read({"a.xhtml": "<p>They rise.</p>"}, metadata=metadata)
    assert (article.title, article.author, article.language) == (
        "On Tides",
        "Ann Lee, Cy Dee",
        "de",
    )
    assert (article.published, article.url) == (date(1999, 2, 3), "http://example.org/7")
    assert article.extra == (
        ("date", "1999-02-03"),
        ("publisher", "North"),
        ("subject", "Sea"),
        ("subject", "Moon"),
        ("identifier", "http://example.org/7"),
    )


LINES = [
    ('<p>word<a epub:type="noteref" href="#n">1</a>, next</p>', ["word, next"]),
    ('<p>word<sup><a href="#n">12</a></sup> next</p>', ["word next"]),
    ('<p>word<a href="#n"><sup>*</sup></a> next</p>', ["word next"]),
    ('<p>word<a href="#n">[3]</a> next</p>', ["word next"]),
    ("<p>5 m<sup>2</sup> of <a href='#n'>lawn</a></p>", ["5 m2 of lawn"]),
    ('<p>on<span epub:type="pagebreak" id="p7">7</span>ward</p>', ["onward"]),
    ("<p>one&nbsp;caf&eacute; &amp; &lt;b&gt;</p>", ["one café & <b>"]),
    ('<p><img src="c.png" alt="C"/>all me</p>', ["Call me"]),
    ('<p>The <img src="c.png" alt="x squared"/> rule</p>', ["The x squared rule"]),
    ('<p><img src="c.png" alt="A pier at dusk"/></p><p>Text</p>', ["A pier at dusk", "Text"]),
    ('<p><img src="c.png" alt="cover.jpg"/></p><p>Text</p>', ["Text"]),
    ("<h1>A<br/>B</h1><p>one<br/>two<br/><br/>three</p>", ["A B", "one two", "three"]),
    ("<pre>if x:<br/>    y</pre>", ["if x:\n    y"]),
    ("<p>by <math><mfrac><mi>a</mi><mi>b</mi></mfrac></math>.</p>", ["by a/b."]),
    ("<p>not closed<p>and again", ["not closed", "and again"]),
    ("<p>&unknown; thing</p><!-- no --><?php no ?><script>no</script>", ["&unknown; thing"]),
]


@pytest.mark.parametrize(("body", "lines"), LINES)
def test_lines_of_text(body: str, lines: list[str]) -> None:
    assert page(f"{body}<p>End.</p>")[: len(lines)] == lines


def test_notes_are_paragraphs_that_say_so() -> None:
    body = (
        '<p>Word.</p><aside epub:type="footnote"><p>A foot.'
        '<a role="doc-backlink" href="#r">back</a></p><p>More.</p></aside>'
        '<ol><li epub:type="endnote">An end.</li></ol><p>After.</p>'
    )
    article = read({"a.xhtml": body}, nav=book_nav(book_entry("One", "a.xhtml")))
    place = ("chapter", "One")
    assert [(block.kind.value, block.text, block.locator) for block in article.blocks] == [
        ("heading", "One", (place,)),
        ("paragraph", "Word.", (place,)),
        ("paragraph", "A foot.", (place, ("section", "footnote"))),
        ("paragraph", "More.", (place, ("section", "footnote"))),
        ("paragraph", "An end.", (place, ("section", "endnote"))),
        ("paragraph", "After.", (place,)),
    ]


def test_covers_and_tables_of_contents_are_left_out_and_counted() -> None:
    links = "".join(f'<p><a href="a.xhtml">Chapter {n}</a></p>' for n in range(6))
    pages = {
        "cover.xhtml": "<p>The cover</p>",
        "nav.xhtml": "",
        "b.xhtml": '<section epub:type="toc"><p>What is in it</p></section>',
        "links.xhtml": links,
        "a.xhtml": "<p>They rise.</p>",
    }
    guide = '<reference type="cover" href="cover.xhtml"/>'
    nav = book_nav(book_entry("Cover", "cover.xhtml"), book_entry("Tides", "a.xhtml"))
    article = read(pages, nav=nav, guide=guide)
    assert texts(article) == ["Tides", "They rise."]
    assert [block.text for block in article.omitted] == [
        "The cover",
        *("Contents", "Cover", "Tides"),
        "What is in it",
        *(f"Chapter {n}" for n in range(6)),
    ]
    kept = read(pages, nav=nav, guide=guide, keep=True)
    assert len(kept.blocks) == len(article.blocks) + len(article.omitted)


GOOD = book_parts({"a.xhtml": "<p>They rise.</p>"})
LOCK = (
    "<encryption><EncryptedData><EncryptionMethod Algorithm='{}'/><CipherData>"
    "<CipherReference URI='OEBPS/a.xhtml'/></CipherData></EncryptedData></encryption>"
)
NO_MAP = "the document is damaged: it does not say what is in it; get it anew"


@pytest.mark.parametrize(
    ("parts", "reason", "detail"),
    [
        (
            {**GOOD, "META-INF/encryption.xml": LOCK.format("http://www.w3.org/2001/04/xmlenc#")},
            SkipReason.PROTECTED,
            (
                "the book has a lock of its seller (DRM), and only their reader opens it; "
                "get a copy without one"
            ),
        ),
        ({"mimetype": "application/epub+zip"}, SkipReason.BROKEN, NO_MAP),
        ({**GOOD, "OEBPS/a.xhtml": ""}, SkipReason.EMPTY, "the document has no text"),
    ],
)
def test_what_is_no_book_is_told(
    parts: dict[str, str | bytes], reason: SkipReason, detail: str
) -> None:
    assert list(read_articles(zipped(parts), source="a.epub")) == [
        Skipped("a.epub", reason, detail)
    ]


def test_garbled_fonts_are_no_lock() -> None:
    fonts = {"META-INF/encryption.xml": LOCK.format("http://www.idpf.org/2008/embedding")}
    (article,) = read_articles(zipped(GOOD | fonts), source="a.epub")
    assert isinstance(article, Article)

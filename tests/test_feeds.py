"""Feeds: RSS of all versions, Atom and JSON Feed, an article an entry; OPML is told."""

from __future__ import annotations

import json
from datetime import date
from io import BytesIO
from typing import Any
from urllib.parse import urljoin

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.articles import Article, Skipped, SkipReason
from indexer.model import BlockKind, Lines
from indexer.plain import each
from indexer.readers.budget import MB, Budget
from indexer.readers.formats import pick_format
from indexer.readers.messages.xml_source import XmlSource
from indexer.readers.reading import read_stream
from tests.making import feeds
from tests.readings import read_articles

ENTRIES = [["The ferry came late.", "It was dark & cold."], ["Gulls walked on the sand."]]
MADE = [
    ("f.rss", feeds.rss(ENTRIES)),
    ("f.atom", feeds.atom(ENTRIES)),
    ("f.json", feeds.json_feed(ENTRIES)),
]


def read(data: str | bytes, name: str = "f.xml", **how: Any) -> list[Article | Skipped]:
    raw = data if isinstance(data, bytes) else data.encode()
    return list(read_articles(raw, source=name, **how))


def articles(found: list[Article | Skipped]) -> list[Article]:
    assert not [one for one in found if isinstance(one, Skipped)]
    return [one for one in found if isinstance(one, Article)]


def rss(items: str, head: str = "", root: str = "<rss version='2.0'>") -> str:
    return f"{root}<channel><title>News</title>{head}\n{items}\n</channel></rss>"


def one(item: str, **how: Any) -> Article:
    (found,) = articles(read(rss(f"<item>{item}</item>"), **how))
    return found


def texts(article: Article) -> list[str]:
    return [block.text for block in article.blocks]


@pytest.mark.parametrize(("name", "data"), MADE)
def test_an_entry_is_an_article_with_its_facts(name: str, data: bytes) -> None:
    found = articles(read(data, name))
    assert [texts(article) for article in found] == ENTRIES
    first = found[0]
    assert (first.part, first.title, first.author) == ("tag:1", "Tide & time 1", "Ann Lee")
    assert (first.published, first.language) == (date(2024, 1, 2), "en")
    assert (first.url, first.site) == ("https://example.org/1", "Harbour news")
    assert first.extra == (("category", "Sea"),)
    assert [block.locator for article in found for block in article.blocks] == [
        (("entry", 1),),
        (("entry", 1),),
        (("entry", 2),),
    ]


@pytest.mark.parametrize(("name", "data"), MADE[:2])
def test_what_another_parser_finds_is_found(name: str, data: bytes) -> None:
    judged = feedparser.parse(data)
    found = articles(read(data, name))
    assert [one.title for one in found] == [one.title for one in judged.entries]
    base = "https://example.org/"
    assert [one.url for one in found] == [urljoin(base, one.link) for one in judged.entries]
    assert [one.part for one in found] == [one.id for one in judged.entries]
    assert {one.site for one in found} == {judged.feed.title}


def test_blocks_have_the_lines_of_the_file() -> None:
    data = feeds.rss(ENTRIES)
    lines = data.decode().split("\n")
    for article in articles(read(data)):
        assert article.title_lines is not None
        assert "<title>" in lines[article.title_lines.first - 1]
        for block in article.blocks:
            assert block.lines.first == block.lines.last
            assert block.text.split()[0] in lines[block.lines.first - 1]


OLD = """\
<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="https://example.org/"><title>News</title></channel>
<item rdf:about="https://example.org/1"><title>Tide</title><link>https://example.org/1</link>
<description>The ferry came late.</description><dc:date>2024-01-02T10:00Z</dc:date></item>
</rdf:RDF>
"""
NETSCAPE = OLD.replace("http://purl.org/rss/1.0/", "http://my.netscape.com/rdf/simple/0.9/")
ATOM_03 = """\
<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>News</title>
<entry><title>Tide</title><link rel="alternate" href="https://example.org/1"/>
<issued>2024-01-02</issued><content mode="escaped">The ferry came late.</content></entry></feed>
"""
UNDECLARED = rss(
    "<item><title>Tide</title><link>https://example.org/1</link><dc:date>2024-01-02</dc:date>"
    "<content:encoded>The ferry came late.</content:encoded></item>"
)


@pytest.mark.parametrize("data", [OLD, NETSCAPE, ATOM_03, UNDECLARED])
def test_older_versions_and_undeclared_names(data: str) -> None:
    assert pick_format("-", data.encode()).name == "feed"
    (found,) = articles(read(data))
    assert (found.title, found.url, found.site) == ("Tide", "https://example.org/1", "News")
    assert (found.published, texts(found)) == (date(2024, 1, 2), ["The ferry came late."])


# Texts


XHTML = "xmlns:h='http://www.w3.org/1999/xhtml'"
CONTENTS = [
    ("<description>Plain &lt; text</description>", ["Plain < text"]),
    ("<description>&lt;p>One&lt;/p>&lt;p>Two&lt;/p></description>", ["One", "Two"]),
    ("<description><p>One</p><p>Two<br/>Three</p></description>", ["One", "Two", "Three"]),
    ("<description>One.\n\nTwo.</description>", ["One.", "Two."]),
    ("<description><![CDATA[One <b>bold</b>.\n\nTwo.]]></description>", ["One bold.", "Two."]),
    ("<description>Caf&eacute; &nbsp; &copy; &nix;</description>", ["Café © &nix;"]),
    ("<description>A&amp;amp;B &amp;eacute;</description>", ["A&B é"]),
    (f"<content type='xhtml'><h:div {XHTML}><h:p>One</h:p> tail</h:div></content>",
     ["One", "tail"]),
    ("<description>One <!-- two --> <?three?>four</description><!-- five -->", ["One four"]),
    ("<content mode='base64' type='text/html'>PHA+T25lPC9wPg==</content>", ["One"]),
    ("<content type='application/x-text'>T25l</content>", ["One"]),
    ("<content type='application/x-text'>One, two</content>", ["One, two"]),
    ("<content type='text'>a &lt;b> c</content>", ["a <b> c"]),
    ("<description>Control \x0b\x00 characters</description>", ["Control characters"]),
]  # fmt: skip


@pytest.mark.parametrize(("item", "blocks"), CONTENTS)
def test_texts_however_they_are_written(item: str, blocks: list[str]) -> None:
    assert texts(one(f"<title>Tide</title>{item}")) == blocks


def test_content_is_taken_over_a_summary_that_it_begins_with() -> None:
    text = "<p>The ferry came late, and all who stood on the quay were wet.</p>"
    item = (
        "<description>The ferry came late, and all who [...]</description>"
        f"<content:encoded><![CDATA[{text}]]></content:encoded>"
    )
    found = one(item)
    assert texts(found) == ["The ferry came late, and all who stood on the quay were wet."]
    assert [block.text for block in found.omitted] == ["The ferry came late, and all who [...]"]
    found = one(item.replace("The ferry came late, and all who [", "A wet night ["))
    summary = found.blocks[0]
    assert (summary.kind, summary.text) == (BlockKind.SUMMARY, "A wet night [...]")


def test_no_text_of_an_entry_is_taken_for_furniture() -> None:
    html = "<nav>Menu</nav><p>The ferry.</p><footer>The post appeared first.</footer>"
    found = one(f"<description><![CDATA[{html}]]></description>")
    assert texts(found) == ["Menu", "The ferry.", "The post appeared first."]


def test_a_title_alone_is_an_entry_and_nothing_is_none() -> None:
    found = articles(
        read(rss("<item><title>&lt;b>Tide&lt;/b> &amp;amp; time</title></item><item/>"))
    )
    assert [(one.title, one.blocks) for one in found] == [("Tide & time", ())]


AUTHORS = [
    ("<author>ann@example.org (Ann Lee)</author>", "Ann Lee"),
    ("<author>Ann Lee &lt;ann@example.org></author>", "Ann Lee"),
    ("<author>ann@example.org</author>", "ann@example.org"),
    ("<author><name>Ann Lee</name><email>ann@example.org</email></author>", "Ann Lee"),
    ("<author>Ann Lee</author><author>Bo Roy</author>", "Ann Lee, Bo Roy"),
    ("<author/><author></author>", ""),
]


@pytest.mark.parametrize(("item", "author"), AUTHORS)
def test_authors(item: str, author: str) -> None:
    assert one(f"<title>Tide</title>{item}").author == author


URLS = [
    ("<link> https://example.org/1 </link>", "https://example.org/1"),
    ("<link rel='self' href='https://example.org/a'/><link href='https://example.org/1'/>",
     "https://example.org/1"),
    ("<guid>https://example.org/1</guid>", "https://example.org/1"),
    ("<guid isPermaLink='false'>https://example.org/1</guid>", ""),
    ("<link>/1</link>", "https://example.org/1"),
    ("<link xml:base='https://other.example/'>1</link>", "https://other.example/1"),
    ("<link>javascript:alert(1)</link>", ""),
    ("<link>http://[bad</link>", ""),
]  # fmt: skip


@pytest.mark.parametrize(("item", "url"), URLS)
def test_addresses(item: str, url: str) -> None:
    data = rss(f"<item><title>Tide</title>{item}</item>", "<link>https://example.org/</link>")
    assert articles(read(data))[0].url == url


DATES = [
    ("<pubDate>Tue, 02 Jan 2024 23:00:00 -0500</pubDate>", date(2024, 1, 2)),
    ("<pubDate>2024-01-02</pubDate>", date(2024, 1, 2)),
    ("<updated>2024-02-03T00:00:00Z</updated><published>2024-01-02T00:00:00Z</published>",
     date(2024, 1, 2)),
    ("<pubDate>soon</pubDate><updated>2024-01-02</updated>", date(2024, 1, 2)),
    ("<pubDate>31 Feb 2024</pubDate>", None),
]  # fmt: skip


@pytest.mark.parametrize(("item", "day"), DATES)
def test_days(item: str, day: date | None) -> None:
    assert one(f"<title>Tide</title>{item}").published == day


def test_names_that_come_again_have_a_digest() -> None:
    items = (
        "<item><guid>a</guid><title>One</title></item><item><guid>a</guid><title>Two</title></item>"
    )
    without = "<item><title>Three</title></item>"
    first, second, third = articles(read(rss(items + without)))
    assert first.part == "a"
    assert second.part.startswith("a~")
    assert third.part == articles(read(rss(without)))[0].part != ""


# Encodings and faults


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("utf-8", "utf-8"),
        ("utf-8", "iso-8859-1"),
        ("utf-8-sig", ""),
        ("iso-8859-1", "iso-8859-1"),
        ("cp1252", "utf-8"),
        ("cp1252", ""),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16"),
        ("cp1251", "windows-1251"),
    ],
)
def test_encodings(encoding: str, declared: str) -> None:
    text = "Гулки причал" if encoding == "cp1251" else "Café schloß"
    head = f'<?xml version="1.0" encoding="{declared}"?>\n' if declared else ""
    data = head + rss(f"<item><title>{text}</title></item>")
    assert [one.title for one in articles(read(data.encode(encoding)))] == [text]


def test_named_characters_are_read_where_a_piece_ends() -> None:
    class Small(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(3 if self.tell() >= 1 << 16 else size)

    text = "x" * (1 << 16) + "&eacute;&amp;&nbsp;A&B &#233; &no; é\r\n"
    source = XmlSource(Small(text.encode()), Budget(), "entry")
    read_back = b"".join(iter(lambda: source.read(100), b"")).decode()
    assert read_back.lstrip("x") == "é&amp;\N{NO-BREAK SPACE}A&amp;B &#233; &amp;no; é\r\n"
    assert source.lines == 2


def test_a_broken_feed_is_read_as_far_as_it_goes() -> None:
    whole = feeds.rss(ENTRIES)
    cut = whole[: whole.rindex(b"<content:encoded>")]
    assert articles(read(cut))[0].title == "Tide & time 1"
    loose = whole.replace(b"&amp; time", b"& time")
    assert [one.title for one in articles(read(loose))] == ["Tide & time 1", "Tide & time 2"]


def test_entities_are_not_expanded_and_files_not_read() -> None:
    bomb = "<!DOCTYPE rss [<!ENTITY a 'ha'>" + "".join(
        f"<!ENTITY {after} '{f'&{name};' * 10}'>"
        for name, after in zip("abcdefgh", "bcdefghi", strict=True)
    )
    data = f"{bomb}<!ENTITY x SYSTEM 'file:///etc/passwd'>]>" + rss(
        "<item><title>Tide</title><description>&i; &x; end</description></item>"
    )
    (found,) = articles(read(data))
    assert len(" ".join(texts(found))) < 100
    assert "root" not in " ".join(texts(found))


def test_an_entry_over_the_budget_ends_the_reading_and_a_large_feed_does_not() -> None:
    small = Budget(size_bytes=MB)
    item = f"<item><title>Tide</title><description>{'The ferry. ' * 9_000}</description></item>"
    assert len(articles(read(rss(item * 30), budget=small))) == 30
    *found, skipped = read(rss(item + "<item>" + "<a/>" * 400_000), budget=small)
    assert len(found) == 1
    assert skipped == Skipped(
        "f.xml",
        SkipReason.TOO_LARGE,
        "the entry of the feed is larger than 1 MB; split it, or raise --max-size",
    )


@pytest.mark.parametrize(
    ("data", "name", "detail"),
    [
        (b"<rss><channel><title>a</title></channel></rss>", "f.rss", "the feed has no entries"),
        (b"<note><p>Hello</p></note>", "f.rss", "it is no feed: its first element is 'note'"),
        (b"", "f.rss", "it is no XML: no element found"),
        (b'{"version": "https://jsonfeed.org/version/1"}', "f.json",
         'it is no JSON Feed: it has no list of "items"'),
        (b'{"version": "https://jsonfeed.org/version/1", "items": []}', "f.json",
         "the feed has no entries"),
    ],
)  # fmt: skip
def test_what_is_no_feed(data: bytes, name: str, detail: str) -> None:
    (found,) = read(data, name)
    assert isinstance(found, Skipped)
    assert found.detail == detail


def test_json_feeds_of_the_first_version_and_odd_ones() -> None:
    feed = {
        "version": "https://jsonfeed.org/version/1",
        "items": [
            {"id": 1, "content_text": "One <b>.\n\nTwo.", "author": {"name": "Ann"}, "url": "/1"},
            {"id": None, "title": ["no"], "content_html": 5},
            "no entry",
            {"id": "2", "title": "Tide", "authors": "Bo", "tags": "no", "summary": "Late."},
        ],
    }
    first, second = articles(read(json.dumps(feed), "f.json"))
    assert (first.part, first.author, first.url, texts(first)) == (
        "1",
        "Ann",
        "",
        ["One <b>.", "Two."],
    )
    assert (second.part, second.author, texts(second)) == ("2", "", ["Late."])


def test_opml_is_told_and_nothing_in_it_is_read() -> None:
    data = b"""<?xml version="1.0"?><opml version="2.0"><body><outline text="All">
        <outline text="News" xmlUrl="https://example.org/rss"/>
        <outline text="Own" xmlUrl="own.rss"/></outline></body></opml>"""
    assert pick_format("-", data).name == "opml"
    for name in ("f.opml", "f"):
        assert read(data, name) == [
            Skipped(
                name,
                SkipReason.NO_PROSE,
                "it only lists feeds (2), which are not fetched; save them to files and add those",
            )
        ]


@pytest.mark.parametrize(("name", "data"), MADE)
def test_feeds_are_known_by_their_content(name: str, data: bytes) -> None:
    found = {pick_format(as_, data).name for as_ in ("-", "feed", name, "index.php")}
    assert found == {"jsonfeed" if name == "f.json" else "feed"}


@settings(deadline=None, max_examples=150)
@given(
    st.sampled_from([data for _, data in MADE] + [OLD.encode(), ATOM_03.encode()]),
    st.lists(st.tuples(st.integers(0, 900), st.integers(0, 20), st.binary(max_size=6)), max_size=6),
    st.sampled_from(["feed", "jsonfeed", "opml"]),
)
def test_any_bytes_give_articles_or_reasons(
    seed: bytes, changes: list[tuple[int, int, bytes]], format_name: str
) -> None:
    data = bytearray(seed)
    for place, length, new in changes:
        data[place : place + length] = new
    last = bytes(data).count(b"\n") + 1
    for found in each(read_stream(BytesIO(bytes(data)), source="f", format_name=format_name)):
        if isinstance(found, Article):
            for block in found.blocks:
                assert Lines(1, 1) <= block.lines
                assert block.lines.first <= block.lines.last <= last
                assert block.text
        else:
            assert found.detail

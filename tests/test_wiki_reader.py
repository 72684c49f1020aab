"""Dumps of MediaWiki: pages as articles, wiki text as blocks, damage, and bounded memory."""

from __future__ import annotations

import subprocess
import sys
from io import BytesIO
from xml.sax.saxutils import escape

import pytest

from indexer.articles import Article, Skipped, SkipReason
from indexer.readers.budget import Budget
from indexer.readers.formats import pick_format
from indexer.readers.reading import read_stream
from tests.making.markup import mediawiki
from tests.markups import CAPTION, CODE, HEADING, ITEM, PARAGRAPH, QUOTE, ROW, shape
from tests.readings import read_articles

HEAD = """\
<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" version="0.11" xml:lang="de">
  <siteinfo>
    <sitename>Hafen-Wiki</sitename>
    <base>https://wiki.example.org/wiki/Main_Page</base>
    <namespaces>
      <namespace key="6">Datei</namespace><namespace key="14">Kategorie</namespace>
    </namespaces>
  </siteinfo>
"""
WIKI = """\
{{Infobox|name=Quay
|x=y}}
'''Water''' stood at the ''edge'' of [[Aber|the port]] and [[Ness]]<ref name="x">A note</ref>,
{{lang|de|Wort}} and {{convert|5|km}}&nbsp;x.
__NOTOC__
[[Datei:x.png|mini|200px|A ''boat'']]
== Times ==
* high at noon
** again
# one
; Aber : the port
; Ness
: the other
: indented

 code here
   more

{| class="wikitable"
|+ Ports
! port !! time
|-
| Aber || 6:10
|}
{| class="navbox"
| nav
|}
<nowiki>''x''</nowiki> and <math>a^2</math> [http://e.org page] <!-- no -->
=== Ebb ===
<syntaxhighlight lang="py">
x = 1
</syntaxhighlight>
<blockquote>Said so.</blockquote>
<gallery>
Datei:y.png|A gull
</gallery>
The end.
[[Kategorie:Häfen]]
[[en:Quay]]
"""


def page(title: str, text: str, inner: str = "<ns>0</ns>") -> str:
    return (
        f"<page>\n<title>{escape(title)}</title>{inner}<revision>"
        f"<timestamp>2024-05-01T12:00:00Z</timestamp><text>{escape(text)}</text></revision></page>\n"
    )


def dump(*pages: str) -> bytes:
    return (HEAD + "".join(pages) + "</mediawiki>\n").encode()


def articles(data: bytes) -> list[Article]:
    found = list(read_articles(data, source="w.xml", format_name="mediawiki"))
    kept = [one for one in found if isinstance(one, Article)]
    assert kept == found
    return kept


def texts(wiki: str) -> list[str]:
    (article,) = articles(dump(page("Tides", wiki)))
    return [block.text for block in article.blocks]


def test_every_kind_of_block_with_its_lines_and_section() -> None:
    (article,) = articles(dump(page("Der Kai", WIKI)))
    first = HEAD.count("\n") + 2  # the line in which the text begins
    found = []
    for block in article.blocks:
        kind, text, (begins, ends) = shape(block)
        found.append((kind, text, (begins - first, ends - first), dict(block.locator)))
    times, ebb = {"section": "Times"}, {"section": "Ebb"}
    assert found == [
        (PARAGRAPH, "Water stood at the edge of the port and Ness, Wort and 5 km x.", (2, 3), {}),
        (CAPTION, "A boat", (5, 5), {}),
        (HEADING, "Times", (6, 6), times),
        (ITEM, "high at noon", (7, 7), times),
        (ITEM, "again", (8, 8), times),
        (ITEM, "one", (9, 9), times),
        (ITEM, "Aber: the port", (10, 10), times),
        (ITEM, "Ness: the other", (11, 11), times),
        (PARAGRAPH, "indented", (13, 13), times),
        (CODE, "code here\n  more", (15, 16), times),
        (CAPTION, "Ports", (18, 18), times),
        (ROW, "port: Aber | time: 6:10", (21, 21), times),
        (PARAGRAPH, "''x'' and a^2 page", (27, 27), times),
        (HEADING, "Ebb", (28, 28), ebb),
        (CODE, "x = 1", (30, 30), ebb),
        (QUOTE, "Said so.", (32, 32), ebb),
        (CAPTION, "A gull", (34, 34), ebb),
        (PARAGRAPH, "The end.", (36, 36), ebb),
    ]
    assert [block.text for block in article.omitted] == ["Quay y", "A note", "nav"]


def test_facts_of_a_page() -> None:
    (article,) = articles(dump(page("Der Kai: Ñ?", WIKI)))
    assert (article.title, article.part) == ("Der Kai: Ñ?", "Der Kai: Ñ?")
    assert article.url == "https://wiki.example.org/wiki/Der_Kai:_%C3%91%3F"
    assert (article.site, article.language, article.published) == ("Hafen-Wiki", "de", None)
    assert article.extra == (("timestamp", "2024-05-01T12:00:00Z"), ("category", "Häfen"))


def test_what_is_no_article_is_passed_over() -> None:
    data = dump(
        page("Old", "#REDIRECT [[New]]", '<ns>0</ns><redirect title="New"/>'),
        page("Talk:X", "talk", "<ns>1</ns>"),
        page("x.js", "code()", "<ns>0</ns><model>javascript</model>"),
        page("New", "Text."),
    )
    assert [article.title for article in articles(data)] == ["New"]
    (none,) = read_articles(dump(), source="w.xml")
    assert none == Skipped("w.xml", SkipReason.EMPTY, "the dump has no page of an article")


def test_the_last_revision_of_a_page_is_taken() -> None:
    old = "<revision><text>Old words.</text></revision>"
    (article,) = articles(dump(page("Tides", "New words.", f"<ns>0</ns>{old}")))
    assert [block.text for block in article.blocks] == ["New words."]


def test_what_the_maker_makes_is_read() -> None:
    made = mediawiki(
        [("Tides", [("Ebb", ["Low.", "Lower."])]), ("Ports & quays", [("Aber", ["x"])])]
    )
    found = articles(made)
    assert [(one.title, [block.text for block in one.blocks]) for one in found] == [
        ("Tides", ["Ebb", "Low.", "Lower."]),
        ("Ports & quays", ["Aber", "x"]),
    ]


@pytest.mark.parametrize(
    ("wiki", "text"),
    [
        ("'''''both''''' l'''amour'' '' ", "both lamour"),
        ("[[A]]s [[A#b|c]] [[:Category:Sea]]", "As c Category:Sea"),
        ("[[de:A]] x [[Category:Y]]", "x"),
        (
            "[https://e.org] https://e.org/x [https://e.org the ''page'']",
            "https://e.org/x the page",
        ),
        ("{{unknown|a}} b {{nowrap|c d}} {{snd}}{{lang-fr|mot}} {{{1}}}", "b c d – mot"),
        ("&eacute;&#233;&amp; &bogus;", "éé& &bogus;"),
        ("a<br>b <small>c</small> H<sub>2</sub>O", "a b c H2O"),
    ],
)
def test_inline_markup_is_taken_off(wiki: str, text: str) -> None:
    assert texts(wiki) == [text]


def test_tables_without_a_head_and_within_others() -> None:
    wiki = "{|\n| a || b\n|-\n| c\n|\n{|\n| d\n|}\n|}\n"
    assert texts(wiki) == ["a | b", "c | d"]


DAMAGED = [
    (b"", "the dump is cut short; get it anew"),
    (dump(page("A", "a"))[:-20], "the dump is cut short; get it anew"),
    (b"<mediawiki><page></mediawiki>", "the dump is damaged in line 1; get it anew"),
    (b"<feed></feed>", "it is XML, and no dump of MediaWiki"),
    (
        b'<!DOCTYPE x [<!ENTITY a "b">]><mediawiki>&a;</mediawiki>',
        "the XML declares entities, which are not read",
    ),
]


@pytest.mark.parametrize(("data", "detail"), DAMAGED)
def test_damage_is_told_after_what_was_read(data: bytes, detail: str) -> None:
    *before, last = read_articles(data, source="w.xml", format_name="mediawiki")
    assert last == Skipped("w.xml", SkipReason.BROKEN, detail)
    assert all(isinstance(one, Article) for one in before)
    assert len(before) == data.count(b"</page>")


def test_a_page_over_the_budget_is_skipped_alone() -> None:
    data = dump(page("A", "a"), page("Large", "word " * 30_000), page("B", "b"))
    budget = Budget(size_bytes=100_000)
    first, skipped, last = read_stream(BytesIO(data), source="w.xml", budget=budget)
    assert isinstance(skipped, Skipped)
    assert (skipped.path, skipped.reason, skipped.inside) == (
        "w.xml:Large",
        SkipReason.TOO_LARGE,
        True,
    )
    assert [one.title for one in (first, last) if isinstance(one, Article)] == ["A", "B"]


@pytest.mark.parametrize(
    "mark",
    [
        "[[",
        "{{a|",
        "<div>",
        "{|\n|",
        "'''",
        "<ref name=",
        '<div style="',
        "[http://e.org x ",
        "<td>",
    ],
)
def test_what_is_opened_over_and_over_does_not_take_long(mark: str) -> None:
    """Each of these took a minute and more; what takes long is stopped and fails here."""
    found = list(read_articles(dump(page("Deep", mark * 1_500 + "x")), source="w.xml"))
    assert [type(one) for one in found] == [Article]


def test_content_tells_a_dump_from_other_xml() -> None:
    assert pick_format("-", dump()).name == "mediawiki"
    assert pick_format("-", b"<page><title>x</title></page>").name == "xml"


def test_where_the_library_is_missing_its_extra_is_named() -> None:
    code = (
        "import io, sys\n"
        "sys.modules['mwparserfromhell'] = None\n"
        "from indexer.readers.reading import read_stream\n"
        "(one,) = read_stream(io.BytesIO(b'<mediawiki></mediawiki>'), source='w.xml')\n"
        "print(one.reason.name, one.detail)\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == (
        "NO_READER dumps of wikis need an extra: pip install 'passage-search[wiki]'\n"
    )

"""HTML: the main text in blocks with their lines, metadata, what is left out, and odd pages."""

from __future__ import annotations

import logging
import time
from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.articles import Article, Skipped, SkipReason
from indexer.model import BlockKind, Lines
from indexer.readers.html import read_html
from tests.readings import read_articles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.articles import Block

PAGE = """\
<!DOCTYPE html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<title>Harbour wall reopens | The Quay Paper</title>
<meta name="author" content="Ann Lee">
<meta name="author" content="Bo Ek">
<meta property="article:published_time" content="2024-03-09T08:00:00+00:00">
<link rel="canonical" href="https://quay.example.org/wall">
<style>p { margin: 0 }</style>
</head>
<body>
<nav><ul><li><a href="/">Front page</a></li>
<li><a href="/sport">Sport</a></li></ul></nav>
<article>
<h1>Harbour wall reopens
after two years</h1>
<p>The harbour wall at Aber was opened to walkers on Saturday, two years after
a storm took away forty metres of it, the town council said.</p>
<h2>A storm <em>nobody</em> forgot</h2>
<p>Masons rebuilt the wall with <b>stone</b> from the old pier, which had been kept in a field
since the sixties; each block was numbered, moved &amp; set by crane.</p>
<blockquote><p>It looks as if it had never been away, and that is how we wanted it.</p></blockquote>
<h3>What it took</h3>
<ul>
<li>four cranes and a barge that came from the north</li>
<li>nine hundred blocks of stone, each with a number</li>
</ul>
<table>
<tr><th>Year</th><th>Metres built</th></tr>
<tr><td>2022</td><td>15</td></tr>
<tr><td>2023</td><td>25</td></tr>
</table>
<pre><code>height = 4
if tide > height:
    close(gate)
</code></pre>
<p>The council will ask for money to light the walk at night.<br>
A vote is due in May, and the answer is not certain by any means.</p>
<p>Also read: Ferry sold to an unknown buyer</p>
</article>
<div id="comments"><h3>Leave a reply</h3><p>Gull fan says: lovely stones.</p></div>
<footer>Printed on paper of old nets</footer>
<script>var unseen = "words in a script";</script>
</body>
</html>
"""

BODY = [
    (BlockKind.PARAGRAPH, (18, 19), "The harbour wall at Aber was opened to walkers on "),
    (BlockKind.HEADING, (20, 20), "A storm nobody forgot"),
    (BlockKind.PARAGRAPH, (21, 22), "Masons rebuilt the wall with stone from the old pi"),
    (BlockKind.QUOTE, (23, 23), "It looks as if it had never been away, and that is"),
    (BlockKind.HEADING, (24, 24), "What it took"),
    (BlockKind.LIST_ITEM, (26, 26), "four cranes and a barge that came from the north"),
    (BlockKind.LIST_ITEM, (27, 27), "nine hundred blocks of stone, each with a number"),
    (BlockKind.TABLE_ROW, (31, 31), "Year: 2022 | Metres built: 15"),
    (BlockKind.TABLE_ROW, (32, 32), "Year: 2023 | Metres built: 25"),
    (BlockKind.CODE, (34, 36), "height = 4\nif tide > height:\n    close(gate)"),
    (BlockKind.PARAGRAPH, (38, 38), "The council will ask for money to light the walk a"),
    (BlockKind.PARAGRAPH, (39, 39), "A vote is due in May, and the answer is not certai"),
]
AROUND = [
    ((13, 13), "Front page"),
    ((14, 14), "Sport"),
    ((40, 40), "Also read: Ferry sold to an unknown buyer"),
    ((42, 42), "Leave a reply"),
    ((42, 42), "Gull fan says: lovely stones."),
    ((43, 43), "Printed on paper of old nets"),
]


def read(data: str | bytes, *, keep: bool = False) -> Article:
    raw = data.encode() if isinstance(data, str) else data
    (found,) = read_articles(raw, source="p.html", format_name="html", keep_furniture=keep)
    assert isinstance(found, Article)
    return found


def shown(block: Block) -> tuple[BlockKind, tuple[int, int], str]:
    text = block.text if block.kind is BlockKind.CODE else block.text[:50]
    return block.kind, (block.lines.first, block.lines.last), text


def test_the_main_text_in_blocks_with_their_lines() -> None:
    found = read(PAGE)
    assert [shown(block) for block in found.blocks] == BODY
    assert all(block.span is None for block in found.blocks)
    levels = [block.level for block in found.blocks if block.kind is BlockKind.HEADING]
    assert levels == [2, 3]


def test_what_the_page_says_of_itself() -> None:
    found = read(PAGE)
    assert (found.title, found.title_lines) == (
        "Harbour wall reopens after two years",
        Lines(16, 17),
    )
    assert (found.author, found.published) == ("Ann Lee, Bo Ek", date(2024, 3, 9))
    assert (found.language, found.url) == ("en", "https://quay.example.org/wall")


def test_what_is_left_out_is_told_and_kept_on_demand() -> None:
    left_out = read(PAGE).omitted
    assert [(tuple(block.lines), block.text) for block in left_out] == AROUND
    kept = read(PAGE, keep=True)
    assert kept.omitted == ()
    assert kept.title == "Harbour wall reopens after two years"
    around = [shown(block) for block in left_out]
    assert [shown(block) for block in kept.blocks] == sorted(
        BODY + around, key=lambda block: block[1]
    )


def test_bytes_lines_and_line_ends_do_not_matter() -> None:
    for ending in ("\r\n", "\r"):
        assert read(PAGE.replace("\n", ending)).blocks == read(PAGE).blocks


LATIN = '<meta charset="{}"><title>Café</title><p>Le café “du port” est fermé à Noël.</p>'


@pytest.mark.parametrize(
    "data",
    [
        LATIN.format("utf-8").encode(),
        LATIN.format("utf-8").encode("utf-8-sig"),
        LATIN.format("utf-16").encode("utf-16"),
        LATIN.format("windows-1252").encode("cp1252"),
        LATIN.format("ISO-8859-1").encode("cp1252"),
        LATIN.format("windows-1252").encode(),
        LATIN.format("no-such-charset").encode("cp1252"),
        LATIN.format("base64").encode("cp1252"),
        LATIN.format("utf-8").encode("cp1252"),
        LATIN.replace("é", "e\u0301").format("utf-8").encode(),
    ],
)
def test_encodings(data: bytes) -> None:
    found = read(data)
    assert found.title == "Café"
    assert [block.text for block in found.blocks] == ["Le café “du port” est fermé à Noël."]


@pytest.mark.parametrize(
    ("charset", "codec", "text"),
    [
        ("shift_jis", "cp932", "港の壁は土曜日に開いた①"),
        ("iso-2022-jp", "iso2022_jp", "港の壁は土曜日に開いた"),
        ("gb2312", "gb18030", "港口的墙在星期六开放镕"),
        ("koi8-r", "koi8_r", "Стена в гавани открыта"),
        ("iso-8859-7", "iso8859_7", "Το τείχος άνοιξε"),
    ],
)
def test_declared_charsets(charset: str, codec: str, text: str) -> None:
    page = f'<meta http-equiv="Content-Type" content="text/html; charset={charset}"><p>{text}</p>'
    assert [block.text for block in read(page.encode(codec)).blocks] == [text]


@pytest.mark.parametrize(
    ("page", "language"),
    [
        ('<html lang="de"><p>Mauer</p>', "de"),
        ('<html xml:lang="x" lang="PT-br"><p>Muro</p>', "pt"),
        ('<body lang="cy"><p>Wal</p>', "cy"),
        ('<meta http-equiv="Content-Language" content="fr"><p>Mur</p>', "fr"),
        ('<meta property="og:locale" content="es_ES"><p>Muro</p>', "es"),
        ('<html lang="deu"><p>Mauer</p>', ""),
        ("<p>Wall</p>", ""),
    ],
)
def test_the_declared_language(page: str, language: str) -> None:
    assert read(page).language == language


def test_a_page_without_main_text_is_taken_whole() -> None:
    page = "<title>Links</title><ul><li><a href=a>One</a>\n<li><a href=b>Two</a></ul>"
    found = read(page)
    assert (found.title, found.omitted) == ("Links", ())
    assert [shown(block) for block in found.blocks] == [
        (BlockKind.LIST_ITEM, (1, 1), "One"),
        (BlockKind.LIST_ITEM, (2, 2), "Two"),
    ]


@pytest.mark.parametrize(
    ("page", "title", "headings"),
    [
        ("<h2>Wall</h2><p>One.</p><h3>Quay</h3><p>Two.</p>", "Wall", ["Quay"]),
        ("<h3>Wall</h3><p>One.</p><h4>Quay</h4><p>Two.</p>", "Wall", ["Quay"]),
        (f"<nav>Home</nav><article><h4>Wall</h4><p>{'One sea. ' * 40}</p></article>", "Wall", []),
        ("<h2>Wall</h2><p>One.</p><h2>Quay</h2><p>Two.</p>", "", ["Wall", "Quay"]),
        ("<h2 class=post-title>Wall</h2><p>One.</p><h2>Quay</h2><p>Two.</p>", "Wall", ["Quay"]),
        ("<title>Pier 3.1</title><h2>Quay</h2>One.<h2>Sea</h2>Two.", "Pier 3.1", ["Quay", "Sea"]),
        ("<title>Site</title><h3>Wall</h3><p>One.</p>", "Site", ["Wall"]),
        ("<title> </title><h3>Wall</h3><p>One.</p>", "Wall", []),
        ("<h3>Wall</h3><p>One.</p><h3>Quay</h3><p>Two.</p>", "", ["Wall", "Quay"]),
        ("<h4>Wall</h4><p>One.</p><h3>Quay</h3><p>Two.</p>", "", ["Wall", "Quay"]),
        ("<p>One.</p><h3>Quay</h3><p>Two.</p>", "", ["Quay"]),
    ],
)
def test_a_page_that_does_not_name_itself(page: str, title: str, headings: list[str]) -> None:
    found = read(f"<html><body>{page}</body></html>")
    kept = [block.text for block in found.blocks if block.kind is BlockKind.HEADING]
    assert (found.title, kept) == (title, headings)
    assert (found.title_lines == Lines(1, 1)) is (title == "Wall")
    assert read(f"<html><body>{page}</body></html>", keep=True).title == title


SENTENCE = "Sixty groups of walkers plan to open the whole wall"
TOLD = f'<meta name="description" content="{SENTENCE} .">'
WALL = "<p>The wall at Aber was opened on Saturday, two years after a storm.</p>"


@pytest.mark.parametrize(
    ("head", "under", "kind"),
    [
        ("", f"<h2>{SENTENCE}</h2>", BlockKind.SUMMARY),
        ("", f"<p>By Ann Lee</p><h2>{SENTENCE}</h2>", BlockKind.SUMMARY),
        (TOLD, f"<h2>{SENTENCE}</h2>", BlockKind.SUMMARY),
        ("", f"<p class='a article-standfirst'>{SENTENCE}.</p>", BlockKind.SUMMARY),
        ("", f"<div class=dek><p>{SENTENCE}.</p></div>", BlockKind.SUMMARY),
        ("", "<h2 class=subTitle>Sixty groups</h2>", BlockKind.SUMMARY),
        (TOLD, f"<p class=decked>{SENTENCE}.</p>", BlockKind.PARAGRAPH),
        (TOLD.replace('name="', 'property="og:'), f"<h2>{SENTENCE}</h2>", BlockKind.SUMMARY),
        (
            TOLD.replace(SENTENCE, "Sixty groups plan walks"),
            "<h2>Sixty groups plan walks</h2>",
            BlockKind.SUMMARY,
        ),
        ("", "<h2>Sixty groups plan five walks</h2><p>By Ann Lee</p>", BlockKind.SUMMARY),
        ("", "<h2>Sixty groups plan walks</h2>", BlockKind.HEADING),
        ("", f"<h2>Why {SENTENCE}?</h2>", BlockKind.HEADING),
        ("", f"<p>{SENTENCE}.</p>", BlockKind.PARAGRAPH),
        (TOLD, f"<ul><li>{SENTENCE}.</li></ul>", BlockKind.LIST_ITEM),
        ("<meta name=description content=Walks>", "<h2>Walks</h2>", BlockKind.HEADING),
    ],
)
def test_a_summary_under_the_title(head: str, under: str, kind: BlockKind) -> None:
    text = f"{under}\n{WALL}<h2>A storm</h2>{WALL.replace('wall', 'quay')}"
    article = f"<article><h1>The wall is open</h1>\n{text}</article>"
    page = f"<html><head><title>Wall</title>{head}</head>\n<body>{article}</body></html>"
    for keep in (False, True):
        found = read(page, keep=keep)
        assert found.title == "The wall is open"
        block, *_, last_heading, _ = (b for b in found.blocks if not b.text.startswith("By "))
        assert (block.kind, block.lines) == (kind, Lines(3, 3))
        assert bool(block.level) is (kind is BlockKind.HEADING)
        assert (last_heading.kind, last_heading.text) == (BlockKind.HEADING, "A storm")


def test_no_summary_where_the_title_is_not_on_the_page() -> None:
    found = read(f"<title>Wall</title><h2>{SENTENCE}</h2>{WALL}")
    assert [block.kind for block in found.blocks] == [BlockKind.HEADING, BlockKind.PARAGRAPH]


@pytest.mark.parametrize("fragment", ["<p>A wall.</p>", "A wall.", "<b>A</b> wall.", "<td>A wall."])
def test_fragments_are_read_too(fragment: str) -> None:
    assert [block.text for block in read(fragment).blocks] == ["A wall."]


@pytest.mark.parametrize(
    "page",
    [
        "<html></html>",
        "<!-- a wall -->",
        "<p>&nbsp;</p>",
        "<script>wall</script>",
        "<img alt=wall>",
    ],
)
def test_a_page_without_text_is_empty(page: str) -> None:
    assert list(read_articles(page.encode(), source="p.html")) == [
        Skipped("p.html", SkipReason.EMPTY, "the page has no text")
    ]


def test_layout_tables_are_no_records() -> None:
    page = (
        "<title>Front</title><table><tr><td><h2>News</h2><p>One.</p><p>Two.</p></td><td><ul><li>Side</ul></td></tr>"
        "<tr><td>a</td><td></td><td><b>b</b> c</td></tr></table>"
    )
    assert [(b.kind, b.text) for b in read(page, keep=True).blocks] == [
        (BlockKind.HEADING, "News"),
        (BlockKind.PARAGRAPH, "One."),
        (BlockKind.PARAGRAPH, "Two."),
        (BlockKind.LIST_ITEM, "Side"),
        (BlockKind.TABLE_ROW, "a | b c"),
    ]


def test_deep_nesting_loses_nothing() -> None:
    page = "<div>word " * 400 + "last"
    words = " ".join(block.text for block in read(page, keep=True).blocks).split()
    assert words == ["word"] * 400 + ["last"]


def test_the_reader_is_silent(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Logging's last resort, which writes to standard error, is used where nobody listens.
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    for page in (PAGE, "<p>A wall", "no markup", "<html lang=x><body><p>" + "<i>" * 300 + "x"):
        read(page)
    assert capfd.readouterr() == ("", "")


WORDS = [f"{first}{last}" for first in ("sea", "sand", "rope") for last in ("wall", "gull", "net")]
TAGS = ["p", "div", "li", "h2", "blockquote", "td", "tr", "table", "b", "pre", "span", "br", "ul"]
PARTS = st.one_of(
    st.sampled_from([f"{word} " for word in WORDS]),
    st.sampled_from([f"<{tag}>" for tag in TAGS] + [f"</{tag}>" for tag in TAGS]),
    st.sampled_from(["\n", "<!-- unseen -->", "&amp; ", "< ", "<script>unseen</script>"]),
)


@settings(max_examples=60)
@given(st.lists(PARTS, min_size=1, max_size=40))
def test_any_markup_keeps_its_words_and_their_lines(parts: list[str]) -> None:
    page = "<title>Page</title><body>" + "".join(parts)
    kept, main = (
        list(read_articles(page.encode(), source="p.html", keep_furniture=keep))
        for keep in (True, False)
    )
    known = sorted(word for part in parts if (word := part.strip()) in WORDS)
    for (found,) in (kept, main):
        if isinstance(found, Skipped):
            assert (known, found.reason) == ([], SkipReason.EMPTY)
            continue
        last = page.count("\n") + 1
        assert all(1 <= b.lines.first <= b.lines.last <= last for b in found.blocks)
        if found is kept[0]:
            words = sorted(
                word for block in found.blocks for word in block.text.split() if word in WORDS
            )
            assert words == known


DEEP = {
    "divs": "<div>w{} ",
    "quotes": "<blockquote>w{} ",
    "lists": "<ul><li>w{} ",
    "bold": "<b>w{} ",
    "tables": "<table><tr><td>w{} ",
    "sections": "<section><p>w{}</p>\n",
    "code": "<pre>w{} ",
    "headings": "<h2>w{} ",
}


@pytest.mark.parametrize("kind", DEEP)
@pytest.mark.parametrize("depth", [100, 300, 3_000, 30_000])
def test_what_is_nested_deep_is_text(kind: str, depth: int) -> None:
    """The parser gives up at 2,048 elements inside each other, the extractor at 255."""
    opened = "".join(DEEP[kind].format(number) for number in range(depth))
    page = f"<!DOCTYPE html><title>Depth</title>\n<body>\n{opened}\n<p>the end</p>"
    (article,) = read_html(page.encode(), source="a.html", keep_furniture=False)
    assert (article.title, article.omitted) == ("Depth", ())
    words = " ".join(block.text for block in article.blocks).split()
    assert words == [*(f"w{number}" for number in range(depth)), "the", "end"]


def test_text_behind_what_is_nested_deep_is_on_its_line() -> None:
    page = "<body>" + "<b>\n" * 5_000 + "".join(f"x{n}</b>\n" for n in range(5_000)) + "<p>end"
    (article,) = read_html(page.encode(), source="a.html", keep_furniture=False)
    text, end = article.blocks
    assert text.text.split() == [f"x{number}" for number in range(5_000)]
    assert (text.lines, end.lines) == (Lines(5_001, 10_000), Lines(10_001, 10_001))


def test_a_row_of_very_many_cells_takes_time_in_proportion() -> None:
    """Two seconds, where the extractor takes nearly a minute."""
    row = "".join(f"<td>c{number}</td>" for number in range(90_000))
    page = f"<body><table><tr>{row}</tr></table>".encode()
    started = time.process_time()
    (article,) = read_html(page, source="a.html", keep_furniture=False)
    assert time.process_time() - started < 20
    assert sum(len(block.text.split(" | ")) for block in article.blocks) == 90_000


def test_a_paragraph_of_many_megabytes_is_text() -> None:
    page = b"<body><h1>Sand</h1><p>First.</p><p>" + b"sand " * 2_200_000 + b"</p><p>Last.</p>"
    (article,) = read_html(page, source="a.html", keep_furniture=False)
    assert [len(block.text) for block in article.blocks] == [6, 10_999_999, 5]


def told(block: Block) -> tuple[BlockKind, str]:
    return block.kind, block.text


STORY = (
    "<p>The wall at Aber was opened on Saturday, two years after a storm took forty metres of it,"
    " and the council thanked the masons who had numbered each of the old stones.</p>"
)


def test_code_in_a_table_keeps_its_lines() -> None:
    code = "if tide > height:\n    close(gate)"
    page = (
        f"<title>Gate</title><body><nav>Front</nav><article>{STORY * 2}<table><tr>"
        f"<td><pre>1\n2</pre></td><td><pre><code>{code.replace('>', '&gt;')}</code></pre></td>"
        f"</tr></table>{STORY}</article>"
    )
    blocks = read(page).blocks
    assert (BlockKind.CODE, code) in map(told, blocks)
    assert sum("close(gate)" in block.text for block in blocks) == 1


def test_words_that_the_page_sets_apart_are_not_run_together() -> None:
    """The extractor leaves out the tags of these buttons and of what is in them."""
    names = "".join(f"<span><div>Name{n}</div><div>Role{n}</div></span>" for n in range(9))
    page = f"<title>Cast</title><body><nav>Front</nav><article>{STORY * 3}<p>{names}</p></article>"
    words = {word for block in read(page).blocks for word in block.text.split()}
    assert {f"Name{n}" for n in range(9)} | {f"Role{n}" for n in range(9)} <= words


HEAD = "<tr><th>Year</th><th>Metres</th></tr>"


@pytest.mark.parametrize(
    ("rows", "texts"),
    [
        (f"{HEAD}<tr><td>1922<td>15", ["Year: 1922 | Metres: 15"]),
        (f"<thead>{HEAD.replace('th>', 'td>')}</thead><tr><td>1<td>2", ["Year: 1 | Metres: 2"]),
        (f"{HEAD}<tr><td>1922<td><tr><td><td>25", ["Year: 1922", "Metres: 25"]),
        (f"{HEAD}<tr><td rowspan=2>1<td>2<tr><td>3<td>4", ["Year: 1 | Metres: 2", "Metres: 3 | 4"]),
        (f"{HEAD}<tr><td colspan=2>closed<td>x", ["Year: closed | x"]),
        (
            "<tr><th rowspan=2>Year<th colspan=2>Metres<tr><th>wet<th>dry<tr><td>1<td>2<td>3",
            ["Year: 1 | Metres wet: 2 | Metres dry: 3"],
        ),
        ("<tr><td><th>wet<th>dry<tr><th>Aber<td>2<td>3", ["Aber | wet: 2 | dry: 3"]),
        ("<tr><th>Year<td>1922<tr><th>Metres<td>15", ["Year | 1922", "Metres | 15"]),
        (HEAD, ["Year | Metres"]),
        ("<tr><td>1922<td>15", ["1922 | 15"]),
        (f"{HEAD}<tr><td>1922<td colspan=99999999>15", ["Year: 1922 | Metres: 15"]),
    ],
)
def test_rows_have_the_names_of_their_columns(rows: str, texts: list[str]) -> None:
    page = f"<title>Wall</title><body>{{}}<table>{rows}</table>{STORY}"
    for around in ("", f"<nav><a href=/>Front page</a></nav><article>{STORY * 2}"):
        for keep in (False, True):
            blocks = read(page.format(around), keep=keep).blocks
            assert [b.text for b in blocks if b.kind is BlockKind.TABLE_ROW] == texts


def test_a_layout_row_is_not_taken_for_the_record_it_looks_like() -> None:
    names = "<br>".join(f"Signer {number}, town of Aber" for number in range(20))
    page = f"<title>Letter</title><body><nav>Front</nav><article>{STORY * 2}<table><tr><td>{names}"
    blocks = read(f"{page}<td>{names.replace('Signer', 'Witness')}</table></article>").blocks
    assert {"Signer 3, town of Aber", "Witness 4, town of Aber"} <= {b.text for b in blocks}


@pytest.mark.parametrize("tag", ["p", "div", "li"])
def test_lines_of_author_and_date_are_no_passages(tag: str) -> None:
    lines = f"<{tag}>By Ann Lee</{tag}><{tag}>9 March 2024</{tag}>"
    page = f"<title>Wall</title><body><article><h1>Wall</h1>{lines}{STORY}</article>"
    found = read(page)
    assert (found.author, found.published) == ("Ann Lee", date(2024, 3, 9))
    assert [block.text for block in found.omitted] == ["By Ann Lee", "9 March 2024"]
    assert "By Ann Lee" in [block.text for block in read(page, keep=True).blocks]


@pytest.mark.parametrize(
    ("declared", "author"),
    [
        ("Ann Lee", "Ann Lee"),
        ("Article by Ann Lee", "Ann Lee"),
        ("Super User", ""),
        ("ann@quay.example.org", ""),
        ("First Name", "Ann Lee"),
    ],
)
def test_what_is_no_name_is_no_author(declared: str, author: str) -> None:
    guessed = "<span class=author>Ann Lee</span>" if declared == "First Name" else ""
    page = f"<meta name=author content='{declared}'><title>Wall</title><body>{guessed}{STORY * 3}"
    assert read(f"<html><head>{page}").author == author


def test_a_label_is_no_author() -> None:
    page = f"<title>Wall</title><body>{STORY * 3}<span class=author>Name</span>"
    assert read(page).author == ""


def test_scripts_and_teasers_are_left_out_and_told() -> None:
    scripts = "window.ads = window.ads || []; ads.push({});"
    below = "\n<p>Lea también:</p>\n<p>Ferry sold to an unknown buyer</p>\n<p>Rain on Monday</p>"
    found = read(f"<title>Wall</title><body><article>{STORY}<p>{scripts}</p>{below}</article>")
    assert [block.text[:23] for block in found.blocks] == ["The wall at Aber was op"]
    assert [block.text for block in found.omitted] == [
        scripts,
        "Lea también:",
        "Ferry sold to an unknown buyer",
        "Rain on Monday",
    ]


def test_a_section_about_related_reading_stays() -> None:
    below = "<h3>Related reading</h3><p>Lee wrote of walls that were built of old stones.</p>"
    found = read(f"<title>Wall</title><body><article>{STORY}{below}</article>")
    assert [block.text for block in found.blocks][1:] == [
        "Related reading",
        "Lee wrote of walls that were built of old stones.",
    ]


def test_a_page_that_is_a_text_and_nothing_else_is_taken_whole() -> None:
    page = """<html><head><title>Harbour</title></head><body><h1>Harbour</h1>
    <p>The ferry leaves at six in the morning, and nobody has ever seen it late in all these years.
    <h2>Tides</h2><p>High water is at noon.<ul><li>Bring a lantern.<li>Leave the dog.</ul>
    <h2>Lamps</h2><p>The lamp on the mole is lit by hand by the daughter of the keeper.</body>"""
    (article,) = read_articles(page.encode(), source="a.html")
    assert isinstance(article, Article)
    assert [(block.kind, block.text) for block in article.blocks][1:4] == [
        (BlockKind.HEADING, "Tides"),
        (BlockKind.PARAGRAPH, "High water is at noon."),
        (BlockKind.LIST_ITEM, "Bring a lantern."),
    ]
    assert article.omitted == ()


def test_a_tag_of_very_many_attributes_is_refused() -> None:
    page = f"<p {' '.join(f'a{number}=bcd' for number in range(5_000))}>Text.</p>"
    (skipped,) = read_articles(page.encode(), source="a.html")
    assert isinstance(skipped, Skipped)
    assert skipped.detail == "a tag of it has more than 4,096 attributes"


def test_a_charset_is_read_behind_what_an_archive_puts_before() -> None:
    page = (
        f"<html><head><script>{'var a = 1;' * 900}</script><meta http-equiv='Content-Type' "
        "content='text/html; charset=gb2312'><title>渔村</title></head><body><p>雾起了，船没有回来"
        "。</p></body></html>"
    )
    (article,) = read_articles(page.encode("gb18030"), source="a.html")
    assert isinstance(article, Article)
    assert (article.title, article.blocks[0].text) == ("渔村", "雾起了，船没有回来。")


def test_a_zero_byte_in_a_page_is_passed_over() -> None:
    page = "<html><body><p>" + "The ferry leaves at six. " * 20 + "\0It is late.</p></body></html>"
    (article,) = read_articles(page.encode(), source="a.html")
    assert isinstance(article, Article)
    assert article.blocks[0].text.endswith("at six. It is late.")


LEAD = (
    "Two years after the storm the harbour wall is open again. Who walks on it now sees what forty"
    " masons and a barge have done, and what is left to be done before winter."
)


def around(body: str, *, before: str = "") -> str:
    """A page of a site whose article is a body of several paragraphs."""
    nav = "<nav><a href=/>Front page</a> <a href=/sport>Sport</a></nav>"
    return f"<title>Wall</title><body>{nav}{before}<article>{body}</article>"


def texts(blocks: Sequence[Block]) -> list[str]:
    return [block.text for block in blocks]


@pytest.mark.parametrize("tag", ["p", "h2", "div"])
def test_the_lead_over_the_text_is_text(tag: str) -> None:
    """The extractor takes what has such a class for a list of articles."""
    lead = f"<div class='teaser-text'><{tag}>{LEAD}</{tag}></div>"
    page = around(STORY * 4, before=f"<header><h1>Wall</h1>{lead}</header>")
    found = read(page)
    assert (found.blocks[0].kind, found.blocks[0].text) == (BlockKind.PARAGRAPH, LEAD)
    assert LEAD not in texts(found.omitted)


@pytest.mark.parametrize(
    "between",
    [
        f"<p><a href=/wall>{LEAD}</a></p>",
        "<p>Two years after the storm the wall is open.</p>",
        f"<p>{LEAD[:-1]} (Photo: Ann Lee)</p>",
        "".join(f"<p>{LEAD} On day {day}.</p>" for day in range(3)),
        f"<p>{LEAD}</p>" + "<p>Picture</p>" * 9,
    ],
)
def test_other_things_over_the_text_are_not(between: str) -> None:
    over = f"<header><h1>Wall</h1><div class='teaser-text'>{between}</div></header>"
    found = read(around(STORY * 4, before=over))
    assert set(texts(found.blocks)) == {STORY[3:-4]}


def box(name: str, first: int, last: int) -> str:
    sentences = "".join(
        f"<p>On day {day} the masons set {day} stones into the wall, and then they went home to eat"
        " what was left of the fish.</p>"
        for day in range(first, last)
    )
    return f"<div class=grid><div class='{name}'>{sentences}</div></div>"


def days(found: Article) -> list[int]:
    """The days of which the text of a page of boxes tells."""
    return [
        day for day in range(30) if any(f"On day {day} " in text for text in texts(found.blocks))
    ]


def test_text_in_several_boxes_of_one_name_is_one_text() -> None:
    """The extractor takes the first of them."""
    between = "<div class=ad>Fish</div><h2>Weeks later</h2>"
    boxes = box("article-body", 1, 12) + between + box("article-body", 12, 20)
    found = read(f"<title>Wall</title><body><main>{boxes}{box('comments', 20, 25)}</main>")
    assert days(found) == list(range(1, 20))
    assert (BlockKind.HEADING, "Weeks later") in map(told, found.blocks)
    assert "Fish" in texts(found.omitted)


def test_the_text_of_another_article_is_not_of_this_one() -> None:
    first, second = box("article-body", 1, 12), box("article-body", 12, 20)
    page = f"<title>Wall</title><body><main><article>{first}</article><article>{second}</article>"
    assert days(read(page)) == list(range(1, 12))


def test_pointers_and_credits_are_left_out_and_told() -> None:
    pointer = "<p>Read more: <a href=/ferry>Ferry sold to an unknown buyer</a></p>"
    headline = "<p><a href=/rain>Rain is due on all of Monday</a></p>"
    anchor = "<p>More below: <a href=#two>the second part of the story</a></p>"
    credit = "<p>The wall at dawn. © Quay Pictures / Ann Lee</p>"
    found = read(around(STORY * 4 + pointer + headline + anchor + credit + STORY))
    assert "More below: the second part of the story" in texts(found.blocks)
    left_out = {text for text in texts(found.omitted) if text not in STORY}
    assert left_out == {
        "Front page Sport",
        "Read more: Ferry sold to an unknown buyer",
        "Rain is due on all of Monday",
        "The wall at dawn. © Quay Pictures / Ann Lee",
    }


REST = "urkey, Poland and Spain have sent masons to Aber, and they have stayed until it was done."


@pytest.mark.parametrize(
    "markup",
    [
        f"<p class=drop>T{REST}</p>",
        f"<p><span class=dropcap>T</span>{REST}</p>",
        f"<p><b style='float: left'>T</b>{REST}</p>",
        f"<p><font size=7>T</font>{REST}</p>",
        f"<p><span aria-hidden=true><span>T</span></span>{REST}</p>",
        f"<p><img src=t.png alt=T>{REST}</p>",
        f"<div class=initial>T</div>\n<p>{REST}</p>",
        f"<table align=left><tr><td>T</td></tr></table>\n<p>{REST}</p>",
        f"<table><tr><td><font class=lettrine>T</font></td></tr></table><p>{REST}</p>",
    ],
)
def test_a_large_first_letter_is_of_its_word(markup: str) -> None:
    page = around(STORY * 4 + markup + STORY)
    for keep in (False, True):
        found = read(page, keep=keep)
        assert f"T{REST}" in texts(found.blocks)
        assert not {"T", REST} & set(texts((*found.blocks, *found.omitted)))


@pytest.mark.parametrize(
    "markup",
    [
        f"<div>T</div><p>{REST}</p>",
        f"<div class=initial>T</div><p>U{REST[1:]}</p>",
        f"<div class=initial>T</div><p>{REST}</p>".replace("T<", "t<"),
        f"<div class=initial>T</div>and<p>{REST}</p>",
        f"<div class=initial>T<br>Y</div><p>{REST}</p>",
        f"<p class=initial>Mr <b>T</b></p><p>{REST}</p>",
        f"<p>The <img src=t.png alt=T>{REST}</p>",
        f"<p><img src=t.png alt=Town>{REST}</p>",
    ],
)
def test_another_letter_is_not(markup: str) -> None:
    found = read(around(STORY * 4 + markup + STORY), keep=True)
    assert not any(f"T{REST}"[:9] in text for text in texts(found.blocks))
    assert any(REST[1:] in text for text in texts(found.blocks))

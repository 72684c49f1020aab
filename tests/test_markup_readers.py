"""All readers of markup: made documents, names of files, what is left out, and any bytes at all."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.articles import Article, Skipped, SkipReason
from indexer.paragraphs import split_article
from indexer.readers.formats import pick_format
from indexer.readers.markup.blocks import names_of
from indexer.readers.tables import Cell, row_texts
from tests.making import markup
from tests.readings import read_articles

CHAPTERS = [
    ("Tides of the harbour", ["High water is at noon.", "Low water\nis at six."]),
    ("Ferries", ["The ferry came late, as it does on Mondays."]),
]
CUES = [(1.0, 2.0, "High water"), (2.0, 3.0, "is at noon."), (9.0, 12.0, "Low water is at six.")]
MADE: dict[str, bytes] = {
    "asciidoc": markup.asciidoc(CHAPTERS),
    "latex": markup.latex(CHAPTERS),
    "mediawiki": markup.mediawiki([("The quay", CHAPTERS)]),
    "notebook": markup.notebook(CHAPTERS),
    "org": markup.org(CHAPTERS),
    "rst": markup.rst(CHAPTERS),
    "srt": markup.srt(CUES),
    "vtt": markup.vtt(CUES),
}
OF_CHAPTERS = sorted(set(MADE) - {"srt", "vtt"})


@pytest.mark.parametrize("format_name", OF_CHAPTERS)
def test_made_documents_have_their_paragraphs_under_their_headings(format_name: str) -> None:
    (article,) = read_articles(MADE[format_name], source="a", format_name=format_name)
    assert isinstance(article, Article)
    found = [(one.headings, one.text) for one in split_article(article, "a")]
    assert found == [
        ((heading,), " ".join(text.split())) for heading, texts in CHAPTERS for text in texts
    ]


@pytest.mark.parametrize("format_name", OF_CHAPTERS)
def test_lines_are_those_of_the_file(format_name: str) -> None:
    (article,) = read_articles(MADE[format_name], source="a", format_name=format_name)
    assert isinstance(article, Article)
    lines = MADE[format_name].decode().split("\n")
    for block in article.blocks:
        stated = " ".join(lines[block.lines.first - 1 : block.lines.last])
        assert block.text.split()[0] in stated
        assert block.text.split()[-1] in stated


NAMES = [
    ("a.rst", "rst"),
    ("a.adoc", "asciidoc"),
    ("a.ASCIIDOC", "asciidoc"),
    ("a.tex", "latex"),
    ("a.org", "org"),
    ("a.ipynb", "notebook"),
    ("a.srt", "srt"),
    ("a.vtt.gz", "vtt"),
]


@pytest.mark.parametrize(("name", "format_name"), NAMES)
def test_the_suffix_tells_the_format(name: str, format_name: str) -> None:
    assert pick_format(name, b"a").name == format_name


def test_a_dump_is_told_by_suffix_and_content() -> None:
    assert pick_format("dump.xml", MADE["mediawiki"]).name == "mediawiki"


@pytest.mark.parametrize("format_name", sorted(MADE))
def test_what_is_cut_anywhere_gives_articles_or_one_reason(format_name: str) -> None:
    data = MADE[format_name]
    for end in range(0, len(data), 7):
        check(data[:end], format_name)


def check(data: bytes, format_name: str) -> None:
    """Any bytes give articles, or articles and a reason at the end; never another error."""
    *_, last = read_articles(data, source="a", format_name=format_name)
    assert isinstance(last, Article | Skipped)
    if isinstance(last, Skipped):
        assert last.detail
    else:
        assert all(block.text.strip() for block in last.blocks)
        assert all(1 <= block.lines.first <= block.lines.last for block in last.blocks)


#: Lines in which something could be looked for from each character on, to their ends.
LONG_LINES = [
    ("asciidoc", "= a", " ", "b"),
    ("asciidoc", "image::a[", "[", "b"),
    ("asciidoc", "include::a", "[]", "b"),
    ("asciidoc", "image::a[", "image::a[", ""),
    ("org", "* a", "\t", "b"),
    ("markdown", "# a", " ", "b"),
]


@pytest.mark.parametrize(("format_name", "begin", "filling", "end"), LONG_LINES)
def test_a_long_line_takes_time_with_its_length(
    format_name: str, begin: str, filling: str, end: str
) -> None:
    """A line that is eight times as long took 64 times as long, some minutes."""
    seconds = []
    for length in (20_000, 160_000):
        data = (begin + filling * (length // len(filling)) + end + "\n").encode()
        started = time.process_time()
        check(data, format_name)
        seconds.append(time.process_time() - started)
    assert seconds[1] < 32 * seconds[0] + 1


#: Pieces that mean something in one of the formats, and others.
PIECES = {
    "asciidoc": "= , :a: b,\n,\n\n,|===,|,a|,2+|,----,====,____,//,////,* ,"
    ". ,a:: ,+\n,[,],[[,]],<<,"
    ">>,`,_,*,#,{a},footnote:[,link:,http://e.org[,include::,image::x[,NOTE: ,~~~~,''',--,\\",
    "latex": "\\begin{,\\end{,},{,$,$$,\\(,\\),\\[,\\],%,&,\\\\,\\item,[,"
    "],tabular},itemize},verbatim},"
    "\\section{,\\footnote{,\\caption{,\\verb|,\\newcommand,\\def,\\x,#1,\\',~,\n,\n\n,a ,\\title{",
    "mediawiki": "{{,}},[[,]],{|,|},|-,|,||,!,<ref>,</ref>,<div>,</div>,<,>,"
    "==,'''\n,\n,\n\n,*,#,:,;,"
    "<nowiki>,<!--,-->,&amp;,File:,Category:,http://e.org, a,<pre>,<gallery>,{{{",
    "org": "* ,** ,#+BEGIN_SRC\n,#+END_SRC\n,#+begin_quote\n,"
    "#+end_quote\n,#+TITLE: ,:a:\n,:END:\n,|,-,"
    "|-,- , :: ,[fn:1],[fn:: ,[[,]],][,*,/,=,~,_,<,>,{{{,}}},#+macro: a $1\n,\\alpha,\n,\n\n, a,# ",
    "rst": ".. , ..,::,:: ,\n,\n\n,   ,`,``,:a:,*,**,|,_,__,[1]_,====,"
    "----,+---+,| ,>>> ,- ,1. ,(a) ,"
    "a\n,note:: ,code::\n,list-table::\n,csv-table::\n,image:: ,"
    "|a| replace:: ,:header: ,\\, -a  ,\t",
    "srt": "1\n,\n,\n\n,00:00:01\\,000 --> 00:00:02\\,000\n,a ,- ,ANN: ,"
    "<i>,</i>,{\\an8},<v A>,.,>>,WEBVTT",
    "vtt": "WEBVTT,\n,\n\n,00:01.000 --> 00:02.000,a ,<v A>,</v>,<c.x>,"
    "<00:01.5>,NOTE ,STYLE\n,&amp;,-,.",
}


def pieces_of(format_name: str) -> st.SearchStrategy[str]:
    known = [
        piece.replace("\0", ",") for piece in PIECES[format_name].replace("\\,", "\0").split(",")
    ]
    return st.lists(st.sampled_from([*known, "a", " ", "é", "\ufdd0", "0"]), max_size=60).map(
        "".join
    )


@pytest.mark.parametrize("format_name", sorted(PIECES))
@given(chance=st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_text_gives_articles_or_one_reason(format_name: str, chance: st.DataObject) -> None:
    text = chance.draw(pieces_of(format_name))
    if format_name == "mediawiki":
        check(markup.mediawiki([("A", [("B", [text])])]), format_name)
    else:
        check(text.encode("utf-8", "surrogatepass"), format_name)


@pytest.mark.parametrize("format_name", sorted(MADE))
@given(chance=st.data())
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_changed_bytes_give_articles_or_one_reason(format_name: str, chance: st.DataObject) -> None:
    data = bytearray(MADE[format_name])
    for _ in range(chance.draw(st.integers(1, 6))):
        at = chance.draw(st.integers(0, len(data) - 1))
        data[at : at + chance.draw(st.integers(0, 9))] = chance.draw(st.binary(max_size=9))
    check(bytes(data), format_name)


#: What is written over and over to make a reader slow.
REPEATED: list[tuple[str, str]] = [
    (format_name, piece)
    for format_name, pieces in {
        "asciidoc": [
            "*a ",
            "`a ",
            "{a}",
            "[[",
            "<<a ",
            "footnote:[",
            "|===\n",
            "====\n",
            "a::\n",
            "+++",
        ],
        "latex": [
            "{",
            "}",
            "$a ",
            "\\begin{a}",
            "\\footnote{",
            "\\section{",
            "\\begin{tabular}{l}",
            "\\[",
        ],
        "org": [
            "*a ",
            "=a ",
            "[[a",
            "[fn:: a ",
            "{{{a(",
            ":a:\n",
            "#+begin_src\n",
            "- a\n ",
            "<<a ",
        ],
        "rst": [
            "*a ",
            "`a ",
            "``a ",
            "|a ",
            ":a:",
            ".. a::\n ",
            "- ",
            " a\n",
            "a\n a\n",
            "::\n\n",
            "a_",
        ],
        "srt": ["<v a", "<i ", "A: ", "1\n", "00:00:01,0 --> 00:00:02,0\n"],
    }.items()
    for piece in pieces
]


@pytest.mark.parametrize(("format_name", "piece"), REPEATED)
def test_what_is_repeated_does_not_take_long(format_name: str, piece: str) -> None:
    """Each is read far within the minute after which it would be stopped."""
    (found,) = read_articles(piece.encode() * 2_000, source="a", format_name=format_name)
    assert isinstance(found, Article) or found.reason is SkipReason.EMPTY


def test_names_are_parted() -> None:
    assert names_of("Ada Byron and Bo Li; C. Dee\nE") == ["Ada Byron", "Bo Li", "C. Dee", "E"]


def test_names_of_columns_that_stand_over_nothing_are_rows() -> None:
    rows = [[Cell("port", 0), Cell("time", 1)], [Cell("Aber", 0), Cell("", 1)]]
    assert list(row_texts(rows, 1)) == ["port | time", "port: Aber"]
    assert list(row_texts(rows[:1], 1)) == ["port | time"]

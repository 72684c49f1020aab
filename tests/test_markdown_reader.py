"""Markdown: blocks of every kind, metadata, line numbers, and words without their markup."""

from __future__ import annotations

import re
from datetime import date
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.articles import Article, Skipped, SkipReason
from indexer.model import BlockKind, Lines
from tests.readings import read_articles

HEADING, PARAGRAPH, ITEM, QUOTE, ROW, CODE = (
    BlockKind.HEADING,
    BlockKind.PARAGRAPH,
    BlockKind.LIST_ITEM,
    BlockKind.QUOTE,
    BlockKind.TABLE_ROW,
    BlockKind.CODE,
)


def read(text: str) -> Article:
    (found,) = read_articles(dedent(text).encode(), source="tide.md", format_name="markdown")
    assert isinstance(found, Article)
    return found


def blocks(text: str) -> list[tuple[BlockKind, str, tuple[int, int]]]:
    found = read(text).blocks
    assert all(block.span is None for block in found)
    return [(block.kind, block.text, (block.lines.first, block.lines.last)) for block in found]


def test_every_kind_of_block_with_its_lines() -> None:
    text = """\
    The quay
    ========

    Water stood
    at the *edge*.

    ## Times

    - high at noon
      - again at **midnight**
        or near it

      it varies
    3. low at six
    - [x] checked

    > First word
    >
    > - last word

    | port | time |
    | :--- | ---: |
    | Aber | 6:10 |
    | Ness |

        tide = 12

        print(tide)

    ```python
    def low():

        return 6
    ```

    Setext
    ------

    ***

    The end.
    """
    assert read(text).title == "The quay"
    assert read(text).title_lines == Lines(1, 1)
    assert blocks(text) == [
        (PARAGRAPH, "Water stood at the edge.", (4, 5)),
        (HEADING, "Times", (7, 7)),
        (ITEM, "high at noon", (9, 9)),
        (ITEM, "again at midnight or near it", (10, 11)),
        (ITEM, "it varies", (13, 13)),
        (ITEM, "low at six", (14, 14)),
        (ITEM, "checked", (15, 15)),
        (QUOTE, "First word", (17, 17)),
        (ITEM, "last word", (19, 19)),
        (ROW, "port: Aber | time: 6:10", (23, 23)),
        (ROW, "port: Ness", (24, 24)),
        (CODE, "tide = 12\n\nprint(tide)", (26, 28)),
        (CODE, "def low():\n\n    return 6", (31, 33)),
        (HEADING, "Setext", (36, 36)),
        (PARAGRAPH, "The end.", (41, 41)),
    ]
    assert [block.level for block in read(text).blocks if block.kind is HEADING] == [2, 2]


@pytest.mark.parametrize(
    ("markdown", "words"),
    [
        ("**bold** _soft_ ***both*** in`line` ~~gone~~", "bold soft both inline gone"),
        ("half**bo**ld", "halfbold"),
        ("[text of *a* link](https://example.org 'why') ends", "text of a link ends"),
        ("[named][n] here\n\n[n]: https://example.org", "named here"),
        (
            "<https://example.org/a> and https://example.org/b",
            "https://example.org/a and https://example.org/b",
        ),
        ("before ![a *grey* gull](gull.png) after", "before a grey gull after"),
        ("[![linked image](a.png)](b.html)", "linked image"),
        ("soft\nbreak  \nhard\\\nbreak<br/>tag", "soft break hard break tag"),
        ("H<sub>2</sub>O <!-- unseen --> is <b class='x'>wet</b>", "H2O is wet"),
        ("`a * b` \\*stars\\* &amp; &eacute;", "a * b *stars* & é"),
        ("snake_case_name 2 * 3 * 4", "snake_case_name 2 * 3 * 4"),
        ("wide    space", "wide space"),
    ],
)
def test_markup_goes_and_words_stay(markdown: str, words: str) -> None:
    assert [block.text for block in read(markdown).blocks] == [words]


def test_notes_stay_where_they_are_written() -> None:
    text = """\
    Tides turn[^1] twice.

    [^1]: Mostly.

    A second one[^2].

    [^2]: Seen at the
        old pier.
    """
    assert blocks(text) == [
        (PARAGRAPH, "Tides turn twice.", (1, 1)),
        (PARAGRAPH, "Mostly.", (3, 3)),
        (PARAGRAPH, "A second one.", (5, 5)),
        (PARAGRAPH, "Seen at the old pier.", (7, 8)),
    ]


def test_cells_beyond_the_header_are_kept() -> None:
    assert [text for _, text, _ in blocks("|a|b|\n|-|-|\n|1|2|*3*|4\\|5|\n|6|\n")] == [
        "a: 1 | b: 2 | 3 | 4|5",
        "a: 6",
    ]


def test_html_in_markdown_gives_its_text() -> None:
    text = """\
    <h1 align="center">Tide <i>tables</i></h1>

    <!-- unseen -->

    > <details>
    > <summary>More</summary>
    >
    > Inside.
    >
    > </details>

    <ul>
    <li>one</li>
    <li>two</li></ul>
    <script>
    var unseen = 1;
    </script>
    """
    assert read(text).title == "Tide tables"
    assert blocks(text) == [
        (QUOTE, "More", (6, 6)),
        (QUOTE, "Inside.", (8, 8)),
        (ITEM, "one", (13, 13)),
        (ITEM, "two", (14, 14)),
    ]


@pytest.mark.parametrize(
    ("authors", "author"),
    [
        ("[Ann Lee, Bo Ek]", "Ann Lee, Bo Ek"),
        ('["Lee, Ann", "Ek, Bo"]', "Lee, Ann; Ek, Bo"),
        ('["Lee, Ann", Bo Ek]', "Lee, Ann; Bo Ek"),
        ('["Lee, Ann"]', "Lee, Ann"),
        ('"Lee, Ann"', "Lee, Ann"),
    ],
)
def test_names_of_a_list_stay_apart(authors: str, author: str) -> None:
    assert read(f"---\nauthors: {authors}\n---\n\nText.\n").author == author


def test_front_matter_is_metadata() -> None:
    found = read(
        """\
        ---
        Title: "Tides: a year"
        authors: [Ann Lee, Bo Ek]
        date: 2024-03-09T23:30:00-05:00
        lang: no
        url: https://example.org/tides
        draft: true
        ---

        # Tides – a *year*

        Text.
        """
    )
    assert (found.title, found.author) == ("Tides: a year", "Ann Lee, Bo Ek")
    assert (found.published, found.language) == (date(2024, 3, 9), "no")
    assert found.url == "https://example.org/tides"
    assert found.title_lines == Lines(10, 10)
    assert [(b.text, tuple(b.lines)) for b in found.blocks] == [("Text.", (12, 12))]


@pytest.mark.parametrize(
    ("fields", "author", "day", "language"),
    [
        ("author: Ann Lee\npublished: 2024-03-09\nlanguage: en-GB", "Ann Lee", True, "en"),
        ("author: ~\ndate: 2024-13-09\nlang: english", "", False, ""),
        ("author: {name: Ann}\ndate: [1]\nlang: [en]", "", False, ""),
        ("author: 5\ndate: 2024", "5", False, ""),
    ],
)
def test_front_matter_in_other_words(fields: str, author: str, day: bool, language: str) -> None:  # noqa: FBT001  (a column of the table)
    found = read(f"---\n{fields}\n---\n\nText.\n")
    assert (found.author, found.language) == (author, language)
    assert found.published == (date(2024, 3, 9) if day else None)


@pytest.mark.parametrize(
    ("matter", "words"),
    [
        ('title: "not closed', 'title: "not closed'),
        ("a: b: c", "a: b: c"),
        ("let it be", "let it be"),
        ("- one\n- two", "- one - two"),
        ("a: &a *a\n? [b]\n: c", "a: &a *a ? [b] : c"),
        ("[" * 500, "[" * 500),
    ],
)
def test_what_is_no_front_matter_is_text_without_metadata(matter: str, words: str) -> None:
    found = read(f"---\n{matter}\n---\n\nText.\n")
    assert [block.text for block in found.blocks] == [words, "Text."]
    assert found.blocks[0].lines == Lines(1, matter.count("\n") + 3)
    assert found.title == ""


@pytest.mark.parametrize(
    ("text", "title", "rest"),
    [
        ("# One\n\nText.", "One", ["Text."]),
        ("## Above\n\n# One\n\n# Two\n\nText.", "One", ["Above", "Two", "Text."]),
        ("## Two\n\nText.", "Two", ["Text."]),
        (
            "## Two\n\nText.\n\n### Three\n\nText.\n\n### Four",
            "Two",
            ["Text.", "Three", "Text.", "Four"],
        ),
        ("### Three\n\n#### Four\n\nText.", "Three", ["Four", "Text."]),
        ("Two\n---\n\nText.", "Two", ["Text."]),
        ("<h2>Two</h2>\n\nText.", "Two", ["Text."]),
        ("## Two\n\nText.\n\n## Another\n\nText.", "", ["Two", "Text.", "Another", "Text."]),
        ("### Three\n\n## Two\n\nText.", "", ["Three", "Two", "Text."]),
        ("## Two\n\nText.\n\n# One", "", ["Two", "Text.", "One"]),
        ("Text first.\n\n## Two\n\nText.", "", ["Text first.", "Two", "Text."]),
        ("---\ntitle: two\n---\n## Two\n\nText.", "two", ["Text."]),
        ("---\ntitle: Other\n---\n## Two\n\nText.", "Other", ["Two", "Text."]),
        ("Text first.\n\n# One\n\nText.", "", ["Text first.", "One", "Text."]),
        ("---\ntitle: Other\n---\n# One\n\nText.", "Other", ["One", "Text."]),
    ],
)
def test_the_title(text: str, title: str, rest: list[str]) -> None:
    found = read(text)
    assert (found.title, [block.text for block in found.blocks]) == (title, rest)


def test_a_title_of_a_lower_level_has_its_lines() -> None:
    found = read("\n## Two\n\n### Three\n\nText.\n")
    assert (found.title, found.title_lines) == ("Two", Lines(2, 2))
    assert [block.level for block in found.blocks] == [3, 0]


def test_a_title_alone_is_not_lost() -> None:
    found = read("# Title only\n")
    assert (found.title, found.blocks) == ("Title only", ())


@pytest.mark.parametrize("text", ["***\n", "<!-- unseen -->", "[a]: b\n"])
def test_no_text_is_empty(text: str) -> None:
    assert list(read_articles(text.encode(), source="a.md")) == [
        Skipped("a.md", SkipReason.EMPTY, "the file has no text")
    ]


def test_deep_lists_and_quotes_lose_nothing() -> None:
    deep = "\n".join("  " * depth + f"- item {depth}" for depth in range(40))
    assert [text for _, text, _ in blocks(deep)] == [f"item {depth}" for depth in range(40)]
    assert [text for _, text, _ in blocks("> " * 40 + "said")] == ["said"]


@pytest.mark.parametrize("mark", ["> ", "- ", "1. ", "> - ", "[^a]: "])
@pytest.mark.parametrize("depth", [40, 49, 50, 51, 98, 99, 100, 101, 1_000, 100_000])
def test_what_is_nested_deeper_than_the_parser_goes_is_text(mark: str, depth: int) -> None:
    text = "Gulls\n\n" + mark * depth + "walked *far*\n\non the sand\n"
    found = [(text, lines) for _, text, lines in blocks(text)]
    words = [(text, lines[0]) for text, lines in found for text in re.findall(r"\w\w+", text)]
    lines = {"Gulls": 1, "walked": 3, "far": 3, "on": 5, "the": 5, "sand": 5}
    assert words == list(lines.items())


@pytest.mark.parametrize("depth", [120, 1_000])
def test_lists_and_quotes_deeper_than_the_parser_goes_lose_nothing(depth: int) -> None:
    steps = range(1, depth)
    deep = "\n".join("  " * step + f"- item {step}" for step in range(depth))
    assert [text for _, text, _ in blocks(deep)] == [f"item {step}" for step in range(depth)]
    deep = "\n\n".join(">" * step + f" said {step}" for step in steps)
    assert [(kind, text) for kind, text, _ in blocks(deep)] == [
        (BlockKind.QUOTE, f"said {step}") for step in steps
    ]


def test_markup_in_very_long_paragraphs() -> None:
    """It is looked for in parts of them, cut between words."""
    said = "*said* `so` " * 20_000
    assert [text for _, text, _ in blocks(said)] == ["said so " * 19_999 + "said so"]
    assert [text for _, text, _ in blocks("x" * 120_000)] == ["x" * 120_000]


WORDS = st.lists(
    st.sampled_from(["tide", "gull", "quay", "*sand*", "`rope`", "**net**", "[x](y)"]), min_size=1
)
LINES = st.builds(
    lambda prefix, words: prefix + " ".join(words),
    st.sampled_from(["", "- ", "  - ", "> ", "# ", "### ", "1. ", "    ", "| ", "\n"]),
    WORDS,
)


@given(st.lists(LINES, min_size=1, max_size=12))
def test_every_word_stands_on_the_lines_of_its_block(lines: list[str]) -> None:
    text = "\n".join(lines)
    (found,) = read_articles(text.encode(), source="a.md")
    words = r"tide|gull|quay|sand|rope|net|x"
    if isinstance(found, Skipped):
        assert text.lstrip("\n").startswith("# ")
        return
    whole = found.title + " " + " ".join(block.text for block in found.blocks)
    assert re.findall(words, text) == re.findall(words, whole) or found.title
    assert sorted(re.findall(words, text)) == sorted(re.findall(words, whole))
    source = text.split("\n")
    for block in found.blocks:
        there = "\n".join(source[block.lines.first - 1 : block.lines.last])
        assert re.findall(words, there) == re.findall(words, block.text)


def test_attributes_in_braces_are_no_words() -> None:
    text = """\
    # The harbour { #harbour .wide lang=en }

    ## Sets {1, 2} {: #sets }

    {: .lead #first }
    The quay {is} long.
    {: .last }

    ## Notes {-}

    End {of} it.
    """
    article = read(text)
    assert article.title == "The harbour"
    assert [block.text for block in article.blocks] == [
        "Sets {1, 2}",
        "The quay {is} long.",
        "Notes",
        "End {of} it.",
    ]


def test_admonitions_leave_their_text() -> None:
    text = """\
    !!! warning "Mind the *tide*"
        It comes fast.

        - Leave at once.

    ??? note
        Nobody is told.

    > [!TIP]
    > Take a lantern.

    ::: info The ferry
    It leaves at six.
    :::

    Wow!!! note this.
    """
    assert [(kind, words) for kind, words, _ in blocks(text)] == [
        (PARAGRAPH, "Mind the tide"),
        (PARAGRAPH, "It comes fast."),
        (ITEM, "Leave at once."),
        (PARAGRAPH, "Nobody is told."),
        (QUOTE, "Take a lantern."),
        (PARAGRAPH, "The ferry It leaves at six."),
        (PARAGRAPH, "Wow!!! note this."),
    ]

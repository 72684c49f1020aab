from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.model import BlockKind, Lines, Paragraph
from search.model import FoundArticle, Passage, Surroundings
from search.output.fragments import TextDirective, passage_link, text_directive
from search.output.links import web_address

LONG = "The ferry left at seven with forty people, two goats and a piano that nobody had ordered."
OTHER = "The ferry left at seven with forty people, and none of them had brought an umbrella along."

TOLD_APART = (
    "The%20ferry%20left%20at%20seven%20with%20forty%20people%2C%20two%20goats%20and%20a%20piano%20"
    "that%20nobody%20had%20ordered."
)


def passage(text: str, url: str, surroundings: Surroundings | None = None) -> Passage:
    paragraph = Paragraph("ferry.html", 2, "abcdefgh", (), text, Lines(3, 3), None)
    article = FoundArticle("ferry.html", "/srv/ferry.html", title="On ferries", url=url)
    return Passage(1, 1.0, paragraph, article, surroundings=surroundings)


@pytest.mark.parametrize(
    ("text", "before", "after", "expected"),
    [
        ("A goat came.", (), "", "text=A%20goat%20came."),
        ("Yes, no-one & 100%.", (), "", "text=Yes%2C%20no%2Done%20%26%20100%25."),
        ("Ünïcode – “ß”", (), "", "text=%C3%9Cn%C3%AFcode%20%E2%80%93%20%E2%80%9C%C3%9F%E2%80%9D"),
        (LONG, (), "", "text=The%20ferry%20left%20at%20seven,nobody%20had%20ordered."),
        # It begins as another one does: more words, until it does not.
        (
            LONG,
            (OTHER,),
            "",
            f"text={TOLD_APART}",
        ),
        # It stands there twice.
        ("A goat came.", ("A GOÁT came.", "It left."), "", "text=It%20left.-,A%20goat%20came."),
        (
            "A goat came.",
            ("It left.", "A goat came.", "It left."),
            "Then it sang.",
            "text=A%20goat%20came.,-Then%20it%20sang.",
        ),
        # The title may have its words.
        ("On ferries", (), "They float.", "text=On%20ferries,-They%20float."),
        # Nothing tells them apart.
        ("A goat came.", ("So.", "A goat came.", "So."), "", "text=So.-,A%20goat%20came."),
    ],
)
def test_directives(text: str, before: tuple[str, ...], after: str, expected: str) -> None:
    assert str(text_directive(text, title="On ferries", before=before, after=after)) == expected


def test_what_a_reader_joined_is_named_by_what_stands_in_one_block() -> None:
    row = text_directive("one metre | sixty | wide", BlockKind.TABLE_ROW)
    assert row == TextDirective("one metre", "wide")
    code = text_directive("begin\n  x = 1\nend", BlockKind.CODE, before=("a | begin at once",))
    assert code == TextDirective("begin", "end", prefix="begin at once")


def test_marks_alone_have_no_directive() -> None:
    assert text_directive("* * *") is None
    assert passage_link(passage("* * *", "https://a.example/")) == "https://a.example/"


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://a.example/b?c=d", "https://a.example/b?c=d#:~:text=Two%20goats."),
        ("https://a.example/b#part", "https://a.example/b#part:~:text=Two%20goats."),
        ("https://a.example/b#:~:text=old", "https://a.example/b#:~:text=Two%20goats."),
        ("https://a.example/ä b\x1b", "https://a.example/%C3%A4%20b%1B#:~:text=Two%20goats."),
        ("javascript:alert(1)", ""),
        ("file:///etc/passwd", ""),
        ("/b", ""),
        ("", ""),
    ],
)
def test_links(url: str, link: str) -> None:
    assert passage_link(passage("Two goats.", url)) == link


def test_a_link_tells_a_passage_from_one_like_it() -> None:
    around = Surroundings(("Two goats.", "They came back."), "The end.")
    assert passage_link(passage("Two goats.", "https://a.example", around)) == (
        "https://a.example#:~:text=They%20came%20back.-,Two%20goats."
    )


def test_an_address_keeps_what_is_encoded() -> None:
    assert web_address(" HTTPS://a.example/%20\\x[1] ") == "HTTPS://a.example/%20%5Cx[1]"
    assert web_address("https://") == ""


WORDS = st.lists(
    st.sampled_from(["the", "goat", "sang", "Ferry", "café", "二", "left,"]), min_size=1
)
TEXTS = st.lists(WORDS.map(" ".join), min_size=1, max_size=5)


def folded(text: str) -> str:
    return unicodedata.normalize("NFKD", text).replace("\u0301", "").casefold()


def first_marked(blocks: list[str], directive: TextDirective) -> tuple[int, int] | None:
    """What a browser marks in a page of blocks with one space or line end between words.

    The terms are taken from the address, as it would take them.
    """
    terms = unquote(str(directive).removeprefix("text=").replace(",", "\x00")).split("\x00")
    prefix = terms.pop(0).removesuffix("-") if directive.prefix else ""
    suffix = terms.pop().removeprefix("-") if directive.suffix else ""
    start, end = terms if len(terms) == 2 else (terms[0], "")
    bounded = [rf"(?<!\w){re.escape(folded(term))}(?!\w)" for term in (prefix, start, end, suffix)]
    pattern = f"(?P<m>{bounded[1]}{'(?s:.*?)' + bounded[2] if end else ''})"
    pattern = rf"{bounded[0]}\s*{pattern}" if prefix else pattern
    pattern = rf"{pattern}\s*{bounded[3]}" if suffix else pattern
    found = re.search(pattern, folded("\n".join(blocks)))
    return found.span("m") if found else None


@given(TEXTS, TEXTS, st.data())
def test_what_is_found_first_is_the_passage_or_nothing_could_tell_it(
    before: list[str], after: list[str], data: st.DataObject
) -> None:
    parts = st.lists(st.sampled_from([*before, "a piano"]), min_size=1, max_size=3)
    text = " ".join(data.draw(parts))
    directive = text_directive(text, before=before, after=after[0])
    assert directive is not None
    blocks = [*map(str, before), text, *after]
    start = sum(len(folded(block)) + 1 for block in before)
    own = (start, start + len(folded(text)))
    marked = first_marked(blocks, directive)
    assert marked is not None
    if marked != own:  # then all that may be told of it stands before it as well
        told = folded(f"{before[-1]} {text}")
        above = folded(" ".join([*before, text]))
        assert len(re.findall(f"(?={re.escape(told)})", above)) > 1


def test_a_text_of_any_size_has_a_short_link() -> None:
    words = "goat " * 100_000
    for text in (words, f"one {words}", "x" * 100_000, "山" * 100_000, "山。" * 100_000):
        directive = text_directive(text, before=(words, text), after=text)
        assert directive is None or len(str(directive)) < 20_000
    assert text_directive("x" * 100_000) is None
    assert text_directive(f"one {'x' * 100_000} end of it all, as it was told") is None

"""Numbers, trails and digests of paragraphs; no word of an article is lost on the way."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.articles import Article, Block
from indexer.model import BlockKind, Lines, Span
from indexer.paragraphs import digest_of, split_article
from indexer.readers.encoding import decode
from indexer.readers.faults import ReaderError
from indexer.readers.text import read_text
from tests.test_text_reader import LINES, WORDS


def heading(level: int, text: str) -> Block:
    return Block(BlockKind.HEADING, text, Lines(1, 1), level=level)


def body(text: str, kind: BlockKind = BlockKind.PARAGRAPH) -> Block:
    return Block(kind, text, Lines(2, 3), Span(4, 9))


def outline(*blocks: Block, title: str = "") -> list[str]:
    """Each paragraph as "1 Trail > Trail: text"."""
    article = Article(source="a.txt", blocks=blocks, title=title)
    return [
        f"{paragraph.number} {' > '.join(paragraph.headings)}: {paragraph.text}"
        for paragraph in split_article(article, "a")
    ]


def test_a_heading_closes_those_of_its_level_and_below() -> None:
    blocks = (
        *(body("zero"), heading(2, "A"), body("one"), heading(3, "B"), body("two")),
        *(heading(3, "C"), body("three"), heading(2, "D"), body("four")),
        *(heading(1, "E"), heading(3, "F"), body("five"), body("six")),
    )
    assert outline(*blocks) == [
        "1 : zero",
        "2 A: one",
        "3 A > B: two",
        "4 A > C: three",
        "5 D: four",
        "6 E > F: five",
        "7 E > F: six",
    ]


def test_a_heading_over_nothing_is_a_paragraph_in_its_place() -> None:
    blocks = (heading(2, "A"), heading(3, "B"), heading(3, "C"), body("one"), heading(2, "D"))
    assert outline(*blocks) == ["1 A: B", "2 A > C: one", "3 : D"]


def test_headings_too_long_to_be_kept_with_each_paragraph_are_paragraphs() -> None:
    long = "A" * 1_001
    blocks = (heading(1, long), body("one"), heading(1, "B"), heading(2, long[2:]), body("two"))
    assert outline(*blocks) == [f"1 : {long}", "2 : one", f"3 B > {long[2:]}: two"]
    blocks = (heading(1, "B"), heading(2, long), heading(3, "C"), body("one"), body("two"))
    assert outline(*blocks) == [f"1 B: {long}", "2 B > C: one", "3 B > C: two"]


def test_a_heading_over_a_lower_one_over_nothing_is_found_in_its_trail() -> None:
    assert outline(heading(1, "A"), heading(2, "B")) == ["1 A: B"]


def test_a_title_alone_is_a_paragraph() -> None:
    assert outline(title="Only This") == ["1 : Only This"]
    assert outline(heading(2, "A"), title="Not This") == ["1 : A"]
    assert outline() == []


def test_places_and_kinds_are_kept() -> None:
    article = Article(source="a.txt", blocks=(body("one", BlockKind.QUOTE), heading(2, "A")))
    first, second = split_article(article, "a")
    assert (first.kind, first.lines, first.span) == (BlockKind.QUOTE, Lines(2, 3), Span(4, 9))
    assert (second.kind, second.lines, second.span) == (BlockKind.HEADING, Lines(1, 1), None)
    assert first.passage_id == f"a#{digest_of('one')}"


def test_twins_are_told_apart_in_order() -> None:
    article = Article(source="a.txt", blocks=(body("x"), body("y"), body("x"), body(" x\n")))
    digests = [paragraph.digest for paragraph in split_article(article, "a")]
    assert digests == [digest_of("x"), digest_of("y"), f"{digest_of('x')}-2", f"{digest_of('x')}-3"]


@pytest.mark.parametrize(
    ("text", "digest"),
    [("", "4oymiquy"), ("community patrols", "uxf63ycz"), ("né", "qk24gr2j")],
)
def test_digests_never_change(text: str, digest: str) -> None:
    assert digest_of(text) == digest


@pytest.mark.parametrize(
    ("one", "other"), [("a b", " a\n\tb "), ("n\u00e9", "ne\u0301"), ("a b", "a\u00a0b")]
)
def test_digests_of_texts_that_differ_in_form_alone(one: str, other: str) -> None:
    assert digest_of(one) == digest_of(other)


def test_digests_differ_with_the_words() -> None:
    assert digest_of("a b") != digest_of("ab") != digest_of("AB")


BLOCKS = st.one_of(
    st.builds(heading, st.integers(1, 6), st.sampled_from("ABCDE")),
    st.builds(body, st.sampled_from("vwxyz")),
)


@given(blocks=st.lists(BLOCKS), title=st.sampled_from(["", "T"]))
def test_nothing_of_an_article_is_lost(blocks: list[Block], title: str) -> None:
    article = Article(source="a.txt", blocks=tuple(blocks), title=title)
    paragraphs = split_article(article, "a")
    found = {text for paragraph in paragraphs for text in (paragraph.text, *paragraph.headings)}
    assert found >= {block.text for block in blocks}
    assert [paragraph.number for paragraph in paragraphs] == list(range(1, len(paragraphs) + 1))
    assert len({paragraph.digest for paragraph in paragraphs}) == len(paragraphs)
    bodies = [block.text for block in blocks if block.kind is not BlockKind.HEADING]
    assert [p.text for p in paragraphs if p.kind is not BlockKind.HEADING] == bodies
    assert bool(paragraphs) == bool(blocks or title)


@given(text=st.lists(LINES | WORDS, max_size=14).map("\n".join))
def test_nothing_of_a_text_is_lost(text: str) -> None:
    try:
        (article,) = read_text(text.encode(), source="a.txt", keep_furniture=False)
    except ReaderError:
        return
    paragraphs = split_article(article, "a")
    texts = [article.title, *(block.text for block in article.omitted)]
    for paragraph in paragraphs:
        texts += [paragraph.text, *paragraph.headings]
    found = "".join("".join(texts).split())
    for word in re.findall(r"[^\W_]+", decode(text.encode())):
        assert word in found
    assert paragraphs

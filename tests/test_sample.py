"""The bundled article shows what the tool is for: title, headings, paragraphs, words to find."""

from __future__ import annotations

import re

import pytest

from indexer.model import BlockKind, Lines
from indexer.paragraphs import split_article
from indexer.readers.text import read_text
from indexer.sample import sample_path

(ARTICLE,) = read_text(sample_path().read_bytes(), source="article.txt", keep_furniture=False)


def test_structure() -> None:
    headings = [block.text for block in ARTICLE.blocks if block.kind is BlockKind.HEADING]
    assert ARTICLE.title == "Activists in Southern California Prepare to Answer Immigration Raids"
    assert headings[0] == "What the Leaked Plans Say"
    assert len(headings) == 6
    assert len(split_article(ARTICLE, "article")) == len(ARTICLE.blocks) - 6 == 17
    assert ARTICLE.omitted == ()


def test_the_summary_is_a_passage_and_no_heading() -> None:
    summary, first, second, *_ = split_article(ARTICLE, "article")
    assert summary.text.startswith("More than 60 groups plan patrols")
    assert (summary.kind, summary.number) == (BlockKind.SUMMARY, 1)
    assert (summary.headings, first.headings) == ((), ())
    assert (summary.lines, first.lines) == (Lines(3, 3), Lines(5, 5))
    assert second.headings == ("What the Leaked Plans Say",)


@pytest.mark.parametrize(
    "words",
    [
        *("community patrols", "hotline", "phone trees", "bullhorns", "Union del Barrio"),
        *("Community Self-Defense Coalition", "over 60", "900 arrests", "350 a week", "arrest 100"),
    ],
)
def test_words_to_search_for(words: str) -> None:
    assert any(words in block.text for block in ARTICLE.blocks)


def test_layout_is_one_paragraph_a_line_between_blank_lines() -> None:
    text = sample_path().read_text(encoding="utf-8")
    lines = text.split("\n")
    assert lines[1::2] == [""] * (len(lines) // 2)
    assert all(lines[0::2])
    assert re.search(r"[\"']|  ", text) is None

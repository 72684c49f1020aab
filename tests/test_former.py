"""An id whose paragraph was edited leads to what stands for it now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.build import build_index
from indexer.former import MOST_FORMER, former_digests
from indexer.intake import ReadOptions
from indexer.model import ArticleRecord, Lines, Paragraph
from indexer.paragraphs import digest_of
from indexer.storage.catalog import articles_of
from indexer.storage.index import PassageIndex
from indexer.storage.records import article_bytes, article_of
from search import Index, Request

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

ENGLISH = ReadOptions(language="en")
NOON = "The ferry leaves the harbour at noon, whatever the weather is."
FOG = "Fog has kept the ships of the island in the harbour for days."
BAKERS = "Bakers rise early, and their ovens are hot before the sun is up."
LATER = "The ferry leaves the harbour at one o'clock, whatever the weather is."
RAIN = "Rain is announced for the end of the week."


class Article:
    """An article as it was, with what was kept of it before; counts which texts are read."""

    def __init__(self, texts: Sequence[str], former: dict[str, str] | None = None) -> None:
        self.former = tuple((former or {}).items())
        self.paragraphs = paragraphs(texts)
        self.read: list[int] = []

    def digests(self) -> list[str]:
        return [one.digest for one in self.paragraphs]

    def paragraph(self, number: int) -> Paragraph:
        self.read.append(number)
        return self.paragraphs[number - 1]


def paragraphs(texts: Sequence[str]) -> tuple[Paragraph, ...]:
    return tuple(
        Paragraph("a", number, digest_of(text), (), text, Lines(number, number), None)
        for number, text in enumerate(texts, start=1)
    )


def now(before: Sequence[str], after: Sequence[str]) -> dict[str, str]:
    """What stands for each text that is gone."""
    texts = {digest_of(text): text for text in (*before, *after)}
    found = former_digests(Article(before), paragraphs(after))
    return {texts[old]: texts[new] for old, new in found}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([NOON, FOG], [NOON, FOG], {}),
        ([NOON, FOG], [FOG, NOON, RAIN], {}),
        ([NOON, FOG], [LATER, FOG], {NOON: LATER}),
        # What was put before or behind it is not taken for it, nor what was there already.
        ([NOON, FOG], [RAIN, BAKERS, LATER, FOG], {NOON: LATER}),
        ([NOON, FOG], [FOG, RAIN, LATER], {NOON: LATER}),
        ([FOG, NOON], [FOG, LATER, NOON], {}),
        # Of a paragraph that was cut in two the larger part is the nearest.
        ([f"{NOON} {RAIN}"], [NOON, RAIN], {f"{NOON} {RAIN}": NOON}),
        ([NOON, RAIN], [f"{NOON} {RAIN}"], dict.fromkeys([NOON, RAIN], f"{NOON} {RAIN}")),
        # Of one that is gone, what stands there.
        ([NOON, FOG, BAKERS], [NOON, BAKERS], {FOG: BAKERS}),
        ([NOON, FOG, BAKERS], [NOON, FOG], {BAKERS: FOG}),
        ([NOON, FOG], [BAKERS], {NOON: BAKERS, FOG: BAKERS}),
        ([NOON, FOG], [], {}),
        (
            ["渡船は正午に港を出る。"],
            ["霧が深い。", "渡船は一時に港を出る。"],
            {"渡船は正午に港を出る。": "渡船は一時に港を出る。"},
        ),
    ],
)
def test_what_stands_for_a_text(
    before: list[str], after: list[str], expected: dict[str, str]
) -> None:
    assert now(before, after) == expected


def test_of_twins_one_is_left() -> None:
    first, other = paragraphs([NOON, FOG])
    before = Article([])
    before.paragraphs = (first, first._replace(number=2, digest=f"{first.digest}-2"), other)
    found = former_digests(before, paragraphs([FOG, RAIN, NOON]))
    assert found == ((f"{first.digest}-2", first.digest),)
    assert before.read == []


def test_what_was_kept_is_led_on() -> None:
    noon, later, rain, fog = map(digest_of, (NOON, LATER, RAIN, FOG))
    once = Article([LATER, FOG], {noon: later})
    assert former_digests(once, paragraphs([LATER, FOG])) == ((noon, later),)
    still_later = "The ferry leaves the harbour at two o'clock, whatever the weather is."
    found = dict(former_digests(once, paragraphs([still_later, FOG])))
    assert found == {noon: digest_of(still_later), later: digest_of(still_later)}
    # What is there again needs none to stand for it.
    assert dict(former_digests(once, paragraphs([NOON, FOG]))) == {later: noon}
    # What is named by nothing any more is forgotten.
    assert former_digests(Article([FOG], {noon: "gone", rain: fog}), paragraphs([FOG])) == (
        (rain, fog),
    )


def test_a_bounded_number_is_kept_and_read() -> None:
    before = Article([f"Number {number} of many." for number in range(1_000)])
    found = former_digests(before, paragraphs([f"{number} it is." for number in range(1_000)]))
    assert len(found) == MOST_FORMER == len(before.read)
    kept = {f"old{number}": digest_of(FOG) for number in range(MOST_FORMER)}
    one_more = former_digests(Article([FOG, NOON], kept), paragraphs([FOG]))
    assert len(one_more) == MOST_FORMER
    assert one_more[-1] == (digest_of(NOON), digest_of(FOG))
    assert "old0" not in dict(one_more)


@given(
    before=st.lists(st.text("abc ", min_size=1, max_size=6), max_size=9, unique_by=digest_of),
    after=st.lists(st.text("abc ", min_size=1, max_size=6), max_size=9, unique_by=digest_of),
)
@settings(max_examples=200, deadline=None)
def test_every_text_that_is_gone_leads_to_one_that_is_there(
    before: list[str], after: list[str]
) -> None:
    old, new = set(map(digest_of, before)), set(map(digest_of, after))
    found = dict(former_digests(Article(before), paragraphs(after)))
    assert found.keys() == (old - new if new else set())
    assert set(found.values()) <= new


def test_it_is_stored_with_the_article() -> None:
    record = ArticleRecord("a", "/a", "a", former=(("x", "y"), ("z", "y")))
    stored = article_bytes(record)
    again = article_of(stored, language="", origin="/a", source="a", paragraphs=0)
    assert again == record
    assert article_bytes(record._replace(former=())) == b'"a"'
    for broken in (b'"a","","","","","",0,[],{},7', b'"a","","","","","",0,[],{},{"x":7}'):
        with pytest.raises(ValueError, match="no record of an article"):
            article_of(broken, language="", origin="/a", source="a", paragraphs=0)


def test_an_edited_paragraph_is_offered(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"

    def put(*texts: str) -> None:
        path.write_text("Notes\n\n" + "\n\n".join(texts) + "\n", "utf-8")
        build_index([str(path)], tmp_path / "ix", options=ENGLISH)

    put(NOON, FOG, BAKERS)
    put(FOG, LATER, BAKERS)
    put(FOG, RAIN, LATER.replace("one", "two"), BAKERS)
    put(FOG, RAIN, LATER.replace("one", "two"), BAKERS, "The end.")
    (record,) = articles_of(PassageIndex.open(tmp_path / "ix"))
    assert len(record.former) == 2
    with Index.open(tmp_path / "ix") as index:
        for text in (NOON, LATER):
            page = index.answer(Request(ids=(f"notes.txt#{digest_of(text)}",)))
            ((_, nearest),) = page.unknown
            assert nearest is not None
            (passage,) = index.answer(Request(ids=(nearest,))).passages
            assert passage.paragraph.text == LATER.replace("one", "two")


def test_a_file_that_is_read_again_as_it_was_has_nothing_new(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text(f"Notes\n\n{NOON}\n\n{FOG}\n", "utf-8")
    build_index([str(path)], tmp_path / "ix", options=ENGLISH)
    build_index([str(path)], tmp_path / "ix", options=ReadOptions(language="de"))
    (record,) = articles_of(PassageIndex.open(tmp_path / "ix"))
    assert (record.language, record.former) == ("de", ())

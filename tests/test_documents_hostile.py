"""Books and office documents that are damaged or made to do harm: articles or one line, in time."""

from __future__ import annotations

import tracemalloc
import zipfile
from io import BytesIO
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.articles import Article, Skipped, SkipReason
from indexer.readers.budget import MB, Budget
from tests.making.documents import (
    book_entry,
    book_nav,
    book_page,
    book_parts,
    docx,
    epub,
    odp,
    odt,
    open_flat,
    open_frame,
    open_parts,
    pptx,
    slide_parts,
    slide_shape,
    word_paragraph,
    word_parts,
    zipped,
)
from tests.readings import read_articles

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PAGES = [["Tides", "They rise.", "And fall."], ["Gulls", "They fly over the pier."]]
MAKERS: dict[str, Callable[[Sequence[Sequence[str]]], bytes]] = {
    "docx": docx,
    "epub": epub,
    "odp": odp,
    "odt": odt,
    "pptx": pptx,
}
#: The part of each that holds text.
TEXT_PARTS = {
    "docx": "word/document.xml",
    "epub": "OEBPS/c0.xhtml",
    "odp": "content.xml",
    "odt": "content.xml",
    "pptx": "ppt/slides/slide1.xml",
}


def parts_of(data: bytes) -> dict[str, str | bytes]:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def fault(data: bytes, name: str, budget: Budget | None = None) -> Skipped:
    (found,) = read_articles(data, source="a", format_name=name, budget=budget or Budget())
    assert isinstance(found, Skipped), found
    return found


@pytest.mark.parametrize("name", MAKERS)
@given(seed=st.integers(0, 2**32), cuts=st.integers(1, 12))
@settings(max_examples=30, deadline=None)
def test_damaged_bytes_raise_nothing(name: str, seed: int, cuts: int) -> None:
    chance = Random(seed)  # noqa: S311 - the same each time
    data = bytearray(MAKERS[name](PAGES))
    for _ in range(cuts):
        data[chance.randrange(len(data))] = chance.randrange(256)
    found = list(read_articles(bytes(data), source="a", format_name=name))
    assert found
    assert not any(isinstance(one, Article) for one in found[1:])


@pytest.mark.parametrize("name", MAKERS)
@given(seed=st.integers(0, 2**32))
@settings(max_examples=30, deadline=None)
def test_damaged_parts_raise_nothing(name: str, seed: int) -> None:
    """What is in the zip is damaged, with its checksum right."""
    chance = Random(seed)  # noqa: S311 - the same each time
    parts = parts_of(MAKERS[name](PAGES))
    for part in chance.sample(sorted(parts), k=2):
        data = bytearray(parts[part] if isinstance(parts[part], bytes) else b"")  # type: ignore[arg-type]
        for _ in range(chance.choice([1, 3, 20])):
            if data:
                at = chance.randrange(len(data))
                piece = chance.choice([b"", b"<", b">", b'"', b"9" * 30, b"-1", b"<p/>", b"\xff"])
                data[at : at + chance.randrange(4)] = piece
        parts[part] = bytes(data)
    found = list(read_articles(zipped(parts), source="a", format_name=name))
    assert found
    assert not any(isinstance(one, Article) for one in found[1:])


@pytest.mark.parametrize("name", [*MAKERS, "compound"])
@given(data=st.binary(max_size=600))
@settings(max_examples=30, deadline=None)
def test_any_bytes_raise_nothing(name: str, data: bytes) -> None:
    for head in (b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"<office:document>"):
        found = list(read_articles(head + data, source="a", format_name=name))
        assert [type(one) for one in found] == [Skipped]


@pytest.mark.parametrize("name", MAKERS)
def test_a_part_that_unpacks_to_much_is_stopped_while_it_unpacks(name: str) -> None:
    parts = parts_of(MAKERS[name](PAGES)) | {TEXT_PARTS[name]: b" " * (24 * MB)}
    data = zipped(parts)
    assert len(data) < MB
    budget = Budget(size_bytes=MB)
    tracemalloc.start()
    try:
        skipped = fault(data, name, budget)
        _, most_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert skipped.reason is SkipReason.TOO_LARGE
    assert skipped.detail == (
        "the document, unpacked, is larger than 1 MB; split it, or raise --max-size"
    )
    assert most_bytes < 16 * MB


def test_many_parts_that_unpack_to_much_are_stopped() -> None:
    pages = {f"c{n}.xhtml": "<p>" + "tide " * 30_000 + "</p>" for n in range(20)}
    skipped = fault(zipped(book_parts(pages)), "epub", Budget(size_bytes=200_000))
    assert skipped.reason is SkipReason.TOO_LARGE


@pytest.mark.parametrize("depth", [5, 9])
@pytest.mark.parametrize("name", MAKERS)
def test_entities_are_not_unfolded_and_nothing_outside_is_read(name: str, depth: int) -> None:
    bomb = "".join(
        f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' if n else '<!ENTITY e0 "tide">'
        for n in range(depth)
    )
    declared = f'<!DOCTYPE x [{bomb}<!ENTITY f SYSTEM "file:///proc/self/status">]>'
    parts = parts_of(MAKERS[name](PAGES))
    text = parts[TEXT_PARTS[name]]
    assert isinstance(text, bytes)
    harm = text.replace(b"They rise.", f"They rise. &e{depth - 1}; &f; So.".encode())
    parts[TEXT_PARTS[name]] = declared.encode() + harm
    for found in read_articles(zipped(parts), source="a", format_name=name):
        if isinstance(found, Article):
            words = " ".join(block.text for block in found.blocks)
            assert len(words) < 200
            assert "Pid" not in words
        else:
            assert (found.reason, depth) == (SkipReason.BROKEN, 9)


def deep(tag: str, depth: int, inner: str = "x") -> str:
    return f"<{tag}>" * depth + inner + f"</{tag}>" * depth


@pytest.mark.parametrize("depth", [200, 5_000])
def test_what_is_nested_deep_is_read_or_told(depth: int) -> None:
    sources = {
        "docx": word_parts(deep("w:smartTag", depth) + word_paragraph("Tide")),
        "odt": open_parts(deep("text:section", depth) + "<text:p>Tide</text:p>"),
        "odp": open_parts(
            f"<draw:page>{deep('draw:g', depth, open_frame('Tide'))}</draw:page>",
            kind="presentation",
        ),
        "pptx": slide_parts([deep("p:grpSp", depth, slide_shape("Tide"))]),
        "epub": book_parts({"a.xhtml": deep("div", depth) + "<p>Tide</p>"}),
    }
    for name, parts in sources.items():
        (found,) = read_articles(zipped(parts), source="a", format_name=name)
        if isinstance(found, Skipped):
            assert found.reason is SkipReason.BROKEN, name
            assert depth > 200, found
        else:
            assert found.blocks[-1].text == "Tide"


@pytest.mark.parametrize(("name", "content"), [("epub", b"\x89PNG\0\1" * 9), ("pptx", b"<p:sld")])
def test_a_damaged_part_is_told_and_the_others_are_read(name: str, content: bytes) -> None:
    part = TEXT_PARTS[name]
    parts = parts_of(MAKERS[name](PAGES)) | {part: content}
    article, skipped = read_articles(zipped(parts), source="a", format_name=name)
    assert isinstance(article, Article)
    assert [block.text for block in article.blocks][-1:] == ["They fly over the pier."]
    detail = f"the document is damaged: {part} in it is no XML; get it anew"
    assert skipped == Skipped(f"a:{part}", SkipReason.BROKEN, detail, inside=True)
    alone = parts_of(MAKERS[name](PAGES[:1])) | {part: content}
    assert fault(zipped(alone), name) == Skipped("a", SkipReason.BROKEN, detail)


def test_a_flat_document_is_bounded_too() -> None:
    data = open_flat("<text:p>tide</text:p>" * 10_000)
    assert fault(data, "odt", Budget(size_bytes=100_000)).reason is SkipReason.TOO_LARGE
    assert fault(data, "odt", Budget(size_bytes=500_000)).detail == (
        "it has more than 15,625 tags, which take as much memory as 0.477 MB of text; "
        "split it, or raise --max-size"
    )


def test_a_list_of_parts_that_is_too_long_is_not_held() -> None:
    parts: dict[str, str | bytes] = {f"word/part{n}.xml": "" for n in range(3_000)}
    data = zipped(parts | word_parts(word_paragraph("Tide")))
    assert fault(data, "docx", Budget(size_bytes=100_000)).detail == (
        "the list of parts is larger than 0.095 MB; split it, or raise --max-size"
    )


def test_contents_that_lead_in_circles_or_deep_end() -> None:
    entry = book_entry("x", "a.xhtml")
    for _ in range(60):
        entry = book_entry("x", "a.xhtml#p", entry)
    pages = {"a.xhtml": "<p id='p'>Tide</p>", "b.xhtml": book_page("\ue000 7\ue001")}
    (article,) = read_articles(
        zipped(book_parts(pages, nav=book_nav(entry))), source="a", format_name="epub"
    )
    assert isinstance(article, Article)


def test_an_encrypted_member_is_told() -> None:
    data = bytearray(zipped(word_parts(word_paragraph("Tide"))))
    for magic, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = 0
        while (at := data.find(magic, at)) >= 0:
            data[at + flags] |= 1
            at += 1
    assert fault(bytes(data), "docx").reason is SkipReason.PROTECTED

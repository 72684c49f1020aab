"""Web archives: pages are read by their readers, all else is passed over; WACZ the same."""

from __future__ import annotations

import gzip
import subprocess
import sys
import zlib
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.pdfgen.canvas import Canvas

from indexer.articles import Article, Skipped, SkipReason
from indexer.readers.budget import MB, Budget
from indexer.readers.formats import pick_format
from indexer.readers.reading import read_stream
from tests.making import web_archives
from tests.making.web_archives import CAPTURED, page, record
from tests.readings import read_articles

PAGES = [
    ["The ferry came late.", "All who stood on the quay were wet."],
    ["Gulls walked on the sand until the water came back."],
]
ADDRESS = "https://example.org/1"


def read(data: bytes, name: str = "a.warc", **how: Any) -> list[Article | Skipped]:
    return list(read_articles(data, source=name, **how))


def one(data: bytes, **how: Any) -> Article:
    (found,) = read(data, **how)
    assert isinstance(found, Article)
    return found


def texts(article: Article | Skipped) -> list[str]:
    assert isinstance(article, Article)
    return [block.text for block in article.blocks]


MADE = [
    ("a.warc", web_archives.warc(PAGES)),
    ("a.warc.gz", web_archives.warc_gz(PAGES)),
    ("a.warc.gz", gzip.compress(web_archives.warc(PAGES))),
    ("a.wacz", web_archives.wacz(PAGES)),
]


@pytest.mark.parametrize(("name", "data"), MADE)
def test_pages_are_articles_and_all_else_is_passed_over(name: str, data: bytes) -> None:
    found = read(data, name)
    assert [texts(article) for article in found] == PAGES
    first, second = found
    assert isinstance(first, Article)
    assert isinstance(second, Article)
    assert (first.title, first.language, first.published) == ("Harbour news", "en", None)
    assert (first.source, first.part, first.url) == (name, ADDRESS, ADDRESS)
    assert first.extra == (("captured", CAPTURED),)
    assert {block.locator for block in second.blocks} == {
        (("record", 6), ("member", "https://example.org/2"))
    }


def test_pdf_and_text_are_read_by_their_readers() -> None:
    made = BytesIO()
    canvas = Canvas(made)
    canvas.drawString(72, 700, "Lanterns were lit along the pier.")
    canvas.save()
    data = record(f"{ADDRESS}?pdf", made.getvalue(), "application/pdf") + record(
        ADDRESS, b"The tide was out.\n\nAnd came back.\n", "text/plain"
    )
    pdf, text = read(data)
    assert isinstance(pdf, Article)
    assert pdf.blocks[0].locator[-1] == ("page", 1)
    assert texts(pdf) == ["Lanterns were lit along the pier."]
    assert "And came back." in texts(text)


PASSED_OVER = [
    record(ADDRESS, page(["No."]), status="404 Not Found"),
    record(ADDRESS, page(["No."]), status="302 Found", header="Location: /\r\n"),
    record(ADDRESS, b"", kind="revisit"),
    record(ADDRESS, b"let a = 1", "application/javascript"),
    record(ADDRESS, b"\x89PNG\0", "text/plain"),
    record(ADDRESS, b"<html><body></body></html>"),
    record("dns:example.org", b"example.org 1", "text/dns", kind="resource"),
    record("urn:pageinfo:x", b"{}", "text/plain", kind="resource"),
    record(ADDRESS, b"GET / HTTP/1.1\r\n\r\n", "application/http", kind="request"),
    b"",
]


@pytest.mark.parametrize("data", PASSED_OVER)
def test_what_is_passed_over_is_not_told(data: bytes) -> None:
    whole = record(f"{ADDRESS}/a", page(PAGES[0]))
    found = read(data + whole + data)
    assert [texts(article) for article in found] == PAGES[:1]


def test_texts_that_were_made_of_pages_are_read() -> None:
    data = record(ADDRESS, b"The tide was out.\n", "text/plain", kind="conversion")
    assert pick_format("a.warc.wet.gz", gzip.compress(data)).name == "warc"
    found = one(data, name="a.warc.wet")
    assert (found.part, texts(found)) == (ADDRESS, ["The tide was out."])


def chunked(data: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (data[:9], data[9:])) + (
        b"0\r\n\r\n"
    )


HTML = page(PAGES[1])
ENCODED = [
    ("Transfer-Encoding: chunked\r\n", chunked(HTML)),
    ("Content-Encoding: gzip\r\n", gzip.compress(HTML)),
    ("Content-Encoding: deflate\r\n", zlib.compress(HTML)),
    ("Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n", chunked(gzip.compress(HTML))),
    ("Transfer-Encoding: chunked\r\n", HTML),
    ("Content-Encoding: gzip\r\n", HTML),
]


@pytest.mark.parametrize(("header", "body"), ENCODED)
def test_encodings_are_undone_also_where_they_were_before(header: str, body: bytes) -> None:
    assert texts(one(record(ADDRESS, body, header=header))) == PAGES[1]


@pytest.mark.parametrize(
    ("charset", "declared"),
    [("cp1251", "windows-1251"), ("utf-8", ""), ("utf-8", "windows-1251"), ("utf-8", "nonsense")],
)
def test_the_charset_of_the_server_holds(charset: str, declared: str) -> None:
    text = "Паром пришел поздно, и все промокли до нитки на причале у самой воды."
    content_type = f"text/html; charset={declared}" if declared else "text/html"
    data = record(ADDRESS, f"<p>{text}</p>".encode(charset), content_type)
    assert texts(one(data)) == [text]


def test_an_address_that_comes_again_has_its_date() -> None:
    again = record(ADDRESS, page(PAGES[1]), captured="2024-02-03T00:00:00Z")
    first, second = read(record(ADDRESS, page(PAGES[0])) + again)
    assert isinstance(first, Article)
    assert isinstance(second, Article)
    assert (first.part, second.part) == (ADDRESS, f"{ADDRESS}@2024-02-03T00:00:00Z")
    assert second.extra == (("captured", "2024-02-03T00:00:00Z"),)


def test_a_page_that_is_too_large_is_told_and_the_rest_read() -> None:
    small = Budget(size_bytes=MB)
    bomb = gzip.compress(b" " * (50 * MB))
    data = record(ADDRESS, bomb, header="Content-Encoding: gzip\r\n")
    skipped, article = read(data + record(f"{ADDRESS}/2", HTML), budget=small)
    assert skipped == Skipped(
        f"a.warc:{ADDRESS}",
        SkipReason.TOO_LARGE,
        "the page is larger than 1 MB; split it, or raise --max-size",
        inside=True,
    )
    assert texts(article) == PAGES[1]


def damaged(name: str, data: bytes) -> Skipped:
    found = read(data, name)[-1]
    assert isinstance(found, Skipped)
    return found


def test_what_is_damaged_or_holds_nothing_is_told() -> None:
    whole = web_archives.warc(PAGES)
    assert damaged("a.warc", b"").detail == "the web archive has no records"
    assert damaged("a.warc", PASSED_OVER[0]).detail == (
        "it holds no page: no HTML, PDF or plain text"
    )
    fault = damaged("a.warc", b"no web archive\r\n" * 9)
    assert fault.reason is SkipReason.BROKEN
    assert fault.detail.startswith("the web archive is damaged at record 1: ")
    cut = web_archives.warc_gz(PAGES)[:-30]
    assert damaged("a.warc.gz", cut).detail == "the compressed file is cut short"
    assert [texts(article) for article in read(whole + b"garbage\r\n" * 9)[:2]] == PAGES


def test_a_package_without_a_web_archive_or_damaged() -> None:
    whole = web_archives.wacz(PAGES)
    without = whole.replace(b"archive/data", b"archief/data")
    assert damaged("a.wacz", without).detail == 'it holds no web archive in its folder "archive"'
    fault = damaged("a.wacz", whole[:-40])
    assert (fault.reason, fault.detail) == (
        SkipReason.BROKEN,
        "the package is damaged: File is not a zip file",
    )


@pytest.mark.parametrize(("name", "data"), MADE)
def test_web_archives_are_known_by_their_content(name: str, data: bytes) -> None:
    plain = gzip.decompress(data) if name.endswith(".gz") else data
    expected = "wacz" if name == "a.wacz" else "warc"
    assert {pick_format(as_, plain).name for as_ in ("-", "capture", name)} == {expected}


def test_without_the_library_one_line_names_the_extra() -> None:
    code = (
        "import io, sys\n"
        "sys.modules['fastwarc'] = None\n"
        "from indexer.readers.reading import read_stream\n"
        "print(*read_stream(io.BytesIO(b'WARC/1.0'), source='a.warc'))\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "web archives need an extra: pip install 'passage-search[warc]'" in run.stdout


SEEDS = [
    (web_archives.warc(PAGES), "warc"),
    (record(ADDRESS, chunked(gzip.compress(HTML)), header=ENCODED[3][0]), "warc"),
    (web_archives.warc_gz(PAGES), "warc"),
    (web_archives.wacz(PAGES), "wacz"),
]


@settings(deadline=None, max_examples=120)
@given(
    st.sampled_from(SEEDS),
    st.lists(
        st.tuples(st.integers(-900, 900), st.integers(0, 9), st.binary(max_size=6)), max_size=5
    ),
)
def test_any_bytes_give_articles_or_reasons(
    seed: tuple[bytes, str], changes: list[tuple[int, int, bytes]]
) -> None:
    data = bytearray(seed[0])
    for place, length, new in changes:
        start = max(0, place if place >= 0 else len(data) + place)
        data[start : start + length] = new
    for found in read_stream(BytesIO(bytes(data)), source="a", format_name=seed[1]):
        assert isinstance(found, Article | Skipped)

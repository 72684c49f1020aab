"""Encodings: each gives the text that was written, and what is not text is refused."""

from __future__ import annotations

import gzip
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.articles import SkipReason
from indexer.readers.encoding import decode
from indexer.readers.faults import ReaderError

TEXTS = [
    ("Le café est fermé à Noël.", "cp1252"),
    ("Die Straße in München ist gesperrt.", "latin-1"),
    ("“Hello,” he said. “It’s the mayor’s office — call back.”", "cp1252"),
    ("café", "cp1252"),
    ("It cost £5 and 20°C outside", "cp1252"),
    ("Prices rose to €5 – a record", "cp1252"),
    ("¿Qué pasó mañana? El niño comió piñas.", "latin-1"),
    ("Wczoraj w Łodzi odbyło się spotkanie mieszkańców śródmieścia. " * 6, "cp1250"),
    ("Wczoraj w Łodzi odbyło się spotkanie mieszkańców śródmieścia. " * 6, "iso8859_2"),
    ("Вчера в городе прошла встреча жителей.", "cp1251"),
    ("Вчера в городе прошла встреча жителей.", "koi8_r"),
    ("Привет, мир", "cp1251"),
    ("Χθες στην πόλη έγινε συνάντηση των κατοίκων.", "cp1253"),
    ("昨日、市内で住民の集会が開かれた。市長は来年から工事を始めると述べた。", "shift_jis"),
    ("昨日、市内で住民の集会が開かれた。市長は来年から工事を始めると述べた。", "euc_jp"),
    ("昨天市里举行了居民会议。市长说明年开始施工。", "gb18030"),
    ("어제 시내에서 주민 회의가 열렸다. 시장은 공사를 시작한다고 말했다.", "euc_kr"),
]


@pytest.mark.parametrize(("text", "encoding"), TEXTS)
def test_legacy_encodings(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


CHARACTERS = st.characters(
    exclude_categories=["Cc", "Cs", "Cn", "Co"], exclude_characters="\ufeff\ufffd"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@given(text=st.text(CHARACTERS))
def test_unicode_encodings_give_the_text_back(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding)) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", ["Harbour lights\r\n", "Вчера в городе прошла встреча."])
def test_utf_16_without_a_mark_is_seen_by_its_zeros(encoding: str, text: str) -> None:
    data = text.encode(encoding)
    assert decode(data) == text.replace("\r\n", "\n")


def test_line_ends_become_one() -> None:
    assert decode(b"a\r\nb\rc\n\r\nd\n\re") == "a\nb\nc\n\nd\n\ne"


def test_text_is_composed() -> None:
    assert decode("cafe\u0301".encode()) == "caf\u00e9"


def test_a_broken_byte_does_not_spoil_a_utf_8_text() -> None:
    broken = "Größe, Straße, Äpfel ".encode() + b"caf\xe9"
    assert decode(broken) == "Größe, Straße, Äpfel café"


def test_a_large_text_is_judged_by_a_sample() -> None:
    plain = "A line of plain words.\n" * 4000
    accented = "Le café est fermé à Noël.\n" * 4000
    assert decode((plain + accented).encode("cp1252")) == plain + accented


def test_a_large_line_is_judged_by_a_sample() -> None:
    text = "Вчера в городе прошла встреча жителей. " * 4000
    assert decode(text.encode("cp1251")) == text


BINARY = [
    (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "it is not text: it holds zero bytes"),
    (b"plain words\x00and a zero", "it is not text: it holds zero bytes"),
    (b"\x01\x02\x03\x04 words", "it is not text: it is full of control characters"),
    (b"%PDF-1.7\nwords", "it is a PDF document, and no text"),
    (
        b"PK\x03\x04words",
        "it is a zip archive or an office document, and no text",
    ),
    (b"\xff\xfe" + b"\x01\x02\x03\x00" * 40, "it is not text, though it begins as utf-16-le"),
    (
        bytes(range(0x80, 0x100)) * 2,
        "it is not text in any encoding known here",
    ),
]


@pytest.mark.parametrize(("data", "detail"), BINARY)
def test_what_is_not_text_is_refused(data: bytes, detail: str) -> None:
    with pytest.raises(ReaderError) as caught:
        decode(data)
    assert (caught.value.reason, str(caught.value)) == (SkipReason.BINARY, detail)


@pytest.mark.parametrize(
    "data", [gzip.compress(b"words and more words " * 9, mtime=0), b"\x7fELF\x02\x01\x01\x00"]
)
def test_other_files_are_no_text(data: bytes) -> None:
    with pytest.raises(ReaderError) as caught:
        decode(data)
    assert caught.value.reason is SkipReason.BINARY


@pytest.mark.parametrize(
    "data",
    [b"", b"plain", b"\x1b[1mbold\x1b[0m", "né“”".encode(), b"caf\xe9", b"page\x0cpage"],
)
def test_odd_bytes_do_not_make_a_text_binary(data: bytes) -> None:
    assert decode(data) or not data

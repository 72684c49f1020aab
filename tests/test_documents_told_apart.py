"""Which documents are which by what is in them, and what is said of those that are not read."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pytest

from indexer.articles import Skipped, SkipReason
from indexer.readers.formats import pick_format
from tests.making.archives import zip_of
from tests.making.documents import (
    compound,
    docx,
    epub,
    odp,
    odt,
    open_flat,
    open_parts,
    pptx,
    zipped,
)
from tests.readings import read_articles

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MAKERS: dict[str, Callable[[Sequence[Sequence[str]]], bytes]] = {
    "docx": docx,
    "epub": epub,
    "odp": odp,
    "odt": odt,
    "pptx": pptx,
}
PAGES = [["Tides", "They rise."]]


@pytest.mark.parametrize("name", MAKERS)
def test_the_content_tells_where_the_name_does_not(name: str) -> None:
    data = MAKERS[name](PAGES)
    assert pick_format("-", data).name == name
    assert pick_format("report.doc", data).name == name
    assert pick_format("report.zip", data).name == name


OTHERS = [
    (zipped({"a.txt": "word/"}), "zip"),
    (zip_of([("a.docx", docx(PAGES)), ("b.txt", b"Tides.")], zipfile.ZIP_STORED), "zip"),
    (zipped({"[Content_Types].xml": "", "xl/workbook.xml": ""}), "spreadsheet"),
    (zipped(open_parts("", kind="spreadsheet")), "spreadsheet"),
    (open_flat("", kind="presentation"), "odp"),
    (open_flat(""), "odt"),
    (b"<office:document is what it begins with", "text"),
]


@pytest.mark.parametrize(("data", "name"), OTHERS)
def test_other_zips_and_flat_files(data: bytes, name: str) -> None:
    assert pick_format("-", data).name == name
    if data.startswith(b"PK"):
        assert pick_format("report.zip", data).name == name


ENCRYPTED = "the document is encrypted; open it with its password and save it without one"
OLD_SHEET = "it is a spreadsheet of the old kind (.xls); save its sheets as CSV"
UNKNOWN = "it is a compound file (OLE) of a program that is not known here, and no text"
COMPOUND = [
    (("DataSpaces", "EncryptionInfo", "EncryptedPackage"), SkipReason.PROTECTED, ENCRYPTED),
    (
        ("a", "b", "c", "d", "e", "WordDocument"),
        SkipReason.BINARY,
        "it is a Word document of the old kind (.doc); save it as .docx",
    ),
    (
        ("PowerPoint Document",),
        SkipReason.BINARY,
        "it is a presentation of the old kind (.ppt); save it as .pptx",
    ),
    (("Workbook",), SkipReason.BINARY, OLD_SHEET),
    (("Book",), SkipReason.BINARY, OLD_SHEET),
    (
        ("__properties_version1.0",),
        SkipReason.BINARY,
        "it is a message of Outlook (.msg); save it as .eml",
    ),
    (("else",), SkipReason.BINARY, UNKNOWN),
]


@pytest.mark.parametrize(("names", "reason", "detail"), COMPOUND)
def test_compound_files_are_told_by_what_is_in_them(
    names: tuple[str, ...], reason: SkipReason, detail: str
) -> None:
    for source in ("a.doc", "a.txt", "a.docx", "a.odt", "a.pptx", "a.epub", "a.xlsx", "-"):
        found = list(read_articles(compound(*names), source=source))
        assert found == [Skipped(source, reason, detail)]


def test_a_compound_file_that_is_cut_short_or_goes_in_circles_is_told() -> None:
    whole = compound("a", "b", "c", "d", "WordDocument")
    circle = bytearray(whole)
    circle[512 + 4 : 512 + 8] = (1).to_bytes(4, "little")
    for data in (whole[:8], whole[:600], whole[:1100], bytes(circle), whole[:30] + b"\xff" * 900):
        assert list(read_articles(data, source="a")) == [Skipped("a", SkipReason.BINARY, UNKNOWN)]


def test_a_spreadsheet_says_what_to_do() -> None:
    data = zipped({"[Content_Types].xml": "", "xl/workbook.xml": ""})
    assert list(read_articles(data, source="a.xlsx")) == [
        Skipped(
            "a.xlsx",
            SkipReason.BINARY,
            "it is a spreadsheet, and no text; save its sheets as CSV",
        )
    ]

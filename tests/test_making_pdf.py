"""The documents that are made say what their truth says they say."""

from __future__ import annotations

import pypdfium2
import pytest

from tests.east_asian_fonts import need_east_asian_font
from tests.making.pdf import pdf, scanned_pdf
from tests.making.pdf_documents import Half, halves
from tests.making.pdf_reportlab import MAKERS, made_by_reportlab
from tests.making.pdf_writing import Kind, without_notes

PASSWORD = "plum"  # noqa: S105 - opens nothing but the test's own document


def letters(text: str) -> str:
    return "".join(character for character in text if character.isalnum())


def page_letters(data: bytes) -> list[str]:
    pages = pypdfium2.PdfDocument(data)
    return [letters(page.get_textpage().get_text_range()) for page in pages]


@pytest.mark.parametrize("name", ["book", "columns-two", "lists", "table-plain", "japanese"])
def test_the_parts_stand_on_their_pages_in_order(name: str) -> None:
    if name == "japanese":
        need_east_asian_font()
    made = made_by_reportlab(name)
    pages = page_letters(made.data)
    assert len(pages) == made.pages
    numbers = [part.page for part in made.parts]
    assert numbers == sorted(numbers)
    for part in made.parts:
        begun = letters(without_notes(part.text))[:8]
        if part.kind is not Kind.ROW and name != "book":  # a drop cap is drawn after its line
            assert begun in pages[part.page - 1], part


def test_notes_stand_on_the_page_of_their_mark() -> None:
    made = made_by_reportlab("footnotes")
    pages = page_letters(made.data)
    notes = [part for part in made.parts if part.kind is Kind.NOTE]
    assert len(notes) == 20
    for note in notes:
        assert letters(note.mark + note.text)[:12] in pages[note.page - 1]


def test_the_same_document_each_time() -> None:
    assert made_by_reportlab("columns-notes") == made_by_reportlab("columns-notes")


def test_half_of_the_documents_is_held_whatever_they_say() -> None:
    half_of = halves(make.__name__ for make in MAKERS)
    assert half_of["book"] is Half.OPEN
    assert half_of["captions"] is Half.HELD
    assert sum(half is Half.HELD for half in half_of.values()) == len(MAKERS) // 2


def test_pages_of_paragraphs() -> None:
    long = " ".join(["plums"] * 60)
    data = pdf([["One plum.", long], ["Two plums."]], title="On plums", author="A. Plum")
    document = pypdfium2.PdfDocument(data)
    assert document.get_metadata_dict()["Title"] == "On plums"
    first, second = page_letters(data)
    assert first == "Oneplum" + "plums" * 60
    assert second == "Twoplums"


def test_a_password_is_needed() -> None:
    data = pdf([["A plum."]], password=PASSWORD)
    with pytest.raises(pypdfium2.PdfiumError):
        pypdfium2.PdfDocument(data)
    assert len(pypdfium2.PdfDocument(data, password=PASSWORD)) == 1
    assert len(pypdfium2.PdfDocument(pdf([["A plum."]], password=""))) == 1


def test_pictures_have_no_text() -> None:
    assert page_letters(scanned_pdf(2)) == ["", ""]

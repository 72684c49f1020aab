"""Where in documents passages stand: found by it, shown, cited, and kept by the index."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from indexer.model import Lines, Paragraph, has_lines, has_own_lines, is_inside, locator_text
from indexer.storage.records import paragraph_bytes, paragraph_of
from indexer.text.places import place_terms
from search.output.render import render
from search.output.styles import Style
from search.query.parser import parse_query
from search.reading import reading
from tests.commands import sh
from tests.passages import article, found_texts, index_of_articles

if TYPE_CHECKING:
    from pathlib import Path

    from indexer.model import Locator
    from search.index import Index
    from tests.passages import SmallArticle

PLACES: dict[str, Locator] = {
    "Fog lay on the quay.": (("page", 1),),
    "The bell rang twice.": (("page", 2),),
    "Nobody came to the bell.": (("page", 12),),
    "The ferry was late.": (("chapter", "The Crossing"), ("page", 120)),
    "She counted lanterns.": (("chapter", "Crossing again, by Élodie"),),
    "A gull laughed.": (("time", "00:12:03"),),
    "The mate swore.": (("time", "01:00:12"),),
    "Rope lay in coils.": (("member", "docs/rope.txt"),),
    "Salt on the glass.": (),
}


NUMBER = "write a number or a range of them, such as 12 or 12..20 (searched as words)"
TIME = (
    "write hours, minutes and seconds or a range, such as 00:12:30 or 00:12..00:20"
    " (searched as words)"
)


def placed() -> tuple[SmallArticle, ...]:
    small = article("harbour.pdf", *PLACES, title="Harbour")
    plain = article("bell.txt", "The bell of the plain text.")
    return replace(small, locators=tuple(PLACES.values())), plain


@pytest.fixture(scope="module")
def harbour() -> Index:
    return index_of_articles(*placed())


PLACE_ROWS = [
    ("page:2", {"The bell rang twice."}),
    ("page:002", {"The bell rang twice."}),
    ("page:2..12", {"The bell rang twice.", "Nobody came to the bell."}),
    ("page:12..", {"Nobody came to the bell.", "The ferry was late."}),
    ("page:..2", {"Fog lay on the quay.", "The bell rang twice."}),
    ("bell page:12", {"Nobody came to the bell."}),
    ("bell page:2 page:12", {"The bell rang twice.", "Nobody came to the bell."}),
    ("bell -page:2", {"Nobody came to the bell.", "The bell of the plain text."}),
    ("bell -page:*", {"The bell of the plain text."}),
    ("chapter:crossing", {"The ferry was late.", "She counted lanterns."}),
    ('chapter:"the CROSSING"', {"The ferry was late."}),
    ("chapter:elodie", {"She counted lanterns."}),
    ("chapter:cross", set()),
    ("chapter:*cross*", {"The ferry was late.", "She counted lanterns."}),
    ("chapter:crossing page:120", {"The ferry was late."}),
    ("time:00:12", {"A gull laughed."}),
    ("time:00:12:03", {"A gull laughed."}),
    ("time:00:12..01", {"A gull laughed.", "The mate swore."}),
    ("member:docs/rope.txt", {"Rope lay in coils."}),
    ("member:rope.txt", {"Rope lay in coils."}),
    ("member:docs/*", {"Rope lay in coils."}),
    ("page:13", set()),
    ("slide:2", set()),
]


@pytest.mark.parametrize(("query", "found"), PLACE_ROWS)
def test_passages_are_found_by_their_place(harbour: Index, query: str, found: set[str]) -> None:
    assert found_texts(harbour, query) == found


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (
            "page:two",
            f"page: takes no 'two'; {NUMBER}",
        ),
        (
            "slide:..",
            f"slide: takes no '..'; {NUMBER}",
        ),
        (
            "time:noon",
            f"time: takes no 'noon'; {TIME}",
        ),
    ],
)
def test_what_is_no_place_is_told(query: str, message: str) -> None:
    assert [warned.message for warned in parse_query(query).warnings] == [message]


def test_words_of_every_day_stay_words() -> None:
    for query in ("time: and tide", "A message: come home", "page :12"):
        assert "page:" not in str(parse_query(query).query)
        assert "time:" not in str(parse_query(query).query)
    assert reading(parse_query("bell page:2..4").query) == (
        "passages with: bell",
        "only from page 2..4",
    )


def test_a_place_is_shown_in_every_form(harbour: Index) -> None:
    page = harbour.search("ferry late")

    def shown(style: Style) -> str:
        return "".join(render(page, style=style, snippet_chars=None))

    assert "/articles/harbour.pdf · chapter The Crossing, page 120 · ¶ 4 · score" in shown(
        Style.TEXT
    )
    (record,) = map(json.loads, shown(Style.JSONL).splitlines())
    assert record["locator"] == {"chapter": "The Crossing", "page": 120}
    assert ',"chapter The Crossing, page 120",' in shown(Style.CSV)
    assert shown(Style.QUOTE).endswith(
        "— Harbour, /articles/harbour.pdf, chapter The Crossing, page 120\n"
    )
    assert "note = {chapter The Crossing, page 120, ¶ 4 (harbour.pdf\\#" in shown(Style.BIBTEX)
    assert shown(Style.VIMGREP).startswith("/articles/harbour.pdf:1:1:The ferry")


@pytest.mark.parametrize(
    ("locator", "text", "lines", "own", "inside"),
    [
        ((), "", True, True, False),
        ((("page", 3),), "page 3", False, False, False),
        ((("member", "a.txt"),), "member a.txt", True, False, True),
        ((("message", 2), ("member", "a.pdf"), ("page", 1)), "", False, False, True),
    ],
)
def test_what_lines_say(
    locator: Locator, text: str, *, lines: bool, own: bool, inside: bool
) -> None:
    assert has_lines(locator) is lines
    assert has_own_lines(locator) is own
    assert is_inside(locator) is inside
    assert not text or locator_text(locator) == text


def test_a_locator_is_stored_and_read() -> None:
    locator = (("chapter", 'Of "rope"'), ("page", 3))
    paragraph = Paragraph("a", 1, "abcdefgh", (), "Text.", Lines(2, 2), None, locator=locator)
    assert paragraph_of(paragraph_bytes(paragraph), "a", 1) == paragraph
    assert place_terms((*locator, ("page", 3))) == [
        b'chapter=of "rope"\0Of "rope"',
        b"page=000000003\x003",
    ]
    for spoilt in (b'2,"a",0,[],"",[],["page"]', b'2,"a",0,[],"",[],[1,2]', b'2,"a",0,[],"",[],7'):
        with pytest.raises((ValueError, TypeError)):
            paragraph_of(spoilt + b"\nText.", "a", 1)


def test_what_is_inside_of_an_archive_has_an_id_and_a_place(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("notes/fog.txt", "Fog.\n\nThe lighthouse went out at four.\n")
    (tmp_path / "box.zip").write_bytes(packed.getvalue())
    assert sh("indexer -i ix add box.zip", tmp_path).exit_code == 0
    (line,) = sh("search -i ix --format jsonl lighthouse", tmp_path).stdout.splitlines()
    record = json.loads(line)
    assert record["article"] == "box.zip:notes/fog.txt"
    assert record["locator"] == {"member": "notes/fog.txt"}
    shown = sh("search -i ix lighthouse member:fog.txt", tmp_path).stdout
    assert "\nbox.zip:notes/fog.txt:3 · ¶ 2 · " in shown
    assert sh("indexer -i ix add box.zip", tmp_path).stdout.startswith("1 article unchanged")

from __future__ import annotations

import csv
import io
import json
import os
from dataclasses import replace
from datetime import date
from pathlib import PurePosixPath
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.errors import Failure
from indexer.model import BlockKind, Lines, Paragraph, Span
from search.model import FoundArticle, Page, Passage, ScorePart
from search.output.records import COLUMNS
from search.output.render import render, render_error_json
from search.output.styles import DEFAULT_SNIPPET_CHARS, Style
from search.output.text import TextLook, score_text, summary_line
from search.output.wrapping import display_width
from search.query.faults import Warned
from search.request import Request
from tests.schemas import valid

ARTICLE = FoundArticle(
    article_id="orchard.txt",
    source="/home/mina/my files/notes/orchard.txt",
    title="An orchard on the roof",
    author="Mina Okafor",
    published=date(2024, 9, 3),
    language="en",
    url="https://roof.example/orchard",
    site="The Roof Gazette",
    extra=(("section", "Gardens"), ("tags", "bees"), ("tags", "\x1b[31m")),
)


def paragraph(number: int, text: str, headings: tuple[str, ...] = ()) -> Paragraph:
    return Paragraph(
        article_id="orchard.txt",
        number=number,
        digest=f"abcdefg{number}",
        headings=headings,
        text=text,
        lines=Lines(number * 2 + 1, number * 2 + 1),
        span=Span(number * 100, number * 100 + len(text)),
    )


PEARS = Passage(
    rank=1,
    score=7.412345678901234,
    paragraph=paragraph(
        2,
        "The pears came first, and the bees followed the pears up eleven floors.",
        ("Planting", "What grew"),
    ),
    article=ARTICLE,
    matches=(Span(4, 9), Span(30, 34), Span(48, 53)),
    coverage=0.75,
    parts=(ScorePart("pears", 5.25, 2.5, 1_200), ScorePart("bees", 2.162345678901234)),
    before=(paragraph(1, "Nobody had asked the landlord.", ("Planting",)),),
    after=(paragraph(3, "By August there was jam."),),
)
JAM = Passage(
    rank=2,
    score=0.5,
    paragraph=paragraph(3, "By August there was jam.")._replace(span=None),
    article=FoundArticle(article_id="orchard.txt", source="https://roof.example/jam"),
)
PAGE = Page(
    request=Request("pears bees )"),
    interpreted_as="pears bees",
    passages=(PEARS, JAM),
    total=14,
    warnings=(Warned('")" closes nothing and is left out', Span(11, 12)),),
    seconds=0.0032,
)
EMPTY = Page(request=Request("plums"), interpreted_as="plums", passages=(), total=0)
IN_FULL = PAGE._replace(request=Request("pears bees )", context=1, explain=True))


def rendered(
    page: Page,
    style: Style,
    look: TextLook | None = None,
    *,
    snippet_chars: int | None = DEFAULT_SNIPPET_CHARS,
) -> str:
    shown = "".join(render(page, style=style, look=look, snippet_chars=snippet_chars))
    return valid(shown) if style in {Style.JSON, Style.JSONL} else shown


HOST = os.uname().nodename
FOLDER = PurePosixPath("/home/mina/my files")


def page_of(text: str, *matches: Span, source: str = "notes/orchard.txt") -> Page:
    passage = JAM._replace(
        paragraph=paragraph(3, text),
        matches=matches,
        article=ARTICLE._replace(source=source),
    )
    return PAGE._replace(passages=(passage,), total=1)


# Text for people.


def test_text_off_a_terminal() -> None:
    assert rendered(PAGE, Style.TEXT, TextLook(folder=FOLDER)) == (
        "An orchard on the roof › Planting › What grew\n"
        "notes/orchard.txt:5 · ¶ 2 · score 7.412 · orchard.txt#abcdefg2\n"
        "https://roof.example/orchard\n"
        "  The pears came first, and the bees followed the pears up eleven floors.\n"
        "\n"
        "orchard.txt\n"
        "https://roof.example/jam · line 7 · ¶ 3 · score 0.5000 · orchard.txt#abcdefg3\n"
        "  By August there was jam.\n"
    )


def test_text_names_some_copies_and_counts_the_others() -> None:
    ids = tuple(f"notes/{name}.txt#abcdefg2" for name in "abcd")
    look = TextLook(folder=FOLDER)

    def last_line(named: int, copies: int) -> str:
        passage = JAM._replace(also_in=ids[:named], copies=copies)
        return rendered(PAGE._replace(passages=(passage,)), Style.TEXT, look).splitlines()[-1]

    assert last_line(1, 1) == "  also in notes/a.txt#abcdefg2"
    assert last_line(3, 3) == f"  also in {', '.join(ids[:3])}"
    assert last_line(4, 4) == f"  also in {', '.join(ids[:3])}, 1 more"
    assert last_line(4, 5_000) == f"  also in {', '.join(ids[:3])}, 4,997 more"


def test_copies_in_json_and_csv() -> None:
    ids = ("a b.txt#abcdefg2", "c\x1b.txt#abcdefg3")
    page = PAGE._replace(passages=(JAM._replace(also_in=ids, copies=120),))
    (passage,) = json.loads(rendered(page, Style.JSON))["passages"]
    assert (passage["also_in"], passage["copies"]) == (list(ids), 120)
    assert "\x1b" not in rendered(page, Style.JSON)
    (row,) = csv.DictReader(io.StringIO(rendered(page, Style.CSV), newline=""))
    assert row["also_in"] == " ".join(ids)


def test_text_of_no_passages_is_empty() -> None:
    assert rendered(EMPTY, Style.TEXT) == ""


def test_text_on_a_narrow_terminal() -> None:
    look = TextLook(width_columns=30, folder=FOLDER)
    assert rendered(IN_FULL._replace(passages=(PEARS,)), Style.TEXT, look) == (
        "query: pears bees\n"
        "\n"
        "An orchard on the roof ›\n"
        "  Planting › What grew\n"
        "notes/orchard.txt:5 · ¶ 2\n"
        "  score 7.412\n"
        "  orchard.txt#abcdefg2\n"
        "https://roof.example/orchard\n"
        "  3- Nobody had asked the\n"
        "     landlord.\n"
        "  5: The pears came first, and\n"
        "     the bees followed the\n"
        "     pears up eleven floors.\n"
        "  7- By August there was jam.\n"
        "  score 7.4123\n"
        "    5.2500  pears (idf 2.50,\n"
        "            in 1,200)\n"
        "    2.1623  bees\n"
    )


def test_colour_and_links() -> None:
    look = TextLook(
        width_columns=40,
        colour=True,
        folder=FOLDER,
        hyperlinks=True,
    )
    request = replace(PAGE.request, context=1)
    page = PAGE._replace(request=request, passages=(PEARS,))
    assert rendered(page, Style.TEXT, look).splitlines() == [
        "\x1b[1mAn orchard on the roof\x1b[0m › Planting ›",
        "  What grew",
        (
            f"\x1b]8;;file://{HOST}/home/mina/my%20files/notes/orchard.txt#L5\x1b\\"
            "\x1b[36mnotes/orchard.txt:5\x1b[0m\x1b]8;;\x1b\\"
            "\x1b[2m · ¶ 2\x1b[0m\x1b[2m · score 7.412\x1b[0m"
        ),
        "  \x1b[2morchard.txt#abcdefg2\x1b[0m",
        (
            "\x1b]8;;https://roof.example/orchard#:~:text=The%20pears%20came%20first%2C%20and%20the%20"
            "bees%20followed%20the%20pears%20up%20eleven%20floors.\x1b\\"
            "\x1b[36mhttps://roof.example/orchard\x1b[0m\x1b]8;;\x1b\\"
        ),
        "  \x1b[2m3- \x1b[0m\x1b[2mNobody had asked the landlord.\x1b[0m",
        "  \x1b[36m5: \x1b[0mThe \x1b[1;31mpears\x1b[0m came first, and the \x1b[1;31mbees\x1b[0m",
        "     followed the \x1b[1;31mpears\x1b[0m up eleven",
        "     floors.",
        "  \x1b[2m7- \x1b[0m\x1b[2mBy August there was jam.\x1b[0m",
    ]


def test_match_over_two_lines_is_marked_on_both() -> None:
    look = TextLook(width_columns=12, colour=True)
    shown = rendered(page_of("ripe pears here", Span(0, 10)), Style.TEXT, look).splitlines()
    assert shown[-2:] == ["  \x1b[1;31mripe pears\x1b[0m", "  here"]
    shown = rendered(page_of("so ripe pears", Span(3, 13)), Style.TEXT, look).splitlines()
    assert shown[-2:] == ["  so \x1b[1;31mripe\x1b[0m", "  \x1b[1;31mpears\x1b[0m"]


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("/srv/a#b.txt", f"file://{HOST}/srv/a%23b.txt#L7"),
        ("https://roof.example/ö?a=1&b=%20", "https://roof.example/%C3%B6?a=1&b=%20"),
        ("https://roof.example/\x1b\\x", "https://roof.example/%1B%5Cx"),
    ],
)
def test_link_targets(source: str, target: str) -> None:
    look = TextLook(folder=PurePosixPath("/home"), hyperlinks=True)
    assert f"\x1b]8;;{target}\x1b\\" in rendered(page_of("x", source=source), Style.TEXT, look)


def test_standard_input_is_no_link() -> None:
    look = TextLook(folder=PurePosixPath("/home"), hyperlinks=True)
    page = page_of("x", source="-")
    passage = page.passages[0]._replace(article=ARTICLE._replace(source="-", url=""))
    assert "\x1b" not in rendered(page._replace(passages=(passage,)), Style.TEXT, look)


def test_an_address_that_runs_something_is_not_shown() -> None:
    look = TextLook(hyperlinks=True)
    for url in ("javascript:alert(1)", "data:text/html,x", "file:///etc/passwd"):
        passage = PEARS._replace(article=ARTICLE._replace(url=url))
        shown = rendered(PAGE._replace(passages=(passage,)), Style.TEXT, look)
        assert f"\x1b]8;;{url}" not in shown


def test_long_paragraph_becomes_a_snippet_unless_full() -> None:
    text = "The bees slept. " * 50 + "The pears did not."
    page = page_of(text, Span(804, 809))
    cut = rendered(page, Style.TEXT, snippet_chars=50).splitlines()[3]
    assert cut == "  …bees slept. The bees slept. The pears did not."
    assert rendered(page, Style.TEXT, snippet_chars=None).splitlines()[3] == f"  {text}"


def test_article_cannot_steer_the_terminal() -> None:
    hostile = "a\x1b]0;b\x07c\x9bd\x7fe\rf\tg\u2028h\udcffi"
    passage = JAM._replace(
        paragraph=paragraph(3, hostile, (f"{hostile}\nx",))._replace(article_id=hostile),
        article=FoundArticle(article_id=hostile, source=hostile, title=f"{hostile}\nx"),
        before=(paragraph(2, hostile),),
        parts=(ScorePart(hostile, 0.5),),
    )
    page = IN_FULL._replace(passages=(passage,), interpreted_as=hostile)
    shown = rendered(page, Style.TEXT, TextLook(width_columns=60))
    assert set(shown) & set("\x1b\x07\x9b\x7f\r\t\u2028\udcff") == set()
    assert shown.count("a␛]0;b␇c�d␡e␍f g h�i") == 6
    # A name is shown letter by letter.
    assert shown.count("a␛]0;b␇c�d␡e␍f␉g␤h�i:") == 1
    assert shown.count("a␛]0;b␇c�d␡e␍f␉g␤h�i#") == 1


def test_code_keeps_its_lines() -> None:
    page = page_of("if ripe:\n    pick()", Span(13, 17))
    code = page.passages[0].paragraph._replace(kind=BlockKind.CODE)
    page = page._replace(passages=(page.passages[0]._replace(paragraph=code),))
    assert rendered(page, Style.TEXT).endswith("\n  if ripe:\n      pick()\n")


@given(st.text(alphabet="pear 港口,\u0301", max_size=80), st.integers(20, 60))
def test_paragraph_lines_fit_the_terminal(text: str, width_columns: int) -> None:
    look = TextLook(width_columns=width_columns)
    for line in rendered(page_of(text.strip()), Style.TEXT, look).splitlines()[3:]:
        assert display_width(line) <= width_columns or len(line.split()) == 1


@pytest.mark.parametrize(
    ("total", "returned", "offset", "seconds", "line"),
    [
        (14, 2, 0, 0.0032, "2 of 14 passages, 3 ms"),
        (2, 2, 0, 0.0004, "2 passages, under 1 ms"),
        (1, 1, 0, 1.26, "1 passage, 1.3 s"),
        (0, 0, 0, 0.0151, "no passages, 15 ms"),
        (12345, 2, 10, 0.5, "11-12 of 12,345 passages, 500 ms"),
        (3, 0, 10, 0.9999, "0 of 3 passages, 1.0 s"),
    ],
)
def test_summary(total: int, returned: int, offset: int, seconds: float, line: str) -> None:
    passages = PAGE.passages[:returned]
    request = replace(PAGE.request, offset=offset)
    page = PAGE._replace(request=request, passages=passages, total=total, seconds=seconds)
    assert summary_line(page) == line


@pytest.mark.parametrize(
    ("total", "copies", "asked", "line"),
    [
        (5, 3, {}, "2 of 5 passages, the others copies of them, 3 ms"),
        (5, 9, {}, "2 of 5 passages, the others copies of them, 3 ms"),
        (5, 2, {}, "2 of 5 passages, 3 ms"),  # cut for another reason
        (5, 3, {"limit": 2}, "2 of 5 passages, 3 ms"),
        (2, 3, {}, "2 passages, 3 ms"),
    ],
)
def test_summary_of_copies(total: int, copies: int, asked: dict[str, int], line: str) -> None:
    passages = (PEARS._replace(copies=copies), JAM)
    request = replace(PAGE.request, **asked)  # type: ignore[arg-type]
    page = PAGE._replace(request=request, passages=passages, total=total)
    assert summary_line(page) == line


@pytest.mark.parametrize(
    ("score", "text"),
    [(0.0, "0.000"), (0.012345, "0.01235"), (999.96, "1000"), (12345.6, "12346"), (7.0, "7.000")],
)
def test_score_has_four_digits(score: float, text: str) -> None:
    assert score_text(score) == text


# JSON.


def test_json_object() -> None:
    assert json.loads(rendered(PAGE, Style.JSON)) == {
        "schema_version": 2,
        "query": "pears bees )",
        "interpreted_as": "pears bees",
        "warnings": [{"message": '")" closes nothing and is left out', "span": [11, 12]}],
        "partial": False,
        "total": 14,
        "offset": 0,
        "returned": 2,
        "diagnosis": None,
        "did_you_mean": None,
        "unknown": [],
        "passages": [
            {
                "rank": 1,
                "score": 7.412345678901234,
                "id": "orchard.txt#abcdefg2",
                "article": "orchard.txt",
                "title": "An orchard on the roof",
                "headings": ["Planting", "What grew"],
                "paragraph": 2,
                "lines": [5, 5],
                "locator": None,
                "span": [200, 271],
                "text": PEARS.paragraph.text,
                "snippet": PEARS.paragraph.text,
                "matches": [[4, 9], [30, 34], [48, 53]],
                "coverage": 0.75,
                "source": "/home/mina/my files/notes/orchard.txt",
                "url": "https://roof.example/orchard",
                "published": "2024-09-03",
                "author": "Mina Okafor",
                "language": "en",
                "site": "The Roof Gazette",
                "extra": {"section": ["Gardens"], "tags": ["bees", "\x1b[31m"]},
                "stale": None,
                "also_in": [],
                "copies": 0,
            },
            {
                "rank": 2,
                "score": 0.5,
                "id": "orchard.txt#abcdefg3",
                "article": "orchard.txt",
                "title": "",
                "headings": [],
                "paragraph": 3,
                "lines": [7, 7],
                "locator": None,
                "span": None,
                "text": "By August there was jam.",
                "snippet": "By August there was jam.",
                "matches": [],
                "coverage": None,
                "source": "https://roof.example/jam",
                "url": None,
                "published": None,
                "author": None,
                "language": None,
                "site": None,
                "extra": {},
                "stale": None,
                "also_in": [],
                "copies": 0,
            },
        ],
    }


def test_json_keys_stand_in_the_documented_order() -> None:
    first = rendered(PAGE, Style.JSONL).splitlines()[0]
    assert list(json.loads(first)) == [
        "rank",
        "score",
        "id",
        "article",
        "title",
        "headings",
        "paragraph",
        "lines",
        "locator",
        "span",
        "text",
        "snippet",
        "matches",
        "coverage",
        "source",
        "url",
        "published",
        "author",
        "language",
        "site",
        "extra",
        "stale",
        "also_in",
        "copies",
    ]


def test_json_details() -> None:
    first, second = json.loads(rendered(IN_FULL, Style.JSON))["passages"]
    assert first["explanation"] == [
        {"part": "pears", "score": 5.25, "idf": 2.5, "holding": 1_200},
        {"part": "bees", "score": 2.162345678901234, "idf": None, "holding": None},
    ]
    assert first["before"] == [
        {
            "paragraph": 1,
            "id": "orchard.txt#abcdefg1",
            "text": "Nobody had asked the landlord.",
            "lines": [3, 3],
            "locator": None,
        }
    ]
    assert [neighbour["paragraph"] for neighbour in first["after"]] == [3]
    assert (second["explanation"], second["before"], second["after"]) == ([], [], [])


@pytest.mark.parametrize(
    ("asked", "keys"),
    [
        ({}, set()),
        ({"explain": True}, {"explanation"}),
        ({"context": 2}, {"before", "after"}),
    ],
)
def test_json_holds_what_was_asked_for(asked: dict[str, Any], keys: set[str]) -> None:
    page = PAGE._replace(request=Request("pears bees )", **asked))
    for passage in json.loads(rendered(page, Style.JSON))["passages"]:
        assert passage.keys() & {"explanation", "before", "after"} == keys


def test_json_snippet_is_cut_and_text_is_not() -> None:
    first = json.loads(rendered(PAGE, Style.JSONL, snippet_chars=24).splitlines()[0])
    assert first["snippet"] == "The pears came first,…"
    assert first["text"] == PEARS.paragraph.text


def test_json_without_passages() -> None:
    shown = json.loads(rendered(EMPTY, Style.JSON))
    assert (shown["total"], shown["returned"], shown["passages"]) == (0, 0, [])
    assert rendered(EMPTY, Style.JSONL) == ""


def test_json_of_an_error() -> None:
    failure = Failure("index_missing", 'no index at "x"', "", 3)
    assert valid(render_error_json(failure)) == (
        '{"schema_version": 2, "error": {"code": "index_missing", '
        '"message": "no index at \\"x\\"", "hint": null, "exit_code": 3, "span": null}}\n'
    )


@given(st.text(alphabet=st.characters(), max_size=30))
def test_json_is_utf8_on_one_line_and_gives_the_text_back(text: str) -> None:
    line = rendered(page_of(text), Style.JSONL)
    assert len(line.encode().decode().splitlines()) == 1
    assert json.loads(line)["text"] == text


@pytest.mark.parametrize("char", ["\udce9", "\x9b", "\x7f", "\u2028", "\x1b"])
def test_json_escapes_what_could_harm_its_reader(char: str) -> None:
    line = rendered(page_of(f"a{char}b"), Style.JSONL)
    assert f"a\\u{ord(char):04x}b" in line
    assert json.loads(line)["text"] == f"a{char}b"


# CSV, TSV, ids.


def test_csv() -> None:
    assert rendered(PAGE, Style.CSV) == (
        f"{','.join(COLUMNS)}\n"
        "1,7.412345678901234,orchard.txt#abcdefg2,orchard.txt,An orchard on the roof,"
        'Planting › What grew,2,5,5,,"The pears came first, and the bees followed the pears up'
        ' eleven floors.",/home/mina/my files/notes/orchard.txt,https://roof.example/orchard,'
        "2024-09-03,Mina Okafor,en,The Roof Gazette,,\n"
        "2,0.5,orchard.txt#abcdefg3,orchard.txt,,,3,7,7,,By August there was jam.,"
        "https://roof.example/jam,,,,,,,\n"
    )


@given(st.text(max_size=30))
def test_csv_gives_the_text_back(text: str) -> None:
    written = io.StringIO(rendered(page_of(text), Style.CSV), newline="")
    (row,) = csv.DictReader(written)
    assert row["text"] == text


@given(st.text(max_size=30))
def test_tsv_has_one_line_a_passage_and_one_tab_a_column(text: str) -> None:
    shown = rendered(page_of(text), Style.TSV).splitlines()
    assert [line.count("\t") for line in shown] == [len(COLUMNS) - 1] * 2


def test_tsv() -> None:
    header, row = rendered(page_of('a\tb\n"c"'), Style.TSV).splitlines()
    assert header.split("\t") == list(COLUMNS)
    assert row.split("\t")[COLUMNS.index("text")] == 'a b "c"'


@pytest.mark.parametrize("style", [Style.CSV, Style.TSV])
def test_tables_have_a_header_without_passages(style: Style) -> None:
    assert len(rendered(EMPTY, style).splitlines()) == 1


def test_ids() -> None:
    assert rendered(PAGE, Style.IDS) == "orchard.txt#abcdefg2\norchard.txt#abcdefg3\n"
    ended = "".join(render(PAGE, style=Style.IDS, end_of_id="\0"))
    assert ended == "orchard.txt#abcdefg2\0orchard.txt#abcdefg3\0"

"""What is told where a query finds nothing or holds an unknown word."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from indexer.model import Span
from indexer.storage.index import PassageIndex
from search.deadline import Deadline, SearchTimeoutError
from search.index import Index
from search.model import Diagnosis, Page, Suggestion, TermCount
from search.output.render import render, render_suggestions
from search.output.styles import Style
from search.output.text import advice_lines
from search.query.faults import Strictness
from search.request import Request
from tests.commands import Ran, copy_sample, sh
from tests.passages import add_article, article, index_of, index_of_articles
from tests.schemas import valid

if TYPE_CHECKING:
    from pathlib import Path

TEXTS = (
    "The lantern hung over the harbour gate.",
    "A lantern and a ladder stood in the shed.",
    "Every lantern was lit before the ferry came.",
    "The harbour master counted barrels.",
    "Barrels rolled down the old ladder.",
    "One landern was misspelt by the clerk.",
)


@pytest.fixture(scope="module")
def harbour() -> Index:
    return index_of(*TEXTS)


def diagnosed(index: Index, query: str, *, all_words: bool = False) -> Diagnosis:
    page = index.search(query, all_words=all_words)
    assert page.total == 0
    assert page.diagnosis is not None
    return page.diagnosis


def told(index: Index, query: str, *, all_words: bool = False) -> list[str]:
    return list(advice_lines(index.search(query, all_words=all_words)))


def test_a_diagnosis_in_full(harbour: Index) -> None:
    assert diagnosed(harbour, "ladder AND lanterrn") == Diagnosis(
        terms=(TermCount("ladder", 2, Span(0, 6)), TermCount("lanterrn", 0, Span(11, 19))),
        empty="lanterrn",
        suggestions=(Suggestion("lanterrn", "lantern", 3), Suggestion("lanterrn", "landern", 1)),
        relaxed="ladder AND lantern",
    )


WORDS = st.sampled_from(["the", "a", "lantern", "harbour", "ferry", "gate", "shed", "zzyzx", "old"])
PARTS = st.lists(WORDS, min_size=1, max_size=3).map(lambda words: '"' + " ".join(words) + '"')


@given(st.lists(WORDS | PARTS, min_size=1, max_size=4), st.sampled_from([" ", " AND "]))
@example(["the", "gate", "shed"], " AND ")
@example(["the", "zzyzx"], " AND ")
@example(["the", '"a the"'], " AND ")
@settings(deadline=None)
def test_what_is_told_of_parts_is_what_they_find(
    harbour: Index, parts: list[str], joiner: str
) -> None:
    diagnosis = harbour.search(joiner.join(parts)).diagnosis
    if diagnosis is None:
        return
    for one in diagnosis.terms:
        assert harbour.search(one.label).total == one.passages
    assert diagnosis.empty is not None
    assert harbour.search(diagnosis.empty).total == 0
    found = [harbour.search(word).total for part in parts for word in part.strip('"').split()]
    assert (diagnosis.relaxed is not None) is any(found)
    if diagnosis.relaxed is not None:
        assert harbour.search(diagnosis.relaxed).total > 0


def test_deleted_passages_are_not_counted() -> None:
    stored = PassageIndex.in_memory()
    for small in (
        article("a", "A lantern, a ferry."),
        article("b", "A lantern."),
        article("c", "A ferry."),
    ):
        writer = stored.writer()
        add_article(writer, small)
        writer.commit_with({})
    writer = stored.writer()
    writer.delete_articles("article", "a")
    writer.commit_with({})
    index = Index.of(stored)
    assert diagnosed(index, "lantern AND ferry").terms == (
        TermCount("lantern", 1, Span(0, 7)),
        TermCount("ferry", 1, Span(12, 17)),
    )
    assert index.suggest("lanterrn") == (Suggestion("lanterrn", "lantern", 1),)


@pytest.mark.parametrize(
    ("query", "empty"),
    [
        ("zeppelin", "zeppelin"),
        ("zeppelin balloon", "zeppelin balloon"),
        ("zeppelin OR balloon", "zeppelin OR balloon"),
        ("lantern AND zeppelin", "zeppelin"),
        ("lantern AND (ladder AND zeppelin)^2", "zeppelin"),
        ("+zeppelin lantern", "zeppelin"),
        ("lantern AND barrels", "lantern AND barrels"),
        ("harbour AND lantern AND ladder", "harbour AND ladder"),
        ("lantern -lantern", "lantern AND NOT lantern"),
        ('"harbour ferry"', '"harbour ferry"'),
        ('"harbour zeppelin"', '"zeppelin"'),
        ("lang:fr lantern", "lang:fr"),
        ("lang:en zeppelin", "zeppelin"),
        ("+lantern lang:fr", "lang:fr"),
        ("NOT *", "NOT *"),
        ("zeppelin*", "zeppelin*"),
    ],
)
def test_the_part_that_made_the_query_empty(harbour: Index, query: str, empty: str) -> None:
    assert diagnosed(harbour, query).empty == empty


def test_three_parts_of_which_any_two_meet() -> None:
    index = index_of("plum pear", "pear quince", "quince plum")
    assert diagnosed(index, "plum AND pear AND quince").empty == "plum AND pear AND quince"


@pytest.mark.parametrize(
    ("query", "relaxed"),
    [
        ("lanterrn", "lantern"),
        ('"a lanterrn"', '"a lantern"'),
        ('"master harbour"', "master AND harbour"),
        ('"barrels ferry"', "barrels ferry"),
        ("lantern AND zeppelin", "lantern"),
        ("+zeppelin ladder", "ladder"),
        ("lantern AND barrels", "lantern barrels"),
        ("lantern AND barrels AND lang:en", "(lantern barrels) AND lang:en"),
        ("lang:fr lantern", "lantern"),
        ("lantern -lantern", "lantern"),
        ("zeppelin", None),
        ("zeppelin balloon", None),
        ("NOT *", None),
    ],
)
def test_the_relaxed_query(harbour: Index, query: str, relaxed: str | None) -> None:
    assert diagnosed(harbour, query).relaxed == relaxed
    if relaxed is not None:
        page = harbour.search(relaxed)
        assert page.total > 0
        assert page.interpreted_as == relaxed


def test_the_relaxed_query_finds_something_where_all_words_are_required(harbour: Index) -> None:
    relaxed = diagnosed(harbour, "lantern barrels", all_words=True).relaxed
    assert relaxed == "lantern OR barrels"
    assert harbour.search(relaxed, all_words=True).total == 5


def test_the_words_of_a_phrase_are_counted_as_they_stand_in_it(harbour: Index) -> None:
    terms = diagnosed(harbour, '"barrel ladder"').terms
    assert [(term.label, term.passages) for term in terms] == [
        ('"barrel ladder"', 0),
        ('"barrel"', 0),
        ('"ladder"', 2),
    ]


# Spellings.


def test_short_words_may_have_one_slip_and_longer_ones_two() -> None:
    index = index_of("A stone bridge.", "A marble bridge.")
    assert index.suggest("stune") == (Suggestion("stune", "stone", 1),)
    assert index.suggest("stunt") == ()
    assert index.suggest("murbul") == ()
    assert index.suggest("murbla") == (Suggestion("murbla", "marble", 1),)


def test_frequent_words_come_first_then_close_ones_then_the_alphabet() -> None:
    index = index_of("planter", "planters", "planters", "planner", "plantex")
    assert [one.replacement for one in index.suggest("plantez")] == [
        "planters",
        "planter",
        "plantex",
        "planner",
    ]


@pytest.mark.parametrize(
    "query",
    [
        "lantern",
        "lanterns",
        "zeppelin",
        "ab",
        "12345",
        "lanterrn*",
        "title:lanterrn",
        "-lanterrn x",
    ],
)
def test_words_without_a_suggestion(harbour: Index, query: str) -> None:
    assert harbour.suggest(query) == ()


def test_a_long_query_has_all_its_spellings_only_when_asked_for_them() -> None:
    words = ["apricot", "blueberry", "cranberry", "damson", "elderberry", "fig tree", "grapefruit"]
    words += ["hawthorn", "juniper", "kumquat", "lemongrass", "mulberry", "nectarine"]
    index = index_of(*words)
    query = " AND ".join(f"{word.split()[0]}qz" for word in words if word != "fig tree")
    assert len(index.suggest(query)) == 12
    assert len(diagnosed(index, query).suggestions) == 10


def test_only_words_of_letters_are_suggested() -> None:
    assert index_of("Route a1234b is closed, route a1-b2 too.").suggest("a1234c") == ()
    assert index_of("The code is lanter1.").suggest("lantern") == ()


def test_stop_words_are_not_suggested() -> None:
    assert index_of("They were there before.").suggest("thre") == ()
    index = index_of("We saw where it was.", "This is where.", "The whey was sour.")
    assert [one.replacement for one in index.suggest("wher")] == ["whey"]
    assert index.search("wher").did_you_mean is None


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("ladder lanterrn", "ladder lantern"),
        ("lanterrn^2 ladder Lanterrn", "lantern^2 ladder lantern"),
        ("+ladder (LANTERRN OR ferry)", "+ladder (lantern OR ferry)"),
        ("ladder lamterm", "ladder lantern"),
        ("lantrn", "lantern"),
        ("ladder lantern", None),
        ("ladder zeppelin", None),
        ("ladder lanterrn barels", None),
        ("ladder -lanterrn", None),
        ("ladder lanterrn~", None),
        ("lanterrn AND barrels", None),
    ],
)
def test_did_you_mean(harbour: Index, query: str, meant: str | None) -> None:
    page = harbour.search(query)
    assert page.did_you_mean == meant
    assert page.request.query == query


def test_the_closest_word_is_meant_and_two_letters_swapped_are_one_slip() -> None:
    index = index_of("calls", "calls", "cells", "protein", "proven", "proven")
    assert index.search("cellls").did_you_mean == "cells"
    assert index.search("protien").did_you_mean == "protein"


def test_a_rare_word_two_slips_away_is_not_meant() -> None:
    assert index_of("A marble bridge.").search("murbla").did_you_mean is None
    assert index_of("marble", "marble").search("murbla").did_you_mean == "marble"


def test_a_literal_query_is_respelt_as_well(harbour: Index) -> None:
    page = harbour.search("(lanterrn OR", strictness=Strictness.LITERAL)
    assert page.did_you_mean == "lantern OR"


# When nothing of it is told.


@pytest.mark.parametrize("query", ["", "  ", '""', "()", "--"])
def test_a_query_that_asks_for_nothing_has_no_diagnosis(harbour: Index, query: str) -> None:
    page = harbour.search(query)
    assert (page.total, page.diagnosis, page.did_you_mean) == (0, None, None)


def test_a_query_that_finds_something_has_no_diagnosis(harbour: Index) -> None:
    assert harbour.search("lantern zeppelin").diagnosis is None
    assert harbour.search("lantern", offset=50).diagnosis is None


def test_advice_can_be_left_out(harbour: Index) -> None:
    for query in ("zeppelin", "lanterrn", "ladder lanterrn"):
        page = harbour.search(query, advice=False)
        assert (page.diagnosis, page.did_you_mean) == (None, None)


def test_an_empty_index_has_a_diagnosis() -> None:
    assert diagnosed(index_of_articles(), "lantern AND ferry") == Diagnosis(
        terms=(TermCount("lantern", 0, Span(0, 7)), TermCount("ferry", 0, Span(12, 17))),
        empty="lantern",
    )


def test_a_literal_query_is_not_answered_with_operators(harbour: Index) -> None:
    page = harbour.search("ladder lanterrn", all_words=True, strictness=Strictness.LITERAL)
    assert page.diagnosis is not None
    assert page.diagnosis.relaxed is None
    assert page.did_you_mean == "ladder lantern" or page.did_you_mean is None


def test_a_suggestion_has_its_time_limit(harbour: Index) -> None:
    with pytest.raises(SearchTimeoutError):
        harbour.suggest("lanterrn", timeout_seconds=1e-9)


def test_looking_for_near_spellings_has_its_time_limit(harbour: Index) -> None:
    with pytest.raises(SearchTimeoutError):
        harbour.backend.near("lanterrn", 2, Deadline(1e-9))


# How it is told.


@pytest.mark.parametrize(
    ("query", "lines"),
    [
        ("lantern", []),
        ("zeppelin", ['"zeppelin" is in no passage']),
        ("lanterrn", ['"lanterrn" is in no passage', "did you mean: lantern"]),
        ("ladder lanterrn", ["did you mean: ladder lantern"]),
        ("zeppelin balloon", ["none of these is in any passage: zeppelin, balloon"]),
        (
            "lantern AND zeppelin",
            ["lantern 3, zeppelin 0; nothing has both", "this finds some: lantern"],
        ),
        (
            "lantern AND barrels",
            ["lantern 3, barrels 2; nothing has both", "this finds some: lantern barrels"],
        ),
        (
            "harbour AND lantern AND ladder",
            [
                "harbour 2, lantern 3, ladder 2; nothing matches harbour AND ladder",
                "this finds some: harbour lantern ladder",
            ],
        ),
        (
            '"harbour ferry"',
            [
                '"harbour ferry" 0, "harbour" 2, "ferry" 1; nothing matches "harbour ferry"',
                "this finds some: harbour ferry",
            ],
        ),
    ],
)
def test_advice_for_people(harbour: Index, query: str, lines: list[str]) -> None:
    assert told(harbour, query) == lines


def test_long_lists_are_cut() -> None:
    many = tuple(TermCount(f"w{number}", 0) for number in range(11))
    page = Page(Request("w"), "w", (), 0, diagnosis=Diagnosis(terms=many, empty="w"))
    assert list(advice_lines(page)) == [
        "none of these is in any passage: w0, w1, w2, w3, w4, w5, w6, w7, 3 more"
    ]


def test_advice_cannot_steer_a_terminal() -> None:
    terms = (TermCount("a\x1b[2J\nb", 0),)
    page = Page(Request("a"), "a", (), 0, diagnosis=Diagnosis(terms, relaxed="\x07c"))
    assert not any(char < " " for line in advice_lines(page) for char in line)


def test_json_of_a_diagnosis(harbour: Index) -> None:
    shown = json.loads(
        valid("".join(render(harbour.search("ladder AND lantrn"), style=Style.JSON)))
    )
    assert list(shown)[-4:] == ["diagnosis", "did_you_mean", "unknown", "passages"]
    assert shown["diagnosis"] == {
        "terms": [
            {"label": "ladder", "passages": 2, "span": [0, 6]},
            {"label": "lantrn", "passages": 0, "span": [11, 17]},
        ],
        "empty": "lantrn",
        "suggestions": [
            {"word": "lantrn", "replacement": "lantern", "passages": 3},
            {"word": "lantrn", "replacement": "landern", "passages": 1},
        ],
        "relaxed": "ladder AND lantern",
    }
    assert shown["did_you_mean"] == "ladder AND lantern"


def test_json_where_something_was_found(harbour: Index) -> None:
    shown = json.loads(valid("".join(render(harbour.search("ladder"), style=Style.JSON))))
    assert (shown["diagnosis"], shown["did_you_mean"]) == (None, None)


def test_suggestions_in_each_style() -> None:
    found = (Suggestion("Lantrn", "lantern", 3), Suggestion("Lantrn", "landern", 1))
    lines = ["Lantrn\tlantern\t3\n", "Lantrn\tlandern\t1\n"]
    assert list(render_suggestions("Lantrn", found, style=Style.TEXT)) == lines
    records = [
        {"word": "Lantrn", "replacement": "lantern", "passages": 3},
        {"word": "Lantrn", "replacement": "landern", "passages": 1},
    ]
    (whole,) = render_suggestions("Lantrn", found, style=Style.JSON)
    assert json.loads(valid(whole)) == {
        "schema_version": 2,
        "query": "Lantrn",
        "suggestions": records,
    }
    each = render_suggestions("Lantrn", found, style=Style.JSONL)
    assert [json.loads(line) for line in each] == records
    (none,) = render_suggestions("x", (), style=Style.JSON)
    assert json.loads(valid(none))["suggestions"] == []


# The command.


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    copy_sample(folder)
    (folder / "harbour.txt").write_text("\n\n".join(("The harbour", *TEXTS)), "utf-8")
    assert sh("indexer add --lang en harbour.txt", folder).exit_code == 0
    return folder


def test_the_command_lists_suggestions(home: Path) -> None:
    listed = sh("search --suggest ladder lanterrn", home)
    assert listed == Ran("lanterrn\tlantern\t3\nlanterrn\tlandern\t1\n", "", 0)
    assert sh("search --suggest ladder zeppelin", home) == Ran("", "", 1)
    assert sh("search --suggest -q lanterrn", home) == Ran("", "", 0)
    shown = json.loads(sh("search --suggest --json lanterrn", home).stdout)
    assert [one["replacement"] for one in shown["suggestions"]] == ["lantern", "landern"]
    assert sh("search --suggest -c lanterrn", home) == Ran(
        "", "search: --suggest lists words and --count counts passages; choose one\n", 2
    )


def test_the_command_gives_advice_on_standard_error_only_with_text(home: Path) -> None:
    done = sh("search lanterrn", home)
    assert (done.stdout, done.exit_code) == ("", 1)
    first, *advice = done.stderr.splitlines()
    assert first.startswith("no passages, ")
    assert advice == [
        'search: "lanterrn" is in no passage',
        "search: did you mean: lantern",
    ]
    assert sh("search --format ids lanterrn", home) == Ran("", "", 1)
    assert sh("search -c lanterrn", home) == Ran("0\n", "", 1)
    assert sh("search -q lanterrn", home) == Ran("", "", 1)


def test_a_word_of_titles_alone_is_looked_for_there() -> None:
    with index_of("A borrow ends with its scope.", "It must end.", title="Rust ownership") as index:
        page = index.search("Rust")
        assert page.did_you_mean is None
        assert page.diagnosis is not None
        assert page.diagnosis.relaxed == "title:Rust"


def test_words_that_are_left_out_are_not_told_of() -> None:
    with index_of("How do plants grow?", "I do not know.") as index:
        page = index.search("how do I photosynthesize")
        assert page.diagnosis is not None
        assert [term.label for term in page.diagnosis.terms] == ["photosynthesize"]


def test_a_first_answer_with_few_of_the_telling_words_is_called_weak() -> None:
    note = "the first answer has few of the telling words of the query"
    with index_of("The bridge is shut.", "A stone wall.") as index:
        assert list(advice_lines(index.search("bridge ferry tunnel harbour pier"))) == [note]
        assert list(advice_lines(index.search("bridge ferry tunnel", offset=1))) == []
        assert list(advice_lines(index.search("bridge shut"))) == []


def test_nothing_is_left_by_what_is_excluded() -> None:
    with index_of("A ferry.", "Another ferry.") as index:
        page = index.search("-ferry")
    assert page.diagnosis == Diagnosis((TermCount("ferry", 2, Span(1, 6)),), empty="NOT ferry")

"""Parameters: every option of the command has one, or a reason; what is refused, what is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
import pytest

from indexer.build import build_index
from search.cli import search_command
from search.query.faults import Strictness
from search.request import Request, Sort
from search.serve.api.endpoints import ENDPOINTS, SEARCH
from search.serve.api.kinds import Kind
from search.serve.api.parameters import ELSEWHERE, IDS, as_parameter, read_parameters, request_of
from tests.serving_app import asking, problem_at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.testclient import TestClient


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    home: Path = tmp_path_factory.mktemp("parameters")
    (home / "bees.txt").write_text("On bees\n\nA hive hums.\n", "utf-8")
    build_index([str(home / "bees.txt")], home / "ix")
    with asking(home / "ix") as client:
        yield client


def options() -> list[list[str]]:
    """The long names of each option of the command; of an argument its name for people."""
    context = click.Context(search_command)
    names = []
    for one in search_command.get_params(context):
        typed = [*one.opts, *one.secondary_opts] if isinstance(one, click.Option) else ["QUERY"]
        names.append([name for name in typed if not name.startswith("-") or name[:2] == "--"])
    return names


@pytest.mark.parametrize("names", options(), ids=lambda names: names[0])
def test_every_option_has_its_parameter_or_a_reason(names: list[str]) -> None:
    named = {name for one in (*SEARCH.parameters, IDS) for name in one.option.split("/")}
    for name in names:
        assert (name in named) + (name in ELSEWHERE) == 1, name


def test_no_parameter_is_for_an_option_that_is_none() -> None:
    there = {name for names in options() for name in names}
    for one in (*SEARCH.parameters, IDS):
        assert set(one.option.split("/")) <= there
    assert set(ELSEWHERE) <= there


def test_a_parameter_is_called_as_its_option() -> None:
    for one in SEARCH.parameters:
        name = one.option.rpartition("/")[2]
        assert one.name == ("q" if name == "QUERY" else as_parameter(name))


def test_each_parameter_reaches_the_request() -> None:
    given = {
        "q": "a b", "all": "1", "broaden": "true", "after": "2020", "before": "2021",
        "limit": "0007", "offset": "8", "sort": "date", "per_article": "2", "all_copies": "",
        "facets": "author, year,author", "context": "3", "explain": "0", "timeout": "1.5",
        "strict": "true",
    }  # fmt: skip
    several = [(name, value) for name in ("article", "source", "lang", "where") for value in "xy"]
    values = read_parameters([*given.items(), *several], SEARCH.parameters)
    assert request_of(values, SEARCH.parameters) == Request(
        "a b",
        all_words=True,
        broaden=True,
        articles=("x", "y"),
        sources=("x", "y"),
        languages=("x", "y"),
        where=("x", "y"),
        after="2020",
        before="2021",
        limit=7,
        offset=8,
        sort=Sort.DATE,
        per_article=2,
        all_copies=True,
        facets=("author", "year"),
        context=3,
        timeout_seconds=1.5,
        strictness=Strictness.STRICT,
    )


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("n", "did you mean limit?"),
        ("query", "did you mean q?"),
        ("per-article", "did you mean per_article?"),
        ("--per-article", "did you mean per_article?"),
        ("language", "did you mean lang?"),
        ("any", "did you mean all?"),
        ("C", "did you mean context?"),
        ("limt", "did you mean limit?"),
        ("json", "that is format=json, and what is given unless said"),
        ("suggest", "ask /api/suggest"),
        ("index", "the service has one index"),
        ("no-pager", "a terminal has a pager"),
    ],
)
def test_an_unknown_parameter_is_refused_with_a_hint(
    client: TestClient, name: str, hint: str
) -> None:
    assert problem_at(client, f"/api/search?q=x&{name}=3") == {
        "status": 400,
        "code": "usage",
        "detail": f"unknown parameter {name!r}",
        "hint": hint,
    }


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda one: one.path)
def test_every_address_refuses_what_it_does_not_know(client: TestClient, endpoint: Any) -> None:
    if endpoint.path in {"/api/schema", "/openapi.json"}:  # they are what they are
        return
    address = endpoint.path.replace("{id}", "bees.txt")
    problem = problem_at(client, f"{address}?zzzzzzzz=1", endpoint.method)
    assert (problem["status"], problem["detail"]) == (400, "unknown parameter 'zzzzzzzz'")
    assert problem["hint"] == f"there are: {', '.join(one.name for one in endpoint.parameters)}"


GO_ON = "go on with offset=NEXT, where NEXT is the next of the answer before"


@pytest.mark.parametrize(
    ("parameters", "detail", "hint"),
    [
        ("limit=1001", "limit must be 0 at least and 1,000 at most, not '1001'", GO_ON),
        ("limit=all", "limit must be a whole number, not 'all'", GO_ON),
        ("limit=-1", "limit must be a whole number, not '-1'", GO_ON),
        ("limit=%C2%B2", "limit must be a whole number, not '²'", GO_ON),
        ("limit=3&limit=4", "limit is given twice", "give it once"),
        ("q=y", "q is given twice", "give it once"),
        ("context=101", "context must be 0 at least and 100 at most, not '101'", None),
        ("per_article=0", "per_article must be 1 at least, not '0'", None),
        ("snippet=19", "snippet must be 20 at least, not '19'", None),
        ("all=maybe", "all must be true or false, not 'maybe'", None),
        ("sort=size", "sort must be one of score, date, article, not 'size'", None),
        ("timeout=0", "timeout must be a number of seconds above 0, not '0'", None),
        ("timeout=nan", "timeout must be a number of seconds above 0, not 'nan'", None),
        ("timeout=soon", "timeout must be a number of seconds above 0, not 'soon'", None),
        ("facets=a,,b", "facets has an empty name: 'a,,b'", "write names with commas between them"),
        ("literal=1&strict=1", "literal takes any text and strict refuses some", "choose one"),
        ("similar=x", "similar stands in the place of q", "leave out one of them"),
        ("format=csv&vimgrep=1", "format and vimgrep are two forms", "choose one"),
        ("format=csv&facets=year", "csv has no place for facets", "text and json have"),
        ("count=1&facets=year", "count gives one number", "for facets there is /api/facets"),
        (
            "count=1&format=json",
            "count gives one number",
            "for another form there is limit=0, with total in json",
        ),
        (
            "count=1&budget=100",
            "budget cuts a list of passages, and none is asked for",
            "leave it out",
        ),
        ("fields=explanation", "no passage has explanation without explain", "add explain"),
        ("fields=before", "no passage has before without context", "add context"),
        (
            "fields=lines.first",
            "fields: lines.first is a part of lines, and JSON has it whole",
            "name lines, or use format csv, tsv or template",
        ),
        (
            "fields=id&format=ids",
            "fields is for the forms json, jsonl, csv, tsv",
            "add format=tsv, or use template",
        ),
        (
            "template=%7Bid",
            "template: this { is never closed (at character 1)",
            "add a }, or write {{ for the character",
        ),
        ("budget=5", "a budget of 5 characters is too small", "the output takes 323 at least"),
    ],
)
def test_what_cannot_be_carried_out(
    client: TestClient, parameters: str, detail: str, hint: str | None
) -> None:
    problem = problem_at(client, f"/api/search?q=hive&{parameters}")
    if "budget=5" in parameters:  # how much that is, the records decide
        assert problem.pop("hint").startswith("the output takes ")
        assert problem == {"status": 400, "code": "usage", "detail": detail}
        return
    assert problem == {"status": 400, "code": "usage", "detail": detail, "hint": hint}


@pytest.mark.parametrize("name", ["broaden", "literal", "strict", "all"])
def test_what_makes_no_sense_with_similar(client: TestClient, name: str) -> None:
    problem = problem_at(client, f"/api/search?similar=bees.txt%23p1&{name}=1")
    assert (problem["status"], problem["hint"]) == (400, f"leave out {name}")


def test_a_value_in_a_message_is_of_bounded_size(client: TestClient) -> None:
    problem = problem_at(client, f"/api/search?limit={'9' * 20_000}")
    assert problem["detail"].endswith(f"not '{'9' * 60}...'")
    problem = problem_at(client, f"/api/search?{'n' * 20_000}=1")
    assert problem["detail"] == f"unknown parameter '{'n' * 60}...'"


@pytest.mark.parametrize("address", ["/api/search", "/api/search?limit=3", "/api/passages"])
def test_nothing_is_asked_for(client: TestClient, address: str) -> None:
    assert problem_at(client, address)["status"] == 400


def test_a_choice_is_for_texts_alone() -> None:
    for one in SEARCH.parameters:
        assert not one.choices or one.kind is Kind.TEXT

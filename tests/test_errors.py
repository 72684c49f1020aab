"""What programs are told of errors: a code for each kind, the remedy apart from the fault."""

from __future__ import annotations

import json
import pickle
import re
from typing import TYPE_CHECKING

import pytest

from indexer.errors import (
    ArticleError,
    Failure,
    IndexDamagedError,
    IndexFaultError,
    IndexLockedError,
    PassageSearchError,
    QuerySyntaxError,
)
from indexer.model import Span
from search.deadline import SearchTimeoutError
from search.serve.limits import BusyError
from search.serve.page.article_page import NoArticleError
from tests.commands import PROJECT, sh

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_ROW = re.compile(r"^\| ((?:`[a-z_]+`(?:, )?)+) \| (\d+) \|", re.MULTILINE)
#: What the edge of a process tells of errors of Python and of the system.
OF_THE_EDGE = {"too_many_open_files": 3, "out_of_memory": 3, "unexpected": 70}
#: What stands before the service tells of those who ask.
OF_THE_GUARD = dict.fromkeys(
    (
        *("unknown_host", "foreign_origin", "unauthorized"),
        *("address_too_long", "body_too_large", "body_compressed", "body_too_slow"),
    ),
    2,
)
#: Bases, what is another one to programs, and what is never told alone: an article is skipped, and
#: the report has its reason.
NOT_TOLD = (PassageSearchError, IndexFaultError, NoArticleError)


def kinds(base: type[PassageSearchError]) -> Iterator[type[PassageSearchError]]:
    yield base
    for kind in base.__subclasses__():
        if kind.__module__.split(".")[0] in {"indexer", "search"}:
            yield from kinds(kind)


TOLD = [
    kind
    for kind in kinds(PassageSearchError)
    if kind not in NOT_TOLD and not issubclass(kind, ArticleError)
]


def test_each_kind_has_a_code_of_its_own() -> None:
    assert {SearchTimeoutError, BusyError} < set(TOLD)
    assert len({kind.code for kind in TOLD}) == len(TOLD)


def test_the_readme_lists_all_codes_with_their_exit_status() -> None:
    text = (PROJECT / "README.md").read_text("utf-8").partition("**Errors**")[2]
    listed = {
        code: int(status)
        for codes, status in _ROW.findall(text)
        for code in re.findall("[a-z_]+", codes)
    }
    told = {kind.code: kind.exit_code for kind in TOLD}
    assert listed == told | OF_THE_EDGE | OF_THE_GUARD


def test_the_remedy_stands_apart_for_programs_and_behind_the_fault_for_people() -> None:
    error = IndexLockedError("the index is being written to", hint="try again later")
    assert str(error) == "the index is being written to; try again later"
    assert error.failure() == Failure(
        "index_locked", "the index is being written to", "try again later", 3
    )
    assert error.failure().record() == {
        "code": "index_locked",
        "message": "the index is being written to",
        "hint": "try again later",
        "exit_code": 3,
        "span": None,
    }


def test_an_error_without_a_remedy_is_its_fault() -> None:
    error = PassageSearchError("a; b")
    assert (str(error), error.failure().hint, error.failure().record()["hint"]) == (
        "a; b",
        "",
        None,
    )


def test_the_place_in_a_query_is_a_span() -> None:
    error = QuerySyntaxError("a (b", Span(2, 3), "never closed", hint="add a )")
    assert str(error) == "never closed; add a )\n  a (b\n    ^"
    assert error.failure() == Failure("query_syntax", "never closed", "add a )", 2, Span(2, 3))


@pytest.mark.parametrize(
    ("option", "hint"),
    [
        ("--vimgrp", "did you mean --vimgrep? a query that begins with - goes after --"),
        ("--zzz", "a query that begins with - goes after --"),
    ],
)
def test_an_unknown_option_is_told_with_what_was_meant(
    tmp_path: Path, option: str, hint: str
) -> None:
    done = sh(f"search --json {option} hotline", tmp_path)
    error = json.loads(done.stdout)["error"]
    assert (error["code"], error["message"], error["hint"]) == (
        "usage",
        f"No such option '{option}'.",
        hint,
    )
    assert done.stderr.endswith(f"\nError: No such option '{option}'. ({hint})\n")


@pytest.mark.parametrize("form", ["--json", "--jsonl"])
def test_an_error_stands_for_the_answer(tmp_path: Path, form: str) -> None:
    done = sh(f"search -i nowhere {form} hotline", tmp_path)
    assert json.loads(done.stdout) == {
        "schema_version": 2,
        "error": {
            "code": "index_missing",
            "message": "no index at nowhere",
            "hint": "create one with: indexer -i nowhere add FILE...",
            "exit_code": 3,
            "span": None,
        },
    }
    assert (len(done.stdout.splitlines()), done.exit_code) == (1, 3)
    assert sh("search -i nowhere --format csv hotline", tmp_path).stdout == ""


@pytest.mark.parametrize(
    "error",
    [
        IndexLockedError("locked", hint="wait"),
        IndexDamagedError("file x", "it is short", "my index"),
        QuerySyntaxError("a (b", Span(2, 3), "never closed", hint="add a )"),
    ],
)
def test_an_error_of_another_process_is_the_same_here(error: PassageSearchError) -> None:
    arrived = pickle.loads(pickle.dumps(error))  # noqa: S301 - as processes send them
    assert (str(arrived), arrived.failure()) == (str(error), error.failure())

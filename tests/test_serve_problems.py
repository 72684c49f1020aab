"""Errors over HTTP: each kind has its status and its details; no hostile request gives 500."""

from __future__ import annotations

import json
import shutil
import socket
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.build import build_index
from indexer.errors import (
    ArticleError,
    IndexDamagedError,
    IndexFaultError,
    IndexFormatError,
    IndexLockedError,
    IndexMissingError,
    IndexUnreachableError,
    IndexWriteError,
    OutputError,
    PassageSearchError,
    QuerySyntaxError,
    UsageError,
)
from indexer.model import Span
from search.deadline import SearchTimeoutError
from search.serve.api.endpoints import ENDPOINTS
from search.serve.limits import BusyError
from search.serve.problems import NotFoundError, problem_of
from tests.schemas import validate
from tests.serving import serving
from tests.serving_app import asking, problem_at
from tests.serving_app import problem_of as details_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.testclient import TestClient


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("problems")
    (home / "bees.txt").write_text("On bees\n\nA hive hums.\n\nThe hive left.\n", "utf-8")
    build_index([str(home / "bees.txt")], home / "ix")
    return home


@pytest.fixture(scope="module")
def client(home: Path) -> Iterator[TestClient]:
    with asking(home / "ix") as client:
        yield client


# Kinds

KINDS: list[tuple[PassageSearchError, int, str]] = [
    (UsageError("a"), 400, "usage"),
    (QuerySyntaxError("ab", Span(0, 1), "a"), 400, "query_syntax"),
    (NotFoundError("a"), 404, "not_found"),
    (BusyError("a"), 503, "busy"),
    (SearchTimeoutError("a"), 503, "timeout"),
    (IndexFaultError("a"), 503, "index"),
    (IndexMissingError("a"), 503, "index_missing"),
    (IndexFormatError("a"), 503, "index_unreadable"),
    (IndexDamagedError("a", "b", "c"), 503, "index_damaged"),
    (IndexLockedError("a"), 503, "index_locked"),
    (IndexWriteError("a"), 503, "index_unwritable"),
    (IndexUnreachableError("a"), 503, "index_unreachable"),
    (ArticleError("a"), 500, "article"),
    (OutputError("a"), 500, "output"),
]


@pytest.mark.parametrize(("error", "status", "code"), KINDS, ids=str)
def test_each_kind_has_its_status(error: PassageSearchError, status: int, code: str) -> None:
    answer = problem_of(error)
    record = json.loads(bytes(answer.body))
    validate(record)
    assert (answer.status_code, record["status"], record["code"]) == (status, status, code)
    assert record["detail"] == error.message
    assert record["title"]
    assert record["exit_code"] == error.exit_code
    assert ("retry-after" in answer.headers) == isinstance(error, BusyError)


_MODULES = {
    *("indexer.errors", "search.deadline", "search.serve.limits", "search.serve.problems"),
}


def test_no_kind_is_left_out() -> None:
    def leaves(kind: type[PassageSearchError]) -> set[type[PassageSearchError]]:
        return {kind, *(leaf for below in kind.__subclasses__() for leaf in leaves(below))}

    here = {one for one in leaves(PassageSearchError) if one.__module__ in _MODULES}
    assert here == {type(error) for error, _, _ in KINDS} | {PassageSearchError}


def test_a_malformed_query(client: TestClient) -> None:
    assert problem_at(client, "/api/search?q=a+%22hive&strict=1") == {
        "status": 400,
        "code": "query_syntax",
        "detail": "this quotation mark is never closed",
        "hint": 'add one after the phrase, or write \\" for the mark itself',
        "span": [2, 3],
    }


def test_dates_and_facets_that_are_none(client: TestClient) -> None:
    for address in (
        "/api/search?q=hive&after=yesterday-ish",
        "/api/search?q=hive&where=nothing",
        "/api/search?q=hive&facets=nothing",
        "/api/facets?q=hive&facets=nothing",
    ):
        problem = problem_at(client, address)
        assert (problem["status"], problem["code"]) == (400, "usage"), address
        assert problem["detail"]


def test_an_index_that_is_gone(home: Path, tmp_path: Path) -> None:
    shutil.copytree(home / "ix", tmp_path / "ix")
    with asking(tmp_path / "ix") as client:
        assert client.get("/api/search?q=hive").status_code == 200
        shutil.rmtree(tmp_path / "ix")
        problem = problem_at(client, "/api/search?q=hive")
        assert (problem["status"], problem["code"]) == (503, "index_missing")


# Addresses and methods


def test_an_address_that_is_none(client: TestClient) -> None:
    paths = ", ".join(one.path for one in ENDPOINTS)
    for path, hint in {
        "/api": f"there are {paths}",
        "/api/": f"there are {paths}",
        "/api/nothing/of/this": f"there are {paths}",
        "/api/serch": "did you mean /api/search?",
        "/api/article": "did you mean /api/articles?",
        "/api/search/": "did you mean /api/search?",
        "/api/a%0Ab": f"there are {paths}",
    }.items():
        for method in ("GET", "POST", "DELETE"):
            problem = problem_at(client, path, method)
            assert problem["hint"] == hint, path
            assert (problem["status"], problem["code"]) == (404, "not_found")


def test_an_address_that_is_none_beside_the_api(client: TestClient) -> None:
    for path in ("/none", "/healthz/", "/static/none", "/a%0Ab"):
        problem = problem_at(client, path)
        assert (problem["status"], problem["code"]) == (404, "not_found")
        assert problem["detail"].startswith("there is nothing at '/")


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda one: one.path)
def test_a_method_that_is_none(client: TestClient, endpoint: Any) -> None:
    there = {"GET", "HEAD"} if endpoint.method == "GET" else {"POST"}
    for method in {"GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"} - there:
        answer = client.request(method, endpoint.path.replace("{id}", "bees.txt"))
        assert set(answer.headers["allow"].split(", ")) == there
        problem = details_of(answer)
        assert (problem["status"], problem["detail"]) == (405, "Method Not Allowed")


# Hostile requests


@given(
    path=st.sampled_from([one.path for one in ENDPOINTS if one.method == "GET"]),
    name=st.text(max_size=20),
    parameters=st.lists(
        st.tuples(
            st.sampled_from(sorted({one.name for at in ENDPOINTS for one in at.parameters})),
            st.one_of(st.text(max_size=30), st.integers().map(str), st.just("true")),
        ),
        max_size=4,
    ),
)
def test_any_parameters_get_an_answer_or_a_problem(
    client: TestClient, path: str, name: str, parameters: list[tuple[str, str]]
) -> None:
    at = path.replace("{id}", quote(name, safe=""))
    answer = client.get(f"{at}?{urlencode([*parameters, ('timeout', '5')])}")
    assert answer.status_code in {200, 400, 404}
    if answer.status_code != 200:
        details_of(answer)


BYTES = [
    *(b"%00", b"%ED%A0%80", b"%FF%FE", b"%C3", b"%", b"%zz", b"%F0%9F%90%9D", b"+" * 9_000),
    *(b"%22" * 5_000, b"(" * 5_000, b"NOT+" * 3_000, b"a*" * 3_000, b"/(a%7Cb)*c/" * 50),
    *(b"\xff\xfe", b"%E2%80%AE", b"%0D%0AX-Injected:%20yes", b"a" * 40_000),
]


@pytest.mark.parametrize("raw", BYTES, ids=lambda raw: raw[:12].hex())
def test_any_bytes_get_an_answer_or_a_problem(home: Path, address: str, raw: bytes) -> None:
    del home
    for before, after in (
        (b"/api/search?limit=1&q=", b""),
        (b"/api/search?strict=1&q=", b""),
        (b"/api/search?", b"=1"),
        (b"/api/search?q=hive&article=", b""),
        (b"/api/search?q=hive&fields=", b""),
        (b"/api/search?q=hive&template=", b""),
        (b"/api/passages/", b""),
        (b"/api/passages?id=", b""),
        (b"/api/articles/", b""),
        (b"/api/suggest?q=", b""),
        (b"/api/", b""),
    ):
        status, headers, body = sent(address, before + raw + after)
        assert status in {200, 400, 404, 414}, body
        assert b"x-injected" not in headers.lower().replace(b"%0d%0ax-injected", b"")
        if status != 200 and b"application/problem+json" in headers:
            validate(json.loads(body))


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    with serving(home, "-i", "ix") as address:
        yield address


def sent(address: str, target: bytes) -> tuple[int, bytes, bytes]:
    """The status, headers and body for an address that is sent as it is."""
    where = urlsplit(address)
    assert where.hostname
    assert where.port
    with socket.create_connection((where.hostname, where.port)) as connection:
        head = b"GET " + target + b" HTTP/1.1\r\nHost: " + where.netloc.encode()
        connection.sendall(head + b"\r\nConnection: close\r\n\r\n")
        with connection.makefile("rb") as answer:
            whole = answer.read()
    headers, _, body = whole.partition(b"\r\n\r\n")
    return int(headers.split()[1]), headers, body


def test_it_goes_on_after_all_that(address: str) -> None:
    connection = HTTPConnection(urlsplit(address).netloc)
    connection.request("GET", "/api/search?q=hive")
    assert json.loads(connection.getresponse().read())["total"] == 2
    connection.close()

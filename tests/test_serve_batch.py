"""Batches over HTTP: each line is answered as the command answers it."""

from __future__ import annotations

import json
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from indexer.build import build_index
from search.serve.limits import Limits
from tests.commands import sh
from tests.serving import serving
from tests.serving_app import asking, problem_of, valid_record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.testclient import TestClient

LINES = (
    "\ufeffhive\r\n"
    "second\thive queen\n"
    "\n"
    '{"id": "third", "query": "hive", "limit": 1, "context": 1}\n'
    '{"query": "hive", "limmit": 1}\n'
    "{broken\n"
    '{"ids": ["bees.txt#p1", "nothing"]}\n'
    '{"query": "(hive", "strictness": "strict"}\n'
    '{"similar": "bees.txt#p1", "facets": ["article"]}\n'
    "nowhere"
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("batch-over-http")
    text = "On bees\n\nA hive hums.\n\nThe queen left the hive.\n\nHoney keeps.\n"
    (home / "bees.txt").write_text(text, "utf-8")
    (home / "lines").write_text(LINES, "utf-8")
    build_index([str(home / "bees.txt")], home / "ix")
    return home


@pytest.fixture(scope="module")
def client(home: Path) -> Iterator[TestClient]:
    with asking(home / "ix") as client:
        yield client


def answers(client: TestClient, lines: str | bytes, parameters: str = "") -> list[dict[str, Any]]:
    """The records of the answers, which are of the schema."""
    body = lines.encode() if isinstance(lines, str) else lines
    answer = client.post(f"/api/batch?{parameters}", content=body)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/x-ndjson"
    some_keys = "fields=" in parameters
    return [valid_record(json.loads(line), some_keys=some_keys) for line in answer.iter_lines()]


@pytest.mark.parametrize(
    ("parameters", "options"),
    [
        ("", ""),
        ("limit=1&lang=en&all=1", "-n 1 --lang en --all"),
        ("fields=id,score&context=2", "--fields id,score -C 2"),
        ("budget=1800", "--budget 1800"),
    ],
)
def test_it_is_what_the_command_answers(
    home: Path, client: TestClient, parameters: str, options: str
) -> None:
    printed = sh(f"search -i ix --json --batch lines {options}", home).stdout
    found = answers(client, LINES, parameters)
    assert len(found) == 9
    expected = [json.loads(line) for line in printed.splitlines()]
    for ours, theirs in zip(found, expected, strict=True):
        if "next" in ours and "next" not in theirs:
            del ours["next"]
        assert ours == theirs


def test_a_line_may_ask_for_so_much(client: TestClient) -> None:
    lines = (
        '{"query": "hive", "limit": 1001}\n{"query": "hive", "context": 101}\n'
        '{"query": "hive", "limit": "all"}\n{"ids": ["bees.txt"]}\n'
    )
    first, second, third, fourth = answers(client, lines)
    assert first["error"]["message"] == "limit must be 1,000 at most"
    assert first["error"]["hint"] == "go on with the next of the answer as the offset"
    assert second["error"]["message"] == "context must be 100 at most, not 101"
    assert third["error"] == first["error"]
    assert fourth["returned"] == 3


@pytest.mark.parametrize(
    "line",
    [
        b'{"query": "\\ud800"}',
        b'{"query": "\\u0000hive"}',
        b'{"ids": ["\\ud800#p1"]}',
        b"\xff\xfe",
        b'{"id": "\\ud800\\u2028", "query": "hive"}',
        b"{" * 5_000,
        b'{"query": ' + b"[" * 5_000,
        b'{"limit": 1e999, "query": "x"}',
        b'{"timeout_seconds": -1, "query": "x"}',
        b'{"where": ["nothing"]}',
    ],
)
def test_any_line_gets_an_answer(client: TestClient, line: bytes) -> None:
    first, second = answers(client, line + b"\nhive\n")
    assert first.get("error") or "passages" in first
    assert second["total"] == 2


def test_nothing_at_all(client: TestClient) -> None:
    assert answers(client, "") == answers(client, "\n\n \n") == []


def test_what_concerns_all_lines_is_refused_before_them(client: TestClient) -> None:
    for parameters, detail in {
        "q=hive": "unknown parameter 'q'",
        "limit=x": "limit must be a whole number, not 'x'",
        "fields=nothing": "fields: no field 'nothing'",
    }.items():
        problem = problem_of(client.post(f"/api/batch?{parameters}", content=b"hive\n"))
        assert (problem["status"], problem["detail"]) == (400, detail)


def test_a_body_is_bounded(home: Path) -> None:
    with asking(home / "ix", Limits(body_bytes=1_000)) as client:
        assert len(answers(client, b"hive\n" * 200)) == 200
        assert client.post("/api/batch", content=b"hive\n" * 201).status_code == 413


def test_a_batch_has_the_time_of_one_request(home: Path) -> None:
    with asking(home / "ix", Limits(timeout_seconds=0.3)) as client:
        printed = client.post("/api/batch?limit=0", content=b"hive\n" * 100_000).text
    *found, last = map(json.loads, printed.splitlines())
    assert 0 < len(found) < 100_000
    assert last["line"] == len(found) + 1
    assert last["error"]["code"] == "timeout"
    assert last["error"]["hint"] == f"send it anew from line {last['line']} on"


def test_lines_come_one_by_one(home: Path) -> None:
    with serving(home, "-i", "ix") as address:
        connection = HTTPConnection(urlsplit(address).netloc)
        connection.request("POST", "/api/batch?limit=1", b"hive\n" * 5_000)
        answer = connection.getresponse()
        first = json.loads(answer.readline())
        assert (first["id"], first["total"]) == ("1", 2)
        # Who has read enough goes away, and others are answered.
        connection.close()
        again = HTTPConnection(urlsplit(address).netloc)
        again.request("POST", "/api/batch", b"queen\n")
        assert json.loads(again.getresponse().read())["total"] == 1
        again.close()

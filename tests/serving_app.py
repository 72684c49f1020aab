"""The application of the service in this process, for tests that ask it much."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from starlette.testclient import TestClient

from search.serve.app import app_of
from search.serve.limits import Limits
from search.serve.service import Service
from search.serve.source import Source
from tests.schemas import validate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def asking(index_dir: Path, limits: Limits | None = None) -> Iterator[TestClient]:
    """A client of the application on an index; what goes wrong in it goes wrong in the test."""
    app = app_of(Service(Source(str(index_dir)), limits or Limits()))
    with TestClient(app, base_url="http://localhost") as client:
        yield client


def record_at(client: TestClient, address: str, *, some_keys: bool = False) -> dict[str, Any]:
    """The JSON object at an address, which is one of the published schema."""
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    return valid_record(answer.json(), some_keys=some_keys)


def problem_at(client: TestClient, address: str, method: str = "GET") -> dict[str, Any]:
    """The problem details that an address gives, without what is the same for their status."""
    return problem_of(client.request(method, address))


def problem_of(answer: Any) -> dict[str, Any]:
    """The problem details of a response: status, code, detail, hint; and its span if it has one."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    record = valid_record(answer.json())
    assert record["status"] == answer.status_code
    assert record["type"] == f"urn:passage-search:error:{record['code']}"
    assert answer.headers["cache-control"] == "no-store"
    span = {} if record["span"] is None else {"span": record["span"]}
    return {name: record[name] for name in ("status", "code", "detail", "hint")} | span


def valid_record(record: dict[str, Any], *, some_keys: bool = False) -> dict[str, Any]:
    """An object that is one of the published schema."""
    validate(record, some_keys=some_keys)
    return record

"""The description of the API: a valid document, all that there is, and what answers are like."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from indexer.build import build_index
from search.serve.api.endpoints import ENDPOINTS
from search.serve.api.routes import Api
from tests.serving_app import asking

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.testclient import TestClient


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    home = tmp_path_factory.mktemp("openapi")
    (home / "bees.txt").write_text("On bees\n\nA hive hums.\n\nThe hive left.\n", "utf-8")
    build_index([str(home / "bees.txt")], home / "ix")
    with asking(home / "ix") as client:
        yield client


@pytest.fixture(scope="module")
def document(client: TestClient) -> dict[str, Any]:
    described: dict[str, Any] = client.get("/openapi.json").json()
    return described


def test_it_is_valid(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    OpenAPIV31SpecValidator(document).validate()


def test_a_fault_in_it_would_be_seen(document: dict[str, Any]) -> None:
    broken = {**document, "paths": {"/api/search": {"get": {"parameters": [{"name": "q"}]}}}}
    assert not OpenAPIV31SpecValidator(broken).is_valid()


def test_every_address_of_the_api_is_in_it(document: dict[str, Any]) -> None:
    routes = Api(None).routes()  # type: ignore[arg-type] # nothing is asked
    there = {one.path.replace(":any_text", "") for one in routes} - {"/api", "/api/{rest}"}
    assert set(document["paths"]) == there


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda one: one.path)
def test_every_parameter_is_in_it(document: dict[str, Any], endpoint: Any) -> None:
    described = document["paths"][endpoint.path][endpoint.method.lower()]
    names = [one["name"] for one in described["parameters"] if one["in"] == "query"]
    assert names == [one.name for one in endpoint.parameters]
    assert all(one["description"] and one["schema"]["type"] for one in described["parameters"])
    in_path = [one["name"] for one in described["parameters"] if one["in"] == "path"]
    assert in_path == (["id"] if "{id}" in endpoint.path else [])


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("/api/search", "/api/search?q=hive"),
        ("/api/search", "/api/search?q=hive&facets=year&explain=1&context=1&budget=4000"),
        ("/api/search", "/api/search?q=zeppelin"),
        ("/api/search", "/api/search?nothing=1"),
        ("/api/search", "/api/search?q=%22hive&strict=1"),
        ("/api/passages", "/api/passages?id=bees.txt&id=nothing"),
        ("/api/passages/{id}", "/api/passages/bees.txt%23p1"),
        ("/api/passages/{id}", "/api/passages/nothing"),
        ("/api/articles", "/api/articles"),
        ("/api/articles/{id}", "/api/articles/bees.txt"),
        ("/api/facets", "/api/facets?q=hive"),
        ("/api/suggest", "/api/suggest?q=hvie"),
        ("/api/schema", "/api/schema"),
        ("/openapi.json", "/openapi.json"),
    ],
)
def test_answers_are_as_it_says(
    client: TestClient, document: dict[str, Any], path: str, address: str
) -> None:
    answer = client.get(address)
    responses = document["paths"][path]["get"]["responses"]
    described = responses.get(str(answer.status_code), responses["default"])
    if "$ref" in described:
        described = document["components"]["responses"][described["$ref"].rpartition("/")[2]]
    schema = described["content"][answer.headers["content-type"]]["schema"]
    whole = {**schema, "components": document["components"]}
    Draft202012Validator(whole).validate(answer.json())
    if answer.status_code == 200 and schema:
        assert list(Draft202012Validator(whole).iter_errors({"not": "this"}))


def test_the_lines_of_a_batch_are_as_it_says(client: TestClient, document: dict[str, Any]) -> None:
    answer = client.post("/api/batch", content=b"hive\n{broken\n")
    described = document["paths"]["/api/batch"]["post"]["responses"]["200"]
    schema = described["content"][answer.headers["content-type"]]["schema"]
    validator = Draft202012Validator({**schema, "components": document["components"]})
    lines = answer.text.splitlines()
    assert len(lines) == 2
    for line in lines:
        validator.validate(json.loads(line))

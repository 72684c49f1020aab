"""The description of the API in OpenAPI 3.1, made of its addresses and of the published schema."""

from __future__ import annotations

import json
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from search.output.schema import schema
from search.serve.api.endpoints import ENDPOINTS, ID
from search.serve.api.kinds import Kind, schema_of
from search.serve.problems import MEDIA_TYPE

if TYPE_CHECKING:
    from search.serve.api.endpoints import Endpoint
    from search.serve.api.kinds import Parameter

_DEFINED = "#/$defs/"
_COMPONENTS = "#/components/schemas/"
_HEADERS = {
    "ETag": {
        "description": "Names the commit that the answer is of; not there if it is partial.",
        "schema": {"type": "string"},
    },
    "X-Total-Count": {
        "description": "How many there are on all pages, where something is counted.",
        "schema": {"type": "integer"},
    },
    "X-Partial": {
        "description": "true where the time was over first; else not there.",
        "schema": {"type": "string"},
    },
    "Link": {
        "description": 'The address to go on with, rel="next"; not there at the end.',
        "schema": {"type": "string"},
    },
}


@cache
def openapi() -> str:
    """The document, as JSON."""
    return json.dumps(_document(), indent=2) + "\n"


def _document() -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for one in ENDPOINTS:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "passage-search",
            "version": version("passage-search"),
            "description": "Find and cite passages. What is given as JSON is what the command "
            "search prints; errors are problem details (RFC 9457).",
        },
        "paths": paths,
        "components": {
            "schemas": _moved(schema()["$defs"]),
            "responses": {
                "Problem": {
                    "description": "What went wrong.",
                    "content": {MEDIA_TYPE: {"schema": {"$ref": f"{_COMPONENTS}problem"}}},
                }
            },
        },
    }


def _operation(one: Endpoint) -> dict[str, Any]:
    name = one.path.strip("/").replace("api/", "").replace("/{id}", "_by_id")
    parameters = [_described(parameter) for parameter in one.parameters]
    if "{id}" in one.path:
        parameters.insert(0, {**_described(ID), "in": "path", "required": True})
    operation: dict[str, Any] = {
        "operationId": name.replace(".", "_"),
        "summary": one.told,
        "parameters": parameters,
        "responses": {
            "200": {
                "description": one.told,
                "headers": _HEADERS if one.method == "GET" else {},
                "content": {kind: _content(named) for kind, named in one.answers.items()},
            },
            "default": {"$ref": "#/components/responses/Problem"},
        },
    }
    if one.method == "GET":
        operation["responses"]["304"] = {"description": "Nothing was committed since."}
    if one.method == "POST":
        operation["requestBody"] = {
            "description": "A query, ID<TAB>query or a JSON object on each line, in UTF-8.",
            "required": True,
            "content": {"text/plain": {"schema": {"type": "string"}}},
        }
    return operation


def _described(parameter: Parameter) -> dict[str, Any]:
    several = {"style": "form", "explode": parameter.kind is Kind.TEXTS}
    return {
        "name": parameter.name,
        "in": "query",
        "description": parameter.told,
        "schema": schema_of(parameter),
        **(several if parameter.kind in {Kind.TEXTS, Kind.NAMES} else {}),
    }


def _content(named: str) -> dict[str, Any]:
    return {"schema": {"$ref": f"{_COMPONENTS}{named}"} if named else {}}


def _moved(value: Any) -> Any:
    """A schema whose references lead to where its definitions are in the document."""
    if isinstance(value, dict):
        return {
            key: inner.replace(_DEFINED, _COMPONENTS) if key == "$ref" else _moved(inner)
            for key, inner in value.items()
        }
    return [_moved(inner) for inner in value] if isinstance(value, list) else value

"""Holds what the commands print as JSON against the schema that they publish."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from search.output.schema import schema

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

_ASKS_FOR_JSON = re.compile(
    r"\bindexer\b[^|;&]* --json\b|\bsearch\b[^|;&]* (?:--jsonl?|--format[ =]jsonl?)\b"
)


def validate_output(command: str, printed: str) -> int:
    """Look at every JSON document that a shell command printed; how many there were.

    What another program makes of the output, as behind a pipe, is not ours and is not looked at.
    """
    asked = _ASKS_FOR_JSON.search(command)
    if asked is None or "|" in command[asked.end() :] or ">" in command[asked.end() :]:
        return 0
    found = list(documents(printed))
    for one in found:
        validate(one, some_keys="--fields" in command)
    return len(found)


def documents(printed: str) -> list[Any]:
    """The JSON objects that begin a line."""
    found: list[Any] = []
    at = 0
    while (begins := re.compile(r"^\{", re.MULTILINE).search(printed, at)) is not None:
        one, at = json.JSONDecoder().raw_decode(printed, begins.start())
        found.append(one)
    return found


def valid(printed: str) -> str:
    """A text of JSON documents, each of which is one of the schema."""
    for one in documents(printed):
        validate(one)
    return printed


def validate(instance: Any, *, some_keys: bool = False) -> None:
    """Fail unless an object is one of the schema; with some_keys a passage need not be whole."""
    if _validator("anyOf", some_keys=some_keys).is_valid(instance):
        return
    assert isinstance(instance, dict), f"no object is printed but {instance!r}"
    name = _most_alike(instance)
    told = [
        f"{fault.json_path}: {fault.message}"
        for fault in _validator(name, some_keys=some_keys).iter_errors(instance)
    ]
    raise AssertionError(f"not as {name} in the schema: {told}")


def _most_alike(instance: dict[str, Any]) -> str:
    """The document of the schema that an object shares most keys with."""
    published = schema()
    names: list[str] = [one["$ref"].rpartition("/")[2] for one in published["anyOf"]]
    keys = {name: set(published["$defs"][name].get("properties", ())) for name in names}
    keys["passage"] = keys["some_keys"]
    return max(names, key=lambda name: len(keys[name] & instance.keys()))


@lru_cache
def _validator(name: str, *, some_keys: bool) -> Validator:
    """What looks at one document of the schema, or with "anyOf" at any of them."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - few tests print JSON

    published = schema()
    Draft202012Validator.check_schema(published)
    if not some_keys:
        published["anyOf"].remove({"$ref": "#/$defs/some_keys"})
    if name != "anyOf":
        del published["anyOf"]
        published["$ref"] = f"#/$defs/{name}"
    return Draft202012Validator(published, format_checker=Draft202012Validator.FORMAT_CHECKER)

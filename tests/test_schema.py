"""The published schema: it is closed, tells what each key is, and nothing else is printed."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from search.output.schema import passage_keys, schema
from search.output.styles import Style
from tests.commands import PROJECT, copy_sample, sh
from tests.schemas import documents, validate, validate_output

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    """Every object of the schema, the properties by their names left out."""
    if isinstance(node, list):
        for one in node:
            yield from nodes(one)
    elif isinstance(node, dict):
        yield node
        for key, value in node.items():
            named = key in {"properties", "$defs"}
            yield from nodes(list(value.values()) if named else value)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("schema")
    copy_sample(folder)
    assert sh("indexer add indexer/sample/article.txt", folder).exit_code == 0
    return folder


def test_the_command_prints_it(folder: Path) -> None:
    done = sh("search --schema", folder)
    assert (done.stderr, done.exit_code) == ("", 0)
    assert json.loads(done.stdout) == schema()


def test_every_object_is_closed() -> None:
    objects = [
        node for node in nodes(schema()) if node.get("type") == "object" and "properties" in node
    ]
    assert len(objects) > 20
    assert all(node["additionalProperties"] is False for node in objects)


def test_every_key_is_described() -> None:
    for node in nodes(schema()):
        for name, key in node.get("properties", {}).items():
            described = "const" in key or "items" in key.get("passages", key)
            assert described or key.get("description") or "$ref" in key, name


def test_nothing_outside_is_needed() -> None:
    whole = schema()
    assert whole["$id"] == "urn:passage-search:schema:2"
    references = {node["$ref"] for node in nodes(whole) if "$ref" in node}
    assert {one.removeprefix("#/$defs/") for one in references} <= set(whole["$defs"])


def page(folder: Path) -> dict[str, Any]:
    done = sh("search --json -n 1 hotline", folder)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"surprise": 1}, "('surprise' was unexpected)"),
        ({"total": "3"}, "$.total: '3' is not of type 'integer'"),
        ({"schema_version": 1}, "$.schema_version: 2 was expected"),
        ({"warnings": [{"message": "?"}]}, "'span' is a required property"),
        ({"passages": [{"id": "a#b"}]}, "'rank' is a required property"),
        ({"fields": ["id", "nonsense"]}, "'nonsense' is not one of"),
    ],
)
def test_a_drift_is_seen(folder: Path, change: dict[str, Any], told: str) -> None:
    whole = page(folder)
    validate(whole)
    with pytest.raises(AssertionError, match=re.escape(told)):
        validate({**whole, **change})


def test_a_key_that_is_left_out_is_seen(folder: Path) -> None:
    whole = page(folder)
    for key in whole.keys() - {"fields"}:
        with pytest.raises(AssertionError):
            validate({name: value for name, value in whole.items() if name != key})


@pytest.mark.parametrize(
    ("command", "count"),
    [
        ("search --json hotline", 1),
        ("search --jsonl hotline", 3),
        ("search --format jsonl -n 2 hotline", 2),
        ("search --json --explain -C 1 hotline", 1),
        ("search --json --all zeppelin hotline", 1),
        ("search --suggest --json bulhorns", 1),
        ("search --suggest --jsonl bulhorns", 1),
        ("search --json --nonsense", 1),
        ("indexer list --json", 1),
        ("indexer stats --json", 1),
        ("indexer check --json", 1),
        ("indexer check --repair --json", 1),
        ("indexer compact --json", 1),
        ("indexer remove --json nobody", 1),
        ("indexer add --json nowhere.txt", 1),
        ("indexer -i nowhere list --json", 1),
        ("search --json hotline | cat", 0),
        ("search hotline", 0),
    ],
)
def test_what_tests_run_is_looked_at(folder: Path, command: str, count: int) -> None:
    assert validate_output(command, sh(command, folder).stdout) == count


def test_documents_of_several_commands_are_found() -> None:
    assert documents('no {\n{"a": 1}\nsome text\n{\n  "b": {}\n}\n') == [{"a": 1}, {"b": {}}]


def test_the_readme_lists_the_forms() -> None:
    text = (PROJECT / "README.md").read_text("utf-8")
    table = text.partition("| option | what is printed |")[2].partition("\n\n")[0]
    cells = [row.split("|")[1] for row in table.splitlines()[2:]]
    listed = {name for cell in cells for name in re.findall(r"`(?:--format )?(\w+)`", cell)}
    assert listed == {style.value for style in Style if style.is_named}


def test_the_readme_lists_the_keys() -> None:
    """Keys that are always there have a row each, and no row is of a key that is not."""
    text = (PROJECT / "README.md").read_text("utf-8")
    table = text.partition("| key | meaning |")[2].partition("\n\n")[0]
    listed: dict[bool, set[str]] = {True: set(), False: set()}
    for row in table.splitlines()[2:]:
        names = re.findall(r"`([a-z_\[\].]+)`", row.split("|")[1])
        of_passage = names[0].startswith("passages[].")
        listed[of_passage] |= {name.removeprefix("passages[].") for name in names}
    defined = schema()["$defs"]
    page_keys, always = set(defined["page"]["properties"]), set(defined["page"]["required"])
    assert always <= listed[False] <= page_keys
    assert set(defined["passage"]["required"]) <= listed[True] <= set(passage_keys())

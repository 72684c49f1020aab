"""What ``--fields`` and templates name: keys of a passage's record, and parts of them; pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from indexer.errors import UsageError
from indexer.tuples import NamedTuple
from search.output.records import TRAIL
from search.output.schema import passage_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from indexer.schema import Schema
    from search.output.records import Record

#: Columns that CSV and TSV have without ``--fields`` and that are no keys themselves.
_OF_COLUMNS = {"first_line": "lines.first", "last_line": "lines.last"}

#: What a template may name in a batch; empty elsewhere.
_OF_BATCHES: dict[str, Schema] = {"query_id": {"type": "string"}}


class Field(NamedTuple):
    """One value of a passage.

    Attributes:
        name: as it was given, such as "lines.first".
        path: the key, and what leads on from there to the value.
        sample: a value of its type: 1.5, 1 or "".
    """

    name: str
    path: tuple[str | int, ...]
    sample: float | int | str

    @property
    def key(self) -> str:
        """The key of the record that holds it."""
        return str(self.path[0])

    @property
    def is_text(self) -> bool:
        """Whether it is shown as a text, whatever it is."""
        return isinstance(self.sample, str)


class Unknown(NamedTuple):
    """What is wrong with a name, and what is right."""

    fault: str
    remedy: str


def as_typed(option: str) -> str:
    """An option as it is told to who types commands."""
    return option


def read_fields(
    names: Sequence[str], *, whole_keys: bool, told: Callable[[str], str] = as_typed
) -> tuple[Field, ...]:
    """The values that ``--fields`` names.

    Args:
        names: in the order in which they are to be shown.
        whole_keys: whether parts of keys are refused, as a JSON record has none.
        told: how messages call an option.

    Raises: UsageError names what is unknown, and what is known.
    """
    fields = []
    for name in names:
        field = find_field(name)
        if isinstance(field, Unknown):
            raise UsageError(f"{told('--fields')}: {field.fault}", hint=field.remedy)
        if whole_keys and len(field.path) > 1:
            others = f"{told('--format')} csv, tsv or {told('--template')}"
            raise UsageError(
                f"{told('--fields')}: {name} is a part of {field.key}, and JSON has it whole",
                hint=f"name {field.key}, or use {others}",
            )
        fields.append(field)
    return tuple(fields)


def find_field(name: str) -> Field | Unknown:
    """The value that a name means."""
    key, *parts = _OF_COLUMNS.get(name, name).split(".")
    known = {**passage_keys(), **_OF_BATCHES}
    if key not in known:
        return Unknown(f"no field {name!r}", _instead(name, list(passage_keys())))
    schema = known[key]
    if parts and isinstance(schema.get("additionalProperties"), dict):  # names that articles have
        return Field(name, (key, ".".join(parts)), "")
    path: list[str | int] = [key]
    for part in parts:
        below = _parts(schema)
        if part not in below:
            has = f"parts of {key} are {', '.join(below)}" if below else f"name {key} alone"
            return Unknown(f"no field {name!r}", has)
        step, schema = below[part]
        path.append(step)
    return Field(name, tuple(path), _sample(schema))


def value_of(record: Record, field: Field) -> Any:
    """The value of a passage's record, None where there is none."""
    value: Any = record
    for step in field.path:
        if value is None:
            return None
        value = value.get(step) if isinstance(value, dict) else value[step]
    return value


def cell(value: Any) -> str | int | float:
    """A value as it stands in a row or a line.

    Null is empty, headings have the mark of a trail between them and other texts a comma, lines and
    spans are two numbers with a hyphen between them; what has more in it is JSON.
    """
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str() | int() | float():
            return value
        case (int(first), int(last)):
            return f"{first}-{last}"
        case [*texts] if all(isinstance(one, str) for one in texts):
            return ", ".join(texts)
        case _:
            return json.dumps(value, ensure_ascii=False)


def cell_of(record: Record, field: Field) -> str | int | float:
    """What a row or a line has of a passage's record for a field."""
    value = value_of(record, field)
    return TRAIL.join(value) if field.key == "headings" else cell(value)


def _parts(schema: Schema) -> dict[str, tuple[str | int, Schema]]:
    """The parts of a value by name: what leads to each, and what it is."""
    if "prefixItems" in schema:
        return {one["title"]: (at, one) for at, one in enumerate(schema["prefixItems"])}
    return {name: (name, one) for name, one in schema.get("properties", {}).items()}


def _sample(schema: Schema) -> float | int | str:
    kinds = schema.get("type", "")
    kind = kinds if isinstance(kinds, str) else kinds[0]
    return {"number": 1.5, "integer": 1}.get(kind, "")


def _instead(name: str, known: list[str]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - only for the message

    close = get_close_matches(name, known, 1)
    meant = f"did you mean {close[0]}? " if close else ""
    return f"{meant}fields are {', '.join(known)}"

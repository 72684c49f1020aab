"""A JSON object -> Request: what a line of a batch, or a message to a server, asks for."""

from __future__ import annotations

import json
import sys
from dataclasses import fields, replace
from difflib import get_close_matches
from enum import Enum
from functools import cache
from types import NoneType
from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints

from indexer.errors import UsageError
from search.request import DEFAULT_LIMIT, UNSAID_LIMIT, Request

if TYPE_CHECKING:
    from collections.abc import Mapping

_SHOWN_CHARS = 60
# What is counted beyond this is all there is.
_ALL = "all"
_MOST = sys.maxsize
_WORDS: dict[object, str] = {
    bool: "true or false",
    float: "a number",
    int: "a whole number",
    str: "a text",
    NoneType: "null",
}


def request_of(record: Mapping[str, Any], defaults: Request) -> Request:
    """The request that an object makes; what it does not name is as in defaults.

    The keys are the names of the fields of Request; a choice is given by its value, as in
    ``"sort": "date"``, and several texts as a list.

    Raises:
        UsageError: a key is not known, a value is of another type or out of its bounds.
    """
    hints = _hints()
    for name in record:
        if name not in hints:
            near = get_close_matches(name, hints, 1)
            remedy = f"did you mean {near[0]}?" if near else f"the keys are {', '.join(hints)}"
            raise UsageError(f"unknown key {_shown(name)}", hint=remedy)
    values = {name: _value(name, value, hints[name]) for name, value in record.items()}
    if values.get("ids") and defaults.limit == DEFAULT_LIMIT:  # which is that of queries
        values.setdefault("limit", UNSAID_LIMIT)
    try:
        return replace(defaults, **values)
    except (TypeError, ValueError) as error:
        raise UsageError(str(error)) from error


@cache
def _hints() -> dict[str, Any]:
    """The fields of a request with their types."""
    hints = get_type_hints(Request)
    return {field.name: hints[field.name] for field in fields(Request)}


def _value(name: str, value: Any, hint: Any) -> Any:
    """A value of JSON as one of Python."""
    if isinstance(hint, type) and issubclass(hint, Enum):
        choices = [one.value for one in hint]
        if value not in choices:
            raise UsageError(f"{name} must be one of {', '.join(choices)}, not {_shown(value)}")
        return hint(value)
    if get_origin(hint) is tuple:
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise UsageError(f"{name} must be a list of texts, not {_shown(value)}")
        return tuple(value)
    if name == "limit" and value == _ALL:
        return _MOST
    kinds = get_args(hint) or (hint,)
    if type(value) is int and float in kinds:
        return _as_float(name, value)
    if type(value) not in kinds:
        told = " or ".join(_WORDS[kind] for kind in kinds)
        raise UsageError(f"{name} must be {told}, not {_shown(value)}")
    return min(value, _MOST) if type(value) is int else value


def _as_float(name: str, value: int) -> float:
    try:
        return float(value)
    except OverflowError as error:
        raise UsageError(f"{name} is too large") from error


def _shown(value: Any) -> str:
    """A value for a message; it may be of any size."""
    told = json.dumps(value, ensure_ascii=False)
    return told if len(told) <= _SHOWN_CHARS else f"{told[:_SHOWN_CHARS]}..."

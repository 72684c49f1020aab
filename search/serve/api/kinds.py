"""One parameter of an address: what its value is, how it is read, and how that is described."""

from __future__ import annotations

import sys
from enum import Enum
from typing import TYPE_CHECKING, Any

from indexer.errors import UsageError
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from indexer.schema import Schema

_TRUE = frozenset({"", "1", "true"})
_FALSE = frozenset({"0", "false"})
_SHOWN_CHARS = 60


class Kind(Enum):
    """What the value of a parameter is."""

    TEXT = "text"
    TEXTS = "texts"  # it may be given several times
    NAMES = "names"  # with commas between them
    COUNT = "whole number"
    SECONDS = "number of seconds"
    FLAG = "true or false"


class Parameter(NamedTuple):
    """One parameter.

    Attributes:
        name: as it stands in an address.
        kind: what its value is.
        told: what it means, for people.
        option: the option of the command that it stands for.
        field: the field of Request that it gives; "" where it says how the answer is given.
        choices: the values there are; none for any.
        least: the lowest number.
        most: the highest one.
        remedy: what to do instead, where a value is refused.
    """

    name: str
    kind: Kind
    told: str
    option: str = ""
    field: str = ""
    choices: tuple[str, ...] = ()
    least: int = 0
    most: int = sys.maxsize
    remedy: str = ""


def value_of(parameter: Parameter, text: str) -> Any:
    """The value that a text gives a parameter; of TEXTS it is one of them.

    Raises:
        UsageError: it gives none.
    """
    match parameter.kind:
        case Kind.FLAG if text in _TRUE or text in _FALSE:
            return text in _TRUE
        case Kind.COUNT if text.isascii() and text.isdecimal():
            number = _number(text)
            if parameter.least <= number <= parameter.most:
                return number
            bounds = f"{parameter.least:,} at least"
            if parameter.most != sys.maxsize:
                bounds += f" and {parameter.most:,} at most"
            raise _refusal(parameter, text, bounds)
        case Kind.SECONDS:
            seconds = _seconds(text)
            if seconds is not None:
                return seconds
            raise _refusal(parameter, text, "a number of seconds above 0")
        case Kind.NAMES:
            names = tuple(dict.fromkeys(name.strip() for name in text.split(",")))
            if all(names):
                return names
            raise UsageError(
                f"{parameter.name} has an empty name: {shown(text)}",
                hint="write names with commas between them",
            )
        case Kind.TEXT | Kind.TEXTS:
            if not parameter.choices or text in parameter.choices:
                return text
            raise _refusal(parameter, text, f"one of {', '.join(parameter.choices)}")
    raise _refusal(parameter, text, f"{_ARTICLES.get(parameter.kind, '')}{parameter.kind.value}")


_ARTICLES = {Kind.COUNT: "a "}


def schema_of(parameter: Parameter) -> Schema:
    """The JSON Schema of the value, as it is described in OpenAPI."""
    match parameter.kind:
        case Kind.FLAG:
            return {"type": "boolean"}
        case Kind.COUNT:
            bounded = {} if parameter.most == sys.maxsize else {"maximum": parameter.most}
            return {"type": "integer", "minimum": parameter.least, **bounded}
        case Kind.SECONDS:
            return {"type": "number", "exclusiveMinimum": 0}
        case Kind.TEXTS | Kind.NAMES:
            return {"type": "array", "items": {"type": "string"}}
        case Kind.TEXT:
            some = {"enum": list(parameter.choices)} if parameter.choices else {}
            return {"type": "string", **some}


def shown(text: str) -> str:
    """A text for a message; it may be of any size."""
    return repr(text if len(text) <= _SHOWN_CHARS else f"{text[:_SHOWN_CHARS]}...")


def _refusal(parameter: Parameter, text: str, expected: str) -> UsageError:
    return UsageError(
        f"{parameter.name} must be {expected}, not {shown(text)}", hint=parameter.remedy
    )


def _number(digits: str) -> int:
    """A number, or the highest there is where it is higher, as one of a thousand digits."""
    significant = digits.lstrip("0") or "0"
    most = sys.maxsize
    return most if len(significant) > len(str(most)) else min(int(significant), most)


def _seconds(text: str) -> float | None:
    try:
        seconds = float(text)
    except ValueError:
        return None
    return seconds if seconds > 0 else None  # which excludes nan

"""Frozen records like those of dataclasses, which take a tenth of the time to define.

A dataclass compiles its methods, half a millisecond for each class at every start; here all
classes share them, and those of as many fields the code that sets these.
"""

from __future__ import annotations

from functools import lru_cache
from operator import attrgetter
from types import FunctionType
from typing import TYPE_CHECKING, Any, ClassVar, Self, dataclass_transform

if TYPE_CHECKING:
    from types import CodeType


def place(*, default: None = None, kw_only: bool = True) -> Any:  # noqa: ARG001 - for type checkers
    """A field that is given by name and does not count for equality."""
    return _PLACE


_PLACE = object()
_MOST_CODES = 64


@dataclass_transform(frozen_default=True, field_specifiers=(place,))
class NodeType(type):
    """Makes slots and positional parameters of a class's annotations, after those of its bases."""

    def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> NodeType:
        """Return the class."""
        own = [
            field
            for field, kind in namespace.get("__annotations__", {}).items()
            if not kind.startswith("ClassVar")
        ]
        given = {field: namespace.pop(field) for field in own if field in namespace}
        places = tuple(field for field, value in given.items() if value is _PLACE)
        defaults = {field: None if value is _PLACE else value for field, value in given.items()}

        def of_bases(attribute: str, empty: Any) -> Any:
            return getattr(bases[0], attribute) if bases else empty

        namespace["__slots__"] = tuple(own)
        namespace["__match_args__"] = (
            *of_bases("__match_args__", ()),
            *(field for field in own if field not in places),
        )
        namespace["by_name"] = (*of_bases("by_name", ()), *places)
        # Nodes without fields are equal to all of their class.
        namespace["_key"] = attrgetter(*(namespace["__match_args__"] or ("__class__",)))
        namespace["defaults"] = of_bases("defaults", {}) | defaults
        made = super().__new__(cls, name, bases, namespace)
        made.__init__ = _constructor(made)  # type: ignore[misc]
        return made


def _constructor(of: Any) -> FunctionType:
    """What sets the fields of a class of nodes, with its names and defaults."""
    fields = (*of.__match_args__, *of.by_name)
    code = _with_fields(len(of.__match_args__), len(of.by_name)).replace(
        co_varnames=("self", *fields), co_qualname=f"{of.__name__}.__init__"
    )
    setters = {f"_set_{place}": getattr(of, field).__set__ for place, field in enumerate(fields)}
    defaults = tuple([of.defaults[one] for one in of.__match_args__ if one in of.defaults])
    made = FunctionType(code, setters, "__init__", defaults)
    made.__kwdefaults__ = {field: of.defaults[field] for field in of.by_name}
    return made


@lru_cache(_MOST_CODES)
def _with_fields(positional: int, by_name: int) -> CodeType:
    """The code of a constructor of so many fields, whatever they are called."""
    names = [f"_{place}" for place in range(positional + by_name)]
    parameters = ["self", *names[:positional], *(["*"] if by_name else []), *names[positional:]]
    body = "; ".join([f"_set{name}(self, {name})" for name in names]) or "pass"
    made: dict[str, Any] = {}
    exec(f"def __init__({', '.join(parameters)}): {body}", made)  # noqa: S102 - our own
    code: CodeType = made["__init__"].__code__
    return code


class Node(metaclass=NodeType):
    """A frozen record.

    Attributes:
        _key: gives what counts for equality.
        by_name: the fields that place() made.
        defaults: the values of fields that are not given.
    """

    __match_args__: ClassVar[tuple[str, ...]]
    _key: ClassVar[attrgetter[Any]]
    by_name: ClassVar[tuple[str, ...]]
    defaults: ClassVar[dict[str, Any]]

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return bool(self._key(self) == other._key(other))

    def __hash__(self) -> int:
        return hash((type(self), self._key(self)))

    def __repr__(self) -> str:
        fields = (*self.__match_args__, *self.by_name)
        shown = ", ".join(f"{field}={getattr(self, field)!r}" for field in fields)
        return f"{type(self).__name__}({shown})"

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen; {name} stays as it is")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen; {name} stays as it is")

    def replaced(self, **changes: Any) -> Self:
        """The same with other values in some fields."""
        fields = (*self.__match_args__, *self.by_name)
        return type(self)(**{field: getattr(self, field) for field in fields} | changes)

"""Frozen records like those of dataclasses, which take a tenth of the time to define.

A dataclass compiles its methods, half a millisecond for each class at every start; here all
classes share them.
"""

from __future__ import annotations

from typing import Any, ClassVar, Self, dataclass_transform


def place(*, default: None = None, kw_only: bool = True) -> Any:  # noqa: ARG001 - for type checkers
    """A field that is given by name and does not count for equality."""
    return _PLACE


_PLACE = object()
_set = object.__setattr__


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
        namespace["defaults"] = of_bases("defaults", {}) | defaults
        return super().__new__(cls, name, bases, namespace)


class Node(metaclass=NodeType):
    """A frozen record.

    Attributes:
        by_name: the fields that place() made.
        defaults: the values of fields that are not given.
    """

    __match_args__: ClassVar[tuple[str, ...]]
    by_name: ClassVar[tuple[str, ...]]
    defaults: ClassVar[dict[str, Any]]

    def __init__(self, *values: Any, **named: Any) -> None:
        fields = self.__match_args__
        if len(values) > len(fields):
            raise TypeError(f"{type(self).__name__} takes {len(fields)} values: {values!r}")
        for field, value in zip(fields, values, strict=False):
            if field in named:
                raise TypeError(f"{type(self).__name__} was given {field} twice")
            _set(self, field, value)
        defaults = self.defaults
        for field in (*fields[len(values) :], *self.by_name):
            if field in named:
                _set(self, field, named.pop(field))
            elif field in defaults:
                _set(self, field, defaults[field])
            else:
                raise TypeError(f"{type(self).__name__} needs {field}")
        if named:
            raise TypeError(f"{type(self).__name__} has no {', '.join(named)}")

    def _key(self) -> tuple[Any, ...]:
        return tuple([getattr(self, field) for field in self.__match_args__])

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._key() == other._key()

    def __hash__(self) -> int:
        return hash((type(self), self._key()))

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

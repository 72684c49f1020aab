"""Named tuples that take a third of the time to define.

``typing.NamedTuple`` compiles each annotation that is a string, which all are here; a search
defines some sixty such classes at every start. To type checkers it is the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple  # noqa: PLC0414 - so that it is exported
else:
    from collections import namedtuple

    class _Maker(type):
        """Makes tuples with the annotated names of a class, its defaults and its methods."""

        def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> type:
            if not bases:
                return super().__new__(cls, name, bases, namespace)
            fields = list(namespace.get("__annotations__", ()))
            defaults = [namespace[field] for field in fields if field in namespace]
            made = namedtuple(  # noqa: PYI024 - that is what is made here
                name, fields, defaults=defaults, module=namespace["__module__"]
            )
            for key, value in namespace.items():
                if key not in fields and key not in {"__module__", "__qualname__", "__dict__"}:
                    setattr(made, key, value)
            made.__qualname__ = namespace["__qualname__"]
            return made

    class NamedTuple(metaclass=_Maker):
        """What named tuples are derived from."""

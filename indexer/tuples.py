"""Named tuples that take a tenth of the time to define.

``typing.NamedTuple`` compiles each annotation that is a string, which all are here, and a function
for each class; a search defines some eighty such classes at every start. To type checkers it is the
same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import NamedTuple as NamedTuple  # noqa: PLC0414 - so that it is exported
else:
    from functools import lru_cache
    from operator import itemgetter
    from types import FunctionType

    try:
        from _collections import _tuplegetter
    except ImportError:  # of another Python than CPython

        def _tuplegetter(place: int, doc: str) -> property:
            return property(itemgetter(place), doc=doc)

    _MOST_CODES = 64

    class _Record(tuple):
        """What all named tuples have; see collections.namedtuple."""

        __slots__ = ()
        _fields = ()

        @classmethod
        def _make(cls, values: Iterable[Any]) -> _Record:
            made = tuple.__new__(cls, values)
            if len(made) != len(cls._fields):
                raise TypeError(f"Expected {len(cls._fields)} arguments, got {len(made)}")
            return made

        def _replace(self, /, **changes: Any) -> _Record:
            made = self._make(map(changes.pop, self._fields, self))
            if changes:
                raise ValueError(f"Got unexpected field names: {list(changes)!r}")
            return made

        def _asdict(self) -> dict[str, Any]:
            return dict(zip(self._fields, self, strict=True))

        def __repr__(self) -> str:
            shown = (f"{name}={value!r}" for name, value in zip(self._fields, self, strict=True))
            return f"{type(self).__name__}({', '.join(shown)})"

        def __getnewargs__(self) -> tuple[Any, ...]:
            return tuple(self)

    @lru_cache(_MOST_CODES)
    def _with_fields(number: int) -> Any:
        """The code of a constructor of so many fields, whatever they are called."""
        names = "".join(f"_{place}, " for place in range(number))
        return eval(f"lambda _cls, {names}: _new(_cls, ({names}))").__code__  # noqa: S307 - our own

    def _constructor(name: str, fields: tuple[str, ...], defaults: tuple[Any, ...]) -> Any:
        code = _with_fields(len(fields)).replace(
            co_varnames=("_cls", *fields), co_name="__new__", co_qualname=f"{name}.__new__"
        )
        return FunctionType(code, {"_new": tuple.__new__}, "__new__", defaults)

    class _Maker(type):
        """Makes tuples with the annotated names of a class, its defaults and its methods."""

        def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> type:
            if not bases:
                return super().__new__(cls, name, bases, namespace)
            fields = tuple(namespace.get("__annotations__", ()))
            defaults = {field: namespace[field] for field in fields if field in namespace}
            if tuple(defaults) != fields[len(fields) - len(defaults) :]:
                raise TypeError(f"of the fields of {name} one without a default follows another")
            own = namespace | {
                "__slots__": (),
                "__match_args__": fields,
                "_fields": fields,
                "_field_defaults": defaults,
                "__new__": _constructor(name, fields, tuple(defaults.values())),
            }
            for place, field in enumerate(fields):
                own[field] = _tuplegetter(place, "")
            return type(name, (_Record,), own)

    class NamedTuple(metaclass=_Maker):
        """What named tuples are derived from."""

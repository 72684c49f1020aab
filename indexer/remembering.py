"""Methods that remember what they answered, without keeping their object alive."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar
from weakref import ref

if TYPE_CHECKING:
    from collections.abc import Callable

_Owner = TypeVar("_Owner")
_Asked = ParamSpec("_Asked")
_Answer = TypeVar("_Answer")


def remembered(
    owner: _Owner, method: Callable[Concatenate[_Owner, _Asked], _Answer], most: int
) -> Callable[_Asked, _Answer]:
    """A method of one object, for an attribute of it, that remembers so many answers.

    A bound method there would be a circle: files of the object would stay open after the last use
    of it, until the collector comes by.
    """
    found = ref(owner)

    def answer(*asked: _Asked.args, **options: _Asked.kwargs) -> _Answer:
        owner = found()
        assert owner is not None, "what has the method has ended"
        return method(owner, *asked, **options)

    # As it is called, by position.
    return lru_cache(maxsize=most)(answer)  # type: ignore[return-value]

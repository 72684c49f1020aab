"""Named tuples of our own making are those of ``typing``."""

from __future__ import annotations

import pickle

import pytest

from indexer.tuples import NamedTuple


class Pair(NamedTuple):
    """Two numbers."""

    one: int
    other: int = 7

    @property
    def total(self) -> int:
        """Their sum."""
        return self.one + self.other

    @classmethod
    def of(cls, number: int) -> Pair:
        """The same number twice."""
        return cls(number, number)


def test_a_named_tuple() -> None:
    pair = Pair(1)
    assert pair == (1, 7)
    assert (pair.one, pair.other, pair.total) == (1, 7, 8)
    assert Pair.of(3)._replace(one=4) == Pair(other=3, one=4)
    assert repr(pair) == "Pair(one=1, other=7)"
    assert (Pair._fields, Pair._field_defaults) == (("one", "other"), {"other": 7})
    assert (Pair.__doc__, Pair.__module__, Pair.__qualname__) == (
        "Two numbers.",
        __name__,
        "Pair",
    )
    assert pickle.loads(pickle.dumps(pair)) == pair  # noqa: S301 - our own
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'one'"):
        Pair()  # type: ignore[call-arg]
    with pytest.raises(AttributeError):
        pair.one = 2  # type: ignore[misc]
    assert (Pair._make([1, 2]), pair._asdict()) == (Pair(1, 2), {"one": 1, "other": 7})
    with pytest.raises(TypeError, match="Expected 2 arguments, got 1"):
        Pair._make([1])
    with pytest.raises(ValueError, match="unexpected field names: \\['two'\\]"):
        pair._replace(two=2)  # type: ignore[call-arg]
    match pair:
        case Pair(one, other):
            assert (one, other) == (1, 7)


def test_a_default_before_a_field_without_one_is_refused() -> None:
    with pytest.raises(TypeError, match="the fields of Wrong"):

        class Wrong(NamedTuple):
            one: int = 1
            other: int  # type: ignore[misc]

"""What a source says of an article that is neither its text nor one of its facts.

Front matter, the columns of a table and the keys of a record become pairs of a name and a value:
a list gives a pair for each of its values, what is nested is named by its path (``place.city``).
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from itertools import islice, repeat
from typing import TYPE_CHECKING

from indexer.readers.fields import clean, text_of
from indexer.text.values import MOST_VALUE_CHARS, field_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: Pairs an article keeps at most, the first ones.
MOST_PAIRS = 64
# A longer list is data, such as a vector, rather than labels.
_LONGEST_LIST = 64
_DEEPEST = 6
# An alias of YAML may stand for itself many times over.
_MOST_NESTED = 1_000
_NESTED = frozenset((dict, list, tuple))


def extra_of(named: Iterable[tuple[object, object]]) -> tuple[tuple[str, str], ...]:
    """The pairs of some names and values, each once and not more than MOST_PAIRS.

    Left out are values that are empty or longer than MOST_VALUE_CHARS, and lists of more than 64.
    """
    pairs: dict[tuple[str, str], None] = {}
    left = _MOST_NESTED
    for name, value in named:
        if value.__class__ in _NESTED:
            for path, one in _unfolded(f"{name}", value, 0):
                left -= 1
                if left < 0:
                    break
                if one is not None and (pair := _pair(path, one)):
                    pairs[pair] = None
        elif pair := _pair(f"{name}", value):
            pairs[pair] = None
    return tuple(islice(pairs, MOST_PAIRS))


def _unfolded(path: str, value: object, depth: int) -> Iterator[tuple[str, object]]:
    """Yield what is nested in a value, and None for each list and object.

    So who takes some of it looks at a bounded number of those as well.
    """
    if isinstance(value, dict):
        inner: Iterable[tuple[str, object]] = (
            (f"{path}.{name}", one) for name, one in value.items()
        )
    elif isinstance(value, list | tuple) and len(value) <= _LONGEST_LIST:
        inner = zip(repeat(path), value, strict=False)
    else:
        return
    for own, one in inner:
        if one.__class__ not in _NESTED:
            yield own, one
        else:
            yield own, None
            if depth < _DEEPEST:
                yield from _unfolded(own, one, depth + 1)


@lru_cache(maxsize=1 << 12, typed=True)  # articles have the same ones over and over
def _pair(path: str, value: object) -> tuple[str, str] | None:
    name, text = field_name(path), _text(value)
    return (name, text) if name and text and len(text) <= MOST_VALUE_CHARS else None


def _text(value: object) -> str:
    """A value as one line, "" for none."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    return clean(text_of(value))

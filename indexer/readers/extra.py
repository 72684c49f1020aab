"""What a source says of an article that is neither its text nor one of its facts.

Front matter, the columns of a table and the keys of a record become pairs of a name and a value:
a list gives a pair for each of its values, what is nested is named by its path (``place.city``).
"""

from __future__ import annotations

from datetime import date
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
_MOST_LOOKED_AT = 1_000


def extra_of(named: Iterable[tuple[object, object]]) -> tuple[tuple[str, str], ...]:
    """The pairs of some names and values, each once and not more than MOST_PAIRS.

    Left out are values that are empty or longer than MOST_VALUE_CHARS, and lists of more than 64.
    """
    found: dict[tuple[str, str], None] = {}
    for number, (path, value) in enumerate(_scalars(named)):
        if number == _MOST_LOOKED_AT:
            break
        text = _text(value)
        if text and len(text) <= MOST_VALUE_CHARS and (name := field_name(path)):
            found[name, text] = None
            if len(found) == MOST_PAIRS:
                break
    return tuple(found)


def _scalars(
    named: Iterable[tuple[object, object]], path: str = "", depth: int = 0
) -> Iterator[tuple[str, object]]:
    """Yield every value that is no list or object; an empty text in the place of such a one.

    So who takes some of them looks at a bounded number of lists and objects as well.
    """
    for name, value in named:
        own = f"{path}{name}"
        if isinstance(value, (dict, list, tuple)):
            yield own, ""
            if depth == _DEEPEST:
                continue
            if isinstance(value, dict):
                yield from _scalars(value.items(), f"{own}.", depth + 1)
            elif len(value) <= _LONGEST_LIST:
                yield from _scalars(((name, one) for one in value), path, depth + 1)
        else:
            yield own, value


def _text(value: object) -> str:
    """A value as one line, "" for none."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    return clean(text_of(value))

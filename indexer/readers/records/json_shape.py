"""Where in a JSON document its records are.

They are what the longest array of objects holds, first of those whose objects have text; or what an
object holds that has nothing but objects, each under its name. An object that has a text of its own
is a record itself, and so is one without such an array.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from indexer.articles import SkipReason
from indexer.readers.faults import ReaderError
from indexer.readers.records.json_text import JsonText, TooLargeError
from indexer.readers.records.keys import choose_keys, has_own_text
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from indexer.readers.mapping import Mapping

_DEEPEST = 5
_LOOKED_AT = 20
# Of a document that is not held whole, what is longer is what it is about.
_LONG_CHARS = 1 << 20
# An object of so many objects has nothing else.
_MOST_SMALL = 1_000


class Place(NamedTuple):
    """Where records are.

    Attributes:
        path: the names of the objects that lead there.
        is_whole: whether it is one record.
    """

    path: tuple[str, ...] = ()
    is_whole: bool = False


class _Found(NamedTuple):
    has_text: bool
    records: int
    place: Place


def place_in(value: object, mapping: Mapping) -> Place:
    """Where the records of a document are that is held whole."""
    if not isinstance(value, dict):
        return Place()
    if not mapping.fields and has_own_text(value):
        return Place(is_whole=True)
    found = list(_places(value, (), mapping))
    best = max(found, key=lambda one: one[:2], default=None)
    is_record = choose_keys([value], mapping) is not None
    if best is None or (is_record and not best.has_text):
        return Place(is_whole=True)
    return best.place


def _places(value: dict[str, object], path: tuple[str, ...], mapping: Mapping) -> Iterator[_Found]:
    """Yield the arrays of objects in an object, and it if it has several objects alone."""
    if len(value) > 1 and all(isinstance(one, dict) for one in islice(value.values(), _LOOKED_AT)):
        yield _found(list(islice(value.values(), _LOOKED_AT)), len(value), path, mapping)
    for name, one in value.items():
        own = (*path, name)
        if isinstance(one, list) and one and all(isinstance(i, dict) for i in one[:_LOOKED_AT]):
            yield _found(one[:_LOOKED_AT], len(one), own, mapping)
        elif isinstance(one, dict) and len(own) < _DEEPEST:
            yield from _places(one, own, mapping)


def _found(sample: list[object], records: int, path: tuple[str, ...], mapping: Mapping) -> _Found:
    objects = [one for one in sample if isinstance(one, dict)]
    return _Found(choose_keys(objects, mapping) is not None, records, Place(path))


def find_place(stream: BinaryIO, mapping: Mapping) -> Place:
    """Where the records of a document are that is too large to be held, or is broken.

    What is longer than a megabyte is looked into; where nothing is, all of the document was seen.

    Raises: ReaderError if it is broken before anything was found.
    """
    text = JsonText(stream)
    return _find(text, (), mapping) or Place()


def _find(text: JsonText, path: tuple[str, ...], mapping: Mapping) -> Place | None:
    if text.take("["):
        if not path and text.peek() not in {"{", '"', "]", ""}:
            raise ReaderError(SkipReason.NO_PROSE, "the array has no objects, but lists or numbers")
        return Place(path) if text.peek() == "{" or not path else None
    small: dict[str, object] = {}
    for name in names_in_object(text):
        try:
            value = text.value(_LONG_CHARS).value
            if isinstance(value, dict | list) and len(small) < _MOST_SMALL:
                small[name] = value
                if len(small) == _MOST_SMALL and all(isinstance(i, dict) for i in small.values()):
                    return Place(path)
        except TooLargeError:
            if len(path) + 1 < _DEEPEST and text.peek() in {"[", "{"}:
                found = _find(text, (*path, name), mapping)
                if found is not None:
                    return found
            else:
                text.pass_value()
    inner = place_in(small, mapping)
    return None if inner.is_whole else Place((*path, *inner.path))


def names_in_object(text: JsonText) -> Iterator[str]:
    """Yield the names in the object that comes next; who takes them takes the values.

    Raises: ReaderError if it is broken.
    """
    if not text.take("{"):
        raise text.fault("an object is expected")
    if text.take("}"):
        return
    while True:
        name = text.value(_LONG_CHARS) if text.peek() == '"' else None
        if name is None or not text.take(":"):
            raise text.fault("a name and a colon are expected")
        yield str(name.value)
        if text.take("}"):
            return
        if not text.take(","):
            raise text.fault("a comma is expected")


def values_at(text: JsonText, path: tuple[str, ...]) -> Iterator[tuple[str, int]]:
    """Go where records are, and yield the name and number of each; who takes them takes the values.

    Raises: ReaderError if it is broken.
    """
    for step in path:
        for name in names_in_object(text):
            if name == step:
                break
            text.pass_value()
        else:
            raise text.fault(f"there is no {step!r}")
    if text.peek() == "{":
        yield from ((name, number) for number, name in enumerate(names_in_object(text), start=1))
        return
    if not text.take("["):
        raise text.fault("an array is expected")
    number = 0
    if text.take("]"):
        return
    while True:
        number += 1
        yield "", number
        if text.take("]"):
            return
        if not text.take(","):
            raise text.fault("a comma is expected")

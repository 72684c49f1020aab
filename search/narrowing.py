"""What a request is narrowed down to beside its query, as filters of the query language; pure.

So they are told as the query itself is: what it was taken for, what finds nothing, what would.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.errors import UsageError
from indexer.model import Span
from search.query.dates import date_leaf
from search.query.spelling import DateWord, Field
from search.query.tree import Everything, Nothing, Term, all_of, any_of
from search.query.words import plain_leaf, raw_leaf, resolve
from search.where import asked_field

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from search.query.faults import Fault
    from search.query.tree import Leaf, Query
    from search.request import Request


def narrowed(query: Query, request: Request) -> Query:
    """A query of a request within what that is narrowed down to; all of it if there is no query.

    Several articles, sources, languages or values of a field are alternatives.

    Raises:
        UsageError: a value cannot be one of its kind.
    """
    filters = [one for one in _filters(request) if not isinstance(one, Nothing)]
    if not isinstance(query, Nothing):
        return all_of(query, *filters)
    if request.query.strip():  # there is one, without a word
        return query
    return all_of(*filters) if filters else Everything()


def _filters(request: Request) -> Iterator[Query]:
    """Yield a filter, or Nothing, for each thing that the request may be narrowed down to."""
    for field, values in (
        (Field.ARTICLE, request.articles),
        (Field.SOURCE, request.sources),
        (Field.LANG, request.languages),
    ):
        yield any_of(*_leaves(field, values))
    for word, value in ((DateWord.AFTER, request.after), (DateWord.BEFORE, request.before)):
        if value:
            yield _date(word, value)
    by_name: dict[str, list[Query]] = {}
    for leaf in _leaves(Field.WHERE, request.where):
        by_name.setdefault(asked_field(leaf), []).append(leaf)
    yield from (any_of(*leaves) for leaves in by_name.values())


def _leaves(field: Field, values: Iterable[str]) -> Iterator[Leaf]:
    """Yield the leaf of each value, as it would be after the name of the field."""
    for value in values:
        faults: list[Fault] = []
        chunk, leaf = resolve(value, 0, len(value)), None
        if field is Field.LANG:
            leaf = plain_leaf(chunk, len(chunk.text), f"{field.value}:", field, faults)
        elif value.strip():
            span = Span(0, len(value))
            leaf = raw_leaf(chunk, len(chunk.text), field, span, faults)
        if leaf is None:
            raise UsageError(f"{field.value}: has no value", hint="name one, or leave it out")
        _refuse(faults)
        yield leaf.replaced(span=None)
        # An id may have a backslash itself, and is given as it is printed.
        if field is Field.ARTICLE and "\\" in value:
            yield Term(value, field)


def _date(word: DateWord, value: str) -> Query:
    faults: list[Fault] = []
    leaf = date_leaf(value.strip(), word, Span(0, len(value)), faults)
    _refuse(faults)
    assert leaf is not None, "there is a fault otherwise"
    return leaf.replaced(span=None)


def _refuse(faults: list[Fault]) -> None:
    if faults:
        raise UsageError(faults[0].message)

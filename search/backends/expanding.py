"""Patterns of a query -> the terms of lexicons that they stand for; plain words need none of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

from indexer.text.analysis import encoded
from search.deadline import SearchTimeoutError
from search.patterns import glob_expression
from search.plan import Element, Lookup, Pattern
from search.query.faults import Warned

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from search.backends.words import Words
    from search.deadline import Deadline
    from search.plan import Unit
    from search.query.spelling import Field

MOST_EXPANSIONS = 1024
# So many terms are counted between looks at the time.
_COUNTED_AT_ONCE = 256
# So many letters of a term are looked at in a step of the deadline, a microsecond or so.
_LETTERS_A_STEP = 32


class Lexicons(Protocol):
    """The lexicons of one segment, as ``vocabulary`` has them."""

    @property
    def fields(self) -> Collection[Field]:
        """The text fields in which the segment has any terms."""

    def expanded(
        self, element: Element, text_field: Field, deadline: Deadline
    ) -> Iterator[Sequence[bytes]]:
        """Yield the live terms of a field that a pattern stands for, some at a time."""

    def live_counts(
        self, element: Element, text_field: Field, terms: Sequence[bytes]
    ) -> Mapping[bytes, int]:
        """How many live documents hold each of some terms that a pattern was found to stand for."""


class Expansion:
    """Looks up the elements of a unit that is asked for by patterns.

    Args:
        unit: it.
        fields: the text fields that patterns are expanded in.
        lexicons: those of each segment.
        deadline: when it is over, the terms found until then stand for a pattern.

    Attributes:
        warning: what is to be told of a pattern that stands for too many terms; the last one.
        is_cut: whether the time was over before all were found.
    """

    def __init__(
        self,
        unit: Unit,
        fields: Sequence[Field],
        lexicons: Sequence[Lexicons],
        deadline: Deadline,
    ) -> None:
        self._unit = unit
        self._fields = fields
        self._lexicons = lexicons
        self._deadline = deadline
        self.warning: Warned | None = None
        self.is_cut = False

    def lookup(self, element: Element) -> Lookup:
        """The terms that an element stands for."""
        if element.pattern is Pattern.EQUAL:
            return Lookup(element.offset, element.form, (encoded(element.text),))
        pieces: list[Sequence[bytes]] = []
        try:
            for of_segment in self._lexicons:
                for field in self._fields:
                    if field in of_segment.fields:
                        pieces.extend(of_segment.expanded(element, field, self._deadline))
        except SearchTimeoutError:
            self.is_cut = True
        found = sorted(set().union(*pieces))
        if len(found) > MOST_EXPANSIONS:
            unit = self._unit
            message = (
                f"{unit.label} stands for {len(found):,} words; the "
                f"{MOST_EXPANSIONS:,} found most often are searched"
            )
            self.warning = Warned(message, unit.span)
            found = sorted(self._commonest(element, found))
        return Lookup(element.offset, element.form, tuple(found))

    def _commonest(self, element: Element, found: Sequence[bytes]) -> Sequence[bytes]:
        """The first of those that most passages hold, as far as they are counted in time."""
        live = dict.fromkeys(found, 0)
        try:
            for first in range(0, len(found), _COUNTED_AT_ONCE):
                terms = found[first : first + _COUNTED_AT_ONCE]
                self._deadline.spend(len(terms))
                for one in self._lexicons:
                    for term, number in one.live_counts(element, self._unit.field, terms).items():
                        live[term] += number
        except SearchTimeoutError:
            self.is_cut = True
        # Sorting leaves equals as they are, also in reverse.
        return sorted(found, key=live.__getitem__, reverse=True)[:MOST_EXPANSIONS]


def head_of(element: Element) -> str:
    """What all terms begin with that a pattern stands for."""
    match element.pattern:
        case Pattern.EQUAL | Pattern.PREFIX:
            return element.text
        case Pattern.WILDCARD:
            head = re.match(r"[^*?\\]*", element.text)
            return head[0] if head else ""
        case _:
            return ""


def expand_places(element: Element, words: Words, deadline: Deadline) -> Iterable[int]:
    """The places of the terms that a pattern stands for, rising; a range where they are one.

    Raises, also where it is gone through:
        SearchTimeoutError: the time is over.
    """
    if element.pattern is Pattern.PREFIX:
        return words.prefix_range(encoded(element.text))
    return _fitting_places(element, words, deadline)


def _fitting_places(element: Element, words: Words, deadline: Deadline) -> Iterator[int]:
    text = element.text
    if element.pattern is Pattern.FUZZY:
        from search.backends.near import near_places  # noqa: PLC0415 - few queries have such words

        yield from near_places(words, text, element.distance, deadline)
        return
    if element.pattern is Pattern.WILDCARD:
        matches = re.compile(glob_expression(text)).fullmatch
        for place in words.prefix_range(encoded(head_of(element))):
            term = words.term(place)
            deadline.spend(1 + len(term) // _LETTERS_A_STEP)
            if matches(term.decode("utf-8", "surrogatepass")):
                yield place
        return
    from search.query.expressions import fitting  # noqa: PLC0415 - few queries have expressions

    fits = fitting(text, deadline)
    for place in range(len(words)):
        if fits(words.term(place).decode("utf-8", "surrogatepass")):
            yield place

"""The units of a plan -> the terms they stand for, patterns by the words of the index."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.errors import UsageError
from indexer.storage.remote.wire import sent_term
from indexer.text.analysis import encoded, stem_term
from search.backends.expanding import MOST_EXPANSIONS, expand_places, head_of
from search.backends.opensearch.asking import TOKENS, any_of
from search.deadline import SearchTimeoutError
from search.plan import Element, Lookup, Pattern, Resolved, languages_in
from search.query.faults import Warned
from search.query.spelling import Field

if TYPE_CHECKING:
    from collections.abc import Sequence

    from search.backends.opensearch.counted import Numbers
    from search.backends.opensearch.lexicon import Lexicon
    from search.backends.opensearch.talk import Talk
    from search.plan import Alternatives, Plan, Sequences, Unit

# So many words of one pattern are counted, to search the commonest.
_MOST_COUNTED = 20_000


class Resolver:
    """Looks up the words and patterns of one plan."""

    def __init__(self, lexicon: Lexicon, numbers: Numbers, talk: Talk) -> None:
        self._lexicon = lexicon
        self._numbers = numbers
        self._talk = talk
        self._found: dict[Element, list[bytes]] = {}

    def resolve(self, plan: Plan) -> tuple[Resolved, ...]:
        """The units of a plan; those for which the time is too short are cut."""
        patterns = {
            element
            for unit in plan.units
            for alternatives in (unit.alternatives, unit.telling, *unit.near)
            for sequence in alternatives
            for element in sequence
            if element.pattern is not Pattern.EQUAL
        }
        if not self._talk.deadline.is_over():
            self._lexicon.fetch(encoded(head_of(one)) for one in patterns)
        return tuple(map(self._unit, plan.units))

    def _unit(self, unit: Unit) -> Resolved:
        if self._talk.deadline.is_over():
            return Resolved(unit, (), near=tuple(() for _ in unit.near), is_cut=True)
        warnings: list[Warned] = []
        try:
            return Resolved(
                unit,
                self._sequences(unit, unit.alternatives, warnings),
                self._sequences(unit, unit.telling, warnings),
                tuple(self._sequences(unit, part, warnings) for part in unit.near),
                warnings[-1] if warnings else None,
            )
        except SearchTimeoutError:
            return Resolved(unit, (), near=tuple(() for _ in unit.near), is_cut=True)

    def _sequences(
        self, unit: Unit, alternatives: Alternatives, warnings: list[Warned]
    ) -> Sequences:
        return tuple(
            tuple(
                Lookup(one.offset, one.form, self._terms(unit, one, language, warnings))
                for one in sequence
            )
            for sequence in alternatives
            for language in languages_in(sequence) or ("",)
        )

    def _terms(
        self, unit: Unit, element: Element, language: str, warnings: list[Warned]
    ) -> tuple[bytes, ...]:
        if element.languages:
            return (stem_term(element.text, language),)
        if element.pattern is Pattern.EQUAL:
            return (encoded(element.text),)
        terms = self._expanded(element)
        if len(terms) > MOST_EXPANSIONS:
            return self._commonest(unit, terms, warnings)
        return tuple(terms)

    def _expanded(self, element: Element) -> list[bytes]:
        known = self._found.get(element)
        if known is None:
            words = self._lexicon.beginning(encoded(head_of(element)))
            places = expand_places(element, words, self._talk.deadline)
            known = self._found[element] = sorted(map(words.term, places))
        return known

    def _commonest(
        self, unit: Unit, terms: Sequence[bytes], warnings: list[Warned]
    ) -> tuple[bytes, ...]:
        """Those of many terms that most passages hold; of equals the first."""
        if len(terms) > _MOST_COUNTED:
            raise UsageError(
                f"{unit.label} stands for {len(terms):,} words, too many for OpenSearch",
                hint="give more of its letters",
            )
        held = dict(zip(terms, self._holding(TOKENS[unit.field], terms), strict=True))
        others = [term for term, number in held.items() if not number]
        if unit.field is Field.TEXT:  # words that only rank count as well
            queries = [
                any_of([{"term": {field: sent_term(term)}} for field in ("heading", "title")])
                for term in others
            ]
            numbers = self._numbers.passages(queries, self._talk)
            others = [term for term, number in zip(others, numbers, strict=True) if not number]
        for term in others:
            del held[term]
        if len(held) > MOST_EXPANSIONS:
            message = (
                f"{unit.label} stands for {len(held):,} words; the "
                f"{MOST_EXPANSIONS:,} found most often are searched"
            )
            warnings.append(Warned(message, unit.span))
        ranked = sorted(held, key=lambda term: (-held[term], term))
        return tuple(sorted(ranked[:MOST_EXPANSIONS]))

    def _holding(self, field: str, terms: Sequence[bytes]) -> list[int]:
        """How many passages hold each of some terms in a field of tokens."""
        return self._numbers.passages(
            [{"term": {field: sent_term(term)}} for term in terms], self._talk
        )

"""What matches in a segment, and its scores, found in C in a few calls; see ``evaluate``."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from search.backends.evaluate import (
    ROUNDED_UP,
    Found,
    Parts,
    Units,
    are_apart,
    matching,
)
from search.backends.kernels import compiled
from search.backends.ranking import UnitCounts, UnitWeight
from search.backends.vocabulary import ARTICLE_FIELDS, INDEX_FIELDS
from search.deadline import SearchTimeoutError
from search.plan import Form, Pattern
from search.query.spelling import Field

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from search.backends.kernels.compiled import (
        Chains,
        Counts,
        Fields,
        Lexicon,
        Scores,
        UnitSpec,
    )
    from search.backends.kernels.native import NativeKernel
    from search.backends.ranking import RankingSettings, Totals, Worths
    from search.backends.resolving import Resolving
    from search.backends.vocabulary import Lexicons, Vocabulary
    from search.deadline import Deadline
    from search.plan import Match, Plan, Resolved

# What a unit is looked up in: passages with their headings, titles and articles, a field of
# passages, or one of whole articles.
_IN_CONTEXT, _IN_PASSAGES, _IN_ARTICLES = range(3)
_NONE: Chains = ()
# To look up the members of an enumeration takes a while.
_TEXT, _HEADING, _TITLE = Field.TEXT, Field.HEADING, Field.TITLE


class NativeUnits(Parts):
    """The units of one query in one segment; what is near each other is counted by Python."""

    kernel: NativeKernel

    def __init__(
        self,
        resolved: Resolving,
        lexicons: Lexicons,
        kernel: NativeKernel,
        deadline: Deadline,
    ) -> None:
        super().__init__(lexicons.segment, kernel, deadline)
        #: The same in C.
        self.compiled = compiled.Units(
            kernel.segment,
            resolved.units,
            _fields(lexicons.vocabulary, lexicons.number),
            resolved.words,
            partial(self._looked_up, resolved, lexicons),
            kernel.lists,
            deadline.left_seconds,
            SearchTimeoutError,
        )

    def _looked_up(self, resolved: Resolving, lexicons: Lexicons, number: int) -> UnitSpec:
        """What Python looked up of a unit; what is near each other it counts as well."""
        one = resolved[number]
        if one.is_cut:
            self._cut.add(number)
        if not one.near:
            return _spec(one, lexicons)
        units = Units([one], lexicons, self.kernel, self._deadline)
        counts = units.counts(0)
        if units.is_unsure(0):
            self._cut.add(number)
        return counts

    def docs(self, unit: int) -> Counts:
        """The passages that hold a unit in the field that it is of."""
        return self.compiled.docs(unit)

    def all_of(self, units: Sequence[int]) -> Counts:
        """The passages that hold each of one or more units."""
        return self.compiled.all_of(units) if len(units) > 1 else self.compiled.docs(units[0])

    def any_of(self, units: Sequence[int]) -> Counts:
        """The passages that hold any of some units."""
        return self.compiled.any_of(units)

    def titled(self, unit: int) -> Counts:
        """The records of articles whose title holds a unit, if titles rank by it."""
        return self.compiled.titled(unit)

    def is_unsure(self, match: Match) -> bool:
        """Whether more may match than was found in time."""
        if isinstance(match, int) and self.compiled.is_cut(match):
            return True
        return super().is_unsure(match)

    def is_held(self, unit: int) -> bool:
        """Whether any passage holds a unit in the field that it is of."""
        return self.compiled.is_held(unit) or unit in self._cut


class NativeFound(Found):
    """The passages of a segment that match, and how often units stand in them."""

    units: NativeUnits

    @classmethod
    def of(cls, match: Match, units: Parts) -> NativeFound:
        """What of the segment matches."""
        return cls(matching(match, units), units)

    def holdings(self, units: Sequence[int]) -> Sequence[tuple[int, int]]:
        """How many passages, and articles, decide how telling each of some units is."""
        return self.units.compiled.holdings(units)

    def worths(
        self,
        plan: Plan,
        totals: Totals,
        settings: RankingSettings,
        languages: int,
        holding: Callable[[str], Mapping[str, int]],
    ) -> Worths:
        """What units are worth if this is the only segment; as ``scoring`` has it for several.

        Args:
            plan: where the units are used.
            totals: of the segment.
            settings: the constants of the formula.
            languages: how many the articles are in.
            holding: by language, how many passages hold a folded word's stem.
        """
        constants = settings.k3, settings.article_share, totals.passages, totals.articles
        return self.units.compiled.worths(
            UnitWeight, plan.units, plan.boosts, plan.lit, constants, languages, holding
        )

    def scores(self, weights: Mapping[int, UnitWeight], deadline: Deadline) -> Scores:
        """The sums of what units give to each passage, of as many as are added in time."""
        return self.units.compiled.scores(self.docs, weights, deadline.is_over)

    def add_beside(
        self, scores: Any, weights: Mapping[int, UnitWeight], wanted: int | None
    ) -> None:
        """Add what units give that rank beside others, where it may decide who is wanted."""
        self.units.compiled.add_beside(scores, weights, wanted, ROUNDED_UP)

    def held(self, docs: Sequence[int], groups: Sequence[Sequence[int]]) -> Sequence[bytes]:
        """By group of units, which of some passages hold any in text, headings or title: 0 or 1."""
        return self.units.compiled.held(self.docs, docs, groups)

    def counts(self, unit: int) -> UnitCounts:
        """The counts of a unit, in these passages and their articles at least."""
        return UnitCounts(*self.units.compiled.counts(self.docs, unit))


def _fields(vocabulary: Vocabulary, number: int) -> Fields:
    """The text fields of a segment, as units are looked up there."""
    known = vocabulary.compiled.get(number)
    if known is not None:
        return known
    terms, stem_fields = vocabulary.terms[number], vocabulary.stem_fields

    def of(field: Field) -> tuple[Field, Lexicon | None, Lexicon | None, int]:
        names = INDEX_FIELDS[field]
        exact, stems = terms[names[Form.EXACT]], terms[names[Form.STEM]]
        place = number, names[Form.STEM]
        return (
            field,
            exact.lexicon if exact else None,
            stems.lexicon if stems else None,
            stem_fields.index(place) if place in stem_fields else -1,
        )

    fields = (of(_TEXT), of(_HEADING), of(_TITLE), of(Field.AUTHOR))
    found = compiled.Fields(
        fields, Form.STEM, Pattern.EQUAL, vocabulary.languages, vocabulary.words
    )
    vocabulary.compiled[number] = found
    return found


def _spec(one: Resolved, lexicons: Lexicons) -> UnitSpec:
    """What is looked up for a unit."""
    unit, sequences, telling = one.unit, one.sequences, one.telling
    field, fields, parts = unit.field, lexicons.fields, lexicons.parts
    is_text = field is _TEXT
    body = [parts(sequence, field) for sequence in sequences]
    if telling:
        is_apart = are_apart(telling)
        of_telling: Chains = [parts(sequence, field) for sequence in telling]
    else:
        is_apart = len(sequences) < 2 or are_apart(sequences)
        of_telling = ()
    headings = titles = telling_titles = _NONE
    if not is_text or unit.own:
        kind = _IN_ARTICLES if field in ARTICLE_FIELDS else _IN_PASSAGES
    else:
        kind = _IN_CONTEXT
        if _HEADING in fields:
            headings = [parts(sequence, _HEADING) for sequence in sequences]
        if _TITLE in fields:
            titles = [parts(sequence, _TITLE) for sequence in sequences]
            telling_titles = [parts(sequence, _TITLE) for sequence in telling]
    slop = unit.slop
    return kind, slop, is_text, is_apart, body, headings, titles, of_telling, telling_titles

"""What a query asks of a backend: which indexed forms to look up and how they combine; pure.

A *unit* is what one leaf of the query asks for: one or more alternatives, each a sequence of
*elements* (indexed forms at fixed offsets) that stands for one in each language of its words. A
backend counts how often a unit occurs in each passage and turns the counts into scores. A plan
depends on the languages of the index and on nothing else in it.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from indexer.model import Span
    from search.ids import PassageName
    from search.query.faults import Warned
    from search.query.spelling import Field


#: What a word counts once more in the very form that was typed.
EXACT_WEIGHT = 0.1
#: What two neighbouring words count more where a paragraph has them side by side.
PAIR_WEIGHT = 0.16
#: The same where those are syllables, which make a word together.
SYLLABLES_WEIGHT = 1.0
#: What it counts more with its accents, in languages where those make other words.
LETTERS_WEIGHT = 1.0


class Form(Enum):
    """Which of the two indexed forms of a text an element is looked up in."""

    # Members are single objects; Enum's own hash takes a call of Python.
    __hash__ = object.__hash__

    EXACT = "exact"
    STEM = "stems"


class Pattern(Enum):
    """How an element names its terms."""

    # Members are single objects; Enum's own hash takes a call of Python.
    __hash__ = object.__hash__

    EQUAL = "equal"
    PREFIX = "prefix"
    WILDCARD = "wildcard"
    FUZZY = "fuzzy"
    REGEX = "regex"


class Element(NamedTuple):
    """One place of a sequence: a term, or a pattern or word that stands for several.

    Attributes:
        offset: its place, from that of the first.
        form, text: what is looked up, and where.
        pattern, distance: the terms that the text fits.
        languages: where text is a word, those in which its stem is looked up; all words of a
            sequence have the same, and its stems are of one language.
    """

    offset: int
    form: Form
    text: str
    pattern: Pattern = Pattern.EQUAL
    distance: int = 0
    languages: tuple[str, ...] = ()


Alternatives: TypeAlias = "tuple[tuple[Element, ...], ...]"


class Unit(NamedTuple):
    """What one leaf asks for in a text field.

    Attributes:
        label: the leaf's canonical spelling.
        field: TEXT, TITLE, HEADING or AUTHOR.
        alternatives: sequences of elements; the unit occurs where any of them does.
        slop: positions that may lie between the elements in all, beyond those they need.
        near: in the place of alternatives, those of each of several parts that stand together in
            any order.
        span: the leaf's place in the query text.
        telling: the sequences that decide how telling the unit is, where those are more than the
            alternatives: a word that some languages leave out is as common as in all of them.
        own: whether it ranks by the paragraph's own text alone, not by title, headings, article.
        by_chance: whether it is as telling as if its words, of one sequence, met by chance: that is
            known without looking where they stand.
    """

    label: str
    field: Field
    alternatives: Alternatives
    slop: int = 0
    span: Span | None = None
    telling: Alternatives = ()
    own: bool = False
    near: tuple[Alternatives, ...] = ()
    by_chance: bool = False


class ArticleFilter(NamedTuple):
    """Passages of the articles whose value in an index field passes a test; it has no score.

    Attributes:
        label: the leaf's canonical spelling.
        index_fields: the fields of the article record that are looked at.
        equal: the value to look up; None where every value is tested.
        pattern: a regular expression, matched in linear time, that is searched in each value.
        head: what values begin with that are looked at; those that do pass if there is no pattern.
            A pattern is searched in what is before their NUL then, see ``indexer.text.values``.
        first, last: the range that values lie in, for dates in ISO form; "" is an open end.
    """

    label: str
    index_fields: tuple[str, ...]
    equal: str | None = None
    pattern: str | None = None
    first: str = ""
    last: str = ""
    head: str = ""


class PlaceFilter(NamedTuple):
    """Passages whose own value in an index field passes a test, as their places do; no score.

    Attributes:
        values: the test, as of articles.
    """

    values: ArticleFilter


class PassageFilter(NamedTuple):
    """The passage that an id names; it has no score.

    Attributes:
        label: the leaf's canonical spelling.
        name: its article, and its digest or number.
    """

    label: str
    name: PassageName


# The boolean structure over units and filters; a number is a unit's place in Plan.units.


class All(NamedTuple):
    """What all parts match."""

    parts: tuple[Match, ...]


class AnyOf(NamedTuple):
    """What any part matches."""

    parts: tuple[Match, ...]


class Without(NamedTuple):
    """What the part does not match."""

    part: Match


class OfArticles(NamedTuple):
    """All passages of the articles that have a passage, or a title, that the part matches."""

    part: Match


class Always(NamedTuple):
    """Every passage, or none."""

    matches: bool


Match: TypeAlias = (
    "int | ArticleFilter | PlaceFilter | PassageFilter | All | AnyOf | Without | OfArticles"
    " | Always"
)


class Asked(NamedTuple):
    """One thing that passages are found by.

    Attributes:
        units: it stands wherever any of these does.
        languages: those of the articles that it is asked of; not where it is a stop word.
    """

    units: tuple[int, ...]
    languages: tuple[str, ...]


class Spoken(NamedTuple):
    """A word of the query, folded, and the languages where it is a stop word."""

    word: str
    stops: Collection[str]


class Plan(NamedTuple):
    """What to look up and how it combines.

    Attributes:
        units: every unit once, in query order.
        match: which passages match.
        boosts: by unit, the boost of each of its places in the query that adds to the score.
        asked: each word, phrase or pattern that passages are found by.
        lit: by unit, whether its words are what a passage is found by, to be highlighted.
        spoken: the words of the query, which tell in which language it is asked. Empty where the
            index has only one.
        written: the same of its scripts: the languages of the index that are written in each.
        warnings: parts of the query that ask for nothing.
        where: names of fields whose values are asked for, each with its place in the query text.
    """

    units: tuple[Unit, ...]
    match: Match
    boosts: tuple[tuple[float, ...], ...]
    asked: tuple[Asked, ...]
    lit: tuple[bool, ...]
    spoken: tuple[Spoken, ...] = ()
    written: tuple[frozenset[str], ...] = ()
    warnings: tuple[Warned, ...] = ()
    where: tuple[tuple[str, Span | None], ...] = ()


def matching_only(plan: Plan) -> Plan:
    """What the passages of a plan are found by, without the units by which they only rank."""
    if isinstance(plan.match, int) and len(plan.units) == 1:
        return plan  # as most are that are counted
    kept: dict[int, int] = {}

    def of_kept(match: Match) -> Match:
        if isinstance(match, int):
            return kept.setdefault(match, len(kept))
        if isinstance(match, All | AnyOf):
            return type(match)(tuple([of_kept(part) for part in match.parts]))
        if isinstance(match, Without | OfArticles):
            return type(match)(of_kept(match.part))
        return match

    match = of_kept(plan.match)
    units = tuple([plan.units[number] for number in kept])
    return Plan(units, match, ((),) * len(units), (), (False,) * len(units))


# What a backend makes of the units


class Lookup(NamedTuple):
    """An element with the terms it stands for, as they are in the index."""

    offset: int
    form: Form
    terms: tuple[bytes, ...]


Sequences: TypeAlias = "tuple[tuple[Lookup, ...], ...]"


def languages_in(sequence: Sequence[Element]) -> tuple[str, ...]:
    """The languages in which a sequence is looked up; none where it is the same in all."""
    for one in sequence:
        if one.languages:
            return one.languages
    return ()


class Resolved(NamedTuple):
    """A unit whose patterns and words were looked up in the index.

    A word stands for its stems that are there, a sequence for those in languages that have it.

    Attributes:
        is_cut: whether the time was over first; it may stand for more.
    """

    unit: Unit
    sequences: Sequences
    telling: Sequences = ()
    near: tuple[Sequences, ...] = ()
    warning: Warned | None = None
    is_cut: bool = False


def width(alternatives: Alternatives) -> int:
    """The positions that a part of what is near takes."""
    return max(element.offset for sequence in alternatives for element in sequence) + 1

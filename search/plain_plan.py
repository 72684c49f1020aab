"""Query tree of plain words -> its plan; of any other tree, nothing.

Most queries are words of the letters a to z, phrases of them and beginnings of them, in texts or in
titles, side by side or all under one AND or OR. These few steps make of them what ``planner`` would
make, which need not be loaded for them.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from indexer.text.analysis import STEMMERS, SYLLABIC, stemmer
from indexer.text.stopwords import stopping
from indexer.tuples import NamedTuple
from search.plan import (
    EXACT_WEIGHT,
    PAIR_WEIGHT,
    All,
    Always,
    AnyOf,
    Asked,
    Element,
    Form,
    Pattern,
    Plan,
    Spoken,
    Unit,
)
from search.query.spelling import Field
from search.query.tree import And, Or, Phrase, Prefix, Ranked, Term

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from indexer.model import Span
    from search.plan import Match
    from search.query.tree import Query

# Of so many leaves, none longer, a plan is made in a moment, without a look at the clock.
_MOST_LEAVES = 64
_MOST_LETTERS = 1_000
# The language in which a capital I is another letter than i.
_DOTLESS = "tr"
_NOWHERE = frozenset[str]()
# The constructors of records take twice as long.
_new = tuple.__new__
# To look up the member of an enumeration takes longer than to make a tuple of it.
_TEXT, _STEM, _EXACT = Field.TEXT, Form.STEM, Form.EXACT
_EQUAL, _PREFIX = Pattern.EQUAL, Pattern.PREFIX
_FIELDS = (_TEXT, Field.TITLE)


def plain_plan(query: Query, languages: tuple[str, ...]) -> Plan | None:
    """The plan of a query of plain words alone; None where more has to be known of it.

    Args:
        query: the tree.
        languages: those of the articles of the index, at least one.
    """
    nodes = query.children if isinstance(query, And | Or | Ranked) else (query,)
    if not 0 < len(nodes) <= _MOST_LEAVES:
        return None
    if len(languages) == 1 and languages[0] in SYLLABIC:  # neighbours may make a word together
        return None
    planner = _PlainPlanner(languages)
    leaves: list[_Word | Term | Phrase | Prefix] = []
    spoken: list[Spoken] = []
    for node in nodes:
        if not isinstance(node, Term | Phrase | Prefix) or not _is_plain(node, languages):
            return None
        if node.field is not _TEXT or isinstance(node, Prefix):
            leaves.append(node)
            continue
        words = node.text.lower()
        if isinstance(node, Phrase):
            spoken += [Spoken(word, stopping(word, languages)) for word in words.split()]
            leaves.append(node)
            continue
        stops = stopping(words, languages)
        spoken.append(Spoken(words, stops))
        label = node.text if node.text.islower() else str(node)  # operators are in capitals
        leaves.append(_Word(words, label, node.span, stops))
    if isinstance(query, Ranked):
        match = planner.ranked(leaves)
    else:
        match = _joined(All if isinstance(query, And) else AnyOf, list(map(planner.leaf, leaves)))
        if isinstance(query, And):
            planner.pairs(leaves, [languages] * len(leaves))
    return Plan(
        tuple(planner.units),
        match,
        tuple(map(tuple, planner.boosts)),
        tuple(planner.asked),
        tuple(planner.lit),
        tuple(spoken) if len(languages) > 1 else (),
    )


class _Word(NamedTuple):
    """A plain word of the text: folded, as it is spelt, its place, and where it is a stop word."""

    word: str
    label: str
    span: Span | None
    stops: frozenset[str]


def _is_plain(leaf: Term | Phrase | Prefix, languages: Sequence[str]) -> bool:
    """Whether a leaf asks for words of the letters a to z in texts or in titles."""
    text = leaf.text
    return (
        leaf.field in _FIELDS
        and text.isascii()
        and (text.isalpha() or (isinstance(leaf, Phrase) and text.replace(" ", "").isalpha()))
        and len(text) <= _MOST_LETTERS
        and not ("I" in text and _DOTLESS in languages)
    )


class _PlainPlanner:
    """Makes the units of plain leaves, whose weight is 1; see ``plan.Plan`` for what it holds."""

    def __init__(self, languages: tuple[str, ...]) -> None:
        self._languages = languages
        self.units: list[Unit] = []
        self.boosts: list[list[float]] = []
        self.asked: dict[Asked, None] = {}
        self.lit: list[bool] = []
        # By what tells a unit from every other, its number.
        self._numbers: dict[Hashable, int] = {}
        self._alikes = Alikes()

    def leaf(self, leaf: _Word | Term | Phrase | Prefix) -> int:
        """The number of the unit that a leaf is found by."""
        if isinstance(leaf, _Word):
            return self._word(leaf, self._languages)
        text = leaf.text.lower()
        elements: tuple[Element, ...]
        slop = 0
        if isinstance(leaf, Term):
            elements = (_stem(0, self._alikes.of(text, self._languages), self._languages),)
        elif isinstance(leaf, Prefix):
            elements = (Element(0, _EXACT, text, _PREFIX),)
        else:
            slop = leaf.slop
            elements = tuple([_exact(at, word) for at, word in enumerate(text.split())])
        key = elements, slop, leaf.field
        number = self._numbers.get(key)
        if number is None:
            unit = Unit(str(leaf), leaf.field, (elements,), slop, leaf.span)
            number = self._numbers[key] = self._new(unit, is_lit=True)
        self.boosts[number].append(1.0)
        self.asked[Asked((number,), self._languages)] = None
        return number

    def ranked(self, leaves: Sequence[_Word | Term | Phrase | Prefix]) -> Match:
        """Plan leaves side by side; words are left out where they are stop words.

        In a language where they all are, none is.
        """
        languages = self._languages
        stops = [leaf.stops if isinstance(leaf, _Word) else _NOWHERE for leaf in leaves]
        kept = [languages] * len(leaves)
        if any(stops):
            silent = frozenset.intersection(*stops)
            for place, stopped in enumerate(stops):
                if without := stopped - silent:
                    kept[place] = tuple([one for one in languages if one not in without])
        parts = [
            self._word(leaf, own) if isinstance(leaf, _Word) else self.leaf(leaf)
            for leaf, own in zip(leaves, kept, strict=True)
            if own
        ]
        self.pairs(leaves, kept)
        return _joined(AnyOf, parts)

    def pairs(
        self, leaves: Sequence[_Word | Term | Phrase | Prefix], kept: Sequence[tuple[str, ...]]
    ) -> None:
        """Plan neighbouring words where both are kept, for what they count side by side."""
        alike = self._alikes.of
        for place in range(1, len(leaves)):
            one, other = leaves[place - 1], leaves[place]
            if not (isinstance(one, _Word) and isinstance(other, _Word)):
                continue
            languages, also = kept[place - 1], kept[place]
            if also is not self._languages:
                languages = tuple([language for language in languages if language in also])
            if not languages:
                continue
            first, second = alike(one.word, languages), alike(other.word, languages)
            key = first, second, languages
            number = self._numbers.get(key)
            if number is None:
                sequence = _stem(0, first, languages), _stem(1, second, languages)
                label = f"{one.label} {other.label}, side by side"
                unit = _new(Unit, (label, _TEXT, (sequence,), 0, None, (), True, (), True))
                number = self._numbers[key] = self._new(unit)
            self.boosts[number].append(PAIR_WEIGHT)

    def _word(self, leaf: _Word, languages: tuple[str, ...]) -> int:
        """The number of the unit that a word is found by in some languages.

        By the form that was typed it ranks as well, where it is not left out.
        """
        word, label, span, _ = leaf
        everywhere, numbers = self._languages, self._numbers
        stem = _stem(0, self._alikes.of(word, languages), languages)
        exact = _exact(0, word)
        typed: tuple[Element, ...] = (exact,)
        telling: tuple[tuple[Element, ...], ...] = ()
        if languages is not everywhere:
            typed = stem, exact
            telling = ((_stem(0, self._alikes.of(word, everywhere), everywhere),),)
        number = numbers.get(typed)
        if number is None:
            fields = f"{label}, as typed", _TEXT, (typed,), 0, None, (), True, (), False
            unit = _new(Unit, fields)
            number = numbers[typed] = self._new(unit)
        self.boosts[number].append(EXACT_WEIGHT)
        key = stem, telling
        number = numbers.get(key)
        if number is None:
            unit = _new(Unit, (label, _TEXT, ((stem,),), 0, span, telling, False, (), False))
            number = numbers[key] = self._new(unit, is_lit=True)
        self.boosts[number].append(1.0)
        self.asked[Asked((number,), languages)] = None
        return number

    def _new(self, unit: Unit, *, is_lit: bool = False) -> int:
        self.units.append(unit)
        self.boosts.append([])
        self.lit.append(is_lit)
        return len(self.units) - 1


def _joined(kind: type[All | AnyOf], parts: Sequence[int]) -> Match:
    if len(parts) > 1:
        return kind(tuple(parts))
    return parts[0] if parts else Always(matches=False)


def _stem(offset: int, word: str, languages: tuple[str, ...]) -> Element:
    return _new(Element, (offset, _STEM, word, _EQUAL, 0, languages))


def _exact(offset: int, word: str) -> Element:
    return _new(Element, (offset, _EXACT, word, _EQUAL, 0, ()))


class Alikes:
    """The words of one query that have the same stems."""

    def __init__(self) -> None:
        # By languages and the stem in the first of them, words that differ in some.
        self._stemmed: dict[tuple[tuple[str, ...], str], list[str]] = {}

    def of(self, word: str, languages: tuple[str, ...]) -> str:
        """The first word asked for that has the same stem in each of some languages."""
        if not _are_stemmed(languages):
            return word
        known = self._stemmed.setdefault((languages, stemmer(languages[0])(word)), [])
        for other in known:
            if other == word or all(stemmer(one)(other) == stemmer(one)(word) for one in languages):
                return other
        known.append(word)
        return word


@lru_cache(maxsize=1 << 10)
def _are_stemmed(languages: tuple[str, ...]) -> bool:
    """Whether words have stems in all of some languages; where not, each is its own."""
    return STEMMERS.keys() >= set(languages)

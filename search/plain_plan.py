"""Query tree of plain words -> its plan; of any other tree, nothing.

Most queries are words of the letters a to z, phrases of them and beginnings of them, side by side
or all under one AND or OR. These few steps make of them what ``planner`` would make, which need not
be loaded for them.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from indexer.text.analysis import STEMMERS, SYLLABIC, stemmer
from indexer.text.stopwords import stopping
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
    from collections.abc import Hashable, Iterator, Sequence

    from search.plan import Match
    from search.query.tree import Query

    _Plain: TypeAlias = Term | Phrase | Prefix

_LEAVES = (Term, Phrase, Prefix)
# Of so many, none longer, a plan is made in a moment, without a look at the clock.
_MOST_LEAVES = 64
_MOST_LETTERS = 1_000
# The language in which a capital I is another letter than i.
_DOTLESS = "tr"


def plain_plan(query: Query, languages: tuple[str, ...]) -> Plan | None:
    """The plan of a query of plain words alone; None where more has to be known of it.

    Args:
        query: the tree.
        languages: those of the articles of the index, at least one.
    """
    nodes = query.children if isinstance(query, And | Or | Ranked) else (query,)
    leaves = _plain_leaves(nodes, languages)
    if leaves is None:
        return None
    planner = _PlainPlanner(languages)
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
        tuple(_spoken(leaves, languages)) if len(languages) > 1 else (),
    )


def _plain_leaves(nodes: Sequence[Query], languages: Sequence[str]) -> list[_Plain] | None:
    """Nodes that are leaves of plain words alone; None if one is not, or not as many as expected.

    In Vietnamese neighbouring words make one, and a capital I is a letter of its own in Turkish.
    """
    if not 0 < len(nodes) <= _MOST_LEAVES or (len(languages) == 1 and languages[0] in SYLLABIC):
        return None
    leaves: list[_Plain] = []
    for node in nodes:
        if not isinstance(node, _LEAVES) or node.field is not Field.TEXT:
            return None
        text = node.text
        if not text.isascii() or len(text) > _MOST_LETTERS:
            return None
        if not text.isalpha() and not (isinstance(node, Phrase) and _are_words(text)):
            return None
        if "I" in text and _DOTLESS in languages:
            return None
        leaves.append(node)
    return leaves


def _are_words(text: str) -> bool:
    return text.replace(" ", "").isalpha()


def _spoken(leaves: Sequence[_Plain], languages: tuple[str, ...]) -> Iterator[Spoken]:
    """The words of a query in each language, but for beginnings of words."""
    for leaf in leaves:
        if not isinstance(leaf, Prefix):
            for word in leaf.text.lower().split():
                yield Spoken(word, stopping(word, languages))


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

    def leaf(self, leaf: _Plain) -> int:
        """The number of the unit that a leaf is found by."""
        languages = self._languages
        if isinstance(leaf, Term):
            return self._term(leaf, languages)
        text = leaf.text.lower()
        if isinstance(leaf, Prefix):
            slop = 0
            elements: tuple[Element, ...] = (Element(0, Form.EXACT, text, Pattern.PREFIX, 0, ()),)
        else:
            slop = leaf.slop
            words = enumerate(text.split())
            elements = tuple(
                [Element(at, Form.EXACT, word, Pattern.EQUAL, 0, ()) for at, word in words]
            )
        number = self._numbers.get((elements, slop))
        if number is None:
            unit = Unit(str(leaf), Field.TEXT, (elements,), slop, leaf.span, (), False, (), False)
            number = self._numbers[elements, slop] = self._new(unit)
        self._found_by(number, languages)
        return number

    def ranked(self, leaves: Sequence[_Plain]) -> Match:
        """Plan leaves side by side; words are left out where they are stop words.

        In a language where they all are, none is.
        """
        languages = self._languages
        stops = [
            stopping(leaf.text.lower(), languages) if isinstance(leaf, Term) else frozenset[str]()
            for leaf in leaves
        ]
        kept = [languages] * len(leaves)
        if any(stops):
            silent = frozenset.intersection(*stops)
            for place, stopped in enumerate(stops):
                if without := stopped - silent:
                    kept[place] = tuple([one for one in languages if one not in without])
        parts = []
        for leaf, own in zip(leaves, kept, strict=True):
            if own is languages:
                parts.append(self.leaf(leaf))
            elif own and isinstance(leaf, Term):
                parts.append(self._term(leaf, own))
        self.pairs(leaves, kept)
        return _joined(AnyOf, parts)

    def pairs(self, leaves: Sequence[_Plain], kept: Sequence[tuple[str, ...]]) -> None:
        """Plan neighbouring words where both are kept, for what they count side by side."""
        alike = self._alikes.of
        for place in range(1, len(leaves)):
            one, other = leaves[place - 1], leaves[place]
            if not (isinstance(one, Term) and isinstance(other, Term)):
                continue
            languages, also = kept[place - 1], kept[place]
            if also is not self._languages:
                languages = tuple([language for language in languages if language in also])
            if not languages:
                continue
            first, second = alike(one.text.lower(), languages), alike(other.text.lower(), languages)
            key = first, second, languages
            number = self._numbers.get(key)
            if number is None:
                sequence = _stem(0, first, languages), _stem(1, second, languages)
                label = f"{_label(one)} {_label(other)}, side by side"
                unit = Unit(label, Field.TEXT, (sequence,), 0, None, (), True, (), True)
                number = self._numbers[key] = self._new(unit)
            self.boosts[number].append(PAIR_WEIGHT)

    def _term(self, term: Term, languages: tuple[str, ...]) -> int:
        """The number of the unit that a word is found by in some languages."""
        word, alike = term.text.lower(), self._alikes.of
        stem = alike(word, languages)
        everywhere = stem if languages is self._languages else alike(word, self._languages)
        self._as_typed(term, word, stem, languages)
        key = stem, languages, everywhere
        number = self._numbers.get(key)
        if number is None:
            telling = (
                () if languages is self._languages else ((_stem(0, everywhere, self._languages),),)
            )
            stems = ((_stem(0, stem, languages),),)
            label = _label(term)
            unit = Unit(label, Field.TEXT, stems, 0, term.span, telling, False, (), False)
            number = self._numbers[key] = self._new(unit)
        self._found_by(number, languages)
        return number

    def _as_typed(self, term: Term, word: str, stem: str, languages: tuple[str, ...]) -> None:
        """Plan the very form of a word, by which it ranks where it is not left out."""
        key: Hashable = word if languages is self._languages else ((stem, languages), word)
        number = self._numbers.get(key)
        if number is None:
            sequence: tuple[Element, ...] = (Element(0, Form.EXACT, word, Pattern.EQUAL, 0, ()),)
            if languages is not self._languages:
                sequence = (_stem(0, stem, languages), *sequence)
            label = f"{_label(term)}, as typed"
            unit = Unit(label, Field.TEXT, (sequence,), 0, None, (), True, (), False)
            number = self._numbers[key] = self._new(unit)
        self.boosts[number].append(EXACT_WEIGHT)

    def _new(self, unit: Unit) -> int:
        self.units.append(unit)
        self.boosts.append([])
        self.lit.append(False)
        return len(self.units) - 1

    def _found_by(self, number: int, languages: tuple[str, ...]) -> None:
        """Note that passages are found by a unit, as often as it is said."""
        self.boosts[number].append(1.0)
        self.lit[number] = True
        self.asked[Asked((number,), languages)] = None


def _joined(kind: type[All | AnyOf], parts: Sequence[int]) -> Match:
    if len(parts) > 1:
        return kind(tuple(parts))
    return parts[0] if parts else Always(matches=False)


def _stem(offset: int, word: str, languages: tuple[str, ...]) -> Element:
    return Element(offset, Form.STEM, word, Pattern.EQUAL, 0, languages)


def _label(term: Term) -> str:
    return term.text if term.text.islower() else str(term)  # operators are in capitals


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

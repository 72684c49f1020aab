"""Query tree of plain words -> its plan; of any other tree, nothing.

Most queries are words of the letters a to z, phrases of them and beginnings of them, in texts or in
titles, side by side or all under one AND or OR. These few steps make of them what ``planner`` would
make, which need not be loaded for them.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from indexer.text.analysis import STEMMERS, SYLLABIC, stemmer
from indexer.text.stopwords import ascii_stop_words_of, stopping
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
    from collections.abc import Callable, Hashable, Sequence

    from indexer.model import Span
    from search.plan import Match
    from search.query.tree import Query

# Of so many leaves, none longer, a plan is made in a moment, without a look at the clock.
_MOST_LEAVES = 64
_MOST_LETTERS = 1_000
# The language in which a capital I is another letter than i.
_DOTLESS = "tr"
# A language in which stems begin as their words do: to see that costs less than to stem them.
_INITIALS_KEPT = "en"
_NOWHERE = frozenset[str]()
# The constructors of records take twice as long.
_new = tuple.__new__
# To look up the member of an enumeration takes longer than to make a tuple of it.
_TEXT, _STEM, _EXACT = Field.TEXT, Form.STEM, Form.EXACT
_EQUAL, _PREFIX = Pattern.EQUAL, Pattern.PREFIX
_FIELDS = (_TEXT, Field.TITLE)
_JOINED, _GROUPS = (And, Or), (And, Or, Ranked)
_LEAVES = (Term, Phrase, Prefix)
# What most units rank by.
_ONCE, _ONCE_TYPED, _ONCE_BESIDE = (1.0,), (EXACT_WEIGHT,), (PAIR_WEIGHT,)


def plain_plan(query: Query, languages: tuple[str, ...]) -> Plan | None:
    """The plan of a query of plain words alone; None where more has to be known of it.

    Args:
        query: the tree.
        languages: those of the articles of the index, at least one.
    """
    nodes = query.children if isinstance(query, _GROUPS) else (query,)
    if not 0 < len(nodes) <= _MOST_LEAVES:
        return None
    if languages[0] in SYLLABIC and len(languages) == 1:  # neighbours may make a word together
        return None
    kind = type(query)
    is_ranked = kind is Ranked
    are_several = len(languages) > 1
    # Where all words count, in the one language there is, it does not matter which are stop words.
    stopped = ascii_stop_words_of(languages) if is_ranked or are_several else _NOWHERE
    leaves: list[_Word | Term | Phrase | Prefix] = []
    words: list[_Word] = []
    spoken: list[Spoken] = []
    left_out = 0
    for node in nodes:
        if not isinstance(node, _LEAVES) or not _is_plain(node, languages):
            return None
        text = node.text
        if node.field is not _TEXT or not isinstance(node, Term):
            leaves.append(node)
            if are_several and node.field is _TEXT and isinstance(node, Phrase):
                spoken += [
                    Spoken(word, stopping(word, languages) if word in stopped else _NOWHERE)
                    for word in text.lower().split()
                ]
            continue
        word = text.lower()
        label = text if word == text else str(node)  # operators are in capitals
        stops = stopping(word, languages) if word in stopped else _NOWHERE
        leaf = _new(_Word, (word, label, node.span, stops))
        leaves.append(leaf)
        words.append(leaf)
        if is_ranked and stops:
            left_out += 1
        if are_several:
            spoken.append(_new(Spoken, (word, stops)))
    if len(words) == len(leaves) and not (left_out and are_several):
        side_by_side: Sequence[_Word | None] = words
        kept = words
        if 0 < left_out < len(words):  # where all are stop words none is left out
            side_by_side = [None if word.stops else word for word in words]
            kept = [word for word in words if not word.stops]
        if _are_others(kept, languages):
            return _of_others(side_by_side, kind, languages, spoken)
    if len(leaves) == 1 and not isinstance(leaves[0], _Word):
        return _of_one(leaves[0], languages, spoken)
    planner = _PlainPlanner(languages)
    if is_ranked:
        match = planner.ranked(leaves)
    else:
        match = _joined(kind, list(map(planner.leaf, leaves)))
        if kind is And:
            planner.pairs(leaves, [languages] * len(leaves))
    units, boosts, asked, lit = planner.units, planner.boosts, planner.asked, planner.lit
    return Plan(tuple(units), match, tuple(boosts), tuple(asked), tuple(lit), tuple(spoken))


def plain_count(query: Query, languages: tuple[str, ...]) -> Plan | None:
    """What alone passages are found by that a query of plain words finds, to count them.

    None where more has to be known of it, or words may be left out.
    """
    kind = type(query)
    if kind is Ranked:
        return None
    nodes = query.children if isinstance(query, _JOINED) else (query,)
    if not 0 < len(nodes) <= _MOST_LEAVES:
        return None
    units: list[Unit] = []
    for node in nodes:
        if not isinstance(node, _LEAVES) or not _is_plain(node, languages):
            return None
        units.append(_unit_of(node, node.text.lower(), languages))
    number = len(units)
    match = _joined(kind, range(number))
    return _new(Plan, (tuple(units), match, ((),) * number, (), (False,) * number, (), (), (), ()))


class _Word(NamedTuple):
    """A plain word of the text: folded, as it is spelt, its place, and where it is a stop word.

    Where words all count, in the one language there is, stop words are not looked up.
    """

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


# Words of which each is another, and counts in all languages or in none, as in most queries: their
# units have the same order and numbers whatever they are.


def _are_others(words: Sequence[_Word], languages: tuple[str, ...]) -> bool:
    """Whether no two words have the same stem: they do not where one language tells them apart."""
    if len(words) == 1:
        return True
    if _INITIALS_KEPT in languages and len({word[0] for word, _, _, _ in words}) == len(words):
        return True
    stem = stemmer(languages[0])
    return len({stem(word) for word, _, _, _ in words}) == len(words)


def _of_others(
    words: Sequence[_Word | None],
    kind: type[Query],
    languages: tuple[str, ...],
    spoken: Sequence[Spoken],
) -> Plan:
    """The plan of words of which each is another; None stands where one is left out."""
    units: list[Unit] = []
    pairs: list[Unit] = []
    before, first = "", None
    for one in words:
        if one is None:
            first = None
            continue
        word, label, span, _ = one
        typed = (_new(Element, (0, _EXACT, word, _EQUAL, 0, ())),)
        unit = f"{label}, as typed", _TEXT, (typed,), 0, None, (), True, (), False
        units.append(_new(Unit, unit))
        if first is not None:
            pair = first, _new(Element, (1, _STEM, word, _EQUAL, 0, languages))
            beside = f"{before} {label}, side by side"
            pairs.append(_new(Unit, (beside, _TEXT, (pair,), 0, None, (), True, (), True)))
        before, first = label, _new(Element, (0, _STEM, word, _EQUAL, 0, languages))
        units.append(_new(Unit, (label, _TEXT, ((first,),), 0, span, (), False, (), False)))
    if kind is Or:
        pairs = []
    arranged = _arranged(len(units) // 2, len(pairs), kind, languages)
    units += pairs
    return _new(Plan, (tuple(units), *arranged, tuple(spoken), (), (), ()))


@lru_cache(maxsize=1 << 8)
def _arranged(
    words: int, pairs: int, kind: type[Query], languages: tuple[str, ...]
) -> tuple[Match, tuple[tuple[float, ...], ...], tuple[Asked, ...], tuple[bool, ...]]:
    """What of a plan depends on how many words and pairs it has: match, boosts, asked and lit."""
    found = range(1, 2 * words, 2)
    return (
        _joined(kind, found),
        (_ONCE_TYPED, _ONCE) * words + (_ONCE_BESIDE,) * pairs,
        tuple([Asked((number,), languages) for number in found]),
        (False, True) * words + (False,) * pairs,
    )


# One leaf of another kind


def _of_one(
    leaf: Term | Phrase | Prefix, languages: tuple[str, ...], spoken: Sequence[Spoken]
) -> Plan:
    """The plan of a leaf that is alone."""
    unit = _unit_of(leaf, leaf.text.lower(), languages)
    asked = (_new(Asked, ((0,), languages)),)
    return _new(Plan, ((unit,), 0, (_ONCE,), asked, (True,), tuple(spoken), (), (), ()))


def _unit_of(leaf: Term | Phrase | Prefix, text: str, languages: tuple[str, ...]) -> Unit:
    """What a leaf is found by, its text folded."""
    slop = 0
    elements: tuple[Element, ...]
    if isinstance(leaf, Phrase):
        slop = leaf.slop
        elements = tuple([_exact(at, word) for at, word in enumerate(text.split())])
    elif isinstance(leaf, Prefix):
        elements = (_new(Element, (0, _EXACT, text, _PREFIX, 0, ())),)
    else:
        elements = (_new(Element, (0, _STEM, text, _EQUAL, 0, languages)),)
    fields = str(leaf), leaf.field, (elements,), slop, leaf.span, (), False, (), False
    return _new(Unit, fields)


# Leaves of all kinds, the same more than once, and stop words


class _PlainPlanner:
    """Makes the units of plain leaves, whose weight is 1; see ``plan.Plan`` for what it holds."""

    def __init__(self, languages: tuple[str, ...]) -> None:
        self._languages = languages
        self.units: list[Unit] = []
        self.boosts: list[tuple[float, ...]] = []
        self.asked: list[Asked] = []
        self.lit: list[bool] = []
        # By what tells a unit from every other, its number.
        self._numbers: dict[Hashable, int] = {}
        # By a word and languages, what it is looked up by.
        self._stems: dict[tuple[str, tuple[str, ...]], Element] = {}
        self._alikes = Alikes()

    def leaf(self, leaf: _Word | Term | Phrase | Prefix) -> int:
        """The number of the unit that a leaf is found by."""
        if isinstance(leaf, _Word):
            return self._word(leaf, self._languages)
        text = leaf.text.lower()
        if isinstance(leaf, Term):
            text = self._alikes.of(text, self._languages)
        unit = _unit_of(leaf, text, self._languages)
        key = unit.alternatives, unit.slop, unit.field
        number = self._numbers.get(key)
        if number is None:
            return self._found_by(key, unit, self._languages)
        self.boosts[number] += _ONCE
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
        return _joined(Ranked, parts)

    def pairs(
        self, leaves: Sequence[_Word | Term | Phrase | Prefix], kept: Sequence[tuple[str, ...]]
    ) -> None:
        """Plan neighbouring words where both are kept, for what they count side by side."""
        numbers = self._numbers
        for place in range(1, len(leaves)):
            one, other = leaves[place - 1], leaves[place]
            if not (isinstance(one, _Word) and isinstance(other, _Word)):
                continue
            both, also = kept[place - 1], kept[place]
            if also is not self._languages:
                both = tuple([language for language in both if language in also])
            if not both:
                continue
            first, second = self._stem(one.word, both), self._stem(other.word, both)
            key = first, second.text
            number = numbers.get(key)
            if number is not None:
                self.boosts[number] += _ONCE_BESIDE
                continue
            sequence = first, _new(Element, (1, *second[1:]))
            label = f"{one.label} {other.label}, side by side"
            unit = _new(Unit, (label, _TEXT, (sequence,), 0, None, (), True, (), True))
            self._ranks_by(key, unit, _ONCE_BESIDE)

    def _word(self, leaf: _Word, languages: tuple[str, ...]) -> int:
        """The number of the unit that a word is found by in some languages.

        By the form that was typed it ranks as well, where it is not left out.
        """
        word, label, span, _ = leaf
        everywhere, numbers, boosts = self._languages, self._numbers, self.boosts
        stem = self._stem(word, languages)
        typed: tuple[Element, ...] = (_exact(0, word),)
        telling: tuple[tuple[Element, ...], ...] = ()
        if languages is not everywhere:
            typed = stem, *typed
            telling = ((self._stem(word, everywhere),),)
        number = numbers.get(typed)
        if number is None:
            fields = f"{label}, as typed", _TEXT, (typed,), 0, None, (), True, (), False
            self._ranks_by(typed, _new(Unit, fields), _ONCE_TYPED)
        else:
            boosts[number] += _ONCE_TYPED
        key = stem, telling
        number = numbers.get(key)
        if number is None:
            unit = _new(Unit, (label, _TEXT, ((stem,),), 0, span, telling, False, (), False))
            return self._found_by(key, unit, languages)
        boosts[number] += _ONCE
        return number

    def _stem(self, word: str, languages: tuple[str, ...]) -> Element:
        """What is looked up for a word that stands first: its stems in some languages."""
        key = word, languages
        found = self._stems.get(key)
        if found is None:
            alike = self._alikes.of(word, languages)
            found = self._stems[key] = _new(Element, (0, _STEM, alike, _EQUAL, 0, languages))
        return found

    def _found_by(self, key: Hashable, unit: Unit, languages: tuple[str, ...]) -> int:
        """The number of a new unit that passages are found by in some languages."""
        number = self._numbers[key] = len(self.units)
        self.units.append(unit)
        self.boosts.append(_ONCE)
        self.lit.append(True)
        self.asked.append(_new(Asked, ((number,), languages)))
        return number

    def _ranks_by(self, key: Hashable, unit: Unit, boost: tuple[float]) -> None:
        """Number a new unit by which passages only rank."""
        self._numbers[key] = len(self.units)
        self.units.append(unit)
        self.boosts.append(boost)
        self.lit.append(False)


def _joined(kind: type[Query], parts: Sequence[int]) -> Match:
    if len(parts) > 1:
        return (All if kind is And else AnyOf)(tuple(parts))
    return parts[0] if parts else Always(matches=False)


def _exact(offset: int, word: str) -> Element:
    return _new(Element, (offset, _EXACT, word, _EQUAL, 0, ()))


class Alikes:
    """The words of one query that have the same stems."""

    def __init__(self) -> None:
        # By languages: what gives the stem in the first of them, and by that stem, words that
        # differ in some. None where each word is its own.
        self._stemmed: dict[
            tuple[str, ...], tuple[Callable[[str], str], dict[str, list[str]]] | None
        ] = {}

    def of(self, word: str, languages: tuple[str, ...]) -> str:
        """The first word asked for that has the same stem in each of some languages."""
        try:
            stemmed = self._stemmed[languages]
        except KeyError:
            are_stemmed = STEMMERS.keys() >= set(languages)
            stemmed = (stemmer(languages[0]), {}) if are_stemmed else None
            self._stemmed[languages] = stemmed
        if stemmed is None:
            return word
        stem, words = stemmed
        known = words.setdefault(stem(word), [])
        for other in known:
            if other == word or all(stemmer(one)(other) == stemmer(one)(word) for one in languages):
                return other
        known.append(word)
        return word

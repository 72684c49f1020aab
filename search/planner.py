"""Query tree -> plan; pure."""

from __future__ import annotations

import re
from enum import Enum
from itertools import pairwise
from typing import TYPE_CHECKING

from indexer.text.analysis import (
    LETTERED,
    STEMMERS,
    SYLLABIC,
    FormKind,
    Need,
    has_letters,
    needs,
    pair_needs,
    tagged_letters,
    tagged_pair,
    word_needs,
    written_in,
)
from indexer.text.stopwords import stopping
from search.plain_plan import Alikes
from search.plan import (
    EXACT_WEIGHT,
    LETTERS_WEIGHT,
    PAIR_WEIGHT,
    SYLLABLES_WEIGHT,
    All,
    Alternatives,
    Always,
    AnyOf,
    ArticleFilter,
    Asked,
    Element,
    Form,
    Match,
    OfArticles,
    PassageFilter,
    Pattern,
    Plan,
    Spoken,
    Unit,
    Without,
)
from search.query.faults import Warned
from search.query.spelling import PLACE_FIELDS, Field, read_pattern
from search.query.tree import (
    And,
    Boost,
    DateRange,
    Everything,
    Fuzzy,
    InArticle,
    Near,
    Not,
    Nothing,
    Or,
    Phrase,
    Prefer,
    Prefix,
    Query,
    Ranked,
    Regex,
    Term,
    Wildcard,
    is_filter,
    positive_leaves,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from indexer.model import Span
    from search.deadline import Deadline
    from search.query.tree import Leaf

# Runs of characters up to these lengths are searched as they stand, longer ones as ranked pairs:
# most Chinese and Japanese words have one to four characters, a longer run is a sentence. Words of
# one alphabet (katakana, Hangul, Thai ...) may be longer.
_LONGEST_HAN_RUN = 4
_LONGEST_RUN = 12
# Of so many characters the pairs are found between two looks at the clock.
_PIECE_CHARS = 1_000
_HAN_OR_HIRAGANA = r"[\u3005-\u3007\u3040-\u309f\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"


# Steps of the deadline, a microsecond or so each: to plan a node, a part of a word, and to cut some
# letters of a text into words.
_STEPS_OF_A_NODE = 64
_STEPS_OF_A_PART = 32
_LETTERS_A_STEP = 2


class Use(Enum):
    """What a unit is planned for."""

    MATCH = "match"
    RANK = "rank"
    BOTH = "both"


def plan_query(query: Query, languages: Sequence[str], deadline: Deadline) -> Plan:
    """Plan a query for an index that holds articles in these languages.

    Raises:
        SearchTimeoutError: the time is over.
    """
    planner = _Planner(tuple(languages) or ("",), deadline)
    leaves = list(positive_leaves(query))
    planner.read_letters(leaves)
    match = planner.plan(query, 1.0)
    return Plan(
        tuple(planner.units),
        Always(matches=False) if match is None else match,
        tuple(map(tuple, planner.boosts)),
        tuple(planner.asked),
        tuple(planner.lit),
        planner.spoken(leaves),
        planner.written(leaves),
        tuple(planner.warnings),
        tuple(planner.where),
    )


class _Planner:
    """Walks one query tree; None stands for a part that asks for nothing."""

    def __init__(self, languages: tuple[str, ...], deadline: Deadline) -> None:
        self.languages = languages
        self._deadline = deadline
        self.units: list[Unit] = []
        self.boosts: list[list[float]] = []
        self.asked: dict[Asked, None] = {}
        self.lit: list[bool] = []
        self.warnings: list[Warned] = []
        self.where: list[tuple[str, Span | None]] = []
        self._places: dict[tuple[object, ...], int] = {}
        self._needs: dict[str, tuple[Need, ...]] = {}
        self._alikes = Alikes()
        # By the id of its node, what else a word is found by that has a number beside it.
        self._solid: dict[int, list[Need]] = {}
        # Languages in whose letters the query is typed.
        self.lettered: frozenset[str] = frozenset()

    def plan(self, query: Query, weight: float) -> Match | None:
        self._deadline.spend(_STEPS_OF_A_NODE)
        match query:
            case Term(field=Field.TEXT):
                return self._term(query, weight, self.languages)
            case Nothing():
                return None
            case Everything():
                return Always(matches=True)
            case And(children):
                self._note_solid(children)
                parts = [self.plan(child, weight) for child in children]
                self._pairs(children, {}, weight)
                return self._join(All, parts)
            case Or(children):
                return self._join(AnyOf, [self.plan(child, weight) for child in children])
            case Ranked(children):
                return self._ranked(children, weight)
            case Near(children, words):
                return self._near(query, children, words, weight)
            case InArticle(children):
                return self._in_article(children, weight)
            case Not(child):
                part = self.plan(child, 0.0)
                return None if part is None else Without(part)
            case Boost(child, factor):
                return self.plan(child, weight * factor)
            case Prefer(required, optional):
                filters = [child for child in optional if is_filter(child)]
                for child in optional:  # planned for its score; what it matches does not matter
                    if child not in filters:
                        self.plan(child, weight)
                return self._join(All, [self.plan(required, weight), *self._filters(filters)])
            case DateRange(first, last):
                return ArticleFilter(
                    str(query),
                    ("published",),
                    first=first.isoformat() if first else "",
                    last=last.isoformat() if last else "",
                )
            case (
                Term(field=Field.ARTICLE | Field.SOURCE)
                | Wildcard(field=Field.ARTICLE | Field.SOURCE)
            ):
                return _article_match(query)
            case Term(field=Field.WHERE) | Wildcard(field=Field.WHERE):
                return self._values(query)
            case Term() | Wildcard() if query.field in PLACE_FIELDS:
                from search.places import place_filter  # noqa: PLC0415 - few queries have one

                return place_filter(query)
            case Term(field=Field.LANG) | Phrase(field=Field.LANG) | Fuzzy(field=Field.LANG):
                return ArticleFilter(str(query), ("language",), equal=query.text.lower())
            case Prefix(field=Field.LANG) | Wildcard(field=Field.LANG) | Regex(field=Field.LANG):
                return self._language_filter(query)
            case Term():
                return self._term(query, weight, self.languages)
            case _:
                return self._leaf(query, weight)

    def _values(self, leaf: Term | Wildcard) -> ArticleFilter:
        """The articles with a value of the leaf's in its field, of which note is taken."""
        from search.where import asked_field, value_filter  # noqa: PLC0415 - few queries have it

        self.where.append((asked_field(leaf), leaf.span))
        return value_filter(leaf)

    def _word_needs(self, text: str) -> tuple[Need, ...]:
        """What a plain word asks for; asked again and again while a query is planned."""
        found = self._needs.get(text)
        if found is None:
            self._deadline.spend(len(text) // _LETTERS_A_STEP)
            found = self._needs[text] = word_needs(text, self.languages)
        return found

    @staticmethod
    def _join(kind: type[All | AnyOf], parts: Iterable[Match | None]) -> Match | None:
        found = tuple(part for part in parts if part is not None)
        if len(found) < 2:
            return found[0] if found else None
        return kind(found)

    def _filters(self, filters: Sequence[Query]) -> list[Match | None]:
        """One part for each field: its values are alternatives, different fields all hold.

        So do dates with an open end (after:x before:y is a period) and groups of filters.
        """
        by_field: dict[object, list[Match | None]] = {}
        for child in filters:
            key: object = getattr(child, "field", child)
            if key is Field.WHERE:
                from search.where import asked_field  # noqa: PLC0415 - few queries have it

                key = asked_field(child)
            if isinstance(child, DateRange) and child.first and child.last:
                key = DateRange
            by_field.setdefault(key, []).append(self.plan(child, 0.0))
        return [self._join(AnyOf, parts) for parts in by_field.values()]

    def _language_filter(self, leaf: Prefix | Wildcard | Regex) -> ArticleFilter:
        """The articles in any of the index's languages that a pattern fits."""
        from search.patterns import glob_expression  # noqa: PLC0415 - few queries have patterns

        fits: Callable[[str], object]
        match leaf:
            case Prefix(text):
                fits = re.compile(f"{re.escape(text)}.*", re.IGNORECASE).fullmatch
            case Wildcard(pattern):
                fits = re.compile(glob_expression(pattern), re.IGNORECASE).fullmatch
            case Regex(pattern):
                from search.query.expressions import fitting, regex_expression  # noqa: PLC0415 - few have

                fits = fitting(regex_expression(pattern), self._deadline)
        codes = [re.escape(language) for language in self.languages if fits(language)]
        pattern = rf"\A(?:{'|'.join(codes)})\Z" if codes else "(?!)"
        return ArticleFilter(str(leaf), ("language",), pattern=pattern)

    def _ranked(self, children: tuple[Query, ...], weight: float) -> Match | None:
        """Words rank and filters restrict; stop words are left out unless there is nothing else.

        That is decided language by language.
        """
        self._note_solid(children)
        filters = [child for child in children if is_filter(child)]
        words = [child for child in children if not is_filter(child)]
        stops = list(map(self._stops, words))
        silent = frozenset(self.languages).intersection(*stops)
        parts: list[Match | None] = []
        left_out: dict[int, frozenset[str]] = {}
        for child, stopped in zip(words, stops, strict=True):
            without = left_out[id(child)] = stopped - silent
            kept = self._languages_but(without)
            if isinstance(child, Term) and without:
                if kept:
                    parts.append(self._term(child, weight, kept))
            else:
                parts.append(self.plan(child, weight))
        self._pairs(children, left_out, weight)
        return self._join(All, [self._join(AnyOf, parts), *self._filters(filters)])

    def _pairs(
        self, children: Sequence[Query], left_out: Mapping[int, frozenset[str]], weight: float
    ) -> None:
        """Neighbouring words rank a little more where they stand side by side.

        Not in languages where one of the two is left out, by the id of its node.
        """
        for one, other in pairwise(children):
            first, second = self._single(one), self._single(other)
            if first is None or second is None:
                continue
            none = frozenset[str]()
            languages = self._languages_but(
                left_out.get(id(one), none), left_out.get(id(other), none)
            )
            for spoken, share in self._shares(languages, self._syllabic((first, second))):
                label = f"{one} {other}, side by side"
                sequence = (
                    self._word_element(0, first.text, spoken),
                    self._word_element(1, second.text, spoken),
                )
                unit = Unit(label, Field.TEXT, (sequence,), own=True, by_chance=True)
                self._unit(unit, share * weight, Use.RANK)

    @staticmethod
    def _shares(
        languages: tuple[str, ...], syllabic: frozenset[str]
    ) -> Iterator[tuple[tuple[str, ...], float]]:
        """Yield some languages with what neighbours count there for."""
        if languages and not syllabic:
            yield languages, PAIR_WEIGHT
            return
        for spoken, share in (
            (tuple(lang for lang in languages if lang not in syllabic), PAIR_WEIGHT),
            (tuple(lang for lang in languages if lang in syllabic), SYLLABLES_WEIGHT),
        ):
            if spoken:
                yield spoken, share

    def _syllabic(self, pair: Sequence[Need]) -> frozenset[str]:
        """The languages in which two neighbouring words may be syllables of one.

        Where others are in the index, one of them has their letters: of a name in another
        language's question the parts are words.
        """
        there = SYLLABIC.intersection(self.languages)
        if len(self.languages) == 1:
            return there
        return frozenset(
            language for language in there if any(has_letters(one.typed, language) for one in pair)
        )

    def _note_solid(self, children: Sequence[Query]) -> None:
        """Take note of the words that are found solid as well: RFC2119 by RFC and by 2119."""
        for one, other in pairwise(children):
            first, second = self._single(one), self._single(other)
            if first is None or second is None:
                continue
            typed = first.typed + second.typed
            solid = Need(0, first.text + second.text, FormKind.WORD, typed)
            if [need.text for need in _numbered(solid)] == [first.text, second.text]:
                for child in (one, other):
                    self._solid.setdefault(id(child), []).append(solid)

    def _single(self, query: Query) -> Need | None:
        """The form of a plain word that is one word."""
        if not isinstance(query, Term) or query.field is not Field.TEXT:
            return None
        wanted = self._word_needs(query.text)
        return wanted[0] if len(wanted) == 1 and wanted[0].kind is FormKind.WORD else None

    def read_letters(self, leaves: Iterable[Leaf]) -> None:
        """Find out whether accents were typed where they make other words."""
        typed = [leaf.text for leaf in leaves if isinstance(leaf, Term)]
        self.lettered = frozenset(
            language
            for language in LETTERED.intersection(self.languages)
            if any(has_letters(text, language) for text in typed)
        )

    def spoken(self, leaves: Iterable[Leaf]) -> tuple[Spoken, ...]:
        """The words of a query in each language, where there are several."""
        if len(self.languages) == 1:
            return ()
        return tuple(
            Spoken(need.text, stopping(need.text, self.languages))
            for text in _texts_of(leaves)
            for need in self._word_needs(text)
            if need.kind is FormKind.WORD
        )

    def written(self, leaves: Iterable[Leaf]) -> tuple[frozenset[str], ...]:
        """The languages of the index that each script of a query tells, where there are several."""
        if len(self.languages) == 1:
            return ()
        told = dict.fromkeys(one for text in _texts_of(leaves) for one in written_in(text))
        there = (frozenset(one).intersection(self.languages) for one in told)
        return tuple(languages for languages in there if languages)

    def _term(self, term: Term, weight: float, languages: tuple[str, ...]) -> Match | None:
        wanted = self._word_needs(term.text)
        if len(wanted) == 1:
            return self._words(term, wanted, weight, languages)
        characters = [need for need in wanted if need.kind is FormKind.CHARACTER]
        longest = (
            _LONGEST_HAN_RUN
            if any(re.match(_HAN_OR_HIRAGANA, need.text) for need in characters)
            else _LONGEST_RUN
        )
        if len(characters) > longest:
            parts = [(need,) for piece in self._pieces(term.text) for need in pair_needs(piece)]
            return self._join(AnyOf, [self._words(term, p, weight, languages) for p in parts])
        return self._words(term, wanted, weight, languages)

    def _pieces(self, text: str) -> Iterator[str]:
        """Cut a run of characters, each piece in time; one has the first character of the next."""
        for start in range(0, max(1, len(text) - 1), _PIECE_CHARS):
            self._deadline.left_seconds()
            yield text[start : start + _PIECE_CHARS + 1]

    def _words(
        self, term: Term, wanted: tuple[Need, ...], weight: float, languages: tuple[str, ...]
    ) -> Match | None:
        if not wanted:
            self._nothing_in(term.text, term.span)
            return None
        field, own = _looked_up(term.field)
        whole = Unit(
            self._label(term, wanted),
            field,
            (self._sequence(wanted, field, languages),),
            0,
            term.span,
            self._telling(wanted, field, languages),
            own,
        )
        if len(wanted) == 1 and wanted[0].kind is FormKind.WORD and term.field is Field.TEXT:
            self._as_typed(whole.label, wanted[0], weight, languages)
        words = [need for need in wanted if need.kind is FormKind.WORD]
        also: dict[str, tuple[Need, ...]] = {
            solid.typed: (solid,) for solid in self._solid.get(id(term), ())
        }
        if len(words) == len(wanted) == 1 and (numbered := _numbered(words[0])):
            also[whole.label] = numbered
        if also:
            parts = [self._unit(whole, weight)]
            for label, spelling in also.items():
                sequence = self._sequence(spelling, field, languages)
                parts.append(self._unit(Unit(label, field, (sequence,), own=own), weight))
            return self._asked(AnyOf(tuple(parts)), weight, languages)
        if len(wanted) == 1 or len(words) < len(wanted) or term.field is Field.AUTHOR:
            return self._asked(self._unit(whole, weight), weight, languages)
        return self._asked(self._compound(whole, words, weight, languages), weight, languages)

    def _asked(self, match: Match, weight: float, languages: tuple[str, ...]) -> Match:
        """Note the units that a word, phrase or pattern is found by, if passages are."""
        if weight:
            parts = match.parts if isinstance(match, AnyOf) else (match,)
            units = tuple([part for part in parts if isinstance(part, int)])
            self.asked[Asked(units, languages)] = None
        return match

    def _as_typed(self, label: str, need: Need, weight: float, languages: tuple[str, ...]) -> None:
        """A word ranks by the form that was typed as well, where it is not left out."""
        # Where words have no stems, they are as typed letter by letter.
        if not self.lettered or not all(
            one in self.lettered and one not in STEMMERS for one in languages
        ):
            sequence: tuple[Element, ...] = (Element(0, Form.EXACT, need.text),)
            if len(languages) < len(self.languages):
                sequence = (*self._sequence((need,), Field.TEXT, languages), *sequence)
            unit = Unit(f"{label}, as typed", Field.TEXT, (sequence,), own=True)
            self._unit(unit, EXACT_WEIGHT * weight, Use.RANK)
        if not self.lettered:
            return
        letters = tuple(
            (Element(0, Form.STEM, tagged_letters(need.typed, language)),)
            for language in languages
            if language in self.lettered
        )
        if letters:
            # The words of other languages are rare in letters that are not theirs.
            others = tuple(lang for lang in self.languages if lang not in self.lettered)
            telling = (*letters, self._sequence((need,), Field.TEXT, others)) if others else ()
            unit = Unit(f"{label}, letter by letter", Field.TEXT, letters, telling=telling)
            self._unit(unit, LETTERS_WEIGHT * weight, Use.RANK)

    def _compound(
        self,
        whole: Unit,
        words: list[Need],
        weight: float,
        languages: tuple[str, ...],
    ) -> Match:
        """A word of several parts is found as it stands or written solid, and ranked by its parts.

        `phone-trees` finds phone-trees, phone trees and phonetrees; a passage that has it ranks by
        phone, trees and phonetrees, each as telling as it is. Written solid, the numbers of 24/7
        and 2025-01 would be others.
        """

        def part(text: str, spoken: tuple[str, ...]) -> Unit:
            need = words[0]._replace(offset=0, text=text)
            return whole._replace(
                label=text,
                alternatives=(self._sequence((need,), whole.field, spoken),),
                telling=self._telling((need,), whole.field, spoken),
            )

        match: Match = self._unit(whole, weight, Use.MATCH)
        if _can_be_solid(words):
            match = AnyOf(
                (match, self._unit(part("".join(need.text for need in words), languages), weight))
            )
        for need in words:
            self._deadline.spend(_STEPS_OF_A_PART)
            stops = stopping(need.text, languages)
            if spoken := tuple(lang for lang in languages if lang not in stops):
                self._unit(part(need.text, spoken), weight, Use.RANK)
        return match

    def _label(self, term: Term, wanted: tuple[Need, ...]) -> str:
        if wanted is self._word_needs(term.text):
            return str(term)
        return "".join(need.text for need in wanted)

    def _telling(
        self, wanted: tuple[Need, ...], field: Field, languages: tuple[str, ...]
    ) -> Alternatives:
        """What is counted of a word that some languages leave out: it is in them all the same."""
        if len(languages) == len(self.languages):
            return ()
        return (self._sequence(wanted, field, self.languages),)

    def _sequence(
        self, wanted: tuple[Need, ...], field: Field, languages: tuple[str, ...]
    ) -> tuple[Element, ...]:
        """What needs are looked up by: words by their stems in some languages."""
        return tuple(
            [
                Element(offset, Form.STEM, tagged_pair(text))
                if kind is FormKind.PAIR
                else self._word_element(offset, text, languages)
                if kind is FormKind.WORD and field is not Field.AUTHOR
                else Element(offset, Form.EXACT, text)
                for offset, text, kind, _ in wanted
            ]
        )

    def _word_element(self, offset: int, word: str, languages: tuple[str, ...]) -> Element:
        """What is looked up for a word that is folded: its stems in some languages."""
        return Element(
            offset, Form.STEM, self._alikes.of(word, languages), Pattern.EQUAL, 0, languages
        )

    def _languages_but(self, *left_out: Collection[str]) -> tuple[str, ...]:
        """The languages of the index without some."""
        if not any(left_out):
            return self.languages
        return tuple(
            one for one in self.languages if not any(one in without for without in left_out)
        )

    def _in_article(self, children: Sequence[Query], weight: float) -> Match | None:
        """Passages that any child matches, of articles where each finds its own."""
        parts, without = [], []
        for child in children:
            if isinstance(child, Not):
                part = self.plan(child.child, 0.0)
                without.append(None if part is None else Without(OfArticles(part)))
            else:
                parts.append(self.plan(child, weight))
        self._pairs(children, {}, weight)
        whole = [OfArticles(part) for part in parts if part is not None]
        each = whole if len(whole) > 1 else []
        return self._join(All, [self._join(AnyOf, parts), *each, *without])

    def _near(
        self, query: Query, children: Sequence[Query], words: int, weight: float
    ) -> Match | None:
        parts: list[Alternatives] = []
        kept: list[Query] = []
        for child in children:
            alternatives = self._of_leaf(child)
            if alternatives:
                parts.append(alternatives)
                kept.append(child)
        if len(parts) < 2:
            return self.plan(kept[0], weight) if kept else None
        field, own = _looked_up(_field_of(kept[0]))
        unit = Unit(str(query), field, (), words, own=own, near=tuple(parts))
        return self._asked(self._unit(unit, weight), weight, self.languages)

    @staticmethod
    def _spellings(wanted: tuple[Need, ...]) -> Iterable[tuple[Need, ...]]:
        """How else a word is written: RFC2119 apart, covid-19 solid."""
        if not all(need.kind is FormKind.WORD for need in wanted):
            return
        if len(wanted) == 1:
            if numbered := _numbered(wanted[0]):
                yield numbered
        elif _can_be_solid(wanted):
            yield (wanted[0]._replace(offset=0, text="".join(need.text for need in wanted)),)

    def _of_leaf(self, leaf: Query) -> Alternatives:
        """What a leaf of a text field is found by; nothing, with a warning, if it has no words."""
        if isinstance(leaf, Term):
            wanted = self._word_needs(leaf.text)
            if not wanted:
                self._nothing_in(leaf.text, leaf.span)
            spellings = [wanted, *self._spellings(wanted)] if wanted else []
            return tuple(self._sequence(one, leaf.field, self.languages) for one in spellings)
        match leaf:
            case Phrase(text=text, span=span):
                self._deadline.spend(len(text) // _LETTERS_A_STEP)
                elements = tuple(Element(n.offset, Form.EXACT, n.text) for n in needs(text))
            case Prefix(text=text, span=span) | Fuzzy(text=text, span=span):
                elements = _pattern_elements(leaf)
            case Wildcard(pattern=text, span=span):
                elements = _pattern_elements(leaf)
            case Regex(pattern=text, span=span):
                from search.query.expressions import regex_expression  # noqa: PLC0415 - few queries have

                elements = (Element(0, Form.EXACT, regex_expression(text), Pattern.REGEX),)
            case _:
                raise TypeError(f"no leaf: {leaf!r}")
        if not elements:
            self._nothing_in(text, span)
            return ()
        return (elements,)

    def _leaf(self, leaf: Query, weight: float) -> Match | None:
        alternatives = self._of_leaf(leaf)
        if not alternatives:
            return None
        field, own = _looked_up(_field_of(leaf))
        slop = leaf.slop if isinstance(leaf, Phrase) else 0
        unit = Unit(str(leaf), field, alternatives, slop, getattr(leaf, "span", None), own=own)
        return self._asked(self._unit(unit, weight), weight, self.languages)

    def _stops(self, query: Query) -> frozenset[str]:
        """The languages where a plain word is a stop word."""
        if not isinstance(query, Term) or query.field is not Field.TEXT:
            return frozenset()
        wanted = self._word_needs(query.text)
        if len(wanted) != 1:
            return frozenset()
        found = stopping(wanted[0].text, self.languages)
        # A contraction is looked up as it stands, which is the same in every language.
        return frozenset(self.languages) if found and wanted[0].kind is not FormKind.WORD else found

    def _nothing_in(self, text: str, span: Span | None) -> None:
        self.warnings.append(
            Warned(f"{text!r} has no letters or digits to search for; it is left out", span)
        )

    def _unit(self, unit: Unit, weight: float, use: Use = Use.BOTH) -> int:
        """Give a unit its number, the same for each of its places in the query."""
        self._deadline.spend(_STEPS_OF_A_PART)
        key = unit[1:4] + unit[5:]  # whatever it is called, and where it stands
        place = self._places.get(key)
        if place is None:
            place = self._places[key] = len(self.units)
            self.units.append(unit)
            self.boosts.append([])
            self.lit.append(False)
        if weight and use is not Use.MATCH:
            self.boosts[place].append(weight)
        if weight and use is not Use.RANK:
            self.lit[place] = True
        return place


def _texts_of(leaves: Iterable[Leaf]) -> Iterator[str]:
    """Yield what is asked for in passages' text, as it was typed."""
    for leaf in leaves:
        if isinstance(leaf, Term | Phrase) and leaf.field is Field.TEXT:
            yield leaf.text


def _pattern_elements(leaf: Prefix | Fuzzy | Wildcard) -> tuple[Element, ...]:
    """What a word with wildcards, or one that may be misspelt, is looked up by."""
    from search import patterns  # noqa: PLC0415 - few queries have patterns

    match leaf:
        case Prefix(text):
            return patterns.prefix_elements(text)
        case Fuzzy(text, distance):
            return patterns.fuzzy_elements(text, distance)
        case Wildcard(pattern):
            return patterns.wildcard_elements(pattern)


def _can_be_solid(words: Sequence[Need]) -> bool:
    """Whether the parts of a word mean the same written solid; the numbers of 24/7 would not."""
    return not any(one.text[-1].isdigit() and two.text[0].isdigit() for one, two in pairwise(words))


def _numbered(need: Need) -> tuple[Need, ...]:
    """The two words that RFC2119 is when it is written RFC 2119; nothing for other words."""
    if need.text.isalpha():  # as most are
        return ()
    found = re.fullmatch(r"([^\W\d_]{2,})(\d+)|([^\W\d_])(\d{3,})", need.text)
    if found is None:
        return ()
    parts = [text for text in found.groups() if text]
    return tuple(need._replace(offset=at, text=text) for at, text in enumerate(parts))


def _field_of(leaf: Query) -> Field:
    """The field that a leaf of words names."""
    field = getattr(leaf, "field", None)
    assert isinstance(field, Field)
    return field


def _looked_up(field: Field) -> tuple[Field, bool]:
    """Where a leaf's field is looked up, and whether it ranks by the paragraph's own text alone."""
    return (Field.TEXT, True) if field is Field.OWN else (field, False)


def _article_match(leaf: Term | Wildcard) -> Match:
    """Passages of an article or a source, or the one that an id names."""
    whole = _article_filter(leaf)
    if leaf.field is not Field.ARTICLE:
        return whole
    from search.ids import passage_name, printed_expression  # noqa: PLC0415 - few queries have any

    # An id may have a * or ? itself, as those that are addresses have.
    text = leaf.text if isinstance(leaf, Term) else read_pattern(leaf.pattern)[0]
    parts: list[Match] = [whole]
    printed = printed_expression(text)
    if printed is not None:
        parts.append(ArticleFilter(str(leaf), ("article",), pattern=rf"\A{printed}\Z"))
    name = passage_name(text)
    if name is not None:
        parts.append(PassageFilter(str(leaf), name))
    return AnyOf(tuple(parts)) if len(parts) > 1 else whole


def _article_filter(leaf: Term | Wildcard) -> ArticleFilter:
    from search.patterns import glob_expression  # noqa: PLC0415 - few queries have any

    text = leaf.pattern if isinstance(leaf, Wildcard) else leaf.text
    if leaf.field is Field.ARTICLE:
        if isinstance(leaf, Term):
            return ArticleFilter(str(leaf), ("article",), equal=text)
        pattern = rf"\A{glob_expression(text)}\Z"
        return ArticleFilter(str(leaf), ("article",), pattern=pattern)
    # A source is named by any run of whole path components: a file, a folder, a host.
    core = text.removeprefix("./").strip("/")
    if isinstance(leaf, Wildcard):
        body = glob_expression(core, before="(?:|.*?/)", after="(?:/.*)?")
        return ArticleFilter(str(leaf), ("origin", "url"), pattern=rf"\A{body}\Z")
    pattern = rf"(?:\A|/){re.escape(core)}(?:/|\Z)"
    return ArticleFilter(str(leaf), ("origin", "url"), pattern=pattern)

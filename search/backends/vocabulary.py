"""The terms of an index that the units of a plan stand for, and where they are in its lexicons."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from functools import cached_property
from heapq import nsmallest
from typing import TYPE_CHECKING

from indexer.remembering import remembered
from indexer.text.analysis import encoded, stemmer, tagged
from indexer.tuples import NamedTuple
from search.deadline import SearchTimeoutError
from search.patterns import glob_expression
from search.plan import (
    Alternatives,
    Element,
    Form,
    Lookup,
    Pattern,
    Resolved,
    Sequences,
    Unit,
    languages_in,
)
from search.query.faults import Warned
from search.query.spelling import Field

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from indexer.storage.postings import FieldPostings
    from indexer.storage.segment import SegmentView
    from search.backends.kernels.base import Part
    from search.backends.words import Words
    from search.deadline import Deadline

#: The index fields of each text field: exact forms and stems.
INDEX_FIELDS = {
    Field.TEXT: {Form.EXACT: "exact", Form.STEM: "stems"},
    Field.HEADING: {Form.EXACT: "heading_exact", Form.STEM: "heading_stems"},
    Field.TITLE: {Form.EXACT: "title_exact", Form.STEM: "title_stems"},
    Field.AUTHOR: {Form.EXACT: "author_exact", Form.STEM: "author_exact"},
}
#: Fields that are indexed once for the whole article.
ARTICLE_FIELDS = frozenset({Field.TITLE, Field.AUTHOR})

_FIELDS_THAT_RANK = (Field.TEXT, Field.HEADING, Field.TITLE)

_STEM_FIELDS = ("stems", "heading_stems", "title_stems")
MOST_EXPANSIONS = 1024
_MOST_WORDS = 1 << 13
_MOST_TERMS = 1 << 15
# The first few terms are looked for in the whole lexicon; to look among fewer takes some time once,
# among many a longer time.
_FEW, _MANY = 8, 256
_LANDMARKS = 1 << 12
# So many letters of a term are looked at in a step of the deadline, a microsecond or so.
_LETTERS_A_STEP = 32


class Vocabulary:
    """The terms of some segments; it keeps the state it was made on, and threads may share it.

    Attributes:
        stems: by language, the indexed form of a folded word's stem, where any segment has it.
        holding: by language, how many live passages hold that, where any does.
    """

    def __init__(self, segments: Sequence[SegmentView], languages: tuple[str, ...]) -> None:
        self._segments = segments
        self._languages = languages
        self._fields = [
            (number, field)
            for number, segment in enumerate(segments)
            for field in _STEM_FIELDS
            if segment.postings(field)
        ]
        self._runs: dict[tuple[int, str, bytes], _Run | None] = {}
        self.stems = remembered(self, Vocabulary._stems, _MOST_WORDS)
        self.holding = remembered(self, Vocabulary._holding, _MOST_WORDS)

    @cached_property
    def _by_language(self) -> Sequence[_Stems]:
        """The stems of each language."""
        found = []
        for language in self._languages:
            head = encoded(tagged("", language))
            runs = [self._run(number, field, head) for number, field in self._fields]
            found.append(_Stems(language, head, stemmer(language), list(filter(None, runs))))
        return found

    def _stems(self, word: str) -> Mapping[str, bytes]:
        found = {}
        for language, head, stem, runs in self._by_language:
            term = head + encoded(stem(word))
            for run in runs:
                if run.find(term) >= 0:
                    found[language] = term
                    break
        return found

    def _holding(self, word: str) -> Mapping[str, int]:
        found = {}
        for language, term in self.stems(word).items():
            number = sum(
                segment.live_count_at(postings, place)
                for at, segment in enumerate(self._segments)
                if (place := self.place(at, "stems", term)) >= 0
                if (postings := segment.postings("stems"))
            )
            if number:
                found[language] = number
        return found

    def place(self, number: int, field: str, term: bytes) -> int:
        """Where a term stands in a field of a segment, given its number; -1 if nowhere."""
        head = term[: term.index(b":") + 1] if field in _STEM_FIELDS else b""
        run = self._run(number, field, head)
        return -1 if run is None else run.find(term)

    def _run(self, number: int, field: str, head: bytes) -> _Run | None:
        """The terms of a field of a segment that begin so; None if it has none at all."""
        key = number, field, head
        if key not in self._runs:
            postings = self._segments[number].postings(field)
            self._runs[key] = None if postings is None else _Run(postings, head)
        return self._runs[key]


class _Run:
    """The terms of a lexicon that begin alike, as those of one language do."""

    def __init__(self, postings: FieldPostings, head: bytes) -> None:
        self._postings = postings
        self._head = head
        # Terms that were asked for, and where they stand; all that there are if they are few.
        self._known: dict[bytes, int] = {}
        self._asked = 0
        self._is_all = False
        # Where there are more, some of them, and the places of all.
        self._landmarks: list[bytes] = []
        self._places = range(0)

    def find(self, term: bytes) -> int:
        """Return the place of a term that begins so, -1 if it has none."""
        place = self._known.get(term)
        if place is not None:
            return place
        if self._is_all:
            return -1
        self._asked += 1
        if self._asked in {_FEW, _MANY}:
            self._learn(is_many=self._asked == _MANY)
            return self.find(term)
        place = self._looked_for(term)
        if len(self._known) >= _MOST_TERMS:
            self._known.clear()
        self._known[term] = place
        return place

    def _looked_for(self, term: bytes) -> int:
        postings = self._postings
        if not self._landmarks:
            return postings.find(term)
        step, places = len(self._places) // _LANDMARKS, self._places
        at = bisect_right(self._landmarks, term) - 1
        if at < 0:
            return -1
        between = places[at * step : (at + 1) * step]
        found = bisect_left(between, term, key=postings.term)
        return (
            between[found] if found < len(between) and postings.term(between[found]) == term else -1
        )

    def _learn(self, *, is_many: bool) -> None:
        """Read all terms if they are few, and some of them if it pays."""
        places = self._places = self._postings.prefix_range(self._head)
        step = len(places) // _LANDMARKS
        if not step:
            self._known = {term: place for place, term in self._postings.terms_at(places)}
            self._is_all = True
        elif is_many:
            self._landmarks = [self._postings.term(at) for at in places[::step]]


class _Stems(NamedTuple):
    """The stems of a language.

    Attributes:
        language, head: it, and what its terms begin with.
        stem: from a folded word to its stem.
        runs: its terms in each lexicon of stems.
    """

    language: str
    head: bytes
    stem: Callable[[str], str]
    runs: Sequence[_Run]


class Lexicons:
    """Where terms stand in the lexicons of one segment; what one query asked is remembered."""

    def __init__(self, segment: SegmentView, number: int, vocabulary: Vocabulary) -> None:
        self.segment = segment
        self._number = number
        self._vocabulary = vocabulary
        self._places: dict[str, dict[bytes, int]] = {}
        self._parts: dict[tuple[int, Field], list[Part]] = {}

    def expanded(self, element: Element, text_field: Field, deadline: Deadline) -> Iterator[bytes]:
        """Yield the terms of a field that a pattern stands for, of live documents.

        Raises:
            SearchTimeoutError: the time is over.
        """
        field = INDEX_FIELDS[text_field][element.form]
        segment, postings = self.segment, self.segment.postings(field)
        if postings is None:
            return
        known = self._places.setdefault(field, {})
        for place, term in postings.terms_at(expand_places(element, postings, deadline)):
            deadline.spend()
            if not segment.deleted or segment.live_count_at(postings, place):
                known[term] = place
                yield term

    def live_count(self, element: Element, text_field: Field, term: bytes) -> int:
        """How many live documents hold a term that a pattern was found to stand for."""
        field = INDEX_FIELDS[text_field][element.form]
        place = self._places.get(field, {}).get(term)
        postings = self.segment.postings(field)
        if place is None or postings is None:
            return 0
        return self.segment.live_count_at(postings, place)

    def _found(self, field: str, terms: Sequence[bytes]) -> list[int]:
        """The places of those of some terms that an index field has, rising as they do."""
        known, place_of = self._places.get(field, {}), self._vocabulary.place
        places = []
        for term in terms:
            place = known.get(term)
            if place is None:
                place = place_of(self._number, field, term)
            if place >= 0:
                places.append(place)
        return places

    @cached_property
    def fields(self) -> frozenset[Field]:
        """The text fields in which the segment has any terms."""
        postings = self.segment.postings
        return frozenset(
            field for field, names in INDEX_FIELDS.items() if any(map(postings, names.values()))
        )

    def parts(self, sequence: Sequence[Lookup], field: Field) -> list[Part]:
        """The offsets and postings of a sequence; none if one of its elements is nowhere."""
        found = self._parts.get((id(sequence), field))
        if found is None:
            found = self._parts[id(sequence), field] = []
            names = INDEX_FIELDS[field]
            for offset, form, terms in sequence if field in self.fields else ():
                postings = self.segment.postings(names[form])
                places = self._found(names[form], terms) if postings else []
                if postings is None or not places:
                    found.clear()
                    break
                found.append((offset, postings, places))
        return found

    def postings(self, units: Iterable[Resolved]) -> Iterator[int]:
        """Yield how many postings each part of some units has."""
        return (
            sum(map(postings.doc_count, places))
            for one in units
            for sequences in (one.sequences, one.telling, *one.near)
            for sequence in sequences
            for field in fields_of(one.unit)
            if field in self.fields
            for _, postings, places in self.parts(sequence, field)
        )


def fields_of(unit: Unit) -> tuple[Field, ...]:
    """The text fields that a unit is looked up in."""
    return _FIELDS_THAT_RANK if unit.field is Field.TEXT and not unit.own else (unit.field,)


def resolve(
    unit: Unit, lexicons: Sequence[Lexicons], vocabulary: Vocabulary, deadline: Deadline
) -> Resolved:
    """Look up the words of a unit and expand its patterns.

    That is to at most MOST_EXPANSIONS terms a pattern, the commonest; as many of them as are found
    in time.
    """
    if deadline.is_over():
        return Resolved(unit, (), near=tuple(() for _ in unit.near), is_cut=True)
    warnings: list[Warned] = []
    cut: list[Element] = []

    def lookup(element: Element) -> Lookup:
        if element.pattern is Pattern.EQUAL:
            return Lookup(element.offset, element.form, (encoded(element.text),))
        found: set[bytes] = set()
        # What stands in headings and titles alone only ranks.
        fields = _FIELDS_THAT_RANK if unit.field is Field.TEXT else (unit.field,)
        try:
            for field in fields:
                for of_segment in lexicons:
                    found.update(of_segment.expanded(element, field, deadline))
        except SearchTimeoutError:
            cut.append(element)
        terms: Iterable[bytes] = found
        if len(found) > MOST_EXPANSIONS:
            message = (
                f"{unit.label} stands for {len(found):,} words; the "
                f"{MOST_EXPANSIONS:,} found most often are searched"
            )
            warnings.append(Warned(message, unit.span))
            terms = commonest(element, found)
        return Lookup(element.offset, element.form, tuple(sorted(terms)))

    def commonest(element: Element, found: Iterable[bytes]) -> list[bytes]:
        """Those that most passages hold, as far as they are counted in time."""
        live: dict[bytes, int] = {}
        try:
            for term in found:
                deadline.spend()
                live[term] = sum(one.live_count(element, unit.field, term) for one in lexicons)
        except SearchTimeoutError:
            cut.append(element)
        return nsmallest(MOST_EXPANSIONS, found, key=lambda term: (-live.get(term, 0), term))

    def lookups(alternatives: Alternatives) -> Sequences:
        found: list[tuple[Lookup, ...]] = []
        for sequence in alternatives:
            languages = languages_in(sequence)
            if not languages:
                found.append(tuple(map(lookup, sequence)))
                continue
            stems = [vocabulary.stems(one.text) if one.languages else {} for one in sequence]
            words = [one for one, element in zip(stems, sequence, strict=True) if element.languages]
            found += [
                tuple(
                    Lookup(element.offset, element.form, (of_word[language],))
                    if element.languages
                    else lookup(element)
                    for element, of_word in zip(sequence, stems, strict=True)
                )
                for language in words[0]
                if language in languages and all(language in of_word for of_word in words)
            ]
        return tuple(found)

    return Resolved(
        unit,
        lookups(unit.alternatives),
        lookups(unit.telling),
        tuple(map(lookups, unit.near)),
        warnings[-1] if warnings else None,
        is_cut=bool(cut),
    )


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

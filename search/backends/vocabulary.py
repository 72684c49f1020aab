"""The terms of an index that the units of a plan stand for, and where they are in its lexicons."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import cached_property
from typing import TYPE_CHECKING

from indexer.remembering import remembered
from indexer.text.analysis import encoded, stemmer, tagged
from indexer.tuples import NamedTuple
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
from search.query.spelling import Field

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from indexer.storage.postings import FieldPostings
    from indexer.storage.segment import SegmentView
    from search.backends.kernels.base import Part
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
_MOST_WORDS = 1 << 13
_MOST_TERMS = 1 << 15
# The first few terms are looked for in the whole lexicon; to look among fewer takes some time once,
# among many a longer time.
_FEW, _MANY = 8, 256
_LANDMARKS = 1 << 12


class Vocabulary:
    """The terms of some segments; it keeps the state it was made on, and threads may share it.

    Attributes:
        fields_in: by segment, the text fields in which it has any terms.
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
        self.fields_in = list(map(fields_in, segments))
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
        #: The text fields in which the segment has any terms.
        self.fields = vocabulary.fields_in[number]
        self._places: dict[str, dict[bytes, int]] = {}
        self._parts: dict[tuple[int, Field], list[Part]] = {}

    def expanded(self, element: Element, text_field: Field, deadline: Deadline) -> Iterator[bytes]:
        """Yield the terms of a field that a pattern stands for, of live documents.

        Raises:
            SearchTimeoutError: the time is over.
        """
        from search.backends.expanding import expand_places  # noqa: PLC0415 - few have patterns

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
        known, place_of = self._places.get(field), self._vocabulary.place
        places = []
        for term in terms:
            place = known.get(term) if known else None
            if place is None:
                place = place_of(self._number, field, term)
            if place >= 0:
                places.append(place)
        return places

    def parts(self, sequence: Sequence[Lookup], field: Field) -> list[Part]:
        """The offsets and postings of a sequence; none if one of its elements is nowhere."""
        key = id(sequence), field
        found = self._parts.get(key)
        if found is not None:
            return found
        found = self._parts[key] = []
        if field in self.fields:
            names = INDEX_FIELDS[field]
            for offset, form, terms in sequence:
                postings = self.segment.postings(names[form])
                places = self._found(names[form], terms) if postings else []
                if postings is None or not places:
                    found.clear()
                    break
                found.append((offset, postings, places))
        return found

    def postings(self, units: Iterable[Resolved]) -> Iterator[int]:
        """Yield how many postings each part of some units has."""
        for one in units:
            fields = [field for field in fields_of(one.unit) if field in self.fields]
            for sequences in (one.sequences, one.telling, *one.near):
                for sequence in sequences:
                    for field in fields:
                        for _, postings, places in self.parts(sequence, field):
                            if len(places) == 1:
                                yield postings.doc_count(places[0])
                            else:
                                yield sum(map(postings.doc_count, places))


def fields_in(segment: SegmentView) -> frozenset[Field]:
    """The text fields in which a segment has any terms."""
    return frozenset(
        field for field, names in INDEX_FIELDS.items() if any(map(segment.postings, names.values()))
    )


def fields_of(unit: Unit) -> tuple[Field, ...]:
    """The text fields that a unit is looked up in."""
    return _FIELDS_THAT_RANK if unit.field is Field.TEXT and not unit.own else (unit.field,)


def resolve(
    unit: Unit, lexicons: Sequence[Lexicons], vocabulary: Vocabulary, deadline: Deadline
) -> Resolved:
    """Look up the words of a unit and expand its patterns.

    That is to a number of terms a pattern, the commonest; as many of them as are found in time.
    """
    if deadline.is_over():
        return Resolved(unit, (), near=tuple(() for _ in unit.near), is_cut=True)
    if not _has_patterns(unit):
        return Resolved(
            unit,
            _looked_up(unit.alternatives, _equal, vocabulary),
            _looked_up(unit.telling, _equal, vocabulary) if unit.telling else (),
            tuple([_looked_up(one, _equal, vocabulary) for one in unit.near]),
        )
    from search.backends.expanding import Expansion  # noqa: PLC0415 - few queries have patterns

    # What stands in headings and titles alone only ranks.
    fields = _FIELDS_THAT_RANK if unit.field is Field.TEXT else (unit.field,)
    expansion = Expansion(unit, fields, lexicons, deadline)
    return Resolved(
        unit,
        _looked_up(unit.alternatives, expansion.lookup, vocabulary),
        _looked_up(unit.telling, expansion.lookup, vocabulary),
        tuple([_looked_up(one, expansion.lookup, vocabulary) for one in unit.near]),
        expansion.warning,
        expansion.is_cut,
    )


def _has_patterns(unit: Unit) -> bool:
    """Whether a unit has elements that stand for terms which have to be searched for."""
    for alternatives in (unit.alternatives, *unit.near):
        for sequence in alternatives:
            for element in sequence:
                if element.pattern is not Pattern.EQUAL:
                    return True
    return False


def _equal(element: Element) -> Lookup:
    """What is looked up for an element as it stands."""
    return Lookup(element.offset, element.form, (encoded(element.text),))


def _looked_up(
    alternatives: Alternatives, lookup: Callable[[Element], Lookup], vocabulary: Vocabulary
) -> Sequences:
    """What some sequences stand for: each for one in each language that has all of its words."""
    found: list[tuple[Lookup, ...]] = []
    for sequence in alternatives:
        languages = languages_in(sequence)
        if not languages:
            found.append(tuple([lookup(element) for element in sequence]))
            continue
        words = [vocabulary.stems(one.text) for one in sequence if one.languages]
        for language in words[0]:
            if language not in languages or not all(language in of_word for of_word in words):
                continue
            stems = iter(words)
            found.append(
                tuple(
                    [
                        Lookup(element.offset, element.form, (next(stems)[language],))
                        if element.languages
                        else lookup(element)
                        for element in sequence
                    ]
                )
            )
    return tuple(found)

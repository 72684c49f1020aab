"""The terms of an index that the units of a plan stand for, and where they are in its lexicons."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from indexer.remembering import remembered
from indexer.text.analysis import Stemmers, encoded, tagged
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

try:
    from search.backends.kernels.compiled import Stems
    from search.backends.kernels.native import lexicon_of
except ImportError:  # there was no compiler
    from search.backends.kernels.lexicon import (  # type: ignore[assignment]
        Stems,
        lexicon_of,
    )

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
# Who found more terms than this in a lexicon will soon have read all of it.
_FEW_TERMS = 8
# So many terms of a pattern are read at once.
_AT_ONCE = 1 << 10


class Word(NamedTuple):
    """What an index has of a folded word.

    Attributes:
        sequences: by language in which any segment has its stem, what is looked up for it alone.
        holding: by language, how many live passages hold that, where any does.
    """

    sequences: Mapping[str, tuple[Lookup]]
    holding: Mapping[str, int]


class Vocabulary:
    """The terms of some segments; it keeps the state it was made on, and threads may share it.

    Attributes:
        fields_in: by segment, the text fields in which it has any terms.
        terms: by segment, the terms of each index field.
        word: what there is of a folded word.
    """

    def __init__(self, segments: Sequence[SegmentView], languages: tuple[str, ...]) -> None:
        self._segments = segments
        self._languages = languages
        self.fields_in = list(map(fields_in, segments))
        self.terms = [FieldTerms(segment.postings, Terms) for segment in segments]
        self.word = remembered(self, Vocabulary._word, _MOST_WORDS)

    @cached_property
    def _stemmers(self) -> Stemmers:
        return Stemmers(self._languages)

    @cached_property
    def _stem_fields(self) -> list[tuple[Terms, SegmentView | None]]:
        """The stems of each field, and the segment of those of passages."""
        return [
            (terms, segment if field == "stems" else None)
            for number, segment in enumerate(self._segments)
            for field in _STEM_FIELDS
            if (terms := self.terms[number][field])
        ]

    @cached_property
    def _stems(self) -> Stems:
        heads = [encoded(tagged("", language)) for language in self._languages]
        return Stems([terms.lexicon for terms, _ in self._stem_fields], heads)

    def _word(self, word: str) -> Word:
        sequences, holding = {}, {}
        languages, fields = self._languages, self._stem_fields
        for number, term, places, counts in self._stems.find(word, self._stemmers.of(word)):
            language, held = languages[number], 0
            sequences[language] = (Lookup(0, Form.STEM, (term,)),)
            for (terms, segment), place, count in zip(fields, places, counts, strict=True):
                if place >= 0:
                    terms.note(term, place)
                    if segment is not None:
                        deleted = segment.deleted
                        held += segment.live_count_at(terms.postings, place) if deleted else count
            if held:
                holding[language] = held
        return Word(sequences, holding)

    def holding(self, word: str) -> Mapping[str, int]:
        """By language, how many live passages hold the stem of a folded word, where any does."""
        return self.word(word).holding


class FieldTerms(dict[str, "Terms | None"]):
    """By index field, the terms that a segment has there; None where it has none at all.

    Args:
        postings: gives the postings of a field.
        make: makes terms of these.
    """

    def __init__(
        self,
        postings: Callable[[str], FieldPostings | None],
        make: Callable[[FieldPostings], Terms],
    ) -> None:
        self._postings = postings
        self._make = make

    def __missing__(self, field: str) -> Terms | None:
        """Look up a field that was not asked for."""
        postings = self._postings(field)
        terms = self[field] = None if postings is None else self._make(postings)
        return terms


class Terms:
    """The terms of a field of a segment; where those stand that were asked for is remembered.

    Attributes:
        postings, lexicon: what they are of.
    """

    __slots__ = ("_known", "lexicon", "postings")

    def __init__(self, postings: FieldPostings) -> None:
        self.postings = postings
        self.lexicon = lexicon_of(postings)
        self._known: dict[bytes, int] = {}

    def place(self, term: bytes) -> int:
        """Return where a term stands, -1 if nowhere."""
        place = self._known.get(term)
        if place is None:
            place = self.lexicon.find(term)
            self.note(term, place)
        return place

    def note(self, term: bytes, place: int) -> None:
        """Remember where a term stands."""
        known = self._known
        if len(known) == _FEW_TERMS:
            self.postings.look_at_all()
        elif len(known) >= _MOST_TERMS:
            known.clear()
        known[term] = place


class Lexicons:
    """Where terms stand in the lexicons of one segment; what one query asked is remembered."""

    def __init__(self, segment: SegmentView, number: int, vocabulary: Vocabulary) -> None:
        self.segment = segment
        self._terms = vocabulary.terms[number]
        #: The text fields in which the segment has any terms.
        self.fields = vocabulary.fields_in[number]
        self._places: dict[str, dict[bytes, int]] = {}
        self._parts: dict[tuple[int, Field], list[Part]] = {}

    def expanded(
        self, element: Element, text_field: Field, deadline: Deadline
    ) -> Iterator[Sequence[bytes]]:
        """Yield the terms of a field that a pattern stands for, of live documents, some at a time.

        Raises:
            SearchTimeoutError: the time is over.
        """
        field = INDEX_FIELDS[text_field][element.form]
        words = self._terms[field]
        if words is None:
            return
        segment, lexicon, postings = self.segment, words.lexicon, words.postings
        known = self._places.setdefault(field, {})
        for places in _pieces(element, words, deadline):
            terms = lexicon.terms(places.start, places.stop)
            deadline.spend(len(terms))
            found = zip(terms, places, strict=True)
            if segment.deleted:
                live = {
                    term: place for term, place in found if segment.live_count_at(postings, place)
                }
                known.update(live)
                yield list(live)
            else:
                known.update(found)
                yield terms

    def live_counts(
        self, element: Element, text_field: Field, terms: Iterable[bytes]
    ) -> Mapping[bytes, int]:
        """How many live documents hold each of some terms that a pattern was found to stand for."""
        field = INDEX_FIELDS[text_field][element.form]
        words, known = self._terms[field], self._places.get(field)
        if words is None or known is None:
            return {}
        held = [term for term in terms if term in known]
        places = [known[term] for term in held]
        if self.segment.deleted:
            counts = [self.segment.live_count_at(words.postings, place) for place in places]
        else:
            counts = words.lexicon.doc_counts(places)
        return dict(zip(held, counts, strict=True))

    def _found(self, field: str, terms: Sequence[bytes], words: Terms) -> list[int]:
        """The places of those of some terms that an index field has, rising as they do."""
        known, places = self._places.get(field), []
        for term in terms:
            place = known.get(term) if known else None
            if place is None:
                place = words.place(term)
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
                name = names[form]
                words = self._terms[name]
                places = self._found(name, terms, words) if words is not None else []
                if words is None or not places:
                    found.clear()
                    break
                found.append((offset, words.postings, places))
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
        _, _, alternatives, _, _, telling, _, near, _ = unit
        return Resolved(
            unit,
            _looked_up(alternatives, _equal, vocabulary),
            _looked_up(telling, _equal, vocabulary) if telling else (),
            tuple([_looked_up(one, _equal, vocabulary) for one in near]) if near else (),
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
    equal, near = Pattern.EQUAL, unit.near
    for alternatives in (unit.alternatives, *near) if near else (unit.alternatives,):
        for sequence in alternatives:
            for _, _, _, pattern, _, _ in sequence:
                if pattern is not equal:
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
        words = [vocabulary.word(one.text).sequences if one.languages else None for one in sequence]
        first = next(filter(None, words), {})
        if len(sequence) == 1:
            found += [alone for language, alone in first.items() if language in languages]
            continue
        for language in first:
            if language not in languages:
                continue
            lookups = []
            for element, of_word in zip(sequence, words, strict=True):
                if of_word is None:
                    lookups.append(lookup(element))
                elif alone := of_word.get(language):
                    offset, one = element.offset, alone[0]
                    lookups.append(one if not offset else Lookup(offset, one.form, one.terms))
                else:
                    break
            else:
                found.append(tuple(lookups))
    return tuple(found)


def _pieces(element: Element, words: Terms, deadline: Deadline) -> Iterator[range]:
    """Yield the places of the terms that a pattern stands for: a range of many in parts."""
    if element.pattern is Pattern.PREFIX:
        first, end = words.lexicon.beginning(encoded(element.text))
        for start in range(first, end, _AT_ONCE):
            yield range(start, min(start + _AT_ONCE, end))
        return
    from search.backends.expanding import expand_places  # noqa: PLC0415 - few have such patterns

    for place in expand_places(element, words.postings, deadline):
        yield range(place, place + 1)

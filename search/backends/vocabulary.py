"""The terms of an index that the units of a plan stand for, and where they are in its lexicons."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from indexer.text.analysis import Stemmers, encoded, tagged
from indexer.tuples import NamedTuple
from search.plan import Form, Pattern
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
    from search.backends.kernels.compiled import Fields
    from search.deadline import Deadline
    from search.plan import Element, Lookup, Resolved, Unit

#: The index fields of each text field: exact forms and stems.
INDEX_FIELDS = {
    Field.TEXT: {Form.EXACT: "exact", Form.STEM: "stems"},
    Field.HEADING: {Form.EXACT: "heading_exact", Form.STEM: "heading_stems"},
    Field.TITLE: {Form.EXACT: "title_exact", Form.STEM: "title_stems"},
    Field.AUTHOR: {Form.EXACT: "author_exact", Form.STEM: "author_exact"},
}
#: Fields that are indexed once for the whole article.
ARTICLE_FIELDS = frozenset({Field.TITLE, Field.AUTHOR})

# To look up the members of an enumeration takes a while.
_TEXT, _EXACT, _STEM, _EQUAL = Field.TEXT, Form.EXACT, Form.STEM, Pattern.EQUAL
_STEM_FIELDS = ("stems", "heading_stems", "title_stems")
_MOST_WORDS = 1 << 13
# So many terms of a pattern are read at once.
_AT_ONCE = 1 << 10


class Word(NamedTuple):
    """What an index has of a folded word.

    Attributes:
        stems: by language in which any segment has its stem, which rise: the number of that, the
            stem's term, and where that stands in each of ``Vocabulary.stem_fields``, -1 if nowhere,
            and how many documents hold it there.
        holding: by language, how many live passages hold that, where any does.
    """

    stems: list[tuple[int, bytes, tuple[int, ...], tuple[int, ...]]]
    holding: Mapping[str, int]


class Vocabulary:
    """The terms of some segments; it keeps the state it was made on, and threads may share it.

    Attributes:
        languages: those of the articles; a word has a stem in each.
        fields_in: by segment, the text fields in which it has any terms.
        terms: by segment, the terms of each index field.
        compiled: by segment, its fields as units in C have them, once those were asked for.
    """

    def __init__(self, segments: Sequence[SegmentView], languages: tuple[str, ...]) -> None:
        self._segments = segments
        self.languages = languages
        self.fields_in = list(map(fields_in, segments))
        self.terms = [FieldTerms(segment.postings, Terms) for segment in segments]
        self.compiled: dict[int, Fields] = {}

    @cached_property
    def stem_fields(self) -> list[tuple[int, str]]:
        """The fields of stems that there are, each with the number of its segment."""
        numbers = range(len(self._segments))
        return [
            (number, name)
            for number in numbers
            for name in _STEM_FIELDS
            if self.terms[number][name]
        ]

    @cached_property
    def words(self) -> Words:
        """What there is of folded words."""
        fields = [(self._segments[at], self.terms[at][name]) for at, name in self.stem_fields]
        of_passages = [name == "stems" for _, name in self.stem_fields]
        return Words(self.languages, [(one, terms) for one, terms in fields if terms], of_passages)

    def holding(self, word: str) -> Mapping[str, int]:
        """By language, how many live passages hold the stem of a folded word, where any does."""
        return self.words[word].holding

    def passages_with(self, unit: Unit) -> int | None:
        """How many passages hold a unit, where no list has to be read to know it; else None.

        The list of a term tells its length; and what has a term that is nowhere is nowhere.
        """
        if len(unit.alternatives) != 1:
            return None
        (sequence,), field = unit.alternatives, unit.field
        _, form, word, _, _, languages = sequence[0]
        if form is _STEM:
            if len(sequence) > 1 or field is not _TEXT or not languages:
                return None
            by_language = self.holding(word).items()
            held = [number for language, number in by_language if language in languages]
            return None if len(held) > 1 else sum(held)
        for _, form, _, pattern, _, _ in sequence:
            if form is not _EXACT or pattern is not _EQUAL:
                return None
        name, total = INDEX_FIELDS[field][_EXACT], 0
        for segment, fields in zip(self._segments, self.terms, strict=True):
            terms = fields[name]
            if terms is None:
                continue
            places = [terms.place(encoded(text)) for _, _, text, _, _, _ in sequence]
            if min(places) < 0:
                continue
            if len(places) > 1 or field in ARTICLE_FIELDS or segment.deleted:
                return None
            total += terms.postings.doc_count(places[0])
        return total


class Words(dict[str, Word]):
    """What there is of folded words, each looked up when it is first asked for.

    Args:
        languages: those in which a word has a stem.
        fields: the stems that there are, each with its segment.
        of_passages: which of them are of passages.
    """

    def __init__(
        self,
        languages: tuple[str, ...],
        fields: Sequence[tuple[SegmentView, Terms]],
        of_passages: Sequence[bool],
    ) -> None:
        heads = [encoded(tagged("", language)) for language in languages]
        self._languages = languages
        self._find = Stems([terms.lexicon for _, terms in fields], heads).find
        self._stemmers = Stemmers(languages)
        self._in_passages = [
            (at, segment, terms.postings)
            for at, (segment, terms) in enumerate(fields)
            if of_passages[at]
        ]

    def __missing__(self, word: str) -> Word:
        """Look up a word that was not asked for."""
        stems = self._find(word, self._stemmers.of(word))
        languages, holding = self._languages, {}
        for language, _, places, counts in stems:
            held = 0
            for at, segment, postings in self._in_passages:
                if counts[at]:
                    deleted = segment.deleted
                    held += segment.live_count_at(postings, places[at]) if deleted else counts[at]
            if held:
                holding[languages[language]] = held
        if len(self) >= _MOST_WORDS:
            self.clear()
        found = self[word] = tuple.__new__(Word, (stems, holding))
        return found


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
    """The terms of a field of a segment.

    Attributes:
        postings, lexicon: what they are of.
    """

    __slots__ = ("lexicon", "postings")

    def __init__(self, postings: FieldPostings) -> None:
        self.postings = postings
        self.lexicon = lexicon_of(postings)

    def place(self, term: bytes) -> int:
        """Return where a term stands, -1 if nowhere."""
        return self.lexicon.find(term)


class Lexicons:
    """Where terms stand in the lexicons of one segment; what one query asked is remembered."""

    def __init__(self, segment: SegmentView, number: int, vocabulary: Vocabulary) -> None:
        self.segment = segment
        self.number = number
        self.vocabulary = vocabulary
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
    is_context = unit.field is Field.TEXT and not unit.own
    return (Field.TEXT, Field.HEADING, Field.TITLE) if is_context else (unit.field,)


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

"""Where terms stand in the lexicons of an index, and which stems of a word it has."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from indexer.text.analysis import encoded, stemmer, tagged
from search.plan import Form
from search.query.spelling import Field

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from indexer.storage.postings import FieldPostings
    from indexer.storage.segment import SegmentView
    from search.backends.kernels.base import Part
    from search.plan import Lookup, Resolved, Unit

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
# The first few terms are looked for in the whole lexicon; to look among fewer takes some time once.
_FEW = 4
_LANDMARKS = 1 << 12


class Vocabulary:
    """The terms of some segments; it keeps the state it was made on, and threads may share it.

    Attributes:
        stems: by language, the indexed form of a folded word's stem, where any segment has it.
        holding: by language, how many live passages hold that, where any does.
        place: where a term stands in a field of a segment (its number, a name); -1 if nowhere.
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
        self._runs: dict[tuple[int, str, bytes], _Run] = {}
        self.stems: Callable[[str], Mapping[str, bytes]] = lru_cache(_MOST_WORDS)(self._stems)
        self.holding: Callable[[str], Mapping[str, int]] = lru_cache(_MOST_WORDS)(self._holding)
        self.place: Callable[[int, str, bytes], int] = lru_cache(_MOST_TERMS)(self._place)

    def _stems(self, word: str) -> Mapping[str, bytes]:
        found = {}
        for language in self._languages:
            term = encoded(tagged(stemmer(language)(word), language))
            for number, field in self._fields:
                if self._place(number, field, term) >= 0:
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

    def _place(self, number: int, field: str, term: bytes) -> int:
        tag = term[: term.index(b":") + 1] if field in _STEM_FIELDS else b""
        run = self._runs.get((number, field, tag))
        if run is None:
            postings = self._segments[number].postings(field)
            if postings is None:
                return -1
            run = self._runs[number, field, tag] = _Run(postings, tag)
        return run.find(term)


class _Run:
    """The terms of a lexicon that begin alike, as those of one language do."""

    def __init__(self, postings: FieldPostings, head: bytes) -> None:
        self._postings = postings
        self._head = head
        self._asked = 0
        self._landmarks: _Landmarks | None = None

    def find(self, term: bytes) -> int:
        """Return the place of a term that begins so, -1 if it has none."""
        if self._landmarks is None:
            self._asked += 1
            if self._asked <= _FEW:
                return self._postings.find(term)
            self._landmarks = self._marked()
        postings = self._postings
        terms, places, step = self._landmarks
        at = bisect_right(terms, term) - 1
        if at < 0:
            return -1
        if step > 1:
            between = range(places[at * step], places[: (at + 1) * step][-1] + 1)
            found = bisect_left(between, term, key=postings.term)
            return (
                between[found]
                if found < len(between) and postings.term(between[found]) == term
                else -1
            )
        return places[at] if terms[at] == term else -1

    def _marked(self) -> _Landmarks:
        places = self._postings.prefix_range(self._head)
        step = max(1, len(places) // _LANDMARKS)
        return _Landmarks([self._postings.term(at) for at in places[::step]], places, step)


class _Landmarks(NamedTuple):
    """The terms at some steps from the first of a run, and the places of all."""

    terms: list[bytes]
    places: range
    step: int


class Lexicons:
    """Where terms stand in the lexicons of one segment; what one query asked is remembered."""

    def __init__(self, segment: SegmentView, number: int, vocabulary: Vocabulary) -> None:
        self.segment = segment
        self._number = number
        self._vocabulary = vocabulary
        self._places: dict[str, dict[bytes, int]] = {}
        self._parts: dict[tuple[int, Field], list[Part]] = {}

    def learn(self, field: str, term: bytes, place: int) -> None:
        """Remember the place of a term."""
        self._places.setdefault(field, {})[term] = place

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

"""Plan + segments -> which passages match, and how often each unit occurs in them."""

from __future__ import annotations

import re
import warnings
from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from indexer.text.analysis import encoded
from search.backends.ranking import UnitCounts
from search.chains import Stretch, find_chains, find_windows
from search.model import Warned
from search.patterns import glob_expression
from search.plan import (
    All,
    Alternatives,
    Always,
    AnyOf,
    ArticleFilter,
    Element,
    Form,
    Lookup,
    Match,
    OfArticles,
    Pattern,
    Resolved,
    Sequences,
    Unit,
    Without,
    languages_of,
    width,
)
from search.query.spelling import Field

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import TypeAlias

    from indexer.storage.postings import FieldPostings
    from indexer.storage.segment import SegmentView
    from search.backends.kernels.base import Kernel, Part
    from search.backends.vocabulary import Vocabulary
    from search.deadline import Deadline

    AnyKernel: TypeAlias = Kernel[Any, Any]

MOST_EXPANSIONS = 1024

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
        postings = self.segment.postings(field)
        if postings is None or not len(postings):
            return []
        known, place_of = self._places.get(field, {}), self._vocabulary.place
        places = []
        for term in terms:
            place = known.get(term)
            if place is None:
                place = place_of(self._number, field, term)
            if place >= 0:
                places.append(place)
        return places

    def parts(self, sequence: Sequence[Lookup], field: Field) -> list[Part]:
        """The offsets and postings of a sequence; none if one of its elements is nowhere."""
        found = self._parts.get((id(sequence), field))
        if found is None:
            found = self._parts[id(sequence), field] = list(self._each_part(sequence, field))
            if len(found) < len(sequence):
                found.clear()
        return found

    def _each_part(self, sequence: Sequence[Lookup], field: Field) -> Iterator[Part]:
        for lookup in sequence:
            name = INDEX_FIELDS[field][lookup.form]
            places = self._found(name, lookup.terms)
            postings = self.segment.postings(name)
            if postings is None or not places:
                return
            yield lookup.offset, postings, places

    def postings(self, units: Iterable[Resolved]) -> int:
        """How many postings some units have to go through."""
        return sum(
            sum(map(postings.doc_count, places))
            for one in units
            for sequences in (one.sequences, one.telling, *one.near)
            for sequence in sequences
            for field in fields_of(one.unit)
            for _, postings, places in self.parts(sequence, field)
        )


def fields_of(unit: Unit) -> tuple[Field, ...]:
    """The text fields that a unit is looked up in."""
    return _FIELDS_THAT_RANK if unit.field is Field.TEXT and not unit.own else (unit.field,)


def resolve(
    unit: Unit, lexicons: Sequence[Lexicons], vocabulary: Vocabulary, deadline: Deadline
) -> Resolved:
    """Look up the words of a unit and expand its patterns.

    That is to at most MOST_EXPANSIONS terms a pattern, the commonest.
    """
    warnings: list[Warned] = []

    def lookup(element: Element) -> Lookup:
        if element.pattern is Pattern.EQUAL:
            return Lookup(element.offset, element.form, (encoded(element.text),))
        found = _expand(element, unit.field, lexicons, deadline)
        if unit.field is Field.TEXT:  # words that only rank; they are the first to go
            for field in (Field.HEADING, Field.TITLE):
                for term in _expand(element, field, lexicons, deadline):
                    found.setdefault(term, 0)
        if len(found) > MOST_EXPANSIONS:
            message = (
                f"{unit.label} stands for {len(found):,} words; the "
                f"{MOST_EXPANSIONS:,} found most often are searched"
            )
            warnings.append(Warned(message, unit.span))
        ranked = sorted(found, key=lambda term: (-found[term], term))
        return Lookup(element.offset, element.form, tuple(sorted(ranked[:MOST_EXPANSIONS])))

    def lookups(alternatives: Alternatives) -> Sequences:
        found: list[tuple[Lookup, ...]] = []
        for sequence in alternatives:
            languages = languages_of(sequence)
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
    )


def _expand(
    element: Element, text_field: Field, lexicons: Sequence[Lexicons], deadline: Deadline
) -> dict[bytes, int]:
    """The terms of a field that a pattern stands for, with the live documents that hold each."""
    field = INDEX_FIELDS[text_field][element.form]
    found: dict[bytes, int] = defaultdict(int)
    for of_segment in lexicons:
        segment = of_segment.segment
        postings = segment.postings(field)
        if postings is not None:
            for place in _expand_places(element, field, segment, postings, deadline):
                if live := segment.live_count_at(postings, place):
                    term = postings.term(place)
                    found[term] += live
                    of_segment.learn(field, term, place)
    return found


def _expand_places(
    element: Element,
    field: str,
    segment: SegmentView,
    postings: FieldPostings,
    deadline: Deadline,
) -> Iterator[int]:
    text = element.text
    if element.pattern is Pattern.PREFIX:
        yield from postings.prefix_range(encoded(text))
        return
    if element.pattern is Pattern.FUZZY:
        from search.backends.near import near_terms  # noqa: PLC0415 - few queries have such words

        for term in near_terms(segment, field, text, element.distance, deadline):
            yield postings.find(encoded(term))
        return
    import regex  # noqa: PLC0415 - it has a time limit, and only patterns pay for its import

    if element.pattern is Pattern.WILDCARD:
        head = re.match(r"[^*?\\]*", text)
        places = postings.prefix_range(encoded(head[0] if head else ""))
        compiled = regex.compile(glob_expression(text), regex.DOTALL)
    else:
        places = range(len(postings))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the parser let it pass
            compiled = regex.compile(text, regex.IGNORECASE | regex.V0)
    for place in places:
        try:
            if compiled.fullmatch(postings.term(place).decode(), timeout=deadline.left_seconds()):
                yield place
        except TimeoutError:
            deadline.left_seconds()


class Counted(NamedTuple):
    """A unit's occurrences in one segment.

    Attributes:
        counts: where and how often.
        holding, article_holding: the passages and articles that decide how telling it is.
    """

    counts: UnitCounts
    holding: int
    article_holding: int

    def is_in(self, doc: int, record: int) -> bool:
        """Whether it stands in a passage, its headings or the title of its article."""
        body, headings, titles, _, _ = self.counts
        return bool(body.get(doc, 0) or headings.get(doc, 0) or titles.get(record, 0))

    def only(self, doc: int, record: int) -> UnitCounts:
        """The occurrences in one passage and its article, as mappings."""
        body, headings, titles, articles, in_text = self.counts

        def at(counts: Any, place: int) -> dict[int, float]:
            return {place: number} if (number := counts.get(place, 0)) else {}

        return UnitCounts(
            at(body, doc), at(headings, doc), at(titles, record), at(articles, record), in_text
        )


def count_unit(one: Resolved, lexicons: Lexicons, kernel: AnyKernel, deadline: Deadline) -> Counted:
    """Find where a unit occurs in a segment, and how often."""
    field = one.unit.field
    none = kernel.added(())

    def counts_in(field: Field, sequences: Sequences) -> Any:
        if one.near:
            return _count_near(one, field, lexicons, kernel, deadline)
        return _count(sequences, one.unit.slop, field, lexicons, kernel, deadline)

    own = counts_in(field, one.sequences)
    if field is not Field.TEXT or one.unit.own:
        if field in ARTICLE_FIELDS:
            own = kernel.spread(own)
        counts = UnitCounts(own, none, none, none, in_text=field is Field.TEXT)
        return Counted(counts, len(own), 0)
    headings = counts_in(Field.HEADING, one.sequences)
    titles = counts_in(Field.TITLE, one.sequences)
    articles = kernel.of_articles(own, titles)
    counts = UnitCounts(own, headings, titles, articles, in_text=True)
    if one.telling:
        own = counts_in(field, one.telling)
        articles = kernel.of_articles(own, counts_in(Field.TITLE, one.telling))
    return Counted(counts, len(own), len(articles))


def _count(
    sequences: Sequences,
    slop: int,
    field: Field,
    lexicons: Lexicons,
    kernel: AnyKernel,
    deadline: Deadline,
) -> Any:
    """How often sequences occur in each live document of a segment, looked up in a text field.

    For a field of the whole article the documents are article records, else paragraphs.
    """
    counts = []
    for sequence in sequences:
        deadline.left_seconds()
        parts = lexicons.parts(sequence, field)
        if len(parts) == 1:
            counts.append(kernel.counted(parts[0][1], parts[0][2]))
        elif parts:
            counts.append(kernel.chained(parts, slop, deadline))
    return kernel.added(counts)


def _count_near(
    one: Resolved, field: Field, lexicons: Lexicons, kernel: AnyKernel, deadline: Deadline
) -> Any:
    """How often the parts of a unit stand within so many words of each other; as _count()."""
    found: list[dict[int, list[Stretch]]] = []
    for sequences in one.near:
        stretches: dict[int, list[Stretch]] = defaultdict(list)
        for sequence in sequences:
            deadline.left_seconds()
            parts = lexicons.parts(sequence, field)
            length = max(lookup.offset for lookup in sequence)
            for doc, positions in kernel.standing(parts, deadline) if parts else ():
                stretches[doc] += [
                    Stretch(chain[0], chain[0] + length) for chain in find_chains(positions, 0)
                ]
        found.append(stretches)
    widths = list(map(width, one.unit.near))
    totals: dict[int, int] = {}
    for doc in set.intersection(*(set(stretches) for stretches in found)):
        of_parts = [stretches[doc] for stretches in found]
        windows = find_windows(list(zip(widths, of_parts, strict=True)), one.unit.slop)
        if number := sum(1 for _ in windows):
            totals[doc] = number
    return kernel.numbered(totals)


def matching(
    match: Match, found: Sequence[UnitCounts], segment: SegmentView, kernel: AnyKernel
) -> Any:
    """The live paragraphs of a segment that match, a set of its kernel; found is of its units."""

    def of(part: Match) -> Any:
        return matching(part, found, segment, kernel)

    match match:
        case int():
            return kernel.docs(found[match].body)
        case ArticleFilter():
            return kernel.children(kernel.records(list(_records(match, segment))))
        case All(parts):
            wanted = [of(part) for part in parts if not isinstance(part, Without)]
            docs = kernel.all_of(wanted) if wanted else kernel.passages()
            for part in parts:
                if isinstance(part, Without):
                    docs = kernel.without(docs, of(part.part))
            return docs
        case AnyOf(parts):
            return kernel.any_of([of(part) for part in parts])
        case Without(part):
            return kernel.without(kernel.passages(), of(part))
        case OfArticles(part):
            return kernel.children(_articles(part, found, segment, kernel))
        case Always(matches):
            return kernel.passages() if matches else kernel.nothing()


def _articles(
    match: Match, found: Sequence[UnitCounts], segment: SegmentView, kernel: AnyKernel
) -> Any:
    """The records of articles with a passage that matches, or with a title that holds a unit."""
    if isinstance(match, AnyOf):
        return kernel.any_of([_articles(part, found, segment, kernel) for part in match.parts])
    records = kernel.articles(matching(match, found, segment, kernel))
    if isinstance(match, int):
        return kernel.any_of([kernel.docs(found[match].titles), records])
    return records


def _records(wanted: ArticleFilter, segment: SegmentView) -> Iterator[Sequence[int]]:
    """Yield the records that have each value that passes, deleted ones included."""
    compiled = re.compile(wanted.pattern) if wanted.pattern is not None else None
    for field in wanted.index_fields:
        postings = segment.postings(field)
        if postings is None:
            continue
        if wanted.equal is not None:
            place = postings.find(encoded(wanted.equal))
            places = range(place, place + 1) if place >= 0 else range(0)
        elif compiled is not None:
            places = range(len(postings))
        else:
            end = postings.lower(f"{wanted.last}~".encode()) if wanted.last else len(postings)
            places = range(postings.lower(wanted.first.encode()), end)
        for place in places:
            if compiled and not compiled.search(postings.term(place).decode("utf-8", "replace")):
                continue
            yield postings.docs(place)

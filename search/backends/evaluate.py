"""Plan + segments -> which passages match, and how often each unit occurs in them."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cached_property, partial
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar

from indexer.text.analysis import encoded
from indexer.tuples import NamedTuple
from search.backends.ranking import UnitCounts
from search.backends.vocabulary import ARTICLE_FIELDS
from search.chains import Stretch, find_chains, find_windows
from search.deadline import SearchTimeoutError
from search.plan import (
    All,
    Always,
    AnyOf,
    ArticleFilter,
    Form,
    Match,
    OfArticles,
    PassageFilter,
    PlaceFilter,
    Resolved,
    Sequences,
    Without,
    width,
)
from search.query.spelling import Field

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from typing import TypeAlias

    from indexer.storage.segment import SegmentView
    from search.backends.kernels.base import Kernel, Part, Scores
    from search.backends.ranking import UnitWeight
    from search.backends.vocabulary import Lexicons
    from search.deadline import Deadline

    AnyKernel: TypeAlias = Kernel[Any, Any]

# Where a segment holds so many times more documents than match, units are counted in those alone.
_MUCH_MORE = 8
# What passes is gathered of so many values, to be yielded at once.
_VALUES_AT_ONCE = 1_024
# Steps of the deadline, a microsecond or so each: to look at a value, and at some letters of it.
_STEPS_OF_A_VALUE = 2
_LETTERS_A_STEP = 32
#: Sums of scores are rounded; what is left out must be below for certain.
ROUNDED_UP = 1 + 1e-9


_Found = TypeVar("_Found")


class Within(NamedTuple):
    """The documents in which counts are wanted; elsewhere they may be left out.

    Attributes:
        passages: those that are to be scored, and all others of their articles.
        records: those articles.
    """

    passages: Any
    records: Any


class Parts:
    """What of one query can be found in one segment without its units, in time.

    Units are found by those that derive from it.
    """

    def __init__(self, segment: SegmentView, kernel: AnyKernel, deadline: Deadline) -> None:
        self.kernel = kernel
        self.segment = segment
        self._deadline = deadline
        # Units and filters for which the time was too short.
        self._cut: set[Match] = set()

    # In time

    def _in_time(self, part: Match, find: Callable[[], _Found], nothing: _Found) -> _Found:
        """What is found of a unit or filter; nothing, of which note is taken, if time is over."""
        try:
            self._deadline.left_seconds()
            return find()
        except SearchTimeoutError:
            self._cut.add(part)
            return nothing

    def is_unsure(self, match: Match) -> bool:
        """Whether more may match than was found in time."""
        match match:
            case int() | ArticleFilter() | PlaceFilter() | PassageFilter():
                return match in self._cut
            case All(parts) | AnyOf(parts):
                return any(map(self.is_unsure, parts))
            case Without(part) | OfArticles(part):
                return self.is_unsure(part)
            case Always():
                return False

    # Units

    def docs(self, unit: int) -> Any:
        """The passages that hold a unit in the field that it is of."""
        raise NotImplementedError

    def all_of(self, units: Sequence[int]) -> Any:
        """The passages that hold each of one or more units."""
        return self.kernel.all_of(list(map(self.docs, units)))

    def any_of(self, units: Sequence[int]) -> Any:
        """The passages that hold any of some units."""
        return self.kernel.any_of(list(map(self.docs, units)))

    def titled(self, unit: int) -> Any:
        """The records of articles whose title holds a unit, if titles rank by it."""
        raise NotImplementedError

    # Filters

    def records(self, wanted: ArticleFilter) -> Any:
        """The records of the articles that pass."""
        return self.kernel.records(self._passing(wanted, wanted))

    def placed(self, wanted: PlaceFilter) -> Any:
        """The passages that pass."""
        docs = {doc: 1 for found in self._passing(wanted, wanted.values) for doc in found}
        for doc in self.segment.deleted & docs.keys():
            del docs[doc]
        return self.kernel.docs(self.kernel.numbered(docs))

    def _passing(self, part: Match, wanted: ArticleFilter) -> list[Sequence[int]]:
        """The documents whose values pass, some of them at a time, deleted ones included."""
        found: list[Sequence[int]] = []

        def look() -> None:
            found.extend(_having_values(wanted, self.segment, self._deadline))

        self._in_time(part, look, None)
        return found

    def named(self, wanted: PassageFilter) -> Any:
        """The passage that an id names, if it is of this segment."""
        return self._in_time(wanted, lambda: self._named(wanted), self.kernel.nothing())

    def _named(self, wanted: PassageFilter) -> Any:
        from search.backends.names import passages_named  # noqa: PLC0415 - few queries name one

        docs = passages_named(self.segment, wanted.name, self._deadline)
        return self.kernel.docs(self.kernel.numbered(dict.fromkeys(docs, 1)))


class Units(Parts):
    """Where the units of one query stand in one segment, and how often; what was found is kept."""

    def __init__(
        self,
        resolved: Sequence[Resolved],
        lexicons: Lexicons,
        kernel: AnyKernel,
        deadline: Deadline,
    ) -> None:
        super().__init__(lexicons.segment, kernel, deadline)
        self._resolved = resolved
        self._lexicons = lexicons
        self._cut |= {at for at, one in enumerate(resolved) if one.is_cut}
        self._are_terms = [_are_terms(one) for one in resolved]
        self._counts: dict[int, UnitCounts] = {}
        self._holding: dict[int, int] = {}

    # How often

    def counts(self, unit: int) -> UnitCounts:
        """The counts of a unit in all live documents."""
        found = self._counts.get(unit)
        if found is None:
            found = self._counts[unit] = self._counted(unit, Within(None, None))
        return found

    def counts_within(self, unit: int, within: Within) -> UnitCounts:
        """The counts of a unit in some documents at least."""
        if unit not in self._counts and self._are_terms[unit]:
            return self._counted(unit, within)
        return self.counts(unit)

    def _counted(self, unit: int, within: Within) -> UnitCounts:
        one, none = self._resolved[unit], self.kernel.added(())
        nothing = UnitCounts(none, none, none, none, in_text=one.unit.field is Field.TEXT)
        return self._in_time(unit, lambda: self._unit_counts(one, within), nothing)

    def counts_in(self, units: Collection[int], docs: Any) -> Iterator[Any]:
        """Yield how often each of some units stands in the own text of some passages at least."""
        sequences = [
            [
                parts
                for sequence in self._resolved[unit].sequences
                if (parts := self._lexicons.parts(sequence, Field.TEXT))
            ]
            for unit in units
        ]
        kernel, none = self.kernel, self.kernel.added(())
        several = (parts for parts in chain(*sequences) if len(parts) > 1)
        chained = kernel.chained_in(several, docs, self._deadline)

        def count(parts: Sequence[Part]) -> Any:
            if len(parts) > 1:
                return next(chained, none)
            ((_, postings, places),) = parts
            return kernel.counted(postings, places, docs)

        def added(of_unit: Sequence[Sequence[Part]]) -> Any:
            return kernel.added(list(map(count, of_unit)))

        for unit, of_unit in zip(units, sequences, strict=True):
            yield self._in_time(unit, partial(added, of_unit), none)

    def _unit_counts(self, one: Resolved, within: Within) -> UnitCounts:
        kernel, field = self.kernel, one.unit.field
        none = kernel.added(())
        if field in ARTICLE_FIELDS:
            own = kernel.spread(self._count_unit(one, field, within.records))
        else:
            own = self._count_unit(one, field, within.passages)
        if field is not Field.TEXT or one.unit.own:
            return UnitCounts(own, none, none, none, in_text=field is Field.TEXT)
        headings = titles = none
        if Field.HEADING in self._lexicons.fields:
            headings = self._count_unit(one, Field.HEADING, within.passages)
        if Field.TITLE in self._lexicons.fields:
            titles = self._count_unit(one, Field.TITLE, within.records)
        articles = kernel.of_articles(own, titles)
        return UnitCounts(own, headings, titles, articles, in_text=True)

    def _count_unit(self, one: Resolved, field: Field, docs: Any) -> Any:
        if one.near:
            return _count_near(one, field, self._lexicons, self.kernel, self._deadline)
        return self._count(one.sequences, one.unit.slop, field, docs)

    def _count(self, sequences: Sequences, slop: int, field: Field, docs: Any) -> Any:
        """How often sequences occur in documents (None: all live ones), looked up in a text field.

        For a field of the whole article the documents are article records, else paragraphs.
        """
        counts = []
        for sequence in sequences:
            self._deadline.left_seconds()
            parts = self._lexicons.parts(sequence, field)
            if len(parts) == 1:
                counts.append(self.kernel.counted(parts[0][1], parts[0][2], docs))
            elif parts:
                counts.append(self.kernel.chained(parts, slop, self._deadline))
        return self.kernel.added(counts)

    # Where

    def docs(self, unit: int) -> Any:
        """The passages that hold a unit in the field that it is of."""
        return self._in_time(unit, lambda: self._docs(unit), self.kernel.nothing())

    def _docs(self, unit: int) -> Any:
        one = self._resolved[unit]
        if unit in self._counts or not self._are_terms[unit] or one.unit.field in ARTICLE_FIELDS:
            return self.kernel.docs(self.counts(unit).body)
        return self._having(one.sequences, one.unit.field)

    def titled(self, unit: int) -> Any:
        """The records of articles whose title holds a unit, if titles rank by it."""
        one = self._resolved[unit]
        if one.unit.field is not Field.TEXT or one.unit.own:
            return self.kernel.nothing()
        counts = self._in_time(
            unit, lambda: self._count_unit(one, Field.TITLE, None), self.kernel.added(())
        )
        return self.kernel.docs(counts)

    def _having(self, sequences: Sequences, field: Field) -> Any:
        """The documents that hold any of some terms, each of them a sequence."""
        return self.kernel.any_of(
            [
                self.kernel.having(postings, places)
                for _, postings, places in self._parts(sequences, field)
            ]
        )

    def _parts(self, sequences: Sequences, field: Field) -> list[Part]:
        """The parts of all sequences in a text field."""
        if field not in self._lexicons.fields:
            return []
        return [part for one in sequences for part in self._lexicons.parts(one, field)]

    # How many

    def is_held(self, unit: int) -> bool:
        """Whether any passage holds a unit in the field that it is of."""
        one = self._resolved[unit]
        if self._are_terms[unit] and not self.segment.deleted:
            return bool(self._parts(one.sequences, one.unit.field)) or unit in self._cut
        return self.kernel.size(self.docs(unit)) > 0 or unit in self._cut

    def holding(self, unit: int) -> int:
        """How many passages decide how telling a unit is."""
        found = self._holding.get(unit)
        if found is None:
            found = self._in_time(unit, lambda: self._count_holding(unit), 0)
            self._holding[unit] = found
        return found

    def _count_holding(self, unit: int) -> int:
        one = self._resolved[unit]
        field, slop = one.unit.field, one.unit.slop
        if not one.telling and (unit in self._counts or not self._are_terms[unit]):
            return len(self.counts(unit).body)
        sequences = one.telling or one.sequences
        if not self._are_terms[unit] or field in ARTICLE_FIELDS:
            counts = self._count(sequences, slop, field, None)
            return len(self.kernel.spread(counts) if field in ARTICLE_FIELDS else counts)
        if self.segment.deleted or not are_apart(sequences):
            return self.kernel.size(self._having(sequences, field))
        return sum(
            postings.doc_count(place)
            for _, postings, places in self._parts(sequences, field)
            for place in places
        )

    def article_holding(self, unit: int) -> int:
        """How many articles decide how telling a unit is; 0 where it ranks by none."""
        return self._in_time(unit, lambda: self._count_article_holding(unit), 0)

    def _count_article_holding(self, unit: int) -> int:
        one = self._resolved[unit]
        if one.unit.field is not Field.TEXT or one.unit.own:
            return 0
        if not one.telling and (unit in self._counts or not self._are_terms[unit]):
            return len(self.counts(unit).articles)
        sequences = one.telling or one.sequences
        if not self._are_terms[unit]:
            own, titles = (
                self._count(sequences, one.unit.slop, field, None)
                for field in (Field.TEXT, Field.TITLE)
            )
            return len(self.kernel.of_articles(own, titles))
        if not are_apart(sequences):
            return self._articles_with(sequences)
        if self.kernel.are_single and not self._parts(sequences, Field.TITLE):
            return self.holding(unit)
        return sum(self._articles_with((sequence,)) for sequence in sequences)

    def _articles_with(self, sequences: Sequences) -> int:
        """How many articles hold any of some terms in a passage or the title."""
        kernel = self.kernel
        records = kernel.articles(self._having(sequences, Field.TEXT))
        titled = self._having(sequences, Field.TITLE)
        return kernel.size(kernel.any_of([titled, records]) if kernel.size(titled) else records)


class Found:
    """The passages of a segment that match, and how often units stand in them.

    Args:
        docs: they, as a set of the kernel.
        units: the units of the query.
    """

    units: Any

    def __init__(self, docs: Any, units: Parts) -> None:
        self.units = units
        self.docs = docs
        self._size = units.kernel.size(docs)
        self._counts: dict[int, UnitCounts] = {}

    @classmethod
    def of(cls, match: Match, units: Units) -> Found:
        """What of the segment matches."""
        for part in match.parts if isinstance(match, AnyOf) else (match,):
            if isinstance(part, int):  # all that it finds is scored
                units.counts(part)
        return cls(matching(match, units), units)

    def __len__(self) -> int:
        """Return how many passages match."""
        return self._size

    @cached_property
    def _within(self) -> Within:
        kernel = self.units.kernel
        if self._size * _MUCH_MORE >= len(self.units.segment):
            return Within(None, None)
        records = kernel.articles(self.docs)
        return Within(self.docs if kernel.are_single else kernel.children(records), records)

    def holdings(self, units: Sequence[int]) -> Sequence[tuple[int, int]]:
        """How many passages, and articles, decide how telling each of some units is."""
        of = self.units
        return [(of.holding(unit), of.article_holding(unit)) for unit in units]

    def counts(self, unit: int) -> UnitCounts:
        """The counts of a unit, in these passages and their articles at least."""
        found = self._counts.get(unit)
        if found is None:
            found = self.units.counts_within(unit, self._within)
            self._counts[unit] = found
        return found

    def scores(self, weights: Mapping[int, UnitWeight], deadline: Deadline) -> Scores:
        """The sums of what units give to each passage, of as many as are added in time."""
        ranked = [(self.counts(unit), weight) for unit, weight in weights.items()]
        kernel: AnyKernel = self.units.kernel
        return kernel.scores(self.docs, ranked, deadline)

    def add_beside(
        self, scores: Scores, weights: Mapping[int, UnitWeight], wanted: int | None
    ) -> None:
        """Add what units give that rank beside others, where it may decide who is wanted.

        They are counted only in passages that can be among so many of the best.
        """
        gain = sum(weight.passage for weight in weights.values())
        docs = scores.in_reach(wanted, gain * ROUNDED_UP)
        none = self.units.kernel.added(())
        for unit, body in zip(weights, self.units.counts_in(weights, docs), strict=True):
            scores.add(body, weights[unit].passage)
            self._counts[unit] = UnitCounts(body, none, none, none, in_text=True)

    def held(self, docs: Sequence[int], groups: Sequence[Sequence[int]]) -> Sequence[bytes]:
        """By group of units, which of some passages hold any in text, headings or title: 0 or 1."""
        return [self._holding_any(units, docs) for units in groups]

    def _holding_any(self, units: Sequence[int], docs: Sequence[int]) -> bytes:
        among, parents = self.units.kernel.among, self.units.segment.parents
        found: set[int] = set()
        for unit in units:
            body, headings, titles, _, _ = self.counts(unit)
            found.update(among(body, docs))
            if len(headings):
                found.update(among(headings, docs))
            if len(titles):
                titled = set(among(titles, [parents[doc] for doc in docs]))
                found.update(doc for doc in docs if parents[doc] in titled)
        return bytes([doc in found for doc in docs])

    def only(self, unit: int, doc: int, record: int) -> UnitCounts:
        """The occurrences of a unit in one of the passages and its article, as mappings."""
        body, headings, titles, articles, in_text = self.counts(unit)

        def at(counts: Any, place: int) -> dict[int, float]:
            return {place: number} if (number := counts.get(place, 0)) else {}

        return UnitCounts(
            at(body, doc), at(headings, doc), at(titles, record), at(articles, record), in_text
        )


def _are_terms(one: Resolved) -> bool:
    """Whether a unit stands wherever a term of it does, in whatever place."""
    return not one.near and all(len(sequence) == 1 for sequence in (*one.sequences, *one.telling))


def are_apart(sequences: Sequences) -> bool:
    """Whether no passage holds two of some terms: they are of one language each."""
    if any(len(one) != 1 or len(one[0].terms) != 1 for one in sequences):
        return False
    if len(sequences) < 2:
        return True
    heads = [lookup.terms[0].partition(b":")[0].rstrip(b"^") for (lookup,) in sequences]
    are_stems = all(lookup.form is Form.STEM for (lookup,) in sequences)
    return are_stems and len(set(heads)) == len(heads)


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
                    Stretch(chain[0], chain[0] + length)
                    for chain in find_chains(positions, 0, deadline.spend)
                ]
        found.append(stretches)
    widths = list(map(width, one.unit.near))
    totals: dict[int, int] = {}
    for doc in set.intersection(*(set(stretches) for stretches in found)):
        of_parts = [stretches[doc] for stretches in found]
        windows = find_windows(
            list(zip(widths, of_parts, strict=True)), one.unit.slop, deadline.spend
        )
        if number := sum(1 for _ in windows):
            totals[doc] = number
    return kernel.numbered(totals)


def matching(match: Match, units: Parts) -> Any:
    """The live paragraphs of a segment that match, a set of its kernel."""
    kernel = units.kernel
    match match:
        case int():
            return units.docs(match)
        case All(parts):
            own = [part for part in parts if isinstance(part, int)]
            if len(own) == len(parts):
                return units.all_of(own)
            docs = _all_of(parts, units)
            for part in parts:
                if isinstance(part, Without):
                    docs = _without(docs, part.part, units)
            return docs
        case AnyOf(parts):
            found = [matching(part, units) for part in parts if not isinstance(part, int)]
            if own := [part for part in parts if isinstance(part, int)]:
                found.append(units.any_of(own))
            return found[0] if len(found) == 1 else kernel.any_of(found)
        case ArticleFilter():
            return kernel.children(units.records(match))
        case PlaceFilter():
            return units.placed(match)
        case PassageFilter():
            return units.named(match)
        case Without(part):
            return _without(kernel.passages(), part, units)
        case OfArticles(part):
            return kernel.children(_articles(part, units))
        case Always(matches):
            return kernel.passages() if matches else kernel.nothing()


def _all_of(parts: Sequence[Match], units: Parts) -> Any:
    """The live paragraphs that those parts match that say what is, not what is not."""
    found = [matching(part, units) for part in parts if not isinstance(part, int | Without)]
    if own := [part for part in parts if isinstance(part, int)]:
        found.append(units.all_of(own))
    if not found:
        return units.kernel.passages()
    return units.kernel.all_of(found) if len(found) > 1 else found[0]


def _without(docs: Any, part: Match, units: Parts) -> Any:
    """What of some passages a part does not match; none of those that it may match."""
    unwanted = matching(part, units)
    if units.is_unsure(part):
        return units.kernel.nothing()
    return units.kernel.without(docs, unwanted)


def _articles(match: Match, units: Parts) -> Any:
    """The records of articles with a passage that matches, or with a title that holds a unit."""
    kernel = units.kernel
    if isinstance(match, AnyOf):
        return kernel.any_of([_articles(part, units) for part in match.parts])
    records = kernel.articles(matching(match, units))
    return kernel.any_of([units.titled(match), records]) if isinstance(match, int) else records


def _having_values(
    wanted: ArticleFilter, segment: SegmentView, deadline: Deadline
) -> Iterator[Sequence[int]]:
    """Yield the documents with values that pass, deleted ones included, some at a time."""
    compiled = re.compile(wanted.pattern) if wanted.pattern is not None else None
    for field in wanted.index_fields:
        postings = segment.postings(field)
        if postings is None:
            continue
        if wanted.head:
            places = postings.prefix_range(encoded(wanted.head))
        elif wanted.equal is not None:
            place = postings.find(encoded(wanted.equal))
            places = range(place, place + 1) if place >= 0 else range(0)
        elif compiled is not None:
            places = range(len(postings))
        else:
            end = postings.lower(f"{wanted.last}~".encode()) if wanted.last else len(postings)
            places = range(postings.lower(wanted.first.encode()), end)
        for first in range(0, len(places), _VALUES_AT_ONCE):
            passing: list[Sequence[int]] = []
            for place in places[first : first + _VALUES_AT_ONCE]:
                deadline.spend(_STEPS_OF_A_VALUE)
                if compiled:
                    value = postings.term(place).decode("utf-8", "replace")
                    deadline.spend(len(value) // _LETTERS_A_STEP)
                    if wanted.head:
                        value = value.partition("\0")[0]
                    if not compiled.search(value):
                        continue
                passing.append(postings.docs(place))
            if len(passing) > 1:
                passing = [sorted(set[int]().union(*passing))]
            yield from passing

"""The kernels with numpy: counts and sets are sorted arrays; what all queries need is kept."""

from __future__ import annotations

import threading
from functools import cached_property, lru_cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from indexer.storage.packing import places_by_doc, unpack, unpack_one
from indexer.storage.records import GROUP_FIELD
from search.backends.kernels.runs import (
    HALF,
    LOWER,
    NO_COUNTS,
    NO_DOCS,
    ArrayCounts,
    common,
    find,
    least_of_best,
    positions_in,
    saturated,
    starts_of,
)
from search.backends.ranking import lengths_of, slopes
from search.chains import find_chains

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from indexer.storage.postings import FieldPostings
    from indexer.storage.segment import SegmentView
    from search.backends.kernels.base import Part
    from search.backends.kernels.runs import Docs
    from search.backends.ranking import RankingSettings, Totals, UnitCounts, UnitWeight
    from search.deadline import Deadline

# Where one array is so many times longer than the other, the shorter one is looked up in it;
# else both are laid out over all documents, which costs as much whatever they hold.
_MUCH_LONGER = 8
# To sort a set costs more than to lay it out unless all documents are so many times as many.
_SORTED_FOR_LESS = 64
# If nearly all of it is sorted, it is less in any case.
_BARELY_LONGER = 1.1
# A query asks for the postings of a word again and again; as many are kept as one may have.
_MOST_UNPACKED = 16
# Fields that are counted by are few; one of unique values takes 16 bytes an article.
_MOST_FACETS = 8


class _Scratch(threading.local):
    """Room by document that a thread keeps, as the system takes long to give some.

    Who used it leaves it all 0.

    Attributes:
        scores, shares: for the sums of paragraphs and of article records.
        numbers: for counts.
        marks: for sets.
    """

    def __init__(self, size: int) -> None:
        self.scores: NDArray[np.float64] = np.zeros(size)
        self.shares: NDArray[np.float64] = np.zeros(size)
        self.numbers: NDArray[np.float64] = np.zeros(size)
        self.marks: NDArray[np.bool_] = np.zeros(size, np.bool_)


class ArrayKernel:
    """Serves one segment; see ``base.Kernel``. Threads may share it."""

    def __init__(self, segment: SegmentView, totals: Totals, settings: RankingSettings) -> None:
        self._segment = segment
        self._totals = totals
        self._settings = settings
        self._size = len(segment)
        self._scratch = _Scratch(self._size)
        self._unpacked = lru_cache(_MOST_UNPACKED)(unpack_one)
        self._holders = lru_cache(_MOST_FACETS)(partial(unpack, positions=False))
        self._parents: Docs = np.asarray(segment.parents).astype(np.int64)

    @cached_property
    def _is_live(self) -> NDArray[np.bool_] | None:
        """By document; None where all are."""
        if not self._segment.deleted:
            return None
        live = np.ones(self._size, np.bool_)
        live[np.fromiter(self._segment.deleted, np.int64)] = False
        return live

    @cached_property
    def _is_passage(self) -> NDArray[np.bool_]:
        """Whether a document is a live paragraph."""
        own: NDArray[np.bool_] = self._parents != np.arange(self._size)
        return own if self._is_live is None else own & self._is_live

    @cached_property
    def _passages(self) -> Docs:
        return self._is_passage.nonzero()[0]

    @cached_property
    def _ends(self) -> Docs:
        """By record, where the paragraphs of its article end."""
        starts = starts_of(self._parents)
        ends = np.zeros(self._size, np.int64)
        ends[starts] = np.append(starts[1:], self._size)
        return ends

    @cached_property
    def are_single(self) -> bool:
        """Whether each article is one paragraph, the document after its record; all are live."""
        each = self._parents[self._parents == np.arange(self._size)]
        return not self._segment.deleted and bool((self._ends[each] == each + 2).all())

    @cached_property
    def _norms(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The addends of BM25's denominators, by paragraph and by article record."""
        settings, parents = self._settings, self._parents
        lengths = lengths_of(self._segment)
        body, headings, titles, articles = (np.asarray(one, np.float64) for one in lengths[:4])
        flat, slope, *of_articles = slopes(self._totals, settings)
        own = body + settings.title_weight * titles[parents] + settings.heading_weight * headings
        whole = articles + settings.article_title_weight * titles
        # An article is a run of documents: its record, then its paragraphs.
        has_more = self._ends > np.arange(2, self._size + 2)
        several, single = (
            flat_ + slope_ * whole for flat_, slope_ in (of_articles[:2], of_articles[2:])
        )
        return flat + slope * own, np.where(has_more, several, single)

    @cached_property
    def _id_places(self) -> Docs:
        """By record, the place of its article's id among all; those sort as the ids do."""
        postings = self._segment.postings(GROUP_FIELD)
        if postings is None:
            return np.zeros(self._size, np.int64)
        return places_by_doc(postings, self._size)

    # Counts

    def counted(
        self, postings: FieldPostings, places: Sequence[int], within: Docs | None
    ) -> ArrayCounts:
        """Return how often any of the terms at some places of a lexicon occurs."""
        if not places:
            return NO_COUNTS
        if len(places) == 1:
            docs, numbers = self._unpacked(postings, places[0])
            if within is not None and len(within) * _MUCH_LONGER < len(docs):
                at, found = find(docs, within)
                # All of them, as where words are required, are aligned with each other so.
                docs = within if len(at) == len(within) else within[at]
                return ArrayCounts(docs, numbers[found])
            counts = ArrayCounts(docs, numbers)
        else:
            several = unpack(postings, places, positions=False)
            counts = self._summed(ArrayCounts(several.docs, several.frequencies))
        if self._is_live is None:
            return counts
        live = self._is_live[counts.docs]
        return ArrayCounts(counts.docs[live], counts.numbers[live])

    def _summed(self, counts: ArrayCounts) -> ArrayCounts:
        """Sort counts by document and make one of those of the same."""
        docs, numbers = counts.docs, counts.numbers
        if len(docs) * _MUCH_LONGER > self._size:
            sums = np.bincount(docs, numbers, self._size)
            docs = sums.nonzero()[0]
            return ArrayCounts(docs, sums[docs])
        if numbers.dtype.kind == "f":
            order = docs.argsort(kind="stable")
            docs, numbers = docs[order], numbers[order]
        else:  # much faster, and nearly all of them
            keys = (docs << HALF) | numbers.astype(np.int64)
            keys.sort()
            docs, numbers = keys >> HALF, keys & LOWER
        starts = starts_of(docs)
        if len(starts) == len(docs):
            return ArrayCounts(docs, numbers)
        return ArrayCounts(docs[starts], np.add.reduceat(numbers, starts))

    def added(self, counts: Sequence[ArrayCounts]) -> ArrayCounts:
        """Return the sums of counts."""
        some = [one for one in counts if len(one)]
        if not some:
            return NO_COUNTS
        if len(some) == 1:
            return some[0]
        docs = np.concatenate([one.docs for one in some])
        return self._summed(ArrayCounts(docs, np.concatenate([one.numbers for one in some])))

    def numbered(self, numbers: dict[int, int]) -> ArrayCounts:
        """Return counts that were found one by one."""
        docs = np.array(sorted(numbers), np.int64)
        return ArrayCounts(docs, np.array([numbers[doc] for doc in docs.tolist()], np.int64))

    def among(self, counts: ArrayCounts, docs: Sequence[int]) -> Iterable[int]:
        """Return those of a few documents that have counts."""
        wanted = np.array(docs, np.int64)
        found: list[int] = wanted[find(counts.docs, wanted)[0]].tolist()
        return found

    def of_articles(self, body: ArrayCounts, titles: ArrayCounts) -> ArrayCounts:
        """Return the counts of whole articles by record."""
        records = self.articles(body.docs)
        if len(records) == len(body.docs):
            own = ArrayCounts(records, body.numbers)
        else:
            starts = starts_of(self._parents[body.docs])
            sums = np.add.reduceat(body.numbers, starts, dtype=np.float64)
            own = ArrayCounts(records, sums)
        if not len(titles):
            return own
        weight = self._settings.article_title_weight
        weighted = ArrayCounts(titles.docs, weight * titles.numbers)
        return self.added([weighted, ArrayCounts(own.docs, own.numbers.astype(np.float64))])

    def spread(self, counts: ArrayCounts) -> ArrayCounts:
        """Return the counts of records for each of their paragraphs."""
        each = self._ends[counts.docs] - counts.docs - 1
        return ArrayCounts(self.children(counts.docs), counts.numbers.repeat(each))

    # Sequences

    def chained(self, parts: Sequence[Part], slop: int, deadline: Deadline) -> ArrayCounts:
        """Return how often the parts of a sequence stand in their order."""
        docs = self._holding_all(parts, deadline)
        if slop:
            return self.numbered(
                {
                    doc: number
                    for doc, positions in self._standing_in(docs, parts, deadline)
                    if (number := sum(1 for _ in find_chains(positions, slop, deadline.spend)))
                }
            )
        (counts,) = self.chained_in([parts], docs, deadline)
        return counts

    def chained_in(
        self, sequences: Iterable[Sequence[Part]], docs: Docs, deadline: Deadline
    ) -> Iterator[ArrayCounts]:
        """Yield how often each of some sequences stands in documents."""
        known: dict[tuple[int, tuple[int, ...]], Docs] = {}
        for parts in sequences:
            last = max(offset for offset, _, _ in parts)
            keys: Docs | None = None
            for offset, postings, places in parts:
                deadline.left_seconds()
                found = known.get((id(postings), tuple(places)))
                if found is None:
                    found = positions_in(postings, places, docs, self._unpacked)
                    known[id(postings), tuple(places)] = found
                # Where the last part stands if this one is where it is.
                found = found + (last - offset) if last > offset else found
                keys = found if keys is None else common(keys, found)
            if keys is None or not len(keys):
                yield NO_COUNTS
                continue
            keys = keys[starts_of(keys)]
            ranks = keys >> HALF
            starts = starts_of(ranks)
            yield ArrayCounts(docs[ranks[starts]], np.diff(starts, append=len(ranks)))

    def standing(
        self, parts: Sequence[Part], deadline: Deadline
    ) -> Iterator[tuple[int, list[tuple[int, list[int]]]]]:
        """Yield each document that holds all parts, with the offset and positions of each."""
        return self._standing_in(self._holding_all(parts, deadline), parts, deadline)

    def _standing_in(
        self, docs: Docs, parts: Sequence[Part], deadline: Deadline
    ) -> Iterator[tuple[int, list[tuple[int, list[int]]]]]:
        if not len(docs):
            return
        found = []
        known: dict[tuple[int, tuple[int, ...]], tuple[list[int], list[int]]] = {}
        for offset, postings, places in parts:
            deadline.left_seconds()
            key = id(postings), tuple(places)  # a phrase may have one word many times
            if key not in known:
                keys = positions_in(postings, places, docs, self._unpacked)
                bounds = np.searchsorted(keys >> HALF, np.arange(len(docs) + 1)).tolist()
                known[key] = bounds, (keys & LOWER).tolist()
            found.append((offset, *known[key]))
        for rank, doc in enumerate(docs.tolist()):
            deadline.spend(len(found))
            yield (
                doc,
                [
                    (offset, positions[bounds[rank] : bounds[rank + 1]])
                    for offset, bounds, positions in found
                ],
            )

    def _holding_all(self, parts: Sequence[Part], deadline: Deadline) -> Docs:
        """The live documents that hold every part, the rarest looked at first."""
        docs: Docs | None = None
        for _, postings, places in sorted(
            parts, key=lambda part: sum(map(part[1].doc_count, part[2]))
        ):
            deadline.left_seconds()
            if docs is None:
                docs = self.having(postings, places)
            elif len(places) == 1:
                docs = self._common(docs, self._unpacked(postings, places[0])[0])
            else:
                docs = self._common(docs, self.having(postings, places))
        assert docs is not None
        return docs

    # Sets

    def having(self, postings: FieldPostings, places: Sequence[int]) -> Docs:
        """Return the documents that hold any of the terms at some places of a lexicon."""
        if len(places) == 1:
            docs = self._unpacked(postings, places[0])[0]
        else:
            docs = self.any_of([unpack_one(postings, at)[0] for at in places])
        return docs if self._is_live is None else docs[self._is_live[docs]]

    def docs(self, counts: ArrayCounts) -> Docs:
        """Return the documents of counts."""
        return counts.docs

    def passages(self) -> Docs:
        """Return all paragraphs."""
        return self._passages

    def nothing(self) -> Docs:
        """Return no documents."""
        return NO_DOCS

    def records(self, found: Sequence[Sequence[int]]) -> Docs:
        """Return the live ones of some article records."""
        docs = self.any_of([np.array(one, np.int64) for one in found])
        return docs if self._is_live is None else docs[self._is_live[docs]]

    def articles(self, docs: Docs) -> Docs:
        """Return the records of the articles of paragraphs."""
        if self.are_single:
            return docs - 1
        records = self._parents[docs]
        return records[starts_of(records)]

    def children(self, records: Docs) -> Docs:
        """Return the paragraphs of articles."""
        if self.are_single:
            return records + 1
        each = self._ends[records] - records - 1
        before = each.cumsum() - each
        first: Docs = (records + 1 - before).repeat(each)
        return first + np.arange(len(first))

    def all_of(self, sets: Sequence[Docs]) -> Docs:
        """Return what is in each of one or more sets."""
        first, *others = sorted(sets, key=len)
        for other in others:
            first = self._common(first, other)
        return first

    def _common(self, docs: Docs, others: Docs) -> Docs:
        """What of the first set is in the second, which may be of any type."""
        if len(docs) * _MUCH_LONGER < len(others):
            return docs[find(others, docs)[0]]
        return docs[self._is_in(others, docs)]

    def any_of(self, sets: Sequence[Docs]) -> Docs:
        """Return what is in any set."""
        some = [docs for docs in sets if len(docs)]
        if len(some) < 2:
            return some[0] if some else NO_DOCS
        docs = np.concatenate(some)
        if len(docs) * _SORTED_FOR_LESS > self._size and len(docs) > _BARELY_LONGER * max(
            map(len, some)
        ):
            marks = self._scratch.marks
            marks[docs] = True
            union = marks.nonzero()[0]
            marks[union] = False
            return union
        docs.sort(kind="stable")  # which makes use of what is sorted already
        return docs[starts_of(docs)]

    def without(self, docs: Docs, others: Docs) -> Docs:
        """Return what is in the first set and not in the second."""
        return docs[~self._is_in(others, docs)]

    def size(self, docs: Docs) -> int:
        """Return how many documents a set holds."""
        return len(docs)

    def _is_in(self, docs: Docs, others: Docs) -> NDArray[np.bool_]:
        """Which of other documents are in a set."""
        marks = self._scratch.marks
        marks[docs] = True
        found: NDArray[np.bool_] = marks[others]
        marks[docs] = False
        return found

    # Values of articles

    def by_article(self, docs: Docs) -> Mapping[int, int]:
        """Return how many of some paragraphs each article record has that has any."""
        of_docs = self._parents[docs]
        starts = starts_of(of_docs)
        counts = np.diff(starts, append=len(of_docs))
        return dict(zip(of_docs[starts].tolist(), counts.tolist(), strict=True))

    def tallied(
        self,
        docs: Docs,
        postings: FieldPostings,
        places: range,
        most: int | None,
        deadline: Deadline,
    ) -> tuple[Sequence[tuple[int, int]], int]:
        """Count the paragraphs of the articles whose records hold each of some terms."""
        deadline.left_seconds()
        if not places:
            return (), 0
        holders = self._holders(postings, places)
        of_record = np.bincount(self._parents[docs], minlength=self._size)
        passages = np.add.reduceat(of_record[holders.docs], holders.first[:-1])
        held = passages.nonzero()[0]
        # Stable, so that equals stay in the order of their places.
        order = held[np.argsort(-passages[held], kind="stable")][:most]
        deadline.left_seconds()
        found = zip((order + places.start).tolist(), passages[order].tolist(), strict=True)
        return list(found), len(held)

    # Scores

    def scores(
        self, docs: Docs, units: Sequence[tuple[UnitCounts, UnitWeight]], deadline: Deadline
    ) -> ArrayScores:
        """Return the sums of what units give to documents."""
        parents = self._parents[docs]
        # Either way the numbers of one document are added in the order of the units, so that equal
        # documents of several segments have equal scores.
        is_aligned = any(counts.body.docs is docs for counts, _ in units)
        postings = sum(len(counts.body) for counts, _ in units)
        if not is_aligned and postings < _MUCH_LONGER * len(docs):
            by_doc, by_record = self._scratch.scores, self._scratch.shares
            try:
                self._add_all(by_doc, by_record, docs, parents, units, deadline)
                scores, shares = by_doc[docs], by_record[parents]
            finally:
                for counts, _ in units:
                    by_doc[counts.body.docs] = 0
                    by_record[counts.articles.docs] = 0
                by_doc[docs] = 0
        else:
            scores, shares = np.zeros(len(docs)), np.zeros(len(docs))
            self._add_all(scores, shares, docs, parents, units, deadline)
        return ArrayScores(self, docs, parents, scores + shares)

    def _add_all(
        self,
        scores: NDArray[np.float64],
        shares: NDArray[np.float64],
        docs: Docs,
        parents: Docs,
        units: Sequence[tuple[UnitCounts, UnitWeight]],
        deadline: Deadline,
    ) -> None:
        """Add what units give to room for all documents and records, or aligned with docs."""
        settings = self._settings
        norms, article_norms = self._norms
        spread = scores is self._scratch.scores
        for counts, weight in units:
            if deadline.is_over():
                break
            body: ArrayCounts = counts.body
            if not counts.in_text or len(counts.titles) or len(counts.headings):
                found = self._at(body, docs)
                addends: Any = settings.k1
                if counts.in_text:
                    found = found + settings.title_weight * self._at(counts.titles, parents)
                    found += settings.heading_weight * self._at(counts.headings, docs)
                    addends = norms[docs]
                at = found.nonzero()[0]
                addends = addends[at] if counts.in_text else addends
                own = saturated(found[at], addends, weight.passage)
                scores[docs[at] if spread else at] += own
            elif spread:
                scores[body.docs] += saturated(body.numbers, norms[body.docs], weight.passage)
            else:
                self._add(scores, body, docs, norms, weight.passage)
            articles: ArrayCounts = counts.articles
            if not len(articles):
                continue
            if spread:
                own = saturated(articles.numbers, article_norms[articles.docs], weight.article)
                shares[articles.docs] += own
            elif body.docs is docs and len(articles) == len(docs) and not len(counts.titles):
                # Every article has one paragraph.
                shares += saturated(articles.numbers, article_norms[parents], weight.article)
            else:
                self._add(shares, articles, parents, article_norms, weight.article)

    def _add(
        self,
        scores: NDArray[np.float64],
        counts: ArrayCounts,
        docs: Docs,
        norms: NDArray[np.float64],
        worth: float,
    ) -> None:
        """Add what counts give to scores, which are aligned with docs."""
        if counts.docs is docs:
            scores += saturated(counts.numbers, norms[docs], worth)
        elif len(counts) > _MUCH_LONGER * len(docs):
            at, places = find(counts.docs, docs)
            scores[at] += saturated(counts.numbers[places], norms[docs[at]], worth)
        elif len(counts):
            found = self._at(counts, docs)
            at = found.nonzero()[0]
            scores[at] += saturated(found[at], norms[docs[at]], worth)

    def _at(self, counts: ArrayCounts, docs: Docs) -> NDArray[np.float64]:
        """The numbers in some documents, 0 where there is none."""
        if counts.docs is docs:
            return counts.numbers.astype(np.float64)
        if len(counts) > _MUCH_LONGER * len(docs):
            found = np.zeros(len(docs))
            at, places = find(counts.docs, docs)
            found[at] = counts.numbers[places]
            return found
        numbers = self._scratch.numbers
        numbers[counts.docs] = counts.numbers
        found = numbers[docs]
        numbers[counts.docs] = 0
        return found

    def norms_of(self, docs: Docs) -> NDArray[np.float64]:
        """The addends of BM25's denominators of some paragraphs."""
        return self._norms[0][docs]

    def first_by_article(self, docs: Docs, parents: Docs, wanted: int) -> NDArray[np.int64]:
        """The places of the first documents by article and number, in any order."""
        keys = (self._id_places[parents] << HALF) | docs
        return keys.argpartition(wanted)[:wanted]


class ArrayScores:
    """See ``base.Scores``."""

    def __init__(
        self, kernel: ArrayKernel, docs: Docs, parents: Docs, scores: NDArray[np.float64]
    ) -> None:
        self._kernel = kernel
        self._docs = docs
        self._parents = parents
        self._scores = scores
        self._factors: NDArray[np.float64] | None = None
        # The places of what is in reach; None: of all.
        self._reach: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        """Return the number of documents."""
        return len(self._docs)

    def items(self) -> Iterable[tuple[int, float]]:
        """Return every document with its score."""
        return zip(self._docs.tolist(), self._scores.tolist(), strict=True)

    def best(self, wanted: int) -> Sequence[tuple[int, float]]:
        """Return documents with their scores, among them the first of the order by score."""
        docs, scores, parents, reach = self._docs, self._scores, self._parents, self._reach
        if reach is not None:
            docs, scores, parents = docs[reach], scores[reach], parents[reach]
        if len(docs) > wanted:
            least = least_of_best(scores, wanted)
            at = (scores > least).nonzero()[0]
            equal, left = (scores == least).nonzero()[0], wanted - len(at)
            if len(equal) > left:
                equal = equal[self._kernel.first_by_article(docs[equal], parents[equal], left)]
            at = np.sort(np.concatenate([at, equal]))
            docs, scores = docs[at], scores[at]
        return list(zip(docs.tolist(), scores.tolist(), strict=True))

    def ordered(self, _wanted: int) -> None:
        """Return None: ids of articles are not known here."""

    def scale(self, languages: Sequence[int], factors: Sequence[float]) -> None:
        """Multiply each score by the factor of its language."""
        if any(factor < 1 for factor in factors):
            self._factors = np.array(factors)[np.asarray(languages)[self._docs]]
            self._scores *= self._factors

    def in_reach(self, wanted: int | None, gain: float) -> Docs:
        """Return what may be among the first by score if each gains so much at most."""
        docs, scores = self._docs, self._scores
        if wanted is None or len(docs) <= wanted:
            return docs
        if not wanted:
            return NO_DOCS
        self._reach = (scores >= least_of_best(scores, wanted) - gain).nonzero()[0]
        reaching: Docs = docs[self._reach]
        return reaching

    def add(self, body: ArrayCounts, worth: float) -> None:
        """Add what a unit gives that ranks by passages' own text alone, and scale it as before."""
        reach = self._reach
        docs = self._docs if reach is None else self._docs[reach]
        at, places = find(body.docs, docs)
        own = saturated(body.numbers[places], self._kernel.norms_of(docs[at]), worth)
        at = at if reach is None else reach[at]
        self._scores[at] += own if self._factors is None else own * self._factors[at]

"""The backend of an index in a directory or in memory: its segments, searched in this process."""

from __future__ import annotations

from contextlib import nullcontext
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from search.backends.base import Answer, Hit, Place, Statistics, Stored
from search.backends.copies import Copies, Shown
from search.backends.evaluate import Found, Units
from search.backends.kernels import NUMPY_FROM_PASSAGES, KernelKind
from search.backends.order import Ordering
from search.backends.ranking import (
    DEFAULT_RANKING,
    RankingSettings,
    Totals,
    lengths_of,
    norms,
)
from search.backends.resolving import Resolving
from search.backends.scoring import Corpus, Scorer
from search.backends.vocabulary import Lexicons, Vocabulary
from search.deadline import Deadline, SearchTimeoutError
from search.plan import All
from search.request import Sort

try:
    from search.backends.kernels.native import NativeKernel
    from search.backends.kernels.native_found import NativeFound, NativeUnits
except ImportError:  # there was no compiler
    NativeKernel = None  # type: ignore[assignment, misc]

if TYPE_CHECKING:
    from collections.abc import (
        Callable,
        Collection,
        Hashable,
        Iterable,
        Iterator,
        Mapping,
        Sequence,
    )
    from contextlib import AbstractContextManager

    from indexer.model import ArticleRecord, Paragraph, Span
    from indexer.storage.records import StoredArticle
    from indexer.storage.segment import SegmentView
    from search.backends.base import Scored, Selection
    from search.backends.kernels.base import Kernel
    from search.backends.kernels.uncompiled import UncompiledKernels
    from search.backends.names import Names
    from search.model import Facet
    from search.plan import Match, Plan, Resolved

# Where copies leave a page short, so many times as many passages are looked at.
_MORE = 8
# The shares of the time left that may be taken to look up words and patterns, then to count where
# they stand, then to rank what is found; so that what one of them had to leave is used by the next.
_LOOKING_UP = 0.5
_COUNTING = 0.7
_RANKING = 0.6
# To look up the member of an enumeration takes a while.
_BY_SCORE = Sort.SCORE


class LocalBackend:
    """Searches segments, all of one committed state; see ``base.Backend``."""

    is_kept = True

    def __init__(
        self,
        segments: Sequence[SegmentView],
        *,
        ranking: RankingSettings = DEFAULT_RANKING,
        kernels: KernelKind | None = None,
        later: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        """Keep the state of some segments.

        Args:
            segments: all of the index.
            ranking: the constants of the formula.
            kernels: what goes through postings; None: what is fastest of what there is.
            later: see ``base.Backend``.
        """
        self.ranking = ranking
        self.later = later
        self._segments = segments
        self._totals = totals_of(segments)
        self.languages = languages_of(segments)
        self.statistics = Statistics(self._totals.passages, self._totals.articles)
        self._vocabulary = Vocabulary(segments, self.languages)
        self._ordering = Ordering.of(segments)
        self._copies = Copies(segments, self._ordering)
        self._lengths = list(map(lengths_of, segments))
        # It has no methods of this: that would be a circle, and files stay open.
        self._corpus = Corpus(
            self._totals,
            ranking,
            self.languages,
            partial(_passages_by_language, segments, self.languages),
            self._vocabulary.holding,
        )
        self._runs = 0
        is_native = kernels is None and NativeKernel is not None
        self._kind = KernelKind.NATIVE if is_native else kernels

    def deadline(self, seconds: float) -> Deadline:
        """The end of the time of a search that begins now."""
        return Deadline(seconds)

    def run(self, plan: Plan, selection: Selection, deadline: Deadline) -> Answer:
        """Find, rank and select; what is found in time."""
        self._runs += 1
        lexicons, resolved = self._looked_up(plan, deadline, _LOOKING_UP)
        kernels = self._kernels_for(plan.match, resolved, lexicons, deadline)
        counting = deadline.rest(_COUNTING)
        found = [
            _found(plan.match, resolved, *one, counting)
            for one in zip(lexicons, kernels, strict=True)
        ]
        hits: Sequence[Hit] = ()
        total = 0
        if any(map(len, found)):
            hits, total = self._ranked(plan, found, selection, deadline.rest(_RANKING))
        missing = () if deadline.was_met else _missing(plan, found)
        counted = self._facets(selection.facets, found, deadline) if selection.facets else ()
        resolved.settle()
        return Answer(
            tuple(hits),
            total,
            resolved,
            frozenset(missing),
            deadline.was_met,
            counted,
            warnings=resolved.warnings,
        )

    def _ranked(
        self, plan: Plan, found: Sequence[Found], selection: Selection, deadline: Deadline
    ) -> tuple[Sequence[Hit], int]:
        """The hits that are selected of what was found, and how many there are in all."""
        scorer = Scorer(plan, found, self._corpus, self._lengths)
        factors = scorer.language_factors(deadline)
        is_cut = selection.per_article is None and selection.sort is _BY_SCORE

        def best(wanted: int | None) -> tuple[list[Scored], int]:
            """The first passages in the order, and how many there are in all."""
            scores = [one.scores(scorer.apart, deadline) for one in found]
            if factors:
                for of_docs, (languages, codes) in zip(scores, self._languages, strict=True):
                    of_docs.scale(languages, [factors.get(code, 1.0) for code in codes])
            if scorer.beside:
                for one, of_docs in zip(found, scores, strict=True):
                    one.add_beside(of_docs, scorer.beside, wanted if is_cut else None)
            ordered = self._ordering.best(scores, selection.sort, wanted, deadline)
            return ordered, sum(map(len, scores))

        shown, total = self._selected(selection, best, deadline)
        page = shown.passages[selection.offset : selection.offset + selection.limit]
        coverages = scorer.coverages([at for at, _ in page], self._language, deadline)
        new = tuple.__new__  # in a third of the time that the names of the fields take
        hits = [
            new(Hit, (at, score, coverage, (), (), 0))
            for (at, score), coverage in zip(page, coverages, strict=True)
        ]
        if selection.explain:
            hits = [self._explained(hit, scorer, factors, deadline) for hit in hits]
        if shown.copies:
            hits = [self._named(hit, shown.copies, deadline) for hit in hits]
        return hits, total

    def _explained(
        self, hit: Hit, scorer: Scorer, factors: Mapping[str, float], deadline: Deadline
    ) -> Hit:
        """A hit with what its score is made of."""
        at: Any = hit.key  # as it came from here
        if deadline.is_over():
            return hit
        return hit._replace(parts=tuple(scorer.parts(at, self._language(at), factors)))

    def _named(
        self, hit: Hit, copies: Mapping[Place, tuple[Place, ...]], deadline: Deadline
    ) -> Hit:
        """A hit with its copies."""
        at: Any = hit.key  # as above
        own = copies.get(at, ())
        if not own:
            return hit
        return hit._replace(also_in=self._copies.named(own, deadline), copies=len(own))

    def _language(self, at: Place) -> str:
        """The language of a passage's article, "" where it has none."""
        return self._segments[at.segment].language(at.doc)

    @cached_property
    def _languages(self) -> list[tuple[Sequence[int], Sequence[str]]]:
        """Those of each segment."""
        return [segment.languages for segment in self._segments]

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The names of what articles are found by, sorted."""
        from search.backends.facets import field_names  # noqa: PLC0415 - few searches ask

        return field_names(self._segments)

    def _facets(
        self, names: Sequence[str], found: Sequence[Found], deadline: Deadline
    ) -> tuple[Facet, ...]:
        """How many of the passages found have each value of some fields; none if time is over."""
        from search.backends.facets import Matching, count_values  # noqa: PLC0415 - as above

        matching = (
            Matching(one.units.segment, one.units.kernel, one.docs, partial(self._record, number))
            for number, one in enumerate(found)
        )
        try:
            return count_values(names, matching, deadline)
        except SearchTimeoutError:
            return ()

    def _selected(
        self,
        selection: Selection,
        best: Callable[[int | None], tuple[list[Scored], int]],
        deadline: Deadline,
    ) -> tuple[Shown[Place], int]:
        """The passages up to the end of the page, in their order, and how many match in all.

        Copies of what is shown before them are left out, and counted; so are those of an article
        over its number, which are not counted.
        """
        end = wanted = selection.offset + selection.limit
        has_copies = not selection.all_copies and self._copies.are_known and selection.limit > 0
        per_article = selection.per_article
        if per_article is None:
            ordered, total = best(end)
        else:
            ordered, _ = best(None)
            thinned = self._ordering.thinned(ordered, per_article, deadline)
            total = wanted = len(thinned)
            ordered = ordered if has_copies else thinned
        if not has_copies:
            return Shown(ordered, {}), total
        shown = self._copies.once(ordered, end, deadline, per_article)
        while len(shown.passages) < end and wanted < total and not deadline.is_over():
            wanted *= _MORE
            ordered, _ = best(wanted)
            shown = self._copies.once(ordered, end, deadline, per_article)
        return shown, total

    def _looked_up(
        self, plan: Plan, deadline: Deadline, share: float | None = None
    ) -> tuple[Sequence[Lexicons], Resolving]:
        """The units of a plan, to be looked up, and where."""
        words = self._vocabulary
        lexicons = [Lexicons(one, number, words) for number, one in enumerate(self._segments)]
        return lexicons, Resolving(plan.units, lexicons, words, deadline, share)

    def _kernels_for(
        self,
        match: Match,
        resolved: Sequence[Resolved],
        lexicons: Sequence[Lexicons],
        deadline: Deadline,
    ) -> Sequence[Kernel[Any, Any]]:
        """The kernels that are faster for some units."""
        if self._kind is KernelKind.NATIVE:
            return self._native_kernels
        again = self._runs > 1
        return self._uncompiled.faster(match, resolved, lexicons, deadline, is_repeated=again)

    @cached_property
    def _native_kernels(self) -> Sequence[Kernel[Any, Any]]:
        assert NativeKernel is not None, "it was compiled"
        return [NativeKernel(one, self._totals, self.ranking) for one in self._segments]

    @cached_property
    def _uncompiled(self) -> UncompiledKernels:
        from search.backends.kernels.uncompiled import (  # noqa: PLC0415 - only where it must do
            UncompiledKernels,
        )

        return UncompiledKernels(self._segments, self._totals, self.ranking, self._kind)

    def count(self, plan: Plan, deadline: Deadline) -> int:
        """How many passages a plan finds."""
        match, total = plan.match, 0
        if isinstance(match, int):
            known = self._vocabulary.passages_with(plan.units[match])
            if known is not None:
                deadline.left_seconds()
                return known
        lexicons, resolved = self._looked_up(plan, deadline)
        kernels = self._kernels_for(match, resolved, lexicons, deadline)
        for one in zip(lexicons, kernels, strict=True):
            total += len(_found(match, resolved, *one, deadline))
            deadline.left_seconds()
        return total

    def near(self, word: str, edits: int, deadline: Deadline) -> Mapping[str, int]:
        """The words of passages at most so many edits from a folded one, each with its passages."""
        from search.backends import near  # noqa: PLC0415 - only where words are respelt

        if (
            not near.IS_COMPILED
            and self._runs > 1
            and self.statistics.passages >= NUMPY_FROM_PASSAGES
        ):
            import search.backends.kernels.spellings  # noqa: F401, PLC0415 - loads numpy
        found: dict[str, int] = {}
        for segment in self._segments:
            postings = segment.postings("exact")
            if postings is not None:
                for place in near.near_places(postings, word, edits, deadline):
                    term = postings.term(place).decode("utf-8", "surrogatepass")
                    found[term] = found.get(term, 0) + segment.live_count_at(postings, place)
        return found

    def holding(self, stems: Sequence[str]) -> list[int]:
        """How many passages hold each of some tagged stems."""
        return [self._live_count("stems", stem) for stem in stems]

    def passage(self, key: Hashable, context: int) -> Stored:
        """The passage of a hit, with so many neighbours on either side."""
        (stored,) = self.passages((key,), context)
        return stored

    def passages(self, keys: Sequence[Hashable], context: int) -> list[Stored]:
        """The passages of some hits, as passage() gives each."""
        places: Any = keys  # as they came from here
        if len(self._segments) == 1:
            read = self._segments[0].read([doc for _, doc in places])
        else:
            read = self._read(places)
        if context:
            return [
                self._between(place, *passage, context)
                for place, passage in zip(places, read, strict=True)
            ]
        # In a third of the time that the names of the fields take.
        new, none = tuple.__new__, ()
        return [new(Stored, (article, paragraph, none, none)) for article, paragraph in read]

    def _read(self, places: Sequence[Place]) -> list[tuple[StoredArticle, Paragraph]]:
        """The passages of some places in several segments, each of which is asked once."""
        by_segment: dict[int, list[int]] = {}
        for segment, doc in places:
            by_segment.setdefault(segment, []).append(doc)
        read = {name: iter(self._segments[name].read(docs)) for name, docs in by_segment.items()}
        return [next(read[segment]) for segment, _ in places]

    def _between(
        self, place: Place, article: StoredArticle, paragraph: Paragraph, context: int
    ) -> Stored:
        """A passage with so many neighbours on either side."""
        segment, doc = place
        view = self._segments[segment]
        siblings = view.children(view.parents[doc])

        def read(docs: Iterable[int]) -> tuple[Paragraph, ...]:
            return tuple(view.paragraph(other, article.article_id) for other in docs)

        return Stored(
            article,
            paragraph,
            before=read(range(max(siblings.start, doc - context), doc)),
            after=read(range(doc + 1, min(siblings.stop, doc + 1 + context))),
        )

    @cached_property
    def _names(self) -> Names:
        from search.backends.names import Names  # noqa: PLC0415 - only where ids are looked up

        return Names(self._segments)

    def article(self, article_id: str, deadline: Deadline) -> Place | None:
        """The key of an article by its id, as it is or as it is printed; None if there is none."""
        return self._names.article(article_id, deadline)

    def articles_named(
        self, names: Collection[str], deadline: Deadline
    ) -> Mapping[str, Sequence[tuple[str, Place]]]:
        """The ids and keys of articles whose ids are paths that end with a name, by that name."""
        return self._names.named(names, deadline)

    def record(self, article: Hashable) -> ArticleRecord:
        """What is known of an article, by its key."""
        assert isinstance(article, Place)
        return self._record(article.segment, article.doc)

    def passages_of(self, article: Hashable) -> Sequence[Place]:
        """The keys of an article's passages, in order."""
        assert isinstance(article, Place)
        docs = self._segments[article.segment].children(article.doc)
        return [Place(article.segment, doc) for doc in docs]

    def digests(self, article: Hashable, deadline: Deadline) -> Iterable[str]:
        """The digests of an article's passages, in order."""
        assert isinstance(article, Place)
        from search.backends.names import digests_in  # noqa: PLC0415 - as above

        segment = self._segments[article.segment]
        return digests_in(segment, segment.children(article.doc), deadline)

    def norm(self, key: Hashable) -> float:
        """The addend of BM25's denominator for the length of a hit's passage."""
        assert isinstance(key, Place)
        segment, doc = key
        return norms([doc], self._lengths[segment], self._totals, self.ranking).passages[doc]

    def articles(self, offset: int = 0) -> Iterator[ArticleRecord]:
        """Yield the articles by id but the first ones; what is not asked for is not read."""
        from heapq import merge  # noqa: PLC0415 - few ask for all articles
        from itertools import islice  # noqa: PLC0415 - as above

        by_id = map(_records_by_id, range(len(self._segments)), self._segments)
        asked = islice(merge(*by_id), offset, None)
        return (self._segments[segment].article(record) for _, segment, record in asked)

    def _record(self, segment: int, record: int) -> ArticleRecord:
        return self._segments[segment].stored_article(record).record

    def _live_count(self, field: str, term: str) -> int:
        return sum(segment.live_count(field, term) for segment in self._segments)


def _found(
    match: Match,
    resolved: Resolving,
    lexicons: Lexicons,
    kernel: Kernel[Any, Any],
    deadline: Deadline,
) -> Found:
    """What of a segment matches, by the way that suits its kernel."""
    if NativeKernel is not None and isinstance(kernel, NativeKernel):
        return NativeFound.of(match, NativeUnits(resolved, lexicons, kernel, deadline))
    return Found.of(match, Units(resolved, lexicons, kernel, deadline))


def _missing(plan: Plan, found: Sequence[Found]) -> Iterator[Span]:
    """Yield the places in the query text of what no passage holds."""
    match = plan.match
    held: Sequence[Match] = ()
    if any(map(len, found)):  # what each of the passages found holds need not be looked for
        held = match.parts if isinstance(match, All) else (match,)
    for place, unit in enumerate(plan.units):
        if unit.span and place not in held:
            for one in found:
                if one.units.is_held(place):
                    break
            else:
                yield unit.span


def totals_of(segments: Iterable[SegmentView]) -> Totals:
    """The sums over segments that ranking needs."""
    passages = articles = body = headings = by_passage = by_article = 0
    for segment in segments:
        records = segment.live_records()
        articles += records
        passages += len(segment) - len(segment.deleted) - records
        body += segment.live_length("body")
        headings += segment.live_length("headings")
        own = segment.live_length("title")
        by_article += own
        if own:
            titles, parents = segment.lengths("title"), segment.parents
            # Of all documents with a title, less the live records and all that is deleted.
            by_passage += sum(map(titles.__getitem__, parents)) - own
            by_passage -= sum(titles[parents[doc]] for doc in segment.deleted)
    return Totals(passages, articles, body, headings, by_passage, by_article)


def languages_of(segments: Iterable[SegmentView]) -> tuple[str, ...]:
    """The languages of the live articles, sorted; ("",) where there is none."""
    return tuple(sorted(set(_language_terms(segments)))) or ("",)


def _passages_by_language(
    segments: Sequence[SegmentView], languages: Sequence[str]
) -> dict[str, int]:
    passages = dict.fromkeys(languages, 0)
    for segment in segments:
        common = _common_language(segment, languages)
        left = len(segment) - len(segment.deleted) - segment.live_records()
        for place, language in enumerate(languages):
            if place != common:
                records = segment.records_with("language", language)
                number = sum(len(segment.children(record)) for record in records)
                passages[language] += number
                left -= number
        if common is not None:
            passages[languages[common]] += left
    return passages


def _common_language(segment: SegmentView, languages: Sequence[str]) -> int | None:
    """The place of the language that most articles are in, if each article has one.

    Their records need not be looked at one by one.
    """
    sizes = [segment.live_count("language", language) for language in languages]
    return sizes.index(max(sizes)) if sum(sizes) == segment.live_records() else None


def _language_terms(segments: Iterable[SegmentView]) -> Iterator[str]:
    for segment in segments:
        postings = segment.postings("language")
        if postings is not None:
            for place in range(len(postings)):
                if not segment.deleted or segment.live_count_at(postings, place):
                    yield postings.term(place).decode()


def _records_by_id(number: int, segment: SegmentView) -> Iterator[tuple[bytes, int, int]]:
    """Yield the ids of a segment's live articles in order, with its number and their records."""
    postings = segment.postings("article")
    if postings is not None:
        for place in range(len(postings)):
            for record in postings.docs(place):
                if record not in segment.deleted:
                    yield postings.term(place), number, record

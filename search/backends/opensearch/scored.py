"""Candidates -> scores, by the code of the local index and the numbers of the whole one."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, cast

from search.backends.base import Hit, Place
from search.backends.evaluate import Found, Units, Within
from search.backends.kernels.plain import PlainKernel
from search.backends.opensearch.candidates import Analysed, Candidates, PassageKey
from search.backends.order import Ordering
from search.backends.ranking import lengths_of
from search.backends.scoring import Corpus, Scorer
from search.backends.vocabulary import FieldTerms, Lexicons, fields_in
from search.deadline import SearchTimeoutError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from indexer.storage.segment import SegmentView
    from search.backends.opensearch.candidates import Fetched, ListedPostings
    from search.backends.opensearch.counted import UnitNumbers
    from search.backends.opensearch.finding import Candidate, Finder
    from search.backends.ranking import UnitCounts
    from search.backends.vocabulary import Terms, Vocabulary
    from search.deadline import Deadline
    from search.model import ScorePart
    from search.plan import Plan, Resolved
    from search.request import Sort


class Scored:
    """The candidates of one plan, scored."""

    def __init__(
        self,
        corpus: Corpus,
        plan: Plan,
        resolved: Sequence[Resolved],
        numbers: Callable[[], Sequence[UnitNumbers]],
        finder: Finder,
        analysed: Analysed,
        candidates: Sequence[Candidate],
    ) -> None:
        deadline = finder.deadline
        siblings: Sequence[Fetched] | None = []
        with suppress(SearchTimeoutError):  # what is there is ranked without them
            siblings = finder.siblings(candidates) if candidates else []
        fetched = [one.fetched for one in candidates]
        # As far as they go, the local code asks of these what it asks of a segment.
        self._segment = Candidates([*fetched, *(siblings or ())], resolved, analysed)
        segment = cast("SegmentView", self._segment)
        self._corpus = corpus
        self._plan = plan
        self._deadline = deadline
        self._chunks = dict(
            zip(
                self._segment.documents(one.key for one in fetched),
                (one.chunk for one in candidates),
                strict=True,
            )
        )
        kernel = PlainKernel(segment, corpus.totals, corpus.ranking)
        lexicons = Lexicons(segment, 0, cast("Vocabulary", _Listed(self._segment)))
        self._units = _CountedUnits(resolved, lexicons, kernel, deadline, numbers())
        if siblings is None:
            self._units.holding_passages = self._by_record(finder.article_counts(candidates))
        self._found = Found(frozenset(self._chunks), self._units)
        self._scorer = Scorer(plan, [self._found], corpus, [lengths_of(segment)])
        self._ordering = Ordering([self._segment])
        self._factors = self._scorer.language_factors(deadline)
        self._languages = [self._segment.article(one).language for one in self._segment.parents]

    def _by_record(self, counts: Mapping[int, Mapping[str, int]]) -> dict[int, dict[int, int]]:
        """Counts by the key of the article, as such by its record."""
        records = {
            key.article: self._segment.parents[doc]
            for doc, key in enumerate(self._segment.keys)
            if key is not None
        }
        return {
            unit: {records[key]: number for key, number in of_unit.items() if number}
            for unit, of_unit in counts.items()
        }

    def ordered(self, sort: Sort) -> list[tuple[PassageKey, float]]:
        """The candidates in an order, chunk by chunk."""
        scores = self._found.scores(self._scorer.apart, self._deadline)
        if self._factors:
            codes = sorted(set(self._languages))
            places = list(map(codes.index, self._languages))
            scores.scale(places, [self._factors.get(code, 1.0) for code in codes])
        if self._scorer.beside:
            self._found.add_beside(scores, self._scorer.beside, None)
        ordered = self._ordering.best([scores], sort, None, self._deadline)
        ordered.sort(key=lambda scored: self._chunks[scored[0].doc])
        return [(self._passage(at.doc), score) for at, score in ordered]

    def _passage(self, doc: int) -> PassageKey:
        key = self._segment.keys[doc]
        assert key is not None, "only passages are scored"
        return key

    def hits(self, page: Sequence[tuple[PassageKey, float]], *, explain: bool) -> Iterator[Hit]:
        """Yield some of them as they are given."""
        docs = self._segment.documents(key for key, _ in page)
        places = [Place(0, doc) for doc in docs]
        coverages = self._scorer.coverages(
            places, lambda at: self._languages[at.doc], self._deadline
        )
        for (key, score), at, coverage in zip(page, places, coverages, strict=True):
            parts: tuple[ScorePart, ...] = ()
            if explain:
                parts = tuple(self._scorer.parts(at, self._languages[at.doc], self._factors))
            yield Hit(key, score, coverage, parts)


class _CountedUnits(Units):
    """Units that are counted in candidates; how telling they are the whole index says.

    In an article of very many passages, of which a few were fetched, each that holds a unit counts
    once.
    """

    def __init__(
        self,
        resolved: Sequence[Resolved],
        lexicons: Lexicons,
        kernel: PlainKernel,
        deadline: Deadline,
        numbers: Sequence[UnitNumbers],
    ) -> None:
        super().__init__(resolved, lexicons, kernel, deadline)
        self._numbers = numbers
        #: By unit and record, how many passages of an article hold it, where those are too many to
        #: be counted one by one.
        self.holding_passages: Mapping[int, Mapping[int, int]] = {}

    def _counted(self, unit: int, within: Within) -> UnitCounts:
        found = super()._counted(unit, within)
        for record, passages in self.holding_passages.get(unit, {}).items():
            found.articles[record] = max(found.articles.get(record, 0), passages)
        return found

    def holding(self, unit: int) -> int:
        """How many passages of the index decide how telling a unit is."""
        return self._numbers[unit].passages

    def article_holding(self, unit: int) -> int:
        """How many articles of the index do."""
        return self._numbers[unit].articles


class _Listed:
    """What candidates have of each field; see ``Vocabulary``."""

    def __init__(self, segment: Candidates) -> None:
        view = cast("SegmentView", segment)
        self.fields_in = [fields_in(view)]
        self.terms = [FieldTerms(view.postings, cast("Callable[..., Terms]", _ListedTerms))]


class _ListedTerms:
    """The terms of a field of candidates; see ``vocabulary.Terms``."""

    def __init__(self, postings: ListedPostings) -> None:
        self.postings = postings
        self.place = postings.find

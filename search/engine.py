"""An opened index and its searches: text in, a page of ranked passages out."""

from __future__ import annotations

import time
from enum import Enum
from functools import cache
from heapq import nlargest
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

from indexer.analysis import encoded
from indexer.store import PassageIndex
from search.broaden import PASSAGES, Feedback, broadened
from search.diagnosis import Consulted, diagnose, did_you_mean, suggestions
from search.evaluate import (
    ARTICLE_FIELDS,
    Counts,
    Deadline,
    Resolved,
    SearchTimeoutError,
    count,
    matching,
    resolve,
)
from search.matches import MatchFinder
from search.model import ArticleFacts, Passage, ResultPage, ScorePart, Suggestion, Warned
from search.plan import Always, Form, Plan, plan_query
from search.query import Field, Mode, Nothing, Strictness, parse_query
from search.ranking import (
    DEFAULT_RANKING,
    RankingSettings,
    UnitCounts,
    UnitWeight,
    article_counts,
    idf,
    norms,
    query_weight,
    unit_parts,
)
from search.segments import SegmentView, languages_of, totals_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from types import TracebackType

    from indexer.model import Paragraph, Skipped
    from indexer.schema import ArticleRecord
    from search.query import Query

DEFAULT_LIMIT = 10
DEFAULT_TIMEOUT_SECONDS = 10.0


_NO_WORDS = "the query has no words to search for; give it some, or * for every passage"


class Sort(Enum):
    """The order of passages."""

    SCORE = "score"  # best first; equals by article and number
    DATE = "date"  # newest first, undated last; equals by score
    ARTICLE = "article"  # by article, then in the order of the article


class Explain(Enum):
    """Whether passages tell the parts of their scores."""

    NO = "no"
    PARTS = "parts"


class Broaden(Enum):
    """Whether a query is widened by what it finds."""

    NO = "no"
    FEEDBACK = "feedback"


class Advice(Enum):
    """Whether a page tells why little was found and what else to try."""

    NO = "no"
    GIVEN = "given"


class _Hit(NamedTuple):
    """One matching passage while the page is being chosen."""

    score: float
    segment: int
    doc: int


class _Evaluation(NamedTuple):
    """Everything known of a query after it ran over all segments."""

    resolved: tuple[Resolved, ...]
    wanted: tuple[Resolved, ...]  # those a passage is found by, not those that only exclude
    scores: tuple[dict[int, float], ...]  # by segment, document -> score
    parts: tuple[dict[int, list[ScorePart]], ...]  # the same, filled only for an explanation
    held: tuple[int, ...]  # by unit, the passages it is in


class Index:
    """An index opened for searching; a context manager.

    It keeps the state it was opened on: a commit by another process is seen after opening anew.

    >>> with Index.open(path) as index:  # doctest: +SKIP
    ...     page = index.search("community patrols", limit=10)
    """

    def __init__(self, index: PassageIndex, *, ranking: RankingSettings = DEFAULT_RANKING) -> None:
        self._segments = [SegmentView(reader) for reader in index.segment_readers()]
        self._ranking = ranking
        self._totals = totals_of(self._segments)
        self._languages = languages_of(self._segments)
        self._articles: dict[tuple[int, int], ArticleRecord] = {}
        self._is_open = True

    @classmethod
    def open(cls, path: Path | str, *, ranking: RankingSettings = DEFAULT_RANKING) -> Self:
        """An index in a directory.

        Raises:
            IndexMissingError: there is none.
            IndexFormatError: another version wrote it, or it is damaged.
        """
        return cls(PassageIndex.open(Path(path)), ranking=ranking)

    @classmethod
    def of_files(
        cls,
        paths: Sequence[str],
        *,
        on_skipped: Callable[[Skipped], None] = lambda _skipped: None,
        ranking: RankingSettings = DEFAULT_RANKING,
    ) -> Self:
        """An index of files and folders that is made in memory and leaves nothing behind.

        Args:
            paths: what to read; "-" is standard input.
            on_skipped: called for what cannot be read.
            ranking: the constants of the ranking.
        """
        from indexer.build import index_in_memory  # noqa: PLC0415 - only where files are read

        index, report = index_in_memory(paths)
        for skipped in report.skipped:
            on_skipped(skipped)
        return cls(index, ranking=ranking)

    def __enter__(self) -> Self:
        """Return the index itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the index."""
        self.close()

    def close(self) -> None:
        """Let go of the index's files; passages already returned stay valid."""
        self._segments = []
        self._articles = {}
        self._is_open = False

    @property
    def passages(self) -> int:
        """How many passages the index holds."""
        return self._totals.passages

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of its articles."""
        return self._languages

    def search(
        self,
        query: str,
        *,
        limit: int = DEFAULT_LIMIT,
        offset: int = 0,
        mode: Mode = Mode.ANY,
        strictness: Strictness = Strictness.LENIENT,
        sort: Sort = Sort.SCORE,
        per_article: int | None = None,
        context: int = 0,
        explain: Explain = Explain.NO,
        broaden: Broaden = Broaden.NO,
        advice: Advice = Advice.GIVEN,
        timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS,
    ) -> ResultPage:
        """Search and return one page of passages.

        Args:
            query: in the query language; any text is one.
            limit: passages at most on the page.
            offset: better passages to leave out before it.
            mode: whether words side by side are alternatives or all required.
            strictness: how text outside the query language is taken.
            sort: the order of passages.
            per_article: passages at most from one article, the first ones in the order.
            context: neighbours of each passage to return with it, on either side.
            explain: whether passages tell the parts of their scores.
            broaden: whether words that the best passages share are added to the query.
            advice: whether the page has a diagnosis where nothing is found, and the query with an
                unknown word respelt; they take time only where a word or the whole finds nothing.
            timeout_seconds: the time the search may take.

        Raises:
            QuerySyntaxError: the query is malformed and strictness is STRICT.
            SearchTimeoutError: the search took longer than it may.
            ValueError: limit or offset is negative, or the index is closed.
        """
        if limit < 0 or offset < 0:
            raise ValueError(f"limit and offset must not be negative: {limit}, {offset}")
        if not self._is_open:
            raise ValueError("the index is closed")
        started = time.perf_counter()
        parsed = parse_query(query, mode=mode, strictness=strictness)
        deadline = Deadline(timeout_seconds)
        tree = parsed.query
        plan = plan_query(tree, self._languages)
        found = self._evaluate(plan, deadline, explain)
        if broaden is Broaden.FEEDBACK:
            tree = self._broadened(tree, plan, found)
            plan = plan_query(tree, self._languages)
            found = self._evaluate(plan, deadline, explain)
        hits = self._order(found, sort, offset + limit if per_article is None else None)
        total = sum(map(len, found.scores))
        if per_article is not None:
            hits = self._thin(hits, per_article)
            total = len(hits)
        finder = MatchFinder(found.wanted)
        page = [
            self._passage(rank, hit, found, finder, context)
            for rank, hit in enumerate(hits[offset : offset + limit], offset + 1)
        ]
        spelt = diagnosis = None
        if advice is Advice.GIVEN and plan.match != Always(matches=False):
            consulted = self._consulted(deadline)
            missing = {
                unit.span
                for unit, held in zip(plan.units, found.held, strict=True)
                if unit.span and not held
            }
            spelt = did_you_mean(query, parsed.query, missing, consulted)
            if not total:
                diagnosis = diagnose(parsed.query, mode, consulted)
                if spelt and not self._finds(spelt, mode, strictness, consulted):
                    spelt = None
        nothing = not parsed.warnings and isinstance(parsed.query, Nothing)
        warnings = [
            *([Warned(_NO_WORDS)] if nothing else []),
            *parsed.warnings,
            *plan.warnings,
            *(one.warning for one in found.resolved if one.warning),
        ]
        return ResultPage(
            query=query,
            interpreted_as=str(tree),
            passages=tuple(page),
            total=total,
            offset=offset,
            warnings=tuple(_in_order(warnings)),
            seconds=time.perf_counter() - started,
            diagnosis=diagnosis,
            did_you_mean=spelt,
        )

    def suggest(
        self,
        query: str,
        *,
        mode: Mode = Mode.ANY,
        strictness: Strictness = Strictness.LENIENT,
        timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS,
    ) -> tuple[Suggestion, ...]:
        """Return spellings from the index for the words of a query that are in no passage.

        The arguments are those of search().

        Raises:
            QuerySyntaxError: the query is malformed and strictness is STRICT.
            SearchTimeoutError: it took longer than it may.
        """
        parsed = parse_query(query, mode=mode, strictness=strictness)
        return suggestions(parsed.query, self._consulted(Deadline(timeout_seconds)))

    def _consulted(self, deadline: Deadline) -> Consulted:
        def passages(query: Query) -> int:
            plan = plan_query(query, self._languages)
            resolved = [resolve(unit, self._segments, deadline) for unit in plan.units]
            total = 0
            for segment in self._segments:
                counted = [unit.passages for unit in self._count(resolved, segment, deadline)]
                total += len(matching(plan.match, counted, segment))
            return total

        def near(word: str, edits: int) -> dict[str, int]:
            deadline.left_seconds()
            terms = {
                term
                for segment in self._segments
                for term in segment.fuzzy_terms("exact", word, edits)
            }
            return {term: self._live_count("exact", term) for term in terms}

        # The same parts are asked for again and again while a query is taken apart.
        return Consulted(cache(passages), cache(near), self._languages)

    @staticmethod
    def _finds(text: str, mode: Mode, strictness: Strictness, consulted: Consulted) -> bool:
        """Whether a query finds anything, as far as that is known in time."""
        try:
            query = parse_query(text, mode=mode, strictness=strictness).query
            return consulted.passages(query) > 0
        except SearchTimeoutError:
            return False

    def _broadened(self, query: Query, plan: Plan, found: _Evaluation) -> Query:
        feedback = []
        for hit in self._order(found, Sort.SCORE, PASSAGES):
            segment, article = self._segments[hit.segment], self._article(hit)
            lengths = segment.all_lengths()
            norm = norms([hit.doc], lengths, self._totals, self._ranking).passages[hit.doc]
            text = segment.paragraph(hit.doc, article.article_id).text
            if hit.score > 0:
                feedback.append(Feedback(text, article.language, hit.score, norm))
        return broadened(
            query,
            feedback,
            weight=sum(query_weight(boosts, self._ranking.k3) for boosts in plan.boosts),
            known=frozenset(
                element.text
                for unit in plan.units
                for sequence in unit.alternatives
                for element in sequence
                if element.form is Form.STEM
            ),
            idf=lambda stem: idf(self._totals.passages, self._live_count("stems", stem)),
        )

    def _live_count(self, field: str, term: str) -> int:
        """How many live documents hold a term."""
        total = 0
        for segment in self._segments:
            postings = segment.postings(field)
            place = postings.find(encoded(term)) if postings else -1
            if postings is not None and place >= 0:
                docs = postings.docs(place)
                total += len(docs) - sum(doc in segment.deleted for doc in docs if segment.deleted)
        return total

    def _evaluate(self, plan: Plan, deadline: Deadline, explain: Explain) -> _Evaluation:
        resolved = tuple(resolve(unit, self._segments, deadline) for unit in plan.units)
        counted = [self._count(resolved, segment, deadline) for segment in self._segments]
        matched = [
            matching(plan.match, [unit.passages for unit in units], segment)
            for units, segment in zip(counted, self._segments, strict=True)
        ]
        totals, settings = self._totals, self._ranking
        scores: list[dict[int, float]] = [dict.fromkeys(docs, 0.0) for docs in matched]
        parts: list[dict[int, list[ScorePart]]] = [{} for _ in matched]
        normed = [
            norms(docs, segment.all_lengths(), totals, settings)
            for docs, segment in zip(matched, self._segments, strict=True)
        ]
        for place, unit in enumerate(plan.units):
            weight = query_weight(plan.boosts[place], settings.k3)
            if not weight:
                continue
            in_segments = [units[place] for units in counted]
            holding = sum(len(one.passages) for one in in_segments)
            articles = sum(len(one.counts.articles) for one in in_segments)
            worth = UnitWeight(
                weight * idf(totals.passages, holding),
                weight * settings.article_share * idf(totals.articles, articles),
            )
            for index, one in enumerate(in_segments):
                deadline.left_seconds()
                target, parents = scores[index], self._segments[index].parents
                passage, article = unit_parts(one.counts, worth, normed[index], parents, settings)
                for doc, score in passage.items():
                    target[doc] += score
                if article:
                    for doc in target:
                        if share := article.get(parents[doc]):
                            target[doc] += share
                if explain is Explain.PARTS:
                    _note_parts(parts[index], unit.label, passage, article, target, parents)
        wanted = tuple(one for one, lit in zip(resolved, plan.lit, strict=True) if lit)
        held = tuple(
            sum(len(units[place].passages) for units in counted) for place in range(len(resolved))
        )
        return _Evaluation(resolved, wanted, tuple(scores), tuple(parts), held)

    def _count(
        self, resolved: Sequence[Resolved], segment: SegmentView, deadline: Deadline
    ) -> list[_Counted]:
        counted = []
        for one in resolved:
            field = one.unit.field
            own = count(one, field, segment, deadline)
            if field is Field.TEXT:
                headings = count(one, Field.HEADING, segment, deadline)
                titles = count(one, Field.TITLE, segment, deadline)
                articles = article_counts(own, titles, segment.parents, self._ranking)
                counts = UnitCounts(own, headings, titles, articles, in_text=True)
            else:
                if field in ARTICLE_FIELDS:
                    own = {
                        doc: number
                        for record, number in own.items()
                        for doc in segment.children(record)
                    }
                counts = UnitCounts(own, {}, {}, {}, in_text=False)
            counted.append(_Counted(counts, own))
        return counted

    def _order(self, found: _Evaluation, sort: Sort, wanted: int | None) -> list[_Hit]:
        """The first wanted hits of an order (None: all); equals by article and number."""
        hits = [
            _Hit(score, index, doc)
            for index, scores in enumerate(found.scores)
            for doc, score in scores.items()
        ]
        if sort is Sort.SCORE and wanted is not None and len(hits) > wanted:
            if not wanted:
                return []
            threshold = nlargest(wanted, (hit.score for hit in hits))[-1]
            hits = [hit for hit in hits if hit.score >= threshold]

        def place(hit: _Hit) -> tuple[str, int]:
            # Within an article, documents are in the order of their numbers.
            return self._article(hit).article_id, hit.doc

        match sort:
            case Sort.SCORE:
                hits.sort(key=lambda hit: (-hit.score, *place(hit)))
            case Sort.ARTICLE:
                hits.sort(key=place)
            case Sort.DATE:
                hits.sort(key=lambda hit: (-self._day(hit), -hit.score, *place(hit)))
        return hits if wanted is None else hits[:wanted]

    def _thin(self, hits: Iterable[_Hit], per_article: int) -> list[_Hit]:
        seen: dict[str, int] = {}
        kept = []
        for hit in hits:
            article_id = self._article(hit).article_id
            seen[article_id] = seen.get(article_id, 0) + 1
            if seen[article_id] <= per_article:
                kept.append(hit)
        return kept

    def _article(self, hit: _Hit) -> ArticleRecord:
        segment = self._segments[hit.segment]
        key = (hit.segment, segment.parents[hit.doc])
        article = self._articles.get(key)
        if article is None:
            article = self._articles[key] = segment.article(key[1])
        return article

    def _day(self, hit: _Hit) -> int:
        published = self._article(hit).published
        return published.toordinal() if published else 0

    def _passage(
        self, rank: int, hit: _Hit, found: _Evaluation, finder: MatchFinder, context: int
    ) -> Passage:
        segment = self._segments[hit.segment]
        article = self._article(hit)
        paragraph = segment.paragraph(hit.doc, article.article_id)
        neighbours = segment.children(segment.parents[hit.doc])
        before = range(max(neighbours.start, hit.doc - context), hit.doc)
        after = range(hit.doc + 1, min(neighbours.stop, hit.doc + 1 + context))

        def read(docs: Iterable[int]) -> tuple[Paragraph, ...]:
            return tuple(segment.paragraph(doc, article.article_id) for doc in docs)

        return Passage(
            rank=rank,
            score=hit.score,
            paragraph=paragraph,
            article=ArticleFacts(
                article_id=article.article_id,
                source=article.origin,
                title=article.title,
                author=article.author,
                published=article.published,
                language=article.language,
                url=article.url,
            ),
            matches=finder.find(paragraph.text, article.language),
            parts=tuple(found.parts[hit.segment].get(hit.doc, ())),
            before=read(before),
            after=read(after),
        )


class _Counted(NamedTuple):
    """A unit's occurrences in one segment; passages are those it matches."""

    counts: UnitCounts
    passages: Counts


def _note_parts(
    parts: dict[int, list[ScorePart]],
    label: str,
    passage: dict[int, float],
    article: dict[int, float],
    docs: Iterable[int],
    parents: Sequence[int],
) -> None:
    for doc in docs:
        own = parts.setdefault(doc, [])
        if doc in passage:
            own.append(ScorePart(label, passage[doc]))
        if share := article.get(parents[doc]):
            own.append(ScorePart(f"{label} in the article", share))


def _in_order(warnings: Iterable[Warned]) -> list[Warned]:
    return sorted(warnings, key=lambda warned: warned.span.start if warned.span else -1)

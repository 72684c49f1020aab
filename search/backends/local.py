"""The backend of an index in a directory or in memory: its segments, searched in this process."""

from __future__ import annotations

from array import array
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from search.backends.base import Answer, Hit, Statistics, Stored
from search.backends.evaluate import ARTICLE_FIELDS, count, count_near, matching, resolve
from search.backends.near import near_terms
from search.backends.order import Ordering, Place
from search.backends.ranking import (
    DEFAULT_RANKING,
    Lengths,
    RankingSettings,
    Totals,
    UnitCounts,
    UnitWeight,
    article_counts,
    idf,
    norms,
    query_weight,
    unit_parts,
)
from search.backends.voices import WordUse, language_factors
from search.model import ScorePart
from search.query.spelling import Field

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence

    from indexer.model import ArticleRecord, Paragraph
    from indexer.storage.segment import SegmentView
    from search.backends.base import Selection
    from search.deadline import Deadline
    from search.plan import Lookup, Plan, Resolved

_MOST_ARTICLES = 1_024


class LocalBackend:
    """Searches segments, all of one committed state; see ``base.Backend``."""

    def __init__(
        self, segments: Sequence[SegmentView], *, ranking: RankingSettings = DEFAULT_RANKING
    ) -> None:
        self.ranking = ranking
        self._segments = segments
        self._totals = totals_of(segments)
        self.languages = languages_of(segments)
        self.statistics = Statistics(self._totals.passages, self._totals.articles)
        self._ordering = Ordering(segments)
        self._article = lru_cache(maxsize=_MOST_ARTICLES)(self._read_article)

    def run(self, plan: Plan, selection: Selection, deadline: Deadline) -> Answer:
        """Find, rank and select."""
        resolved = tuple(resolve(unit, self._segments, deadline) for unit in plan.units)
        counted = [self._count(resolved, segment, deadline) for segment in self._segments]
        scores, parts = self._score(plan, counted, deadline, explain=selection.explain)
        end = selection.offset + selection.limit
        if selection.per_article is None:
            places = self._ordering.best(scores, selection.sort, end)
            total = sum(map(len, scores))
        else:
            ordered = self._ordering.best(scores, selection.sort, None)
            places = self._ordering.thinned(ordered, selection.per_article)
            total = len(places)
        worth = [self._worth(asked.units, counted) for asked in plan.asked]
        hits = (
            Hit(
                at,
                scores[at.segment][at.doc],
                self._coverage(plan, at, counted[at.segment], worth),
                tuple(parts[at.segment].get(at.doc, ())),
            )
            for at in places[selection.offset : end]
        )
        held = (
            sum(len(units[place].counts.body) for units in counted)
            for place in range(len(resolved))
        )
        return Answer(tuple(hits), total, resolved, tuple(held))

    def _worth(self, units: Sequence[int], counted: Sequence[Sequence[_Counted]]) -> float:
        """The idf of what any of the units is."""
        holding = max(sum(segment[unit].holding for segment in counted) for unit in units)
        return idf(self._totals.passages, holding)

    def _coverage(
        self, plan: Plan, at: Place, counted: Sequence[_Counted], worth: Sequence[float]
    ) -> float | None:
        """How much of what is asked for a passage holds with its title and headings."""
        record = self._segments[at.segment].parents[at.doc]
        place = self._languages_of_records[at.segment][record]
        language = self.languages[place] if place < len(self.languages) else None
        held = total = 0.0
        for (units, languages), value in zip(plan.asked, worth, strict=True):
            if language is None or language in languages:
                total += value
                if any(counted[unit].is_in(at.doc, record) for unit in units):
                    held += value
        return held / total if total else None

    def count(self, plan: Plan, deadline: Deadline) -> int:
        """How many passages a plan finds."""
        resolved = [resolve(unit, self._segments, deadline) for unit in plan.units]
        total = 0
        for segment in self._segments:
            counted = [unit.counts for unit in self._count(resolved, segment, deadline)]
            total += len(matching(plan.match, counted, segment))
        return total

    def near(self, word: str, edits: int, deadline: Deadline) -> Mapping[str, int]:
        """The words of passages at most so many edits from a folded one, each with its passages."""
        terms = {
            term
            for segment in self._segments
            for term in near_terms(segment, "exact", word, edits, deadline)
        }
        return {term: self._live_count("exact", term) for term in terms}

    def holding(self, stem: str) -> int:
        """How many passages hold a tagged stem."""
        return self._live_count("stems", stem)

    def passage(self, key: Hashable, context: int) -> Stored:
        """The passage of a hit, with so many neighbours on either side."""
        assert isinstance(key, Place)
        segment, doc = self._segments[key.segment], key.doc
        record = segment.parents[doc]
        article = self._article(key.segment, record)
        siblings = segment.children(record)

        def read(docs: Iterable[int]) -> tuple[Paragraph, ...]:
            return tuple(segment.paragraph(other, article.article_id) for other in docs)

        return Stored(
            article=article,
            paragraph=segment.paragraph(doc, article.article_id),
            before=read(range(max(siblings.start, doc - context), doc)),
            after=read(range(doc + 1, min(siblings.stop, doc + 1 + context))),
            norm=norms([doc], lengths_of(segment), self._totals, self.ranking).passages[doc],
        )

    def _read_article(self, segment: int, record: int) -> ArticleRecord:
        return self._segments[segment].article(record)

    def _live_count(self, field: str, term: str) -> int:
        return sum(segment.live_count(field, term) for segment in self._segments)

    def _count(
        self, resolved: Sequence[Resolved], segment: SegmentView, deadline: Deadline
    ) -> list[_Counted]:
        counted = []
        for one in resolved:
            field, slop = one.unit.field, one.unit.slop

            def counts_in(field: Field, sequences: Sequence[tuple[Lookup, ...]]) -> dict[int, int]:
                if one.near:  # noqa: B023 - used at once
                    return count_near(one.near, slop, field, segment, deadline)  # noqa: B023
                return count(sequences, slop, field, segment, deadline)  # noqa: B023 - used at once

            own = counts_in(field, one.sequences)
            if field is not Field.TEXT:
                if field in ARTICLE_FIELDS:
                    own = {
                        doc: number
                        for record, number in own.items()
                        for doc in segment.children(record)
                    }
                counted.append(_Counted(UnitCounts(own, {}, {}, {}, in_text=False), len(own), 0))
                continue
            if one.unit.own:
                counted.append(_Counted(UnitCounts(own, {}, {}, {}, in_text=True), len(own), 0))
                continue
            headings = counts_in(Field.HEADING, one.sequences)
            titles = counts_in(Field.TITLE, one.sequences)
            articles = article_counts(own, titles, segment.parents, self.ranking)
            counts = UnitCounts(own, headings, titles, articles, in_text=True)
            holding, article_holding = len(own), len(articles)
            if one.telling:
                own = counts_in(field, one.telling)
                titles = counts_in(Field.TITLE, one.telling)
                holding = len(own)
                article_holding = len(article_counts(own, titles, segment.parents, self.ranking))
            counted.append(_Counted(counts, holding, article_holding))
        return counted

    def _score(
        self,
        plan: Plan,
        counted: Sequence[Sequence[_Counted]],
        deadline: Deadline,
        *,
        explain: bool,
    ) -> tuple[list[dict[int, float]], list[dict[int, list[ScorePart]]]]:
        """By segment, the score of every document that matches; and its parts, if wanted."""
        totals, settings = self._totals, self.ranking
        matched = [
            matching(plan.match, [unit.counts for unit in units], segment)
            for units, segment in zip(counted, self._segments, strict=True)
        ]
        scores: list[dict[int, float]] = [dict.fromkeys(docs, 0.0) for docs in matched]
        parts: list[dict[int, list[ScorePart]]] = [{} for _ in matched]
        normed = [
            norms(docs, lengths_of(segment), totals, settings)
            for docs, segment in zip(matched, self._segments, strict=True)
        ]
        for place, unit in enumerate(plan.units):
            weight = query_weight(plan.boosts[place], settings.k3)
            if not weight:
                continue
            in_segments = [units[place] for units in counted]
            holding = sum(one.holding for one in in_segments)
            articles = sum(one.article_holding for one in in_segments)
            telling = _Telling(idf(totals.passages, holding), holding)
            of_article = _Telling(idf(totals.articles, articles), articles)
            worth = UnitWeight(
                weight * telling.idf, weight * settings.article_share * of_article.idf
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
                if explain:
                    for doc in target:
                        own = parts[index].setdefault(doc, [])
                        if doc in passage:
                            own.append(ScorePart(unit.label, passage[doc], *telling))
                        if share := article.get(parents[doc]):
                            label = f"{unit.label} in the article"
                            own.append(ScorePart(label, share, *of_article))
        self._prefer(plan, scores, parts, explain=explain)
        return scores, parts

    def _prefer(
        self,
        plan: Plan,
        scores: Sequence[dict[int, float]],
        parts: Sequence[dict[int, list[ScorePart]]],
        *,
        explain: bool,
    ) -> None:
        """Prefer passages of the language that the query is asked in."""
        if not plan.spoken:
            return
        words = [
            WordUse(
                {
                    language: self._live_count("stems", stem)
                    for language, stem in zip(self.languages, stems, strict=True)
                },
                stops,
            )
            for stems, stops in plan.spoken
        ]
        by_language = language_factors(words, self._passages_by_language)
        asked = max(by_language, key=lambda language: by_language[language])
        factors = [*(by_language[language] for language in self.languages), 1.0]
        for index, of_docs in enumerate(scores):
            languages, parents = self._languages_of_records[index], self._segments[index].parents
            for doc, score in of_docs.items():
                place = languages[parents[doc]]
                factor = factors[place]
                if factor < 1:
                    of_docs[doc] = score * factor
                    if explain and score:
                        label = f"in {self.languages[place]}, asked in {asked}"
                        parts[index][doc].append(ScorePart(label, score * factor - score))

    @cached_property
    def _languages_of_records(self) -> list[array[int]]:
        """By segment and record, the place of its language among all; after them if it has none."""
        found = []
        for segment in self._segments:
            places = array("H", [len(self.languages)]) * len(segment)
            for place, language in enumerate(self.languages):
                for record in segment.records_with("language", language):
                    places[record] = place
            found.append(places)
        return found

    @cached_property
    def _passages_by_language(self) -> dict[str, int]:
        passages = dict.fromkeys(self.languages, 0)
        for segment, languages in zip(self._segments, self._languages_of_records, strict=True):
            for record in segment.records:
                if languages[record] < len(self.languages):
                    passages[self.languages[languages[record]]] += len(segment.children(record))
        return passages


class _Counted(NamedTuple):
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
        return doc in body or doc in headings or record in titles


class _Telling(NamedTuple):
    """How telling a unit is, and how many passages or articles hold it."""

    idf: float
    holding: int


def lengths_of(segment: SegmentView) -> Lengths:
    """The lengths of a segment that ranking needs."""
    return Lengths(
        body=segment.lengths("body"),
        headings=segment.lengths("headings"),
        titles=segment.lengths("title"),
        articles=segment.lengths("article"),
        parents=segment.parents,
    )


def totals_of(segments: Iterable[SegmentView]) -> Totals:
    """The sums over segments that ranking needs."""
    passages = articles = body = headings = by_passage = by_article = 0
    for segment in segments:
        articles += len(segment.records)
        passages += len(segment) - len(segment.deleted) - len(segment.records)
        body += segment.live_length("body")
        headings += segment.live_length("headings")
        by_article += segment.live_length("title")
        titles = segment.lengths("title")
        by_passage += sum(
            titles[record] * len(segment.children(record))
            for record in segment.records
            if titles[record]
        )
    return Totals(passages, articles, body, headings, by_passage, by_article)


def languages_of(segments: Iterable[SegmentView]) -> tuple[str, ...]:
    """The languages of the live articles, sorted; ("",) where there is none."""
    return tuple(sorted(set(_language_terms(segments)))) or ("",)


def _language_terms(segments: Iterable[SegmentView]) -> Iterator[str]:
    for segment in segments:
        postings = segment.postings("language")
        if postings is not None:
            for place in range(len(postings)):
                if any(doc not in segment.deleted for doc in postings.docs(place)):
                    yield postings.term(place).decode()

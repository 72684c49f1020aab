"""A second backend, over plain Python lists, with which every test of the engine is answered too.

It is made from the oracle's texts and formula, keeps no index and looks at every passage for every
plan. ``TwinIndex`` answers each request from both and insists that the pages are the same.
"""

from __future__ import annotations

import re
import warnings
from collections import Counter
from contextlib import nullcontext
from functools import partial
from math import isclose, prod
from typing import TYPE_CHECKING

import regex

from indexer.storage.records import StoredArticle
from indexer.text.analysis import encoded, fold, stemmer, tagged
from indexer.text.places import place_terms
from indexer.text.values import VALUES_FIELD, people, value_terms
from search import engine
from search.backends.base import Answer, Hit, Statistics, Stored
from search.backends.copies import MOST_NAMED
from search.deadline import Deadline
from search.index import Index
from search.model import Facet, FoundPage, ScorePart
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
    PassageFilter,
    Pattern,
    PlaceFilter,
    Resolved,
    Sequences,
    Unit,
    Without,
    languages_in,
)
from search.query.faults import Warned
from search.query.spelling import Field
from search.request import Sort
from tests.oracle import (
    CopyOracle,
    Document,
    Formula,
    Text,
    begins,
    documents_of,
    edits,
    fits_pattern,
    gathers,
    idf,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence

    from indexer.model import ArticleRecord, Paragraph
    from search.backends.base import Backend, Selection
    from search.backends.ranking import RankingSettings
    from search.model import Page, Passage, Suggestion
    from search.page import ResultPage
    from search.plan import Plan
    from search.request import Request
    from tests.passages import SmallArticle

MOST_EXPANSIONS = 1024
MOST_COUNTS = 1_000


class ListedBackend:
    """Looks at every passage of some articles; see ``search.backends.base.Backend``."""

    is_kept = True
    later = nullcontext

    def __init__(self, articles: Iterable[SmallArticle], ranking: RankingSettings) -> None:
        articles = list(articles)
        self.ranking = ranking
        self.documents = [document for small in articles for document in documents_of(small)]
        self.paragraphs_of: dict[str, tuple[Paragraph, ...]] = {
            small.record.article_id: small.paragraphs() for small in articles
        }
        self.formula = Formula(self.documents, ranking)
        self.copies = CopyOracle([self._text(at) for at in range(len(self.documents))])
        spoken = {small.record.language for small in articles} - {""}
        self.languages = tuple(sorted(spoken)) or ("",)
        self.statistics = Statistics(len(self.documents), len(articles))

    def deadline(self, seconds: float) -> Deadline:
        return Deadline(seconds)

    def run(self, plan: Plan, selection: Selection, deadline: Deadline) -> Answer:
        resolved = [self._resolved(unit, deadline) for unit in plan.units]
        parts: dict[int, list[ScorePart]] = {
            at: []
            for at, document in enumerate(self.documents)
            if self._fits(plan.match, resolved, document)
        }
        for unit, boosts in zip(resolved, plan.boosts, strict=True):
            weight = sum(boosts) * (self.ranking.k3 + 1) / (self.ranking.k3 + len(boosts))
            own, of_article = self.formula.parts(
                partial(count, unit),
                unit.unit.field,
                partial(count, unit._replace(sequences=unit.telling or unit.sequences)),
                own=unit.unit.own,
                apart=[partial(count, one) for one in apart(unit)],
            )
            for at, scores in parts.items() if weight else ():
                article_id, _ = place = self.documents[at].place
                if place in own:
                    telling = self._telling(unit, by_article=False)
                    scores.append(ScorePart(unit.unit.label, weight * own[place], *telling))
                if article_id in of_article:
                    label = f"{unit.unit.label} in the article"
                    telling = self._telling(unit, by_article=True)
                    scores.append(ScorePart(label, weight * of_article[article_id], *telling))
        self._prefer(plan, parts)
        order = sorted(parts, key=lambda at: self._key(at, parts[at], selection.sort))
        if selection.per_article is not None:
            seen = Counter[str]()
            kept = []
            for at in order:
                article_id = self.documents[at].place[0]
                seen[article_id] += 1
                if seen[article_id] <= selection.per_article:
                    kept.append(at)
            matching = len(kept)
            order = kept if selection.all_copies else self._once(order, selection.per_article)
        else:
            matching = len(order)
            order = order if selection.all_copies else self._once(order, len(order))
        page = order[selection.offset : selection.offset + selection.limit]
        copies = {at: [] if selection.all_copies else self._copies(at) for at in page}
        return Answer(
            tuple(
                Hit(
                    at,
                    total(parts[at]),
                    self._coverage(plan, resolved, self.documents[at]),
                    tuple(parts[at]) if selection.explain else (),
                    tuple(self._passage_id(copy) for copy in copies[at][:MOST_NAMED]),
                    len(copies[at]),
                )
                for at in page
            ),
            matching,
            tuple(resolved),
            frozenset(
                one.unit.span
                for one in resolved
                if one.unit.span
                and not any(count(one, document, one.unit.field) for document in self.documents)
            ),
            facets=tuple(
                self._facet(name, [self.documents[at] for at in parts]) for name in selection.facets
            ),
            warnings=tuple(one.warning for one in resolved if one.warning),
        )

    @property
    def fields(self) -> tuple[str, ...]:
        given = {name for one in self.documents for name, _ in values_by_name(one.record)}
        return tuple(sorted(given))

    @staticmethod
    def _facet(name: str, found: Iterable[Document]) -> Facet:
        totals = Counter[str]()
        for document in found:
            record = document.record
            day = record.published
            by_name = [
                ("article", record.article_id),
                ("language", record.language),
                ("year", f"{day.year:04}" if day else ""),
                *values_by_name(record),
            ]
            totals.update({value for own, value in by_name if own == name and value})
        counts = sorted(totals.items(), key=lambda item: (-item[1], *in_order(name, item[0])))
        return Facet(name, tuple(counts[:MOST_COUNTS]), max(0, len(counts) - MOST_COUNTS))

    def _once(self, order: list[int], per_article: int) -> list[int]:
        """Those that are no copies of one before them that is kept, so many of an article."""
        kept: list[int] = []
        of_article = Counter[str]()
        for at in order:
            article_id, _ = self.documents[at].place
            if not any(at in self._copies(other) for other in kept):
                of_article[article_id] += 1
                if of_article[article_id] <= per_article:
                    kept.append(at)
        return kept

    def _copies(self, at: int) -> list[int]:
        """The copies of a passage that are found, by article and number."""
        return sorted(self.copies.of(at), key=lambda other: self.documents[other].place)

    def _text(self, at: int) -> str:
        article_id, number = self.documents[at].place
        return self.paragraphs_of[article_id][number - 1].text

    def _passage_id(self, at: int) -> str:
        article_id, number = self.documents[at].place
        return self.paragraphs_of[article_id][number - 1].passage_id

    def _telling(self, unit: Resolved, *, by_article: bool) -> tuple[float, int | None]:
        """The idf of a unit and how many passages or articles hold it."""
        if words := apart(unit):
            passages = len(self.documents) or 1
            met = passages * prod(
                sum(count(word, one, Field.TEXT) > 0 for one in self.documents) / passages
                for word in words
            )
            return idf(passages, met), None
        counted = unit._replace(sequences=unit.telling or unit.sequences)
        field = unit.unit.field
        found = [document for document in self.documents if count(counted, document, field)]
        if not by_article:
            return idf(len(self.documents), len(found)), len(found)
        titled = [one for one in self.documents if count(counted, one, Field.TITLE)]
        articles = {document.place[0] for document in [*found, *titled]}
        return idf(len(self.formula.articles), len(articles)), len(articles)

    def _coverage(self, plan: Plan, units: list[Resolved], document: Document) -> float | None:
        held = asked = 0.0
        language = document.record.language
        for places, languages in plan.asked:
            if language and language not in languages:
                continue
            named = [units[place] for place in places]
            worth = min(self._telling(unit, by_article=False)[0] for unit in named)
            asked += worth
            fields = {Field.TEXT, Field.HEADING, Field.TITLE}
            if any(
                count(unit, document, field)
                for unit in named
                for field in (
                    fields
                    if unit.unit.field is Field.TEXT and not unit.unit.own
                    else {unit.unit.field}
                )
            ):
                held += worth
        return held / asked if asked else None

    def _prefer(self, plan: Plan, parts: dict[int, list[ScorePart]]) -> None:
        """Take from passages that are not of the language the query is asked in."""
        if not plan.spoken and not plan.written:
            return
        words = [
            ([(one, spelt(stem_of(word, one))) for one in self.languages], sorted(stops))
            for word, stops in plan.spoken
        ]
        factors = self.formula.factors(words, plan.written)
        asked = max(self.languages, key=lambda language: factors[language])
        for at, scores in parts.items():
            language = self.documents[at].record.language
            loss = total(scores) * (factors.get(language, 1.0) - 1)
            if loss:
                scores.append(ScorePart(f"in {language}, asked in {asked}", loss))

    def _key(self, at: int, parts: list[ScorePart], sort: Sort) -> tuple[object, ...]:
        document = self.documents[at]
        day = document.record.published
        return {
            Sort.SCORE: (-total(parts), *document.place),
            Sort.ARTICLE: document.place,
            Sort.DATE: (-day.toordinal() if day else 0, -total(parts), *document.place),
        }[sort]

    def count(self, plan: Plan, deadline: Deadline) -> int:
        resolved = [self._resolved(unit, deadline) for unit in plan.units]
        return sum(self._fits(plan.match, resolved, document) for document in self.documents)

    def near(self, word: str, edits: int, deadline: Deadline) -> Mapping[str, int]:
        deadline.left_seconds()
        found = forms(self.documents, Field.TEXT)
        return {form: number for form, number in found.items() if is_near(form, word, edits)}

    def holding(self, stems: Sequence[str]) -> list[int]:
        return [
            sum(any(form == spelt(stem) for _, form in d.body.stems) for d in self.documents)
            for stem in stems
        ]

    def passage(self, key: Hashable, context: int) -> Stored:
        assert isinstance(key, int)
        document = self.documents[key]
        article_id, number = document.place
        siblings = self.paragraphs_of[article_id]
        return Stored(
            StoredArticle.of(document.record),
            siblings[number - 1],
            siblings[max(0, number - 1 - context) : number - 1],
            siblings[number : number + context],
        )

    def passages(self, keys: Sequence[Hashable], context: int) -> list[Stored]:
        return [self.passage(key, context) for key in keys]

    def article(self, article_id: str, deadline: Deadline) -> str | None:
        deadline.left_seconds()
        return article_id if article_id in self.paragraphs_of else None

    def articles_named(
        self, names: Collection[str], deadline: Deadline
    ) -> dict[str, list[tuple[str, str]]]:
        deadline.left_seconds()
        return {
            name: [
                (one, one) for one in sorted(self.paragraphs_of) if f"/{one}".endswith(f"/{name}")
            ]
            for name in names
        }

    def record(self, article: Hashable) -> ArticleRecord:
        (found,) = {one.record for one in self.documents if one.place[0] == article}
        return found

    def passages_of(self, article: Hashable) -> list[int]:
        return [at for at, one in enumerate(self.documents) if one.place[0] == article]

    def digests(self, article: Hashable, deadline: Deadline) -> list[str]:
        assert isinstance(article, str)
        deadline.left_seconds()
        return [one.digest for one in self.paragraphs_of[article]]

    def norm(self, key: Hashable) -> float:
        assert isinstance(key, int)
        return self.formula.norm(self.documents[key])

    def articles(self, offset: int = 0) -> Iterator[ArticleRecord]:
        records = {document.record.article_id: document.record for document in self.documents}
        return iter([records[article_id] for article_id in sorted(records)[offset:]])

    # Matching

    def _fits(self, match: Match, units: list[Resolved], document: Document) -> bool:
        match match:
            case int():
                return count(units[match], document, units[match].unit.field) > 0
            case ArticleFilter():
                return any(map(partial(passes, match), values(match, document.record)))
            case PlaceFilter(wanted):
                article_id, number = document.place
                locator = self.paragraphs_of[article_id][number - 1].locator
                terms = [term.decode("utf-8", "surrogatepass") for term in place_terms(locator)]
                return any(passes(wanted, term) for term in terms)
            case PassageFilter(_, name):
                article_id, number = document.place
                if article_id != name.article_id:
                    return False
                marks = [one.digest for one in self.paragraphs_of[article_id]]
                if name.mark in marks:
                    return marks.index(name.mark) == number - 1
                return name.mark == f"p{number}"
            case All(parts):
                return all(self._fits(part, units, document) for part in parts)
            case AnyOf(parts):
                return any(self._fits(part, units, document) for part in parts)
            case Without(part):
                return not self._fits(part, units, document)
            case OfArticles(part):
                return self._is_in(part, units, document.place[0])
            case Always(matches):
                return matches

    def _is_in(self, match: Match, units: list[Resolved], article_id: str) -> bool:
        """Whether a passage of an article matches, or its title holds the unit that is to."""
        if isinstance(match, AnyOf):
            return any(self._is_in(part, units, article_id) for part in match.parts)
        members = [one for one in self.documents if one.place[0] == article_id]
        if isinstance(match, int) and units[match].unit.field is Field.TEXT:
            unit = units[match]
            if not unit.unit.own and count(unit, members[0], Field.TITLE):
                return True
        return any(self._fits(match, units, one) for one in members)

    def _resolved(self, unit: Unit, deadline: Deadline) -> Resolved:
        deadline.left_seconds()
        warning = None

        def sequences(alternatives: Alternatives) -> Sequences:
            return tuple(
                tuple(map(lookup, one)) for given in alternatives for one in in_each_language(given)
            )

        def lookup(element: Element) -> Lookup:
            nonlocal warning
            found = self._terms(element, unit.field)
            if len(found) > MOST_EXPANSIONS:
                warning = Warned(
                    f"{unit.label} stands for {len(found):,} words; the "
                    f"{MOST_EXPANSIONS:,} found most often are searched",
                    unit.span,
                )
            ranked = sorted(found, key=lambda term: (-found[term], term))
            terms = tuple(sorted(ranked[:MOST_EXPANSIONS]))
            return Lookup(element.offset, element.form, terms)

        return Resolved(
            unit,
            sequences(unit.alternatives),
            sequences(unit.telling),
            tuple(map(sequences, unit.near)),
            warning,
        )

    def _terms(self, element: Element, field: Field) -> dict[bytes, int]:
        """The terms an element stands for, those in headings and titles alone last."""
        if element.pattern is Pattern.EQUAL:
            return {encoded(element.text): 1}
        found = Counter[str]()
        for other in (Field.TEXT, Field.HEADING, Field.TITLE) if field is Field.TEXT else (field,):
            for form, number in forms(self.documents, other).items():
                if is_meant(form, element):
                    found[form] += number if other is field else 0
        return {encoded(form): number for form, number in found.items()}


def apart(unit: Resolved) -> list[Resolved]:
    """The words of a unit that is as telling as if they met by chance."""
    if not unit.unit.by_chance:
        return []
    return [
        unit._replace(sequences=tuple((lookups[place],) for lookups in unit.sequences))
        for place in range(len(unit.unit.alternatives[0]))
    ]


def in_each_language(sequence: tuple[Element, ...]) -> Iterator[tuple[Element, ...]]:
    """Yield a sequence with the stems of its words, once for each language of those."""
    for language in languages_in(sequence) or [""]:
        yield tuple(
            one._replace(text=stem_of(one.text, language)) if one.languages else one
            for one in sequence
        )


def stem_of(word: str, language: str) -> str:
    return tagged(stemmer(language)(word), language)


def total(parts: list[ScorePart]) -> float:
    return sum(part.score for part in parts)


def spelt(stem: str) -> str:
    """A tagged stem as the oracle's texts have it."""
    return stem.replace(":", " ", 1)


def forms(documents: Iterable[Document], field: Field) -> Counter[str]:
    """The exact forms of a field, with the passages that have each."""
    found = Counter[str]()
    for document in documents:
        found.update({form for text in document.texts(field) for _, form in text.forms})
    return found


def is_meant(form: str, element: Element) -> bool:
    match element.pattern:
        case Pattern.PREFIX:
            return form.startswith(element.text)
        case Pattern.WILDCARD:
            return fits_pattern(form, element.text)
        case Pattern.FUZZY:
            return is_near(form, element.text, element.distance)
        case _:
            return fits_expression(form, element.text)


def fits_expression(form: str, expression: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return regex.fullmatch(expression, form, regex.IGNORECASE | regex.V0) is not None


def is_near(form: str, word: str, distance: int) -> bool:
    return edits(form, word) <= distance


def count(resolved: Resolved, document: Document, field: Field) -> int:
    """How often a unit occurs in a field of a passage or its article."""
    if resolved.near:
        return sum(
            gathers(
                [
                    [
                        (
                            sequence[-1].offset,
                            [(one.offset, standing(text, one)) for one in sequence],
                        )
                        for sequence in sequences
                    ]
                    for sequences in resolved.near
                ],
                resolved.unit.slop,
            )
            for text in document.texts(field)
        )
    return sum(
        len(begins([(one.offset, standing(text, one)) for one in sequence], resolved.unit.slop))
        for text in document.texts(field)
        for sequence in resolved.sequences
    )


def standing(text: Text, lookup: Lookup) -> list[int]:
    """Where any of the terms stands, as often as one does."""
    terms = {term.decode("utf-8", "surrogatepass") for term in lookup.terms}
    if lookup.form is Form.STEM:
        stems = {spelt(term) for term in terms}
        return [position for position, stem in text.stems if stem in stems]
    return [position for position, form in text.forms if form in terms]


def values(wanted: ArticleFilter, record: ArticleRecord) -> list[str]:
    """What an article has in the fields that a filter looks at."""
    published = record.published.isoformat() if record.published else ""
    known = {
        "article": record.article_id,
        "origin": record.origin,
        "url": record.url,
        "language": record.language,
        "published": published,
    }
    if wanted.index_fields == (VALUES_FIELD,):
        return [term.decode("utf-8", "surrogatepass") for term in value_terms(record)]
    return [known[field] for field in wanted.index_fields if known[field]]


def values_by_name(record: ArticleRecord) -> list[tuple[str, str]]:
    """What articles are found and counted by, beside their facts."""
    given = [("site", record.site), *(("author", one) for one in people(record.author))]
    return [pair for pair in (*given, *record.extra) if pair[1]]


def in_order(name: str, value: str) -> tuple[bytes, ...]:
    """Where a value stands among equals."""
    is_plain = name in {"article", "language", "year"}
    return (encoded(value),) if is_plain else (encoded(fold(value)), encoded(value))


def passes(wanted: ArticleFilter, value: str) -> bool:
    if wanted.head:
        tested = value.partition("\0")[0] if wanted.pattern else ""
        return value.startswith(wanted.head) and bool(re.search(wanted.pattern or "", tested))
    if wanted.equal is not None:
        return value == wanted.equal
    if wanted.pattern is not None:
        return re.search(wanted.pattern, value) is not None
    return wanted.first <= value and (not wanted.last or value <= f"{wanted.last}~")


class TwinIndex(Index):
    """An index that answers every request from several backends and insists that they agree."""

    def __init__(self, backend: Backend, *twins: Backend) -> None:
        super().__init__(backend)
        self._twins = twins

    def answer(self, request: Request) -> ResultPage:
        page = super().answer(request)
        for twin in self._twins:
            assert_same_page(page, engine.answer(request, twin, FoundPage))
        return page

    def suggest_for(self, request: Request) -> tuple[Suggestion, ...]:
        found = super().suggest_for(request)
        for twin in self._twins:
            assert found == engine.suggest(request, twin)
        return found


def assert_same_page(page: Page, other: Page) -> None:
    """Fail unless two pages say the same; where scores are equal but for rounding, in any order."""
    assert head(page) == head(other)
    for one, twin in zip(page.passages, other.passages, strict=True):
        assert one.rank == twin.rank
        assert is_close(one.score, twin.score), (one, twin)
        if one.paragraph.passage_id == twin.paragraph.passage_id:
            assert (one.coverage is None) == (twin.coverage is None)
            assert is_close(one.coverage or 0.0, twin.coverage or 0.0)
            assert body(one) == body(twin)
            for part, other_part in zip(one.parts, twin.parts, strict=True):
                assert part.part == other_part.part
                assert is_close(part.score, other_part.score)
                assert part.holding == other_part.holding
        else:
            assert page.request.sort is Sort.SCORE


def is_close(one: float, other: float) -> bool:
    return isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)


def head(page: Page) -> tuple[object, ...]:
    return (
        page.request,
        page.interpreted_as,
        page.total,
        page.warnings,
        page.diagnosis,
        page.did_you_mean,
        page.facets,
        page.unknown,
    )


def body(passage: Passage) -> tuple[object, ...]:
    return (
        passage.paragraph,
        passage.article,
        passage.matches,
        passage.before,
        passage.after,
        passage.also_in,
        passage.copies,
    )

"""What units are worth, and what the scores of passages are made of; the same for all backends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.tuples import NamedTuple
from search.backends.ranking import (
    UnitWeight,
    idf,
    met_by_chance,
    norms,
    query_weight,
    unit_parts,
)
from search.model import ScorePart
from search.plan import languages_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from search.backends.base import Place
    from search.backends.evaluate import Found
    from search.backends.ranking import Lengths, RankingSettings, Totals
    from search.backends.voices import Voices, WordUse
    from search.deadline import Deadline
    from search.plan import Plan, Unit


class Corpus(NamedTuple):
    """What scores depend on beside the passages that are scored.

    Attributes:
        totals: the sums over all that is there.
        ranking: the constants of the formula.
        languages: those of the articles.
        voices: they, as a query is asked in them.
        holding: by language, how many passages hold a folded word's stem.
    """

    totals: Totals
    ranking: RankingSettings
    languages: tuple[str, ...]
    voices: Callable[[], Voices]
    holding: Callable[[str], Mapping[str, int]]


class Scorer:
    """Scores what one plan found.

    Args:
        plan: what was asked.
        found: what was found, segment by segment.
        corpus: what it was found in.
        lengths: those of each segment.
    """

    def __init__(
        self, plan: Plan, found: Sequence[Found], corpus: Corpus, lengths: Sequence[Lengths]
    ) -> None:
        self._plan = plan
        self._found = found
        self._corpus = corpus
        self._lengths = lengths
        #: What units are worth that are counted everywhere, by their places in the plan.
        self.apart: dict[int, UnitWeight] = {}
        #: What those are worth that only the best passages are looked at for: they rank by the
        #: passage's own text, and no passage is found by them.
        self.beside: dict[int, UnitWeight] = {}
        # By place, how many passages and articles hold a unit, if they tell how telling it is, and
        # how telling it is among passages.
        self._holdings: dict[int, tuple[int, int]] = {}
        self._idfs: dict[int, float] = {}
        self._weigh()

    def _weigh(self) -> None:
        """Find what units are worth."""
        plan, (passages, articles, *_) = self._plan, self._corpus.totals
        settings = self._corpus.ranking
        k3, share = settings.k3, settings.article_share
        weights = [query_weight(boosts, k3) if boosts else 0.0 for boosts in plan.boosts]
        self._hold(
            [
                at
                for at, unit in enumerate(plan.units)
                if weights[at] and not (unit.by_chance and unit.own)
            ]
        )
        for at, unit in enumerate(plan.units):
            weight = weights[at]
            if not weight:
                continue
            if unit.by_chance:
                own = self._idfs[at] = idf(passages, self._by_chance(unit))
            else:
                own = self._idfs[at]
            of_article = 0.0
            if not unit.own:
                of_article = share * idf(articles, self._holdings[at][1])
            is_beside = unit.own and not plan.lit[at]
            (self.beside if is_beside else self.apart)[at] = UnitWeight(
                weight * own, weight * of_article
            )

    def _hold(self, units: Sequence[int]) -> None:
        """Learn how many passages and articles hold some units."""
        passages = self._corpus.totals.passages
        by_segment = [one.holdings(units) for one in self._found]
        holdings: Sequence[tuple[int, int]] = [(0, 0)] * len(units)
        if len(by_segment) == 1:
            holdings = by_segment[0]
        elif by_segment:
            holdings = [
                (sum([held for held, _ in of_unit]), sum([articles for _, articles in of_unit]))
                for of_unit in zip(*by_segment, strict=True)
            ]
        for at, of_unit in zip(units, holdings, strict=True):
            self._holdings[at] = of_unit
            self._idfs[at] = idf(passages, of_unit[0])

    def _by_chance(self, unit: Unit) -> float:
        """How many passages hold a unit of one sequence if its words meet by chance."""
        sequence, holding = unit.alternatives[0], self._corpus.holding
        held = [holding(one.text) for one in sequence]
        kept = languages_in(sequence)
        if len(kept) == len(self._corpus.languages):
            numbers = [sum(one.values()) for one in held]
        else:
            numbers = [sum([one[lang] for lang in one if lang in kept]) for one in held]
        return met_by_chance(self._corpus.totals.passages, numbers)

    def language_factors(self, deadline: Deadline) -> Mapping[str, float]:
        """By language, what scores are multiplied by to prefer the one that the query is asked in.

        Nothing where nothing is to change, as in articles of no language.
        """
        plan = self._plan
        if not plan.spoken and not plan.written:
            return {}
        voices, holding = self._corpus.voices(), self._corpus.holding
        words: list[WordUse] = []
        for word, stops in plan.spoken:
            if deadline.is_over():
                break
            words.append((holding(word), stops))
        for told in plan.written:
            there = told.intersection(voices.passages)
            words.append(({one: voices.passages[one] for one in there}, there))
        return voices.factors(words)

    def coverages(
        self, page: Sequence[tuple[Place, str]], deadline: Deadline
    ) -> Sequence[float | None]:
        """How much of what is asked for each passage holds with its title and headings.

        Args:
            page: the passages, each with the language of its article, "" where that has none.
            deadline: nothing is known of any when it is over.
        """
        asked = self._plan.asked
        if not page or not asked:
            return [None] * len(page)
        if more := [at for units, _ in asked for at in units if at not in self._idfs]:
            self._hold(more)
        # The idf of what any of the units is that are asked for as one.
        worths = [min([self._idfs[at] for at in units]) for units, _ in asked]
        docs: dict[int, list[int]] = {}
        for (segment, doc), _ in page:
            docs.setdefault(segment, []).append(doc)
        groups = [units for units, _ in asked]
        held: dict[tuple[int, int], Sequence[int]] = {}
        for segment, of_segment in docs.items():
            if deadline.is_over():
                return [None] * len(page)
            by_doc = zip(*self._found[segment].held(of_segment, groups), strict=True)
            held.update(zip([(segment, doc) for doc in of_segment], by_doc, strict=True))
        # Many passages of a page are in one language and hold the same.
        known: dict[tuple[str, Sequence[int]], float | None] = {}
        coverages = []
        for at, language in page:
            key = language, held[at]
            if key not in known:
                if deadline.is_over():
                    return [None] * len(page)
                known[key] = self._coverage(worths, *key)
            coverages.append(known[key])
        return coverages

    def _coverage(
        self, worths: Sequence[float], language: str, held: Sequence[int]
    ) -> float | None:
        """How much of what is asked for in a language is held of it; None if nothing is asked."""
        some = of = 0.0
        for worth, (_, languages), is_held in zip(worths, self._plan.asked, held, strict=True):
            if not language or language in languages:
                of += worth
                some += worth if is_held else 0.0
        return some / of if of else None

    def parts(self, at: Place, language: str, factors: Mapping[str, float]) -> Iterator[ScorePart]:
        """Yield what the score of one passage is made of.

        Args:
            at: the passage.
            language: of its article, "" where that has none.
            factors: those of the languages.
        """
        corpus, doc = self._corpus, at.doc
        lengths = self._lengths[at.segment]
        record = lengths.parents[doc]
        normed = norms([doc], lengths, corpus.totals, corpus.ranking)
        score = 0.0
        weights = {**self.apart, **self.beside}
        for place in sorted(weights):
            passage, article = unit_parts(
                self._found[at.segment].only(place, doc, record),
                weights[place],
                normed,
                lengths.parents,
                corpus.ranking,
            )
            label = self._plan.units[place].label
            holding, of_articles = self._holdings.get(place, (None, 0))
            for own in passage.values():
                score += own
                yield ScorePart(label, own, self._idfs[place], holding)
            for share in article.values():
                score += share
                told = idf(corpus.totals.articles, of_articles)
                yield ScorePart(f"{label} in the article", share, told, of_articles)
        factor = factors.get(language, 1.0)
        if score and factor < 1:
            asked = max(corpus.languages, key=factors.__getitem__)
            yield ScorePart(f"in {language}, asked in {asked}", score * factor - score)

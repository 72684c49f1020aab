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

    from search.backends.evaluate import Found
    from search.backends.order import Place
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
        self._worths = self._all_worths()
        #: What units are worth that are counted everywhere, by their places in the plan.
        self.apart: dict[int, UnitWeight] = {}
        #: What those are worth that only the best passages are looked at for: they rank by the
        #: passage's own text, and no passage is found by them.
        self.beside: dict[int, UnitWeight] = {}
        for place, worth in self._worths.items():
            is_beside = plan.units[place].own and not plan.lit[place]
            (self.beside if is_beside else self.apart)[place] = worth.weight

    def _all_worths(self) -> dict[int, _Worth]:
        totals, settings = self._corpus.totals, self._corpus.ranking
        worths = {}
        for place in range(len(self._plan.units)):
            weight = query_weight(self._plan.boosts[place], settings.k3)
            if weight:
                if self._plan.units[place].by_chance:
                    by_chance = self._by_chance(self._plan.units[place])
                    telling = _Telling(idf(totals.passages, by_chance))
                else:
                    holding = sum(one.units.holding(place) for one in self._found)
                    telling = _Telling(idf(totals.passages, holding), holding)
                of_article = _Telling(0.0)
                if not self._plan.units[place].own:
                    articles = sum(one.units.article_holding(place) for one in self._found)
                    of_article = _Telling(idf(totals.articles, articles), articles)
                share = settings.article_share * of_article.idf
                worths[place] = _Worth(
                    UnitWeight(weight * telling.idf, weight * share), telling, of_article
                )
        return worths

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

    def _worth(self, units: Sequence[int]) -> float:
        """The idf of what any of the units is."""
        holding = max(sum(one.units.holding(unit) for one in self._found) for unit in units)
        return idf(self._corpus.totals.passages, holding)

    def coverages(
        self, page: Sequence[tuple[Place, str]], deadline: Deadline
    ) -> Sequence[float | None]:
        """How much of what is asked for each passage holds with its title and headings.

        Args:
            page: the passages, each with the language of its article, "" where that has none.
            deadline: nothing is known of any when it is over.
        """
        docs: dict[int, list[int]] = {}
        for at, _ in page:
            docs.setdefault(at.segment, []).append(at.doc)
        held, total = [0.0] * len(page), [0.0] * len(page)
        for units, languages in self._plan.asked:
            if deadline.is_over():
                return [None] * len(page)
            worth = self._worth(units)
            holding = {
                segment: self._found[segment].holding_any(units, of_segment)
                for segment, of_segment in docs.items()
            }
            for number, (at, language) in enumerate(page):
                if not language or language in languages:
                    total[number] += worth
                    if at.doc in holding[at.segment]:
                        held[number] += worth
        return [some / of if of else None for some, of in zip(held, total, strict=True)]

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
        for place, (weight, telling, of_article) in self._worths.items():
            passage, article = unit_parts(
                self._found[at.segment].only(place, doc, record),
                weight,
                normed,
                lengths.parents,
                corpus.ranking,
            )
            label = self._plan.units[place].label
            for own in passage.values():
                score += own
                yield ScorePart(label, own, *telling)
            for share in article.values():
                score += share
                yield ScorePart(f"{label} in the article", share, *of_article)
        factor = factors.get(language, 1.0)
        if score and factor < 1:
            asked = max(corpus.languages, key=factors.__getitem__)
            yield ScorePart(f"in {language}, asked in {asked}", score * factor - score)


class _Telling(NamedTuple):
    """How telling a unit is, and how many passages or articles hold it."""

    idf: float
    holding: int | None = None


class _Worth(NamedTuple):
    """What a unit is worth, and why."""

    weight: UnitWeight
    telling: _Telling
    of_article: _Telling

"""What units are worth, and what the scores of passages are made of; the same for all backends."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from search.backends.ranking import (
    UnitWeight,
    idf,
    met_by_chance,
    norms,
    query_weight,
    unit_parts,
)
from search.model import ScorePart
from search.plan import All, AnyOf, languages_in

try:
    from search.backends.kernels.native_found import NativeFound
except ImportError:  # there was no compiler
    NativeFound = None  # type: ignore[assignment, misc]

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from search.backends.base import Place
    from search.backends.evaluate import Found
    from search.backends.ranking import Lengths, RankingSettings, Totals, Worths
    from search.backends.voices import Voices, WordUse
    from search.deadline import Deadline
    from search.plan import Asked, Plan, Unit


class Corpus:
    """What scores depend on beside the passages that are scored.

    Args:
        totals: the sums over all that is there.
        ranking: the constants of the formula.
        languages: those of the articles.
        passages: by language, how many there are.
        holding: by language, how many passages hold a folded word's stem.
    """

    def __init__(
        self,
        totals: Totals,
        ranking: RankingSettings,
        languages: tuple[str, ...],
        passages: Callable[[], Mapping[str, int]],
        holding: Callable[[str], Mapping[str, int]],
    ) -> None:
        self.totals = totals
        self.ranking = ranking
        self.languages = languages
        self._passages = passages
        self.holding = holding

    @cached_property
    def voices(self) -> Voices:
        """The languages, as a query is asked in them."""
        from search.backends.voices import Voices  # noqa: PLC0415 - only for several languages

        return Voices(self._passages())


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
        worths = self._worths()
        #: What units are worth that are counted everywhere, by their places in the plan.
        self.apart = worths[0]
        #: What those are worth that only the best passages are looked at for: they rank by the
        #: passage's own text, and no passage is found by them.
        self.beside = worths[1]
        # How telling units are among passages; and how many of these and of articles hold them.
        self._idfs, self._holdings = worths[2:]

    def _worths(self) -> Worths:
        """What units are worth."""
        plan, found, corpus = self._plan, self._found, self._corpus
        if NativeFound is not None and len(found) == 1 and isinstance(found[0], NativeFound):
            count = len(corpus.languages)
            return found[0].worths(plan, corpus.totals, corpus.ranking, count, corpus.holding)
        return self._worths_of_units()

    def _worths_of_units(self) -> Worths:
        """What units are worth, one by one."""
        plan, (passages, articles, *_) = self._plan, self._corpus.totals
        settings = self._corpus.ranking
        k3, share = settings.k3, settings.article_share
        apart: dict[int, UnitWeight] = {}
        beside: dict[int, UnitWeight] = {}
        weights = [query_weight(boosts, k3) if boosts else 0.0 for boosts in plan.boosts]
        counted = [at for at, unit in enumerate(plan.units) if weights[at] and not unit.by_chance]
        holdings = self._held_by(counted)
        idfs = self._telling(holdings)
        for at, unit in enumerate(plan.units):
            weight = weights[at]
            if not weight:
                continue
            if unit.by_chance:
                idfs[at] = idf(passages, self._by_chance(unit))
            of_article = 0.0 if unit.own else share * idf(articles, holdings[at][1])
            to = beside if unit.own and not plan.lit[at] else apart
            to[at] = UnitWeight(weight * idfs[at], weight * of_article)
        return apart, beside, idfs, holdings

    def _held_by(self, units: Sequence[int]) -> dict[int, tuple[int, int]]:
        """How many passages and articles hold each of some units."""
        by_segment = [one.holdings(units) for one in self._found]
        return {
            at: (sum([held for held, _ in of_unit]), sum([articles for _, articles in of_unit]))
            for at, *of_unit in zip(units, *by_segment, strict=True)
        }

    def _telling(self, holdings: Mapping[int, tuple[int, int]]) -> dict[int, float]:
        """How telling units are that are held so often."""
        passages = self._corpus.totals.passages
        return {at: idf(passages, held) for at, (held, _) in holdings.items()}

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
        voices, holding = self._corpus.voices, self._corpus.holding
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
        self, page: Sequence[Place], language: Callable[[Place], str], deadline: Deadline
    ) -> Sequence[float | None]:
        """How much of what is asked for each passage holds with its title and headings.

        Args:
            page: the passages.
            language: gives that of a passage's article, "" where it has none.
            deadline: nothing is known of any when it is over.
        """
        asked = self._plan.asked
        if not page or not asked:
            return [None] * len(page)
        if not self._is_all_held():
            return self._looked_up_coverages(page, language, deadline)
        all_languages = len(self._corpus.languages)
        for _, languages in asked:
            if len(languages) == all_languages:
                return [1.0] * len(page)
        return [_whole_coverage(language(at), asked) for at in page]

    def _looked_up_coverages(
        self, page: Sequence[Place], language: Callable[[Place], str], deadline: Deadline
    ) -> Sequence[float | None]:
        """The same by what each passage holds of what is asked for."""
        asked = self._plan.asked
        if more := [at for units, _ in asked for at in units if at not in self._idfs]:
            held_by = self._held_by(more)
            self._holdings.update(held_by)
            self._idfs.update(self._telling(held_by))
        # The idf of what any of the units is that are asked for as one.
        worths = [min([self._idfs[at] for at in units]) for units, _ in asked]
        docs: dict[int, list[int]] = {}
        for segment, doc in page:
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
        for at in page:
            key = language(at), held[at]
            if key not in known:
                if deadline.is_over():
                    return [None] * len(page)
                known[key] = self._coverage(worths, *key)
            coverages.append(known[key])
        return coverages

    def _is_all_held(self) -> bool:
        """Whether no passage matches without all that is asked for in its own text or field."""
        match = self._plan.match
        each = match.parts if isinstance(match, All) else (match,)
        for units, _ in self._plan.asked:
            for part in each:
                if part in units or (isinstance(part, AnyOf) and set(part.parts).issubset(units)):
                    break
            else:
                return False
        return True

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


def _whole_coverage(language: str, asked: Sequence[Asked]) -> float | None:
    """How much of what is asked for in a language is held where all is; None if nothing is."""
    if not language or any(language in languages for _, languages in asked):
        return 1.0
    return None

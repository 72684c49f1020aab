"""Matching and ranking once more, by trying everything: what the search must agree with.

It is written from the formula in ``search.backends.ranking`` and the README's query language and
shares with the search only the query tree, the constants, and the analysis of texts. There is no
index: every unit of a query is counted in every passage.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from functools import cache, partial
from itertools import pairwise
from math import exp, log, prod
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from indexer.text.analysis import (
    CONTRACTIONS,
    LETTERED,
    STEMMERS,
    SYLLABIC,
    FormKind,
    Need,
    fold,
    has_letters,
    needs,
    occurrences,
    pair_needs,
    stemmer,
    tagged_letters,
    tokenize,
    word_needs,
)
from indexer.text.copies import sketch_of
from indexer.text.stopwords import stop_words
from search.backends.voices import FOREIGN_SHARE, LEAST, SMOOTHING_PASSAGES
from search.plan import EXACT_WEIGHT, LETTERS_WEIGHT, PAIR_WEIGHT, SYLLABLES_WEIGHT
from search.query.spelling import Field
from search.query.tree import (
    And,
    Boost,
    DateRange,
    Everything,
    Fuzzy,
    InArticle,
    Near,
    Not,
    Nothing,
    Or,
    Phrase,
    Prefer,
    Prefix,
    Query,
    Ranked,
    Regex,
    Term,
    Wildcard,
    children_of,
    positive_leaves,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from indexer.model import ArticleRecord
    from indexer.text.analysis import Occurrence
    from search.backends.ranking import RankingSettings
    from tests.passages import SmallArticle

Place: TypeAlias = tuple[str, int]  # article and number
_Worded = Term | Phrase | Prefix | Wildcard | Fuzzy | Regex | Near

Languages: TypeAlias = tuple[str, ...]


#: The languages that are written in each script without spaces, by the names of its characters.
SCRIPTS = {
    re.compile(
        "CJK (UNIFIED|COMPATIBILITY) IDEOGRAPH.*|IDEOGRAPHIC (ITERATION|CLOSING|NUMBER) .*"
    ): {
        "ja",
        "zh",
    },
    re.compile("(HALFWIDTH )?(HIRAGANA|KATAKANA).*"): {"ja"},
    re.compile("HANGUL SYLLABLE.*"): {"ko"},
    re.compile("THAI.*"): {"th"},
}


class Text(NamedTuple):
    """One text as it is searched: (position, form) of each form, and of each stem."""

    forms: tuple[tuple[int, str], ...]
    stems: tuple[tuple[int, str], ...]
    length: int


class Document(NamedTuple):
    """A passage with all that is searched with it."""

    place: Place
    record: ArticleRecord
    body: Text
    headings: tuple[Text, ...]
    title: Text
    author: Text

    def texts(self, field: Field) -> tuple[Text, ...]:
        """The texts that a field names."""
        return {
            Field.TEXT: (self.body,),
            Field.HEADING: self.headings,
            Field.TITLE: (self.title,),
            Field.AUTHOR: (self.author,),
        }[field]


class Asked(NamedTuple):
    """A form or stem, or all that a pattern fits; offset counts from the first of its unit."""

    offset: int
    text: str
    how: str = "form"  # or "prefix", "pattern", "near 1", "near 2", "regex", "stem in en" ...


class Unit(NamedTuple):
    """What is counted as one: sequences, any of which may stand in a field's text.

    Where telling is not empty, those sequences decide how telling the unit is; own units rank by
    the paragraph's own text alone. Where near is not empty, one sequence of each of its sets
    stands there, no further from the others than slop words. Where apart is not empty, it has the
    sequences of each of two words, and the unit is as telling as if those met by chance.
    """

    field: Field
    sequences: frozenset[tuple[Asked, ...]]
    slop: int = 0
    telling: frozenset[tuple[Asked, ...]] = frozenset()
    own: bool = False
    near: tuple[frozenset[tuple[Asked, ...]], ...] = ()
    apart: tuple[frozenset[tuple[Asked, ...]], ...] = ()


class Units(NamedTuple):
    """What a leaf is found by and what it ranks by."""

    found_by: tuple[Unit, ...]
    ranked_by: tuple[Unit, ...]


class Formula:
    """The scores of a unit of weight 1, given how often it occurs where."""

    def __init__(self, documents: Sequence[Document], settings: RankingSettings) -> None:
        self.documents = documents
        self.settings = settings
        self.articles = defaultdict[str, list[Document]](list)
        for d in documents:
            self.articles[d.place[0]].append(d)

    def length(self, d: Document) -> float:
        """The length of a passage with its title and headings."""
        trail = sum(text.length for text in d.headings)
        title = self.settings.title_weight * d.title.length
        return d.body.length + title + self.settings.heading_weight * trail

    def norm(self, d: Document) -> float:
        """What the length of a passage adds to BM25's denominator."""
        mean = sum(map(self.length, self.documents)) / len(self.documents) or 1.0
        b = self.settings.b
        return self.settings.k1 * (1 - b + b * self.length(d) / mean)

    def parts(
        self,
        count: Callable[[Document, Field], int],
        field: Field,
        telling: Callable[[Document, Field], int] | None = None,
        *,
        own: bool = False,
        apart: Sequence[Callable[[Document, Field], int]] = (),
    ) -> tuple[dict[Place, float], dict[str, float]]:
        """What a unit looked up in a field gives by passage, and by article to all of its own.

        Where telling is given, it counts what decides how telling the unit is; apart counts each
        of two words that are taken to meet by chance.
        """
        found = {d.place: count(d, field) for d in self.documents}
        holding = [
            sum(counted(d, field) > 0 for d in self.documents)
            for counted in apart or [telling or count]
        ]
        worth = idf(len(found), len(found) * prod(number / (len(found) or 1) for number in holding))
        if field is not Field.TEXT:
            k1 = self.settings.k1
            return {place: worth * tf / (tf + k1) for place, tf in found.items() if tf}, {}
        passages = {}
        for d in self.documents:
            tf: float = found[d.place]
            if not own:
                tf += self.settings.title_weight * count(d, Field.TITLE)
                tf += self.settings.heading_weight * count(d, Field.HEADING)
            if tf:
                passages[d.place] = worth * tf / (tf + self.norm(d))
        return passages, {} if own else self._of_articles(count, telling or count)

    def _of_articles(
        self,
        count: Callable[[Document, Field], int],
        telling: Callable[[Document, Field], int],
    ) -> dict[str, float]:
        _, _, _, _, share, k1, several_b, single_b, title_weight, _ = self.settings
        tfs, lengths = {}, {}
        holding = 0
        for name, members in self.articles.items():
            first = members[0]
            tfs[name] = sum(count(d, Field.TEXT) for d in members) + title_weight * count(
                first, Field.TITLE
            )
            holding += telling(first, Field.TITLE) > 0 or any(
                telling(d, Field.TEXT) for d in members
            )
            lengths[name] = sum(d.body.length for d in members) + title_weight * first.title.length
        worth = idf(len(tfs), holding)
        mean = sum(lengths.values()) / len(lengths) if lengths else 0.0
        found = {}
        for name, tf in tfs.items():
            b = several_b if len(self.articles[name]) > 1 else single_b
            if tf:
                found[name] = share * worth * tf / (tf + k1 * (1 - b + b * lengths[name] / mean))
        return found

    def factors(
        self,
        words: Iterable[tuple[Iterable[tuple[str, str]], Sequence[str]]],
        scripts: Iterable[Collection[str]],
    ) -> dict[str, float]:
        """What the scores of each language are multiplied by.

        Args:
            words: of each word of the query, its stem in each language: (language, stem as texts
                have it); and the languages where it is a stop word.
            scripts: of each script of the query, the languages that are written in it.
        """
        sizes = defaultdict[str, int](int)
        for d in self.documents:
            if d.record.language:
                sizes[d.record.language] += 1
        likely = dict.fromkeys(sizes, 0.0)
        uses: list[tuple[dict[str, int], Sequence[str]]] = []
        for stems, stops in words:
            holding = {
                language: sum(any(form == stem for _, form in d.body.stems) for d in self.documents)
                for language, stem in stems
            }
            uses.append((holding, stops))
        uses += [
            ({one: sizes[one] for one in sizes if one in told}, sorted(told)) for told in scripts
        ]
        for holding, stops in uses:
            usual = sum(holding.values()) / sum(sizes.values())
            for language, size in sizes.items() if usual else ():
                smooth = SMOOTHING_PASSAGES * usual
                if stops and language not in stops:
                    smooth *= FOREIGN_SHARE
                found = holding.get(language, 0) + smooth
                likely[language] += log(found / (size + SMOOTHING_PASSAGES))
        best = max(likely.values(), default=0.0)
        return {one: LEAST + (1 - LEAST) * exp(value - best) for one, value in likely.items()}


class Oracle:
    """All passages of some articles, to be ranked for queries."""

    def __init__(self, articles: Iterable[SmallArticle], settings: RankingSettings) -> None:
        self.settings = settings
        self.documents = [document for small in articles for document in documents_of(small)]
        self.formula = Formula(self.documents, settings)
        self.languages: Languages = tuple(
            sorted({document.record.language for document in self.documents})
        ) or ("",)
        self.lettered: set[str] = set()
        # By the id of a leaf, what it is found by solid with the words beside it.
        self.solid = defaultdict[int, list[str]](list)

    def scores(self, query: Query) -> dict[Place, float]:
        """The score of every passage that matches."""
        typed = [leaf.text for leaf in positive_leaves(query) if isinstance(leaf, Term)]
        self.lettered = {
            language
            for language in LETTERED.intersection(self.languages)
            if any(has_letters(text, language) for text in typed)
        }
        self.solid.clear()
        self.read_solid(query)
        found = [document for document in self.documents if self.matches(query, document)]
        scores = {document.place: 0.0 for document in found}
        boosts = defaultdict[Unit, list[float]](list)
        for unit, boost in self.ranked_by(query, 1.0):
            boosts[unit].append(boost)
        k3 = self.settings.k3
        for unit, factors in boosts.items() if found else ():
            weight = sum(factors) * (k3 + 1) / (k3 + len(factors))
            for place, score in self.unit_scores(unit).items():
                if place in scores:
                    scores[place] += weight * score
        if len(self.languages) > 1:
            shares = self.formula.factors(self.spoken(query), self.scripts(query))
            for document in found:
                scores[document.place] *= shares.get(document.record.language, 1.0)
        return scores

    def read_solid(self, query: Query) -> None:
        """Find the words that stand beside a number, as in RFC 2119."""
        inner = [*getattr(query, "children", ())]
        for pair in pairwise(inner) if isinstance(query, And | Ranked) else ():
            both = [[need.text for need in self.plain_words(one)] for one in pair]
            solid = Need(0, "".join(map("".join, both)), FormKind.WORD)
            apart = [[[need.text] for need in one] for one in other_spellings((solid,))]
            if apart == [both]:
                for one in pair:
                    self.solid[id(one)].append(solid.text)
        inner += [getattr(query, name) for name in ("child", "required") if hasattr(query, name)]
        for part in (*inner, *getattr(query, "optional", ())):
            self.read_solid(part)

    def spoken(self, query: Query) -> Iterator[tuple[list[tuple[str, str]], list[str]]]:
        """Yield, of each word of a query's text leaves, its stems and where it is a stop word."""
        for leaf in positive_leaves(query):
            if isinstance(leaf, Term | Phrase) and leaf.field is Field.TEXT:
                for need in word_needs(leaf.text, self.languages):
                    if need.kind is FormKind.WORD:
                        yield (
                            [
                                (language, f"{language} {stemmer(language)(need.text)}")
                                for language in self.languages
                            ],
                            [one for one in self.languages if is_stop_word(need.text, one)],
                        )

    def scripts(self, query: Query) -> Iterator[set[str]]:
        """Yield the languages that are written in each of the scripts of a query."""
        texts = [
            leaf.text
            for leaf in positive_leaves(query)
            if isinstance(leaf, Term | Phrase) and leaf.field is Field.TEXT
        ]
        names = [unicodedata.name(char, "") for text in texts for char in text]
        for told, languages in SCRIPTS.items():
            if any(told.fullmatch(name) for name in names):
                yield languages

    def unit_scores(self, unit: Unit) -> dict[Place, float]:
        """What a unit of weight 1 gives to each passage."""
        telling = unit._replace(sequences=unit.telling or unit.sequences)
        own, of_article = self.formula.parts(
            partial(self.count, unit),
            unit.field,
            partial(self.count, telling),
            own=unit.own,
            apart=[partial(self.count, unit._replace(sequences=one)) for one in unit.apart],
        )
        return {
            d.place: own.get(d.place, 0.0) + of_article.get(d.place[0], 0.0) for d in self.documents
        }

    @staticmethod
    def count(unit: Unit, document: Document, field: Field) -> int:
        """How often a unit occurs in a field of a passage or its article."""
        if unit.near:
            return sum(
                gathers(
                    [
                        [
                            (sequence[-1].offset, [(a.offset, standing(text, a)) for a in sequence])
                            for sequence in sequences
                        ]
                        for sequences in unit.near
                    ],
                    unit.slop,
                )
                for text in document.texts(field)
            )
        return sum(
            len(starts(text, sequence, unit.slop))
            for text in document.texts(field)
            for sequence in unit.sequences
        )

    # The query

    def matches(
        self, query: Query, document: Document, languages: Languages | None = None
    ) -> bool | None:
        """Whether a passage is found; None where the query asks for nothing."""
        match query:
            case Nothing():
                return None
            case Everything():
                return True
            case And(children):
                return together(all, [self.matches(child, document) for child in children])
            case Or(children):
                return together(any, [self.matches(child, document) for child in children])
            case Not(child):
                found = self.matches(child, document)
                return None if found is None else not found
            case Boost(child):
                return self.matches(child, document)
            case InArticle(children):
                return self.matches_in_article(children, document)
            case Ranked(children):
                words = [self.matches(word, document, spoken) for word, spoken in self.kept(query)]
                beside = self.filters_match(children, document)
                return together(all, [together(any, words), beside])
            case Prefer(required, optional):
                beside = self.filters_match(optional, document)
                return together(all, [self.matches(required, document), beside])
        if is_about_article(query):
            return article_fits(query, document.record)
        units = self.units(query, languages or self.languages).found_by
        return any(self.count(unit, document, unit.field) for unit in units) if units else None

    def matches_in_article(self, children: Sequence[Query], document: Document) -> bool | None:
        """Whether any part is found here and all are in the article, the negated ones nowhere."""
        wanted = [child for child in children if not isinstance(child, Not)]
        unwanted = [child.child for child in children if isinstance(child, Not)]
        here = together(any, [self.matches(child, document) for child in wanted])
        there = [self.is_in_article(child, document) for child in wanted]
        nowhere = [self.is_in_article(child, document) for child in unwanted]
        known = [one for one in there if one is not None]
        without = together(all, [one if one is None else not one for one in nowhere])
        return together(all, [here, together(all, known if len(known) > 1 else []), without])

    def is_in_article(
        self, query: Query, document: Document, languages: Languages | None = None
    ) -> bool | None:
        """Whether a passage of the same article is found, or its title has what a leaf asks for."""
        while isinstance(query, Boost):
            query = query.child
        if isinstance(query, Or):
            return together(any, [self.is_in_article(one, document) for one in query.children])
        if isinstance(query, Ranked) and not any(map(is_filter, query.children)):
            words = [self.is_in_article(one, document, own) for one, own in self.kept(query)]
            return together(any, words)
        members = self.formula.articles[document.place[0]]
        found = together(any, [self.matches(query, one, languages) for one in members])
        if found is not False or not isinstance(query, _Worded) or is_about_article(query):
            return found
        return any(
            self.count(unit, document, Field.TITLE)
            for unit in self.units(query, languages or self.languages).found_by
            if unit.field is Field.TEXT and not unit.own
        )

    def filters_match(self, children: Sequence[Query], document: Document) -> bool | None:
        """Whether filters let a passage pass: of each field one, and every group."""
        by_field = defaultdict[object, list[bool | None]](list)
        for place, child in enumerate(children):
            if is_filter(child):
                field: object = type(child) if _is_closed_range(child) else place
                field = getattr(child, "field", field)
                if field is Field.WHERE:
                    field = str(child).split("=", maxsplit=1)[0]
                by_field[field].append(self.matches(child, document))
        return together(all, [together(any, found) for found in by_field.values()])

    def ranked_by(
        self, query: Query, boost: float, languages: Languages | None = None
    ) -> Iterator[tuple[Unit, float]]:
        """Yield each unit that adds to scores, for each time it stands in the query."""
        match query:
            case Not() | Nothing() | Everything():
                return
            case Boost(child, factor):
                yield from self.ranked_by(child, boost * factor)
            case Ranked():
                for child, spoken in self.kept(query):
                    yield from self.ranked_by(child, boost, spoken)
                yield from self.neighbours(query, boost)
            case Prefer(required, optional):
                for child in [required, *(one for one in optional if not is_filter(one))]:
                    yield from self.ranked_by(child, boost)
            case And(children) | Or(children) | InArticle(children):
                for child in children:
                    yield from self.ranked_by(child, boost)
                if not isinstance(query, Or):
                    yield from self.neighbours(query, boost)
            case _ if not is_about_article(query):
                spoken = languages or self.languages
                for unit in self.units(query, spoken).ranked_by:
                    yield unit, boost
                yield from self.as_typed(query, boost, spoken)

    def neighbours(
        self, query: Ranked | And | InArticle, boost: float
    ) -> Iterator[tuple[Unit, float]]:
        """Yield each two plain words of a query that stand side by side, as they would in a text.

        Only in the languages in which both are asked for.
        """
        kept = list(self.kept(query)) if isinstance(query, Ranked) else []
        for one, other in pairwise(query.children):
            both = [self.plain_words(one), self.plain_words(other)]
            if any(len(words) != 1 for words in both):
                continue
            languages = tuple(
                language
                for language in self.languages
                if not isinstance(query, Ranked)
                or all(
                    any(word is child and language in spoken for word, spoken in kept)
                    for child in (one, other)
                )
            )
            typed = [words[0].typed for words in both]
            syllabic = {
                language
                for language in SYLLABIC
                if self.languages == (language,)
                or any(has_letters(text, language) for text in typed)
            }
            for share, among in (
                (PAIR_WEIGHT, tuple(one for one in languages if one not in syllabic)),
                (SYLLABLES_WEIGHT, tuple(one for one in languages if one in syllabic)),
            ):
                if among:
                    wanted = tuple(words[0]._replace(offset=at) for at, words in enumerate(both))
                    unit = in_languages(wanted, Field.TEXT, among)
                    each = tuple(
                        in_languages((words[0],), Field.TEXT, among).sequences for words in both
                    )
                    yield unit._replace(own=True, apart=each), boost * share

    def plain_words(self, query: Query) -> list[Need]:
        """The words that a plain word of a text is read as, if they all have stems."""
        if not isinstance(query, Term) or query.field is not Field.TEXT:
            return []
        wanted = word_needs(query.text, self.languages)
        return list(wanted) if all(need.kind is FormKind.WORD for need in wanted) else []

    def as_typed(
        self, leaf: Query, boost: float, languages: Languages
    ) -> Iterator[tuple[Unit, float]]:
        """Yield what a plain word ranks by beside its stem: its own form, its accents."""
        if not isinstance(leaf, Term) or leaf.field is not Field.TEXT:
            return
        wanted = word_needs(leaf.text, self.languages)
        runs = [(need,) for need in pair_needs(leaf.text)] if is_long(wanted) else [wanted]
        for run in runs:
            if len(run) != 1 or run[0].kind is not FormKind.WORD:
                continue
            exact = Asked(0, run[0].text)
            sequences: frozenset[tuple[Asked, ...]] = frozenset({(exact,)})
            if set(languages) != set(self.languages):
                stems = in_languages(run, Field.TEXT, languages).sequences
                sequences = frozenset((*stem, exact) for stem in stems)
            without_stems = LETTERED - STEMMERS.keys()
            if not self.lettered.intersection(without_stems).issuperset(languages):
                yield Unit(Field.TEXT, sequences, own=True), boost * EXACT_WEIGHT
            letters = [
                (Asked(0, run[0].typed, f"letters in {language}"),)
                for language in languages
                if language in self.lettered
            ]
            if letters:
                others = tuple(one for one in self.languages if one not in self.lettered)
                telling = in_languages(run, Field.TEXT, others).sequences
                unit = Unit(Field.TEXT, frozenset(letters))
                if others:
                    unit = unit._replace(telling=unit.sequences | telling)
                yield unit, boost * LETTERS_WEIGHT

    def kept(self, query: Ranked) -> Iterator[tuple[Query, Languages]]:
        """Yield the words of ranked ones, each with the languages in which it is asked for.

        In a language where it is a stop word it is not, unless all are.
        """
        words = [child for child in query.children if not is_filter(child)]
        for word in words:
            spoken = tuple(
                language
                for language in self.languages
                if not self.is_stop(word, language)
                or all(self.is_stop(other, language) for other in words)
            )
            if spoken:
                yield word, spoken

    def is_stop(self, word: Query, language: str) -> bool:
        """Whether a word is a stop word; what has no stem is in any language if it is in one."""
        if not isinstance(word, Term) or word.field is not Field.TEXT:
            return False
        wanted = word_needs(word.text, self.languages)
        if len(wanted) != 1:
            return False
        stemmed = wanted[0].kind is FormKind.WORD
        return any(
            is_stop_word(wanted[0].text, one) for one in ([language] if stemmed else self.languages)
        )

    def units(self, leaf: Query, languages: Languages) -> Units:
        """What a leaf asks for."""
        match leaf:
            case Term(text, field):
                wanted = word_needs(text, self.languages)
                runs = [(need,) for need in pair_needs(text)] if is_long(wanted) else [wanted]
                solid_with = self.solid[id(leaf)]
                both = [self.word_units(run, field, languages, solid_with) for run in runs if run]
                return Units(
                    tuple(unit for units in both for unit in units.found_by),
                    tuple(unit for units in both for unit in units.ranked_by),
                )
            case Near(children, words):
                parts = [(child, self.near_part(child)) for child in children]
                kept = [(child, part) for child, part in parts if part]
                if len(kept) < 2:
                    return self.units(kept[0][0], languages) if kept else Units((), ())
                first = kept[0][0]
                assert isinstance(first, _Worded)
                assert not isinstance(first, Near)
                whole = unit_of(first.field, frozenset(), words)
                whole = whole._replace(near=tuple(part for _, part in kept))
                return Units((whole,), (whole,))
            case Phrase(text, slop, field):
                return one_unit(exactly(needs(text)), field, slop)
            case Fuzzy(text, distance, field):
                return one_unit(with_last(exactly(needs(text)), f"near {distance}"), field)
            case Prefix(text, field):
                return one_unit(prefix(text), field)
            case Wildcard(pattern, field):
                return one_unit(wildcard(pattern), field)
            case Regex(pattern, field):
                return one_unit((Asked(0, fold(pattern), "regex"),), field)
        raise AssertionError(leaf)

    def near_part(self, leaf: Query) -> frozenset[tuple[Asked, ...]]:
        """The sequences of a leaf that is to be near others."""
        if isinstance(leaf, Term):
            wanted = word_needs(leaf.text, self.languages)
            spelt = [wanted, *other_spellings(wanted)] if wanted else []
            return frozenset().union(
                *(in_languages(one, leaf.field, self.languages).sequences for one in spelt)
            )
        found = self.units(leaf, self.languages).found_by
        return found[0].sequences if found else frozenset()

    def word_units(
        self,
        wanted: tuple[Need, ...],
        field: Field,
        languages: Languages,
        solid_with: Iterable[str],
    ) -> Units:
        """A word that reads as several is found as they stand or solid, and ranks by parts.

        One that has a number beside it is found solid with that as well.
        """

        def unit(needed: tuple[Need, ...], spoken: Languages = languages) -> Unit:
            made = in_languages(needed, field, spoken)
            if set(spoken) == set(self.languages):
                return made
            return made._replace(telling=in_languages(needed, field, self.languages).sequences)

        whole = unit(wanted)
        words = [need for need in wanted if need.kind is FormKind.WORD]
        if len(words) == len(wanted) == 1:
            solids = [(wanted[0]._replace(text=text),) for text in dict.fromkeys(solid_with)]
            also = [
                in_languages(one, field, languages) for one in (*other_spellings(wanted), *solids)
            ]
            if also:
                return Units((whole, *also), (whole, *also))
        if len(wanted) == 1 or len(words) < len(wanted) or field is Field.AUTHOR:
            return Units((whole,), (whole,))
        ranked = [
            unit((need._replace(offset=0),), spoken)
            for need in wanted
            if (spoken := tuple(one for one in languages if not is_stop_word(need.text, one)))
        ]
        texts = [need.text for need in wanted]
        if any(re.search(r"\d \d", f"{one} {two}") for one, two in pairwise(texts)):
            return Units((whole,), tuple(ranked))
        solid = unit((wanted[0]._replace(offset=0, text="".join(texts)),))
        return Units((whole, solid), (solid, *ranked))


def idf(total: int, holding: float) -> float:
    return log(1 + (total - holding + 0.5) / (holding + 0.5))


def together(how: Callable[[Iterable[bool]], bool], found: Iterable[bool | None]) -> bool | None:
    """Combine parts; those that ask for nothing are left out."""
    known = [one for one in found if one is not None]
    return how(known) if known else None


def is_stop_word(word: str, language: str) -> bool:
    stops = stop_words(language)
    base, _, ending = word.partition("'")
    if ending not in CONTRACTIONS:
        return word in stops
    return base in stops or (ending == "t" and base.removesuffix("n") in stops)


# Texts


class CopyOracle:
    """Which of some texts are copies; see ``text.copies`` and ``search.backends.copies``."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts

    def of(self, at: int) -> list[int]:
        """The copies of a text that are found: they are some, and share a key that tells enough."""
        own = self.texts[at]
        others = [other for other in range(len(self.texts)) if other != at]
        shared = {other: keys_of(own) & keys_of(self.texts[other]) for other in others}
        holding = {
            key: {words_in_order(self.texts[one]) for one in others if key in shared[one]}
            for key in keys_of(own)
        }
        return [
            other
            for other in others
            if self.is_copy(own, self.texts[other])
            and (
                words_in_order(own) == words_in_order(self.texts[other])
                or len(shared[other]) > 1
                or any(len(holding[key]) <= 8 for key in shared[other])
            )
        ]

    @staticmethod
    def is_copy(one: str, other: str) -> bool:
        words, others = words_in_order(one), words_in_order(other)
        if words == others:
            return len(words) > 0
        fewer, more = sorted((len(words), len(others)))
        least, most = sorted(sum(t.shape.width for t in tokenize(text)) for text in (one, other))
        if fewer < 10 or 2 * fewer < more or 2 * least < most:
            return False
        pairs, other_pairs = set(pairwise(words)), set(pairwise(others))
        share = (3, 5) if fewer < 20 else (1, 2)
        return share[1] * len(pairs & other_pairs) >= share[0] * len(pairs | other_pairs)


@cache
def keys_of(text: str) -> frozenset[int]:
    return frozenset(sketch_of(text)[1:]) - {0}


@cache
def words_in_order(text: str) -> tuple[str, ...]:
    """The words of a text and the pairs of characters, token by token."""
    return tuple(
        form.text
        for token in tokenize(text)
        for kind in (FormKind.WORD, FormKind.PAIR)
        for form in token.shape.forms
        if form.kind is kind
    )


def documents_of(small: SmallArticle) -> list[Document]:
    record = small.record
    return [
        Document(
            (record.article_id, paragraph.number),
            record,
            read(paragraph.text, record.language),
            tuple(read(heading, record.language) for heading in paragraph.headings),
            read(record.title, record.language),
            read(record.author, record.language),
        )
        for paragraph in small.paragraphs()
    ]


def read(text: str, language: str) -> Text:
    stem = stemmer(language)
    found = list(occurrences(text))
    return Text(
        tuple((form.position, form.text) for form in found if form.kind is not FormKind.PAIR),
        tuple(
            (form.position, spelt)
            for form in found
            for spelt in stems(form, text[form.start : form.end], language, stem)
        ),
        sum(token.shape.width for token in tokenize(text)),
    )


def stems(form: Occurrence, typed: str, language: str, stem: Callable[[str], str]) -> Iterator[str]:
    """Yield each stem of a form as it stands in a text."""
    if form.kind is FormKind.WORD:
        yield f"{language} {stem(form.text)}"
        if language in LETTERED:
            yield tagged_letters(typed, language).replace(":", " ", 1)
    elif form.kind is FormKind.PAIR:
        yield f"* {form.text}"


def starts(text: Text, sequence: tuple[Asked, ...], slop: int) -> list[int]:
    """Where a sequence begins in a text; a single pattern begins with each form it fits."""
    return begins([(asked.offset, standing(text, asked)) for asked in sequence], slop)


def begins(elements: Sequence[tuple[int, list[int]]], slop: int) -> list[int]:
    """Where elements, each with its offset and the places it stands at, begin to follow."""
    if len(elements) == 1:
        return elements[0][1]
    offsets = sorted({offset for offset, _ in elements})
    stands = [
        set.intersection(*(set(places) for other, places in elements if other == offset))
        for offset in offsets
    ]

    def can_follow(index: int, position: int, left: int) -> bool:
        if index == len(offsets):
            return True
        nearest = position + offsets[index] - offsets[index - 1]
        return any(
            nearest + gap in stands[index] and can_follow(index + 1, nearest + gap, left - gap)
            for gap in range(left + 1)
        )

    return [start for start in sorted(stands[0]) if can_follow(1, start, slop)]


def gathers(parts: Sequence[Sequence[tuple[int, list[tuple[int, list[int]]]]]], words: int) -> int:
    """How often parts stand near each other, given the width and elements of their sequences."""
    stands = [
        {(first, first + last) for last, elements in part for first in begins(elements, 0)}
        for part in parts
    ]
    taken = sum(max(last for last, _ in part) + 1 for part in parts)
    found = 0
    for start in {first for own in stands for first, _ in own}:
        ends = [
            min((last for first, last in own if first >= start), default=None) for own in stands
        ]
        known = [end for end in ends if end is not None]
        found += len(known) == len(ends) and max(known) - start + 1 - taken <= words
    return found


def standing(text: Text, asked: Asked) -> list[int]:
    if asked.how.startswith("stem in "):
        wanted = f"{asked.how.removeprefix('stem in ')} {asked.text}"
        return [position for position, stem in text.stems if stem == wanted]
    if asked.how.startswith("letters in "):
        language = asked.how.removeprefix("letters in ")
        wanted = tagged_letters(asked.text, language).replace(":", " ", 1)
        return [position for position, stem in text.stems if stem == wanted]
    return [position for position, form in text.forms if fits(form, asked)]


def fits(form: str, asked: Asked) -> bool:
    match asked.how:
        case "form":
            return form == asked.text
        case "prefix":
            return form.startswith(asked.text)
        case "pattern":
            return fits_pattern(form, asked.text)
        case "regex":
            return re.fullmatch(asked.text, form, re.IGNORECASE) is not None
        case _:
            return edits(form, asked.text) <= int(asked.how.removeprefix("near "))


def fits_pattern(form: str, pattern: str) -> bool:
    """Whether a form is what * (any characters) and ? (any one) stand for."""
    if not pattern:
        return not form
    if pattern[0] == "*":
        return any(fits_pattern(form[cut:], pattern[1:]) for cut in range(len(form) + 1))
    return form != "" and pattern[0] in {"?", form[0]} and fits_pattern(form[1:], pattern[1:])


@cache
def edits(one: str, other: str) -> int:
    """How many letters must be put in, left out, changed or swapped with their neighbour.

    No letter of one is edited twice.
    """
    if not one or not other:
        return len(one) + len(other)
    if one[0] == other[0]:
        return edits(one[1:], other[1:])
    found = [edits(one[1:], other), edits(one, other[1:]), edits(one[1:], other[1:])]
    if len(one) > 1 and one[:2] == other[1::-1]:
        found.append(edits(one[2:], other[2:]))
    return 1 + min(found)


# Words


def other_spellings(wanted: tuple[Need, ...]) -> Iterator[tuple[Need, ...]]:
    """How a word is written that reads as several, or as one: solid, or its number apart."""
    texts = [need.text for need in wanted]
    if any(need.kind is not FormKind.WORD for need in wanted):
        return
    if len(texts) > 1:
        if not re.search(r"\d \d", " ".join(texts)):
            yield (wanted[0]._replace(offset=0, text="".join(texts)),)
        return
    apart = re.fullmatch(r"([^\W\d_]+?)(\d+)", texts[0])
    if apart and len(texts[0]) > 2 and (len(apart[1]) > 1 or len(apart[2]) > 2):
        yield tuple(wanted[0]._replace(offset=at, text=apart[at + 1]) for at in (0, 1))


def in_languages(wanted: tuple[Need, ...], field: Field, languages: Languages) -> Unit:
    """Words by their stems in any of the languages, all else as it stands."""

    def asked(need: Need, language: str) -> Asked:
        if need.kind is FormKind.PAIR:
            return Asked(need.offset, need.text, "stem in *")
        if need.kind is FormKind.WORD and field is not Field.AUTHOR:
            return Asked(need.offset, stemmer(language)(need.text), f"stem in {language}")
        return Asked(need.offset, need.text)

    sequences = frozenset(tuple(asked(n, lang) for n in wanted) for lang in languages)
    return unit_of(field, sequences)


def unit_of(field: Field, sequences: frozenset[tuple[Asked, ...]], slop: int = 0) -> Unit:
    """A unit of a field as queries name it."""
    if field is Field.OWN:
        return Unit(Field.TEXT, sequences, slop, own=True)
    return Unit(field, sequences, slop)


def is_long(wanted: tuple[Need, ...]) -> bool:
    """Whether a run of characters is more than a word."""
    characters = "".join(need.text for need in wanted if need.kind is FormKind.CHARACTER)
    count = sum(need.kind is FormKind.CHARACTER for need in wanted)
    return count > (4 if re.search(r"[\u3040-\u309f\u4e00-\u9fff]", characters) else 12)


def one_unit(sequence: tuple[Asked, ...], field: Field, slop: int = 0) -> Units:
    if not sequence:
        return Units((), ())
    unit = unit_of(field, frozenset({sequence}), slop)
    return Units((unit,), (unit,))


def exactly(wanted: Iterable[Need]) -> tuple[Asked, ...]:
    return tuple(Asked(need.offset, need.text) for need in wanted)


def with_last(sequence: tuple[Asked, ...], how: str) -> tuple[Asked, ...]:
    return (*sequence[:-1], *(asked._replace(how=how) for asked in sequence[-1:]))


def prefix(text: str) -> tuple[Asked, ...]:
    """The forms of any word that begins so: those of the word with a letter more, less that one."""
    *before, last = exactly(needs(text + "ꀀ"))
    if last.text == "ꀀ":
        return with_last(exactly(needs(text)), "prefix")
    return with_last((*before, last._replace(text=last.text.removesuffix("ꀀ"))), "prefix")


def wildcard(pattern: str) -> tuple[Asked, ...]:
    """The forms of a word with letters for the wildcards, which then are wildcards again.

    One alone between characters of a text without spaces only takes a place.
    """
    wanted = needs(pattern.replace("*", "ꀀ").replace("?", "ꀁ"))
    sequence = []
    for place, need in enumerate(wanted):
        text = need.text.replace("ꀀ", "*").replace("ꀁ", "?")
        if not text.strip("*?") and 0 < place < len(wanted) - 1:
            around = {wanted[place - 1].kind, wanted[place + 1].kind}
            if around == {FormKind.CHARACTER}:
                continue
        how = "form" if text == need.text else "pattern"
        sequence.append(Asked(need.offset, text, how))
    return tuple(sequence)


# Articles


def is_filter(query: Query) -> bool:
    """Whether a part speaks of whole articles only and so restricts the words beside it."""
    children = children_of(query)
    if children:
        return all(map(is_filter, children))
    return is_about_article(query) or getattr(query, "field", None) is Field.AUTHOR


def is_about_article(query: Query) -> bool:
    """Whether a leaf is looked up in what an article says of itself, without a score."""
    field = getattr(query, "field", None)
    return isinstance(query, DateRange) or field in {
        *(Field.ARTICLE, Field.SOURCE, Field.LANG, Field.WHERE)
    }


def article_fits(leaf: Query, record: ArticleRecord) -> bool:
    match leaf:
        case DateRange(first, last):
            day = record.published
            return day is not None and (first or day) <= day <= (last or day)
        case Term(text, Field.ARTICLE):
            return record.article_id == text
        case Wildcard(pattern, Field.ARTICLE):
            return fits_pattern(record.article_id, pattern)
        case Term(text, Field.SOURCE) | Wildcard(text, Field.SOURCE):
            return source_fits(text.strip("/"), record, isinstance(leaf, Wildcard))
        case Term(text, Field.WHERE) | Wildcard(text, Field.WHERE):
            return value_fits(text, record, isinstance(leaf, Wildcard))
        case Term(text) | Phrase(text) | Fuzzy(text):
            return record.language == text.lower()
        case Prefix(text):
            return record.language.startswith(text.lower())
        case Wildcard(pattern):
            return fits_pattern(record.language, pattern.lower())
        case Regex(pattern):
            return re.fullmatch(pattern, record.language, re.IGNORECASE) is not None
    raise AssertionError(leaf)


def value_fits(wanted: str, record: ArticleRecord, is_pattern: bool) -> bool:  # noqa: FBT001
    """Whether a value of a field is the one wanted, in whatever case it is written."""
    field, value = wanted.split("=", 1)
    given = [*record.extra, ("author", record.author), ("site", record.site)]
    own = [fold(one) for name, one in given if name == field.lower() and one]
    return any(fits_pattern(one, fold(value)) if is_pattern else one == fold(value) for one in own)


def source_fits(wanted: str, record: ArticleRecord, is_pattern: bool) -> bool:  # noqa: FBT001
    """Whether a run of components of the path or address is the one wanted."""
    for components in (record.origin.split("/"), record.url.split("/")):
        for first in range(len(components)):
            for last in range(first + 1, len(components) + 1):
                run = "/".join(components[first:last])
                if fits_pattern(run, wanted) if is_pattern else run == wanted:
                    return True
    return False


def _is_closed_range(query: Query) -> bool:
    return isinstance(query, DateRange) and query.first is not None and query.last is not None

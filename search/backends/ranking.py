"""Occurrence counts -> scores: BM25 of the paragraph in its context, plus a share of its article's.

    score      = sum over units u of  w(u) x [ passage(u) + share x article(u) ]
    passage(u) = idf(N, n) x tf / (tf + k1 x (1 - b + b x L / mean L))
    tf, L      = of the paragraph + title_weight x of the title + heading_weight x of the headings
    article(u) = the same over whole articles: their N, n, k1, b; tf and L summed from the
                 paragraphs + article_title_weight x of the title; where an article is one
                 paragraph its length has counted before, and b is single_b
    idf(N, n)  = ln(1 + (N - n + 0.5) / (n + 0.5))
    w(u)       = boost x (k3 + 1) x r / (k3 + r),  r = times the unit stands in the query

n counts the live passages whose own text holds the unit (the live articles whose title or text
does) out of N, and lengths are exact, so a score depends on what the index holds and not on how
it is stored. Units of a named field (title:x) have no length and no article: b = 0, share = 0.
Words side by side have the part of the passage alone, of its own text, and n is what it would be if
the n1 and n2 passages of each word met by chance: n1 x n2 / N.

Sources: BM25 with k3, Robertson & Zaragoza 2009; idf as in Lucene. The constants were chosen once
for all collections; the README tells how they were measured.
"""

from __future__ import annotations

from functools import lru_cache
from math import log
from typing import TYPE_CHECKING, Any, TypeAlias

from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from indexer.storage.segment import SegmentView

# Most queries weight their units alike.
_MOST_WEIGHTS = 256

Counts: TypeAlias = "Mapping[int, float]"


class RankingSettings(NamedTuple):
    """The constants of the formula."""

    k1: float = 1.2
    b: float = 0.4
    title_weight: float = 2.0
    heading_weight: float = 1.0
    article_share: float = 2.0
    article_k1: float = 2.0
    article_b: float = 0.9
    single_b: float = 0.89
    article_title_weight: float = 3.0
    k3: float = 8.0


DEFAULT_RANKING = RankingSettings()


def idf(total: int, holding: float) -> float:
    """How telling a unit is that holding out of total passages have; above 0.

    >>> round(idf(1000, 10), 3)
    4.557
    """
    return log(1 + (total - holding + 0.5) / (holding + 0.5))


def met_by_chance(total: int, holding: Iterable[int]) -> float:
    """How many of total passages hold all words, if each is in so many whatever the others do.

    >>> met_by_chance(1000, [100, 20])
    2.0
    """
    met = float(total)
    for number in holding:
        met *= number / (total or 1)
    return met


@lru_cache(_MOST_WEIGHTS)
def query_weight(boosts: tuple[float, ...], k3: float) -> float:
    """What a unit counts that stands in the query once for each of the boosts.

    >>> query_weight((1.0,), 8.0), query_weight((1.0, 1.0), 8.0), query_weight((3.0,), 8.0)
    (1.0, 1.8, 3.0)
    """
    total = 0.0
    for boost in boosts:  # as C adds them: sum() of later Pythons rounds otherwise
        total += boost
    return total * (k3 + 1) / (k3 + len(boosts))


class UnitCounts(NamedTuple):
    """Where one unit occurs in one segment, by document number.

    Attributes:
        body: occurrences in paragraphs' own text (or in the field that was named).
        headings: occurrences in paragraphs' heading trails.
        titles: occurrences in titles, by article record.
        articles: occurrences in whole articles by record, titles weighted in; empty for a unit
            of a named field.
        in_text: whether it was looked up in the text.

    What counts are is up to the kernels; the functions below take mappings.
    """

    body: Any
    headings: Any
    titles: Any
    articles: Any
    in_text: bool


class Lengths(NamedTuple):
    """Lengths of one segment in positions; parents gives the article record of each paragraph.

    Attributes:
        body, headings: by paragraph.
        titles, articles: by article record; articles without titles.
    """

    body: Sequence[int]
    headings: Sequence[int]
    titles: Sequence[int]
    articles: Sequence[int]
    parents: Sequence[int]


def lengths_of(segment: SegmentView) -> Lengths:
    """The lengths of a segment that ranking needs."""
    return Lengths(
        body=segment.lengths("body"),
        headings=segment.lengths("headings"),
        titles=segment.lengths("title"),
        articles=segment.lengths("article"),
        parents=segment.parents,
    )


class Totals(NamedTuple):
    """Sums over the live documents of the whole index, lengths in positions."""

    passages: int
    articles: int
    body: int
    headings: int
    titles_by_passage: int
    titles_by_article: int


class UnitWeight(NamedTuple):
    """What one unit is worth before saturation: its weight in the query times its idf."""

    passage: float
    article: float


#: What units are worth by their places in a plan: those that are counted everywhere, and those
#: beside them that are counted in the best passages; how telling they are among passages; and how
#: many passages and articles hold those of which that is counted.
Worths: TypeAlias = (
    "tuple[dict[int, UnitWeight], dict[int, UnitWeight], dict[int, float],"
    " dict[int, tuple[int, int]]]"
)


class Slopes(NamedTuple):
    """How denominators' addends grow with lengths: of passages, and of articles.

    single_flat and single_slope are of articles of one paragraph.
    """

    flat: float
    slope: float
    article_flat: float
    article_slope: float
    single_flat: float
    single_slope: float


class Norms(NamedTuple):
    """The addends of BM25's denominators in one segment: by paragraph, and by article record."""

    passages: Mapping[int, float]
    articles: Mapping[int, float]


def article_counts(
    body: Counts, titles: Counts, parents: Sequence[int], settings: RankingSettings
) -> dict[int, float]:
    """Occurrences in whole articles by record, titles weighted in."""
    totals: dict[int, float] = {
        record: settings.article_title_weight * number for record, number in titles.items()
    }
    for doc, number in body.items():
        parent = parents[doc]
        totals[parent] = totals.get(parent, 0) + number
    return totals


def slopes(totals: Totals, settings: RankingSettings) -> Slopes:
    """The part of the addends that is the same for every length, and that of each position."""
    mean = (
        totals.body
        + settings.title_weight * totals.titles_by_passage
        + settings.heading_weight * totals.headings
    ) / (totals.passages or 1) or 1.0
    article_mean = (totals.body + settings.article_title_weight * totals.titles_by_article) / (
        totals.articles or 1
    ) or 1.0
    return Slopes(
        settings.k1 * (1 - settings.b),
        settings.k1 * settings.b / mean,
        settings.article_k1 * (1 - settings.article_b),
        settings.article_k1 * settings.article_b / article_mean,
        settings.article_k1 * (1 - settings.single_b),
        settings.article_k1 * settings.single_b / article_mean,
    )


def norms(
    docs: Iterable[int], lengths: Lengths, totals: Totals, settings: RankingSettings
) -> Norms:
    """The denominators' addends for some paragraphs of a segment and their articles."""
    body, headings, titles, articles, parents = lengths
    title_weight, heading_weight = settings.title_weight, settings.heading_weight
    article_title_weight, end = settings.article_title_weight, len(parents) - 2
    flat, slope, *of_articles = slopes(totals, settings)
    several, of_each, single, of_one = of_articles
    passages = {
        doc: flat
        + slope * (body[doc] + title_weight * titles[parents[doc]] + heading_weight * headings[doc])
        for doc in docs
    }
    # An article is a run of documents: its record, then its paragraphs.
    by_record = {
        record: several + of_each * (articles[record] + article_title_weight * titles[record])
        if record < end and parents[record + 2] == record
        else single + of_one * (articles[record] + article_title_weight * titles[record])
        for record in set(map(parents.__getitem__, passages))
    }
    return Norms(passages, by_record)


def unit_parts(
    unit: UnitCounts,
    weight: UnitWeight,
    norms: Norms,
    parents: Sequence[int],
    settings: RankingSettings,
) -> tuple[dict[int, float], dict[int, float]]:
    """What a unit gives: by paragraph from the passage, by record from the article.

    Only the paragraphs and records that norms names are looked at.
    """
    body, worth = unit.body, weight.passage
    if not unit.in_text:
        k1 = settings.k1
        return {
            doc: worth * body[doc] / (body[doc] + k1) for doc in norms.passages if doc in body
        }, {}
    passage: dict[int, float] = {}
    if unit.titles or unit.headings:
        titles, headings = unit.titles, unit.headings
        title_weight, heading_weight = settings.title_weight, settings.heading_weight
        for doc, norm in norms.passages.items():
            frequency = (
                body.get(doc, 0)
                + title_weight * titles.get(parents[doc], 0)
                + heading_weight * headings.get(doc, 0)
            )
            if frequency:
                passage[doc] = worth * frequency / (frequency + norm)
    elif len(body) < len(norms.passages):
        known = norms.passages
        for doc, number in body.items():
            if doc in known:
                passage[doc] = worth * number / (number + known[doc])
    else:
        for doc, norm in norms.passages.items():
            if doc in body:
                passage[doc] = worth * body[doc] / (body[doc] + norm)
    articles, known = unit.articles, norms.articles
    both = (articles, known) if len(articles) < len(known) else (known, articles)
    article = {}
    for record in both[0]:
        if record in both[1]:
            number = articles[record]
            article[record] = weight.article * number / (number + known[record])
    return passage, article

"""What a search returns: passages and the page that holds them, plain frozen records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from datetime import date

    from indexer.model import Paragraph, Span
    from search.request import Request


class Warned(NamedTuple):
    """One thing in the query that was not taken as it stands.

    Attributes:
        message: what was not understood and how it was taken.
        span: its place in the query text, in code points; None when it concerns the whole query.
    """

    message: str
    span: Span | None = None


class ScorePart(NamedTuple):
    """What one part of the query gave to a passage's score; the parts add up to the score.

    Attributes:
        part: the part, and where it was found if that was not the passage.
        score: unitless.
        idf: how telling the part is; None for what is no word.
        holding: the passages that decide it, or the articles for a part of the whole article; None
            for words side by side, which are taken to meet by chance.
    """

    part: str
    score: float
    idf: float | None = None
    holding: int | None = None


class FoundArticle(NamedTuple):
    """A passage's article, with what it says of itself.

    Attributes:
        article_id: its id in the index.
        source: the absolute path of the file it was read from; "-" for standard input.
        title, author, published, language, url, site: see ``indexer.model.ArticleFacts``.
    """

    article_id: str
    source: str
    title: str = ""
    author: str = ""
    published: date | None = None
    language: str = ""
    url: str = ""
    site: str = ""


class Passage(NamedTuple):
    """A paragraph that answers a query.

    Attributes:
        rank: from 1 over the whole result, so the first of a page with offset 10 has rank 11.
        score: full precision, unitless, comparable within one query only; 0 where it was looked up.
        paragraph: the paragraph itself.
        article: the article it comes from.
        matches: sorted, disjoint spans of paragraph.text that the query asked for.
        coverage: the share, 0 to 1, of what the words of the query tell (their idf) that the
            passage holds with its title and headings; None where the query has no words.
        parts: per-part scores, only where an explanation was asked for.
        before: up to N paragraphs that stand before it, in article order.
        after: up to N paragraphs that stand after it.
        also_in: ids of other passages of the index that are copies of it, edited or not, whether
            they match or not; by article and number, 100 at most. None where all copies are shown.
        copies: how many of them there are.
        stale: what became of its file since it was indexed, "changed" or "gone"; None: nothing, or
            it is no file.
    """

    rank: int
    score: float
    paragraph: Paragraph
    article: FoundArticle
    matches: tuple[Span, ...] = ()
    coverage: float | None = None
    parts: tuple[ScorePart, ...] = ()
    before: tuple[Paragraph, ...] = ()
    after: tuple[Paragraph, ...] = ()
    also_in: tuple[str, ...] = ()
    copies: int = 0
    stale: str | None = None


class UnknownId(NamedTuple):
    """An id that was to be looked up and names nothing in the index.

    Attributes:
        name: the id as it was given.
        nearest: the id of the passage that stands where it was, or is most like it; None where its
            article is not there either.
    """

    name: str
    nearest: str | None = None


class Facet(NamedTuple):
    """How many passages have each value of a field.

    Attributes:
        field: its name.
        counts: value and passages, the most frequent first, equals by value.
    """

    field: str
    counts: tuple[tuple[str, int], ...]


class TermCount(NamedTuple):
    """In how many passages one part of a query is.

    Attributes:
        label: the part's canonical spelling.
        passages: how many passages it finds by itself.
        span: its place in the query text.
    """

    label: str
    passages: int
    span: Span | None = None


class Suggestion(NamedTuple):
    """A word of the index that is spelt much like one of the query.

    Attributes:
        word: the word of the query, as it was typed.
        replacement: the word of the index, in small letters without accents.
        passages: how many passages hold the replacement.
    """

    word: str
    replacement: str
    passages: int


class Diagnosis(NamedTuple):
    """Why a query found nothing, and what finds something.

    What could not be found out within the time of the search is empty or None.

    Attributes:
        terms: what each word or other smallest part finds by itself, in query order; after a
            phrase, its words.
        empty: the smallest part of the query that finds nothing, in canonical spelling.
        suggestions: spellings for words that are in no passage, the best first for each word.
        relaxed: the canonical text of a looser query, which was tried and finds something.
    """

    terms: tuple[TermCount, ...] = ()
    empty: str | None = None
    suggestions: tuple[Suggestion, ...] = ()
    relaxed: str | None = None


class ResultPage(NamedTuple):
    """One page of ranked passages.

    Attributes:
        request: what was asked.
        interpreted_as: the canonical query, which parses to the same tree.
        passages: the page, best first.
        total: passages that match, copies among them, before limit and offset; those found in time,
            if it is partial.
        warnings: what was not taken as it stands, in order of place.
        seconds: wall time of the search.
        diagnosis: why nothing was found; None where something was, or nothing was asked for.
        did_you_mean: the query text with its one unknown word spelt like one that is known.
        partial: whether the time was over first. All passages match, but there may be others and
            better ones.
        unknown: the ids asked for that name nothing.
        facets: what was to be counted.
    """

    request: Request
    interpreted_as: str
    passages: tuple[Passage, ...]
    total: int
    warnings: tuple[Warned, ...] = ()
    seconds: float = 0.0
    diagnosis: Diagnosis | None = None
    did_you_mean: str | None = None
    partial: bool = False
    unknown: tuple[UnknownId, ...] = ()
    facets: tuple[Facet, ...] = ()

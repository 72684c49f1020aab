"""What a search returns: passages and the page that holds them, plain frozen records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from indexer.model import Paragraph, Span
    from search.query.faults import Warned
    from search.request import Request


class Deferred:
    """What records are derived from of whose fields some are made when somebody asks for them.

    These are properties, and what they are made of is in their places. Taken as a tuple, such a
    record is the one that it stands for.
    """

    __slots__ = ()
    _fields: Any

    def _whole(self) -> tuple[Any, ...]:
        return tuple([getattr(self, name) for name in self._fields])

    def __iter__(self) -> Iterator[Any]:
        return iter(self._whole())

    def __getitem__(self, place: Any) -> Any:
        return self._whole()[place]

    def __contains__(self, one: object) -> bool:
        return one in self._whole()

    def __add__(self, other: Any) -> Any:
        return self._whole() + tuple(other)

    def __lt__(self, other: Any) -> bool:
        return self._whole() < tuple(other)

    def index(self, *asked: Any) -> int:
        """Return the place of a value."""
        return self._whole().index(*asked)

    def count(self, one: object) -> int:
        """Return how many of the values are one."""
        return self._whole().count(one)

    def __eq__(self, other: object) -> bool:
        return self._whole() == (tuple(other) if isinstance(other, Deferred) else other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self._whole())


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
        title, author, published, language, url, site, extra: see ``indexer.model.ArticleFacts``.
    """

    article_id: str
    source: str
    title: str = ""
    author: str = ""
    published: date | None = None
    language: str = ""
    url: str = ""
    site: str = ""
    extra: tuple[tuple[str, str], ...] = ()


#: What became of a file since it was indexed.
CHANGED = "changed"
GONE = "gone"


class Surroundings(NamedTuple):
    """What stands around a passage, by which a citation tells it from others like it.

    Attributes:
        before: the texts that stand before it in its article, headings among them and the title
            not, in order; the last stands directly before it. Where the article names a page those
            of 200 paragraphs at most, else of one.
        after: the text that stands directly after it, "" at the end of the article.
    """

    before: tuple[str, ...] = ()
    after: str = ""


class Passage(NamedTuple):
    """A paragraph that answers a query.

    Attributes:
        rank: from 1 over the whole result, so the first of a page with offset 10 has rank 11.
        score: full precision, unitless, comparable within one query only; 0 where it was looked up.
        paragraph: the paragraph itself.
        article: the article it comes from.
        matches: sorted, disjoint spans of paragraph.text that the query asked for; none where they
            cannot be found in the time of the search.
        coverage: the share, 0 to 1, of what the words of the query tell (their idf) that the
            passage holds with its title and headings; None where the query has no words.
        parts: per-part scores, only where an explanation was asked for.
        before: up to N paragraphs that stand before it, in article order.
        after: up to N paragraphs that stand after it.
        also_in: ids of other passages of the index that are copies of it, edited or not, whether
            they match or not; by article and number, 100 at most. None where all copies are shown.
        copies: how many of them there are.
        stale: what became of its file since it was indexed, CHANGED or GONE; None: nothing, or it
            is no file, or the index does not know how the file was. A search looks at the file
            when this is first asked of a passage from it.
        merged: on a page that was cut to a budget, others that were found and that are among before
            and after instead of having a place of their own; in article order.
        surroundings: only where a citation was asked for.
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
    merged: tuple[Passage, ...] = ()
    surroundings: Surroundings | None = None


class UnknownId(NamedTuple):
    """An id that was to be looked up and names nothing in the index.

    Attributes:
        name: the id as it was given.
        nearest: the id of the passage that stands where it was, or is most like it; that of its
            article where none is known to be; None where its article is not there either.
    """

    name: str
    nearest: str | None = None


#: Fields that every index can count by; see ``Facet``.
FACETS = ("article", "author", "language", "year", "site")


class Facet(NamedTuple):
    """How many passages have each value of a field.

    Attributes:
        field: its name.
        counts: value and passages, the most frequent first, equals by value. An article's passages
            count for each of its values, and for none where it has none.
        more: how many values are left out after the first thousand.
    """

    field: str
    counts: tuple[tuple[str, int], ...]
    more: int = 0


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


class LeftOut(NamedTuple):
    """A passage that a budget has no room for.

    Attributes:
        passage_id: its id.
        chars: characters that the output takes with this passage alone.
    """

    passage_id: str
    chars: int


class Cut(NamedTuple):
    """What a budget left of a page.

    Attributes:
        budget_chars: the characters that the output may take.
        next_offset: where to go on, as the offset of a request; None at the end of the result.
        left_out: passages before that which are too large by themselves.
    """

    budget_chars: int
    next_offset: int | None = None
    left_out: tuple[LeftOut, ...] = ()

    @property
    def truncated(self) -> bool:
        """Whether anything that matches is not on the page, nor on one before it."""
        return self.next_offset is not None or bool(self.left_out)


class Page(NamedTuple):
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
        partial: whether the time was over first, or a part of the index did not answer. All
            passages match, but there may be others and better ones.
        unknown: the ids asked for that name nothing.
        facets: what was to be counted.
        cut: what a budget left of it; None where there was none.
        reading: how the query was read, in lines for people, where an explanation was asked for.
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
    cut: Cut | None = None
    reading: tuple[str, ...] = ()

    @property
    def next_offset(self) -> int | None:
        """Where the next page begins, as the offset of a request; None at the end of the result.

        Of copies that match one is on the pages, so these may end before the total.
        """
        if self.cut is not None:
            return self.cut.next_offset
        following = self.request.offset + len(self.passages)
        is_last = len(self.passages) < self.request.limit and not self.partial
        return None if is_last or not self.passages or following >= self.total else following

    @property
    def every_found(self) -> tuple[Passage, ...]:
        """All passages that were found and are on the page, also those that are merged, by rank."""
        merged = [other for one in self.passages for other in one.merged]
        if not merged:
            return self.passages
        return tuple(sorted((*self.passages, *merged), key=lambda one: one.rank))


_Advised: TypeAlias = "tuple[Diagnosis | None, str | None]"


class Advice:
    """Why a search found nothing, and what may have been meant, found out when first asked for.

    Many programs take the passages alone, and to find it out takes longer than to find none.
    """

    __slots__ = ("_state",)

    def __init__(self, find: Callable[[], _Advised]) -> None:
        # How it is found out, which is let go of with all that it holds, then what was found.
        self._state: Callable[[], _Advised] | _Advised = find

    @property
    def found(self) -> _Advised:
        """The diagnosis and the query that may have been meant; threads may find out the same."""
        state = self._state
        if not isinstance(state, tuple):
            state = self._state = state()
        return state


class FoundPage(Deferred, Page):
    """A page whose query is spelt when that is asked for; it holds the tree.

    So is advice found out; until then the page holds on to the state of the index it is of.
    """

    __slots__ = ()

    @property
    def interpreted_as(self) -> str:
        """The canonical query, which parses to the same tree."""
        return str(super().interpreted_as)

    @property
    def diagnosis(self) -> Diagnosis | None:
        """Why nothing was found; None where something was, or nothing was asked for."""
        found: Any = super().diagnosis
        return found.found[0] if isinstance(found, Advice) else found

    @property
    def did_you_mean(self) -> str | None:
        """The query text with its one unknown word spelt like one that is known."""
        found: Any = super().did_you_mean
        return found.found[1] if isinstance(found, Advice) else found

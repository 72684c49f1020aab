"""A page of passages, nothing asked yet, or a fault -> what the templates lay out; pure."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from indexer.errors import IndexUnreachableError, QuerySyntaxError
from indexer.terminal import one_line
from indexer.tuples import NamedTuple
from search.engine import is_cut_off
from search.output.text import summary_line
from search.serve.page.viewing_advice import Advice, advice_of, placed
from search.serve.page.viewing_filters import MOST_VALUES, Group, groups
from search.serve.page.viewing_passages import PassageView, passage_views

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.errors import PassageSearchError
    from search.index import Index
    from search.model import Page
    from search.output.text import TextLook
    from search.serve.page.addresses import Asked
    from search.serve.page.viewing_text import Piece

#: Shorter words say little as an example.
_TELLING_CHARS = 4
_PUNCTUATION = ".,:;!?()[]{}<>\"'“”‘’«»„…*~^/\\+-"


class Found(NamedTuple):
    """What is shown of an answer.

    Attributes:
        summary: how much was found, a line.
        is_partial: whether the time was over first.
        passages: the page, best first.
        groups: by what it can be narrowed down.
        advice: what to tell beside it.
        reading: how the query was read, where that was asked; lines with their indent in levels.
        explained: the address of this page with scores explained.
        unknown: ids that name nothing, with the nearest that do.
        previous, following: the addresses of the pages before and after, "" where there is none.
    """

    summary: str
    is_partial: bool
    passages: tuple[PassageView, ...]
    groups: tuple[Group, ...]
    advice: Advice
    reading: tuple[str, ...]
    explained: str
    unknown: tuple[str, ...]
    previous: str
    following: str


class Example(NamedTuple):
    """A query that finds something, and its address."""

    query: str
    told: str
    address: str


class Start(NamedTuple):
    """What there is to search in, and how to begin."""

    passages: int
    articles: int
    examples: tuple[Example, ...]
    groups: tuple[Group, ...]


class Fault(NamedTuple):
    """Why there is no answer, and what to do; the query with the place, where that is the fault."""

    message: str
    hint: str
    query: tuple[Piece, ...]


def found_of(page: Page, index: Index, asked: Asked, look: TextLook) -> Found:
    """What is shown of an answer of an index; look says from which folder files are named."""
    request = page.request
    following = page.next_offset
    # Who is beyond the end is led to the first page, not to another that may be empty.
    before = max(0, request.offset - request.limit) if page.passages else 0
    return Found(
        summary=summary_line(page),
        is_partial=is_cut_off(page),
        passages=passage_views(page, look),
        groups=groups(page.facets, asked, _titles(page, index)),
        advice=advice_of(page, asked),
        reading=tuple(map(one_line, page.reading)),
        explained=asked.replaced("explain", "1").at(request.offset).address,
        unknown=tuple(one_line(one.name) for one in page.unknown),
        previous=asked.at(before).address if request.offset else "",
        following="" if following is None else asked.at(following).address,
    )


def start_of(page: Page, index: Index, asked: Asked) -> Start:
    """What is shown before anything is asked; page has a passage of the index, for examples."""
    statistics = index.backend.statistics
    title = page.passages[0].article.title if page.passages else ""
    examples = [
        Example(query, told, asked.replaced("q", query).address)
        for query, told in _examples(one_line(title))
    ]
    return Start(
        statistics.passages,
        statistics.articles,
        tuple(examples),
        groups(page.facets, asked, _titles(page, index)),
    )


def _titles(page: Page, index: Index) -> dict[str, str]:
    """The titles of articles that are counted by, by their ids; to look one up takes 50 us."""
    titles = {one.article.article_id: one.article.title for one in page.passages}
    ids = [value for one in page.facets if one.field == "article" for value, _ in one.counts]
    with suppress(IndexUnreachableError):  # where a part of a cluster is lost ids tell enough
        for one in ids[:MOST_VALUES]:
            article = None if one in titles else index.article(one)
            if article is not None:
                titles[article.article_id] = article.title
    return titles


def fault_of(error: PassageSearchError) -> Fault:
    """What is shown of an error."""
    if isinstance(error, QuerySyntaxError):
        return Fault(one_line(error.message), one_line(error.hint), placed(error.query, error.span))
    return Fault(one_line(error.message), one_line(error.hint), ())


def _examples(title: str) -> Iterator[tuple[str, str]]:
    """Queries that a title makes, and what each shows of the query language."""
    words = [word.lower() for word in (one.strip(_PUNCTUATION) for one in title.split()) if word]
    telling = [word for word in words if len(word) >= _TELLING_CHARS and word.isalpha()]
    if len(telling) > 1:
        yield " ".join(telling[-2:]), "any of the words"
    if len(words) > 1:
        yield f'"{" ".join(words[-2:])}"', "the exact phrase"
    if telling:
        yield f"{telling[-1][:-1]}*", "words that begin so"

"""Whether an index in a cluster is what its writers left, and how it is made so again.

The cluster keeps its documents whole. What is looked for is what no writer leaves: articles without
some of their documents, sums that do not add up, words that are missing, files whose articles are
not as many as is remembered.
"""

from __future__ import annotations

import os
from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING, Any

from indexer.build import refresh_files
from indexer.care.repair import Lost, RepairReport
from indexer.care.soundness import Fault
from indexer.errors import IndexDamagedError
from indexer.paragraphs import digest_of
from indexer.storage.manifest import FileState
from indexer.storage.remote.documents import (
    Analysis,
    article_in,
    lengths_in,
    made_article,
    paragraph_in,
)
from indexer.storage.remote.index import RemoteIndex
from indexer.storage.remote.mapping import ARTICLE, PASSAGE
from indexer.storage.remote.state import STATE_ID, RemoteState, Sums
from indexer.storage.remote.vocabulary import read_page
from indexer.storage.remote.wire import unescaped
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from indexer.model import ArticleRecord, Paragraph
    from indexer.storage.remote.state import WordPage
    from indexer.storage.remote.writer import RemoteWriter

_NONSENSE = (ValueError, TypeError, KeyError, IndexError, AttributeError)
_EVERY = 1_000


class RemoteFound(NamedTuple):
    """What is there of an index in a cluster.

    Attributes:
        faults: what is wrong; none if the index is what its writer left.
        articles, passages: how many are whole.
        segments, size_bytes: as the cluster counts them, copies left out.
        state: the committed one, with the sums and the words that are right.
        broken: the keys of articles that are not whole, each with what is known of the article.
        held: by file, how many whole articles there are of it.
        has_all_words: whether no page of words is missing.
        has_forgotten: whether it is not known which articles were deleted, which always is.
    """

    faults: tuple[Fault, ...]
    articles: int
    passages: int
    segments: int
    size_bytes: int
    state: RemoteState
    broken: dict[str, Lost]
    held: Counter[str]
    has_all_words: bool
    has_forgotten: bool = False


class _WrongError(Exception):
    """What is wrong with an article."""


def check_remote(
    place: str, *, on_share: Callable[[float], None] = lambda _share: None
) -> RemoteFound:
    """Look at every document of an index in a cluster, and at whether they fit each other.

    Args:
        place: its address.
        on_share: called with the share that is done, from 0 to 1.

    Raises:
        IndexMissingError: there is none.
        IndexFormatError: another version wrote it.
        IndexUnreachableError: the cluster does not answer.
    """
    index = RemoteIndex.open(place)
    while True:
        state = index.state()
        found = _look(index, state, on_share)
        if not found.faults or index.state() == state:
            return found


def _look(index: RemoteIndex, state: RemoteState, on_share: Callable[[float], None]) -> RemoteFound:
    client = index.client
    faults: list[Fault] = []
    broken: dict[str, Lost] = {}
    held = Counter[str]()
    sums: Counter[str] = Counter(dict.fromkeys(Sums._fields, 0))
    languages: dict[str, tuple[int, int]] = {}
    known: set[str] = set()
    for number, (key, sources) in enumerate(_groups(index, state)):
        if number % _EVERY == 0:
            on_share(min(1.0, number / (state.sums.articles or 1)))
        try:
            article, _ = _whole(sources, known)
        except (_WrongError, *_NONSENSE) as error:
            lost = _named(sources)
            broken[key] = lost
            told = str(error) if isinstance(error, _WrongError) else "what it says makes no sense"
            faults.append(Fault(client.passages, f"article {lost.article_id or key}: {told}"))
            continue
        known.add(article.article_id)
        held[article.origin] += 1
        _count(sums, languages, article, sources)
    right = state._replace(sums=Sums(**sums), languages=languages)
    for what, tells, are in (
        ("sums", state.sums, right.sums),
        ("languages", dict(state.languages), languages),
    ):
        if tells != are:
            faults.append(Fault(f"{client.state}/{STATE_ID}", f"its {what} are not those there"))
    pages = list(_whole_pages(index, state, faults))
    for origin, (told_count, count) in sorted(_differing(index, held).items()):
        what = f"articles of {origin} there: {told_count:,}, in the index: {count:,}"
        faults.append(Fault(client.state, what))
    figures = index.figures()
    return RemoteFound(
        faults=tuple(faults),
        articles=right.sums.articles,
        passages=right.sums.passages,
        segments=figures.segments,
        size_bytes=figures.passage_bytes + figures.state_bytes,
        state=right._replace(words=tuple(pages)),
        broken=broken,
        held=held,
        has_all_words=len(pages) == len(state.words),
    )


def _groups(index: RemoteIndex, state: RemoteState) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield what the documents of each version of an article say, which the state has."""
    client = index.client
    query = {"bool": {"filter": state.live(client.state)}}
    hits = client.scan(client.passages, {"query": query, "sort": ["key", "n"]})
    for key, group in groupby((hit["_source"] for hit in hits), key=lambda one: one["key"]):
        yield key, list(group)


def _whole(
    sources: list[dict[str, Any]], known: Collection[str] = ()
) -> tuple[ArticleRecord, list[Paragraph]]:
    """The article of some documents, beside others of known ids; raises what is wrong with it."""
    own, *others = sources
    if own["kind"] != ARTICLE or own["n"]:
        raise _WrongError("its record is missing")
    article = article_in(own)
    if article.article_id in known:
        raise _WrongError("another article is called so")
    if [one["n"] for one in others] != list(range(1, article.paragraphs + 1)):
        raise _WrongError(f"it has {len(others):,} of {article.paragraphs:,} paragraphs")
    if any(one["kind"] != PASSAGE for one in others):
        raise _WrongError("it has a document of no kind")
    paragraphs = list(map(paragraph_in, others))
    if any(one.digest.partition("-")[0] != digest_of(one.text) for one in paragraphs):
        raise _WrongError("the text of a paragraph is not that of its id")
    lengths = lengths_in(own)
    if lengths[1] != sum(one["lengths"][1] for one in others) or lengths[3] != sum(
        one["lengths"][0] for one in others
    ):
        raise _WrongError("its lengths do not add up")
    return article, paragraphs


def _named(sources: list[dict[str, Any]]) -> Lost:
    """What is known of an article that is not whole."""
    names = (sources[0].get(name) for name in ("article", "origin"))
    return Lost(*(unescaped(name) if isinstance(name, str) else "" for name in names))


def _count(
    sums: Counter[str],
    languages: dict[str, tuple[int, int]],
    article: ArticleRecord,
    sources: list[dict[str, Any]],
) -> None:
    _, headings, title, body, paragraphs = lengths_in(sources[0])
    sums.update(
        articles=1,
        passages=paragraphs,
        body=body,
        headings=headings,
        titles_by_passage=title * paragraphs,
        titles_by_article=title,
    )
    articles, passages = languages.get(article.language, (0, 0))
    languages[article.language] = articles + 1, passages + paragraphs


def _whole_pages(index: RemoteIndex, state: RemoteState, faults: list[Fault]) -> Iterator[WordPage]:
    """Yield the pages of words that are as the state tells."""
    for page in state.words:
        name = f"{index.client.state}/{page.name}"
        try:
            words = read_page(index.client, page)
        except IndexDamagedError:
            faults.append(Fault(name, "it is missing"))
            continue
        if len(words) != page.words or words != sorted(words):
            faults.append(Fault(name, "its words are not those that were written"))
            continue
        yield page


def _differing(index: RemoteIndex, held: Counter[str]) -> dict[str, tuple[int, int]]:
    """The files of which there are not as many articles as is remembered: so many, so many."""
    told = {origin: one.articles for origin, one in index.origins().items()}
    return {
        origin: (told.get(origin, 0), held[origin])
        for origin in {*told, *held}
        if told.get(origin, 0) != held[origin]
    }


def repair_remote(
    place: str, *, wait_seconds: float = 0.0, on_commit: Callable[[], None] = lambda: None
) -> RepairReport:
    """Make an index in a cluster whole: what is whole stays, the rest is read from its files.

    Args:
        place: its address.
        wait_seconds: how long to wait for another writer.
        on_commit: called when what is whole is known; the next step is to commit that.

    Raises: as check_remote(), and what a writer raises.
    """
    index = RemoteIndex.open(place)
    with index.writing(wait_seconds=wait_seconds) as writer:
        found = check_remote(place)
        if not found.faults:
            return RepairReport((), kept=found.articles)
        origins = writer.origins()
        incomplete = [*_differing(index, found.held)]
        for origin in incomplete:
            state = origins.get(origin)
            settings = state.settings if state else ""
            origins[origin] = FileState.to_read(found.held[origin], settings)
        writer.mend(found.state, found.broken)
        if not found.has_all_words:
            _add_words(index, found, writer)
        writer.commit_with(origins, on_commit=on_commit)
    there = [origin for origin in incomplete if os.path.isfile(origin)]  # noqa: PTH113
    refresh_files(there, place, wait_seconds=wait_seconds)
    ids = {article.article_id for article in index.articles()}
    lost = [one for one in found.broken.values() if one.article_id not in ids]
    named = {one.origin for one in found.broken.values()}
    lost += [Lost("", origin) for origin in incomplete if origin not in {*there, *named}]
    return RepairReport(
        faults=found.faults,
        kept=found.articles,
        read_again=tuple(sorted(there)),
        lost=tuple(lost),
    )


def _add_words(index: RemoteIndex, found: RemoteFound, writer: RemoteWriter) -> None:
    """Have the writer take the words of all whole articles anew."""
    analysis = Analysis()
    for key, sources in _groups(index, index.state()):
        if key not in found.broken:
            article, paragraphs = _whole(sources)
            writer.add_words(made_article(article, paragraphs, "", 0, analysis).words)

"""Whether an index in a cluster is what its writers left, and what is there of it.

The cluster keeps its documents whole. What is looked for is what no writer leaves: articles without
some of their documents, sums that do not add up, words that are missing, files whose articles are
not as many as is remembered.
"""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING, Any

from indexer.care.repair import Lost
from indexer.care.soundness import Fault
from indexer.errors import IndexDamagedError, IndexMissingError
from indexer.paragraphs import digest_of
from indexer.storage.remote.beginning import begin_with_what_is_there
from indexer.storage.remote.documents import RemoteLengths, article_in, lengths_in, paragraph_in
from indexer.storage.remote.index import RemoteIndex
from indexer.storage.remote.mapping import ARTICLE, PASSAGE
from indexer.storage.remote.origins import read_origins
from indexer.storage.remote.standing import refuse_others
from indexer.storage.remote.state import STATE_ID, RemoteState, Sums, damaged
from indexer.storage.remote.vocabulary import read_page
from indexer.storage.remote.wire import unescaped
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from indexer.model import ArticleRecord, Paragraph
    from indexer.storage.remote.beginning import Beginning
    from indexer.storage.remote.state import WordPage

_NONSENSE = (ValueError, TypeError, KeyError, IndexError, AttributeError)
_EVERY = 1_000


class RemoteFound(NamedTuple):
    """What is there of an index in a cluster.

    Attributes:
        faults: what is wrong; none if the index is what its writer left.
        articles, passages: how many are whole.
        segments, size_bytes: as the cluster counts them, copies left out.
        state: the committed one, with the sums and the words that are right.
        broken: the keys of versions of articles that are not whole, or are older ones where the
            state is lost; each with the articles of which it has documents and that are not there.
        differing: the files of which there are not as many articles as is remembered: so many, so
            many.
        has_all_words: whether no page of words is missing, nor any word of what is there.
        has_forgotten: whether it is not known which articles were deleted.
    """

    faults: tuple[Fault, ...]
    articles: int
    passages: int
    segments: int
    size_bytes: int
    state: RemoteState
    broken: dict[str, tuple[Lost, ...]]
    differing: dict[str, tuple[int, int]]
    has_all_words: bool
    has_forgotten: bool


class _Version(NamedTuple):
    """A whole version of an article: its key, the number of its writer, and what is summed up."""

    key: str
    since: int
    origin: str
    language: str
    lengths: RemoteLengths


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
        IndexFormatError: another version wrote it, or all of its state is gone.
        IndexUnreachableError: the cluster does not answer.
        UsageError: what is at the address is no index of ours, or has another name.
    """
    index = RemoteIndex.at(place)
    refuse_others(index.client)
    while True:
        begun = begin_with_what_is_there(index.client)
        try:
            found = look(index, begun, on_share)
        except IndexMissingError as error:
            fault = begun.fault or "its passages are missing"
            raise damaged(index.address, fault) from error
        again = begin_with_what_is_there(index.client)
        if not found.faults or (again.record, again.at) == (begun.record, begun.at):
            return found


def look(
    index: RemoteIndex, begun: Beginning, on_share: Callable[[float], None] = lambda _share: None
) -> RemoteFound:
    """Look at every document; as check_remote(), while nobody else commits."""
    client, state = index.client, begun.state
    of_state = f"{client.state}/{STATE_ID}"
    faults = [Fault(of_state, begun.fault)] if begun.fault else []
    broken: dict[str, tuple[Lost, ...]] = {}
    whole: dict[str, _Version] = {}
    for number, (key, sources) in enumerate(groups(index, state)):
        if number % _EVERY == 0:
            on_share(min(1.0, number / (state.sums.articles or number + 1)))
        named = _named(sources)
        try:
            article, _ = whole_article(sources)
        except (_WrongError, *_NONSENSE) as error:
            broken[key] = named
            told = str(error) if isinstance(error, _WrongError) else "what it says makes no sense"
            faults.append(Fault(client.passages, f"article {named[0].article_id or key}: {told}"))
            continue
        name = article.article_id
        since, lengths = sources[0]["since"], lengths_in(sources[0])
        one = _Version(key, since, article.origin, article.language, lengths)
        if name in whole:
            if not begun.has_forgotten:
                faults.append(Fault(client.passages, f"article {name}: another one is called so"))
            older, one = sorted((whole[name], one), key=lambda version: version.since)
            broken[older.key] = ()
        whole[name] = one
    right = _summed(state, whole.values())
    if not begun.fault:
        for what, tells, are in (
            ("sums", state.sums, right.sums),
            ("languages", state.languages, right.languages),
        ):
            if tells != are:
                faults.append(Fault(of_state, f"its {what} are not those there"))
    pages = list(_whole_pages(index, state, faults))
    differing = _differing(index, state, Counter(one.origin for one in whole.values()))
    for origin, (told_count, count) in sorted(differing.items()):
        told = f"articles of {origin} there: {told_count:,}, in the index: {count:,}"
        faults.append(Fault(client.state, told))
    figures = index.figures()
    return RemoteFound(
        faults=tuple(faults),
        articles=right.sums.articles,
        passages=right.sums.passages,
        segments=figures.segments,
        size_bytes=figures.passage_bytes + figures.state_bytes,
        state=right._replace(words=tuple(pages)),
        broken={
            key: tuple(lost for lost in of_key if lost.article_id not in whole)
            for key, of_key in broken.items()
        },
        differing=differing,
        has_all_words=not begun.fault
        and len(pages) == len(state.words)
        and all(told >= count for told, count in differing.values()),
        has_forgotten=begun.has_forgotten,
    )


def groups(index: RemoteIndex, state: RemoteState) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield what the documents of each version of an article say, which the state has."""
    client = index.client
    query = {"bool": {"filter": state.live(client.state)}}
    hits = client.scan(client.passages, {"query": query, "sort": ["key", "n"]})
    for key, group in groupby((hit["_source"] for hit in hits), key=lambda one: one["key"]):
        yield key, list(group)


def whole_article(sources: list[dict[str, Any]]) -> tuple[ArticleRecord, list[Paragraph]]:
    """The article of some documents; raises what is wrong with it."""
    own, *others = sources
    if own["kind"] != ARTICLE or own["n"]:
        raise _WrongError("its record is missing")
    article = article_in(own)
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


def _named(sources: list[dict[str, Any]]) -> tuple[Lost, ...]:
    """The articles that some documents are of: several where some overwrote others."""
    names = ((one.get("article"), one.get("origin")) for one in sources)
    found = (
        Lost(*(unescaped(name) if isinstance(name, str) else "" for name in both)) for both in names
    )
    return tuple(dict.fromkeys(found))


def _summed(state: RemoteState, versions: Iterable[_Version]) -> RemoteState:
    """A state with the sums of some articles."""
    sums: Counter[str] = Counter(dict.fromkeys(Sums._fields, 0))
    languages: dict[str, tuple[int, int]] = {}
    for one in versions:
        _, headings, title, body, paragraphs = one.lengths
        sums.update(
            articles=1,
            passages=paragraphs,
            body=body,
            headings=headings,
            titles_by_passage=title * paragraphs,
            titles_by_article=title,
        )
        articles, passages = languages.get(one.language, (0, 0))
        languages[one.language] = articles + 1, passages + paragraphs
    return state._replace(sums=Sums(**sums), languages=languages)


def _whole_pages(index: RemoteIndex, state: RemoteState, faults: list[Fault]) -> Iterator[WordPage]:
    """Yield the pages of words that are as the state tells."""
    for page in state.words:
        name = f"{index.client.state}/{page.name}"
        try:
            read_page(index.client, page)
        except IndexDamagedError as error:
            faults.append(Fault(name, error.fault))
            continue
        yield page


def _differing(
    index: RemoteIndex, state: RemoteState, held: Counter[str]
) -> dict[str, tuple[int, int]]:
    """The files of which there are not as many articles as a state remembers: so many, so many."""
    known = read_origins(index.client, state).files
    told = {origin: one.articles for origin, one in known.items()}
    return {
        origin: (told.get(origin, 0), held[origin])
        for origin in {*told, *held}
        if told.get(origin, 0) != held[origin]
    }

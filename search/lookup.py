"""Ids -> the passages that they name, and what is nearest to those that name none."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unicodedata import normalize

from indexer.tuples import NamedTuple
from search.deadline import SearchTimeoutError
from search.ids import passage_name
from search.model import UnknownId

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from search.backends.base import Backend
    from search.deadline import Deadline
    from search.ids import PassageName

# Of the articles whose files have the same name so many are looked into.
_MOST_NAMESAKES = 64


class LookedUp(NamedTuple):
    """What ids name.

    Attributes:
        keys: the passages, in the order of the ids, each as often as it is named.
        unknown: the ids that name nothing, in their order.
        is_partial: whether the time was over before all were looked up.
    """

    keys: tuple[Hashable, ...]
    unknown: tuple[UnknownId, ...]
    is_partial: bool


class _Contents(NamedTuple):
    """The passages of an article, and their places by their digests."""

    article: Hashable
    keys: Sequence[Hashable]
    places: dict[str, int]


def look_up(ids: Iterable[str], backend: Backend, deadline: Deadline) -> LookedUp:
    """Find what ids name, in time."""
    search = _Search(backend, deadline)
    keys: list[Hashable] = []
    unknown: list[str] = []
    try:
        for name in ids:
            deadline.left_seconds()
            found = search.find(normalize("NFC", name))
            if found is None:
                unknown.append(name)
            else:
                keys += found
    except SearchTimeoutError:
        return LookedUp(tuple(keys), tuple(map(UnknownId, unknown)), is_partial=True)
    try:
        near = search.nearest([normalize("NFC", name) for name in unknown])
    except SearchTimeoutError:
        return LookedUp(tuple(keys), tuple(map(UnknownId, unknown)), is_partial=True)
    return LookedUp(tuple(keys), tuple(map(UnknownId, unknown, near)), is_partial=False)


class _Search:
    """What has been looked into; each article is once, however many of its ids are asked."""

    def __init__(self, backend: Backend, deadline: Deadline) -> None:
        self._backend = backend
        self._deadline = deadline
        self._articles: dict[str, Hashable | None] = {}
        self._contents: dict[Hashable, _Contents] = {}

    def find(self, name: str) -> Sequence[Hashable] | None:
        """The passages that an id names; None if it is unknown."""
        article = self._article(name)
        if article is not None:
            return self._backend.passages_of(article)
        passage = passage_name(name)
        article = passage and self._article(passage.article_id)
        if passage is None or article is None:
            return None
        contents = self._contents_of(article)
        place = contents.places.get(passage.mark, (passage.number or 0) - 1)
        return (contents.keys[place],) if 0 <= place < len(contents.keys) else None

    def nearest(self, names: Sequence[str]) -> list[str | None]:
        """What is nearest to each of some ids that name nothing."""
        passages = [passage_name(name) for name in names]
        places = [passage and self._article(passage.article_id) for passage in passages]
        elsewhere = {
            _file_name(passage.article_id if passage else name)
            for name, passage, article in zip(names, passages, places, strict=True)
            if article is None
        }
        namesakes = self._backend.articles_named(elsewhere, self._deadline) if elsewhere else {}
        near: list[str | None] = []
        for name, passage, article in zip(names, passages, places, strict=True):
            if passage is not None and article is not None:
                near.append(self._instead(passage, article))
            elif passage is not None:
                others = namesakes.get(_file_name(passage.article_id), ())
                near.append(self._elsewhere(passage, others))
            else:
                others = namesakes.get(_file_name(name), ())
                near.append(others[0][0] if len(others) == 1 else None)
        return near

    def _instead(self, passage: PassageName, article: Hashable) -> str:
        """What stands in an article for a passage that is not there any more; else the article."""
        contents = self._contents_of(article)
        former = dict(self._backend.record(article).former)
        # Without its mark of a twin, of which one may be left.
        place = contents.places.get(former.get(passage.mark, passage.mark.partition("-")[0]))
        if place is None and passage.number is not None and contents.keys:
            place = min(max(passage.number, 1), len(contents.keys)) - 1
        return passage.article_id if place is None else self._id_of(contents.keys[place])

    def _elsewhere(
        self, passage: PassageName, namesakes: Sequence[tuple[str, Hashable]]
    ) -> str | None:
        """The same text in a file of the same name at another path, as one that was moved has."""
        for _, article in namesakes[:_MOST_NAMESAKES]:
            contents = self._contents_of(article)
            if passage.mark in contents.places:
                return self._id_of(contents.keys[contents.places[passage.mark]])
        return None

    def _article(self, article_id: str) -> Hashable | None:
        if article_id not in self._articles:
            self._articles[article_id] = self._backend.article(article_id, self._deadline)
        return self._articles[article_id]

    def _contents_of(self, article: Hashable) -> _Contents:
        known = self._contents.get(article)
        if known is None:
            keys = self._backend.passages_of(article)
            places: dict[str, int] = {}
            for place, digest in enumerate(self._backend.digests(article, self._deadline)):
                places.setdefault(digest, place)
            known = self._contents[article] = _Contents(article, keys, places)
        return known

    def _id_of(self, key: Hashable) -> str:
        return self._backend.passage(key, 0).paragraph.passage_id


def _file_name(article_id: str) -> str:
    return article_id.rpartition("/")[2]

"""Which passages are copies of one: found by their sketches, and made sure of by their words.

What a copy is ``indexer.text.copies`` says. It is a relation of two texts: of three passages the
first may be a copy of the second and that one of the third, and the first be none of the third. So
what is left out of a page is a copy of a passage that is shown, on this page or one before.
"""

from __future__ import annotations

from functools import cached_property, partial
from heapq import nsmallest
from itertools import chain, compress, starmap
from typing import TYPE_CHECKING, Generic, TypeVar

from indexer.text.analysis import decoded
from indexer.tuples import NamedTuple
from search.backends.base import Place
from search.deadline import SearchTimeoutError

try:
    from search.backends.kernels import native
except ImportError:  # there was no compiler
    native = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from indexer.storage.segment import SegmentView
    from indexer.text.copies import Original
    from search.backends.base import Scored
    from search.backends.kernels.native import SharingKeys as NativeSharingKeys
    from search.backends.order import Ordering
    from search.backends.sharing import Alike, Likely
    from search.deadline import Deadline

#: So many copies of a passage are named; how many there are is told.
MOST_NAMED = 100
# A key that more than so many other texts have tells little, as that of "this variable is used":
# who shares only such keys with a passage must share two.
COMMON, ENOUGH = 8, 2
# So many texts are read at most to see whether they are copies, those first that share the most.
MOST_READ = 64
RULE = COMMON, ENOUGH, MOST_READ
_MOST_KEPT = 4_096
# Of more hits at once copies are looked for one by one.
_MOST_AT_ONCE = 1_024


_Key = TypeVar("_Key")


class Shown(NamedTuple, Generic[_Key]):
    """Passages without the copies of those before them.

    Attributes:
        passages: these, in their order.
        copies: of those that have some, their copies.
    """

    passages: Sequence[tuple[_Key, float]]
    copies: Mapping[_Key, tuple[_Key, ...]]


def shown_once(
    ordered: Sequence[tuple[_Key, float]],
    wanted: int,
    deadline: Deadline,
    per_article: int | None,
    article_of: Callable[[_Key], object],
    copies_of: Callable[[_Key], tuple[_Key, ...]],
) -> Shown[_Key]:
    """The first so many passages that are no copies of one before; in time, of those.

    Args:
        ordered: passages with their scores.
        wanted: how many.
        deadline: when it is over no more copies are looked for.
        per_article: how many of an article there are at most; what is left out by that hides
            nothing.
        article_of: what tells the article of a passage.
        copies_of: its copies; SearchTimeoutError when the time is over.
    """
    passages: list[tuple[_Key, float]] = []
    of_article: dict[object, int] = {}
    copies: dict[_Key, tuple[_Key, ...]] = {}
    left_out: set[_Key] = set()
    is_in_time = True
    for scored in ordered:
        key, _ = scored
        if key in left_out:
            continue
        if per_article is not None:
            if deadline.is_over():
                break
            article = article_of(key)
            of_article[article] = of_article.get(article, 0) + 1
            if of_article[article] > per_article:
                continue
        passages.append(scored)
        if is_in_time:
            try:
                found = copies_of(key)
            except SearchTimeoutError:
                is_in_time, found = False, ()
            if found:
                copies[key] = found
                left_out.update(found)
        if len(passages) >= wanted:
            break
    return Shown(passages, copies)


class Copies:
    """The copies among live passages of some segments; what was found is kept.

    Attributes:
        are_known: whether any passage has a sketch.
    """

    def __init__(self, segments: Sequence[SegmentView], ordering: Ordering) -> None:
        self._segments = segments
        self._ordering = ordering
        self._found: dict[Place, tuple[Place, ...]] = {}
        self.are_known = any(segment.sketches is not None for segment in segments)

    def once(
        self,
        ordered: Sequence[Scored],
        wanted: int,
        deadline: Deadline,
        per_article: int | None = None,
    ) -> Shown[Place]:
        """The first so many passages that are no copies of one before; see shown_once()."""
        if per_article is None:
            first = ordered[:wanted]
            if self._are_alone(first, deadline):
                return Shown(first, {})
        return shown_once(
            ordered,
            wanted,
            deadline,
            per_article,
            self._ordering.article_id,
            partial(self.of, deadline=deadline),
        )

    def _are_alone(self, hits: Sequence[Scored], deadline: Deadline) -> bool:
        """Whether nothing shares a key with any of some hits, as is usual; of which is kept."""
        if self._keys is None or len(hits) > _MOST_AT_ONCE:
            return False
        try:
            shared = set(self._keys.shared(hits, deadline))
        except SearchTimeoutError:
            return False
        if not shared:
            return True
        self._keep({place: () for place, _ in hits if place not in shared})
        return False

    def named(self, copies: Sequence[Place], deadline: Deadline) -> tuple[str, ...]:
        """The ids of passages by article and number, MOST_NAMED at most; none when time is over."""

        def keyed(copy: Place) -> tuple[bytes, int, int]:
            deadline.spend()
            return self._ordering.article_id(copy), copy.doc, copy.segment

        try:
            first = nsmallest(MOST_NAMED, map(keyed, copies))
        except SearchTimeoutError:
            return ()
        return tuple(
            f"{decoded(article_id)}#{self._segments[segment].digest(doc)}"
            for article_id, doc, segment in first
        )

    def of(self, place: Place, deadline: Deadline) -> tuple[Place, ...]:
        """The copies of a passage, in no order; SearchTimeoutError when the time is over."""
        known = self._found.get(place)
        if known is None:
            deadline.spend()
            known = self._copies_of(place, deadline)
            self._keep({place: known})
        return known

    def _keep(self, found: Mapping[Place, tuple[Place, ...]]) -> None:
        if len(self._found) >= _MOST_KEPT:
            self._found.clear()
        self._found.update(found)

    def _copies_of(self, place: Place, deadline: Deadline) -> tuple[Place, ...]:
        likely = self._likely(place, deadline)
        if likely is None:
            return ()
        same, others = likely
        copies = self._made_sure(place, others, deadline) if others else ()
        return tuple(starmap(Place, chain(same, *copies)))

    @cached_property
    def _keys(self) -> NativeSharingKeys | None:
        return None if native is None else native.SharingKeys(self._segments, RULE)

    def _likely(self, place: Place, deadline: Deadline) -> Likely | None:
        """What is likely to be a copy of a passage by its sketch; None where nothing is."""
        if self._keys is not None:
            return self._keys.likely(place, deadline)
        sketches = self._segments[place.segment].sketches
        if sketches is None or (len(self._segments) == 1 and not sketches.is_marked(place.doc)):
            return None
        from search.backends.sharing import SharingKeys  # noqa: PLC0415 - as few have any

        return SharingKeys(self._segments, RULE).likely(place, deadline)

    def _made_sure(
        self, place: Place, likely: Sequence[Alike], deadline: Deadline
    ) -> Sequence[Alike]:
        """Those that are copies of a passage of some, each of one text."""
        text, others = self._text(place), []
        for alike in likely:
            deadline.left_seconds()
            others.append(self._text(Place(*alike[0])))
        return list(compress(likely, _are_copies(text, others, deadline)))

    def _text(self, place: Place) -> str:
        return self._segments[place.segment].text(place.doc)


def _are_copies(text: str, others: Sequence[str], deadline: Deadline) -> Iterator[bool]:
    """Yield whether each of some texts is a copy of one; SearchTimeoutError when time is over."""
    answers = native.are_copies(text, others) if native is not None else [None] * len(others)
    own: Original | None = None
    for other, answer in zip(others, answers, strict=True):
        if answer is not None:
            yield answer
            continue
        from indexer.text.copies import (  # noqa: PLC0415 - few passages have any that C leaves
            Original,
            words_of,
        )

        deadline.left_seconds()
        own = own or Original(words_of(text))
        yield own.has_copy(words_of(other))

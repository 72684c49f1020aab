"""Which passages are copies of one: found by their sketches, and made sure of by their words.

What a copy is ``indexer.text.copies`` says. It is a relation of two texts: of three passages the
first may be a copy of the second and that one of the third, and the first be none of the third. So
what is left out of a page is a copy of a passage that is shown, on this page or one before.
"""

from __future__ import annotations

from heapq import nsmallest
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

from indexer.text.analysis import decoded
from indexer.tuples import NamedTuple
from search.backends.order import Place
from search.deadline import SearchTimeoutError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from indexer.storage.segment import SegmentView
    from search.backends.order import Ordering, Scored
    from search.deadline import Deadline

#: So many copies of a passage are named; how many there are is told.
MOST_NAMED = 100
# A key that more than so many other texts have tells little, as that of "this variable is used":
# who shares only such keys with a passage must share two.
COMMON, ENOUGH = 8, 2
# So many texts are read at most to see whether they are copies, those first that share the most.
MOST_READ = 64
_MOST_KEPT = 4_096


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


#: A segment, and a row of its sketches.
_Row: TypeAlias = tuple[int, int]


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
        return shown_once(
            ordered,
            wanted,
            deadline,
            per_article,
            self._ordering.article_id,
            lambda place: self.of(place, deadline),
        )

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
        deadline.spend()
        known = self._found.get(place)
        if known is None:
            known = tuple(self._copies_of(place, deadline))
            if len(self._found) >= _MOST_KEPT:
                self._found.clear()
            self._found[place] = known
        return known

    def _copies_of(self, place: Place, deadline: Deadline) -> Iterable[Place]:
        sketches = self._segments[place.segment].sketches
        if sketches is None:
            return ()
        own = sketches.row(place.doc)
        whole, *keys = sketches.at(own)
        # By the hash of their text, who shares keys with it, and how many.
        sharing: dict[int, set[_Row]] = {}
        shared: dict[int, int] = {}
        if len(self._segments) == 1:  # only what is marked has others in its own segment
            keys = [key for key in keys if key & 1]
        for key in filter(None, keys):
            holding: dict[int, list[_Row]] = {}
            for number, segment in enumerate(self._segments):
                others, is_own = segment.sketches, number == place.segment
                if others is None or (is_own and not key & 1):
                    continue
                for row, of_text in others.holders(key):
                    deadline.spend()
                    if is_own and row == own:
                        continue
                    if not segment.deleted or others.doc(row) not in segment.deleted:
                        holding.setdefault(of_text, []).append((number, row))
            for of_text, rows in holding.items():
                sharing.setdefault(of_text, set()).update(rows)
                is_rare = len(holding) <= COMMON
                shared[of_text] = shared.get(of_text, 0) + (ENOUGH if is_rare else 1)
        if not sharing:
            return ()
        # Keys and the hash of a text are of 60 bits and more together.
        same = map(self._at, sharing.pop(whole, ()))
        likely = (of for of in sharing if shared[of] >= ENOUGH)
        first = nsmallest(MOST_READ, likely, key=lambda of: (-shared[of], of))
        return [*same, *self._made_sure(place, [sharing[of] for of in first], deadline)]

    def _made_sure(
        self, place: Place, likely: Sequence[set[_Row]], deadline: Deadline
    ) -> Iterator[Place]:
        """Yield those that are copies of a passage of some sets, each of one text."""
        from indexer.text.copies import (  # noqa: PLC0415 - few passages have any
            Original,
            are_as_long,
            words_of,
        )

        own: Original | None = None
        length = self._length(place)
        for rows in likely:
            deadline.left_seconds()
            other = self._at(min(rows))
            if not are_as_long(length, self._length(other)):
                continue
            own = own or Original(words_of(self._text(place)))
            if own.has_copy(words_of(self._text(other))):
                yield from map(self._at, rows)

    def _at(self, row: _Row) -> Place:
        number, at = row
        sketches = self._segments[number].sketches
        assert sketches is not None, "it is a row of them"
        return Place(number, sketches.doc(at))

    def _length(self, place: Place) -> int:
        """How many positions a passage has, about as many as words."""
        return self._segments[place.segment].lengths("body")[place.doc]

    def _text(self, place: Place) -> str:
        return self._segments[place.segment].text(place.doc)

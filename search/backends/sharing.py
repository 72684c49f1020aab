"""Which passages are likely to be copies of one: those that share keys with it, by their sketches.

In C ``kernels/sketches.h`` does the same, where it could be compiled.
"""

from __future__ import annotations

from heapq import nsmallest
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from indexer.storage.segment import SegmentView
    from search.backends.base import Place
    from search.deadline import Deadline

#: Passages of one text: the segment and the document of each, rising.
Alike: TypeAlias = "Sequence[tuple[int, int]]"
#: Those of the very text of a passage; and those of others that are about as long, which are likely
#: to be copies, the likeliest first.
Likely: TypeAlias = "tuple[Alike, Sequence[Alike]]"


#: By what keys a text is likely to be of a copy: a key that more than so many other texts have
#: tells little; who shares only such keys must share so many; so many texts are likely at most.
Rule: TypeAlias = tuple[int, int, int]
#: A segment, and a row of its sketches.
_Row: TypeAlias = tuple[int, int]


class SharingKeys:
    """The sketches of some segments."""

    def __init__(self, segments: Sequence[SegmentView], rule: Rule) -> None:
        self._segments = segments
        self._common, self._enough, self._most = rule

    def likely(self, place: Place, deadline: Deadline) -> Likely | None:
        """What is likely to be a copy of a passage; None where nothing shares a key with it.

        Raises:
            SearchTimeoutError: the time is over.
        """
        sketches = self._segments[place.segment].sketches
        if sketches is None:
            return None
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
                is_rare = len(holding) <= self._common
                shared[of_text] = shared.get(of_text, 0) + (self._enough if is_rare else 1)
        if not sharing:
            return None
        # Keys and the hash of a text are of 60 bits and more together.
        same = self._places(sharing.pop(whole, ()))
        likely = (of for of in sharing if shared[of] >= self._enough)
        first = nsmallest(self._most, likely, key=lambda of: (-shared[of], of))
        from indexer.text.copies import are_as_long  # noqa: PLC0415 - few passages have any

        length = self._length(place)
        some = (self._places(sharing[of]) for of in first)
        return same, [alike for alike in some if are_as_long(length, self._length(alike[0]))]

    def _places(self, rows: Iterable[_Row]) -> Alike:
        places = []
        for number, row in sorted(rows):
            sketches = self._segments[number].sketches
            assert sketches is not None, "it is a row of them"
            places.append((number, sketches.doc(row)))
        return places

    def _length(self, place: tuple[int, int]) -> int:
        """How many positions a passage has, about as many as words."""
        segment, doc = place
        return self._segments[segment].lengths("body")[doc]

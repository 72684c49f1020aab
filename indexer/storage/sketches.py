"""The sketches of a segment's paragraphs (``text.copies``), by which holders of a key are found.

Three arrays of the documents file, where there are any:

    copy_sketches   four numbers a paragraph: the hash of its whole text, then its keys, which are
                    even, and odd where another paragraph of the segment has the same; 0: none
    copy_order      the places of all keys in copy_sketches, by key and then by place
    copy_starts     how many paragraphs there are before every 32nd document

Article records have no sketches, so paragraphs are counted without them. A hit whose keys are even
costs a look at one page; of the others, and in every other segment, a key is found by halving.
"""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_left, bisect_right
from itertools import accumulate, compress, pairwise
from operator import ne
from typing import TYPE_CHECKING

from indexer.storage.arrays import smallest_array
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from indexer.storage.arrays import ArrayFile, CheckedArray
    from indexer.text.copies import Sketch

SKETCHES, ORDER, STARTS = "copy_sketches", "copy_order", "copy_starts"

# As text.copies makes them, which a search need not load for that.
_KEYS = 3
_NUMBERS = 1 + _KEYS
_STEP_BITS = 5
_STEP = 1 << _STEP_BITS
# To sort the keys of more, loading numpy takes less time than it saves; where it is there, of some.
_MANY, _SOME = 30_000, 1_000
# Who asks for more of them than this will ask for many.
_FEW_TIMES = 64


class SketchTable:
    """What becomes the sketches of a segment; paragraphs without one are not known to be copies."""

    def __init__(self) -> None:
        self._parts: list[tuple[Sequence[int], Sequence[int]]] = []

    def add(self, docs: Sequence[int], sketches: Sequence[int]) -> None:
        """Take the sketches of some paragraphs, rising and above those taken before."""
        if docs:
            self._parts.append((docs, sketches))

    def arrays(self, parents: Sequence[int]) -> dict[str, array[int]]:
        """The arrays, given the article record of each document."""
        count = len(parents)
        before = array("I", accumulate(map(ne, parents, range(count)), initial=0))
        sketches = array("I", bytes(4 * _NUMBERS * before[-1]))
        for docs, own in self._parts:
            first, last = before[docs[0]], before[docs[-1]]
            if last - first == len(docs) - 1:  # none is missing
                sketches[_NUMBERS * first : _NUMBERS * (last + 1)] = array("I", own)
                continue
            for place, doc in enumerate(docs):
                at = _NUMBERS * before[doc]
                sketches[at : at + _NUMBERS] = array(
                    "I", own[_NUMBERS * place : _NUMBERS * (place + 1)]
                )
        order = _in_order(sketches)
        return {
            SKETCHES: smallest_array(sketches, max(sketches, default=0)),
            ORDER: smallest_array(order, max(order, default=0)),
            STARTS: smallest_array(before[:count:_STEP], before[-1]),
        }


def _in_order(sketches: array[int]) -> array[int]:
    """The places of keys in their order; in the sketches, those that come again become odd."""
    if len(sketches) < _NUMBERS * (_SOME if "numpy" in sys.modules else _MANY):
        return _ordered(sketches)
    from indexer.text.sketching import ordered  # noqa: PLC0415 - loads numpy

    return ordered(sketches)


def _ordered(sketches: array[int]) -> array[int]:
    """As _in_order(), without numpy."""
    places = [at for at, number in enumerate(sketches) if number > 1 and at % _NUMBERS]
    for at in places:
        sketches[at] &= ~1
    places.sort(key=sketches.__getitem__)
    again = [pair for pair in pairwise(places) if sketches[pair[0]] == sketches[pair[1]]]
    for pair in again:
        for at in pair:
            sketches[at] |= 1
    return array("I", places)


class Holder(NamedTuple):
    """A paragraph that has a key: its row, and the hash of its whole text."""

    row: int
    whole: int


class Sketches:
    """The sketches of one segment, deleted paragraphs included.

    Attributes:
        arrays: copy_sketches, copy_order and copy_starts, as they lie in their file.
        are_single: whether each article is known to be one paragraph.
    """

    def __init__(
        self,
        arrays: ArrayFile,
        parents: memoryview[int],
        paragraphs: int,
        *,
        are_single: bool = False,
    ) -> None:
        """Read them as they are asked for; IndexFormatError unless there are so many.

        are_single tells that each article is known to be one paragraph, behind its record.
        """
        self._parents = parents
        self.are_single = are_single
        self.arrays = tuple(map(arrays.lazily, (SKETCHES, ORDER, STARTS)))
        self._lazily: tuple[CheckedArray, ...] = self.arrays
        self._sketches: Sequence[int] = self._lazily[0]
        self._order: Sequence[int] = self._lazily[1]
        self._starts: Sequence[int] = self._lazily[2]
        self._asked = 0
        if (
            len(self._sketches) != _NUMBERS * paragraphs
            or len(self._order) > _KEYS * paragraphs
            or len(self._starts) != -(-len(parents) // _STEP)
        ):
            raise arrays.damaged(f"it does not hold the sketches of {paragraphs} paragraphs")

    def row(self, doc: int) -> int:
        """The row of a paragraph: how many there are before it."""
        self._note()
        if self.are_single:
            return doc >> 1
        first = doc >> _STEP_BITS << _STEP_BITS
        own: int = sum(map(ne, self._parents[first:doc], range(first, doc)))
        return self._starts[doc >> _STEP_BITS] + own

    def doc(self, row: int) -> int:
        """The paragraph of a row."""
        if self.are_single:
            return 2 * row + 1
        step = bisect_right(self._starts, row) - 1
        left = row - self._starts[step]
        parents, doc = self._parents, step << _STEP_BITS
        while parents[doc] == doc or left:
            left -= parents[doc] != doc
            doc += 1
        return doc

    def at(self, row: int) -> Sketch:
        """The sketch at a row; those keys are odd that others of the segment have as well."""
        at, sketches = _NUMBERS * row, self._sketches
        return sketches[at], sketches[at + 1], sketches[at + 2], sketches[at + 3]

    def is_marked(self, doc: int) -> bool:
        """Whether another paragraph of the segment has a key of one."""
        return any(key & 1 for key in self.at(self.row(doc))[1:])

    def holders(self, key: int) -> Iterator[Holder]:
        """Yield the paragraphs that have a key, odd or even, in their order."""
        self._note()
        sketches, order, key = self._sketches, self._order, key & ~1
        place = bisect_left(order, key, key=sketches.__getitem__)
        while place < len(order):
            at = order[place]
            if sketches[at] & ~1 != key:
                return
            row = at // _NUMBERS
            yield Holder(row, sketches[row * _NUMBERS])
            place += 1

    def kept(self, numbers: Sequence[int]) -> tuple[array[int], array[int]]:
        """The paragraphs that have a new number, as those, and their sketches."""
        self._look_at_all()
        if -1 not in numbers:
            own = map(ne, self._parents, range(len(self._parents)))
            return array("I", compress(numbers, own)), array("I", self._sketches)
        docs, sketches = array("I"), array("I")
        row = 0
        for doc, parent in enumerate(self._parents):
            if doc != parent:
                if numbers[doc] >= 0:
                    docs.append(numbers[doc])
                    sketches.extend(self._sketches[_NUMBERS * row : _NUMBERS * (row + 1)])
                row += 1
        return docs, sketches

    def _note(self) -> None:
        if self._lazily:
            self._asked += 1
            if self._asked > _FEW_TIMES:
                self._look_at_all()

    def _look_at_all(self) -> None:
        """Look at pages no more when they are read, after this; several threads may."""
        lazily = self._lazily
        for values in lazily:
            values.look_at(0, len(values))
        if lazily:
            self._sketches, self._order, self._starts = (one.values for one in lazily)
            self._lazily = ()

    def flaw(self) -> str:
        """What is wrong with them, whoever wrote them; "" if nothing is."""
        self._look_at_all()
        before = array(
            "I", accumulate(map(ne, self._parents, range(len(self._parents))), initial=0)
        )
        if array("I", self._starts) != before[: len(self._parents) : _STEP]:
            return "its paragraphs are not counted right"
        sketches = array("I", self._sketches)
        for at in range(0, len(sketches), _NUMBERS):
            if not sketches[at] and any(sketches[at : at + _NUMBERS]):
                return f"the sketch of paragraph {at // _NUMBERS} makes no sense"
        if array("I", self._order) != _in_order(sketches):
            return "its keys are not in their order"
        if sketches != array("I", self._sketches):
            return "its keys are not marked right"
        return ""

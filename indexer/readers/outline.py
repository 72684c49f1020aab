"""Gives the headings of a plain text their levels; pure.

A plain text does not say which heading stands under which. What is known is taken in this order:

- An underlined heading has the level its underline says.
- **Divisions**, headings with a number (``labels``): each kind has one place in the order of kinds,
  from the time it is first seen. A kind first seen under another is inside it, unless it is by
  custom the larger one (a part after the text of a chapter); one that is seen again closes what it
  is beside. So the order is that of the text: "Article" over "Section" in a constitution, "Section"
  over "Article" in a treaty. "2.1" is inside "2".
- **Frames** such as an epilogue, a bibliography, an appendix are beside the outermost division.
  Where one is the first line in a division, as the introduction of a chapter, they are like others.
- All **other headings** are inside the innermost division, beside each other. Of two that follow
  each other without text between them the second is inside the first until text and another
  heading come; capitals that once stood so over small letters stay above them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.model import BlockKind
from indexer.readers.labels import Label, is_frame, labels_of
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from indexer.articles import Block

#: Below the title.
OUTERMOST_LEVEL = 2

# How large a kind usually is, 0 the largest; those without a word are the smallest.
_SIZES = {
    **dict.fromkeys(("volume", "book", "part", "act"), 0),
    **dict.fromkeys(("title", "chapter", "letter", "canto", "amendment"), 1),
    **dict.fromkeys(("article", "section", "scene"), 2),
    "paragraph": 3,
}
_SMALLEST = 4
# A kind that follows another without text between them is larger only beyond doubt.
_BEYOND_DOUBT = 2

_Kind = tuple[str, int]
_UNDERLINED, _FRAME, _CAPITALS, _OTHER = (
    ("underlined", 0),
    ("frame", 0),
    ("in capitals", 0),
    ("other", 0),
)
_UNNUMBERED = (_CAPITALS, _OTHER)


class _Open(NamedTuple):
    """A heading that what comes next may stand under."""

    kind: _Kind
    level: int
    is_below_number: bool  # nothing between: the name of the division, or its first heading


def rank_headings(blocks: Iterable[Block]) -> Iterator[Block]:
    """Yield the blocks in their order, each heading with its level.

    Levels of headings that were underlined are kept.
    """
    outline = _Outline()
    follows_heading = False
    for block in blocks:
        if block.kind is BlockKind.HEADING:
            yield block._replace(level=outline.level_of(block, follows_heading=follows_heading))
        else:
            yield block
        follows_heading = block.kind is BlockKind.HEADING


class _Outline:
    """The headings so far: which are open, and which kinds are inside which."""

    def __init__(self) -> None:
        self._open: list[_Open] = []
        self._order: list[_Kind] = []  # of divisions, the outermost first
        self._places: dict[_Kind, int] = {}  # the last of each kind
        self._ends_in_number = False  # whether the last heading is a number and nothing else
        self._capitals_are_above = False
        self._frames_are_inside = False

    def level_of(self, block: Block, *, follows_heading: bool) -> int:
        """The level of the next heading, which is then open."""
        is_below_number = follows_heading and self._ends_in_number
        label = None if block.level else self._label(block.text)
        self._ends_in_number = label is not None and label.bare
        if block.level:
            self._close_to(block.level)
            kind = _UNDERLINED
        elif label:
            kind = (label.kind, label.depth)
            self._places[kind] = label.place
            if follows_heading:
                self._settle_name()
            self._open_division(kind, follows_heading=follows_heading)
        elif self._is_frame(block.text, follows_heading=follows_heading):
            self._close_to(OUTERMOST_LEVEL)
            kind = _FRAME
        else:
            kind = _CAPITALS if block.text.isupper() else _OTHER
            is_below_number = is_below_number and not is_frame(block.text)
            self._open_other(kind, follows_heading=follows_heading)
        level = block.level or max(
            OUTERMOST_LEVEL, self._open[-1].level + 1 if self._open else OUTERMOST_LEVEL
        )
        self._open.append(_Open(kind, level, is_below_number))
        return level

    def _label(self, text: str) -> Label | None:
        """What number a heading has: the next of its kind, else what it surely or first is."""
        labels = labels_of(text)
        following = (
            label
            for label in labels
            if label.place and label.place == self._places.get((label.kind, label.depth), -1) + 1
        )
        possible = (label for label in labels if label.sure or label.place == 1)
        return next(following, None) or next(possible, None)

    def _is_frame(self, text: str, *, follows_heading: bool) -> bool:
        """Whether a heading stands outside of all divisions there were."""
        if not self._order or not is_frame(text):
            return False
        if follows_heading and self._innermost() in self._order:
            self._frames_are_inside = True
        return not self._frames_are_inside

    def _settle_name(self) -> None:
        """Keep open with a division the name between its number and the first number inside."""
        *outer, innermost = self._open or (None,)
        if innermost is not None and innermost.is_below_number and innermost.kind in _UNNUMBERED:
            self._open[-1] = innermost._replace(kind=outer[-1].kind)

    def _open_division(self, kind: _Kind, *, follows_heading: bool) -> None:
        """Close what a division of a kind is not inside of."""
        if kind == ("appendix", 1):
            self._close_to(OUTERMOST_LEVEL)
            return
        if kind not in self._order:
            self._order.insert(self._place_for(kind, follows_heading=follows_heading), kind)
        if follows_heading and all(one.kind in _UNNUMBERED for one in self._open):
            return  # the first line under a heading without a number, whatever comes later
        place = self._order.index(kind)
        while self._open and not self._is_inside(self._open[-1].kind, place):
            self._open.pop()

    def _is_inside(self, outer: _Kind, place: int) -> bool:
        """Whether the division at a place of the order can stand in an open heading."""
        if outer in self._order:
            return self._order.index(outer) < place
        if outer in {_FRAME, ("appendix", 1)}:
            return place > 0
        return outer == _UNDERLINED

    def _place_for(self, kind: _Kind, *, follows_heading: bool) -> int:
        """Where in the order a kind belongs that was not seen before."""
        of_same_name = [place for place, known in enumerate(self._order) if known[0] == kind[0]]
        for place in of_same_name:
            if self._order[place][1] > kind[1]:
                return place
        if of_same_name:
            return of_same_name[-1] + 1
        divisions = [one.kind for one in self._open if one.kind in self._order]
        smaller = [outer for outer in divisions if _size(outer) > _size(kind)]
        least = _BEYOND_DOUBT if follows_heading else 1
        if any(_size(outer) - _size(kind) >= least for outer in smaller):
            return self._order.index(smaller[0])
        if divisions:
            return self._order.index(divisions[-1]) + 1
        larger = [place for place, known in enumerate(self._order) if _size(known) > _size(kind)]
        return min(larger, default=len(self._order))

    def _open_other(self, kind: _Kind, *, follows_heading: bool) -> None:
        """Close what an unnumbered heading is not inside of."""
        above = self._innermost()
        if follows_heading and above in _UNNUMBERED:
            if (above, kind) == (_CAPITALS, _OTHER):
                self._capitals_are_above = True
            return
        if follows_heading:
            return
        stays = self._capitals_are_above and kind == _OTHER
        beside = {_FRAME, _OTHER} if stays else {_FRAME, _CAPITALS, _OTHER}
        while self._innermost() in beside:
            self._open.pop()

    def _innermost(self) -> _Kind | None:
        return self._open[-1].kind if self._open else None

    def _close_to(self, level: int) -> None:
        """Close the headings of a level and inside of it."""
        while self._open and self._open[-1].level >= level:
            self._open.pop()


def _size(kind: _Kind) -> int:
    return _SIZES.get(kind[0], _SMALLEST)

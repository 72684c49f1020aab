"""Where things stand in an article -> a picture of it, with a tick for each hit; pure.

The picture is as high as 1,000 units, whatever the length of the article. Hits that would lie on
one another share a tick, so that each can be clicked and an article of 100,000 passages has no
more ticks than a short one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.terminal import one_line
from indexer.tuples import NamedTuple
from search.output.snippet import snippet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from indexer.model import Paragraph
    from search.model import Passage

HEIGHT = 1_000
_MOST_TICKS = 125
_STEP = HEIGHT // _MOST_TICKS
_LEAST_HEIGHT = _STEP - 2
# Of a tick: a short article with long passages would be all ticks.
_MOST_HEIGHT = 3 * _STEP
_TOLD_CHARS = 60
# What a paragraph takes beside its words: the space around it, a last line that is not full.
_CHARS_AROUND = 60


class Stretch(NamedTuple):
    """A part of the picture, in units from its top."""

    top: int
    height: int


class Tick(NamedTuple):
    """One hit, or some that stand so near that they are one.

    Attributes:
        place: where it is in the picture.
        address: of the first of them.
        told: what is said of them, for who hovers or listens.
    """

    place: Stretch
    address: str
    told: str


class MiniMap(NamedTuple):
    """The picture.

    Attributes:
        ticks: in the order of the article.
        blocks: its paragraphs; none of an article that comes in parts.
    """

    ticks: tuple[Tick, ...]
    blocks: tuple[Stretch, ...]


class Scale:
    """Tells by the numbers of paragraphs where they are in the picture."""

    def __init__(self, total: int, paragraphs: Sequence[Paragraph]) -> None:
        """Measure an article.

        Args:
            total: how many paragraphs it has.
            paragraphs: those that are known. If they are all, places are by characters; else by
                numbers, as to read an article of any size for its picture would take too long.
        """
        self._ends = [0]
        is_whole = len(paragraphs) == total
        for paragraph in paragraphs if is_whole else range(total):
            size = 1 if isinstance(paragraph, int) else len(paragraph.text) + _CHARS_AROUND
            self._ends.append(self._ends[-1] + size)

    def place(self, first: int, last: int) -> Stretch:
        """Where the paragraphs from one number to another are."""
        whole = max(1, self._ends[-1])
        top = HEIGHT * self._ends[first - 1] // whole
        return Stretch(top, HEIGHT * self._ends[last] // whole - top)


def mini_map(
    scale: Scale,
    paragraphs: Sequence[Paragraph],
    hits: Sequence[Passage],
    address_of: Callable[[int], str],
) -> MiniMap:
    """The picture of an article.

    Args:
        scale: of this article.
        paragraphs: to be shown as blocks.
        hits: what was found in it, in its order.
        address_of: gives the address of a passage by its number.
    """
    blocks = (scale.place(one.number, one.number) for one in paragraphs)
    return MiniMap(
        tuple(_tick(scale, group, address_of) for group in _groups(scale, hits)),
        tuple(one._replace(height=max(1, one.height - 2)) for one in blocks),
    )


def _groups(scale: Scale, hits: Sequence[Passage]) -> Iterator[list[Passage]]:
    """Yield the hits that begin on one step of the picture."""
    group: list[Passage] = []
    step = -1
    for hit in hits:
        number = hit.paragraph.number
        own = scale.place(number, number).top // _STEP
        if group and own != step:
            yield group
            group = []
        step = own
        group.append(hit)
    if group:
        yield group


def _tick(scale: Scale, hits: Sequence[Passage], address_of: Callable[[int], str]) -> Tick:
    first, last = hits[0].paragraph.number, hits[-1].paragraph.number
    place = scale.place(first, last)
    text, matches = hits[0].paragraph.text, hits[0].matches
    told = one_line(snippet(text, matches, width_chars=_TOLD_CHARS).text)
    numbers = f"¶ {first:,}" if len(hits) == 1 else f"{len(hits):,} from ¶ {first:,} to {last:,}"
    height = min(max(_LEAST_HEIGHT, place.height - 2), _MOST_HEIGHT)
    top = min(place.top, HEIGHT - height)
    return Tick(Stretch(top, height), address_of(first), f"{numbers}: {told}")

"""What stands for the paragraphs that an article had, so that their ids still lead somewhere; pure.

An id names a paragraph by its text. When a file is indexed again, both texts are known: each digest
that is gone is kept with that of the paragraph which took its place. Of those that are new, near
the place where it was, it is the one that shares most words with it; where none shares enough, what
stands at that place. Only so many digests are kept, the latest, and only so many of one change.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from indexer.model import Paragraph

MOST_FORMER = 64
# So many new paragraphs are compared with one that is gone, and so much of each.
_WINDOW = 12
_COMPARED_CHARS = 4_000
# Of the words of two paragraphs together, the share that both have; less is said by chance.
_LEAST_SHARED = 0.2


class Replaced(Protocol):
    """An article as the index has it, which is replaced by another of its id."""

    @property
    def former(self) -> Sequence[tuple[str, str]]:
        """What was kept of it before; see ``model.ArticleRecord``."""

    def digests(self) -> Sequence[str]:
        """Return the digests of its paragraphs, in order."""

    def paragraph(self, number: int) -> Paragraph:
        """Return one of its paragraphs, from 1."""


def former_digests(
    replaced: Replaced, paragraphs: Sequence[Paragraph]
) -> tuple[tuple[str, str], ...]:
    """Digests that an article had and has no more, each with one that it has, the latest last.

    Args:
        replaced: the article until now; what was kept of it before is kept on.
        paragraphs: those that it has now.
    """
    before = replaced.digests()
    if not replaced.former and before == [one.digest for one in paragraphs]:
        return ()  # as of most records of a file of which some have changed
    places = {one.digest: place for place, one in enumerate(paragraphs)}
    known = set(before)
    new = [place for place, one in enumerate(paragraphs) if one.digest not in known]
    successors: dict[str, str] = {}
    following = 0  # the place behind the last paragraph before that is still there
    for number, digest in enumerate(before, start=1):
        if digest in places:
            following = places[digest] + 1
        elif (first := digest.partition("-")[0]) in places:
            successors[digest] = first  # the same text, of which fewer are left
        elif paragraphs and len(successors) < MOST_FORMER:
            text = replaced.paragraph(number).text
            successors[digest] = paragraphs[_successor(text, following, paragraphs, new)].digest
    kept = _followed(dict(replaced.former), successors)
    live = [(old, now) for old, now in kept.items() if old not in places and now in places]
    return tuple(live[-MOST_FORMER:])


def _followed(former: Mapping[str, str], successors: Mapping[str, str]) -> dict[str, str]:
    """What was kept, led on to what stands for it now, and what is to be kept from now on."""
    kept = {old: successors.get(now, now) for old, now in former.items() if old not in successors}
    return {**kept, **successors}


def _successor(text: str, place: int, paragraphs: Sequence[Paragraph], new: Sequence[int]) -> int:
    """The place of the paragraph that stands for one which stood at a place."""
    at = bisect_left(new, place)
    start = max(0, at - _WINDOW // 2)
    words = _words(text)
    best, most_shared = min(place, len(paragraphs) - 1), _LEAST_SHARED
    for other in sorted(new[start : start + _WINDOW], key=lambda other: abs(other - place)):
        others = _words(paragraphs[other].text)
        shared = len(words & others) / (len(words | others) or 1)
        if shared > most_shared:
            best, most_shared = other, shared
    return best


def _words(text: str) -> set[str]:
    """The words of a text, or pairs of its characters where it has no spaces."""
    text = text[:_COMPARED_CHARS].casefold()
    words = text.split()
    return set(words) if len(words) > 1 else {text[at : at + 2] for at in range(len(text))}

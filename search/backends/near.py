"""The terms of an index that are spelt much like a word.

A letter put in, left out, changed, or two neighbours that changed places: each is one edit, and no
stretch of a word is edited twice (optimal string alignment, as in Lucene).
"""

from __future__ import annotations

from itertools import combinations, pairwise
from typing import TYPE_CHECKING

from indexer.text.analysis import encoded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from indexer.storage.segment import SegmentView
    from search.deadline import Deadline


# Longer ones are no words that somebody misspelt, and every letter costs time.
_LONGEST_WORD = 64


def near_terms(
    segment: SegmentView, field: str, word: str, distance: int, deadline: Deadline
) -> Iterator[str]:
    """Yield the terms of a field at most so many edits from a folded word, each once.

    The lexicon is walked for words within so many edits without changes of place; then with one
    pair changed and an edit less, with two pairs and two less.
    """
    postings = segment.postings(field)
    if postings is None:
        return
    if len(word) > _LONGEST_WORD:
        if postings.find(encoded(word)) >= 0:
            yield word
        return
    seen: set[str] = set()
    for swaps in range(distance + 1):
        for swapped in _swapped(word, swaps):
            deadline.left_seconds()
            if swaps < distance:
                found = segment.fuzzy_terms(field, swapped, distance - swaps)
            else:
                found = [swapped] if postings.find(encoded(swapped)) >= 0 else []
            for term in found:
                if term not in seen and edits(word, term) <= distance:
                    seen.add(term)
                    yield term


def _swapped(word: str, swaps: int) -> Iterable[str]:
    """Words with so many pairs of different neighbours changed, no letter in two of them."""
    pairs = [at for at in range(len(word) - 1) if word[at] != word[at + 1]]
    for chosen in combinations(pairs, swaps):
        if all(two - one > 1 for one, two in pairwise(chosen)):
            letters = list(word)
            for at in chosen:
                letters[at], letters[at + 1] = letters[at + 1], letters[at]
            yield "".join(letters)


def edits(one: str, other: str) -> int:
    """The edits between two words.

    >>> edits("onwership", "ownership"), edits("ca", "abc"), edits("abcd", "badc")
    (1, 3, 2)
    """
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        now = [row]
        for column, wanted in enumerate(other, 1):
            cost = min(last[column] + 1, now[-1] + 1, last[column - 1] + (letter != wanted))
            if row > 1 and column > 1 and letter == other[column - 2] and wanted == one[row - 2]:
                cost = min(cost, before[column - 2] + 1)
            now.append(cost)
        before, last = last, now
    return last[-1]

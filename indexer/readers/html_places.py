"""Where texts that the extractor found stand among the words of a page, and what is there.

The extractor gives a text without its place, runs words together where it drops a tag, and leaves
out a first letter that is set apart; the page has all of them.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from itertools import accumulate, chain, islice
from typing import TYPE_CHECKING

from indexer.readers.fields import words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from indexer.readers.html_text import PageText

_WORD = re.compile(r"\w+")
_ANCHOR_WORDS = 8
_GAP_WORDS = 30
# A text that begins with a frequent word and is not there is not looked for at all of its places.
_MOST_STARTS = 2_000
# A text that is found without its first letter, and is no other by chance.
_SURE_LETTERS = 20


class Places:
    """The places of texts on one page."""

    def __init__(self, page: PageText) -> None:
        self._page = page

    def find(self, texts: Iterable[str]) -> tuple[list[range | None], list[bool]]:
        """Find texts, given in page order, among the words of the page.

        Returns: the words of each text by their positions, None where it isn't found; and for
            each block of the page whether half of its words or more were found.
        """
        letters = _Letters(self._page.words)
        positions: dict[str, list[int]] = {}
        placed: list[range | None] = []
        # For each block, its words that were found less those that were not.
        balance = [0] * len(self._page.blocks)
        for owner in self._page.owners:
            balance[owner] -= 1
        found = bytearray(len(self._page.words))
        cursor = 0
        for text in texts:
            words = words_of(text)
            run = letters.find(words, cursor)
            if run is not None:
                places: Iterable[int] = run
            else:
                positions = positions or self._positions()
                start = self._anchor(words, positions, cursor)
                if start is None:
                    placed.append(None)
                    continue
                places = self._along(words, start)
                run = range(start, max(places, default=start) + 1)
            for place in places:
                balance[self._page.owners[place]] += 2 * (not found[place])
                found[place] = True
            cursor = run.stop
            placed.append(run)
        return placed, [count >= 0 for count in balance]

    def text_of(self, run: range, text: str) -> str:
        """Return what the page has for a text found there: with its spaces and first letter."""
        words = words_of(text)
        letters, shown = "".join(words), "".join(self._page.words[run.start : run.stop])
        is_whole = letters == shown and len(words) >= len(run)
        if is_whole or letters not in {shown, shown[1:]}:
            return text
        parts: list[str] = []
        for owner in range(self._page.owners[run.start], self._page.owners[run.stop - 1] + 1):
            first = bisect_left(self._page.owners, owner)
            matches = list(_WORD.finditer(self._page.blocks[owner].text))
            if first + len(matches) != bisect_right(self._page.owners, owner):
                return text
            inside = matches[max(run.start - first, 0) : run.stop - first]
            whole = self._page.blocks[owner].text
            start = 0 if inside[0] is matches[0] else inside[0].start()
            stop = len(whole) if inside[-1] is matches[-1] else inside[-1].end()
            while stop < len(whole) and not whole[stop].isspace():  # its full stop
                stop += 1
            parts.append(whole[start:stop])
        return " ".join(parts)

    def _positions(self) -> dict[str, list[int]]:
        positions: dict[str, list[int]] = defaultdict(list)
        for position, word in enumerate(self._page.words):
            positions[word].append(position)
        return positions

    def _along(self, words: Sequence[str], cursor: int) -> list[int]:
        """Return the positions of words from cursor on that are not far apart."""
        places: list[int] = []
        for word in words:
            # A reader may drop a word here and there, a note mark or a button in the text.
            for place in range(cursor, min(cursor + _GAP_WORDS, len(self._page.words))):
                if self._page.words[place] == word:
                    places.append(place)
                    cursor = place + 1
                    break
        return places

    def _anchor(self, words: list[str], positions: dict[str, list[int]], cursor: int) -> int | None:
        """Return where words begin: all of them if possible, at or after cursor if possible."""
        if not words:
            return None
        starts = positions.get(words[0], [])
        split = bisect_left(starts, cursor)
        for length in dict.fromkeys((len(words), min(len(words), _ANCHOR_WORDS))):
            sought = words[:length]
            for at in islice(chain(range(split, len(starts)), range(split)), _MOST_STARTS):
                if self._page.words[starts[at] : starts[at] + length] == sought:
                    return starts[at]
        return None


class _Letters:
    """The letters of a page in one string: the extractor may have run words of it together.

    It also leaves out the first letter of a text at times, a large one that is set apart.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self._text = "".join(words)
        self._starts = list(accumulate(map(len, words), initial=0))

    def find(self, words: Sequence[str], cursor: int) -> range | None:
        """Return the positions of the words a text is made of, at or after cursor if possible."""
        sought = "".join(words)
        if not sought:
            return None
        cursor = self._starts[min(cursor, len(self._starts) - 1)]
        for first, last in ((cursor, len(self._text)), (0, cursor + len(sought) - 1)):
            at = self._text.find(sought, first, last)
            for _ in range(_MOST_STARTS):
                if at < 0:
                    break
                run = self._run(at, at + len(sought))
                if run is not None:
                    return run
                at = self._text.find(sought, at + 1, last)
        return None

    def _run(self, first: int, last: int) -> range | None:
        """Return the words between two letters, None if they are parts of others."""
        start = bisect_right(self._starts, first) - 1
        stop = bisect_left(self._starts, last)
        is_capital = first - self._starts[start] == 1 and last - first >= _SURE_LETTERS
        if (self._starts[start] != first and not is_capital) or self._starts[stop] != last:
            return None
        return range(start, stop)

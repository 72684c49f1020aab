"""The text of an HTML page as blocks and as words, each word with its line of the source."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from indexer.articles import Block
from indexer.model import BlockKind, Lines
from indexer.readers.fields import words_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_WORD = re.compile(r"\w+")
_LINE_END = re.compile(r"\n")
# Where words may be broken and where not: found as one word, they must be one. Joiners that are
# part of the spelling of Persian or Hindi stay.
_INVISIBLE = re.compile("[\xad\u200b\u2060\ufeff]+")


@dataclass(slots=True)
class PageText:
    """The text of a page, as blocks and as one list of words.

    Attributes:
        blocks: every block that has a word, in page order.
        words: the words of all blocks, folded as words_of does.
        lines: the source line of each word, from 1.
        owners: the position in blocks of each word's block.
        unlinked: the text of each block outside of links to other pages.
        homes: the element that begins each block.
        depth: how many elements are inside each other at most.
        row_cells: how many cells a row has at most.
    """

    blocks: list[Block] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    owners: list[int] = field(default_factory=list)
    unlinked: list[str] = field(default_factory=list)
    homes: list[Any] = field(default_factory=list)
    depth: int = 0
    row_cells: int = 0

    def add(
        self,
        kind: BlockKind,
        level: int,
        pieces: Sequence[tuple[str, int]],
        *,
        unlinked: str,
        home: Any,
    ) -> None:
        """Append the block these (text, line of its first character) pieces make, if it has words.

        Code keeps its white space; all else has it collapsed.
        """
        raw = "".join([text for text, _ in pieces])
        if not raw.isascii() and _INVISIBLE.search(raw):
            pieces = [(without_invisible(text), line) for text, line in pieces]
            raw = "".join([text for text, _ in pieces])
        words = words_of(raw)
        if not words:
            return
        lines = self._lines_of(words, raw, pieces)
        self.words.extend(words)
        self.lines.extend(lines)
        self.owners.extend([len(self.blocks)] * len(words))
        text = raw.strip("\n").rstrip() if kind is BlockKind.CODE else " ".join(raw.split())
        self.blocks.append(Block(kind, text, Lines(lines[0], max(lines)), level=level))
        self.unlinked.append(" ".join(unlinked.split()))
        self.homes.append(home)

    @staticmethod
    def _lines_of(words: Sequence[str], raw: str, pieces: Sequence[tuple[str, int]]) -> list[int]:
        """Return the line of each word of the raw text that the pieces make."""
        first = pieces[0][1]
        if "\n" not in raw and pieces[-1][1] == first:
            return [first] * len(words)
        # Each offset from which on another line holds, with the line.
        turns: list[tuple[int, int]] = []
        offset = 0
        for text, line in pieces:
            turns.append((offset, line))
            ends = enumerate(_LINE_END.finditer(text), start=line + 1)
            turns.extend((offset + end.end(), after) for after, end in ends)
            offset += len(text)
        lines: list[int] = []
        turn = 0
        for match in _WORD.finditer(raw):  # of all pieces: a word may run through several
            while turn + 1 < len(turns) and turns[turn + 1][0] <= match.start():
                turn += 1
            lines.append(turns[turn][1])
        if len(lines) != len(words):
            # Folding makes several words of one at times, as of one with a dotted capital I.
            counts = (len(words_of(match)) for match in _WORD.findall(raw))
            lines = [line for line, count in zip(lines, counts, strict=True) for _ in range(count)]
        return lines

    def rewrite(self, texts: Mapping[int, str]) -> None:
        """Give the blocks of these numbers other texts; one whose text is "" is that below it."""
        if not texts:
            return
        first = min(texts)
        moved: list[int] = []
        kept, unlinked, homes = self.blocks[:first], self.unlinked[:first], self.homes[:first]
        for number, block in enumerate(self.blocks[first:], start=first):
            moved.append(len(kept))
            text = texts.get(number, block.text)
            if text:
                kept.append(block._replace(text=text))
                unlinked.append(self.unlinked[number])
                homes.append(self.homes[number])
        start = bisect_left(self.owners, first)
        self.owners[start:] = [moved[owner - first] for owner in self.owners[start:]]
        self.blocks, self.unlinked, self.homes = kept, unlinked, homes

    def lines_of(self, run: range) -> Lines:
        """Return the lines of some words."""
        lines = self.lines[run.start : run.stop]
        return Lines(lines[0], max(lines))

    def run_of(self, number: int) -> range:
        """Return the positions of the words of a block."""
        return range(bisect_left(self.owners, number), bisect_right(self.owners, number))

    def words_in(self, first: int, last: int) -> int:
        """Return how many words the blocks from one number to another have."""
        return bisect_right(self.owners, last) - bisect_left(self.owners, first)


def without_invisible(text: str) -> str:
    r"""Return a text without the characters that only tell where a line may end.

    >>> without_invisible("wall\xadpaper")
    'wallpaper'
    """
    return text if text.isascii() else _INVISIBLE.sub("", text)

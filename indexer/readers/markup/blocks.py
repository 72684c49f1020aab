"""What the readers of markup gather: blocks in order, what is left out, and the article of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from indexer.articles import Article, Block, SkipReason
from indexer.model import BlockKind, Lines
from indexer.readers.budget import too_many_parts
from indexer.readers.byline import parse_byline
from indexer.readers.encoding import decode
from indexer.readers.extra import extra_of
from indexer.readers.faults import ReaderError
from indexer.readers.fields import author_of, date_of, language_of, text_of, words_of
from indexer.readers.tables import Cell, row_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from indexer.model import Locator
    from indexer.readers.budget import Budget

_WITH_PREFIX = frozenset((BlockKind.PARAGRAPH, BlockKind.LIST_ITEM, BlockKind.QUOTE))
_SPLIT_NAMES = re.compile(r"\s*(?:;|\n)\s*|\s+and\s+")


def lines_of(data: bytes, budget: Budget) -> list[str]:
    """The lines of a source, the first being line 1.

    Raises: ReaderError with SkipReason.BINARY if it is no text, TOO_LARGE if there are more lines
        than the budget has.
    """
    text = decode(data)
    if text.count("\n") > budget.parts:
        raise too_many_parts("lines", budget)
    return text.split("\n")


class Blocks:
    """Gathers the blocks of one article.

    Attributes:
        found: the blocks so far.
        omitted: what was left out.
        prefix: what the next paragraph or item begins with: the label of an admonition, the term
            that it defines.
        locator: the place of what is added.
    """

    def __init__(self, budget: Budget, *, keep_furniture: bool = False) -> None:
        self._budget = budget
        self._keep = keep_furniture
        self.found: list[Block] = []
        self.omitted: list[Block] = []
        self.prefix = ""
        self.prefix_line = 0
        self.locator: Locator = ()

    def add(self, kind: BlockKind, text: str, first: int, last: int = 0, *, level: int = 0) -> None:
        """Take one more block if it has any text; last is first unless given.

        Raises: ReaderError if that is more than the budget has.
        """
        text = text.strip("\n").rstrip() if kind is BlockKind.CODE else " ".join(text.split())
        if self.prefix:
            if kind in _WITH_PREFIX and text:
                text, self.prefix = f"{self.prefix} {text}", ""
                first = min(first, self.prefix_line or first)
            elif text:
                self.flush_prefix()
        if not text:
            return
        if len(self.found) >= self._budget.parts:
            raise too_many_parts("blocks", self._budget)
        lines = Lines(first, max(first, last))
        self.found.append(Block(kind, text, lines, None, level, self.locator))

    def begin_with(self, prefix: str, line: int) -> None:
        """Let the next paragraph or item begin with a text that stands on a line."""
        self.flush_prefix()
        self.prefix, self.prefix_line = prefix, line

    def flush_prefix(self, kind: BlockKind = BlockKind.PARAGRAPH) -> None:
        """Let what the next one would have begun with stand for itself."""
        prefix, self.prefix = self.prefix, ""
        if prefix:
            self.add(kind, prefix, self.prefix_line)

    def add_code(self, lines: Sequence[str], first: int) -> None:
        """Take some lines as code, without the indent they share and blank lines around them."""
        start = next((at for at, line in enumerate(lines) if line.strip()), len(lines))
        end = next((at for at in range(len(lines), start, -1) if lines[at - 1].strip()), start)
        kept = lines[start:end]
        if not kept:
            return
        indents = [len(line) - len(line.lstrip()) for line in kept if line.strip()]
        text = "\n".join(line[min(indents) :].rstrip() for line in kept)
        self.add(BlockKind.CODE, text, first + start, first + end - 1)

    def add_rows(self, rows: Sequence[tuple[Sequence[str], Lines]], *, heads: int) -> None:
        """Take the rows of a table, the first of which name its columns."""
        cells = [
            [Cell(" ".join(text.split()), at) for at, text in enumerate(row)] for row, _ in rows
        ]
        for text, (_, lines) in zip(row_texts(cells, heads), rows, strict=True):
            self.add(BlockKind.TABLE_ROW, text, *lines)

    def leave_out(self, text: str, first: int, last: int = 0) -> None:
        """Count something as left out, or take it for a paragraph where all is kept."""
        if self._keep:
            self.add(BlockKind.PARAGRAPH, text, first, last)
        elif text := " ".join(text.split()):
            self.omitted.append(Block(BlockKind.PARAGRAPH, text, Lines(first, max(first, last))))

    def article(
        self,
        source: str,
        *,
        title: object = "",
        title_lines: Lines | None = None,
        author: object = None,
        published: object = None,
        language: object = None,
        extra: Iterable[tuple[object, object]] = (),
    ) -> Article:
        """The article of what was gathered.

        Without a title, it is the heading that all begins with if every other is of a lower level.

        Raises: ReaderError with SkipReason.EMPTY if there is no text.
        """
        self.flush_prefix()
        blocks, name = self.found, text_of(title)
        head = blocks[0] if blocks and blocks[0].kind is BlockKind.HEADING else None
        if head is not None:
            is_title = words_of(head.text) == words_of(name) if name else _is_outermost(blocks)
            if is_title:
                name, title_lines, blocks = name or head.text, head.lines, blocks[1:]
        if not blocks and not name:
            raise ReaderError(SkipReason.EMPTY, "the file has no text")
        return Article(
            source,
            tuple(blocks),
            omitted=tuple(self.omitted),
            title_lines=title_lines,
            title=name,
            author=author_of(author),
            published=day_of(published),
            language=language_of(language),
            extra=extra_of(extra),
        )


def _is_outermost(blocks: Sequence[Block]) -> bool:
    """Whether no other heading is of the level of the first block, or above it."""
    others = (block.level for block in blocks[1:] if block.kind is BlockKind.HEADING)
    return min(others, default=blocks[0].level + 1) > blocks[0].level


def day_of(value: object) -> date | None:
    """The day a value names: "2024-05-01", "1 May 2024" or "May 1, 2024"; else None."""
    day = date_of(value)
    if day is None and (byline := parse_byline(text_of(value))):
        day = byline.published
    return day


def names_of(text: str) -> list[str]:
    """The names in a text that has "and", semicolons or line ends between them.

    >>> names_of("Ada Byron and Bo Li; C. Dee")
    ['Ada Byron', 'Bo Li', 'C. Dee']
    """
    return [name for name in map(text_of, _SPLIT_NAMES.split(text)) if name]

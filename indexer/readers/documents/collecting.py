"""The blocks of a document, taken in order: numbered, with their places, within the budget."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from indexer.articles import Article, Block, Skipped, SkipReason
from indexer.model import BlockKind, Lines
from indexer.readers.budget import too_large
from indexer.readers.faults import ReaderError
from indexer.readers.fields import clean, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.model import Locator
    from indexer.readers.base import Source
    from indexer.readers.documents.facts import Facts
    from indexer.readers.documents.package import Package

_WORD = re.compile(r"\w")
# A title stands within the first blocks, and is no text.
_WITHIN_FIRST = 10
_LONGEST_TITLE_CHARS = 500
_SOFT_HYPHEN = "\xad"
# Pictures in fonts, such as arrows of Wingdings.
_PRIVATE = re.compile("[\ue000-\uf8ff]")


class Blocks:
    """Takes the blocks of one article.

    Args:
        source: what the reader is told.

    Attributes:
        place: where what is taken now stands, such as the slide; where it is nowhere, the number
            of a block is its place (``paragraph``).
        aside: what it is if it is no running text, such as "footnote"; "" for running text.
        taken: the blocks so far, without what is left out.
        title: what the document shows as its title; "" if it shows none.
    """

    def __init__(self, source: Source) -> None:
        self.place: Locator = ()
        self.aside = ""
        self.taken: list[Block] = []
        self.title = ""
        self._title_lines: Lines | None = None
        self._omitted: list[Block] = []
        self._expected: list[Block] = []
        self._source = source
        self._number = 0
        self._left_chars = source.budget.size_bytes

    def add(self, kind: BlockKind, text: str, *, level: int = 0, furniture: bool = False) -> bool:
        """Take a block, unless it has no word; furniture is left out, unless it is kept.

        Returns: whether it has a word. Raises: ReaderError if the text is more than the budget has.
        """
        block = self._block(kind, text, level)
        if block is None:
            return False
        if kind is BlockKind.CAPTION and self.taken and self.taken[-1].text == block.text:
            return True  # what a picture shows is said under it, too
        if self._expected and not furniture:
            self.taken.append(self._expected.pop())
        is_left_out = furniture and not self._source.keep_furniture
        (self._omitted if is_left_out else self.taken).append(block)
        return True

    def begin(self, heading: str, otherwise: str) -> None:
        """Take a heading of level 1.

        Args:
            heading: what it says; "" if there is none.
            otherwise: what stands for it then, once something comes to stand under it.
        """
        self._expected.clear()
        if not self.add(BlockKind.HEADING, heading, level=1):
            block = self._block(BlockKind.HEADING, otherwise, 1)
            self._expected += [block] if block else []

    def may_be_title(self) -> bool:
        """Whether what comes now may be the title, or another line of it: it is at the top."""
        return (
            len(self.taken) < _WITHIN_FIRST
            and len(self.title) < _LONGEST_TITLE_CHARS
            and all(block.kind is not BlockKind.HEADING for block in self.taken)
        )

    def add_title(self, text: str) -> None:
        """Take the title, or one more line of it."""
        block = self._block(BlockKind.HEADING, text, 1)
        if block is not None:
            self.title = f"{self.title} {block.text}".lstrip()
            first = self._title_lines.first if self._title_lines else block.lines.first
            self._title_lines = Lines(first, block.lines.last)

    def article(self, facts: Facts) -> Article:
        """The article that they make.

        Its title is what the document shows as such, else what it says of itself, else the heading
        it begins with where no other is of its level. A heading above all text that says the title
        again is left away.

        Raises: ReaderError if there is neither a block nor a title.
        """
        title = self.title or facts.title
        blocks = list(self.taken)
        lines = self._title_lines
        first = blocks[0] if blocks and blocks[0].kind is BlockKind.HEADING else None
        if first is not None and not self.title:
            levels = [block.level for block in blocks[1:] if block.kind is BlockKind.HEADING]
            is_over_all = min(levels, default=99) > first.level
            if words_of(title) == words_of(first.text) or (not title and is_over_all):
                title, lines = title or first.text, first.lines
                del blocks[0]
        if not blocks and not title:
            raise ReaderError(SkipReason.EMPTY, "the document has no text")
        return Article(
            source=self._source.name,
            blocks=tuple(blocks),
            omitted=tuple(self._omitted),
            title_lines=lines,
            title=title,
            author=facts.author,
            published=facts.published,
            language=facts.language,
            url=facts.url,
            extra=facts.extra,
        )

    def results(self, facts: Facts, package: Package) -> Iterator[Article | Skipped]:
        """Yield the article, and a Skipped for each part of its document that is damaged.

        Raises: ReaderError if there is no article.
        """
        faults = package.faults
        if faults and not self.taken:
            raise faults[0][1]
        yield self.article(facts)
        for part, fault in faults:
            path = f"{self._source.name}:{part}"
            yield Skipped(path, fault.reason, fault.detail, inside=True)

    def _block(self, kind: BlockKind, text: str, level: int) -> Block | None:
        if not _WORD.search(text):
            return None
        text = _PRIVATE.sub(" ", clean(text.replace(_SOFT_HYPHEN, "")))
        text = text.strip("\n").rstrip() if kind is BlockKind.CODE else " ".join(text.split())
        self._left_chars -= len(text)
        if self._left_chars < 0:
            raise too_large("text", self._source.budget)
        self._number += 1
        place = self.place or (("paragraph", self._number),)
        locator = (*place, ("section", self.aside)) if self.aside else place
        return Block(kind, text, Lines(self._number, self._number), None, level, locator)

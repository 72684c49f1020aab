"""An entry of a feed, whatever its format -> an article."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from indexer.articles import Article, Block
from indexer.model import BlockKind, Lines
from indexer.readers.budget import too_many_parts
from indexer.readers.extra import extra_of
from indexer.readers.fields import author_of, clean, date_of, language_of, text_of, words_of
from indexer.readers.layout import split_blocks
from indexer.readers.messages.markup import html_blocks, is_marked_up, plain
from indexer.readers.messages.placing import digest_of, placed, short
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from indexer.readers.base import Source
    from indexer.readers.budget import Budget

# Where the text holds the first words of its summary, it goes on where the summary is cut off.
_TELLING_WORDS = 6


class Told(NamedTuple):
    """A text in a feed.

    Attributes:
        text: as it was written.
        line: where it begins.
        is_plain: whether it is certain that nothing in it is markup.
    """

    text: str = ""
    line: int = 1
    is_plain: bool = False


class Feed(NamedTuple):
    """What a feed says of itself, and so of its entries; see Entry."""

    title: str = ""
    url: str = ""
    language: str = ""
    authors: tuple[str, ...] = ()


class Entry(NamedTuple):
    """What an entry says.

    Attributes:
        name: its own id, by which it is known wherever it is; "" if it has none.
        title, summary, content: its texts.
        authors: people.
        dates: in any form, the one to be taken first.
        language: of the entry, "" if it is that of its feed.
        url: where it is; "" if nowhere.
        extra: what else it says.
        last_line: where it ends.
    """

    name: str
    title: Told
    summary: Told = Told()
    content: Told = Told()
    authors: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    language: str = ""
    url: str = ""
    extra: tuple[tuple[str, str], ...] = ()
    last_line: int = 1


class Entries:
    """Makes the entries of one feed articles."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._known: set[str] = set()
        self._number = 0

    def article(self, entry: Entry, feed: Feed) -> Article | None:
        """The article that the next entry is; None if it has no text.

        Raises: ReaderError if its text has more tags than the budget has.
        """
        self._number += 1
        budget = self._source.budget
        title = entry.title.text
        title = text_of(clean(title)) if entry.title.is_plain else plain(title, budget)
        blocks = _blocks(entry.content, budget)
        summary = _blocks(entry.summary, budget)
        omitted: list[Block] = []
        if not blocks:
            blocks = summary
        elif summary and _is_told_in(summary, blocks):
            omitted = summary
        elif summary:
            blocks = [*(one._replace(kind=BlockKind.SUMMARY, level=0) for one in summary), *blocks]
        if not blocks and not title:
            return None
        last = max(entry.last_line, entry.title.line)
        article = Article(
            self._source.name,
            tuple(_up_to(last, block) for block in blocks),
            omitted=tuple(_up_to(last, block) for block in omitted),
            title_lines=Lines(entry.title.line, entry.title.line) if title else None,
            title=title,
            author=clean(
                author_of([plain(name, budget) for name in entry.authors or feed.authors])
            ),
            published=_first_day(entry.dates),
            language=language_of(entry.language) or language_of(feed.language),
            url=clean(_address(entry.url.strip(), feed.url)),
            site=clean(feed.title),
            extra=extra_of(entry.extra),
        )
        return placed(article, self._part(entry, article), (("entry", self._number),))

    @property
    def number(self) -> int:
        """The number of the last entry, from 1; 0 before the first."""
        return self._number

    def _part(self, entry: Entry, article: Article) -> str:
        """What an entry is called: what it calls itself where no other does."""
        text = "\n".join((article.title, *(block.text for block in article.blocks)))
        digest = digest_of(text)
        name = short(text_of(entry.name) or text_of(entry.url) or digest)
        part = f"{name}~{digest}" if name in self._known else name
        self._known.add(name)
        return part


def _blocks(told: Told, budget: Budget) -> list[Block]:
    if not told.text.strip():
        return []
    if not told.is_plain and is_marked_up(told.text):
        return html_blocks(told.text, budget, told.line)
    if told.text.count("\n") > budget.parts:
        raise too_many_parts("lines", budget)
    return [
        block._replace(
            lines=Lines(block.lines.first + told.line - 1, block.lines.last + told.line - 1),
            span=None,
        )
        for block in split_blocks(clean(told.text))
    ]


def _is_told_in(summary: Iterable[Block], blocks: Iterable[Block]) -> bool:
    """Whether a text begins with its summary, or holds it somewhere."""
    said, text = (
        " ".join(word for block in some for word in words_of(block.text))
        for some in (summary, blocks)
    )
    head = " ".join(said.split()[:_TELLING_WORDS])
    return f" {head} " in f" {text} "


def _up_to(last: int, block: Block) -> Block:
    """A block that ends where its entry does: line ends may be written as characters."""
    first = min(block.lines.first, last)
    return block._replace(lines=Lines(first, max(first, min(block.lines.last, last))))


def _first_day(dates: Iterable[str]) -> date | None:
    for text in dates:
        day = date_of(text)
        if day is not None:
            return day
        try:
            return parsedate_to_datetime(text).date()
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None


def _address(url: str, base: str) -> str:
    """The address of a page on the web, "" for what is none."""
    try:
        joined = urljoin(base, url) if url else ""
        return joined if urlsplit(joined).scheme in {"http", "https"} else ""
    except ValueError:
        return ""

"""What readers make of sources: articles in blocks, and what was left out; plain frozen records.

Those that a file of records has by the hundred thousand are tuples, which are made in a third of
the time. Units are those of ``model``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from datetime import date

    from indexer.model import BlockKind, Lines, Locator, Span


class SkipReason(Enum):
    """Why a file or record has no place in the index."""

    BINARY = "not text"
    BROKEN = "broken"
    EMPTY = "no text"
    MISSING = "no such file"
    UNREADABLE = "cannot be read"
    TOO_LARGE = "too large"
    TOO_SLOW = "takes too long"
    NO_PROSE = "no prose"
    NO_READER = "its reader is not installed"
    PROTECTED = "protected by a password"


class Block(NamedTuple):
    """One block of an article, in source order.

    Attributes:
        kind: what it is.
        text: its words, white space collapsed to single spaces (kept as it is in CODE).
        lines: where it stands in the source file.
        span: its place in the decoded source; None where the source is not plain text.
        level: from 1 for a HEADING, 1 the highest below the title; 0 for all else.
        locator: where it stands in a document whose lines do not say it, see ``text.places``.
    """

    kind: BlockKind
    text: str
    lines: Lines
    span: Span | None = None
    level: int = 0
    locator: Locator = ()


class Article(NamedTuple):
    """One article as its reader understood it.

    Attributes:
        source: path or URL it was read from, as the user named it ("-" for standard input).
        blocks: summary, headings and body blocks in order; the title is not among them.
        article_id: the record's own id in bulk files; None lets the index choose one.
        omitted: blocks left out as page furniture, in order.
        title_lines: where the title stands, None when it is not in the source's text.
        part: what it is called within its file, as a member of an archive, a message of a mailbox;
            always the same, whatever else the file holds. "" where the file holds it alone, or by
            its lines.
        title, author, published, language, url, site, extra: see ``model.ArticleFacts``.
    """

    source: str
    blocks: tuple[Block, ...]
    article_id: str | None = None
    omitted: tuple[Block, ...] = ()
    title_lines: Lines | None = None
    part: str = ""
    title: str = ""
    author: str = ""
    published: date | None = None
    language: str = ""
    url: str = ""
    site: str = ""
    extra: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Skipped:
    """One file or record that was not indexed.

    Attributes:
        path: the file, with ":LINE" after it for a record of a bulk file, and ":MEMBER" for what
            is inside.
        reason: why, as a choice.
        detail: one sentence for a person: the fault and, where there is one, the remedy.
        inside: whether it was come upon in another file, and not named.
        kind: of what is no prose: what it is instead, such as "PostScript" or "a log".
    """

    path: str
    reason: SkipReason
    detail: str
    inside: bool = False
    kind: str = ""


def line_of(article: Article) -> int:
    """Where an article begins in its file."""
    if article.blocks:
        return article.blocks[0].lines.first
    return article.title_lines.first if article.title_lines else 1


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """What became of one file that was looked at.

    Attributes:
        source: its name for people.
        format_name: what it was read as; "" where it was not read.
        articles, passages: how many it gave.
        unchanged: whether it is as the index knows it, and was left alone.
        skipped, passed_over: what of it is not indexed, see IndexReport.
    """

    source: str
    format_name: str
    articles: int
    passages: int
    unchanged: bool = False
    skipped: tuple[Skipped, ...] = ()
    passed_over: tuple[Skipped, ...] = ()


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What one run of the indexer did; counts are of articles unless the name says otherwise.

    Attributes:
        skipped: what was named, or should be readable, and is not indexed.
        passed_over: what nobody named, and is no text or no prose.
        formats: the files that gave articles, those that are unchanged apart, by their format.
    """

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0
    paragraphs: int = 0
    omitted_blocks: int = 0
    skipped: tuple[Skipped, ...] = ()
    hidden_files: int = 0
    binary_files: int = 0
    no_prose_files: int = 0
    passed_over: tuple[Skipped, ...] = field(default=(), compare=False)
    formats: dict[str, int] = field(default_factory=dict, compare=False)
    seconds: float = field(default=0.0, compare=False)

    @property
    def articles(self) -> int:
        """Articles named by the run that the index now holds."""
        return self.added + self.updated + self.unchanged

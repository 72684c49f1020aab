"""Sources of markup read to the blocks they give."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

from indexer.articles import Article, Skipped
from indexer.model import BlockKind
from tests.readings import read_articles

if TYPE_CHECKING:
    from indexer.articles import Block

HEADING, PARAGRAPH, ITEM, QUOTE, ROW, CODE, CAPTION = (
    BlockKind.HEADING,
    BlockKind.PARAGRAPH,
    BlockKind.LIST_ITEM,
    BlockKind.QUOTE,
    BlockKind.TABLE_ROW,
    BlockKind.CODE,
    BlockKind.CAPTION,
)


def read(text: str | bytes, format_name: str, *, keep_furniture: bool = False) -> Article:
    """The one article of a source, whose indent is taken off."""
    data = dedent(text).encode() if isinstance(text, str) else text
    (found,) = read_articles(
        data, source="tide", format_name=format_name, keep_furniture=keep_furniture
    )
    assert isinstance(found, Article), found
    return found


def skipped(data: bytes, format_name: str) -> Skipped:
    """Why a source gives no article."""
    (found,) = read_articles(data, source="tide", format_name=format_name)
    assert isinstance(found, Skipped)
    return found


def shape(block: Block) -> tuple[BlockKind, str, tuple[int, int]]:
    """What a block is, what it says, and its lines."""
    return block.kind, block.text, (block.lines.first, block.lines.last)


def shapes(text: str, format_name: str) -> list[tuple[BlockKind, str, tuple[int, int]]]:
    """The blocks of a source, whose indent is taken off."""
    return [shape(block) for block in read(text, format_name).blocks]


def texts(text: str, format_name: str) -> list[str]:
    """What the blocks of a source say."""
    return [block.text for block in read(text, format_name).blocks]


def plain(markup: str, format_name: str) -> str:
    """What one paragraph says."""
    (found,) = texts(markup, format_name)
    return found

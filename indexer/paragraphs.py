"""Article -> Paragraphs: numbers, heading trails and digests; pure."""

from __future__ import annotations

import hashlib
import unicodedata
from itertools import islice, product, zip_longest
from typing import TYPE_CHECKING

from indexer.articles import Block
from indexer.model import BlockKind, Lines, Paragraph
from indexer.text.blanks import single_blanks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from indexer.articles import Article

# The headings over a paragraph are kept with each: a long one over many would be most of the index.
_MOST_TRAIL_CHARS = 1_000
_DIGEST_BYTES = 5  # 40 bits, 5 of them a character
_BASE32_PAIRS = [*map("".join, product("abcdefghijklmnopqrstuvwxyz234567", repeat=2))]


def digest_of(text: str) -> str:
    r"""Eight base32 characters, lower case, that stay the same when only white space changes.

    >>> digest_of("one  two\n") == digest_of("one two")
    True
    """
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    digest = hashlib.sha256(single_blanks(text).encode("utf-8", "surrogatepass")).digest()
    bits = int.from_bytes(digest[:_DIGEST_BYTES])
    return (
        _BASE32_PAIRS[bits >> 30]
        + _BASE32_PAIRS[bits >> 20 & 1023]
        + _BASE32_PAIRS[bits >> 10 & 1023]
        + _BASE32_PAIRS[bits & 1023]
    )


def split_article(article: Article, article_id: str) -> tuple[Paragraph, ...]:
    """The paragraphs of an article, numbered from 1, each under its trail of headings.

    The summary is one of them. A heading closes those of its own and of deeper levels. One that
    nothing stands under is a paragraph of its own, of kind HEADING, at its place and under the
    headings above it. So is one with which these would have more than 1,000 characters, and the
    title of an article that has nothing else. Omitted blocks are not among them.
    """
    blocks: Sequence[tuple[Block, tuple[str, ...]]]
    if BlockKind.HEADING in [block.kind for block in article.blocks]:
        blocks = list(_with_trails(article.blocks))
    else:
        blocks = [(block, ()) for block in article.blocks]
    if not blocks and article.title:
        lines = article.title_lines or Lines(1, 1)
        blocks = [(Block(BlockKind.HEADING, article.title, lines), ())]
    twins: dict[str, int] = {}
    paragraphs: list[Paragraph] = []
    for number, (block, headings) in enumerate(blocks, start=1):
        kind, text, lines, span, _, locator = block
        digest = digest_of(text)
        twins[digest] = twin = twins.get(digest, 0) + 1
        if twin > 1:
            digest = f"{digest}-{twin}"
        paragraphs.append(
            Paragraph(article_id, number, digest, headings, text, lines, span, kind, locator)
        )
    return tuple(paragraphs)


def has_more(article: Article, passages: int) -> bool:
    """Whether an article has more passages than that, or is as many blocks and more."""
    if len(article.blocks) <= passages:
        return False
    return next(islice(_with_trails(article.blocks), passages, None), None) is not None


def _with_trails(blocks: Sequence[Block]) -> Iterator[tuple[Block, tuple[str, ...]]]:
    """The blocks that become paragraphs, each with the headings over it, outermost first."""
    trail: list[Block] = []
    for block, following in zip_longest(blocks, blocks[1:]):
        if block.kind is BlockKind.HEADING:
            trail = [heading for heading in trail if heading.level < block.level]
            stands_over_none = following is None or (
                following.kind is BlockKind.HEADING and following.level <= block.level
            )
            trail_chars = sum(len(heading.text) for heading in (*trail, block))
            if not stands_over_none and trail_chars <= _MOST_TRAIL_CHARS:
                trail.append(block)
                continue
        yield block, tuple(heading.text for heading in trail)

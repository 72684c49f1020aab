"""Recognises what points from an article to others: links that stand alone, and their labels; pure.

"Read more: Ferry sold" is told in any language by its form: a few words with a mark behind them and
then nothing but a link; or a headline that is a link as a whole. Names and addresses that are links
are text; so are headings, which may name their section by a link, and the items of lists, which
often are sources.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from indexer.model import BlockKind
from indexer.readers.fields import words_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from indexer.articles import Block

_LEAST_WORDS = 5
_LONGEST_CHARS = 250
_MOST_LABEL_WORDS = 6
_LONGEST_LABEL_CHARS = 60
_LABEL_MARKS = (":", "|", "»", ">", "›", "→")
_ADDRESS = re.compile(r"\w\.\w+/|https?:|www\.|\S@\S")
# As the entries of a calendar are.
_DATED = re.compile(r"\d+[./:-]\d")
# Of more the page is a list of links, and they are its text.
_MOST_POINTING = 1 / 3
# Headings that follow each other at the end are headlines; one may have lost its picture.
_LEAST_HEADLINES = 2


def pointer_places(blocks: Sequence[Block], unlinked: Sequence[str]) -> frozenset[int]:
    """The indices of the blocks that point to other articles, and of the labels over them.

    Args:
        blocks: the text of an article.
        unlinked: for each what of its text is outside of links.
    """
    found = {
        place
        for place, (block, outside) in enumerate(zip(blocks, unlinked, strict=True))
        if _is_pointer(block, outside)
    }
    found.update(list(_labels_over(blocks, found)))
    found.update(_headlines_at_the_end(blocks, found))
    words = [len(words_of(block.text)) for block in blocks]
    pointing = sum(words[place] for place in found)
    return frozenset(found) if pointing <= _MOST_POINTING * sum(words) else frozenset()


def _is_pointer(block: Block, unlinked: str) -> bool:
    text = block.text
    if (
        block.kind not in {BlockKind.PARAGRAPH, BlockKind.QUOTE}
        or unlinked == text
        or len(text) > _LONGEST_CHARS
        or _DATED.match(text)
        or len(words_of(text)) < _LEAST_WORDS
        or _ADDRESS.search(text)
    ):
        return False
    label = words_of(unlinked)
    return not label or (
        len(label) <= _MOST_LABEL_WORDS
        and unlinked.endswith(_LABEL_MARKS)
        and text.startswith(unlinked)
    )


def _labels_over(blocks: Sequence[Block], pointers: set[int]) -> Iterator[int]:
    """Yield what stands over pointers that are followed by a heading or by nothing."""
    for place in pointers:
        label = place - 1
        if label < 0 or label in pointers or not _may_be_label(blocks[label]):
            continue
        end = place
        while end in pointers:
            end += 1
        if end == len(blocks) or blocks[end].kind is BlockKind.HEADING:
            yield label


def _may_be_label(block: Block) -> bool:
    return len(block.text) <= _LONGEST_LABEL_CHARS and (
        block.kind is BlockKind.HEADING or block.text.endswith((":", "?", "…"))
    )


def _headlines_at_the_end(blocks: Sequence[Block], pointers: set[int]) -> Sequence[int]:
    end = len(blocks)
    while end - 1 in pointers:
        end -= 1
    first = end
    while first and (blocks[first - 1].kind is BlockKind.HEADING and first - 1 not in pointers):
        first -= 1
    return range(first, end) if end - first >= _LEAST_HEADLINES else ()

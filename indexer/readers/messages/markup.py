"""HTML that is no page but the text of a message or an entry -> blocks; nothing is left out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from indexer.model import Lines
from indexer.readers.budget import too_many_parts
from indexer.readers.fields import clean
from indexer.readers.html_page import read_page
from indexer.readers.html_tree import parse_page

if TYPE_CHECKING:
    from indexer.articles import Block
    from indexer.readers.budget import Budget

_BREAKS = re.compile(r"<(?:p|br|div|li|h[1-6]|tr|pre|table)\b", re.IGNORECASE)
_BLANK_LINE = re.compile(r"\n[ \t]*(?=\n)")
_MARKED = re.compile(r"<[a-zA-Z!/]|&[#\w]+;")


def html_blocks(text: str, budget: Budget, first: int = 1) -> list[Block]:
    """All blocks of some HTML, in order.

    Args:
        text: a page, or what may be inside of one.
        budget: what it may take.
        first: the line it begins on.

    Raises: ReaderError if there are more tags than the budget has.
    """
    if text.count("<") > budget.parts:
        raise too_many_parts("tags", budget)
    if not _BREAKS.search(text):
        # Programs that make paragraphs of blank lines when they show it.
        text = _BLANK_LINE.sub("\n<p>", text)
    tree = parse_page(text)
    if tree is None:
        return []
    body = tree.find("body")
    if body is not None and body.tail and body.tail.strip():
        behind = body.makeelement("p")  # what stands behind the body is shown as well
        behind.text, body.tail = body.tail, None
        body.append(behind)
    return [
        block._replace(
            text=clean(block.text),
            lines=Lines(block.lines.first + first - 1, block.lines.last + first - 1),
        )
        for block in read_page(tree).blocks
    ]


def plain(text: str, budget: Budget) -> str:
    """A line of text that may be marked up, such as a title, without its tags.

    >>> from indexer.readers.budget import DEFAULT_BUDGET
    >>> plain("AT&amp;T <b>again</b>", DEFAULT_BUDGET), plain("a < b", DEFAULT_BUDGET)
    ('AT&T again', 'a < b')
    """
    if _MARKED.search(text):
        text = " ".join(block.text for block in html_blocks(text, budget))
    return " ".join(clean(text).split())


def is_marked_up(text: str) -> bool:
    """Whether a text has a tag or a named character."""
    return _MARKED.search(text) is not None

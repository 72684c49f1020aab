"""Passages -> plain text: quotation marks, and below them where the words are from; pure.

The words stay as the article has them, its own quotation marks among them: who quotes changes
nothing. Code keeps its lines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.model import BlockKind
from search.output.attribution import attribution, plain_code, plain_line
from search.output.fragments import passage_link

if TYPE_CHECKING:
    from search.model import Passage


def plain_quote(passage: Passage, *, place: str) -> str:
    """A passage in quotation marks, with title, author, date, publication and place below.

    Args:
        passage: its paragraph is quoted whole.
        place: names the passage where the article names no page to link to.
    """
    text = passage.paragraph.text
    is_code = passage.paragraph.kind is BlockKind.CODE
    words = plain_code(text) if is_code else plain_line(text)
    facts = (*attribution(passage.article), passage_link(passage) or plain_line(place))
    return f"“{words}”\n\n— {', '.join(facts)}\n"

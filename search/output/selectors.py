"""Passages as targets of W3C Web Annotations; pure.

A quote is told by its text and by what stands directly before and after it; white space in these
is one space each, as in the paragraph, whatever it is in the source. A position counts code points
of the decoded source, as the model asks for, and is there only where the source is plain text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from search.model import Surroundings
from search.output.links import file_link, web_address

if TYPE_CHECKING:
    from search.model import Passage

#: How much of the text before and after a quote is told, in code points.
CONTEXT_CHARS = 32
_FILE = "file://{path}"


def target(passage: Passage) -> dict[str, Any] | None:
    """The source of a passage and what selects it there; None where it came on standard input.

    The source is the page that the article names, or the file: where the passage has a position,
    which is one in the file, or where no page is named.
    """
    paragraph, article = passage.paragraph, passage.article
    before, after = passage.surroundings or Surroundings()
    address = web_address(article.url) or web_address(article.source)
    file = file_link(article.source, paragraph.lines.first, _FILE)
    source = (file or address) if paragraph.span else (address or file)
    if not source:
        return None
    selectors: list[dict[str, Any]] = [
        {
            "type": "TextQuoteSelector",
            "exact": paragraph.text,
            "prefix": f"{before[-1]} "[-CONTEXT_CHARS:] if before else "",
            "suffix": f" {after}"[:CONTEXT_CHARS] if after else "",
        }
    ]
    if paragraph.span:
        start, end = paragraph.span
        selectors.append({"type": "TextPositionSelector", "start": start, "end": end})
    return {"source": source, "selector": selectors}

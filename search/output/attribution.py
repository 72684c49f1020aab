"""What is told of an article below a quote, and the texts of both as they can be shown; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.terminal import one_line, visible
from search.output.names import names_of

if TYPE_CHECKING:
    from search.model import FoundArticle

_INNER_LINE_ENDS = str.maketrans(dict.fromkeys("\u2028\u2029", " "))
# One space for each.
_LINE_ENDS = str.maketrans(dict.fromkeys("\n\t\u2028\u2029", " "))


def attribution(article: FoundArticle) -> tuple[str, ...]:
    """What is known of title, authors, date and publication, in this order.

    Each is one line without control characters. Of an article without a title the id stands there.
    """
    facts = (
        article.title or article.article_id,
        ", ".join(map(str, names_of(article.author))),
        article.published.isoformat() if article.published else "",
        article.site,
    )
    return tuple(filter(None, map(plain_line, facts)))


def plain_line(text: str) -> str:
    r"""A text as one line: line ends and tabs are blanks, control characters symbols.

    >>> plain_line(" a\nb\x1b ")
    'a b␛'
    """
    return one_line(text.translate(_LINE_ENDS)).strip()


def plain_code(text: str) -> str:
    """A text with its own lines and blanks, without control characters."""
    return visible(text).translate(_INNER_LINE_ENDS)

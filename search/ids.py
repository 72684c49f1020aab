"""How ids are spelled: ARTICLE, ARTICLE#DIGEST and ARTICLE#p7, as they are and as printed; pure.

An article's id may hold a # itself, so who looks one up tries the whole as an article first.
"""

from __future__ import annotations

import re

from indexer.tuples import NamedTuple

_BY_NUMBER = re.compile("p([0-9]{1,9})")
# What stands in an id that is printed for a character that cannot be, and what it may stand for.
_SYMBOLS = "\u2400-\u241f\u2421\u2424\ufffd"
_UNPRINTED = "\\x00-\\x1f\\x7f-\\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff"


class PassageName(NamedTuple):
    """An id that names a passage.

    Attributes:
        article_id: its article.
        mark: its digest, or p and its number.
    """

    article_id: str
    mark: str

    @property
    def number(self) -> int | None:
        """The number that the mark says, if it is no digest; not all are those of a passage."""
        found = _BY_NUMBER.fullmatch(self.mark)
        return int(found[1]) if found else None


def passage_name(text: str) -> PassageName | None:
    """The article and the passage that an id names; None if it is not spelled like that.

    >>> passage_name("notes/C#.md#p7")
    PassageName(article_id='notes/C#.md', mark='p7')
    """
    article_id, _, mark = text.rpartition("#")
    return PassageName(article_id, mark) if article_id and mark else None


def printed_expression(text: str) -> str | None:
    """A regular expression of the texts that one with symbols may be printed for; None without."""
    if text.isascii() or not re.search(f"[{_SYMBOLS}]", text):
        return None
    return re.sub(
        f"[{_SYMBOLS}]|(.)",
        lambda found: re.escape(found[1]) if found[1] else f"[{found[0]}{_UNPRINTED}]",
        text,
        flags=re.DOTALL,
    )

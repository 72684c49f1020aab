"""Paragraphs as the index stores them."""

from collections.abc import Sequence

def stored(lines: Sequence[int], texts: Sequence[str], /) -> list[bytes]:
    """The record of each paragraph, given its line and its clean text; see ``plain``.

    Raises: UnicodeEncodeError for a text with halves of characters.
    """

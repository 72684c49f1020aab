"""Text of articles -> pieces that a template lays out: what matches, what does not; pure.

Nothing here is markup, and what would steer whoever reads it is shown as a symbol.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from indexer.terminal import visible
from indexer.tuples import NamedTuple
from search.output.snippet import snippet
from search.output.styles import DEFAULT_SNIPPET_CHARS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from indexer.model import Span

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z")


class Piece(NamedTuple):
    """A stretch of a text, and whether it is what was asked for."""

    text: str
    is_match: bool


def marked(text: str, matches: Sequence[Span]) -> tuple[Piece, ...]:
    """All of a text in pieces, none of them empty."""
    return tuple(_pieces(visible(text), matches))


def shortened(text: str, matches: Sequence[Span]) -> tuple[Piece, ...]:
    """The stretches of a text that show why it was found, as the command cuts them."""
    cut = snippet(text, matches, width_chars=DEFAULT_SNIPPET_CHARS)
    return marked(cut.text, cut.matches)


def is_long(text: str) -> bool:
    """Whether a text is cut until a reader wants all of it."""
    return len(text) > DEFAULT_SNIPPET_CHARS


def language_tag(language: str) -> str:
    """The language as HTML names it, "" where it is not known or is no language."""
    return language if _LANGUAGE.match(language) else ""


def _pieces(text: str, matches: Sequence[Span]) -> Iterator[Piece]:
    at = 0
    for start, end in matches:
        if at < start:
            yield Piece(text[at:start], is_match=False)
        if start < end:
            yield Piece(text[start:end], is_match=True)
        at = end
    if at < len(text):
        yield Piece(text[at:], is_match=False)

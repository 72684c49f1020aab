"""The words of an index, page by page: what patterns and spellings are looked up in; pure.

A page holds exact terms in order, some thousands of them, compressed. Pages of one state do not
share words, but their ranges may overlap where words came later.
"""

from __future__ import annotations

import base64
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

WORDS_KIND = "words"
WORDS_A_PAGE = 8_192


def pages_of(words: Iterable[bytes]) -> Iterator[Sequence[bytes]]:
    """Yield words in order, a page at a time."""
    ordered = sorted(words)
    for start in range(0, len(ordered), WORDS_A_PAGE):
        yield ordered[start : start + WORDS_A_PAGE]


def packed(page: Sequence[bytes]) -> str:
    """A page as it is sent; no term has a line end."""
    return base64.b64encode(zlib.compress(b"\n".join(page))).decode("ascii")


def unpacked(text: str) -> list[bytes]:
    """The words of a page."""
    return zlib.decompress(base64.b64decode(text)).split(b"\n")

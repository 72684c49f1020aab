"""The words of an index, page by page: what patterns and spellings are looked up in; pure.

A page holds exact terms in order, some thousands of them, compressed. Pages of one state do not
share words, but their ranges may overlap where words came later.
"""

from __future__ import annotations

import base64
import zlib
from typing import TYPE_CHECKING, Any

from indexer.storage.remote.state import damaged

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from indexer.storage.remote.address import Address
    from indexer.storage.remote.state import WordPage

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
    """The words of a page; ValueError if it is none."""
    try:
        return zlib.decompress(base64.b64decode(text, validate=True)).split(b"\n")
    except zlib.error as error:
        raise ValueError(str(error)) from error


def words_of(address: Address, page: WordPage, source: Mapping[str, Any]) -> list[bytes]:
    """The words of a page by its document, in order.

    Raises: IndexDamagedError if they are not those that were written.
    """
    try:
        words = unpacked(source["body"]["words"])
    except (ValueError, TypeError, KeyError):
        words = []
    if len(words) != page.words or words != sorted(words):
        raise damaged(address, f"the words of {page.name} are not those that were written")
    return words

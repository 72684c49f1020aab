"""Articles that are found in a part of a file -> what they are called in it, and where."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, overload

from indexer.articles import Article, Skipped

if TYPE_CHECKING:
    from indexer.model import Locator

_MOST_NAME_CHARS = 500
_DIGEST_DIGITS = 12


def digest_of(data: bytes | str) -> str:
    """Some hexadecimal digits that stand for what something is."""
    raw = data.encode("utf-8", "replace") if isinstance(data, str) else data
    return hashlib.sha256(raw).hexdigest()[:_DIGEST_DIGITS]


def short(name: str) -> str:
    """A name that people can have on a line: the end of a very long one is a digest of it.

    >>> short("a"), len(short("a" * 10_000))
    ('a', 513)
    """
    if len(name) <= _MOST_NAME_CHARS:
        return name
    return f"{name[:_MOST_NAME_CHARS]}~{digest_of(name)}"


@overload
def placed(one: Article, part: str, locator: Locator) -> Article: ...
@overload
def placed(one: Article | Skipped, part: str, locator: Locator) -> Article | Skipped: ...
def placed(one: Article | Skipped, part: str, locator: Locator) -> Article | Skipped:
    """An article with what it is called in its file and the place it has there before its own.

    Of what was skipped nothing is changed.
    """
    if isinstance(one, Skipped):
        return one
    blocks, omitted = (
        tuple(block._replace(locator=(*locator, *block.locator)) for block in blocks)
        if locator
        else blocks
        for blocks in (one.blocks, one.omitted)
    )
    return one._replace(part=part, blocks=blocks, omitted=omitted)

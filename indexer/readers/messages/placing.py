"""Articles that are found in a part of a file -> what they are called in it, and where."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, overload

from indexer.articles import Article, Skipped

if TYPE_CHECKING:
    from indexer.model import Locator


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
        tuple(replace(block, locator=(*locator, *block.locator)) for block in blocks)
        if locator
        else blocks
        for blocks in (one.blocks, one.omitted)
    )
    return replace(one, part=part, blocks=blocks, omitted=omitted)

"""What is told of ids that name nothing; pure."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from indexer.terminal import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from search.model import Page


def unknown_lines(page: Page) -> Iterator[str]:
    """A line for each id that names nothing, without its end: the id, and what to try instead."""
    option = "--get" if page.request.ids else "--similar"
    for name, nearest in page.unknown:
        if nearest is None:
            remedy = "indexer list shows the articles there are"
        else:
            word = one_line(nearest)
            remedy = f"the nearest is {word}: search {option} {shlex.quote(word)}"
        yield f"{fault_of(name)}; {remedy}"


def fault_of(name: str) -> str:
    """What is wrong with an id that names nothing."""
    what = "passage" if "#" in name else "article"
    return f"no {what} {one_line(name)} in the index"

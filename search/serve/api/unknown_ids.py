"""Ids that name nothing -> the error that says what is nearest, by its address."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from search.output.unknown import fault_of
from search.serve.problems import NotFoundError

if TYPE_CHECKING:
    from search.model import Page


def unknown_error(page: Page) -> NotFoundError:
    """The error of the first id of a page that names nothing."""
    name, nearest = page.unknown[0]
    if nearest is None:
        hint = "/api/articles lists the articles there are"
    else:
        hint = f"the nearest is {nearest}: {address_of(nearest)}"
    return NotFoundError(fault_of(name), hint=hint)


def address_of(passage_id: str) -> str:
    """Where the passages of an id are given.

    >>> address_of("notes/50% off.md#p7")
    '/api/passages/notes/50%25%20off.md%23p7'
    """
    return f"/api/passages/{quote(passage_id, errors='replace')}"

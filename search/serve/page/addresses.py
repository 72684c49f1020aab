"""The addresses of pages: what is asked, as it stands in one, and with a thing more or less; pure.

An address holds all of the state of a page, so every link is a plain one, works without a script,
and can be kept or sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

#: So many passages of an article are on one page; a longer one comes in parts, by a parameter: what
#: is after # never reaches the server.
PART_PASSAGES = 1_000
PART = "part"
#: What says where in a result a page is; another result begins at its first page.
_PLACE = "offset"
#: What a form sends for what is not said.
_UNSAID = {("sort", "score"), ("all", "0"), ("all", "false")}


class Asked(NamedTuple):
    """The parameters of a page, as pairs in their order, without those that say nothing."""

    pairs: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, given: Iterable[tuple[str, str]]) -> Asked:
        """What an address asks, without what is empty or said anyway."""
        return cls(tuple(pair for pair in given if pair[1] and pair not in _UNSAID))

    def values(self, name: str) -> tuple[str, ...]:
        """All values of a parameter."""
        return tuple(value for key, value in self.pairs if key == name)

    def value(self, name: str) -> str:
        """The first value of a parameter, "" for none."""
        return next(iter(self.values(name)), "")

    def added(self, name: str, value: str) -> Asked:
        """With one more value, from the first page on."""
        return Asked((*self._kept(lambda pair: pair != (name, value)), (name, value)))

    def replaced(self, name: str, value: str) -> Asked:
        """With this as the only value, "" for none, from the first page on."""
        kept = self._kept(lambda pair: pair[0] != name)
        # The query stands first, as people read it.
        one = ((name, value),) if value else ()
        return Asked((*one, *kept) if name == "q" else (*kept, *one))

    def removed(self, name: str, value: str) -> Asked:
        """Without a value, from the first page on."""
        return Asked(self._kept(lambda pair: pair != (name, value)))

    def at(self, offset: int) -> Asked:
        """At another place of the same result."""
        return self.replaced(_PLACE, str(offset) if offset else "")

    @property
    def address(self) -> str:
        """The address of the search page that asks this."""
        told = urlencode(self.pairs, errors="replace")
        return f"/?{told}" if told else "/"

    def _kept(self, is_kept: Callable[[tuple[str, str]], bool]) -> tuple[tuple[str, str], ...]:
        return tuple(pair for pair in self.pairs if pair[0] != _PLACE and is_kept(pair))


def id_in_address(name: str) -> str:
    """An id as one part of a path: it may have slashes, and what an address has a meaning for.

    >>> id_in_address("notes/what now?.md#p7")
    'notes%2Fwhat%20now%3F.md%23p7'
    """
    return quote(name, safe="", errors="replace")


def article_address(article_id: str, query: str, number: int | None = None) -> str:
    """Where a whole article is shown, with what a query finds in it, at one of its passages."""
    asked = Asked((("q", query),) if query else ())
    if number is None:
        return article_part(article_id, asked, 1)
    return f"{article_part(article_id, asked, part_of(number))}#p{number}"


def article_part(article_id: str, asked: Asked, part: int) -> str:
    """Where a part of an article is shown, with what was asked of it."""
    pairs = [pair for pair in asked.pairs if pair[0] != PART]
    pairs += [(PART, str(part))] if part > 1 else []
    told = f"?{urlencode(pairs, errors='replace')}" if pairs else ""
    return f"/article/{id_in_address(article_id)}{told}"


def part_of(number: int) -> int:
    """The part of its article, from 1, that a passage is in by its number."""
    return (number - 1) // PART_PASSAGES + 1

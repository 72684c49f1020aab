"""What is found in a file -> groups of it, which are named and taken together; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.plain import PlainArticles, size_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from indexer.plain import Found

# So many articles of a file are taken at a time, or so much text.
GROUP = 1_000
GROUP_CHARS = 4_000_000


def groups(found: Iterable[Found]) -> Iterator[tuple[list[Found], bool]]:
    """Yield what is found, some of it at a time, and whether that is the last.

    Where a group ends does not depend on how many plain articles come together.
    """
    group: list[Found] = []
    count = size_chars = 0
    for some in found:
        left: Found | None = some
        while left is not None:
            if count >= GROUP or size_chars >= GROUP_CHARS:
                yield group, False
                group, count, size_chars = [], 0, 0
            one = left
            left = None
            if isinstance(one, PlainArticles):
                room = one.part(0, GROUP - count).reaching(GROUP_CHARS - size_chars)
                if room < len(one):
                    one, left = one.part(0, room), one.part(room, len(one))
                count += len(one)
            else:
                count += 1
            group.append(one)
            size_chars += size_of(one)
    if group:
        yield group, True

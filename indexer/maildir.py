"""Messages in Maildirs by their paths: mail programs rename them, and they stay the same; pure.

A message is moved from ``new`` to ``cur`` when it is seen, and what is done with it is told by
letters behind its name (``:2,RS``).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from collections.abc import Set as AbstractSet

# Where a name may have no colon another sign is in its place.
_MESSAGE = re.compile(r"(.*/|)(?:cur|new)/(\d{6,}\.[^/]+?)(?:[:;!]2,[A-Za-z]*)?", re.DOTALL)


def is_in_maildir(path: str) -> bool:
    """Tell whether a path is that of a message in a Maildir, where names have no suffixes.

    >>> is_in_maildir("Mail/cur/1700000000.M1P2.example.md"), is_in_maildir("cur/notes.md")
    (True, False)
    """
    return _MESSAGE.fullmatch(path) is not None


def lasting_path(path: str) -> str:
    """The path of a message without what mail programs change of it; any other as it is.

    >>> lasting_path("Mail/cur/1700000000.M1P2.host:2,RS"), lasting_path("cur/notes.md")
    ('Mail/1700000000.M1P2.host', 'cur/notes.md')
    """
    found = _MESSAGE.fullmatch(path)
    return f"{found[1]}{found[2]}" if found else path


def renamed_messages(
    known: AbstractSet[str], found: Iterable[str], is_gone: Callable[[str], bool]
) -> dict[str, str]:
    """Messages that have another path now, each with the one it had.

    Args:
        known: the paths of files that were known.
        found: those that there are.
        is_gone: whether a file is not there any more.
    """
    before = {lasting_path(path): path for path in known if is_in_maildir(path)}
    renamed = {}
    for path in found if before else ():
        former = before.get(lasting_path(path)) if path not in known else None
        if former is not None and is_gone(former):
            renamed[path] = former
    return renamed

"""What plain words with single joiners between them are indexed under; pure.

Most tokens that are more than a plain word are such: don't, 3.14, os.path, twenty-one. Their forms
are those that ``analysis.forms_of`` gives, in a third of the time.
"""

from __future__ import annotations

import re

from indexer.text.analysis import CONTRACTIONS
from indexer.tuples import NamedTuple

_PLAIN = re.compile(r"[A-Za-z0-9]+(?:['.&@_-][A-Za-z0-9]+)+")
_JOINER = re.compile(r"(['.&@_-])")


class Joined(NamedTuple):
    """The forms of a token.

    Attributes:
        atoms: its words, one a position.
        wholes: the joined forms.
        offsets: the position of each of those.
    """

    atoms: list[str]
    wholes: list[str]
    offsets: list[int]


def joined_forms(token: str) -> Joined | None:
    """The forms of a token; None where it is not made of plain words.

    >>> joined_forms("os.path.join")
    Joined(atoms=['os', 'path', 'join'], wholes=['os.path', 'path.join'], offsets=[0, 1])
    >>> joined_forms("don't"), joined_forms("C++")
    (Joined(atoms=['don'], wholes=["don't"], offsets=[0]), None)
    """
    if not _PLAIN.fullmatch(token):
        return None
    last, *rest = _JOINER.split(token.lower())
    atoms, wholes, offsets = [last], list[str](), list[int]()
    words = rest[1::2]
    has_ending = rest[-2] == "'" and words[-1] in CONTRACTIONS
    for joiner, word in zip(rest[::2], words, strict=True):
        if joiner != "-":
            wholes.append(f"{last}{joiner}{word}")
            offsets.append(len(atoms) - 1)
        atoms.append(word)
        last = word
    if has_ending:  # which is no word of its own
        atoms.pop()
    return Joined(atoms, wholes, offsets)

"""What each line of a plain text message is: written, quoted, said over a quote, or apart.

All that stands below "-----Original Message-----" or the header of an answered message is quoted.
"On Monday Ann wrote:" is said over a quote. Apart are signatures (below "-- "), the footers of
mailing lists and the armour of PGP.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING

from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.model import Lines

_WROTE = re.compile(
    r"(?:\b(?:wrote|writes|said|schrieb\b.*|écrit|escribió|scritto|schreef|escreveu|skrev|"
    r"napisał(?:\(a\))?|написал\(?а?\)?|пишет))\s?:\s*$",
    re.IGNORECASE | re.DOTALL,
)
# How such a line begins where it goes on from a paragraph.
_ON = re.compile(r"(?:On|At|In|Am|Le|El|Il|Op|Em|Den|W dniu|В)\s")
_MOST_WROTE_LINES = 4
_ORIGINAL = re.compile(
    r"\s*-{2,}\s*(?:original message|forwarded message|forwarded by .*|ursprüngliche nachricht|"
    r"weitergeleitete nachricht|message d'origine|message transféré|mensaje original|"
    r"messaggio originale|oorspronkelijk bericht)\s*-{2,}\s*$|\s*begin forwarded message:\s*$",
    re.IGNORECASE,
)
_ANSWERED = re.compile(r"\*?(?:From|Sent|Date|To|Cc|Subject|Von|Gesendet|Datum|An|Betreff):\*?\s")
_LEAST_ANSWERED_LINES = 3
# More of it is text below a line of hyphens.
_MOST_SIGNED_LINES = 15
_FOOTER = re.compile(r"_{20,}\s*$")
_OF_LIST = re.compile(r"mailing list|unsubscribe|listinfo|mailman", re.IGNORECASE)
_ARMOUR = re.compile(r"-----BEGIN PGP (?:SIGNED MESSAGE|SIGNATURE|PUBLIC KEY BLOCK)-----\s*$")
_ARMOUR_ENDS = re.compile(r"-----END PGP (?:SIGNATURE|PUBLIC KEY BLOCK)-----\s*$")


class Role(Enum):
    """What a line is."""

    OWN = "own"
    QUOTED = "quoted"
    SAID_OVER = "said over a quote"
    APART = "apart"


class ReadLine(NamedTuple):
    """A line of a message.

    Attributes:
        text: without its end and the marks of quotes.
        lines: where it stands in the file; several where they were joined.
        depth: how many such marks it has.
        role: what it is.
    """

    text: str
    lines: Lines
    depth: int
    role: Role = Role.OWN

    @property
    def is_blank(self) -> bool:
        """Whether it has nothing on it."""
        return not self.text.strip()


def is_said_over(text: str) -> bool:
    """Whether a text ends as one does that says who wrote what follows."""
    return _WROTE.search(text) is not None


def with_roles(read: list[ReadLine]) -> list[ReadLine]:
    """The lines of a message, in order, each with its role; those that are marked have theirs."""
    roles = [line.role for line in read]
    _mark_armour(read, roles)
    _mark_answered(read, roles)
    _mark_said_over(read, roles)
    _mark_signatures(read, roles)
    return [
        # A line that is signed and begins with a hyphen has another before it.
        line._replace(
            role=role,
            text=line.text.removeprefix("- ") if line.text.startswith("- -") else line.text,
        )
        for line, role in zip(read, roles, strict=True)
    ]


def _mark_armour(read: Sequence[ReadLine], roles: list[Role]) -> None:
    """Set apart what stands around a signed text: its mark up to the blank line, its signature."""
    place = 0
    while place < len(read):
        if read[place].depth == 0 and _ARMOUR.match(read[place].text):
            is_head = "SIGNED MESSAGE" in read[place].text
            while place < len(read):
                roles[place] = Role.APART
                line = read[place]
                if line.is_blank if is_head else _ARMOUR_ENDS.match(line.text):
                    break
                place += 1
        place += 1


def _mark_answered(read: Sequence[ReadLine], roles: list[Role]) -> None:
    """What stands below the header of an answered message is quoted."""
    after_text = False
    for place, line in enumerate(read):
        is_marked = _ORIGINAL.match(line.text) is not None
        is_below = after_text and _ANSWERED.match(line.text) is not None
        after_text = after_text or not line.is_blank
        if line.depth or roles[place] is not Role.OWN or not (is_marked or is_below):
            continue
        if not is_marked and len(_header_lines(read, place)) < _LEAST_ANSWERED_LINES:
            continue
        start = place + 1
        while is_marked and start < len(read) and read[start].is_blank:
            start += 1
        said = [
            *([place] if is_marked else ()),
            *_header_lines(read, start if is_marked else place),
        ]
        end = said[-1] + 1
        roles[place:end] = [Role.SAID_OVER] * (end - place)
        roles[end:] = [Role.QUOTED if role is Role.OWN else role for role in roles[end:]]
        return


def _header_lines(read: Sequence[ReadLine], place: int) -> list[int]:
    """The places of the lines from one on that are the header of an answered message."""
    end = place
    while end < len(read) and (
        _ANSWERED.match(read[end].text)
        or (end > place and read[end].text[:1].isspace() and not read[end].is_blank)
    ):
        end += 1
    return list(range(place, end))


def _mark_said_over(read: Sequence[ReadLine], roles: list[Role]) -> None:
    """The lines above a quote that say whose it is."""
    for place, line in enumerate(read):
        if not line.depth or (place and read[place - 1].depth):
            continue
        end = place
        while end and read[end - 1].is_blank:
            end -= 1
        start = end
        while start and not read[start - 1].is_blank and roles[start - 1] is Role.OWN:
            start -= 1
        if end - start > _MOST_WROTE_LINES:
            begins = [at for at in range(end - _MOST_WROTE_LINES, end) if _ON.match(read[at].text)]
            start = begins[-1] if begins else end
        if _WROTE.search(" ".join(one.text for one in read[start:end])):
            roles[start:end] = [Role.SAID_OVER] * (end - start)


def _mark_signatures(read: Sequence[ReadLine], roles: list[Role]) -> None:
    """Set apart what stands below a line that parts it, up to a quote or the end."""
    place = 0
    while place < len(read):
        start = place
        place += 1
        line = read[start]
        if roles[start] is not Role.OWN or line.depth:
            continue
        is_footer = _FOOTER.match(line.text) is not None
        if not is_footer and line.text.rstrip() not in ("--", "- --"):
            continue
        end = place
        while end < len(read) and roles[end] is Role.OWN:
            end += 1
        below = [one.text for one in read[place:end] if not one.is_blank]
        if len(below) > _MOST_SIGNED_LINES or (is_footer and not _OF_LIST.search(" ".join(below))):
            continue
        roles[start:end] = [Role.APART] * (end - start)
        place = end

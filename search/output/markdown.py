"""Passages -> Markdown: a quote, and a line below it that says where it is from; pure.

Nothing in an article becomes markup: what could begin or end some, in CommonMark or in GitHub's
dialect, has a backslash before it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from indexer.model import BlockKind
from search.output.attribution import attribution, plain_code, plain_line
from search.output.fragments import passage_link

if TYPE_CHECKING:
    from collections.abc import Iterator

    from search.model import Passage

_MARKUP = re.compile(
    r"""[\\`*_\[\]<>~|$]
    | & (?= \#? \w+ ; )               # a character by its name
    | (?<= [a-z] ) : (?= // )         # addresses that would become links
    | (?<= \w ) @ (?= \w )
    | (?<= \bwww ) \.""",
    re.IGNORECASE | re.VERBOSE,
)
_AT_LINE_START = re.compile(r"\d{1,9}(?=[.)])|(?=[#+=:-])")
# Of what may stand in an address, what means something in the destination of a link.
_IN_DESTINATION = re.compile(r"[()*'\[\]]")


def markdown_quote(passage: Passage, *, place: str) -> str:
    """A passage as a block quote, with title, author, date, publication and place below.

    Args:
        passage: its paragraph is quoted whole.
        place: names the passage where the article names no page to link to.
    """
    link = passage_link(passage)
    facts = (
        *map(_escaped, attribution(passage.article)),
        f"[¶ {passage.paragraph.number}]({_destination(link)})" if link else _escaped(place),
    )
    quoted = "".join(f"> {line}\n" if line else ">\n" for line in _quoted_lines(passage))
    return f"{quoted}\n— {', '.join(facts)}\n"


def _quoted_lines(passage: Passage) -> Iterator[str]:
    text = passage.paragraph.text
    if passage.paragraph.kind is not BlockKind.CODE:
        yield _escaped(text)
        return
    ticks = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * max(3, ticks + 1)
    yield fence
    yield from plain_code(text).split("\n")
    yield fence


def _escaped(text: str) -> str:
    r"""A line of text that is shown as it is.

    >>> print(_escaped("1. *Stars* & R&D"))
    1\. \*Stars\* & R&D
    """
    text = _MARKUP.sub(r"\\\g<0>", plain_line(text))
    found = _AT_LINE_START.match(text)
    return text if found is None else f"{text[: found.end()]}\\{text[found.end() :]}"


def _destination(link: str) -> str:
    quoted = _IN_DESTINATION.sub(lambda found: f"%{ord(found[0]):02X}", link)
    return quoted.replace("&", "&amp;")

"""Patterns of letters, * and ? -> elements of a plan and regular expressions; pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from indexer.text.analysis import FormKind, needs
from search.plan import Element, Form, Pattern

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.text.analysis import Need


def fuzzy_elements(text: str, distance: int) -> tuple[Element, ...]:
    """All needs of a text as they are, but the last with words spelt much like it."""
    return _last_as(needs(text), Pattern.FUZZY, distance)


def _last_as(wanted: Sequence[Need], pattern: Pattern, distance: int) -> tuple[Element, ...]:
    """All needs as they are, but the last as a pattern."""
    elements = [Element(need.offset, Form.EXACT, need.text) for need in wanted]
    if elements:
        elements[-1] = elements[-1]._replace(pattern=pattern, distance=distance)
    return tuple(elements)


def prefix_elements(text: str) -> tuple[Element, ...]:
    """All needs of a text with the last as a prefix; a joiner at its end is part of it: R&*."""
    letter = "\ua000"
    wanted = needs(text + letter)
    if wanted[-1].text == letter:  # it stands alone, as after a hyphen: nothing to join
        return _last_as(needs(text), Pattern.PREFIX, 0)
    last = wanted[-1]._replace(text=wanted[-1].text.removesuffix(letter))
    return _last_as((*wanted[:-1], last), Pattern.PREFIX, 0)


def wildcard_elements(pattern: str) -> tuple[Element, ...]:
    """The forms of a pattern, found as those of a word are: letters stand in for * and ?.

    Between characters of a text without spaces a lone wildcard is any one of them.
    """
    # Letters of a rare script, none of which the pattern holds, fold to themselves.
    star, mark = [letter for letter in map(chr, range(0xA000, 0xA48D)) if letter not in pattern][:2]
    wanted = needs(
        "".join(
            {"*": star, "?": mark}.get(piece, piece[-1])
            for piece in re.findall(r"\\.|.", pattern, re.DOTALL)
        )
    )
    elements = []
    for place, need in enumerate(wanted):
        text = need.text.replace(star, "*").replace(mark, "?")
        around = [*wanted[max(0, place - 1) : place], *wanted[place + 1 : place + 2]]
        if not text.strip("*?") and [n.kind for n in around] == [FormKind.CHARACTER] * 2:
            continue
        kind = Pattern.EQUAL if text == need.text else Pattern.WILDCARD
        elements.append(Element(need.offset, Form.EXACT, text, kind))
    return tuple(elements)


def glob_expression(pattern: str, *, before: str = "", after: str = "") -> str:
    r"""The expression for a pattern of ``*``, ``?`` and ``\`` before either of them.

    What stands between two stars is taken where it stands first and never looked for again, which
    finds all that fits in linear time; only the last part has to end where the text does.

    Args:
        pattern: what to fit.
        before: an expression of what may stand before it.
        after: one of what may stand behind it.

    >>> glob_expression("a*b?c*d")
    '(?s:(?>a)(?>.*?b.c).*d)'
    """
    first, *others = _parts_between_stars(pattern)
    if not others:
        return f"(?s:{before}{first}{after})"
    *inner, last = others
    middle = "".join(f"(?>.*?{part})" for part in inner if part)
    return f"(?s:(?>{before}{first}){middle}.*{last}{after})"


def _parts_between_stars(pattern: str) -> list[str]:
    parts = [""]
    for piece in re.findall(r"\\.|.", pattern, re.DOTALL):
        if piece == "*":
            parts.append("")
        else:
            parts[-1] += "." if piece == "?" else re.escape(piece.removeprefix("\\"))
    return parts

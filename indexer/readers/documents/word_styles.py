"""The styles of a DOCX: what a paragraph is by its style, whatever language names it.

The built-in styles have English names in every document; their ids are in the user's language.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from indexer.readers.documents.open_xml import is_on, whole
from indexer.readers.documents.package import attribute, child, local
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Levels of headings; beyond is running text.
MOST_LEVELS = 9
_LONGEST_CHAIN = 20
_HEADING = re.compile(r"heading ([1-9])")
_CONTENTS = re.compile(r"toc (?:heading|\d)|table of (?:figures|authorities)|contents heading")
_ROLES = {
    "title": "title",
    **dict.fromkeys(("quote", "intense quote", "block text"), "quote"),
    **dict.fromkeys(("caption", "image caption", "table caption"), "caption"),
    **dict.fromkeys(
        (
            *("html preformatted", "macro", "macro text", "source code", "code", "code block"),
            *("listing", "preformatted text"),
        ),
        "code",
    ),
}


class Style(NamedTuple):
    """What a style says itself; None and "" leave it to the one it is based on.

    Attributes:
        name: in small letters.
        based_on: the id of another style.
        level: of its headings, from 1; 0 for running text.
        is_list: whether its paragraphs are numbered or have bullets.
        is_hidden: whether its text is not shown.
        has_header: whether its tables have another look in the first row.
    """

    name: str = ""
    based_on: str = ""
    level: int | None = None
    is_list: bool | None = None
    is_hidden: bool | None = None
    has_header: bool | None = None


class Styles:
    """The styles of a document by their ids."""

    def __init__(self, root: Any) -> None:
        self._styles: dict[str, Style] = {}
        self._found: dict[str, tuple[Style, str]] = {}
        self._usual = ""
        for one in root if root is not None else ():
            if local(one) == "style":
                name = attribute(one, "styleId") or ""
                self._styles[name] = _style(one)
                is_usual = (attribute(one, "default") or "0") in {"1", "true"}
                if is_usual and attribute(one, "type") == "paragraph":
                    self._usual = name

    def style(self, name: str | None) -> Style:
        """A style with what it has from those it is based on; the usual one if none is named."""
        return self._resolved(self._usual if name is None else name)[0]

    def role(self, name: str | None) -> str:
        """What a paragraph of a style is: title, quote, caption, code or contents; "" for text."""
        return self._resolved(self._usual if name is None else name)[1]

    def _resolved(self, name: str) -> tuple[Style, str]:
        found = self._found.get(name)
        if found is None:
            chain = list(self._chain(name))
            found = self._found[name] = (
                Style(
                    *((one := chain[0] if chain else Style()).name, one.based_on),
                    next((style.level for style in chain if style.level is not None), None),
                    next((style.is_list for style in chain if style.is_list is not None), None),
                    next((s.is_hidden for s in chain if s.is_hidden is not None), None),
                    next((s.has_header for s in chain if s.has_header), None),
                ),
                next(filter(None, (role_named(style.name) for style in chain)), ""),
            )
        return found

    def _chain(self, name: str) -> Iterator[Style]:
        for _ in range(_LONGEST_CHAIN):
            style = self._styles.get(name)
            if style is None:
                return
            yield style
            name = style.based_on


def _style(element: Any) -> Style:
    name = child(element, "name")
    based_on = child(element, "basedOn")
    properties = child(element, "pPr")
    found = (attribute(name, "val") or "" if name is not None else "").lower()
    hidden = child(element, "rPr", "vanish")
    first_row = any(
        local(one) == "tblStylePr" and attribute(one, "type") == "firstRow" for one in element
    )
    heading = _HEADING.fullmatch(found)
    return Style(
        found,
        attribute(based_on, "val") or "" if based_on is not None else "",
        int(heading[1]) if heading else level_of(properties),
        is_list_of(properties),
        None if hidden is None else is_on(hidden),
        first_row or None,
    )


def level_of(properties: Any) -> int | None:
    """The level of a heading that properties of a paragraph give; 0 for text, None for nothing."""
    outline = child(properties, "outlineLvl")
    if outline is None:
        return None
    level = whole(attribute(outline, "val"), MOST_LEVELS) + 1
    return level if 1 <= level <= MOST_LEVELS else 0


def is_list_of(properties: Any) -> bool | None:
    """Whether properties of a paragraph make it an item of a list; None if they do not say."""
    number = child(properties, "numPr", "numId")
    return None if number is None else attribute(number, "val") != "0"


def role_named(name: str) -> str:
    """What paragraphs are by the name of a built-in style, in small letters; "" for text."""
    return "contents" if _CONTENTS.fullmatch(name) else _ROLES.get(name, "")

"""The styles of an ODT or ODP: what a paragraph is by them; names of built-in ones are English."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from indexer.readers.documents.package import attribute, child, local

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST_CHAIN = 20
_ROLES = {
    "title": "title",
    "table heading": "names",
    **dict.fromkeys(("quotations", "quotation", "block quotation", "block text", "quote"), "quote"),
    **dict.fromkeys(
        ("caption", "illustration", "figure", "tablecaption", "figurecaption", "drawing"), "caption"
    ),
    **dict.fromkeys(("preformatted text", "source code", "source text", "code"), "code"),
}


class OpenStyles:
    """The styles of paragraphs by their names.

    Args:
        elements: of all styles; one that comes later has its name.
    """

    def __init__(self, elements: Iterable[Any]) -> None:
        self._parents: dict[str, str] = {}
        self._shown: dict[str, str] = {}
        self._hidden: set[str] = set()
        self._roles: dict[str, str] = {}
        for one in elements:
            if local(one) != "style":
                continue
            name = attribute(one, "name") or ""
            if attribute(one, "family") == "paragraph":
                self._parents[name] = attribute(one, "parent-style-name") or ""
                self._shown[name] = attribute(one, "display-name") or name
            elif attribute(one, "family") == "text":
                properties = child(one, "text-properties")
                if properties is not None and attribute(properties, "display") == "none":
                    self._hidden.add(name)

    def role(self, name: str) -> str:
        """What a paragraph of a style is: title, names, quote, caption or code; "" for text."""
        found = self._roles.get(name)
        if found is None:
            found = self._roles[name] = self._role(name)
        return found

    def is_hidden(self, name: str) -> bool:
        """Whether text of a style is not shown."""
        return name in self._hidden

    def _role(self, name: str) -> str:
        for _ in range(_LONGEST_CHAIN):
            shown = self._shown.get(name, name).replace("_20_", " ").lower()
            if shown in _ROLES:
                return _ROLES[shown]
            name = self._parents.get(name, "")
            if not name:
                break
        return ""

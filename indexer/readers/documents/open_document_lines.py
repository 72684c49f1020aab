"""The text of an ODF paragraph as it is shown, and what hangs on it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from indexer.readers.documents.mathml import mathml_text
from indexer.readers.documents.package import attribute, child, local, resolve

if TYPE_CHECKING:
    from indexer.readers.documents.open_document_styles import OpenStyles
    from indexer.readers.documents.package import Package

_MOST_SPACES = 200
_UNSEEN = frozenset(("note-citation", "ruby-text", "script", "hidden-text", "tracked-changes"))
#: Drawn shapes that may have text of their own.
SHAPES = frozenset(
    (
        *("frame", "g", "custom-shape", "rect", "ellipse", "circle", "line", "polyline", "polygon"),
        *("regular-polygon", "path", "connector", "caption", "measure", "page-thumbnail"),
    )
)
_LENGTH = re.compile(r"(-?\d{1,9}(?:\.\d{1,9})?)(mm|cm|in|pt|pc|px)")
_MM = {"mm": 1.0, "cm": 10.0, "in": 25.4, "pt": 25.4 / 72, "pc": 25.4 / 6, "px": 25.4 / 96}


class Line:
    """A paragraph.

    Args:
        paragraph: the element.
        styles: of the document.
        package: of the document, which has formulas in parts of their own; None for a flat one.

    Attributes:
        notes: the elements of notes and comments that hang on it.
        shapes: drawn elements that hang on it.
        hidden: text that is not shown.
    """

    def __init__(self, paragraph: Any, styles: OpenStyles, package: Package | None) -> None:
        self._styles = styles
        self._package = package
        self._pieces: list[str] = []
        self.notes: list[Any] = []
        self.shapes: list[Any] = []
        self.hidden: list[str] = []
        self._add(paragraph)

    def text(self) -> str:
        """The line of text, white space collapsed."""
        return " ".join("".join(self._pieces).split())

    def raw(self) -> str:
        """The text with the white space that is meant."""
        return "".join(self._pieces)

    def _add(self, element: Any) -> None:
        self._add_text(element.text)
        for one in element:
            name = local(one)
            if name == "s":
                spaces = attribute(one, "c") or "1"
                count = int(spaces) if spaces.isdecimal() and len(spaces) < 6 else 1
                self._pieces.append(" " * min(count, _MOST_SPACES))
            elif name == "tab":
                self._pieces.append("\t")
            elif name == "line-break":
                self._pieces.append("\n")
            elif name in {"note", "annotation"}:
                self.notes.append(one)
            elif name in SHAPES:
                formula = child(one, "object")
                if formula is not None and (text := self._formula(formula)):
                    self._pieces.append(text)
                else:
                    self.shapes.append(one)
            elif name == "span" and self._styles.is_hidden(attribute(one, "style-name") or ""):
                self.hidden.append("".join(one.itertext()))
            elif name and name not in _UNSEEN:
                self._add(one)
            self._add_text(one.tail)

    def _add_text(self, text: str | None) -> None:
        if text:
            # Line ends in the file are white space like others; those that are meant are elements.
            self._pieces.append(re.sub(r"\s+", " ", text))

    def _formula(self, element: Any) -> str:
        root = child(element, "math")
        if root is None and self._package is not None:
            part = resolve("content.xml", attribute(element, "href") or "")
            root = self._package.loose_tree(f"{part}/content.xml")
        return mathml_text(root) if root is not None and local(root) == "math" else ""


def length(text: str | None) -> float | None:
    """A length in millimetres, None if it is none."""
    found = _LENGTH.fullmatch(text or "")
    return float(found[1]) * _MM[found[2]] if found else None

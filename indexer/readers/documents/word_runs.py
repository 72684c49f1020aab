"""The runs of a DOCX paragraph: its line of text as it is shown, and what hangs on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from indexer.readers.documents.open_xml import chosen, is_on, math_text, whole
from indexer.readers.documents.package import attribute, child, local

if TYPE_CHECKING:
    from indexer.readers.documents.word_styles import Styles

#: What stands around runs without being seen; deletions and what was moved away are not among it.
_AROUND = frozenset(
    (
        *("ins", "moveTo", "hyperlink", "smartTag", "sdt", "sdtContent", "fldSimple", "customXml"),
        *("bdo", "dir", "ruby", "rubyBase"),
    )
)
_MARKS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "\N{HYPHEN-MINUS}"}
_NOTES = {
    "footnoteReference": "footnote",
    "endnoteReference": "endnote",
    "commentReference": "comment",
}


class Runs:
    """The runs of a paragraph.

    Args:
        paragraph: the element.
        styles: of the document.
        begun: what goes on in it.

    Attributes:
        notes: the kind and the number of each note and comment it refers to.
        boxes: the contents of text boxes that hang on it.
        pictures: what its pictures are said to show.
        hidden: text that is not shown.
    """

    def __init__(self, paragraph: Any, styles: Styles, begun: Runs | None = None) -> None:
        self._styles = styles
        self._pieces: list[str] = begun._pieces if begun else []  # noqa: SLF001 - of its kind
        self.notes: list[tuple[str, str]] = begun.notes if begun else []
        self.boxes: list[Any] = begun.boxes if begun else []
        self.pictures: list[str] = begun.pictures if begun else []
        self.hidden: list[str] = begun.hidden if begun else []
        self._add(paragraph)

    def space(self) -> None:
        """Part what follows from what is there."""
        self._pieces.append(" ")

    def text(self) -> str:
        """The line of text, white space collapsed."""
        return " ".join("".join(self._pieces).split())

    def raw(self) -> str:
        """The text with its white space."""
        return "".join(self._pieces)

    def _add(self, parent: Any) -> None:
        for one in parent:
            name = local(one)
            if name == "r":
                self._add_run(one)
            elif name in _AROUND:
                self._add(one)
            elif name in {"oMath", "oMathPara"}:
                self._pieces.append(math_text(one))
            elif name == "AlternateContent":
                branch = chosen(one)
                if branch is not None:
                    self._add(branch)

    def _add_run(self, run: Any) -> None:
        properties = child(run, "rPr")
        if properties is not None and self._is_hidden(properties):
            shown, self._pieces = self._pieces, []
            self._add_parts(run)
            hidden, self._pieces = "".join(self._pieces), shown
            if hidden.strip():
                self.hidden.append(hidden)
        else:
            self._add_parts(run)

    def _add_parts(self, run: Any) -> None:
        for one in run:
            name = local(one)
            if name == "t":
                self._pieces.append(one.text or "")
            elif name in _MARKS:
                self._pieces.append(_MARKS[name])
            elif name in _NOTES:
                self.notes.append((_NOTES[name], attribute(one, "id") or ""))
            elif name == "sym":
                code = whole(f"{int(attribute(one, 'char') or '0', 16)}") if _is_hex(one) else 0
                if 0 < code < 0x110000:
                    self._pieces.append(chr(code))
            elif name == "ruby":
                self._add(one)
            elif name in {"drawing", "pict", "AlternateContent"}:
                self._add_drawn(one)

    def _add_drawn(self, element: Any) -> None:
        """Take the text boxes in a drawing, each once, and what its pictures show."""
        if local(element) == "AlternateContent":
            branch = chosen(element)
            if branch is not None:
                self._add_drawn(branch)
            return
        for one in element:
            name = local(one)
            if name == "txbxContent":
                self.boxes.append(one)
                continue
            if name == "docPr" and (told := attribute(one, "descr")):
                self.pictures.append(told)
            if name == "t" and one.text:  # of a run beside a drawing
                self._pieces.append(one.text)
            self._add_drawn(one)

    def _is_hidden(self, properties: Any) -> bool:
        vanish = child(properties, "vanish")
        if vanish is not None:
            return is_on(vanish)
        style = child(properties, "rStyle")
        if style is None:
            return False
        return bool(self._styles.style(attribute(style, "val") or "").is_hidden)


def _is_hex(symbol: Any) -> bool:
    char = attribute(symbol, "char") or ""
    return 0 < len(char) <= 6 and all(digit in "0123456789abcdefABCDEF" for digit in char)

"""RTF: paragraphs by the styles and levels they say, tables, notes.

What is deleted or hidden is left out; running heads and feet and comments are, and are counted.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from indexer.articles import SkipReason
from indexer.model import BlockKind
from indexer.readers.budget import too_large
from indexer.readers.documents.collecting import Blocks
from indexer.readers.documents.facts import facts_of, keywords_of
from indexer.readers.documents.package import broken
from indexer.readers.documents.rtf_tokens import tokens_of
from indexer.readers.documents.word_styles import role_named
from indexer.readers.faults import ReaderError
from indexer.readers.tables import MOST_COLUMNS, Cell, row_texts
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from indexer.articles import Article
    from indexer.readers.base import Source
    from indexer.readers.documents.facts import Facts
    from indexer.readers.documents.rtf_tokens import Token

_DEEPEST = 1_000
# Names of styles and facts are no longer.
_LONGEST = 1_000
_CHARACTERS = {
    "tab": "\t",
    "line": "\n",
    "lbr": "\n",
    "~": " ",
    "_": "-",
    "emdash": "—",
    "endash": "–",
    "lquote": "‘",
    "rquote": "’",
    "ldblquote": "“",
    "rdblquote": "”",
    "bullet": "•",
    "emspace": " ",
    "enspace": " ",
    "qmspace": " ",
    "\\": "\\",
    "{": "{",
    "}": "}",
    "nestcell": " | ",
    "page": " ",
    "\t": " ",
}
#: Groups that are read though programs may pass them over, or that hold more than text.
_PARTS = {
    **dict.fromkeys(("footnote", "annotation", "stylesheet", "info", "shptxt"), ""),
    **dict.fromkeys(("title", "author", "subject", "keywords", "creatim", "revtim"), "info"),
    **dict.fromkeys(("header", "headerl", "headerr", "headerf"), ""),
    **dict.fromkeys(("footer", "footerl", "footerr", "footerf"), ""),
}
_MARGINS = frozenset(name for name in _PARTS if name.startswith(("header", "footer")))
_UNREAD = frozenset(
    (
        *("fonttbl", "colortbl", "pict", "fldinst", "objdata", "objclass", "listtext", "pntext"),
        *("xe", "tc", "bkmkstart", "bkmkend", "nonshppict", "nonesttables", "atnid", "atnauthor"),
        *("atntime", "atndate", "atnref", "operator", "company", "doccomm", "comment", "printim"),
        *("buptim", "template", "filetbl", "listtable", "listoverridetable", "rsidtbl", "sp", "sn"),
        *("generator", "themedata", "datastore", "latentstyles", "pgptbl", "revtbl", "category"),
        *("manager", "hlinkbase", "ftnsep", "ftnsepc", "aftnsep", "aftnsepc", "ftncn", "aftncn"),
    )
)
_KINDS = {"quote": BlockKind.QUOTE, "caption": BlockKind.CAPTION}
_HEADING = re.compile(r"heading ([1-9])", re.IGNORECASE)


class _Group(NamedTuple):
    """What holds in a group.

    Attributes:
        part: what its text belongs to: "" for the document, "unread" for nothing.
        is_hidden, is_deleted: whether it is not shown.
        is_optional: whether what follows may be passed over if it is not known.
        begins: whether it is where the part begins.
    """

    part: str = ""
    is_hidden: bool = False
    is_deleted: bool = False
    is_optional: bool = False
    begins: bool = False


def read_rtf(stream: BinaryIO, source: Source) -> Iterator[Article]:
    """Yield the one article that a document is.

    Raises: ReaderError if it is no RTF, over the budget, or has no text.
    """
    stream.seek(0)
    data = stream.read(source.budget.size_bytes + 1)
    if len(data) > source.budget.size_bytes:
        raise too_large("file", source.budget)
    if not data.lstrip().startswith(b"{\\rtf"):
        raise broken("it does not begin as RTF does")
    blocks = Blocks(source)
    document = _Document(blocks)
    for token in tokens_of(data):
        document.take(token)
    document.end()
    yield blocks.article(document.facts())


class _Paragraph:
    """A paragraph that has begun: its pieces, and what it says of itself."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.style = 0
        self.level: int | None = None
        self.is_item = False
        self.is_in_table = False

    def text(self) -> str:
        return " ".join("".join(self.pieces).split())

    def clear(self) -> None:
        self.style = 0
        self.level = None
        self.is_item = self.is_in_table = False


class _Document:
    """Takes the tokens of a document."""

    def __init__(self, blocks: Blocks) -> None:
        self._blocks = blocks
        self._group = _Group()
        self._outer: list[_Group] = []
        self._paragraph = _Paragraph()
        self._begun: list[_Paragraph] = []  # around a note
        self._notes: list[tuple[str, str]] = []
        self._row_notes: list[tuple[str, str]] = []
        self._cells: list[str] = []
        self._rows: list[list[Cell]] = []
        self._headers = 0
        self._styles: dict[int, str] = {}
        self._info: dict[str, str] = {}

    def take(self, token: Token) -> None:
        """Take the next token."""
        word = token.word
        if not word:
            self._text(token.text)
        elif word == "{":
            if len(self._outer) >= _DEEPEST:
                raise ReaderError(SkipReason.BROKEN, "the document is nested too deep")
            self._outer.append(self._group)
            self._group = self._group._replace(is_optional=False, begins=False)
        elif word == "}":
            self._close()
        elif word == "*":
            self._group = self._group._replace(is_optional=True)
        elif word in _UNREAD:
            self._group = self._group._replace(part="unread")
        elif word in _PARTS and self._group.part != "unread":
            if not _PARTS[word] or self._group.part.startswith(_PARTS[word]):
                self._open(word)
        elif self._group.is_optional and word != "shppict":
            self._group = self._group._replace(part="unread", is_optional=False)
        elif self._group.part != "unread":
            self._control(word, token.number)

    def end(self) -> None:
        """Take what the last paragraph and the last table are."""
        self._end_paragraph()
        self._end_table()
        self._add_notes(self._notes)

    def facts(self) -> Facts:
        """What the document says of itself."""
        info = {name: " ".join(text.split()) for name, text in self._info.items()}
        created, modified = (_day(info.get(name, "")) for name in ("creatim", "revtim"))
        return facts_of(
            title=info.get("title"),
            authors=info.get("author", "").split(";"),
            published=created or modified,
            extra=(
                ("created", created),
                ("modified", modified),
                ("keywords", keywords_of(info.get("keywords"))),
                ("subject", info.get("subject")),
            ),
        )

    def _open(self, part: str) -> None:
        name = f"info {part}" if _PARTS[part] else part
        is_aside = part in {"footnote", "annotation", "shptxt"} or part in _MARGINS
        self._group = self._group._replace(part=name, is_optional=False, begins=is_aside)
        if is_aside:
            self._begun.append(self._paragraph)
            self._paragraph = _Paragraph()

    def _close(self) -> None:
        group = self._group
        if group.begins and self._begun:
            self._end_paragraph()
            self._paragraph = self._begun.pop()
        if self._outer:
            self._group = self._outer.pop()

    def _text(self, text: str) -> None:
        group = self._group
        if group.part == "unread":
            return
        if group.part == "stylesheet":
            number = self._paragraph.style
            self._styles[number] = (self._styles.get(number, "") + text)[:_LONGEST].strip(" ;")
        elif group.part.startswith("info"):
            name = group.part[5:]
            self._info[name] = (self._info.get(name, "") + text)[:_LONGEST]
        elif not (group.is_hidden or group.is_deleted):
            self._paragraph.pieces.append(text)

    def _control(self, word: str, number: int | None) -> None:
        paragraph = self._paragraph
        if word in _CHARACTERS:
            self._text(_CHARACTERS[word])
        elif word in {"par", "sect", "\n", "\r"}:
            self._end_paragraph()
        elif word == "pard":
            paragraph.clear()
        elif word == "plain":
            self._group = self._group._replace(is_hidden=False, is_deleted=False)
        elif word == "s":
            paragraph.style = number or 0
        elif word == "outlinelevel":
            paragraph.level = number if number is not None and 0 <= number < 9 else None
        elif word in {"ls", "pnlvlblt", "pnlvlbody"}:
            paragraph.is_item = True
        elif word == "intbl":
            paragraph.is_in_table = True
        elif word == "cell":
            self._cells.append(paragraph.text())
            paragraph.pieces.clear()
        elif word == "trhdr":
            if self._headers == len(self._rows):
                self._headers += 1
        elif word == "row":
            cells = self._cells[:MOST_COLUMNS]
            self._rows.append([Cell(text, column) for column, text in enumerate(cells)])
            self._cells = []
            self._row_notes += self._notes
            self._notes.clear()
        elif word == "v":
            self._group = self._group._replace(is_hidden=number != 0)
        elif word == "deleted":
            self._group = self._group._replace(is_deleted=number != 0)
        elif word in {"yr", "mo", "dy"} and self._group.part.startswith("info"):
            self._text(f"{number or 0:0{4 if word == 'yr' else 2}}-")

    def _end_paragraph(self) -> None:
        paragraph = self._paragraph
        text = paragraph.text()
        part = self._group.part
        if paragraph.is_in_table and not part:
            paragraph.pieces.append(" ")  # of a cell of several paragraphs
            return
        paragraph.pieces.clear()
        if not text:
            return
        if part in {"footnote", "annotation"} or part in _MARGINS:
            self._notes.append((part, text))
        else:
            self._end_table()
            self._add(paragraph, text)
            self._add_notes(self._notes)

    def _add(self, paragraph: _Paragraph, text: str) -> None:
        style = self._styles.get(paragraph.style, "").lower()
        role = role_named(style)
        heading = _HEADING.fullmatch(style)
        if role == "title" and self._blocks.may_be_title():
            self._blocks.add_title(text)
        elif heading or paragraph.level is not None:
            level = int(heading[1]) if heading else (paragraph.level or 0) + 1
            self._blocks.add(BlockKind.HEADING, text, level=level)
        elif role in _KINDS:
            self._blocks.add(_KINDS[role], text)
        else:
            words = text.removeprefix("•").lstrip()
            is_item = paragraph.is_item or words != text
            kind = BlockKind.LIST_ITEM if is_item else BlockKind.PARAGRAPH
            self._blocks.add(kind, words, furniture=role == "contents")

    def _add_notes(self, notes: list[tuple[str, str]]) -> None:
        for part, text in notes:
            self._blocks.aside = {"footnote": "footnote", "annotation": "comment"}.get(part, "")
            self._blocks.add(BlockKind.PARAGRAPH, text, furniture=part != "footnote")
        self._blocks.aside = ""
        notes.clear()

    def _end_table(self) -> None:
        if self._rows:
            headers = self._headers if self._headers < len(self._rows) else 0
            for text in row_texts(self._rows, headers):
                self._blocks.add(BlockKind.TABLE_ROW, text)
            self._rows.clear()
        self._headers = 0
        self._add_notes(self._row_notes)


def _day(text: str) -> str:
    """A day that was told as its parts, "" if it is none."""
    return text.strip("-") if text.count("-") == 3 else ""

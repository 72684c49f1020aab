"""AsciiDoc: sections, delimited blocks, lists and tables, line by line.

Both forms of titles are read, "== Times" and underlined ones. Labels of admonitions begin their
text ("Note: ..."), the term of a description list begins its description, titles of blocks are
captions. What is included from elsewhere and comments are left out and counted; of what depends on
a condition all is kept.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

from indexer.articles import SkipReason
from indexer.model import BlockKind, Lines
from indexer.readers.faults import ReaderError
from indexer.readers.markup.asciidoc_inline import asciidoc_text, with_values
from indexer.readers.markup.asciidoc_tables import TABLE_MARK, rows_of
from indexer.readers.markup.blocks import Blocks, lines_of
from indexer.readers.markup.values import Values

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from indexer.articles import Article
    from indexer.readers.budget import Budget

_SECTION = re.compile(r"(={1,6}|#{1,6})[ \t]+(\S.*)$")
_UNDERLINE = re.compile(r"(=+|-+|~+|\^+|\++)[ \t]*$")
_UNDERLINES = "=-~^+"
_ATTRIBUTE = re.compile(r":(!?[\w][\w-]*!?):(?:[ \t]+(.*)|[ \t]*)$")
_AUTHOR = re.compile(r"[^\W\d_][\w.'-]*(?:[ \t]+[^\W\d_][\w.'-]*){0,3}(?:[ \t]*<[^<>]+>)?")
_REVISION = re.compile(
    r"(?:v?[\d.]+,?[ \t]*)?(?:(\d{4}-\d\d-\d\d)|(\w+ \d{1,2},? \d{4}|\d{1,2} \w+ \d{4}))?(?::.*)?$"
)
_FENCE = re.compile(r"(-{4,}|\.{4,}|={4,}|\*{4,}|_{4,}|\+{4,}|/{4,}|--|```\w*)[ \t]*$")
_AS_CODE = frozenset(("source", "listing", "literal"))
_CODE_FENCES = "-.+`"
_BLOCK_STYLE = re.compile(r"\[([^\[\]]*|\[[^\[\]]*\])\][ \t]*$")
_BLOCK_TITLE = re.compile(r"\.([^\s.].*)$")
_BLOCK_MACRO = re.compile(r"([a-z][\w-]*)::(\S*?)\[(.*)\][ \t]*$")
_CONDITION = re.compile(r"(?:ifn?def|ifeval|endif)::")
_ADMONITIONS = ("NOTE", "TIP", "IMPORTANT", "WARNING", "CAUTION")
_ADMONITION = re.compile(rf"({'|'.join(_ADMONITIONS)}):[ \t]+(?=\S)")
_BULLET = re.compile(
    r"[ \t]*(?:[-•]|\*{1,6}|\.{1,6}|\d+\.|[a-zA-Z]\.|[ivxIVX]+\)|<(?:\d+|\.)>)[ \t]+(?=\S)(.*)$"
)
_CHECKBOX = re.compile(r"\[[ xX*]\][ \t]+")
_TERM = re.compile(r"[ \t]*(\S.*?)(?::{2,4}|;;)(?:[ \t]+(.*)|)$")
_RULE = re.compile(r"(?:'{3,}|<{3,}|-[ ]?-[ ]?-|\*[ ]?\*[ ]?\*)[ \t]*$")
_EXTRA = {"keywords": "keywords", "description": "description", "tags": "tags"}


def read_asciidoc(
    data: bytes, *, source: str, keep_furniture: bool, budget: Budget
) -> Iterator[Article]:
    """Yield the one article of a file of AsciiDoc.

    Raises: ReaderError if data is not text, has no words or is over the budget; NO_PROSE if it is a
        key or a signature, whose files are called ``.asc`` too.
    """
    lines = lines_of(data, budget)
    if lines[0].startswith("-----BEGIN PGP "):
        raise ReaderError(SkipReason.NO_PROSE, "it is a key or a signature of PGP, and no text")
    reading = _Reading(lines, Blocks(budget, keep_furniture=keep_furniture), budget)
    reading.read()
    facts = reading.attributes
    yield reading.blocks.article(
        source,
        title=reading.title,
        title_lines=reading.title_lines,
        author=reading.authors or facts.get("author") or facts.get("authors"),
        published=facts.get("revdate") or facts.get("date"),
        language=facts.get("lang"),
        extra=[(name, facts[own]) for own, name in _EXTRA.items() if own in facts],
    )


class _Reading:
    """Goes through the lines once.

    Attributes:
        blocks: what was found.
        title: of the document.
        title_lines: where it stands.
        authors: who are named below it.
        attributes: the values of names.
    """

    def __init__(self, lines: Sequence[str], blocks: Blocks, budget: Budget) -> None:
        self._lines = lines
        self.blocks = blocks
        self.title = ""
        self.title_lines: Lines | None = None
        self.authors: list[str] = []
        self.attributes: dict[str, str] = {}
        self._values = Values(budget)
        # Delimited blocks that are open: the line that closes each, and what its text is.
        self._fences: list[tuple[str, BlockKind]] = []
        self._style: list[str] = []
        self._text: list[str] = []
        self._first = 0
        self._kind = BlockKind.PARAGRAPH
        self._in_list = False
        self._ends = _ends_of(lines)

    def read(self) -> None:
        at = self._read_header()
        while at < len(self._lines):
            at = self._read_at(at)
        self._flush()

    # The header

    def _read_header(self) -> int:
        """Take the title of the document and what stands right below; the line that follows."""
        at = 0
        while at < len(self._lines) and (
            after := self._read_attribute(at) or self._after_blank(at)
        ):
            at = after
        found = self._section(at)
        if found is None or found[1] > 0:
            return at
        text, _, after = found
        self.title, self.title_lines = self._plain(text, at + 1), Lines(at + 1, after)
        at = after
        is_author = True
        while at < len(self._lines) and (line := self._lines[at].strip()):
            if after := self._read_attribute(at):
                at = after
                continue
            if is_author and all(
                _AUTHOR.fullmatch(name.strip()) for name in line.split(";") if name.strip()
            ):
                self.authors = [name.partition("<")[0].strip() for name in line.split(";")]
            elif not (self.authors and (found_day := _REVISION.fullmatch(line))):
                break
            elif day := found_day[1] or found_day[2]:
                self.attributes.setdefault("revdate", day)
            is_author = False
            at += 1
        return at

    def _after_blank(self, at: int) -> int:
        line = self._lines[at].strip()
        return at + 1 if not line or (line.startswith("//") and not line.startswith("////")) else 0

    def _read_attribute(self, at: int) -> int:
        """Take the value of a name; the line that follows, 0 if there is none."""
        line = self._lines[at]
        found = _ATTRIBUTE.match(line) if line.startswith(":") else None
        if found is None:
            return 0
        value, after = found[2] or "", at + 1
        while value.endswith("\\") and after < len(self._lines):
            value = f"{value.rstrip(' +')[:-1]} {self._lines[after].strip()}"
            after += 1
        name = found[1].lower()
        if "!" in name:
            self._values.forget(name.strip("!"))
        else:
            self.attributes[name] = value
            self._values.set(name, with_values(value, self._values))
        return after

    def _section(self, at: int) -> tuple[str, int, int] | None:
        """The title of a section on a line, its level from 0, and the line that follows."""
        if at >= len(self._lines):
            return None
        line = self._lines[at]
        if found := _SECTION.match(line):
            marks, title = found[1], found[2].rstrip()
            if title.endswith((f" {marks}", f"\t{marks}")):
                title = title[: -len(marks)].rstrip()
            return title, len(marks) - 1, at + 1
        below = self._lines[at + 1] if at + 1 < len(self._lines) else ""
        under = _UNDERLINE.match(below)
        if (
            under
            and abs(len(line.rstrip()) - len(under[1])) <= 2
            and len(under[1]) > 1
            and line[:1].strip()
            and not (self._fences and below.rstrip() == self._fences[-1][0])
            and any(map(str.isalnum, line))
            and not _ATTRIBUTE.match(line)
        ):
            return line, _UNDERLINES.index(under[1][0]), at + 2
        return None

    # The body

    def _read_at(self, at: int) -> int:
        """Take what begins on a line; the line that follows it."""
        line = self._lines[at]
        if not line.strip():
            self._flush()
            return at + 1
        if self._fences and line.rstrip() == self._fences[-1][0]:
            self._flush()
            self._fences.pop()
            self._in_list = False
            return at + 1
        if line.startswith("//") and not line.startswith("///"):
            self.blocks.leave_out(line[2:], at + 1)
            return at + 1
        if after := self._read_fence(at):
            return after
        if after := self._read_directive(at):
            return after
        if not self._text:
            if after := self._read_attribute(at):
                return after
            found = self._section(at)
            if found is not None:
                self._in_list = False
                self._style = []
                text, level, after = found
                self._add(BlockKind.HEADING, text, at + 1, after, level=max(1, level))
                return after
        if line.rstrip() == "+" and (self._in_list or self._text):
            self._flush()
            return at + 1
        if self._read_list(at):
            return at + 1
        self._read_text(line, at)
        return at + 1

    def _read_fence(self, at: int) -> int:
        """Take the beginning of a delimited block, or all of one of code; the line that follows."""
        line = self._lines[at].rstrip()
        if line.startswith(TABLE_MARK) and line in self._ends:
            close = _after(self._ends.get(line, []), at)
            self._flush()
            close = close if close is not None else len(self._lines)
            rows, heads = rows_of(self._lines[at + 1 : close], at + 2, line[0], self._style)
            plain = [
                ([self._plain(cell, place.first) for cell in cells], place) for cells, place in rows
            ]
            self.blocks.add_rows(plain, heads=heads)
            self._style = []
            return min(close + 1, len(self._lines))
        found = _FENCE.match(line)
        if found is None:
            return 0
        fence = "```" if line.startswith("```") else line
        close = _after(self._ends.get(fence, []), at)
        if close is None:
            return 0
        self._flush()
        style = self._style[0].lower() if self._style else ""
        inside = self._lines[at + 1 : close]
        if line.startswith("/") or style == "comment":
            self.blocks.leave_out("\n".join(inside), at + 1, close + 1)
        elif style in {"quote", "verse"} and line[0] in "_-":
            return self._open(line, BlockKind.QUOTE, at)
        elif (line[0] in _CODE_FENCES and line != "--") or (line == "--" and style in _AS_CODE):
            self.blocks.add_code(inside, at + 2)
        else:
            return self._open(line, BlockKind.QUOTE if line[0] == "_" else self._fence_kind(), at)
        self._style = []
        return close + 1

    def _fence_kind(self) -> BlockKind:
        return self._fences[-1][1] if self._fences else BlockKind.PARAGRAPH

    def _open(self, line: str, kind: BlockKind, at: int) -> int:
        self._fences.append((line, kind))
        self._in_list = False
        self._take_style(at)
        return at + 1

    def _take_style(self, at: int) -> None:
        """Let a label of the block that begins come before its text."""
        style, self._style = self._style, []
        if style and style[0].upper() in _ADMONITIONS:
            self.blocks.begin_with(f"{style[0].capitalize()}:", at + 1)
        elif style and style[0].lower() in {"quote", "verse"} and any(style[1:3]):
            words = ", ".join(part.strip(' "') for part in style[1:3] if part.strip(' "'))
            self._add(BlockKind.CAPTION, words, at, at)

    def _read_directive(self, at: int) -> int:
        """Take a line that says something of what follows; the line that follows it, else 0."""
        line = self._lines[at]
        if _CONDITION.match(line):
            self._flush()
            return at + 1
        # Else it would be looked for from each bracket on.
        if line.rstrip().endswith("]") and (found := _BLOCK_MACRO.match(line)):
            self._flush()
            name, target, text = found.groups()
            if name == "include":
                self.blocks.leave_out(line, at + 1)
            elif name in {"image", "video", "audio"}:
                self._add(BlockKind.CAPTION, text.partition(",")[0].strip('"'), at + 1)
            elif name != "toc":
                self._add(BlockKind.PARAGRAPH, text or target, at + 1)
            self._style = []
            return at + 1
        if self._text:
            return 0
        if line.startswith("[") and (found := _BLOCK_STYLE.match(line)):
            parts = found[1].split(",")
            if not found[1].startswith("["):
                parts[0] = re.split(r"[.#%]", parts[0])[0] or parts[0]
                self._style = [part.strip() for part in parts]
            return at + 1
        if line.startswith(".") and (found := _BLOCK_TITLE.match(line)) and not _BULLET.match(line):
            self._add(BlockKind.CAPTION, found[1], at + 1)
            return at + 1
        if _RULE.match(line):
            self._style = []
            return at + 1
        return 0

    def _read_list(self, at: int) -> bool:
        """Take the first line of an item."""
        line = self._lines[at]
        if (found := _BULLET.match(line)) and (not self._text or self._in_list):
            self._flush()
            text = found[1]
            if box := _CHECKBOX.match(text):
                text = text[box.end() :]
        elif (found := _TERM.match(line)) and (not self._text or self._in_list):
            self._flush()
            self.blocks.begin_with(f"{self._plain(found[1], at + 1)}:", at + 1)
            text = found[2] or ""
        else:
            return False
        self._in_list = True
        self._style = []
        if text:
            self._begin(text, at, BlockKind.LIST_ITEM)
        return True

    def _read_text(self, line: str, at: int) -> None:
        if self._text:
            self._text.append(line)
            return
        is_indented = line[0] in " \t"
        style = self._style[0].lower() if self._style else ""
        if (is_indented and not self._in_list and not self.blocks.prefix) or style in _AS_CODE:
            kind = BlockKind.CODE
        elif style in {"quote", "verse"}:
            kind = BlockKind.QUOTE
        elif self._in_list and (is_indented or self.blocks.prefix or self._follows_plus(at)):
            kind = BlockKind.LIST_ITEM
        else:
            kind = self._fence_kind()
            self._in_list = False
        if kind is not BlockKind.CODE:
            self._take_style(at)
            if found := _ADMONITION.match(line):
                self.blocks.begin_with(f"{found[1].capitalize()}:", at + 1)
                line = line[found.end() :]
        self._style = []
        self._begin(line, at, kind)

    def _follows_plus(self, at: int) -> bool:
        return at > 0 and self._lines[at - 1].rstrip() == "+"

    def _begin(self, text: str, at: int, kind: BlockKind) -> None:
        self._text, self._first, self._kind = [text], at + 1, kind

    def _flush(self) -> None:
        """Take the paragraph that was gathered."""
        if not self._text:
            return
        lines, self._text = self._text, []
        if self._kind is BlockKind.CODE:
            self.blocks.add_code(lines, self._first)
            return
        text = "\n".join(line.removesuffix(" +") for line in lines)
        self._add(self._kind, text, self._first, self._first + len(lines) - 1)

    def _add(
        self, kind: BlockKind, text: str, first: int, last: int = 0, *, level: int = 0
    ) -> None:
        notes: list[str] = []
        plain = asciidoc_text(text, notes, self._values)
        self.blocks.add(kind, plain, first, last, level=level)
        for note in notes:
            self.blocks.add(BlockKind.PARAGRAPH, self._plain(note, first), first)

    def _plain(self, text: str, line: int) -> str:
        """A text without markup; the notes in it come before it."""
        notes: list[str] = []
        plain = asciidoc_text(text, notes, self._values)
        for note in notes:
            self.blocks.add(BlockKind.PARAGRAPH, asciidoc_text(note, [], self._values), line)
        return plain


def _ends_of(lines: Sequence[str]) -> dict[str, list[int]]:
    """Where each line stands that may close a block."""
    ends: dict[str, list[int]] = {}
    for at, line in enumerate(lines):
        bare = line.rstrip()
        if bare[1:4] == "===" or _FENCE.match(bare):
            ends.setdefault(bare, []).append(at)
    return ends


def _after(places: Sequence[int], at: int) -> int | None:
    """The first of some places, in order, that is behind another."""
    place = bisect_right(places, at)
    return places[place] if place < len(places) else None

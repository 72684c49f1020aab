"""Org: headlines, lists, tables and blocks, line by line.

**Headlines** lose their state, priority, tags and counts; the tags of all headlines and of the file
are ``tags`` of the article, the states are ``todo``. What is said about a headline rather than in
its text (drawers, planning, clocks), comments, and what is included from elsewhere are left out and
counted; settings are not counted, for they are no text.

Footnotes stand where they are defined; one that is written within a sentence follows its
paragraph. Formulas stay as they are written.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

from indexer.model import BlockKind, Lines
from indexer.readers.markup.blocks import Blocks, lines_of, names_of
from indexer.readers.markup.org_inline import org_text
from indexer.readers.markup.values import Values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.articles import Article
    from indexer.readers.budget import Budget

_HEADLINE = re.compile(r"(\*+)[ \t]+(\S.*)?$")
_PRIORITY = re.compile(r"\[#\w{1,2}\]\s*")
_TAGS = re.compile(r"(?:^|[ \t])(:(?:[^\s:]+:)+)[ \t]*$")
_COUNT = re.compile(r"(?<!\s)\s*\[\d*(?:/\d*|%)\]")
_KEYWORD = re.compile(r"\s*#\+(\w[\w-]*)(?:\[[^\]]*\])?:[ \t]*(.*)$")
_BEGIN = re.compile(r"\s*#\+begin_(\S+)", re.IGNORECASE)
_END = re.compile(r"\s*#\+end_(\S+)\s*$", re.IGNORECASE)
_DYNAMIC = re.compile(r"\s*#\+(?:begin|end):", re.IGNORECASE)
_DRAWER = re.compile(r"\s*:([\w-]+):\s*$")
_PLANNING = re.compile(r"\s*(?:(?:SCHEDULED|DEADLINE|CLOSED):\s*[<\[]|CLOCK:\s*\[)")
_COMMENT = re.compile(r"\s*#(?:\s+(.*)|)$")
_FIXED = re.compile(r"\s*:(?:\s|$)")
_RULE = re.compile(r"\s*-{5,}\s*$")
_TABLE = re.compile(r"\s*\|")
_TABLE_RULE = re.compile(r"\s*\|[-+:|]+\s*$")
_TABLE_MARK = re.compile(r"(?:<[lrc]?\d*>|[/<>!^_#$*]|)")
_BULLET = re.compile(r"(\s*)(?:[-+]|(?<=\s)\*|\d+[.)]|[A-Za-z][.)])(?:[ \t]+(.*)|)$")
_CHECKBOX = re.compile(r"(?:\[@\w+\]\s*)?(?:\[[ xX-]\]\s+)?")
_TERM = re.compile(r"(.*?\S)[ \t]+::(?:[ \t]+(.*)|)$")
_NOTE = re.compile(r"\[fn:([\w-]+)\]\s*(.*)$")
_ENVIRONMENT = re.compile(r"\s*\\begin\{(\w+\*?)\}")
_STATES = ("TODO", "DONE")
_AS_CODE = frozenset(("src", "example"))
_LEFT_OUT = frozenset(("comment", "export"))
_QUOTED = frozenset(("quote", "verse"))
_EXTRA = {"filetags": "tags", "keywords": "keywords", "description": "description"}


def read_org(
    data: bytes, *, source: str, keep_furniture: bool, budget: Budget
) -> Iterator[Article]:
    """Yield the one article of a file of Org.

    Raises: ReaderError if data is not text, has no words or is over the budget.
    """
    lines = lines_of(data, budget)
    blocks = Blocks(budget, keep_furniture=keep_furniture)
    reading = _Reading(lines, blocks, budget)
    reading.read()
    facts = reading.facts
    yield blocks.article(
        source,
        title=reading.plain(" ".join(facts.get("title", ()))),
        title_lines=reading.title_lines,
        author=[name for text in facts.get("author", ()) for name in names_of(text)],
        published=next(iter(facts.get("date", ())), "").strip("<>[] ")[:10],
        language=next(iter(facts.get("language", ())), None),
        extra=reading.extra,
    )


class _Ends:
    """Where what is opened is closed: the lines of each kind of end."""

    def __init__(self) -> None:
        self._lines: dict[str, list[int]] = {}

    def add(self, name: str, line: int) -> None:
        self._lines.setdefault(name, []).append(line)

    def after(self, name: str, line: int) -> int | None:
        """The next end of that name behind a line; None if there is none."""
        lines = self._lines.get(name, [])
        place = bisect_right(lines, line)
        return lines[place] if place < len(lines) else None


class _Reading:
    """Goes through the lines once.

    Attributes:
        facts: values of settings by their names in small letters.
        extra: pairs of what else is said.
        title_lines: where the title is.
    """

    def __init__(self, lines: list[str], blocks: Blocks, budget: Budget) -> None:
        self._lines = lines
        self._blocks = blocks
        self._ends = _Ends()
        self._macros = Values(budget)
        self._states = set(_STATES)
        self._kinds: list[BlockKind] = [BlockKind.PARAGRAPH]
        self._open: list[str] = []
        self._bullets: list[int] = []
        self._text: list[str] = []
        self._first = 0
        self.facts: dict[str, list[str]] = {}
        self.extra: list[tuple[str, str]] = []
        self.title_lines: Lines | None = None
        for number, line in enumerate(lines):
            if found := _END.match(line):
                self._ends.add(f"block {found[1].lower()}", number)
            elif line.strip().upper() == ":END:":
                self._ends.add("drawer", number)
            elif line.startswith("*") and _HEADLINE.match(line):
                self._ends.add("headline", number)
            elif "\\end{" in line:
                for name in re.findall(r"\\end\{(\w+\*?)\}", line):
                    self._ends.add(f"environment {name}", number)

    def read(self) -> None:
        at = 0
        while at < len(self._lines):
            at = self._read_at(at)
        self._flush()

    def plain(self, text: str) -> str:
        """A text without markup, and without the notes in it."""
        return org_text(text, [], self._macros)

    def _read_at(self, at: int) -> int:
        """Take what begins on a line; the line that follows it."""
        line = self._lines[at]
        bare = line.lstrip()
        if not bare:
            self._flush()
            return at + 1
        if line.startswith("*") and (found := _HEADLINE.match(line)):
            self._take_headline(found, at)
            return at + 1
        if bare.startswith("#") and (after := self._take_setting(line, at)):
            return after
        if bare.startswith(":") and (after := self._take_colon(line, at)):
            return after
        if bare.startswith("|"):
            return self._take_table(at)
        if found := _ENVIRONMENT.match(line):
            end = self._ends.after(f"environment {found[1]}", at - 1)
            if end is not None:
                self._flush()
                self._blocks.add_code(self._lines[at : end + 1], at + 1)
                return end + 1
        if _PLANNING.match(line):
            self._flush()
            self._blocks.leave_out(line, at + 1)
        elif _RULE.match(line):
            self._flush()
        elif found := _NOTE.match(line):
            self._flush()
            self._bullets.clear()
            self._begin(found[2], at)
        elif found := _BULLET.match(line):
            self._take_item(found, at)
        else:
            self._take_line(line, at)
        return at + 1

    def _take_headline(self, found: re.Match[str], at: int) -> None:
        self._flush()
        self._bullets.clear()
        self._kinds, self._open = [BlockKind.PARAGRAPH], []
        text = found[2] or ""
        state, _, rest = text.partition(" ")
        if state in self._states:
            self.extra.append(("todo", state))
            text = rest.lstrip()
        text = _PRIORITY.sub("", text, count=1)
        if tags := _TAGS.search(text):
            self.extra += (("tags", tag) for tag in tags[1].strip(":").split(":"))
            text = text[: tags.start()]
        notes: list[str] = []
        text = org_text(_COUNT.sub("", text), notes, self._macros)
        self._blocks.add(BlockKind.HEADING, text, at + 1, level=len(found[1]))
        self._take_notes(notes, at + 1)

    def _take_setting(self, line: str, at: int) -> int:
        """Take a line that begins with "#"; the line that follows, 0 if it is text."""
        if found := _BEGIN.match(line):
            name = found[1].lower()
            end = self._ends.after(f"block {name}", at)
            if end is None:
                return 0
            self._flush()
            if name in _AS_CODE:
                self._blocks.add_code(self._lines[at + 1 : end], at + 2)
                return end + 1
            if name in _LEFT_OUT:
                self._blocks.leave_out("\n".join(self._lines[at + 1 : end]), at + 1, end + 1)
                return end + 1
            self._open.append(name)
            self._kinds.append(BlockKind.QUOTE if name in _QUOTED else self._kinds[-1])
            return at + 1
        if found := _END.match(line):
            self._flush()
            if self._open and self._open[-1] == found[1].lower():
                self._open.pop()
                self._kinds.pop()
            return at + 1
        if _DYNAMIC.match(line):
            self._flush()
            return at + 1
        if found := _KEYWORD.match(line):
            self._flush()
            self._take_keyword(found[1].lower(), found[2].strip(), at)
            return at + 1
        if found := _COMMENT.match(line):
            self._flush()
            self._blocks.leave_out(found[1] or "", at + 1)
            return at + 1
        return 0

    def _take_keyword(self, name: str, value: str, at: int) -> None:
        if name in {"title", "author", "date", "language"}:
            self.facts.setdefault(name, []).append(value)
            if name == "title" and self.title_lines is None:
                self.title_lines = Lines(at + 1, at + 1)
        elif name == "subtitle":
            self._blocks.add(BlockKind.PARAGRAPH, self.plain(value), at + 1)
        elif name == "caption":
            self._blocks.add(BlockKind.CAPTION, self.plain(value), at + 1)
        elif name in {"todo", "seq_todo", "typ_todo"}:
            self._states.update(word.partition("(")[0] for word in value.split() if word != "|")
        elif name == "macro":
            macro, _, body = value.partition(" ")
            self._macros.set(macro, body)
        elif name == "include":
            self._blocks.leave_out(self._lines[at], at + 1)
        elif name in _EXTRA:
            values = value.strip(":").split(":") if name == "filetags" else [value]
            self.extra += ((_EXTRA[name], one) for one in values if one)

    def _take_colon(self, line: str, at: int) -> int:
        """Take a drawer or an example; the line that follows, 0 if it is text."""
        if _DRAWER.match(line):
            end = self._ends.after("drawer", at)
            headline = self._ends.after("headline", at)
            if end is None or (headline is not None and headline < end):
                return 0
            self._flush()
            self._blocks.leave_out("\n".join(self._lines[at + 1 : end]), at + 1, end + 1)
            return end + 1
        if not _FIXED.match(line):
            return 0
        self._flush()
        end = at
        while end < len(self._lines) and _FIXED.match(self._lines[end]):
            end += 1
        code = [line.lstrip()[1:].removeprefix(" ") for line in self._lines[at:end]]
        self._blocks.add_code(code, at + 1)
        return end

    def _take_table(self, at: int) -> int:
        self._flush()
        rows: list[tuple[list[str], Lines]] = []
        notes: list[str] = []
        heads = 0
        while at < len(self._lines) and _TABLE.match(line := self._lines[at]):
            if _TABLE_RULE.match(line):
                heads = heads or len(rows)
            else:
                cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
                if not all(map(_TABLE_MARK.fullmatch, cells)):
                    texts = [org_text(cell, notes, self._macros) for cell in cells]
                    rows.append((texts, Lines(at + 1, at + 1)))
            at += 1
        self._blocks.add_rows(rows, heads=heads if heads < len(rows) else 0)
        self._take_notes(notes, at)
        return at

    def _take_item(self, found: re.Match[str], at: int) -> None:
        self._flush()
        indent = len(found[1])
        while self._bullets and self._bullets[-1] >= indent:
            self._bullets.pop()
        self._bullets.append(indent)
        text = found[2] or ""
        text = text[len(_CHECKBOX.match(text)[0]) :]  # type: ignore[index]  # it may be empty
        if term := _TERM.match(text):
            text = f"{term[1]}: {term[2] or ''}"
        self._begin(text, at)

    def _take_line(self, line: str, at: int) -> None:
        indent = len(line) - len(line.lstrip())
        if self._bullets and indent <= self._bullets[-1]:
            if self._text:
                self._flush()
            while self._bullets and indent <= self._bullets[-1]:
                self._bullets.pop()
        if self._text:
            self._text.append(line)
        else:
            self._begin(line, at)

    def _begin(self, text: str, at: int) -> None:
        self._text, self._first = [text], at + 1

    def _flush(self) -> None:
        """Take the paragraph that was gathered."""
        if not self._text:
            return
        last = self._first + len(self._text) - 1
        text, self._text = "\n".join(self._text), []
        notes: list[str] = []
        kind = BlockKind.LIST_ITEM if self._bullets else self._kinds[-1]
        self._blocks.add(kind, org_text(text, notes, self._macros), self._first, last)
        self._take_notes(notes, self._first)

    def _take_notes(self, notes: list[str], line: int) -> None:
        for note in notes:
            self._blocks.add(BlockKind.PARAGRAPH, self.plain(note), line)

"""reStructuredText: sections, lists, tables, directives, line by line.

**Directives and roles that are not known** (those of Sphinx and its extensions, and any other) give
what they are given and what they hold, as text. Known ones that hold code are code, labels of
admonitions begin their text ("Note: ..."), as do the terms of definition lists and the names of
fields. Nothing is included or run; what would be, raw text for one kind of output, lists of files
and comments are left out and counted.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from indexer.model import BlockKind, Lines
from indexer.readers.markup.blocks import Blocks, lines_of, names_of
from indexer.readers.markup.rst_directives import AS_CODE, Directive, Treatment, directive_on
from indexer.readers.markup.rst_inline import rst_text
from indexer.readers.markup.rst_tables import (
    comma_rows,
    grid_rows,
    is_grid_border,
    is_simple_border,
    listed_rows,
    simple_rows,
)
from indexer.readers.markup.values import Values

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from indexer.articles import Article
    from indexer.readers.budget import Budget

_ADORNMENT = re.compile(r"([!-/:-@\[-`{-~])\1*\s*$")
_EXPLICIT = re.compile(r"\.\.(?:\s|$)")
_FOOTNOTE = re.compile(r"\.\.[ \t]+\[([^\]\s]{1,60})\](?:[ \t]+|$)")
_TARGET = re.compile(r"(?:\.\.[ \t]+_(?:`[^`]*`|[^:\\`]|\\.)*:|\.\.[ \t]+__:|__(?:\s|$))")
_SUBSTITUTION = re.compile(r"\.\.[ \t]+\|([^|\n]{1,100})\|[ \t]+([\w-]+)::[ \t]*(.*)$")
_BULLET = re.compile(r"[*+\-•‣⁃](?:[ \t]+|$)")
_NUMBER = r"(?:\d{1,9}|[A-Za-z]|[ivxlcdmIVXLCDM]{2,8}|#)"
_ENUMERATOR = re.compile(rf"(?:\(?{_NUMBER}\)|{_NUMBER}\.)(?:[ \t]+|$)")
_FIELD = re.compile(r":(?![:\s])((?:[^:\\\n]|\\.|:(?![\s:`]|$)){1,200}?):(?:[ \t]+|$)")
_ONE_OPTION = r"(?:--?[\w?][\w-]*|/[A-Z?])(?:[ =]?(?:<[^<>\n]{1,60}>|[A-Za-z][\w-]*))?"
_OPTION = re.compile(rf"({_ONE_OPTION}(?:,[ ]{_ONE_OPTION}){{0,6}})(?:[ ]{{2,}}|$)")
_FACTS = frozenset(("author", "authors", "date", "language", "lang"))
_NOTED = frozenset(
    ("version", "revision", "status", "copyright", "organization", "contact", "tags", "keywords")
)
_SETTINGS = frozenset(("orphan", "tocdepth", "nocomments", "nosearch", "no-toc"))
# What is nested deeper is read as paragraphs.
_DEEPEST = 30


def read_rst(
    data: bytes, *, source: str, keep_furniture: bool, budget: Budget
) -> Iterator[Article]:
    """Yield the one article of a file of reStructuredText.

    Raises: ReaderError if data is not text, has no words or is over the budget.
    """
    lines = [
        line.expandtabs(8).rstrip() if "\t" in line else line.rstrip()
        for line in lines_of(data, budget)
    ]
    reading = _Reading(lines, Blocks(budget, keep_furniture=keep_furniture), budget)
    reading.read()
    facts = reading.facts
    authors = facts.get("authors") or facts.get("author") or ""
    yield reading.blocks.article(
        source,
        author=names_of(authors),
        published=facts.get("date"),
        language=facts.get("language", facts.get("lang")),
        extra=reading.extra,
    )


class _Reading:
    """Goes through the lines, into what is indented by itself.

    Attributes:
        blocks: what was found.
        facts: what the fields at the beginning say of the document.
        extra: what else they say.
    """

    def __init__(self, lines: list[str], blocks: Blocks, budget: Budget) -> None:
        self._lines = lines
        self.blocks = blocks
        self.facts: dict[str, str] = {}
        self.extra: list[tuple[str, str]] = []
        self._values = Values(budget)
        self._styles: list[tuple[str, bool]] = []
        self._is_at_head = True
        for line in lines:
            if ".. |" in line and (found := _SUBSTITUTION.match(line.lstrip())):
                if found[2] == "replace":
                    self._values.set(found[1].lower(), rst_text(found[3], self._values))
                elif found[2] == "unicode":
                    self._values.set(found[1].lower(), _characters(found[3]))

    def read(self) -> None:
        self._body(0, len(self._lines), 0, BlockKind.PARAGRAPH, 0)
        self.blocks.flush_prefix()

    def _plain(self, text: str) -> str:
        return rst_text(text, self._values)

    def _indent(self, at: int) -> int:
        line = self._lines[at]
        return len(line) - len(line.lstrip(" "))

    def _end_of_indented(self, at: int, end: int, indent: int) -> int:
        """Where what is indented more than that ends, without blank lines at its end."""
        last = at
        while at < end:
            if self._lines[at]:
                if self._indent(at) <= indent:
                    break
                last = at + 1
            at += 1
        return last

    def _least_indent(self, start: int, end: int, default: int) -> int:
        return min(
            (self._indent(at) for at in range(start, end) if self._lines[at]), default=default
        )

    def _body(self, start: int, end: int, indent: int, kind: BlockKind, depth: int) -> None:
        """Take the lines from start on, which are indented by so much."""
        at = start
        while at < end:
            if not self._lines[at]:
                at += 1
                continue
            own = self._indent(at)
            if depth >= _DEEPEST:
                at = self._paragraph(at, end, own, kind, depth)
            elif own > indent:
                after = self._end_of_indented(at, end, indent)
                inner = self._least_indent(at, after, own)
                quoted = BlockKind.QUOTE if kind is BlockKind.PARAGRAPH else kind
                self._body(at, after, inner, quoted, depth + 1)
                at = after
            else:
                at = self._element(at, end, own, kind, depth)

    def _element(self, at: int, end: int, indent: int, kind: BlockKind, depth: int) -> int:
        """Take what begins on a line; the line that follows it."""
        line = self._lines[at][indent:]
        if depth == 0 and (after := self._section(at)):
            return after
        is_explicit = (line.startswith("..") and _EXPLICIT.match(line)) or line.startswith("__")
        if is_explicit and (after := self._explicit(at, end, indent, kind, depth)):
            return after
        if line[0] == ":" and (found := _FIELD.match(line)):
            return self._field(found, at, end, indent, depth)
        self._is_at_head = False
        if line[0] in "+=" and (after := self._table(at, end, indent)):
            return after
        is_alone = at + 1 >= end or not self._lines[at + 1]
        if is_alone and len(line) >= 4 and _ADORNMENT.match(line):
            return at + 1  # a transition
        if (found := _BULLET.match(line)) or (
            (found := _ENUMERATOR.match(line)) and self._goes_on_as_list(at, end, indent)
        ):
            return self._item(at, end, indent, found.end(), BlockKind.LIST_ITEM, depth)
        if line[0] in "-/" and (found := _OPTION.match(line)):
            self.blocks.begin_with(found[1], at + 1)
            after = self._item(at, end, indent, found.end(), BlockKind.LIST_ITEM, depth)
            self.blocks.flush_prefix(BlockKind.LIST_ITEM)
            return after
        if line.startswith(">>> "):
            return self._code_until_blank(at, end)
        if line.startswith("| ") or line == "|":
            return self._line_block(at, end, indent, kind)
        following = at + 1
        if following < end and self._lines[following] and self._indent(following) > indent:
            return self._definition(at, end, indent, depth)
        return self._paragraph(at, end, indent, kind, depth)

    # Sections

    def _section(self, at: int) -> int:
        """Take the title of a section; the line that follows, 0 if there is none."""
        line = self._lines[at]
        below = self._lines[at + 1] if at + 1 < len(self._lines) else ""
        third = self._lines[at + 2] if at + 2 < len(self._lines) else ""
        over = _ADORNMENT.match(line)
        if over and below and third and third[0] == line[0] and len(line) >= 3:
            under = _ADORNMENT.match(third)
            if under and len(third) >= min(4, len(below.strip())) and not _ADORNMENT.match(below):
                return self._take_section(below.strip(), (line[0], True), at, at + 3)
        if line[0] == " " or (over and len(line) >= 4):
            return 0
        under = _ADORNMENT.match(below) if below else None
        if (
            under
            and len(below) >= min(len(line), 4)
            and not (below == "::" or line.startswith(".. "))
        ):
            return self._take_section(line, (below[0], False), at, at + 2)
        return 0

    def _take_section(self, text: str, style: tuple[str, bool], at: int, after: int) -> int:
        if style not in self._styles:
            self._styles.append(style)
        level = self._styles.index(style) + 1
        self._is_at_head = self._is_at_head and not self.blocks.found
        self.blocks.add(BlockKind.HEADING, self._plain(text), at + 1, after, level=level)
        return after

    # Explicit markup

    def _explicit(self, at: int, end: int, indent: int, kind: BlockKind, depth: int) -> int:
        """Take a footnote, a target, a directive or a comment; 0 if it is text."""
        line = self._lines[at][indent:]
        after = self._end_of_indented(at + 1, end, indent)
        after = max(after, at + 1)
        if found := _FOOTNOTE.match(line):
            label = found[1]
            if label[0] not in "#*" and not label.isdecimal():
                self.blocks.begin_with(f"{label}:", at + 1)
            return self._item(at, end, indent, found.end(), BlockKind.PARAGRAPH, depth)
        if _TARGET.match(line) or _SUBSTITUTION.match(line):
            return after
        if line.startswith("__"):
            return 0
        inner = self._least_indent(at + 1, after, indent + 3)
        directive = directive_on(self._lines, at, after, indent, inner)
        if directive is not None:
            self._is_at_head = self._is_at_head and directive.treatment is Treatment.SETTING
            self._directive(directive, at, after, inner, kind, depth)
        elif line != ".." or after > at + 1:
            self._comment(at, after)
        return after

    def _comment(self, at: int, after: int) -> None:
        text = "\n".join(self._lines[at:after]).strip()
        self.blocks.leave_out(text.removeprefix(".."), at + 1, after)

    def _directive(
        self, found: Directive, at: int, after: int, inner: int, kind: BlockKind, depth: int
    ) -> None:
        blocks, start = self.blocks, found.start
        inside = [line[inner:] for line in self._lines[start:after]]
        treatment = found.treatment
        if treatment is Treatment.SETTING:
            if found.name in {"sectionauthor", "codeauthor", "moduleauthor"}:
                self.facts.setdefault("author", found.argument.partition("<")[0].strip())
        elif treatment is Treatment.LEFT_OUT:
            self._comment(at, after)
        elif treatment is Treatment.CODE:
            blocks.add(BlockKind.CAPTION, self._plain(found.options.get("caption", "")), at + 1)
            if found.name not in AS_CODE and found.argument:
                blocks.add(BlockKind.CODE, found.argument, at + 1)
            blocks.add_code(inside, start + 1)
        elif treatment is Treatment.PICTURE:
            blocks.add(BlockKind.CAPTION, self._plain(found.options.get("alt", "")), at + 1)
            self._body(start, after, inner, BlockKind.CAPTION, depth + 1)
        elif treatment is Treatment.TABLE:
            blocks.add(BlockKind.CAPTION, self._plain(found.argument), at + 1)
            said = found.options.get("header-rows", "0").strip()
            heads = int(said) if said.isdecimal() and len(said) < 5 else 0
            if found.name == "list-table":
                rows, heads = listed_rows(inside, start + 1, heads)
            else:
                rows, heads = comma_rows(inside, start + 1, found.options.get("header", ""), heads)
            self._add_rows(rows, heads)
        else:
            if found.label:
                blocks.begin_with(found.label, at + 1)
            if treatment is Treatment.NAMED and found.argument:
                blocks.add(BlockKind.PARAGRAPH, self._plain(found.argument), at + 1, found.start)
            elif treatment is Treatment.TEXT and found.argument:
                # The argument is the first line of the text.
                self._lines[at] = " " * inner + found.argument
                start = at if start == at + 1 else start
                if start != at:
                    blocks.add(kind, self._plain(found.argument), at + 1)
            quoted = BlockKind.QUOTE if found.is_quote else kind
            self._body(start, after, inner, quoted, depth + 1)
            blocks.flush_prefix()

    # Lists

    def _goes_on_as_list(self, at: int, end: int, indent: int) -> bool:
        """Whether the line below a number may be of a list; else it is a sentence: "A. Lee"."""
        if at + 1 >= end or not self._lines[at + 1] or self._indent(at + 1) > indent:
            return True
        return _ENUMERATOR.match(self._lines[at + 1][indent:]) is not None

    def _item(self, at: int, end: int, indent: int, width: int, kind: BlockKind, depth: int) -> int:
        """Take what follows a mark, so wide, and what is indented below; the line that follows."""
        after = max(self._end_of_indented(at + 1, end, indent), at + 1)
        column = self._least_indent(at + 1, after, indent + width)
        column = min(column, indent + width)
        rest = self._lines[at][indent + width :]
        self._lines[at] = " " * column + rest if rest else ""
        self._body(at, after, column, kind, depth + 1)
        return after

    def _field(self, found: re.Match[str], at: int, end: int, indent: int, depth: int) -> int:
        name = found[1].lower()
        after = max(self._end_of_indented(at + 1, end, indent), at + 1)
        if self._is_at_head and name in _FACTS | _NOTED | _SETTINGS:
            first = self._lines[at][indent + found.end() :]
            value = "\n".join((first, *self._lines[at + 1 : after]))
            if name in _FACTS:
                self.facts[name] = re.sub(r"(?m)^\s*[-*]\s+", "", value)
            elif name in _NOTED:
                self.extra.append((name, self._plain(" ".join(value.split()))))
            return after
        self.blocks.begin_with(f"{self._plain(found[1])}:", at + 1)
        after = self._item(at, end, indent, found.end(), BlockKind.LIST_ITEM, depth)
        self.blocks.flush_prefix(BlockKind.LIST_ITEM)
        return after

    def _definition(self, at: int, end: int, indent: int, depth: int) -> int:
        after = self._end_of_indented(at + 1, end, indent)
        term = self._plain(self._lines[at].strip().removesuffix("::"))
        self.blocks.begin_with(f"{term.rstrip(':')}:", at + 1)
        inner = self._least_indent(at + 1, after, indent + 1)
        self._body(at + 1, after, inner, BlockKind.LIST_ITEM, depth + 1)
        self.blocks.flush_prefix()
        return after

    # Text

    def _paragraph(self, at: int, end: int, indent: int, kind: BlockKind, depth: int) -> int:
        after = at
        while after < end and self._lines[after]:
            if after > at and depth == 0 and self._indent(after) != indent:
                break
            after += 1
        after = max(after, at + 1)
        text = "\n".join(self._lines[at:after]).strip()
        is_before_code = text.endswith("::")
        if is_before_code:
            text = text[:-2] if text == "::" or text[-3:-2].isspace() else text[:-1]
        self.blocks.add(kind, self._plain(text), at + 1, after)
        return self._literal(after, end, indent) if is_before_code else after

    def _literal(self, at: int, end: int, indent: int) -> int:
        """Take the code below a paragraph that announces it; the line that follows."""
        start = at
        while start < end and not self._lines[start]:
            start += 1
        if start >= end:
            return at
        if self._indent(start) > indent:
            after = self._end_of_indented(start, end, indent)
            self.blocks.add_code(self._lines[start:after], start + 1)
            return after
        mark = self._lines[start][indent : indent + 1]
        if mark.isalnum() or self._indent(start) < indent:
            return at
        after = start
        while after < end and self._lines[after][indent : indent + 1] == mark:
            after += 1
        self.blocks.add_code(self._lines[start:after], start + 1)
        return after

    def _code_until_blank(self, at: int, end: int) -> int:
        after = at
        while after < end and self._lines[after]:
            after += 1
        self.blocks.add_code(self._lines[at:after], at + 1)
        return after

    def _line_block(self, at: int, end: int, indent: int, kind: BlockKind) -> int:
        after = at
        texts = []
        while after < end and (line := self._lines[after][indent:]):
            if not (line.startswith(("| ", " ")) or line == "|"):
                break
            texts.append(line.removeprefix("|").strip())
            after += 1
        self.blocks.add(kind, self._plain("\n".join(texts)), at + 1, after)
        return after

    def _table(self, at: int, end: int, indent: int) -> int:
        """Take a table that is drawn; the line that follows, 0 if there is none."""
        line = self._lines[at][indent:]
        after = at + 1
        if is_grid_border(line):
            while after < end and self._lines[after][indent : indent + 1] in {"+", "|"}:
                after += 1
            drawn = [one[indent:] for one in self._lines[at:after]]
            rows, heads = grid_rows(drawn, at + 1)
        elif is_simple_border(line):
            while after < end:
                below = self._lines[after + 1] if after + 1 < end else ""
                if is_simple_border(self._lines[after][indent:]) and not below:
                    break
                after += 1
            if after >= end:
                return 0
            after += 1
            drawn = [one[indent:] for one in self._lines[at:after]]
            rows, heads = simple_rows(drawn, at + 1)
        else:
            return 0
        self._add_rows(rows, heads)
        return after

    def _add_rows(self, rows: Sequence[tuple[list[str], Lines]], heads: int) -> None:
        plain = [([self._plain(cell) for cell in cells], place) for cells, place in rows]
        self.blocks.add_rows(plain, heads=heads)


def _characters(codes: str) -> str:
    """What a text of numbers of characters and of words stands for: "0xA9 Ann" is "©Ann"."""
    found = []
    for word in codes.partition(" .. ")[0].split():
        number = re.fullmatch(r"(?:0x|x|\\x|U\+|u|\\u|&#x)([0-9A-Fa-f]{1,6});?", word)
        code = int(number[1], 16) if number else int(word) if re.fullmatch(r"\d{1,7}", word) else -1
        is_character = 0 < code < 0x110000 and not 0xD800 <= code < 0xE000
        found.append(chr(code) if is_character else word)
    return "".join(found)

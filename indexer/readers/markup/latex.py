"""LaTeX: sections, lists, tables, code, footnotes and captions, without running anything.

**Formulas stay as they are written**, in the paragraph they stand in, without the signs around
them: what is searched for is their names, and to set them is not this program's work. Footnotes
follow their paragraph. References and citations, which are names of labels, are taken off; pictures
that are drawn by commands, and files that are included, are left out and counted. What stands
before the document gives title, author and date, and the commands without arguments that it defines
are replaced by what they stand for.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

from indexer.model import BlockKind, Lines
from indexer.readers.markup.blocks import Blocks, lines_of, names_of
from indexer.readers.markup.latex_text import TOKEN, Markup
from indexer.readers.markup.values import Values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.articles import Article
    from indexer.readers.budget import Budget

_LEVELS = {
    "part": 1,
    "chapter": 2,
    "section": 3,
    "subsection": 4,
    "subsubsection": 5,
    "paragraph": 6,
    "subparagraph": 7,
    "frametitle": 5,
    "framesubtitle": 6,
    "addchap": 2,
}
_CODE = frozenset(
    ("verbatim", "Verbatim", "lstlisting", "minted", "alltt", "BVerbatim", "verbatimtab", "code")
)
_MATH = frozenset(
    (
        *("equation", "align", "gather", "multline", "displaymath", "eqnarray", "math", "flalign"),
        *("alignat", "dmath", "IEEEeqnarray", "split", "mathpar"),
    )
)
_LEFT_OUT = frozenset(
    ("comment", "tikzpicture", "picture", "pgfpicture", "filecontents", "pspicture", "tikzcd")
)
_LISTS = frozenset(
    ("itemize", "enumerate", "description", "list", "thebibliography", "compactitem")
)
_QUOTES = frozenset(("quote", "quotation", "verse", "displayquote"))
_TABLES = frozenset(("tabular", "tabularx", "longtable", "tabulary", "tabu", "supertabular"))
_LABELLED = frozenset(
    (
        *("theorem", "lemma", "proposition", "corollary", "definition", "proof", "remark"),
        *("example", "exercise", "claim", "conjecture", "axiom", "note", "warning", "thm", "defn"),
    )
)
# Environments whose first groups say how they are set.
_ARGUMENTS = {
    "multicols": 1,
    "minipage": 1,
    "thebibliography": 1,
    "wrapfigure": 2,
    "adjustwidth": 2,
    "tabular": 1,
    "longtable": 1,
    "tabularx": 2,
    "tabulary": 2,
    "tabu": 1,
    "tabular*": 2,
    "list": 2,
    "supertabular": 1,
    "array": 1,
    "minted": 1,
    "otherlanguage": 1,
}
_RULES = frozenset(("hline", "midrule"))
# What stands before one of these is said at the top or foot of each page.
_PAGE_ENDS = frozenset(("endfirsthead", "endhead", "endfoot", "endlastfoot"))
_MOST_HEADS = 3
_INCLUDES = frozenset(("input", "include", "subfile", "import", "includeonly", "lstinputlisting"))
_NEW_THEOREM = re.compile(r"\\newtheorem\*?\{([^{}]{1,60})\}(?:\[[^\]]{0,60}\])?\{([^{}]{1,100})\}")
_BODY = re.compile(r"\\begin[ \t]*\{document\}")


def read_latex(
    data: bytes, *, source: str, keep_furniture: bool, budget: Budget
) -> Iterator[Article]:
    """Yield the one article of a file of LaTeX, a document or a part of one.

    Raises: ReaderError if data is not text, has no words or is over the budget.
    """
    text = "\n".join(lines_of(data, budget))
    reading = _Reading(text, Blocks(budget, keep_furniture=keep_furniture), budget)
    reading.read()
    blocks = reading.blocks
    least = min((block.level for block in blocks.found if block.level), default=1)
    blocks.found[:] = [
        block._replace(level=block.level - least + 1) if block.level else block
        for block in blocks.found
    ]
    facts = reading.facts
    yield blocks.article(
        source,
        title=facts.get("title"),
        title_lines=reading.title_lines,
        author=names_of(facts.get("author", "")),
        published=facts.get("date"),
        extra=[("keywords", facts.get("keywords"))],
    )


class _Table:
    """A table that is being read."""

    def __init__(self) -> None:
        self.rows: list[tuple[list[str], Lines]] = []
        self.cells: list[str] = []
        self.heads = 0
        self._ended = 0

    def end_part(self, name: str) -> None:
        """End the rows that are said again on other pages; those that were said are dropped."""
        is_again = name == "endfoot" or (name == "endhead" and self._ended)
        if is_again:
            del self.rows[self._ended :]
        elif name != "endlastfoot":
            self.heads = self.heads or len(self.rows)
        self._ended = len(self.rows)


class _Reading:
    """Goes through the source once.

    Attributes:
        blocks: what was found.
        facts: title, author, date and keywords.
        title_lines: where the title stands.
    """

    def __init__(self, text: str, blocks: Blocks, budget: Budget) -> None:
        self._text = text
        self._budget = budget
        self._markup = Markup(text, Values(budget))
        self._line_starts = [0, *(found.end() for found in re.finditer("\n", text))]
        self._pieces: list[str] = []
        self._first = self._last = 0
        self._kinds = [BlockKind.PARAGRAPH]
        self._environments: list[str] = []
        self._tables: list[_Table] = []
        self._theorems: dict[str, str] = dict(_NEW_THEOREM.findall(text))
        self._is_abstract = False
        self._last_ends: dict[str, int] = {}
        self.blocks = blocks
        self.facts: dict[str, str] = {}
        self.title_lines: Lines | None = None

    def read(self) -> None:
        body = _BODY.search(self._text)
        if body:
            self._read_preamble(body.start())
        at, end = body.end() if body else 0, len(self._text)
        while at < end:
            found = TOKEN.match(self._text, at)
            if found is None or (found["edge"] == "end" and found["environment"] == "document"):
                break
            at = self._take(found, at)
        while self._tables:
            self._end_table(at)
        self._flush()

    def _read_preamble(self, end: int) -> None:
        """Note the facts and what is defined."""
        at = 0
        while at < end and (found := TOKEN.match(self._text, at, end)):
            if found["command"] and (after := self._take_fact(found["command"], found.end())):
                at = after
            else:
                _, at = self._markup.piece(found, 0, end)
        self._markup.notes.clear()

    def _line(self, at: int) -> int:
        return bisect_right(self._line_starts, at)

    def _take(self, found: re.Match[str], at: int) -> int:
        """Take a token; where the next begins."""
        if found["blank"]:
            if not self._tables:
                self._flush()
            return found.end()
        if found["edge"]:
            name = found["environment"]
            if found["edge"] == "begin":
                return self._begin(name, at, found.end())
            self._end(name, at)
            return found.end()
        if self._tables and (found["mark"] == "&" or found["symbol"] == "\\"):
            self._end_cell()
            if found["symbol"]:
                self._end_row(at)
            return self._markup.piece(found, 0, len(self._text))[1]
        if found["command"] and (after := self._take_command(found["command"], at, found.end())):
            return after
        piece, after = self._markup.piece(found, 0, len(self._text))
        if piece:
            self._append(piece, at, after)
        return after

    def _append(self, piece: str, at: int, after: int) -> None:
        if piece.strip():
            if not any(map(str.strip, self._pieces)):
                self._first = self._line(at + len(piece) - len(piece.lstrip()))
            self._last = self._line(max(at, after - 1 - (len(piece) - len(piece.rstrip()))))
        self._pieces.append(piece)

    # Commands

    def _take_command(self, name: str, at: int, after: int) -> int:
        """Take a command that makes blocks; where what follows begins, 0 if it makes text."""
        if level := _LEVELS.get(name):
            return self._heading(level, at, after)
        if name in {"item", "bibitem"}:
            return self._item(name, at, after)
        if name in {"caption", "captionof", "subcaption"}:
            if name == "captionof" and (group := self._markup.group(after)):
                after = group[1] + 1
            group = self._markup.group(self._markup.optional(after)[1])
            if group:
                # A table that has its caption within it goes on.
                pieces, self._pieces = self._pieces, []
                self._add(BlockKind.CAPTION, self._markup.plain(*group, 1), *group)
                self._pieces = pieces
                return group[1] + 1
            return 0
        if name in _RULES:
            if self._tables and (table := self._tables[-1]).rows:
                table.heads = table.heads or len(table.rows)
            return after
        if name in _PAGE_ENDS:
            if self._tables:
                self._tables[-1].end_part(name)
            return after
        if name in {"par", "newpage", "clearpage", "maketitle"} and not self._tables:
            self._flush()
            return after
        if name in _INCLUDES and (group := self._markup.group(after)):
            self.blocks.leave_out(self._text[at : group[1] + 1], self._line(at))
            return group[1] + 1
        return self._take_fact(name, after)

    def _take_fact(self, name: str, at: int) -> int:
        """Note what a command says of the document; where what follows begins, 0 if it does not."""
        if name not in {"title", "author", "date", "keywords"}:
            return 0
        _, after = self._markup.optional(at)
        group = self._markup.group(after)
        if group is None:
            return 0
        start, end = group
        notes = len(self._markup.notes)
        if name == "author":
            source = re.sub(r"\\and\b", "; ", self._text[start:end])
            first = source.split("\\\\")[0] if "\\and" not in self._text[start:end] else source
            inner = Markup(re.sub(r"\\\\[^;]*", " ", first), Values(self._budget))
            value = inner.plain(0, len(inner.text), 1)
        else:
            value = self._markup.plain(start, end, 1)
        del self._markup.notes[notes:]
        if value:
            self.facts.setdefault(name, value)
        if name == "title" and self.title_lines is None:
            self.title_lines = Lines(self._line(start), self._line(end))
        return end + 1

    def _heading(self, level: int, at: int, after: int) -> int:
        if self._text[after : after + 1] == "*":
            after += 1
        group = self._markup.group(self._markup.optional(after)[1])
        if group is None:
            return 0
        self._flush()
        self._add(BlockKind.HEADING, self._markup.plain(*group, 1), at, group[1], level=level)
        return group[1] + 1

    def _item(self, name: str, at: int, after: int) -> int:
        self._flush()
        label, behind = self._markup.optional(after)
        if name == "bibitem":
            group = self._markup.group(behind)
            behind = group[1] + 1 if group else behind
        if label:
            text = self._markup.plain(after + 1, after + 1 + len(label), 1).rstrip(":")
            if text.strip("•-–*"):
                self.blocks.begin_with(f"{text}:", self._line(at))
        return behind

    # Environments

    def _begin(self, name: str, at: int, after: int) -> int:
        bare = name.rstrip("*")
        if bare in _CODE or bare in _LEFT_OUT or bare in _MATH:
            return self._whole(name, bare, after)
        if bare in _TABLES:
            if not self._tables:
                self._flush()
                self._tables.append(_Table())
            else:
                self._environments.append(f"inner {name}")
                return self._after_arguments(name, after)
        elif bare != "math":
            self._flush()
        self._environments.append(name)
        if bare in _LISTS:
            self._kinds.append(BlockKind.LIST_ITEM)
        elif bare in _QUOTES:
            self._kinds.append(BlockKind.QUOTE)
        elif bare == "abstract":
            self._is_abstract = True
        elif bare in _LABELLED or bare in self._theorems:
            label = self._theorems.get(bare, bare.capitalize())
            name_of, behind = self._markup.optional(after)
            said = f"{label} ({name_of})" if name_of else label
            text = Markup(said, Values(self._budget)).plain(0, len(said), 1)
            self.blocks.begin_with(f"{text}:", self._line(at))
            return behind
        elif bare == "frame":
            _, after = self._markup.optional(after)
            if self._text[after : after + 1] == "{" and self._markup.group(after):
                return self._heading(5, at, after)
            return after
        return self._after_arguments(name, after)

    def _after_arguments(self, name: str, after: int) -> int:
        _, after = self._markup.optional(after)
        for _ in range(_ARGUMENTS.get(name, _ARGUMENTS.get(name.rstrip("*"), 0))):
            group = self._markup.group(after)
            if group is None:
                break
            after = self._markup.optional(group[1] + 1)[1]
        return after

    def _whole(self, name: str, bare: str, after: int) -> int:
        """Take an environment whose inside is no text of LaTeX; where what follows begins."""
        closing = f"\\end{{{name}}}"
        if name not in self._last_ends:
            self._last_ends[name] = self._text.rfind(closing)
        if self._last_ends[name] < after:
            return after
        end = self._text.find(closing, after)
        after = self._after_arguments(name, after)
        inside = self._text[after:end]
        if bare in _MATH:
            text = re.sub(r"\\(?:label|tag)\{[^{}]{0,200}\}|\\(?:nonumber|notag)\b", "", inside)
            self._append(f" {text} ", after, end)
        else:
            self._flush()
            first = self._line(after)
            if bare in _CODE:
                self.blocks.add_code(inside.split("\n"), first)
            else:
                self.blocks.leave_out(inside, first, self._line(end))
        return end + len(closing)

    def _end(self, name: str, at: int) -> None:
        if f"inner {name}" in self._environments[-1:]:
            self._environments.pop()
            return
        if self._environments[-1:] != [name]:
            self._flush()
            return
        bare = name.rstrip("*")
        if bare in _TABLES:
            self._end_table(at)
        else:
            self._flush()
        self._environments.pop()
        if bare in _LISTS | _QUOTES and len(self._kinds) > 1:
            self._kinds.pop()
        if bare == "abstract":
            self._is_abstract = False
        self.blocks.flush_prefix()

    # Text

    def _end_cell(self) -> None:
        self._tables[-1].cells.append("".join(self._pieces))
        self._pieces = []

    def _end_row(self, at: int) -> None:
        table = self._tables[-1]
        cells, table.cells = table.cells, []
        if any(map(str.strip, cells)):
            line = self._line(at)
            table.rows.append((cells, Lines(min(self._first or line, line), line)))

    def _end_table(self, at: int) -> None:
        self._end_cell()
        self._end_row(at)
        table = self._tables.pop()
        heads = table.heads if table.heads < len(table.rows) else 0
        self.blocks.add_rows(table.rows, heads=min(heads, _MOST_HEADS))
        self._add_notes()

    def _flush(self) -> None:
        """Take the paragraph that was gathered."""
        if self._tables:
            return
        pieces, self._pieces = self._pieces, []
        text = "".join(pieces)
        if text.strip():
            kind = self._kinds[-1]
            if self._is_abstract and not self.blocks.found:
                kind = BlockKind.SUMMARY
            self.blocks.add(kind, text, self._first, self._last)
        self._add_notes()

    def _add(self, kind: BlockKind, text: str, start: int, end: int, *, level: int = 0) -> None:
        self.blocks.add(kind, text, self._line(start), self._line(end), level=level)
        if not self._tables:
            self._add_notes()

    def _add_notes(self) -> None:
        notes, self._markup.notes = self._markup.notes, []
        for note, at in notes:
            self.blocks.add(BlockKind.PARAGRAPH, note, self._line(at))

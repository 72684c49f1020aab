"""Markdown: CommonMark with tables, strikethrough, footnotes and YAML front matter.

Markup is taken off, words are kept: a link leaves its text, an image its description. So are
attributes in braces behind headings, and the marks of admonitions (``!!! note``, ``::: note``,
``> [!NOTE]``), of which the title is kept and what is in them stays as it is.

**The title** is that of the front matter; else the first heading of level 1 that no text stands
before; else, in a file without one, the heading that the file begins with, if no other is of its
level or above. So a chapter that begins with "## The Storm" has that title, its sections being of
level 3; in a changelog of nothing but sections of level 2 the first names a section like the
others. Then the article has no title and is shown by the name of its file, as MkDocs and pandoc do:
its later sections would stand under the title of the first.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import yaml
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from mdit_py_plugins.admon import admon_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.front_matter import front_matter_plugin

from indexer.articles import Article, Block, SkipReason
from indexer.model import BlockKind, Lines
from indexer.readers.budget import DEFAULT_BUDGET, too_many_parts
from indexer.readers.encoding import decode
from indexer.readers.extra import extra_of
from indexer.readers.faults import ReaderError
from indexer.readers.fields import author_of, date_of, language_of, text_of, words_of
from indexer.readers.tables import Cell, row_texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from indexer.readers.budget import Budget

# What is nested deeper than the parser's default of 20 is read line by line.
_NESTING = 100
# A list and its item are two.
_LEVELS_AT_A_TIME = 2
# A token takes half a kilobyte, a paragraph has three.
_TOKENS_A_PART = 2
# Brackets and stars that nothing closes are looked for in all that follows.
_MARKUP_CHARS = 50_000
_CONTAINERS = {
    "list_item_open": BlockKind.LIST_ITEM,
    "blockquote_open": BlockKind.QUOTE,
    "tr_open": BlockKind.TABLE_ROW,
}
_START = Token("", "", 0)
_CLOSINGS = frozenset(name.replace("_open", "_close") for name in _CONTAINERS)
#: Tokens whose lines are read, or have none to be read.
_WITH_TEXT = frozenset(
    ("inline", "fence", "code_block", "html_block", "front_matter", "hr", "table_open")
)
_NESTED = re.compile(r"(?:[\s>]|[-*+](?=\s)|\d{1,9}[.)](?=\s))+")
_BREAK = re.compile(r"<br\b", re.IGNORECASE)
# What generators of pages understand: { #id .class key=value }, {: ...}, {-}; alone or at the end.
_ATTRIBUTE = r"""(?:[#.][\w:.-]+|[\w:-]+=(?:"[^"]*"|'[^']*'|[^\s"'}]+)|-)"""
# A run of blanks is looked at from its beginning alone.
_ATTRIBUTES = re.compile(rf"(?<!\s)\s*\{{:?\s*{_ATTRIBUTE}(?:\s+{_ATTRIBUTE})*\s*\}}\s*\Z")
_ATTRIBUTE_LINE = re.compile(rf"\s*\{{:\s*{_ATTRIBUTE}(?:\s+{_ATTRIBUTE})*\s*\}}\s*")
# > [!NOTE], and ::: note Title.
_ALERT = re.compile(r"\A\s*\[!(?:note|tip|important|warning|caution)\][+-]?", re.IGNORECASE)
_CONTAINER = re.compile(r"\A:{3,}\s*(?:\{[^}]*\}|[\w-]+)?(?:\s+(\S.*))?\Z")
_TASK = re.compile(r"\[[ xX]\]\s+")
_CELL_END = re.compile(r"(?<!\\)\|")
_NULLS = ("", "~", "null")
# Front matter that is a fact of every article; all else is kept beside.
_FACTS = frozenset(
    ("title", "author", "authors", "date", "published", "lang", "language", "url", "site")
)


def read_markdown(
    data: bytes, *, source: str, keep_furniture: bool, budget: Budget = DEFAULT_BUDGET
) -> Iterator[Article]:
    """Yield the one article of a Markdown file.

    Headings have the level they are written with; every list item, table row and quoted paragraph
    is a block.
    Nothing is taken for page furniture.

    Raises: ReaderError if data is not text, has no words or is over the budget.
    """
    del keep_furniture
    text = decode(data)
    if max(text.count("\n"), text.count("<")) > budget.parts:
        raise too_many_parts("lines or tags", budget)
    parsed = _Parsed(text, budget)
    tokens = parsed.tokens
    facts = _front_matter(tokens)
    blocks = _blocks(tokens if facts is None else tokens[1:], parsed)
    if any(token.level >= _NESTING - _LEVELS_AT_A_TIME for token in tokens):
        blocks = sorted((*blocks, *_too_deep(parsed)), key=lambda block: block.lines)
    facts = facts or {}
    title = text_of(facts.get("title"))
    title_block = _title_block(title, blocks)
    if title_block is not None:
        title = title or blocks[title_block].text
        title_lines = blocks[title_block].lines
        del blocks[title_block]
    else:
        title_lines = None
    if not blocks and not title:
        raise ReaderError(SkipReason.EMPTY, "the file has no text")
    yield Article(
        source=source,
        blocks=tuple(blocks),
        title=title,
        author=author_of(facts.get("author", facts.get("authors"))),
        published=date_of(facts.get("date", facts.get("published"))),
        language=language_of(facts.get("lang", facts.get("language"))),
        url=text_of(facts.get("url")),
        site=text_of(facts.get("site")),
        extra=extra_of((name, one) for name, one in facts.items() if name not in _FACTS),
        title_lines=title_lines,
    )


class _Parsed:
    """A parsed document.

    Attributes:
        tokens: its blocks; the text in them is not parsed yet, since that takes much memory.
        lines: of the source.
    """

    def __init__(self, text: str, budget: Budget) -> None:
        parser = MarkdownIt("commonmark", {"maxNesting": _NESTING})
        parser.enable(["table", "strikethrough"]).use(front_matter_plugin).use(footnote_plugin)
        parser.use(admon_plugin)
        # Notes stay where they are written rather than in a list at the end.
        parser.disable(["footnote_tail", "footnote_inline"])
        parser.core.ruler.disable(["inline", "text_join"])
        self._parser = parser
        self._names: dict[str, Any] = {}  # of links and notes
        state = StateCore(text, parser, self._names)
        state.tokens = _Tokens(budget)
        parser.core.process(state)
        self.tokens: Sequence[Token] = state.tokens
        self.lines = text.split("\n")

    def words(self, text: str) -> str:
        """Return the text of a block without its markup, white space collapsed."""
        pieces: list[str] = []
        for part in _parts(text):
            tokens: list[Token] = []
            self._parser.inline.parse(part, self._parser, self._names, tokens)
            pieces += _pieces(tokens)
        return " ".join("".join(pieces).split())


class _Tokens(list["Token"]):
    """Tokens, not more than a budget has."""

    def __init__(self, budget: Budget) -> None:
        super().__init__()
        self._budget = budget
        self._most = _TOKENS_A_PART * budget.parts

    def append(self, token: Token) -> None:
        """Take one more; ReaderError if that is too many."""
        if len(self) >= self._most:
            raise too_many_parts("lines, items or cells", self._budget)
        super().append(token)


def _parts(text: str) -> Iterator[str]:
    """Cut what is so long that its markup is looked for in parts of it, where words end."""
    start = 0
    while len(text) - start > _MARKUP_CHARS:
        most = start + _MARKUP_CHARS
        end = max(text.rfind("\n", start, most), text.rfind(" ", start, most)) + 1 or most
        yield text[start:end]
        start = end
    yield text[start:]


def _front_matter(tokens: Sequence[Token]) -> Mapping[str, object] | None:
    """Return the fields of the front matter by lower-case name, None if there are none."""
    if not tokens or tokens[0].type != "front_matter":
        return None
    try:
        # Every scalar as it is written: "no" is a language, 2024-13-01 no reason to stop.
        found = yaml.load(tokens[0].content, Loader=yaml.BaseLoader)  # noqa: S506  (makes no objects)
    except (yaml.YAMLError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    return {str(name).lower(): value for name, value in found.items() if value not in _NULLS}


def _blocks(tokens: Sequence[Token], parsed: _Parsed) -> list[Block]:
    """Return the blocks that tokens of a document make."""
    blocks: list[Block] = []
    kinds = [BlockKind.PARAGRAPH]
    level = 0
    row = Lines(0, 0)
    cells: list[str] = []
    rows: list[tuple[list[str], Lines]] = []

    def add(kind: BlockKind, text: str, place: Lines, level: int = 0) -> None:
        if text.strip():
            blocks.append(Block(kind, text, place, level=level))

    for before, token in pairwise((_START, *tokens)):
        first, last = (token.map[0] + 1, token.map[1]) if token.map else (0, 0)
        if token.type in _CONTAINERS:
            kinds.append(_CONTAINERS[token.type])
            row, cells = Lines(first, last), []
        elif token.type == "tr_close":
            kinds.pop()
            columns = len(rows[0][0]) if rows else len(cells)
            cells.extend(map(parsed.words, _surplus(parsed.lines[row.first - 1], columns)))
            rows.append((cells, row))
        elif token.type in _CLOSINGS:
            kinds.pop()
        elif token.type == "table_open":
            rows = []
        elif token.type == "table_close":
            for text, place in _row_texts(rows):
                add(BlockKind.TABLE_ROW, text, place)
        elif token.type == "heading_open":
            level = int(token.tag[1:])
        elif token.type == "inline" and before.type == "admonition_title_open":
            if '"' in parsed.lines[first - 1]:
                add(BlockKind.PARAGRAPH, parsed.words(token.content), Lines(first, first))
        elif token.type == "inline":
            content = token.content
            if level:
                content = _ATTRIBUTES.sub("", content)
            elif kinds[-1] is not BlockKind.TABLE_ROW:
                content = _without_marks(content, is_quote=kinds[-1] is BlockKind.QUOTE)
            text = parsed.words(content)
            if kinds[-1] is BlockKind.TABLE_ROW:
                cells.append(text)
            elif level:
                add(BlockKind.HEADING, text, Lines(first, last), level)
                level = 0
            else:
                if kinds[-1] is BlockKind.LIST_ITEM:
                    text = _TASK.sub("", text, count=1)
                add(kinds[-1], text, Lines(first, last))
        elif token.type in {"fence", "code_block"}:
            start = first + (token.type == "fence")
            code = token.content.rstrip("\n")
            add(BlockKind.CODE, code, Lines(start, start + code.count("\n")))
        elif token.type == "html_block":
            blocks.extend(_html_blocks(token.content, first, kinds[-1]))
        elif token.type == "front_matter":
            # Something else between two rules, or what YAML cannot read: words all the same.
            add(BlockKind.PARAGRAPH, " ".join(token.content.split()), Lines(first, last))
    return blocks


def _row_texts(rows: Sequence[tuple[Sequence[str], Lines]]) -> Iterator[tuple[str, Lines]]:
    """The text of each row of a table whose first names the columns, and its place."""
    cells = [[Cell(text, at) for at, text in enumerate(row)] for row, _ in rows]
    return zip(row_texts(cells, 1), (place for _, place in rows), strict=True)


def _without_marks(content: str, *, is_quote: bool) -> str:
    """A paragraph without lines of attributes, of containers, and the kind of an alert."""
    lines = content.split("\n")
    if is_quote:
        lines[0] = _ALERT.sub("", lines[0])
    return "\n".join(
        _CONTAINER.sub(lambda found: found[1] or "", line)
        for line in lines
        if not _ATTRIBUTE_LINE.fullmatch(line)
    )


def _surplus(line: str, columns: int) -> Iterator[str]:
    """Yield the cells a row has beyond those of its header, which tables drop."""
    cells = _CELL_END.split(line.strip().removeprefix("|").removesuffix("|"))
    yield from map(str.strip, cells[columns:])


def _too_deep(parsed: _Parsed) -> Iterator[Block]:
    """Yield what is nested so deep that the parser leaves it out, a block a line."""
    left = bytearray(b"\1") * len(parsed.lines)
    for token in parsed.tokens:
        if token.map and token.type in _WITH_TEXT:
            first, end = token.map
            left[first:end] = bytes(end - first)
    for place, line in enumerate(parsed.lines):
        if left[place] and line.strip():
            found = _NESTED.match(line)
            marks = found[0] if found else ""
            text = parsed.words(line[len(marks) :])
            if text:
                kind = BlockKind.QUOTE if ">" in marks else BlockKind.LIST_ITEM
                yield Block(kind, text, Lines(place + 1, place + 1))


def _pieces(tokens: Sequence[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type in {"text", "text_special", "code_inline"}:
            yield token.content
        elif token.type in {"softbreak", "hardbreak"} or _BREAK.match(token.content):
            yield " "
        elif token.children:  # the description of an image
            yield from _pieces(token.children)


def _html_blocks(content: str, first: int, kind: BlockKind) -> Iterator[Block]:
    """Yield the text of an HTML block that begins on line first, inside a block of some kind."""
    # Few documents hold HTML, and its parser takes time to load.
    from indexer.readers.html_page import read_page  # noqa: PLC0415
    from indexer.readers.html_tree import parse_page  # noqa: PLC0415

    tree = parse_page(content)
    for block in read_page(tree).blocks if tree is not None else ():
        yield block._replace(
            kind=kind if block.kind is BlockKind.PARAGRAPH else block.kind,
            lines=Lines(block.lines.first + first - 1, block.lines.last + first - 1),
        )


def _title_block(title: str, blocks: Sequence[Block]) -> int | None:
    """Return which block is the title, given the front matter's; the module tells which.

    One that says something else than the front matter's title is a heading like others.
    """
    levels = [block.level for block in blocks if block.kind is BlockKind.HEADING]
    for place, block in enumerate(blocks):
        if block.kind is not BlockKind.HEADING:
            return None
        is_alone_outermost = place == 0 and min(levels[1:], default=7) > block.level
        if block.level == 1 or is_alone_outermost:
            return place if not title or words_of(title) == words_of(block.text) else None
    return None


def markdown_blocks(text: str, budget: Budget) -> list[Block]:
    """The blocks of a piece of Markdown that is a part of something else, such as a cell.

    Raises: ReaderError if it is over the budget.
    """
    if max(text.count("\n"), text.count("<")) > budget.parts:
        raise too_many_parts("lines or tags", budget)
    parsed = _Parsed(text, budget)
    return _blocks(parsed.tokens, parsed)

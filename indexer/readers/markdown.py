"""Markdown: CommonMark with tables, strikethrough, footnotes and YAML front matter.

Markup is taken off, words are kept: a link leaves its text, an image its description.

**The title** is that of the front matter; else the first heading of level 1 that no text stands
before; else, in a file without one, the heading that the file begins with, if no other is of its
level or above. So a chapter that begins with "## The Storm" has that title, its sections being of
level 3; in a changelog of nothing but sections of level 2 the first names a section like the
others, and the article has no title.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import yaml
from markdown_it import MarkdownIt
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.front_matter import front_matter_plugin

from indexer.articles import Article, Block, SkipReason
from indexer.model import BlockKind, Lines
from indexer.readers.base import ReaderError
from indexer.readers.encoding import decode
from indexer.readers.fields import author_of, date_of, language_of, text_of, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from markdown_it.token import Token

# What is nested deeper than the parser's default of 20 would be lost.
_NESTING = 100
_CONTAINERS = {
    "list_item_open": BlockKind.LIST_ITEM,
    "blockquote_open": BlockKind.QUOTE,
    "tr_open": BlockKind.TABLE_ROW,
}
_CLOSINGS = frozenset(name.replace("_open", "_close") for name in _CONTAINERS)
_BREAK = re.compile(r"<br\b", re.IGNORECASE)
_TASK = re.compile(r"\[[ xX]\]\s+")
_CELL_END = re.compile(r"(?<!\\)\|")
_NULLS = ("", "~", "null")


def read_markdown(data: bytes, *, source: str, keep_furniture: bool) -> Iterator[Article]:
    """Yield the one article of a Markdown file.

    Headings have the level they are written with; every list item, table row and quoted paragraph
    is a block.
    Nothing is taken for page furniture.

    Raises: ReaderError if data is not text or has no words.
    """
    del keep_furniture
    text = decode(data)
    tokens = _parser().parse(text)
    facts = _front_matter(tokens)
    blocks = _blocks(tokens if facts is None else tokens[1:], text.split("\n"))
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
        title_lines=title_lines,
    )


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"maxNesting": _NESTING})
    parser.enable(["table", "strikethrough"]).use(front_matter_plugin).use(footnote_plugin)
    # Notes stay where they are written rather than in a list at the end.
    return parser.disable(["footnote_tail", "footnote_inline"])


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


def _blocks(tokens: Sequence[Token], lines: Sequence[str]) -> list[Block]:
    """Return the blocks of a document, given the lines of its source."""
    blocks: list[Block] = []
    kinds = [BlockKind.PARAGRAPH]
    level = columns = 0
    row = Lines(0, 0)
    cells: list[str] = []

    def add(kind: BlockKind, text: str, place: Lines, level: int = 0) -> None:
        if text.strip():
            blocks.append(Block(kind, text, place, level=level))

    for token in tokens:
        first, last = (token.map[0] + 1, token.map[1]) if token.map else (0, 0)
        if token.type in _CONTAINERS:
            kinds.append(_CONTAINERS[token.type])
            row, cells = Lines(first, last), []
        elif token.type == "tr_close":
            kinds.pop()
            columns = columns or len(cells)
            cells.extend(_surplus(lines[row.first - 1], columns))
            add(BlockKind.TABLE_ROW, " | ".join(filter(None, cells)), row)
        elif token.type in _CLOSINGS:
            kinds.pop()
        elif token.type == "table_open":
            columns = 0
        elif token.type == "heading_open":
            level = int(token.tag[1:])
        elif token.type == "inline":
            text = _words(token.children or ())
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


def _surplus(line: str, columns: int) -> Iterator[str]:
    """Yield the text of the cells a row has beyond those of its header, which tables drop."""
    cells = _CELL_END.split(line.strip().removeprefix("|").removesuffix("|"))
    for cell in cells[columns:]:
        for token in _parser().parseInline(cell.strip()):
            yield _words(token.children or ())


def _words(tokens: Sequence[Token]) -> str:
    """Return a line of text without its markup, white space collapsed."""
    return " ".join("".join(_pieces(tokens)).split())


def _pieces(tokens: Sequence[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type in {"text", "code_inline"}:
            yield token.content
        elif token.type in {"softbreak", "hardbreak"} or _BREAK.match(token.content):
            yield " "
        elif token.children:  # the description of an image
            yield from _pieces(token.children)


def _html_blocks(content: str, first: int, kind: BlockKind) -> Iterator[Block]:
    """Yield the text of an HTML block that begins on line first, inside a block of some kind."""
    # Few documents hold HTML, and its parser takes time to load.
    from indexer.readers.html_page import parse_page, read_page  # noqa: PLC0415

    tree = parse_page(content)
    for block in read_page(tree).blocks if tree is not None else ():
        yield replace(
            block,
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

"""The text of a page of a wiki -> blocks.

Templates are programs that are kept elsewhere: they are left out and counted, but for a few that
hold a word of the sentence they stand in, such as ``{{lang|de|Wort}}``. So are references, and
tables that lay out a page. Formulas stay as they are written. Captions of pictures are blocks,
categories are ``category`` of the article.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import mwparserfromhell
from mwparserfromhell import nodes
from mwparserfromhell.parser import ParserError

from indexer.articles import SkipReason
from indexer.model import BlockKind, Lines
from indexer.readers.faults import ReaderError
from indexer.readers.markup.wikitext_nesting import untangled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.readers.markup.blocks import Blocks

_QUOTES = re.compile(r"'{5}|'{2,3}(?!')|(?<=')'{3}")
_SWITCH = re.compile(r"__[A-Z]{3,30}__")
_LIST = re.compile(r"[*#:;]+")
_RULE = re.compile(r"-{4,}")
_LANGUAGE_LINK = re.compile(r"[a-z]{2,3}(?:-[a-z]{2,12})*:")
# A picture's size, place and the like.
_PICTURE_OPTION = re.compile(
    r"(?:thumb|thumbnail|frame|frameless|border|left|right|center|centre|none|upright|baseline|sub"
    r"|super|top|middle|bottom|text-top|text-bottom|mini|miniatur|rechts|links|hochkant|rahmenlos"
    r"|vignette|droite|gauche|\d*(?:x\d+)?px|\w+\s*=.*)(?:\s*=.*|\s+[\d.]+)?",
    re.IGNORECASE | re.DOTALL,
)
_LAYOUT = re.compile(r"infobox|navbox|metadata|ambox|mbox|toccolours|sidebar|\btoc\b")
_OMITTED_TAGS = frozenset(
    (
        *("references", "style", "script", "templatestyles", "timeline", "graph", "imagemap"),
        *("score", "hiero", "mapframe", "maplink", "section", "indicator", "categorytree"),
    )
)
_CODE_TAGS = frozenset(("pre", "syntaxhighlight", "source"))
_RAW_TAGS = frozenset(("nowiki", "math", "chem", "ce"))
_BLOCK_TAGS = frozenset(("p", "div", "blockquote", "center", "poem", "ul", "ol", "dl", "section"))
# Which of its arguments, from 1, a template shows; 0 for all.
_SHOWN = {
    **dict.fromkeys(("lang", "langue", "transl", "transliteration", "lang-x", "script"), 2),
    **dict.fromkeys(
        (
            *("nowrap", "nobr", "nobreak", "small", "smaller", "big", "abbr", "ipa", "sic"),
            *("linktext", "visible anchor"),
            *("unité", "quote", "blockquote", "cquote", "zitat", "citation bloc", "em", "strong"),
            *("sup", "sub", "smallcaps", "sc", "ill", "interlanguage link", "illm"),
            *("mvar", "math", "var", "code", "angbr", "translit", "term", "defn", "formatnum"),
            *("w", "wikt-lang", "text", "keypress", "key", "s", "er", "tooltip", "mono"),
        ),
        1,
    ),
    **dict.fromkeys(("convert", "cvt"), -2),
}  # fmt: skip
_SIGNS = {
    "ndash": "–",
    "–": "–",
    "mdash": "—",
    "—": "—",
    "snd": " – ",
    "spnd": " – ",
    "nbsp": " ",
    "'": "'",
    "'s": "'s",
    "!": "|",
    "=": "=",
    "c.": "c.",
    "circa": "c.",
    "·": "·",
    "dot": "·",
    "spaced ndash": " – ",
    "-": " ",
    "pi": "π",
    "times": "×",
    "°": "°",
    "(!": "",
    "sp": " ",
}
# What is nested deeper is text.
_DEEPEST = 40


class Namespaces:
    """What files and categories are called in a wiki, in small letters."""

    def __init__(self, files: set[str], categories: set[str]) -> None:
        self.files = files
        self.categories = categories

    @classmethod
    def usual(cls) -> Namespaces:
        """Their names in every wiki."""
        return cls({"file", "image", "media"}, {"category"})

    def add(self, name: str, *, is_file: bool) -> None:
        """Add the name that a wiki gives to one of them."""
        if name.strip():
            (self.files if is_file else self.categories).add(name.strip().lower())


def read_wikitext(text: str, line: int, blocks: Blocks, namespaces: Namespaces) -> list[str]:
    """Add the blocks of a page; its categories.

    Args:
        text: of the page.
        line: in which it begins in its file.
        blocks: takes them.
        namespaces: of the wiki.

    Raises: ReaderError if it cannot be parsed, or is over the budget.
    """
    try:
        parsed = mwparserfromhell.parse(untangled(text), skip_style_tags=True)
        page = _Page(line, blocks, namespaces)
        page.read(parsed)
    except (ParserError, RecursionError) as error:
        raise ReaderError(SkipReason.BROKEN, "the wiki text is nested too deep") from error
    return page.categories


class _Page:
    """Makes blocks of the nodes of a page, in their order.

    Attributes:
        categories: which it is in.
    """

    def __init__(self, line: int, blocks: Blocks, namespaces: Namespaces) -> None:
        self._blocks = blocks
        self._namespaces = namespaces
        self._line = line
        self._row: list[str] = []
        self._row_first = line
        self._is_spaced = self._is_code = False
        self._text: list[str] = []
        self._first = line
        self._kind = BlockKind.PARAGRAPH
        self._captions: list[str] = []
        self.categories: list[str] = []

    def read(self, parsed: Any) -> None:
        """Take all nodes of the page."""
        for node in parsed.nodes:
            following = self._line + str(node).count("\n")
            self._take(node)
            self._line = following
        self._end_row()
        self._flush()
        self._blocks.flush_prefix()

    def _take(self, node: Any) -> None:
        """Take a node that stands in no other, or in one that is as if it were not there."""
        if isinstance(node, nodes.Text):
            self._feed(_SWITCH.sub("", _QUOTES.sub("", str(node.value))), is_text=True)
        elif isinstance(node, nodes.Heading):
            self._end_row()
            self._flush()
            text = " ".join(self._inline(node.title, 0).split())
            if text:
                self._blocks.locator = (("section", text),)
            self._blocks.add(BlockKind.HEADING, text, self._line, level=max(1, node.level - 1))
            self._flush_captions()
        elif isinstance(node, nodes.Tag):
            self._take_tag(node)
        else:
            self._feed(self._inline_node(node, 0))

    def _take_tag(self, node: Any) -> None:
        name = str(node.tag).strip().lower()
        if name == "table":
            self._end_row()
            self._flush()
            self._table(node)
        elif name in _CODE_TAGS:
            self._end_row()
            self._flush()
            code = str(node.contents or "").split("\n")
            self._blocks.add_code(code, self._line)
        elif name == "gallery":
            self._end_row()
            self._flush()
            for at, row in enumerate(str(node.contents or "").split("\n")):
                _, bar, caption = row.partition("|")
                if bar:
                    parsed = mwparserfromhell.parse(untangled(caption), skip_style_tags=True)
                    text = self._inline(parsed, 1).rpartition("|")[2]
                    self._blocks.add(BlockKind.CAPTION, text, self._line + at)
        elif name in _BLOCK_TAGS and not node.wiki_markup:
            if _LAYOUT.search(_said(node)):
                self._leave_out(self._inline(node.contents, 1))
                return
            self._end_row()
            self._flush()
            kind, line = self._kind, self._line
            self._kind = BlockKind.QUOTE if name == "blockquote" else kind
            for inner in node.contents.nodes if node.contents is not None else ():
                following = self._line + str(inner).count("\n")
                self._take(inner)
                self._line = following
            self._end_row()
            self._flush()
            self._kind, self._line = kind, line
        else:
            self._feed(self._inline_node(node, 0))

    # Text within a line

    def _inline(self, parsed: Any, depth: int) -> str:
        if parsed is None:
            return ""
        return "".join(self._inline_node(node, depth + 1) for node in parsed.nodes)

    def _inline_node(self, node: Any, depth: int) -> str:
        if depth > _DEEPEST:
            return ""
        if isinstance(node, nodes.Text):
            return _QUOTES.sub("", str(node.value))
        if isinstance(node, nodes.HTMLEntity):
            return _character(node)
        if isinstance(node, nodes.Wikilink):
            return self._link(node, depth)
        if isinstance(node, nodes.ExternalLink):
            if node.title is not None:
                return self._inline(node.title, depth)
            return "" if node.brackets else str(node.url)
        if isinstance(node, nodes.Template):
            return self._template(node, depth)
        if isinstance(node, nodes.Tag):
            return self._tag(node, depth)
        if isinstance(node, nodes.Heading):
            return self._inline(node.title, depth)
        return ""  # a comment, an argument

    def _tag(self, node: Any, depth: int) -> str:
        name = str(node.tag).strip().lower()
        if node.wiki_markup and node.wiki_markup in {"*", "#", ":", ";"}:
            return str(node.wiki_markup)
        if name == "ref":
            self._leave_out(self._inline(node.contents, depth))
            return ""
        if name in _OMITTED_TAGS:
            return ""
        if name in {"br", "hr"}:
            return "\n----\n" if name == "hr" else " "
        if name in _RAW_TAGS:
            return str(node.contents or "")
        text = self._inline(node.contents, depth)
        if name in {"td", "th", "tr", "table", "caption", "li", "p", "div"}:
            return f" {text} "
        return text

    def _link(self, node: Any, depth: int) -> str:
        title = str(node.title).strip()
        prefix = title.partition(":")[0].strip().lower() if ":" in title else ""
        if prefix in self._namespaces.categories:
            self.categories.append(title.partition(":")[2].strip())
            return ""
        text = self._inline(node.text, depth) if node.text is not None else None
        if prefix in self._namespaces.files:
            caption = (text or "").rpartition("|")[2].strip()
            if caption and not _PICTURE_OPTION.fullmatch(caption):
                self._captions.append(caption)
            return ""
        if text is None and _LANGUAGE_LINK.match(title):
            return ""
        return text or title.removeprefix(":")

    def _template(self, node: Any, depth: int) -> str:
        name = str(node.name).strip().lower()
        if name in _SIGNS:
            return _SIGNS[name]
        values = [self._inline(one.value, depth).strip() for one in node.params if not one.showkey]
        shown = _SHOWN.get("lang-x" if name.startswith(("lang-", "langue-")) else name)
        if name.startswith("formatnum:"):
            return name.partition(":")[2]
        if shown is not None and values:
            if shown < 0:
                return " ".join(values[:-shown])
            if name.startswith("lang-") or len(values) < shown:
                return values[0]
            return values[shown - 1]
        named = [self._inline(one.value, depth).strip() for one in node.params if one.showkey]
        self._leave_out(" ".join(filter(None, (*values, *named))))
        return ""

    def _leave_out(self, text: str) -> None:
        text = " ".join(text.split())
        if any(map(str.isalnum, text)):
            self._blocks.leave_out(text, self._line)

    # Lines

    def _feed(self, text: str, *, is_text: bool = False) -> None:
        """Go on with a text, which may have several lines; its newlines are those of the source."""
        for at, part in enumerate(text.split("\n")):
            if at:
                self._end_row()
            if not self._row:
                self._row_first = self._line + at if is_text else self._line
                self._is_spaced = is_text and at > 0 and part.startswith(" ")
            if part:
                self._row.append(part)

    def _end_row(self) -> None:
        """Take a line of text: a part of a paragraph, or an item of a list."""
        row, self._row = "".join(self._row), []
        marks = _LIST.match(row)
        rule = _RULE.match(row)
        if not row.strip():
            self._flush()
        elif marks:
            self._flush()
            self._item(marks[0], row[marks.end() :])
        elif rule:
            self._flush()
            self._gather(row[rule.end() :], is_code=False)
        else:
            self._gather(row, is_code=self._is_spaced)

    def _gather(self, row: str, *, is_code: bool) -> None:
        if is_code != self._is_code:
            self._flush()
        if not self._text:
            self._first, self._is_code = self._row_first, is_code
        self._text.append(row)

    def _item(self, marks: str, text: str) -> None:
        blocks = self._blocks
        if marks.endswith(";"):
            blocks.flush_prefix(BlockKind.LIST_ITEM)
            term, colon, rest = text.partition(" : ")
            if not colon:
                blocks.begin_with(f"{' '.join(text.split()).rstrip(':')}:", self._row_first)
                return
            text = f"{term.strip()}: {rest}"
        is_indented = set(marks) == {":"} and not blocks.prefix
        kind = self._kind if is_indented else BlockKind.LIST_ITEM
        blocks.add(kind, text, self._row_first)
        self._flush_captions()

    def _flush(self) -> None:
        """Take the paragraph that was gathered, and the captions that were come upon in it."""
        rows, self._text = self._text, []
        if rows and self._is_code:
            self._blocks.add_code(rows, self._first)
        elif rows:
            last = self._first + len(rows) - 1
            self._blocks.add(self._kind, "\n".join(rows), self._first, last)
        self._is_code = False
        self._flush_captions()

    def _flush_captions(self) -> None:
        captions, self._captions = self._captions, []
        for caption in captions:
            self._blocks.add(BlockKind.CAPTION, caption, self._line)

    # Tables

    def _table(self, node: Any) -> None:
        if _LAYOUT.search(_said(node)):
            self._leave_out(self._inline(node.contents, 1))
            self._captions.clear()
            return
        rows: list[tuple[list[str], Lines]] = []
        heads = 0
        for cells, line in _rows(node, self._line):
            texts = [" ".join(self._inline(cell.contents, 2).split()) for cell in cells]
            if not rows and texts and texts[0].startswith("+") and cells[0].wiki_markup == "|":
                # The parser knows no captions.
                self._blocks.add(BlockKind.CAPTION, texts[0][1:].rpartition("|")[2], line)
                cells, texts = cells[1:], texts[1:]  # noqa: PLW2901
            if not any(texts):
                continue
            is_head = all(str(cell.tag).strip().lower() == "th" for cell in cells)
            heads += is_head and heads == len(rows)
            rows.append((texts, Lines(line, line)))
        for one in node.contents.nodes if node.contents is not None else ():
            if isinstance(one, nodes.Tag) and str(one.tag).strip().lower() == "caption":
                self._blocks.add(BlockKind.CAPTION, self._inline(one.contents, 1), self._line)
        self._blocks.add_rows(rows, heads=heads if heads < len(rows) else 0)
        self._flush_captions()


def _rows(table: Any, line: int) -> Iterator[tuple[list[Any], int]]:
    """Yield the cells of each row of a table, with the line it begins in."""
    loose: list[Any] = []
    begun = line
    for node in table.contents.nodes if table.contents is not None else ():
        if isinstance(node, nodes.Tag):
            name = str(node.tag).strip().lower()
            if name in {"td", "th"}:
                begun = begun if loose else line
                loose.append(node)
            elif name in {"tr", "tbody", "thead"}:
                if loose:
                    yield loose, begun
                    loose = []
                if name == "tr":
                    yield _cells(node), line + (1 if node.wiki_markup else 0)
                else:
                    yield from _rows(node, line)
        line += str(node).count("\n")
    if loose:
        yield loose, begun


def _cells(row: Any) -> list[Any]:
    return [
        node
        for node in (row.contents.nodes if row.contents is not None else ())
        if isinstance(node, nodes.Tag) and str(node.tag).strip().lower() in {"td", "th"}
    ]


def _said(node: Any) -> str:
    """The class, the role and the like of a tag, in small letters."""
    return " ".join(f"{one.name}={one.value}" for one in node.attributes).lower()


def _character(entity: Any) -> str:
    try:
        return str(entity.normalize())
    except (ValueError, OverflowError, KeyError):
        return str(entity)

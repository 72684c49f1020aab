"""All text of an HTML page, in order, with the source line of every word.

The main text of a page comes from elsewhere (``html_main``); this module knows what else the page
says, so that nothing is left out unseen, and on which line of the source each word stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lxml import etree

from indexer.model import BlockKind
from indexer.readers.html_tables import SEPARATOR, Rows
from indexer.readers.html_text import PageText

if TYPE_CHECKING:
    from collections.abc import Iterator

HEADINGS = {f"h{level}": level for level in range(1, 7)}

_KINDS = {
    "blockquote": BlockKind.QUOTE,
    "caption": BlockKind.CAPTION,
    "dd": BlockKind.LIST_ITEM,
    "dt": BlockKind.LIST_ITEM,
    "figcaption": BlockKind.CAPTION,
    "li": BlockKind.LIST_ITEM,
    "pre": BlockKind.CODE,
    "tr": BlockKind.TABLE_ROW,
} | dict.fromkeys(HEADINGS, BlockKind.HEADING)
# Tags that begin and end a block of their own; all others are part of the line of text.
_BREAKS = frozenset(_KINDS) | frozenset(
    (
        *("address", "article", "aside", "body", "button", "center", "details", "dialog", "dir"),
        *("div", "dl", "fieldset", "figure", "footer", "form", "header", "hgroup", "legend"),
        *("main", "menu", "nav", "ol", "optgroup", "option", "p", "search", "section", "select"),
        *("summary", "table", "tbody", "td", "textarea", "tfoot", "th", "thead", "ul"),
    )
)
_UNSEEN = frozenset(("iframe", "noscript", "script", "style", "svg", "template"))
# A row that holds one of these lays out a page; its cells are not the fields of a record.
_NOT_IN_RECORDS = ("table", "ul", "ol", "dl", "pre", "blockquote", "form", *HEADINGS)


def read_page(tree: Any) -> PageText:
    """Return all text of the body of a page, scripts and the like apart."""
    body = tree.find("body")
    if body is None:
        body = tree
    page = PageText()
    pieces: list[tuple[str, int]] = []
    unlinked: list[str] = []
    links = 0  # that are open
    # The elements that are open, and their kinds with their level; the innermost names the block.
    homes: list[Any] = [body]
    kinds: list[tuple[BlockKind, int]] = [(BlockKind.PARAGRAPH, 0)]
    record: Any = None
    new_cell = False
    starts: list[int] = []  # of the cells of the record, among the pieces
    tables: list[Rows] = []

    def flush() -> None:
        if pieces:
            page.add(*kinds[-1], pieces, unlinked="".join(unlinked), home=homes[-1])
            pieces.clear()
            unlinked.clear()

    depth = 0
    for event, element, text, line in _walk(body):
        tag = element.tag
        if event == "start":
            depth += 1
            if tag == "a":
                links += _leads_elsewhere(element)
            if tag == "table":
                tables.append(Rows())
            page.depth = max(page.depth, depth)
            if tag == "tr":
                page.row_cells = max(page.row_cells, len(element))
            if tag == "tr" and record is None and _is_record(element):
                flush()
                record = element
                homes.append(element)
                kinds.append((BlockKind.TABLE_ROW, 0))
            elif record is not None:
                if tag in {"td", "th"}:
                    new_cell = True
                    starts.append(len(pieces))
                if tag in _BREAKS or tag == "br":
                    pieces.append((" ", line))
            elif tag in _BREAKS:
                flush()
                homes.append(element)
                kinds.append(_kind(tag, kinds[-1]))
            elif tag == "br" and kinds[-1][0] is BlockKind.CODE:
                pieces.append(("\n", line))
            elif tag in {"br", "hr"}:
                flush()
        elif event == "end":
            depth -= 1
            if tag == "a":
                links -= _leads_elsewhere(element)
            if element is record:
                block, texts = len(page.blocks), [piece for piece, _ in pieces]
                flush()
                if tables and len(page.blocks) > block:
                    tables[-1].add(block, record, texts, starts)
                homes.pop()
                kinds.pop()
                starts.clear()
                record = None
            elif record is not None:
                if tag in _BREAKS:
                    pieces.append((" ", line))
            elif tag in _BREAKS:
                flush()
                homes.pop()
                kinds.pop()
            if tag == "table" and tables:
                page.rewrite(dict(tables.pop().texts()))
        if text.strip() and new_cell:
            if any(part.strip() for part, _ in pieces):
                pieces.append((SEPARATOR, line))
            new_cell = False
        # Between two blocks there is nothing but white space, mostly.
        if text and (pieces or kinds[-1][0] is BlockKind.CODE or not text.isspace()):
            pieces.append((text, line))
            if not links:
                unlinked.append(text)
    flush()
    return page


def _walk(body: Any) -> Iterator[tuple[str, Any, str, int]]:
    """Yield (event, element, the text that follows, its line) in document order.

    Events are start, end, and skipped for what is no text. Without recursion, for pages nest
    deeper than Python's stack. The parser knows the line of each start tag; in between, line
    ends are counted.
    """
    line = body.sourceline or 1
    walker = etree.iterwalk(body, events=("start", "end", "comment", "pi"))
    for event, element in walker:
        if event == "start":
            line = max(line, element.sourceline or 1)
            if element.tag in _UNSEEN:
                walker.skip_subtree()
                continue
            text = element.text or ""
            yield event, element, text, line
        else:
            skipped = event != "end" or element.tag in _UNSEEN
            if skipped:
                line += "".join(element.itertext()).count("\n")
            # The tail of the root stands outside it.
            text = "" if element is body else element.tail or ""
            yield "skipped" if skipped else event, element, text, line
        line += text.count("\n")


def _leads_elsewhere(link: Any) -> bool:
    """Whether a link is to another page."""
    return not link.get("href", "#").startswith("#")


def _kind(tag: str, outer: tuple[BlockKind, int]) -> tuple[BlockKind, int]:
    """Return the kind and level of text directly in tag, inside an element of kind outer."""
    if tag in _KINDS:
        return _KINDS[tag], HEADINGS.get(tag, 0)
    if outer[0] is BlockKind.TABLE_ROW and tag not in {"td", "th"}:
        return BlockKind.PARAGRAPH, 0
    return outer


def _is_record(row: Any) -> bool:
    """Tell whether a table row holds the fields of one record rather than a part of the page."""
    cells = sum(1 for child in row if child.tag in {"td", "th"})
    if cells < 2 or next(row.iter(*_NOT_IN_RECORDS), None) is not None:
        return False
    return sum(1 for _ in row.iter("p", "div")) <= 2 * cells

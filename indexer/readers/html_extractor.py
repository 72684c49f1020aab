"""What trafilatura takes for the article of an HTML page, in blocks.

It tells the article from the page around it; its XML keeps headings, lists, quotes and tables.
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any

import trafilatura
from trafilatura.xml import strip_double_tags

from indexer.articles import Block
from indexer.model import BlockKind, Lines
from indexer.readers.fields import words_of
from indexer.readers.html_text import without_invisible

if TYPE_CHECKING:
    from indexer.readers.html_text import PageText

# Without a handler of their own these would write to standard error about every odd page.
for _name in ("trafilatura", "courlan", "justext", "readability"):
    logging.getLogger(_name).addHandler(logging.NullHandler())

_KINDS = {
    "code": BlockKind.CODE,
    "head": BlockKind.HEADING,
    "item": BlockKind.LIST_ITEM,
    "quote": BlockKind.QUOTE,
    "row": BlockKind.TABLE_ROW,
    # Inside of quotes the extractor leaves tags of the page as they are.
    "li": BlockKind.LIST_ITEM,
    "tr": BlockKind.TABLE_ROW,
}
_BREAKS = frozenset(("cell", "div", "lb", "list", "main", "p", "table", *_KINDS))
_ROWS = frozenset(("row", "tr"))
_CELLS = frozenset(("td", "th"))
# Pictures and icons of fonts, which have no meaning as characters.
_PRIVATE = re.compile("[\ue000-\uf8ff]+")
# Where code is a few words in a line of text rather than a block.
_LINES_OF_TEXT = frozenset(("p", "head", "item", "cell"))
# trafilatura's parser leaves out what is inside more than 255 elements, and texts that are larger
# than 10 MB; it counts the cells of a row anew at each of them, and takes 4 kB a tag.
_EXTRACTED_TAGS = 200_000
_EXTRACTED_DEPTH = 60
_EXTRACTED_CHARS = 2_000_000
_EXTRACTED_CELLS = 2_000
# What a page of a site has, and a text that was written or exported as a page has not.
_OF_SITES = ("article", "aside", "button", "footer", "form", "iframe", "main", "nav", "script")
_SITE_NAME = re.compile(
    r"nav|menu|side|foot(?!note)|comment|relat|share|social|cookie|banner|widget|bread|advert|"
    r"promo|wrap|container|content|layout|column|page|post|entry|story",
    re.IGNORECASE,
)
_MOST_LINKED = 0.3
# The level trafilatura gives to a heading that was none in the source.
_GUESSED_LEVEL = 3


def extract(text: str, tree: Any, page: PageText) -> list[Block] | None:
    """Return the blocks of the article in order without their lines, None if there is none.

    Nor is there one where the page is nothing but a text, or is too large for the extractor.

    Args:
        text: the page as it is written.
        tree: its elements.
        page: its words.
    """
    if _is_document(tree) or not _can_be_extracted(text, page):
        return None
    try:
        document: Any = trafilatura.bare_extraction(
            tree,
            output_format="xml",
            include_comments=False,
            include_tables=True,
        )
    except Exception:  # noqa: BLE001  (a page that upsets the extractor is still read whole)
        return None
    return None if document is None else _split(strip_double_tags(document.body))


def _is_document(tree: Any) -> bool:
    """Whether a page is a text and nothing else: without what sites have around theirs."""
    if next(tree.iter(*_OF_SITES), None) is not None:
        return False
    if any(_SITE_NAME.search(name) for name in tree.xpath("./body//@class|./body//@id")):
        return False
    body = tree.find("body")
    if body is None:
        return False
    text = len("".join(body.itertext()))
    linked = sum(len("".join(link.itertext())) for link in body.iter("a"))
    return linked <= _MOST_LINKED * text


def _can_be_extracted(text: str, page: PageText) -> bool:
    """Whether the extractor sees all of a page, and takes no more than its share of a run."""
    return (
        text.count("<") <= _EXTRACTED_TAGS
        and page.depth <= _EXTRACTED_DEPTH
        and page.row_cells <= _EXTRACTED_CELLS
        and all(len(block.text) <= _EXTRACTED_CHARS for block in page.blocks)
    )


def _split(main: Any) -> list[Block]:
    """Return the blocks of an extracted text in order, without their lines."""
    blocks: list[Block] = []
    pieces: list[str] = []

    def flush(kind: BlockKind, level: int) -> None:
        raw = _PRIVATE.sub("", without_invisible("".join(pieces)))
        pieces.clear()
        text = raw.strip("\n").rstrip() if kind is BlockKind.CODE else " ".join(raw.split())
        if words_of(text):
            blocks.append(Block(kind, text, Lines(1, 1), level=level))

    def walk(element: Any, kind: BlockKind, level: int) -> None:
        pieces.append(element.text or "")
        for child in element:
            if not _is_block(child):
                apart = " " if child.tag in _CELLS else ""
                pieces.append(apart)
                walk(child, kind, level)
                pieces.append(apart)
            elif child.tag == "lb" and kind is BlockKind.CODE:
                pieces.append("\n")
            else:
                flush(kind, level)
                inner = _kind(child, kind)
                if child.tag in _ROWS and _is_record(child):
                    pieces.append(" | ".join(filter(None, map(_text, child))))
                else:
                    walk(child, *inner)
                flush(*inner)
            pieces.append(child.tail or "")

    walk(main, BlockKind.PARAGRAPH, 0)
    flush(BlockKind.PARAGRAPH, 0)
    return blocks


def _text(element: Any) -> str:
    return without_invisible(" ".join(" ".join(element.itertext()).split()))


def _is_block(element: Any) -> bool:
    """Tell whether element stands apart from the text around it."""
    if element.tag == "code" and element.getparent().tag in _LINES_OF_TEXT:
        return "\n" in "".join(element.itertext())
    return element.tag in _BREAKS


def _is_record(row: Any) -> bool:
    """Tell whether a table row holds the fields of one record rather than a part of the page."""
    return len(row) > 1 and all(sum(1 for _ in cell.iter("p", "head", "item")) <= 1 for cell in row)


def _kind(element: Any, outer: BlockKind) -> tuple[BlockKind, int]:
    """Return the kind and heading level of the text directly in element."""
    if element.tag == "head":
        level = element.get("rend", "")[1:]
        return BlockKind.HEADING, int(level) if level.isdigit() else _GUESSED_LEVEL
    if outer is BlockKind.HEADING or (outer is BlockKind.TABLE_ROW and element.tag == "p"):
        outer = BlockKind.PARAGRAPH
    return _KINDS.get(element.tag, outer), 0

"""HTML: the main text of a page with its headings, and what the page says of itself.

trafilatura tells the article from the page around it; its XML keeps headings, lists, quotes and
tables, and is split here into blocks. What it leaves out is kept apart and reported.

**The title** is the page's only h1, else what its head declares, else its first h1 or h2, as the
extractor finds them. Where there is none of these, it is the one heading of the highest level the
page has, if none of its main text stands before; several of that level are sections.

**The summary** is what stands first under the title and is marked up as such by its class; or is
marked up as a heading and says what the page describes itself by, or reads like one
(``standfirst``).
"""

from __future__ import annotations

import codecs
import logging
import re
from dataclasses import replace
from itertools import compress
from operator import not_
from typing import TYPE_CHECKING, Any

import trafilatura
from trafilatura.xml import strip_double_tags

from indexer.articles import Article, Block, SkipReason
from indexer.model import BlockKind, Lines
from indexer.readers.budget import DEFAULT_BUDGET, too_many_parts
from indexer.readers.byline import Byline, parse_byline
from indexer.readers.encoding import decode
from indexer.readers.faults import ReaderError
from indexer.readers.fields import words_of
from indexer.readers.furniture import furniture_places, is_script
from indexer.readers.html_facts import read_facts
from indexer.readers.html_page import PageText, parse_page, read_page, without_invisible
from indexer.readers.standfirst import reads_as_summary

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from indexer.readers.budget import Budget

# Without a handler of their own these would write to standard error about every odd page.
for _name in ("trafilatura", "courlan", "justext", "readability"):
    logging.getLogger(_name).addHandler(logging.NullHandler())

_DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_DECLARED_WITHIN_BYTES = 4096
# Behind what archives put at the beginning of a page.
_META = re.compile(rb"""<meta\b[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_META_WITHIN_BYTES = 65_536
_FEW_ZEROS = 0.01
_BOMS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# Python has codecs that are no character sets of the web; a page must not choose one.
_CHARSETS = re.compile(r"ascii|iso|cp|koi8|mac|gb|big5|euc|shift_jis|hz|johab|tis")
# Pages are read as browsers read them: these names stand for their larger relatives.
_MEANT = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}

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
_SUMMARY_CLASS = re.compile(
    r"(?<![a-z])(?:standfirst|strap-?line|dec?k|sub-?(?:title|head|heading|headline)|summary)(?![a-z])",
    re.IGNORECASE,
)
# A page that calls itself "News" has not told its news.
_LEAST_DESCRIBED_WORDS = 4
# trafilatura's parser leaves out what is inside more than 255 elements, and texts that are larger
# than 10 MB; it counts the cells of a row anew at each of them, and takes 4 kB a tag.
_EXTRACTED_TAGS = 200_000
_EXTRACTED_DEPTH = 60
_EXTRACTED_CHARS = 2_000_000
_EXTRACTED_CELLS = 2_000
# Libraries look through all attributes of a tag for each.
_LONG_TAG = re.compile(r"<[a-zA-Z][^>]{20000,}>")
_MOST_ATTRIBUTES = 4_096
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


def read_html(
    data: bytes, *, source: str, keep_furniture: bool, budget: Budget = DEFAULT_BUDGET
) -> Iterator[Article]:
    """Yield the one article of an HTML page.

    Lines are those of the HTML source. Unless furniture is kept the blocks are the main text, and
    the page's other text is in ``omitted``; a page without a main text is taken whole.

    Raises: ReaderError if data is binary, the page has no text, or more tags than the budget has.
    """
    text = decode_html(data)
    if text.count("<") > budget.parts:
        raise too_many_parts("tags", budget)
    if any(tag[0].count("=") > _MOST_ATTRIBUTES for tag in _LONG_TAG.finditer(text)):
        raise ReaderError(
            SkipReason.TOO_LARGE, f"a tag of it has more than {_MOST_ATTRIBUTES:,} attributes"
        )
    tree = parse_page(text)
    if tree is None:
        raise ReaderError(SkipReason.EMPTY, "the page has no text")
    page = read_page(tree)
    is_site = not _is_document(tree)
    main = _extract(tree) if is_site and _can_be_extracted(text, page) else None
    blocks: Sequence[Block] = page.blocks
    omitted: Sequence[Block] = ()
    if main is not None:
        blocks, omitted = _main_text(main, page)
    facts = read_facts(tree)
    title = facts.title or _only_heading(page, blocks)
    title_lines = _heading_lines(title, page)
    blocks = _without(title, blocks)
    summary = _summary(title, title_lines, blocks, tree)
    bylines = _bylines(blocks, summary)
    if keep_furniture:
        blocks, omitted = _without(title, page.blocks), ()
    else:
        blocks = [block for block in blocks if block not in bylines]
        omitted = sorted((*omitted, *bylines), key=lambda block: block.lines)
    blocks = _with_summary(summary, blocks)
    omitted = _without(title, omitted)
    if not blocks and not title:
        raise ReaderError(SkipReason.EMPTY, "the page has no text")
    yield Article(
        source=source,
        blocks=tuple(blocks),
        title=title,
        author=facts.author or next((line.author for line in bylines.values() if line.author), ""),
        published=facts.published
        or next((line.published for line in bylines.values() if line.published), None),
        language=facts.language,
        url=facts.url,
        site=facts.site,
        extra=facts.extra,
        omitted=tuple(omitted),
        title_lines=title_lines,
    )


def decode_html(data: bytes) -> str:
    """Return the page's text: by its mark or UTF-8 where that fits, else by what it declares.

    A page that declares nothing, or what cannot be, is decoded like plain text.
    """
    if 0 < data.count(b"\0") <= _FEW_ZEROS * len(data) and b"<" in data[:_DECLARED_WITHIN_BYTES]:
        data = data.replace(b"\0", b"")  # as browsers do
    declared = _DECLARED.search(data[:_DECLARED_WITHIN_BYTES]) or _META.search(
        data[:_META_WITHIN_BYTES]
    )
    # The escape character is how ASCII-only bytes carry Japanese.
    if declared and not data.startswith(_BOMS) and (b"\x1b" in data or not _is_utf8(data)):
        try:
            name = codecs.lookup(declared[1].decode("ascii", "replace")).name
            if _CHARSETS.match(name):
                return decode(data.decode(_MEANT.get(name, name)).encode())
        except (LookupError, UnicodeError):
            pass
    return decode(data)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


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


def _extract(tree: Any) -> Any:
    """Return the main text as trafilatura's elements, None if it finds none."""
    try:
        document: Any = trafilatura.bare_extraction(
            tree,
            output_format="xml",
            include_comments=False,
            include_tables=True,
        )
    except Exception:  # noqa: BLE001  (a page that upsets the extractor is still read whole)
        return None
    return None if document is None else strip_double_tags(document.body)


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


def _main_text(extracted: Any, page: PageText) -> tuple[Sequence[Block], Sequence[Block]]:
    """Return the main text with its lines, and the other text of the page, both in order."""
    main = _split(extracted)
    places, found = page.place(block.text for block in main)
    rest = list(compress(page.blocks, map(not_, found)))
    blocks = list(_as_on_page(main, places, page, found))
    if page.blocks and (not main or not rest):
        # Where the extractor takes all there is, it may run blocks together; the page has them.
        blocks, rest = page.blocks, []
    left_out = furniture_places([block.text for block in blocks]) | {
        place
        for place, block in enumerate(blocks)
        if block.kind is BlockKind.PARAGRAPH and is_script(block.text)
    }
    omitted = [*rest, *(blocks[place] for place in sorted(left_out))]
    return (
        [block for place, block in enumerate(blocks) if place not in left_out],
        sorted(omitted, key=lambda block: block.lines),
    )


def _as_on_page(
    main: Sequence[Block],
    places: Sequence[range | None],
    page: PageText,
    found: Sequence[bool],
) -> Iterator[Block]:
    """Yield the extractor's blocks with the words, and the lines, that the page has for them.

    Its rows of tables and its code are taken as they are there. What the page does not show, as
    text from its scripts, is left out, unless that is most of the text.
    """
    is_shown = 2 * sum(place is not None for place in places) > len(places)
    lines = page.blocks[0].lines if page.blocks else Lines(1, 1)
    words = frozenset(page.words)
    taken: set[int] = set()
    for block, run in zip(main, places, strict=True):
        if run is None:
            unseen = sum(word not in words for word in words_of(block.text))
            if not is_shown or unseen * 2 < len(words_of(block.text)):
                yield replace(block, lines=lines)  # near its neighbour
            continue
        lines = page.lines_of(run)
        first, last = page.owners[run.start], page.owners[run.stop - 1]
        owners = [owner for owner in range(first, last + 1) if found[owner]]
        kinds = {page.blocks[owner].kind for owner in owners}
        # Other parts of a row are lines of a table that lays out a page.
        is_row = block.kind is BlockKind.TABLE_ROW and (
            taken.issuperset(owners)
            or " | " in block.text
            or 2 * len(run) >= page.words_in(first, last)
        )
        if BlockKind.CODE in kinds or (is_row and BlockKind.TABLE_ROW in kinds):
            yield from (page.blocks[owner] for owner in owners if owner not in taken)
            taken.update(owners)
        else:
            yield replace(block, text=page.text_of(run, block.text), lines=lines)


def _only_heading(page: PageText, main: Sequence[Block]) -> str:
    """Return the heading over all of a page that does not name itself, "" if there is none."""
    headings = [block for block in page.blocks if block.kind is BlockKind.HEADING]
    highest = min((block.level for block in headings), default=0)
    found = [block for block in headings if block.level == highest]
    if len(found) != 1:
        return ""
    texts = {block.text for block in main if block.kind is not BlockKind.HEADING}
    before = page.blocks[: page.blocks.index(found[0])]
    return "" if any(block.text in texts for block in before) else found[0].text


def _heading_lines(title: str, page: PageText) -> Lines | None:
    """Return where the page shows its title as a heading."""
    words = words_of(title)
    for block in page.blocks:
        if block.kind is BlockKind.HEADING and words_of(block.text) == words:
            return block.lines
    return None


def _without(title: str, blocks: Sequence[Block]) -> list[Block]:
    """Return blocks without the headings that are the title: of level 1, or above all text."""
    words = words_of(title)
    kept: list[Block] = []
    above = True
    for block in blocks:
        above = above and block.kind is BlockKind.HEADING
        if not (
            block.kind is BlockKind.HEADING
            and (above or block.level == 1)
            and words_of(block.text) == words
        ):
            kept.append(block)
    return kept


def _summary(title: str, title_lines: Lines | None, main: Sequence[Block], tree: Any) -> str | None:
    """Return the text of the summary that stands under the title, None if there is none."""
    if title_lines is None:
        return None
    place = next((at for at, block in enumerate(main) if not parse_byline(block.text)), len(main))
    summary, *rest = main[place:] or (None,)
    if summary is None or not rest or summary.lines < title_lines:
        return None
    words = words_of(summary.text)
    marked = (e.text_content() for e in tree.iter() if _SUMMARY_CLASS.search(e.get("class", "")))
    if summary.kind in {BlockKind.HEADING, BlockKind.PARAGRAPH} and words in map(words_of, marked):
        return summary.text
    described = tree.xpath("//meta[@name='description' or @property='og:description']/@content")
    if summary.kind is not BlockKind.HEADING:
        return None
    if len(words) >= _LEAST_DESCRIBED_WORDS and words in map(words_of, described):
        return summary.text
    below = parse_byline(rest[0].text)
    is_summary = reads_as_summary(
        summary.text,
        title=title,
        headings=[block.text for block in rest if block.kind is BlockKind.HEADING],
        has_author_below=below is not None and bool(below.author),
    )
    return summary.text if is_summary else None


def _bylines(blocks: Sequence[Block], summary: str | None) -> dict[Block, Byline]:
    """Return what lines under the title, or under its summary, say of author and date.

    Nothing where nothing else follows.
    """
    found: dict[Block, Byline] = {}
    for block in blocks:
        byline = parse_byline(block.text) if block.kind is not BlockKind.HEADING else None
        if byline is not None:
            found[block] = byline
        elif block.text != summary:
            return found
    return {}


def _with_summary(summary: str | None, blocks: Sequence[Block]) -> list[Block]:
    """Return blocks with the first that says what the summary says as that."""
    kept = list(blocks)
    for place, block in enumerate(kept):
        if block.text == summary:
            kept[place] = replace(block, kind=BlockKind.SUMMARY, level=0)
            break
    return kept

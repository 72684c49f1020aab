"""HTML: the main text of a page with its headings, and what the page says of itself.

The article is told from the page around it (``html_extractor``, ``html_main``); what is left out
is kept apart and reported.

**The title** is the page's only h1, else what its head declares, else its first h1, as the
extractor finds them. Where there is none of these, it is the one heading of the highest level the
page has, if none of its main text stands before; several of that level are sections, as they are
in Markdown.

**The summary** is what stands first under the title and is marked up as such by its class; or is
marked up as a heading and says what the page describes itself by, or reads like one
(``standfirst``).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from indexer.articles import Article, SkipReason
from indexer.model import BlockKind, Lines
from indexer.readers.budget import DEFAULT_BUDGET, too_many_parts
from indexer.readers.byline import Byline, parse_byline
from indexer.readers.faults import ReaderError
from indexer.readers.fields import words_of
from indexer.readers.html_charset import decode_html
from indexer.readers.html_drop_caps import join_drop_caps
from indexer.readers.html_extractor import extract
from indexer.readers.html_facts import read_facts
from indexer.readers.html_main import main_text
from indexer.readers.html_page import read_page
from indexer.readers.html_tree import parse_page
from indexer.readers.standfirst import reads_as_summary

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from indexer.articles import Block
    from indexer.readers.budget import Budget
    from indexer.readers.html_text import PageText

_SUMMARY_CLASS = re.compile(
    r"(?<![a-z])(?:standfirst|strap-?line|dec?k|sub-?(?:title|head|heading|headline)|summary)(?![a-z])",
    re.IGNORECASE,
)
# A page that calls itself "News" has not told its news.
_LEAST_DESCRIBED_WORDS = 4
# Libraries look through all attributes of a tag for each.
_LONG_TAG = re.compile(r"<[a-zA-Z][^>]{20000,}>")
_MOST_ATTRIBUTES = 4_096


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
    join_drop_caps(tree)
    page = read_page(tree)
    main = extract(text, tree, page)
    blocks: Sequence[Block] = page.blocks
    omitted: Sequence[Block] = ()
    facts = read_facts(tree)
    if main is not None:
        blocks, omitted = main_text(main, page, facts.title)
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
            kept[place] = block._replace(kind=BlockKind.SUMMARY, level=0)
            break
    return kept

"""Plain text -> one Article: title, headings, paragraphs, and what is left out as furniture."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from indexer.articles import Article, Block, SkipReason
from indexer.model import BlockKind
from indexer.readers.budget import DEFAULT_BUDGET, too_many_parts, too_many_passages
from indexer.readers.byline import Byline, parse_byline
from indexer.readers.encoding import decode
from indexer.readers.faults import ReaderError
from indexer.readers.furniture import furniture_places
from indexer.readers.headlines import (
    goes_on,
    reads_as_caption,
    reads_as_heading,
    reads_as_lead_in,
    reads_as_title,
)
from indexer.readers.labels import is_bare_label, is_named_label, labels_of
from indexer.readers.layout import split_blocks
from indexer.readers.outline import rank_headings
from indexer.readers.standfirst import reads_as_summary

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from indexer.model import Lines
    from indexer.readers.budget import Budget

# Headings that stand one below the other: more than this many short lines are a list or verse.
_MOST_HEADINGS = 2
_MOST_TITLE_LINES = 2
# Of more blocks, headings and furniture among them, there are too many passages in any text.
_BLOCKS_A_PASSAGE = 8
_MOST_SUMMARY_LINES = 3
_DATED = re.compile(r"\d[.-]\d|\b\d{4}\b")
_ENUMERATOR = re.compile(r"\(?\w{1,3}[.)]\s+")


def read_text(
    data: bytes, *, source: str, keep_furniture: bool, budget: Budget = DEFAULT_BUDGET
) -> Iterator[Article]:
    """The one article of a plain text file.

    The first short line is its title if anything follows it, unless it is numbered like a later
    heading: "Chapter I" over some of the chapters is none. Headings have the levels that
    ``outline`` gives them; those with nothing below are paragraphs. A standfirst under the title is
    a SUMMARY. Author, date and language are taken from lines such as "By Jane Doe" under both.
    Unless furniture is kept those lines and page furniture are in `omitted`, else paragraphs.

    Raises: ReaderError with SkipReason.BINARY if data is not text, EMPTY if there is no word,
        TOO_LARGE if there are more lines than the budget has, or far more passages.
    """
    decoded = decode(data)
    if decoded.count("\n") > budget.parts:
        raise too_many_parts("lines", budget)
    blocks = list(islice(split_blocks(decoded), budget.passages * _BLOCKS_A_PASSAGE + 1))
    if len(blocks) > budget.passages * _BLOCKS_A_PASSAGE:
        raise too_many_passages(budget)
    if not blocks:
        raise ReaderError(SkipReason.EMPTY, "it holds no text")
    left_out = {blocks[place].lines for place in furniture_places([b.text for b in blocks])}
    content = [block for block in blocks if block.lines not in left_out]

    title = _title(content)
    body = content[1:] if title else content
    carried_on = _carried_on(content, decoded)
    summary, bylines = _under_title(title.text, body, carried_on) if title else (None, {})
    left_out.update(bylines)
    set_apart = left_out if not keep_furniture else set()
    text = [block for block in body if block.lines not in left_out and block is not summary]
    found = list(rank_headings(_mark_headings(text, carried_on)))
    if summary is not None:
        found.append(summary._replace(kind=BlockKind.SUMMARY))
    kept = [block for block in blocks if block.lines in left_out and block.lines not in set_apart]

    yield Article(
        source=source,
        blocks=tuple(sorted((*found, *kept), key=lambda block: block.lines)),
        title=title.text if title else "",
        title_lines=title.lines if title else None,
        author=next((byline.author for byline in bylines.values() if byline.author), ""),
        published=next((line.published for line in bylines.values() if line.published), None),
        language=next((byline.language for byline in bylines.values() if byline.language), ""),
        omitted=tuple(block for block in blocks if block.lines in set_apart),
    )


def _title(content: Sequence[Block]) -> Block | None:
    """The first block, if it looks like a title and something follows."""
    if len(content) < 2:
        return None
    first = content[0]
    titled = first.kind is BlockKind.HEADING or (
        first.kind is BlockKind.PARAGRAPH
        and first.lines.last - first.lines.first < _MOST_TITLE_LINES
        and reads_as_title(first.text)
    )
    return first if titled and not _is_one_of_several(content) else None


def _is_one_of_several(content: Sequence[Block]) -> bool:
    """Whether the first block is a division of the text, and others of its kind follow."""
    if content[0].kind is BlockKind.HEADING:
        level, others = content[0].level, [block for block in content[1:] if block.level]
        beside = [block for block in others if block.level <= level]
        # Under "=" a title has its parts beside it at times, but a release has other releases.
        if beside and (level > 1 or all(map(_is_dated, (content[0], *beside)))):
            return True
    kinds = {label[:2] for label in labels_of(content[0].text) if label.sure}
    return any(
        reads_as_heading(block.text)
        and any(label[:2] in kinds and label.sure for label in labels_of(block.text))
        for block in (content[1:] if kinds else ())
    )


def _is_dated(block: Block) -> bool:
    """Whether a heading has a date or the number of a version: "foo 2.0", "2023-01-02"."""
    return _DATED.search(block.text) is not None


def _carried_on(blocks: Sequence[Block], text: str) -> frozenset[Lines]:
    """The blocks whose sentence goes on below, in an example that is set in or after one."""
    starts = [block.span.start if block.span else 0 for block in blocks]
    columns = [start - text.rfind("\n", 0, start) for start in starts]
    return frozenset(
        block.lines
        for block, after, column, column_after in zip(
            blocks, blocks[1:], columns, columns[1:], strict=False
        )
        if (column < column_after and reads_as_lead_in(block.text))
        or (column > column_after and after.text[0].islower() and not block.text.isupper())
    )


def _under_title(
    title: str, body: Sequence[Block], carried_on: Container[Lines]
) -> tuple[Block | None, dict[Lines, Byline]]:
    """The summary that stands under the title, and what the lines above and below it say, by place.

    Nothing where nothing else follows.
    """
    above = _bylines(body)
    summary, *rest = body[len(above) :] or (None,)
    if summary is None or not rest:
        return None, above if summary is not None else {}
    below = _bylines(rest)
    if len(below) == len(rest) or not next(iter(below.values()), Byline()).author:
        below = {}
    is_summary = (
        summary.kind is BlockKind.PARAGRAPH
        and summary.lines.last - summary.lines.first < _MOST_SUMMARY_LINES
        and not reads_as_caption(summary.text)
        # More lines, or a full stop, are text like what follows unless the author is named between.
        and (
            below or (summary.lines.first == summary.lines.last and reads_as_heading(summary.text))
        )
        and reads_as_summary(
            summary.text,
            title=title,
            headings=[
                block.text
                for block in _mark_headings(rest, carried_on)
                if block.kind is BlockKind.HEADING
            ],
            has_author_below=bool(below),
        )
    )
    return (summary, above | below) if is_summary else (None, above)


def _bylines(blocks: Sequence[Block]) -> dict[Lines, Byline]:
    """What the first blocks say of author, date and language, by place."""
    found: dict[Lines, Byline] = {}
    for block in blocks:
        byline = parse_byline(block.text)
        if byline is None:
            break
        found[block.lines] = byline
    return found


def _mark_headings(blocks: Sequence[Block], carried_on: Container[Lines]) -> list[Block]:
    """The blocks with their kinds settled: headings, captions, and paragraphs for the rest."""
    marked: list[Block] = []
    place = 0
    while place < len(blocks):
        end = place
        while end < len(blocks) and (
            blocks[end].kind is BlockKind.HEADING
            or (blocks[end].lines not in carried_on and _may_be_heading(blocks, end))
        ):
            end += 1
        marked.extend(_settle_run(blocks[place:end], followed=blocks[end : end + 1]))
        if end < len(blocks):
            block = blocks[end]
            is_caption = block.kind is BlockKind.PARAGRAPH and reads_as_caption(block.text)
            marked.append(block._replace(kind=BlockKind.CAPTION) if is_caption else block)
        place = end + 1
    return marked


def _may_be_heading(blocks: Sequence[Block], place: int) -> bool:
    """Whether a block is a heading if a paragraph follows: "2. Results" over one is no list."""
    block = blocks[place]
    if block.kind is BlockKind.LIST_ITEM:
        number = _ENUMERATOR.match(block.text)
        before, after = blocks[max(0, place - 1) : place], blocks[place + 1 : place + 2]
        return (
            number is not None
            and reads_as_heading(block.text[number.end() :])
            and not any(_ENUMERATOR.match(near.text) for near in before)
            and any(near.kind is BlockKind.PARAGRAPH for near in after)
        )
    is_name = _is_name_of_division(blocks, place)
    return (
        # More lines are verse.
        (is_name or (block.lines.first == block.lines.last and not goes_on(block.text)))
        and reads_as_heading(block.text)
        and not reads_as_caption(block.text)
    )


def _is_name_of_division(blocks: Sequence[Block], place: int) -> bool:
    """Whether a block stands right below the number of a division: its name, also in two lines."""
    block, above = blocks[place], blocks[place - 1] if place else None
    return (
        above is not None
        and above.lines.last + 1 == block.lines.first
        and block.lines.last - block.lines.first < _MOST_TITLE_LINES
        and is_bare_label(above.text)
    )


def _settle_run(run: Sequence[Block], *, followed: Sequence[Block]) -> Iterator[Block]:
    """The possible headings between two paragraphs, each as a heading or as a paragraph."""
    unmarked = sum(not _is_marked(block) for block in run)
    for place, block in enumerate(run):
        is_last = place == len(run) - 1
        if is_last:
            is_heading = bool(followed)
        elif block.kind is BlockKind.HEADING:
            is_heading = True
        elif followed:
            is_heading = _is_marked(block) or unmarked <= _MOST_HEADINGS
        else:
            is_heading = False
        if is_heading:
            yield block._replace(kind=BlockKind.HEADING)
        else:
            yield block._replace(kind=BlockKind.PARAGRAPH, level=0)


def _is_marked(block: Block) -> bool:
    """Whether a line says that it is a heading, also in a row of short lines."""
    return block.kind is BlockKind.HEADING or is_named_label(block.text)

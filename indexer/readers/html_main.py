"""The main text of an HTML page, and what of the page is none of it.

Which text that is comes from the extractor; its words and their lines are those of the page.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate, compress
from operator import itemgetter, not_
from typing import TYPE_CHECKING

from indexer.model import BlockKind, Lines
from indexer.readers.credits import ends_in_credit
from indexer.readers.fields import words_of
from indexer.readers.furniture import furniture_places, is_script
from indexer.readers.html_missed import missed_blocks
from indexer.readers.html_places import Places
from indexer.readers.pointers import pointer_places

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from indexer.articles import Block
    from indexer.readers.html_text import PageText

# What is no part of something else, as rows and items are.
_LOOSE = frozenset((BlockKind.PARAGRAPH, BlockKind.QUOTE, BlockKind.CAPTION))


def main_text(
    main: Sequence[Block], page: PageText, title: str
) -> tuple[Sequence[Block], Sequence[Block]]:
    """Return the main text with its lines, and the other text of the page, both in order.

    Args:
        main: what the extractor takes for it.
        page: all text of the page.
        title: what the page is called.
    """
    places = Places(page)
    runs: Sequence[range | None]
    runs, found = places.find(block.text for block in main)
    shown: Sequence[tuple[Block, str]]
    if page.blocks and (not main or all(found)):
        # Where the extractor takes all there is, it may run blocks together; the page has them.
        shown = list(zip(page.blocks, page.unlinked, strict=True))
        found = [True] * len(page.blocks)
    else:
        main, runs = _with_missed(main, runs, page, found, title)
        shown = list(_as_on_page(main, runs, places, page, found))
    blocks = [block for block, _ in shown]
    left_out = _left_out(blocks, [unlinked for _, unlinked in shown])
    rest = compress(page.blocks, map(not_, found))
    omitted = [*rest, *(blocks[place] for place in sorted(left_out))]
    return (
        [block for place, block in enumerate(blocks) if place not in left_out],
        sorted(omitted, key=lambda block: block.lines),
    )


def _with_missed(
    main: Sequence[Block],
    runs: Sequence[range | None],
    page: PageText,
    found: list[bool],
    title: str,
) -> tuple[Sequence[Block], Sequence[range | None]]:
    """Return the blocks and their words with those the extractor missed, which are found then."""
    owners = [page.owners[run.start] if run else -1 for run in runs]
    texts = [
        owner
        for block, owner in zip(main, owners, strict=True)
        if owner >= 0 and block.kind is BlockKind.PARAGRAPH
    ]
    missed = missed_blocks(page, found, texts, title)
    if not missed:
        return main, runs
    farthest = list(accumulate(owners, max))
    merged = [(at, 1, block, run) for at, (block, run) in enumerate(zip(main, runs, strict=True))]
    for number, block in missed.items():
        found[number] = True
        merged.append((bisect_right(farthest, number), 0, block, page.run_of(number)))
    merged.sort(key=itemgetter(0, 1))
    return [block for _, _, block, _ in merged], [run for _, _, _, run in merged]


def _left_out(blocks: Sequence[Block], unlinked: Sequence[str]) -> set[int]:
    """Return the places of the blocks that are no text of the article.

    What stands above that may be the end of the page's furniture, so it is looked for twice.
    """
    left_out = {
        place
        for place, block in enumerate(blocks)
        if block.kind in _LOOSE and (is_script(block.text) or ends_in_credit(block.text))
    }
    left_out |= pointer_places(blocks, unlinked)
    left_out |= furniture_places([block.text for block in blocks])
    kept = [place for place in range(len(blocks)) if place not in left_out]
    again = furniture_places([blocks[place].text for place in kept])
    return left_out.union(kept[place] for place in again)


def _as_on_page(
    main: Sequence[Block],
    runs: Sequence[range | None],
    places: Places,
    page: PageText,
    found: Sequence[bool],
) -> Iterator[tuple[Block, str]]:
    """Yield the extractor's blocks with the words, and the lines, that the page has for them.

    Beside each is what of it is outside of links.

    Its rows of tables and its code are taken as they are there. What the page does not show, as
    text from its scripts, is left out, unless that is most of the text.
    """
    is_shown = 2 * sum(run is not None for run in runs) > len(runs)
    lines = page.blocks[0].lines if page.blocks else Lines(1, 1)
    words = frozenset(page.words)
    taken: set[int] = set()
    for block, run in zip(main, runs, strict=True):
        if run is None:
            unseen = sum(word not in words for word in words_of(block.text))
            if not is_shown or unseen * 2 < len(words_of(block.text)):
                yield block._replace(lines=lines), block.text  # near its neighbour
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
            yield from (
                (page.blocks[owner], page.unlinked[owner]) for owner in owners if owner not in taken
            )
            taken.update(owners)
        else:
            unlinked = " ".join(filter(None, page.unlinked[first : last + 1]))
            yield block._replace(text=places.text_of(run, block.text), lines=lines), unlinked

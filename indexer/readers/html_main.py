"""The main text of an HTML page, and what of the page is none of it.

Which text that is comes from the extractor; its words and their lines are those of the page.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import compress
from operator import not_
from typing import TYPE_CHECKING

from indexer.model import BlockKind, Lines
from indexer.readers.fields import words_of
from indexer.readers.furniture import furniture_places, is_script
from indexer.readers.html_places import Places

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from indexer.articles import Block
    from indexer.readers.html_page import PageText


def main_text(main: Sequence[Block], page: PageText) -> tuple[Sequence[Block], Sequence[Block]]:
    """Return the extractor's blocks with their lines, and the other text of the page, in order."""
    places = Places(page)
    runs, found = places.find(block.text for block in main)
    rest = list(compress(page.blocks, map(not_, found)))
    blocks = list(_as_on_page(main, runs, places, page, found))
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
    runs: Sequence[range | None],
    places: Places,
    page: PageText,
    found: Sequence[bool],
) -> Iterator[Block]:
    """Yield the extractor's blocks with the words, and the lines, that the page has for them.

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
            yield replace(block, text=places.text_of(run, block.text), lines=lines)

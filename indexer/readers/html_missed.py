"""What the extractor leaves out of an article though it is of it.

- **The lead** between the title and the text: sentences, more than one. A single one says what the
  page tells of its article rather than what the article tells.
- **Paragraphs in the same place** as those of the text: inside of elements of the same names and
  classes in the same article. A page that is cut by advertisements has its text in several boxes,
  of which the extractor takes one. With them come the headings over them.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from indexer.model import BlockKind
from indexer.readers.credits import ends_in_credit
from indexer.readers.fields import words_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from indexer.articles import Block
    from indexer.readers.html_text import PageText

_LEAST_WORDS_OF_LEAD = 20
_MOST_BLOCKS_OF_LEAD = 2
# Farther away it stands in something else, as under a picture of a gallery.
_MOST_BLOCKS_BETWEEN = 8
_LEAST_WORDS = 12
_LEAST_UNLINKED = 0.7
_STOPS = (".", "!", "?", "…")
_CLOSERS = "\"'”’»)"
_SENTENCES = re.compile(r"[.!?…][\"'”’»)]*\s+[\"'“„«¿¡(]*[^\W_a-zß-ÿ]")
# A place is that of the text if so much of it stands there.
_LEAST_SHARE = 0.3

_Place = tuple[object, ...]


def missed_blocks(
    page: PageText, found: Sequence[bool], texts: Sequence[int], title: str
) -> dict[int, Block]:
    """The blocks that belong to the text too, in order, by their numbers on the page.

    Args:
        page: all of it.
        found: for each of its blocks whether it is in the text already.
        texts: the numbers of those that are paragraphs of the text.
        title: what the page is called.
    """
    if not texts:
        return {}
    missed = {number: page.blocks[number] for number in _kin(page, found, texts)}
    for number in _lead(page, found, min(texts), title):
        # So many sentences are no heading, whatever they are marked up as.
        missed[number] = page.blocks[number]._replace(kind=BlockKind.PARAGRAPH, level=0)
    return dict(sorted(missed.items()))


def _lead(page: PageText, found: Sequence[bool], first: int, title: str) -> Sequence[int]:
    over = _title_place(page, first, title)
    if over is None:
        return ()
    leads: dict[str, int] = {}  # a page may have its lead twice, for two sizes of screen
    for number in range(over + 1, first):
        text = page.blocks[number].text
        if (
            not found[number]
            and text not in leads
            and page.blocks[number].kind in {BlockKind.PARAGRAPH, BlockKind.HEADING}
            and _is_prose(page, number, _LEAST_WORDS_OF_LEAD)
            and _SENTENCES.search(text)
        ):
            leads[text] = number
    near = [number for number in leads.values() if first - number <= _MOST_BLOCKS_BETWEEN]
    return near if len(leads) <= _MOST_BLOCKS_OF_LEAD else ()


def _title_place(page: PageText, first: int, title: str) -> int | None:
    """The last heading before the text that is the title, or of level 1 if none is."""
    headings = [n for n in range(first) if page.blocks[n].kind is BlockKind.HEADING]
    words = words_of(title)
    titles = [number for number in headings if words_of(page.blocks[number].text) == words]
    over = titles or [number for number in headings if page.blocks[number].level == 1]
    return over[-1] if over else None


def _kin(page: PageText, found: Sequence[bool], texts: Sequence[int]) -> Iterator[int]:
    words: Counter[_Place] = Counter()
    places: dict[Any, _Place] = {}
    for number in texts:
        words[_place_of(page.homes[number], places)] += len(words_of(page.blocks[number].text))
    least = _LEAST_SHARE * words.total()
    seen = {page.blocks[number].text for number in texts}
    is_kin = False
    for number in reversed(range(len(page.blocks))):
        block = page.blocks[number]
        if block.kind is BlockKind.HEADING:
            is_kin = is_kin and not found[number]
        else:
            is_kin = (
                block.kind is BlockKind.PARAGRAPH
                and not found[number]
                and block.text not in seen
                and _is_prose(page, number, _LEAST_WORDS)
                and words[_place_of(page.homes[number], places)] >= least
            )
        if is_kin:
            yield number


def _place_of(element: Any, known: dict[Any, _Place]) -> _Place:
    """The names and classes of an element and of those around it, up to its article."""
    found = known.get(element)
    if found is None:
        parent = element.getparent()
        around: object = None
        if element.tag == "article":
            around = element  # no other is the same
        elif parent is not None:
            around = _place_of(parent, known)
        found = known[element] = (element.tag, element.get("class"), around)
    return found


def _is_prose(page: PageText, number: int, least_words: int) -> bool:
    block = page.blocks[number]
    words = len(words_of(block.text))
    return (
        words >= least_words
        and len(words_of(page.unlinked[number])) >= _LEAST_UNLINKED * words
        and block.text.rstrip(_CLOSERS).endswith(_STOPS)
        and not ends_in_credit(block.text)
    )

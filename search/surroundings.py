"""What stands around passages in their articles, read once an article for all of a page."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

from search.model import Surroundings

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Sequence

    from indexer.model import Paragraph
    from indexer.storage.records import StoredArticle
    from search.backends.base import Backend

# Of an article that names its page all paragraphs are read, so that a link finds the right one
# among them; of one that is longer those next to the passage, as to read one takes microseconds.
_MOST_AROUND = 200
_MOST_ARTICLES = 64


class Neighbourhoods:
    """Gives passages their surroundings."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._whole: dict[str, Sequence[Paragraph]] = {}

    def around(self, key: Hashable, article: StoredArticle, paragraph: Paragraph) -> Surroundings:
        """What stands around a passage that the backend gave for a key."""
        article_id = paragraph.article_id
        siblings = self._whole.get(article_id)
        if siblings is not None:
            before, after = siblings[: paragraph.number - 1], siblings[paragraph.number :]
        else:
            reach = _MOST_AROUND if article.record.url else 1
            stored = self._backend.passage(key, reach)
            before, after = stored.before, stored.after
            if len(before) < reach > len(after):
                if len(self._whole) == _MOST_ARTICLES:
                    self._whole.clear()
                self._whole[article_id] = (*before, stored.paragraph, *after)
        following = next(_texts((paragraph, *after[:1])), "") if after else ""
        return Surroundings(tuple(_texts_before(before, paragraph)), following)


def _texts_before(before: Sequence[Paragraph], paragraph: Paragraph) -> Iterator[str]:
    """Yield the texts of some paragraphs and the headings between, up to a paragraph."""
    if before:
        yield from before[0].headings if before[0].number == 1 else ()
        yield before[0].text
        yield from _texts(before)
        yield from _new_headings(before[-1], paragraph)
    else:
        yield from paragraph.headings


def _texts(paragraphs: Sequence[Paragraph]) -> Iterator[str]:
    """Yield what follows the first of some neighbours: headings and paragraphs."""
    for place, paragraph in enumerate(paragraphs[1:]):
        yield from _new_headings(paragraphs[place], paragraph)
        yield paragraph.text


def _new_headings(above: Paragraph, below: Paragraph) -> Sequence[str]:
    """The headings that stand between two neighbours."""
    pairs = zip(above.headings, below.headings, strict=False)
    return below.headings[sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs)) :]

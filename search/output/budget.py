"""Page -> the page that takes at most so many characters when it is printed; pure.

Passages are whole, the best first. What would not fit by itself is passed over and named; at the
first other one that does not fit the page ends, and the next page goes on from there, so that who
asks on gets every passage once. Where a form can show neighbours, passages that touch each other
become one: the best of them, with the others among its neighbours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.errors import UsageError
from search.model import Cut, LeftOut
from search.output.styles import Style

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from indexer.model import Paragraph
    from search.model import Page, Passage

    # The chunks of a page as they are printed.
    _Render = Callable[[Page], Iterable[str]]

_WITH_NEIGHBOURS = frozenset({Style.TEXT, Style.JSON, Style.JSONL})
_NEIGHBOURS = frozenset({"before", "after"})
# What one passage takes at least, as a neighbour of another one where that is a way to be shown: an
# id has ten characters, and a line its parts. No more passages are asked for than may fit by it.
# Records that are cut to some fields may be as small as {"rank": 1}, rows an empty line.
_LEAST_CHARS = {
    Style.TEXT: 25,
    Style.JSON: 150,
    Style.JSONL: 150,
    Style.CSV: 30,
    Style.TSV: 30,
    Style.TREC: 30,
    Style.VIMGREP: 7,
    Style.ARTICLES: 2,
    Style.TEMPLATE: 1,
}
_LEAST_CHARS_ELSE = 10
_LEAST_CHARS_OF_FIELDS = {Style.JSON: 12, Style.JSONL: 12, Style.CSV: 1, Style.TSV: 1}


def most_passages(chars: int, style: Style, *, has_fields: bool = False) -> int:
    """More passages than fit into so many characters, whole or cut to some fields."""
    least = _LEAST_CHARS_OF_FIELDS if has_fields else _LEAST_CHARS
    return chars // least.get(style, _LEAST_CHARS_ELSE) + 1


def within(
    page: Page,
    chars: int,
    render: _Render,
    style: Style,
    *,
    keys: Collection[str] = (),
) -> Page:
    """The page with as many of its passages as fit, and what becomes of the others as its ``cut``.

    Args:
        page: what was found.
        chars: code points that all chunks may have together.
        render: how the page is printed.
        style: the form that render prints.
        keys: what records are cut to; none for all. Where neighbours are not among them, passages
            that touch stay apart, as those that became a neighbour would not be printed.

    Raises:
        UsageError: not even what is printed beside passages fits.
    """
    merges = style in _WITH_NEIGHBOURS and (not keys or _NEIGHBOURS.issubset(keys))
    fitting = _Fitting(page, chars, render, merges=merges)
    least = fitting.least_chars()
    if chars < least:
        raise UsageError(
            f"a budget of {chars:,} characters is too small",
            hint=f"the output takes {least:,} at least",
        )
    most, least_not, tried = 0, len(page.passages) + 1, 1
    is_found = False  # some that do not fit; until then twice as many are tried, then the middle
    while most + 1 < least_not:  # few tries, as each prints all that it has
        if fitting.fits(tried):
            most = tried
        else:
            least_not, is_found = tried, True
        tried = (most + least_not) // 2 if is_found else min(2 * most, least_not - 1)
    return fitting.page_of(most)


class _Fitting:
    """The first passages of a page, so and so many of them."""

    def __init__(self, page: Page, chars: int, render: _Render, *, merges: bool) -> None:
        self._page = page
        self._chars = chars
        self._render = render
        self._merges = merges
        self._alone_chars: dict[int, int] = {}

    def fits(self, count: int) -> bool:
        return self._size_chars(self.page_of(count)) <= self._chars

    def least_chars(self) -> int:
        """The smallest budget by which anything is said of the first passage."""
        if not self._page.passages:
            return self._size_chars(self._cut((), 0, ()))
        alone = self._alone(0)
        named = LeftOut(self._page.passages[0].paragraph.passage_id, alone)
        return min(alone, self._size_chars(self._cut((), 1, (named,))))

    def page_of(self, count: int) -> Page:
        """The page with its first passages but those that do not fit alone."""
        shown: list[Passage] = []
        left_out: list[LeftOut] = []
        for place, passage in enumerate(self._page.passages[:count]):
            alone = self._alone(place)
            if alone > self._chars:
                left_out.append(LeftOut(passage.paragraph.passage_id, alone))
            else:
                shown.append(passage)
        passages = merged(shown) if self._merges else tuple(shown)
        return self._cut(passages, count, tuple(left_out))

    def _alone(self, place: int) -> int:
        """What a passage takes if no other one is printed."""
        if place not in self._alone_chars:
            page = self._cut((self._page.passages[place],), place + 1, ())
            self._alone_chars[place] = self._size_chars(page)
        return self._alone_chars[place]

    def _cut(
        self, passages: tuple[Passage, ...], count: int, left_out: tuple[LeftOut, ...]
    ) -> Page:
        whole = self._page
        following = whole.request.offset + count
        # Of copies that match one is on the pages, so these may end before the total.
        is_last = len(whole.passages) < whole.request.limit and not whole.partial
        is_end = following >= whole.total or (is_last and count >= len(whole.passages))
        cut = Cut(self._chars, None if is_end else following, left_out)
        return self._page._replace(passages=passages, cut=cut)

    def _size_chars(self, page: Page) -> int:
        return sum(map(len, self._render(page)))


def merged(passages: Sequence[Passage]) -> tuple[Passage, ...]:
    """The passages, those that touch each other with their neighbours as one.

    The best one of them has the others among its neighbours, which are in the order of the article,
    and each once.
    """
    by_article: dict[str, list[Passage]] = {}
    for passage in passages:
        by_article.setdefault(passage.paragraph.article_id, []).append(passage)
    whole = [_as_one(touching) for found in by_article.values() for touching in _touching(found)]
    return tuple(sorted(whole, key=lambda one: one.rank))


def _touching(found: list[Passage]) -> Iterator[list[Passage]]:
    """Yield the passages of an article in groups that nothing stands between."""
    group: list[Passage] = []
    end = 0
    for passage in sorted(found, key=lambda one: one.paragraph.number):
        number = passage.paragraph.number
        if group and number - len(passage.before) > end + 1:
            yield group
            group = []
        group.append(passage)
        end = max(end, number + len(passage.after))
    yield group


def _as_one(touching: Sequence[Passage]) -> Passage:
    if len(touching) == 1:
        return touching[0]
    best = min(touching, key=lambda one: one.rank)
    paragraphs: dict[int, Paragraph] = {}
    for one in touching:
        for paragraph in (*one.before, one.paragraph, *one.after):
            paragraphs[paragraph.number] = paragraph
    own = best.paragraph.number
    in_order = sorted(paragraphs)
    return best._replace(
        before=tuple(paragraphs[number] for number in in_order if number < own),
        after=tuple(paragraphs[number] for number in in_order if number > own),
        merged=tuple(one for one in touching if one is not best),
    )

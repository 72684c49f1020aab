"""A whole article, and what a query finds in it -> what its page shows; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.model import locator_text
from indexer.terminal import one_line
from indexer.tuples import NamedTuple
from search.engine import is_cut_off
from search.model import CHANGED, GONE
from search.output.links import web_address
from search.output.text import warning_lines
from search.serve.page.addresses import (
    PART,
    PART_PASSAGES,
    article_address,
    article_part,
    id_in_address,
    part_of,
)
from search.serve.page.minimap import MiniMap, Scale, Stretch, mini_map
from search.serve.page.viewing_advice import doubts
from search.serve.page.viewing_text import Piece, language_tag, marked

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from indexer.model import Paragraph
    from search.model import FoundArticle, Page, Passage
    from search.serve.page.addresses import Asked

#: How many parts on either side of the one that is shown have a link.
_PARTS_AROUND = 3
_STALE = {CHANGED: "changed since it was indexed", GONE: "no longer there"}
_RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})
_TITLE_LEVEL, _DEEPEST_LEVEL = 1, 6


class Heading(NamedTuple):
    """A heading, and how deep it is in HTML, from 2, as the title is above all."""

    level: int
    text: str


class Hit(NamedTuple):
    """What is said of a passage that matches.

    Attributes:
        place: which one it is, from 1.
        previous, following: the addresses of those beside it; "" for none.
    """

    place: int
    previous: str
    following: str


class ParagraphView(NamedTuple):
    """What is shown of one paragraph; texts are plain, addresses may stand in an attribute.

    Attributes:
        number: its number, by which it is an anchor.
        id_in_address: its id, as a part of an address.
        address: of this view, at it.
        link: of it in the article's own page; "", as to find it takes the other paragraphs.
        kind: as ``BlockKind`` names it.
        headings: those that stand between the one before and it.
        located: where in a document it stands, where that is not said of the one before; "".
        text: its text, the matched words apart.
        place: where it is in the picture of the article.
        hit: None where it does not match.
    """

    number: int
    id_in_address: str
    address: str
    link: str
    kind: str
    headings: tuple[Heading, ...]
    located: str
    text: tuple[Piece, ...]
    place: Stretch
    hit: Hit | None


class PartLink(NamedTuple):
    """A part of a long article; one that is not shown stands for a gap."""

    number: int
    told: str
    address: str


class Facts(NamedTuple):
    """What is known of an article; "" where nothing is."""

    author: str
    published: str
    site: str
    language: str
    url: str
    file: str
    stale: str


class ArticleView(NamedTuple):
    """What the page of an article shows.

    Attributes:
        article_id: for people.
        title: its title, else its id.
        language: for the attribute ``lang``; "" where it is not known.
        direction: of its text, for ``dir``.
        facts: what is told below the title.
        passages: how many it has in all.
        part: the part of it that is shown, from 1.
        parts: links to others; none where there is one.
        paragraphs: of that part.
        total: how many match; hits: how many of them are marked, the first ones.
        first_hit: the address of the first; "" for none.
        map: None where nothing matches.
        warnings: what of the query was not taken as it stands.
        is_partial: whether the time was over before all was looked at.
        here: the address of the article without its query.
        kept: what a search in the article keeps of what was asked, as pairs.
        back: the address of the results.
    """

    article_id: str
    title: str
    language: str
    direction: str
    facts: Facts
    passages: int
    part: int
    parts: tuple[PartLink, ...]
    paragraphs: tuple[ParagraphView, ...]
    total: int
    hits: int
    first_hit: str
    map: MiniMap | None
    warnings: tuple[str, ...]
    is_partial: bool
    here: str
    kept: tuple[tuple[str, str], ...]
    back: str


class _Addresses:
    """The addresses of one article with what was asked."""

    def __init__(self, article_id: str, asked: Asked) -> None:
        self._article_id = article_id
        self._asked = asked

    def part(self, part: int) -> str:
        return article_part(self._article_id, self._asked, part)

    def passage(self, number: int) -> str:
        return f"{self.part(part_of(number))}#p{number}"


def address_in_article(article_id: str, asked: Asked, number: int) -> str:
    """Where a passage is shown in its article, with what was asked."""
    return _Addresses(article_id, asked).passage(number)


def article_view(looked_up: Page, found: Page | None, asked: Asked) -> ArticleView:
    """What is shown of an article.

    Args:
        looked_up: the passages of one part of it, of which there is one at least.
        found: the passages of it that match; None where nothing was asked.
        asked: the parameters of the page.
    """
    passages = looked_up.passages
    article = passages[0].article
    article_id = passages[0].paragraph.article_id
    addresses = _Addresses(article_id, asked)
    hits = () if found is None else found.passages
    paragraphs = tuple(one.paragraph for one in passages)
    scale = Scale(looked_up.total, paragraphs)
    part = part_of(paragraphs[0].number)
    picture = None
    if hits:
        blocks = paragraphs if len(paragraphs) == looked_up.total else ()
        picture = mini_map(scale, blocks, hits, addresses.passage)
    return ArticleView(
        article_id=one_line(article_id),
        title=one_line(article.title or article_id),
        language=language_tag(article.language),
        direction="rtl" if article.language in _RIGHT_TO_LEFT else "ltr",
        facts=_facts(article, passages[0].stale),
        passages=looked_up.total,
        part=part,
        parts=tuple(_parts(looked_up.total, part, addresses)),
        paragraphs=tuple(_paragraphs(paragraphs, hits, scale, addresses)),
        total=0 if found is None else found.total,
        hits=len(hits),
        first_hit=addresses.passage(hits[0].paragraph.number) if hits else "",
        map=picture,
        warnings=() if found is None else _warnings(found),
        is_partial=found is not None and is_cut_off(found),
        here=article_address(article_id, ""),
        kept=tuple(pair for pair in asked.pairs if pair[0] not in {PART, "q", "similar"}),
        back=asked.replaced(PART, "").address,
    )


def _warnings(found: Page) -> tuple[str, ...]:
    return tuple(map(one_line, warning_lines(found._replace(warnings=doubts(found)))))


def _facts(article: FoundArticle, stale: str | None) -> Facts:
    # A record of a bulk file may name its page as its source; that is told once.
    address = web_address(article.url)
    return Facts(
        author=one_line(article.author),
        published=article.published.isoformat() if article.published else "",
        site=one_line(article.site),
        language=one_line(article.language),
        url=address,
        file="" if article.source in {"-", article.url} else one_line(article.source),
        stale=_STALE.get(stale or "", ""),
    )


def _paragraphs(
    paragraphs: Sequence[Paragraph], hits: Sequence[Passage], scale: Scale, addresses: _Addresses
) -> Iterator[ParagraphView]:
    by_number = {hit.paragraph.number: place for place, hit in enumerate(hits)}
    above: tuple[str, ...] = ()
    before = ""
    for paragraph in paragraphs:
        located = one_line(locator_text(paragraph.locator))
        place = by_number.get(paragraph.number)
        yield ParagraphView(
            number=paragraph.number,
            id_in_address=id_in_address(paragraph.passage_id),
            address=addresses.passage(paragraph.number),
            link="",
            kind=paragraph.kind.value,
            headings=tuple(_new_headings(above, paragraph.headings)),
            located="" if located == before else located,
            text=marked(paragraph.text, () if place is None else hits[place].matches),
            place=scale.place(paragraph.number, paragraph.number),
            hit=None if place is None else _hit(hits, place, addresses),
        )
        above, before = paragraph.headings, located


def _new_headings(above: Sequence[str], below: Sequence[str]) -> Iterator[Heading]:
    """Yield the headings of a trail from where it parts from the one before."""
    is_new = False
    for depth, heading in enumerate(below):
        is_new = is_new or depth >= len(above) or above[depth] != heading
        if is_new:
            level = min(_TITLE_LEVEL + 1 + depth, _DEEPEST_LEVEL)
            yield Heading(level, one_line(heading))


def _hit(hits: Sequence[Passage], place: int, addresses: _Addresses) -> Hit:
    previous, following = hits[max(0, place - 1)], hits[min(place + 1, len(hits) - 1)]
    return Hit(
        place + 1,
        addresses.passage(previous.paragraph.number) if place else "",
        addresses.passage(following.paragraph.number) if place + 1 < len(hits) else "",
    )


def _parts(total: int, part: int, addresses: _Addresses) -> Iterator[PartLink]:
    """Yield the first part, the last, those around the one shown, and what stands for the gaps."""
    last = part_of(total)
    shown = [
        one for one in range(1, last + 1) if one in {1, last} or abs(one - part) <= _PARTS_AROUND
    ]
    before = 0
    for one in shown if last > 1 else ():
        if one > before + 1:
            yield PartLink(0, "…", "")
        first, end = (one - 1) * PART_PASSAGES + 1, min(one * PART_PASSAGES, total)
        yield PartLink(one, f"{first:,}–{end:,}", addresses.part(one))
        before = one

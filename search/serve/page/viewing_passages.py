"""Passages -> what the page shows of each; pure, and made of what text and JSON are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.model import BlockKind
from indexer.terminal import one_line
from indexer.tuples import NamedTuple
from search.ids import passage_name
from search.model import CHANGED, GONE
from search.output.fragments import passage_link
from search.output.text import TextLook, place_text, score_text
from search.serve.page.addresses import article_address, id_in_address
from search.serve.page.viewing_text import Piece, is_long, language_tag, marked, shortened

if TYPE_CHECKING:
    from indexer.model import Paragraph
    from search.model import Page, Passage

#: More of a passage is not on a page of many; the view of its article has it.
MOST_WHOLE_CHARS = 20_000
_MOST_COPIES = 3
_STALE = {CHANGED: "changed since indexed", GONE: "file gone"}


class Neighbour(NamedTuple):
    """A paragraph that stands near a passage."""

    number: int
    address: str
    text: tuple[Piece, ...]
    is_code: bool


class Copy(NamedTuple):
    """Another passage that says the same."""

    passage_id: str
    address: str


class Part(NamedTuple):
    """What a part of the query gave to a score."""

    score: str
    told: str


class PassageView(NamedTuple):
    """What is shown of a passage; texts are plain, addresses may stand in an attribute.

    Attributes:
        rank: from 1 over the whole result.
        passage_id, id_in_address: its id, and the same as a part of an address.
        address: of its article, at this passage.
        title, headings: its trail.
        language: for the attribute ``lang``; "" where it is not known.
        is_code: whether its line ends and blanks count.
        shown: the text, or what a snippet has of it.
        whole: all of the text where shown is not, and it is not too much; else nothing.
        is_cut: whether there is more of the text than shown.
        before, after: its neighbours.
        place: "file:line"; source is the whole path or address.
        number: among the passages of its article.
        published, author, site: as its article says; "" where it does not.
        link: of the very passage in the article's own page; "" where that is not known.
        score: "" where it was looked up and not ranked.
        parts: what the score is made of, where that was asked.
        stale: what became of its file; "" for nothing.
        copies: passages that say the same; more_copies are not named.
    """

    rank: int
    passage_id: str
    id_in_address: str
    address: str
    title: str
    headings: tuple[str, ...]
    language: str
    is_code: bool
    shown: tuple[Piece, ...]
    whole: tuple[Piece, ...]
    is_cut: bool
    before: tuple[Neighbour, ...]
    after: tuple[Neighbour, ...]
    place: str
    source: str
    number: int
    published: str
    author: str
    site: str
    link: str
    score: str
    parts: tuple[Part, ...]
    stale: str
    copies: tuple[Copy, ...]
    more_copies: int


def passage_views(page: Page, look: TextLook) -> tuple[PassageView, ...]:
    """What is shown of each passage of a page; look says from which folder files are named."""
    return tuple(passage_view(one, look, page.request.query) for one in page.passages)


def passage_view(passage: Passage, look: TextLook, query: str) -> PassageView:
    """What is shown of a passage that a query found; "" for one that was looked up."""
    paragraph, article = passage.paragraph, passage.article
    is_cut = is_long(paragraph.text)
    is_whole = is_cut and len(paragraph.text) <= MOST_WHOLE_CHARS
    named = passage.also_in[:_MOST_COPIES]
    return PassageView(
        rank=passage.rank,
        passage_id=one_line(paragraph.passage_id),
        id_in_address=id_in_address(paragraph.passage_id),
        address=article_address(article.article_id, query, paragraph.number),
        title=one_line(article.title or article.article_id),
        headings=tuple(map(one_line, paragraph.headings)),
        language=language_tag(article.language),
        is_code=paragraph.kind is BlockKind.CODE,
        shown=shortened(paragraph.text, passage.matches),
        whole=marked(paragraph.text, passage.matches) if is_whole else (),
        is_cut=is_cut,
        before=tuple(_neighbour(one, query) for one in passage.before),
        after=tuple(_neighbour(one, query) for one in passage.after),
        place=place_text(passage, look),
        source=one_line(article.source),
        number=paragraph.number,
        published=article.published.isoformat() if article.published else "",
        author=one_line(article.author),
        site=one_line(article.site),
        link=passage_link(passage),
        score=score_text(passage.score) if query or passage.score else "",
        parts=tuple(_part(passage)),
        stale=_STALE.get(passage.stale or "", ""),
        copies=tuple(Copy(one_line(one), _copy_address(one, query)) for one in named),
        more_copies=passage.copies - len(named),
    )


def _neighbour(paragraph: Paragraph, query: str) -> Neighbour:
    address = article_address(paragraph.article_id, query, paragraph.number)
    is_code = paragraph.kind is BlockKind.CODE
    return Neighbour(paragraph.number, address, shortened(paragraph.text, ()), is_code)


def _copy_address(passage_id: str, query: str) -> str:
    """The article of a copy; at which number the copy stands in it is not known."""
    name = passage_name(passage_id)
    return article_address(name.article_id if name else passage_id, query)


def _part(passage: Passage) -> list[Part]:
    parts = []
    for one in passage.parts:
        held = "" if one.holding is None else f", in {one.holding:,}"
        told = "" if one.idf is None else f" (idf {one.idf:.2f}{held})"
        parts.append(Part(f"{one.score:.4f}", one_line(one.part) + told))
    return parts

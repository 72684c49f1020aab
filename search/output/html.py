"""Page -> HTML for notebooks: a piece of a document; pure.

It has no scripts and fetches nothing. All that comes from articles is escaped, and each text has
the direction of its own letters.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from indexer.model import has_lines, locator_text
from indexer.terminal import one_line, visible
from search.output.records import TRAIL
from search.output.snippet import snippet
from search.output.styles import DEFAULT_SNIPPET_CHARS
from search.output.text import score_text, summary_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from indexer.model import Paragraph, Span
    from search.model import Page, Passage

# A notebook keeps what it shows.
_MOST_SHOWN = 100
_ADDRESSES = ("https://", "http://")


def html_of(page: Page) -> str:
    """The summary of a page, what was not taken as it stands, and its passages with marked matches.

    Paragraphs that are long are cut to a snippet, and of many passages the first hundred are shown.
    """
    return "".join(_pieces(page))


def _pieces(page: Page) -> Iterator[str]:
    yield f"<div><p>{escape(summary_line(page))}</p>"
    for warned in page.warnings:
        yield f'<p dir="auto"><em>{escape(one_line(warned.message))}</em></p>'
    for passage in page.passages[:_MOST_SHOWN]:
        yield from _passage(passage)
    if len(page.passages) > _MOST_SHOWN:
        yield f"<p>and {len(page.passages) - _MOST_SHOWN:,} more</p>"
    yield "</div>"


def _passage(passage: Passage) -> Iterator[str]:
    article, paragraph = passage.article, passage.paragraph
    title = escape(one_line(article.title or article.article_id))
    if article.url.lower().startswith(_ADDRESSES):
        address = escape(one_line(article.url))
        title = f'<a href="{address}" rel="noopener noreferrer nofollow">{title}</a>'
    trail = TRAIL.join([f"<strong>{title}</strong>", *map(_line, paragraph.headings)])
    line = f":{paragraph.lines.first}" if has_lines(paragraph.locator) else ""
    place = f"{_line(article.source)}{line}"
    if paragraph.locator:
        place = f"{place}, {_line(locator_text(paragraph.locator))}"
    facts = [place, f"score {score_text(passage.score)}", _line(paragraph.passage_id)]
    yield f'<div><p dir="auto">{passage.rank}. {trail}<br><small>{" · ".join(facts)}</small></p>'
    found = {one.paragraph.number: one for one in (passage, *passage.merged)}
    for one in (*passage.before, paragraph, *passage.after):
        own = found.get(one.number)
        text = _marked(one, own.matches if own else ())
        yield f'<p dir="auto">{text if own else f"<small>{text}</small>"}</p>'
    yield "</div>"


def _line(text: str) -> str:
    return escape(one_line(text))


def _marked(paragraph: Paragraph, matches: Sequence[Span]) -> str:
    """A paragraph with its matches marked."""
    cut = snippet(paragraph.text, matches, width_chars=DEFAULT_SNIPPET_CHARS)
    text = visible(cut.text)
    pieces = []
    at = 0
    for start, end in cut.matches:
        pieces += [escape(text[at:start]), "<mark>", escape(text[start:end]), "</mark>"]
        at = end
    return "".join([*pieces, escape(text[at:])])

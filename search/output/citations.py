"""Articles as bibliographies know them, made of the passages found in them; pure.

BibTeX and CSL-JSON have one entry for each article and name it by the same key, so that a text may
cite either. A key is made of the article alone: of author or publication, year, a word of the
title, and four characters from the article's id, so that it is the same whatever else is found.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from base64 import b32encode
from enum import Enum
from typing import TYPE_CHECKING

from indexer.model import locator_text
from indexer.terminal import one_line
from indexer.tuples import NamedTuple
from search.output.links import web_address
from search.output.names import Name, names_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from indexer.model import Paragraph
    from search.model import FoundArticle, Passage

_KEY_WORD = re.compile("[a-z0-9]+")
_NO_KEY_WORD = re.compile(
    r"an?|and|as|at|by|das|de[rs]?|die|el|for|how|in|la|las|les?|los|o[fn]|our|the|to|une?|una|www|"
    r"what|when|why|with|\d+"
)
_DIGEST_CHARS = (4, 8, 16, 52)


class Kind(Enum):
    """What an article is to a bibliography."""

    NEWS = "part of a publication"
    PAGE = "page of the web"
    TEXT = "text of which no more is known"


class Citation(NamedTuple):
    """An article as bibliographies know it; its texts are each one line of what can be printed.

    Attributes:
        key: names it in a bibliography; ASCII letters, digits and "-".
        kind: a page that is part of a publication is one if it has no date.
        title: its title, else its id.
        authors: none where they are unknown.
        published: the day, None where it is unknown.
        publication: what it appeared in, "" where unknown.
        url: its page, "" where it names none.
        language: its code, "" where unknown.
        places: where the passages found are in it, the best first.
    """

    key: str
    kind: Kind
    title: str
    authors: tuple[Name, ...]
    published: date | None
    publication: str
    url: str
    language: str
    places: tuple[str, ...]


def citations_of(passages: Iterable[Passage]) -> list[Citation]:
    """One citation for each article that some passages are from, in the order they come in."""
    by_article: dict[str, list[Passage]] = {}
    for passage in passages:
        by_article.setdefault(passage.article.article_id, []).append(passage)
    citations: dict[str, Citation] = {}
    for of_article in by_article.values():
        citation = _citation(of_article[0].article, of_article)
        key = next(key for key in _keys(citation) if key not in citations)
        citations[key] = citation._replace(key=key)
    return list(citations.values())


def _citation(article: FoundArticle, passages: Iterable[Passage]) -> Citation:
    """All but the key, for which the article's id stands."""
    url, publication = web_address(article.url), one_line(article.site)
    kind = Kind.PAGE if url else Kind.TEXT
    if publication and (article.published or not url):
        kind = Kind.NEWS
    return Citation(
        key=article.article_id,
        kind=kind,
        title=one_line(article.title or article.article_id),
        authors=names_of(one_line(article.author)),
        published=article.published,
        publication=publication,
        url=url,
        language=article.language,
        places=tuple(
            f"{_place(one.paragraph)} ({one_line(one.paragraph.passage_id)})" for one in passages
        ),
    )


def _place(paragraph: Paragraph) -> str:
    located = one_line(locator_text(paragraph.locator))
    return ", ".join(filter(None, (located, f"¶ {paragraph.number}")))


def _keys(citation: Citation) -> Iterator[str]:
    """Yield keys for an article, longer ones for the case that another one on the page has it."""
    author = _key_words(citation.authors[0].family)[-1:] if citation.authors else []
    named = author or _key_words(citation.publication)[:1]
    year = [f"{citation.published.year:04}"] if citation.published else []
    told = "".join([*named, *year, *_key_words(citation.title)[:1]]) or "article"
    digest = hashlib.sha256(citation.key.encode("utf-8", "surrogatepass")).digest()
    for chars in _DIGEST_CHARS:
        yield f"{told}-{b32encode(digest).decode().lower()[:chars]}"


def _key_words(text: str) -> list[str]:
    """The telling words of a text in small ASCII letters; what has no such form is left out."""
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    return [word for word in _KEY_WORD.findall(plain) if not _NO_KEY_WORD.fullmatch(word)]

"""Plain articles as the index stores them: what ``records`` makes of each, by columns; pure."""

from __future__ import annotations

from operator import add
from typing import TYPE_CHECKING

from indexer.paragraphs import digest_of
from indexer.storage.records import extra_head, quoted, titled_head

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from indexer.plain import PlainArticles


def plain_article_bytes(articles: PlainArticles) -> list[bytes]:
    """As records.article_bytes() of the record of each article."""
    tails = {extra: extra_head(extra) for extra in set(articles.extra)}
    ends = list(map(tails.__getitem__, articles.extra))
    if any(articles.titles):
        ends = [
            titled_head(title, line, tail) if title else tail
            for title, line, tail in zip(articles.titles, articles.lines, ends, strict=True)
        ]
    ids = map(quoted, articles.article_ids)
    return [one.encode("utf-8", "surrogatepass") for one in map(add, ids, ends)]


def plain_paragraph_bytes(articles: PlainArticles) -> list[bytes]:
    """As records.paragraph_bytes() of the paragraph of each article."""
    return stored(articles.lines, articles.texts)


def encoded_one_by_one(lines: Sequence[int], texts: Sequence[str]) -> list[bytes]:
    """What is stored of paragraphs, made one by one."""
    return [
        f'{line},"{digest_of(text)}"\n{text}'.encode()
        for line, text in zip(lines, texts, strict=True)
    ]


#: What is stored of paragraphs, given the line of each and its text, which is clean.
stored: Callable[[Sequence[int], Sequence[str]], list[bytes]]
try:
    from indexer.storage.passages import stored
except ImportError:
    stored = encoded_one_by_one

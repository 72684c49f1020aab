"""Articles that are one paragraph each, of a file that has them by the hundred thousand.

They are column by column, as an object for each of them would take most of the time to index it.
What they are is the same: each() gives the Article that any of them is, and recorded() what the
index keeps of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, TypeAlias

from indexer.articles import Article, Block, Skipped
from indexer.model import ArticleRecord, BlockKind, Lines, Paragraph
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from indexer.model import Fingerprint


@dataclass(frozen=True, slots=True)
class PlainArticles:
    """Articles of one source, each with an id of its own and one paragraph, in columns.

    All of it is in NFC and on one line, with single blanks; ids, titles and texts are printed as
    they are.

    Attributes:
        source: as of each Article.
        article_ids, texts: none is empty.
        titles: of each; "" for none.
        lines: the one that each stands on.
        extra: of each, see ``model.ArticleFacts``.
    """

    source: str
    article_ids: Sequence[str]
    titles: Sequence[str]
    texts: Sequence[str]
    lines: Sequence[int]
    extra: Sequence[tuple[tuple[str, str], ...]]

    def __len__(self) -> int:
        """Return how many they are."""
        return len(self.texts)

    @property
    def size_chars(self) -> int:
        """How much text they hold."""
        return sum(map(len, self.texts))

    def reaching(self, size_chars: int) -> int:
        """Return how many of them, from the first on, have so much text; all if they have less."""
        if self.size_chars < size_chars:
            return len(self)
        sizes = accumulate(map(len, self.texts))
        return next(count for count, size in enumerate(sizes, 1) if size >= size_chars)

    def part(self, start: int, stop: int) -> PlainArticles:
        """Return those from one place up to another."""
        if start == 0 and stop >= len(self):
            return self
        own = slice(start, stop)
        return PlainArticles(
            self.source,
            self.article_ids[own],
            self.titles[own],
            self.texts[own],
            self.lines[own],
            self.extra[own],
        )

    def each(self) -> Iterator[Article]:
        """Yield them one by one."""
        rows = zip(
            *(self.article_ids, self.titles, self.texts, self.lines, self.extra), strict=True
        )
        for article_id, title, text, line, extra in rows:
            lines = Lines(line, line)
            yield Article(
                source=self.source,
                blocks=(Block(BlockKind.PARAGRAPH, text, lines),),
                article_id=article_id,
                title_lines=lines if title else None,
                part=article_id,
                title=title,
                extra=extra,
            )


#: What is found in a source.
Found: TypeAlias = Article | Skipped | PlainArticles


def each(found: Iterable[Found]) -> Iterator[Article | Skipped]:
    """Yield what is found one by one."""
    for one in found:
        if isinstance(one, PlainArticles):
            yield from one.each()
        else:
            yield one


def count_of(found: Iterable[Found]) -> int:
    """How many articles and skipped ones there are."""
    return sum(len(one) if isinstance(one, PlainArticles) else 1 for one in found)


def size_of(one: Found) -> int:
    """How much text there is, in code points; none in what was skipped."""
    if isinstance(one, Article):
        return sum([len(block.text) for block in one.blocks])
    return one.size_chars if isinstance(one, PlainArticles) else 0


class Provenance(NamedTuple):
    """What is known of articles by the file they are of.

    Attributes:
        origin, folder: the absolute paths of it and of the folder it is in.
        language: what was named for it; "" for nothing.
        fingerprint: what is kept of it with its articles; None where nothing is.
    """

    origin: str
    folder: str
    language: str = ""
    fingerprint: Fingerprint | None = None


def record_of(
    article: Article, article_id: str, of: Provenance, paragraphs: Sequence[Paragraph]
) -> ArticleRecord:
    """What the index keeps of an article beside its paragraphs."""
    return ArticleRecord(
        title=article.title,
        author=article.author,
        published=article.published,
        language=of.language or article.language,
        url=article.url,
        site=article.site,
        extra=article.extra,
        article_id=article_id,
        origin=of.origin,
        source=article.source,
        fingerprint=of.fingerprint,
        paragraphs=len(paragraphs),
        omitted=len(article.omitted),
        title_lines=article.title_lines,
    )


def recorded(
    articles: PlainArticles, digests: Iterable[str], of: Provenance
) -> Iterator[tuple[ArticleRecord, tuple[Paragraph]]]:
    """Yield what the index keeps of each article: its record and its paragraph."""
    for article, digest, text in zip(articles.each(), digests, articles.texts, strict=True):
        ((_, _, lines, *_),) = article.blocks
        assert article.article_id
        paragraph = Paragraph(article.article_id, 1, digest, (), text, lines, None)
        yield record_of(article, article.article_id, of, (paragraph,)), (paragraph,)

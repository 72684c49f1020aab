"""Small indexes in memory for tests: real articles, written and searched as the product does it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from indexer.model import ArticleRecord, Lines, Paragraph
from indexer.paragraphs import digest_of
from indexer.storage.index import PassageIndex
from search.backends.local import LocalBackend
from search.backends.ranking import DEFAULT_RANKING
from tests.kernels import KERNELS
from tests.listed import ListedBackend, TwinIndex

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.model import Locator
    from indexer.storage.remote.writer import RemoteWriter
    from indexer.storage.writer import PassageWriter
    from search.backends.ranking import RankingSettings
    from search.index import Index


@dataclass(frozen=True, slots=True)
class SmallArticle:
    """An article of some paragraphs, each a line of its own, all under the same headings."""

    record: ArticleRecord
    texts: tuple[str, ...]
    headings: tuple[str, ...] = ()
    locators: tuple[Locator, ...] = ()

    def paragraphs(self) -> tuple[Paragraph, ...]:
        """The paragraphs as a reader hands them over: numbered, in NFC."""
        return tuple(
            Paragraph(
                article_id=self.record.article_id,
                number=number,
                digest=digest_of(text),
                headings=self.headings,
                text=unicodedata.normalize("NFC", text),
                lines=Lines(number, number),
                span=None,
                locator=self.locators[number - 1] if self.locators else (),
            )
            for number, text in enumerate(self.texts, start=1)
        )


def article(
    article_id: str,
    *texts: str,
    title: str = "",
    headings: Sequence[str] = (),
    language: str = "en",
    author: str = "",
) -> SmallArticle:
    """An article read from a file of its name; replace() its record for more."""
    record = ArticleRecord(
        article_id=article_id,
        origin=f"/articles/{article_id}",
        source=article_id,
        title=title,
        author=author,
        language=language,
        paragraphs=len(texts),
    )
    return SmallArticle(record, texts, tuple(headings))


def add_article(writer: PassageWriter | RemoteWriter, small: SmallArticle) -> None:
    """Add an article, in the place of the one of its id if there is one."""
    writer.delete_articles("article", small.record.article_id)
    writer.add_article(small.record, small.paragraphs())


def index_of_articles(*articles: SmallArticle) -> Index:
    """An index in memory that holds the articles, in one segment; see TwinIndex."""
    index = PassageIndex.in_memory()
    if articles:
        writer = index.writer()
        for small in articles:
            add_article(writer, small)
        writer.commit_with({})
    return twin_index(index, articles)


def twin_index(
    index: PassageIndex,
    articles: Sequence[SmallArticle],
    *,
    ranking: RankingSettings = DEFAULT_RANKING,
) -> Index:
    """An opened index whose every answer is compared with that of a list of its articles.

    All kernels answer, each on its own.
    """
    segments = index.segments()
    return TwinIndex(
        *(LocalBackend(segments, ranking=ranking, kernels=kind) for kind in KERNELS),
        ListedBackend(articles, ranking),
    )


def index_of(
    *texts: str, title: str = "", headings: Sequence[str] = (), language: str = "en"
) -> Index:
    """An index in memory of one article, "a", whose paragraphs are the texts."""
    return index_of_articles(
        article("a", *texts, title=title, headings=headings, language=language)
    )


def found_texts(index: Index, query: str) -> set[str]:
    """The texts of all passages a query finds."""
    page = index.search(query, limit=index.passages, all_copies=True)
    return {passage.paragraph.text for passage in page.passages}

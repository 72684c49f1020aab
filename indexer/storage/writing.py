"""What bringing an index up to date asks of it, wherever it is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from indexer.former import Replaced
    from indexer.model import ArticleRecord, Paragraph
    from indexer.plain import PlainArticles, Provenance
    from indexer.storage.manifest import FileState


class WholeIndex(NamedTuple):
    """All that an index holds.

    Attributes:
        origins: the indexed files by absolute path.
        total: how many articles there are.
        articles: each with its paragraphs, as they are read; once.
    """

    origins: dict[str, FileState]
    total: int
    articles: Iterator[tuple[ArticleRecord, list[Paragraph]]]


class ArticleWriter(Protocol):
    """The one writer of an index; what it does is seen when it commits."""

    @property
    def is_kept(self) -> bool:
        """Whether what it writes outlives the process."""

    def origins(self) -> dict[str, FileState]:
        """Return the indexed files by absolute path, as they were committed."""

    def languages(self) -> dict[str, int]:
        """Return how many committed articles are in each language."""

    def has_article(self, article_id: str, /) -> bool:
        """Tell whether a committed article of that id is there and not deleted."""

    def article_of(self, article_id: str, /) -> ArticleRecord | None:
        """Return the committed article of that id that is not deleted; None if there is none."""

    def articles_of(self, origin: str, /) -> list[ArticleRecord]:
        """Return the committed articles that were read from a file."""

    def delete_articles(self, field: str, value: str, /) -> list[ArticleRecord]:
        """Delete the committed articles whose article or origin is the value, and return them."""

    def deleted_article(self, article_id: str, /) -> Replaced | None:
        """Return an article of that id which this writer deleted, when first asked."""

    def expect_much(self) -> None:
        """Make ready for much text, which is certain to come."""

    def has_deleted(self) -> bool:
        """Tell whether deleted_article() may return any article."""

    def add_article(
        self, record: ArticleRecord, paragraphs: Sequence[Paragraph], folder: str = ""
    ) -> None:
        """Add one article.

        The language of one that has none is judged with the others of its folder.
        """

    def add_plain(self, articles: PlainArticles, of: Provenance, /) -> None:
        """Add articles as add_article() adds each, by their own ids."""

    def commit_with(
        self, origins: dict[str, FileState], *, on_commit: Callable[[], None] = ...
    ) -> None:
        """Commit everything since it was opened, and the new list of files."""


class WritableIndex(Protocol):
    """An index that articles are added to."""

    @property
    def path(self) -> Path | None:
        """Its directory, if it is in one."""

    def exists(self) -> bool:
        """Tell whether anything was ever committed."""

    def writing(self, **how: Any) -> AbstractContextManager[ArticleWriter]:
        """Return a writer that is given up unless it was committed."""

    def whole(self) -> WholeIndex:
        """Return all that one committed state holds."""

    def remembered(
        self, origins: Collection[str], /
    ) -> tuple[dict[str, FileState], dict[str, str]]:
        """Return what is remembered of all files, and the names under which some were added."""

    def compact(self, *, wait_seconds: float, on_commit: Callable[[], None]) -> bool:
        """Give back the room of what is deleted; tell whether there was anything to do."""

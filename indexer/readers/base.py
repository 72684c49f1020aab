"""What every reader shares: the error that says why a source gives no article."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.errors import ArticleError

if TYPE_CHECKING:
    from indexer.articles import SkipReason


class ReaderError(ArticleError):
    """A source that gives no article; str() is the detail.

    Attributes:
        reason: why, as a choice, ready for a Skipped record.
        detail: one sentence for a person, without the name of the source.
    """

    def __init__(self, reason: SkipReason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail

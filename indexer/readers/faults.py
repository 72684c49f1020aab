"""The error that says why a source gives no article."""

from __future__ import annotations

from indexer.articles import SkipReason
from indexer.errors import ArticleError


class ReaderError(ArticleError):
    """A source that gives no article; str() is the detail.

    Attributes:
        reason: why, as a choice, ready for a Skipped record.
        detail: one sentence for a person, without the name of the source.
        kind: of what is no prose: what it is instead, such as "PostScript".
    """

    def __init__(self, reason: SkipReason, detail: str, *, kind: str = "") -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.kind = kind


def missing_extra(what: str, extra: str) -> ReaderError:
    """The error of a reader whose library is not installed.

    Args:
        what: what it reads, in the plural, such as "web archives".
        extra: the name of what brings the library along.
    """
    return ReaderError(
        SkipReason.NO_READER,
        f"{what} need an extra: pip install 'passage-search[{extra}]'",
    )

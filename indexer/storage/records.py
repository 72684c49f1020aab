"""Articles and paragraphs as the index stores them, and back; pure."""

from __future__ import annotations

from datetime import date
from typing import Any

from indexer.errors import IndexFormatError
from indexer.model import ArticleRecord, BlockKind, Lines, Paragraph, Span

#: The field whose presence makes a document an article record.
GROUP_FIELD = "article"

_RECORD_FIELDS = tuple(ArticleRecord.__dataclass_fields__)
_SHOWN_CHARS = 60


def stored_article(record: ArticleRecord) -> dict[str, Any]:
    """Everything of a record that is not empty, as JSON types."""
    stored: dict[str, Any] = {
        name: value for name in _RECORD_FIELDS if (value := getattr(record, name))
    }
    if record.published:
        stored["published"] = record.published.isoformat()
    return stored


def article_from_stored(stored: dict[str, Any]) -> ArticleRecord:
    """Rebuild a record from what stored_article() gave; IndexFormatError if it is another."""
    try:
        fields = dict(stored)
        if "published" in fields:
            fields["published"] = date.fromisoformat(fields["published"])
        if "title_lines" in fields:
            fields["title_lines"] = Lines(*fields["title_lines"])
        return ArticleRecord(**fields)
    except (TypeError, ValueError) as error:
        raise _damaged(stored, "article") from error


def stored_paragraph(paragraph: Paragraph) -> dict[str, Any]:
    """What the index stores of a paragraph, as JSON types; the article is known from its parent."""
    stored: dict[str, Any] = {
        "n": paragraph.number,
        "d": paragraph.digest,
        "t": paragraph.text,
        "l": paragraph.lines,
    }
    if paragraph.headings:
        stored["h"] = paragraph.headings
    if paragraph.span:
        stored["s"] = paragraph.span
    if paragraph.kind is not BlockKind.PARAGRAPH:
        stored["k"] = paragraph.kind.value
    return stored


def paragraph_from_stored(stored: dict[str, Any], article_id: str) -> Paragraph:
    """Rebuild a paragraph from what stored_paragraph() gave; IndexFormatError if it is another."""
    try:
        return Paragraph(
            article_id=article_id,
            number=stored["n"],
            digest=stored["d"],
            headings=tuple(stored.get("h", ())),
            text=stored["t"],
            lines=Lines(*stored["l"]),
            span=Span(*stored["s"]) if "s" in stored else None,
            kind=BlockKind(stored.get("k", BlockKind.PARAGRAPH.value)),
        )
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise _damaged(stored, "paragraph") from error


def _damaged(stored: object, kind: str) -> IndexFormatError:
    shown = repr(stored)
    shown = shown if len(shown) <= _SHOWN_CHARS else f"{shown[:_SHOWN_CHARS]}..."
    return IndexFormatError(
        f"the index is damaged: {shown} is no record of {kind}; restore it or build it anew"
    )

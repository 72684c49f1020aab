"""Articles and paragraphs as the index stores them, and back; pure."""

from __future__ import annotations

import json
import json.encoder
from datetime import date
from typing import Any

from indexer.errors import IndexFormatError
from indexer.model import ArticleRecord, BlockKind, Lines, Paragraph, Span

#: The field whose presence makes a document an article record.
GROUP_FIELD = "article"

_quoted = json.encoder.encode_basestring
_SHOWN_CHARS = 60


def article_json(record: ArticleRecord) -> str:
    """Everything of a record that is not empty, as a JSON object."""
    texts = (
        ("title", record.title),
        ("author", record.author),
        ("published", record.published.isoformat() if record.published else ""),
        ("language", record.language),
        ("url", record.url),
        ("site", record.site),
        ("article_id", record.article_id),
        ("origin", record.origin),
        ("source", record.source),
    )
    members = [f'"{name}":{_quoted(text)}' for name, text in texts if text]
    if record.paragraphs:
        members.append(f'"paragraphs":{record.paragraphs}')
    if record.omitted:
        members.append(f'"omitted":{record.omitted}')
    if record.title_lines:
        members.append('"title_lines":[{},{}]'.format(*record.title_lines))
    return f"{{{','.join(members)}}}"


def article_from_stored(stored: dict[str, Any]) -> ArticleRecord:
    """Rebuild a record from what article_json() says; IndexFormatError if it is another."""
    try:
        fields = dict(stored)
        if "published" in fields:
            fields["published"] = date.fromisoformat(fields["published"])
        if "title_lines" in fields:
            fields["title_lines"] = Lines(*fields["title_lines"])
        return ArticleRecord(**fields)
    except (TypeError, ValueError) as error:
        raise _damaged(stored, "article") from error


def paragraph_json(paragraph: Paragraph) -> str:
    """What the index stores of a paragraph, as a JSON object; its parent tells the article."""
    first, last = paragraph.lines
    more = ""
    if paragraph.headings:
        more += f',"h":[{",".join(map(_quoted, paragraph.headings))}]'
    if paragraph.span:
        more += ',"s":[{},{}]'.format(*paragraph.span)
    if paragraph.kind is not BlockKind.PARAGRAPH:
        more += f',"k":{_quoted(paragraph.kind.value)}'
    return (
        f'{{"n":{paragraph.number},"d":{_quoted(paragraph.digest)},'
        f'"t":{_quoted(paragraph.text)},"l":[{first},{last}]{more}}}'
    )


def paragraph_from_stored(stored: dict[str, Any], article_id: str) -> Paragraph:
    """Rebuild a paragraph from what paragraph_json() says; IndexFormatError if it is another."""
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

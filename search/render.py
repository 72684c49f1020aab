"""ResultPage -> JSON, JSON Lines, CSV, TSV or ids for scripts, or text for people; pure.

Values that scripts read are never shortened, and control characters stay as they are except where
a format cannot hold them. What people read is made in render_text.
"""

from __future__ import annotations

import io
import re
from enum import Enum
from typing import TYPE_CHECKING, Any

from search.render_text import TRAIL, Detail, TextLook, render_text
from search.snippet import snippet

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from indexer.model import Paragraph
    from search.model import Diagnosis, Passage, ResultPage, Suggestion

SCHEMA_VERSION = 1

COLUMNS = (
    "rank",
    "score",
    "id",
    "article",
    "title",
    "headings",
    "paragraph",
    "first_line",
    "last_line",
    "text",
    "source",
    "url",
    "published",
    "author",
    "language",
)
"""The columns of CSV and TSV; named as in JSON where they hold the same."""

# What JSON may hold as it is, but what steers a terminal, ends a line for some reader, or is not
# valid Unicode and so could not be written as UTF-8.
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff]")
# All that str.splitlines() and its likes take for the end of a line, and the tab.
_TSV_SPACES = str.maketrans(dict.fromkeys("\t\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029", " "))


class Style(Enum):
    """A form of output; the value is what ``--format`` takes."""

    TEXT = "text"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    TSV = "tsv"
    IDS = "ids"


class Separator(Enum):
    """What ends each id."""

    NEWLINE = "\n"
    NUL = "\0"


def render(
    page: ResultPage,
    *,
    style: Style,
    look: TextLook | None = None,
    separator: Separator = Separator.NEWLINE,
) -> Iterator[str]:
    """Chunks of a page in a style; joined they end with a line end, unless nothing was found.

    Args:
        page: what to show.
        style: in which form. JSON is one object and never empty; CSV and TSV always have a header.
        look: None is the default look. The styles for scripts read its snippet_chars (for
            "snippet") and its details (EXPLANATION adds "explanation", NEIGHBOURS adds "before"
            and "after", to JSON and JSON Lines).
        separator: what ends each id; the other styles do not read it.
    """
    look = look or TextLook()
    match style:
        case Style.TEXT:
            yield from render_text(page, look)
        case Style.JSON:
            yield _json_object(page, look)
        case Style.JSONL:
            for passage in page.passages:
                yield _dumped(_passage_record(passage, look)) + "\n"
        case Style.CSV:
            yield from _csv_lines(page)
        case Style.TSV:
            for row in _rows(page):
                yield "\t".join(str(value).translate(_TSV_SPACES) for value in row) + "\n"
        case Style.IDS:
            for passage in page.passages:
                yield passage.paragraph.passage_id + separator.value


def render_suggestions(
    query: str, suggestions: Sequence[Suggestion], *, style: Style
) -> Iterator[str]:
    """Chunks that list spellings: one object in JSON, an object a line in JSON Lines.

    In every other style a line holds the word, its replacement and the passages that have it,
    with tabs between.
    """
    match style:
        case Style.JSON:
            records = list(map(_suggestion_record, suggestions))
            head = {"schema_version": SCHEMA_VERSION, "query": query, "suggestions": records}
            yield _dumped(head) + "\n"
        case Style.JSONL:
            for one in suggestions:
                yield _dumped(_suggestion_record(one)) + "\n"
        case _:
            for one in suggestions:
                yield f"{one.word}\t{one.replacement}\t{one.passages}\n"


def render_error_json(message: str, exit_code: int) -> str:
    """The JSON object, one line, that stands for a page when there is none."""
    error = {"message": message, "exit_code": exit_code}
    return _dumped({"schema_version": SCHEMA_VERSION, "error": error}) + "\n"


def _json_object(page: ResultPage, look: TextLook) -> str:
    """The object with a line for its head and one for each passage."""
    head = _dumped(
        {
            "schema_version": SCHEMA_VERSION,
            "query": page.query,
            "interpreted_as": page.interpreted_as,
            "warnings": [
                {"message": warned.message, "span": warned.span} for warned in page.warnings
            ],
            "total": page.total,
            "offset": page.offset,
            "returned": len(page.passages),
            "diagnosis": _diagnosis_record(page.diagnosis),
            "did_you_mean": page.did_you_mean,
        }
    )
    records = [_dumped(_passage_record(passage, look)) for passage in page.passages]
    listed = "\n" + ",\n".join(records) + "\n" if records else ""
    return f'{head[:-1]}, "passages": [{listed}]}}\n'


def _diagnosis_record(diagnosis: Diagnosis | None) -> dict[str, Any] | None:
    if diagnosis is None:
        return None
    return {
        "terms": [
            {"label": term.label, "passages": term.passages, "span": term.span}
            for term in diagnosis.terms
        ],
        "empty": diagnosis.empty,
        "suggestions": list(map(_suggestion_record, diagnosis.suggestions)),
        "relaxed": diagnosis.relaxed,
    }


def _suggestion_record(suggestion: Suggestion) -> dict[str, Any]:
    return {
        "word": suggestion.word,
        "replacement": suggestion.replacement,
        "passages": suggestion.passages,
    }


def _passage_record(passage: Passage, look: TextLook) -> dict[str, Any]:
    paragraph, article = passage.paragraph, passage.article
    record: dict[str, Any] = {
        "rank": passage.rank,
        "score": passage.score,
        "id": paragraph.passage_id,
        "article": paragraph.article_id,
        "title": article.title,
        "headings": paragraph.headings,
        "paragraph": paragraph.number,
        "lines": paragraph.lines,
        "span": paragraph.span,
        "text": paragraph.text,
        "snippet": _snippet_text(passage, look),
        "matches": passage.matches,
        "source": article.source,
        "url": article.url or None,
        "published": article.published.isoformat() if article.published else None,
        "author": article.author or None,
        "language": article.language or None,
    }
    if Detail.EXPLANATION in look.details:
        record["explanation"] = [{"part": part.part, "score": part.score} for part in passage.parts]
    if Detail.NEIGHBOURS in look.details:
        record["before"] = [_neighbour_record(neighbour) for neighbour in passage.before]
        record["after"] = [_neighbour_record(neighbour) for neighbour in passage.after]
    return record


def _neighbour_record(paragraph: Paragraph) -> dict[str, Any]:
    return {
        "paragraph": paragraph.number,
        "id": paragraph.passage_id,
        "text": paragraph.text,
        "lines": paragraph.lines,
    }


def _snippet_text(passage: Passage, look: TextLook) -> str:
    if look.snippet_chars is None:
        return passage.paragraph.text
    return snippet(passage.paragraph.text, passage.matches, width_chars=look.snippet_chars).text


def _dumped(value: object) -> str:
    """One line of JSON that any reader of UTF-8 lines takes for one line."""
    import json  # noqa: PLC0415 - text, the usual style, need not wait for it

    dumped = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return _ESCAPED.sub(lambda found: f"\\u{ord(found.group()):04x}", dumped)


def _csv_lines(page: ResultPage) -> Iterator[str]:
    import csv  # noqa: PLC0415 - text, the usual style, need not wait for it

    written = io.StringIO()
    # The module quotes a lone CR, which readers take for a line end, only if rows end with one.
    writer = csv.writer(written, lineterminator="\r\n")
    for row in _rows(page):
        writer.writerow(row)
        yield written.getvalue().removesuffix("\r\n") + "\n"
        written.seek(0)
        written.truncate()


def _rows(page: ResultPage) -> Iterator[tuple[str | int | float, ...]]:
    yield COLUMNS
    for passage in page.passages:
        paragraph, article = passage.paragraph, passage.article
        yield (
            passage.rank,
            passage.score,
            paragraph.passage_id,
            paragraph.article_id,
            article.title,
            TRAIL.join(paragraph.headings),
            paragraph.number,
            paragraph.lines.first,
            paragraph.lines.last,
            paragraph.text,
            article.source,
            article.url,
            article.published.isoformat() if article.published else "",
            article.author,
            article.language,
        )

"""The public records of pages, passages and errors, as JSON types and as rows; pure.

Every front end gives out these. Values are never shortened; a field that has nothing to say is
null in JSON and empty in a row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from indexer.model import Paragraph
    from search.model import Diagnosis, Passage, ResultPage, Suggestion
    from search.request import Request

SCHEMA_VERSION = 1

#: Between the headings of a trail.
TRAIL = " › "

Record: TypeAlias = dict[str, Any]

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
    "site",
    "also_in",
)
"""The columns of CSV and TSV; named as in JSON where they hold the same."""


def page_record(page: ResultPage) -> Record:
    """What a page says of itself, beside its passages."""
    return {
        "schema_version": SCHEMA_VERSION,
        "query": page.request.query,
        "interpreted_as": page.interpreted_as,
        "warnings": [{"message": warned.message, "span": warned.span} for warned in page.warnings],
        "partial": page.partial,
        "total": page.total,
        "offset": page.request.offset,
        "returned": len(page.passages),
        "diagnosis": None if page.diagnosis is None else _diagnosis_record(page.diagnosis),
        "did_you_mean": page.did_you_mean,
    }


def passage_records(page: ResultPage, *, snippet_chars: int | None) -> Iterator[Record]:
    """Yield the record of each passage of a page.

    Args:
        page: its request says whether explanations and neighbours are in the records.
        snippet_chars: what "snippet" may take, in code points; None: the whole paragraph.
    """
    for passage in page.passages:
        yield _passage_record(passage, page.request, snippet_chars)


def suggestions_record(query: str, suggestions: Sequence[Suggestion]) -> Record:
    """All spellings for a query."""
    records = list(map(suggestion_record, suggestions))
    return {"schema_version": SCHEMA_VERSION, "query": query, "suggestions": records}


def suggestion_record(suggestion: Suggestion) -> Record:
    """One spelling."""
    return {
        "word": suggestion.word,
        "replacement": suggestion.replacement,
        "passages": suggestion.passages,
    }


def error_record(message: str, exit_code: int) -> Record:
    """What stands for a page when there is none."""
    error = {"message": message, "exit_code": exit_code}
    return {"schema_version": SCHEMA_VERSION, "error": error}


def rows(page: ResultPage) -> Iterator[tuple[str | int | float, ...]]:
    """Yield COLUMNS, then the values of each passage."""
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
            article.site,
            " ".join(passage.also_in),
        )


def _diagnosis_record(diagnosis: Diagnosis) -> Record:
    return {
        "terms": [
            {"label": term.label, "passages": term.passages, "span": term.span}
            for term in diagnosis.terms
        ],
        "empty": diagnosis.empty,
        "suggestions": list(map(suggestion_record, diagnosis.suggestions)),
        "relaxed": diagnosis.relaxed,
    }


def _passage_record(passage: Passage, request: Request, snippet_chars: int | None) -> Record:
    paragraph, article = passage.paragraph, passage.article
    record: Record = {
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
        "snippet": _snippet_text(passage, snippet_chars),
        "matches": passage.matches,
        "coverage": passage.coverage,
        "source": article.source,
        "url": article.url or None,
        "published": article.published.isoformat() if article.published else None,
        "author": article.author or None,
        "language": article.language or None,
        "site": article.site or None,
        "also_in": passage.also_in,
        "copies": passage.copies,
    }
    if request.explain:
        record["explanation"] = [part._asdict() for part in passage.parts]
    if request.context:
        record["before"] = list(map(_neighbour_record, passage.before))
        record["after"] = list(map(_neighbour_record, passage.after))
    return record


def _neighbour_record(paragraph: Paragraph) -> Record:
    return {
        "paragraph": paragraph.number,
        "id": paragraph.passage_id,
        "text": paragraph.text,
        "lines": paragraph.lines,
    }


def _snippet_text(passage: Passage, snippet_chars: int | None) -> str:
    text = passage.paragraph.text
    if snippet_chars is None:
        return text
    from search.output.snippet import snippet  # noqa: PLC0415 - text, the usual style, has its own

    return snippet(text, passage.matches, width_chars=snippet_chars).text

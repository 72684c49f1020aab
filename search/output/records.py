"""The public records of pages, passages and errors, as JSON types and as rows; pure.

Every front end gives out these. Values are never shortened; a field that has nothing to say is
null in JSON and empty in a row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from indexer.model import SCHEMA_VERSION, by_name, locator_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from indexer.errors import Failure
    from indexer.model import Paragraph
    from search.model import Diagnosis, Facet, Page, Passage, Suggestion
    from search.request import Request

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
    "locator",
    "text",
    "source",
    "url",
    "published",
    "author",
    "language",
    "site",
    "stale",
    "also_in",
)
"""The columns of CSV and TSV; named as in JSON where they hold the same."""


def page_record(page: Page) -> Record:
    """What a page says of itself, beside its passages."""
    record: Record = {
        "schema_version": SCHEMA_VERSION,
        "query": page.request.query,
        "interpreted_as": page.interpreted_as,
        "warnings": [{"message": warned.message, "span": warned.span} for warned in page.warnings],
        "partial": page.partial,
        "total": page.total,
        "offset": page.request.offset,
        "returned": len(page.every_found),
        "diagnosis": None if page.diagnosis is None else _diagnosis_record(page.diagnosis),
        "did_you_mean": page.did_you_mean,
        "unknown": [{"id": one.name, "nearest": one.nearest} for one in page.unknown],
    }
    if page.request.explain:
        record["reading"] = page.reading
    if page.request.facets:
        record["facets"] = {facet.field: _facet_record(facet) for facet in page.facets}
    if page.cut is not None:
        record["truncated"] = page.cut.truncated
        record["next"] = page.cut.next_offset
        record["left_out"] = [
            {"id": one.passage_id, "chars": one.chars} for one in page.cut.left_out
        ]
    return record


def _facet_record(facet: Facet) -> Record:
    counts = [{"value": value, "passages": passages} for value, passages in facet.counts]
    return {"counts": counts, "more": facet.more}


def passage_records(page: Page, *, snippet_chars: int | None) -> Iterator[Record]:
    """Yield the record of each passage of a page.

    Args:
        page: its request says whether explanations and neighbours are in the records.
        snippet_chars: what "snippet" may take, in code points; None: the whole paragraph. Where a
            page was cut to a budget there is none, as it would say again what "text" says.
    """
    for passage in page.passages:
        yield _passage_record(passage, page.request, snippet_chars, is_cut=page.cut is not None)


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


def error_record(failure: Failure) -> Record:
    """What stands for a page when there is none."""
    return {"schema_version": SCHEMA_VERSION, "error": failure.record()}


def rows(page: Page) -> Iterator[tuple[str | int | float, ...]]:
    """Yield COLUMNS, then the values of each passage."""
    yield COLUMNS
    for passage in page.every_found:
        paragraph, article = passage.paragraph, passage.article
        yield (
            passage.rank,
            "" if page.request.ids else passage.score,
            paragraph.passage_id,
            paragraph.article_id,
            article.title,
            TRAIL.join(paragraph.headings),
            paragraph.number,
            paragraph.lines.first,
            paragraph.lines.last,
            locator_text(paragraph.locator),
            paragraph.text,
            article.source,
            article.url,
            article.published.isoformat() if article.published else "",
            article.author,
            article.language,
            article.site,
            passage.stale or "",
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


def _passage_record(
    passage: Passage, request: Request, snippet_chars: int | None, *, is_cut: bool
) -> Record:
    paragraph, article = passage.paragraph, passage.article
    record: Record = {
        "rank": passage.rank,
        "score": None if request.ids else passage.score,
        "id": paragraph.passage_id,
        "article": paragraph.article_id,
        "title": article.title,
        "headings": paragraph.headings,
        "paragraph": paragraph.number,
        "lines": paragraph.lines,
        "locator": dict(paragraph.locator) or None,
        "span": paragraph.span,
        "text": paragraph.text,
        "snippet": None if is_cut else _snippet_text(passage, snippet_chars),
        "matches": passage.matches,
        "coverage": passage.coverage,
        "source": article.source,
        "url": article.url or None,
        "published": article.published.isoformat() if article.published else None,
        "author": article.author or None,
        "language": article.language or None,
        "site": article.site or None,
        "extra": by_name(article.extra),
        "stale": passage.stale,
        "also_in": passage.also_in,
        "copies": passage.copies,
    }
    if request.cited:
        record |= _cited_record(passage, is_cut=is_cut)
    if request.explain:
        record["explanation"] = _explanation_record(passage)
    if request.context or passage.merged:
        found = {one.paragraph.number: one for one in passage.merged}

        def neighbour(paragraph: Paragraph) -> Record:
            return _neighbour_record(paragraph, found.get(paragraph.number), request)

        record["before"] = list(map(neighbour, passage.before))
        record["after"] = list(map(neighbour, passage.after))
    return record


def _cited_record(passage: Passage, *, is_cut: bool) -> Record:
    """How to point to a passage; not by all of its words where characters are few."""
    from search.output.fragments import passage_link  # noqa: PLC0415 - text needs no citations
    from search.output.selectors import target  # noqa: PLC0415 - as above

    pointed_to = None if is_cut else target(passage)
    return {"link": passage_link(passage) or None, "target": pointed_to}


def _neighbour_record(paragraph: Paragraph, found: Passage | None, request: Request) -> Record:
    """A neighbour; one that was found as well says so by having a rank."""
    record: Record = {
        "paragraph": paragraph.number,
        "id": paragraph.passage_id,
        "text": paragraph.text,
        "lines": paragraph.lines,
        "locator": dict(paragraph.locator) or None,
    }
    if found is not None:
        record |= {
            "rank": found.rank,
            "score": None if request.ids else found.score,
            "headings": paragraph.headings,
            "span": paragraph.span,
            "matches": found.matches,
            "coverage": found.coverage,
        }
        if request.explain:
            record["explanation"] = _explanation_record(found)
    return record


def _explanation_record(passage: Passage) -> list[Record]:
    return [part._asdict() for part in passage.parts]


def _snippet_text(passage: Passage, snippet_chars: int | None) -> str:
    text = passage.paragraph.text
    if snippet_chars is None:
        return text
    from search.output.snippet import snippet  # noqa: PLC0415 - text, the usual style, has its own

    return snippet(text, passage.matches, width_chars=snippet_chars).text

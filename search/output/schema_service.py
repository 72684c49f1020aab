"""The JSON Schema of what the service gives beside what the commands print; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.schema import (
    count,
    definitions,
    document,
    flag,
    listed,
    nullable,
    record,
    reference,
    text,
)

if TYPE_CHECKING:
    from indexer.schema import Schema


def service_definitions() -> dict[str, Schema]:
    """The schema of each object, by name."""
    return {
        "article_page": document(
            "A page of the articles.",
            {**_place("Articles"), "articles": listed("By id.", reference("article"))},
        ),
        "article_with_passages": document(
            "An article with a page of its passages.",
            {
                **_place("Passages of the article"),
                "article": reference("article"),
                "partial": flag("Whether the time was over first; then passages are missing."),
                "passages": listed("In the order of the article.", reference("passage")),
            },
        ),
        "problem": _problem(),
    }


def _place(what: str) -> dict[str, Schema]:
    """The keys that tell where a page stands in the whole."""
    return {
        "total": count(f"{what} on all pages."),
        "offset": count("Those that were left out before these."),
        "returned": count("Those on this page."),
        "next": nullable(count("The offset to go on from; null at the end.")),
    }


def _problem() -> Schema:
    error = definitions()["error"]["properties"]["error"]["properties"]
    return record(
        "What went wrong, as problem details (RFC 9457), and what the commands tell of an error.",
        {
            "type": {**text("A name for the kind of error."), "format": "uri"},
            "title": text("The kind of error, for people."),
            "status": {**count("The status of the response.", least=400), "maximum": 599},
            "detail": text("The object and the fault, for people."),
            **{name: error[name] for name in ("code", "hint", "exit_code", "span")},
        },
    )

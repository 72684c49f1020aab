"""The JSON Schema of all that both commands print as JSON; pure.

It describes what ``records`` makes, and tests hold every output against it. What ``--fields`` and
templates may name is read from it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.model import SCHEMA_VERSION
from indexer.schema import (
    count,
    definitions,
    document,
    flag,
    listed,
    mapping,
    nullable,
    number,
    one_of,
    range_of,
    record,
    reference,
    text,
)
from search.output.schema_service import service_definitions
from search.query.spelling import NUMBERED_FIELDS, PLACE_FIELDS

if TYPE_CHECKING:
    from indexer.schema import Schema

_LINES = (
    "Its first and last line in the file; of a page of a PDF those of the page, and the number of "
    "the block where there are none."
)

#: Keys of a passage that are there only where they were asked for, or have something to tell.
_SOMETIMES = (
    *("explanation", "before", "after"),
    *("link", "target"),
)


def schema() -> Schema:
    """The whole schema; it has no references to anything outside."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:passage-search:schema:{SCHEMA_VERSION}",
        "title": "What search and indexer print as JSON",
        "description": "Values are never shortened but for snippets. Spans are half-open and count "
        "code points, lines count from 1 and both are included. A key without anything to say is "
        "null. New keys may come; schema_version is raised when one goes or means something else.",
        "anyOf": [
            *map(reference, ("page", "passage", "some_keys", "suggestions", "suggestion")),
            *map(reference, ("error", "bad_line", "add_report", "removal", "articles", "stats")),
            *map(reference, ("check", "repair", "compaction", "copy")),
            *map(reference, ("article_page", "article_with_passages", "batch_line", "problem")),
        ],
        "$defs": {
            "page": _page(),
            "passage": {
                "description": "A passage; in JSON Lines each is a line.",
                **reference("some_keys"),
                "required": [key for key in passage_keys() if key not in _SOMETIMES],
            },
            "some_keys": {
                "description": "The keys of a passage, all of them or those named by --fields.",
                "type": "object",
                "properties": {**passage_keys(), **_line_keys()},
                "additionalProperties": False,
            },
            "neighbour": _neighbour(),
            "diagnosis": _diagnosis(),
            "suggestions": document(
                "What search --suggest --json prints.",
                {
                    "query": text("The query text."),
                    "suggestions": listed("Best first for each word.", reference("suggestion")),
                },
            ),
            "suggestion": _suggestion(),
            **definitions(),
            "bad_line": _bad_line(),
            "batch_line": {
                "description": "The answer to a line of a batch.",
                "anyOf": [reference("page"), reference("bad_line")],
            },
            **service_definitions(),
        },
    }


def _bad_line() -> Schema:
    error = definitions()["error"]["properties"]["error"]
    return document(
        "What stands for the answer to a line of a batch that has none.",
        {
            "id": text("Which query of the batch it is."),
            "line": count("Its line, from 1.", least=1),
            "error": error,
        },
    )


def _locator() -> Schema:
    places: dict[str, Schema] = {
        kind.value: count(f"Its {kind.value}, from 1.", least=1)
        if kind in NUMBERED_FIELDS
        else text(f"Its {kind.value}.")
        for kind in sorted(PLACE_FIELDS, key=lambda field: field.value)
    }
    told = "Where in a document it stands, the outer place first; null where lines say all."
    return nullable(record(told, places, optional=places))


def passage_keys() -> dict[str, Schema]:
    """What each key of a passage holds, in the order in which they are printed."""
    return {
        "rank": count("From 1 over the whole result.", least=1),
        "score": nullable(
            number("Unitless, comparable within one query; null where it was looked up.")
        ),
        "id": text("ARTICLE#DIGEST: survives re-indexing and edits elsewhere in the article."),
        "article": text("The id of its article."),
        "title": text("The title of its article."),
        "headings": listed("The headings it stands below, the highest first.", {"type": "string"}),
        "paragraph": count("Its number in the article, from 1.", least=1),
        "lines": range_of(_LINES, "first", "last", least=1),
        "locator": _locator(),
        "span": nullable(
            range_of(
                "Its place in the decoded file (line ends as one, NFC); null if not plain text.",
                "start",
                "end",
            )
        ),
        "text": text("The whole paragraph."),
        "snippet": nullable(
            text("The text, or the part with the matches when it is long; null with --budget.")
        ),
        "matches": listed("Places in text to highlight.", range_of("A place.", "start", "end")),
        "coverage": nullable(
            {
                **number("Share of the query's idf that the passage holds; null without words."),
                "minimum": 0,
                "maximum": 1,
            }
        ),
        "source": text("The file it was read from; - for standard input."),
        "url": nullable(text("The address of its article.")),
        "published": nullable({**text("The day it was published."), "format": "date"}),
        "author": nullable(text("Who wrote its article.")),
        "language": nullable(text("The language of its article, two letters.")),
        "site": nullable(text("The publication its article is from.")),
        "link": nullable(text("An address that opens its article at the passage.")),
        "target": _target(),
        "stale": one_of(
            "What became of its file since it was indexed, null for nothing.",
            *("changed", "gone", None),
        ),
        "also_in": listed(
            "Ids of passages that are copies of it, by article and number, 100 at most.",
            {"type": "string"},
        ),
        "copies": count("How many copies of it there are."),
        "extra": mapping(
            "What front matter or columns of its article say beside that.",
            listed("The values of one name.", {"type": "string"}),
        ),
        "explanation": listed("What made up the score, with --explain.", _score_part()),
        "before": listed("Paragraphs before it, with -C.", reference("neighbour")),
        "after": listed("Paragraphs after it, with -C.", reference("neighbour")),
    }


def _line_keys() -> dict[str, Schema]:
    """What each key of a passage holds that says something of its page, in JSON Lines alone."""
    return {
        "partial": one_of("In JSON Lines: that passages may be missing.", True),
        "query_id": text("In JSON Lines: which query of a batch it answers."),
    }


def _page() -> Schema:
    span = nullable(range_of("Its place in the query.", "start", "end"))
    value = record(
        "A value of a field.", {"value": text("The value."), "passages": count("Passages with it.")}
    )
    facet = record(
        "The values of a field.",
        {
            "counts": listed("The most frequent first.", value),
            "more": count("How many values are not listed."),
        },
    )
    page = document(
        "What search --json prints: one object, also for no passages.",
        {
            "id": text("Which query of a batch it answers."),
            "query": text("The query text."),
            "interpreted_as": text("Its canonical form, which means the same."),
            "warnings": listed(
                "What in the query was not taken as it stands.",
                record(
                    "One thing.",
                    {"message": text("The fault and what was made of it."), "span": span},
                ),
            ),
            "partial": flag(
                "Whether the time was over first, or a part of the index did not answer; then "
                "total is a lower bound."
            ),
            "total": count("Passages that match."),
            "offset": count("Better passages that were left out before these."),
            "returned": count("Passages on this page."),
            "diagnosis": {
                "description": "Why nothing was found; null where something was.",
                "anyOf": [reference("diagnosis"), {"type": "null"}],
            },
            "did_you_mean": nullable(text("The query with its one unknown word respelt.")),
            "unknown": listed(
                "Ids asked for that name nothing.",
                record(
                    "One id.",
                    {
                        "id": text("As it was given."),
                        "nearest": nullable(
                            text("The passage that is there now, or most like it.")
                        ),
                    },
                ),
            ),
            "reading": listed(
                "How the query was read, in lines for people, with --explain.", {"type": "string"}
            ),
            "facets": mapping(
                "How many of the passages that match have each value, by field.",
                facet,
            ),
            "truncated": flag("Whether passages were left out for --budget."),
            "next": nullable(
                count("The offset to go on from, with --budget and over HTTP; null at the end.")
            ),
            "left_out": listed(
                "Passages that alone are larger than the whole budget.",
                record("One.", {"id": text("Its id."), "chars": count("Its characters.")}),
            ),
            "fields": listed(
                "With --fields: all that the passages hold.", {"enum": list(passage_keys())}
            ),
            "passages": listed("The best first.", reference("some_keys")),
        },
        optional=["id", "reading", "facets", "truncated", "next", "left_out", "fields"],
    )
    whole = {"properties": {"passages": {"items": reference("passage")}}}
    return {**page, "if": {"not": {"required": ["fields"]}}, "then": whole}


def _target() -> Schema:
    quote = record(
        "A W3C text quote selector.",
        {
            "type": {"const": "TextQuoteSelector"},
            "exact": text("The paragraph."),
            "prefix": text("What stands before it."),
            "suffix": text("What stands after it."),
        },
    )
    position = record(
        "A W3C text position selector, in code points.",
        {"type": {"const": "TextPositionSelector"}, "start": count("Start."), "end": count("End.")},
    )
    target = record(
        "The target of a W3C web annotation; null for standard input, and with --budget.",
        {
            "source": text("The address of the article, or of its file."),
            "selector": listed("Each selects the passage.", {"anyOf": [quote, position]}),
        },
    )
    return nullable(target)


def _score_part() -> Schema:
    return record(
        "What one part of the query gave.",
        {
            "part": text("The part, and where it was found if that was not the passage."),
            "score": number("Its share of the score."),
            "idf": nullable(number("How telling it is.")),
            "holding": nullable(count("The passages, or articles, that decide it.")),
        },
    )


def _neighbour() -> Schema:
    passage = passage_keys()
    found = ("rank", "score", "headings", "span", "matches", "coverage", "explanation")
    return record(
        "A paragraph beside a passage; one that was found as well has a rank, with --budget.",
        {
            "paragraph": count("Its number in the article.", least=1),
            "id": text("Its id."),
            "text": text("The whole paragraph."),
            "lines": range_of(_LINES, "first", "last", least=1),
            "locator": _locator(),
            **{name: passage[name] for name in found},
        },
        optional=found,
    )


def _diagnosis() -> Schema:
    term = record(
        "A part of the query.",
        {
            "label": text("Its canonical spelling."),
            "passages": count("Passages it finds by itself."),
            "span": nullable(range_of("Its place in the query.", "start", "end")),
        },
    )
    return record(
        "Why nothing was found, and what finds something.",
        {
            "terms": listed("The smallest parts, in the order of the query.", term),
            "empty": nullable(text("The smallest part that finds nothing.")),
            "suggestions": listed("Spellings of unknown words.", reference("suggestion")),
            "relaxed": nullable(text("A looser query, which finds something.")),
        },
    )


def _suggestion() -> Schema:
    return record(
        "A spelling; with --suggest --jsonl each is a line.",
        {
            "word": text("The word of the query."),
            "replacement": text("A word of the index that is spelt much like it."),
            "passages": count("Passages that have it."),
        },
    )

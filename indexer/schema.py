"""The JSON Schema of what ``indexer`` prints, and the words that schemas are written in; pure.

Every object is closed: a key that is not described here is not printed. Tests look at every output.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from indexer.model import SCHEMA_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable

Schema: TypeAlias = dict[str, Any]


def text(told: str) -> Schema:
    """A string."""
    return {"description": told, "type": "string"}


def count(told: str, *, least: int = 0) -> Schema:
    """A whole number."""
    return {"description": told, "type": "integer", "minimum": least}


def number(told: str) -> Schema:
    """A number of any kind."""
    return {"description": told, "type": "number"}


def flag(told: str) -> Schema:
    """True or false."""
    return {"description": told, "type": "boolean"}


def one_of(told: str, *values: str | bool | None) -> Schema:
    """One of some values."""
    return {"description": told, "enum": list(values)}


def listed(told: str, items: Schema) -> Schema:
    """An array of values of one kind."""
    return {"description": told, "type": "array", "items": items}


def mapping(told: str, values: Schema) -> Schema:
    """An object whose keys are names that the index has."""
    return {"description": told, "type": "object", "additionalProperties": values}


def range_of(told: str, first: str, last: str, *, least: int = 0) -> Schema:
    """An array of two whole numbers, each with a name."""
    ends = [{"title": name, "type": "integer", "minimum": least} for name in (first, last)]
    return {
        "description": told,
        "type": "array",
        "prefixItems": ends,
        "items": False,
        "minItems": 2,
    }


def nullable(schema: Schema) -> Schema:
    """The same, or null where there is nothing to say."""
    return {**schema, "type": [schema["type"], "null"]}


def reference(name: str, told: str = "") -> Schema:
    """What is defined under a name."""
    described = {"description": told} if told else {}
    return {**described, "$ref": f"#/$defs/{name}"}


def record(told: str, keys: dict[str, Schema], *, optional: Iterable[str] = ()) -> Schema:
    """An object of these keys and no others."""
    left_out = set(optional)
    return {
        "description": told,
        "type": "object",
        "properties": keys,
        "required": [key for key in keys if key not in left_out],
        "additionalProperties": False,
    }


def document(told: str, keys: dict[str, Schema], *, optional: Iterable[str] = ()) -> Schema:
    """An object that is printed by itself, with the version of all this."""
    told_of_version = "Raised when a key goes or means something else."
    version: Schema = {"description": told_of_version, "const": SCHEMA_VERSION}
    return record(told, {"schema_version": version, **keys}, optional=optional)


def definitions() -> dict[str, Schema]:
    """The schema of each object that ``indexer --json`` prints, and of errors, by name."""
    return {
        "error": _error(),
        "add_report": _add_report(),
        "removal": document(
            "What indexer remove prints.",
            {
                "removed": listed("Ids and files as they were named.", {"type": "string"}),
                "unknown": listed("Names that nothing in the index has.", {"type": "string"}),
            },
        ),
        "articles": document(
            "What indexer list prints.",
            {"articles": listed("By id.", reference("article"))},
        ),
        "article": _article(),
        "stats": _stats(),
        "check": _check(),
        "repair": _repair(),
        "damage": record(
            "What is wrong with a file of an index.",
            {"file": text("Its name in the directory of the index."), "what": text("The fault.")},
        ),
        "copy": document(
            "What indexer copy prints.",
            {
                "articles": count("Articles that were copied."),
                "passages": count("Their passages."),
                "files": count("Files that the copy knows as well."),
            },
        ),
        "compaction": document(
            "What indexer compact prints.",
            {
                "compacted": flag("Whether there was anything to do."),
                "bytes_before": count("Bytes of the index before."),
                "bytes_after": count("Bytes of the index after."),
            },
        ),
    }


def _error() -> Schema:
    error = record(
        "What went wrong.",
        {
            "code": {**text("The kind of error; stays the same."), "pattern": "^[a-z]+(_[a-z]+)*$"},
            "message": text("The object and the fault, for people."),
            "hint": nullable(text("The remedy, for people; null where none is known.")),
            "exit_code": count("What the process ends with.", least=1),
            "span": nullable(range_of("The fault in the query, in code points.", "start", "end")),
        },
    )
    return document("What stands for an answer when there is none.", {"error": error})


def _add_report() -> Schema:
    skipped = record(
        "One file or record that was not indexed.",
        {
            "path": text("The file; of a record with :LINE behind it."),
            "reason": text("The kind of fault."),
            "detail": text("The fault, for people."),
        },
    )
    return document(
        "What indexer add prints.",
        {
            "added": count("New articles."),
            "updated": count("Articles that had changed."),
            "unchanged": count("Articles that had not."),
            "removed": count("Articles that are gone."),
            "paragraphs": count("Passages of what was added and updated."),
            "omitted_blocks": count("Blocks of page furniture that were left out."),
            "skipped": listed("What was not indexed.", skipped),
            "hidden_files": count("Hidden files that were passed over."),
            "binary_files": count("Files that are no text and were passed over."),
            "no_prose_files": count("Files that are no prose and were passed over."),
            "passed_over": listed("What was passed over, and why.", skipped),
            "formats": mapping("Files that gave articles, by format.", {"type": "integer"}),
            "seconds": number("How long it took."),
        },
    )


def _article() -> Schema:
    return record(
        "An article of the index.",
        {
            "id": text("Its id."),
            "source": text("The file it was read from; - for standard input."),
            "title": text("Its title."),
            "author": nullable(text("Who wrote it.")),
            "published": nullable({**text("The day it was published."), "format": "date"}),
            "language": nullable(text("Two letters.")),
            "url": nullable(text("Its address.")),
            "site": nullable(text("The publication it is from.")),
            "passages": count("Its passages."),
            "omitted_blocks": count("Blocks of page furniture that were left out."),
            "extra": mapping(
                "What front matter or columns say beside that.", listed("", {"type": "string"})
            ),
        },
        optional=["extra"],
    )


def _stats() -> Schema:
    return document(
        "What indexer stats prints.",
        {
            "path": text("The directory of the index, or its address."),
            "articles": count("Articles."),
            "passages": count("Passages."),
            "files": count("Files they were read from."),
            "words": count("Different words."),
            "positions": count("Running words."),
            "languages": mapping("Articles by language.", {"type": "integer"}),
            "segments": count("Parts that searches go through."),
            "deleted": count("Documents that are deleted and still take space."),
            "deleted_share": number("Those of all documents, from 0 to 1."),
            "size_bytes": count("Bytes of all files."),
            "parts": mapping("Bytes by what they hold.", {"type": "integer"}),
            "generation": count("How many commits it has had."),
            "committed": text("When the last one was, in UTC."),
        },
    )


def _check() -> Schema:
    return document(
        "What indexer check prints.",
        {
            "whole": flag("Whether nothing is wrong."),
            "faults": listed("What is wrong.", reference("damage")),
            "articles": count("Articles that are whole."),
            "passages": count("Passages that are whole."),
            "segments": count("Parts that searches go through."),
            "size_bytes": count("Bytes of all files."),
        },
    )


def _repair() -> Schema:
    lost = record(
        "An article that is not in the index any more.",
        {
            "id": nullable(text("Its id, null where it is not known.")),
            "file": nullable(text("The file it was read from, null where it is not known.")),
        },
    )
    return document(
        "What indexer check --repair prints.",
        {
            "faults": listed("What was wrong.", reference("damage")),
            "kept": count("Articles of parts that were whole."),
            "saved": count("Articles of damaged parts that were whole."),
            "read_again": listed("Files that were read again.", {"type": "string"}),
            "lost": listed("What is lost for all that.", lost),
            "damaged_files": listed("Where damaged files are kept.", {"type": "string"}),
            "removed_may_be_back": flag("Whether removed articles may be back."),
        },
    )

"""What the tools give, as schemas of their own; each is made of parts of the published one.

An answer that is valid by one of these is so by the published schema as well. Of a passage they
have the keys that the tool gives, as programs read all of them at every start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from indexer.schema import count, document, listed, nullable, record, reference
from search.output.schema import schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from indexer.schema import Schema
    from search.output.fields import Field


def page_schema(fields: Sequence[Field]) -> Schema:
    """A page whose passages have some of these keys, and no others."""
    definitions = _definitions(fields)
    return _by_itself(definitions["page"], definitions)


def article_schema(fields: Sequence[Field]) -> Schema:
    """What is known of an article, and a page of its passages."""
    parts = {"article": reference("article"), "page": reference("page")}
    told = "What is known of an article, and paragraphs of it in order."
    return _by_itself(record(told, parts), _definitions(fields))


def articles_schema() -> Schema:
    """A list of articles."""
    whole = document(
        "Some of the articles that there are.",
        {
            "articles": listed("By id, or best first.", reference("article")),
            "total": count("How many there are in all."),
            "offset": count("How many were passed over."),
            "next": nullable(count("The offset to go on from; null at the end.")),
        },
    )
    return _by_itself(whole, schema()["$defs"])


def _definitions(fields: Sequence[Field]) -> dict[str, Schema]:
    """The published definitions, those of pages without what none of these tools gives."""
    definitions: dict[str, Schema] = schema()["$defs"]
    page, passage = definitions["page"], definitions["some_keys"]
    del page["if"], page["then"]  # that passages are whole, where no fields are named
    page["required"] = [*page["required"], *("truncated", "next", "left_out", "fields")]
    keys = [field.key for field in fields]
    page["properties"]["fields"]["items"] = {"enum": keys}
    passage["properties"] = {key: passage["properties"][key] for key in keys}
    return definitions


def _by_itself(part: Schema, definitions: dict[str, Schema]) -> Schema:
    """A schema with all definitions that it refers to, and no others."""
    needed: dict[str, Schema] = {}
    pending = list(_references(part))
    while pending:
        name = pending.pop()
        if name not in needed:
            needed[name] = definitions[name]
            pending += _references(needed[name])
    told = {"$schema": schema()["$schema"], **part}
    return told | {"$defs": {name: needed[name] for name in sorted(needed)}}


def _references(part: Any) -> Iterator[str]:
    """Yield the names of the definitions that a part of a schema refers to."""
    if isinstance(part, dict):
        if "$ref" in part:
            yield part["$ref"].rpartition("/")[2]
        for inner in part.values():
            yield from _references(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _references(inner)

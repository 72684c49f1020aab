"""What may come next on the command line of ``search``: fields, ids, languages, names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from unicodedata import normalize

from click.shell_completion import CompletionItem

from indexer.storage.values import known_values
from search.output.records import COLUMNS
from search.query.spelling import FIELD_NAMES, PLACE_NAMES, Field, spell_bare

if TYPE_CHECKING:
    from collections.abc import Iterable

    import click

#: What --facets counts by.
_FACETS = ("article", "author", "language", "year", "site")
# The last word of a query, after what opens a group or says that it is required or excluded.
_LAST_WORD = re.compile(r"[-+!]*((?:\\.|[^\s(\\])*\\?)\Z", re.DOTALL)
_FIELD_AND_VALUE = re.compile(r"(\w+):(.*)", re.DOTALL)
_INDEX_FIELDS = {Field.ARTICLE: "article", Field.LANG: "language"}


def completions(ctx: click.Context, name: str, typed: str) -> list[CompletionItem[str]] | None:
    """What the value of a parameter may be that begins so; None if its type knows it.

    Args:
        ctx: the command line so far.
        name: of the parameter, as in ``options.Arguments``.
        typed: the value as far as it is typed.
    """
    match name:
        case "query" if not ctx.params.get("get"):
            found = _plain(_queries(ctx, typed))
            files = bool(ctx.params.get("in_paths"))  # several may follow one --in
            return found or ([CompletionItem(typed, type="file")] if files else [])
        case "query" | "articles" | "similar":
            return _plain(_known(ctx, Field.ARTICLE, typed))
        case "languages":
            return _plain(_known(ctx, Field.LANG, typed))
        case "facets":
            return _plain(_listed(_FACETS, typed))
        case "fields":
            return _plain(_listed(COLUMNS, typed))
        case "in_paths" | "sources":
            return [CompletionItem(typed, type="file")]
        case _:
            return None


def _plain(values: Iterable[str]) -> list[CompletionItem[str]]:
    return list(map(CompletionItem, values))


def _known(ctx: click.Context, field: Field, typed: str) -> list[str]:
    """The values of a field in the index that the command line, or else the environment, names."""
    return known_values(ctx.params.get("index_dir"), _INDEX_FIELDS[field], normalize("NFC", typed))


def _queries(ctx: click.Context, typed: str) -> list[str]:
    """Queries that go on from where one is; its last word may be a field or the value of one."""
    last = _LAST_WORD.search(typed)
    word = last[1] if last else ""
    named = _FIELD_AND_VALUE.fullmatch(word)
    if named is None:
        names = [f"{name}:" for name in (*FIELD_NAMES, *PLACE_NAMES)]
        return [typed + name[len(word) :] for name in names if name.startswith(word)]
    field = FIELD_NAMES.get(named[1])
    if field not in _INDEX_FIELDS:
        return []
    assert isinstance(field, Field)
    value = re.sub(r"\\(.)", r"\1", named[2], flags=re.DOTALL)
    known = _known(ctx, field, value)
    return [typed + spell_bare(one[len(normalize("NFC", value)) :]) for one in known]


def _listed(names: Iterable[str], typed: str) -> list[str]:
    """Lists of names with commas between, in which the last one is complete."""
    before, comma, last = typed.rpartition(",")
    given = before.split(",")
    return [
        f"{before}{comma}{name}" for name in names if name.startswith(last) and name not in given
    ]

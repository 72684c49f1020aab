"""Which keys of records hold what; pure.

A key is named by its path, with dots between (``metadata.title``). Where several names of a field
have a value the one that stands first here is taken, by the first records of a file; a text that is
empty in a record gives way to the next name that has one there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from indexer.readers.records.values import day_of, is_address, is_said, is_text, names_of
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from collections.abc import Mapping as AnyMapping

    from indexer.readers.mapping import Mapping

    Record = AnyMapping[str, object]

# Names without their case and signs: "Abstract Note" is "abstractnote".
_TEXT = (
    *("text", "content", "contents", "body", "pagecontent", "fulltext", "article", "passage"),
    *("paragraphs", "paragraph", "sentences", "sentence", "bodytext", "context"),
    *("abstract", "abstractnote", "abstracttext", "summary", "description", "message", "selftext"),
    *("comment", "notes", "note"),
)
# Those of a record that has its own text, whatever else it holds.
STRONG_TEXT = _TEXT[:6]
_TITLES = ("title", "headline", "subject", "documenttitle", "articletitle")
_NAMES: dict[str, tuple[str, ...]] = {
    "title": (*_TITLES, "heading", "name"),
    "author": ("author", "authors", "creator", "creators", "byline", "authornames", "authorname"),
    "published": (
        *("published", "date", "created", "createdat", "pubdate", "publishedat", "publisheddate"),
        *("publishdate", "publicationdate", "datepublished", "issued", "timestamp"),
    ),
    "language": ("language", "lang", "languagecode"),
    "url": ("url", "link", "uri", "permalink", "weburl", "sourceurl", "href", "source"),
    "site": (
        *("site", "publicationtitle", "containertitle", "publication", "journal", "newspaper"),
        *("publisher", "sitename", "venue"),
    ),
}
_IDS = ("docid", "docno", "documentid", "paperid", "pmid", "passageid", "pid", "key", "uuid")
_FITS: dict[str, Callable[[object], bool]] = {
    "title": is_text,
    "author": lambda value: bool(names_of(value)),
    "published": lambda value: day_of(value) is not None,
    "language": lambda value: isinstance(value, str) and 1 < len(value) < 12,
    "url": is_address,
    "site": is_text,
}
_KNOWN = frozenset(("id", *_IDS, *_TEXT, *(name for names in _NAMES.values() for name in names)))
# Objects that tools put what a record is about in.
_CONTAINERS = frozenset(
    ("metadata", "meta", "source", "fields", "attributes", "properties", "document", "doc", "data")
)
_SIGNS = re.compile(r"[\W_]+")
# Descriptions of a few of many objects are not what a file is about.
_LEAST_SHARE = 0.25
_MOST_NAMED = 20
_MOST_NAME_CHARS = 40


class Keys(NamedTuple):
    """Which keys of the records of a file hold what.

    Attributes:
        text: paths that may hold the text, the first one that does being taken.
        facts: pairs of a field and the path that holds it.
        id: the path that holds an id of its own; "" for ``id`` or ``_id``.
        part: the path that tells a record from others of its file; "" for none.
        is_plain: whether all of it is under its own name.
        is_joined: whether all of text is taken.
        own: names that are not kept beside, as they are said otherwise.
    """

    text: tuple[str, ...] = ("text",)
    facts: tuple[tuple[str, str], ...] = ()
    id: str = ""
    part: str = ""
    is_plain: bool = True
    is_joined: bool = False
    own: frozenset[str] = frozenset()


def value_at(record: Record, path: str) -> object:
    """What a record has at a path; of a list all that its values have there. None for nothing.

    >>> value_at({"a": {"b": 1}, "c": [{"d": 1}, {"d": 2}], "e.f": 3}, "c.d")
    [1, 2]
    """
    if path in record:
        return record[path]
    head, dot, rest = path.partition(".")
    while dot:
        inner = record.get(head)
        if isinstance(inner, dict):
            return value_at(inner, rest)
        if isinstance(inner, list):
            found = [value_at(one, rest) for one in inner if isinstance(one, dict)]
            return [one for one in found if one is not None] or None
        more, dot, rest = rest.partition(".")
        head = f"{head}.{more}"
    return None


def choose_keys(
    records: Sequence[Record], mapping: Mapping, least_share: float = _LEAST_SHARE
) -> Keys | None:
    """Which keys of some records hold what; None if neither text nor title is found in any.

    Where text is only under a name that may mean something else, such as ``description``, at least
    that share of them must have one.
    """
    named = _paths(records)
    mapped: dict[str, list[str]] = {}
    for field, path in mapping.fields:
        mapped.setdefault("id" if field == "_id" else field, []).append(_own_path(path, records))
    texts = tuple(mapped.get("text", ())) or tuple(
        path
        for name in _TEXT
        for path in named.get(name, ())
        if _has(records, path, is_text if name != "text" else is_said)
    )
    has_text = any(_has(records, path, is_said) for path in texts)
    if "text" in mapped and not has_text:
        return None
    facts: list[tuple[str, str]] = []
    part = ""
    for field, names in _NAMES.items():
        if field in mapped:
            facts.append((field, mapped[field][0]))
        elif field == "title" and not has_text:
            facts += _fact(field, _TITLES, named, records)
        else:
            facts += _fact(field, names, named, records)
    article_id = mapped.get("id", [""])[0]
    if not article_id and not any("id" in record or "_id" in record for record in records):
        part = _telling(named, records)
    titles = [path for field, path in facts if field == "title"]
    if not has_text and not any(_has(records, path, is_said) for path in titles):
        return None
    if not mapped and _canonical((*texts, *titles)[0]) not in (*STRONG_TEXT, *_TITLES):
        having = sum(
            any(is_said(value_at(record, path)) for path in (*texts, *titles)) for record in records
        )
        if having < least_share * len(records):
            return None
    texts = texts or ("text",)
    is_plain = (
        not mapping.fields
        and texts[0] == "text"
        and not part
        and all(field == path for field, path in facts)
    )
    is_joined = len(mapped.get("text", ())) > 1
    own = {path for field, path in facts if field == path}
    own |= set(texts) if is_joined else {texts[0]}
    own |= {article_id} if article_id else {"id", "_id"}
    own -= {path for field, path in facts if field != path}
    return Keys(texts, tuple(facts), article_id, part, is_plain, is_joined, frozenset(own))


def is_known(name: str) -> bool:
    """Whether a key is called as one that holds a text, a fact or an id."""
    return _canonical(name) in _KNOWN


def has_own_text(record: Record) -> bool:
    """Whether a record has a text under one of the names that mean nothing else."""
    return any(_canonical(name) in STRONG_TEXT and is_text(record[name]) for name in record)


def names_in(records: Iterable[Record]) -> str:
    """The keys of records, for people."""
    names = dict.fromkeys(name for record in records for name in record if name.strip())
    shown = ", ".join(_shortened(name) for name in list(names)[:_MOST_NAMED])
    return f"{shown} ..." if len(names) > _MOST_NAMED else shown


def _shortened(name: str) -> str:
    return name if len(name) <= _MOST_NAME_CHARS else f"{name[: _MOST_NAME_CHARS - 3]}..."


def longest_text(records: Sequence[Record]) -> str:
    """The path that holds the longest texts on average; "" if none holds any."""
    sizes: dict[str, list[int]] = {}
    for record in records:
        for path, value in _strings(record, ""):
            sizes.setdefault(path, []).append(len(value))
    return max(sizes, key=lambda path: sum(sizes[path]) / len(sizes[path]), default="")


def _strings(record: Record, above: str) -> Iterator[tuple[str, str]]:
    for name, value in record.items():
        if isinstance(value, str):
            if is_text(value):
                yield above + name, value
        elif isinstance(value, dict):
            if above.count(".") < 3:
                yield from _strings(value, f"{above}{name}.")
        elif isinstance(value, list):
            for one in value[:_MOST_NAMED]:
                if isinstance(one, str) and is_text(one):
                    yield above + name, one
                elif isinstance(one, dict) and above.count(".") < 3:
                    yield from _strings(one, f"{above}{name}.")


def _paths(records: Iterable[Record]) -> dict[str, list[str]]:
    """The paths of each name, those at the top first."""
    found: dict[str, dict[str, None]] = {}
    nested: dict[str, dict[str, None]] = {}
    for record in records:
        for name, value in record.items():
            for called in _called(name):
                found.setdefault(called, {})[name] = None
            if isinstance(value, dict) and _canonical(name) in _CONTAINERS:
                for inner in value:
                    nested.setdefault(_canonical(inner), {})[f"{name}.{inner}"] = None
    for name, paths in nested.items():
        found.setdefault(name, {}).update(paths)
    # What is called by its very name wins over what is nearly called so.
    return {name: sorted(paths, key=lambda path: path != name) for name, paths in found.items()}


def _canonical(name: str) -> str:
    return _SIGNS.sub("", re.split(r"[.:/]", name)[-1].lower())


def _called(path: str) -> tuple[str, ...]:
    """What a key is called: by the last name of its path, and by the last two.

    A name of something else that is in a record is no title of it.
    """
    above, dot, _ = path.rpartition(".")
    last = _canonical(path)
    if not dot:
        return (last,)
    both = f"{_canonical(above)}{last}"
    return (both,) if last == "name" and _canonical(above) not in _CONTAINERS else (last, both)


def _has(records: Iterable[Record], path: str, fits: Callable[[object], bool]) -> bool:
    return any(fits(value_at(record, path)) for record in records)


def _fact(
    field: str, names: Iterable[str], named: dict[str, list[str]], records: Sequence[Record]
) -> list[tuple[str, str]]:
    """The field with the path that holds it, in a list; an empty one if none does."""
    for name in names:
        for path in named.get(name, ()):
            # Under its own name it may hold what is understood in other records.
            if path == field or _has(records, path, _FITS[field]):
                return [(field, path)]
    return []


def _telling(named: dict[str, list[str]], records: Sequence[Record]) -> str:
    """The path that holds another value in each record; "" if none does."""
    for name in _IDS:
        for path in named.get(name, ()):
            values = [value_at(record, path) for record in records]
            if all(isinstance(value, str | int) and value != "" for value in values) and len(
                set(values)
            ) == len(values):
                return path
    return ""


def _own_path(path: str, records: Iterable[Record]) -> str:
    """The path as the records spell it: the case of columns is of no account."""
    lower = path.lower()
    for record in records:
        if value_at(record, path) is not None:
            return path
        if lower != path and value_at(record, lower) is not None:
            return lower
        for name in record:
            if name.lower() == lower:
                return name
    return path

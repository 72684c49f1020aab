"""Values of whole articles, by which passages are narrowed down and counted.

An article has values by name: its authors, its publication, and what its front matter or columns
say beside. Each is one term of the index field ``values``:

    name=folded NUL value

So all that differs in case and accents alone lies side by side, to be looked up at once, and what
is shown is as it was written.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from indexer.text.analysis import encoded, fold

if TYPE_CHECKING:
    from collections.abc import Iterable

    from indexer.model import ArticleRecord

#: The index field.
VALUES_FIELD = "values"
#: Longer values are texts rather than values, and are not looked up.
MOST_VALUE_CHARS = 200
_MOST_NAME_CHARS = 100
# Articles have the same ones over and over.
_KEPT = 1 << 12
#: Between the folded form and the value; no value has one.
END = "\0"


@lru_cache(maxsize=_KEPT)
def field_name(text: str) -> str:
    """A name as it is indexed and typed: in small letters, each run of other signs as one ``_``.

    >>> field_name("Main Topic"), field_name("dc.Subject")
    ('main_topic', 'dc.subject')
    """
    name = unicodedata.normalize("NFC", text.strip().lower())
    return re.sub(r"[^\w.-]+", "_", name)[:_MOST_NAME_CHARS]


def value_head(name: str, value: str) -> str:
    """What the terms of a value begin with, in whatever case it is written."""
    return f"{name}={fold(' '.join(value.split()))}{END}"


def value_terms(record: ArticleRecord) -> list[bytes]:
    """The terms of all values of an article, each once."""
    pairs = record.extra
    if record.author or record.site:
        authors = (("author", name) for name in people(record.author))
        pairs = (*authors, ("site", record.site), *pairs)
    return terms_of(pairs)


def terms_of(pairs: Iterable[tuple[str, str]]) -> list[bytes]:
    """The terms of pairs of a name and a value, each once."""
    return list(dict.fromkeys([term for pair in pairs if (term := _term(pair))]))


@lru_cache(maxsize=_KEPT)
def _term(pair: tuple[str, str]) -> bytes:
    """The term of a name and a value; none if the value is too long."""
    name, value = pair
    if not value or len(value) > MOST_VALUE_CHARS:
        return b""
    value = value.replace(END, "\N{REPLACEMENT CHARACTER}")
    return encoded(f"{value_head(name, value)}{value}")


def value_of(term: str) -> str:
    """The value of a term as it was written."""
    return term[term.index(END) + 1 :]


# What stands before the last of several names, after a comma.
_AND = re.compile(r"^(?:and|&|und|et|y)\s+", re.IGNORECASE)


def people(author: str) -> list[str]:
    """The names that an author's are, where they are certain to be several.

    They are if semicolons part them, or if each has a first and a last name; a comma may stand
    before a first name as well.

    >>> people("Kim Lee, Ana Roy"), people("Lee, Kim"), people("Lee, Kim; Roy, Ana")
    (['Kim Lee', 'Ana Roy'], ['Lee, Kim'], ['Lee, Kim', 'Roy, Ana'])
    >>> people("Kim Lee, Ana Roy, and Bo Li")
    ['Kim Lee', 'Ana Roy', 'Bo Li']
    """
    if ";" in author:
        return [name for part in author.split(";") if (name := part.strip())]
    if ", " not in author:
        return [author] if author else []
    *names, last = author.split(", ")
    names.append(_AND.sub("", last))
    return names if all(" " in name.strip() for name in names) else [author]

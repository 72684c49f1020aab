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
from typing import TYPE_CHECKING

from indexer.text.analysis import fold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.model import ArticleRecord

#: The index field.
VALUES_FIELD = "values"
#: Longer values are texts rather than values, and are not looked up.
MOST_VALUE_CHARS = 200
_MOST_NAME_CHARS = 100
#: Between the folded form and the value; no value has one.
END = "\0"


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


def value_terms(record: ArticleRecord) -> list[str]:
    """The terms of all values of an article, each once."""
    return list(
        dict.fromkeys(f"{value_head(name, value)}{value}" for name, value in values_of(record))
    )


def value_of(term: str) -> str:
    """The value of a term as it was written."""
    return term[term.index(END) + 1 :]


def values_of(record: ArticleRecord) -> Iterator[tuple[str, str]]:
    """Yield the names and values of an article."""
    given = [*(("author", name) for name in people(record.author)), ("site", record.site)]
    for name, value in (*given, *record.extra):
        if value and len(value) <= MOST_VALUE_CHARS:
            yield name, value.replace(END, "\N{REPLACEMENT CHARACTER}")


def people(author: str) -> list[str]:
    """The names that an author's are, where they are certain to be several.

    They are if each has a first and a last name; a comma may stand before a first name as well.

    >>> people("Kim Lee, Ana Roy"), people("Lee, Kim")
    (['Kim Lee', 'Ana Roy'], ['Lee, Kim'])
    """
    if ", " not in author:
        return [author] if author else []
    names = author.split(", ")
    return names if all(" " in name.strip() for name in names) else [author]

"""Which columns of a table and keys of a record hold what an article is made of."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from indexer.errors import UsageError
from indexer.readers.fields import FIELDS
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Mapping(NamedTuple):
    """What ``--map`` and ``--columns`` say.

    Attributes:
        fields: pairs of a field of an article and the column, or the path of keys parted by dots,
            that holds it.
        columns: names of the columns of a table whose first line is a row like the others; ()
            where the first line names them.
    """

    fields: tuple[tuple[str, str], ...] = ()
    columns: tuple[str, ...] = ()

    @property
    def settings(self) -> str:
        """It as one word without slashes, "" where it says nothing."""
        return quote(json.dumps(self), safe="") if any(self) else ""

    @classmethod
    def of(cls, settings: str) -> Mapping:
        """The one that has such settings."""
        if not settings:
            return cls()
        fields, columns = json.loads(unquote(settings))
        return cls(tuple((field, column) for field, column in fields), tuple(columns))


NO_MAPPING = Mapping()


def read_mapping(maps: Iterable[str], columns: str) -> Mapping:
    """The mapping that is typed as FIELD=COLUMN, several with commas between; and names of columns.

    >>> read_mapping(["text=abstract,title=metadata.title"], "").fields
    (('text', 'abstract'), ('title', 'metadata.title'))

    Raises: UsageError names what is none.
    """
    fields = []
    for pair in (pair.strip() for typed in maps for pair in typed.split(",")):
        field, equals, column = (part.strip() for part in pair.partition("="))
        if not (field and equals and column):
            raise UsageError(
                f"--map takes FIELD=COLUMN, not {pair!r}", hint="such as text=abstract"
            )
        if field not in FIELDS:
            known = ", ".join(sorted(FIELDS))
            raise UsageError(f"--map: no field {field!r}", hint=f"fields are {known}")
        fields.append((field, column))
    names = tuple(name.strip() for name in columns.split(",")) if columns.strip() else ()
    return Mapping(tuple(fields), names)

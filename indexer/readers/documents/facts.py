"""What documents say of themselves, and which of it is worth saying again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from indexer.readers.extra import extra_of
from indexer.readers.fields import author_of, clean, date_of, language_of, text_of
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

# What programs write where nobody gave a title, and names of files.
_NO_TITLE = re.compile(
    r"(?:microsoft (?:office )?(?:word|powerpoint)\b.*|un(?:titled|benannt)\b.*|unknown"
    r"|(?:document|dokument|doc|presentation|präsentation|présentation)\s*\d*"
    r"|powerpoint[ -]?(?:presentation|präsentation)|présentation powerpoint"
    r"|presentaci[oó]n de powerpoint|(?:slide|folie) \d+|title|titel|\W*"
    r"|.*\.(?:docx?|dotx?|odt|ott|pptx?|potx?|ppsx?|odp|rtf|tmp|html?|txt|indd|tex))",
    re.IGNORECASE,
)
_NO_AUTHOR = re.compile(
    r"(?:unknown|anonymous|user|admin|administrator|author|benutzer|owner|python-docx|\W*)",
    re.IGNORECASE,
)
_KEYWORD_END = re.compile(r"[;,]")


class Facts(NamedTuple):
    """What a document says of itself; see ``model.ArticleFacts``."""

    title: str = ""
    author: str = ""
    published: date | None = None
    language: str = ""
    url: str = ""
    extra: tuple[tuple[str, str], ...] = ()


def facts_of(
    *,
    title: object = "",
    authors: Sequence[object] = (),
    published: object = None,
    language: object = "",
    url: object = "",
    extra: Iterable[tuple[object, object]] = (),
) -> Facts:
    """The facts in what a document says, without what its program says in its place."""
    found = clean(text_of(title))
    names = [one for one in map(text_of, authors) if not _NO_AUTHOR.fullmatch(one)]
    return Facts(
        title="" if _NO_TITLE.fullmatch(found) else found,
        author=clean(author_of(names)),
        published=date_of(published),
        language=language_of(language),
        url=text_of(url),
        extra=extra_of(extra),
    )


def keywords_of(text: str | None) -> list[str]:
    """The keywords in a list of them, parted by commas or semicolons."""
    return [one.strip() for one in _KEYWORD_END.split(text or "") if one.strip()]

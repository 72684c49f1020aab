"""Metadata of a document that is to be believed: title, author, date, language, keywords."""

from __future__ import annotations

import re
from datetime import date
from pathlib import PurePath
from typing import TYPE_CHECKING

from indexer.model import ArticleFacts
from indexer.readers.extra import extra_of
from indexer.readers.fields import clean, language_of, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_DATE = re.compile(r"(?:D:)?\s*(\d{4})-?(\d{2})-?(\d{2})")
# What programs write when nobody gave a title.
_NO_TITLE = re.compile(
    r"(?:untitled|title|no title|document|unknown|slide|presentation|print|(?:full|new) ?page"
    r"|about:blank|microsoft (?:word|powerpoint|excel)\b.*|powerpoint.presentation|dokument|book"
    r"|chapter|paper|main|.*\.(?:docx?|odt|rtf|tex|dvi|ps|eps|indd|qxd|pptx?|xlsx?|pdf|html?|fm|md"
    r"|book|txt|cdr|pmd|pages|key)|.*\b\d+\.\.\d+|[\W\d_]*)\s*\d*",
    re.IGNORECASE,
)
_NO_AUTHOR = re.compile(
    r"(?:(?:programmer|author)(?:\s+\w)?|user|admin(?:istrator)?|owner|unknown|root|anonymous"
    r"|default|none|(?:\(|un)?specified\)?"
    r"|microsoft.*|[a-z]{1,3}\d{3,}|[\W\d_]*|.*(?:acrobat|latex|word|writer|\.com\b|www\.).*)",
    re.IGNORECASE,
)
_NOTHING = frozenset(("", "unspecified", "(unspecified)", "none", "anonymous", "(anonymous)"))
_FIRST_YEAR = 1985
# Longer ones are no titles and no names.
_LONGEST = 500


def facts_of(metadata: Mapping[str, str], source: str) -> ArticleFacts:
    """What a document's metadata says, without what no person wrote there.

    Args:
        metadata: by its names in the document.
        source: its name: a title that is the same is none.
    """
    said = {
        name: clean(text_of(_plain(value)))
        for name, value in metadata.items()
        if len(value) <= _LONGEST
    }
    title, author = (_said(said.get(name, "")) for name in ("Title", "Author"))
    if (
        _NO_TITLE.fullmatch(title)
        or title in {said.get("Creator"), said.get("Producer")}
        or title.casefold() in {PurePath(source).stem.casefold(), PurePath(source).name.casefold()}
        or not _is_legible(title)
    ):
        title = ""
    if _NO_AUTHOR.fullmatch(author) or author == title or not _is_legible(author):
        author = ""
    keywords = [word.strip() for word in re.split("[,;]", said.get("Keywords", ""))]
    return ArticleFacts(
        title=title,
        author=author,
        published=_date(said.get("CreationDate", "")),
        language=language_of(said.get("Language", "")),
        extra=extra_of(
            [
                ("keywords", [word for word in keywords if _said(word)]),
                ("subject", _said(said.get("Subject", ""))),
            ]
        ),
    )


def _said(value: str) -> str:
    return "" if value.casefold() in _NOTHING else value


def _plain(value: str) -> str:
    return "".join(
        character for character in value if character.isprintable() or character.isspace()
    )


def _is_legible(text: str) -> bool:
    """Whether it is not the bytes of another encoding."""
    return "\N{REPLACEMENT CHARACTER}" not in text and not re.search("[\x80-\x9f]|þÿ", text)


def _date(text: str) -> date | None:
    match = _DATE.match(text)
    if match is None:
        return None
    try:
        day = date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None
    # Clocks that were never set tell of 1970 or 1980.
    return day if day.year >= _FIRST_YEAR else None

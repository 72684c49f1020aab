"""What a source says of itself, from any value it may be given in to the shape an Article holds.

Metadata is never a reason to refuse an article: what cannot be understood is unknown.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from typing import TYPE_CHECKING

from indexer.text.blanks import single_blanks

if TYPE_CHECKING:
    from collections.abc import Iterable

FIELDS = frozenset(("id", "_id", "title", "text", "url", "site", "author", "published", "language"))
"""The names a bulk file may give to what the index keeps; "_id" is another name of "id"."""

_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?![\d-])")
_HALVES = re.compile("[\ud800-\udfff]")
_WORD = re.compile(r"\w+")
_LANGUAGE = re.compile(r"([A-Za-z]{2})(?:[-_].*)?", re.DOTALL)


def words_of(text: str) -> list[str]:
    """Return the words by which two renderings of one text are told to be the same."""
    return _WORD.findall(text.casefold())


def text_of(value: object) -> str:
    """Return a value as one line of text, "" unless it is text or a number."""
    if value is None:
        return ""
    if isinstance(value, str):
        return single_blanks(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return ""


def clean(text: str) -> str:
    """Return a field in NFC, with plain line ends and without the halves of broken escapes."""
    if not text.isascii():
        if _HALVES.search(text):
            # JSON can name half of a character, which no file can hold.
            text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        text = unicodedata.normalize("NFC", text)
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def author_of(value: object) -> str:
    """Return the names in a value, a text or a list of texts.

    They are joined with ", ", or with "; " where one of several has a comma itself.
    """
    if value is None:
        return ""
    values: Iterable[object] = value if isinstance(value, (list, tuple)) else (value,)
    names = list(filter(None, map(text_of, values)))
    return ("; " if len(names) > 1 and any("," in name for name in names) else ", ").join(names)


def date_of(value: object) -> date | None:
    """Return the day a value names, a date or a text that begins with YYYY-MM-DD.

    None for a year or a month alone, which name no day, and for a day that never was.
    """
    if value is None:
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    match = _DATE.match(text_of(value))
    if match is None:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def language_of(value: object) -> str:
    """Return the ISO 639-1 code a tag begins with, "en" for "en-GB"; "" if there is none."""
    if value is None:
        return ""
    match = _LANGUAGE.fullmatch(text_of(value))
    return match[1].lower() if match else ""

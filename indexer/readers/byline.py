"""Recognises the lines under a title that name author, date and language; pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
_NAME = r"[^\W\d_a-zß-öø-ÿ][\w.'’-]*"
_NAMES = rf"{_NAME}(?: (?:(?:de|da|del|di|la|van|von|der|den|bin|al|and) )*{_NAME}){{1,5}}"
_BY = re.compile(rf"(?:By|BY) (?P<names>{_NAMES}(?:(?:,| and| &) {_NAMES})*)")
# "By Any Means": capitalised like a name in a headline, and no name.
_NO_NAMES = re.compile(
    r"\b(?:the|an?|any|all|our|my|your|his|her|its|their|this|that|no|popular|land|sea|air)\b",
    re.IGNORECASE,
)
_AUTHOR = re.compile(r"(?:author|written by)s?:\s*(?P<names>\S.{0,98}\S)", re.IGNORECASE)
_DATED = re.compile(r"(?:(?:published|posted|date)(?: on)?:?\s+)?(?P<day>\S.{5,30})", re.IGNORECASE)
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ]\d\d:\d\d\S*)?")
_DAY_FIRST = re.compile(r"(\d{1,2})\.? ([a-z]+),? (\d{4})", re.IGNORECASE)
_MONTH_FIRST = re.compile(r"([a-z]+) (\d{1,2}),? (\d{4})", re.IGNORECASE)
_LANGUAGE = re.compile(r"lang(?:uage)?:\s*(?P<code>[a-z]{2})(?:[-_][a-z]{2})?", re.IGNORECASE)
_LONGEST_CHARS = 120


@dataclass(frozen=True, slots=True)
class Byline:
    """What one line says; the fields are those of Article, empty where it says nothing."""

    author: str = ""
    published: date | None = None
    language: str = ""


def parse_byline(text: str) -> Byline | None:
    """What a line says of author, date or language, None unless that is all it can mean.

    >>> parse_byline("Published: 3 February 2025").published
    datetime.date(2025, 2, 3)
    >>> parse_byline("By the river")
    """
    if len(text) > _LONGEST_CHARS:
        return None
    found = _BY.fullmatch(text)
    if found and not _NO_NAMES.search(found["names"]):
        return Byline(author=_names(found["names"]))
    if found := _AUTHOR.fullmatch(text):
        return Byline(author=_names(found["names"]))
    if found := _LANGUAGE.fullmatch(text):
        return Byline(language=found["code"].lower())
    if (found := _DATED.fullmatch(text)) and (published := _day(found["day"])):
        return Byline(published=published)
    return None


def _names(text: str) -> str:
    """Several names, joined as Article.author has them."""
    return ", ".join(part.strip() for part in re.split(r",| and | & ", text) if part.strip())


def _day(text: str) -> date | None:
    """The calendar date written in a text, None if there is none or more than that."""
    if found := _ISO.fullmatch(text):
        year, month, day = (int(part) for part in found.groups())
    elif found := _DAY_FIRST.fullmatch(text):
        year, month, day = int(found[3]), _month(found[2]), int(found[1])
    elif found := _MONTH_FIRST.fullmatch(text):
        year, month, day = int(found[3]), _month(found[1]), int(found[2])
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:  # the 31st of February, or no month's name
        return None


def _month(name: str) -> int:
    """The number of a month named in full or by its first three letters, 0 if it is none."""
    short = name.lower().rstrip(".")
    return next(
        (
            number
            for number, month in enumerate(_MONTHS, start=1)
            if short == month or (len(short) == 3 and month.startswith(short))
        ),
        0,
    )

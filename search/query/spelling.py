"""How the query language is spelled: its names, its marks, and what of a word needs an escape."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from enum import Enum
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def lazily(pattern: str, flags: int = 0) -> Callable[[], re.Pattern[str]]:
    """A function that returns a compiled pattern; compiling takes long, and few need them all."""
    return cache(lambda: re.compile(pattern, flags))


class Field(Enum):
    """What part of a passage or its article is searched; the value is the name in queries.

    TEXT, which has none, is the paragraph with its title, headings and article, which rank; OWN is
    its own text alone.
    """

    # Members are single objects; Enum's own hash takes a call of Python.
    __hash__ = object.__hash__

    TEXT = ""
    OWN = "text"
    TITLE = "title"
    HEADING = "heading"
    ARTICLE = "article"
    AUTHOR = "author"
    SOURCE = "source"
    LANG = "lang"
    WHERE = "where"
    # Where in a document a passage stands.
    PAGE = "page"
    CHAPTER = "chapter"
    SLIDE = "slide"
    PARAGRAPH = "paragraph"
    MESSAGE = "message"
    ENTRY = "entry"
    RECORD = "record"
    SECTION = "section"
    CELL = "cell"
    TIME = "time"
    MEMBER = "member"


class DateWord(Enum):
    """The names that take a day, month or year; the value is the name in queries.

    AFTER and BEFORE leave that period itself out; PUBLISHED takes it whole, or from one to another.
    """

    PUBLISHED = "published"
    AFTER = "after"
    BEFORE = "before"


PLACE_FIELDS = frozenset(
    {
        *(Field.PAGE, Field.CHAPTER, Field.SLIDE, Field.PARAGRAPH, Field.MESSAGE, Field.ENTRY),
        *(Field.RECORD, Field.SECTION, Field.CELL, Field.TIME, Field.MEMBER),
    }
)
"""Fields of passages that say where in a document they stand, see ``indexer.text.places``."""
NUMBERED_FIELDS = PLACE_FIELDS - {Field.CHAPTER, Field.SECTION, Field.TIME, Field.MEMBER}
"""Those that are numbers, from 1."""
RAW_FIELDS = frozenset({Field.ARTICLE, Field.SOURCE, Field.WHERE}) | PLACE_FIELDS
"""Fields whose values are taken as they are typed: paths, identifiers, FIELD=VALUE."""

OPERATORS = frozenset({"AND", "OR", "NOT"})
NEAR = lazily(r"NEAR(?:/([0-9]+))?")
"""Between two words or before parentheses: words within so many of each other."""
DEFAULT_NEAR_WORDS = 10
ARTICLE = "ARTICLE"
"""Before parentheses: what is in them may be spread over the paragraphs of an article."""
QUOTES = '"“”„‟«»＂'
NAME = lazily(r"([^\W\d][\w.-]*):")
_NAMES = lazily(r"(?<![\w.-])([^\W\d][\w.-]*+):")
"""What looks like the name of a field at the start of a word."""
ADDRESS = lazily(r"\w(://)(?=.)", re.DOTALL)
"""What makes a word a web address, in which * and ? are no wildcards."""

FIELD_NAMES: dict[str, Field | DateWord] = {
    item.value: item
    for item in (
        Field.TITLE,
        Field.HEADING,
        Field.ARTICLE,
        Field.AUTHOR,
        Field.SOURCE,
        Field.LANG,
        Field.WHERE,
        Field.OWN,
        *DateWord,
    )
}

OTHER_NAMES: dict[str, Field | DateWord] = {
    "date": DateWord.PUBLISHED,
    "file": Field.SOURCE,
    "filename": Field.SOURCE,
    "folder": Field.SOURCE,
    "from": Field.AUTHOR,
    "host": Field.SOURCE,
    "intext": Field.OWN,
    "intitle": Field.TITLE,
    "language": Field.LANG,
    "path": Field.SOURCE,
    "site": Field.SOURCE,
    "subject": Field.TITLE,
    "url": Field.SOURCE,
}
"""What fields are called elsewhere; understood where a value follows directly."""
PLACE_NAMES = {field.value: field for field in Field if field in PLACE_FIELDS}
"""Words of every day, and so understood as fields only where a value follows directly."""

_QUOTED_TEXT = lazily(rf"[{QUOTES}](?:\\.|[^{QUOTES}\\])*+[{QUOTES}]", re.DOTALL)
# The end of a sentence after a word without wildcards, escapes or other syntax.
_SENTENCE_END = lazily(
    rf"(?<!\S)[{QUOTES}(]*[^\s*?~^\\:/{QUOTES}()]*\w[{QUOTES})]*[.?!][{QUOTES})]*\s+[(]*(\S)"
)
_SURE_SYNTAX = lazily(rf"\^|NEAR/[0-9]|\b(?:NEAR|{ARTICLE})\(")
_EDGE_SYMBOLS = frozenset(
    "$+<=>^`|~"
    "\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"  # invisible
)
_SYNTAX = frozenset(QUOTES + "\\()^*?|")


def is_edge(char: str) -> bool:
    """Whether char is punctuation, which falls away at the ends of a word."""
    if char.isalnum() or char == "_":
        return False
    category = unicodedata.category(char)
    return category[0] == "P" or category == "Cc" or char in _EDGE_SYMBOLS


def is_shouted(text: str) -> bool:
    """Whether a text is prose all in capitals, in which AND, OR and NOT are words.

    It is where other words stand side by side in it; ``NATO AND EU`` is a query.

    >>> is_shouted("DO NOT ENTER"), is_shouted("WAR AND PEACE IN EUROPE"), is_shouted("A OR B")
    (True, True, False)
    """
    if any(map(str.islower, text)) or _SURE_SYNTAX().search(text):
        return False
    tokens = [token.strip("()") for token in _QUOTED_TEXT().sub(" x ", text).split()]
    words = [token for token in tokens if token in OPERATORS or has_word(token)]
    return (
        not OPERATORS.isdisjoint(words)
        and any(word.isupper() for word in words if word not in OPERATORS)
        and any(
            one not in OPERATORS and other not in {"AND", "OR"} for one, other in pairwise(words)
        )
    )


def has_sentences(text: str) -> bool:
    """Whether a text is prose of several sentences.

    >>> has_sentences('Who said "phone trees"? I need it.'), has_sentences("title:x. Y wh?t Z")
    (True, False)
    """
    if not any(end in text for end in ".?!"):
        return False
    if any(name[1].lower() in FIELD_NAMES for name in _NAMES().finditer(text)):
        return False
    unquoted = _QUOTED_TEXT().sub("X", text)
    return any(end[1].isupper() or end[1] in QUOTES for end in _SENTENCE_END().finditer(unquoted))


def has_word(text: str) -> bool:
    """Whether text holds anything beside punctuation and white space."""
    return any(not char.isspace() and not is_edge(char) for char in text)


def is_kept_start(text: str, at: int) -> bool:
    """Whether the punctuation at the start of a word belongs to it, as in @name, #tag, .NET."""
    return (
        text[at] in "@#."
        and at + 1 < len(text)
        and not is_edge(text[at + 1])
        and text[at - 1 : at] != "."
    )


def _is_kept_end(text: str) -> bool:
    """Whether the punctuation at the end of a word belongs to it, as in C++ and C#."""
    stem = text.rstrip("+#")
    return len(stem) < len(text) and stem != "" and not is_edge(stem[-1])


# Writing. An escape is always safe, so what is unsure is escaped.


def named(where: Field, value: str) -> str:
    """Return value with the name of its field before it, where it needs one."""
    return value if where is Field.TEXT else f"{where.value}:{value}"


def _escaped(text: str, marks: set[int]) -> str:
    return "".join("\\" + char if at in marks else char for at, char in enumerate(text))


def spell_term(text: str) -> str:
    """Return a word so that it is read as it stands, in a web address with ``*`` and ``?`` bare."""
    if ":" not in text:
        return spell_word(text)
    name = NAME().match(text)
    is_field = name is not None and name[1].lower() in FIELD_NAMES
    if is_field or not ADDRESS().search(text):
        return spell_word(text)
    return _escaped(text, _marks(text, _SYNTAX - {"*", "?"}) | _edge_marks(text))


def spell_word(text: str, wild: frozenset[int] = frozenset()) -> str:
    """Return a word, all that is special in it escaped but for the positions in wild."""
    if text.isalnum() and text not in OPERATORS and text != "NEAR":
        return text  # as most words are
    marks = _marks(text, _SYNTAX | {"~"}) | _edge_marks(text)
    marks.update(match.end(1) for match in (NAME().match(text),) if match)
    marks.update(match.start(1) for match in (ADDRESS().search(text),) if match)
    return _escaped(text, marks - wild)


def _marks(text: str, special: frozenset[str]) -> set[int]:
    return {at for at, char in enumerate(text) if char in special or char.isspace()}


def _edge_marks(text: str) -> set[int]:
    """What of the ends of a word would be lost, or makes the word an operator."""
    marks = set()
    if (
        text in OPERATORS
        or NEAR().fullmatch(text)
        or (is_edge(text[0]) and not is_kept_start(text, 0))
    ):
        marks.add(0)
    if is_edge(text[-1]) and not _is_kept_end(text):
        marks.add(len(text) - 1)
    return marks


def spell_raw(where: Field, text: str, wild: frozenset[int] = frozenset()) -> str:
    """Return a value of a raw field with the name before it; wild as in ``spell_word``."""
    marks = {at for at, char in enumerate(text) if char in _SYNTAX and at not in wild}
    if any(char.isspace() for char in text):
        return f'{where.value}:"{_escaped(text, {at for at in marks if text[at] not in "()^"})}"'
    return f"{where.value}:{_escaped(text, marks)}"


def spell_bare(text: str) -> str:
    """Return a value of article: or source:, or the end of one, so that it needs no quotes."""
    return _escaped(text, _marks(text, _SYNTAX))


def read_pattern(pattern: str) -> tuple[str, frozenset[int]]:
    """Return the characters of a wildcard pattern and which of them are wild."""
    chars: list[str] = []
    wild: set[int] = set()
    for match in re.finditer(r"\\(.)|(.)", pattern, re.DOTALL):
        if match[2] in ("*", "?"):
            wild.add(len(chars))
        chars.append(match[1] or match[2])
    return "".join(chars), frozenset(wild)


def spell_dates(first: date | None, last: date | None) -> str:
    """Return the shortest value of published: that means the days from first to last."""
    if first is None and last is None:
        return "*"
    for size in (4, 7, 10):  # the year, the month, the day, whichever says it in full
        if not _is_rounded(first, last, size):
            continue
        start, end = (day.isoformat()[:size] if day else "" for day in (first, last))
        return start if start == end else f"{start}..{end}"
    raise AssertionError("a day is always exact")  # pragma: no cover


def _is_rounded(first: date | None, last: date | None, size: int) -> bool:
    """Whether the first size characters of both days say from where to where."""
    starts = first is None or first.isoformat()[size:] in ("", "-01", "-01-01")
    return starts and (last is None or _ends(last, size))


def _ends(last: date, size: int) -> bool:
    """Whether last is the last day of the year, month or day its first size characters name."""
    return (
        last == date.max
        or last.isoformat()[:size] != ((last + timedelta(days=1)).isoformat()[:size])
    )

"""Values of records, from any form that tools give them to texts, names and days; pure."""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from indexer.readers.fields import author_of, date_of, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

_SLASHED = re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})(?!\d)")
_LETTER = re.compile(r"[^\W\d_]")
# What ends a sentence within a text; abbreviations do it too, so one of them tells nothing.
_NEXT_SENTENCE = re.compile(r"[.!?][\"'”’)\]]* +[\"'“‘(\[]*[^\W\d_a-z]")
#: Keys of what is in a list, and what stands over them.
_INNER_TEXT = ("text", "content", "context", "body", "paragraph", "sentence", "value")
_INNER_HEADING = ("section", "heading", "title")
_DEEPEST = 4


def is_text(value: object) -> bool:
    """Whether a value holds words: a text, or a list or an object that has one."""
    return any(_LETTER.search(text) for _, text in texts_of(value))


def is_said(value: object) -> bool:
    """Whether a value is more than a blank, or holds words; for keys that mean one thing."""
    return bool(text_of(value)) or is_text(value)


def is_address(value: object) -> bool:
    """Whether a value is the address of a page."""
    return isinstance(value, str) and value.startswith(("http://", "https://"))


def texts_of(value: object, depth: int = 0) -> Iterator[tuple[str, str]]:
    """Yield the paragraphs in a value, each with the heading over it, "" for none.

    A list has paragraphs, or the sentences of one if hardly any of them has several.
    """
    if isinstance(value, str):
        yield "", value
    elif isinstance(value, list | tuple) and depth < _DEEPEST:
        if all(isinstance(one, str) for one in value):
            if len(value) > 1 and _are_sentences(value):
                yield "", " ".join(value)
            else:
                yield from (("", one) for one in value)
            return
        for one in value:
            if isinstance(one, list) and all(isinstance(inner, str) for inner in one):
                yield "", " ".join(one)
            else:
                yield from texts_of(one, depth + 1)
    elif isinstance(value, dict) and depth < _DEEPEST:
        inner = next((value[name] for name in _INNER_TEXT if value.get(name)), None)
        heading = next(
            (value[name] for name in _INNER_HEADING if isinstance(value.get(name), str)), ""
        )
        for own, text in texts_of(inner, depth + 1) if inner is not None else ():
            yield own or heading, text


def _are_sentences(texts: list[str] | tuple[str, ...]) -> bool:
    several = sum("\n" in text.strip() or _NEXT_SENTENCE.search(text) is not None for text in texts)
    return several * 4 <= len(texts)


def names_of(value: object) -> str:
    """The names in a value: of a text, of an object (CSL, JSON feeds), or of a list of those."""
    if isinstance(value, list | tuple):
        return author_of([_name_of(one) for one in value])
    return author_of(_name_of(value))


def _name_of(value: object) -> object:
    if not isinstance(value, dict):
        return value
    for name in ("name", "literal", "full_name", "fullname", "display_name"):
        if text := text_of(value.get(name)):
            return text
    first = text_of(value.get("given") or value.get("first"))
    last = text_of(value.get("family") or value.get("last"))
    return f"{first} {last}".strip()


def day_of(value: object) -> date | None:
    """The day a value names, in the forms that date_of() knows, as in mails, or in parts (CSL)."""
    if isinstance(value, dict):
        parts = value.get("date-parts")
        value = parts[0] if isinstance(parts, list) and parts else value.get("raw")
    if isinstance(value, list | tuple):
        if len(value) != 3 or not all(str(one).isdecimal() for one in value):
            return None
        value = "-".join(str(one) for one in value)
    found = date_of(value)
    if found is not None or not isinstance(value, str):
        return found
    if slashed := _SLASHED.match(value.strip()):
        return date_of("-".join(slashed.groups()))
    try:
        return parsedate_to_datetime(value).date()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None

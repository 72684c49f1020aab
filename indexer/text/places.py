"""Where in a document a passage stands, where lines do not say it: page 12, chapter "Loomings".

A *locator* is a few such places, the outer one first, each a kind and a value: a number, a text, or
a time of the form HH:MM:SS. Each is one term of the index field ``places`` of the passage:

    kind=folded NUL value

Numbers are padded with zeros, so that terms lie in the order of what they say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.text.analysis import encoded, fold
from indexer.text.values import END, MOST_VALUE_CHARS

if TYPE_CHECKING:
    from indexer.model import Locator

#: The index field.
PLACES_FIELD = "places"
#: Places that are numbers, from 1.
NUMBERED = frozenset(("page", "slide", "message", "entry", "record", "paragraph", "cell"))
_DIGITS = 9


def padded(number: int | str) -> str:
    """A number as terms have it.

    >>> padded(12)
    '000000012'
    """
    return str(number).rjust(_DIGITS, "0")


def folded(text: str) -> str:
    """A text without case and accents, with single blanks.

    >>> folded("Crossing  again, by Élodie")
    'crossing again, by elodie'
    """
    return " ".join(map(fold, text.split()))


def place_terms(locator: Locator) -> list[bytes]:
    """The terms of a locator, each once."""
    return list(dict.fromkeys(encoded(_term(kind, value)) for kind, value in locator))


def _term(kind: str, value: int | str) -> str:
    if isinstance(value, int):
        return f"{kind}={padded(value)}{END}{value}"
    value = value[:MOST_VALUE_CHARS].replace(END, "\N{REPLACEMENT CHARACTER}")
    return f"{kind}={folded(value)}{END}{value}"

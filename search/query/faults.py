"""What the reading of a query reports: faults, each with its place, its remedy and its outcome."""

from __future__ import annotations

from enum import Enum

from indexer.model import Span
from indexer.tuples import NamedTuple

MAX_LEAVES = 1_024
MAX_LEVELS = 50
#: Longer texts are no questions; each character costs a microsecond or more.
MAX_CHARS = 50_000
#: Products of as many as there are levels, summed up over all words, are far from overflowing.
MAX_BOOST = 10_000.0

_SHOWN_CHARS = 40


class Strictness(Enum):
    """What becomes of text that breaks the rules of the language."""

    LENIENT = "lenient"
    STRICT = "strict"
    LITERAL = "literal"


class Warned(NamedTuple):
    """One thing in the query that was not taken as it stands.

    Attributes:
        message: what was not understood and how it was taken.
        span: its place in the query text, in code points; None when it concerns the whole query.
    """

    message: str
    span: Span | None = None


class Fault(NamedTuple):
    """One thing not taken as it stands: its place, the fault with its remedy, how it was taken.

    Where there is a remedy it stands behind the last "; " of the message, and has nothing of the
    query in it.
    """

    span: Span
    message: str
    taken: str

    @property
    def parted(self) -> tuple[str, str]:
        """The fault, and the remedy, "" where there is none."""
        fault, mark, remedy = self.message.rpartition("; ")
        return (fault, remedy) if mark else (remedy, "")


def too_deep(span: Span) -> Fault:
    """Return the fault of what opens a group below the last level."""
    message = f"the query is nested more than {MAX_LEVELS} levels deep; use fewer parentheses"
    return Fault(span, message, "deeper ones are ignored")


def too_many(start: int, text: str) -> Fault:
    """Return the fault of a query text whose words from start on are over the limit."""
    message = f"the query has more than {MAX_LEAVES:,} words; shorten it"
    return Fault(Span(start, len(text)), message, "the rest is left out")


def too_long(text: str) -> Fault:
    """Return the fault of a query text of more characters than are read."""
    message = f"the query has more than {MAX_CHARS:,} characters; shorten it"
    return Fault(Span(MAX_CHARS, len(text)), message, "the rest is left out")


def near_before_group(span: Span) -> Fault:
    """Return the fault of a NEAR that a space parts from the parentheses behind it."""
    message = "NEAR is a word before a space; for the operator write NEAR(a b, 5)"
    return Fault(span, message, "searched as a word")


def near_without_number(span: Span) -> Fault:
    """Return the fault of a NEAR that is given something else than a number of words."""
    message = (
        "NEAR/ takes a number of words, NEAR/5; for words anywhere in an article write ARTICLE(a b)"
    )
    return Fault(span, message, "searched as a word")


def shown(text: str) -> str:
    """Return text in quotation marks for a message, its end cut off if it is long."""
    return repr(text if len(text) <= _SHOWN_CHARS else text[: _SHOWN_CHARS - 1] + "…")

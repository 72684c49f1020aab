"""Regular expressions of queries: what is wrong with one, and which words one fits in time; pure.

They are matched by a library that can be interrupted. What it cannot do in bounded time or memory
is to read an expression whose counts multiply, so such ones are refused.
"""

from __future__ import annotations

import re
import unicodedata
import warnings
from functools import lru_cache
from typing import TYPE_CHECKING

from indexer.text.analysis import APOSTROPHES, fold
from search.query.faults import MAX_LEVELS

if TYPE_CHECKING:
    from collections.abc import Callable

    import regex

    from search.deadline import Deadline

MAX_REGEX_CHARS = 1_000
MAX_REPEATS = 1_000

_PIECE = re.compile(
    r"\\.|\[\^?\]?(?:\\.|[^\]\\])*+\]?|\((?:\?[^\s()]*?[:>=!])?|\{(\d*)(?:,(\d*))?\}|.", re.DOTALL
)
# A query has 1,024 words at most.
_MOST_COMPILED = 1_024
# For a search without a limit: the library takes no number without end.
_LONGEST_SECONDS = 1e6


def expression_fault(pattern: str) -> str | None:
    """Return what is wrong with a pattern and what to do, or None."""
    if len(pattern) > MAX_REGEX_CHARS:
        return f"has more than {MAX_REGEX_CHARS:,} characters; shorten it"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of constructs that later Pythons may read otherwise
            re.compile(pattern)
    except re.error as error:
        place = "" if error.pos is None else f" at its character {error.pos + 1}"
        return f"is not valid ({error.msg}{place}); correct it"
    except (OverflowError, RecursionError):
        return "is too complex; simplify it"
    levels, repeats = _extent(pattern)
    if levels > MAX_LEVELS:
        return f"is nested more than {MAX_LEVELS} levels deep; simplify it"
    if repeats > MAX_REPEATS:
        return f"repeats more than {MAX_REPEATS:,} times, one count in another; lower its counts"
    return None if _is_understood(regex_expression(pattern)) else "is too complex; simplify it"


def _extent(pattern: str) -> tuple[int, int]:
    """How deep groups lie in each other, and how often the counts of one inner part repeat it.

    >>> _extent("((a{2}){3,5}b){4}"), _extent("[(]{9}"), _extent(r"a{7}(b{2}){3}")
    ((2, 40), (0, 9), (1, 7))
    """
    most = [1]  # by open group, the repeats of what is in it
    deepest = last = 1
    for piece in _PIECE.finditer(pattern):
        if piece[0][0] == "(":
            most.append(1)
            last = 1
            deepest = max(deepest, len(most))
        elif piece[0] == ")" and len(most) > 1:
            last = most.pop()
        elif piece[0][0] == "{" and (piece[1] or piece[2]):
            # A number of more digits than that is large enough whatever they are.
            last *= max(1, *(int(number[:9]) for number in piece.groups() if number))
        elif piece[0] not in "*+?":
            last = 1
        most[-1] = max(most[-1], last)
    return deepest - 1, max(most)


def regex_expression(pattern: str) -> str:
    """A regular expression of Python's re in the dialect of regex, for folded words.

    A brace that is no count is a plain brace, not the sign of a fuzzy match. Letters are folded
    and apostrophes straight, where that leaves the expression valid.
    """

    def folded_char(found: re.Match[str]) -> str:
        if not found[1]:
            return found[0]
        return re.escape("'" if found[1] in APOSTROPHES else fold(found[1]) or found[1])

    plain = re.sub(
        r"\\N\{[^}]*\}|\\.|\{(?!\d*,?\d*\})",
        lambda found: "\\{" if found[0] == "{" else found[0],
        unicodedata.normalize("NFC", pattern),
        flags=re.DOTALL,
    )
    folded = re.sub(r"\\[\x00-\x7f]|\\?([^\x00-\x7f])", folded_char, plain)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the parser let it pass
            re.compile(folded)
    except re.error:  # such as the range [z-é], which folding turns upside down
        return plain
    return folded


def fitting(expression: str, deadline: Deadline) -> Callable[[str], bool]:
    """A function that tells whether an expression fits a text as a whole, whatever its case.

    It raises SearchTimeoutError when the time is over, also in the middle of a text.
    """
    fullmatch = _compiled(expression).fullmatch

    def fits(text: str) -> bool:
        while True:
            left = deadline.left_seconds()
            try:
                found = fullmatch(text, timeout=left if left < _LONGEST_SECONDS else None)
            except TimeoutError:
                # The library takes the processor time of all threads for the time: while others
                # work it stops too soon. What is left is less then, so that this has an end.
                continue
            return found is not None

    return fits


@lru_cache(_MOST_COMPILED)
def _compiled(expression: str) -> regex.Pattern[str]:
    import regex  # noqa: PLC0415 - it has a time limit, and only expressions pay for its import

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # as above
        return regex.compile(expression, regex.IGNORECASE | regex.V0)


def _is_understood(expression: str) -> bool:
    """Whether the library that matches can read what is valid for Python's own."""
    import regex  # noqa: PLC0415 - as above

    try:
        _compiled(expression)
    except (regex.error, OverflowError, RecursionError, ValueError):
        return False
    return True

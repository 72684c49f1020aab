"""Where a text may be broken, and how many columns of a terminal it takes; pure."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise

from indexer.model import Span

# White space ends a piece, no-break spaces do not, and a zero width space is there to be broken at.
_PIECE = "(?:[^\\s\u200b]|[\u00a0\u2007\u202f])+"
_JOINER = "\u200d"


def grapheme_spans(text: str) -> list[Span]:
    """The user-perceived characters of text, in order and without gaps."""
    starts: list[int] = []
    before = ""
    flag_letters = 0  # in an unbroken run up to here; two make a flag, so a third begins another
    for at, char in enumerate(text):
        flag_letters = flag_letters + 1 if _is_flag_letter(char) else 0
        if not before or not (_is_joined_to(before, char) or flag_letters % 2 == 0 < flag_letters):
            starts.append(at)
        before = char
    return [Span(start, end) for start, end in pairwise([*starts, len(text)])]


def piece_spans(text: str) -> list[Span]:
    """The pieces of text that a line or a snippet keeps whole, in order, white space left out.

    A piece is a word with its punctuation. Scripts written without spaces (Chinese, Japanese)
    break between characters, but not before closing or after opening punctuation.
    """
    pieces: list[Span] = []
    for found in re.finditer(_PIECE, text):
        word = found.group()
        if word.isascii() or not any(map(_breaks_freely, word)):
            pieces.append(Span(*found.span()))
        else:
            pieces.extend(
                Span(found.start() + start, found.start() + end) for start, end in _split_wide(word)
            )
    return pieces


def display_width(text: str) -> int:
    """Columns that text takes on a terminal: wide characters 2, combining ones 0."""
    if text.isascii():
        return len(text)
    columns = sum(map(_columns, text))
    if _JOINER in text:  # what is joined is drawn into the character before it
        columns -= sum(_columns(after) for before, after in pairwise(text) if before == _JOINER)
    return columns


def wrap_spans(text: str, *, width_columns: int | None) -> list[Span]:
    """The lines that text takes, as spans of it; a line break in text starts a new one.

    Args:
        text: spaces at the start of its lines are kept.
        width_columns: most columns a line may take; None never breaks a line. A piece wider than
            that stands whole on a line of its own, for a terminal folds it and copies it whole.
    """
    lines: list[Span] = []
    at = 0
    for line in text.split("\n"):
        if width_columns is None or (line.isascii() and len(line) <= width_columns):
            lines.append(Span(at, at + len(line)))
        else:
            lines.extend(
                Span(at + start, at + end) for start, end in _wrap_line(line, width_columns)
            )
        at += len(line) + 1
    return lines


def _wrap_line(line: str, width_columns: int) -> list[Span]:
    lines: list[Span] = []
    start = end = columns = 0
    for piece in piece_spans(line):
        grown = columns + display_width(line[end : piece.end])
        if grown > width_columns and end > start:
            lines.append(Span(start, end))
            start = piece.start
            grown = display_width(line[piece.start : piece.end])
        end, columns = piece.end, grown
    return [*lines, Span(start, end)]


def _split_wide(word: str) -> list[Span]:
    parts: list[Span] = []
    for grapheme in grapheme_spans(word):
        if parts and _holds_together(word, parts[-1], grapheme.start):
            parts[-1] = Span(parts[-1].start, grapheme.end)
        else:
            parts.append(grapheme)
    return parts


def _holds_together(word: str, part: Span, at: int) -> bool:
    if not (_breaks_freely(word[part.start]) or _breaks_freely(word[at])):
        return True
    return _closes(word[at]) or unicodedata.category(word[at - 1]) in {"Ps", "Pi"}


def _is_joined_to(before: str, char: str) -> bool:
    """Whether a code point is drawn together with the one before it, flags left aside."""
    if char.isascii():
        return before == "\r" and char == "\n"
    return before == _JOINER or _is_joining(char)


@lru_cache(maxsize=1 << 12)
def _is_joining(char: str) -> bool:
    return (
        unicodedata.category(char) in {"Mn", "Me", "Mc"}
        or char in "\u200c\u200d"
        or "\u1160" <= char <= "\u11ff"  # Korean vowels and finals written as letters
        or "\U0001f3fb" <= char <= "\U0001f3ff"  # skin tones
        or "\U000e0020" <= char <= "\U000e007f"  # tags that make a flag of a region
    )


def _is_flag_letter(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _closes(char: str) -> bool:
    return unicodedata.category(char) in {"Pe", "Pf", "Po"} or char in "ー々"


@lru_cache(maxsize=1 << 12)
def _breaks_freely(char: str) -> bool:
    # Korean is written with spaces, so its syllables keep together.
    return unicodedata.east_asian_width(char) in "WF" and not "\uac00" <= char <= "\ud7a3"


@lru_cache(maxsize=1 << 12)
def _columns(char: str) -> int:
    category = unicodedata.category(char)
    if (_is_joining(char) and category != "Mc") or (category == "Cf" and char != "\u00ad"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1

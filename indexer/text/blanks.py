"""Texts whose words stand one blank apart; pure."""

from __future__ import annotations


def single_blanks(text: str) -> str:
    r"""A text on one line, with one blank between its words and none around them.

    Most are like that already, which is told in a fraction of the time: of all white space only the
    blank is printable.

    >>> single_blanks(" one\ttwo\n three"), single_blanks("one two")
    ('one two three', 'one two')
    """
    if text.isprintable() and "  " not in text and text[:1] != " " and text[-1:] != " ":
        return text
    return " ".join(text.split())

"""The text of lines, and which hyphens at their ends are part of a word.

A hyphen at a line's end is left out if the joined word stands elsewhere in the document, and kept
if the hyphenated one does. Of the others a document whose lines are not broken within words, as the
rest of it shows, keeps all, and another one none.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from indexer.readers.pdf.lines import Line

_END = re.compile("(?<=\\w)[-\u00ad\u2010]$")
_SHY = "\N{SOFT HYPHEN}"
_WORD = re.compile("\\w+(?:[-\u2010'’]\\w+)*")
_LAST = re.compile("[\\w'’]+(?:[-\u2010][\\w'’]+)*$")
_FIRST = re.compile("^[\\w'’]+(?:[-\u2010][\\w'’]+)*")
# Words are set side by side in these: no space where a line ends.
_DENSE = re.compile(
    "[\u2e80-\u2fff\u3000-\u30ff\u3100-\u312f\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef"
    "\U00020000-\U0003ffff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]"
)
# Of the lines of a document whose words are broken so many at least end within one.
_BROKEN_SHARE = 0.015
_LONGEST_WORD = 60
_LEADERS = re.compile(r"\s*(?:\.\s?){4,}\s*|\s*…{2,}\s*|(?:\s\.){2,}\s+(?=\S{1,5}$)")
# What they lead to is short, and ends the line; in other lines dots stand for what is left out.
_ENTRY = re.compile(r"(?:(?:\.\s?){4,}|…{2,}|(?:\s\.){2,}\s+(?=\S))\s*\S{0,8}$")


def has_leaders(text: str) -> bool:
    """Whether dots lead from an entry to its page."""
    return _ENTRY.search(text) is not None


class Hyphens:
    """Joins the lines of one document."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self._words: set[str] = set()
        ends: list[tuple[str, str]] = []
        count = 0
        before = ""
        for line in lines:
            count += 1
            words = _WORD.findall(line.text.casefold())
            if before and words:
                ends.append((before, words[0]))
                words = words[1:]
            before = ""
            if _END.search(line.text) and words:
                before = words.pop()
            self._words.update(words)
        joined = kept = 0
        for first, last in ends:
            if first + last in self._words:
                joined += 1
            elif f"{first}-{last}" in self._words:
                kept += 1
        self._breaks_words = joined > kept or (joined == kept and len(ends) > _BROKEN_SHARE * count)

    def text(self, lines: Sequence[Line]) -> str:
        """The words of some lines as one text."""
        parts = [lines[0].text] if lines else []
        for line in lines[1:]:
            before, more = parts[-1], line.text
            if _END.search(before[-2:]):
                parts[-1] = before[:-1] + ("-" if self._is_hyphen(before[:-1], more) else "")
            elif not (_DENSE.match(before[-1:]) or _DENSE.match(more)):
                parts.append(" ")
            parts.append(more)
        text = "".join(parts).replace(_SHY, "-")
        return " ".join(_LEADERS.sub(" ", text).split())

    def _is_hyphen(self, before: str, more: str) -> bool:
        first, last = _LAST.search(before[-_LONGEST_WORD:]), _FIRST.match(more)
        return first is None or last is None or self._is_kept(first[0], last[0])

    def _is_kept(self, first: str, last: str) -> bool:
        if not last[0].islower() or not first[-1].isalpha():
            return True
        one, other = first.casefold(), last.casefold()
        if one + other in self._words:
            return False
        if f"{one}-{other}" in self._words:
            return True
        return not self._breaks_words

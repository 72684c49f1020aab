"""Which lines of pages are running heads, feet and page numbers.

They are the outermost rows of a page, at most three at each end, and

- say the same at one height on several pages, or
- begin or end with a number that goes with the pages, or
- stand where most pages have such a row, of the same size.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from indexer.readers.pdf.lines import Line

_MOST_ROWS = 3
_SAME_ROW = 3.0
# Parts of a size: rows of a paragraph are nearer to each other.
_APART = 1.5
# So much of the pages, and so many of them, show that something is repeated.
_SHARE, _LEAST_PAGES = 0.08, 3
_SLOT_SHARE = 0.3
_ENDS = re.compile(
    r"^\W*(\d{1,4})(?![\d.,]*\d)\b|(?<![\d.,])(\d{1,4})(?:\s*(?:of|/|von|sur|de|из)\s*\d{1,4})?\W*$"
)
# A sentence behind a number is a note.
_NOTE = re.compile(r"\W*\d{1,4}\W*(?:\s[^\W\d]\S*){4}.*[.!?][^\w\s]{0,3}\s*")
_ROMAN = re.compile(r"^\W*([ivxlc]{1,8})\b|\b([ivxlc]{1,8})\W*$")
_ROMAN_DIGITS = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
_NUMBERS = re.compile(r"\d+")
# A heading at the top of a page is no running head.
_LARGER, _LEAST_LETTERS = 1.08, 4
_ALONE = re.compile(r"\W*(?:page\s+)?1(?:\s*(?:of|/)\s*1)?\W*", re.IGNORECASE)

_Row = list["Line"]
# At which end, and how high.
_Slot = tuple[int, int]


def furniture_of(pages: Sequence[Sequence[Line]]) -> set[int]:
    """The id() of each line that is furniture.

    Args:
        pages: the lines of each page.
    """
    ends = [(number, end, rows) for number, end, rows in _ends(pages)]
    if len(pages) == 1:
        return {
            id(line)
            for _, end, rows in ends
            for row in rows[:1]
            for line in row
            if end and len(row) == 1 and _ALONE.fullmatch(line.text)
        }
    sizes = Counter(line.size for lines in pages for line in lines for _ in line.text)
    signs = _Signs(ends, len(pages), sizes.most_common(1)[0][0])
    found: set[int] = set()
    slots: Counter[tuple[_Slot, float]] = Counter()
    for number, end, rows in ends:
        for row in signs.outermost(rows, number, end):
            slots.update({(slot, row[0].size) for slot in _slots(row, end)})
            found.update(map(id, row))
    least = max(_LEAST_PAGES, _SLOT_SHARE * len(pages))
    for _, end, rows in ends:
        for row in rows[:_MOST_ROWS]:
            if signs.is_heading(row):
                break
            if id(row[0]) not in found:
                if not any(slots[slot, row[0].size] >= least for slot in _slots(row, end)):
                    break
                found.update(map(id, row))
    return found


def _ends(pages: Sequence[Sequence[Line]]) -> Iterator[tuple[int, int, list[_Row]]]:
    """Yield the number of each page, 0 for its top and 1 for its foot, and the rows there."""
    for number, lines in enumerate(pages, start=1):
        ordered = sorted(lines, key=lambda line: -line.y)
        rows: list[_Row] = []
        for line in ordered:
            if rows and rows[-1][0].y - line.y < _SAME_ROW:
                rows[-1].append(line)
            else:
                rows.append([line])
        # One more, by which it is seen how far the last of them is from the text.
        yield number, 0, rows[: _MOST_ROWS + 1]
        yield number, 1, rows[::-1][: _MOST_ROWS + 1]


def _slots(row: _Row, end: int) -> Iterator[_Slot]:
    for step in (0, -1, 1):
        yield end, round(row[0].y) + step


class _Signs:
    """What shows that a row is furniture."""

    def __init__(
        self, ends: Sequence[tuple[int, int, list[_Row]]], pages: int, size: float
    ) -> None:
        self._size = size
        self._words = Counter(_words(line) for _, _, rows in ends for row in rows for line in row)
        seen: defaultdict[tuple[_Slot, str], set[int]] = defaultdict(set)
        offsets: defaultdict[tuple[_Slot, int], set[int]] = defaultdict(set)
        for number, end, rows in ends:
            for row in rows:
                for line in row:
                    for slot in _slots(row, end):
                        seen[slot, line.text].add(number)
                for offset in _offsets(row, number):
                    for slot in _slots(row, end):
                        offsets[slot, offset].add(number)
        least = 2 if pages <= 2 * _LEAST_PAGES else _LEAST_PAGES
        self._repeated = {key for key, numbers in seen.items() if len(numbers) >= least}
        # On few pages the same lines may begin each, as the names of columns do.
        share = max(least, _SHARE * pages)
        self._offsets = {key for key, numbers in offsets.items() if len(numbers) >= share}

    def outermost(self, rows: Sequence[_Row], number: int, end: int) -> Sequence[_Row]:
        """The rows of an end of a page that are furniture.

        Where only what they say tells it, they stand apart from the text: pages may begin alike.
        """
        count = 0
        for place, row in enumerate(rows[:_MOST_ROWS]):
            if not (self._is_numbered(row, number, end) or self._is_repeated(row, end)):
                break
            if self.is_heading(row):
                break
            inner = rows[place + 1] if place + 1 < len(rows) else None
            if (
                self._is_numbered(row, number, end)
                or inner is None
                or abs(inner[0].y - row[0].y) > _APART * max(inner[0].size, row[0].size)
            ):
                count = place + 1
        return rows[:count]

    def is_heading(self, row: _Row) -> bool:
        """Whether a row is large or bold, and its words are on no other page."""
        line = row[0]
        return (
            len(row) == 1
            and (line.size > _LARGER * self._size or (line.is_bold and line.size >= self._size))
            and sum(map(str.isalpha, line.text)) >= _LEAST_LETTERS
            and self._words[_words(line)] == 1
        )

    def _is_numbered(self, row: _Row, number: int, end: int) -> bool:
        slot = end, round(row[0].y)
        return any((slot, offset) in self._offsets for offset in _offsets(row, number))

    def _is_repeated(self, row: _Row, end: int) -> bool:
        slot = end, round(row[0].y)
        return all((slot, line.text) in self._repeated for line in row)


def _words(line: Line) -> str:
    return " ".join(_NUMBERS.sub(" ", line.text).casefold().split())


def _offsets(row: _Row, number: int) -> set[int]:
    """What is to be added to a page's number to have one that its row begins or ends with."""
    found: set[int] = set()
    for line in row:
        if _NOTE.fullmatch(line.text):
            continue
        for match in _ENDS.finditer(line.text):
            found.add(int(match[1] or match[2]) - number)
        for match in _ROMAN.finditer(line.text):
            if len(line.text) < 12:
                found.add(_roman(match[1] or match[2]) - number)
    return found


def _roman(text: str) -> int:
    values = [_ROMAN_DIGITS[letter] for letter in text]
    return sum(
        -value if value < after else value
        for value, after in zip(values, [*values[1:], 0], strict=True)
    )

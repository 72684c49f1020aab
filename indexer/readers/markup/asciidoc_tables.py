"""Tables of AsciiDoc: lines between ``|===`` -> rows of cells; pure."""

from __future__ import annotations

import csv
import re
from itertools import islice
from typing import TYPE_CHECKING

from indexer.model import Lines

if TYPE_CHECKING:
    from collections.abc import Sequence

TABLE_MARK = ("|===", ",===", ":===", "!===")
# "2+^.>s|": how far a cell reaches, how it is set, and what is in it.
_CELL = re.compile(r"(?:^|(?<=\s))(?:(\d+)(\*)|(\d+)?(?:\.\d+)?\+)?[<^>]?(?:\.[<^>])?[a-z]?\|")
_COLUMNS = re.compile(r'cols\s*=\s*(?:"([^"]*)"|\'([^\']*)\'|([^,\]]*))')
_REPEATED = re.compile(r"(\d+)\*")
_MOST_COLUMNS = 200


def rows_of(
    lines: Sequence[str], first: int, mark: str, style: Sequence[str]
) -> tuple[list[tuple[list[str], Lines]], int]:
    """The rows of a table, each with its place, and how many of them name its columns.

    Args:
        lines: between the lines that delimit it.
        first: the number of the first.
        mark: what the cells begin with, or have between them.
        style: what is said of it in brackets above.
    """
    said = ",".join(style)
    is_headed = "header" in said or _has_blank_below(lines)
    if mark in ",:":
        rows = _separated(lines, first, mark)
    else:
        rows = _cells(lines, first, mark, _columns(said))
    is_headed = is_headed and "noheader" not in said
    return rows, 1 if is_headed and len(rows) > 1 else 0


def _has_blank_below(lines: Sequence[str]) -> bool:
    """Whether the first line, and nothing before it, is followed by a blank one."""
    return len(lines) > 1 and bool(lines[0].strip()) and not lines[1].strip()


def _separated(lines: Sequence[str], first: int, mark: str) -> list[tuple[list[str], Lines]]:
    rows = []
    for at, line in enumerate(lines):
        cells = next(csv.reader([line], delimiter=mark), []) if line.strip() else []
        if cells:
            rows.append((cells, Lines(first + at, first + at)))
    return rows


def _columns(said: str) -> int:
    """How many columns a style has; 0 where it does not say."""
    found = _COLUMNS.search(said)
    if found is None:
        return 0
    widths = (found[1] or found[2] or found[3] or "").strip()
    if widths.isdecimal():
        return min(int(widths[:4]), _MOST_COLUMNS)
    columns = 0
    for width in islice(re.split("[,;]", widths), _MOST_COLUMNS):
        repeated = _REPEATED.match(width.strip())
        columns += min(int(repeated[1][:4]), _MOST_COLUMNS) if repeated else 1
    return columns


def _cells(
    lines: Sequence[str], first: int, mark: str, columns: int
) -> list[tuple[list[str], Lines]]:
    """Cells in rows of so many; where that is not known, as many as the first line has."""
    pattern = _CELL if mark == "|" else re.compile(r"(?:^|(?<=\s))\w*!")
    rows: list[tuple[list[str], Lines]] = []
    cells: list[str] = []
    begun = first
    for at, line in enumerate(lines):
        escaped = line.replace("\\|", "\ufdd0")
        found = list(pattern.finditer(escaped))
        before = escaped[: found[0].start()] if found else escaped
        if cells:
            cells[-1] += "\n" + before
        for place, cell in enumerate(found):
            if columns and len(cells) >= columns:
                rows.append((cells, Lines(begun, first + at - 1)))
                cells = []
            if not cells:
                begun = first + at
            end = found[place + 1].start() if place + 1 < len(found) else len(escaped)
            times = min(int(cell[1][:3]), _MOST_COLUMNS) if mark == "|" and cell[2] else 1
            cells += [escaped[cell.end() : end]] * times
            spans = min(int((cell[3] or "1")[:3]), _MOST_COLUMNS) if mark == "|" else 1
            cells += [""] * (spans - 1)
        columns = columns or len(cells)
    if cells:
        rows.append((cells, Lines(begun, first + len(lines) - 1)))
    return [([cell.replace("\ufdd0", "|").strip() for cell in row], place) for row, place in rows]

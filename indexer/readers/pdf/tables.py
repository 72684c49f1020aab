"""Lines that stand side by side -> rows of tables, or one line where they are none."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from indexer.readers.pdf.hyphens import has_leaders
from indexer.readers.pdf.measures import is_same_size
from indexer.readers.pdf.rules import NEAR

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from indexer.readers.pdf.grids import Cell
    from indexer.readers.pdf.lines import Line

_SAME_ROW, _ALIGNED = 0.35, 3.0
_LEAST_ROWS = 2
# So many lines of cells beside each other, all of them level, are rows of their own.
_LEAST_LEVEL = 3
# Cells above that one is compared with.
_MOST_COMPARED = 40
# Cells with more characters on the average are no table: boxes of text, the frame of a page.
_LONGEST_CELL = 500
# A row may go on in so many lines, each no further down than lines of a paragraph are.
_PITCH = 1.45


def with_rows(column: Sequence[Line]) -> list[Line | list[list[Line]]]:
    """The lines of a column as they are read; those of a row of a table are a list of its cells.

    Each cell is a list of lines. What stands side by side and is no table is made one line.
    """
    rows = [list(row) for row in _rows(column)]
    found: list[Line | list[list[Line]]] = []
    for table, group in groupby(_in_tables(rows), key=lambda item: item[1]):
        held = [row for row, _ in group]
        is_table = bool(table)
        if is_table and _is_contents(held):
            for row in held:
                row[0].is_entry = True
            is_table = False
        found += _cells(held) if is_table else [_merged(row) for row in held]
    return found


def _rows(column: Sequence[Line]) -> Iterator[list[Line]]:
    row: list[Line] = []
    for line in column:
        if row and abs(line.y - row[-1].y) <= _SAME_ROW * line.size and line.x0 >= row[-1].x1 - 1:
            row.append(line)
            continue
        if row:
            yield row
        row = [line]
    if row:
        yield row


def _in_tables(rows: Sequence[list[Line]]) -> list[tuple[list[Line], int]]:
    """Each row with the number of the table it is in, 0 outside of tables."""
    numbers = [0] * len(rows)
    place = table = 0
    while place < len(rows):
        end = _table_end(rows, place) if len(rows[place]) > 1 else place
        many = sum(len(row) > 1 for row in rows[place:end])
        if many >= _LEAST_ROWS and not any(has_leaders(row[0].text) for row in rows[place:end]):
            table += 1
            numbers[place:end] = [table] * (end - place)
            place = end
        else:
            place += 1
    return list(zip(rows, numbers, strict=True))


def _is_contents(rows: Sequence[list[Line]]) -> bool:
    """Whether rows are titles, each with the number of its page."""
    pages = [int(row[-1].text) if row[-1].text.isdecimal() else -1 for row in rows]
    return (
        len(rows) > _LEAST_ROWS
        and all(len(row) == 2 for row in rows)
        and pages[0] >= 0
        and pages == sorted(pages)
    )


def _table_end(rows: Sequence[list[Line]], start: int) -> int:
    """Behind the last row that goes with the one at start."""
    columns = list(rows[start])
    end = start + 1
    last = end
    while end < len(rows):
        row, before = rows[end], rows[end - 1][0]
        if row[0].y >= before.y or before.y - row[0].y > 4 * before.size:
            break
        aligned = sum(any(_is_under(cell, other) for other in columns) for cell in row)
        if len(row) > 1 and aligned >= max(2, len(row) - 1):
            columns = [*columns, *row][-_MOST_COMPARED:]
            last = end + 1
        elif not (len(row) == 1 and aligned and _is_within(row[0], columns, before)):
            break
        elif last == end and _is_below(row[0], rows[end - 1][-1], columns, rows[start][0]):
            # The last row may go on as well.
            last = end + 1
        end += 1
    return last


def _is_below(line: Line, cell: Line, columns: Sequence[Line], first: Line) -> bool:
    """Whether a line goes on with the last cell above, which is not the first, in its width."""
    right = max(one.x1 for one in [*columns, cell] if abs(one.x0 - cell.x0) <= _ALIGNED)
    return (
        abs(line.x0 - cell.x0) <= _ALIGNED
        and line.x0 > first.x1
        and is_same_size(line, cell)
        and line.x1 <= right + 1
    )


def _is_under(cell: Line, other: Line) -> bool:
    return (
        abs(cell.x0 - other.x0) <= _ALIGNED
        or abs(cell.x1 - other.x1) <= _ALIGNED
        or abs(cell.x0 + cell.x1 - other.x0 - other.x1) <= 2 * _ALIGNED
    )


def _is_within(line: Line, columns: Sequence[Line], before: Line) -> bool:
    """Whether a line is no wider than the column it is in, and close to the one above."""
    right = min(
        (other.x0 for other in columns if other.x0 > line.x0 + _ALIGNED), default=line.x1 + 1
    )
    return line.x1 <= right and before.y - line.y <= _PITCH * line.size


def _cells(rows: Sequence[list[Line]]) -> list[list[list[Line]]]:
    """The rows of a table; a line alone goes on with the cell above it, but not with the first."""
    found: list[list[list[Line]]] = []
    starts = {round(cell.x0 + step) for row in rows for cell in row[1:] for step in (-1, 0, 1)}
    for row in (_split(row, starts) for row in rows):
        above = found[-1] if found else None
        if len(row) == 1 and above is not None and len(above) > 1:
            cell = next((cell for cell in above[1:] if _is_under(row[0], cell[0])), None)
            if cell is not None:
                cell.append(row[0])
                continue
        found.append([[line] for line in row])
    return found


def _split(row: Sequence[Line], starts: AbstractSet[int]) -> list[Line]:
    """A row, its lines cut where a word behind a gap begins in a column of the others."""
    cells: list[Line] = []
    for line in row:
        rest = line
        for place, x in line.gaps:
            if round(x) in starts:
                at = place - len(line.text) + len(rest.text)
                left = replace(rest, text=rest.text[:at].rstrip(), x1=x - 1)
                rest = replace(rest, text=rest.text[at:], x0=x, label="")
                cells.append(left)
        cells.append(rest)
    return cells


def ruled(lines: Sequence[Line]) -> list[Line]:
    """The lines of a page, one for each table that rules draw, which holds its rows."""
    tables: dict[int, list[Line]] = {}
    for line in lines:
        if line.cell is not None:
            tables.setdefault(line.cell.table, []).append(line)
    found: dict[int, Line] = {}
    for number, held in tables.items():
        rows = _ruled_rows(held)
        cells = sum(map(len, rows))
        if max(map(len, rows)) > 1 and sum(len(one.text) for one in held) < _LONGEST_CELL * cells:
            top = rows[0][0][0]
            found[number] = replace(
                top,
                text=" ".join(one.text for row in rows for cell in row for one in cell),
                x0=min(line.x0 for line in held),
                x1=max(line.x1 for line in held),
                label="",
                gaps=(),
                is_marked=False,
                rows=rows,
            )
    kept: list[Line] = []
    is_put: set[int] = set()
    for line in lines:
        number = line.cell.table if line.cell is not None else -1
        if number not in found:
            kept.append(line)
        elif number not in is_put:
            is_put.add(number)
            kept.append(found[number])
    return kept


def _ruled_rows(lines: Sequence[Line]) -> list[list[list[Line]]]:
    """Lines -> rows of cells, from the top; a cell over several rows is in the first."""
    cells: dict[Cell, list[Line]] = {}
    for line in lines:
        if line.cell is not None:
            cells.setdefault(line.cell, []).append(line)
    rows: list[list[Cell]] = []
    for cell in sorted(cells, key=lambda one: -one.top):
        if rows and rows[-1][0].top - cell.top <= NEAR:
            rows[-1].append(cell)
        else:
            rows.append([cell])
    found: list[list[list[Line]]] = []
    for row in rows:
        found += _level([_in_order(cells[cell]) for cell in sorted(row, key=lambda one: one.left)])
    return found


def _level(row: list[list[Line]]) -> list[list[list[Line]]]:
    """A row; those that no rules part, which shows by lines that are level in all cells."""
    first = row[0]
    if len(row) < 2 or len(first) < _LEAST_LEVEL or len({len(cell) for cell in row}) > 1:
        return [row]
    for level in zip(*row, strict=True):
        if any(abs(line.y - level[0].y) > _SAME_ROW * line.size for line in level):
            return [row]
    return [[[line] for line in level] for level in zip(*row, strict=True)]


def _in_order(lines: Sequence[Line]) -> list[Line]:
    ordered = sorted(lines, key=lambda line: (-round(line.y), line.x0))
    return [_merged(row) for row in _rows(ordered)]


def _merged(row: Sequence[Line]) -> Line:
    first, last = row[0], row[-1]
    if len(row) > 1:
        sizes = [line.size for line in row for _ in line.text]
        first.size = max(set(sizes), key=sizes.count)
        for before, line in pairwise(row):
            first.text += f" {line.text}" if line.x0 > before.x1 + 0.1 * line.size else line.text
            first.style &= line.style
        first.x1, first.hang = last.x1, last.x0
    return first

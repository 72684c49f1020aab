"""How a row of a table is written as text; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from indexer.model import Lines


def row_text(cells: Sequence[str], names: Sequence[str] = ()) -> str:
    """The cells of a row that hold anything, each with the name of its column if it has one.

    >>> row_text(["Aber", "", "6:10"], ["port", "high", "low"])
    'port: Aber | low: 6:10'
    >>> row_text(["Aber", "6:10"])
    'Aber | 6:10'
    """
    texts = []
    for at, cell in enumerate(cells):
        text = " ".join(cell.split())
        name = " ".join(names[at].split()).rstrip(":") if at < len(names) else ""
        if text:
            texts.append(f"{name}: {text}" if name else text)
    return " | ".join(texts)


def row_texts(
    rows: Sequence[tuple[Sequence[str], Lines]], *, heads: int
) -> Iterator[tuple[str, Lines]]:
    """Yield the text and the place of each row of a table, under the names of its columns.

    Those stand in the first rows, so many as heads says. They are rows of their own only where
    some of their words would be nowhere else: no row has a cell in that column.
    """
    body = rows[heads:]
    width = max((len(cells) for cells, _ in rows[:heads]), default=0)
    names = [
        " ".join(cells[at].strip() for cells, _ in rows[:heads] if at < len(cells)).strip()
        for at in range(width)
    ]
    used = {at for cells, _ in body for at, cell in enumerate(cells) if cell.strip()}
    if any(name and at not in used for at, name in enumerate(names)):
        for cells, lines in rows[:heads]:
            yield row_text(cells), lines
    for cells, lines in body:
        yield row_text(cells, names), lines

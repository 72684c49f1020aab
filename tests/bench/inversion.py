"""The product's stemmed field of paragraphs and nothing else: ``inversion RECORDS FOLDER``.

For comparing libraries at the same work. Run as a process, ``python -m tests.bench.inversion``,
it reads records, inverts their texts as English in batches and writes the postings of the stems
with positions, and the lengths of the texts, by the classes that ``indexer add`` uses. Left out is
what only the product does: articles, paragraphs and their languages, the fields of exact forms and
headings, stored records, the lock and the commit. Exact forms are found and sorted all the same,
as ``BatchInverter`` makes both, and then dropped.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.storage.collected import PostingTable
from indexer.text.batches import BatchInverter

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# As much text at a time as ``indexer add`` takes.
_BATCH_CHARS = 500_000


def write_stems(records: Path, folder: Path) -> None:
    """Index a file of records in an empty folder."""
    postings = PostingTable()
    inverter = BatchInverter(postings.terms)
    first = 0
    with (folder / "lengths").open("wb") as lengths:
        for texts in _batches(records):
            end = first + len(texts)
            inverted = inverter.invert(range(first, end), texts, ["en"] * len(texts))
            postings.add_run("stems", inverted.stems)
            lengths.write(inverted.lengths_of(first, end))
            first = end
    with (folder / "postings").open("wb") as file:
        postings.write(file)


def _batches(records: Path) -> Iterator[Sequence[str]]:
    """Yield the texts, many together."""
    texts: list[str] = []
    size_chars = 0
    with records.open(encoding="utf-8") as file:
        for line in file:
            texts.append(json.loads(line)["text"])
            size_chars += len(texts[-1])
            if size_chars >= _BATCH_CHARS:
                yield texts
                texts, size_chars = [], 0
    if texts:
        yield texts


def main() -> None:
    """Index the file that the command line names."""
    records, folder = map(Path, sys.argv[1:])
    folder.mkdir()
    write_stems(records, folder)


if __name__ == "__main__":
    main()

"""What is taken out as no prose: ``python -m tests.bench.prose [-v] PATH...``.

Printed are, by kind, the files that are passed over, how large they are when they are unpacked, and
how many passages each would have been; with ``-v`` the files. What is read as plain text and stays
is the last row, without its passages. A path that ends in .jsonl has paragraphs of articles, which
are put together by their ``source``, forty at a time: none of these should be taken out.
"""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.articles import Article
from indexer.files import find_files
from indexer.readers.budget import Budget
from indexer.readers.encoding import binary_fault
from indexer.readers.formats import pick_format
from indexer.readers.packing import PACKING_ERRORS, unpacked
from indexer.readers.prose import kind_of, samples
from indexer.readers.reading import read_stream
from tests.bench.tables import figure, note, show_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_MOST_BYTES = 100 << 20
_TOGETHER = 40
_PROSE = "prose"


def texts(paths: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """Yield what would be read as plain text: its name, and what it holds."""
    for path in paths:
        if path.endswith(".jsonl"):
            yield from _articles(Path(path))
            continue
        for file in find_files([path]).files:
            try:
                with file.path.open("rb") as stream:
                    data = unpacked(stream).read(_MOST_BYTES)
            except (OSError, *PACKING_ERRORS):
                continue
            if not binary_fault(data) and pick_format(file.source, data).name == "text":
                yield file.source, data


def _articles(path: Path) -> Iterator[tuple[str, bytes]]:
    paragraphs: dict[str, list[str]] = defaultdict(list)
    with path.open("rb") as stream:
        for line in stream:
            record = json.loads(line)
            paragraphs[record.get("source", "")].append(record["text"])
    for source, of_source in paragraphs.items():
        for first in range(0, len(of_source), _TOGETHER):
            text = "\n\n".join(of_source[first : first + _TOGETHER])
            yield f"{source}:{first}", text.encode()


def passages_of(data: bytes) -> int:
    """How many passages a text would be, whatever it is."""
    budget = Budget(_MOST_BYTES, 1e6, 100_000_000)
    found = read_stream(BytesIO(data), source="-", format_name="text", budget=budget)
    return sum(len(one.blocks) for one in found if isinstance(one, Article))


def main(arguments: Sequence[str]) -> None:
    """Look at files, and print a table."""
    files, size_bytes, passages = Counter[str](), Counter[str](), Counter[str]()
    for name, data in texts([one for one in arguments if one != "-v"]):
        kind = kind_of(samples(data)) or _PROSE
        files[kind] += 1
        size_bytes[kind] += len(data)
        if kind != _PROSE:
            passages[kind] += passages_of(data)
            if "-v" in arguments:
                note(f"{kind}: {name}")
    kinds = sorted(files, key=lambda kind: (kind == _PROSE, -size_bytes[kind]))
    rows = [
        (
            kind,
            f"{files[kind]:,}",
            figure(size_bytes[kind] / 1e6),
            f"{passages[kind]:,}" if kind != _PROSE else "",
        )
        for kind in kinds
    ]
    show_table(("kind", "files", "MB", "passages"), rows)


if __name__ == "__main__":
    main(sys.argv[1:])

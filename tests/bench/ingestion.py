"""How fast files of many formats are indexed: ``indexer add`` beside stock Whoosh and recoll.

The first files of a folder, by their names, that are text, Markdown or HTML are copied, and all
systems index the copies. Whoosh gets each file as one text, its markup too, which is the least a
program around it would do: it knows neither paragraphs nor titles. recoll is ``recollindex`` with
no settings but the folder.

    python -m tests.bench.ingestion FILES FOLDER

builds Whoosh's index.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.bench.baselines import WHOOSH_MB
from tests.bench.cost import COST_COLUMNS, cost_cells, cost_of, size_bytes
from tests.bench.tables import figure, note, show, show_table
from tests.commands import BIN

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_MOST_FILES = 5_000
_SUFFIXES = (".txt", ".text", ".md", ".markdown", ".html", ".htm", ".xhtml")
_PYTHON_DOCUMENTATION = ("/usr/share/doc", "python3.*/html/index.html")


class _Ingester(NamedTuple):
    """A system that reads files: its command, the statuses it ends with, its index."""

    name: str
    command: list[str]
    allowed: Collection[int]
    index_dir: Path


def documentation() -> Path | None:
    """Python's own documentation as Linux distributions install it, if it is there."""
    root, pattern = _PYTHON_DOCUMENTATION
    return next((found.parent for found in sorted(Path(root).glob(pattern))), None)


def show_ingestion(folder: Path, temporary: Path) -> None:
    """Index the files of a folder by each system and print what it costs."""
    copies = temporary / "files"
    files = _copy_files(folder, copies)
    source_bytes = size_bytes(copies)
    if not files:
        raise SystemExit(f"{folder}: no files named {', '.join(_SUFFIXES)}")
    show(f"Files: {files:,} text, Markdown and HTML, {source_bytes / 1e6:.1f} MB.")
    rows = []
    for name, command, allowed, index_dir in _ingesters(copies, temporary):
        note(f"files: {name}")
        cost = cost_of(command, index_dir, allowed=allowed)
        rows.append([name, *cost_cells(cost), figure(source_bytes / 1e6 / cost.seconds)])
    show_table(["system", *COST_COLUMNS, "MB/s"], rows)
    if shutil.which("recollindex") is None:
        show("recoll is left out: there is no recollindex on the PATH.")


def _copy_files(folder: Path, target: Path) -> int:
    """Copy the files that are measured; how many they are."""
    files = [
        path
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in _SUFFIXES
        and path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ][:_MOST_FILES]
    for path in files:
        copy = target / path.relative_to(folder)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    return len(files)


def _ingesters(files: Path, temporary: Path) -> Iterator[_Ingester]:
    """Yield the systems that are here."""
    index_dir = temporary / "files-product"
    add = [str(BIN / "indexer"), "-i", str(index_dir), "add", str(files)]
    # 1: some file could not be read, which is none of the measurement's business.
    yield _Ingester("passage-search", add, (0, 1), index_dir)
    index_dir = temporary / "files-whoosh"
    build = [sys.executable, "-m", "tests.bench.ingestion", str(files), str(index_dir)]
    yield _Ingester("stock Whoosh", build, (0,), index_dir)
    if recollindex := shutil.which("recollindex"):
        index_dir = temporary / "files-recoll"
        index_dir.mkdir()
        (index_dir / "recoll.conf").write_text(f"topdirs = {files}\n", "utf-8")
        yield _Ingester("recoll", [recollindex, "-c", str(index_dir)], (0,), index_dir)


def main() -> None:
    """Index the files of a folder with stock Whoosh, a file a document."""
    from whoosh.analysis import StemmingAnalyzer  # noqa: PLC0415
    from whoosh.fields import ID, TEXT, Schema  # noqa: PLC0415
    from whoosh.index import create_in  # noqa: PLC0415

    files, folder = map(Path, sys.argv[1:])
    folder.mkdir()
    schema = Schema(path=ID(stored=True), text=TEXT(StemmingAnalyzer(), stored=True))
    writer = create_in(str(folder), schema).writer(limitmb=WHOOSH_MB)
    for path in sorted(files.rglob("*")):
        if path.is_file():
            writer.add_document(path=str(path), text=path.read_text("utf-8", "replace"))
    writer.commit()


if __name__ == "__main__":
    main()

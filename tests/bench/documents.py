"""What reading 100 pages of each format takes: ``python -m tests.bench.documents [NAME...]``.

The pages are made by all makers there are (``tests.making.each``), six paragraphs on each, and read
by the reader of their format in a process of its own. Printed are processor seconds for a first
document of one page, which loads the library, then for 100 pages, and these as a multiple of those
for a plain text of the same pages, to compare with on whatever machine this is.
"""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
from importlib.metadata import metadata, packages_distributions
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from indexer import readers
from indexer.articles import Article
from indexer.readers.reading import read_stream
from tests.bench.tables import figure, note, show_table
from tests.making.each import makers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.making.each import Maker

PAGES = 100
PARAGRAPHS = 6
_WORDS = (  # noqa: SIM905
    "the tide was out when Mara walked over wet sand to see how old boats lay in winter berths "
    "nobody had told her that a lamp still burned there so she kept her coat on and waited for rain"
).split()


def _processor_seconds() -> float:
    """What this process has taken so far, and those that it began and that have ended."""
    return sum(os.times()[:4])


def pages_of(number: int, seed: int = 13) -> list[list[str]]:
    """So many pages, each a heading and paragraphs of some fifty words, always the same."""
    chance = random.Random(seed)  # noqa: S311 - no secret

    def sentence(words: int) -> str:
        return " ".join(chance.choices(_WORDS, k=words)).capitalize()

    return [
        [
            sentence(4),
            *(
                f"{sentence(14)}. {sentence(20)}, {sentence(9)}. {sentence(11)}."
                for _ in range(PARAGRAPHS)
            ),
        ]
        for _ in range(number)
    ]


def measured(first: Path, whole: Path, format_name: str) -> dict[str, Any]:
    """What reading two documents takes in this process, which has read nothing yet."""
    seconds_first, _ = _read(first, format_name)
    seconds, found = _read(whole, format_name)
    return {
        "first": seconds_first,
        "seconds": seconds,
        "passages": sum(len(one.blocks) for one in found if isinstance(one, Article)),
        "skipped": [one.detail for one in found if not isinstance(one, Article)],
        "modules": sorted({name.partition(".")[0] for name in sys.modules}),
        "bytes": whole.stat().st_size,
    }


def _read(path: Path, format_name: str) -> tuple[float, list[Any]]:
    stream = BytesIO(path.read_bytes())
    started = _processor_seconds()
    found = list(read_stream(stream, source=path.name, format_name=format_name))
    return _processor_seconds() - started, found


def used_by_readers() -> set[str]:
    """The modules that readers import themselves, by their first names."""
    return {
        name
        for path in Path(readers.__file__).parent.rglob("*.py")
        for name in re.findall(r"^ *(?:from|import) (\w+)", path.read_text("utf-8"), re.MULTILINE)
    }


def libraries(modules: list[str]) -> tuple[str, str]:
    """The distributions of those modules that readers import, and their licences."""
    distributions = packages_distributions()
    used = set(modules) & used_by_readers() - set(sys.stdlib_module_names) - {"indexer"}
    names = {name for module in used for name in distributions.get(module, ())}
    return ", ".join(sorted(names)), ", ".join(sorted({_licence(name) for name in names}))


def _licence(name: str) -> str:
    told = metadata(name).json
    classifiers = [
        one.rpartition(" :: ")[2]
        for one in told.get("classifier", ())
        if one.startswith("License ::")
    ]
    names = (told.get("license_expression"), ", ".join(classifiers), told.get("license"), "?")
    return next(str(one).partition("\n")[0] for one in names if one)


def _in_own_processes(names: list[str], folder: Path) -> Iterator[tuple[Maker, dict[str, Any]]]:
    for maker in makers():
        if names and maker.name not in names and maker.name != "text":
            continue
        note(maker.name)
        first, whole = (folder / f"{kind}{maker.suffix}" for kind in ("first", "whole"))
        first.write_bytes(maker.make(pages_of(1)))
        whole.write_bytes(maker.make(pages_of(PAGES)))
        command = [sys.executable, "-m", "tests.bench.documents", "--measure"]
        command += [str(first), str(whole), maker.format_name]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        yield maker, json.loads(done.stdout)


def main(arguments: list[str]) -> None:
    """Measure, and print a table."""
    if arguments[:1] == ["--measure"]:
        print(json.dumps(measured(Path(arguments[1]), Path(arguments[2]), arguments[3])))
        return
    rows = []
    plain_seconds = 0.0
    with TemporaryDirectory() as folder:
        for maker, found in _in_own_processes(arguments, Path(folder)):
            plain_seconds = plain_seconds or found["seconds"]
            library, licence = libraries(found["modules"])
            rows.append(
                (
                    maker.name,
                    library or "-",
                    licence or "-",
                    figure(found["first"]),
                    figure(found["seconds"]),
                    figure(found["seconds"] / plain_seconds),
                    f"{found['passages']:,}",
                    "; ".join(found["skipped"][:1]) or "-",
                )
            )
    head = ("format", "library", "licence", "first page, s", "100 pages, s", "of plain text")
    show_table((*head, "blocks", "skipped"), rows)


if __name__ == "__main__":
    main(sys.argv[1:])

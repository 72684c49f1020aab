"""How well the HTML reader finds the article in a page: ``python -m tests.bench.html_extraction``.

FOLDER holds ``html/ID.html.gz`` and ``ground-truth.json`` ({ID: {"articleBody": text}}), as in
Scrapinghub's article extraction benchmark. Printed are

- article F1 by that benchmark's measure: words in runs of four, counted with repetitions; each
  page weighs the same; F1 of the mean precision and the mean recall; the names of the columns of a
  table count once, as the truth has them;
- boundary F1: of the paragraph ends of one side whose three words before and three after stand
  together on the other side as well, how many are paragraph ends there too;
- headings kept: of the h2 to h5 of the page that are a paragraph of the truth, how many are a block
  of ours; headings marked: how many are a block of kind HEADING.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING

from lxml import html as lxml_html

from indexer.articles import Article
from indexer.model import BlockKind
from tests.readings import read_articles

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from indexer.articles import Block

RUN_WORDS = 4
CONTEXT_WORDS = 3
_WORD = re.compile(r"\w+")

Grams = Counter[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares from 0 to 1 over all pages, and the number of pages."""

    pages: int
    precision: float
    recall: float
    boundary_precision: float
    boundary_recall: float
    headings_kept: float
    headings_marked: float

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall of the article's words."""
        return _harmonic(self.precision, self.recall)

    @property
    def boundary_f1(self) -> float:
        """Harmonic mean of precision and recall of the paragraph ends."""
        return _harmonic(self.boundary_precision, self.boundary_recall)


def measure(folder: Path) -> Figures:
    """Return how the HTML reader does on the pages of a folder."""
    truth = json.loads((folder / "ground-truth.json").read_text(encoding="utf-8"))
    precision: list[float] = []
    recall: list[float] = []
    boundary_precision: list[float] = []
    boundary_recall: list[float] = []
    headings = kept = marked = 0
    for name, page in truth.items():
        data = gzip.decompress((folder / "html" / f"{name}.html.gz").read_bytes())
        blocks = [
            (kind, tuple(words(text)))
            for article in read_articles(data, source=f"{name}.html", format_name="html")
            if isinstance(article, Article)
            for kind, text in _names_once(article.blocks)
        ]
        ours = [text for _, text in blocks if text]
        gold = [tuple(found) for line in page["articleBody"].split("\n") if (found := words(line))]
        same, our_runs, gold_runs = _overlap(ours, gold)
        if our_runs:
            precision.append(same / our_runs)
        if gold_runs:
            recall.append(same / gold_runs)
        if (share := _ends_shared(ours, gold)) is not None:
            boundary_precision.append(share)
        if (share := _ends_shared(gold, ours)) is not None:
            boundary_recall.append(share)
        our_headings = {text for kind, text in blocks if kind is BlockKind.HEADING}
        for heading in _headings(data):
            if heading in gold:
                headings += 1
                kept += heading in ours
                marked += heading in our_headings
    return Figures(
        pages=len(truth),
        precision=mean(precision),
        recall=mean(recall),
        boundary_precision=mean(boundary_precision),
        boundary_recall=mean(boundary_recall),
        headings_kept=kept / headings,
        headings_marked=marked / headings,
    )


def words(text: str) -> list[str]:
    """Return the words of a text in lower case."""
    return _WORD.findall(text.lower())


def _names_once(blocks: Sequence[Block]) -> Iterator[tuple[BlockKind, str]]:
    """Yield kinds and texts, the names of columns in a row before those that have them.

    The truth has them once, in the first row of the table.
    """
    named: set[str] = set()
    for block in blocks:
        if block.kind is not BlockKind.TABLE_ROW:
            named.clear()
            yield block.kind, block.text
            continue
        cells = [cell.rpartition(": ") for cell in block.text.split(" | ")]
        names = [name for name, _, _ in cells if name and name not in named]
        named.update(names)
        if names:
            yield block.kind, " ".join(names)
        yield block.kind, " ".join(value for _, _, value in cells)


def _harmonic(one: float, other: float) -> float:
    return 2 * one * other / (one + other) if one + other else 0.0


def _grams(flat: Sequence[str], size: int) -> Grams:
    return Counter(tuple(flat[at : at + size]) for at in range(len(flat) - size + 1))


def _overlap(
    ours: Sequence[tuple[str, ...]], gold: Sequence[tuple[str, ...]]
) -> tuple[int, int, int]:
    """Return how many runs of words both have, and how many each has."""
    our_runs, gold_runs = (
        _grams(flat, min(RUN_WORDS, max(1, len(flat))))
        for flat in ([word for text in texts for word in text] for texts in (ours, gold))
    )
    return (our_runs & gold_runs).total(), our_runs.total(), gold_runs.total()


def _ends_shared(of: Sequence[tuple[str, ...]], among: Sequence[tuple[str, ...]]) -> float | None:
    """Return the share of the ends in ``of`` that are ends in ``among``; None if none compare."""
    ends, _ = _ends(of)
    other_ends, other_grams = _ends(among)
    compared = {end: min(count, other_grams[end]) for end, count in ends.items()}
    total = sum(compared.values())
    if not total:
        return None
    return sum(min(count, other_ends[end]) for end, count in compared.items()) / total


def _ends(paragraphs: Sequence[tuple[str, ...]]) -> tuple[Grams, Grams]:
    """Return the words around each end between two paragraphs, and all runs of that length."""
    flat: list[str] = []
    ends: Grams = Counter()
    places = []
    for paragraph in paragraphs:
        flat.extend(paragraph)
        places.append(len(flat))
    for place in places[:-1]:
        around = tuple(flat[max(0, place - CONTEXT_WORDS) : place + CONTEXT_WORDS])
        if len(around) == 2 * CONTEXT_WORDS:
            ends[around] += 1
    return ends, _grams(flat, 2 * CONTEXT_WORDS)


def _headings(data: bytes) -> list[tuple[str, ...]]:
    parser = lxml_html.HTMLParser(encoding="utf-8")
    root = lxml_html.document_fromstring(data, parser=parser)
    return [tuple(words(element.text_content())) for element in root.iter("h2", "h3", "h4", "h5")]


def main() -> None:
    """Print the figures for the folder named on the command line."""
    if len(sys.argv) != 2:
        sys.exit("usage: python -m tests.bench.html_extraction FOLDER")
    figures = measure(Path(sys.argv[1]))
    print(f"pages             {figures.pages}")
    print(
        f"article F1        {figures.f1:.4f}"
        f" (precision {figures.precision:.4f}, recall {figures.recall:.4f})"
    )
    print(
        f"boundary F1       {figures.boundary_f1:.4f}"
        f" (precision {figures.boundary_precision:.4f}, recall {figures.boundary_recall:.4f})"
    )
    print(f"headings kept     {figures.headings_kept:.4f}")
    print(f"headings marked   {figures.headings_marked:.4f}")


if __name__ == "__main__":
    main()

"""Real documents: the reader against paragraphs that a person saw on the rendered pages.

``pdf_truth.json`` names for each paragraph the Debian package and its file, the page, and the first
and last words, three each where there are as many. The packages must be installed, or unpacked
below a folder that PDF_PACKAGES names (``dpkg-deb -x PACKAGE.deb FOLDER``).

The pages were drawn by lot, ``Random("passages " + file name).sample(range(1, pages + 1), 5)``, the
first of them that has running text: no cover, contents, index, specimen of a font. What is on them
was written down from their pictures, before any reader's result was seen. As errors on these pages
were told, in general terms, to those who improved the method, the next such pages of twelve of the
documents were written down as well, the second lot ("again"), of which nothing was told. When the
errors of both had been seen, the third lot was drawn in the same way from other packages and was
written down before the reader had seen any of them; so was the fourth, when those of the third had
been seen. All that begins on a page is there, in its order, but

- furniture, and what is inside of figures and screenshots;
- of more than ten rows or list items in a run those after the tenth;
- what goes on over the page's end and is no paragraph of prose, and what a person cannot tell:
  a byline of four lines, a sentence around a displayed line of code or a formula, whether a listing
  with wide gaps is one or two.

A row of a table is given with the first words of its first cell, an item without its mark. An
option on a line of its own is an item, what it means is a paragraph; in one line they are one item.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import sys
import unicodedata
from collections import defaultdict
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING, NamedTuple

import pypdfium2

from tests.bench.pdf_compare import names_in, without_names
from tests.bench.tables import figure, note, show, show_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tests.bench.pdf_compare import Given
    from tests.bench.pdf_systems import System

_MARK = re.compile(r"\W*(?:\(?(?:[a-zA-Z]|[ivxlc]+|[\d.]{1,9})[.)\]:]\s|\d{1,3}(?!\d|\.\d))")

_LOTS = {"pages": "first", "again": "second", "third": "third", "fourth": "fourth"}

TRUTH = Path(__file__).with_name("pdf_truth.json")


class Seen(NamedTuple):
    """A paragraph on a page, as a person saw it.

    Attributes:
        page: where it begins, from 1, counted in the file.
        first: its first words, three where there are as many.
        last: its last words; they may stand on the next page.
        kind: what it is.
        lot: from 1 to 4.
    """

    page: int
    first: str
    last: str
    kind: str
    lot: int = 1


class Document(NamedTuple):
    """A file with the paragraphs of some of its pages."""

    package: str
    path: str
    maker: str
    seen: tuple[Seen, ...]


def read_truth(path: Path = TRUTH) -> list[Document]:
    """The documents with what was seen."""
    return [
        Document(
            one["package"],
            one["path"],
            one["maker"],
            tuple(
                Seen(int(page), first, last, kind, lot)
                for lot, pages in enumerate(map(one.get, _LOTS), start=1)
                if pages
                for page, paragraphs in pages.items()
                for first, last, kind in paragraphs
            ),
        )
        for one in json.loads(path.read_text(encoding="utf-8"))
    ]


def measure_real(systems: Mapping[str, System], *, errors: bool) -> None:
    """Print how many of the paragraphs each program gives with their ends and page."""
    root = Path(os.environ.get("PDF_PACKAGES", "/"))
    documents = read_truth()
    missing = [one for one in documents if not (root / one.path.lstrip("/")).exists()]
    if missing:
        packages = " ".join(sorted({one.package for one in missing}))
        sys.exit(f"these packages are not installed: apt-get install {packages}")
    rows = []
    right: dict[tuple[str, int], list[bool]] = defaultdict(list)
    by_kind: dict[str, list[bool]] = defaultdict(list)
    wrong: list[str] = []
    seconds: dict[str, float] = defaultdict(float)
    pages = 0
    for document in documents:
        note(document.path)
        data = (root / document.path.lstrip("/")).read_bytes()
        if document.path.endswith(".gz"):
            data = gzip.decompress(data)
        row = [Path(document.path).name, document.maker, str(len(document.seen))]
        pages += len(pypdfium2.PdfDocument(data))
        for name, system in systems.items():
            reading = system(data)
            seconds[name] += reading.seconds
            found = [is_given(seen, reading.given, reading.title) for seen in document.seen]
            row.append(str(sum(found)))
            for seen, is_right in zip(document.seen, found, strict=True):
                right[name, seen.lot].append(is_right)
                if name == "reader":
                    by_kind[seen.kind].append(is_right)
                    if not is_right:
                        wrong.append(_told(document, seen, reading.given))
        rows.append(row)
    for lot, told in enumerate(_LOTS.values(), start=1):
        shares = [f"{100 * mean(right[name, lot]):.1f}" for name in systems]
        rows.append([f"all, {told} lot, %", "", str(len(right["reader", lot])), *shares])
    rows.append(["s/100 pages", "", "", *(figure(100 * seconds[name] / pages) for name in systems)])
    show_table(["file", "made with", "true", *(f"{name} right" for name in systems)], rows)
    show_table(
        ["kind", "true", "right"],
        [[kind, str(len(found)), str(sum(found))] for kind, found in sorted(by_kind.items())],
    )
    if errors:
        for line in wrong:
            show(line)


def is_given(seen: Seen, given: Iterable[Given], title: str = "") -> bool:
    """Whether a paragraph was given that begins and ends so, on that page.

    A row of a table may be given with the names of its columns, and these with the other rows.
    """
    first, last = _words(seen.first), _words(seen.last)
    if _fits(first, last, [title]) and seen.page == 1:
        return True
    is_row = seen.kind == "table row"
    return any(
        one.page == seen.page and _fits(first, last, _row_forms(one.text) if is_row else [one.text])
        for one in given
    )


def _row_forms(text: str) -> list[str]:
    return [text, without_names(text), names_in(text)]


def _fits(first: Sequence[str], last: Sequence[str], texts: Iterable[str]) -> bool:
    # The mark of a list item or a note may stand before the words that were seen.
    return any(
        words[: len(first)] == list(first) and words[-len(last) :] == list(last)
        for text in texts
        for words in (_words(text), _words(_MARK.sub("", text, count=1)))
    )


def _words(text: str) -> list[str]:
    """Letters and digits, folded: signs and accents are written in many ways."""
    folded = unicodedata.normalize("NFKD", text).casefold()
    bare = "".join(one for one in folded if not unicodedata.combining(one))
    return re.findall(r"[^\W_]+", bare.replace("\u00ad", ""))


def _told(document: Document, seen: Seen, given: Iterable[Given]) -> str:
    first, last = _words(seen.first), _words(seen.last)
    near = [
        f"page {one.page}: {one.text[:60]!r} … {one.text[-40:]!r}"
        for one in given
        if abs(one.page - seen.page) <= 1
        and (_begins_in(first, one.text) or _begins_in(last, one.text))
    ]
    name = Path(document.path).name
    where = f"{name} page {seen.page}, lot {seen.lot}, {seen.kind}"
    return "\n".join([f"{where}: {seen.first} … {seen.last}", *near[:4]])


def _begins_in(words: Sequence[str], text: str) -> bool:
    return " ".join(words) in " ".join(_words(text))

"""Programs that give the paragraphs of a PDF, each as it comes, with the processor time it took.

pdfium, pdftotext and pdfminer give lines with empty ones between blocks; the lines of a block are
joined, and a hyphen before a line that goes on in a small letter is left out, as a user would do.
"""

from __future__ import annotations

import os
import re
import resource
import shutil
import subprocess
import tempfile
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

import pypdfium2

from indexer.articles import Article
from tests.bench.pdf_compare import Given
from tests.readings import read_articles

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from typing import TypeAlias

    System: TypeAlias = "Callable[[bytes], Reading]"


def _processor_seconds() -> float:
    """What this process has taken so far, and those that it began and that have ended."""
    return sum(os.times()[:4])


class Reading(NamedTuple):
    """What a program gave of a document.

    Attributes:
        given: the paragraphs in their order.
        title: of the document, "" where the program gives none.
        seconds: of processor time.
        fault: why nothing was given, "" if something was.
    """

    given: tuple[Given, ...]
    title: str = ""
    seconds: float = 0
    fault: str = ""


def by_the_reader(data: bytes) -> Reading:
    """This project's reader: all blocks of the article."""
    started = _processor_seconds()
    found = list(read_articles(data, source="document.pdf"))
    seconds = _processor_seconds() - started
    given: list[Given] = []
    title = fault = ""
    for one in found:
        if isinstance(one, Article):
            title = one.title
            for block in one.blocks:
                page = next((value for kind, value in block.locator if kind == "page"), 0)
                given.append(Given(block.text, int(page)))
        else:
            fault = one.detail
    return Reading(tuple(given), title, seconds, fault)


def by_pdfium(data: bytes) -> Reading:
    """The text that pdfium gives of each page."""
    started = _processor_seconds()
    pages = [
        page.get_textpage().get_text_range().replace("\r\n", "\n").replace("\ufffe", "-\n")
        for page in pypdfium2.PdfDocument(data)
    ]
    return Reading(_paragraphs(pages), seconds=_processor_seconds() - started)


def by_pdftotext(data: bytes) -> Reading:
    """What poppler's pdftotext prints."""
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(data)
        file.flush()
        before = _seconds_of_children()
        done = subprocess.run(
            ["pdftotext", "-enc", "UTF-8", file.name, "-"], check=True, capture_output=True
        )
        seconds = _seconds_of_children() - before
    return Reading(_paragraphs(done.stdout.decode().split("\f")), seconds=seconds)


def by_pdfminer(data: bytes) -> Reading:
    """What pdfminer.six extracts, its boxes as paragraphs."""
    from pdfminer.high_level import extract_text  # noqa: PLC0415 - may be missing

    started = _processor_seconds()
    pages = extract_text(BytesIO(data)).split("\f")
    return Reading(_paragraphs(pages), seconds=_processor_seconds() - started)


def systems(names: Collection[str] | None = None) -> dict[str, System]:
    """Those that are here, ours the first; names chooses among them."""
    found: dict[str, System] = {"reader": by_the_reader, "pdfium": by_pdfium}
    if shutil.which("pdftotext"):
        found["pdftotext"] = by_pdftotext
    try:
        import pdfminer  # noqa: F401, PLC0415
    except ImportError:
        pass
    else:
        found["pdfminer"] = by_pdfminer
    return {name: system for name, system in found.items() if names is None or name in names}


def _seconds_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _paragraphs(pages: list[str]) -> tuple[Given, ...]:
    given = []
    for number, page in enumerate(pages, start=1):
        for block in re.split(r"\n[ \t]*\n", page):
            text = re.sub(r"-\n(?=[^\W\dA-Z_])", "", block.strip())
            if text:
                given.append(Given(" ".join(text.split()), number))
    return tuple(given)

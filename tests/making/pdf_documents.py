"""All documents with known paragraphs, and which of them are set aside.

The reader's method is made with the open half; the held half only measures it. The rule was fixed
before any reader had seen them: of each maker's documents, in the order of their names, the first,
third, fifth ... are open, the others held.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from tests.making.pdf_programs import (
    missing_program,
    printed_by_chromium,
    printed_by_libreoffice,
)
from tests.making.pdf_reportlab import MAKERS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.making.pdf_made import Made


class Half(Enum):
    """What a document is for."""

    OPEN = "open"
    HELD = "held"


def halves(names: Iterable[str]) -> dict[str, Half]:
    """What each of one maker's documents is for, by its name."""
    return {name: Half.HELD if place % 2 else Half.OPEN for place, name in enumerate(sorted(names))}


def all_made() -> tuple[list[tuple[Half, Made]], list[str]]:
    """The documents with their half; and for each maker that is not here why it gives none."""
    made: list[tuple[Half, Made]] = []
    faults = []
    for maker, printed in (
        ("reportlab", lambda: [make() for make in MAKERS]),
        ("libreoffice", printed_by_libreoffice),
        ("chromium", printed_by_chromium),
    ):
        if fault := missing_program(maker):
            faults.append(fault)
            continue
        documents = printed()
        half_of = halves(document.name for document in documents)
        made += [(half_of[document.name], document) for document in documents]
    return made, faults

"""The Whoosh schema: the fields of an article's documents.

An article is a *group* of Whoosh documents: one article record, then its paragraphs in order.
What concerns the whole article (its title, author, source ...) is indexed and stored once, in the
record; a paragraph finds it through its parent. A body word is indexed in two forms: ``exact``
(every form with its positions, for phrases, prefixes, patterns) and ``stems`` (tagged with the
article's language, for ranked words).
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from whoosh.fields import ID, STORED, FieldType, Schema
from whoosh.formats import Format

from indexer.text.analysis import encoded

if TYPE_CHECKING:
    from collections.abc import Iterator

_POSITION_BYTES = 4


class PackedPositions(Format):  # type: ignore[misc]
    """Whoosh posting values that are positions, packed as unsigned 32-bit integers."""

    def decode_positions(self, value: bytes) -> list[int]:
        """Return the positions of one posting."""
        return array("I", value).tolist()

    def decode_frequency(self, value: bytes) -> int:
        """Return how many positions one posting has."""
        return len(value) // _POSITION_BYTES

    def decode_weight(self, value: bytes) -> float:
        """Return the frequency as Whoosh's weight."""
        return float(len(value) // _POSITION_BYTES)


class Positions(FieldType):  # type: ignore[misc]
    """A Whoosh field whose value is a map from term to its positions in the document."""

    def __init__(self, *, scorable: bool = False) -> None:
        super().__init__(format=PackedPositions(), analyzer=None, scorable=scorable)

    def index(
        self, value: dict[str, list[int]], **_: object
    ) -> Iterator[tuple[bytes, int, float, bytes]]:
        """Yield (term, frequency, weight, packed positions) for each term."""
        for term, positions in value.items():
            count = len(positions)
            yield encoded(term), count, float(count), array("I", positions).tobytes()


def make_schema() -> Schema:
    """The schema of every index of this format version."""
    return Schema(
        exact=Positions(),
        stems=Positions(),
        heading_exact=Positions(),
        heading_stems=Positions(),
        title_exact=Positions(),
        title_stems=Positions(),
        author_exact=Positions(),
        article=ID(),
        origin=ID(),
        url=ID(),
        language=ID(),
        published=ID(),
        values=ID(),
        places=ID(),
        record=STORED(),
    )

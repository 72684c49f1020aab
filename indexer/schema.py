"""The Whoosh schema, and how articles and paragraphs become its documents and back.

An article is a *group* of Whoosh documents: one article record, then its paragraphs in order.
What concerns the whole article (its title, author, source ...) is indexed and stored once, in the
record; a paragraph finds it through its parent. A body word is indexed in two forms: ``exact``
(every form with its positions, for phrases, prefixes, patterns) and ``stems`` (tagged with the
article's language, for ranked words).
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from whoosh.fields import ID, STORED, FieldType, Schema
from whoosh.formats import Format

from indexer.analysis import encoded, index_forms
from indexer.errors import IndexFormatError
from indexer.model import BlockKind, Lines, Paragraph, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from indexer.codec import Places

FORMAT_VERSION = 1

#: The field whose presence makes a document an article record.
GROUP_FIELD = "article"
POSITION_BYTES = 4
_SHOWN_CHARS = 60


class PackedPositions(Format):  # type: ignore[misc]
    """Whoosh posting values that are positions, packed as unsigned 32-bit integers."""

    def decode_positions(self, value: bytes) -> list[int]:
        """Return the positions of one posting."""
        return array("I", value).tolist()

    def decode_frequency(self, value: bytes) -> int:
        """Return how many positions one posting has."""
        return len(value) // POSITION_BYTES

    def decode_weight(self, value: bytes) -> float:
        """Return the frequency as Whoosh's weight."""
        return float(len(value) // POSITION_BYTES)


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
        record=STORED(),
    )


@dataclass(frozen=True, slots=True)
class ArticleRecord:
    """What the index knows of one article beside its paragraphs.

    Attributes:
        article_id: unique in the index.
        origin: the file it was read from, as an absolute path; "-" for standard input.
        source: the same as the user named it, for showing.
        title: "" when unknown; so are author, language and url.
        published: None when unknown.
        paragraphs: how many body paragraphs it has.
        omitted: how many blocks were left out as page furniture.
        title_lines: where the title stands.
    """

    article_id: str
    origin: str
    source: str
    title: str = ""
    author: str = ""
    published: date | None = None
    language: str = ""
    url: str = ""
    paragraphs: int = 0
    omitted: int = 0
    title_lines: Lines | None = None

    @classmethod
    def from_stored(cls, stored: dict[str, Any]) -> ArticleRecord:
        """Rebuild a record from what stored() gave; IndexFormatError if it is something else."""
        try:
            fields = dict(stored)
            if "published" in fields:
                fields["published"] = date.fromisoformat(fields["published"])
            if "title_lines" in fields:
                fields["title_lines"] = Lines(*fields["title_lines"])
            return cls(**fields)
        except (TypeError, ValueError) as error:
            raise _damaged(stored, "article") from error

    def stored(self) -> dict[str, Any]:
        """Everything that is not empty, as JSON types."""
        fields: dict[str, Any] = {
            name: value for name in self.__slots__ if (value := getattr(self, name))
        }
        if self.published:
            fields["published"] = self.published.isoformat()
        return fields


def stored_paragraph(paragraph: Paragraph) -> dict[str, Any]:
    """What the index stores of a paragraph, as JSON types; the article is known from its parent."""
    stored: dict[str, Any] = {
        "n": paragraph.number,
        "d": paragraph.digest,
        "t": paragraph.text,
        "l": paragraph.lines,
    }
    if paragraph.headings:
        stored["h"] = paragraph.headings
    if paragraph.span:
        stored["s"] = paragraph.span
    if paragraph.kind is not BlockKind.PARAGRAPH:
        stored["k"] = paragraph.kind.value
    return stored


def paragraph_from_stored(stored: dict[str, Any], article_id: str) -> Paragraph:
    """Rebuild a paragraph from what stored_paragraph() gave; IndexFormatError if it is another."""
    try:
        return Paragraph(
            article_id=article_id,
            number=stored["n"],
            digest=stored["d"],
            headings=tuple(stored.get("h", ())),
            text=stored["t"],
            lines=Lines(*stored["l"]),
            span=Span(*stored["s"]) if "s" in stored else None,
            kind=BlockKind(stored.get("k", BlockKind.PARAGRAPH.value)),
        )
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise _damaged(stored, "paragraph") from error


def _damaged(stored: object, kind: str) -> IndexFormatError:
    shown = repr(stored)
    shown = shown if len(shown) <= _SHOWN_CHARS else f"{shown[:_SHOWN_CHARS]}..."
    return IndexFormatError(
        f"the index is damaged: {shown} is no record of {kind}; restore it or build it anew"
    )


class IndexedText(NamedTuple):
    """The postings of one text for its two fields, by term; length counts positions."""

    exact: dict[bytes, Places]
    stems: dict[bytes, Places]
    length: int


def index_texts(texts: Sequence[str], language: str) -> IndexedText:
    """Analyse texts as one field; a gap between them keeps phrases inside one text."""
    exact: dict[bytes, Places] = {}
    stems: dict[bytes, Places] = {}
    position = length = 0
    for text in texts:
        end = index_forms(text, language, exact, stems, position)
        length += end - position
        position = end + TEXT_GAP
    return IndexedText(exact, stems, length)


#: Positions left free between two texts of one field.
TEXT_GAP = 100

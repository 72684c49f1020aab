"""What an index holds, and who reads it shares: plain frozen records, no Whoosh.

They are tuples with names: a dataclass takes a millisecond to define, at every start.

Units, everywhere: lines count from 1 and both ends are included; spans are half-open and count
code points of the decoded source, with each line end as one newline and in Unicode NFC.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date
    from typing import TypeAlias

    # Where in a document something stands, see ``text.places``.
    Locator: TypeAlias = tuple[tuple[str, int | str], ...]

#: Of the JSON that both commands print; what raises it is told in the README.
SCHEMA_VERSION = 2


class Span(NamedTuple):
    """A half-open range of code points."""

    start: int
    end: int


class Lines(NamedTuple):
    """A range of lines of the source, from 1, both included."""

    first: int
    last: int


class BlockKind(Enum):
    """What a block is in its article."""

    HEADING = "heading"
    SUMMARY = "summary"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list item"
    QUOTE = "quote"
    TABLE_ROW = "table row"
    CODE = "code"
    CAPTION = "caption"


class ArticleFacts(NamedTuple):
    """What an article says of itself; readers find it, the index keeps it, results show it.

    Every record that has them names them as here.

    Attributes:
        title: "" when the source has none.
        author: "" when unknown; several names are joined with ", ", or with "; " where
            one has a comma.
        published: calendar date, None when unknown.
        language: ISO 639-1 code, "" when unknown.
        url: canonical address named by the source, "" when none.
        site: the name of the publication it appeared in, "" when unknown.
        extra: what else its front matter or its columns say, as pairs of a name and a value; a
            name stands in several pairs where it has several values.
    """

    title: str = ""
    author: str = ""
    published: date | None = None
    language: str = ""
    url: str = ""
    site: str = ""
    extra: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, record: Any) -> ArticleFacts:
        """Those that a record has."""
        return cls(*[getattr(record, name) for name in cls._fields])


def by_name(extra: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """The extra pairs of an article as a list of values for each name."""
    named: dict[str, list[str]] = {}
    for name, value in extra:
        named.setdefault(name, []).append(value)
    return named


#: Places within documents that have no lines.
_LINELESS = frozenset(("page", "chapter", "slide", "paragraph"))


def locator_text(locator: Sequence[tuple[str, int | str]]) -> str:
    """A locator for people.

    >>> locator_text((("chapter", "Loomings"), ("page", 3)))
    'chapter Loomings, page 3'
    """
    return ", ".join(f"{kind} {value}" for kind, value in locator)


def is_inside(locator: Locator) -> bool:
    """Whether something stands in a member of an archive, and not in the file itself."""
    return any(kind == "member" for kind, _ in locator)


def has_own_lines(locator: Locator) -> bool:
    """Whether lines of the file itself say where something stands."""
    return has_lines(locator) and not is_inside(locator)


def has_lines(locator: Locator) -> bool:
    """Whether lines say where something stands as well."""
    return _LINELESS.isdisjoint(kind for kind, _ in locator)


#: So much of a digest is kept with each article: by chance two files share it never.
FINGERPRINT_DIGITS = 16


class Fingerprint(NamedTuple):
    """A file as it was when it was read, by which one tells whether it has changed since.

    Attributes:
        size_bytes: its size, as it is on the disk.
        modified_ns: its modification time, since the epoch; 0 where it was so recent that a later
            change may have the same.
        digest: the first FINGERPRINT_DIGITS hexadecimal digits of the SHA-256 of its bytes.
    """

    size_bytes: int
    modified_ns: int
    digest: str


class ArticleRecord(NamedTuple):
    """What the index knows of one article beside its paragraphs.

    Attributes:
        article_id: unique in the index.
        origin: the file it was read from, as an absolute path; "-" for standard input.
        source: the same as the user named it, for showing.
        paragraphs: how many paragraphs it has, its summary among them.
        omitted: how many blocks were left out as page furniture.
        title_lines: where the title stands.
        fingerprint: its file when it was read; None where that is not known, or it is no file.
        former: digests of paragraphs that it had, each with that of the paragraph which stands for
            it now, the latest last.
        title, author, published, language, url, site, extra: see ArticleFacts.
    """

    article_id: str
    origin: str
    source: str
    paragraphs: int = 0
    omitted: int = 0
    title_lines: Lines | None = None
    fingerprint: Fingerprint | None = None
    former: tuple[tuple[str, str], ...] = ()
    title: str = ""
    author: str = ""
    published: date | None = None
    language: str = ""
    url: str = ""
    site: str = ""
    extra: tuple[tuple[str, str], ...] = ()


class Paragraph(NamedTuple):
    """One paragraph, or another block that stands for itself; the unit of search.

    Attributes:
        article_id: the article it belongs to.
        number: its position among the article's paragraphs, from 1; a summary, which stands over
            the text, is the first.
        digest: 8 base32 characters from text, with "-2", "-3" ... for later twins in one article.
        headings: the trail of headings over it, outermost first; the title is not part of it.
        text: its words; for a plain text source equal to the source at span, white space apart.
        lines: where it stands in the source; on a page of a PDF those of the page, and where there
            are no lines the number of the block.
        span: its place in the decoded source; None where the source is not plain text.
        kind: what kind of block it was.
        locator: where in the document it stands, such as the page, see ``text.places``; () where
            lines say all.
    """

    article_id: str
    number: int
    digest: str
    headings: tuple[str, ...]
    text: str
    lines: Lines
    span: Span | None
    kind: BlockKind = BlockKind.PARAGRAPH
    locator: Locator = ()

    @property
    def passage_id(self) -> str:
        """ARTICLE#DIGEST, which survives re-indexing and edits elsewhere in the article."""
        return f"{self.article_id}#{self.digest}"

"""What pdfium says of a file as a whole: its pages, its metadata and its bookmarks."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any

import pypdfium2
from pypdfium2 import raw

from indexer.articles import SkipReason
from indexer.readers.faults import ReaderError
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

# Without a handler of its own it would write to standard error about odd bookmarks.
logging.getLogger("pypdfium2").addHandler(logging.NullHandler())

_MOST_BOOKMARKS = 20_000
_DEEPEST_BOOKMARK = 8
_PROTECTED = "the PDF is protected by a password; save it without one, such as with qpdf --decrypt"


class Bookmark(NamedTuple):
    """One entry of the outline.

    Attributes:
        title: as it is written there.
        level: from 1, the outermost.
        page: from 1; 0 where it goes nowhere.
    """

    title: str
    level: int
    page: int


@contextmanager
def opened(stream: BinaryIO) -> Iterator[Any]:
    """A document of pdfium's, closed at the end; one with an empty password is opened too.

    Raises: ReaderError if it is damaged or protected.
    """
    try:
        document = pypdfium2.PdfDocument(stream)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == raw.FPDF_ERR_PASSWORD:
            raise ReaderError(SkipReason.PROTECTED, _PROTECTED) from None
        raise broken() from None
    try:
        yield document
    finally:
        document.close()


def broken() -> ReaderError:
    """The error of a document that pdfium cannot read."""
    return ReaderError(
        SkipReason.BROKEN,
        "the PDF is damaged and cannot be opened; get it anew, or repair it, such as with qpdf",
    )


def metadata(document: Any) -> dict[str, str]:
    """Title, Author, CreationDate ... as the document states them, and "Language"; "" if not."""
    try:
        facts: dict[str, str] = document.get_metadata_dict()
        size = raw.FPDFCatalog_GetLanguage(document, None, 0)
        buffer = (raw.FPDF_WCHAR * (size // 2 + 1))()
        raw.FPDFCatalog_GetLanguage(document, buffer, size)
        facts["Language"] = bytes(buffer).decode("utf-16-le", "replace").split("\0")[0]
    except pypdfium2.PdfiumError:
        return {}
    return facts


def bookmarks(document: Any) -> list[Bookmark]:
    """The outline in its order, not more than 20,000 entries of it."""
    found: list[Bookmark] = []
    try:
        for one in islice(document.get_toc(max_depth=_DEEPEST_BOOKMARK), _MOST_BOOKMARKS):
            title = " ".join(one.get_title().replace("\0", "").split())
            destination = one.get_dest()
            index = destination.get_index() if destination else None
            if title:
                found.append(Bookmark(title, one.level + 1, 0 if index is None else index + 1))
    except pypdfium2.PdfiumError:
        return found
    return found


def is_tagged(document: Any) -> bool:
    """Whether a document says that it has a structure tree."""
    return bool(raw.FPDFCatalog_IsTagged(document))

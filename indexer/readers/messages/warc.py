"""Web archives, WARC and WACZ -> an article for each page that was captured.

Read are the answers of servers (status 200) that are HTML, PDF or plain text, each by the reader of
its format, and the texts that were made of such pages (WET). All else, pictures, scripts, records
of the capture itself and answers without text, is passed over and not listed.
"""

from __future__ import annotations

import struct
import zipfile
from contextlib import contextmanager
from gzip import BadGzipFile
from io import BytesIO
from typing import TYPE_CHECKING, Any, cast

from indexer.articles import Article, Skipped, SkipReason
from indexer.readers.budget import too_large
from indexer.readers.extra import MOST_PAIRS, extra_of
from indexer.readers.faults import ReaderError, missing_extra
from indexer.readers.messages.charsets import text_in
from indexer.readers.messages.placing import placed, short
from indexer.readers.packing import unpacked
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from indexer.readers.base import Source

#: What is read, by the type that the server told.
_FORMATS = {
    "text/html": "html",
    "application/xhtml+xml": "html",
    "application/pdf": "pdf",
    "application/x-pdf": "pdf",
    "text/plain": "text",
}
_ENCODINGS = ("Transfer-Encoding", "Content-Encoding")
_PAGES = ("http://", "https://", "ftp://")
_RECORDS = frozenset(("response", "resource", "conversion"))
# Of a page without text nothing is told: captures are full of frames and stubs.
_PASSED_OVER = frozenset((SkipReason.EMPTY, SkipReason.BINARY, SkipReason.NO_PROSE))
# What the standard library raises for a zip archive that is damaged, or encrypted.
_ZIP_ERRORS = (
    *(zipfile.BadZipFile, struct.error, NotImplementedError, RuntimeError),
    *(ValueError, OverflowError),
)
_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
_OK = 200


class _Page(NamedTuple):
    """What was captured of one address.

    Attributes:
        content: its bytes.
        format_name: what to read them as.
        charset: the one that the server told, "" if none.
    """

    content: bytes
    format_name: str
    charset: str


def read_warc(stream: BinaryIO, source: Source) -> Iterator[Article | Skipped]:
    """Yield the pages of a web archive in the order of its records.

    Raises: ReaderError if it is damaged from there on, holds no page, or the library is missing.
    """
    yield from _Capture(source).read(stream)


def read_wacz(stream: BinaryIO, source: Source) -> Iterator[Article | Skipped]:
    """Yield the pages of all web archives that are packed together.

    Raises: as read_warc(), and if the package is damaged or holds no web archive.
    """
    capture = _Capture(source)
    found = False
    try:
        with zipfile.ZipFile(stream) as package:
            for member in package.infolist():
                name = member.filename
                if name.startswith("archive/") and name.endswith((".warc", ".warc.gz")):
                    found = True
                    with package.open(member) as archive:
                        yield from capture.read(unpacked(cast("BinaryIO", archive)))
    except _ZIP_ERRORS as error:
        raise ReaderError(SkipReason.BROKEN, f"the package is damaged: {error}") from error
    if not found:
        raise ReaderError(SkipReason.EMPTY, 'it holds no web archive in its folder "archive"')


class _Capture:
    """Reads the web archives of one file."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._known: set[int] = set()  # hashes of addresses: they may be many

    def read(self, stream: BinaryIO) -> Iterator[Article | Skipped]:
        """Yield the pages of one web archive."""
        number = pages = 0
        for number, record in enumerate(_records(stream), 1):
            address = (record.headers.get("WARC-Target-URI") or "").strip("<> ")
            if f"{record.record_type}" not in _RECORDS or not address.startswith(_PAGES):
                continue
            try:
                with _told(number):
                    page = self._page(record)
            except ReaderError as error:
                place = f"{self._source.name}:{address}"
                yield Skipped(place, error.reason, error.detail, inside=True)
                continue
            if page is not None:
                pages += 1
                captured = record.headers.get("WARC-Date") or ""
                yield from self._articles(page, number, address, captured)
        if not number:
            raise ReaderError(SkipReason.EMPTY, "the web archive has no records")
        if not pages:
            raise ReaderError(SkipReason.EMPTY, "it holds no page: no HTML, PDF or plain text")

    def _page(self, record: Any) -> _Page | None:
        """What a record holds, None if it is not read."""
        most = self._source.budget.size_bytes
        encodings: list[tuple[str, str]] = []
        if record.is_http:
            # Most are passed over: no more than their headers is read.
            record.parse_http()
            headers = record.http_headers
            if headers is None or headers.status_code != _OK:
                return None
            content_type, charset = record.http_content_type or "", record.http_charset or ""
            encodings = [(name, value) for name in _ENCODINGS if (value := headers.get(name))]
        else:
            content_type, _, rest = (record.headers.get("Content-Type") or "").partition(";")
            charset = rest.partition("charset=")[2]
        format_name = _FORMATS.get(content_type.strip().lower())
        if format_name is None:
            return None
        data = record.reader.read(most + 1)
        if encodings and len(data) <= most:
            data = _decoded(data, encodings, most + 1)
        if len(data) > most:
            raise too_large("page", self._source.budget)
        return _Page(data, format_name, charset.strip("\"' "))

    def _articles(
        self, page: _Page, number: int, address: str, captured: str
    ) -> Iterator[Article | Skipped]:
        """Yield what a page holds."""
        content = page.content
        if page.charset and page.format_name != "pdf":
            content = _in_utf8(content, page.charset)
        key = hash(address)
        name = short(address)
        if key in self._known:
            name = f"{name}@{captured}"
        self._known.add(key)
        for one in self._source.inner(BytesIO(content), address, format_name=page.format_name):
            if isinstance(one, Skipped):
                if one.reason not in _PASSED_OVER:
                    yield one
                continue
            extra = (*extra_of([("captured", captured)]), *one.extra)
            part = name + one.part.removeprefix(address)
            yield placed(
                one._replace(url=address, extra=extra[:MOST_PAIRS]), part, (("record", number),)
            )


def _records(stream: BinaryIO) -> Iterator[Any]:
    """Yield the records of a web archive.

    Raises: ReaderError if it is damaged from there on, or if the library is missing.
    """
    try:
        from fastwarc.warc import ArchiveIterator  # noqa: PLC0415 - may not be there
    except ImportError as error:
        raise missing_extra("web archives", "warc") from error
    records = iter(ArchiveIterator(stream, parse_http=False))
    number = 0
    while True:
        with _told(number):
            record = next(records, None)
        if record is None:
            return
        number += 1
        yield record


@contextmanager
def _told(number: int) -> Iterator[None]:
    """Within it what the library finds wrong is a ReaderError; number is that of the record."""
    try:
        yield
    except (OSError, ValueError) as error:
        if isinstance(error, BadGzipFile) or getattr(error, "errno", None) is not None:
            raise  # of the compression around it, or of the system
        detail = f"the web archive is damaged at record {number or 1:,}: {error}"
        raise ReaderError(SkipReason.BROKEN, detail) from error


def _decoded(data: bytes, encodings: list[tuple[str, str]], most: int) -> bytes:
    """The content of an answer, not more than so much of it.

    Where it is not encoded as its header says it was stored decoded, as many programs do.
    """
    from fastwarc.warc import ArchiveIterator  # noqa: PLC0415 - as above

    fields = "".join(f"{name}: {value}\r\n" for name, value in encodings)
    answer = f"HTTP/1.1 200 OK\r\n{fields}\r\n".encode() + data
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\nContent-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {len(answer)}\r\n\r\n"
    )
    try:
        for record in ArchiveIterator(
            BytesIO(head.encode() + answer), parse_http=True, auto_decode="all"
        ):
            return bytes(record.reader.read(most))
    except (OSError, ValueError):
        pass
    return data


def _in_utf8(content: bytes, charset: str) -> bytes:
    """A text with the mark of UTF-8: what the server says of it holds over what it says itself."""
    try:
        return f"{_MARK}{text_in(content, charset).removeprefix(_MARK)}".encode()
    except ReaderError:
        return content  # its reader tells what it is

"""A document that is a zip of XML parts: its parts, unpacked and parsed within a budget."""

from __future__ import annotations

import posixpath
import struct
import zipfile
import zlib
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from lxml import etree

from indexer.articles import SkipReason
from indexer.readers.budget import too_large, too_many_parts
from indexer.readers.documents.compound import compound_fault
from indexer.readers.faults import ReaderError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from indexer.readers.budget import Budget

# All parts of a document together: markup is some times as large as the text in it.
_MOST_SHARES = 8
_END_MAGIC = b"PK\x05\x06"
_END_BYTES = 22
_LONGEST_COMMENT = 65_535
_DIRECTORY_SIZE = struct.Struct("<12xL")
# What the standards of these documents allow.
_METHODS = frozenset((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
_ENCRYPTED = 0x1
_BAD_ZIP = (
    *(zipfile.BadZipFile, EOFError, zlib.error, ValueError, NotImplementedError),
    *(struct.error, OverflowError, IndexError, RuntimeError),
)


class Package:
    """The parts of a document by their names.

    Attributes:
        budget: what reading it may take.
        faults: the parts with text that are damaged, each with what is wrong with it.

    Raises: ReaderError if it is no zip, damaged, or encrypted as a whole.
    """

    def __init__(self, stream: BinaryIO, budget: Budget) -> None:
        self.budget = budget
        self.faults: list[tuple[str, ReaderError]] = []
        self._left_bytes = _MOST_SHARES * budget.size_bytes
        fault = compound_fault(stream)
        if fault is not None:
            raise fault
        if _directory_bytes(stream) > budget.size_bytes:
            raise too_large("list of parts", budget)
        stream.seek(0)
        try:
            self._zip = zipfile.ZipFile(stream)
        except _BAD_ZIP as error:
            raise broken("it is cut short, or no zip at all") from error
        self._names = {name.lower().replace("\\", "/"): name for name in self._zip.namelist()}

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._names

    def first_named(self, suffix: str) -> str:
        """The first part whose name ends so, "" if there is none."""
        return next((name for name in self._names.values() if name.endswith(suffix)), "")

    def read(self, name: str) -> bytes:
        """A part, b"" if there is none; ReaderError if it is damaged, encrypted or too large."""
        found = self._names.get(name.lower())
        if found is None:
            return b""
        member = self._zip.getinfo(found)
        if member.flag_bits & _ENCRYPTED:
            raise protected()
        if member.compress_type not in _METHODS:
            raise broken(f"{name} is packed in a way that no such document may be")
        most = min(self.budget.size_bytes, self._left_bytes)
        try:
            with self._zip.open(member) as packed:
                data = packed.read(most + 1)
        except _BAD_ZIP as error:
            raise broken(f"{name} in it cannot be unpacked") from error
        if len(data) > most:
            raise too_large("document, unpacked,", self.budget)
        self._left_bytes -= len(data)
        return data

    def tree(self, name: str) -> Any:
        """The root element of a part, None if there is none; ReaderError as of read() and XML."""
        data = self.read(name)
        return parse_xml(data, name, self.budget) if data else None

    def text_tree(self, name: str) -> Any:
        """The root element of a part that holds some of the text; None if there is none.

        One that is damaged is told in ``faults`` and passed over.
        """
        try:
            return self.tree(name)
        except ReaderError as error:
            self.note(name, error)
            return None

    def note(self, name: str, error: ReaderError) -> None:
        """Remember that a part is damaged; other errors are raised."""
        if error.reason is not SkipReason.BROKEN:
            raise error
        self.faults.append((name, error))

    def loose_tree(self, name: str) -> Any:
        """The root element of a part that tells only about the document; None if it is damaged."""
        try:
            return self.tree(name)
        except ReaderError as error:
            if error.reason is SkipReason.BROKEN:
                return None
            raise


def parse_xml(data: bytes, name: str, budget: Budget) -> Any:
    """The root element of some XML, without comments; entities are left as they are.

    Raises: ReaderError if it is not well-formed, nested too deep, or has too many tags.
    """
    if data.count(b"<") > budget.parts:
        raise too_many_parts("tags", budget)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise broken(f"{name} in it is no XML") from error


def broken(what: str) -> ReaderError:
    """The error that says that a document is damaged."""
    return ReaderError(SkipReason.BROKEN, f"the document is damaged: {what}; get it anew")


def protected() -> ReaderError:
    """The error that says that a document is encrypted."""
    return ReaderError(
        SkipReason.PROTECTED,
        "the document is encrypted; open it with its password and save it without one",
    )


def local(element: Any) -> str:
    """The name of an element without its namespace; "" of what is none, such as an entity."""
    tag = element.tag
    return _without_namespace(tag) if isinstance(tag, str) else ""


def attribute(element: Any, name: str) -> str | None:
    """The value of an attribute, whatever its namespace."""
    found = element.get(name)
    if found is not None:
        return str(found)
    # Each value is looked for from the first attribute on, so only one of them is.
    for key in element.attrib:
        if _without_namespace(key) == name:
            return str(element.get(key))
    return None


def child(element: Any, *path: str) -> Any:
    """The first child of a name, of that the first of the next name; None if there is none."""
    for name in path:
        if element is None:
            return None
        element = next((one for one in element if local(one) == name), None)
    return element


def descendants(element: Any, *names: str) -> Iterator[Any]:
    """Yield the elements of some names within another, in their order."""
    return (one for one in element.iter() if local(one) in names)


def resolve(part: str, target: str) -> str:
    """The name of the part that another refers to by a path.

    >>> resolve("OEBPS/text/a.xhtml", "../images/b%20c.png")
    'OEBPS/images/b c.png'
    """
    path = unquote(target)
    if path.startswith("/"):
        return posixpath.normpath(path).lstrip("/")
    return posixpath.normpath(posixpath.join(posixpath.dirname(part), path))


@lru_cache(maxsize=1 << 12)
def _without_namespace(tag: str) -> str:
    return tag.rpartition("}")[2]


def _directory_bytes(stream: BinaryIO) -> int:
    """The size of the list of parts, which is held whole; 0 if it is not found."""
    end = stream.seek(0, 2)
    stream.seek(max(0, end - _LONGEST_COMMENT - _END_BYTES))
    tail = stream.read()
    at = tail.rfind(_END_MAGIC)
    if at < 0 or len(tail) - at < _END_BYTES:
        return 0
    size: int = _DIRECTORY_SIZE.unpack_from(tail, at)[0]
    return size

"""An XML file of any encoding, also a malformed one -> UTF-8 that a parser takes, as it is read.

What feeds get wrong most is put right: characters that no XML may hold, the names that HTML has for
characters, ampersands that are not escaped, and declarations of another encoding.
"""

from __future__ import annotations

import codecs
import re
from html.entities import html5
from typing import TYPE_CHECKING

from indexer.readers.budget import too_large
from indexer.readers.messages.charsets import codec_named

if TYPE_CHECKING:
    from typing import BinaryIO

    from indexer.readers.budget import Budget

_HEAD_BYTES = 1 << 16
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"<\0?\0", "utf-16-le"),
    (b"\0<\0?", "utf-16-be"),
)
_DECLARATION = re.compile(r"\A\ufeff?\s*(?:<\?xml\b[^>]*\?>)?")
_ENCODING = re.compile(rb"""\A\s*<\?xml[^>]*\bencoding\s*=\s*["']([\w.:-]+)""")
# No XML may hold them, and a parser stops there.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_AMPERSAND = re.compile(r"&(?!(?:#\d+|#x[0-9a-fA-F]+|amp|lt|gt|quot|apos);)(\w{2,32};)?")
# A name that is cut at the end of a piece.
_CUT = re.compile(r"&#?\w{0,32}\Z")
_IN_XML = frozenset("<>&\"'")


class XmlSource:
    """What a parser reads.

    Attributes:
        lines: how many lines were read so far.

    Args:
        stream: the file, at its beginning.
        budget: whose size is that of the largest entry.
        what: what such an entry is called.
    """

    def __init__(self, stream: BinaryIO, budget: Budget, what: str) -> None:
        self.lines = 1
        self._stream = stream
        self._budget = budget
        self._what = what
        self._size_bytes = 0
        self._pending = ""
        head = stream.read(_HEAD_BYTES)
        self._decoder = codecs.getincrementaldecoder(_encoding(head))("replace")
        text = self._decoder.decode(head, final=False)
        # It would name another encoding than the one that comes out.
        self._ready = _DECLARATION.sub(lambda found: "\n" * found[0].count("\n"), text, count=1)

    def take(self) -> None:
        """An entry has come to its end: what was read of it is not held any more."""
        self._size_bytes = 0

    def read(self, size: int = -1) -> bytes:
        """Some more of it; ReaderError if an entry is larger than the budget has."""
        while True:
            data = b"" if self._ready else self._stream.read(size)
            text = self._pending + (self._ready or self._decoder.decode(data, final=not data))
            is_end = not (data or self._ready)
            self._ready = ""
            cut = None if is_end else _CUT.search(text)
            self._pending = text[cut.start() :] if cut else ""
            text = _FORBIDDEN.sub(" ", text[: cut.start()] if cut else text)
            self.lines += text.count("\n")
            raw = _AMPERSAND.sub(_named, text).encode()
            self._size_bytes += len(raw)
            if self._size_bytes > self._budget.size_bytes:
                raise too_large(self._what, self._budget)
            if raw or is_end:
                return raw


def _named(found: re.Match[str]) -> str:
    """A character that HTML has a name for; an ampersand where there is none.

    So no entity is left that a document type might declare.
    """
    text = html5.get(found[1] or "", "")
    return text if text and _IN_XML.isdisjoint(text) else f"&amp;{found[1] or ''}"


def _encoding(head: bytes) -> str:
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    declared = _ENCODING.match(head)
    name = codec_named(declared[1].decode("ascii", "replace")) if declared else ""
    if head.isascii():
        return name or "utf-8"
    if _is_utf8(head):
        return "utf-8"
    return "cp1252" if name in {"", "utf-8"} else name


def _is_utf8(head: bytes) -> bool:
    """Whether it is UTF-8, and at its end perhaps half of a character."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head, final=False)
    except UnicodeDecodeError:
        return False
    return True

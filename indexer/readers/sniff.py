"""What the first lines of a source say of its format; pure."""

from __future__ import annotations

import codecs
import csv
import json
import re

from indexer.readers.fields import FIELDS
from indexer.tuples import NamedTuple

_HEAD_BYTES = 16384
#: What old and what encrypted office documents begin with.
COMPOUND_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# What the first part of an office document begins with, whichever program wrote it.
_FIRST_PARTS = (
    *(b"[Content_Types].xml", b"_rels/", b"docProps/", b"customXml/"),
    *(b"word/", b"ppt/", b"xl/"),
)

#: What may stand before the first tag of a page or of XML. What is matched once is not tried in
#: another way: of a page with many comments there would be ways without end.
LEADING = r"(?:\s++|<!--(?>.*?-->)|<\?(?>.*?\?>))*+"
#: As LEADING, and what says which elements there may be.
PROLOGUE = r"(?:\s++|<!--(?>.*?-->)|<\?(?>.*?\?>)|<!DOCTYPE\s(?>[^>\[]*)(?:>|\[(?>.*?\]\s*>)))*+"
_HTML = re.compile(
    LEADING + r"<(?:!doctype\s+html|html|head|body|title|meta|article|main|div|p|h[1-6])\b[^<]*>",
    re.IGNORECASE | re.DOTALL,
)
_XML_ROOT = re.compile(
    PROLOGUE + r"<([A-Za-z_][\w.:-]*)(?:\s+[\w.:-]+\s*=\s*(?:\"[^\"<]*\"|'[^'<]*'))*\s*>",
    re.DOTALL,
)
_FRONT_MATTER = re.compile(
    r"---[ \t]*\n(?:[\w-]+[ \t]*:.*\n)(?:.*\n)*?(?:---|\.\.\.)[ \t]*(?:\n|\Z)"
)
# A heading with room on both sides; the comments of a script or a settings file have none.
_HEADING = re.compile(r"(?:\A|\n[ \t]*\n)#{1,6} +[^\s#][^\n]*(?:\n[ \t]*\n|\n?\Z)")
_JSON_RECORD = re.compile(r'\s*\{\s*"')
_JSON_NAME = re.compile(r'\s*\{\s*"[^"\n]*"\s*:\s*["\[{\d tfn-]')
_JSON_ARRAY = re.compile(r'\s*\[\s*\{\s*"')
_JSON_INNER = re.compile(r'"\s*:\s*(?:\[\s*)?\{\s*"')


class Head(NamedTuple):
    """The beginning of a source; whole if it is all of it.

    Attributes:
        text: decoded as well as can be, with plain line ends.
        raw: as it is.
    """

    text: str
    whole: bool
    raw: bytes = b""


def head_of(data: bytes) -> Head:
    """The beginning of a source, decoded as well as can be, with plain line ends."""
    head = data[:_HEAD_BYTES]
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = head.decode("utf-16", "ignore")
    elif head.startswith((b"<\0?\0", b"\0<\0?")):  # XML needs no mark
        text = head.decode("utf-16-le" if head[1] == 0 else "utf-16-be", "ignore")
    else:
        text = head.decode("utf-8-sig", "replace")
    text = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\n")
    return Head(text, len(data) <= _HEAD_BYTES, head)


def is_pdf(head: Head) -> bool:
    """Tell whether it begins as PDF does, perhaps after some other bytes."""
    return b"%PDF-" in head.raw[:1024] and not is_zip(head)


def is_zip(head: Head) -> bool:
    """Tell whether it begins as a zip archive does, also an empty one."""
    return head.raw.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def is_compound(head: Head) -> bool:
    """Tell whether it begins as old and as encrypted office documents do."""
    return head.raw.startswith(COMPOUND_MAGIC)


def is_docx(head: Head) -> bool:
    """Tell whether it is a zip that begins with the parts of a text document of Word."""
    return _has_parts(head, b"word/")


def is_pptx(head: Head) -> bool:
    """Tell whether it is a zip that begins with the parts of a presentation of PowerPoint."""
    return _has_parts(head, b"ppt/")


def is_rtf(head: Head) -> bool:
    """Tell whether it begins as RTF does."""
    return head.raw.startswith(b"{\\rtf")


def is_spreadsheet(head: Head) -> bool:
    """Tell whether it is a zip that is a spreadsheet."""
    return _has_parts(head, b"xl/") or _says_it_is(head, b"opendocument.spreadsheet")


def is_epub(head: Head) -> bool:
    """Tell whether it is a zip that says that it is a book."""
    return _says_it_is(head, b"application/epub+zip")


def is_odt(head: Head) -> bool:
    """Tell whether it is a text document of LibreOffice's kind, also as one flat XML file."""
    return _says_it_is(head, b"opendocument.text")


def is_odp(head: Head) -> bool:
    """Tell whether it is a presentation of LibreOffice's kind, also as one flat XML file."""
    return _says_it_is(head, b"opendocument.presentation")


def _has_parts(head: Head, folder: bytes) -> bool:
    # In an archive that holds such a document its parts may be seen as well.
    if not is_zip(head) or not head.raw[30:].startswith(_FIRST_PARTS):
        return False
    names = (b"[Content_Types].xml", b"_rels/.rels")
    return any(one in head.raw for one in names) and folder in head.raw


def _says_it_is(head: Head, type_: bytes) -> bool:
    if is_zip(head):
        # The type is the first member, as it is: a name, and what it holds.
        return head.raw[30:38] == b"mimetype" and type_ in head.raw[38:100]
    return b"<office:document" in head.raw[:1024] and type_ in head.raw


def is_tar(head: Head) -> bool:
    """Tell whether it begins with the header of a member of a tar archive.

    That has the sum of its bytes in it, with blanks in the place of the sum.
    """
    header = head.raw[:512]
    if len(header) < 512 or not header[0]:
        return False
    said = header[148:156].strip(b" \0")
    if not said or said.strip(b"01234567"):
        return False
    return int(said, 8) == sum(header[:148]) + 8 * ord(" ") + sum(header[156:])


def looks_like_xml(head: Head) -> bool:
    """Tell whether it says so at its very beginning, or is all in one element, as far as is seen.

    A tag in a text is closed in it; a tag that HTML need not close has none in it that are closed.
    """
    if head.text.startswith(("<?xml ", "<?xml\t", "<?xml\n")):
        return True
    root = _XML_ROOT.match(head.text)
    if root is None:
        return False
    closing = f"</{root[1]}>"
    if head.whole:
        return head.text.rstrip().endswith(closing)
    return closing not in head.text and "</" in head.text


def looks_like_html(head: Head) -> bool:
    """Tell whether the first tag is one that pages begin with."""
    return _HTML.match(head.text) is not None


def looks_like_markdown(head: Head) -> bool:
    """Tell whether there is front matter or a heading."""
    return bool(_FRONT_MATTER.match(head.text) or _HEADING.search(head.text))


def looks_like_json(head: Head) -> bool:
    """Tell whether it is an array of JSON objects or one object, as far as it can be seen."""
    if _JSON_ARRAY.match(head.text):
        return True
    if not _JSON_RECORD.match(head.text):
        return False
    if not head.whole:
        return _JSON_NAME.match(head.text) is not None
    try:
        return isinstance(json.loads(head.text), dict)
    except (ValueError, RecursionError):
        return False


def looks_like_jsonl(head: Head) -> bool:
    """Tell whether the first line is a JSON object, as far as it can be seen.

    One line that holds other objects is a document.
    """
    first, _, rest = head.text.partition("\n")
    if not rest.strip() and _JSON_INNER.search(first):
        return False
    if not _JSON_RECORD.match(first) or (rest.strip() and not _JSON_RECORD.match(rest)):
        return False
    if not head.whole and not rest:
        return True
    try:
        return isinstance(json.loads(first), dict)
    except (ValueError, RecursionError):
        return False


def looks_like_csv(head: Head) -> bool:
    """Tell whether the first line heads a bulk file: the text and another field it knows."""
    first = head.text.partition("\n")[0]
    for delimiter in ",\t;":
        row = next(csv.reader([first], delimiter=delimiter), [])
        names = {name.strip().lower() for name in row}
        if "text" in names and len(names & FIELDS) > 1:
            return True
    return False

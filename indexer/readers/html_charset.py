"""The text of an HTML page that comes as bytes: which character set it is in."""

from __future__ import annotations

import codecs
import re

from indexer.readers.encoding import decode

_DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_DECLARED_WITHIN_BYTES = 4096
# Behind what archives put at the beginning of a page.
_META = re.compile(rb"""<meta\b[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_META_WITHIN_BYTES = 65_536
_FEW_ZEROS = 0.01
_BOMS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# Python has codecs that are no character sets of the web; a page must not choose one.
_CHARSETS = re.compile(r"ascii|iso|cp|koi8|mac|gb|big5|euc|shift_jis|hz|johab|tis")
# Pages are read as browsers read them: these names stand for their larger relatives.
_MEANT = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}


def decode_html(data: bytes) -> str:
    """Return the page's text: by its mark or UTF-8 where that fits, else by what it declares.

    A page that declares nothing, or what cannot be, is decoded like plain text.
    """
    if 0 < data.count(b"\0") <= _FEW_ZEROS * len(data) and b"<" in data[:_DECLARED_WITHIN_BYTES]:
        data = data.replace(b"\0", b"")  # as browsers do
    declared = _DECLARED.search(data[:_DECLARED_WITHIN_BYTES]) or _META.search(
        data[:_META_WITHIN_BYTES]
    )
    # The escape character is how ASCII-only bytes carry Japanese.
    if declared and not data.startswith(_BOMS) and (b"\x1b" in data or not _is_utf8(data)):
        try:
            name = codecs.lookup(declared[1].decode("ascii", "replace")).name
            if _CHARSETS.match(name):
                return decode(data.decode(_MEANT.get(name, name)).encode())
        except (LookupError, UnicodeError):
            pass
    return decode(data)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True

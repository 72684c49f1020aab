"""Bytes with a declared character set, which may be wrong or missing -> text."""

from __future__ import annotations

import codecs
import re

from indexer.readers.encoding import decode
from indexer.readers.fields import clean

# Python has codecs that are no character sets; a message must not choose one.
_CHARSETS = re.compile(r"ascii|utf|iso|cp|koi8|mac|gb|big5|euc|shift_jis|hz|johab|tis")
# They carry other letters in the bytes of ASCII.
_IN_ASCII = re.compile(r"iso2022|hz|utf-7|utf-16|utf-32")
# As mail programs and browsers read them: these names stand for their larger relatives.
_MEANT = {"ascii": "", "iso8859-1": "cp1252", "gb2312": "gb18030", "shift_jis": "cp932"}


def text_in(data: bytes, declared: str) -> str:
    r"""The text of data, with line ends as ``\n`` and in NFC.

    What is UTF-8 is read so, whatever was declared; then what was declared is tried, and last what
    the bytes look like.

    Raises: ReaderError with SkipReason.BINARY if they are not text.

    >>> text_in(b"caf\xc3\xa9", "iso-8859-1"), text_in(b"caf\xe9", "utf-8")
    ('café', 'café')
    """
    name = codec_named(declared)
    if not _IN_ASCII.match(name):
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            pass
        else:
            return decode(data) if "\0" in text else clean(text)
    if name:
        try:
            return clean(data.decode(name))
        except UnicodeError:
            pass
    return decode(data)


def codec_named(declared: str) -> str:
    """The name of the codec that reads a character set as programs do, "" if there is none."""
    try:
        name = codecs.lookup(declared.strip()).name
    except (LookupError, ValueError):
        return ""
    name = _MEANT.get(name, name)
    return name if _CHARSETS.match(name) else ""

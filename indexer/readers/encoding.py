"""Bytes of a source -> its text: finds the encoding and settles line ends and normal form."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING

from indexer.articles import SkipReason
from indexer.readers.faults import ReaderError

if TYPE_CHECKING:
    from collections.abc import Callable

# UTF-32 first: its little-endian mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MAGIC = (
    (b"%PDF-", "it is a PDF document, and no text"),
    (b"PK\x03\x04", "it is a zip archive or an office document, and no text"),
)
# Besides white space, what terminals and man pages put in text: bell, backspace, escape.
_TEXT_CONTROLS = b"\a\b\t\n\v\f\r\x1b"
_CONTROLS = bytes(code for code in (*range(0x20), 0x7F) if code not in _TEXT_CONTROLS)
# A stray control character happens in text; random bytes hold about 8 in 100.
_CONTROL_SHARE = 0.02

_BEYOND_ASCII = bytes(range(0x80, 0x100))
# Below this share of bytes beyond ASCII a text is in Latin letters with accents.
_DENSE_SHARE = 0.3
# With fewer bytes beyond ASCII than this, nothing can be told from them.
_LEAST_LATIN = 12
_LEAST_DENSE = 4
_SAMPLE_BYTES = 32_768
_LATIN = ("cp1252", "cp1250", "iso8859_2", "cp1254", "cp1257", "mac_roman", "cp850")
_DENSE = (
    *("cp1251", "koi8_r", "cp866", "cp1253", "cp1255", "cp1256", "tis_620"),
    *("cp932", "euc_jp", "gb18030", "big5", "cp949"),
)
_BY_LANGUAGE = {
    "Polish": ("cp1250", "iso8859_2"),
    "Czech": ("cp1250", "iso8859_2"),
    "Slovak": ("cp1250", "iso8859_2"),
    "Slovene": ("cp1250", "iso8859_2"),
    "Croatian": ("cp1250", "iso8859_2"),
    "Romanian": ("cp1250", "iso8859_2"),
    "Turkish": ("cp1254",),
    "Lithuanian": ("cp1257",),
    "Latvian": ("cp1257",),
}

#: Whether data is UTF-8 that is certain to be in NFC.
is_settled: Callable[[bytes], bool]
try:
    from indexer.readers.scanning import is_settled
except ImportError:
    is_settled = bytes.isascii

_HIRAGANA = re.compile("[\u3041-\u3096]")
_ESCAPED = re.compile("[\udc80-\udcff]")


def decode(data: bytes) -> str:
    r"""The text of a source, with line ends as ``\n`` and in NFC, without a byte order mark.

    UTF-8 is tried first, UTF-16 and UTF-32 where their mark or their zero bytes show them; then
    charset-normalizer has its say, and Windows-1252 wins whatever is too short to tell. A few
    broken bytes in a UTF-8 text are read as Windows-1252, the rest of it is not touched.

    Raises: ReaderError with SkipReason.BINARY if the data is not text.

    >>> decode(b"caf\xe9\r\n")
    'café\n'
    """
    fault = binary_fault(data)
    if fault:
        raise ReaderError(SkipReason.BINARY, fault)
    encoding, mark = _wide_encoding(data)
    if encoding:
        text = data[len(mark) :].decode(encoding, "replace")
        if encoding != "utf-8" and not _plausible(text):
            raise ReaderError(SkipReason.BINARY, f"it is not text, though it begins as {encoding}")
    else:
        text = _decode_bytes(data)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.isascii() or is_settled(data) or unicodedata.is_normalized("NFC", text):
        return text
    # No character is composed with a line end, and most lines need nothing.
    return "\n".join(
        line if line.isascii() else unicodedata.normalize("NFC", line) for line in text.split("\n")
    )


def is_wide(head: bytes) -> bool:
    """Whether a source that begins so has characters of two bytes or four, or is no text."""
    encoding, _ = _wide_encoding(head)
    return encoding not in ("", "utf-8") or binary_fault(head) is not None


def binary_fault(data: bytes) -> str | None:
    """What shows that data is no text; None if nothing does."""
    for magic, fault in _MAGIC:
        if data.startswith(magic):
            return fault
    if _wide_encoding(data)[0] not in ("", "utf-8"):
        return None
    if b"\0" in data:
        return "it is not text: it holds zero bytes"
    controls = len(data) - len(data.translate(None, _CONTROLS))
    if controls > _CONTROL_SHARE * len(data):
        return "it is not text: it is full of control characters"
    return None


def _wide_encoding(data: bytes) -> tuple[str, bytes]:
    """The encoding shown by a byte order mark or by zero bytes, and the mark; else two blanks."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding, mark
    if b"\0" not in data:
        return "", b""
    units = len(data) // 2
    for encoding, high_bytes in (("utf-16-le", data[1::2]), ("utf-16-be", data[0 : 2 * units : 2])):
        # Spaces and line ends alone give UTF-16 of any script one zero in twenty, and all but
        # Chinese, Japanese and Korean have two high bytes for nearly all characters.
        counts = Counter(high_bytes)
        usual = sum(count for _, count in counts.most_common(2))
        if units >= 2 and counts[0] * 20 >= units and usual * 10 >= units * 9:
            text = data[: 2 * units].decode(encoding, "replace")
            if _plausible(text):
                return encoding, b""
    return "", b""


def _plausible(text: str) -> bool:
    """Whether a UTF-16 or UTF-32 reading gives characters that are assigned and printable."""
    sample = text[:4096]
    strange = sum(
        unicodedata.category(char) in ("Cc", "Cn", "Co", "Cs") and not char.isspace()
        for char in sample
    )
    return "\0" not in text and strange + sample.count("\ufffd") <= _CONTROL_SHARE * len(sample) + 1


def _decode_bytes(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("utf-8", "surrogateescape")
    broken = len(_ESCAPED.findall(text))
    beyond_ascii = len(data) - len(data.translate(None, _BEYOND_ASCII))
    # Sequences that are whole by chance are rare, so two good characters outvote one bad byte.
    whole = len(text) - len(text.encode("ascii", "ignore")) - broken
    if whole > 2 * broken:
        return _ESCAPED.sub(lambda found: _western(bytes([ord(found[0]) - 0xDC00])), text)
    encoding = _guess(data, beyond_ascii)
    if encoding == "cp1252":
        return _western(data)
    return data.decode(encoding, "replace")


def _guess(data: bytes, beyond_ascii: int) -> str:
    from charset_normalizer import from_bytes  # noqa: PLC0415 - slow to load, rarely needed

    sample = _sample(data)
    if beyond_ascii < _DENSE_SHARE * len(data):
        matches = from_bytes(sample, cp_isolation=list(_LATIN), enable_fallback=False)
        best = matches.best()
        if best is None:
            return "cp1252"
        found = [match.encoding for match in matches]
        if beyond_ascii >= _LEAST_LATIN:
            own = [
                encoding for encoding in _BY_LANGUAGE.get(best.language, ()) if encoding in found
            ]
            if own:
                return min(own, key=lambda encoding: _strange_signs(sample, encoding))
        return "cp1252" if _is_cp1252(sample) else best.encoding
    if beyond_ascii < _LEAST_DENSE:
        return "cp1252"
    matches = from_bytes(sample, cp_isolation=list(_DENSE), enable_fallback=False)
    best = matches.best()
    if best is None:
        raise ReaderError(SkipReason.BINARY, "it is not text in any encoding known here")
    # Chinese and Korean code pages accept Japanese text; the syllables it is full of give it away.
    for match in matches:
        if match.encoding == "euc_jp" and len(_HIRAGANA.findall(str(match))) * 10 > len(str(match)):
            return match.encoding
    return best.encoding


def _sample(data: bytes) -> bytes:
    """The first lines with bytes beyond ASCII, cut where no multi-byte character is cut."""
    if len(data) <= _SAMPLE_BYTES:
        return data
    lines: list[bytes] = []
    size_bytes = 0
    for line in data.splitlines():
        if not line.isascii():
            lines.append(line)
            size_bytes += len(line)
            if size_bytes > _SAMPLE_BYTES:
                break
    sample = b"\n".join(lines)
    if len(sample) <= 2 * _SAMPLE_BYTES:
        return sample
    return sample[: sample.rfind(b" ", 0, _SAMPLE_BYTES) + 1] or sample


def _strange_signs(data: bytes, encoding: str) -> int:
    """How many characters beyond ASCII are not letters in a reading; a wrong one has many."""
    return sum(not char.isalpha() for char in data.decode(encoding, "replace") if char > "\x7f")


def _is_cp1252(data: bytes) -> bool:
    return not any(byte in data for byte in b"\x81\x8d\x8f\x90\x9d")


def _western(data: bytes) -> str:
    """The data as Windows-1252, its five unassigned bytes shown as replacement characters."""
    return data.decode("cp1252", "replace")

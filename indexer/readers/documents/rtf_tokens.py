"""RTF as a stream of tokens: words of control, groups, and text in its encoding."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN = re.compile(
    rb"\\([A-Za-z]{1,32})(-?[0-9]{1,10})? ?|\\'([0-9A-Fa-f]{2})|\\(.)|([{}])|[\r\n]+"
    rb"|([^\\{}\r\n]+)",
    re.DOTALL,
)
_USUAL = "cp1252"
#: The encodings of fonts by what they say of their characters.
_OF_FONTS = {
    128: "cp932",
    129: "cp949",
    134: "gbk",
    136: "big5",
    161: "cp1253",
    162: "cp1254",
    163: "cp1258",
    177: "cp1255",
    178: "cp1256",
    186: "cp1257",
    204: "cp1251",
    222: "cp874",
    238: "cp1250",
    77: "mac_roman",
}


class Token(NamedTuple):
    """A token.

    Attributes:
        word: a word of control or a symbol; "{" and "}" for groups, "" for text.
        number: what stands behind the word, None for nothing.
        text: what it says.
    """

    word: str
    number: int | None = None
    text: str = ""


def tokens_of(data: bytes) -> Iterator[Token]:
    """Yield the tokens of a document, its text in Unicode; binary data is passed over.

    Halves of characters stay beside each other.
    """
    place = 0
    encoding = _USUAL
    usual = _USUAL
    fonts: dict[int, str] = {}
    font = 0
    # Encodings and fallbacks hold for a group and those in it.
    outer: list[tuple[str, int]] = []
    fallback = 1
    passed = 0  # so many characters stand for one that was told already
    raw = bytearray()
    while found := _TOKEN.match(data, place):
        place = found.end()
        word, number, code, symbol, brace, text = found.groups()
        if code or text or (symbol and symbol in b"\\{}"):
            piece = bytes((int(code, 16),)) if code else text or symbol
            if passed:
                piece, passed = piece[passed:], max(0, passed - len(piece))
            raw += piece
            continue
        if not (word or symbol or brace):
            continue
        if raw:
            yield Token("", None, raw.decode(encoding, "replace"))
            raw.clear()
        if brace:
            passed = 0
            if brace == b"{":
                outer.append((encoding, fallback))
            elif outer:
                encoding, fallback = outer.pop()
            yield Token(brace.decode())
        elif symbol:
            passed = max(0, passed - 1)
            yield Token(symbol.decode("latin-1"))
        else:
            name, value = word.decode(), int(number) if number else None
            if name == "u" and value is not None:
                yield Token("", None, chr(value % 65_536))
                passed = fallback
                continue
            passed = 0
            if name == "bin" and value:
                place += max(0, value)
            elif name == "uc":
                fallback = min(max(0, 1 if value is None else value), 100)
            elif name == "ansicpg":
                usual = encoding = _known(f"cp{value}") or usual
            elif name == "f":
                font = value or 0
                encoding = fonts.get(font, usual)
            elif name == "fcharset" and value is not None:
                fonts[font] = _OF_FONTS.get(value, usual)
            elif name in {"plain", "pard"}:
                yield Token(name)
                continue
            yield Token(name, value)
    if raw:
        yield Token("", None, raw.decode(encoding, "replace"))


def _known(encoding: str) -> str:
    if encoding == "cp65001":
        return "utf-8"
    try:
        return codecs.lookup(encoding).name
    except LookupError:
        return ""

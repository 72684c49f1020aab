"""A message as it was sent -> what is shown of it, with lines of its file, and what is attached."""

from __future__ import annotations

import re
from email.utils import collapse_rfc2231_value
from mimetypes import guess_extension
from quopri import decodestring
from typing import TYPE_CHECKING

from indexer.model import Lines
from indexer.readers.messages.charsets import text_in
from indexer.readers.messages.headers import decoded
from indexer.readers.messages.prose import Line
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import Message

# Longer ones are none, and file names that long are refused by systems.
_MOST_NAME_CHARS = 200
_SIGNATURES = frozenset(
    ("application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature")
)
_ENCRYPTED = frozenset(
    ("application/pgp-encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime")
)
_SHOWN = frozenset(("text/plain", "text/html"))
_SUBJECT = re.compile(r"^subject:", re.IGNORECASE | re.MULTILINE)
# Plain text that has fewer words than that, and far fewer than its HTML, says "see the HTML".
_FEW_WORDS = 40
_FEW_SHARE = 0.25


class Places:
    """Finds the lines of the parts of a message, which are asked for in order.

    Args:
        text: the message as it is in its file, each byte a character of Latin-1.
        first: the line it begins on.
    """

    def __init__(self, text: str, first: int) -> None:
        self._text = text
        self._at = 0
        self._line = first

    def copy(self) -> Places:
        """Another that has come as far."""
        other = Places(self._text, self._line)
        other._at = self._at
        return other

    def of_payload(self, payload: str) -> Lines:
        """Where the text of a part stands."""
        found = self._text.find(payload, self._at)
        self._go(max(found, self._at))
        first = self._line
        if found >= 0:
            self._go(found + len(payload))
        return Lines(first, max(first, self._line - payload.endswith("\n")))

    def of_subject(self) -> Lines:
        """Where the next subject stands."""
        found = _SUBJECT.search(self._text, self._at)
        if found:
            self._go(found.end())
        return Lines(self._line, self._line)

    def _go(self, place: int) -> None:
        self._line += self._text.count("\n", self._at, place)
        self._at = place


class Part(NamedTuple):
    """One leaf of a message.

    Attributes:
        message: as the standard library has it, each byte a character of Latin-1.
        content_type: in small letters, such as "text/plain".
        name: of its file, "" if it has none.
        lines: where it stands in the file.
        is_shown: whether it is text that is shown, and no file.
        places: finds the lines of what is in it, where it is another message.
    """

    message: Message
    content_type: str
    name: str
    lines: Lines
    is_shown: bool
    places: Places

    @property
    def is_encrypted(self) -> bool:
        """Whether it cannot be read without a key."""
        return self.content_type in _ENCRYPTED

    @property
    def hides_signed_text(self) -> bool:
        """Whether it is signed so that its text is part of the signature (S/MIME)."""
        kind = str(self.message.get_param("smime-type", "")).lower()
        return self.is_encrypted and kind == "signed-data"

    @property
    def is_message(self) -> bool:
        """Whether it is another message."""
        return self.content_type in {"message/rfc822", "message/global"} and _is_multipart(
            self.message
        )

    @property
    def file_name(self) -> str:
        """What it is called; made of its type where it has no name."""
        extension = guess_extension(self.content_type) or ""
        return self.name or f"attachment{extension}"

    @property
    def content(self) -> bytes:
        """Its bytes, with the encoding for transport undone as well as can be."""
        payload = self.message.get_payload(decode=True)
        return payload if isinstance(payload, bytes) else b""

    def text(self) -> list[Line]:
        """Its text line by line; ReaderError if it is none."""
        charset = self.message.get_content_charset() or ""
        pieces = list(_pieces(self.message, self.lines))
        text = text_in(b"\n".join(piece for piece, _ in pieces), charset)
        texts = text.split("\n")
        if len(texts) != len(pieces):
            return [Line(one, self.lines) for one in texts]
        return [Line(one, lines) for one, (_, lines) in zip(texts, pieces, strict=True)]


def parts_of(message: Message, places: Places, *, shows: bool = True) -> Iterator[Part]:
    """Yield the leaves of a message in order; of alternatives the one that is shown.

    Args:
        message: it, or a part of it that has parts.
        places: where its payloads are.
        shows: whether what is text in it is shown; else it is left out, and only files are told.
    """
    content_type = message.get_content_type()
    if not _is_multipart(message) or message.get_content_maintype() == "message":
        part = _leaf(message, content_type, places)
        is_passed_over = part.content_type in _SIGNATURES or (part.is_shown and not shows)
        if not is_passed_over:
            yield part
        return
    children = [part for part in message.get_payload() if not isinstance(part, str)]
    if content_type == "multipart/encrypted":
        children = children[:1]
    chosen = _chosen(children) if content_type == "multipart/alternative" else None
    for child in children:
        yield from parts_of(child, places, shows=shows and (chosen is None or child is chosen))


def _leaf(message: Message, content_type: str, places: Places) -> Part:
    name = _name(message)
    disposition = message.get_content_disposition()
    is_shown = content_type in _SHOWN and (
        disposition == "inline" or (disposition != "attachment" and not name)
    )
    if content_type.startswith("multipart/"):  # its parts cannot be told apart
        content_type, is_shown = "text/plain", True
    within = places.copy()  # a message in a message tells its own lines
    for inner in message.walk():
        text = inner.get_payload()
        lines = places.of_payload(text if isinstance(text, str) else "")
    return Part(message, content_type, name, lines, is_shown, within)


def _chosen(children: list[Message]) -> Message | None:
    """Of the forms of one text the one that is read: plain text where it says it all."""
    texts = [child for child in children if child.get_content_type() == "text/plain"]
    others = [child for child in children if child not in texts]
    words = max((_word_count(child) for child in texts), default=0)
    richer = others[-1] if others else None
    if richer is not None:
        html = next((one for one in others if _html_in(one) is not None), None)
        richer = html or richer
        if words < _FEW_WORDS:
            found = _html_in(richer)
            if not words or (found is not None and words < _FEW_SHARE * _word_count(found)):
                return richer
    return texts[0] if texts else richer


def _html_in(message: Message) -> Message | None:
    """The first HTML in a part."""
    return next((one for one in message.walk() if one.get_content_type() == "text/html"), None)


def _word_count(message: Message) -> int:
    payload = message.get_payload(decode=True)
    text = payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
    if message.get_content_type() == "text/html":
        text = re.sub(r"(?s)<(style|script)\b.*?</\1>|<[^>]*>|&\w+;", " ", text)
    return len(text.split())


def _is_multipart(message: Message) -> bool:
    return isinstance(message.get_payload(), list)


def _pieces(message: Message, lines: Lines) -> Iterator[tuple[bytes, Lines]]:
    """Yield the lines of a text as bytes, each with its place in the file."""
    payload = message.get_payload()
    encoding = str(message.get("content-transfer-encoding", "")).strip().lower()
    if isinstance(payload, str) and encoding in {"", "7bit", "8bit", "binary"}:
        for number, line in enumerate(_lines(payload), lines.first):
            yield line, Lines(number, number)
    elif isinstance(payload, str) and encoding == "quoted-printable":
        first, encoded = lines.first, b""
        for number, line in enumerate(_lines(payload), lines.first):
            stripped = line.rstrip(b" \t")
            if stripped.endswith(b"="):
                encoded += stripped[:-1]
                continue
            for piece in decodestring(encoded + stripped).split(b"\n"):
                yield piece.rstrip(b"\r"), Lines(first, number)
            first, encoded = number + 1, b""
        if encoded:
            yield decodestring(encoded), Lines(first, lines.last)
    else:
        content = message.get_payload(decode=True)
        if isinstance(content, bytes):
            for line in content.split(b"\n"):
                yield line.rstrip(b"\r"), lines


def _lines(payload: str) -> list[bytes]:
    return payload.removesuffix("\n").encode("latin-1", "replace").split(b"\n")


def _name(message: Message) -> str:
    """The name of the file that a part is, without folders; "" if it has none."""
    for parameter, header in (("filename", "content-disposition"), ("name", "content-type")):
        value = message.get_param(parameter, "", header)
        # By RFC 2231 it tells its charset; else it is written as other headers are.
        name = collapse_rfc2231_value(value) if isinstance(value, tuple) else decoded(value)
        if name:
            return " ".join(name.replace("\\", "/").rpartition("/")[2].split())[-_MOST_NAME_CHARS:]
    return ""

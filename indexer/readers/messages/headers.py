"""The header of a message -> what it says: subject, people, day, threads and labels.

Names and values are taken as they stand in the message, whatever is wrong with them: what cannot be
understood is unknown. The parser of the standard library that follows the grammar of addresses is
not used: it takes most of the time of reading a mailbox, and fails on some of what is sent.
"""

from __future__ import annotations

import binascii
import re
from email.utils import getaddresses, parsedate_to_datetime
from quopri import decodestring
from typing import TYPE_CHECKING

from indexer.readers.extra import extra_of
from indexer.readers.faults import ReaderError
from indexer.readers.fields import language_of
from indexer.readers.messages.charsets import text_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from email.message import Message

# A longer header is no list of people.
_MOST_CHARS = 20_000
# =?charset*language?encoding?text?=, and the white space between two, which is none of the text.
_ENCODED = re.compile(
    r"=\?([^?*\s]+)(?:\*[^?]*)?\?([bBqQ])\?([^?]*)\?=(?:\s+(?==\?[^?\s]+\?[bBqQ]\?))?"
)
_ID = re.compile(r"<([^<>\s]+)>")
_LIST_ID = re.compile(r"<([^<>]+)>\s*$")
#: Where mail programs keep the labels that people give to a message.
_LABELS = ("x-gmail-labels", "x-keywords", "keywords", "x-label")


class Header:
    """The header of one message.

    Args:
        message: as the standard library parsed it, each byte a character of Latin-1.
    """

    def __init__(self, message: Message) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in message.raw_items():
            self._values.setdefault(name.lower(), []).append(str(value)[:_MOST_CHARS])

    def text(self, name: str) -> str:
        """The first value of a name as one line, "" if there is none."""
        return next(map(decoded, self._values.get(name, ())), "")

    @property
    def message_id(self) -> str:
        """What the message is called, without angle brackets; "" if it does not say."""
        return (self._ids("message-id") or [self.text("message-id").strip("<>")])[0]

    @property
    def author(self) -> tuple[str, str]:
        """The name and the address of who wrote it, "" for what is not there."""
        return next(iter(self._people("from")), ("", ""))

    @property
    def published(self) -> date | None:
        """The day on which it was written, there; else on which it came."""
        arrived = self.text("received").rpartition(";")[2]
        for text in (self.text("date"), arrived):
            try:
                return parsedate_to_datetime(text).date()
            except (ValueError, TypeError, IndexError, OverflowError):
                continue
        return None

    @property
    def language(self) -> str:
        """The first language it says it is in."""
        return language_of(self.text("content-language").partition(",")[0])

    @property
    def extra(self) -> tuple[tuple[str, str], ...]:
        """What else it says, by the names of its fields; people last, as they may be many."""
        return extra_of(self._pairs())

    def _pairs(self) -> Iterator[tuple[object, object]]:
        answered = self._ids("in-reply-to")
        thread = [*self._ids("references"), *answered, self.message_id]
        yield "from", self.author[1]
        yield "message-id", self.message_id
        yield "in-reply-to", next(iter(answered), "")
        yield "thread", thread[0]
        listed = self.text("list-id")
        found = _LIST_ID.search(listed)
        yield "list-id", found[1] if found else listed
        for name in _LABELS:
            yield from (("label", label.strip()) for label in self.text(name).split(","))
        for name in ("to", "cc"):
            for person, address in self._people(name):
                yield name, address
                yield name, person

    def _ids(self, name: str) -> list[str]:
        return [one for value in self._values.get(name, ()) for one in _ID.findall(value)]

    def _people(self, name: str) -> list[tuple[str, str]]:
        """The names and addresses in the fields of a name."""
        # Names are decoded when they are told apart: a comma in one is not between two.
        values = [" ".join(_in_unicode(value).split()) for value in self._values.get(name, ())]
        try:
            pairs = getaddresses(values)
        except (ValueError, IndexError, RecursionError):
            return []
        found = [(decoded(person).strip("'\" "), address.strip()) for person, address in pairs]
        return [
            (person if person != address else "", address) for person, address in found if address
        ]


def decoded(value: str) -> str:
    """A value as one line, its encoded words decoded as well as can be.

    Its bytes are characters of Latin-1.

    >>> decoded("=?utf-8?q?Z=C3=BCge?= =?utf-8?b?IG5hY2g=?= Linz")
    'Züge nach Linz'
    """
    value = " ".join(_in_unicode(value).split())
    if "=?" not in value:
        return value
    pieces: list[str] = []
    end = 0
    # Programs cut characters in two at times: what is in one charset is decoded together.
    pending, charset = b"", ""
    for word in _ENCODED.finditer(value):
        if pending and (word.start() > end or word[1].lower() != charset):
            pieces.append(_text(pending, charset))
            pending = b""
        pieces.append(value[end : word.start()])
        charset = word[1].lower()
        pending += _bytes(word[2].lower(), word[3])
        end = word.end()
    pieces += (_text(pending, charset), value[end:])
    return " ".join("".join(pieces).split())


def _in_unicode(value: str) -> str:
    """A raw value with the bytes beyond ASCII read, which are not allowed and sent all the same."""
    if value.isascii():
        return value
    return _text(value.encode("latin-1", "replace"), "")


def _bytes(encoding: str, text: str) -> bytes:
    raw = text.encode()
    if encoding == "q":
        return decodestring(raw, header=True)
    try:
        return binascii.a2b_base64(raw + b"===") or raw
    except binascii.Error:
        return raw


def _text(data: bytes, charset: str) -> str:
    try:
        return text_in(data, charset)
    except ReaderError:
        return data.decode("ascii", "replace")

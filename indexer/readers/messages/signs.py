"""By what messages, feeds and web archives are known; pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from indexer.readers.messages.mailbox import begins_message
from indexer.readers.sniff import PROLOGUE

if TYPE_CHECKING:
    from indexer.readers.sniff import Head

_FIELD = re.compile(r"([!-9;-~]+)[ \t]*:")
# Who sent it, and something that notes to oneself do not have beside it.
_SENDERS = frozenset(("from", "return-path", "received", "delivered-to", "x-mozilla-status"))
_OF_MAIL = frozenset(
    (
        *("message-id", "received", "return-path", "mime-version", "delivered-to", "references"),
        *("in-reply-to", "content-type", "content-transfer-encoding", "reply-to", "list-id"),
    )
)


def is_mbox(head: Head) -> bool:
    """Tell whether it begins as a mailbox does: "From ", a date, and a header below."""
    lines = head.raw.lstrip(b"\r\n").split(b"\n", 2)
    return len(lines) > 1 and begins_message(lines[0], lines[1])


def looks_like_message(head: Head) -> bool:
    """Tell whether the first lines are the header of a message that was sent."""
    names: set[str] = set()
    for line in head.text.split("\n"):
        if line[:1] in {" ", "\t"} and names:
            continue
        field = _FIELD.match(line)
        if not field:
            return not line.strip() and _is_of_mail(names)
        names.add(field[1].lower())
    return _is_of_mail(names)


def _is_of_mail(names: set[str]) -> bool:
    return not names.isdisjoint(_SENDERS) and len(names & _OF_MAIL) > 0 and len(names) > 2


_FEED = re.compile(
    PROLOGUE + r"<(?:rss\b|feed\b[^>]*atom|rdf:RDF\b[^>]*(?:purl\.org/rss|rdf/simple/0\.9))",
    re.IGNORECASE | re.DOTALL,
)
_OPML = re.compile(PROLOGUE + r"<opml\b", re.IGNORECASE | re.DOTALL)
_JSON_FEED = re.compile(r'"version"\s*:\s*"https?:\\?/\\?/jsonfeed\.org\\?/version\\?/')


def is_feed(head: Head) -> bool:
    """Tell whether the first element is that of RSS or Atom."""
    return _FEED.match(head.text) is not None


def is_opml(head: Head) -> bool:
    """Tell whether the first element is that of OPML."""
    return _OPML.match(head.text) is not None


def is_json_feed(head: Head) -> bool:
    """Tell whether it is an object with the version of a JSON Feed."""
    return head.text.lstrip().startswith("{") and _JSON_FEED.search(head.text) is not None


def is_warc(head: Head) -> bool:
    """Tell whether it begins with a record of a web archive."""
    return head.raw.startswith(b"WARC/")


def is_wacz(head: Head) -> bool:
    """Tell whether it begins as a zip archive whose first member is one of a web archive."""
    name = head.raw[30 : 30 + int.from_bytes(head.raw[26:28], "little")]
    is_of_archive = name.startswith(b"archive/") and b".warc" in name
    return head.raw.startswith(b"PK\x03\x04") and (is_of_archive or name == b"pages/pages.jsonl")

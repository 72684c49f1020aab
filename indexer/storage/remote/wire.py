r"""Terms, values and records as they travel to OpenSearch and back; pure.

A field of text holds its own tokens: positions are separated by blanks, forms that share a position
by U+0001, and a position where nothing is stands as U+0002. The analyser of the mapping cuts at
blanks, then at U+0001, and drops U+0002, which leaves its position free. So tokens and positions
there are those of ``indexer.text.inverting``, one by one.

JSON has no lone surrogates, which paths and texts may have; those are escaped with U+0003. A term
that Lucene would refuse for its length goes by its digest.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from indexer.text.inverting import Places

TOGETHER = "\x01"
NOTHING = "\x02"
_ESCAPE = "\x03"
_DIGEST = "\x04"
# Lucene takes 32,766 bytes.
_MOST_BYTES = 32_000
_MOST_KEPT_BYTES = 64

_TO_ESCAPE = re.compile(f"[\ud800-\udfff{_ESCAPE}]")
# What means something in an expression.
_SIGNS = re.compile(r'[.?+*|{}\[\]()"\\#@&<>~^-]')
_QUOTED = r"\\\g<0>"
_ESCAPED = re.compile(f"{_ESCAPE}([0-9a-f]{{4}})")


def escaped(text: str) -> str:
    r"""A text that can be sent as JSON.

    >>> escaped("caf\udce9")
    'caf\x03dce9'
    """
    if text.isascii() and _ESCAPE not in text:
        return text
    return _TO_ESCAPE.sub(lambda found: f"{_ESCAPE}{ord(found[0]):04x}", text)


def unescaped(text: str) -> str:
    """The text that escaped() was given."""
    if _ESCAPE not in text:
        return text
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


def sent_term(term: bytes) -> str:
    """A term of an index as it is sent."""
    return _sent_often(term) if len(term) <= _MOST_KEPT_BYTES else _sent(term)


def _sent(term: bytes) -> str:
    text = escaped(term.decode("utf-8", "surrogatepass"))
    # An escaped character takes up to five times as many bytes.
    if len(term) * 5 > _MOST_BYTES and len(text.encode("utf-8")) > _MOST_BYTES:
        return _DIGEST + hashlib.sha256(term).hexdigest()
    return text


# The same words come over and over.
_sent_often = lru_cache(maxsize=1 << 16)(_sent)


def sent_value(value: str) -> str:
    """A value of an article, such as its id, as it is sent."""
    return sent_term(value.encode("utf-8", "surrogatepass"))


def beginning(text: str) -> str:
    r"""The expression of Lucene for what begins with a text.

    >>> beginning("a.b=")
    'a\\.b=.*'
    """
    return f"{_SIGNS.sub(_QUOTED, escaped(text))}.*"


def token_text(forms: Iterable[Mapping[bytes, Places]]) -> str:
    """The tokens of one text, given the positions of its terms, as a field holds them."""
    by_position: dict[int, list[str]] = {}
    for of_field in forms:
        for term, places in of_field.items():
            text = sent_term(term)
            for position in [places] if isinstance(places, int) else places:
                by_position.setdefault(position, []).append(text)
    if not by_position:
        return ""
    return " ".join(
        TOGETHER.join(by_position.get(position, (NOTHING,)))
        for position in range(max(by_position) + 1)
    )


def sent_positions(sent: str) -> dict[str, list[int]]:
    """The positions of each term in what token_text() made, by the terms as they are sent."""
    found: dict[str, list[int]] = {}
    for position, forms in enumerate(sent.split(" ")):
        for form in forms.split(TOGETHER):
            found.setdefault(form, []).append(position)
    return found

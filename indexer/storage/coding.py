r"""Stored records as codes of the words of their segment; pure. ``decoding`` has the way back.

A record is cut into tokens, and each that is a word of the vocabulary becomes its code:

    0 to 127           one of the first 128 words, the most frequent ones
    128 to 254, B      word 128 + (first - 128) * 256 + B
    255, N, N bytes    what stands there itself: tokens that are no words

A token is a run of letters with the blank behind it, where characters of two bytes are letters;
one to four digits; a run of what else ASCII has; of scripts with three bytes a character one or two
of them; any other character. Bytes that are no UTF-8 are tokens as well: anything comes back as it
was.

So a record is read by itself, in a microsecond where this is compiled, and records take less room
than compressed by zlib among their neighbours; what they have in common is in the vocabulary.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING

from indexer.storage.decoding import LITERAL, MOST_WORD_BYTES, SHORT_CODES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_MOST_LITERAL_BYTES = 255
MOST_WORDS = SHORT_CODES + (LITERAL - SHORT_CODES) * 256
# What a word takes in the vocabulary beside itself, about.
_ENTRY_BYTES = 4

_TOKENS = re.compile(
    rb"[A-Za-z]+(?:(?:[\xc2-\xdf][\x80-\xbf])+[A-Za-z]*)* ?"
    rb"|[\x00-/:-@\[-`{-\x7f]+"
    rb"|[0-9]{1,4}"
    rb"|(?:(?:[\xc2-\xdf][\x80-\xbf])+[A-Za-z]*)+ ?"
    rb"|(?:\xe0[\x80-\xbf]{2}){1,2}"
    rb"|(?:\xe3[\x81-\x83][\x80-\xbf]){1,2}"
    rb"|[\xe1-\xef][\x80-\xbf]{2}"
    rb"|[\xf0-\xf4][\x80-\xbf]{3}"
    rb"|[\x80-\xff]"
)
# The same of ASCII alone, faster.
_ASCII_TOKENS = re.compile(rb"[A-Za-z]+ ?|[^A-Za-z0-9]+|[0-9]{1,4}")


def tokens(record: bytes) -> list[bytes]:
    """The tokens of a record, which are all of it."""
    found: list[bytes] = (_ASCII_TOKENS if record.isascii() else _TOKENS).findall(record)
    return found


def learnt(records: Sequence[bytes]) -> list[bytes]:
    """The words that make some records and their vocabulary small, the most frequent ones first."""
    worth = [
        (-count, word)
        for word, count in counted(records).items()
        if count * len(word) > len(word) + _ENTRY_BYTES
    ]
    worth.sort()
    return [word for _, word in worth[:MOST_WORDS]]


def counted_one_by_one(records: Sequence[bytes], /) -> dict[bytes, int]:
    """The tokens that may be words and occur more than once, with how often they do."""
    counts = Counter(chain.from_iterable(map(tokens, records)))
    return {
        token: count
        for token, count in counts.items()
        if count > 1 and len(token) <= MOST_WORD_BYTES
    }


class PlainEncoder:
    """Encodes records with the words of a vocabulary."""

    def __init__(self, words: Sequence[bytes], /) -> None:
        """Take the words in the order of their codes.

        Raises: ValueError if one is there twice, or they are too many or too long.
        """
        if len(words) > MOST_WORDS:
            raise ValueError("there are more words than codes")
        if not all(1 <= len(word) <= MOST_WORD_BYTES for word in words):
            raise ValueError("a word is of 1 to 64 bytes")
        self._codes = dict(zip(words, _codes(), strict=False))
        if len(self._codes) < len(words):
            raise ValueError("a word is there twice")

    def encode(self, records: Sequence[bytes], /) -> tuple[bytes, list[int]]:
        """The codes of all records behind each other, and how many bytes each has."""
        encoded = list(map(self._encoded, records))
        return b"".join(encoded), list(map(len, encoded))

    def _encoded(self, record: bytes) -> bytes:
        known = self._codes.get
        codes: list[bytes] = []
        unknown: list[bytes] = []
        for token in tokens(record):
            code = known(token)
            if code is None:
                unknown.append(token)
                continue
            if unknown:
                codes += _literals(b"".join(unknown))
                unknown = []
            codes.append(code)
        if unknown:
            codes += _literals(b"".join(unknown))
        return b"".join(codes)


def _codes() -> Iterator[bytes]:
    """Yield the codes of words in their order."""
    yield from (bytes((code,)) for code in range(SHORT_CODES))
    yield from (
        bytes((first, second)) for first in range(SHORT_CODES, LITERAL) for second in range(256)
    )


def _literals(text: bytes) -> Iterator[bytes]:
    for start in range(0, len(text), _MOST_LITERAL_BYTES):
        part = text[start : start + _MOST_LITERAL_BYTES]
        yield bytes((LITERAL, len(part)))
        yield part


#: The tokens that may be words and occur more than once, with how often they do.
counted: Callable[[Sequence[bytes]], dict[bytes, int]]
try:
    from indexer.storage.passages import Encoder as Encoder  # noqa: PLC0414 - so that it is exported
    from indexer.storage.passages import counted
except ImportError:
    counted = counted_one_by_one
    Encoder = PlainEncoder  # type: ignore[assignment, misc]

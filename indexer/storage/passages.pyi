"""Paragraphs as the index stores them."""

from array import array
from collections.abc import Callable, Sequence
from typing import TypeAlias

from indexer.model import BlockKind, Lines, Paragraph

_Array: TypeAlias = memoryview[int] | bytes | bytearray
_Lazy: TypeAlias = tuple[memoryview[int], int]
_Pages: TypeAlias = tuple[memoryview[int], array[int], bytearray, Callable[[int, int], None]]

def stored(lines: Sequence[int], texts: Sequence[str], /) -> list[bytes]:
    """The record of each paragraph, given its line and its clean text; see ``plain``.

    Raises: UnicodeEncodeError for a text with halves of characters.
    """

def counted(records: Sequence[bytes], /) -> dict[bytes, int]:
    """The tokens that may be words and occur more than once, with how often; see ``coding``."""

class Encoder:
    """Encodes records with the words of a vocabulary; see ``coding``."""

    def __init__(self, words: Sequence[bytes], /) -> None:
        """Take the words in the order of their codes.

        Raises: ValueError if one is there twice, or they are too many or too long.
        """

    def encode(self, records: Sequence[bytes], /) -> tuple[bytes, list[int]]:
        """The codes of all records behind each other, and how many bytes each has."""

class Records:
    """The records of a segment, where they lie; see ``documents.StoredRecords``.

    Args:
        parents: by document, the record of its article.
        offsets, stored, sources, languages: arrays, and where each begins in the file.
        words, word_offsets: the vocabulary.
        pages: see ``arrays.ArrayFile.pages``.
        kinds: ``Lines`` and ``Paragraph``, and the kind of most paragraphs.

    Raises: ValueError if the arrays do not fit each other.
    """

    def __init__(
        self,
        parents: _Array,
        offsets: _Lazy,
        stored: _Lazy,
        sources: _Lazy,
        languages: _Lazy,
        words: _Array,
        word_offsets: _Array,
        pages: _Pages,
        kinds: tuple[type[Lines], type[Paragraph], BlockKind],
        /,
    ) -> None: ...
    def record(self, doc: int, /) -> bytes:
        """The record of a document; ValueError if it is damaged."""

    def records(self, first: int, end: int, /) -> list[bytes]:
        """The records of some documents; ValueError if any is damaged."""

    def passages(
        self, docs: Sequence[int], /
    ) -> list[tuple[int, str | None, bytes, int, int, int, Paragraph | None]]:
        """What passages are made of; ValueError if any is damaged.

        Of its article: the record's document, its id if that needs no JSON, the record, the numbers
        of its source and its language, how many paragraphs it has. Then the paragraph if it is on
        one line and has nothing else.
        """

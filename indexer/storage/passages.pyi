"""Paragraphs as the index stores them."""

from array import array
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from indexer.model import BlockKind, Lines, Paragraph
from indexer.storage.records import StoredArticle

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
        articles: ``StoredArticle``, the languages, what gives a source by its number, and the name
            of the file.

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
        articles: tuple[
            type[StoredArticle], tuple[str, ...], Callable[[int], tuple[str, str, Any]], str
        ],
        /,
    ) -> None: ...
    def record(self, doc: int, /) -> bytes:
        """The record of a document; ValueError if it is damaged."""

    def records(self, first: int, end: int, /) -> list[bytes]:
        """The records of some documents; ValueError if any is damaged."""

    def passages(
        self,
        docs: Sequence[int],
        known: dict[int, StoredArticle],
        other_article: Callable[[int], StoredArticle],
        other_paragraph: Callable[[int, str], Paragraph],
        /,
    ) -> list[tuple[StoredArticle, Paragraph]]:
        """Some paragraphs, each with its article.

        Args:
            docs: their documents.
            known: articles by their records, to which those are added that are read.
            other_article: gives the one of a record whose id has to be read as JSON.
            other_paragraph: gives one, by its document and the id of its article, that is on
                several lines or has more than a text.

        Raises: ValueError if any is damaged; what those raise.
        """

"""The formats that are read: one table, and which of them a source is in.

A new format is a row here and a module that offers its reader.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, Protocol

from indexer.readers.sniff import (
    Head,
    head_of,
    looks_like_csv,
    looks_like_html,
    looks_like_jsonl,
    looks_like_markdown,
)
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from indexer.articles import Article, Skipped
    from indexer.readers.base import ReaderError
    from indexer.readers.budget import Budget

# ruff: noqa: PLC0415  (each reader's library costs time to load)


class Reader(Protocol):
    """What the module of a format offers whose sources are one article each."""

    def __call__(
        self, data: bytes, *, source: str, keep_furniture: bool, budget: Budget
    ) -> Iterator[Article]:
        """Yield the article; ReaderError if there is none, or if it is over the budget."""


class RecordsReader(Protocol):
    """What the module of a format of records offers."""

    def __call__(
        self, texts: Iterable[str | ReaderError], *, source: str, budget: Budget
    ) -> Iterator[Article | Skipped]:
        """Yield articles and what was skipped; ReaderError if there is none.

        texts are whole lines, many at a time; an error stands for a line that gives no text.
        """


class Format(NamedTuple):
    """One format.

    It has either load or load_records, which load what the reader needs.

    Attributes:
        name: what ``--format`` takes.
        suffixes: of the names of its files, in small letters.
        fits: whether a source that has no such suffix begins like one.
        load: gives the reader of a source that is one article.
        load_records: gives the reader of a source of records, each an article.
    """

    name: str
    suffixes: tuple[str, ...]
    fits: Callable[[Head], bool]
    load: Callable[[], Reader] | None = None
    load_records: Callable[[], RecordsReader] | None = None


def _text() -> Reader:
    from indexer.readers.text import read_text

    return read_text


def _markdown() -> Reader:
    from indexer.readers.markdown import read_markdown

    return read_markdown


def _html() -> Reader:
    from indexer.readers.html import read_html

    return read_html


def _jsonl() -> RecordsReader:
    from indexer.readers.bulk import read_jsonl

    return read_jsonl


def _csv() -> RecordsReader:
    from indexer.readers.bulk import read_csv

    return read_csv


#: Of those that a source begins like, the last is taken; everything begins like the first.
FORMATS = (
    Format("text", (".txt", ".text"), lambda _head: True, _text),
    Format("markdown", (".md", ".markdown"), looks_like_markdown, _markdown),
    Format("html", (".html", ".htm", ".xhtml"), looks_like_html, _html),
    Format("jsonl", (".jsonl", ".ndjson"), looks_like_jsonl, load_records=_jsonl),
    Format("csv", (".csv", ".tsv"), looks_like_csv, load_records=_csv),
)

_BY_NAME = {format_.name: format_ for format_ in FORMATS}
_BY_SUFFIX = {suffix: format_ for format_ in FORMATS for suffix in format_.suffixes}


def format_named(name: str) -> Format:
    """Return the format of a name; ValueError if there is none."""
    found = _BY_NAME.get(name)
    if found is None:
        raise ValueError(f"no format {name!r}; formats are {', '.join(_BY_NAME)}")
    return found


def format_of_name(name: str) -> Format | None:
    """Return the format that the suffix of a path or URL tells; None if it tells none.

    A suffix ".gz" is looked through.
    """
    return _BY_SUFFIX.get(PurePath(name.lower().removesuffix(".gz")).suffix)


def pick_format(name: str, data: bytes) -> Format:
    """Return the format to read a source as.

    Args:
        name: path, URL or "-".
        data: the source, unpacked, or its beginning; looked at only where name has no suffix that
            tells.
    """
    found = format_of_name(name)
    if found is not None:
        return found
    head = head_of(data)
    return next(format_ for format_ in reversed(FORMATS) if format_.fits(head))

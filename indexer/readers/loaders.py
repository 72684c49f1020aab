"""What loads the reader of each format; its library costs time, and may not be there."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from indexer.readers.base import Reader, RecordsReader, StreamReader

# ruff: noqa: D103, PLC0415  (each does the same, and loads when it is called)


def text() -> Reader:
    from indexer.readers.text import read_text

    return read_text


def markdown() -> Reader:
    from indexer.readers.markdown import read_markdown

    return read_markdown


def html() -> Reader:
    from indexer.readers.html import read_html

    return read_html


def jsonl() -> RecordsReader:
    from indexer.readers.bulk import read_jsonl

    return read_jsonl


def csv() -> RecordsReader:
    from indexer.readers.bulk import read_csv

    return read_csv


def pdf() -> StreamReader:
    from indexer.readers.pdf.reader import read_pdf

    return read_pdf


def zip_archive() -> StreamReader:
    from indexer.readers.archives import read_zip

    return read_zip

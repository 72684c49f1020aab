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
    from indexer.readers.records.jsonl import read_jsonl

    return read_jsonl


def json() -> StreamReader:
    from indexer.readers.records.json_document import read_json

    return read_json


def csv() -> RecordsReader:
    from indexer.readers.records.table import read_csv

    return read_csv


def xml() -> StreamReader:
    from indexer.readers.records.xml_document import read_xml

    return read_xml


def pdf() -> StreamReader:
    from indexer.readers.pdf import read_pdf

    return read_pdf


def zip_archive() -> StreamReader:
    from indexer.readers.archives.zipped import read_zip

    return read_zip


def tar_archive() -> StreamReader:
    from indexer.readers.archives.tarred import read_tar

    return read_tar

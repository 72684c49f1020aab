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
    from indexer.readers.pdf.reader import read_pdf

    return read_pdf


def zip_archive() -> StreamReader:
    from indexer.readers.archives.zipped import read_zip

    return read_zip


def epub() -> StreamReader:
    from indexer.readers.documents.epub import read_epub

    return read_epub


def docx() -> StreamReader:
    from indexer.readers.documents.word import read_docx

    return read_docx


def pptx() -> StreamReader:
    from indexer.readers.documents.slides import read_pptx

    return read_pptx


def odt() -> StreamReader:
    from indexer.readers.documents.open_document import read_odt

    return read_odt


def odp() -> StreamReader:
    from indexer.readers.documents.open_document import read_odp

    return read_odp


def rtf() -> StreamReader:
    from indexer.readers.documents.rtf import read_rtf

    return read_rtf


def spreadsheet() -> StreamReader:
    from indexer.readers.documents.spreadsheet import read_spreadsheet

    return read_spreadsheet


def compound() -> StreamReader:
    from indexer.readers.documents.compound import read_compound

    return read_compound


def message() -> StreamReader:
    from indexer.readers.messages.mail import read_message

    return read_message


def mbox() -> StreamReader:
    from indexer.readers.messages.mail import read_mbox

    return read_mbox


def feed() -> StreamReader:
    from indexer.readers.messages.feeds import read_feed

    return read_feed


def json_feed() -> StreamReader:
    from indexer.readers.messages.json_feed import read_json_feed

    return read_json_feed


def opml() -> StreamReader:
    from indexer.readers.messages.opml import read_opml

    return read_opml


def warc() -> StreamReader:
    from indexer.readers.messages.warc import read_warc

    return read_warc


def wacz() -> StreamReader:
    from indexer.readers.messages.warc import read_wacz

    return read_wacz


def rst() -> Reader:
    from indexer.readers.markup.rst import read_rst

    return read_rst


def asciidoc() -> Reader:
    from indexer.readers.markup.asciidoc import read_asciidoc

    return read_asciidoc


def latex() -> Reader:
    from indexer.readers.markup.latex import read_latex

    return read_latex


def org() -> Reader:
    from indexer.readers.markup.org import read_org

    return read_org


def notebook() -> Reader:
    from indexer.readers.markup.notebooks import read_notebook

    return read_notebook


def subtitles() -> Reader:
    from indexer.readers.markup.subtitles import read_subtitles

    return read_subtitles


def tar_archive() -> StreamReader:
    from indexer.readers.archives.tarred import read_tar

    return read_tar


def mediawiki() -> StreamReader:
    from indexer.readers.markup.wiki import read_mediawiki

    return read_mediawiki

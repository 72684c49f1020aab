"""The registry: formats picked by name and content, gzip, and nothing raised for bad content."""

from __future__ import annotations

import gzip
import subprocess
import sys

import pytest

from indexer.articles import Article, Skipped, SkipReason
from indexer.readers.formats import FORMATS, pick_format
from tests.readings import read_articles

NAMES = [
    ("notes.txt", "text"),
    ("notes.TEXT", "text"),
    ("notes.md", "markdown"),
    ("dir.html/notes.markdown", "markdown"),
    ("page.html", "html"),
    ("page.htm", "html"),
    ("page.xhtml", "html"),
    ("dump.jsonl", "jsonl"),
    ("dump.ndjson", "jsonl"),
    ("dump.csv", "csv"),
    ("dump.json", "jsonl"),
    ("dump.tsv", "csv"),
    ("dump.csv.gz", "csv"),
    ("PAGE.HTML.GZ", "html"),
]


@pytest.mark.parametrize(("name", "format_name"), NAMES)
def test_a_known_suffix_decides_whatever_the_content(name: str, format_name: str) -> None:
    assert pick_format(name, b'{"text": "a"}').name == format_name


CONTENTS = [
    (b"", "text"),
    (b"The tide was out.\n\nGulls walked on the sand.\n", "text"),
    (b"<!DOCTYPE html><p>Tide</p>", "html"),
    (b'\xef\xbb\xbf\r\n<HTML lang="en">', "html"),
    (b'<?xml version="1.0"?>\n<!-- saved -->\n<html xmlns="x">', "html"),
    (b"<p class=a>Tide", "html"),
    (b"<jane@example.org> wrote this", "text"),
    (b"<p and <q are names of variables", "text"),
    (b'{"text": "a"}', "jsonl"),
    (b'{"text": "a"}\n{"text": "b"}\n', "jsonl"),
    (b'{"text": "' + b"a" * 50_000 + b'"}\n', "jsonl"),
    ('{"text": "né"}\n'.encode("utf-16"), "jsonl"),
    (b'{"text": "a"} and more', "text"),
    (b'{\n  "text": "a"\n}\n', "json"),
    (b'[{"text": "a"},\n {"text": "b"}]\n', "json"),
    (b'{"items": [{"text": "a"}]}\n', "json"),
    (b'{"items": [{"text": "a"}]}\n{"items": [{"text": "b"}]}\n', "jsonl"),
    (b'{"a": {"text": "a"}}\n', "json"),
    (b'[ "a" ]', "text"),
    (b'{"a" is a set', "text"),
    (b"[" * 20_000, "text"),
    (b"id,text\n1,a\n", "csv"),
    (b'"Title"\t"Text"\r\na\tb\r\n', "csv"),
    (b"id;title;text\n1;a;b\n", "csv"),
    (b"Text, as such, is cheap\n", "text"),
    (b"text\nabout nothing\n", "text"),
    (b"---\ntitle: Tide\n---\n\nGulls.\n", "markdown"),
    (b"# Tide\n\nGulls walked.\n", "markdown"),
    (b"Gulls walked.\r\n\r\n## Tide\r\n\r\nThey slept.\r\n", "markdown"),
    (b"---\nA rule above, none below.\n", "text"),
    (b"#!/bin/sh\n# list all\nls\n", "text"),
    (b"#tide at noon\n\nGulls walked.\n", "text"),
    (b"# settings\nname = tide\n\n# colours\nred = 1\n", "text"),
    (b"* one\n* two\n", "text"),
]


@pytest.mark.parametrize("name", ["-", "notes", "notes.log", "https://example.org/tide"])
@pytest.mark.parametrize(("data", "format_name"), CONTENTS)
def test_content_decides_where_the_name_does_not(name: str, data: bytes, format_name: str) -> None:
    assert pick_format(name, data).name == format_name


SOURCES = [
    ("a.txt", b"Gulls walked on the wet sand until the water came back for it.\n"),
    ("a.md", b"Gulls walked on the wet sand until the water came back for it.\n"),
    ("a.html", b"<p>Gulls walked on the wet sand until the water came back for it.</p>"),
    ("a.jsonl", b'{"text": "Gulls walked on the wet sand until the water came back for it."}'),
    ("a.csv", b"text\nGulls walked on the wet sand until the water came back for it.\n"),
]


@pytest.mark.parametrize(("name", "data"), SOURCES)
def test_every_format_is_read_packed_or_not(name: str, data: bytes) -> None:
    text = "Gulls walked on the wet sand until the water came back for it."
    packed = gzip.compress(data[:20]) + gzip.compress(data[20:])
    for source, content in [(name, data), (f"{name}.gz", packed), (name, packed)]:
        (article,) = read_articles(content, source=source)
        assert isinstance(article, Article)
        assert (article.source, [block.text for block in article.blocks]) == (source, [text])


def test_a_format_that_is_named_overrules_name_and_content() -> None:
    (article,) = read_articles(b"# Gulls\n\nwalked", source="a.html", format_name="markdown")
    assert isinstance(article, Article)
    assert (article.title, article.blocks[0].text) == ("Gulls", "walked")


PACKED = gzip.compress(bytes(range(256)) * 40, mtime=0)


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (PACKED[:-9], "the compressed file is cut short"),
        (PACKED[:2], "the compressed file is cut short"),
        (PACKED[:2] + b"\xff" * 40, "the compressed file is damaged"),
        (PACKED[:30] + b"\xff" * 40 + PACKED[70:], "the compressed file is damaged"),
        (PACKED + b"garbage", "the compressed file is damaged"),
    ],
)
def test_bad_gzip_is_skipped_with_its_reason(data: bytes, detail: str) -> None:
    found = list(read_articles(data, source="a.gz"))
    assert found == [Skipped("a.gz", SkipReason.BROKEN, detail)]


OF_TEXT = [format_.name for format_ in FORMATS if format_.load_stream is None]


@pytest.mark.parametrize("format_name", OF_TEXT)
def test_what_is_empty_or_no_text_is_skipped(format_name: str) -> None:
    for data, reason in [(b"", SkipReason.EMPTY), (b"\n \r\n", SkipReason.EMPTY)]:
        (skipped,) = read_articles(data, source="a", format_name=format_name)
        assert isinstance(skipped, Skipped)
        assert (skipped.path, skipped.reason) == ("a", reason)
    (skipped,) = read_articles(b"\x89PNG\0\1\2\3" * 9, source="a", format_name=format_name)
    assert isinstance(skipped, Skipped)
    assert (skipped.path, skipped.reason) == ("a", SkipReason.BINARY)


def test_the_libraries_of_the_readers_are_loaded_only_when_used() -> None:
    code = (
        "import io, sys\n"
        "from indexer.readers import formats, reading as readers\n"
        "formats.pick_format('-', b'# A')\n"
        "list(readers.read_stream(io.BytesIO(b'A\\n\\nB'), source='a.txt'))\n"
        "list(readers.read_stream(io.BytesIO(b'{\"text\": \"A\"}'), source='a.jsonl'))\n"
        "print({'trafilatura', 'lxml', 'markdown_it', 'yaml', 'click'} & set(sys.modules))\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "set()\n"

"""The registry: formats picked by name and content, gzip, and nothing raised for bad content."""

from __future__ import annotations

import gzip
import subprocess
import sys

import pytest

from indexer.model import Article, Format, Skipped, SkipReason
from indexer.readers import pick_format, read_articles

NAMES = [
    ("notes.txt", Format.TEXT),
    ("notes.TEXT", Format.TEXT),
    ("notes.md", Format.MARKDOWN),
    ("dir.html/notes.markdown", Format.MARKDOWN),
    ("page.html", Format.HTML),
    ("page.htm", Format.HTML),
    ("page.xhtml", Format.HTML),
    ("dump.jsonl", Format.JSONL),
    ("dump.ndjson", Format.JSONL),
    ("dump.csv", Format.CSV),
    ("dump.tsv", Format.CSV),
    ("dump.csv.gz", Format.CSV),
    ("PAGE.HTML.GZ", Format.HTML),
]


@pytest.mark.parametrize(("name", "format_"), NAMES)
def test_a_known_suffix_decides_whatever_the_content(name: str, format_: Format) -> None:
    assert pick_format(name, b'{"text": "a"}') is format_


CONTENTS = [
    (b"", Format.TEXT),
    (b"The tide was out.\n\nGulls walked on the sand.\n", Format.TEXT),
    (b"<!DOCTYPE html><p>Tide</p>", Format.HTML),
    (b'\xef\xbb\xbf\r\n<HTML lang="en">', Format.HTML),
    (b'<?xml version="1.0"?>\n<!-- saved -->\n<html xmlns="x">', Format.HTML),
    (b"<p class=a>Tide", Format.HTML),
    (b"<jane@example.org> wrote this", Format.TEXT),
    (b"<p and <q are names of variables", Format.TEXT),
    (b'{"text": "a"}', Format.JSONL),
    (b'{"text": "a"}\n{"text": "b"}\n', Format.JSONL),
    (b'{"text": "' + b"a" * 50_000 + b'"}\n', Format.JSONL),
    ('{"text": "né"}\n'.encode("utf-16"), Format.JSONL),
    (b'{"text": "a"} and more', Format.TEXT),
    (b'{\n  "text": "a"\n}\n', Format.TEXT),
    (b'{"a" is a set', Format.TEXT),
    (b"[" * 20_000, Format.TEXT),
    (b"id,text\n1,a\n", Format.CSV),
    (b'"Title"\t"Text"\r\na\tb\r\n', Format.CSV),
    (b"id;title;text\n1;a;b\n", Format.CSV),
    (b"Text, as such, is cheap\n", Format.TEXT),
    (b"text\nabout nothing\n", Format.TEXT),
    (b"---\ntitle: Tide\n---\n\nGulls.\n", Format.MARKDOWN),
    (b"# Tide\n\nGulls walked.\n", Format.MARKDOWN),
    (b"Gulls walked.\r\n\r\n## Tide\r\n\r\nThey slept.\r\n", Format.MARKDOWN),
    (b"---\nA rule above, none below.\n", Format.TEXT),
    (b"#!/bin/sh\n# list all\nls\n", Format.TEXT),
    (b"#tide at noon\n\nGulls walked.\n", Format.TEXT),
    (b"# settings\nname = tide\n\n# colours\nred = 1\n", Format.TEXT),
    (b"* one\n* two\n", Format.TEXT),
]


@pytest.mark.parametrize("name", ["-", "notes", "notes.log", "https://example.org/tide"])
@pytest.mark.parametrize(("data", "format_"), CONTENTS)
def test_content_decides_where_the_name_does_not(name: str, data: bytes, format_: Format) -> None:
    assert pick_format(name, data) is format_


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
    (article,) = read_articles(b"# Gulls\n\nwalked", source="a.html", format_=Format.MARKDOWN)
    assert isinstance(article, Article)
    assert (article.title, article.blocks[0].text) == ("Gulls", "walked")


PACKED = gzip.compress(bytes(range(256)) * 40)


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (PACKED[:-9], "the compressed file is cut short"),
        (PACKED[:2], "the compressed file is cut short"),
        (PACKED[:2] + b"\xff" * 40, "the compressed file is damaged"),
        (PACKED[:30] + b"\xff" * 40 + PACKED[70:], "the compressed file is damaged"),
        (PACKED + b"garbage", "the compressed file is damaged"),
        (
            gzip.compress(b"a" * 3_000_000),
            "the compressed file unpacks to more than 2,000,000 bytes; split it into smaller files",
        ),
    ],
)
def test_bad_gzip_is_skipped_with_its_reason(data: bytes, detail: str) -> None:
    found = list(read_articles(data, source="a.gz", max_size_bytes=2_000_000))
    assert found == [Skipped("a.gz", SkipReason.BROKEN, detail)]


@pytest.mark.parametrize("format_", Format)
def test_what_is_empty_or_no_text_is_skipped(format_: Format) -> None:
    for data, reason in [(b"", SkipReason.EMPTY), (b"\n \r\n", SkipReason.EMPTY)]:
        (skipped,) = read_articles(data, source="a", format_=format_)
        assert isinstance(skipped, Skipped)
        assert (skipped.path, skipped.reason) == ("a", reason)
    (skipped,) = read_articles(b"\x89PNG\0\1\2\3" * 9, source="a", format_=format_)
    assert isinstance(skipped, Skipped)
    assert (skipped.path, skipped.reason) == ("a", SkipReason.BINARY)


def test_the_libraries_of_the_readers_are_loaded_only_when_used() -> None:
    code = (
        "import sys, indexer.readers as readers\n"
        "readers.pick_format('-', b'# A')\n"
        "list(readers.read_articles(b'A\\n\\nB', source='a.txt'))\n"
        "list(readers.read_articles(b'{\"text\": \"A\"}', source='a.jsonl'))\n"
        "print({'trafilatura', 'lxml', 'markdown_it', 'yaml', 'click'} & set(sys.modules))\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "set()\n"

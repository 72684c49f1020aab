"""Makers of web archives: what a crawler writes down."""

from __future__ import annotations

import gzip
import zipfile
from html import escape
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

CAPTURED = "2024-01-02T10:00:00Z"


def record(
    address: str,
    body: bytes,
    content_type: str = "text/html; charset=utf-8",
    *,
    kind: str = "response",
    status: str = "200 OK",
    header: str = "",
    captured: str = CAPTURED,
) -> bytes:
    """One record: an answer of a server with lines of its header; other kinds have none."""
    if kind in {"response", "revisit"}:
        answer = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\n{header}\r\n"
        body = answer.encode() + body
        content_type = "application/http; msgtype=response"
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {address}\r\nWARC-Date: {captured}\r\n"
        f"WARC-Record-ID: <urn:uuid:{len(body):032x}>\r\nContent-Type: {content_type}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body + b"\r\n\r\n"


def page(paragraphs: Sequence[str], title: str = "Harbour news") -> bytes:
    """A page with a title, a heading, and paragraphs."""
    text = "".join(f"<p>{escape(paragraph)}</p>\n" for paragraph in paragraphs)
    return (
        f"<!DOCTYPE html>\n<html lang=en><head><title>{title}</title></head>\n"
        f"<body><article><h1>{title}</h1>\n{text}</article></body></html>\n"
    ).encode()


def records(pages: Sequence[Sequence[str]]) -> list[bytes]:
    """What is recorded of a capture: itself, requests, pages, and pictures between."""
    made = [record("", b"software: example\r\n", "application/warc-fields", kind="warcinfo")]
    for number, paragraphs in enumerate(pages, 1):
        address = f"https://example.org/{number}"
        made += [
            record(address, b"GET / HTTP/1.1\r\n\r\n", "application/http", kind="request"),
            record(address, page(paragraphs)),
            record(f"{address}.png", b"\x89PNG\0\1\2", "image/png"),
        ]
    return made


def warc(pages: Sequence[Sequence[str]]) -> bytes:
    """A web archive."""
    return b"".join(records(pages))


def warc_gz(pages: Sequence[Sequence[str]]) -> bytes:
    """A web archive in which each record is compressed by itself."""
    return b"".join(map(gzip.compress, records(pages)))


def wacz(pages: Sequence[Sequence[str]]) -> bytes:
    """A package of web archives."""
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as package:
        package.writestr("archive/data.warc.gz", warc_gz(pages))
        package.writestr("pages/pages.jsonl", '{"format": "json-pages-1.0"}\n')
        package.writestr("datapackage.json", "{}")
    return made.getvalue()

"""Documents in the formats that are text; a page is a heading and the paragraphs below it."""

from __future__ import annotations

import csv as csv_writer
import json
from html import escape
from io import StringIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def text(pages: Sequence[Sequence[str]]) -> bytes:
    """A plain text with a blank line between paragraphs."""
    return "\n\n".join(part for page in pages for part in page).encode() + b"\n"


def markdown(pages: Sequence[Sequence[str]]) -> bytes:
    """A section for each page."""
    parts = [part for head, *texts in pages for part in (f"## {head}", *texts)]
    return "\n\n".join(parts).encode() + b"\n"


def html(pages: Sequence[Sequence[str]]) -> bytes:
    """A page of the web with a section for each page."""
    body = "".join(
        f"<h2>{escape(head)}</h2>\n" + "".join(f"<p>{escape(part)}</p>\n" for part in texts)
        for head, *texts in pages
    )
    return f"<!DOCTYPE html><title>Made</title>\n<article>\n{body}</article>\n".encode()


def jsonl(pages: Sequence[Sequence[str]]) -> bytes:
    """A record for each page."""
    records = ({"title": head, "text": "\n\n".join(texts)} for head, *texts in pages)
    return "".join(json.dumps(record) + "\n" for record in records).encode()


def csv(pages: Sequence[Sequence[str]]) -> bytes:
    """A row for each page."""
    table = StringIO()
    writer = csv_writer.writer(table)
    writer.writerow(("title", "text"))
    writer.writerows((head, "\n\n".join(texts)) for head, *texts in pages)
    return table.getvalue().encode()

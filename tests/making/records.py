"""Makes files of records, a record a page."""

from __future__ import annotations

import csv as csv_module
import json as json_module
from io import StringIO
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Sequence


def _records(pages: Sequence[Sequence[str]]) -> list[dict[str, str]]:
    return [
        {"id": f"record-{number}", "text": "\n\n".join(paragraphs)}
        for number, paragraphs in enumerate(pages, start=1)
    ]


def jsonl(pages: Sequence[Sequence[str]]) -> bytes:
    """JSON Lines."""
    return "".join(json_module.dumps(record) + "\n" for record in _records(pages)).encode()


def json(pages: Sequence[Sequence[str]]) -> bytes:
    """A JSON document with the records in an array."""
    return json_module.dumps({"count": len(pages), "items": _records(pages)}, indent=1).encode()


def csv(pages: Sequence[Sequence[str]]) -> bytes:
    """A table with a header."""
    made = StringIO()
    table = csv_module.DictWriter(made, ("id", "text"))
    table.writeheader()
    table.writerows(_records(pages))
    return made.getvalue().encode()


def xml(pages: Sequence[Sequence[str]]) -> bytes:
    """XML with one repeated element."""
    records = "".join(
        f'<record id="{record["id"]}"><text>{escape(record["text"])}</text></record>\n'
        for record in _records(pages)
    )
    return f'<?xml version="1.0"?>\n<records>\n{records}</records>\n'.encode()

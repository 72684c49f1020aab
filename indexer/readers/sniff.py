"""Which format a source is in: its name decides, its first lines where the name says nothing."""

from __future__ import annotations

import codecs
import csv
import json
import re
from pathlib import PurePath

from indexer.model import Format
from indexer.readers.fields import FIELDS

_SUFFIXES = {
    ".txt": Format.TEXT,
    ".text": Format.TEXT,
    ".md": Format.MARKDOWN,
    ".markdown": Format.MARKDOWN,
    ".html": Format.HTML,
    ".htm": Format.HTML,
    ".xhtml": Format.HTML,
    ".jsonl": Format.JSONL,
    ".ndjson": Format.JSONL,
    ".csv": Format.CSV,
    ".tsv": Format.CSV,
}
_HEAD_BYTES = 16384

_HTML = re.compile(
    r"(?:\s|<!--.*?-->|<\?xml.*?\?>)*"
    r"<(?:!doctype\s+html|html|head|body|title|meta|article|main|div|p|h[1-6])\b[^<]*>",
    re.IGNORECASE | re.DOTALL,
)
_FRONT_MATTER = re.compile(
    r"---[ \t]*\n(?:[\w-]+[ \t]*:.*\n)(?:.*\n)*?(?:---|\.\.\.)[ \t]*(?:\n|\Z)"
)
# A heading with room on both sides; the comments of a script or a settings file have none.
_HEADING = re.compile(r"(?:\A|\n[ \t]*\n)#{1,6} +[^\s#][^\n]*(?:\n[ \t]*\n|\n?\Z)")
_JSON_RECORD = re.compile(r'\s*\{\s*"')


def pick_format(name: str, data: bytes) -> Format:
    """Return the format to read a source as.

    Args:
        name: path, URL or "-"; a suffix ".gz" is looked through.
        data: the source, unpacked; looked at only where name has no suffix that tells.
    """
    path = PurePath(name.lower())
    if path.suffix == ".gz":
        path = path.with_suffix("")
    return _SUFFIXES.get(path.suffix) or _by_content(data)


def _by_content(data: bytes) -> Format:
    head = _decode_head(data[:_HEAD_BYTES]).replace("\r\n", "\n").replace("\r", "\n").lstrip("\n")
    if _HTML.match(head):
        return Format.HTML
    if _is_jsonl(head, whole=len(data) <= _HEAD_BYTES):
        return Format.JSONL
    if _is_csv(head.partition("\n")[0]):
        return Format.CSV
    if _FRONT_MATTER.match(head) or _HEADING.search(head):
        return Format.MARKDOWN
    return Format.TEXT


def _decode_head(head: bytes) -> str:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return head.decode("utf-16", "ignore")
    return head.decode("utf-8-sig", "replace")


def _is_jsonl(head: str, *, whole: bool) -> bool:
    """Tell whether the first line is a JSON object, as far as it can be seen."""
    first, _, rest = head.partition("\n")
    if not _JSON_RECORD.match(first) or (rest.strip() and not _JSON_RECORD.match(rest)):
        return False
    if not whole and not rest:
        return True
    try:
        return isinstance(json.loads(first), dict)
    except (ValueError, RecursionError):
        return False


def _is_csv(first: str) -> bool:
    """Tell whether a line is the header of a bulk file: the text and another field it knows."""
    for delimiter in ",\t;":
        row = next(csv.reader([first], delimiter=delimiter), [])
        names = {name.strip().lower() for name in row}
        if "text" in names and len(names & FIELDS) > 1:
            return True
    return False

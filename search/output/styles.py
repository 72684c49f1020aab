"""The forms of output."""

from __future__ import annotations

from enum import Enum

DEFAULT_SNIPPET_CHARS = 600


class Style(Enum):
    """A form of output; the value is what ``--format`` takes, but for templates."""

    TEXT = "text"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    TSV = "tsv"
    IDS = "ids"
    TREC = "trec"
    ARTICLES = "articles"
    VIMGREP = "vimgrep"
    TEMPLATE = "template"  # --template has it

    @property
    def is_named(self) -> bool:
        """Whether ``--format`` takes it."""
        return self is not Style.TEMPLATE

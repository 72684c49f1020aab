"""The forms of output."""

from __future__ import annotations

from enum import Enum

DEFAULT_SNIPPET_CHARS = 600
#: The format of links on terminals; ``links.FORMATS`` has all that have a name.
DEFAULT_LINK = "file"


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
    QUOTE = "quote"
    MARKDOWN = "markdown"
    BIBTEX = "bibtex"
    CSL = "csl"
    TEMPLATE = "template"  # --template has it

    @property
    def is_named(self) -> bool:
        """Whether ``--format`` takes it."""
        return self is not Style.TEMPLATE

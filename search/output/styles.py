"""The forms of output."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING

from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from search.output.fields import Field
    from search.output.template import Template
    from search.request import Request

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


#: Forms of output, and their fields, that say where a passage stands in its article and its page.
_CITED = frozenset({Style.JSON, Style.JSONL, Style.QUOTE, Style.MARKDOWN})
_CITED_FIELDS = frozenset({"link", "target"})
#: Forms of output that show counts beside passages.
WITH_FACETS = frozenset({Style.TEXT, Style.JSON})


class Form(NamedTuple):
    """The form in which pages are printed.

    Attributes:
        style: the form itself.
        fields: what JSON records and rows hold; none for all.
        template: for that style alone.
    """

    style: Style
    fields: tuple[Field, ...] = ()
    template: Template | None = None

    @property
    def named(self) -> tuple[Field, ...]:
        """The values that it shows; none where it shows all that its style has."""
        return self.fields if self.template is None else self.template.fields

    @property
    def is_cited(self) -> bool:
        """Whether it is printed where a passage stands in its article and its page.

        For that other paragraphs are read, which who names some fields is not to wait for.
        """
        if self.fields or self.template is not None:
            return any(field.key in _CITED_FIELDS for field in self.named)
        return self.style in _CITED

    def asked_of(self, request: Request) -> Request:
        """The request with what the form needs to be asked."""
        if self.style is Style.ARTICLES:
            # One whose best passage is a copy has passages all the same.
            return replace(request, per_article=1, all_copies=True, cited=False)
        return replace(request, cited=True) if self.is_cited else request

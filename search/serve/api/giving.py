"""How an answer is to be given -> its form, its content type, its text."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from indexer.errors import UsageError
from indexer.tuples import NamedTuple
from search.output.budget import most_passages, within
from search.output.forms import read_form
from search.output.render import render, render_count
from search.output.styles import DEFAULT_SNIPPET_CHARS, WITH_FACETS, Form, Style
from search.serve.api.parameters import as_parameter
from search.serve.limits import MOST_PASSAGES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from search.model import Page
    from search.request import Request

_PLAIN = "text/plain; charset=utf-8"
# What a person opens in a browser is plain text there, whatever is in it; never HTML.
_MEDIA_TYPES = {
    Style.JSON: "application/json",
    Style.JSONL: "application/x-ndjson",
    Style.CSV: "text/csv; charset=utf-8; header=present",
    Style.TSV: "text/tab-separated-values; charset=utf-8",
    Style.MARKDOWN: "text/markdown; charset=utf-8",
    Style.BIBTEX: "application/x-bibtex; charset=utf-8",
    Style.CSL: "application/vnd.citationstyles.csl+json",
}


def media_type_of(style: Style) -> str:
    """The content type of a form of output."""
    return _MEDIA_TYPES.get(style, _PLAIN)


class Giving(NamedTuple):
    """How pages are to be given.

    Attributes:
        form: in which form.
        snippet_chars: longer paragraphs are cut to that; None: none are.
        budget_chars: what the text may take; None: any.
        only_count: whether the number of passages that match is all.
    """

    form: Form
    snippet_chars: int | None = DEFAULT_SNIPPET_CHARS
    budget_chars: int | None = None
    only_count: bool = False

    @property
    def media_type(self) -> str:
        """The content type of the text."""
        return _PLAIN if self.only_count else media_type_of(self.form.style)

    def asked_of(self, request: Request, *, has_limit: bool) -> Request:
        """The request with what must be asked for that; has_limit tells whether its limit was said.

        Raises: UsageError where it asks for what the form has no place for.
        """
        style = self.form.style
        if request.facets and self.only_count:
            raise UsageError("count gives one number", hint="for facets there is /api/facets")
        if request.facets and style not in WITH_FACETS:
            raise UsageError(f"{style.value} has no place for facets", hint="text and json have")
        if self.only_count:
            return replace(request, limit=0, advice=False)
        if not has_limit:
            request = replace(request, limit=min(request.limit, self._most_passages()))
        return self.form.asked_of(request)

    def given(self, page: Page, query_id: str | None = None) -> tuple[Page, str]:
        """A page as it is given, which a budget may have cut, and the text of it.

        Raises: UsageError where the budget is too small to say anything.
        """
        if self.only_count:
            return page, render_count(page)

        def chunks_of(page: Page) -> Iterable[str]:
            return render(
                page,
                style=self.form.style,
                snippet_chars=None if self.budget_chars is not None else self.snippet_chars,
                fields=self.form.fields,
                template=self.form.template,
                query_id=query_id,
                always_next=True,
            )

        if self.budget_chars is not None:
            keys = {field.key for field in self.form.fields}
            page = within(page, self.budget_chars, chunks_of, self.form.style, keys=keys)
        return page, "".join(chunks_of(page))

    def _most_passages(self) -> int:
        """How many passages there may be, where it is not said."""
        if self.budget_chars is None:
            return MOST_PASSAGES
        has_fields = bool(self.form.fields)
        most = most_passages(self.budget_chars, self.form.style, has_fields=has_fields)
        return min(most, MOST_PASSAGES)


def read_giving(values: Mapping[str, Any]) -> Giving:
    """How the values of parameters have pages given; UsageError where they do not go together."""
    style = _style(values)
    only_count = bool(values.get("count"))
    if only_count and values.keys() & {"format", "template", "list_articles", "vimgrep", "fields"}:
        raise UsageError(
            "count gives one number", hint="for another form there is limit=0, with total in json"
        )
    if only_count and "budget" in values:
        raise UsageError(
            "budget cuts a list of passages, and none is asked for", hint="leave it out"
        )
    form = read_form(
        style,
        values.get("fields", ()),
        values.get("template"),
        explain=bool(values.get("explain")),
        context=values.get("context", 0),
        told=as_parameter,
    )
    snippet_chars = None if values.get("full") else values.get("snippet", DEFAULT_SNIPPET_CHARS)
    return Giving(form, snippet_chars, values.get("budget"), only_count)


def _style(values: Mapping[str, Any]) -> Style:
    forms = {
        "format": Style(values["format"]) if "format" in values else None,
        "template": Style.TEMPLATE if "template" in values else None,
        "list_articles": Style.ARTICLES if values.get("list_articles") else None,
        "vimgrep": Style.VIMGREP if values.get("vimgrep") else None,
    }
    asked = [name for name, form in forms.items() if form is not None]
    if len(asked) > 1:
        raise UsageError(f"{asked[0]} and {asked[1]} are two forms", hint="choose one")
    return (forms[asked[0]] if asked else None) or Style.JSON

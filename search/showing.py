"""What is printed of a page: the passages in their form, what is noted beside them, the pager."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from indexer.console import note, write_out
from search.output.styles import Form, Style

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from search.model import Page, Suggestion
    from search.options import Arguments
    from search.output.text import TextLook

PROG = "search"
# Data as it is, which a file or a program gets and a terminal must not.
_DATA = frozenset(
    {Style.CSV, Style.TSV, Style.IDS, Style.ARTICLES, Style.VIMGREP, Style.TEMPLATE, Style.TREC}
)


def form_of(arguments: Arguments) -> Form:
    """The form that was asked for; UsageError where its options do not go together."""
    style = arguments.form
    if not arguments.fields and style is not Style.TEMPLATE:
        return Form(style)
    from search.output.forms import read_form  # noqa: PLC0415 - few name any fields

    return read_form(
        style,
        arguments.fields,
        arguments.template,
        explain=arguments.explain,
        context=arguments.context,
        end="\0" if arguments.nul else "\n",
    )


def shows_links(arguments: Arguments) -> bool:
    """Whether text has links, which are to lead to the very passage."""
    from indexer.terminal import stdout_look  # noqa: PLC0415 - not for --help

    is_text = arguments.form is Style.TEXT and not arguments.counts_only
    return is_text and arguments.link != "none" and stdout_look().hyperlinks


def show_page(page: Page, arguments: Arguments, form: Form) -> None:
    """Print a page in a form, and note what else is to be told of it."""
    if form.style is not Style.JSON:
        _note_warnings(page)
    _note_unknown(page)
    if arguments.only_count:
        write_out([f"{page.total}\n"])
        return
    page, chunks = printed(page, arguments, form)
    if form.style is not Style.TEXT or arguments.no_pager or not _is_paged(page, arguments, form):
        write_out(chunks)
    if form.style is Style.TEXT:
        _note_summary(page)
    if form.style is not Style.JSON:
        _note_cut(page)


def show_suggestions(suggestions: Sequence[Suggestion], arguments: Arguments, form: Form) -> None:
    """Print spellings in a form."""
    from indexer.terminal import is_terminal, visible  # noqa: PLC0415 - few ask for them
    from search.output.render import render_suggestions  # noqa: PLC0415

    query = arguments.request().query
    lines = render_suggestions(query, suggestions, style=form.style)
    write_out(map(visible, lines) if is_terminal(sys.stdout) else lines)


def show_schema() -> None:
    """Print the JSON Schema of what both commands print."""
    import json  # noqa: PLC0415 - few ask for it

    from search.output.schema import schema  # noqa: PLC0415 - as above

    write_out([json.dumps(schema(), indent=2) + "\n"])


def printed(
    page: Page, arguments: Arguments, form: Form, query_id: str | None = None
) -> tuple[Page, Iterable[str]]:
    """The page as it is shown, which a budget may have cut, and the chunks that are printed of it.

    query_id names the query of a page that is one of a batch.
    """
    from indexer.terminal import is_terminal, visible  # noqa: PLC0415 - not for --help

    look = _look(arguments)
    is_data = form.style in _DATA and is_terminal(sys.stdout)

    def chunks_of(page: Page) -> Iterable[str]:
        chunks = _rendered(page, arguments, form, look, query_id)
        return map(visible, chunks) if is_data else chunks

    if arguments.budget_chars is not None:
        from search.output.budget import within  # noqa: PLC0415 - few searches have one

        keys = {field.key for field in form.fields}
        page = within(page, arguments.budget_chars, chunks_of, form.style, keys=keys)
    return page, chunks_of(page)


def _rendered(
    page: Page, arguments: Arguments, form: Form, look: TextLook, query_id: str | None = None
) -> Iterator[str]:
    from search.output.render import render  # noqa: PLC0415 - not for --help

    is_whole = arguments.full or arguments.budget_chars is not None
    return render(
        page,
        style=form.style,
        snippet_chars=None if is_whole else arguments.snippet_chars,
        look=look,
        end_of_id="\0" if arguments.nul else "\n",
        fields=form.fields,
        template=form.template,
        query_id=query_id,
    )


def _look(arguments: Arguments) -> TextLook:
    from indexer.terminal import Colour, stdout_look  # noqa: PLC0415 - not for --help
    from search.output.text import TextLook  # noqa: PLC0415 - as above

    shown = stdout_look(colour=Colour(arguments.colour))
    folder = os.getcwd()  # noqa: PTH109 - pathlib takes long to load
    return TextLook(
        shown.width_columns, shown.colour, folder, shows_links(arguments), arguments.link
    )


def _is_paged(page: Page, arguments: Arguments, form: Form) -> bool:
    """Whether text did not fit the terminal and a pager has shown it."""
    from indexer.terminal import height_rows, is_terminal  # noqa: PLC0415 - not for --help

    rows = height_rows(sys.stdout) if is_terminal(sys.stdout) else None
    if rows is None:
        return False
    # Pagers are older than links.
    shown = "".join(_rendered(page, arguments, form, _look(arguments)._replace(hyperlinks=False)))
    if shown.count("\n") < rows:
        return False
    from search.pager import show_in_pager  # noqa: PLC0415 - subprocess takes long to load

    return show_in_pager(shown)


def _note_warnings(page: Page) -> None:
    if page.warnings:
        from search.output.text import warning_lines  # noqa: PLC0415 - most have none

        for line in warning_lines(page):
            note(f"{PROG}: {line}")


def _note_unknown(page: Page) -> None:
    if page.unknown:
        from search.output.unknown import unknown_lines  # noqa: PLC0415 - most ids are known

        for line in unknown_lines(page):
            note(f"{PROG}: {line}")


def _note_summary(page: Page) -> None:
    from search.output.text import advice_lines, summary_line  # noqa: PLC0415 - not for --help

    note(summary_line(page))
    for line in advice_lines(page):
        note(f"{PROG}: {line}")


def _note_cut(page: Page) -> None:
    from search.output.text import cut_lines  # noqa: PLC0415 - not for --help

    for line in cut_lines(page):
        note(f"{PROG}: {line}")

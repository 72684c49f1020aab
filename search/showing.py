"""What is printed of a page: the passages in their form, what is noted beside them, the pager."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from indexer.console import note, write_out
from search.output.styles import Style

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from search.model import ResultPage, Suggestion
    from search.options import Arguments
    from search.output.text import TextLook

PROG = "search"
# Data as it is, which a file or a program gets and a terminal must not.
_ROWS = frozenset({Style.CSV, Style.TSV, Style.IDS, Style.TREC})


def show_page(page: ResultPage, arguments: Arguments) -> None:
    """Print a page in the form that was asked for, and note what else is to be told of it."""
    style = Style(arguments.style)
    if style is not Style.JSON:
        _note_warnings(page)
    if arguments.only_count:
        write_out([f"{page.total}\n"])
        return
    page, chunks = printed(page, arguments)
    write_out(chunks)
    if style is Style.TEXT:
        _note_summary(page)
    if style is not Style.JSON:
        _note_cut(page)


def show_suggestions(suggestions: Sequence[Suggestion], arguments: Arguments) -> None:
    """Print spellings in the form that was asked for."""
    from indexer.terminal import is_terminal, visible  # noqa: PLC0415 - few ask for them
    from search.output.render import render_suggestions  # noqa: PLC0415

    query = arguments.request().query
    lines = render_suggestions(query, suggestions, style=Style(arguments.style))
    write_out(map(visible, lines) if is_terminal(sys.stdout) else lines)


def show_schema() -> None:
    """Print the JSON Schema of what both commands print."""
    import json  # noqa: PLC0415 - few ask for it

    from search.output.schema import schema  # noqa: PLC0415 - as above

    write_out([json.dumps(schema(), indent=2) + "\n"])


def printed(
    page: ResultPage, arguments: Arguments, query_id: str | None = None
) -> tuple[ResultPage, Iterable[str]]:
    """The page as it is shown, which a budget may have cut, and the chunks that are printed of it.

    query_id names the query of a page that is one of a batch.
    """
    from indexer.terminal import is_terminal, visible  # noqa: PLC0415 - not for --help
    from search.output.render import render  # noqa: PLC0415

    style, look = Style(arguments.style), _look()
    is_whole = arguments.full or arguments.budget_chars is not None

    def chunks_of(page: ResultPage) -> Iterable[str]:
        chunks = render(
            page,
            style=style,
            snippet_chars=None if is_whole else arguments.snippet_chars,
            look=look,
            end_of_id="\0" if arguments.nul else "\n",
            query_id=query_id,
        )
        return map(visible, chunks) if style in _ROWS and is_terminal(sys.stdout) else chunks

    if arguments.budget_chars is not None:
        from search.output.budget import within  # noqa: PLC0415 - few searches have one

        page = within(page, arguments.budget_chars, chunks_of, style)
    return page, chunks_of(page)


def _look() -> TextLook:
    from indexer.terminal import stdout_look  # noqa: PLC0415 - not for --help
    from search.output.text import TextLook  # noqa: PLC0415

    shown = stdout_look()
    folder = os.getcwd()  # noqa: PTH109 - pathlib takes long to load
    return TextLook(shown.width_columns, shown.colour, folder, shown.hyperlinks)


def _note_warnings(page: ResultPage) -> None:
    for warned in page.warnings:
        place = f" (at character {warned.span.start + 1})" if warned.span else ""
        note(f"{PROG}: {warned.message}{place}")


def _note_summary(page: ResultPage) -> None:
    from search.output.text import advice_lines, summary_line  # noqa: PLC0415 - not for --help

    note(summary_line(page))
    for line in advice_lines(page):
        note(f"{PROG}: {line}")


def _note_cut(page: ResultPage) -> None:
    from search.output.text import cut_lines  # noqa: PLC0415 - not for --help

    for line in cut_lines(page):
        note(f"{PROG}: {line}")

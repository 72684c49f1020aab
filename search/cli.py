"""The command ``search``: options in, one search, rendered passages out."""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING, Any, NoReturn

import click

from indexer.console import Ending, note, run, write_out
from indexer.errors import EXIT_INDEX, UsageError
from search.options import EPILOG, Arguments, SearchCommand, search_options
from search.output.styles import Style

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from search.index import Index
    from search.model import ResultPage
    from search.request import Request

PROG = "search"
# Fewer are read, split and indexed in less time than it takes to read a note about it.
_MANY_PASSAGES = 5_000
# Of what was skipped.
_MOST_TOLD = 10
# Data as it is, which a file or a program gets and a terminal must not.
_ROWS = frozenset({Style.CSV, Style.TSV, Style.IDS})


@click.command(cls=SearchCommand, epilog=EPILOG)
@click.argument("query", nargs=-1, metavar="QUERY...")
@search_options
@click.version_option(package_name="passage-search", prog_name=PROG)
@click.help_option("-h", "--help")
@click.pass_context
def search_command(ctx: click.Context, /, **parameters: Any) -> None:
    """Find the passages that answer QUERY, the best first."""
    arguments = Arguments(**parameters)
    ids = _asked_ids(arguments) if arguments.get else ()
    request = arguments.request(ids)
    with _open(arguments) as index:
        if arguments.suggest:
            ctx.exit(0 if _suggest(index, request, arguments) else 1)
        page = _no_ids(request) if arguments.get and not ids else index.answer(request)
    if not arguments.quiet:
        _show(page, arguments)
    nothing_to_show = arguments.limit == 0 or arguments.counts_only
    found = page.total if nothing_to_show else len(page.passages)
    ctx.exit(EXIT_INDEX if page.partial else 0 if found and not page.unknown else 1)


def main() -> NoReturn:
    """Run the command as a process."""
    gc.disable()  # a search is over before it pays
    run(search_command, prog=PROG, error_output=_error_output, ending=Ending.AT_ONCE)


def _open(arguments: Arguments) -> Index:
    """The index to answer from: files named by --in, the index named, the default, the sample."""
    from indexer.storage.committed import CommittedIndex, default_index_dir  # noqa: PLC0415
    from search.index import Index  # noqa: PLC0415 - not for --help

    if arguments.in_paths and arguments.index_dir and "PASSAGE_INDEX" not in os.environ:
        raise UsageError("--in searches files without an index; leave out --index")
    if arguments.in_paths:
        return _open_files(arguments.in_paths, quiet=arguments.quiet)
    if arguments.index_dir is not None:
        return Index.open(arguments.index_dir)
    default = default_index_dir()
    if CommittedIndex.at(default).exists():
        return Index.open(default)
    from indexer.sample import sample_path  # noqa: PLC0415

    if not arguments.quiet:
        note(
            f"{PROG}: no index yet, so this answers from the sample article; "
            "make one with: indexer add FILE..."
        )
    sample = sample_path()
    return Index.of_files([str(sample)], folder=sample.parent)


def _open_files(paths: Sequence[str], *, quiet: bool) -> Index:
    from search.index import Index  # noqa: PLC0415

    gc.enable()
    skipped: list[str] = []
    index = Index.of_files(
        paths, on_skipped=lambda one: skipped.append(f"{one.path}: {one.detail}")
    )
    if not index.passages:
        more = f" (and {len(skipped) - 1:,} more)" if len(skipped) > 1 else ""
        why = f": skipped {skipped[0]}{more}" if skipped else ""
        raise UsageError(f"there is nothing to search{why}")
    if not quiet:
        for line in skipped[:_MOST_TOLD]:
            note(f"{PROG}: skipped {line}")
        if len(skipped) > _MOST_TOLD:
            note(f"{PROG}: skipped {len(skipped) - _MOST_TOLD:,} more")
        if index.passages >= _MANY_PASSAGES and "-" not in paths:
            note(
                f"{PROG}: {index.passages:,} passages were read for this one search; "
                f"indexer add {paths[0]} does it once"
            )
    return index


def _asked_ids(arguments: Arguments) -> tuple[str, ...]:
    from search.asked_ids import asked_ids  # noqa: PLC0415 - only where ids are asked for

    return tuple(asked_ids(arguments.query, are_parted_by_nul=arguments.nul))


def _no_ids(request: Request) -> ResultPage:
    """The page of no ids at all, which standard input may have."""
    from search.model import ResultPage, Warned  # noqa: PLC0415 - loaded with the engine

    warned = Warned("standard input has no ids; give it one a line, or parted by NUL with -0")
    return ResultPage(request, "", (), 0, (warned,))


def _suggest(index: Index, request: Request, arguments: Arguments) -> bool:
    """Print spellings for the query's unknown words, unless quiet; whether there are any."""
    from indexer.terminal import is_terminal, visible  # noqa: PLC0415
    from search.output.render import render_suggestions  # noqa: PLC0415

    suggestions = index.suggest_for(request)
    if not arguments.quiet:
        style = Style(arguments.style)
        lines = render_suggestions(request.query, suggestions, style=style)
        write_out(map(visible, lines) if is_terminal(sys.stdout) else lines)
    return bool(suggestions)


def _show(page: ResultPage, arguments: Arguments) -> None:
    from indexer.terminal import is_terminal, stdout_look, visible  # noqa: PLC0415
    from search.output.render import render  # noqa: PLC0415
    from search.output.text import TextLook, advice_lines, summary_line  # noqa: PLC0415

    style = Style(arguments.style)
    if style is not Style.JSON:
        for warned in page.warnings:
            place = f" (at character {warned.span.start + 1})" if warned.span else ""
            note(f"{PROG}: {warned.message}{place}")
    if page.unknown:
        from search.output.unknown import unknown_lines  # noqa: PLC0415 - most ids are known

        for line in unknown_lines(page):
            note(f"{PROG}: {line}")
    if arguments.only_count:
        write_out([f"{page.total}\n"])
        return
    shown = stdout_look()
    folder = os.getcwd()  # noqa: PTH109 - pathlib takes long to load
    look = TextLook(shown.width_columns, shown.colour, folder, shown.hyperlinks)
    chunks = render(
        page,
        style=style,
        snippet_chars=None if arguments.full else arguments.snippet_chars,
        look=look,
        end_of_id="\0" if arguments.nul else "\n",
    )
    if style in _ROWS and is_terminal(sys.stdout):
        chunks = map(visible, chunks)
    write_out(chunks)
    if style is Style.TEXT:
        note(summary_line(page))
        for line in advice_lines(page):
            note(f"{PROG}: {line}")


def _error_output(parameters: Mapping[str, Any], message: str, exit_code: int) -> str:
    """A JSON error object where JSON was asked for."""
    if parameters.get("style") != Style.JSON.value:
        return ""
    from search.output.render import render_error_json  # noqa: PLC0415

    return render_error_json(message, exit_code)

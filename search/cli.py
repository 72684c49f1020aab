"""The command ``search``: options in, one search, rendered passages out."""

from __future__ import annotations

import gc
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NoReturn

import click

from indexer.console import Ending, note, run
from indexer.errors import EXIT_INDEX, UsageError
from search.options import EPILOG, Arguments, SearchCommand, complete_query, search_options
from search.output.styles import Style
from search.showing import PROG, form_of, show_page, show_schema, show_suggestions, shows_links

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from indexer.errors import Failure
    from search.index import Index
    from search.model import Page
    from search.output.styles import Form
    from search.request import Request

# Fewer are read, split and indexed in less time than it takes to read a note about it.
_MANY_PASSAGES = 5_000
# Of what was skipped.
_MOST_TOLD = 10


@click.command(cls=SearchCommand, epilog=EPILOG)
@click.argument("query", nargs=-1, metavar="QUERY...", shell_complete=complete_query)
@search_options
@click.version_option(package_name="passage-search", prog_name=PROG)
@click.help_option("-h", "--help")
@click.pass_context
def search_command(ctx: click.Context, /, **parameters: Any) -> None:
    """Find the passages that answer QUERY, the best first."""
    arguments = Arguments(**parameters)
    if arguments.schema:
        show_schema()
        return
    form = form_of(arguments)
    ids = _asked_ids(arguments) if arguments.get else ()
    request = form.asked_of(arguments.request(ids))
    if shows_links(arguments):
        request = replace(request, cited=True)
    if arguments.budget_chars is not None:
        request = _within_budget(ctx, request, arguments)
    if arguments.batch is not None:
        ctx.exit(_answer_batch(request, arguments, form))
    with _open(arguments) as index:
        if arguments.suggest:
            suggestions = index.suggest_for(request)
            if not arguments.quiet:
                show_suggestions(suggestions, arguments, form)
            ctx.exit(0 if suggestions else 1)
        page = _no_ids(request) if arguments.get and not ids else _answer(index, request, arguments)
    if not arguments.quiet:
        show_page(page, arguments, form)
    nothing_to_show = arguments.limit == 0 or arguments.counts_only
    found = page.total if nothing_to_show else len(page.passages)
    ctx.exit(EXIT_INDEX if page.partial else 0 if found and not page.unknown else 1)


def main() -> NoReturn:
    """Run the command as a process."""
    run(search_command, prog=PROG, error_output=_error_output, ending=Ending.AT_ONCE)


def _within_budget(ctx: click.Context, request: Request, arguments: Arguments) -> Request:
    """The request for as many passages as may fit, unless their number was given."""
    from search.output.budget import most_passages  # noqa: PLC0415

    assert arguments.budget_chars is not None
    if arguments.counts_only or arguments.suggest:
        raise UsageError(
            "--budget cuts a list of passages, and none is asked for", hint="leave it out"
        )
    if ctx.get_parameter_source("limit") is not click.core.ParameterSource.DEFAULT:
        return request
    most = most_passages(arguments.budget_chars, arguments.form, has_fields=bool(arguments.fields))
    return replace(request, limit=most)


def _answer_batch(request: Request, arguments: Arguments, form: Form) -> int:
    from search.batch_run import answer_batch, refuse_others  # noqa: PLC0415 - few are batches

    refuse_others(arguments)
    with _open(arguments) as index:
        return answer_batch(index, request, arguments, form)


def _asked_ids(arguments: Arguments) -> tuple[str, ...]:
    from search.asked_ids import asked_ids  # noqa: PLC0415 - only where ids are asked for

    return tuple(asked_ids(arguments.query, are_parted_by_nul=arguments.nul))


def _no_ids(request: Request) -> Page:
    """The page of no ids at all, which standard input may have."""
    from search.model import Page  # noqa: PLC0415 - loaded with the engine
    from search.query.faults import Warned  # noqa: PLC0415 - as above

    warned = Warned("standard input has no ids; give it one a line, or parted by NUL with -0")
    return Page(request, "", (), 0, (warned,))


def _answer(index: Index, request: Request, arguments: Arguments) -> Page:
    if not arguments.refresh:
        return index.answer(request)
    from search.refreshing import answer_refreshed  # noqa: PLC0415 - seldom asked for
    from search.request import UNSAID_LIMIT  # noqa: PLC0415 - as above

    gc.enable()  # as long as articles are read
    shown = UNSAID_LIMIT if arguments.limit is None else arguments.limit
    return answer_refreshed(
        index,
        request,
        looked_at=replace(request, limit=shown).limit,
        on_note=lambda line: None if arguments.quiet else note(f"{PROG}: {line}"),
    )


def _open(arguments: Arguments) -> Index:
    """The index to answer from: files named by --in, the index named, the default, the sample."""
    if arguments.in_paths and arguments.index_dir and "PASSAGE_INDEX" not in os.environ:
        raise UsageError("--in searches files without an index", hint="leave out --index")
    if arguments.in_paths:
        return _open_files(arguments.in_paths, quiet=arguments.quiet)
    from search.opening import NO_INDEX, open_index  # noqa: PLC0415 - not for --help

    index, is_sample = open_index(arguments.index_dir, timeout_seconds=arguments.timeout_seconds)
    if is_sample and not arguments.quiet:
        note(f"{PROG}: {NO_INDEX}")
    return index


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


def _error_output(parameters: Mapping[str, Any], failure: Failure) -> str:
    """A JSON error object where JSON was asked for, and a budget has room for it.

    In JSON Lines it is the one line.
    """
    if parameters.get("style") not in {Style.JSON.value, Style.JSONL.value}:
        return ""
    from search.output.render import render_error_json  # noqa: PLC0415

    shown = render_error_json(failure)
    most_chars = parameters.get("budget_chars")
    return shown if most_chars is None or len(shown) <= most_chars else ""

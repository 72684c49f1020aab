"""The command ``search``: options in, one search, rendered passages out."""

from __future__ import annotations

import os
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from indexer.console import note, run, write_out
from indexer.errors import UsageError
from search.query import Mode, Strictness

if TYPE_CHECKING:
    from collections.abc import Sequence

    from search.engine import Index
    from search.model import ResultPage

PROG = "search"
STYLES = ("text", "json", "jsonl", "csv", "tsv", "ids")
_SLOW_SECONDS = 2.0

EPILOG = """\b
Query language:
  patrols school             passages with any of the words, the best first
  "community patrols"        the exact phrase; "a b"~3 with up to 3 words between
  a AND b, a OR b, NOT a     boolean, in capitals; ( ) group; +a required, -a excluded
  title:x heading:x author:x article:x source:x lang:en
  published:2025-01..2025-02 after:2025-01-31 before:2025
  patrol* p?trol patrl~ /patrols?/   prefix, wildcard, fuzzy, regular expression
  a^2                        its score counts twice

\b
Exit status: 0 passages found, 1 none, 2 usage or bad query, 3 no usable index.
A query that begins with - goes after --, as in: search -- -raids patrols"""


class _Limit(click.ParamType[int]):
    """A count, or "all"."""

    name = "N|all"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number; a number no result reaches for "all"."""
        if isinstance(value, int):
            return value
        if value == "all":
            return sys.maxsize
        if not str(value).isdecimal():
            self.fail(f"{value!r} is neither a number nor 'all'", param, ctx)
        return min(int(value), sys.maxsize)


class _SearchCommand(click.Command):
    """Takes several paths after one --in, as in: search --in *.md hotline."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Give every path that follows an --in its own."""
        rewritten: list[str] = []
        rest = list(args)
        while rest:
            word = rest.pop(0)
            rewritten.append(word)
            if word == "--":
                break
            if word == "--in" and rest:
                rewritten.append(rest.pop(0))
                while len(rest) > 1 and (
                    rest[0] == "-" or (rest[0][:1] != "-" and Path(rest[0]).exists())
                ):
                    rewritten += ["--in", rest.pop(0)]
        try:
            return super().parse_args(ctx, rewritten + rest)
        except click.NoSuchOption as error:
            hint = " (a query that begins with - goes after --)"
            raise click.UsageError(error.format_message() + hint, ctx) from error


@click.command(cls=_SearchCommand, epilog=EPILOG)
@click.argument("query", nargs=-1, required=True)
@click.option(
    "-i",
    "--index",
    "index_dir",
    type=click.Path(path_type=Path),
    envvar="PASSAGE_INDEX",
    help="Index directory; else PASSAGE_INDEX, else the user's data folder.",
)
@click.option(
    "--in",
    "in_paths",
    multiple=True,
    metavar="PATH...",
    help="Search these files and folders (- is standard input) without an index; "
    "further words that name files are taken as paths, but for the last.",
)
@click.option(
    "-n", "--limit", type=_Limit(), default=10, show_default=True, help="Passages at most."
)
@click.option(
    "--offset", type=click.IntRange(min=0), default=0, metavar="N", help="Leave out the first N."
)
@click.option(
    "--any/--all",
    "any_word",
    default=True,
    help="Words side by side: any of them, ranked (default), or all of them.",
)
@click.option(
    "--broaden",
    is_flag=True,
    help="Add words that the best passages share, and search again.",
)
@click.option(
    "--suggest", is_flag=True, help="List spellings for words that are in no passage, and stop."
)
@click.option("--literal", is_flag=True, help="Take all characters of the query as words.")
@click.option("--strict", is_flag=True, help="Refuse a malformed query instead of guessing.")
@click.option(
    "--sort",
    type=click.Choice(["score", "date", "article"]),
    default="score",
    show_default=True,
    help="Order of the passages.",
)
@click.option(
    "--per-article",
    type=click.IntRange(min=1),
    metavar="N",
    help="Passages at most from one article.",
)
@click.option(
    "-C",
    "--context",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help="Show N neighbouring paragraphs on either side.",
)
@click.option(
    "--format",
    "style",
    type=click.Choice(STYLES),
    default="text",
    show_default=True,
    help="Form of the output.",
)
@click.option("--json", "style", flag_value="json", help="The same as --format json.")
@click.option("--jsonl", "style", flag_value="jsonl", help="The same as --format jsonl.")
@click.option(
    "--snippet",
    "snippet_chars",
    type=click.IntRange(min=20),
    default=600,
    metavar="CHARS",
    show_default=True,
    help="Cut longer paragraphs to a snippet.",
)
@click.option("--full", is_flag=True, help="Show paragraphs whole, however long.")
@click.option("--explain", is_flag=True, help="Show how the query was read and scores come about.")
@click.option("-c", "--count", "only_count", is_flag=True, help="Print only how many match.")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing; the exit status answers.")
@click.option("-0", "--null", "nul", is_flag=True, help="End ids with NUL instead of a line end.")
@click.option(
    "--timeout",
    "timeout_seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=10.0,
    metavar="SECONDS",
    show_default=True,
    help="Time a search may take.",
)
@click.version_option(package_name="passage-search", prog_name=PROG)
@click.help_option("-h", "--help")
@click.pass_context
def search_command(ctx: click.Context, /, **options: Any) -> None:
    """Find the passages that answer QUERY, the best first."""
    if options["literal"] and options["strict"]:
        raise UsageError("--literal takes any text and --strict refuses some; choose one")
    if options["suggest"] and options["only_count"]:
        raise UsageError("--suggest lists words and --count counts passages; choose one")
    with _open(options["index_dir"], options["in_paths"], quiet=options["quiet"]) as index:
        if options["suggest"]:
            ctx.exit(0 if _suggest(index, options) else 1)
        page = _search(index, options)
    if not options["quiet"]:
        _show(page, options)
    found = page.total if options["limit"] == 0 or _counts_only(options) else len(page.passages)
    ctx.exit(0 if found else 1)


def main() -> NoReturn:
    """Run the command as a process."""
    run(search_command, prog=PROG, error_output=_error_output)


def _counts_only(options: dict[str, Any]) -> bool:
    return bool(options["only_count"] or options["quiet"])


def _open(index_dir: Path | None, in_paths: Sequence[str], *, quiet: bool) -> Index:
    """The index to answer from: files named by --in, the index named, the default, the sample."""
    from indexer.store import PassageIndex, default_index_dir  # noqa: PLC0415
    from search.engine import Index  # noqa: PLC0415 - not for --help

    if in_paths and index_dir and "PASSAGE_INDEX" not in os.environ:
        raise UsageError("--in searches files without an index; leave out --index")
    if in_paths:
        return _open_files(in_paths, quiet=quiet)
    if index_dir is not None:
        return Index.open(index_dir)
    default = default_index_dir()
    if PassageIndex.at(default).exists():
        return Index.open(default)
    from indexer.sample import sample_path  # noqa: PLC0415

    if not quiet:
        note(
            f"{PROG}: no index yet, so this answers from the sample article; "
            "make one with: indexer add FILE..."
        )
    return Index.of_files([str(sample_path())])


def _open_files(paths: Sequence[str], *, quiet: bool) -> Index:
    from search.engine import Index  # noqa: PLC0415

    started = time.perf_counter()
    skipped: list[str] = []
    index = Index.of_files(
        paths, on_skipped=lambda one: skipped.append(f"{one.path}: {one.detail}")
    )
    if not index.passages:
        raise UsageError("\n".join(["there is nothing to search", *skipped]))
    if not quiet:
        for line in skipped:
            note(f"{PROG}: skipped {line}")
        if time.perf_counter() - started > _SLOW_SECONDS and "-" not in paths:
            note(f"{PROG}: reading the files took a while; indexer add {paths[0]} does it once")
    return index


def _search(index: Index, options: dict[str, Any]) -> ResultPage:
    from search.engine import Advice, Broaden, Explain, Sort  # noqa: PLC0415

    return index.search(
        " ".join(options["query"]),
        limit=0 if _counts_only(options) else options["limit"],
        offset=options["offset"],
        mode=_mode(options),
        strictness=_strictness(options),
        sort=Sort(options["sort"]),
        per_article=options["per_article"],
        context=options["context"],
        broaden=Broaden.FEEDBACK if options["broaden"] else Broaden.NO,
        explain=Explain.PARTS if options["explain"] else Explain.NO,
        advice=Advice.NO if _counts_only(options) else Advice.GIVEN,
        timeout_seconds=options["timeout_seconds"],
    )


def _mode(options: dict[str, Any]) -> Mode:
    return Mode.ANY if options["any_word"] else Mode.ALL


def _strictness(options: dict[str, Any]) -> Strictness:
    if options["literal"]:
        return Strictness.LITERAL
    return Strictness.STRICT if options["strict"] else Strictness.LENIENT


def _suggest(index: Index, options: dict[str, Any]) -> bool:
    """Print spellings for the query's unknown words, unless quiet; whether there are any."""
    from search.render import Style, render_suggestions  # noqa: PLC0415

    query = " ".join(options["query"])
    suggestions = index.suggest(
        query,
        mode=_mode(options),
        strictness=_strictness(options),
        timeout_seconds=options["timeout_seconds"],
    )
    if not options["quiet"]:
        write_out(render_suggestions(query, suggestions, style=Style(options["style"])))
    return bool(suggestions)


def _show(page: ResultPage, options: dict[str, Any]) -> None:
    from search.render import Separator, Style, render  # noqa: PLC0415
    from search.render_text import advice_lines, summary_line  # noqa: PLC0415

    style = Style(options["style"])
    if style is not Style.JSON:
        for warned in page.warnings:
            place = f" (at character {warned.span.start + 1})" if warned.span else ""
            note(f"{PROG}: {warned.message}{place}")
    if options["only_count"]:
        write_out([f"{page.total}\n"])
        return
    separator = Separator.NUL if options["nul"] else Separator.NEWLINE
    write_out(render(page, style=style, look=_look(options), separator=separator))
    if style is Style.TEXT:
        note(summary_line(page))
        for line in advice_lines(page):
            note(f"{PROG}: {line}")


def _look(options: dict[str, Any]) -> Any:
    from indexer.terminal import stdout_look  # noqa: PLC0415
    from search.render_text import Detail, TextLook  # noqa: PLC0415

    shown = stdout_look()
    details = set()
    if options["explain"]:
        details.add(Detail.EXPLANATION)
    if options["context"]:
        details.add(Detail.NEIGHBOURS)
    return TextLook(
        width_columns=shown.width_columns,
        colour=shown.colour,
        folder=Path.cwd(),
        hyperlinks=shown.hyperlinks,
        snippet_chars=None if options["full"] else options["snippet_chars"],
        details=frozenset(details),
    )


def _error_output(args: Sequence[str], message: str, exit_code: int) -> str:
    """A JSON error object where JSON was asked for."""
    wanted = "--json" in args or "--format=json" in args
    wanted = wanted or ("--format", "json") in pairwise(args)
    if not wanted:
        return ""
    from search.render import render_error_json  # noqa: PLC0415

    return render_error_json(message, exit_code)

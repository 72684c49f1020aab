"""The command ``search``: options in, one search, rendered passages out."""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING, Any, NoReturn

import click

from indexer.console import Ending, Seconds, note, run, write_out
from indexer.errors import EXIT_INDEX, UsageError
from indexer.tuples import NamedTuple
from search.output.styles import DEFAULT_SNIPPET_CHARS, Style
from search.query.faults import Strictness
from search.request import DEFAULT_LIMIT, DEFAULT_TIMEOUT_SECONDS, Request, Sort

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from search.index import Index
    from search.model import ResultPage

PROG = "search"
# Fewer are read, split and indexed in less time than it takes to read a note about it.
_MANY_PASSAGES = 5_000
# Of what was skipped.
_MOST_TOLD = 10
# Data as it is, which a file or a program gets and a terminal must not.
_ROWS = frozenset({Style.CSV, Style.TSV, Style.IDS})

EPILOG = """\b
Query language:
  patrols school             passages with any of the words, the best first
  "community patrols"        the exact phrase; "a b"~3 with up to 3 words between
  a AND b, a OR b, NOT a     boolean, in capitals; ( ) group; +a required, -a excluded
  NEAR(a b, 5), a NEAR/5 b   within 5 words of each other, in any order
  ARTICLE(a b)               any of them, from articles that have both somewhere
  title:x heading:x author:x article:x source:x lang:en
  published:2025-01..2025-02 after:2025-01-31 before:2025
  patrol* p?trol patrl~ /patrols?/   prefix, wildcard, fuzzy, regular expression
  a^2                        its score counts twice

\b
Exit status: 0 passages found, 1 none, 2 usage or bad query, 3 no usable index
or out of time, 130 and 143 interrupted and terminated.
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
                    rest[0] == "-" or (rest[0][:1] != "-" and os.path.exists(rest[0]))  # noqa: PTH110 - pathlib takes long to load
                ):
                    rewritten += ["--in", rest.pop(0)]
        try:
            left = super().parse_args(ctx, rewritten + rest)
        except click.NoSuchOption as error:
            hint = " (a query that begins with - goes after --)"
            raise click.UsageError(error.format_message() + hint, ctx) from error
        query, paths = ctx.params.get("query"), ctx.params.get("in_paths") or ()
        if not query and len(paths) > 1:  # the last word names a file and is the query
            ctx.params["query"], ctx.params["in_paths"] = paths[-1:], paths[:-1]
        elif not query and not ctx.resilient_parsing:
            (argument,) = (one for one in self.params if one.name == "query")
            raise click.MissingParameter(ctx=ctx, param=argument)
        return left


class _Arguments(NamedTuple):
    """The command line as it was typed; the names are those of the parameters below."""

    query: tuple[str, ...]
    index_dir: str | None
    in_paths: tuple[str, ...]
    limit: int
    offset: int
    any_word: bool
    broaden: bool
    suggest: bool
    literal: bool
    strict: bool
    sort: str
    per_article: int | None
    context: int
    style: str
    snippet_chars: int
    full: bool
    explain: bool
    only_count: bool
    quiet: bool
    nul: bool
    timeout_seconds: float

    @property
    def counts_only(self) -> bool:
        """Whether no passage is to be shown."""
        return self.only_count or self.quiet

    def request(self) -> Request:
        """What the index is asked; UsageError if the options do not go together."""
        if self.literal and self.strict:
            raise UsageError("--literal takes any text and --strict refuses some; choose one")
        if self.suggest and self.only_count:
            raise UsageError("--suggest lists words and --count counts passages; choose one")
        strictness = Strictness.STRICT if self.strict else Strictness.LENIENT
        return Request(
            " ".join(self.query),
            limit=0 if self.counts_only else self.limit,
            offset=self.offset,
            all_words=not self.any_word,
            strictness=Strictness.LITERAL if self.literal else strictness,
            sort=Sort(self.sort),
            per_article=self.per_article,
            context=self.context,
            explain=self.explain,
            broaden=self.broaden,
            advice=not self.counts_only,
            timeout_seconds=self.timeout_seconds,
        )


@click.command(cls=_SearchCommand, epilog=EPILOG)
@click.argument("query", nargs=-1, metavar="QUERY...")
@click.option(
    "-i",
    "--index",
    "index_dir",
    type=click.Path(file_okay=False, readable=False),
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
    "-n",
    "--limit",
    type=_Limit(),
    default=DEFAULT_LIMIT,
    show_default=True,
    help="Passages at most.",
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
    type=click.Choice([sort.value for sort in Sort]),
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
    type=click.Choice([style.value for style in Style]),
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
    default=DEFAULT_SNIPPET_CHARS,
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
    type=Seconds(min=0, min_open=True),
    default=DEFAULT_TIMEOUT_SECONDS,
    metavar="SECONDS",
    show_default=True,
    help="Time a search may take; what is found in it is shown.",
)
@click.version_option(package_name="passage-search", prog_name=PROG)
@click.help_option("-h", "--help")
@click.pass_context
def search_command(ctx: click.Context, /, **parameters: Any) -> None:
    """Find the passages that answer QUERY, the best first."""
    arguments = _Arguments(**parameters)
    request = arguments.request()
    with _open(arguments) as index:
        if arguments.suggest:
            ctx.exit(0 if _suggest(index, request, arguments) else 1)
        page = index.answer(request)
    if not arguments.quiet:
        _show(page, arguments)
    nothing_to_show = arguments.limit == 0 or arguments.counts_only
    found = page.total if nothing_to_show else len(page.passages)
    ctx.exit(EXIT_INDEX if page.partial else 0 if found else 1)


def main() -> NoReturn:
    """Run the command as a process."""
    gc.disable()  # a search is over before it pays
    run(search_command, prog=PROG, error_output=_error_output, ending=Ending.AT_ONCE)


def _open(arguments: _Arguments) -> Index:
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
    return Index.of_files([str(sample_path())])


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


def _suggest(index: Index, request: Request, arguments: _Arguments) -> bool:
    """Print spellings for the query's unknown words, unless quiet; whether there are any."""
    from indexer.terminal import is_terminal, visible  # noqa: PLC0415
    from search.output.render import render_suggestions  # noqa: PLC0415

    suggestions = index.suggest_for(request)
    if not arguments.quiet:
        style = Style(arguments.style)
        lines = render_suggestions(request.query, suggestions, style=style)
        write_out(map(visible, lines) if is_terminal(sys.stdout) else lines)
    return bool(suggestions)


def _show(page: ResultPage, arguments: _Arguments) -> None:
    from indexer.terminal import is_terminal, stdout_look, visible  # noqa: PLC0415
    from search.output.render import render  # noqa: PLC0415
    from search.output.text import TextLook, advice_lines, summary_line  # noqa: PLC0415

    style = Style(arguments.style)
    if style is not Style.JSON:
        for warned in page.warnings:
            place = f" (at character {warned.span.start + 1})" if warned.span else ""
            note(f"{PROG}: {warned.message}{place}")
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

"""The options of the command ``search``, and the command line as it was typed."""

from __future__ import annotations

import os
import re
import sys
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import click

from indexer.console import HintedUsageError, Seconds, completion_option, index_option, meant
from indexer.errors import UsageError
from indexer.terminal import Colour
from indexer.tuples import NamedTuple
from search.output.styles import DEFAULT_LINK, DEFAULT_SNIPPET_CHARS, WITH_FACETS, Style
from search.query.faults import Strictness
from search.request import (
    DEFAULT_LIMIT,
    DEFAULT_TIMEOUT_SECONDS,
    UNSAID_LIMIT,
    Request,
    Sort,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.shell_completion import CompletionItem

_Command = TypeVar("_Command", bound="Callable[..., Any]")

EPILOG = """\b
Query language:
  patrols school             passages with any of the words, the best first
  "community patrols"        the exact phrase; "a b"~3 with up to 3 words between
  a AND b, a OR b, NOT a     boolean, in capitals; ( ) group; +a required, -a excluded
  NEAR(a b, 5), a NEAR/5 b   within 5 words of each other, in any order
  ARTICLE(a b)               any of them, from articles that have both somewhere
  title:x heading:x author:x article:x source:x lang:en
  published:2025-01..2025-02 after:2025-01-31 before:2025 where:section=sports
  patrol* p?trol patrl~ /patrols?/   prefix, wildcard, fuzzy, regular expression
  a^2                        its score counts twice

\b
A query that begins with - goes after --, as in: search -- -raids patrols

\b
Exit status: 0 passages found, 1 none, 2 usage or bad query, 3 no usable index
or out of time, 130 and 143 interrupted and terminated."""


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


class _Names(click.ParamType[tuple[str, ...]]):
    """Names with commas between them."""

    name = "NAME,..."

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """Return the names, each once."""
        if isinstance(value, tuple):
            return value
        names = tuple(dict.fromkeys(name.strip() for name in str(value).split(",")))
        if not all(names):
            self.fail(f"{value!r} has an empty name", param, ctx)
        return names


#: Options by which something is asked without a QUERY.
_WITHOUT_WORDS = (
    *("similar", "batch", "schema", "facets"),
    *("articles", "sources", "languages", "after", "before", "where"),
)


class _Link(click.ParamType[str]):
    """The format of links, by its name or written out."""

    name = "FORMAT"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return it as it was given."""
        if value != DEFAULT_LINK:
            from search.output.links import link_format  # noqa: PLC0415 - most take the default

            try:
                link_format(value)
            except ValueError as error:
                self.fail(str(error), param, ctx)
        return str(value)


class SearchCommand(click.Command):
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
            hint = f"{meant(error)} a query that begins with - goes after --".lstrip()
            raise HintedUsageError(error.message, ctx, hint=hint) from error
        query, paths = ctx.params.get("query"), ctx.params.get("in_paths") or ()
        if query or ctx.resilient_parsing or _asks_otherwise(ctx.params):
            return left
        if len(paths) > 1:  # the last word names a file and is the query
            ctx.params["query"], ctx.params["in_paths"] = paths[-1:], paths[:-1]
        else:
            (argument,) = (one for one in self.params if one.name == "query")
            raise click.MissingParameter(ctx=ctx, param=argument)
        return left

    def make_parser(self, ctx: click.Context) -> Any:
        """Return a parser that does not look for long options which a short one is like."""
        parser = super().make_parser(ctx)
        parser._long_opt.update(parser._short_opt)  # noqa: SLF001 - as click has no other way
        return parser

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options section by section."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record is not None and not isinstance(param, click.Argument):
                section = param.section if isinstance(param, _Option) else "Other"
                sections.setdefault(section, []).append(record)
        for section, records in sections.items():
            with formatter.section(section):
                formatter.write_dl(records)


def _asks_otherwise(params: dict[str, Any]) -> bool:
    """Whether something is asked that needs no words."""
    return any(params.get(name) for name in _WITHOUT_WORDS)


class _Option(click.Option):
    """An option that stands in a section of the help."""

    def __init__(self, *args: Any, section: str, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.section = section

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        """Return what its value may be that begins so."""
        from search.completion import completions  # noqa: PLC0415 - not for a search

        found = completions(ctx, self.name or "", incomplete)
        return super().shell_complete(ctx, incomplete) if found is None else found


def _in_section(title: str) -> Callable[..., Callable[[_Command], _Command]]:
    """What click.option() is, for the options of a section."""
    return partial(click.option, cls=_Option, section=title)


_where = _in_section("Where to search")
_WHERE_TO_SEARCH = (
    index_option(_where),
    _where(
        "--in",
        "in_paths",
        multiple=True,
        metavar="PATH...",
        help="Search these files and folders (- is standard input) without an index; "
        "further words that name files are taken as paths, but for the last.",
    ),
    _where(
        "--refresh",
        is_flag=True,
        help="Index what has changed of the articles found, then search again.",
    ),
)
_what = _in_section("What to ask")
_WHAT_TO_ASK = (
    _what(
        "--get",
        is_flag=True,
        help="QUERY... are ids (ARTICLE#DIGEST, ARTICLE#p7, ARTICLE; - reads them from standard "
        "input): show these passages, in this order.",
    ),
    _what("--similar", metavar="ID", help="Find passages that are about the same as this one."),
    _what(
        "--batch",
        type=click.Path(allow_dash=True, dir_okay=False),
        metavar="FILE",
        help="Answer each line of a file (- is standard input): a query, ID<TAB>query, or a "
        "JSON object.",
    ),
    _what(
        "--any/--all",
        "any_word",
        default=True,
        help="Words side by side: any of them, ranked (default), or all of them.",
    ),
    _what(
        "--broaden",
        is_flag=True,
        help="Add words that the best passages share, and search again.",
    ),
    _what(
        "--suggest",
        is_flag=True,
        help="List spellings for words that are in no passage, and stop.",
    ),
    _what("--literal", is_flag=True, help="Take all characters of the query as words."),
    _what("--strict", is_flag=True, help="Refuse a malformed query instead of guessing."),
)
_narrow = _in_section("Narrowing down")
_NARROWING = (
    _narrow(
        "--article", "articles", multiple=True, metavar="ID", help="Only this article, or these."
    ),
    _narrow(
        "--source",
        "sources",
        multiple=True,
        metavar="PATH",
        help="Only this file, folder or host, or these.",
    ),
    _narrow(
        "--lang", "languages", multiple=True, metavar="CODE", help="Only articles in this language."
    ),
    _narrow("--after", default="", metavar="DATE", help="Only articles published after it."),
    _narrow("--before", default="", metavar="DATE", help="Only articles published before it."),
    _narrow(
        "--where",
        multiple=True,
        metavar="FIELD=VALUE",
        help="Only articles whose front matter or column has this value.",
    ),
)
_which = _in_section("Which of the passages found")
_WHICH_PASSAGES = (
    _which(
        "-n",
        "--limit",
        type=_Limit(),
        help=f"Passages at most; {DEFAULT_LIMIT} unless said, or all that --get names.",
    ),
    _which(
        "--offset",
        type=click.IntRange(min=0),
        default=0,
        metavar="N",
        help="Leave out the first N.",
    ),
    _which(
        "--sort",
        type=click.Choice([sort.value for sort in Sort]),
        default="score",
        show_default=True,
        help="Order of the passages.",
    ),
    _which(
        "--per-article",
        type=click.IntRange(min=1),
        metavar="N",
        help="Passages at most from one article.",
    ),
    _which(
        "--all-copies",
        is_flag=True,
        help="Show paragraphs that are copies of one already shown.",
    ),
    _which(
        "--budget",
        "budget_chars",
        type=click.IntRange(min=1),
        metavar="CHARS",
        help="Print the best passages whole, as many as fit into so many characters.",
    ),
)
_output = _in_section("Output")
_OUTPUT = (
    _output(
        "--format",
        "style",
        type=click.Choice([style.value for style in Style if style.is_named]),
        default="text",
        show_default=True,
        help="Form of the output.",
    ),
    _output("--json", "style", flag_value="json", help="The same as --format json."),
    _output("--jsonl", "style", flag_value="jsonl", help="The same as --format jsonl."),
    _output(
        "--fields",
        type=_Names(),
        default=(),
        metavar="NAME,...",
        help="In JSON only these keys, in CSV and TSV these columns; lines.first is a part of one.",
    ),
    _output(
        "--template",
        metavar="TEXT",
        help="A text for each passage, as in '{id}\\t{score:.3f}\\t{lines.first}'.",
    ),
    _output(
        "-l",
        "--list-articles",
        "lists_articles",
        is_flag=True,
        help="List the ids of the articles that passages are found in; -n counts articles.",
    ),
    _output(
        "--vimgrep",
        is_flag=True,
        help="Print path:line:column:text for each passage, for lists of places of editors.",
    ),
    _output(
        "-C",
        "--context",
        type=click.IntRange(min=0),
        default=0,
        metavar="N",
        help="Show N neighbouring paragraphs on either side.",
    ),
    _output(
        "--snippet",
        "snippet_chars",
        type=click.IntRange(min=20),
        default=DEFAULT_SNIPPET_CHARS,
        metavar="CHARS",
        show_default=True,
        help="Cut longer paragraphs to a snippet.",
    ),
    _output("--full", is_flag=True, help="Show paragraphs whole, however long."),
    _output(
        "--facets",
        type=_Names(),
        default=(),
        metavar="FIELD,...",
        help="Count the passages by article, author, language, year, site, or a field of --where.",
    ),
    _output(
        "--color",
        "colour",
        type=click.Choice([colour.value for colour in Colour]),
        default=Colour.AUTO.value,
        show_default=True,
        help="Whether text is coloured: on terminals, unless NO_COLOR is set, or whatever is set.",
    ),
    _output(
        "--no-pager",
        is_flag=True,
        help="On a terminal too small for it, print text without PAGER (less).",
    ),
    _output(
        "--link",
        type=_Link(),
        default=DEFAULT_LINK,
        envvar="PASSAGE_LINK",
        show_default=True,
        help="Links on a terminal: file, vscode, idea, none ... or an address with {path} and "
        "{line} in it; else PASSAGE_LINK.",
    ),
    _output("--explain", is_flag=True, help="Show how the query was read and scores come about."),
    _output("-c", "--count", "only_count", is_flag=True, help="Print only how many match."),
    _output("-q", "--quiet", is_flag=True, help="Print nothing; the exit status answers."),
    _output("-0", "--null", "nul", is_flag=True, help="End ids with NUL instead of a line end."),
)
_other = _in_section("Other")
_OTHER = (
    _other(
        "--schema",
        is_flag=True,
        help="Print the JSON Schema of all that search and indexer print as JSON, and stop.",
    ),
    _other(
        "--timeout",
        "timeout_seconds",
        type=Seconds(min=0, min_open=True),
        default=DEFAULT_TIMEOUT_SECONDS,
        metavar="SECONDS",
        show_default=True,
        help="Time a search may take; what is found in it is shown.",
    ),
    completion_option(_other),
)


def complete_query(
    ctx: click.Context, argument: click.Parameter, incomplete: str
) -> list[CompletionItem[str]]:
    """Return what the next word of a query may be that begins so."""
    from search.completion import completions  # noqa: PLC0415 - as above

    return completions(ctx, argument.name or "", incomplete) or []


def search_options(command: _Command) -> _Command:
    """Give a command all options of ``search``; in the help they stand in the order above."""
    options = [
        *_WHERE_TO_SEARCH,
        *_WHAT_TO_ASK,
        *_NARROWING,
        *_WHICH_PASSAGES,
        *_OUTPUT,
        *_OTHER,
    ]
    for option in reversed(options):
        command = option(command)
    return command


def _from_here(path: str) -> str:
    """The value of source: for a path as it is named here.

    What exists is that very file or folder; else it is a part of a path as in a query, such as the
    name of a file, with its wildcards.
    """
    if path == "-" or "://" in path:
        return path
    if os.path.exists(path):  # noqa: PTH110 - pathlib takes long to load
        return _literally(os.path.realpath(path))
    if path.startswith(("./", "../")):
        return os.path.normpath(os.path.join(_literally(os.getcwd()), path))  # noqa: PTH109, PTH118
    return path


def _literally(path: str) -> str:
    """A path without wildcards."""
    return re.sub(r"([\\*?])", r"\\\1", path)


class Arguments(NamedTuple):
    """The command line as it was typed; the names are those of the parameters above."""

    query: tuple[str, ...]
    index_dir: str | None
    in_paths: tuple[str, ...]
    refresh: bool
    get: bool
    similar: str | None
    batch: str | None
    any_word: bool
    broaden: bool
    suggest: bool
    literal: bool
    strict: bool
    articles: tuple[str, ...]
    sources: tuple[str, ...]
    languages: tuple[str, ...]
    after: str
    before: str
    where: tuple[str, ...]
    limit: int | None
    offset: int
    sort: str
    per_article: int | None
    all_copies: bool
    budget_chars: int | None
    style: str
    fields: tuple[str, ...]
    template: str | None
    lists_articles: bool
    vimgrep: bool
    context: int
    snippet_chars: int
    full: bool
    facets: tuple[str, ...]
    link: str
    explain: bool
    only_count: bool
    quiet: bool
    nul: bool
    schema: bool
    timeout_seconds: float
    colour: str
    no_pager: bool

    @property
    def counts_only(self) -> bool:
        """Whether no passage is to be shown."""
        return self.only_count or self.quiet

    @property
    def form(self) -> Style:
        """The form of output; UsageError if two are asked for."""
        forms = {
            f"--format {self.style}": Style(self.style) if self.style != Style.TEXT.value else None,
            "--template": None if self.template is None else Style.TEMPLATE,
            "--list-articles": Style.ARTICLES if self.lists_articles else None,
            "--vimgrep": Style.VIMGREP if self.vimgrep else None,
        }
        asked = [option for option, form in forms.items() if form is not None]
        if len(asked) > 1:
            fault = f"{asked[0]} and {asked[1]} are two forms of output"
            raise UsageError(fault, hint="choose one")
        return forms[asked[0]] or Style.TEXT if asked else Style.TEXT

    def request(self, ids: tuple[str, ...] = ()) -> Request:
        """What the index is asked, whatever the form; UsageError if options do not go together.

        Args:
            ids: those that --get asks for.
        """
        if self.literal and self.strict:
            raise UsageError(
                "--literal takes any text and --strict refuses some", hint="choose one"
            )
        if self.suggest and self.only_count:
            raise UsageError("--suggest lists words and --count counts passages", hint="choose one")
        if self.facets and self.only_count:
            raise UsageError("--count prints one number", hint="for --facets alone there is -n 0")
        if self.facets and not self.batch and self.form not in WITH_FACETS:
            raise UsageError(
                f"{self.form.value} has no place for --facets", hint="text and JSON have"
            )
        if self.only_count and self.form in {Style.JSON, Style.JSONL}:
            fault = "--count prints one number"
            raise UsageError(fault, hint="for JSON there is -n 0, whose total it is")
        if self.lists_articles and self.only_count:
            fault = "--list-articles lists articles and --count counts passages"
            raise UsageError(fault, hint="choose one")
        if self.refresh and self.in_paths:
            raise UsageError("--in reads the files as they are now", hint="leave out --refresh")
        if self.refresh and self.suggest:
            fault = "--suggest lists words and --refresh looks at passages"
            raise UsageError(fault, hint="choose one")
        self._check_ids()
        strictness = Strictness.STRICT if self.strict else Strictness.LENIENT
        return Request(
            "" if self.get else " ".join(self.query),
            ids=ids,
            similar=self.similar,
            articles=self.articles,
            sources=tuple(map(_from_here, self.sources)),
            languages=self.languages,
            after=self.after,
            before=self.before,
            where=self.where,
            limit=0 if self.counts_only else UNSAID_LIMIT if self.limit is None else self.limit,
            offset=self.offset,
            all_words=not self.any_word,
            strictness=Strictness.LITERAL if self.literal else strictness,
            sort=Sort(self.sort),
            per_article=self.per_article,
            all_copies=self.all_copies,
            context=self.context,
            explain=self.explain,
            facets=self.facets,
            broaden=self.broaden,
            advice=not self.counts_only,
            timeout_seconds=self.timeout_seconds,
        )

    def _check_ids(self) -> None:
        """Refuse what makes no sense where ids are asked for: what is asked must not be ignored."""
        if not self.get and self.similar is None:
            return
        asked = {
            "--suggest": self.suggest,
            "--broaden": self.broaden,
            "--literal": self.literal,
            "--strict": self.strict,
            "--all": not self.any_word,
        }
        if self.get:
            fault = "--get shows what ids name, in their order"
            asked |= {
                "--similar": self.similar is not None,
                "--article": bool(self.articles),
                "--source": bool(self.sources),
                "--lang": bool(self.languages),
                "--after": bool(self.after),
                "--before": bool(self.before),
                "--where": bool(self.where),
                "--sort": self.sort != Sort.SCORE.value,
                "--per-article": self.per_article is not None,
                "--facets": bool(self.facets),
                "--explain": self.explain,
            }
        elif self.query:
            raise UsageError("--similar stands in the place of QUERY", hint="leave out one of them")
        else:
            fault = "--similar takes the words of a passage"
        refused = next((option for option, is_asked in asked.items() if is_asked), None)
        if refused is not None:
            raise UsageError(fault, hint=f"leave out {refused}")

"""The command ``indexer``: adds articles to an index, removes, lists and counts them."""

from __future__ import annotations

import gc
import json
import sys
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, Self

import click

from indexer.console import (
    Megabytes,
    Seconds,
    completion_option,
    live_line,
    note,
    progress,
    run,
    write_out,
)
from indexer.errors import EXIT_INDEX, EXIT_OK, EXIT_PARTIAL, UsageError
from indexer.interrupts import come_too_late
from indexer.model import SCHEMA_VERSION
from indexer.processes import default_jobs
from indexer.progress import FilesProgress, now_seconds, progress_line
from indexer.readers.formats import format_names
from indexer.reports import (
    article_record,
    check_record,
    check_text,
    counted,
    no_prose_line,
    outcome_lines,
    repair_record,
    repair_text,
    report_record,
    report_text,
    skipped_lines,
)
from indexer.terminal import escaped_json, is_terminal, one_line
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from types import TracebackType

    from click.shell_completion import CompletionItem

    from indexer.articles import FileOutcome, IndexReport, Skipped
    from indexer.errors import Failure
    from indexer.files import FoundFiles
    from indexer.intake import ReadOptions
    from indexer.storage.places import Place, Spread

PROG = "indexer"
_STEPS_A_THING = 1000
_WIDEST_ID = 60
_DONE = "the index is up to date"
_NEXT = "the next indexer add does what is left"


class _IndexPlace(click.Path):
    """A directory, or the address of an index in a cluster, which stays as it is."""

    def __init__(self) -> None:
        super().__init__(path_type=Path, file_okay=False, readable=False)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return a path, or the address."""
        from indexer.storage.committed import is_address  # noqa: PLC0415 - not for --help

        return value if is_address(value) else super().convert(value, param, ctx)


_index_option = click.option(
    "-i",
    "--index",
    "index_dir",
    type=_IndexPlace(),
    help="Index directory, or opensearch://HOST:PORT/NAME; else PASSAGE_INDEX, else the user's "
    "data folder.",
)
_json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
_wait_option = click.option(
    "--wait",
    "wait_seconds",
    type=Seconds(min=0),
    default=0.0,
    metavar="SECONDS",
    help="How long to wait for another writer of the index.",
)
_shards_option = click.option(
    "--shards",
    type=click.IntRange(min=1),
    metavar="N",
    help="In OpenSearch, over how many parts an index is spread that is made now; else 1.",
)
_replicas_option = click.option(
    "--replicas",
    type=click.IntRange(min=0),
    metavar="N",
    help="How many copies of each part there are then; else 1, or 0 where there is one data node.",
)


def _complete_article(ctx: click.Context, _argument: click.Parameter, incomplete: str) -> list[str]:
    """The ids of articles in the index that begin so."""
    from indexer.storage.values import known_values  # noqa: PLC0415 - only while a line is typed

    group = ctx.find_root().params.get("index_dir")
    return known_values(ctx.params.get("index_dir") or group, "article", incomplete)


def _complete_path(
    _ctx: click.Context, _argument: click.Parameter, incomplete: str
) -> list[CompletionItem[str]]:
    from click.shell_completion import CompletionItem  # noqa: PLC0415 - as above

    return [CompletionItem(incomplete, type="file")]


@click.group(
    epilog="""\b
Exit status: 0 all done, 1 something was skipped (the rest is done), 2 usage,
3 the index is missing, damaged, unreadable or busy, or the disk is full,
130 and 143 interrupted and terminated: nothing was changed."""
)
@click.option(
    "-i",
    "--index",
    "index_dir",
    type=_IndexPlace(),
    envvar="PASSAGE_INDEX",
    help="Index directory, or opensearch://HOST:PORT/NAME; else PASSAGE_INDEX, else the user's "
    "data folder.",
)
@completion_option()
@click.version_option(package_name="passage-search", prog_name=PROG)
@click.help_option("-h", "--help")
@click.pass_context
def indexer_command(ctx: click.Context, index_dir: Place | None) -> None:
    """Keep an index of articles that ``search`` answers from."""
    ctx.obj = index_dir


_ADD_HELP = f"""\
Add files and folders of articles, or what changed in them; - is standard input.

Reads {", ".join(format_names())}, each also compressed. Records have id,
title, text, url, site, author, published, language, and whatever else they name. What is no prose,
such as logs and tables of numbers, is left out unless --format names it. A file that is unchanged
costs no work, a changed one replaces its articles, and all of it is one commit.
"""


@indexer_command.command(
    short_help="Add files and folders of articles, or what changed in them.", help=_ADD_HELP
)
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", shell_complete=_complete_path)
@_index_option
@click.option("--prune", is_flag=True, help="Drop articles whose files are gone.")
@click.option(
    "--watch",
    is_flag=True,
    help="Then follow the files and folders until it is stopped: index what comes and changes, "
    "drop what is gone.",
)
@click.option(
    "-v",
    "--verbose",
    is_flag=True,
    help="Tell of each file what it gave, or why it was left out, also of hidden and binary ones.",
)
@click.option("--keep-all", is_flag=True, help="Index page furniture as well.")
@click.option(
    "--format",
    "format_name",
    type=click.Choice(["auto", *format_names()]),
    metavar="FORMAT",
    help="What to take every file for, where its name and content do not tell: "
    f"{', '.join(format_names())}; kept for it until another is named. auto goes by name and "
    "content.",
)
@click.option(
    "--lang",
    default="",
    metavar="CODE",
    help="Language of the articles, as in en; kept until another is named. auto detects it.",
)
@click.option("--include", multiple=True, metavar="GLOB", help="In folders, only such files.")
@click.option("--exclude", multiple=True, metavar="GLOB", help="In folders, no such files.")
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=default_jobs,
    metavar="N",
    help="Processes that share the work; as many as there are processors unless it is given.",
)
@click.option(
    "--memory",
    "memory_mb",
    type=click.IntRange(min=1),
    default=256,
    show_default=True,
    metavar="MB",
    help="Memory that inverting may take, about; more goes to files meanwhile.",
)
@click.option(
    "--max-size",
    "max_size_mb",
    type=Megabytes(),
    default=20,
    show_default=True,
    metavar="MB",
    help="Skip files that are larger when they are unpacked; of JSON Lines and tables, records.",
)
@click.option(
    "--max-seconds",
    type=Seconds(min=0, min_open=True),
    default=60,
    show_default=True,
    metavar="SECONDS",
    help="Skip files that take more processor time to be read.",
)
@click.option(
    "--max-passages",
    type=click.IntRange(min=1),
    default=100_000,
    show_default=True,
    metavar="N",
    help="Skip articles that have more passages.",
)
@click.option(
    "--map",
    "maps",
    multiple=True,
    metavar="FIELD=COLUMN",
    help="What holds a field in records, as in text=abstract,title=metadata.title; kept until "
    "another is named.",
)
@click.option(
    "--columns",
    default="",
    metavar="NAME,NAME",
    help="The names of the columns of tables without a header.",
)
@_shards_option
@_replicas_option
@_wait_option
@_json_option
@click.help_option("-h", "--help")
@click.pass_context
def add(
    ctx: click.Context,
    /,
    *,
    paths: tuple[str, ...],
    index_dir: Place | None,
    prune: bool,
    watch: bool,
    verbose: bool,
    keep_all: bool,
    format_name: str | None,
    lang: str,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    jobs: int,
    memory_mb: int,
    max_size_mb: float,
    max_seconds: float,
    max_passages: int,
    maps: tuple[str, ...],
    columns: str,
    shards: int | None,
    replicas: int | None,
    wait_seconds: float,
    as_json: bool,
) -> None:
    """Add files and folders of articles; its help is made of the table of formats."""
    from indexer.build import build_index  # noqa: PLC0415 - not for --help
    from indexer.intake import ReadOptions  # noqa: PLC0415
    from indexer.readers.budget import MB, Budget  # noqa: PLC0415
    from indexer.readers.mapping import read_mapping  # noqa: PLC0415

    options = ReadOptions(
        format_name=format_name or "",
        keep_furniture=keep_all,
        language=_language(lang),
        include=include,
        exclude=exclude,
        budget=Budget(int(max_size_mb * MB), max_seconds, max_passages),
        mapping=read_mapping(maps, columns),
    )
    # A build makes many objects that live long; looking through them often finds nothing.
    gc.set_threshold(50_000, 20, 100)
    path = _index_dir(ctx, index_dir)
    spread = _spread(path, shards, replicas)
    if watch:
        how = _Writing(options, prune, wait_seconds, jobs, memory_mb << 20, spread)
        ctx.exit(_follow(paths, path, how, as_json=as_json, verbose=verbose))
    with _Telling(verbose=verbose) as telling:
        report = build_index(
            paths,
            path,
            options=options,
            spread=spread,
            prune=prune,
            wait_seconds=wait_seconds,
            jobs=jobs,
            memory_bytes=memory_mb << 20,
            on_found=telling.found,
            on_outcome=telling.outcome,
            on_share=telling.share,
            on_commit=come_too_late,
        )
    shown = _json_text(report_record(report)) if as_json else report_text(report)
    _tell(report, shown, told=telling.told)
    ctx.exit(EXIT_PARTIAL if report.skipped else EXIT_OK)


def _tell(report: IndexReport, shown: str, *, told: AbstractSet[Skipped]) -> None:
    """Print what a run did, and on standard error what it skipped that has not been told."""
    for line in skipped_lines([one for one in report.skipped if one not in told]):
        note(f"{PROG}: {line}")
    no_prose = no_prose_line(report.passed_over)
    if no_prose:
        note(f"{PROG}: {no_prose}")
    write_out([shown], done=_DONE)


class _Writing(NamedTuple):
    """How ``add`` reads and writes; see build_index()."""

    options: ReadOptions
    prune: bool
    wait_seconds: float
    jobs: int
    memory_bytes: int
    spread: Spread


def _spread(place: Place, shards: int | None, replicas: int | None) -> Spread:
    """How an index is spread that is made at a place."""
    from indexer.storage.committed import is_address  # noqa: PLC0415 - not for --help
    from indexer.storage.places import Spread  # noqa: PLC0415 - as above

    for option, number in (("--shards", shards), ("--replicas", replicas)):
        if number is not None and not is_address(place):
            raise UsageError(
                f"{option} is of an index in OpenSearch, and {place} is a directory",
                hint="leave it out, or name an index like opensearch://localhost:9200/news",
            )
    return Spread(shards, replicas)


def _follow(
    paths: Sequence[str], index_dir: Place, how: _Writing, *, as_json: bool, verbose: bool
) -> int:
    """Index files and folders and follow them until a signal comes; the exit code.

    It is meant to be stopped, which therefore is no failure unless it gives up work.
    """
    from indexer.build import follow_files  # noqa: PLC0415 - not for --help
    from indexer.interrupts import Interruption, note_only  # noqa: PLC0415
    from indexer.storage.committed import is_address  # noqa: PLC0415
    from indexer.watching import follow  # noqa: PLC0415

    stop = note_only()
    told: set[Skipped] = set()

    def update(within: frozenset[str] | None) -> IndexReport:
        with _Telling(verbose=verbose) as telling:

            def on_share(share: float) -> None:
                stop.check()
                telling.share(share)

            def on_outcome(outcome: FileOutcome) -> None:
                stop.check()
                telling.outcome(outcome)

            report = follow_files(
                paths,
                index_dir,
                within=within,
                **how._asdict(),
                on_found=telling.found,
                on_outcome=on_outcome,
                on_share=on_share,
            )
            told.clear()
            told.update(telling.told)
            return report

    def on_report(report: IndexReport) -> None:
        record = report_record(report)
        shown = _json_text(record, indent=None) if as_json else report_text(report)
        _tell(report, shown, told=told)

    note(f"{PROG}: watching {', '.join(paths)}; Ctrl-C ends it")
    try:
        is_done = follow(
            paths,
            None if is_address(index_dir) else Path(index_dir),
            update=update,
            on_report=on_report,
            on_trouble=lambda line: note(f"{PROG}: {line}"),
            stop=stop,
        )
    except Interruption as interruption:
        note(f"{PROG}: stopped in the midst of a commit, which was given up; {_NEXT}")
        return interruption.exit_code
    note(f"{PROG}: stopped" if is_done else f"{PROG}: stopped before all was indexed; {_NEXT}")
    return EXIT_OK if is_done else EXIT_PARTIAL


@indexer_command.command(short_help="Remove articles, named by id or by file.")
@click.argument(
    "articles", nargs=-1, required=True, metavar="ARTICLE...", shell_complete=_complete_article
)
@_index_option
@_wait_option
@_json_option
@click.help_option("-h", "--help")
@click.pass_context
def remove(
    ctx: click.Context,
    /,
    *,
    articles: tuple[str, ...],
    index_dir: Place | None,
    wait_seconds: float,
    as_json: bool,
) -> None:
    """Remove articles, named by id (see ``list``) or by file; the files are left alone."""
    from indexer.build import remove_named  # noqa: PLC0415

    names = tuple(dict.fromkeys(articles))
    count, unknown = remove_named(
        names,
        _index_dir(ctx, index_dir),
        wait_seconds=wait_seconds,
        on_commit=come_too_late,
    )
    for name in unknown:
        note(f"{PROG}: no article {name} in the index; {PROG} list shows what is there")
    removed = [name for name in names if name not in unknown]
    if as_json:
        shown = _json_text({"removed": removed, "unknown": list(unknown)})
    else:
        shown = f"removed {counted(count, 'article')}\n"
    write_out([shown], done=_DONE)
    ctx.exit(EXIT_PARTIAL if unknown else EXIT_OK)


@indexer_command.command("list")
@_index_option
@_json_option
@click.help_option("-h", "--help")
@click.pass_context
def list_articles(ctx: click.Context, /, *, index_dir: Place | None, as_json: bool) -> None:
    """List the articles: id, passages, language, date, title."""
    from indexer.storage.catalog import articles_of  # noqa: PLC0415
    from indexer.storage.places import open_index  # noqa: PLC0415

    records = articles_of(open_index(_index_dir(ctx, index_dir)))
    if as_json:
        write_out([_json_text({"articles": [article_record(record) for record in records]})])
        return
    records = [
        one._replace(article_id=one_line(one.article_id), title=one_line(one.title))
        for one in records
    ]
    # One long id is not to push all others apart.
    widest = min(_WIDEST_ID, max((len(record.article_id) for record in records), default=0))
    write_out(
        f"{record.article_id:{widest}}  {record.paragraphs:>5}  {record.language or '-':<3}  "
        f"{record.published.isoformat() if record.published else '-':<10}  {record.title}".rstrip()
        + "\n"
        for record in records
    )


@indexer_command.command()
@_index_option
@_json_option
@click.help_option("-h", "--help")
@click.pass_context
def stats(ctx: click.Context, /, *, index_dir: Place | None, as_json: bool) -> None:
    """Count what the index holds."""
    from indexer.storage.catalog import stats_of  # noqa: PLC0415
    from indexer.storage.places import open_index  # noqa: PLC0415

    path = _index_dir(ctx, index_dir)
    found = stats_of(open_index(path), path)
    record = {**asdict(found), "path": str(found.path)}
    if as_json:
        write_out([_json_text(record)])
        return
    record["languages"] = ", ".join(f"{name} {count}" for name, count in found.languages.items())
    record["deleted"] = f"{found.deleted:,} documents ({found.deleted_share:.1%})"
    parts = ", ".join(f"{name} {size / 1e6:,.2f}" for name, size in found.parts.items())
    record["size"] = f"{found.size_bytes / 1e6:,.2f} MB ({parts})"
    for name in ("deleted_share", "size_bytes", "parts"):
        del record[name]
    write_out(
        f"{name + ':':<12}{value:,}\n"
        if isinstance(value, int)
        else f"{name + ':':<12}{one_line(value)}\n"
        for name, value in record.items()
    )


@indexer_command.command(short_help="Look for damage in the index, and repair it.")
@_index_option
@click.option(
    "--repair", is_flag=True, help="Keep what is whole, read again what is not, tell what is lost."
)
@_wait_option
@_json_option
@click.help_option("-h", "--help")
@click.pass_context
def check(
    ctx: click.Context,
    /,
    *,
    index_dir: Place | None,
    repair: bool,
    wait_seconds: float,
    as_json: bool,
) -> None:
    """Look at every byte of the index, and whether its parts fit each other.

    Exits with 3 where anything is wrong; with --repair 0, or 1 where an article is lost.
    """
    from indexer.care.places import check_index, repair_index  # noqa: PLC0415 - not for --help

    place = _index_dir(ctx, index_dir)
    if repair:
        # Once it has begun to commit it is brought to its end.
        repaired = repair_index(place, wait_seconds=wait_seconds, on_commit=come_too_late)
        shown = _json_text(repair_record(repaired)) if as_json else repair_text(repaired)
        write_out([shown], done=_DONE)
        ctx.exit(EXIT_PARTIAL if repaired.lost else EXIT_OK)
    with _ShareBar("Checking") as bar:
        found = check_index(place, on_share=bar.share)
    write_out([_json_text(check_record(found)) if as_json else check_text(found, str(place))])
    ctx.exit(EXIT_INDEX if found.faults else EXIT_OK)


@indexer_command.command(short_help="Make one segment of the index, without what is deleted.")
@_index_option
@_wait_option
@_json_option
@click.help_option("-h", "--help")
@click.pass_context
def compact(
    ctx: click.Context, /, *, index_dir: Place | None, wait_seconds: float, as_json: bool
) -> None:
    """Make one segment of the index, without what is deleted; answers stay the same."""
    from indexer.build import compact_index  # noqa: PLC0415 - not for --help
    from indexer.storage.catalog import size_of  # noqa: PLC0415

    path = _index_dir(ctx, index_dir)
    before = size_of(path)
    is_changed = compact_index(path, wait_seconds=wait_seconds, on_commit=come_too_late)
    after = size_of(path)
    if as_json:
        record = {"compacted": is_changed, "bytes_before": before, "bytes_after": after}
        shown = _json_text(record)
    elif is_changed:
        shown = f"compacted from {before / 1e6:,.2f} MB to {after / 1e6:,.2f} MB\n"
    else:
        shown = "nothing to do: it is one segment without deletions\n"
    write_out([shown], done=_DONE)


@indexer_command.command(short_help="Copy an index to another directory or into OpenSearch.")
@click.argument("source", type=_IndexPlace(), metavar="FROM")
@click.argument("target", type=_IndexPlace(), metavar="TO")
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=default_jobs,
    metavar="N",
    help="Processes that share the work; as many as there are processors unless it is given.",
)
@_shards_option
@_replicas_option
@_wait_option
@_json_option
@click.help_option("-h", "--help")
@click.pass_context
def copy(
    ctx: click.Context,  # noqa: ARG001 - as all commands
    /,
    *,
    source: Place,
    target: Place,
    jobs: int,
    shards: int | None,
    replicas: int | None,
    wait_seconds: float,
    as_json: bool,
) -> None:
    """Copy an index, a directory or an address, to a place where there is none yet.

    The files that it was made of are not needed; ids stay, and it is one commit.
    """
    from indexer.copying import copy_index  # noqa: PLC0415 - not for --help

    with _ShareBar("Copying") as bar:
        report = copy_index(
            _told_of(source),
            _told_of(target),
            spread=_spread(target, shards, replicas),
            wait_seconds=wait_seconds,
            jobs=jobs,
            on_share=bar.share,
            on_commit=come_too_late,
        )
    if as_json:
        shown = _json_text(report._asdict())
    else:
        passages, files = counted(report.passages, "passage"), counted(report.files, "file")
        shown = f"copied {counted(report.articles, 'article')} ({passages}) of {files}\n"
    write_out([shown], done="the copy is there")


def main() -> NoReturn:
    """Run the command as a process."""
    run(
        indexer_command,
        prog=PROG,
        error_output=_error_output,
        interrupted="interrupted; nothing was changed",
    )


def _index_dir(ctx: click.Context, named: Place | None) -> Place:
    """The index that is named by the subcommand, by the group, by the environment, or by none."""
    group: Place | None = ctx.obj
    if named is not None or group is not None:
        return _told_of(named or group or Path())
    from indexer.storage.committed import default_index_dir  # noqa: PLC0415

    return default_index_dir()


def _told_of(place: Place) -> Place:
    """A place; whatever a cluster there is waited for will be told."""
    from indexer.storage.committed import is_address  # noqa: PLC0415 - not for --help

    if is_address(place):
        from indexer.waits import tell_waits  # noqa: PLC0415 - few are

        tell_waits(PROG)
    return place


def _language(code: str) -> str:
    from indexer.intake import AUTO  # noqa: PLC0415
    from indexer.readers.fields import language_of  # noqa: PLC0415

    if not code or code.lower() == AUTO:
        return code.lower()
    language = language_of(code)
    if len(language) != 2:
        raise UsageError(
            f"--lang {code}: no language code",
            hint="give two letters, as in --lang en, or auto",
        )
    return language


class _ShareBar:
    """A progress bar over one thing that is done by and by, drawn when it is told of it."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._stack = ExitStack()
        self._advance: Callable[[int], None] | None = None
        self._done = 0  # steps

    def __enter__(self) -> Self:
        """Return the bar."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the bar."""
        self._stack.__exit__(kind, error, trace)

    def share(self, share: float) -> None:
        """Move on to a share of the thing."""
        if self._advance is None:
            bar = progress(self._label, length=_STEPS_A_THING)
            self._advance = self._stack.enter_context(bar)
        steps = int(share * _STEPS_A_THING)
        self._advance(steps - self._done)
        self._done = steps


class _Telling:
    """Tells on standard error how a run over files goes on: a line that moves, or one for each.

    Attributes:
        told: what was skipped and has been told.
    """

    def __init__(self, *, verbose: bool) -> None:
        self.told: set[Skipped] = set()
        self._verbose = verbose
        self._stack = ExitStack()
        self._show: Callable[[Callable[[int], str]], None] | None = None
        self._progress: FilesProgress | None = None

    def __enter__(self) -> Self:
        """Return it."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take the line that moves away."""
        self._stack.__exit__(kind, error, trace)

    def found(self, found: FoundFiles) -> None:
        """Take what is to be read."""
        if self._verbose:
            for source in found.hidden:
                note(f"{PROG}: passed over {source}: it is hidden; to index it, name it")
            for source, kind in found.streams:
                note(f"{PROG}: passed over {source}: it is {kind}, not a file")
        elif is_terminal(sys.stderr):
            self._progress = FilesProgress(found.files, now_seconds())
            self._show = self._stack.enter_context(live_line())

    def outcome(self, outcome: FileOutcome) -> None:
        """Take what became of a file."""
        if self._verbose:
            self.told.update(outcome.skipped)
            for line in outcome_lines(outcome):
                note(f"{PROG}: {line}")
        if self._progress is not None:
            self._progress.next_file(was_read=not outcome.unchanged)
            self._draw()

    def share(self, share: float) -> None:
        """Take the share of the file at hand that is done."""
        if self._progress is not None:
            self._progress.move(share)
            self._draw()

    def _draw(self) -> None:
        progress = self._progress
        if self._show is not None and progress is not None:
            self._show(lambda width: progress_line("Indexing", progress.at(now_seconds()), width))


def _json_text(record: dict[str, Any], *, indent: int | None = 2) -> str:
    versioned = {"schema_version": SCHEMA_VERSION, **record}
    return escaped_json(json.dumps(versioned, ensure_ascii=False, indent=indent)) + "\n"


def _error_output(parameters: Mapping[str, Any], failure: Failure) -> str:
    """A JSON error object where JSON was asked for."""
    if not parameters.get("as_json"):
        return ""
    return _json_text({"error": failure.record()}, indent=None)

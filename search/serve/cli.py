"""The command ``search-serve``: one warm index behind HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from indexer.console import (
    Seconds,
    completion_option,
    index_option,
    note,
    note_unexpected,
    run,
)
from indexer.interrupts import note_only
from search.serve.extra import of_the_extra
from search.serve.limits import Limits

if TYPE_CHECKING:
    from typing import NoReturn

PROG = "search-serve"
DEFAULT_PORT = 8642
_UNSAID = Limits()
_MOST_SECONDS = 3_600


@click.command(
    epilog="""\b
Exit status: 0 a signal ended it, 2 usage, the address is taken or not allowed,
3 the index is missing, damaged or unreadable,
130 and 143 a second signal ended it at once: some had no answer yet."""
)
@index_option()
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen at; any but a loopback one needs --token-file.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=DEFAULT_PORT,
    show_default=True,
    help="Port to listen at; 0 takes a free one.",
)
@click.option("--open", "opens", is_flag=True, help="Open the page in the browser.")
@click.option(
    "--token-file",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Answer only who shows the token in this file, as a bearer or as a password.",
)
@click.option(
    "--allow-host",
    "allow_hosts",
    multiple=True,
    metavar="NAME",
    help="Answer by this name as well, as behind a proxy; may be given several times.",
)
@click.option(
    "--allow-origin",
    "allow_origins",
    multiple=True,
    metavar="ORIGIN",
    help="Let scripts of pages from there ask, as https://a.example; may be given several times.",
)
@click.option(
    "--timeout",
    "timeout_seconds",
    type=Seconds(min=0.001, max=_MOST_SECONDS),
    default=_UNSAID.timeout_seconds,
    show_default=True,
    metavar="SECONDS",
    help="The time a request may take at most, waiting included.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    metavar="N",
    help="Questions answered at once; else as many as there are processors, 2 to 8.",
)
@click.option(
    "--queue",
    type=click.IntRange(0, 10_000),
    default=_UNSAID.waiting,
    show_default=True,
    metavar="N",
    help="Questions that may wait for their turn; others are told to ask again.",
)
@completion_option()
@click.version_option(package_name="passage-search", prog_name=PROG)
@click.help_option("-h", "--help")
def serve_command(
    *,
    index_dir: str | None,
    host: str,
    port: int,
    opens: bool,
    token_file: str | None,
    allow_hosts: tuple[str, ...],
    allow_origins: tuple[str, ...],
    timeout_seconds: float,
    workers: int | None,
    queue: int,
) -> None:
    """Serve an index to browsers and programs until a signal comes."""
    with of_the_extra(PROG):
        from search.serve.running import Place, serve  # noqa: PLC0415 - slow to load
    serve(
        index_dir,
        Place(host, port, token_file, allow_hosts, allow_origins),
        _UNSAID._replace(
            timeout_seconds=timeout_seconds,
            workers=workers or _UNSAID.workers,
            waiting=queue,
        ),
        noted=note_only(),  # a signal is the good end of it
        on_note=lambda line: note(f"{PROG}: {line}"),
        on_unexpected=lambda error: note_unexpected(error, PROG),
        on_ready=_open_page if opens else lambda _address: None,
    )


def _open_page(address: str) -> None:
    import webbrowser  # noqa: PLC0415 - seldom needed

    if not webbrowser.open(address):
        note(f"{PROG}: no browser could be started; open {address}")


def main() -> NoReturn:
    """Run the command as a process."""
    run(serve_command, prog=PROG)

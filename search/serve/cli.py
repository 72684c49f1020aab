"""The command ``search-serve``: one warm index behind HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from indexer.console import note, run
from indexer.errors import UsageError
from indexer.interrupts import note_only

if TYPE_CHECKING:
    from typing import NoReturn

PROG = "search-serve"
DEFAULT_PORT = 8642


@click.command()
@click.option(
    "-i",
    "--index",
    "index_dir",
    type=click.Path(file_okay=False, readable=False),
    envvar="PASSAGE_INDEX",
    help="Index directory; else PASSAGE_INDEX, else the user's data folder.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=DEFAULT_PORT,
    show_default=True,
    help="Port to listen at; 0 takes a free one.",
)
@click.version_option(package_name="passage-search", prog_name=PROG)
@click.help_option("-h", "--help")
def serve_command(*, index_dir: str | None, host: str, port: int) -> None:
    """Serve an index to browsers and programs until a signal comes."""
    try:
        from search.serve.running import serve  # noqa: PLC0415 - an extra, and slow to load
    except ImportError as error:
        raise UsageError(
            f"{PROG} needs the library {error.name}",
            hint="install it with: pip install 'passage-search[serve]'",
        ) from error
    note_only()  # a signal is the good end of it
    serve(index_dir, host, port, on_note=lambda line: note(f"{PROG}: {line}"))


def main() -> NoReturn:
    """Run the command as a process."""
    run(serve_command, prog=PROG)

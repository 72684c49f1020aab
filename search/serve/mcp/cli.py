"""The command ``search-mcp``: the tools over standard input and output."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from indexer.console import completion_option, index_option, note, run
from indexer.interrupts import end_at_once
from search.serve.extra import of_the_extra

if TYPE_CHECKING:
    from typing import NoReturn

PROG = "search-mcp"


@click.command(
    epilog="""\b
Exit status: 0 the input ended, 2 usage, 3 the index is missing, damaged or
unreadable, 130 and 143 interrupted and terminated."""
)
@index_option()
@completion_option()
@click.version_option(package_name="passage-search", prog_name=PROG)
@click.help_option("-h", "--help")
def mcp_command(*, index_dir: str | None) -> None:
    """Serve an index to a program that speaks MCP, over standard input and output."""
    with of_the_extra(PROG):
        from search.serve.mcp.stdio import serve_stdio  # noqa: PLC0415 - slow to load
    serve_stdio(index_dir, on_note=lambda line: note(f"{PROG}: {line}"))


def main() -> NoReturn:
    """Run the command as a process; a signal that comes while it loads leaves no traceback."""
    end_at_once()
    run(mcp_command, prog=PROG)

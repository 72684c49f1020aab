"""The command ``search-serve`` as a process, also by ``python -m search.serve``."""

from __future__ import annotations

from indexer.interrupts import end_at_once

TYPE_CHECKING = False  # as in interrupts
if TYPE_CHECKING:
    from typing import NoReturn


def main() -> NoReturn:
    """Run the command; a signal that comes while it loads leaves no traceback."""
    end_at_once()
    from search.serve.cli import main as run_command  # noqa: PLC0415 - signals come first

    run_command()


if __name__ == "__main__":
    main()

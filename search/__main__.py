"""The command ``search`` as a process, also by ``python -m search``."""

from __future__ import annotations

import gc

from indexer.interrupts import end_at_once

TYPE_CHECKING = False  # as in interrupts
if TYPE_CHECKING:
    from typing import NoReturn


def main() -> NoReturn:
    """Run the command; a signal that comes while it loads leaves no traceback."""
    end_at_once()
    gc.disable()  # a search is over before it pays; so is the loading
    from search.cli import main as run_command  # noqa: PLC0415 - signals come first

    run_command()


if __name__ == "__main__":
    main()

"""The pager that a long text goes to on a terminal, chosen and set up as git does it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_USUAL = "less"
# Used where the user has not set it: less leaves what it showed on the screen, shows colours, and
# ends at once where the text fits after all.
_SETTINGS = {"LESS": "FRX", "LV": "-c"}
# How a shell says that there is no such command, or that it cannot be run.
_NOT_RUN = frozenset({126, 127})


def pager_command(environ: Mapping[str, str] = os.environ) -> str | None:
    """The shell command of the pager, None for none: PAGER, else less where there is one."""
    named = environ.get("PAGER")
    if named is None:
        return _USUAL if shutil.which(_USUAL, path=environ.get("PATH")) else None
    return None if named.strip() in {"", "cat"} else named


def show_in_pager(text: str) -> bool:
    """Show a text in the pager until the user leaves it; whether there was a pager to show it.

    Meanwhile an interrupt is for the pager alone, which need not read the text to its end.
    """
    command = pager_command()
    if command is None:
        return False
    errors = sys.stdout.errors or "replace"
    # A handler, and not SIG_IGN, which the pager would inherit.
    before = signal.signal(signal.SIGINT, lambda _number, _frame: None)
    try:
        with subprocess.Popen(  # noqa: S602 - the user's own command, as for all programs
            command,
            shell=True,
            stdin=subprocess.PIPE,
            env={**_SETTINGS, **os.environ},
        ) as process:
            process.communicate(text.encode("utf-8", errors))
    except OSError:  # no more processes, or no shell
        return False
    finally:
        signal.signal(signal.SIGINT, before)
    return process.returncode not in _NOT_RUN

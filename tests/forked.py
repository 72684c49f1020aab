"""The command ``search`` as many processes, which are forked from one that has loaded it.

``python -m tests.forked`` reads a list of [arguments, variables] as JSON from standard input, runs
the command with each in the working folder, and prints a list of [stdout, stderr, exit code].
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.commands import Ran, environment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).parents[1]
_SECONDS = 300


def searches(lines: Sequence[tuple[Sequence[str], Mapping[str, str]]], folder: Path) -> list[Ran]:
    """What the command leaves with some arguments and variables, one after the other."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.forked"],
        cwd=folder,
        env=environment(folder, COLUMNS="80", PYTHONPATH=str(ROOT)),
        input=json.dumps(lines).encode(),
        capture_output=True,
        timeout=_SECONDS,
        check=True,
    )
    return [Ran(*one) for one in json.loads(done.stdout)]


def _run(arguments: list[str], variables: dict[str, str]) -> tuple[str, str, int]:
    from search.cli import main  # noqa: PLC0415 - the caller needs none

    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        pid = os.fork()
        if not pid:
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            with Path(os.devnull).open("rb") as nothing:
                os.dup2(nothing.fileno(), 0)
            os.environ.update(variables)
            sys.argv = ["search", *arguments]
            main()
        _, status = os.waitpid(pid, 0)
        for file in (out, err):
            file.seek(0)
        return out.read().decode(), err.read().decode(), os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    print(json.dumps([_run(*one) for one in json.load(sys.stdin)]))

"""The indexer's commands in processes that are killed, refused or noted at an event; see events.

One process loads the program once and forks a child for each command, so that hundreds of them
take seconds. ``python -m tests.doomed`` is that process: a JSON line in, a JSON line out.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, Self

from tests.commands import PROJECT, environment
from tests.events import Fate, Watch, watch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# A command that takes longer hangs.
_LONGEST_SECONDS = 60
# Loaded before the first fork: all that a command would load, which takes longer than its work.
_PRELOADED = (
    *("indexer.cli", "indexer.build", "indexer.intake", "indexer.reports", "indexer.readers.text"),
    *("indexer.storage.process", "indexer.storage.runs", "indexer.text.batches", "multiprocessing"),
    *("indexer.care.check", "indexer.care.repair", "indexer.storage.catalog", "Stemmer", "difflib"),
    *("email.parser", "importlib.metadata", "indexer.storage.flaws", "platformdirs.unix", "string"),
    *("multiprocessing.connection", "zipfile"),
)

#: Small texts are shared by two processes, as large ones are otherwise.
SHARED = {
    "indexer.storage.writer._WORTH_HELP_CHARS": 1,
    "indexer.storage.writer.BATCH_CHARS": 100,
    "indexer.readahead._WORTH_PROCESSES_BYTES": 0,
}
#: What is inverted goes to files at once, as what memory does not hold does otherwise.
SPILLING = {
    "indexer.storage.writer.BATCH_CHARS": 1,
    "indexer.storage.builder._BASE_BYTES": 1 << 40,
    "indexer.storage.builder._LEAST_KEPT_BYTES": 0,
    "indexer.storage.builder._FEW_CHARS": 0,
}


class Outcome(NamedTuple):
    """How a command ended.

    Attributes:
        status: its exit code; less than 0: the signal that ended it.
        events: how many there were.
        stdout, stderr: what it printed.
    """

    status: int
    events: int
    stdout: str
    stderr: str

    @property
    def was_killed(self) -> bool:
        """Whether it was killed as it was to be."""
        return self.status == -signal.SIGKILL


class Commands:
    """Runs commands, one at a time; a context manager."""

    def __init__(self, home: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.doomed"],
            cwd=PROJECT,
            env=environment(home),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()

    def run(
        self,
        arguments: Sequence[str | Path],
        watched: Path,
        fate: Fate = Fate(),  # noqa: B008 - it is a tuple
        settings: Mapping[str, int] | None = None,
    ) -> Outcome:
        """Run ``indexer`` with some arguments, watching a directory."""
        self.start(arguments, watched, fate, settings)
        return self.wait()

    def start(
        self,
        arguments: Sequence[str | Path],
        watched: Path,
        fate: Fate = Fate(),  # noqa: B008 - as above
        settings: Mapping[str, int] | None = None,
    ) -> None:
        """Begin what run() does."""
        asked = {
            "arguments": list(map(str, arguments)),
            "watched": str(watched),
            "fate": fate,
            "settings": settings or {},
        }
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()

    def wait(self) -> Outcome:
        """Return how the command ended that was started."""
        assert self._process.stdout is not None
        return Outcome(*json.loads(self._process.stdout.readline()))


def main() -> None:
    """Serve."""
    for name in _PRELOADED:
        import_module(name)
    for line in sys.stdin:
        asked = json.loads(line)
        watched = Watch(Path(asked["watched"]), Fate(*asked["fate"]))
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            child = os.fork()
            if not child:
                _run(asked, watched, out.fileno(), err.fileno())
            _, status = os.waitpid(child, 0)
            out.seek(0)
            err.seek(0)
            outcome = Outcome(
                os.waitstatus_to_exitcode(status),
                watched.events,
                out.read().decode(),
                err.read().decode(),
            )
        print(json.dumps(outcome), flush=True)


def _run(asked: Mapping[str, Any], watched: Watch, out: int, err: int) -> NoReturn:
    """Be the command, and end with it."""
    os.setpgid(0, 0)
    signal.alarm(_LONGEST_SECONDS)
    for descriptor, place in ((os.open(os.devnull, os.O_RDONLY), 0), (out, 1), (err, 2)):
        os.dup2(descriptor, place)
    for name, value in asked["settings"].items():
        module, _, attribute = name.rpartition(".")
        loaded = import_module(module)
        assert hasattr(loaded, attribute), name
        setattr(loaded, attribute, value)
    watch(watched)
    from indexer.cli import main as indexer  # noqa: PLC0415 - loaded before, without its console

    sys.argv = ["indexer", *asked["arguments"]]
    code: Any = 70
    try:
        indexer()
    except SystemExit as ended:
        code = ended.code
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code or 0)


if __name__ == "__main__":
    main()

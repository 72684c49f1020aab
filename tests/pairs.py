"""Two writers of one index at once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.held import leftovers, state_of, write_texts

if TYPE_CHECKING:
    from pathlib import Path

    from tests.doomed import Commands
    from tests.held import Texts

_LOCKED = (
    r"indexer: the index at {index} is being written to by "
    r"(process \d+ since \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d|another process); "
    r"try again later, or wait for it with --wait SECONDS\n"
)


def write_at_once(folder: Path, both: tuple[Commands, Commands], *, wait_seconds: int) -> int:
    """Have two processes add an article each at once; AssertionError unless one waits or says why.

    Returns: how many of them were told that the other one writes.
    """
    index_dir = folder / "ix"
    texts: list[Texts] = [
        {f"{name}.txt": (f"On {name}", f"The ferry of {name} is here.")} for name in ("one", "two")
    ]
    for number, commands in enumerate(both):
        write_texts(folder / str(number), texts[number])
        arguments = ["--lang", "en", "--jobs", "1", "--wait", str(wait_seconds)]
        commands.start(
            ["-i", str(index_dir), "add", *arguments, str(folder / str(number))], folder / "ix"
        )
    outcomes = [commands.wait() for commands in both]
    locked = re.compile(_LOCKED.format(index=re.escape(str(index_dir))))
    done: dict[str, tuple[str, ...]] = {}
    for number, outcome in enumerate(outcomes):
        if outcome.status == 0:
            assert outcome.stderr == "", outcome
            done |= {name: tuple(parts) for name, parts in texts[number].items()}
        else:
            assert outcome.status == 3, outcome
            assert locked.fullmatch(outcome.stderr), outcome
    state_of(index_dir, [done])
    assert leftovers(index_dir) == []
    refused = sum(outcome.status == 3 for outcome in outcomes)
    assert refused <= (0 if wait_seconds else 1)
    return refused

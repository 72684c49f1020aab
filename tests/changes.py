"""Changes of an index, each one command, whose state before and after is known to the word."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, NamedTuple

from tests.doomed import SHARED, SPILLING
from tests.held import leftovers, state_of, write_texts
from tests.power import disk_at, put

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tests.doomed import Commands, Outcome
    from tests.events import Fate
    from tests.held import Texts
    from tests.power import Disk


class Change(NamedTuple):
    """A command that changes an index.

    Attributes:
        name: what it is called.
        before: the texts of each commit before it; none: there is no index yet.
        files: the files that lie there when it runs.
        command: what is done, and its options; the files are added unless it is a removal.
        after: what the index holds then.
        settings: what else is set; see ``doomed``.
    """

    name: str
    before: Sequence[Texts]
    files: Texts
    command: Sequence[str]
    after: Texts
    settings: Mapping[str, int] = {}

    @property
    def states(self) -> tuple[Texts | None, Texts]:
        """What the index may hold when the command has ended in any way: before, after."""
        return (self.before[-1] if self.before else None, self.after)


def _texts(*numbers: int, again: Sequence[int] = (), first: str = "The ferry") -> Texts:
    """Some small articles; those that are in again have changed."""
    return {
        f"{number}.txt": (
            f"On {number}",
            f"{first} of number {number} is here.",
            *([f"It has changed again, to new{number}."] if number in again else []),
            f"The lantern of {number} was never seen " + "anywhere in the harbour " * number + ".",
        )
        for number in numbers
    }


# Stands for the folder of the files in a command.
_TEXTS = "TEXTS"
_ADD = ("add", "--lang", "en", "--jobs", "1")
_BASE = _texts(1, 2, 3, 4)
_UPDATED = {**_texts(1, 2, 3, 4, 5, 6, again=(2, 4))}
_LESS = _texts(1, 2, 3)
_MANY = [_texts(*range(count + 1)) for count in range(7, 12)]

FIRST = Change("first", [], _BASE, _ADD, _BASE)
UPDATE = Change("update", [_BASE], _UPDATED, _ADD, _UPDATED)
REMOVAL = Change("removal", [_BASE], _BASE, ("remove", f"{_TEXTS}/4.txt"), _LESS)
PRUNE = Change("prune", [_BASE], _LESS, (*_ADD, "--prune"), _LESS)
MERGE = Change("merge", _MANY, {**_MANY[-1], **_UPDATED}, _ADD, {**_MANY[-1], **_UPDATED})
COMPACTION = Change("compaction", [_MANY[-1], _MANY[-2]], _MANY[-2], ("compact",), _MANY[-2])
SHARED_UPDATE = UPDATE._replace(name="update, --jobs 2", command=(*_ADD[:-1], "2"), settings=SHARED)
SPILLING_MERGE = MERGE._replace(
    name="merge, spilling", command=(*_ADD, "--memory", "1"), settings=SPILLING
)
SHARED_SPILLING = MERGE._replace(
    name="merge, spilling, --jobs 2",
    command=(*_ADD[:-1], "2", "--memory", "1"),
    settings={**SHARED, **SPILLING},
)
CHANGES = (
    *(FIRST, UPDATE, REMOVAL, PRUNE, MERGE, COMPACTION),
    *(SHARED_UPDATE, SPILLING_MERGE, SHARED_SPILLING),
)


class Site:
    """A folder where one change is made over and over, each time from the state before it.

    Attributes:
        change: the change.
        disk: all that is watched.
        before: what it holds before the change.
        index_dir: the index, "deep/ix" in it.
    """

    def __init__(self, change: Change, commands: Commands, folder: Path) -> None:
        """Make the state before the change."""
        self.change = change
        self.disk = folder / "disk"
        self.index_dir = self.disk / "deep" / "ix"
        self._commands = commands
        self._files = folder / "texts"
        self.disk.mkdir(parents=True, exist_ok=True)
        for texts in change.before:
            write_texts(self._files, texts)
            done = commands.run([*self._at(), *_ADD, "--prune", str(self._files)], self.disk)
            assert done.status == 0, done
        write_texts(self._files, change.files)
        self.before = disk_at(self.disk)

    def _at(self) -> list[str]:
        return ["-i", str(self.index_dir)]

    def reset(self, disk: Disk | None = None) -> None:
        """Have the state before the change, or whatever else a disk holds."""
        shutil.rmtree(self.disk, ignore_errors=True)
        put(self.before if disk is None else disk, self.disk)

    def make(self, fate: Fate) -> Outcome:
        """Make the change from the state before it, as far as it comes."""
        self.reset()
        return self.go_on(fate)

    def go_on(self, fate: Fate) -> Outcome:
        """Make the change from the state that is there."""
        self.start(fate)
        return self._commands.wait()

    def start(self, fate: Fate) -> None:
        """Begin what go_on() does."""
        named = [str(self._files)] if self.change.command[0] == "add" else []
        command = (word.replace(_TEXTS, str(self._files)) for word in self.change.command)
        arguments = [*self._at(), *command, *named]
        self._commands.start(arguments, self.disk, fate, self.change.settings)

    def state(self) -> int:
        """0: all is as before the change, 1: all is as after it; AssertionError: neither."""
        return state_of(self.index_dir, self.change.states)

    def mend(self) -> None:
        """Check the index and add the files next; AssertionError unless all is well then."""
        checked = self._commands.run([*self._at(), "check"], self.disk)
        is_none = None in self.change.states and "no index at" in checked.stderr
        assert checked.status == 0 or is_none, checked
        files = {**self.change.files, "next.txt": ("The next", "This is new.")}
        write_texts(self._files, files)
        # A helping process of one that was killed may hold the lock for a moment.
        command = [*self._at(), *_ADD, "--prune", "--wait", "30", str(self._files)]
        done = self._commands.run(command, self.disk)
        assert (done.status, done.stderr) == (0, ""), done
        state_of(self.index_dir, [files])
        assert leftovers(self.index_dir) == []
        again = self._commands.run(command, self.disk)
        assert again.stdout.startswith(f"{len(files)} articles unchanged; "), again
        assert leftovers(self.index_dir) == []
        write_texts(self._files, self.change.files)

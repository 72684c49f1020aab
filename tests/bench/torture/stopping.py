"""Commands that do not come to their end: killed, out of power, out of room."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from tests.bench.tables import note
from tests.bench.torture.rounds import watched
from tests.changes import CHANGES, UPDATE, Site
from tests.events import Fate, events_in
from tests.power import crashes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.bench.torture.rounds import Outcome
    from tests.doomed import Commands

_STATES = ("as before", "as after")
_MOUNTED_KB = (4, 8, 12, 16, 24, 32, 48, 64)


def kill(folder: Path, commands: Commands) -> Iterator[Outcome]:
    """Kill each change at each event: before it, in the middle of it, its helpers alone or not."""
    for torn, together in ((False, True), (True, True), (False, False), (True, False)):
        for number, change in enumerate(CHANGES):
            site = Site(change, commands, folder / f"{torn}-{together}-{number}")
            for kill_at in range(1, site.make(Fate()).events + 1):
                with watched("killed") as found:
                    outcome = site.make(Fate(kill_at=kill_at, torn=torn, together=together))
                    if outcome.status == 3 and not together:
                        assert "has ended before its time" in outcome.stderr, outcome
                        assert site.state() == 0
                        found.name = "helper killed, exit 3"
                    else:
                        assert outcome.status in {-9, 0}, outcome
                        found.name = f"killed, {_STATES[site.state()]}"
                    site.mend()
                yield found.outcome


def power(folder: Path, commands: Commands) -> Iterator[Outcome]:
    """Lose the power at each event of each change, and of one that was killed before."""
    for number, change in enumerate(CHANGES):
        site = Site(change, commands, folder / str(number))
        events = site.make(Fate()).events
        for stopped in (0, *range(2, events, 7)):
            for fate in (Fate(kill_at=stopped), Fate(refuse_from=stopped))[: 1 + bool(stopped)]:
                log = folder / f"log-{number}-{stopped}-{fate.kill_at}"
                site.reset()
                site.go_on(fate._replace(log=str(log)))
                if stopped:
                    site.go_on(Fate(log=str(log)))
                for at, (what, disk) in enumerate(crashes(site.before, events_in(log))):
                    with watched("") as found:
                        site.reset(disk)
                        found.name = _STATES[site.state()]
                        if at % 10 == 0:
                            site.mend()
                    if found.violation:
                        found.violation = f"{change.name}, {fate}, {what}: {found.violation}"
                    yield found.outcome


def full(folder: Path, commands: Commands) -> Iterator[Outcome]:
    """Have the disk full from each event on, then in earnest on small disks that are mounted."""
    for number, change in enumerate(CHANGES):
        site = Site(change, commands, folder / str(number))
        for refuse_from in range(1, site.make(Fate()).events + 1):
            with watched("refused") as found:
                outcome = site.make(Fate(refuse_from=refuse_from))
                found.name = _refused(site, outcome.status, outcome.stderr)
                site.mend()
            yield found.outcome
    yield from _on_small_disks(folder / "mounted", commands)


def _refused(site: Site, status: int, message: str) -> str:
    """What a command did on a full disk; AssertionError if it was nothing it may do."""
    state = site.state()
    if status == 0:
        assert message == ""
        assert site.change.states[state] == site.change.after
        return "done"
    assert status == 3, message
    assert message.count("\n") == 1, message
    assert str(site.index_dir) in message
    assert "; check" in message or ": check" in message
    is_made = "was changed, but" in message
    assert "nothing was changed" in message or is_made
    assert site.change.states[state] == site.change.states[1 if is_made else 0]
    return "exit 3, " + _STATES[1 if is_made else 0]


def _on_small_disks(folder: Path, commands: Commands) -> Iterator[Outcome]:
    """Fill disks of some pages; none where this process may not mount any."""
    for size_kb in _MOUNTED_KB:
        site = Site(UPDATE, commands, folder / str(size_kb))
        base = sum(len(raw or b"") for raw in site.before.values()) // 1024 + 4 * len(site.before)
        site.disk.mkdir(exist_ok=True)
        size = f"size={base + size_kb}k"
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(site.disk)],
            capture_output=True,
            check=False,
        )
        if mounted.returncode:
            note(f"full: nothing can be mounted here: {mounted.stderr.decode().strip()}")
            return
        try:
            with watched("refused") as found:
                outcome = site.make(Fate())
                found.name = f"mounted: {_refused(site, outcome.status, outcome.stderr)}"
            yield found.outcome
        finally:
            subprocess.run(["umount", str(site.disk)], check=True)

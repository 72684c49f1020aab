"""Every state that a loss of power can leave of a commit: the index opens as before it or after."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

import pytest

from indexer.errors import PassageSearchError
from tests.changes import FIRST, MERGE, REMOVAL, UPDATE, Site
from tests.doomed import Commands
from tests.events import Event, Fate, Kind, events_in
from tests.power import Recorded, crashes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from tests.changes import Change

pytestmark = pytest.mark.skipif("not __import__('os').path.exists('/proc/self/fd')")


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Commands]:
    with Commands(tmp_path_factory.mktemp("home")) as running:
        yield running


def recorded(site: Site, log: Path, *fates: Fate) -> Sequence[Event]:
    """What a change does to the disk, and what the next tries of it do where there are more."""
    site.reset()
    for fate in fates or (Fate(),):
        site.go_on(fate._replace(log=str(log)))
    return events_in(log)


def faults(
    site: Site, events: Sequence[Event], states: set[int], *, since: int = 0, step: int = 1
) -> Iterator[str]:
    """Yield what is wrong where the power is lost; the states that the index is in are added."""
    for number, (what, disk) in enumerate(crashes(site.before, events, since)):
        if number % step:
            continue
        site.reset(disk)
        try:
            states.add(site.state())
            if number % 30 == 0:
                site.mend()
        except (AssertionError, PassageSearchError) as error:
            yield f"{what}: {error}"


@pytest.mark.parametrize(
    ("change", "step"),
    [(FIRST, 2), (UPDATE, 1), (MERGE, 3), (REMOVAL, 1)],
    ids=lambda value: getattr(value, "name", str(value)),
)
def test_power_that_is_lost_during_a_commit(
    change: Change, step: int, commands: Commands, tmp_path: Path
) -> None:
    site = Site(change, commands, tmp_path)
    states: set[int] = set()
    assert list(faults(site, recorded(site, tmp_path / "log"), states, step=step)) == []
    assert states == {0, 1}


def test_power_that_is_lost_after_a_writer_was_killed(commands: Commands, tmp_path: Path) -> None:
    """The next one finds all done, but not yet all on the disk."""
    site = Site(MERGE, commands, tmp_path)
    events = recorded(site, tmp_path / "log")
    (renamed,) = (at for at, event in enumerate(events, 1) if event.kind is Kind.RENAME)
    (tmp_path / "log").unlink()
    events = recorded(site, tmp_path / "log", Fate(kill_at=renamed + 1), Fate())
    assert events[renamed - 1].kind is Kind.RENAME
    assert not any(event.kind is Kind.RENAME for event in events[renamed:])
    assert list(faults(site, events, set(), since=renamed)) == []


@pytest.mark.parametrize(
    ("change", "step"),
    [(FIRST, 7), (UPDATE, 15)],
    ids=lambda value: getattr(value, "name", str(value)),
)
def test_power_that_is_lost_after_a_writer_was_refused(
    change: Change, step: int, commands: Commands, tmp_path: Path
) -> None:
    """What it made is removed again, and that may be on the disk in part."""
    site = Site(change, commands, tmp_path)
    for refuse_from in range(2, site.make(Fate()).events, step):
        log = tmp_path / f"log-{refuse_from}"
        events = recorded(site, log, Fate(refuse_from=refuse_from))
        since = max(0, refuse_from - 2)
        assert list(faults(site, events, set(), since=since, step=2)) == []


def test_a_sync_that_is_left_out_is_found(commands: Commands, tmp_path: Path) -> None:
    """What the disk may hold is told strictly enough to miss each one."""
    site = Site(UPDATE, commands, tmp_path)
    events = recorded(site, tmp_path / "log")
    synced = {event.path for event in events if event.kind is Kind.SYNC}
    assert {PurePath(path).suffix for path in synced} == {"", ".doc", ".json", ".new", ".pst"}
    # All but the copy of the manifest, which is asked for only where that is lost.
    for path in sorted(path for path in synced if "manifest-" not in path):
        left = [event for event in events if (event.kind, event.path) != (Kind.SYNC, path)]
        kinds = [event.kind for event in left]
        since = kinds.index(Kind.RENAME) + 1
        assert next(faults(site, left, set(), since=since), None), path


#: A file of eight bytes that is certain, then what is done to it and to its directory.
DISK = {"d": None, "d/a": b"old text"}
WRITE = Event(Kind.WRITE, "d/a", offset=4, data=b"more!")
NEW = (Event(Kind.CREATE, "d/b"), Event(Kind.WRITE, "d/b", data=b"new"))
MOVE = Event(Kind.RENAME, "d/b", "d/a")
SYNC_NAMES = Event(Kind.SYNC, "d")


@pytest.mark.parametrize(
    ("events", "left"),
    [
        ((), [{"a": b"old text"}]),
        (
            (WRITE,),
            [
                {"a": b"old text"},
                {"a": b"old more!"},
                {"a": b"old \0\0\0\0\0"},
                {"a": b"old \xa5\xa5\xa5\xa5\xa5"},
                {"a": b"old text\0"},
                {"a": b"old "},
            ],
        ),
        ((WRITE, Event(Kind.SYNC, "d/a")), [{"a": b"old more!"}]),
        (
            (*NEW, Event(Kind.SYNC, "d/b")),
            [{"a": b"old text"}, {"a": b"old text", "b": b"new"}],
        ),
        ((*NEW, Event(Kind.SYNC, "d/b"), SYNC_NAMES, MOVE, SYNC_NAMES), [{"a": b"new"}]),
        (
            (*NEW, Event(Kind.SYNC, "d/b"), SYNC_NAMES, MOVE),
            [{"a": b"old text", "b": b"new"}, {"a": b"new"}],
        ),
        ((Event(Kind.REMOVE, "d/a"),), [{"a": b"old text"}, {}]),
    ],
)
def test_what_a_disk_may_hold(events: Sequence[Event], left: Sequence[Mapping[str, bytes]]) -> None:
    disk = Recorded(DISK)
    for event in events:
        disk.happen(event)
    found = []
    for _, state in disk.after_a_crash():
        files = {path[2:]: raw for path, raw in state.items() if raw is not None}
        if files not in found:
            found.append(files)
    assert found == left

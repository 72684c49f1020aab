"""Writers that are killed at an event of the file system, at every one in turn, or refused one."""

from __future__ import annotations

import shutil
from itertools import groupby
from typing import TYPE_CHECKING

import pytest

from indexer.care.places import check_index
from indexer.storage.catalog import articles_of
from indexer.storage.index import PassageIndex
from tests.changes import (
    CHANGES,
    FIRST,
    PRUNE,
    REMOVAL,
    SHARED_SPILLING,
    SHARED_UPDATE,
    UPDATE,
    Site,
)
from tests.doomed import Commands, Outcome
from tests.events import Event, Fate, Kind, events_in
from tests.power import disk_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.changes import Change

pytestmark = pytest.mark.skipif("not __import__('os').path.exists('/proc/self/fd')")

NO_SPACE = (
    "indexer: the index at {index} cannot be written: No space left on device; "
    "nothing was changed: check free space and permissions, then run the command again\n"
)
UNCONFIRMED = (
    "indexer: the index at {index} was changed, but the system does not confirm that it is on the "
    "disk: No space left on device; check the disk, then run the command again\n"
)


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Commands]:
    with Commands(tmp_path_factory.mktemp("home")) as running:
        yield running


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_what_is_changed(change: Change, commands: Commands, tmp_path: Path) -> None:
    """The changes are what their names say, and all that they do to files is seen."""
    site = Site(change, commands, tmp_path)
    done = site.make(Fate(log=str(tmp_path / "log")))
    assert (done.status, done.stderr) == (0, "")
    assert change.states[site.state()] == change.after
    events = events_in(tmp_path / "log")
    assert len(events) == done.events
    assert Event(Kind.RENAME, "deep/ix/manifest.json.new", "deep/ix/manifest.json") in events
    of_kind = {kind: [one.path for one in events if one.kind is kind] for kind in Kind}
    assert len([path for path in of_kind[Kind.SYNC] if path == "deep/ix"]) > 1
    assert any(".run" in path for path in of_kind[Kind.CREATE]) == ("spilling" in change.name)
    removed = [path for path in of_kind[Kind.REMOVE] if path.endswith(".pst")]
    assert bool(removed) == (change not in (FIRST, REMOVAL, PRUNE))
    site.mend()


@pytest.mark.parametrize(
    ("change", "torn", "step"),
    [
        (UPDATE, False, 1),
        (UPDATE, True, 3),
        (FIRST, True, 4),
        (REMOVAL, False, 2),
        (SHARED_UPDATE, False, 3),
        (SHARED_SPILLING, True, 5),
    ],
    ids=lambda value: getattr(value, "name", str(value)),
)
def test_a_writer_killed_at_an_event(
    change: Change, *, torn: bool, step: int, commands: Commands, tmp_path: Path
) -> None:
    site = Site(change, commands, tmp_path)
    states = []
    kill_at, done = 1, False
    while not done:
        outcome = site.make(Fate(kill_at=kill_at, torn=torn))
        done = not outcome.was_killed
        assert outcome.status in {-9, 0}, outcome
        states.append(site.state())
        site.mend()
        kill_at += step
    assert outcome.events > 15
    # Before until it is after, from one event to the next.
    assert states == sorted(states)
    assert set(states) == {0, 1}


def test_a_helping_process_that_is_killed_at_an_event(commands: Commands, tmp_path: Path) -> None:
    """The writer says so where it was not the writer itself that was killed."""
    site = Site(SHARED_UPDATE, commands, tmp_path)
    statuses = set()
    for kill_at in range(1, site.make(Fate()).events + 1):
        outcome = site.make(Fate(kill_at=kill_at, together=False))
        statuses.add(outcome.status)
        if outcome.status == 3:
            assert outcome.stderr == (
                "indexer: the process that inverts texts has ended before its time "
                "(exit code -9); nothing was changed: "
                "see that it has enough memory, or try --jobs 1\n"
            )
            assert site.state() == 0
        site.state()
        site.mend()
    assert statuses == {-9, 3}


def no_manifest(index_dir: Path) -> None:
    (index_dir / "manifest.json").unlink()


def no_word_of_the_state(index_dir: Path) -> None:
    for path in index_dir.glob("*.json"):
        path.unlink()


def no_manifest_that_can_be_read(index_dir: Path) -> None:
    for path in index_dir.glob("manifest*.json"):
        path.write_bytes(path.read_bytes()[:-9])


def a_record_changed(index_dir: Path) -> None:
    for path in index_dir.glob("*.doc"):
        raw = path.read_bytes()
        path.write_bytes(raw[:12] + bytes([raw[12] ^ 1]) + raw[13:])


@pytest.mark.parametrize(
    "damage", [no_manifest, no_word_of_the_state, no_manifest_that_can_be_read, a_record_changed]
)
@pytest.mark.parametrize("has_sources", [True, False])
def test_a_repair_killed_at_an_event(
    damage: Callable[[Path], None], *, has_sources: bool, commands: Commands, tmp_path: Path
) -> None:
    """The next one finds all that the first would have found."""
    site = Site(UPDATE, commands, tmp_path)
    index_dir = site.index_dir
    damage(index_dir)
    if not has_sources:
        shutil.rmtree(tmp_path / "texts")
    damaged = disk_at(site.disk)

    def repaired(fate: Fate = Fate()) -> Outcome:  # noqa: B008 - it is a tuple
        return commands.run(["-i", index_dir, "check", "--repair"], site.disk, fate)

    def articles() -> list[str]:
        return sorted(one.article_id for one in articles_of(PassageIndex.open(index_dir)))

    whole = repaired()
    assert whole.status == (0 if "nothing is lost" in whole.stdout else 1)
    right, told = articles(), whole.stdout
    assert bool(right) == (has_sources or damage is not a_record_changed)
    kill_at, was_killed = 1, True
    while was_killed:
        site.reset(damaged)
        was_killed = repaired(Fate(kill_at=kill_at)).was_killed
        again = repaired()
        assert again.status in {0, 1}
        assert articles() == right
        # What is lost is told at least once, and where nothing is lost no article is.
        assert "lost:" not in again.stdout or "lost:" in told
        assert check_index(index_dir).faults == ()
        kill_at += 1
    assert kill_at > 10


@pytest.mark.parametrize(
    ("change", "step"),
    [(UPDATE, 1), (SHARED_SPILLING, 3)],
    ids=lambda value: getattr(value, "name", str(value)),
)
def test_a_disk_that_is_full_from_an_event_on(
    change: Change, step: int, commands: Commands, tmp_path: Path
) -> None:
    site = Site(change, commands, tmp_path)
    seen = []
    for refuse_from in range(1, site.make(Fate()).events + 1, step):
        outcome = site.make(Fate(refuse_from=refuse_from))
        message = outcome.stderr.replace(str(site.index_dir), "{index}")
        seen.append((outcome.status, message, site.state()))
        if refuse_from % 3 == 0:
            site.mend()
    # As it was and told so; then changed, but for the last sync; then all is done.
    told = [(3, NO_SPACE, 0), (3, UNCONFIRMED, 1), (0, "", 1)]
    assert [one for one, _ in groupby(seen)] == [one for one in told if one in seen]
    assert len(set(seen)) >= 4 - min(step, 2)

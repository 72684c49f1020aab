"""Several at once: writers, processes that read beside a writer, threads that follow it."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from tests.bench.tables import note
from tests.bench.torture.rounds import watched
from tests.doomed import Commands
from tests.pairs import write_at_once
from tests.soaking import read_beside, soak

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.bench.torture.rounds import Outcome
    from tests.soaking import Sample

_READERS, _COMMITS = 12, 55
_LONG_QUERIES, _LONG_COMMITS = 10_000, 200
_GROWTH_BYTES = 32 << 20


def pairs(folder: Path, commands: Commands) -> Iterator[Outcome]:
    """Start two writers at once, by turns patient and not."""
    with Commands(folder) as other:
        for number in count():
            own = folder / str(number)
            own.mkdir()
            with watched("both done") as found:
                wait_seconds = 30 * (number % 2)
                refused = write_at_once(own, (commands, other), wait_seconds=wait_seconds)
                if wait_seconds:
                    found.name = "both done, in turn"
                elif refused:
                    found.name = "one done, one told who writes"
            yield found.outcome


def readers(folder: Path, commands: Commands) -> Iterator[Outcome]:
    """Have 12 processes read beside 55 commits."""
    for number in count():
        own = folder / str(number)
        own.mkdir()
        with watched("") as found:
            answers = read_beside(own, commands, readers=_READERS, commits=_COMMITS)
            note(f"readers: {answers:,} answers beside {_COMMITS} commits")
            found.name = f"{_READERS} readers beside {_COMMITS} commits, all answers of one state"
        yield found.outcome


def long(folder: Path, commands: Commands) -> Iterator[Outcome]:
    """Have 8 threads ask 10,000 queries while there are 200 commits; tell the memory over time."""
    for number in count():
        own = folder / str(number)
        own.mkdir()
        with watched("") as found:
            samples = soak(
                own, commands, queries=_LONG_QUERIES, commits=_LONG_COMMITS, on_sample=_tell
            )
            first, last = samples[len(samples) // 10], samples[-1]
            grown = last.resident_bytes - first.resident_bytes
            most = max(one.resident_bytes for one in samples)
            assert last.maps == 0, last
            assert grown < _GROWTH_BYTES, samples
            found.name = (
                f"{last.queries:,} queries, {last.commits} commits: "
                f"{first.resident_bytes >> 20} MB after {first.commits} commits, "
                f"{most >> 20} MB at most, {last.resident_bytes >> 20} MB at the end"
            )
        yield found.outcome


def _tell(one: Sample) -> None:
    if one.commits % 20 == 0:
        note(
            f"long: {one.queries:>7,} queries {one.commits:>4} commits "
            f"{one.resident_bytes / (1 << 20):7.1f} MB "
            f"{one.descriptors:>4} descriptors {one.maps:>4} maps"
        )

"""Files that are not what was written: damaged anyhow, or made to run code."""

from __future__ import annotations

import os
import pickle
from itertools import count
from typing import TYPE_CHECKING

from tests.bench.torture.rounds import Outcome
from tests.changes import MERGE, Site
from tests.damaging import REFUSED, RIGHT, Damage, damages, suffered
from tests.events import Fate
from tests.held import found_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.doomed import Commands


def damage(folder: Path, commands: Commands) -> Iterator[Outcome]:
    """Damage each file in each way, with chance but the same one every time."""
    for seed in count():
        site = Site(MERGE, commands, folder / str(seed))
        site.reset()
        if seed % 2:
            site.go_on(Fate())
        right = found_in(site.index_dir)
        for _, one in zip(range(2_000), damages(site.index_dir, seed), strict=False):
            yield _told(one, suffered(site.index_dir, one, right))


def _told(one: Damage, outcome: str) -> Outcome:
    if outcome in {RIGHT, REFUSED}:
        return Outcome(outcome)
    return Outcome(one.kind, f"{one.kind} of {', '.join(one.files)}: {outcome}")


class _Bomb:
    """Unpickled, it makes a file."""

    def __init__(self, command: str) -> None:
        self._command = command

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return os.system, (self._command,)


def pickles(folder: Path, commands: Commands) -> Iterator[Outcome]:
    """Put pickles that run code in the place of each file, one alone and all of them."""
    site = Site(MERGE, commands, folder)
    site.reset()
    right = found_in(site.index_dir)
    mark = folder / "exploded"
    names = sorted(path.name for path in site.index_dir.iterdir())
    places = [
        *([name] for name in names),
        names,
        *([name] for name in ("_passages_1.toc", "_MAIN_1.toc", "passages_MAIN.seg")),
    ]
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        bomb = pickle.dumps(_Bomb(f"touch '{mark}'"), protocol)
        for raw in (bomb, bomb + bytes(5_000), b"\n" + bomb):
            for place in places:
                for name in set(place) - set(names):
                    (site.index_dir / name).write_bytes(b"")
                one = Damage("pickle", dict.fromkeys(place, raw))
                told = _told(one, suffered(site.index_dir, one, right))
                if mark.exists():
                    mark.unlink()
                    told = Outcome("executed", f"a pickle in {place} was executed")
                yield told
                for name in set(place) - set(names):
                    (site.index_dir / name).unlink()

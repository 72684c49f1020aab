"""How an index withstands what happens to it, as a Markdown table.

    python -m tests.bench.torture [--minutes N] [--attack NAME]... [--folder FOLDER]

Each attack takes its share of the time, or less where there is nothing more to try. A violation is
printed as soon as it is found, and the exit code is 1 then. The files are made in a folder that is
removed afterwards; give one on a disk to have its syncs count. Linux only.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.tables import note, show_table
from tests.bench.torture.contention import long, pairs, readers
from tests.bench.torture.damage import damage, pickles
from tests.bench.torture.stopping import full, kill, power
from tests.doomed import Commands

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.bench.torture.rounds import Attack, Ground

ATTACKS: Mapping[str, Attack] = {
    "kill": kill,
    "power": power,
    "full": full,
    "pairs": pairs,
    "readers": readers,
    "damage": damage,
    "pickles": pickles,
    "long": long,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Attack; 1 if there is a violation."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--attack", action="append", choices=list(ATTACKS))
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args(arguments)
    names = options.attack or list(ATTACKS)
    ends = time.monotonic() + 60 * options.minutes
    rows, violations = [], 0
    for number, name in enumerate(names):
        share = (ends - time.monotonic()) / (len(names) - number)
        with (
            tempfile.TemporaryDirectory(dir=options.folder) as folder,
            Commands(Path(folder)) as commands,
        ):
            tally = attacked(ATTACKS[name], (Path(folder), commands), share, name)
        wrong = tally.pop("", 0)
        violations += wrong
        outcomes = ", ".join(f"{count:,} {outcome}" for outcome, count in tally.most_common())
        rows.append([name, f"{tally.total() + wrong:,}", outcomes, str(wrong)])
    show_table(["attack", "rounds", "outcomes", "violations"], rows)
    return 1 if violations else 0


def attacked(attack: Attack, ground: Ground, seconds: float, name: str) -> Counter[str]:
    """The outcomes of as many rounds as fit into a time; "" for violations."""
    started = told = time.monotonic()
    tally: Counter[str] = Counter()
    for outcome in attack(*ground):
        tally["" if outcome.violation else outcome.name] += 1
        if outcome.violation:
            note(f"{name}: {outcome.name}: VIOLATION: {outcome.violation}")
        now = time.monotonic()
        if now - told > 20:
            told = now
            note(f"{name}: {tally.total()} rounds, {dict(tally)}")
        if now - started > seconds:
            break
    return tally


if __name__ == "__main__":
    sys.exit(main())

"""Damage of all kinds to all files: whoever reads gets the right answer or one message."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING

from tests.changes import MERGE, Site
from tests.commands import PROJECT
from tests.damaging import REFUSED, RIGHT
from tests.doomed import Commands

if TYPE_CHECKING:
    from pathlib import Path


def test_damage_is_harmless_or_told(tmp_path: Path) -> None:
    with Commands(tmp_path) as commands:
        site = Site(MERGE, commands, tmp_path)
        site.reset()
    done = subprocess.run(
        [sys.executable, "-m", "tests.damaging", site.index_dir, "250"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    outcomes = [line.split("\t") for line in done.stdout.splitlines()]
    assert len(outcomes) == 250
    assert [one for one in outcomes if one[-1] not in {RIGHT, REFUSED}] == []
    counts = Counter((kind, outcome) for kind, *_, outcome in outcomes)
    for kind in ("flip", "truncation", "swap", "zeroed range", "file gone"):
        assert counts[kind, REFUSED] > counts[kind, RIGHT] / 4

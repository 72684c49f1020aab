"""Writers and readers of one index at once, in processes of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.doomed import Commands
from tests.pairs import write_at_once
from tests.soaking import read_beside

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("wait_seconds", [0, 30])
def test_two_writers_at_once(wait_seconds: int, tmp_path: Path) -> None:
    """Both are done where one waits; else one is told who writes, and changes nothing."""
    with Commands(tmp_path) as one, Commands(tmp_path) as other:
        for number in range(8):
            folder = tmp_path / str(number)
            folder.mkdir()
            write_at_once(folder, (one, other), wait_seconds=wait_seconds)


def test_processes_that_read_beside_a_writer(tmp_path: Path) -> None:
    with Commands(tmp_path) as commands:
        assert read_beside(tmp_path, commands, readers=3, commits=12) > 12

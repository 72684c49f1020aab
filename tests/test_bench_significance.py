"""Whether a difference is chance: against the share of signs counted by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.bench.significance import compare, randomisation_p, read_state, write_state

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("differences", "p"),
    [
        ([0.0, 0.0, 0.0], 1.0),
        ([0.5], 1.0),
        ([0.1, 0.1, 0.1], 2 / 8),  # all signs alike
        ([0.3, -0.1, 0.2], 4 / 8),  # 0.4, 0.6 and their opposites
        ([0.1] * 10, 2 / 1024),
        ([1.0, -1.0, 1.0, -1.0], 1.0),
        ([0.1] * 100, 0.0),
    ],
)
def test_randomisation(differences: list[float], p: float) -> None:
    assert randomisation_p(differences) == pytest.approx(p, abs=0.015)
    opposite = [-difference for difference in differences]
    assert randomisation_p(opposite) == randomisation_p(differences)
    assert randomisation_p(differences) >= 1 / 10_001


def test_the_queries_of_both_are_compared() -> None:
    difference = compare({"1": 0.5, "2": 0.7, "3": 1.0}, {"1": 0.4, "2": 0.8, "4": 0.0})
    assert difference.mean == pytest.approx(0.0)
    with pytest.raises(ValueError, match="no query in common"):
        compare({"1": 0.5}, {"2": 0.5})


def test_a_state_is_read_as_it_was_written(tmp_path: Path) -> None:
    state = {"fruit": {"passage-search": {"1": 0.5}}}
    write_state(state, tmp_path / "state.json")
    assert read_state(tmp_path / "state.json") == state
    with pytest.raises(SystemExit) as raised:
        read_state(tmp_path / "missing.json")
    assert str(raised.value) == f"{tmp_path / 'missing.json'} is no file that --save wrote"

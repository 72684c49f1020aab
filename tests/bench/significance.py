"""Whether a difference between two systems is more than chance, and states to compare with.

A state is what was measured before, as JSON: the figure of each query by system by collection.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

State: TypeAlias = "Mapping[str, Mapping[str, Mapping[str, float]]]"

_SAMPLES = 10_000
_SEED = 1


class Difference(NamedTuple):
    """One system against another over the same queries.

    Attributes:
        mean: of the differences; above 0 if the first is better.
        p: how often chance alone makes a mean difference as large, either way.
    """

    mean: float
    p: float


def compare(ours: Mapping[str, float], theirs: Mapping[str, float]) -> Difference:
    """The difference of two systems by their figures for each query; those of both count."""
    differences = [value - theirs[query] for query, value in ours.items() if query in theirs]
    if not differences:
        raise ValueError("no query in common")
    return Difference(sum(differences) / len(differences), randomisation_p(differences))


def randomisation_p(differences: Sequence[float]) -> float:
    """The p value of a two-sided paired randomisation test.

    If two systems are equally good, each difference may as well have the other sign: p is the
    share of 10,000 random choices of signs whose mean is as far from 0 as the one found, which is
    counted as one of them. The choices are the same in every run.

    Source: Smucker, Allan & Carterette 2007.

    >>> randomisation_p([0.0, 0.0])
    1.0
    """
    values = np.asarray(differences)
    signs = np.random.default_rng(_SEED).choice((-1.0, 1.0), size=(_SAMPLES, len(values)))
    # Sums that differ by rounding alone are equal.
    extreme = np.abs(signs @ values) >= abs(values.sum()) - 1e-9
    return float((extreme.sum() + 1) / (_SAMPLES + 1))


def read_state(path: Path) -> State:
    """What write_state() wrote; SystemExit if it is no such file."""
    try:
        state: State = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise SystemExit(f"{path} is no file that --save wrote") from error
    return state


def write_state(state: State, path: Path) -> None:
    """Write a state to a file."""
    path.write_text(json.dumps(state, indent=1), "utf-8")

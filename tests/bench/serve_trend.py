"""Whether a measure that is taken again and again stays flat."""

from __future__ import annotations

from statistics import mean, stdev
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Of so many samples a trend is told; four quarters of several each.
LEAST_SAMPLES = 16


class Trend(NamedTuple):
    """The last quarter of some samples beside the second one; the first warms up.

    Attributes:
        level: the mean of the second quarter.
        growth: how much more that of the last quarter is.
        noise: the standard deviation within a quarter, the larger one.
    """

    level: float
    growth: float
    noise: float

    def grew(self, allowed: float) -> bool:
        """Whether it is above twice its noise and what is allowed, in the unit of the samples."""
        return self.growth > max(2 * self.noise, allowed)


def trend(samples: Sequence[float]) -> Trend:
    """The trend of samples that were taken at equal intervals.

    >>> trend([9, 9, 9, 9, 1, 2, 1, 2, 5, 5, 5, 5, 7, 8, 7, 8]).growth
    6.0
    """
    quarter = len(samples) // 4
    second, last = samples[quarter : 2 * quarter], samples[-quarter:]
    level = mean(second)
    return Trend(level, mean(last) - level, max(stdev(second), stdev(last)))

"""How costs grow with the number of paragraphs: a table, and a picture drawn by matplotlib."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tests.bench.tables import figure, show_table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from tests.bench.cost import Cost
    from tests.bench.latency import Latencies

#: Drawn where the corpus has as many paragraphs.
DEFAULT_SIZES = (10_000, 100_000, 1_000_000)


class Point(NamedTuple):
    """One system at one size."""

    paragraphs: int
    cost: Cost
    latencies: Latencies


_PANELS: tuple[tuple[str, Callable[[Point], float]], ...] = (
    ("build, seconds", lambda point: point.cost.seconds),
    ("peak memory of the build, MB", lambda point: point.cost.peak_bytes / 1e6),
    ("a query, ms", lambda point: point.latencies.mean_ms()),
)


def show_growth(points: Mapping[str, Sequence[Point]]) -> None:
    """Print a row for each system and size."""
    rows = [
        (system, f"{point.paragraphs:,}", *(figure(value(point)) for _, value in _PANELS))
        for system, of_system in points.items()
        for point in of_system
    ]
    show_table(["system", "paragraphs", *(title for title, _ in _PANELS)], rows)


def draw_growth(points: Mapping[str, Sequence[Point]], png: Path) -> None:
    """Draw a line for each system against the number of paragraphs, both on logarithmic scales."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - only where something is drawn

    picture = Figure(figsize=(13, 4.2), layout="constrained")
    for axes, (title, value) in zip(picture.subplots(1, len(_PANELS)), _PANELS, strict=True):
        for system, of_system in points.items():
            sizes = [point.paragraphs for point in of_system]
            axes.plot(sizes, [value(point) for point in of_system], marker="o", label=system)
        axes.set(title=title, xlabel="paragraphs", xscale="log", yscale="log")
        axes.grid(visible=True, which="both", alpha=0.3)
    picture.axes[0].legend()
    picture.savefig(png, dpi=120)

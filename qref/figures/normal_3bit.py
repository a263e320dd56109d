"""A unit normal in three bits: the best signed grid, the best mid-rise grid, and the best free levels."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.figures import chart
from qref.figures.figure import Figure
from qref.figures.paper import colour
from qref.quantizers.distributions import NORMAL
from qref.quantizers.lloyd_max import lloyd_max
from qref.quantizers.optimal_step import optimal_step

BITS = 3
REACH = 3.4


def panels() -> list[tuple[str, NDArray[np.float64], float]]:
    """Name, levels and error of each."""
    found: list[tuple[str, NDArray[np.float64], float]] = []
    for grid, levels in (("signed", (1 << BITS) - 1), ("mid-rise", 1 << BITS)):
        best = optimal_step("normal", grid, levels)
        y = float(best.step) * (np.arange(levels, dtype=np.float64) - (levels - 1) / 2)
        found.append((f"{grid}, Δ = {float(best.step):.4f}", y, float(best.mse)))
    free = lloyd_max("normal", 1 << BITS)
    found.append(("Lloyd–Max", np.array([float(v) for v in free.levels]), float(free.mse)))
    return found


def draw() -> Any:
    """Three charts: the density, the boundaries as lines, the levels as dots."""
    from matplotlib.figure import Figure as Drawing

    figure = Drawing(figsize=(8.2, 2.7), layout="constrained")
    x = np.linspace(-REACH, REACH, 401)
    density, _, _ = NORMAL.rough(np.abs(x))
    for axes, (name, levels, mse) in zip(figure.subplots(1, 3, sharey=True), panels()):
        chart.plain(axes)
        axes.fill_between(x, density, color=colour("blue-fill"), linewidth=0)
        axes.plot(x, density, color=colour("blue"), linewidth=1.2)
        boundaries = (levels[1:] + levels[:-1]) / 2
        heights, _, _ = NORMAL.rough(np.abs(boundaries))
        axes.vlines(boundaries, 0, heights, color=colour("line"), linewidth=0.9)
        axes.plot(levels, np.zeros(levels.size), "o", color=colour("orange"), markersize=5, clip_on=False, zorder=5)
        axes.set_title(f"{name}\n{levels.size} levels, error {mse:.5f}", fontsize=9, loc="left")
        axes.set_xticks(range(-3, 4), [f"{v}".replace("-", "−") for v in range(-3, 4)])
        axes.set_ylim(0, 0.42)
    return figure


FIGURE = Figure("normal-3bit", "A unit normal in three bits: signed grid, mid-rise grid, Lloyd–Max levels", draw)

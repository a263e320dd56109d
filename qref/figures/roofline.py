"""Roofline: what a device's arithmetic and memory allow each algorithm on each layer.

Williams, Waterman and Patterson, "Roofline: an insightful visual performance model for multicore architectures", 2009.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from qref.conv import ALGORITHMS
from qref.conv.ten_layers import TEN_LAYERS
from qref.errors import UsageError
from qref.figures import chart
from qref.figures.figure import Figure
from qref.figures.paper import colour
from qref.tables.runtime import load, read

PEAK, BANDWIDTH = 1000.0, 10.0  # a device for which the difference matters; nobody's in particular
NAMES = {"direct": ("direct", "green"), "mec": ("MEC", "orange"), "im2col": ("Im2col", "blue")}
NEAR, ROW = 1.08, 0.055  # closer than this factor two dots collide; the height of a row
LANES = {"direct": 0.32, "mec": 0.2, "im2col": 0.08}  # shares of the height


def intensity(algorithm: str, layer: str) -> float:
    """Operations of the definition (two a multiply-add) to a byte read or written."""
    shapes = TEN_LAYERS[layer].shapes
    cost = ALGORITHMS[algorithm].cost(shapes)
    return 2 * shapes.macs / (cost.bytes_read + cost.bytes_written)


def draw(measured: Sequence[Path] = (), peak: float | None = None, bandwidth: float | None = None) -> Any:
    """The roof, and each algorithm's ten layers: under it by their intensity, or where a measurement has them.

    Args:
        measured: reports of `qref bench layers --json`; the first one's peak is taken where none is given.
        peak: 10⁹ operations a second. bandwidth: 10⁹ bytes a second.
    """
    times = read(measured)[0] if measured else None
    if peak is None:
        peak = float(load(measured[0])["peak_gops"]) if measured else PEAK
    bandwidth = BANDWIDTH if bandwidth is None else bandwidth
    if not (peak > 0 and bandwidth > 0):
        raise UsageError(f"peak {peak}, bandwidth {bandwidth}: both are above zero")
    figure, axes = chart.axes(height=4.6)
    axes.grid(axis="x", color=colour("hair"), linewidth=0.7)
    chart.logarithmic(axes)
    roof(axes, peak, bandwidth)
    if times is None:
        lanes(axes)
    else:
        attained_rates(axes, times)
    axes.set_xlabel("operations of the definition to a byte moved")
    axes.set_ylabel("10⁹ operations a second")
    return figure


def lanes(axes: Any) -> None:
    """Each algorithm's layers by their intensity, in a lane of its own; a row higher where dots would collide."""
    across = axes.get_xaxis_transform()
    for algorithm, (name, tone) in NAMES.items():
        words = {"fontsize": 8.5, "color": colour(tone), "weight": "bold", "va": "center"}
        axes.text(0.008, LANES[algorithm], name, transform=axes.transAxes, **words)
        ends: list[float] = []  # the last intensity of each row
        for layer in sorted(TEN_LAYERS, key=lambda layer: intensity(algorithm, layer)):
            x = intensity(algorithm, layer)
            row = next((i for i, end in enumerate(ends) if x > end * NEAR), len(ends))
            ends[row : row + 1] = [x]
            dot(axes, x, LANES[algorithm] + ROW * row, layer, tone, across)


def attained_rates(axes: Any, times: dict[tuple[str, str], float]) -> None:
    """Each algorithm's layers where a measurement has them: 10⁹ operations of the definition a second."""
    slowest = axes.get_ylim()[0]
    for algorithm, (name, tone) in NAMES.items():
        axes.plot([], [], marker="o", linestyle="none", color=colour(tone), label=name)
        for layer in TEN_LAYERS:
            if (layer, algorithm) in times:
                rate = 2 * TEN_LAYERS[layer].shapes.macs / times[layer, algorithm] / 1e6
                slowest = min(slowest, 0.7 * rate)
                dot(axes, intensity(algorithm, layer), rate, layer, tone, axes.transData)
    axes.set_ylim(bottom=slowest)
    chart.legend(axes, 3)


def dot(axes: Any, x: float, y: float, layer: str, tone: str, transform: Any) -> None:
    """A dot with the number of its layer."""
    style = {"marker": "o", "color": colour(tone), "markersize": 11, "markeredgecolor": colour("paper")}
    axes.plot([x], [y], transform=transform, zorder=4, linestyle="none", markeredgewidth=0.8, **style)
    number = {"fontsize": 6.5, "color": colour("paper"), "ha": "center", "va": "center_baseline", "weight": "bold"}
    axes.text(x, y, layer.removeprefix("conv"), transform=transform, zorder=5, **number)


def roof(axes: Any, peak: float, bandwidth: float) -> None:
    """The slope of the memory and the flat of the arithmetic, labelled."""
    ridge = peak / bandwidth
    every = [intensity(algorithm, layer) for algorithm in NAMES for layer in TEN_LAYERS]
    low, high = min(*every, ridge) / 2, max(*every, ridge) * 2
    axes.plot([low, ridge, high], [bandwidth * low, peak, peak], color=colour("ink"), linewidth=1.6, zorder=3)
    axes.set_xlim(low, high)
    axes.set_ylim(bandwidth * low / 12, peak * 2)
    words = {"fontsize": 8.5, "color": colour("muted"), "textcoords": "offset points"}
    axes.annotate(f"peak: {peak:.4g}·10⁹ operations a second", (high, peak), (-4, 6), ha="right", **words)
    middle = (low * ridge) ** 0.5
    axes.annotate(f"memory: {bandwidth:.4g}·10⁹ bytes a second", (middle, bandwidth * middle), (12, -10), **words)


FIGURE = Figure(
    "roofline",
    "Roofline of direct convolution, MEC and im2col on the ten layers",
    draw,
    takes=("measured", "peak", "bandwidth"),
)

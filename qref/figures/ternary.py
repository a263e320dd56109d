"""The error of ternary weights against the threshold, for weights shaped as a bell."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.figures import chart
from qref.figures.figure import Figure
from qref.figures.paper import colour
from qref.numerics.philox import words
from qref.quantizers.ternary_weight import optimal_threshold

COUNT, TERMS = 2048, 12
SHARES = np.linspace(0.02, 2.2, 437)


def weights() -> NDArray[np.float32]:
    """Sums of twelve even numbers less 6, of the documented stream."""
    even = words(7, 0, TERMS * COUNT).reshape(TERMS, COUNT) * 2.0**-32
    return np.asarray(even.sum(axis=0) - TERMS / 2, np.float32)


def error(w: NDArray[np.float64], delta: float) -> float:
    """‖w − αT‖² / ‖w‖² of a threshold with its best scale."""
    chosen = w[w > delta]
    return float(1 - chosen.sum() ** 2 / max(chosen.size, 1) / (w @ w))


def draw() -> Any:
    """One line, and a mark at each of three thresholds."""
    figure, axes = chart.axes()
    W = weights()
    w = np.abs(W).astype(np.float64)
    mean = w.mean()
    axes.plot(SHARES, [error(w, share * mean) for share in SHARES], color=colour("blue"), label="error of a threshold")
    best = float(optimal_threshold(W)) / mean
    for share, mark, tone, label in (
        (0.7, "o", "orange", "0.7, the paper of 2016"),
        (0.75, "s", "purple", "0.75, the edition of 2022"),
        (best, "*", "green", "optimum of these weights"),
    ):
        axes.plot([share], [error(w, share * mean)], mark, color=colour(tone), markersize=9, label=label)
    axes.set_xlabel("threshold Δ / mean |w|")
    axes.set_ylabel("squared error / energy")
    chart.legend(axes, 4)
    return figure


FIGURE = Figure("ternary", "Error of ternary weights against the threshold, with the papers' and the optimal one", draw)

"""The error of α with its best codes, the steps of alternation and the optimum."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.figures import chart
from qref.figures.figure import Figure
from qref.figures.paper import colour
from qref.quantizers.optimal_scale import alternation
from qref.quantizers.optimal_scale_global import optimum

WEIGHTS = np.array([1.5, 0.875, 0.8125, 0.75, 0.6875, 0.625, 0.5, 0.4375, 0.375, 0.1875, 0.125, 0.0625], np.float32)
K = 3
LOWEST, HIGHEST = 0.15, 0.8


def error(scales: NDArray[np.float64]) -> NDArray[np.float64]:
    """‖w − αB‖² / ‖w‖² of each scale with its codes."""
    w = WEIGHTS.astype(np.float64)
    b = np.minimum(np.floor(w / scales[:, np.newaxis] + 0.5), K)
    return np.asarray(((w - scales[:, np.newaxis] * b) ** 2).sum(axis=1) / (w @ w))


def boundaries() -> NDArray[np.float64]:
    """|w|/(k − 1/2), where a code changes."""
    found = WEIGHTS.astype(np.float64)[:, np.newaxis] / (np.arange(1, K + 1) - 0.5)
    return np.unique(found[(found > LOWEST) & (found < HIGHEST)])


def draw() -> Any:
    """One line, a tick a boundary, a dot a step, a star at the optimum."""
    figure, axes = chart.axes()
    scales = np.union1d(np.linspace(LOWEST, HIGHEST, 1200), boundaries())
    axes.plot(scales, error(scales), color=colour("blue"), label="error of a scale with its codes")
    axes.plot(boundaries(), np.zeros(boundaries().size), "|", color=colour("ink"), markersize=7, label="a code changes")
    steps = np.array([float(alpha) for alpha, _ in alternation(WEIGHTS, K)])
    axes.plot(steps, error(steps), "o-", color=colour("orange"), markersize=5, label="steps of alternation")
    best = np.array([float(optimum(WEIGHTS, K)[0])])
    axes.plot(best, error(best), "*", color=colour("green"), markersize=13, label="optimum")
    axes.set_xlabel("scale α")
    axes.set_ylabel("squared error / energy")
    chart.legend(axes, 4)
    return figure


FIGURE = Figure("optimal-scale", "Error against the scale: steps of alternation, and the optimum", draw)

"""Stochastic quantization: rows with a small error are drawn first."""

from typing import Any

import numpy as np

from qref.figures import chart
from qref.figures.figure import Figure
from qref.figures.paper import colour
from qref.numerics.philox import Stream
from qref.quantizers.sq_bwn import chosen_rows, error

ROWS, WEIGHTS, DRAWS = 8, 12, 400


def draw() -> Any:
    """The error of each row as signs, and how often half of the rows that are drawn hold it."""
    figure, axes = chart.axes()
    spread = np.linspace(0.05, 0.95, ROWS)[:, np.newaxis]
    even = np.linspace(-1, 1, WEIGHTS)[np.newaxis]
    W = ((1 + spread * even) * np.where(np.arange(WEIGHTS) % 2, -1, 1)).astype(np.float32)
    errors = [float(error(w)) for w in W]
    often = np.mean([chosen_rows(W, 50.0, Stream(1, i)) for i in range(DRAWS)], axis=0)
    places = np.arange(ROWS)
    axes.bar(places - 0.2, errors, 0.38, color=colour("orange"), label="error of the row as signs")
    axes.bar(places + 0.2, often, 0.38, color=colour("blue"), label=f"share of {DRAWS} draws of half the rows")
    chart.groups(axes, [f"row {i}" for i in places])
    chart.legend(axes, 2)
    return figure


FIGURE = Figure("sq-bwn", "Errors of rows as signs, and how often each is among the rows drawn", draw)
